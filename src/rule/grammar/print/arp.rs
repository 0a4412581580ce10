//! A rule for ARP as arptables prints it: the target first, its options last.

use super::{Form, is_told, print_bang, print_extension, print_interface};
use crate::ext::values::list_address;
use crate::ext::{Opt, Printer, RuleContext, Sink, Style};
use crate::rule::{RuleRef, TargetRef, names};
use crate::types::{AddrMask, Interface, Inv};

/// What a listing shows, beside what a save file does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ArpListing {
    pub(crate) numeric: bool,
    pub(crate) interfaces: bool,
}

/// Appends the options that make a rule, each with a space before it; with a listing, as `-L` shows them.
pub(crate) fn print_arp(out: &mut Vec<u8>, rule: &RuleRef<'_>, form: Form<'_>, listing: Option<ArpListing>) {
    let numeric = listing.is_none_or(|listing| listing.numeric);
    let header = rule.header();
    // Behind an option, this inverts what follows.
    let is_bang = |interface: &Inv<Interface>| interface.value.as_bytes() == b"!";
    let told = is_told(&header, form) && ![&header.input, &header.output].into_iter().any(is_bang);
    // Behind the target it would be read as its bytes.
    if !told {
        super::print_opaque_header(out, rule);
    }
    let mut target = Vec::new();
    match rule.target() {
        TargetRef::None => {}
        TargetRef::Verdict(verdict) => target.extend_from_slice(verdict.name().as_bytes()),
        TargetRef::Jump(chain) | TargetRef::Goto(chain) => {
            names::print(&mut target, chain, rule.family(), form.utf8)
        }
        TargetRef::Extension(extension) => {
            let clashes = form.clashing.contains(&extension.name());
            print_extension(&mut target, &extension, Form { opaque: form.opaque || clashes, ..form });
        }
    }
    let end = target.iter().position(|byte| *byte == b' ').unwrap_or(target.len());
    let (name, options) = target.split_at(end);
    if !name.is_empty() {
        out.extend_from_slice(b" -j ");
        out.extend_from_slice(name);
    }
    if told {
        let any = listing
            .filter(|listing| listing.interfaces)
            .map(|listing| if listing.numeric { "*" } else { "any" });
        interface(out, b" -i ", header.input, any);
        interface(out, b" -o ", header.output, any);
    }
    let fields = fields(rule, if numeric { Style::Save } else { Style::List });
    let field = |out: &mut Vec<u8>, wanted: &dyn Fn(&str) -> bool| {
        fields.iter().filter(|(name, _)| wanted(name)).for_each(|(_, text)| out.extend_from_slice(text));
    };
    let address = |out: &mut Vec<u8>, option: &[u8], address: Inv<AddrMask>| {
        if !told || address.value.is_any() && !address.inverted {
            return;
        }
        print_bang(out, address.inverted);
        out.extend_from_slice(option);
        list_address(out, address.value, numeric);
    };
    address(out, b" -s ", header.source);
    field(out, &|name| name == "src-mac");
    address(out, b" -d ", header.destination);
    field(out, &|name| name == "dst-mac");
    field(out, &|name| !matches!(name, "src-mac" | "dst-mac"));
    out.extend_from_slice(options);
}

fn interface(out: &mut Vec<u8>, option: &[u8], interface: Inv<Interface>, any: Option<&str>) {
    let is_any = interface.value.is_any() && !interface.inverted;
    match any.filter(|_| is_any) {
        Some(any) => {
            out.extend_from_slice(option);
            out.extend_from_slice(any.as_bytes());
        }
        None => print_interface(out, option, interface),
    }
}

/// The options about the fields of the packet, each with its name.
fn fields(rule: &RuleRef<'_>, style: Style) -> Vec<(&'static str, Vec<u8>)> {
    let mut found = Vec::new();
    for matching in rule.matches() {
        let Some(extension) = matching.extension() else { continue };
        let cx = &matching.cx();
        let mut sink = Fields { found: &mut found, style, cx };
        // What is not to be understood would not have been written.
        let _ = extension.visit(matching.data(), cx, &mut sink);
    }
    found
}

struct Fields<'a> {
    found: &'a mut Vec<(&'static str, Vec<u8>)>,
    style: Style,
    cx: &'a RuleContext<'a>,
}

impl Sink for Fields<'_> {
    fn option(&mut self, opt: &'static Opt, inverted: bool, print: &dyn Fn(&mut Printer<'_>)) {
        let mut out = if inverted { b" ! --".to_vec() } else { b" --".to_vec() };
        out.extend_from_slice(opt.name.as_bytes());
        out.push(b' ');
        print(&mut Printer { out: &mut out, style: self.style, bare: true, cx: self.cx });
        self.found.push((opt.name, out));
    }
}
