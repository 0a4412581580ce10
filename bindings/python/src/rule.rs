//! `Rule`.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use libfw::{IntoRule, RuleRef};
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use crate::convert::{self, family, family_name, text};
use crate::dict;
use crate::error::call;
use crate::kernel::shared;
use crate::parts::source_or_any;

/// What packets a rule applies to, and what becomes of them.
///
/// A rule is made from the options that iptables takes, as a text or as a list of words, or from its parts by keyword.
/// It does not change once it is made. Two rules are equal when they mean the same to the kernel; counters do not count.
/// Equal rules have the same hash, so that sets of rules and dictionaries work.
///
///     rule = libfw.Rule("-s 10.0.0.0/8 -p tcp --dport 22 -j ACCEPT")
///     same = libfw.Rule(source="10.0.0.0/8", protocol="tcp", matches=[libfw.matches.Tcp(dport=22)], target="ACCEPT")
///     assert rule == same
///
/// An ipset that it names is looked up in the network namespace of `kernel`, or in that of the calling thread. With a
/// kernel the rule is also made in the revisions that this one has; otherwise it is converted when it is added to a table.
#[pyclass(frozen, weakref, module = "libfw")]
pub(crate) struct Rule {
    pub(crate) rule: libfw::Rule,
}

impl Rule {
    pub(crate) fn view(&self) -> RuleRef<'_> {
        self.rule.view()
    }

    /// Calls what is written in Python.
    fn helper<'py>(
        py: Python<'py>,
        name: &str,
        arguments: impl pyo3::call::PyCallArgs<'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::convert::module(py, "libfw._rules")?.getattr(name)?.call1(arguments)
    }
}

#[pymethods]
impl Rule {
    #[new]
    #[pyo3(signature = (*rule, family=None, kernel=None, **parts))]
    fn new(
        py: Python<'_>,
        rule: &Bound<'_, PyTuple>,
        family: Option<&Bound<'_, PyAny>>,
        kernel: Option<&Bound<'_, PyAny>>,
        parts: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Rule> {
        // The second one is the family, as it is where a table is named.
        let second = rule.get_item(1).ok().filter(|_| rule.len() == 2 && family.is_none());
        let given = if second.is_some() { &rule.get_slice(0, 1) } else { rule };
        let family =
            self::family(second.as_ref().filter(|second| !second.is_none()).or(family)).map_err(|error| {
                match second.is_some() && !error.is_instance_of::<PyTypeError>(py) {
                    true => PyTypeError::new_err(
                        "a rule is one argument, which its family may follow, or made from keywords",
                    ),
                    false => error,
                }
            })?;
        let source = source_or_any(given, parts)?;
        let kernel = kernel.map(|kernel| shared(Some(kernel))).transpose()?;
        let rule = call(py, || {
            let rule = source.into_rule(family)?;
            kernel.map_or(Ok(()), |kernel| kernel.check_rule(&rule))?;
            Ok(rule)
        })?;
        Ok(Rule { rule })
    }

    /// The handle of nf_tables for a rule that iptables cannot express, of which nothing else is known, as `nft -a list ruleset` shows
    /// it; `None` for all other rules.
    #[getter]
    fn nft_handle(&self) -> Option<u64> {
        self.view().nft_handle()
    }

    /// The options of iptables that make this rule, without command and chain.
    fn __str__(&self) -> String {
        self.view().to_string()
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let py = slf.py();
        let rule = slf.get();
        let family = match rule.rule.family() {
            libfw::Family::Ipv4 => String::new(),
            family => format!(", family={}", PyString::new(py, family_name(family)).repr()?),
        };
        let shown = rule.__str__();
        // What cannot be read back, such as an extension that libfw does not know, is shown by its parts.
        if libfw::Rule::parse(rule.rule.family(), &shown).is_ok_and(|parsed| parsed == rule.rule) {
            return Ok(format!("libfw.Rule({}{family})", PyString::new(py, &shown).repr()?));
        }
        let mut parts = Vec::new();
        let names = [
            "source",
            "destination",
            "in_interface",
            "out_interface",
            "protocol",
            "fragment",
            "matches",
            "target",
        ];
        for name in names {
            let value = slf.getattr(name)?;
            if !(value.is_none() || name == "matches" && value.is_empty()?) {
                parts.push(format!("{name}={}", part_text(&value)?));
            }
        }
        Ok(format!("libfw.Rule({}{family})", parts.join(", ")))
    }

    /// The rule with some of its parts replaced.
    ///
    ///     rule = libfw.Rule("-p tcp --dport 22 -j ACCEPT")
    ///     assert str(rule.with_(source="10.0.0.0/8", target="DROP")) == "-s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j DROP"
    ///     assert str(rule.with_(matches=libfw.ANY)) == "-p tcp -j ACCEPT"
    ///
    /// `libfw.ANY` takes a part away.
    #[pyo3(signature = (**parts))]
    fn with_<'py>(slf: &Bound<'py, Self>, parts: Option<&Bound<'py, PyDict>>) -> PyResult<Bound<'py, PyAny>> {
        let parts = parts.cloned().unwrap_or_else(|| PyDict::new(slf.py()));
        Rule::helper(slf.py(), "with_", (slf, parts))
    }

    /// The same, for `copy.replace`.
    #[pyo3(signature = (**parts))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        parts: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        Rule::with_(slf, parts)
    }

