//! Listings for people: `iptables -L`.

use std::io::{self, Write};

use super::save::comment;
use crate::blob::Header;
use crate::ext::List;
use crate::ext::values::list_address;
use crate::rule::grammar::place::{LISTED_ADDRESS, LISTED_INTERFACE, Place};
use crate::rule::grammar::{ArpListing, Form, Printed, Way, print_arp};
use crate::rule::{MatchRef, RuleRef, TargetRef};
use crate::sys::names;
use crate::table::Chain;
use crate::types::fmt::{decimal, pad};
use crate::types::settings::settings;
use crate::types::text::breaks_line;
use crate::types::{Counters, Family, Interface, Inv, Protocol};

settings! {
    /// What a listing shows.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct ListStyle {
        /// Addresses and ports as numbers, `-n`.
        numeric: bool,
        /// Counters and interfaces too, `-v`.
        verbose: bool,
        /// Counters in full, `-x`.
        exact: bool,
        /// A number before each rule, `--line-numbers`.
        line_numbers: bool,
    }
}

/// Writes the listing of a chain as `iptables -L` does. With a number, counted from 1, only that rule and no heading.
///
/// Line ends in names and comments, which another program may have put there, are shown as `?`: a rule is one line.
///
/// ```
/// use libfw::iptables::{ListStyle, list_chain};
/// use libfw::{Family, MemoryKernel};
///
/// let kernel = MemoryKernel::new().kernel();
/// let table = kernel.open(Family::Ipv4, "filter")?;
/// let mut out = Vec::new();
/// list_chain(table.chain("INPUT").unwrap(), None, ListStyle::default(), &mut out).unwrap();
/// assert!(out.starts_with(b"Chain INPUT (policy ACCEPT)\n"));
/// # Ok::<(), libfw::Error>(())
/// ```
///
/// # Errors
///
/// Those of the writer.
pub fn list_chain(
    chain: Chain<'_>,
    number: Option<usize>,
    style: ListStyle,
    writer: &mut dyn Write,
) -> io::Result<()> {
    let mut listing = Listing::new(style);
    listing.learns = number.is_none() && chain.len() >= MANY;
    listing.chain(chain, number, writer)?;
    listing.end(writer)
}

/// For fewer rules than these it is not worth to find out what they have in common.
const MANY: usize = 64;

/// How much text is collected before it is written.
const CHUNK: usize = 60 << 10;

/// A listing of several chains.
pub(super) struct Listing {
    style: ListStyle,
    /// What is not written yet.
    out: Vec<u8>,
    printed: Printed,
    /// Whether it is worth to find out what rules have in common.
    learns: bool,
}

impl Listing {
    pub(super) fn new(style: ListStyle) -> Listing {
        Listing {
            style,
            out: Vec::with_capacity(CHUNK + (4 << 10)),
            printed: Printed::default(),
            learns: true,
        }
    }

    /// Adds a chain, or one rule of it.
    pub(super) fn chain(
        &mut self,
        chain: Chain<'_>,
        number: Option<usize>,
        writer: &mut dyn Write,
    ) -> io::Result<()> {
        let Listing { style, out, printed, learns } = self;
        if number.is_none() {
            heading(out, chain, *style);
        }
        for (index, rule) in chain.rules().enumerate() {
            if number.is_some_and(|number| number != index + 1) {
                continue;
            }
            let start = out.len();
            if style.line_numbers {
                decimal(out, index as u64 + 1);
                if rule.family() != Family::Arp {
                    pad(out, start, 4);
                }
                out.push(b' ');
            }
            if !comment(out, &rule) {
                if rule.family() == Family::Arp {
                    list_arp_rule(out, &rule, *style);
                } else {
                    list_counters(out, rule.counters(), *style);
                    match learns {
                        true => printed.print(out, &rule, *style),
                        false => style.write(out, &rule),
                    }
                }
                end_line(out, start);
            }
            if out.len() >= CHUNK {
                writer.write_all(out)?;
                out.clear();
            }
        }
        Ok(())
    }

    /// Adds an empty line, which is between chains.
    pub(super) fn gap(&mut self) {
        self.out.push(b'\n');
    }

    /// Writes the rest.
    pub(super) fn end(self, writer: &mut dyn Write) -> io::Result<()> {
        writer.write_all(&self.out)
    }
}

/// A rule behind its counters.
impl Way for ListStyle {
    fn write(self, out: &mut Vec<u8>, rule: &RuleRef<'_>) {
        list_rule(out, rule, self);
    }

    #[inline]
    fn value(self, place: Place, entry: &[u8], out: &mut Vec<u8>) -> Option<()> {
        place.list(entry, out)
    }

