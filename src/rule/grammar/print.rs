//! A rule as `-S` and save files show it.

use crate::blob::Core;
use crate::ext::SaveSink;
use crate::rule::{MatchRef, RuleRef, TargetRef};
use crate::types::fmt::{decimal, hex};
use crate::types::{AddrMask, Interface, Inv, Protocol};

/// Appends the options that make a rule, each with a space before it. With counters, they stand before the target.
pub(crate) fn print_rule(out: &mut Vec<u8>, rule: &RuleRef<'_>, counters: bool) {
    let core = rule.core();
    print_core(out, &core);
    for matching in rule.matches() {
        out.extend_from_slice(b" -m ");
        print_extension(out, &matching);
    }
    if counters {
        let counters = rule.counters();
        out.extend_from_slice(b" -c ");
        decimal(out, counters.packets);
        out.push(b' ');
        decimal(out, counters.bytes);
    }
    match rule.target() {
        TargetRef::None => {}
        TargetRef::Verdict(verdict) => {
            out.extend_from_slice(b" -j ");
            out.extend_from_slice(verdict.name().as_bytes());
        }
        TargetRef::Jump(chain) => {
            out.extend_from_slice(b" -j ");
            out.extend_from_slice(chain);
        }
        TargetRef::Goto(chain) => {
            out.extend_from_slice(b" -g ");
            out.extend_from_slice(chain);
        }
        TargetRef::Extension(target) => {
            out.extend_from_slice(b" -j ");
            print_extension(out, &target);
        }
    }
}

fn print_core(out: &mut Vec<u8>, core: &Core) {
    print_address(out, b" -s ", core.source);
    print_address(out, b" -d ", core.destination);
    print_interface(out, b" -i ", core.input);
    print_interface(out, b" -o ", core.output);
    print_protocol(out, core.protocol);
    match core.fragment {
        None => {}
        Some(true) => out.extend_from_slice(b" -f"),
        Some(false) => out.extend_from_slice(b" ! -f"),
    }
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
        out.extend_from_slice(value.as_bytes());
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

/// The name and the options of a match or target. One that libfw does not know is shown with its revision and bytes, so
/// that nothing is lost.
fn print_extension(out: &mut Vec<u8>, matching: &MatchRef<'_>) {
    out.extend_from_slice(matching.name());
    let start = out.len();
    if let Some(extension) = matching.extension() {
        let cx = &matching.cx();
        if (extension.code.visit)(matching.data(), cx, &mut SaveSink { out, cx }).is_ok() {
            return;
        }
        out.truncate(start);
    }
    out.extend_from_slice(b" --opaque ");
    decimal(out, matching.revision().into());
    out.push(b':');
    for byte in matching.data() {
        hex(out, u64::from(*byte), 2);
    }
}
