//! Tables as save files.

use std::fmt;
use std::io::{self, Write};

use super::command::output_error;
use super::words::warning_words;
use crate::error::Warning;
use crate::kernel::Kernel;
use crate::rule::grammar::{Form, Printed};
use crate::rule::{RuleRef, names};
use crate::table::{Chain, Note, Table};
use crate::types::fmt::decimal;
use crate::types::{Counters, Family};
use crate::{ErrorKind, Result};

/// How much text is collected before it is written.
const CHUNK: usize = 64 << 10;

/// Writes a table as `iptables-save` does: from the line `*NAME` to `COMMIT`, without the comments around it.
///
/// ```
/// use libfw::iptables::{save};
/// use libfw::{Family, MemoryKernel};
///
/// let kernel = MemoryKernel::new().kernel();
/// let table = kernel.open(Family::Ipv4, "raw")?;
/// let mut text = Vec::new();
/// save(&table, false, &mut text).unwrap();
/// assert_eq!(text, b"*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n");
/// # Ok::<(), libfw::Error>(())
/// ```
///
/// # Errors
///
/// Those of the writer.
pub fn save(table: &Table, counters: bool, writer: &mut dyn Write) -> io::Result<()> {
    let mut out = Vec::with_capacity(CHUNK + (4 << 10));
    out.push(b'*');
    out.extend_from_slice(table.name().as_bytes());
    out.push(b'\n');
    let family = table.family();
    for chain in table.chains() {
        out.push(b':');
        names::print(&mut out, chain.name_bytes(), family, false);
        out.push(b' ');
        out.extend_from_slice(chain.policy().map_or("-", |policy| policy.name()).as_bytes());
        if family != Family::Arp {
            out.push(b' ');
            bracketed(&mut out, chain.policy_counters());
        }
        out.push(b'\n');
        flush(&mut out, writer)?;
    }
    let clashing = clashing(table);
    let notes = !table.notes().is_empty();
    let mut printed = Printed::default();
    for chain in table.chains() {
        let form = Form { chain: chain.name_bytes(), clashing: &clashing, ..Form::default() };
        let append = append_to(chain, family);
        for rule in chain.rules() {
            if notes && comment(&mut out, &rule) {
                continue;
            }
            if counters {
                bracketed(&mut out, rule.counters());
                out.push(b' ');
            }
            out.extend_from_slice(&append);
            print(&mut printed, &mut out, &rule, form);
            out.push(b'\n');
            flush(&mut out, writer)?;
        }
    }
    if family != Family::Arp {
        out.extend_from_slice(b"COMMIT\n");
    }
    writer.write_all(&out)
}

/// The table as iptables-save writes it, without the counters of its rules: what [`save`] writes. Bytes that are not UTF-8 are
/// replaced.
///
/// ```
/// let table = libfw::MemoryKernel::new().kernel().open(libfw::Family::Ipv4, "raw")?;
/// assert_eq!(table.to_string(), "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n");
/// # Ok::<(), libfw::Error>(())
/// ```
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Vec::new();
        // A vector takes all.
        let _ = save(self, false, &mut out);
        f.write_str(&String::from_utf8_lossy(&out))
    }
}

/// The command lines that make the chain, as `iptables -S CHAIN` prints them: what [`save_rules`] writes. Bytes that are not UTF-8
/// are replaced.
///
/// ```
/// let mut table = libfw::MemoryKernel::new().kernel().open(libfw::Family::Ipv4, "filter")?;
/// table.chain_mut("INPUT")?.append("-i lo -j ACCEPT")?;
/// assert_eq!(table.chain("INPUT").unwrap().to_string(), "-P INPUT ACCEPT\n-A INPUT -i lo -j ACCEPT\n");
/// # Ok::<(), libfw::Error>(())
/// ```
impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Vec::new();
        // A vector takes all.
        let _ = save_rules(self.table(), Some(*self), None, false, &mut out);
        f.write_str(&String::from_utf8_lossy(&out))
    }
}

