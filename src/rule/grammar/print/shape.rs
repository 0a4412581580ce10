//! Rules that differ in plain values alone are printed from one text: the counterpart of the shapes of lines. It does not matter
//! here whether they are printed as commands or as a listing: that is the [`Way`].
//!
//! Which bytes of an entry a value comes from is known where the value has a [`Place`]; where it stands in the text is found out
//! by trial, with another value in its place. All other bytes must be those of the rule that the text was made of.

use std::ops::Range;

use super::{Form, print_rule};
use crate::blob::{Entry, Layout, verdict_at};
use crate::ext::{ExtensionKind, index};
use crate::rule::grammar::args::OPAQUE;
use crate::rule::grammar::place::{Place, lacks_interfaces};
use crate::rule::grammar::recent::Recent;
use crate::rule::{RuleRef, names};
use crate::types::text::breaks_line;
use crate::types::{Family, order};

/// To learn a shape takes as long as so many rules of known shapes save: it is printed with other values, one after the other.
const WORTH: usize = 10;
/// The longest text of which is known that a line can hold it, whatever the values are.
const TEXT_MAX: usize = 1000;
/// The name of a chain that is tried.
const SAMPLE: &[u8] = b"some-chain";

/// How rules are printed.
pub(crate) trait Way: Copy {
    /// Appends the text of a rule.
    fn write(self, out: &mut Vec<u8>, rule: &RuleRef<'_>);
    /// Appends a value of an entry as it stands in the text, if it is a plain one.
    fn value(self, place: Place, entry: &[u8], out: &mut Vec<u8>) -> Option<()>;
    /// Appends the name of the chain that a rule goes to.
    fn jump(self, out: &mut Vec<u8>, name: &[u8], family: Family);
    /// Whether rules make their texts from nothing but plain values and what is the same in all of them. `asks` for an interface.
    fn is_plain(self, asks: bool) -> bool;
}

impl Way for Form<'_> {
    fn write(self, out: &mut Vec<u8>, rule: &RuleRef<'_>) {
        print_rule(out, rule, self);
    }

    #[inline]
    fn value(self, place: Place, entry: &[u8], out: &mut Vec<u8>) -> Option<()> {
        place.print(entry, out)
    }

    #[inline]
    fn jump(self, out: &mut Vec<u8>, name: &[u8], family: Family) {
        names::print(out, name, family, self.utf8);
    }

    fn is_plain(self, asks: bool) -> bool {
        !(self.counters || self.utf8 || asks && lacks_interfaces(self.chain))
    }
}

/// Prints the rules of one table.
#[derive(Default)]
pub(crate) struct Printed(Recent<Shape>);

impl Printed {
    /// Appends the text of a rule, as the way does that all rules are printed in.
    pub(crate) fn print(&mut self, out: &mut Vec<u8>, rule: &RuleRef<'_>, way: impl Way) {
        if self.0.find(|shape| shape.print(out, rule, way)).is_some() {
            return;
        }
        let start = out.len();
        way.write(out, rule);
        // Rules for ARP are few.
        if rule.family() != Family::Arp
            && self.0.is_worth(WORTH)
            && let Some(shape) = Shape::new(&out[start..], rule, way)
        {
            self.0.learn(shape);
        }
    }
}

/// An entry, and the text it makes.
struct Shape {
    entry: Vec<u8>,
    /// The bytes of the entry that belong to no value and make the text what it is.
    fixed: Vec<Range<usize>>,
    /// All that stands around the values.
    text: Vec<u8>,
    values: Vec<Value>,
    /// What of the text stands behind the last value.
    end: Range<usize>,
    by_interface: bool,
}

struct Value {
    /// What of the text stands before it.
    before: Range<usize>,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    /// The chain that the rule goes to.
    Jump,
    /// A value of the entry.
    In(Place),
}

impl Shape {
    /// Prints a rule if it is one of this shape.
    #[inline]
    fn print(&self, out: &mut Vec<u8>, rule: &RuleRef<'_>, way: impl Way) -> Option<()> {
        let bytes = rule.entry.bytes;
        let is_it = bytes.len() == self.entry.len()
            && self.fixed.iter().all(|range| bytes[range.clone()] == self.entry[range.clone()])
            && (!self.by_interface || way.is_plain(true));
        let start = out.len();
        let printed = is_it.then(|| self.fill(out, rule, way)).flatten();
        if printed.is_none() {
            out.truncate(start);
        }
        printed
    }

    fn fill(&self, out: &mut Vec<u8>, rule: &RuleRef<'_>, way: impl Way) -> Option<()> {
        for value in &self.values {
            out.extend_from_slice(&self.text[value.before.clone()]);
            match value.kind {
                Kind::Jump => way.jump(out, rule.jump?, rule.family()),
                Kind::In(place) => way.value(place, rule.entry.bytes, out)?,
            }
        }
        out.extend_from_slice(&self.text[self.end.clone()]);
        Some(())
    }

