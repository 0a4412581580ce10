//! Lines that append a rule and differ from others in plain values alone.
//!
//! Programs write lines of a few shapes: the same words, and in them other addresses, ports, chains, comments. The first line of a
//! shape is parsed in full, and what has come of it is kept as a template: the text around the values, and the entry. Of the
//! next line only the values are read, into a copy of the entry. Whatever is unusual about a line is left to the parser, errors
//! and warnings among it.

use std::ops::Range;

use super::{Jump, RuleDraft};
use crate::blob::{self, Entry, Kind, Layout, put_at, put_counters};
use crate::ext::ExtensionKind;
use crate::rule::grammar::args::{Args, TextSpan, quote, word_end};
use crate::rule::grammar::parser::Parsed;
use crate::rule::grammar::place::{Place, lacks_interfaces};
use crate::rule::grammar::recent::Recent;
use crate::rule::names;
use crate::types::{CHAIN_NAME_MAX, Counters, Family, order};

/// To learn a shape takes as long as so many lines of known shapes save.
const WORTH: usize = 3;

/// The shapes of the lines of one table.
#[derive(Default)]
pub(crate) struct Shapes(Recent<Shape>);

impl Shapes {
    /// Forgets all: a name may mean something else from now on.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The rule of the line that a text begins with, if it is whole and its shape is known.
    #[inline]
    pub(crate) fn read<'a>(&mut self, text: &'a [u8], counters: Counters) -> Option<Read<'a, '_>> {
        let (shape, filled) = self.0.find(|shape| shape.fill(text))?;
        if shape.counters != counters {
            shape.counters = counters;
            put_counters(shape.family, &mut shape.entry, counters);
        }
        Some(Read { filled, shape })
    }

    /// Whether it seems worth to learn the shape of one more line.
    pub(crate) fn is_worth(&self) -> bool {
        self.0.is_worth(WORTH)
    }

    /// Adds the shape of a line that the parser has read.
    pub(crate) fn learn(&mut self, shape: Shape) {
        self.0.learn(shape);
    }
}

/// A line of a known shape.
pub(crate) struct Read<'a, 's> {
    pub(crate) filled: Filled<'a>,
    shape: &'s mut Shape,
}

/// What it says beside the values.
#[derive(Clone, Copy)]
pub(crate) struct Filled<'a> {
    /// The chain that the rule is appended to.
    pub(crate) chain: &'a [u8],
    /// The chain that it goes to.
    pub(crate) jump: Option<&'a [u8]>,
    /// The length of the line.
    pub(crate) len: usize,
}

impl Read<'_, '_> {
    /// The entry, which goes to the chain of that index if it goes to a chain, and what it has in common with others.
    pub(crate) fn entry(&mut self, jump: Option<u32>) -> (&[u8], Kind<'_>) {
        let Shape { entry, verdict, number, ranges, .. } = &mut *self.shape;
        if let Some(chain) = jump {
            put_at(entry, *verdict, &blob::EntryVerdict::Jump(chain).raw().to_ne_bytes());
        }
        (entry, Kind { number, values: ranges })
    }

    /// Whether the next commit has to look at the hooks of the rule.
    pub(crate) fn late(&self) -> bool {
        self.shape.late
    }
}

/// A line, and the rule it makes.
pub(crate) struct Shape {
    family: Family,
    /// All that stands around the values.
    text: Vec<u8>,
    values: Vec<Value>,
    /// What of the text stands behind the last value.
    end: Range<usize>,
    entry: Vec<u8>,
    /// Where the entry has its verdict.
    verdict: usize,
    counters: Counters,
    late: bool,
    /// Whether it asks for an interface, which some chains do not have.
    by_interface: bool,
    /// The bytes of the entry that differ from line to line, and the number under which the table knows the kind.
    ranges: Vec<Range<usize>>,
    number: Option<u16>,
}

/// A value that differs from line to line.
struct Value {
    /// What of the text stands before it.
    before: Range<usize>,
    /// Whether it is between double quotes.
    quoted: bool,
    kind: What,
}

#[derive(Clone, Copy)]
enum What {
    /// The chain that the rule is appended to.
    Chain,
    /// The chain that it goes to.
    Jump,
    /// A value of the entry.
    In(Place),
}

impl Shape {
    /// The same for lines that have counters of their own.
    pub(crate) fn counted(mut self) -> Shape {
        let counters = Layout::of(self.family).counters;
        self.ranges.push(counters..counters + size_of::<Counters>());
        self
    }

    /// Reads the values of a line.
    fn fill<'a>(&mut self, text: &'a [u8]) -> Option<Filled<'a>> {
        let (mut chain, mut jump) = (None, None);
        let mut rest = text;
        for value in &self.values {
            rest = rest.strip_prefix(&self.text[value.before.clone()])?;
            let end = match value.quoted {
                true => Some(quote(rest)?),
                false if matches!(value.kind, What::In(place) if place.ends()) => None,
                false => Some(word_end(rest, 0)),
            };
            let word = end.map_or(rest, |end| &rest[..end]);
            let len = match value.kind {
                What::Chain => chain.insert(word).len(),
                What::Jump => jump.insert(word).len(),
                What::In(place) => place.read(word, &mut self.entry)?,
            };
            if end.is_some_and(|end| end != len) {
                return None;
            }
            rest = &rest[len..];
        }
        let len = text.len() - rest.strip_prefix(&self.text[self.end.clone()])?.len();
        let chain = chain.filter(|chain| is_plain_name(chain))?;
        let lacking = self.by_interface && lacks_interfaces(chain);
        let to_chain = |name: &[u8]| is_plain_name(name) && !names::is_target(name, self.family);
        (!lacking && jump.is_none_or(to_chain)).then_some(Filled { chain, jump, len })
    }
}

