//! Options by name, as C, Python and JSON give them.

use std::fmt;

use super::context::RuleContext;
use super::datum::{Datum, OptionDatum};
use super::descriptor::Extension;
use super::engine::{Collect, CollectValues, Collected, OptionText, bad_value, words};
use super::erased::{ErasedCodec, ErasedValue};
use super::options::{Opt, Options};
use crate::error::{BadValue, Misfit};
use crate::types::few::Few;
use crate::types::setting::Given;
use crate::types::similar::similar;
use crate::types::text::word;
use crate::{Error, Inv, Result, Setting};

/// A match or target whose options are given by name, one after the other: the dynamic twin of a typed value, of which a
/// [`Match`](crate::Match) or a [`Target`](crate::Target) is made.
///
/// ```
/// use libfw::ext::{self, ExtensionKind, Named};
/// use libfw::{Datum, Error, Family, Rule};
///
/// let tcp = ext::find(ExtensionKind::Match, "tcp", Family::Ipv4).expect("the match");
/// let mut named = Named::new(tcp);
/// named.option("dport", false, |_| Ok::<_, Error>(Datum::Number(22)))?;
/// let rule = Rule::builder().protocol("tcp").matching(named).build(Family::Ipv4)?;
/// assert_eq!(rule.to_string(), "-p tcp -m tcp --dport 22");
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct Named {
    extension: &'static Extension,
    options: Few<GivenOption>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct GivenOption {
    /// Index into the option table.
    option: usize,
    /// The spelling that was used.
    name: &'static str,
    inverted: bool,
    value: Datum,
}

impl Named {
    /// One without options.
    ///
    /// ```
    /// use libfw::ext::{self, ExtensionKind, Named};
    /// use libfw::{Family, Rule};
    ///
    /// let log = ext::find(ExtensionKind::Target, "LOG", Family::Ipv4).expect("the target");
    /// let rule = Rule::builder().target(Named::new(log)).build(Family::Ipv4)?;
    /// assert_eq!(rule.to_string(), "-j LOG");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub const fn new(extension: &'static Extension) -> Named {
        Named { extension, options: Few::None }
    }

    /// Those of a list.
    pub(crate) fn with<'a>(
        extension: &'static Extension,
        given: impl IntoIterator<Item = (&'a str, bool, Datum)>,
    ) -> Result<Named> {
        let mut named = Named::new(extension);
        given.into_iter().try_for_each(|(name, inverted, value)| {
            named.option(name, inverted, |_| Ok::<_, Error>(value))
        })?;
        Ok(named)
    }

    /// Gives an option, by its name, whether it is inverted, and what a function makes of its entry in the table as its value.
    ///
    /// ```
    /// use libfw::ext::{self, ExtensionKind, Named};
    /// use libfw::{Datum, Error, ErrorKind, Family};
    ///
    /// let tcp = ext::find(ExtensionKind::Match, "tcp", Family::Ipv4).expect("the match");
    /// let mut named = Named::new(tcp);
    /// named.option("syn", true, |opt| {
    ///     assert_eq!(opt.words, 0);
    ///     Ok::<_, Error>(Datum::Flag)
    /// })?;
    /// let error = named.option("port", false, |_| Ok::<_, Error>(Datum::Number(22))).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Syntax);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Syntax`](crate::ErrorKind::Syntax) when there is no such option,
    /// [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue) for several values of one that takes one, and those of the function.
    /// Values are read when the rule is built.
    pub fn option<E: From<Error>>(
        &mut self,
        name: impl AsRef<[u8]>,
        inverted: bool,
        value: impl FnOnce(&'static Opt) -> Result<Datum, E>,
    ) -> Result<(), E> {
        let (option, name) = self.find(name.as_ref())?;
        let opt = &self.extension.options[option];
        let value = value(opt)?;
        // The text of several may begin like that of one.
        if matches!(value, Datum::List(_)) && !opt.takes_several() {
            let error = bad_value(BadValue::Several, &[&value.to_text(opt)]);
            return Err(error.in_extension(self.extension.name).at_option(name).into());
        }
        self.options.push(GivenOption { option, name, inverted, value });
        Ok(())
    }

    /// The option of a name, and the spelling that is meant.
    fn find(&self, name: &[u8]) -> Result<(usize, &'static str)> {
        let options = self.extension.options;
        if let Some(index) = options.iter().position(|opt| opt.field.as_bytes() == name) {
            return Ok((index, options[index].name));
        }
        let mut known = options.iter().enumerate().filter_map(|(index, opt)| {
            opt.names().find(|known| known.as_bytes() == name).map(|known| (index, known))
        });
        known.next().ok_or_else(|| self.no_such_option(name))
    }

    #[cold]
    fn no_such_option(&self, name: &[u8]) -> Error {
        let names: Vec<_> = self.extension.options.iter().map(|opt| opt.name).collect();
        let name = String::from_utf8_lossy(name);
        // Other languages have `_` where iptables has `-`.
        let meant = similar(&name.replace('_', "-"), names.iter().copied());
        Error::from(Misfit::NoSuchOption { extension: self.extension.name, names, meant })
            .in_extension(self.extension.name)
            .at_option(&name)
            .at_token(&*name)
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
    let text_of = |position: usize| {
        let given = &options[position];
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
        Ok(OptionText { option, name, inverted, words, datum, position })
    };
    // Most have one.
    if options.len() == 1 {
        return work(&[text_of(0)?]);
    }
    work(&(0..options.len()).map(text_of).collect::<Result<Vec<_>>>()?)
}

/// Options as they are shown.
pub(super) fn shown(extension: &'static Extension, options: &[GivenOption]) -> Collected {
    let options = options.iter().map(|given| (&extension.options[given.option], given));
    options.map(|(opt, given)| (opt, given.inverted, given.value.to_text(opt))).collect()
}

/// Appends options as a rule has them.
pub(super) fn show(extension: &'static Extension, options: &[GivenOption], out: &mut Vec<u8>) {
    for (opt, inverted, value) in shown(extension, options) {
        out.extend_from_slice(if inverted { b" ! --" } else { b" --" });
        out.extend_from_slice(opt.name.as_bytes());
        if opt.words > 0 {
            out.push(b' ');
            // Two words have their space.
            if opt.words == 1 { word(out, &value) } else { out.extend_from_slice(&value) }
        }
    }
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

    pub(super) fn given(&self) -> &[GivenOption] {
        &self.0
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

/// What it is in a rule, `-m tcp --dport 22`, with options as they were given.
impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self as &dyn ErasedValue, f)
    }
}

/// The type and its options, each as iptables has it.
impl fmt::Debug for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self as &dyn ErasedValue, f)
    }
}