/// Writes every existing table of a family, each as [`save`] does, in the order of `iptables-save`. Creates no table, as far as
/// the kernel lets the process see [which tables exist](Kernel::tables).
///
/// ```
/// use libfw::{Family, MemoryKernel, iptables};
///
/// let kernel = MemoryKernel::new().kernel();
/// kernel.update(Family::Ipv4, "raw", |raw| raw.chain_mut("OUTPUT")?.append("-o lo -j NOTRACK"))?;
/// let mut text = Vec::new();
/// iptables::save_all(&kernel, Family::Ipv4, false, &mut text)?;
/// assert_eq!(
///     String::from_utf8_lossy(&text),
///     "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -o lo -j NOTRACK\nCOMMIT\n"
/// );
/// # Ok::<(), libfw::Error>(())
/// ```
///
/// # Errors
///
/// Those of [`Kernel::open`] and of the writer.
pub fn save_all(kernel: &Kernel, family: Family, counters: bool, writer: &mut dyn Write) -> Result<()> {
    let (names, certain) = tables_to_save(kernel, family)?;
    for name in names {
        let table = match kernel.open(family, &name) {
            Err(error) if !certain && error.kind() == ErrorKind::NoSuchTable => continue,
            table => table?,
        };
        save(&table, counters, writer).map_err(|error| table.error(output_error(error)))?;
    }
    Ok(())
}

/// The names of the existing tables, and `true` if the kernel says so. Where it does not, as in a user namespace whose root
/// cannot be seen from here, they are the tables that could exist, and reading them creates them.
///
/// ```
/// use libfw::iptables::{tables_to_save};
/// use libfw::{Family, MemoryKernel};
///
/// let kernel = MemoryKernel::new().kernel();
/// let (names, certain) = tables_to_save(&kernel, Family::Ipv4)?;
/// assert!(certain);
/// # let _ = names;
/// # Ok::<(), libfw::Error>(())
/// ```
///
/// # Errors
///
/// Those of [`Kernel::tables`].
pub fn tables_to_save(kernel: &Kernel, family: Family) -> Result<(Vec<String>, bool)> {
    const TABLES: [&str; 5] = ["filter", "nat", "mangle", "raw", "security"];
    match kernel.tables(family) {
        Err(error) if error.errno() == Some(libc::EACCES) => Ok((TABLES.map(str::to_owned).to_vec(), false)),
        names => Ok((names?, true)),
    }
}

/// What iptables-nft prints before a table that it does not show in full, and a warning about what else cannot be seen. Both are
/// for commands; a program finds the same in [`Table::notes`].
///
/// ```
/// use libfw::iptables::{remarks};
/// use libfw::{Family, MemoryKernel};
///
/// let kernel = MemoryKernel::new().kernel();
/// let table = kernel.open(Family::Ipv4, "filter")?;
/// assert_eq!(remarks(&table), (None, None));
/// # Ok::<(), libfw::Error>(())
/// ```
#[must_use]
pub fn remarks(table: &Table) -> (Option<String>, Option<String>) {
    (remark(table), noted(table).map(|warning| warning_words(&warning)))
}

pub(super) fn remark(table: &Table) -> Option<String> {
    table.notes().contains(&Note::HiddenChains).then(|| {
        let name = table.name();
        format!("# Table `{name}' contains incompatible base-chains, use 'nft' tool to list them.\n")
    })
}

pub(super) fn noted(table: &Table) -> Option<Warning> {
    let notes = table.notes().iter().filter(|note| **note != Note::HiddenChains).map(Note::to_string);
    let note = notes.collect::<Vec<_>>().join("; ");
    (!note.is_empty()).then(|| Warning::Noted { table: table.name().into(), note })
}

/// What a line begins with that only tells of a rule which has no form in iptables.
pub(super) const OF_NFT: &[u8] = b"# nft rule, handle ";

/// Writes such a line; says whether it is such a rule.
pub(super) fn comment(out: &mut Vec<u8>, rule: &RuleRef<'_>) -> bool {
    let Some(handle) = rule.nft_handle() else { return false };
    out.extend_from_slice(OF_NFT);
    decimal(out, handle);
    out.push(b'\n');
    true
}

