//! The option table, for the classes that Python makes from it.

use libfw::ext::{self, Extension, ExtensionKind, Form};
use libfw::{Family, Rule, RuleBuilder};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::parts::{matching, target};

/// The option table of every match and target, one mapping each.
#[pyfunction]
pub(crate) fn extensions(py: Python<'_>) -> PyResult<Vec<Bound<'_, PyDict>>> {
    ext::all().map(|extension| describe(py, extension)).collect()
}

fn describe<'py>(py: Python<'py>, extension: &Extension) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("kind", kind_name(extension.kind))?;
    dict.set_item("name", extension.name)?;
    dict.set_item("type_name", extension.type_name)?;
    dict.set_item("aliases", PyTuple::new(py, extension.aliases)?)?;
    dict.set_item("description", extension.text())?;
    dict.set_item("example", extension.example.rule)?;
    dict.set_item("example_family", crate::convert::family_name(extension.example.family))?;
    let families = Family::ALL.into_iter().filter(|family| extension.families.contains(*family));
    dict.set_item("families", families.map(crate::convert::family_name).collect::<Vec<_>>())?;
    let mut options = Vec::with_capacity(extension.options.len());
    for opt in extension.options {
        let option = PyDict::new(py);
        option.set_item("name", opt.name)?;
        option.set_item("field", opt.field)?;
        option.set_item("description", opt.text())?;
        let form = match opt.kind.form {
            Form::Flag => "flag",
            Form::Integer => "integer",
            Form::List => "list",
            Form::Text => "text",
        };
        option.set_item("form", form)?;
        option.set_item("label", opt.kind.label)?;
        option.set_item("choices", PyTuple::new(py, opt.kind.choices)?)?;
        option.set_item("words", opt.words)?;
        option.set_item("negatable", opt.negatable)?;
        option.set_item("required", opt.required)?;
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
    for family in Family::ALL {
        for protocol in [0, 6, 17, 1, 58] {
            let build = |builder: &RuleBuilder| builder.clone().protocol(protocol).build(family);
            if let (Ok(left), Ok(right)) = (build(&left), build(&right)) {
                return Ok(left == right);
            }
        }
    }
    Ok(false)
}
