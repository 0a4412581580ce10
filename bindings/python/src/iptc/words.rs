//! Values of options as python-iptables has them: texts with a `!` in front, or lists of words.

use libfw::ext::{Extension, Opt};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use super::fault;
use crate::convert::{bytes_of, text};

/// An option as it is given: its name, whether it is inverted, and the text of its value.
#[derive(Clone)]
pub(super) struct Given {
    pub(super) opt: &'static Opt,
    pub(super) name: &'static str,
    pub(super) inverted: bool,
    pub(super) value: Vec<u8>,
}

impl PartialEq for Given {
    fn eq(&self, other: &Given) -> bool {
        (self.name, self.inverted, &self.value) == (other.name, other.inverted, &other.value)
    }
}

impl Given {
    /// The words of the value; a flag has none.
    fn words(&self) -> impl Iterator<Item = &[u8]> {
        let parts = match (self.opt.words, self.value.as_slice()) {
            (0, _) => [None, None],
            (2, value) => match value.iter().rposition(|byte| *byte == b' ') {
                Some(space) => [Some(&value[..space]), Some(&value[space + 1..])],
                None => [Some(value), None],
            },
            (_, value) => [Some(value), None],
        };
        parts.into_iter().flatten()
    }

    /// The value as one text.
    fn text(&self) -> Vec<u8> {
        let bang: &[u8] = if self.inverted { b"!" } else { b"" };
        [bang, &self.value].concat()
    }
}

/// What a match or target reads as in which nothing was set, where it is not what data without options say: nothing, or an option.
const UNSET: [(&str, Option<(&str, &str)>); 6] = [
    ("connlimit", Some(("connlimit-above", "0"))),
    ("CONNMARK", Some(("set-xmark", "0x0/0xffffffff"))),
    ("DNAT", None),
    ("SNAT", None),
    ("TCPMSS", Some(("set-mss", "0"))),
    ("state", None),
];

/// What python-iptables takes for an option that was not given: the extension, the option that asks for it, and the one that it
/// is. Whatever else is missing is refused.
const ASSUMED: [(&str, Option<&str>, &str, &str); 3] = [
    ("icmp", None, "icmp-type", "any"),
    ("statistic", Some("probability"), "mode", "random"),
    ("statistic", Some("every"), "packet", "0"),
];

/// The options that were given, with those that are assumed.
pub(super) fn filled<'a>(
    extension: &'static Extension,
    given: &'a [Given],
) -> impl Iterator<Item = (&'a str, bool, &'a [u8])> {
    let has = |name: &str| given.iter().any(|given| given.opt.name == name);
    let assumed = ASSUMED
        .iter()
        .filter(move |(of, with, option, _)| *of == extension.name && with.is_none_or(has) && !has(option));
    let given = given.iter().map(|given| (given.name, given.inverted, given.value.as_slice()));
    given.chain(assumed.map(|(_, _, option, value)| (*option, false, value.as_bytes())))
}

/// What is printed of the options that were given.
pub(super) fn shown(printed: Vec<Given>, extension: &Extension, given: &[Given]) -> Vec<Given> {
    match UNSET.iter().find(|(name, _)| given.is_empty() && *name == extension.name) {
        None => printed,
        Some((_, unset)) => {
            let option = unset.and_then(|(option, value)| Some((extension.option(option)?, value)));
            let shown = option.map(|(opt, value)| Given {
                opt,
                name: opt.name,
                inverted: false,
                value: value.into(),
            });
            // The others of a `connlimit` say what is counted together.
            let rest = if extension.name == "connlimit" { 1 } else { printed.len() };
            shown.into_iter().chain(printed.into_iter().skip(rest)).collect()
        }
    }
}

/// What the option of that name reads as: `None` where it is not there.
pub(super) fn value<'py>(py: Python<'py>, printed: &[Given], name: &str) -> PyResult<Bound<'py, PyAny>> {
    let mut found: Option<Vec<u8>> = None;
    for given in printed.iter().filter(|given| given.opt.names().any(|known| known == name)) {
        match &mut found {
            // Elements of a policy have it more than once.
            Some(text) => {
                text.push(b' ');
                text.extend(given.text());
            }
            None => found = Some(given.text()),
        }
    }
    Ok(match found {
        Some(found) => text(&found).into_pyobject(py)?.into_any(),
        None => py.None().into_bound(py),
    })
}

/// All options with a text each, under names with underscores.
pub(super) fn texts<'py>(py: Python<'py>, printed: &[Given]) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for given in printed {
        dict.set_item(given.opt.name.replace('-', "_"), value(py, printed, given.opt.name)?)?;
    }
    Ok(dict)
}

/// All options with a list of words each, under their own names.
pub(super) fn lists<'py>(py: Python<'py>, printed: &[Given]) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for given in printed {
        let list = PyList::empty(py);
        if given.inverted {
            list.append("!")?;
        }
        for word in given.words() {
            list.append(text(word))?;
        }
        match dict.get_item(given.opt.name)? {
            // Elements of a policy have it more than once.
            Some(known) => known.call_method1("extend", (list,)).map(drop)?,
            None => dict.set_item(given.opt.name, list)?,
        }
    }
    Ok(dict)
}