    /// The first match of a class, or `None`.
    ///
    ///     rule = libfw.Rule("-p tcp --dport 22 -m comment --comment ssh -j ACCEPT")
    ///     assert rule.find(libfw.matches.Comment).comment == "ssh"
    ///     assert rule.find(libfw.matches.Udp) is None
    ///
    /// It finds the target too, if it is of that class.
    fn find<'py>(slf: &Bound<'py, Self>, kind: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        Rule::helper(slf.py(), "find", (slf, kind))
    }

    /// The rule in JSON, on one line, with its family and its counters.
    ///
    ///     rule = libfw.Rule("-p tcp --dport 22 -j ACCEPT")
    ///     assert libfw.Rule.from_json(rule.to_json()) == rule
    ///
    /// JSON.md has the schema.
    fn to_json(&self) -> String {
        self.view().to_json()
    }

    /// The rule that a text in JSON stands for. An error has the line, the column and the `path` of what is wrong with it.
    #[staticmethod]
    fn from_json(py: Python<'_>, json: &Bound<'_, PyAny>) -> PyResult<Rule> {
        let json = convert::input("json", json)?;
        let rule = call(py, || libfw::Rule::from_json(&json))?;
        Ok(Rule { rule })
    }

    /// The same as a dictionary, from which `from_dict` makes it again.
    ///
    ///     rule = libfw.Rule("-p tcp --dport 22 -j ACCEPT")
    ///     assert rule.to_dict()["matches"] == [{"match": "tcp", "dport": 22}]
    ///     assert libfw.Rule.from_dict(rule.to_dict()) == rule
    ///
    /// It is made of dictionaries, lists, texts and numbers.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        dict::object(py, self.view().to_value())
    }

    /// The rule that a dictionary stands for.
    #[staticmethod]
    fn from_dict<'py>(values: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        Rule::helper(values.py(), "from_dict", (values,))
    }

    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        slf
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        Rule::helper(slf.py(), "reduce", (slf,))
    }

    /// The text in a format of texts; one that begins with `c` has the counters.
    fn __format__<'py>(slf: &Bound<'py, Self>, form: &str) -> PyResult<Bound<'py, PyAny>> {
        let (counters, form) = form.strip_prefix('c').map_or((false, form), |form| (true, form));
        let shown = match counters {
            true => text(&slf.get().view().to_text(true)).into_bound_py_any(slf.py())?,
            false => slf.str()?.into_any(),
        };
        shown.call_method1("__format__", (form,))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Rule>().is_ok_and(|other| other.get().rule == self.rule)
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.rule.hash(&mut hasher);
        hasher.finish()
    }
}

/// A part that is read back from what is shown where nothing but libfw is imported.
fn part_text(value: &Bound<'_, PyAny>) -> PyResult<String> {
    if value.get_type().module()? == "ipaddress" {
        return Ok(value.str()?.repr()?.to_string());
    }
    match value.getattr("value") {
        Ok(inner) if inner.get_type().module()? == "ipaddress" => {
            Ok(format!("libfw.Not({})", part_text(&inner)?))
        }
        _ => Ok(value.repr()?.to_string()),
    }
}
