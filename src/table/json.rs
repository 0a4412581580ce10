//! Tables in JSON.

use std::io::{self, Write};

use super::{Chain, Table};
use crate::error::BadJson;
use crate::rule::json::{counted, family_name, place_option, read, read_counters, read_family};
use crate::rule::names;
use crate::types::json::{Node, Object, Value};
use crate::types::{Family, Policy};
use crate::{Error, Result};

/// The format of a text with tables. The number is raised when the meaning of a key changes, or one goes.
pub(crate) const FORMAT: &str = "libfw.tables/1";

const TABLE: &[&str] = &["family", "table", "chains", "notes"];
const CHAIN: &[&str] = &["chain", "policy", "counters", "rules"];

impl Table {
    /// The table in [JSON](crate::json), each rule on a line, with its counters.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "raw")?;
    /// table.chain_mut("OUTPUT")?.append("-o lo -j NOTRACK")?;
    /// assert!(table.to_json().starts_with("{\"family\": \"ipv4\", \"table\": \"raw\", \"chains\": [\n"));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = Vec::new();
        // A vector takes all.
        let _ = self.write_json(true, &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// Writes the table in [JSON](crate::json), as [`to_json`](Table::to_json) does, with or without counters.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::Family;
    ///
    /// let mut table = kernel.open(Family::Ipv4, "filter")?;
    /// table.chain_mut("INPUT")?.append("-i lo -j ACCEPT")?;
    /// let mut json = Vec::new();
    /// table.write_json(false, &mut json).expect("a vector takes all");
    /// assert!(!String::from_utf8_lossy(&json).contains("counters"));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn write_json(&self, counters: bool, out: &mut dyn Write) -> io::Result<()> {
        let (family, name) = (family_name(self.family), Value::from(self.name()));
        write!(out, "{{\"family\": \"{family}\", \"table\": {name}, \"chains\": [")?;
        for (index, chain) in self.chains().enumerate() {
            out.write_all(if index == 0 { b"\n" } else { b",\n" })?;
            chain.write_json(counters, "  ", out)?;
        }
        let notes = Value::list(self.notes().iter().map(ToString::to_string));
        match self.notes() {
            [] => write!(out, "\n]}}"),
            _ => write!(out, "\n], \"notes\": {notes}}}"),
        }
    }

    /// Replaces the content of the table by what a text in [JSON](crate::json) says, policies and counters included. Of the
    /// chains that it does not name, those that users made are deleted, and built-in ones lose their rules and keep their policy.
    /// Nothing is written before the [commit](Table::commit).
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # let mut table = kernel.open(libfw::Family::Ipv4, "filter")?;
    /// table.set_json(r#"{
    ///     "family": "ipv4", "table": "filter", "chains": [
    ///         {"chain": "INPUT", "policy": "DROP", "rules": [
    ///             {"in_interface": "lo", "target": {"verdict": "ACCEPT"}},
    ///             {"text": "-p tcp --dport 22 -j ACCEPT"}
    ///         ]}
    ///     ]
    /// }"#)?;
    /// assert_eq!(table.chain("INPUT").unwrap().len(), 2);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// With line, column and [path](Error::path): [`ErrorKind::Syntax`](crate::ErrorKind::Syntax) when the text is not of this form,
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) when it is of another table, and those of the edits. The
    /// table is then as it was.
    pub fn set_json(&mut self, text: impl AsRef<[u8]>) -> Result<()> {
        self.set_node(Node::read(text.as_ref())?)
    }

    pub(crate) fn set_node(&mut self, node: Node<'_>) -> Result<()> {
        let (family, name, parts) = table(node)?;
        if family != self.family || name != self.name {
            let found = format!("{family} {name}");
            let expected = format!("{} {}", self.family, self.name);
            return Err(node.error(BadJson::OtherTable { found, expected }));
        }
        self.refuse_to_lose()?;
        self.all_or_none(|table| {
            table.empty();
            table.add_node(&parts)
        })
    }

    /// Adds what a table of a text in JSON has.
    pub(crate) fn add_node(&mut self, parts: &Object<'_>) -> Result<()> {
        let (family, name) = (self.family, self.name.clone());
        let about = |error: Error| error.in_family(family).in_table(&name);
        let chains: Vec<_> = parts.require("chains")?.items()?.collect();
        let mut read: Vec<(Vec<u8>, Object<'_>)> = Vec::with_capacity(chains.len());
        // Rules may go to chains that come later.
        for node in chains {
            let chain = node.object(CHAIN)?;
            let named = chain.require("chain")?;
            let name = named.bytes()?;
            let about = |error| about(error).in_chain(String::from_utf8_lossy(&name));
            let built_in = self.chain(&name).is_some_and(|chain| chain.hook().is_some());
            if built_in && read.iter().any(|(other, _)| *other == name) {
                return Err(about(
                    named.error(BadJson::TwiceKey { key: String::from_utf8_lossy(&name).into() }),
                ));
            }
            let known = self.chain(&name).is_some() && !read.iter().any(|(other, _)| *other == name);
            if !built_in && known && chain.get("policy").is_none() {
                // Another's, to which rules may go.
            } else if !built_in && chain.get("policy").is_none() {
                // Nobody writes bytes by mistake: they may be what stands in a kernel already, where a name ends at a NUL.
                let made = match named.is_text() || name.is_empty() || name.contains(&0) {
                    true => self.new_chain(&name).map(drop),
                    false => names::check_length(&name).and_then(|()| self.make_chain(&name).map(drop)),
                };
                made.map_err(|error| about(named.place(error)))?;
            } else {
                self.set_policy(&name, &chain).map_err(about)?;
            }
            read.push((name, chain));
        }
        for (name, chain) in read {
            let rules = chain.get("rules").map(|node| node.items()).transpose()?;
            let mut chain = self.chain_mut(&name)?;
            for (index, node) in rules.into_iter().flatten().enumerate() {
                let added = self::read(node, Some(family)).and_then(|rule| chain.append(rule));
                added.map_err(|error| {
                    let error = about(place_option(node, error));
                    error.in_chain(String::from_utf8_lossy(&name)).at_rule(index)
                })?;
            }
        }
        Ok(())
    }

    /// The policy of a built-in chain, where one is given.
    fn set_policy(&mut self, name: &[u8], chain: &Object<'_>) -> Result<()> {
        let counters = chain.get("counters").map(read_counters).transpose()?;
        let Some(node) = chain.get("policy") else {
            let counters = counters.filter(|_| self.chain(name).is_some());
            return counters.map_or(Ok(()), |counters| {
                let policy = self.chain(name).and_then(Chain::policy).unwrap_or(Policy::Accept);
                self.chain_mut(name)?.set_policy(policy, Some(counters))
            });
        };
        let text = node.text()?;
        let policy: Policy = text.parse().map_err(|error| node.place(error))?;
        let set = self.chain_mut(name).and_then(|mut chain| chain.set_policy(policy, counters));
        set.map_err(|error| node.place(error))
    }
}

