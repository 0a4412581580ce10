//! The option table, for the classes that Python makes from it.

use libfw::ext::{self, Extension, ExtensionKind, Families, Form, Opt};
use libfw::{Datum, Match, Rule, RuleBuilder, Target};
use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::error::{call, raise};
use crate::known::{Read, Written};
use crate::parts::{borrowed, matching, target};

/// What there is to know of every match and target, a mapping each, matches first:
///
///     >>> import libfw
///     >>> masquerade = next(part for part in libfw.extensions() if part["name"] == "MASQUERADE")
///     >>> masquerade["tables"], masquerade["hooks"]
///     (('nat',), ('POSTROUTING',))
///     >>> [option["name"] for option in masquerade["options"]]
///     ['to-ports', 'random', 'random-fully']
///
/// `tables` and `protocols` are empty where any will do; `needs` are options one of which must be given; `examples` are rules of
/// the family `example_family`. Of its options `default` is the value that one has unless it is given, as a text, and `min` and `max`
/// bound a number; `excludes` are the options
/// none of which may stand beside it, `requires` those that must, `choices` the names of its value where it is one or several of
/// a list.
#[pyfunction]
pub(crate) fn extensions(py: Python<'_>) -> PyResult<Vec<Bound<'_, PyDict>>> {
    ext::all().map(|extension| describe(py, extension)).collect()
}

/// The names of the classes of all matches, or of all targets.
#[pyfunction]
pub(crate) fn extension_names(kind: &str) -> Vec<&'static str> {
    ext::all()
        .filter(|extension| kind_name(extension.kind) == kind)
        .map(|extension| extension.type_name)
        .collect()
}

/// The match or target whose class has that name.
pub(crate) fn find(kind: &str, type_name: &str) -> PyResult<&'static Extension> {
    let found =
        ext::all().find(|extension| kind_name(extension.kind) == kind && extension.type_name == type_name);
    found.ok_or_else(|| PyKeyError::new_err(type_name.to_owned()))
}

/// The extension of a part that libfw knows, or of its class.
pub(crate) fn of(part: &Bound<'_, PyAny>) -> PyResult<&'static Extension> {
    find(&part.getattr("_kind")?.extract::<String>()?, &part.getattr("_type")?.extract::<String>()?)
}

/// The name of the class of a match or target.
#[pyfunction]
pub(crate) fn type_name(kind: &str, name: &str) -> PyResult<&'static str> {
    let found = ext::all().find(|extension| kind_name(extension.kind) == kind && extension.name == name);
    found
        .map(|extension| extension.type_name)
        .ok_or_else(|| PyValueError::new_err(format!("there is no {kind} {name}")))
}

/// The option table of the match or target whose class has that name.
#[pyfunction]
pub(crate) fn extension<'py>(py: Python<'py>, kind: &str, type_name: &str) -> PyResult<Bound<'py, PyDict>> {
    describe(py, find(kind, type_name)?)
}

/// Fails unless some rule can have the match or target with these options. It is one without, or the class.
pub(crate) fn check(part: &Bound<'_, PyAny>, options: &[Written]) -> PyResult<()> {
    let (py, extension) = (part.py(), of(part)?);
    let (name, options) = (extension.type_name, || borrowed(options));
    let rule = match extension.kind {
        ExtensionKind::Match => Rule::builder().matching(call(py, || Match::from_options(name, options()))?),
        ExtensionKind::Target => Rule::builder().target(call(py, || Target::from_options(name, options()))?),
    };
    let mut errors: Vec<libfw::Error> = Vec::new();
    for (at, family) in extension.families.iter().enumerate() {
        for protocol in PROTOCOLS {
            match rule.clone().protocol(protocol).build(family) {
                Ok(_) => return Ok(()),
                Err(error) if at == 0 => errors.push(error),
                Err(_) => {}
            }
        }
    }
    // That the protocol is a wrong one says less than what is wrong with all of them.
    let told = |error: &&libfw::Error| errors.first().is_some_and(|first| first.message() != error.message());
    match errors.iter().find(told).or(errors.first()) {
        Some(error) => Err(raise(py, error)),
        None => Ok(()),
    }
}

/// The protocols that values may depend on.
const PROTOCOLS: [u8; 8] = [0, 6, 17, 1, 58, 132, 33, 136];

/// The value of an option that stands for another one.
fn as_written(opt: &Opt, text: &[u8]) -> Datum {
    let number = |text: &str| match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    };
    let shown = String::from_utf8_lossy(text);
    let masked = shown.split_once('/').map(|(value, mask)| (number(value), number(mask)));
    match (opt.kind.label, number(&shown), masked) {
        ("VALUE[/MASK]", Some(number), _) => Datum::Number(number),
        ("VALUE[/MASK]", _, Some((Some(value), Some(mask)))) => Datum::Masked { value, mask },
        _ => Datum::of_text(opt.kind, text.to_vec()),
    }
}

/// The values of options that were written.
pub(crate) fn read(extension: &'static Extension, options: &[Written]) -> Vec<Read> {
    let read = |(name, inverted, text): &Written| {
        let (opt, inverted) = (extension.option(name)?, *inverted);
        let option = [(name.as_str(), inverted, text.as_slice())];
        let read = extension
            .families
            .iter()
            .flat_map(|family| PROTOCOLS.map(|protocol| (family, protocol)))
            .find_map(|(family, protocol)| extension.draft_values(family, protocol.into(), option).ok())
            .and_then(|values| values.into_iter().find(|(found, ..)| found.field == opt.field));
        // Another way to write an option is read as it is written.
        let value = read.map_or_else(|| as_written(opt, text), |(_, _, value)| value);
        Some((opt, inverted, value))
    };
    options.iter().filter_map(read).collect()
}

