//! Rules from what Python gives: text, words, or parts by keyword.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use libfw::ext::{Extension, ExtensionKind};
use libfw::{Family, Interface, IntoRule, Inv, Match, RuleBuilder, Target};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyInt, PyList, PyString, PyTuple, PyType};

use crate::convert::{bytes_of, module};
use crate::error::call;
use crate::given::{self, each, given, name};
use crate::known::{KnownPart, Written};
use crate::rule::Rule;

/// The keywords of what a rule has itself.
const CORE: [&str; 6] = ["source", "destination", "in_interface", "out_interface", "protocol", "fragment"];

/// What a rule is to be made from, once the family and the kernel are known.
#[derive(Clone)]
pub(crate) enum Source {
    Rule(libfw::Rule),
    Text(Vec<u8>),
    Words(Vec<Vec<u8>>),
    Parts(Box<RuleBuilder>),
}

impl Source {
    /// The family, where that is known already.
    pub(crate) fn family(&self) -> Option<Family> {
        match self {
            Source::Rule(rule) => Some(rule.family()),
            _ => None,
        }
    }
}

impl IntoRule for Source {
    fn into_rule(self, family: Family) -> libfw::Result<libfw::Rule> {
        match self {
            Source::Rule(rule) => rule.into_rule(family),
            Source::Text(text) => libfw::Rule::parse(family, text),
            Source::Words(words) => libfw::Rule::from_args(family, words),
            Source::Parts(builder) => builder.build(family),
        }
    }

    fn into_rule_of(self, chain: &[u8], family: Family) -> libfw::Result<libfw::Rule> {
        match self {
            Source::Text(text) => libfw::Rule::parse_for(chain, family, text),
            Source::Words(words) => libfw::Rule::from_args_for(chain, family, words),
            other => other.into_rule(family),
        }
    }
}

/// Reads the arguments of a method that takes a rule: one positional, or parts by keyword. Nothing at all is no rule, lest
/// one that is missing matches every packet.
pub(crate) fn source(rule: &Bound<'_, PyTuple>, parts: Option<&Bound<'_, PyDict>>) -> PyResult<Source> {
    let parts = parts.filter(|parts| !parts.is_empty());
    match (rule.len(), parts) {
        (1, None) => from_object(&rule.get_item(0)?),
        (0, Some(parts)) => from_keywords(parts),
        (0, None) => {
            Err(PyTypeError::new_err("a rule is missing; Rule() is the one that matches every packet"))
        }
        _ => Err(PyTypeError::new_err("a rule is one argument, or made from keywords")),
    }
}

/// Reads the arguments of `Rule()`: without any it is the rule that matches every packet and only counts it.
pub(crate) fn source_or_any(
    rule: &Bound<'_, PyTuple>,
    parts: Option<&Bound<'_, PyDict>>,
) -> PyResult<Source> {
    match rule.is_empty() && parts.is_none_or(|parts| parts.is_empty()) {
        true => Ok(Source::Parts(Box::new(RuleBuilder::new()))),
        false => source(rule, parts),
    }
}

pub(crate) fn from_object(rule: &Bound<'_, PyAny>) -> PyResult<Source> {
    if let Ok(rule) = rule.cast::<Rule>() {
        return Ok(Source::Rule(rule.get().rule.clone()));
    }
    if rule.is_instance_of::<PyString>() || rule.is_instance_of::<PyBytes>() {
        return Ok(Source::Text(bytes_of("rule", rule)?));
    }
    let words = rule.is_instance_of::<PyList>() || rule.is_instance_of::<PyTuple>();
    if !words || rule.is_empty()? {
        let kind = rule.get_type().name()?;
        let hint = match () {
            () if rule.is_instance_of::<PyDict>() => {
                "; Rule(**parts) takes the parts of one, Rule.from_dict() what to_dict() gives"
            }
            () if rule.is_instance_of::<PyInt>() => "; chain[index] is the rule at a position",
            () => "",
        };
        let message = format!("a rule is a Rule, a text or a list of words, not {kind}{hint}");
        return Err(PyTypeError::new_err(message));
    }
    let words = rule.try_iter()?.map(|word| bytes_of("a word of a rule", &word?)).collect::<PyResult<_>>()?;
    Ok(Source::Words(words))
}

