//! Rules as dictionaries, as `easy` has them.

use libfw::Inv;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use super::content::Content;
use super::header;
use super::part::Module;
use super::rule::{Rule, shown};
use super::words;

/// The dictionary that stands for a rule.
#[pyfunction]
pub(crate) fn decode<'py>(rule: &Bound<'py, Rule>) -> PyResult<Bound<'py, PyDict>> {
    let py = rule.py();
    let (header, parts) = Rule::inside(rule)?;
    let dict = PyDict::new(py);
    for (name, net) in [("src", &header.source), ("dst", &header.destination)] {
        if !net.is_any() {
            dict.set_item(name, net.text(true))?;
        }
    }
    if header.protocol != Inv::default() {
        dict.set_item("protocol", header::protocol_text(header.protocol))?;
    }
    for (name, interface) in [("in-interface", header.input), ("out-interface", header.output)] {
        if let Some(name_of) = shown(py, header::interface_text(interface))? {
            dict.set_item(name, name_of)?;
        }
    }
    if header.fragment.is_some() {
        dict.set_item("fragment", header::fragment_value(py, header.fragment)?)?;
    }
    for part in &parts.matches {
        let part = part.bind(py).cast::<Module>()?;
        let name = part.getattr("name")?;
        let options = words::brief(py, &part.get().printed(py)?)?.into_any();
        match dict.get_item(&name)? {
            None => dict.set_item(name, options)?,
            Some(known) => match known.cast_into::<PyList>() {
                Ok(list) => list.append(options)?,
                Err(error) => dict.set_item(name, PyList::new(py, [error.into_inner(), options])?)?,
            },
        }
    }
    if let Some(target) = &parts.target {
        let target = target.bind(py).cast::<Module>()?;
        let name = target.getattr("name")?;
        let options = words::brief(py, &target.get().printed(py)?)?;
        let nested = PyDict::new(py);
        if name.is_truthy()? {
            match target.get().content() {
                Content::Standard { goto: true, .. } => nested.set_item("goto", name)?,
                _ if !options.is_empty() => nested.set_item(name, options)?,
                _ => {
                    dict.set_item("target", name)?;
                    dict.set_item("counters", (header.counters.packets, header.counters.bytes))?;
                    return Ok(dict);
                }
            }
            dict.set_item("target", nested)?;
        }
    }
    dict.set_item("counters", (header.counters.packets, header.counters.bytes))?;
    Ok(dict)
}