impl Chain<'_> {
    /// The chain in [JSON](crate::json), each rule on a line, with its counters.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::Family;
    ///
    /// let mut table = kernel.open(Family::Ipv4, "filter")?;
    /// table.chain_mut("INPUT")?.append("-i lo -j ACCEPT")?;
    /// println!("{}", table.chain("INPUT").unwrap().to_json());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn to_json(self) -> String {
        let mut out = Vec::new();
        // A vector takes all.
        let _ = self.write_json(true, "", &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// Its name; as bytes where a new chain could not have it.
    fn json_name(self) -> Value {
        match names::is_strange(self.name_bytes(), self.table.family) {
            true => Value::hexadecimal_bytes(self.name_bytes()),
            false => Value::bytes(self.name_bytes()),
        }
    }

    fn write_json(self, counters: bool, margin: &str, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{margin}{{\"chain\": {}", self.json_name())?;
        if let Some(policy) = self.policy() {
            write!(out, ", \"policy\": \"{policy}\"")?;
            if counters {
                write!(out, ", \"counters\": {}", counted(self.policy_counters()))?;
            }
        }
        if self.is_empty() {
            return out.write_all(b", \"rules\": []}");
        }
        out.write_all(b", \"rules\": [")?;
        for (index, rule) in self.rules().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(out, "{comma}\n{margin}  {}", rule.json_text(false, counters))?;
        }
        write!(out, "\n{margin}]}}")
    }
}

/// Which table a node is.
pub(crate) fn table(node: Node<'_>) -> Result<(Family, String, Object<'_>)> {
    let parts = node.object(TABLE)?;
    let family = read_family(parts.require("family")?)?;
    let name = parts.require("table")?.text()?.into_owned();
    Ok((family, name, parts))
}

/// The place of the rule, chain or table that an error is about, among tables.
#[cold]
pub(crate) fn place(tables: &[Node<'_>], error: Error) -> Error {
    let has = |value: &Object<'_>, key: &str, wanted: Option<&str>| {
        let name = value.get(key).and_then(|name| name.bytes().ok());
        name.is_some_and(|name| Some(&*String::from_utf8_lossy(&name)) == wanted)
    };
    let found = tables.iter().find_map(|node| {
        let parts = node.object(TABLE).ok()?;
        let family = error.family().map(family_name);
        let is_it = has(&parts, "table", error.table()) && has(&parts, "family", family);
        is_it.then_some((*node, parts))
    });
    let Some((table, parts)) = found else { return error };
    let chain = parts.get("chains").and_then(|chains| {
        chains.items().ok()?.find_map(|node| {
            let parts = node.object(CHAIN).ok()?;
            has(&parts, "chain", error.chain()).then_some((node, parts))
        })
    });
    let Some((chain, parts)) = chain else { return table.place(error) };
    let rule = error.rule().and_then(|index| parts.get("rules")?.items().ok()?.nth(index));
    match rule {
        Some(rule) => place_option(rule, error),
        None => chain.place(error),
    }
}

#[cfg(feature = "serde")]
mod with_serde {
    use serde::ser::{Serialize, SerializeMap, Serializer};

    use super::{Table, Value, counted, family_name};
    use crate::Chain;

    /// As [`to_json`](Table::to_json) writes it. [`set_json`](Table::set_json) reads it. Needs the feature `serde`.
    impl Serialize for Table {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("family", family_name(self.family))?;
            map.serialize_entry("table", self.name())?;
            map.serialize_entry("chains", &self.chains().collect::<Vec<_>>())?;
            if !self.notes().is_empty() {
                map.serialize_entry("notes", &Value::list(self.notes().iter().map(ToString::to_string)))?;
            }
            map.end()
        }
    }

    /// As [`to_json`](Chain::to_json) writes it. Needs the feature `serde`.
    impl Serialize for Chain<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("chain", &self.json_name())?;
            if let Some(policy) = self.policy() {
                map.serialize_entry("policy", policy.name())?;
                map.serialize_entry("counters", &counted(self.policy_counters()))?;
            }
            let rules: Vec<_> = self.rules().map(|rule| rule.json(false, true)).collect();
            map.serialize_entry("rules", &rules)?;
            map.end()
        }
    }
}
