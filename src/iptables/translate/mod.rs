//! Commands of iptables in the language of nft, as `iptables-translate` writes them.

mod parts;
mod targets;

use std::io::{BufRead, BufReader, Read, Write};
use std::ops::ControlFlow;

use super::command::{Outcome, output_error, read, table_name};
use super::restore::{behind_counters, policy_counters};
use super::words::warning_words;
use crate::error::{BadFile, Failure, Step};
use crate::ext::{System, TooLong};
use crate::kernel::builtin_chains;
use crate::rule::grammar::args::{Args, Words};
use crate::rule::grammar::draft::Jump;
use crate::rule::grammar::getopt::Command;
use crate::rule::grammar::parser::{Mode, Parsed, Parser};
use crate::rule::{Rule, RuleRef, TargetRef, Verdict, names};
use crate::types::{AddrMask, BackendKind, Family, Hook, Interface, Inv, Protocol};
use crate::{Error, Result};

/// A line of nft for what a command of iptables does.
///
/// ```
/// use libfw::{Family, iptables};
///
/// let words = "-A INPUT -s 10.0.0.0/8 -p tcp --dport 80:90 -j ACCEPT".split(' ');
/// let mut out = Vec::new();
/// iptables::translate(Family::Ipv4, words, &mut out, &mut |_| {})?;
/// let line = "nft 'add rule ip filter INPUT ip saddr 10.0.0.0/8 tcp dport 80-90 counter accept'\n";
/// assert_eq!(String::from_utf8_lossy(&out), line);
/// # Ok::<(), libfw::Error>(())
/// ```
///
/// What nft cannot say is written as a comment, `nft # ...`, with the words as they stand.
///
/// # Errors
///
/// Whatever is wrong with the arguments, and a command that has no translation.
pub fn translate<T: AsRef<[u8]>>(
    family: Family,
    args: impl IntoIterator<Item = T>,
    out: &mut dyn Write,
    warn: &mut dyn FnMut(&str),
) -> Result<Outcome> {
    let (text, words) = Words::join(args);
    let args = words.args(&text);
    let mut parser = parser(family);
    let warn = &mut |warning| warn(&warning_words(&warning));
    let parsed = match read(&mut parser, args, System::offline(), warn).map_err(of_nft)? {
        ControlFlow::Break(outcome) => return Ok(outcome),
        ControlFlow::Continue(parsed) => parsed,
    };
    let table = table_name(&parsed, args);
    let mut lines = String::new();
    let done = commands(&mut parser, &parsed, args, &table, |line, quoted| {
        lines += &match quoted {
            true => format!("nft '{line}'\n"),
            false => format!("nft {line}\n"),
        };
    });
    if done.is_err() {
        lines.push_str("nft ");
    }
    out.write_all(lines.as_bytes()).map_err(output_error)?;
    done.map(|()| Outcome::Done)
}

/// Writes a save file in the language of nft, as `iptables-restore-translate` does without its first and last line.
///
/// ```
/// use libfw::Family;
/// use libfw::iptables::translate_file;
///
/// let file = "*filter\n-A INPUT -p tcp --dport 22 -j ACCEPT\nCOMMIT\n";
/// let mut nft = Vec::new();
/// translate_file(Family::Ipv4, file.as_bytes(), &mut nft, &mut |warning| eprintln!("{warning}"))?;
/// assert!(String::from_utf8_lossy(&nft).contains("add rule ip filter INPUT tcp dport 22 counter accept"));
/// # Ok::<(), libfw::Error>(())
/// ```
///
/// # Errors
///
/// Whatever is wrong with a line, with its number.
pub fn translate_file(
    family: Family,
    reader: impl Read,
    out: &mut dyn Write,
    warn: &mut dyn FnMut(&str),
) -> Result<()> {
    let (mut parser, mut words) = (parser(family), Words::default());
    let (mut table, mut number) = (None::<String>, 0);
    for line in BufReader::new(reader).split(b'\n') {
        let mut line = line.map_err(|error| Error::from(BadFile::Unreadable).because(error))?;
        number += 1;
        let text = match (line.as_slice(), &table) {
            ([] | [b'#', ..], _) => continue,
            (b"COMMIT", Some(_)) => {
                table = None;
                continue;
            }
            ([b'*', rest @ ..], _) => {
                let rest = String::from_utf8_lossy(rest);
                let name = rest.split([' ', '\t']).find(|word| !word.is_empty());
                let none = || Error::from(BadFile::NoTable { line: number }).at_line(number);
                let name = name.ok_or_else(none)?.to_owned();
                if builtin_chains(family, &name).next().is_none() {
                    // In the words of iptables-nft.
                    let error =
                        Error::from(Failure::NoSuchTable { meant: None }).in_backend(BackendKind::Nft);
                    return Err(error.during(Step::Table { name }).at_line(number));
                }
                parser.in_nat = name == "nat";
                let text = format!("add table {} {name}\n", nft_family(family));
                table = Some(name);
                text
            }
            ([b':', rest @ ..], Some(table)) => {
                chain(family, table, rest, number).map_err(|error| error.at_line(number))?
            }
            (_, Some(table)) => {
                let translated = behind_counters(&line, number)
                    .and_then(|start| rule_of_file(&mut parser, &mut words, &mut line, start, table));
                parser.warnings.take().for_each(|warning| warn(&warning_words(&warning)));
                translated.map_err(|error| error.during(Step::Command { line: number }).at_line(number))?
            }
            (_, None) => return Err(Error::from(BadFile::OutsideTable { line: number }).at_line(number)),
        };
        out.write_all(text.as_bytes()).map_err(output_error)?;
    }
    // The last COMMIT is not missed.
    Ok(())
}