fn from_keywords(parts: &Bound<'_, PyDict>) -> PyResult<Source> {
    let mut builder = RuleBuilder::new();
    for (key, value) in parts {
        let key: String = key.extract()?;
        if value.is_none() {
            return Err(none_given(&key));
        }
        if is_any(&value)? {
            continue;
        }
        match key.as_str() {
            // One match is as good as a list of one; a text is a name, not its letters.
            "matches" if value.is_instance_of::<PyString>() || value.hasattr("_kind")? => {
                builder = builder.matching(matching(&value)?);
            }
            // Whose keys alone would be matches without the options that stand behind them.
            "matches" if value.is_instance_of::<PyDict>() => {
                let message = "matches are a list such as [libfw.matches.Tcp(dport=22)], not a dictionary";
                return Err(PyTypeError::new_err(message));
            }
            "matches" => {
                for part in each("matches", "a list of matches", &value)? {
                    builder = builder.matching(matching(&part?)?);
                }
            }
            "target" => builder = builder.target(target(&value)?),
            "jump" | "goto" => {
                let name = chain_name(given(&key, "the name of a chain", &value)?)?;
                alone(&key, &name.to_string_lossy())?;
                let go = if key == "jump" { RuleBuilder::jump } else { RuleBuilder::goto };
                builder = go(builder, name.as_bytes());
            }
            "counters" => builder = builder.counters(given::counters::<name::counters>(&value)?),
            key if CORE.contains(&key) => builder = core(builder, key, &value)?,
            _ => {
                let (known, hint) = (CORE.join(", "), meant(&key));
                let message = format!(
                    "a rule has no part {key:?}{hint}; it has {known}, matches, target, jump, goto, counters"
                );
                return Err(PyTypeError::new_err(message));
            }
        }
    }
    let mut targets = 0;
    for key in ["target", "jump", "goto"] {
        if let Some(value) = parts.get_item(key)?
            && !is_any(&value)?
        {
            targets += 1;
        }
    }
    if targets > 1 {
        return Err(PyTypeError::new_err("a rule has one of target, jump and goto"));
    }
    Ok(Source::Parts(Box::new(builder)))
}

/// What somebody may have meant who gives a rule a part that it does not have: another name of iptables', or an option of matches.
fn meant(key: &str) -> String {
    let option = key.replace('_', "-");
    if let Some(name) = match option.as_str() {
        "src" | "s" | "saddr" => Some("source"),
        "dst" | "d" | "daddr" => Some("destination"),
        "in" | "i" | "iif" | "iifname" | "in-iface" | "input" | "interface" => Some("in_interface"),
        "out" | "o" | "oif" | "oifname" | "out-iface" | "output" => Some("out_interface"),
        "proto" | "p" => Some("protocol"),
        "match" | "m" => Some("matches"),
        "j" | "verdict" | "action" => Some("target"),
        "g" => Some("goto"),
        "c" | "set-counters" => Some("counters"),
        _ => None,
    } {
        return format!(", but {name}");
    }
    let has = |extension: &&Extension| {
        extension.kind == ExtensionKind::Match
            && extension.options.iter().any(|opt| opt.field == key || opt.names().any(|name| name == option))
    };
    let having: Vec<_> = libfw::ext::all().filter(has).collect();
    // Ports are most often those of TCP.
    match (having.iter().find(|one| one.name == "tcp").or(having.first()), having.len()) {
        (Some(one), 1) => format!(", but the match {0} has: matches=[{0}({key}=...)]", one.type_name),
        (Some(one), _) => {
            format!(", but matches such as {0} have: matches=[{0}({key}=...)]", one.type_name)
        }
        (None, _) => String::new(),
    }
}