/// Appends a rule. That of arptables has its space even if nothing comes behind it.
fn print(printed: &mut Printed, out: &mut Vec<u8>, rule: &RuleRef<'_>, form: Form<'_>) {
    let start = out.len();
    printed.print(out, rule, form);
    if out.len() == start && rule.family() == Family::Arp {
        out.push(b' ');
    }
}

/// What a rule of a chain begins with.
fn append_to(chain: Chain<'_>, family: Family) -> Vec<u8> {
    let mut append = b"-A ".to_vec();
    names::print(&mut append, chain.name_bytes(), family, false);
    append
}

/// The names of the chains that have the name of a target.
fn clashing(table: &Table) -> Vec<&[u8]> {
    let names = table.chains().map(Chain::name_bytes);
    names.filter(|name| names::clashes(name, table.family())).collect()
}

fn flush(out: &mut Vec<u8>, writer: &mut dyn Write) -> io::Result<()> {
    if out.len() >= CHUNK {
        writer.write_all(out)?;
        out.clear();
    }
    Ok(())
}

/// `[PACKETS:BYTES]`
fn bracketed(out: &mut Vec<u8>, counters: Counters) {
    out.push(b'[');
    decimal(out, counters.packets);
    out.push(b':');
    decimal(out, counters.bytes);
    out.push(b']');
}

/// Writes a table, or one chain of it, as `iptables -S` does: the command lines that make it. With a number, counted from
/// 1, only that rule of the chain.
///
/// ```
/// use libfw::iptables::{save_rules};
/// use libfw::{Family, MemoryKernel};
///
/// let kernel = MemoryKernel::new().kernel();
/// let mut table = kernel.open(Family::Ipv4, "filter")?;
/// table.chain_mut("INPUT")?.extend(["-i lo -j ACCEPT", "-j DROP"])?;
/// let mut text = Vec::new();
/// save_rules(&table, table.chain("INPUT"), Some(2), false, &mut text).unwrap();
/// assert_eq!(text, b"-A INPUT -j DROP\n");
/// # Ok::<(), libfw::Error>(())
/// ```
///
/// # Errors
///
/// Those of the writer.
pub fn save_rules(
    table: &Table,
    chain: Option<Chain<'_>>,
    number: Option<usize>,
    counters: bool,
    writer: &mut dyn Write,
) -> io::Result<()> {
    let chains: Vec<_> = match chain {
        Some(chain) => vec![chain],
        None => table.chains().collect(),
    };
    let mut out = Vec::with_capacity(CHUNK + (4 << 10));
    let family = table.family();
    if number.is_none() {
        for chain in &chains {
            match chain.policy() {
                Some(policy) => {
                    out.extend_from_slice(b"-P ");
                    out.extend_from_slice(chain.name_bytes());
                    out.push(b' ');
                    out.extend_from_slice(policy.name().as_bytes());
                    if counters {
                        let counters = chain.policy_counters();
                        out.extend_from_slice(b" -c ");
                        decimal(&mut out, counters.packets);
                        out.push(b' ');
                        decimal(&mut out, counters.bytes);
                    }
                }
                None => {
                    out.extend_from_slice(b"-N ");
                    names::print(&mut out, chain.name_bytes(), family, false);
                }
            }
            out.push(b'\n');
            flush(&mut out, writer)?;
        }
    }
    let clashing = clashing(table);
    let notes = !table.notes().is_empty();
    let mut printed = Printed::default();
    for chain in &chains {
        let form = Form { counters, chain: chain.name_bytes(), clashing: &clashing, ..Form::default() };
        let append = append_to(*chain, family);
        for (index, rule) in chain.rules().enumerate() {
            if number.is_some_and(|number| number != index + 1) {
                continue;
            }
            if notes && comment(&mut out, &rule) {
                continue;
            }
            out.extend_from_slice(&append);
            print(&mut printed, &mut out, &rule, form);
            out.push(b'\n');
            flush(&mut out, writer)?;
        }
    }
    writer.write_all(&out)
}
