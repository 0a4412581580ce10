//! A rule as `-S` and save files show it.

mod arp;
mod shape;

use super::args::{OPAQUE, WORDS_MAX, Words};
use crate::blob::Header;
use crate::rule::{MatchRef, RuleRef, TargetRef, names};
use crate::types::fmt::decimal;
use crate::types::text::{breaks_line, word};
use crate::types::{AddrMask, Family, Interface, Inv, Protocol, opaque};

pub(crate) use arp::{ArpListing, print_arp};
pub(crate) use shape::{Printed, Way};

/// How a rule is written.
#[derive(Clone, Copy, Default)]
pub(crate) struct Form<'a> {
    /// With the counters before the target.
    pub(crate) counters: bool,
    /// Only in UTF-8.
    pub(crate) utf8: bool,
    /// The chain it is in.
    pub(crate) chain: &'a [u8],
    /// The chains of its table that have the name of a target.
    pub(crate) clashing: &'a [&'a [u8]],
    /// Every match and target with its bytes.
    pub(crate) opaque: bool,
}

/// How much longer than the options of its rule a line of a save file may be.
const AROUND: usize = 200;
/// How many words there may be around them.
const WORDS_AROUND: usize = 8;
/// The longest line of a save file in bytes, its end included.
pub(crate) const LINE_MAX: usize = 10240;

/// Appends the options that make a rule, each with a space before it.
pub(crate) fn print_rule(out: &mut Vec<u8>, rule: &RuleRef<'_>, form: Form<'_>) {
    if rule.family() == Family::Arp {
        return print_arp(out, rule, form, None);
    }
    let start = out.len();
    print_parts(out, rule, form);
    // Less cannot have too many words.
    if out.len() - start >= 2 * (WORDS_MAX - WORDS_AROUND) && !fits_a_line(&out[start..]) {
        out.truncate(start);
        print_parts(out, rule, Form { opaque: true, ..form });
    }
}

/// Whether the options can be read from a line of a save file.
#[cold]
fn fits_a_line(options: &[u8]) -> bool {
    let mut words = Words::default();
    options.len() + AROUND <= LINE_MAX
        && words.split(&mut options.to_vec(), 0).is_ok()
        && words.args(options).len() + WORDS_AROUND <= WORDS_MAX
}

fn print_parts(out: &mut Vec<u8>, rule: &RuleRef<'_>, form: Form<'_>) {
    let family = rule.family();
    print_header(out, rule, form);
    for matching in rule.matches() {
        print_match(out, &matching, form);
    }
    if form.counters {
        let counters = rule.counters();
        out.extend_from_slice(b" -c ");
        decimal(out, counters.packets);
        out.push(b' ');
        decimal(out, counters.bytes);
    }
    print_target(out, &rule.target(), family, form);
}

/// A target by itself.
pub(crate) fn print_target(out: &mut Vec<u8>, target: &TargetRef<'_>, family: Family, form: Form<'_>) {
    match *target {
        TargetRef::None => {}
        TargetRef::Verdict(verdict) => {
            out.extend_from_slice(b" -j ");
            out.extend_from_slice(verdict.name().as_bytes());
        }
        TargetRef::Jump(chain) => {
            out.extend_from_slice(b" -j ");
            names::print(out, chain, family, form.utf8);
        }
        TargetRef::Goto(chain) => {
            out.extend_from_slice(b" -g ");
            names::print(out, chain, family, form.utf8);
        }
        TargetRef::Extension(target) => {
            out.extend_from_slice(b" -j ");
            // Without its bytes it would be read as a jump to the chain of that name.
            let clashes = form.clashing.contains(&target.name());
            print_extension(out, &target, Form { opaque: form.opaque || clashes, ..form });
        }
    }
}