/// Refuses what follows the name of a match, target or chain in a line of iptables, which is said otherwise.
fn alone(key: &str, name: &str) -> PyResult<()> {
    let (kind, module, letter) = match key {
        "matches" => (ExtensionKind::Match, "matches", "-m"),
        "goto" => (ExtensionKind::Target, "targets", "-g"),
        _ => (ExtensionKind::Target, "targets", "-j"),
    };
    let line = name.strip_prefix(letter).unwrap_or(name).trim();
    let mut words = line.split_ascii_whitespace();
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    // A line end in a name is a mistake of its own.
    if first.len() == name.len() || name.contains(['\n', '\r']) {
        return Ok(());
    }
    let known = libfw::ext::all().find(|one| one.kind == kind && one.name == first);
    let option = |one: &'static Extension| one.option(second.trim_start_matches('-')).or(one.options.first());
    let how = match known.and_then(|one| Some((one.type_name, option(one)?.field))) {
        Some((class, field)) => format!("options are keywords, libfw.{module}.{class}({field}=...), or "),
        None => String::new(),
    };
    let message = format!(
        "{key}: expected a name alone, not {name:?}; {how}the whole rule is a text, Rule(\"{letter} {line}\")"
    );
    Err(PyValueError::new_err(message))
}

/// The name of a chain to go to; one that is empty is missing.
fn chain_name(name: OsString) -> PyResult<OsString> {
    if name.is_empty() {
        return Err(PyValueError::new_err("a chain to go to has a name; libfw.ANY stands for no target"));
    }
    Ok(name)
}

/// The error for a part that is `None`.
fn none_given(key: &str) -> PyErr {
    let message = format!("{key} is None, which does not mean any: leave it out, or say libfw.ANY");
    PyTypeError::new_err(message)
}

/// Whether a value is `libfw.ANY`.
fn is_any(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    if value.is_instance_of::<PyString>() {
        return Ok(false);
    }
    Ok(value.is(&module(value.py(), "libfw._values")?.getattr("ANY")?))
}

/// The text of an address, an interface or a protocol.
fn core_text(key: &str, value: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if value.is_instance_of::<PyString>() || value.is_instance_of::<PyBytes>() {
        return bytes_of(key, value);
    }
    // Such as a number of NumPy's.
    if key == "protocol" && !value.is_instance_of::<PyBool>() && value.hasattr("__index__")? {
        return bytes_of(key, value.call_method0("__index__")?.str()?.as_any());
    }
    if matches!(key, "source" | "destination") && value.get_type().module()? == "ipaddress" {
        return bytes_of(key, value.str()?.as_any());
    }
    Err(PyTypeError::new_err(format!("{key} cannot be {}", value.repr()?)))
}

/// Adds a part of the rule itself.
fn core(builder: RuleBuilder, key: &str, value: &Bound<'_, PyAny>) -> PyResult<RuleBuilder> {
    let not = module(value.py(), "libfw._values")?.getattr("Not")?;
    let inverted = value.is_instance(&not)?;
    let value = if inverted { value.getattr("value")? } else { value.clone() };
    if key == "fragment" {
        return Ok(builder.fragment(given::<bool>("fragment", "True or False", &value)? != inverted));
    }
    let bytes = core_text(key, &value)?;
    if key.ends_with("interface") && str::from_utf8(&bytes).is_err() {
        let name = call(value.py(), || Interface::new(&bytes))?;
        let name = Inv::new(inverted, name);
        return Ok(if key == "in_interface" { builder.input(name) } else { builder.output(name) });
    }
    if let Some(plain) = bytes.strip_prefix(b"!") {
        let plain = String::from_utf8_lossy(plain.trim_ascii()).into_owned();
        let message = format!("{key}: what is inverted is libfw.Not({plain:?}), not a text with a !");
        return Err(PyValueError::new_err(message));
    }
    let text = Inv::new(inverted, String::from_utf8_lossy(&bytes).into_owned());
    Ok(match key {
        "source" => builder.source(text),
        "destination" => builder.destination(text),
        "in_interface" => builder.input(text),
        "out_interface" => builder.output(text),
        _ => builder.protocol(text),
    })
}

