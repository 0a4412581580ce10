//! The one parser of extension options, and what a descriptor does with values whose type it need not know.

use std::cell::Cell;

use super::context::{RuleContext, System, context};
use super::datum::{Datum, OptionDatum, Shown};
use super::descriptor::{Extension, Needs, Payload, Place};
use super::erased::ErasedCodec;
use super::field::Input;
use super::given::Unread;
use super::options::{Form, Opt};
use super::print::{List, Sink, UNTOLD};
use super::print::{Printer, SaveSink, Style};
use crate::error::{BadValue, Misfit};
use crate::types::text::breaks_line;
use crate::{Error, Protocol, Result};

/// One option of an extension as the command line gives it.
#[derive(Clone, Copy)]
pub(crate) struct OptionText<'a> {
    /// Index into the option table.
    pub(crate) option: usize,
    /// The spelling that was used.
    pub(crate) name: &'static str,
    pub(crate) inverted: bool,
    pub(crate) words: [&'a [u8]; 2],
    /// The value, where it is given as one and not in words.
    pub(crate) datum: Option<&'a Datum>,
    /// The position on the command line, to order error messages.
    pub(crate) position: usize,
}

impl<'a> OptionText<'a> {
    fn words(&self, opt: &Opt) -> &[&'a [u8]] {
        &self.words[..usize::from(opt.words)]
    }

    /// The mistake of this value.
    #[cold]
    fn bad_value(&self, expected: BadValue, opt: &Opt) -> Error {
        match self.datum {
            Some(datum) => bad_value(expected, &[&datum.to_text(opt)]),
            None => bad_value(expected, self.words(opt)),
        }
    }
}

#[cold]
pub(super) fn bad_value(expected: BadValue, words: &[&[u8]]) -> Error {
    Error::bad_value(&String::from_utf8_lossy(&words.join(&b' ')), expected)
}