    /// The shape of a rule of which this is the text. Nothing where it is an unusual one.
    fn new(text: &[u8], rule: &RuleRef<'_>, way: impl Way) -> Option<Shape> {
        let is_opaque = text.windows(OPAQUE.len()).any(|part| part == OPAQUE);
        let is_usual = text.len() <= TEXT_MAX && !is_opaque && !breaks_line(text) && rule.names.is_none();
        if !is_usual || !way.is_plain(asks(rule)) {
            return None;
        }
        let (entry, family) = (rule.entry, rule.family());
        let extensions = entry.matches().map(|part| (ExtensionKind::Match, part));
        let target = entry.verdict().is_none().then(|| (ExtensionKind::Target, entry.target()));
        let plain = extensions.chain(target).filter_map(|(kind, part)| {
            let extension = index::find(kind, part.name, family)?;
            Some(Place::of_extension(extension, entry, part).map(|(_, place)| place))
        });
        let places =
            Place::addresses(family).into_iter().chain(Place::interfaces(family)).chain(plain.flatten());
        let mut found: Vec<(Range<usize>, Kind)> = Vec::new();
        let mut fixed = Fixed::new(entry);
        for place in places {
            let [first, second] = place.bytes();
            // Of two places of the same bytes the first that is right counts.
            let is_free = fixed.has(&first) && fixed.has(&second);
            if let Some(range) = is_free.then(|| in_text(place, text, rule, way)).flatten() {
                found.push((range, Kind::In(place)));
                fixed.take(first);
                fixed.take(second);
            }
        }
        if rule.jump.is_some() {
            let verdict = verdict_at(entry);
            found.push((of_jump(text, rule, way)?, Kind::Jump));
            fixed.take(verdict..verdict + size_of::<u32>());
        }
        order::sort_by_key(&mut found, |(range, _)| range.start);
        let mut shape = Shape {
            entry: entry.bytes.to_vec(),
            fixed: fixed.ranges(),
            text: Vec::new(),
            values: Vec::new(),
            end: 0..0,
            by_interface: asks(rule),
        };
        let mut from = 0;
        for (range, kind) in found {
            let before = shape.text.len();
            shape.text.extend_from_slice(text.get(from..range.start)?);
            shape.values.push(Value { before: before..shape.text.len(), kind });
            from = range.end;
        }
        let before = shape.text.len();
        shape.text.extend_from_slice(text.get(from..)?);
        shape.end = before..shape.text.len();
        Some(shape)
    }
}

/// Whether a rule asks for an interface.
fn asks(rule: &RuleRef<'_>) -> bool {
    let header = rule.header();
    [header.input, header.output].iter().any(|interface| interface.inverted || !interface.value.is_any())
}

/// Where a value stands in the text of a rule, found by another value in its place.
fn in_text(place: Place, text: &[u8], rule: &RuleRef<'_>, way: impl Way) -> Option<Range<usize>> {
    let mut value = Vec::new();
    way.value(place, rule.entry.bytes, &mut value)?;
    let [sample, printed] = place.samples().into_iter().find_map(|sample| {
        let mut bytes = rule.entry.bytes.to_vec();
        place.read(sample.as_bytes(), &mut bytes)?;
        let mut printed = Vec::new();
        way.value(place, &bytes, &mut printed)?;
        (printed != value).then_some([bytes, printed])
    })?;
    let mut other = Vec::new();
    way.write(&mut other, &RuleRef { entry: Entry::new(rule.family(), &sample), ..*rule });
    difference(text, &value, &other, &printed)
}

/// The same for the chain that the rule goes to.
fn of_jump(text: &[u8], rule: &RuleRef<'_>, way: impl Way) -> Option<Range<usize>> {
    let family = rule.family();
    let (mut value, mut printed, mut other) = (Vec::new(), Vec::new(), Vec::new());
    way.jump(&mut value, rule.jump?, family);
    let sample = if rule.jump == Some(SAMPLE) { b"other".as_slice() } else { SAMPLE };
    way.jump(&mut printed, sample, family);
    way.write(&mut other, &RuleRef { jump: Some(sample), ..*rule });
    difference(text, &value, &other, &printed)
}

/// The one place where a value stands in a text, if there another text has the other value and they are the same around it.
fn difference(text: &[u8], value: &[u8], other: &[u8], other_value: &[u8]) -> Option<Range<usize>> {
    let common = text.iter().zip(other).take_while(|(a, b)| a == b).count();
    let mut places = (0..=common).filter(|at| {
        let rest = text[*at..].strip_prefix(value);
        rest.is_some() && rest == other[*at..].strip_prefix(other_value)
    });
    let at = places.next()?;
    places.next().is_none().then(|| at..at + value.len())
}

/// The bytes of an entry that must be the same.
struct Fixed(Vec<bool>);

impl Fixed {
    fn new(entry: Entry<'_>) -> Fixed {
        let mut fixed = Fixed(vec![true; entry.bytes.len()]);
        let layout = Layout::of(entry.family);
        // What says nothing about the text: the counters, and the kernel's own notes.
        fixed.take(layout.nfcache..layout.nfcache + size_of::<u32>());
        fixed.take(layout.next_offset + size_of::<u16>()..layout.entry);
        fixed
    }

    fn has(&self, range: &Range<usize>) -> bool {
        self.0.get(range.clone()).is_some_and(|bytes| bytes.iter().all(|fixed| *fixed))
    }

    fn take(&mut self, range: Range<usize>) {
        self.0.get_mut(range).into_iter().flatten().for_each(|fixed| *fixed = false);
    }

    fn ranges(&self) -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for at in (0..self.0.len()).filter(|at| self.0[*at]) {
            match ranges.last_mut() {
                Some(last) if last.end == at => last.end += 1,
                _ => ranges.push(at..at + 1),
            }
        }
        ranges
    }
}