/// What a Python object for a match or target says of itself.
enum Spec {
    Options(String, Vec<Written>),
    Opaque(String, u8, Vec<u8>),
    Jump(OsString),
    Goto(OsString),
}

fn spec(part: &Bound<'_, PyAny>, wanted: &str) -> PyResult<Spec> {
    if let Ok(name) = part.extract::<String>() {
        alone(if wanted == "match" { "matches" } else { "target" }, &name)?;
        return Ok(Spec::Options(name, Vec::new()));
    }
    // A class stands for the part without options.
    let part = if part.is_instance_of::<PyType>() { part.call0()? } else { part.clone() };
    let kind = part.getattr("_kind").and_then(|kind| kind.extract::<String>());
    if !kind.is_ok_and(|kind| kind == wanted) {
        let message = format!("expected a {wanted} or its name, not {}", part.repr()?);
        return Err(PyTypeError::new_err(message));
    }
    let (form, name, value): (String, Bound<'_, PyAny>, Bound<'_, PyAny>) =
        part.call_method0("_spec")?.extract()?;
    Ok(match form.as_str() {
        "options" => Spec::Options(name.extract()?, value.extract()?),
        "opaque" => {
            let (revision, data) = value.extract()?;
            Spec::Opaque(name.extract()?, revision, data)
        }
        "goto" => Spec::Goto(name.extract()?),
        _ => Spec::Jump(name.extract()?),
    })
}

pub(crate) fn borrowed(options: &[Written]) -> impl Iterator<Item = (&str, bool, &[u8])> {
    options.iter().map(|(name, inverted, value)| (name.as_str(), *inverted, value.as_slice()))
}

/// A match from its Python object, class or name.
pub(crate) fn matching(part: &Bound<'_, PyAny>) -> PyResult<Match> {
    match spec(part, "match")? {
        Spec::Options(name, options) => call(part.py(), || Match::from_options(&name, borrowed(&options))),
        Spec::Opaque(name, revision, data) => call(part.py(), || Match::opaque(&name, revision, &data)),
        Spec::Jump(_) | Spec::Goto(_) => Err(PyTypeError::new_err("a jump is no match")),
    }
}

/// A target from its Python object, class or name. A name that is no target is that of a chain, as after `-j`.
pub(crate) fn target(part: &Bound<'_, PyAny>) -> PyResult<Target> {
    let named = part.extract::<OsString>();
    if let Ok(name) = &named {
        chain_name(name.clone())?;
    }
    let py = part.py();
    match spec(part, "target")? {
        Spec::Options(name, options) => {
            let is_name = named.is_ok();
            call(py, || match Target::from_options(&name, borrowed(&options)) {
                Err(error) if error.kind() == libfw::ErrorKind::NoSuchExtension && is_name => {
                    Ok(Target::jump(name))
                }
                result => result,
            })
        }
        Spec::Opaque(name, revision, data) => call(py, || Target::opaque(&name, revision, &data)),
        Spec::Jump(chain) => Ok(Target::jump(chain_name(chain)?.as_bytes())),
        Spec::Goto(chain) => Ok(Target::goto(chain_name(chain)?.as_bytes())),
    }
}

/// What a match or target is in a rule.
#[pyfunction]
pub(crate) fn part_text(part: &Bound<'_, PyAny>) -> PyResult<String> {
    if let Ok(known) = part.cast::<KnownPart>()
        && let Some(text) = known.get().text()
    {
        return Ok(text);
    }
    Ok(match part.getattr("_kind")?.extract::<String>()?.as_str() {
        "match" => matching(part)?.to_string(),
        _ => target(part)?.to_string(),
    })
}
