//! Options by name, as C, Python and JSON give them.

use std::fmt;

use super::context::RuleContext;
use super::datum::Datum;
use super::descriptor::Extension;
use super::engine::{Collect, CollectValues, Collected, OptionText, Values, bad_value, words};
use super::erased::ErasedValue;
use super::options::Options;
use crate::error::Misfit;
use crate::types::setting::Given;
use crate::{Error, Inv, Result, Setting};

/// An extension with options by name: the dynamic twin of a typed value.
#[derive(Clone, Debug)]
struct GivenValue {
    extension: &'static Extension,
    options: Vec<GivenOption>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
        with_texts(self.extension, &self.options, work)
    }
}

/// Works on options as the parser takes them.
fn with_texts<R>(
    extension: &'static Extension,
    options: &[GivenOption],
    work: impl FnOnce(&[OptionText<'_>]) -> Result<R>,
) -> Result<R> {
    let opt = |given: &GivenOption| &extension.options[given.option];
    // What reads words gets words.
    let is_written = |given: &GivenOption| opt(given).custom && !matches!(given.value, Datum::Text(_));
    let written: Vec<_> = match options.iter().any(is_written) {
        true => options.iter().map(|given| given.value.to_text(opt(given))).collect(),
        false => Vec::new(),
    };
    let mut texts = Vec::with_capacity(options.len());
    for (position, given) in options.iter().enumerate() {
        let GivenOption { option, name, inverted, ref value } = *given;
        let text = match value {
            Datum::Text(text) => Some(text),
            _ => written.get(position),
        };
        let (words, datum) = match text {
            Some(text) => {
                let words = words(opt(given).words, text).map_err(|expected| {
                    bad_value(expected, &[text]).in_extension(extension.name).at_option(name)
                })?;
                (words, None)
            }
            None => ([&[] as &[u8]; 2], Some(value)),
        };
        texts.push(OptionText { option, name, inverted, words, datum, position });
    }
    work(&texts)
}

/// Options as they are shown.
fn shown(extension: &'static Extension, options: &[GivenOption]) -> Collected {
    let options = options.iter().map(|given| (&extension.options[given.option], given));
    options.map(|(opt, given)| (opt, given.inverted, given.value.to_text(opt))).collect()
}

/// The options of a typed value that were given as texts: only the rule knows what is around them.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Unread(Vec<GivenOption>);

impl Unread {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes a text, and returns a value. An option that is given again is given anew.
    pub(crate) fn sort<T: Options, A>(&mut self, place: usize, setting: Setting<A>) -> Option<A> {
        self.0.retain(|given| given.option != place);
        match setting.0 {
            Given::Value(value) => Some(value),
            Given::Text(Inv { inverted, value }) => {
                let name = T::OPTIONS[place].name;
                self.0.push(GivenOption { option: place, name, inverted, value: value.into_bytes().into() });
                None
            }
        }
    }

    /// Works on the texts as the parser takes them, if there are any.
    pub(super) fn with_texts<R: Default>(
        &self,
        extension: &'static Extension,
        work: impl FnOnce(&[OptionText<'_>]) -> Result<R>,
    ) -> Result<R> {
        if self.is_empty() { Ok(R::default()) } else { with_texts(extension, &self.0, work) }
    }

    pub(super) fn given(&self, extension: &'static Extension) -> Collected {
        shown(extension, &self.0)
    }
}

/// Each as iptables has it.
impl fmt::Debug for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_map();
        for GivenOption { name, inverted, value, .. } in &self.0 {
            let (not, Datum::Text(text)) = (if *inverted { "! " } else { "" }, value) else { continue };
            shown.entry(name, &format_args!("{not}{:?}", String::from_utf8_lossy(text)));
        }
        shown.finish()
    }
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
        self.with_texts(|texts| self.extension.build(texts, cx, out))
    }

    fn clone_box(&self) -> Box<dyn ErasedValue> {
        Box::new(self.clone())
    }

    fn given(&self) -> Collected {
        shown(self.extension, &self.options)
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
    given.with_texts(|texts| extension.show_draft(texts, cx, true, &mut sink))?;
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
    given.with_texts(|texts| extension.show_draft(texts, cx, false, &mut sink))?;
    Ok(sink.values)
}