impl Extension {
    /// Options to bytes.
    pub(crate) fn build(
        &'static self,
        options: &[OptionText<'_>],
        cx: &RuleContext<'_>,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        (self.code.fresh)(&mut |value| {
            let seen = self.parse(value, options, cx).map_err(|(_, error)| error)?;
            // The checks of the extension come first, as in iptables.
            self.finish(value, seen, cx)?;
            self.check_table(seen, options)?;
            self.write(value, cx, out)
        })
    }

    /// The first value that cannot be read, and its position, for the order of error messages.
    pub(crate) fn probe(
        &'static self,
        options: &[OptionText<'_>],
        cx: &RuleContext<'_>,
    ) -> Option<(usize, Error)> {
        let mut first = None;
        // It cannot fail.
        let _ = (self.code.fresh)(&mut |value| {
            first = self.parse(value, options, cx).err();
            Ok(())
        });
        first
    }

    /// A typed value to bytes, with the checks that its options would have gone through; it is completed by that, to begin with
    /// by what is still to be read.
    pub(crate) fn encode(
        &'static self,
        value: &mut dyn ErasedCodec,
        unread: &Unread,
        cx: &RuleContext<'_>,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        unread.with_texts(self, |texts| self.parse(value, texts, cx).map_err(|(_, error)| error))?;
        let mut sink = SeenSink { options: self.options, seen: 0, cx, bad: None };
        value.save(&mut sink);
        if let Some((opt, text, expected)) = sink.bad {
            return Err(bad_value(expected, &[&text]).in_extension(self.name).at_option(opt.name));
        }
        let seen = sink.seen;
        self.check_table(seen, &[])?;
        self.finish(value, seen, cx)?;
        self.write(value, cx, out)
    }

    /// Bytes to options.
    pub(crate) fn visit(&self, bytes: &[u8], cx: &RuleContext<'_>, sink: &mut dyn Sink) -> Result<()> {
        self.decode(bytes, cx, &mut |value| {
            value.save(sink);
            Ok(())
        })
    }

    /// Bytes to the text of `-S`, and behind it the bytes that are made of what it says; returns where these begin.
    /// Nothing where the text would be refused.
    pub(crate) fn save(
        &'static self,
        bytes: &[u8],
        cx: &RuleContext<'_>,
        out: &mut Vec<u8>,
    ) -> Option<usize> {
        let mut end = None;
        (self.code.decode)(bytes, cx, &mut |value| {
            let mut sink =
                SaveSink { out: &mut *out, cx, options: self.options, seen: 0, out_of_range: false };
            value.save(&mut sink);
            let SaveSink { seen, out_of_range, .. } = sink;
            let text_end = out.len();
            if !self.masks.exact {
                let mut sink = Collect { cx, defaults: false, options: Vec::new() };
                value.save(&mut sink);
                let texts = sink.options.iter().enumerate().filter_map(|printed| self.text_of(printed));
                self.build(&texts.collect::<Vec<_>>(), cx, out)?;
            } else if out_of_range {
                return Ok(());
            } else {
                // The same without reading the text.
                self.check_table(seen, &[])?;
                self.finish(value, seen, cx)?;
                self.write(value, cx, out)?;
            }
            end = Some(text_end);
            Ok(())
        })
        .ok()?;
        end
    }

    /// Bytes to the text of `-L`.
    pub(crate) fn list(&self, bytes: &[u8], cx: &RuleContext<'_>, out: &mut List<'_>) -> Result<()> {
        self.decode(bytes, cx, &mut |value| {
            value.list(out);
            Ok(())
        })
    }

    /// Bytes of one revision to bytes of another, and indices of one list of names to those of another.
    pub(crate) fn convert(
        &self,
        bytes: &[u8],
        from: &RuleContext<'_>,
        to: &RuleContext<'_>,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        self.decode(bytes, from, &mut |value| self.write(value, to, out))
    }

    /// What the kernel would refuse at this place although each option is right.
    pub(crate) fn check(&self, bytes: &[u8], cx: &RuleContext<'_>, place: &Place<'_>) -> Result<()> {
        self.decode(bytes, cx, &mut |value| value.check(cx, place))
    }

    /// Options to those that are printed, without asking for what is missing: as they are, or `made` what is read from
    /// the data that they make.
    pub(super) fn show_draft(
        &'static self,
        options: &[OptionText<'_>],
        cx: &RuleContext<'_>,
        made: bool,
        sink: &mut dyn Sink,
    ) -> Result<()> {
        // Whether the value is completed; where that fails, it is shown as it was before.
        let ends = Cell::new(made);
        let mut show = |value: &mut dyn ErasedCodec| {
            let seen = self.parse(value, options, cx).map_err(|(_, error)| error)?;
            if ends.get() && self.finish(value, seen, cx).is_err() {
                ends.set(false);
                return Ok(());
            }
            // Names are only places of a list in data.
            let mut bytes = Vec::new();
            let is_read = made
                && !self.code.named
                && self.write(value, cx, &mut bytes).and_then(|()| self.visit(&bytes, cx, sink)).is_ok();
            if !is_read {
                value.save(sink);
            }
            Ok(())
        };
        (self.code.fresh)(&mut show)?;
        if made && !ends.get() { (self.code.fresh)(&mut show) } else { Ok(()) }
    }

    /// The options of a value that is in no rule.
    pub(super) fn given_in(&self, value: &dyn ErasedCodec) -> Collected {
        let cx = context(self.families.first(), Protocol::ANY.into(), System::offline());
        let mut sink = Collect { cx: &cx, defaults: false, options: Vec::new() };
        value.save(&mut sink);
        sink.options
    }

    /// Appends the options of a value that is in no rule as a rule has them.
    pub(super) fn show_in(&self, value: &dyn ErasedCodec, out: &mut Vec<u8>) {
        let cx = context(self.families.first(), Protocol::ANY.into(), System::offline());
        value.save(&mut SaveSink { out, cx: &cx, options: self.options, seen: 0, out_of_range: false });
        // What marks a value that no text tells, and stands in no text.
        out.retain(|byte| *byte != UNTOLD);
    }

    /// The options that a value has to begin with.
    pub(super) fn defaults_in(&self, cx: &RuleContext<'_>) -> Collected {
        let mut sink = Collect { cx, defaults: true, options: Vec::new() };
        // It cannot fail.
        let _ = (self.code.fresh)(&mut |value| {
            value.visit(&mut sink);
            Ok(())
        });
        sink.options
    }

    /// Reads the options into a fresh value and returns a bit for each that was given; on failure also says which option
    /// it was.
    fn parse(
        &'static self,
        value: &mut dyn ErasedCodec,
        options: &[OptionText<'_>],
        cx: &RuleContext<'_>,
    ) -> Result<u64, (usize, Error)> {
        let mut seen = 0u64;
        for text in options {
            let opt = &self.options[text.option];
            let bit = 1 << text.option;
            let fail = |error: Error| (text.position, error.in_extension(self.name).at_option(text.name));
            let taken = match opt.once {
                // Options with the same words about being given twice stand for one another.
                Some(_) => self.options.iter().enumerate().find_map(|(index, known)| {
                    (seen & 1 << index != 0 && known.once == opt.once).then_some(known)
                }),
                None => (seen & bit != 0 && !opt.repeats).then_some(opt),
            };
            if let Some(other) = taken {
                let misfit = match other.name == opt.name {
                    true => Misfit::Twice,
                    false => Misfit::TwiceBy { by: other.name },
                };
                return Err(fail(misfit.into()));
            }
            if text.inverted && !opt.negatable {
                return Err(fail(Misfit::Inverted.into()));
            }
            seen |= bit;
            if let Some(warning) = opt.old_name(text.name) {
                cx.warn(text.position, warning);
            }
            let input = Input { words: text.words, datum: text.datum, opt, cx, position: text.position };
            if let Err(expected) = value.set(text.option, text.inverted, &input) {
                return Err(fail(text.bad_value(expected, opt)));
            }
            if !opt.binary && text.words(opt).iter().any(|word| breaks_line(word)) {
                return Err(fail(text.bad_value(BadValue::Broken, opt)));
            }
            value.was_given(opt, cx).map_err(&fail)?;
        }
        Ok(seen)
    }

    /// Completes and checks a value for which the options of the mask were given.
    fn finish(&self, value: &mut dyn ErasedCodec, seen: u64, cx: &RuleContext<'_>) -> Result<()> {
        match self.needs.filter(|_| seen & self.masks.needed == 0) {
            Some(needs) => Err(Misfit::NeedsOneOf(needs.options).into()),
            None => value.finish(seen, cx),
        }
        .map_err(|error: Error| error.in_extension(self.name))
    }

    /// Checks the rules between options that the table states. Of two that do not go together the one that comes later is wrong,
    /// if they were read from texts.
    fn check_table(&self, seen: u64, texts: &[OptionText<'_>]) -> Result<()> {
        // Most options depend on no other; that is known when the library is built.
        if self.masks.required & !seen == 0 && self.masks.related & seen == 0 {
            return Ok(());
        }
        let has = |name: &str| {
            let mut known = self.options.iter().enumerate();
            known.find(|(index, opt)| opt.name == name && seen & 1 << index != 0)
        };
        for (index, opt) in self.options.iter().enumerate() {
            let fail = |misfit: Misfit| Err(Error::from(misfit).in_extension(self.name).at_option(opt.name));
            if seen & 1 << index == 0 {
                if opt.required {
                    return fail(Misfit::Missing);
                }
                continue;
            }
            if let Some(other) = opt.requires.iter().find(|other| has(other).is_none()) {
                return fail(Misfit::Needs { other });
            }
            if let Some((at, other)) = opt.excludes.iter().find_map(|other| has(other)) {
                let place = |option| texts.iter().rposition(|text| text.option == option);
                let turned = place(index) < place(at);
                let (wrong, beside) = if turned { (other, opt) } else { (opt, other) };
                let misfit = Misfit::Excludes { other: beside.name, formal: beside.formal(), turned };
                return Err(Error::from(misfit).in_extension(self.name).at_option(wrong.name));
            }
        }
        Ok(())
    }

    fn write(&self, value: &dyn ErasedCodec, cx: &RuleContext<'_>, out: &mut Vec<u8>) -> Result<()> {
        value.encode(cx, &mut Payload::new(out)).map_err(|error| error.in_extension(self.name))
    }

    /// Works on the value of the bytes.
    fn decode(
        &self,
        bytes: &[u8],
        cx: &RuleContext<'_>,
        work: &mut dyn FnMut(&mut dyn ErasedCodec) -> Result<()>,
    ) -> Result<()> {
        (self.code.decode)(bytes, cx, work).map_err(|error| error.in_extension(self.name))
    }

    /// An option that was printed, to be read.
    fn text_of<'a>(
        &self,
        (position, (opt, inverted, value)): (usize, &'a (&'static Opt, bool, Vec<u8>)),
    ) -> Option<OptionText<'a>> {
        let option = self.options.iter().position(|known| known.name == opt.name)?;
        Some(OptionText {
            option,
            name: opt.name,
            inverted: *inverted,
            words: words(opt.words, value).ok()?,
            datum: None,
            position,
        })
    }
}

