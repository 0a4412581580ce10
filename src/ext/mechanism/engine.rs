//! The one parser of extension options, and the functions that make a descriptor work for a type.

use super::context::RuleContext;
use super::datum::{Datum, Shown};
use super::descriptor::Extension;
use super::descriptor::{Codec, ErasedValue, Payload, Place};
use super::field::Input;
use super::options::{Form, Opt};
use super::print::{List, Sink};
use super::print::{Printer, SaveSink, Style};
use crate::error::{BadValue, Misfit, Warning};
use crate::types::text::breaks_line;
use crate::{Error, Result};

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

/// Reads the options into a value; on failure also says which option it was.
fn parse<T: Codec>(options: &[OptionText<'_>], cx: &RuleContext<'_>) -> Result<(T, u64), (usize, Error)> {
    let mut value = T::default();
    let mut seen = 0u64;
    for text in options {
        let opt = &T::OPTIONS[text.option];
        let bit = 1 << text.option;
        let fail =
            |error: Error| (text.position, error.in_extension(T::extension().name).at_option(text.name));
        let taken = match opt.once {
            // Options with the same words about being given twice stand for one another.
            Some(_) => T::OPTIONS.iter().enumerate().find_map(|(index, known)| {
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
        if let Some((option, words)) = opt.deprecated.filter(|(spelling, _)| *spelling == text.name) {
            cx.warn(text.position, Warning::OldName { option, words });
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
    Ok((value, seen))
}

#[cold]
fn bad_value(expected: BadValue, words: &[&[u8]]) -> Error {
    Error::bad_value(&String::from_utf8_lossy(&words.join(&b' ')), expected)
}

/// Options to bytes.
pub(crate) fn build<T: Codec>(
    options: &[OptionText<'_>],
    cx: &RuleContext<'_>,
    out: &mut Vec<u8>,
) -> Result<()> {
    let (mut value, seen) = parse::<T>(options, cx).map_err(|(_, error)| error)?;
    // The checks of the extension come first, as in iptables.
    finish(&mut value, seen, cx)?;
    check_table::<T>(seen)?;
    write(&value, cx, out)
}

/// The first value that cannot be read.
pub(crate) fn probe<T: Codec>(options: &[OptionText<'_>], cx: &RuleContext<'_>) -> Option<(usize, Error)> {
    parse::<T>(options, cx).err()
}

/// A typed value to bytes, with the checks that its options would have gone through.
pub(crate) fn encode<T: Codec>(value: &T, cx: &RuleContext<'_>, out: &mut Vec<u8>) -> Result<()> {
    let mut sink = SeenSink { options: T::OPTIONS, seen: 0, cx, bad: None };
    value.save(&mut sink);
    if let Some((opt, text, expected)) = sink.bad {
        return Err(bad_value(expected, &[&text]).in_extension(T::extension().name).at_option(opt.name));
    }
    check_table::<T>(sink.seen)?;
    let mut value = value.clone();
    finish(&mut value, sink.seen, cx)?;
    write(&value, cx, out)
}

/// Completes and checks a value for which the options of the mask were given.
fn finish<T: Codec>(value: &mut T, seen: u64, cx: &RuleContext<'_>) -> Result<()> {
    let lacking = match const { &T::NEEDS } {
        Some(needs) => (seen & const { needed::<T>() } == 0).then_some(needs),
        None => None,
    };
    match lacking {
        Some(needs) => Err(Misfit::NeedsOneOf(needs.options).into()),
        None => value.finish(seen, cx),
    }
    .map_err(|error: Error| error.in_extension(T::extension().name))
}

/// The options one of which must be given.
const fn needed<T: Codec>() -> u64 {
    let Some(needs) = T::NEEDS else { return 0 };
    if needs.any {
        return u64::MAX;
    }
    let (mut mask, mut at) = (0, 0);
    while at < needs.options.len() {
        let mut option = 0;
        while !same(T::OPTIONS[option].name, needs.options[at]) {
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

fn write<T: Codec>(value: &T, cx: &RuleContext<'_>, out: &mut Vec<u8>) -> Result<()> {
    value.encode(cx, &mut Payload::new(out)).map_err(|error| error.in_extension(T::extension().name))
}

/// Checks the rules between options that the table states.
fn check_table<T: Codec>(seen: u64) -> Result<()> {
    const { assert!(T::OPTIONS.len() <= 64) };
    // Most options depend on no other; that is known when the library is built.
    let (required, related) = const { dependencies(T::OPTIONS) };
    if required & !seen == 0 && related & seen == 0 {
        return Ok(());
    }
    let ext = T::extension().name;
    let has = |name: &str| {
        T::OPTIONS.iter().enumerate().find(|(index, opt)| opt.name == name && seen & 1 << index != 0)
    };
    for (index, opt) in T::OPTIONS.iter().enumerate() {
        let fail = |misfit: Misfit| Err(Error::from(misfit).in_extension(ext).at_option(opt.name));
        if seen & 1 << index == 0 {
            if opt.required {
                return fail(Misfit::Missing);
            }
            continue;
        }
        if let Some(other) = opt.requires.iter().find(|other| has(other).is_none()) {
            return fail(Misfit::Needs { other });
        }
        if let Some((_, other)) = opt.excludes.iter().find_map(|other| has(other)) {
            return fail(Misfit::Excludes { other: other.formal() });
        }
    }
    Ok(())
}

/// The options that must be given, and those that need or exclude others.
const fn dependencies(options: &[Opt]) -> (u64, u64) {
    let (mut required, mut related) = (0, 0);
    let mut at = 0;
    while at < options.len() {
        if options[at].required {
            required |= 1 << at;
        }
        if !options[at].requires.is_empty() || !options[at].excludes.is_empty() {
            related |= 1 << at;
        }
        at += 1;
    }
    (required, related)
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

/// Bytes to options.
pub(crate) fn visit<T: Codec>(bytes: &[u8], cx: &RuleContext<'_>, sink: &mut dyn Sink) -> Result<()> {
    decode::<T>(bytes, cx)?.save(sink);
    Ok(())
}

/// Bytes to the text of `-S`, and behind it the bytes that are made of what it says; returns where these begin. Nothing
/// where the text would be refused.
pub(crate) fn save<T: Codec>(bytes: &[u8], cx: &RuleContext<'_>, out: &mut Vec<u8>) -> Option<usize> {
    let mut value = decode::<T>(bytes, cx).ok()?;
    let mut sink = SaveSink { out, cx, options: T::OPTIONS, seen: 0, out_of_range: false };
    value.save(&mut sink);
    let SaveSink { seen, out_of_range, .. } = sink;
    let end = out.len();
    if !const { are_exact(T::OPTIONS) } {
        let mut sink = Collect { cx, defaults: false, options: Vec::new() };
        value.save(&mut sink);
        let options: Vec<_> = sink.options.iter().enumerate().filter_map(option_text::<T>).collect();
        build::<T>(&options, cx, out).ok()?;
        return Some(end);
    }
    // The same without reading the text.
    if out_of_range {
        return None;
    }
    check_table::<T>(seen).ok()?;
    finish(&mut value, seen, cx).ok()?;
    write(&value, cx, out).ok()?;
    Some(end)
}

/// Whether no value of these options can be printed as what it is not.
const fn are_exact(options: &[Opt]) -> bool {
    let mut at = 0;
    while at < options.len() {
        if !options[at].exact {
            return false;
        }
        at += 1;
    }
    true
}

/// An option that was printed, to be read.
fn option_text<'a, T: Codec>(
    (position, (opt, inverted, value)): (usize, &'a (&'static Opt, bool, Vec<u8>)),
) -> Option<OptionText<'a>> {
    let option = T::OPTIONS.iter().position(|known| known.name == opt.name)?;
    Some(OptionText {
        option,
        name: opt.name,
        inverted: *inverted,
        words: words(opt.words, value).ok()?,
        datum: None,
        position,
    })
}

/// The words of a value. Of two the first may have spaces in it.
pub(crate) fn words(count: u8, value: &[u8]) -> Result<[&[u8]; 2], BadValue> {
    if count < 2 {
        return Ok([value, &[]]);
    }
    let space = value.iter().rposition(|byte| *byte == b' ').ok_or(BadValue::TwoWords)?;
    Ok([&value[..space], &value[space + 1..]])
}

/// Bytes to the text of `-L`.
pub(crate) fn list<T: Codec>(bytes: &[u8], cx: &RuleContext<'_>, out: &mut List<'_>) -> Result<()> {
    decode::<T>(bytes, cx)?.list(out);
    Ok(())
}

/// Bytes of a context's revision and names to bytes of another's.
pub(crate) fn convert<T: Codec>(
    bytes: &[u8],
    from: &RuleContext<'_>,
    to: &RuleContext<'_>,
    out: &mut Vec<u8>,
) -> Result<()> {
    write(&decode::<T>(bytes, from)?, to, out)
}

/// What the kernel would refuse at this place.
pub(crate) fn check<T: Codec>(bytes: &[u8], cx: &RuleContext<'_>, place: &Place<'_>) -> Result<()> {
    decode::<T>(bytes, cx)?.check(cx, place).map_err(|error| error.in_extension(T::extension().name))
}

pub(crate) fn decode<T: Codec>(bytes: &[u8], cx: &RuleContext<'_>) -> Result<T> {
    T::decode(cx, bytes).map_err(|error| error.in_extension(T::extension().name))
}

/// An extension with options by name, as C and Python give them: the dynamic twin of a typed value.
#[derive(Clone, Debug)]
struct GivenValue {
    extension: &'static Extension,
    options: Vec<GivenOption>,
}

#[derive(Clone, Debug)]
struct GivenOption {
    /// Index into the option table.
    option: usize,
    /// The spelling that was used.
    name: &'static str,
    inverted: bool,
    value: Datum,
}

impl GivenValue {
    /// Reads options by name.
    fn new<'a>(
        extension: &'static Extension,
        given: impl IntoIterator<Item = (&'a str, bool, Datum)>,
    ) -> Result<GivenValue> {
        let given = given.into_iter();
        let mut options = Vec::with_capacity(given.size_hint().0);
        for (given, inverted, value) in given {
            let known = extension.options.iter().enumerate().find_map(|(index, opt)| {
                if opt.field == given {
                    return Some((index, opt.name));
                }
                opt.names().find(|name| *name == given).map(|name| (index, name))
            });
            let Some((option, name)) = known else {
                let names = extension.options.iter().map(|opt| opt.name).collect();
                return Err(Error::from(Misfit::NoSuchOption { extension: extension.name, names })
                    .in_extension(extension.name)
                    .at_option(given)
                    .at_token(given));
            };
            options.push(GivenOption { option, name, inverted, value });
        }
        Ok(GivenValue { extension, options })
    }

    /// Works on the options as the parser takes them.
    fn with_texts<R>(&self, work: impl FnOnce(&[OptionText<'_>]) -> Result<R>) -> Result<R> {
        let opt = |given: &GivenOption| &self.extension.options[given.option];
        // What reads words gets words.
        let is_written = |given: &GivenOption| opt(given).custom && !matches!(given.value, Datum::Text(_));
        let written: Vec<_> = match self.options.iter().any(is_written) {
            true => self.options.iter().map(|given| given.value.to_text(opt(given))).collect(),
            false => Vec::new(),
        };
        let mut texts = Vec::with_capacity(self.options.len());
        for (position, given) in self.options.iter().enumerate() {
            let GivenOption { option, name, inverted, ref value } = *given;
            let text = match value {
                Datum::Text(text) => Some(text),
                _ => written.get(position),
            };
            let (words, datum) = match text {
                Some(text) => {
                    let words = words(opt(given).words, text).map_err(|expected| {
                        bad_value(expected, &[text]).in_extension(self.extension.name).at_option(name)
                    })?;
                    (words, None)
                }
                None => ([&[] as &[u8]; 2], Some(value)),
            };
            texts.push(OptionText { option, name, inverted, words, datum, position });
        }
        work(&texts)
    }
}

/// What `-S` prints for options by name that need not be all that the extension asks for.
pub(crate) fn read_draft(
    extension: &'static Extension,
    given: Vec<(&str, bool, Datum)>,
    cx: &RuleContext<'_>,
) -> Result<Collected> {
    let mut sink = Collect { cx, defaults: false, options: Vec::new() };
    let given = GivenValue::new(extension, given)?;
    given.with_texts(|texts| (extension.code.draft)(texts, cx, true, &mut sink))?;
    Ok(sink.options)
}

/// The values of options by name, defaults included.
pub(crate) fn draft_values(
    extension: &'static Extension,
    given: Vec<(&str, bool, Datum)>,
    cx: &RuleContext<'_>,
) -> Result<Values> {
    let mut sink = CollectValues { cx, values: Vec::new() };
    let given = GivenValue::new(extension, given)?;
    given.with_texts(|texts| (extension.code.draft)(texts, cx, false, &mut sink))?;
    Ok(sink.values)
}

/// Shows options without asking for what is missing: as they are, or `made` what is read from the data that they make.
pub(crate) fn draft<T: Codec>(
    options: &[OptionText<'_>],
    cx: &RuleContext<'_>,
    made: bool,
    sink: &mut dyn Sink,
) -> Result<()> {
    let (value, seen) = parse::<T>(options, cx).map_err(|(_, error)| error)?;
    let mut whole = value.clone();
    let value = if made && finish(&mut whole, seen, cx).is_ok() { whole } else { value };
    // Names are only places of a list in data.
    if made && !T::extension().code.named {
        let mut bytes = Vec::new();
        if let Ok(read) = write(&value, cx, &mut bytes).and_then(|()| decode::<T>(&bytes, cx)) {
            read.save(sink);
            return Ok(());
        }
    }
    value.save(sink);
    Ok(())
}

/// Reads options by name; which of them may stand together is found out when the rule is built.
pub(crate) fn read_given<'a>(
    extension: &'static Extension,
    given: impl IntoIterator<Item = (&'a str, bool, Datum)>,
) -> Result<Box<dyn ErasedValue>> {
    Ok(Box::new(GivenValue::new(extension, given)?))
}

impl ErasedValue for GivenValue {
    fn extension(&self) -> &'static Extension {
        self.extension
    }

    fn encode(&self, cx: &RuleContext<'_>, out: &mut Vec<u8>) -> Result<()> {
        self.with_texts(|texts| (self.extension.code.build)(texts, cx, out))
    }

    fn clone_box(&self) -> Box<dyn ErasedValue> {
        Box::new(self.clone())
    }
}

/// Options, whether each is inverted, and the text of its value.
pub(crate) type Collected = Vec<(&'static Opt, bool, Vec<u8>)>;

/// Notes options by name.
struct Collect<'a> {
    cx: &'a RuleContext<'a>,
    defaults: bool,
    options: Collected,
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
    (extension.code.visit)(bytes, cx, &mut sink)?;
    Ok(sink.options)
}

/// Options, whether each is inverted, and its value.
pub(crate) type Values = Vec<(&'static Opt, bool, Datum)>;

/// Notes the values of options.
struct CollectValues<'a> {
    cx: &'a RuleContext<'a>,
    values: Values,
}

impl Sink for CollectValues<'_> {
    fn wants_defaults(&self) -> bool {
        true
    }

    fn option(&mut self, opt: &'static Opt, inverted: bool, print: &dyn Fn(&mut Printer<'_>)) {
        let mut text = Vec::new();
        print(&mut Printer { out: &mut text, style: Style::Value, bare: true, cx: self.cx });
        self.values.push((opt, inverted, Datum::of_text(opt.kind, text)));
    }

    fn value(&mut self, opt: &'static Opt, inverted: bool, value: &dyn Shown) {
        self.values.push((opt, inverted, value.datum(self.cx)));
    }
}

/// The values of a payload by name, defaults included.
pub(crate) fn values(extension: &'static Extension, bytes: &[u8], cx: &RuleContext<'_>) -> Result<Values> {
    let mut sink = CollectValues { cx, values: Vec::new() };
    (extension.code.visit)(bytes, cx, &mut sink)?;
    Ok(sink.values)
}

/// The options that a value has to begin with.
pub(crate) fn defaults<T: Codec>(cx: &RuleContext<'_>) -> Collected {
    let mut sink = Collect { cx, defaults: true, options: Vec::new() };
    T::default().visit(&mut sink);
    sink.options
}

/// The error that stands first on the command line among those of extensions still being read, and its position.
pub(crate) fn first_bad_value<'a>(
    pending: impl Iterator<Item = (&'static Extension, Vec<OptionText<'a>>)>,
    cx: &RuleContext<'_>,
) -> Option<(usize, Error)> {
    pending
        .filter_map(|(extension, options)| (extension.code.probe)(&options, cx))
        .min_by_key(|(position, _)| *position)
}
