//! Options by name, as C, Python and JSON give them.

use super::context::RuleContext;
use super::datum::Datum;
use super::descriptor::Extension;
use super::engine::{Collect, CollectValues, Collected, OptionText, Values, bad_value, words};
use super::erased::ErasedValue;
use crate::error::Misfit;
use crate::{Error, Result};

/// An extension with options by name: the dynamic twin of a typed value.
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
        let options = self.options.iter().map(|given| (&self.extension.options[given.option], given));
        options.map(|(opt, given)| (opt, given.inverted, given.value.to_text(opt))).collect()
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