/// What the option table says about all options at once, with a bit for each.
#[derive(Clone, Copy)]
pub(crate) struct Masks {
    /// Those that must be given.
    required: u64,
    /// Those that need or exclude others.
    related: u64,
    /// Those one of which must be given.
    needed: u64,
    /// Whether no value of any of them can be printed as what it is not.
    exact: bool,
}

impl Masks {
    pub(crate) const fn of(options: &[Opt], needs: Option<Needs>) -> Masks {
        assert!(options.len() <= 64, "a bit for each option");
        let mut masks = Masks { required: 0, related: 0, needed: 0, exact: true };
        let mut at = 0;
        while at < options.len() {
            let (opt, bit) = (&options[at], 1 << at);
            if opt.required {
                masks.required |= bit;
            }
            if !opt.requires.is_empty() || !opt.excludes.is_empty() {
                masks.related |= bit;
            }
            masks.exact &= opt.exact;
            at += 1;
        }
        if let Some(needs) = needs {
            masks.needed = if needs.any { u64::MAX } else { places(options, needs.options) };
        }
        masks
    }
}

/// Where options of these names stand.
const fn places(options: &[Opt], names: &[&str]) -> u64 {
    let (mut mask, mut at) = (0, 0);
    while at < names.len() {
        let mut option = 0;
        while !same(options[option].name, names[at]) {
            option += 1;
        }
        mask |= 1 << option;
        at += 1;
    }
    mask
}

