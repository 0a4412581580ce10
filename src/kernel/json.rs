//! All tables in JSON.

use std::io::Write;

use super::{Desired, Kernel, Transaction};
use crate::error::{BadFile, BadJson, Failure};
use crate::table::json::{FORMAT, place, table};
use crate::table::{Report, Table};
use crate::types::Family;
use crate::types::json::Node;
use crate::{Error, ErrorKind, Result};

impl Kernel {
    /// Writes the existing tables of these families in [JSON](crate::json), each rule on a line, with or without counters.
    /// Creates no table.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// kernel.update(Family::Ipv6, "raw", |raw| raw.chain_mut("OUTPUT")?.append("-o lo -j NOTRACK"))?;
    /// let mut json = Vec::new();
    /// kernel.save_json(&Family::ALL, false, &mut json)?;
    /// assert_eq!(String::from_utf8_lossy(&json), r#"{"format": "libfw.tables/1", "tables": [
    /// {"family": "ipv6", "table": "raw", "chains": [
    ///   {"chain": "PREROUTING", "policy": "ACCEPT", "rules": []},
    ///   {"chain": "OUTPUT", "policy": "ACCEPT", "rules": [
    ///     {"out_interface": "lo", "target": {"target": "NOTRACK"}}
    ///   ]}
    /// ]}
    /// ]}
    /// "#);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`tables`](Kernel::tables) and [`open`](Kernel::open), and [`ErrorKind::Io`] where it cannot be written.
    pub fn save_json(&self, families: &[Family], counters: bool, out: &mut dyn Write) -> Result<()> {
        let failed = |error| Error::from(BadFile::Unwritable).because(error);
        write!(out, "{{\"format\": \"{FORMAT}\", \"tables\": [").map_err(failed)?;
        let mut first = true;
        for family in families {
            for name in self.tables(*family)? {
                let table = self.open(*family, &name)?;
                out.write_all(if first { b"\n" } else { b",\n" }).map_err(failed)?;
                first = false;
                table.write_json(counters, out).map_err(failed)?;
            }
        }
        out.write_all(b"\n]}\n").map_err(failed)
    }

    /// Replaces the content of tables by what a text in [JSON](crate::json) says, all of them or none; tables that it does not
    /// name stay as they are. Returns a report for each table, in the order of the text.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::Family;
    ///
    /// kernel.restore_json(r#"{"format": "libfw.tables/1", "tables": [{"family": "ipv4", "table": "filter", "chains": [{"chain": "web", "rules": []}]}]}"#)?;
    /// assert!(kernel.open(Family::Ipv4, "filter")?.chain("web").is_some());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Transaction::set_json`] and of [`transaction`](Kernel::transaction), with the place in the text of the rule that
    /// is refused.
    pub fn restore_json(&self, text: impl AsRef<[u8]>) -> Result<Vec<Report>> {
        let text = text.as_ref();
        let restored = self.transaction(|transaction| transaction.set_json(text));
        restored.map(|((), reports)| reports).map_err(|error| placed(text, error))
    }
}

impl Desired {
    /// Adds what a text in [JSON](crate::json) says to the desired state: tables with their chains, policies and rules. Counters
    /// are ignored. Nothing is changed in the kernel.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel, Scope};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// let mut desired = kernel.desired(Scope::Tables);
    /// desired.read_json(r#"{"family": "ipv4", "table": "filter", "chains": [
    ///     {"chain": "INPUT", "policy": "DROP", "rules": [{"text": "-i lo -j ACCEPT"}]}
    /// ]}"#)?;
    /// assert_eq!(desired.apply()?.plan.changes().to_string(), "1 rule added, 1 policy changed");
    /// assert!(!desired.apply()?.changed());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Syntax`] when the text is not of this form, and those of the edits, with line, column and [path](Error::path); what is
    /// desired can only be dropped then, as [`plan`](Desired::plan) and [`apply`](Desired::apply) give the same error. Those of [`table`](Desired::table).
    pub fn read_json(&mut self, text: impl AsRef<[u8]>) -> Result<()> {
        let text = text.as_ref();
        let read = self.add_json(text);
        self.noted(read)?;
        self.documents.push(text.to_vec());
        Ok(())
    }

    fn add_json(&mut self, text: &[u8]) -> Result<()> {
        for node in tables(text)? {
            let (family, name, parts) = table(node)?;
            let table = self.table(family, &name).map_err(|error| node.place(error))?;
            table.add_node(&parts)?;
        }
        Ok(())
    }

    /// Says where in a text the rule is that an error is about: the one at an index of what is desired.
    #[cold]
    pub(super) fn in_documents(&self, draft: &Table, chain: &str, index: usize, error: Error) -> Error {
        let about = || draft.error(Failure::Rule).in_chain(chain).at_rule(index);
        let mut places = self.documents.iter().map(|text| place(&tables(text).unwrap_or_default(), about()));
        let found = places.find(|place| place.path().is_some_and(|path| path.contains("rules")));
        match found.as_ref().and_then(|place| Some((place.line()?, place.column()?, place.path()?))) {
            Some((line, column, path)) => {
                let text = found.as_ref().and_then(Error::rule_text).map(str::to_owned);
                error.in_document(line, column, text, path.to_owned())
            }
            None => error,
        }
    }
}

impl Transaction {
    /// Makes tables what a text in [JSON](crate::json) says, as [`Table::set_json`](crate::Table::set_json) does with each.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    ///
    /// let mut transaction = kernel.begin()?;
    /// transaction.set_json(r#"{"format": "libfw.tables/1", "tables": [{"family": "ipv4", "table": "filter", "chains": [{"chain": "web", "rules": []}]}]}"#)?;
    /// transaction.commit()?;
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Syntax`] when the text is not of this form, and those of [`table`](Transaction::table) and
    /// [`Table::set_json`](crate::Table::set_json). All tables are then as they were.
    pub fn set_json(&mut self, text: impl AsRef<[u8]>) -> Result<()> {
        let mut before = Vec::new();
        let done = tables(text.as_ref())?.into_iter().try_for_each(|node| {
            let (family, name, _) = table(node)?;
            let table = self.table(family, &name).map_err(|error| node.place(error))?;
            before.push((family, name, table.savepoint()));
            table.set_node(node)
        });
        if done.is_err() {
            for (family, name, before) in before {
                self.table(family, &name)?.go_back(before);
            }
        }
        done
    }
}

/// The tables of a text, which may be a single one.
fn tables(text: &[u8]) -> Result<Vec<Node<'_>>> {
    let node = Node::read(text)?;
    if node.has("table") {
        return Ok(vec![node]);
    }
    let document = node.object(&["format", "tables"])?;
    let format = document.require("format")?;
    let found = format.text()?;
    if found != FORMAT {
        return Err(format.error(BadJson::Format { found: found.into_owned(), expected: FORMAT }));
    }
    let mut tables: Vec<Node<'_>> = Vec::new();
    let mut seen = Vec::new();
    for node in document.require("tables")?.items()? {
        let (family, name, parts) = table(node)?;
        if seen.contains(&(family, name.clone())) {
            return Err(parts.require("table")?.error(BadJson::TwiceKey { key: name }));
        }
        seen.push((family, name));
        tables.push(node);
    }
    Ok(tables)
}

/// The error with its place in the text, where it is about a rule that stands there.
#[cold]
fn placed(text: &[u8], error: Error) -> Error {
    if error.path().is_some() || error.kind() == ErrorKind::Conflict {
        return error;
    }
    let tables = tables(text).unwrap_or_default();
    error.each(&mut |error| place(&tables, error))
}