/// What options that are another way to write one say of that one.
pub(crate) fn meant(extension: &'static Extension, options: &[Written]) -> Vec<Read> {
    let draft = |options: &[(&str, bool, &[u8])]| {
        let mut suitable =
            extension.families.iter().flat_map(|family| PROTOCOLS.map(|protocol| (family, protocol)));
        let options = options.iter().copied();
        suitable.find_map(|(family, protocol)| {
            extension.draft_values(family, protocol.into(), options.clone()).ok()
        })
    };
    let spelled: Vec<_> = borrowed(options)
        .filter(|(name, ..)| extension.option(name).is_some_and(|opt| opt.spelling))
        .collect();
    if spelled.is_empty() {
        return Vec::new();
    }
    let defaults = draft(&[]).unwrap_or_default();
    let is_default = |(opt, inverted, value): &Read| {
        defaults.iter().any(|one| (one.0.field, one.1, &one.2) == (opt.field, *inverted, value))
    };
    draft(&spelled).unwrap_or_default().into_iter().filter(|read| !is_default(read)).collect()
}

fn describe<'py>(py: Python<'py>, extension: &Extension) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("kind", kind_name(extension.kind))?;
    dict.set_item("name", extension.name)?;
    dict.set_item("type_name", extension.type_name)?;
    dict.set_item("aliases", PyTuple::new(py, extension.aliases)?)?;
    dict.set_item("kernel_name", extension.kernel_name)?;
    dict.set_item("header", extension.header)?;
    let placement = &extension.placement;
    dict.set_item("tables", PyTuple::new(py, placement.tables)?)?;
    let hooks: Vec<_> = placement.hooks.iter().map(libfw::Hook::chain_name).collect();
    dict.set_item("hooks", PyTuple::new(py, hooks)?)?;
    let protocols: Vec<_> = placement.protocols.iter().map(ToString::to_string).collect();
    dict.set_item("protocols", PyTuple::new(py, protocols)?)?;
    dict.set_item("needs", PyTuple::new(py, extension.needs())?)?;
    let mut revisions: Vec<_> =
        extension.revisions.iter().map(|revision| u32::from(revision.number)).collect();
    revisions.sort_unstable();
    revisions.dedup();
    dict.set_item("revisions", revisions)?;
    dict.set_item("description", extension.text())?;
    let family = extension.examples.first().map(|example| crate::convert::family_name(example.family));
    dict.set_item("example_family", family)?;
    let rules: Vec<_> = extension.examples.iter().map(|example| example.rule).collect();
    dict.set_item("examples", PyTuple::new(py, rules)?)?;
    dict.set_item(
        "families",
        extension.families.iter().map(crate::convert::family_name).collect::<Vec<_>>(),
    )?;
    let defaults: Vec<_> =
        extension.families.iter().map(|family| extension.defaults(family)).next().unwrap_or_default();
    let mut options = Vec::with_capacity(extension.options.len());
    for opt in extension.options {
        let option = PyDict::new(py);
        option.set_item("name", opt.name)?;
        option.set_item("names", opt.names().collect::<Vec<_>>())?;
        option.set_item("field", opt.field)?;
        option.set_item("description", opt.text())?;
        let form = match opt.kind.form {
            Form::Flag => "flag",
            Form::Integer => "integer",
            Form::List => "list",
            _ => "text",
        };
        option.set_item("form", form)?;
        option.set_item("label", opt.kind.label)?;
        option.set_item("choices", PyTuple::new(py, opt.kind.choices)?)?;
        option.set_item("words", opt.words)?;
        option.set_item("negatable", opt.negatable)?;
        option.set_item("required", opt.required)?;
        option.set_item("aliases", PyTuple::new(py, opt.aliases)?)?;
        option.set_item("min", opt.min)?;
        option.set_item("max", opt.max)?;
        let default = defaults.iter().find(|(other, _)| other.field == opt.field);
        option.set_item("default", default.map(|(_, value)| value))?;
        option.set_item("excludes", PyTuple::new(py, extension.excluded_by(opt))?)?;
        option.set_item("requires", PyTuple::new(py, opt.requires)?)?;
        let families = opt.families.iter().filter(|family| extension.families.contains(*family));
        option.set_item("families", families.map(crate::convert::family_name).collect::<Vec<_>>())?;
        option.set_item("spelling", opt.spelling)?;
        option.set_item("repeats", opt.group.is_some())?;
        options.push(option);
    }
    dict.set_item("options", options)?;
    Ok(dict)
}

pub(crate) fn kind_name(kind: ExtensionKind) -> &'static str {
    match kind {
        ExtensionKind::Match => "match",
        ExtensionKind::Target => "target",
    }
}

/// Whether two matches or targets mean the same to the kernel, in a rule of a family and protocol that suits them.
///
/// Parts that no such rule takes, because they are wrong or need a kernel, are not the same as anything.
#[pyfunction]
pub(crate) fn same_part(left: &Bound<'_, PyAny>, right: &Bound<'_, PyAny>) -> PyResult<bool> {
    let is_match = left.getattr("_kind")?.extract::<String>()? == "match";
    let builder = |part: &Bound<'_, PyAny>| -> PyResult<RuleBuilder> {
        let rule = Rule::builder();
        Ok(if is_match { rule.matching(matching(part)?) } else { rule.target(target(part)?) })
    };
    let (left, right) = (builder(left)?, builder(right)?);
    for family in Families::All.iter() {
        for protocol in PROTOCOLS {
            let build = |builder: &RuleBuilder| builder.clone().protocol(protocol).build(family);
            if let (Ok(left), Ok(right)) = (build(&left), build(&right)) {
                return Ok(left == right);
            }
        }
    }
    Ok(false)
}