/// Addresses, interfaces, protocol and fragments; the bytes of the header where these do not tell everything.
fn print_header(out: &mut Vec<u8>, rule: &RuleRef<'_>, form: Form<'_>) {
    let header = rule.header();
    // In these chains iptables takes no such interface.
    let wrong = match form.chain {
        b"INPUT" | b"PREROUTING" => !header.output.value.is_any() || header.output.inverted,
        b"OUTPUT" | b"POSTROUTING" => !header.input.value.is_any() || header.input.inverted,
        _ => false,
    };
    if wrong || !is_told(&header, form) {
        return print_opaque_header(out, rule);
    }
    print_address(out, b" -s ", header.source);
    print_address(out, b" -d ", header.destination);
    print_interface(out, b" -i ", header.input);
    print_interface(out, b" -o ", header.output);
    print_protocol(out, header.protocol);
    match header.fragment {
        None => {}
        Some(true) => out.extend_from_slice(b" -f"),
        Some(false) => out.extend_from_slice(b" ! -f"),
    }
}

/// Whether the options of a header tell everything about it.
fn is_told(header: &Header, form: Form<'_>) -> bool {
    let has_name = |interface: &Inv<Interface>| {
        interface.value.has_name(form.utf8)
            && !(interface.inverted && interface.value == Interface::default())
    };
    !header.odd && [&header.input, &header.output].into_iter().all(has_name)
}

fn print_opaque_header(out: &mut Vec<u8>, rule: &RuleRef<'_>) {
    out.push(b' ');
    out.extend_from_slice(OPAQUE);
    out.push(b' ');
    opaque::print_bytes(out, rule.entry.ip());
}

fn print_address(out: &mut Vec<u8>, option: &[u8], Inv { inverted, value }: Inv<AddrMask>) {
    if !value.is_any() || inverted {
        print_bang(out, inverted);
        out.extend_from_slice(option);
        value.print(out);
    }
}

fn print_interface(out: &mut Vec<u8>, option: &[u8], Inv { inverted, value }: Inv<Interface>) {
    if !value.is_any() || inverted {
        print_bang(out, inverted);
        out.extend_from_slice(option);
        word(out, value.as_bytes());
    }
}

fn print_protocol(out: &mut Vec<u8>, Inv { inverted, value }: Inv<Protocol>) {
    if value != Protocol::ANY {
        print_bang(out, inverted);
        out.extend_from_slice(b" -p ");
        match value.name() {
            Some(name) => out.extend_from_slice(name.as_bytes()),
            None => decimal(out, value.0.into()),
        }
    }
}

fn print_bang(out: &mut Vec<u8>, inverted: bool) {
    if inverted {
        out.extend_from_slice(b" !");
    }
}

/// The name and the options of a match or target. One that libfw does not know, or whose options do not tell everything
/// about it, is shown with its revision and bytes, so that nothing is lost.
fn print_extension(out: &mut Vec<u8>, matching: &MatchRef<'_>, form: Form<'_>) {
    let start = out.len();
    if let Some(extension) = matching.extension().filter(|_| !form.opaque) {
        out.extend_from_slice(extension.name.as_bytes());
        let text = out.len();
        let is_told = matching.tell(extension, out);
        let said = &out[text..];
        if is_told && !breaks_line(said) && (!form.utf8 || std::str::from_utf8(said).is_ok()) {
            return;
        }
    }
    out.truncate(start);
    names::print_unknown(out, matching.kernel_name(), form.utf8);
    out.push(b' ');
    print_opaque(out, matching.revision(), matching.data());
}

/// The option that has the bytes of a match or target.
pub(crate) fn print_opaque(out: &mut Vec<u8>, revision: u8, data: &[u8]) {
    out.extend_from_slice(OPAQUE);
    out.push(b' ');
    decimal(out, revision.into());
    out.push(b':');
    opaque::print_bytes(out, data);
}

/// A match by itself.
pub(crate) fn print_match(out: &mut Vec<u8>, matching: &MatchRef<'_>, form: Form<'_>) {
    out.extend_from_slice(b" -m ");
    print_extension(out, matching, form);
}