    #[inline]
    fn jump(self, out: &mut Vec<u8>, name: &[u8], _: Family) {
        let start = out.len();
        out.extend_from_slice(name);
        pad(out, start, TARGET);
    }

    fn is_plain(self, _: bool) -> bool {
        // Names of hosts and services are looked up one by one.
        self.numeric
    }
}

/// Ends the line that begins at a position.
pub(super) fn end_line(out: &mut Vec<u8>, start: usize) {
    if breaks_line(&out[start..]) {
        for byte in &mut out[start..] {
            if matches!(byte, b'\n' | b'\r') {
                *byte = b'?';
            }
        }
    }
    out.push(b'\n');
}

fn heading(out: &mut Vec<u8>, chain: Chain<'_>, style: ListStyle) {
    let start = out.len();
    out.extend_from_slice(b"Chain ");
    out.extend_from_slice(chain.name_bytes());
    match chain.policy() {
        Some(policy) => {
            out.extend_from_slice(b" (policy ");
            out.extend_from_slice(policy.name().as_bytes());
            if style.verbose {
                let counters = chain.policy_counters();
                out.push(b' ');
                count(out, counters.packets, style.exact, 0);
                out.extend_from_slice(b" packets, ");
                count(out, counters.bytes, style.exact, 0);
                out.extend_from_slice(b" bytes");
            }
        }
        None => {
            out.extend_from_slice(b" (");
            decimal(out, chain.references() as u64);
            out.extend_from_slice(b" references");
        }
    }
    out.push(b')');
    end_line(out, start);
    if chain.family() == Family::Arp {
        return;
    }
    if style.line_numbers {
        out.extend_from_slice(b"num  ");
    }
    if style.verbose {
        let widths = if style.exact { "    pkts      bytes " } else { " pkts bytes " };
        out.extend_from_slice(widths.as_bytes());
    }
    out.extend_from_slice(b"target     prot opt ");
    if style.verbose {
        out.extend_from_slice(b"in     out     ");
    }
    out.extend_from_slice(b"source               destination         \n");
}

/// A number of packets or bytes, right-aligned: in full, or with K, M, G or T behind a rounded one.
fn count(out: &mut Vec<u8>, number: u64, exact: bool, width: usize) {
    let (mut shown, mut unit) = (number, None);
    if !exact && number > 99_999 {
        for letter in [b'K', b'M', b'G', b'T'] {
            shown = shown.saturating_add(500) / 1000;
            unit = Some(letter);
            if shown <= 9999 {
                break;
            }
        }
    }
    let start = out.len();
    decimal(out, shown);
    out.extend(unit);
    let printed = out.len() - start;
    if printed < width {
        out.resize(start + width, b' ');
        out[start..].rotate_right(width - printed);
    }
}

/// A rule for ARP is listed by its options.
fn list_arp(out: &mut Vec<u8>, rule: &RuleRef<'_>, listing: ArpListing) {
    let mut text = Vec::new();
    print_arp(&mut text, rule, Form::default(), Some(listing));
    out.extend_from_slice(text.strip_prefix(b" ").unwrap_or(&text));
}

fn list_arp_rule(out: &mut Vec<u8>, rule: &RuleRef<'_>, style: ListStyle) {
    list_arp(out, rule, ArpListing { numeric: style.numeric, interfaces: style.verbose });
    if style.verbose {
        let Counters { packets, bytes } = rule.counters();
        out.extend_from_slice(b" , pcnt=");
        count(out, packets, style.exact, 0);
        out.extend_from_slice(b" -- bcnt=");
        count(out, bytes, style.exact, 0);
        out.push(b' ');
    }
}

fn list_counters(out: &mut Vec<u8>, Counters { packets, bytes }: Counters, style: ListStyle) {
    if style.verbose {
        // The heading is wider than these columns, in iptables too.
        let width = if style.exact { 8 } else { 5 };
        count(out, packets, style.exact, width);
        out.push(b' ');
        count(out, bytes, style.exact, width);
        out.push(b' ');
    }
}

/// How wide the name of a target is at the least.
const TARGET: usize = 9;

fn list_rule(out: &mut Vec<u8>, rule: &RuleRef<'_>, style: ListStyle) {
    let header = rule.header();
    let start = out.len();
    print_target_name(out, rule);
    pad(out, start, TARGET);
    out.push(b' ');
    push_sign(out, header.protocol.inverted);
    let start = out.len();
    list_protocol(out, header.protocol.value, style);
    pad(out, start, 4);
    out.push(b' ');
    list_fragment(out, &header);
    out.push(b' ');
    if style.verbose {
        list_interface(out, header.input, style);
        list_interface(out, header.output, style);
        out.push(b' ');
    }
    for address in [header.source, header.destination] {
        push_sign(out, address.inverted);
        let start = out.len();
        list_address(out, address.value, style.numeric);
        pad(out, start, LISTED_ADDRESS);
        out.push(b' ');
    }
    list_details(out, rule, style.numeric);
}