pub(super) const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

/// Notes which options a value has, and the first whose value it does not take.
struct SeenSink<'a> {
    options: &'static [Opt],
    seen: u64,
    cx: &'a RuleContext<'a>,
    bad: Option<(&'static Opt, Vec<u8>, BadValue)>,
}

impl Sink for SeenSink<'_> {
    fn option(&mut self, opt: &'static Opt, _: bool, print: &dyn Fn(&mut Printer<'_>)) {
        if let Some(index) = self.options.iter().position(|known| known.name == opt.name) {
            self.seen |= 1 << index;
        }
        if opt.kind.form == Form::Integer && self.bad.is_none() {
            let mut out = Vec::new();
            print(&mut Printer { out: &mut out, style: Style::Value, bare: true, cx: self.cx });
            let left_out = opt.optional && out.is_empty();
            if !left_out && !opt.takes(&out, self.cx.family) {
                let (min, max) = (opt.min, opt.max_of(self.cx.family));
                self.bad = Some((opt, out, BadValue::Number { min, max, near: None }));
            }
        }
    }

    fn value(&mut self, opt: &'static Opt, inverted: bool, value: &dyn Shown) {
        if let Err(expected) = value.check(opt, self.cx)
            && self.bad.is_none()
        {
            let mut out = Vec::new();
            value.print(&mut Printer { out: &mut out, style: Style::Value, bare: true, cx: self.cx });
            self.bad = Some((opt, out, expected));
        }
        self.option(opt, inverted, &|out| value.print(out));
    }
}