/// The options of a `policy` that are not those of an element.
const OF_POLICY: [&str; 3] = ["dir", "pol", "strict"];

/// The dictionary of a `policy` of several elements: an option of elements has a text for each, empty where it is not there.
fn elements<'py>(py: Python<'py>, printed: &[Given]) -> PyResult<Bound<'py, PyDict>> {
    let is_next = |given: &&Given| given.opt.name == "next";
    let (dict, count, mut at) = (PyDict::new(py), printed.iter().filter(is_next).count() + 1, 0);
    for given in printed {
        let (name, told) = (given.opt.name, given.text());
        let value = text(&told);
        if is_next(&given) {
            at += 1;
            dict.set_item(name, "")?;
        } else if OF_POLICY.contains(&name) {
            dict.set_item(name, value)?;
        } else if let Some(list) = dict.get_item(name)? {
            list.set_item(at, value)?;
        } else {
            let list = PyList::new(py, vec![""; count])?;
            list.set_item(at, value)?;
            dict.set_item(name, list)?;
        }
    }
    Ok(dict)
}

/// What a dictionary has for an option: one word as a text, several as a list, nothing for a flag.
pub(super) fn brief<'py>(py: Python<'py>, printed: &[Given]) -> PyResult<Bound<'py, PyDict>> {
    if printed.iter().any(|given| given.opt.name == "next") {
        return elements(py, printed);
    }
    let dict = lists(py, printed)?;
    let mut brief = Vec::with_capacity(dict.len());
    for (name, list) in &dict {
        let list = list.cast_into::<PyList>()?;
        let value = match list.len() {
            0 => PyString::intern(py, "").into_any(),
            1 => list.get_item(0)?,
            _ => continue,
        };
        brief.push((name, value));
    }
    for (name, value) in brief {
        dict.set_item(name, value)?;
    }
    Ok(dict)
}

/// Whether the option is inverted, and the text of its value; nothing for a flag that is `False`.
pub(super) fn read(opt: &'static Opt, given: Option<&Bound<'_, PyAny>>) -> PyResult<Option<(bool, Vec<u8>)>> {
    let Some(given) = given.filter(|given| !given.is_none()) else {
        return match opt.words {
            0 => Ok(Some((false, Vec::new()))),
            _ => Err(PyTypeError::new_err(format!("{} needs a value, not None", opt.name))),
        };
    };
    if let Ok(flag) = given.cast::<PyBool>() {
        return match opt.words {
            0 => Ok(flag.is_true().then(|| (false, Vec::new()))),
            _ => Err(PyTypeError::new_err(format!("{} needs a value, not {given}", opt.name))),
        };
    }
    let (inverted, value) = if given.is_instance_of::<PyString>() || given.is_instance_of::<PyBytes>() {
        bang(opt, bytes_of("value", given)?)
    } else if given.is_instance_of::<PyList>() || given.is_instance_of::<PyTuple>() {
        let mut words = given.try_iter()?.map(|word| word_of(&word?)).collect::<PyResult<Vec<_>>>()?;
        let inverted = words.first().is_some_and(|word| word == b"!");
        if inverted {
            words.remove(0);
        }
        if words.len() > usize::from(opt.words.max(1)) {
            let message = format!("{} takes {} words, not {}", opt.name, opt.words, words.len());
            return Err(fault(given.py(), "wrong_words", (message,)));
        }
        match inverted || opt.words != 1 || words.is_empty() {
            true => (inverted, words.join(&b' ')),
            // The only word of a list may have its `!` in front.
            false => bang(opt, words.concat()),
        }
    } else {
        (false, word_of(given)?)
    };
    if inverted && !opt.negatable {
        return Err(PyValueError::new_err(format!("{} cannot be inverted", opt.name)));
    }
    Ok(Some((inverted, if opt.words == 0 { Vec::new() } else { value })))
}

/// Options whose value may begin with a space.
const FREE: [&str; 3] = ["string", "hex-string", "helper"];

/// Takes a `!` off, where one can be meant.
fn bang(opt: &Opt, value: Vec<u8>) -> (bool, Vec<u8>) {
    match value.strip_prefix(b"!") {
        Some(rest) if opt.negatable && FREE.contains(&opt.name) => (true, rest.to_vec()),
        Some(rest) if opt.negatable => (true, rest.trim_ascii_start().to_vec()),
        _ => (false, value),
    }
}

/// A word: a text, or what is written as one, such as a number or an address.
fn word_of(word: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if word.is_none() || word.is_instance_of::<PyBool>() {
        return Err(PyTypeError::new_err(format!("a word is a text or a number, not {word}")));
    }
    if word.is_instance_of::<PyString>() || word.is_instance_of::<PyBytes>() {
        return bytes_of("value", word);
    }
    let module = word.get_type().module()?;
    if word.is_instance_of::<PyInt>() || word.is_instance_of::<PyFloat>() || module == "ipaddress" {
        return bytes_of("value", word.str()?.as_any());
    }
    Err(PyTypeError::new_err(format!("a word is a text or a number, not {}", word.get_type().name()?)))
}