/// Whether a word stands for the chain of that name.
fn is_plain_name(word: &[u8]) -> bool {
    word.len() <= CHAIN_NAME_MAX && !matches!(word, [] | [b'-' | b'!', ..])
}

impl RuleDraft {
    /// The shape of the line that the rule was read from, as it was before words were unescaped and from a position on. `late`
    /// says whether the commit has to look at the hooks of the rule. Nothing where the line has no shape.
    pub(crate) fn shape(
        &self,
        parsed: &Parsed,
        args: Args<'_>,
        original: &[u8],
        start: usize,
        late: bool,
    ) -> Option<Shape> {
        // The end of the line belongs to it.
        if !original.ends_with(b"\n") {
            return None;
        }
        let mut places = vec![(parsed.chain?, What::Chain)];
        match self.jump {
            Jump::Chain(span) | Jump::Goto(span) => places.push((span, What::Jump)),
            Jump::None | Jump::Verdict(_) | Jump::Extension(..) => {}
            Jump::Opaque(_) => return None,
        }
        let names = places.len();
        let values = self.header_places().into_iter().chain(self.extension_places(args)?);
        places.extend(values.map(|(span, place)| (span, What::In(place))));
        order::sort_by_key(&mut places, |((start, _), _)| *start);
        let mut shape = Shape {
            family: self.family,
            text: Vec::new(),
            values: Vec::new(),
            end: 0..0,
            entry: self.bytes.clone(),
            verdict: self.target_offset + blob::VERDICT_OFFSET,
            counters: self.header.counters,
            late,
            by_interface: self.interfaces.iter().any(Option::is_some),
            ranges: Vec::new(),
            number: None,
        };
        let mut named = 0;
        let mut from = start;
        for (span, kind) in places {
            let word = args.slice(span);
            let (is_name, is_plain) = match kind {
                What::Chain | What::Jump => (true, true),
                What::In(place) => (false, place.reads_back(word, &shape.entry)),
            };
            let Some(quoted) = is_quoted(original, span, word, from) else { continue };
            if (quoted && is_name) || !is_plain {
                continue;
            }
            named += usize::from(is_name);
            match kind {
                What::Chain | What::Jump => {}
                What::In(place) => {
                    shape.ranges.extend(place.bytes().into_iter().filter(|range| !range.is_empty()));
                }
            }
            let before = shape.text.len();
            shape.text.extend_from_slice(&original[from..span.0 as usize]);
            shape.values.push(Value { before: before..shape.text.len(), quoted, kind });
            from = span.1 as usize;
        }
        let before = shape.text.len();
        shape.text.extend_from_slice(&original[from..]);
        shape.end = before..shape.text.len();
        // A chain that is part of the text would be the same whatever becomes of its name.
        (named == names).then_some(shape)
    }

    /// The values of the header.
    fn header_places(&self) -> Vec<(TextSpan, Place)> {
        let span = |given: Option<(TextSpan, bool)>| given.map(|(span, _)| span);
        let given = [span(self.source), span(self.destination), self.interfaces[0], self.interfaces[1]];
        let places = Place::addresses(self.family).into_iter().chain(Place::interfaces(self.family));
        given.into_iter().zip(places).filter_map(|(span, place)| Some((span?, place))).collect()
    }

    /// The plain values of matches and target; nothing if one has only bytes.
    fn extension_places(&self, args: Args<'_>) -> Option<Vec<(TextSpan, Place)>> {
        let entry = Entry::new(self.family, &self.bytes);
        let target = match self.jump {
            Jump::Extension(target, _) => Some(target),
            _ => None,
        };
        let mut matches = entry.matches();
        let mut places = Vec::new();
        for (at, loaded) in self.loaded.iter().enumerate() {
            let extension = loaded.extension?;
            let part = match extension.kind {
                ExtensionKind::Match => matches.next()?,
                ExtensionKind::Target if Some(at) == target => entry.target(),
                // There is a chain of its name.
                ExtensionKind::Target => return None,
            };
            for (plain, place) in Place::of_extension(extension, entry, part) {
                let items = self.items.iter().filter(|item| item.loaded == at);
                let items = items.filter(|item| extension.options[item.option].name == plain.option);
                let reads = |span: &TextSpan| place.reads_back(args.slice(*span), &self.bytes);
                places.extend(items.map(|item| item.words[0]).filter(reads).map(|span| (span, place)));
            }
        }
        Some(places)
    }
}

/// Whether a word is between double quotes in the line as it was; nothing if it is not a word by itself, or was written in another
/// way.
fn is_quoted(original: &[u8], (start, end): TextSpan, word: &[u8], from: usize) -> Option<bool> {
    let (start, end) = (start as usize, end as usize);
    if start <= from || original.get(start..end) != Some(word) {
        return None;
    }
    match (original[start - 1], original.get(end)?) {
        (b' ', b' ' | b'\n') => Some(false),
        (b'"', b'"') => Some(true),
        _ => None,
    }
}