/// The lines for a rule of a save file.
fn rule_of_file(
    parser: &mut Parser,
    words: &mut Words,
    line: &mut [u8],
    start: usize,
    table: &str,
) -> Result<String> {
    words.split(line, start)?;
    let args = words.args(line);
    let parsed = parser.parse(Mode::Restore, args, System::offline()).map_err(of_nft)?;
    let mut text = String::new();
    commands(parser, &parsed, args, table, |line, _| {
        text += &match line.strip_prefix('#') {
            Some(words) => format!("# -t {table}{words}\n"),
            None => format!("{line}\n"),
        };
    })?;
    Ok(text)
}

/// `:CHAIN POLICY [PACKETS:BYTES]`: a base chain with its hook, or one of the user's.
fn chain(family: Family, table: &str, rest: &[u8], line: usize) -> Result<String> {
    let mut words = rest.split(|byte| b" \t".contains(byte)).filter(|word| !word.is_empty());
    let mut word = |what| words.next().ok_or(BadFile::ChainLine { what, line });
    let name = word("chain name")?;
    let shown = String::from_utf8_lossy(name).into_owned();
    let place = format!("{} {table} {shown}", nft_family(family));
    let is_base = builtin_chains(family, table).any(|base| base == shown);
    let Some(hook) = Hook::of_chain(name).filter(|_| is_base) else {
        names::check(name, family)?;
        word("policy")?;
        return Ok(format!("add chain {place}\n"));
    };
    let policy = word("policy")?;
    if let Some(given) = words.next()
        && policy_counters(given).is_none()
    {
        return Err(BadFile::PolicyCounters { chain: shown }.into());
    }
    let kind = match (table, hook) {
        ("nat", _) => "nat",
        ("mangle", Hook::Output) => "route",
        _ => "filter",
    };
    let priority = match (table, hook) {
        ("raw", _) => -300,
        ("mangle", _) => -150,
        ("security", _) => 50,
        ("nat", Hook::Prerouting | Hook::Output) => -100,
        ("nat", _) => 100,
        _ => 0,
    };
    // nf_tables has no others.
    let policy = match policy {
        b"ACCEPT" => " policy accept;",
        b"DROP" => " policy drop;",
        _ => "",
    };
    let hook = shown.to_ascii_lowercase();
    Ok(format!("add chain {place} {{ type {kind} hook {hook} priority {priority};{policy} }}\n"))
}

/// What is wrong with words is said as iptables-nft says it.
fn of_nft(error: Error) -> Error {
    error.in_backend(BackendKind::Nft)
}

/// A parser for rules that are looked at and nothing else.
fn parser(family: Family) -> Parser {
    let mut parser = Parser::new(family);
    parser.draft.too_long = TooLong::Cut;
    parser.draft.names = Some(Default::default());
    parser
}

/// The lines of a command, each with whether a shell needs quotes around it.
fn commands(
    parser: &mut Parser,
    parsed: &Parsed,
    args: Args<'_>,
    table: &str,
    mut line: impl FnMut(String, bool),
) -> Result<()> {
    let Some(command) = parsed.command else { return Ok(()) };
    let family = parser.family();
    let place = format!("{} {table}", nft_family(family));
    let chain = parsed.chain.map(|span| String::from_utf8_lossy(&names::read(args.slice(span))).into_owned());
    let named = chain.as_deref().unwrap_or_default();
    match command {
        Command::Append | Command::Insert => {
            let verb = if command == Command::Append { "add" } else { "insert" };
            let index = match parsed.number {
                number @ 2.. => format!("index {number} "),
                _ => String::new(),
            };
            for rule in rules(parser, args)? {
                let mut sets = Vec::new();
                match body(&rule.view(), &mut sets) {
                    Some(body) => {
                        sets.into_iter().for_each(|set| line(format!("add set {place} {set}"), true));
                        line(format!("{verb} rule {place} {named} {index}{body}"), true);
                    }
                    None => line(comment(args), false),
                }
            }
        }
        Command::NewChain => line(format!("add chain {place} {named}"), false),
        Command::DeleteChain if chain.is_some() => line(format!("delete chain {place} {named}"), false),
        Command::Flush => line(
            match &chain {
                Some(chain) => format!("flush chain {place} {chain}"),
                None => format!("flush table {place}"),
            },
            false,
        ),
        Command::List => line(format!("list table {place}"), false),
        _ => return Err(BadFile::NoTranslation.into()),
    }
    Ok(())
}