impl ErasedValue for Named {
    fn extension(&self) -> &'static Extension {
        self.extension
    }

    fn encode(&self, cx: &RuleContext<'_>, out: &mut Vec<u8>) -> Result<()> {
        self.with_texts(|texts| self.extension.build(texts, cx, out))
    }

    fn clone_box(&self) -> Box<dyn ErasedValue> {
        Box::new(self.clone())
    }

    fn parts(&self) -> (Option<&dyn ErasedCodec>, &[GivenOption]) {
        (None, &self.options)
    }
}

/// What `-S` prints for options by name that need not be all that the extension asks for.
pub(crate) fn read_draft(
    extension: &'static Extension,
    given: Vec<(&str, bool, Datum)>,
    cx: &RuleContext<'_>,
) -> Result<Collected> {
    let mut sink = Collect { cx, defaults: false, options: Vec::new() };
    let given = Named::with(extension, given)?;
    given.with_texts(|texts| extension.show_draft(texts, cx, true, &mut sink))?;
    Ok(sink.options)
}

/// The values of options by name, defaults included.
pub(crate) fn draft_values(
    extension: &'static Extension,
    given: Vec<(&str, bool, Datum)>,
    cx: &RuleContext<'_>,
) -> Result<Vec<(&'static Opt, bool, Datum)>> {
    let mut sink = CollectValues { cx, values: Vec::new() };
    let given = Named::with(extension, given)?;
    given.with_texts(|texts| extension.show_draft(texts, cx, false, &mut sink))?;
    Ok(sink.values.into_iter().map(|OptionDatum { opt, inverted, value }| (opt, inverted, value)).collect())
}

#[cfg(test)]
mod tests {
    use crate::{Datum, ErrorKind, Family, Match, Rule};

    /// iptables reads `10,min` as 10 in a second.
    #[test]
    fn several_values_are_no_value_of_one() {
        let two = |one: Datum, other: Datum| Datum::List(vec![one, other]);
        for (name, option, value) in [
            ("tcp", "dport", two(22u16.into(), 443u16.into())),
            ("mark", "mark", two(1u32.into(), 2u32.into())),
            ("limit", "limit", two(10u32.into(), "min".into())),
            ("comment", "comment", two("a".into(), "b".into())),
        ] {
            let error = Match::from_values(name, [(option, false, value)]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidValue, "{error}");
            assert!(error.to_string().ends_with("expected one value, not several"), "{error}");
        }
        let several = r#"{"family": "ipv4", "matches": [{"match": "limit", "limit": ["10", "min"]}]}"#;
        assert_eq!(Rule::from_json(several).unwrap_err().kind(), ErrorKind::InvalidValue);
        let ports = two(22u16.into(), 443u16.into());
        let ports = Match::from_values("multiport", [("dports", false, ports)]).expect("a list is one there");
        let rule = Rule::builder().protocol("tcp").matching(ports).build(Family::Ipv4).expect("a rule");
        assert_eq!(rule.to_string(), "-p tcp -m multiport --dports 22,443");
    }
}