/// The words of a value. Of two the first may have spaces in it.
pub(crate) fn words(count: u8, value: &[u8]) -> Result<[&[u8]; 2], BadValue> {
    if count < 2 {
        return Ok([value, &[]]);
    }
    let space = value.iter().rposition(|byte| *byte == b' ').ok_or(BadValue::TwoWords)?;
    Ok([&value[..space], &value[space + 1..]])
}

/// Options, whether each is inverted, and the text of its value.
pub(crate) type Collected = Vec<(&'static Opt, bool, Vec<u8>)>;

/// Notes options by name.
pub(super) struct Collect<'a> {
    pub(super) cx: &'a RuleContext<'a>,
    pub(super) defaults: bool,
    pub(super) options: Collected,
}

impl Sink for Collect<'_> {
    fn wants_defaults(&self) -> bool {
        self.defaults
    }

    fn option(&mut self, opt: &'static Opt, inverted: bool, print: &dyn Fn(&mut Printer<'_>)) {
        let mut value = Vec::new();
        print(&mut Printer { out: &mut value, style: Style::Value, bare: true, cx: self.cx });
        self.options.push((opt, inverted, value));
    }
}

/// The options of a payload by name, on demand with those that have their default value.
pub(crate) fn collect(
    extension: &'static Extension,
    bytes: &[u8],
    defaults: bool,
    cx: &RuleContext<'_>,
) -> Result<Collected> {
    let mut sink = Collect { cx, defaults, options: Vec::new() };
    extension.visit(bytes, cx, &mut sink)?;
    Ok(sink.options)
}

/// Options, whether each is inverted, and its value.
pub(crate) type Values = Vec<OptionDatum>;

/// Notes the values of options.
pub(super) struct CollectValues<'a> {
    pub(super) cx: &'a RuleContext<'a>,
    pub(super) values: Values,
}

impl Sink for CollectValues<'_> {
    fn wants_defaults(&self) -> bool {
        true
    }

    fn option(&mut self, opt: &'static Opt, inverted: bool, print: &dyn Fn(&mut Printer<'_>)) {
        let mut text = Vec::new();
        print(&mut Printer { out: &mut text, style: Style::Value, bare: true, cx: self.cx });
        self.values.push(OptionDatum { opt, inverted, value: Datum::of_text(opt.kind, text) });
    }

    fn value(&mut self, opt: &'static Opt, inverted: bool, value: &dyn Shown) {
        self.values.push(OptionDatum { opt, inverted, value: value.datum(self.cx) });
    }
}

/// The values of a payload by name, defaults included.
pub(crate) fn values(extension: &'static Extension, bytes: &[u8], cx: &RuleContext<'_>) -> Result<Values> {
    let mut sink = CollectValues { cx, values: Vec::with_capacity(4) };
    extension.visit(bytes, cx, &mut sink)?;
    Ok(sink.values)
}

/// The error that stands first on the command line among those of extensions still being read, and its position.
pub(crate) fn first_bad_value<'a>(
    pending: impl Iterator<Item = (&'static Extension, Vec<OptionText<'a>>)>,
    cx: &RuleContext<'_>,
) -> Option<(usize, Error)> {
    pending
        .filter_map(|(extension, options)| extension.probe(&options, cx))
        .min_by_key(|(position, _)| *position)
}