/// A `!`, or a space in its place.
fn push_sign(out: &mut Vec<u8>, inverted: bool) {
    out.push(if inverted { b'!' } else { b' ' });
}

fn print_target_name(out: &mut Vec<u8>, rule: &RuleRef<'_>) {
    match rule.target() {
        TargetRef::None => {}
        TargetRef::Verdict(verdict) => out.extend_from_slice(verdict.name().as_bytes()),
        TargetRef::Jump(chain) | TargetRef::Goto(chain) => out.extend_from_slice(chain),
        TargetRef::Extension(target) => out.extend_from_slice(target.kernel_name()),
    }
}

fn list_protocol(out: &mut Vec<u8>, protocol: Protocol, style: ListStyle) {
    let from_file = || names::protocol_name(protocol.0).filter(|_| !style.numeric);
    match protocol.name().map(str::as_bytes).or_else(from_file) {
        Some(name) => out.extend_from_slice(name),
        None => decimal(out, protocol.0.into()),
    }
}

fn list_fragment(out: &mut Vec<u8>, header: &Header) {
    out.extend_from_slice(match header.fragment {
        None => b"--",
        Some(true) => b"-f",
        Some(false) => b"!f",
    });
}

fn list_interface(out: &mut Vec<u8>, Inv { inverted, value }: Inv<Interface>, style: ListStyle) {
    out.push(b' ');
    let start = out.len();
    if inverted {
        out.push(b'!');
    }
    match value.as_bytes() {
        b"" => out.extend_from_slice(if style.numeric { b"*" } else { b"any" }),
        name => out.extend_from_slice(name),
    }
    pad(out, start, LISTED_INTERFACE);
}

fn list_details(out: &mut Vec<u8>, rule: &RuleRef<'_>, numeric: bool) {
    let target = rule.target();
    if matches!(target, TargetRef::Goto(_)) {
        out.extend_from_slice(b"[goto] ");
    }
    for matching in rule.matches() {
        list_extension(out, &matching, numeric);
    }
    if let TargetRef::Extension(target) = target {
        list_extension(out, &target, numeric);
    }
}

fn list_extension(out: &mut Vec<u8>, matching: &MatchRef<'_>, numeric: bool) {
    let start = out.len();
    if let Some(extension) = matching.extension() {
        let cx = &matching.cx();
        if extension.list(matching.data(), cx, &mut List { out, numeric, cx }).is_ok() {
            return;
        }
        out.truncate(start);
    }
    match matching.kind() {
        crate::ext::ExtensionKind::Match => {
            out.extend_from_slice(b"UNKNOWN match `");
            out.extend_from_slice(matching.kernel_name());
            out.extend_from_slice(b"' ");
        }
        crate::ext::ExtensionKind::Target => {
            out.push(b'[');
            decimal(out, matching.data().len() as u64);
            out.extend_from_slice(b" bytes of unknown target data] ");
        }
    }
}

/// What `-v` says of a chain.
pub(super) fn chain_line(what: &str, chain: &[u8]) -> Vec<u8> {
    let mut out = format!("{what} chain `").into_bytes();
    out.extend_from_slice(chain);
    out.push(b'\'');
    end_line(&mut out, 0);
    out
}

/// The line that `-v` prints for a rule that is added, deleted or looked for.
pub(crate) fn rule_line(out: &mut Vec<u8>, rule: &RuleRef<'_>) {
    let style = ListStyle { numeric: true, ..ListStyle::default() };
    let header = rule.header();
    let start = out.len();
    if rule.family() == Family::Arp {
        list_arp(out, rule, ArpListing { numeric: true, interfaces: true });
        return end_line(out, start);
    }
    print_target_name(out, rule);
    out.push(b' ');
    push_sign(out, header.protocol.inverted);
    list_protocol(out, header.protocol.value, style);
    out.extend_from_slice(b" opt ");
    list_fragment(out, &header);
    for (label, Inv { inverted, value }) in [(" in ", header.input), (" out ", header.output)] {
        out.extend_from_slice(label.as_bytes());
        if inverted {
            out.push(b'!');
        }
        out.extend_from_slice(if value.as_bytes().is_empty() { b"*" } else { value.as_bytes() });
    }
    for (arrow, address) in [("", header.source), ("-> ", header.destination)] {
        out.push(b' ');
        push_sign(out, address.inverted);
        out.extend_from_slice(arrow.as_bytes());
        list_address(out, address.value, true);
    }
    out.extend_from_slice(b"  ");
    list_details(out, rule, true);
    end_line(out, start);
}
