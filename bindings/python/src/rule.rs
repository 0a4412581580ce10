//! `Rule`.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use libfw::{IntoRule, RuleRef, TargetRef, Verdict};
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};

use crate::convert::{self, Lasting, counters_object, family, family_name, family_object, text};
use crate::error::call;
use crate::kernel::Kernel;
use crate::known::part_object;
use crate::parts::source_or_any;
use crate::values::network;

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
    fn view(&self) -> RuleRef<'_> {
        self.rule.view()
    }

    /// Calls what is written in Python.
    fn helper<'py>(
        py: Python<'py>,
        name: &str,
        arguments: impl pyo3::call::PyCallArgs<'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        py.import("libfw._rules")?.getattr(name)?.call1(arguments)
    }

    /// A value with an optional `!`.
    fn inv<'py>(
        py: Python<'py>,
        inverted: bool,
        value: impl IntoPyObject<'py>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let value = value.into_bound_py_any(py)?;
        Ok(Some(if inverted { convert::not(py, value)? } else { value }))
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
        kernel: Option<&Bound<'_, Kernel>>,
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
        let kernel = kernel.map(|kernel| kernel.get().shared());
        let rule = call(py, || {
            let rule = source.into_rule(family)?;
            kernel.map_or(Ok(()), |kernel| kernel.check_rule(&rule))?;
            Ok(rule)
        })?;
        Ok(Rule { rule })
    }

    /// The family the rule is for.
    #[getter]
    fn family<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        family_object(py, self.rule.family())
    }

    /// The source address: an `ipaddress` network, `None` for any. A mask that is no prefix makes it a text.
    #[getter]
    fn source<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let source = self.view().source();
        if source.value.is_any() && !source.inverted {
            return Ok(None);
        }
        Rule::inv(py, source.inverted, network(py, source.value)?)
    }

    /// The destination address, `None` for any.
    #[getter]
    fn destination<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let destination = self.view().destination();
        if destination.value.is_any() && !destination.inverted {
            return Ok(None);
        }
        Rule::inv(py, destination.inverted, network(py, destination.value)?)
    }

    /// The interface the packet came in by, `None` for any. A `+` at the end stands for any rest.
    #[getter]
    fn in_interface<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let input = self.view().input();
        if input.value.is_any() && !input.inverted {
            return Ok(None);
        }
        Rule::inv(py, input.inverted, text(input.value.as_bytes()))
    }

    /// The interface the packet goes out by, `None` for any.
    #[getter]
    fn out_interface<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let output = self.view().output();
        if output.value.is_any() && !output.inverted {
            return Ok(None);
        }
        Rule::inv(py, output.inverted, text(output.value.as_bytes()))
    }

    /// The protocol's name, or its number as a text; `None` for any.
    #[getter]
    fn protocol<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let protocol = self.view().protocol();
        if protocol.value == libfw::Protocol::ANY && !protocol.inverted {
            return Ok(None);
        }
        Rule::inv(py, protocol.inverted, protocol_text(py, protocol.value))
    }

    /// Whether the rule is for second and further fragments, for all but those, or for both (`None`). IPv4 only.
    #[getter]
    fn fragment(&self) -> Option<bool> {
        self.view().fragment()
    }

    /// The matches in order.
    #[getter]
    fn matches<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(slf.py());
        for (index, matching) in slf.get().view().matches().enumerate() {
            list.append(part_object(slf, &matching, Some(index))?)?;
        }
        Ok(list)
    }

    /// The target: a part of `libfw.targets`, or `None` for a rule that only counts.
    #[getter]
    fn target<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        static ACCEPT: Lasting = Lasting::new("libfw._parts", "ACCEPT");
        static DROP: Lasting = Lasting::new("libfw._parts", "DROP");
        static QUEUE: Lasting = Lasting::new("libfw._parts", "QUEUE");
        static RETURN: Lasting = Lasting::new("libfw._parts", "RETURN");
        static JUMP: Lasting = Lasting::new("libfw._parts", "Jump");
        static GOTO: Lasting = Lasting::new("libfw._parts", "Goto");
        let py = slf.py();
        Ok(Some(match slf.get().view().target() {
            TargetRef::None => return Ok(None),
            TargetRef::Verdict(Verdict::Accept) => ACCEPT.get(py)?.clone(),
            TargetRef::Verdict(Verdict::Drop) => DROP.get(py)?.clone(),
            TargetRef::Verdict(Verdict::Queue) => QUEUE.get(py)?.clone(),
            TargetRef::Verdict(Verdict::Return) => RETURN.get(py)?.clone(),
            TargetRef::Jump(chain) => JUMP.get(py)?.call1((text(chain),))?,
            TargetRef::Goto(chain) => GOTO.get(py)?.call1((text(chain),))?,
            TargetRef::Extension(target) => part_object(slf, &target, None)?,
        }))
    }

    /// How many packets and bytes the rule had seen when the table was read.
    #[getter]
    fn counters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        counters_object(py, self.view().counters())
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
        let json = convert::input(json)?;
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
    fn to_dict<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        Rule::helper(slf.py(), "to_dict", (slf,))
    }

    /// The rule that a dictionary stands for.
    #[staticmethod]
    fn from_dict<'py>(values: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        Rule::helper(values.py(), "from_dict", (values,))
    }

    fn __getattr__(slf: &Bound<'_, Self>, name: &str) -> PyResult<Py<PyAny>> {
        Err(convert::no_attribute(slf.py(), "Rule", name))
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

/// The name of a protocol, or its number, of which each is made once.
fn protocol_text(py: Python<'_>, protocol: libfw::Protocol) -> Bound<'_, PyString> {
    static TEXTS: [PyOnceLock<Py<PyString>>; 256] = [const { PyOnceLock::new() }; 256];
    let make = || PyString::new(py, &protocol.to_string()).unbind();
    TEXTS[usize::from(protocol.0)].get_or_init(py, make).bind(py).clone()
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
