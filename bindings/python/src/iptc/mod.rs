//! What is fast of `libfw.iptc`: rules, matches and targets that can be changed, as python-iptables has them. Its tables,
//! chains and dictionaries are Python, in python/libfw/iptc.

mod content;
mod decode;
mod header;
mod part;
mod rule;
mod words;

use pyo3::prelude::*;

/// Adds the parts of `libfw.iptc`, under names that are not those of libfw's own.
pub(crate) fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add("IptcModule", py.get_type::<part::Module>())?;
    module.add("IptcMatch", py.get_type::<part::Match>())?;
    module.add("IptcTarget", py.get_type::<part::Target>())?;
    module.add("IptcRule", py.get_type::<rule::Rule>())?;
    module.add("IptcRule6", py.get_type::<rule::Rule6>())?;
    module.add("iptc_rules", wrap_pyfunction!(rule::rules, module)?)?;
    module.add("iptc_decode", wrap_pyfunction!(decode::decode, module)?)
}

/// An exception of `libfw.iptc.errors`, made by the function of that name.
fn fault<'py>(py: Python<'py>, name: &str, arguments: impl pyo3::call::PyCallArgs<'py>) -> PyErr {
    let made = py.import("libfw.iptc.errors").and_then(|errors| errors.getattr(name)?.call1(arguments));
    made.map_or_else(|error| error, PyErr::from_value)
}