/// The words of the line behind a `#`.
fn comment(args: Args<'_>) -> String {
    let mut text = String::from("#");
    for at in 0..args.len() {
        text.push(' ');
        text += &String::from_utf8_lossy(args.word(at));
    }
    text.push(' ');
    text
}

fn nft_family(family: Family) -> &'static str {
    family.pick("ip", "ip6")
}

/// The rules of a line, one for each combination of its addresses.
fn rules(parser: &mut Parser, args: Args<'_>) -> Result<Vec<Rule>> {
    let family = parser.family();
    let chain = match parser.draft.jump {
        Jump::Chain(span) | Jump::Goto(span) => Some(names::read(args.slice(span)).into_owned()),
        _ => None,
    };
    let mut entries = Vec::new();
    parser.draft.each_combination(|entry| {
        entries.push(entry.to_vec());
        Ok(())
    })?;
    let names = parser.draft.names.as_ref().map(|names| names.borrow().clone()).unwrap_or_default();
    let rule = |entry| Rule::from_parts(family, entry, chain.clone().map(Into::into), names.clone());
    Ok(entries.into_iter().map(rule).collect())
}

/// What stands behind the chain; `None` for what nft cannot say. `sets` gets what it needs beside the rule.
fn body(rule: &RuleRef<'_>, sets: &mut Vec<String>) -> Option<String> {
    let family = rule.family();
    let mut body = String::new();
    let mut add = |part: &str| {
        body += part;
        body.push(' ');
    };
    for (key, interface) in [("iifname", rule.input()), ("oifname", rule.output())] {
        if let Some(name) = interface_name(interface)? {
            add(&format!("{key} {name}"));
        }
    }
    match rule.fragment() {
        None => {}
        Some(true) => add("ip frag-off & 0x1fff != 0"),
        Some(false) => add("ip frag-off & 0x1fff 0"),
    }
    let protocol = rule.protocol();
    let told = rule.matches().any(|part| says_protocol(part.name(), protocol.value));
    if protocol.value != Protocol::ANY && !told {
        let key = family.pick("ip protocol", "meta l4proto");
        add(&format!("{key} {}{}", not(protocol.inverted), parts::protocol_name(protocol.value)));
    }
    for (key, address) in [("saddr", rule.source()), ("daddr", rule.destination())] {
        if let Some(address) = address_text(address) {
            add(&format!("{} {key} {address}", nft_family(family)));
        }
    }
    let mut comment = None;
    for part in rule.matches() {
        if part.name() == b"connlimit" {
            let set = format!("connlimit{}", sets.len());
            let (declared, text) = parts::connlimit(&part, family, &set)?;
            sets.push(declared);
            add(&text);
            continue;
        }
        match parts::matching(&part, rule)? {
            parts::Part::Text(text) => add(&text),
            parts::Part::Comment(text) => comment = Some(text),
        }
    }
    add("counter");
    let text = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
    match rule.target() {
        TargetRef::None => {}
        TargetRef::Verdict(Verdict::Accept) => add("accept"),
        TargetRef::Verdict(Verdict::Drop) => add("drop"),
        TargetRef::Verdict(Verdict::Return) => add("return"),
        TargetRef::Verdict(_) => return None,
        TargetRef::Jump(chain) => add(&format!("jump {}", text(chain))),
        TargetRef::Goto(chain) => add(&format!("goto {}", text(chain))),
        TargetRef::Extension(part) => add(&targets::target(&part, rule)?),
    }
    if let Some(comment) = comment {
        add(&format!("comment \"{comment}\""));
    }
    body.truncate(body.trim_end().len());
    Some(body)
}

fn not(inverted: bool) -> &'static str {
    if inverted { "!= " } else { "" }
}

/// Whether a match says by itself which protocol it is about.
fn says_protocol(name: &[u8], protocol: Protocol) -> bool {
    let name = String::from_utf8_lossy(name);
    name == protocol.name().unwrap_or_default() || name == "mh" && protocol == Protocol::MH
}

/// An interface in quotes; nothing for any, `None` for none that there is.
fn interface_name(interface: Inv<Interface>) -> Option<Option<String>> {
    let name = String::from_utf8_lossy(interface.value.as_bytes()).into_owned();
    let not = not(interface.inverted);
    Some(match name.strip_suffix('+') {
        Some("") if interface.inverted => Some("\"INVAL/D\"".to_owned()),
        Some("") => None,
        Some(begun) => Some(format!("{not}\"{begun}*\"")),
        None if name.is_empty() => None,
        None => Some(format!("{not}\"{name}\"")),
    })
}

/// An address, a prefix, or an address under a mask.
fn address_text(address: Inv<AddrMask>) -> Option<String> {
    let Inv { inverted, value } = address;
    let bits = value.prefix();
    if bits == Some(0) && !inverted {
        return None;
    }
    let full = if value.addr().is_ipv4() { 32 } else { 128 };
    Some(match bits {
        Some(bits) if bits == full => format!("{}{}", not(inverted), value.addr()),
        Some(bits) => format!("{}{}/{bits}", not(inverted), value.addr()),
        None => {
            let compared = if inverted { "!=" } else { "==" };
            format!("& {} {compared} {}", value.mask(), value.addr())
        }
    })
}
