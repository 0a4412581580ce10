//! `Rule` and `Rule6`: rules that can be changed.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use libfw::{Counters, Family, Protocol};
use pyo3::exceptions::{PyAttributeError, PyTypeError, PyValueError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};

use super::content::{Content, content_of, target_content};
use super::fault;
use super::header::{self, Header};
use super::part::{Match, Module, Target, same};
use crate::chain::Chain;
use crate::convert::text;
use crate::error::{call, raise};

struct State {
    header: Header,
    /// The chain it was read from, or made for.
    chain: Option<Py<PyAny>>,
    /// The rule as it was read, whose parts become objects when somebody asks for them.
    read: Option<libfw::Rule>,
    /// Whether header or lists of parts differ from what was read.
    changed: bool,
    parts: Option<Parts>,
}

/// Matches and the target, once they are objects.
pub(super) struct Parts {
    pub(super) matches: Vec<Py<PyAny>>,
    pub(super) target: Option<Py<PyAny>>,
}

impl Parts {
    fn copied(&self, py: Python<'_>) -> Parts {
        let matches = self.matches.iter().map(|part| part.clone_ref(py)).collect();
        Parts { matches, target: self.target.as_ref().map(|target| target.clone_ref(py)) }
    }
}

/// A rule for IPv4: what packets it applies to, and what becomes of them.
///
/// It is made empty and filled in; an attribute that is not set means any.
#[pyclass(subclass, frozen, dict, weakref, module = "libfw.iptc.ip4tc")]
pub(crate) struct Rule {
    pub(super) family: Family,
    state: Mutex<State>,
}

impl Rule {
    fn empty(family: Family) -> Rule {
        let header = Header::any(family);
        let state = State { header, chain: None, read: None, changed: true, parts: None };
        Rule { family, state: Mutex::new(state) }
    }

    fn of(rule: libfw::Rule, chain: Option<Py<PyAny>>) -> Rule {
        let (family, header) = (rule.family(), Header::of(&rule.view()));
        let state = State { header, chain, read: Some(rule), changed: false, parts: None };
        Rule { family, state: Mutex::new(state) }
    }

    // The state is never held while Python may run.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn header(&self) -> Header {
        self.state().header.clone()
    }

    /// The protocol that the rule is limited to, for the values of its options.
    pub(super) fn plain_protocol(&self) -> Protocol {
        let protocol = self.state().header.protocol;
        if protocol.inverted { Protocol::ANY } else { protocol.value }
    }

    /// All that the rule has.
    pub(super) fn inside(slf: &Bound<'_, Rule>) -> PyResult<(Header, Parts)> {
        Ok((slf.get().header(), Rule::parts(slf)?))
    }

    /// Changes what the rule has of its own.
    fn change(&self, change: impl FnOnce(&mut Header)) {
        let mut state = self.state();
        change(&mut state.header);
        state.changed = true;
    }

    /// Matches and target as objects.
    fn parts(slf: &Bound<'_, Rule>) -> PyResult<Parts> {
        let py = slf.py();
        let contents = {
            let state = slf.get().state();
            if let Some(parts) = &state.parts {
                return Ok(parts.copied(py));
            }
            state.read.as_ref().map(|rule| {
                let view = rule.view();
                let matches: Vec<_> = view.matches().map(|part| content_of(&part)).collect();
                (matches, target_content(&view.target()))
            })
        };
        let mut parts = Parts { matches: Vec::new(), target: None };
        if let Some((matches, target)) = contents {
            for content in matches {
                parts.matches.push(
                    Py::new(py, Match::of(slf.clone().into_any().unbind(), content, false))?.into_any(),
                );
            }
            let target = Target::of(slf.clone().into_any().unbind(), target, false);
            parts.target = Some(Py::new(py, target)?.into_any());
        }
        let mut state = slf.get().state();
        Ok(match &state.parts {
            // Another thread was faster.
            Some(known) => known.copied(py),
            None => {
                state.parts = Some(parts.copied(py));
                parts
            }
        })
    }

    /// Changes the lists of parts in one step; what an edit takes out is returned, since dropping it may run Python.
    fn edit<T>(slf: &Bound<'_, Rule>, edit: impl FnOnce(&mut Parts) -> T) -> PyResult<T> {
        drop(Rule::parts(slf)?);
        let mut state = slf.get().state();
        state.changed = true;
        Ok(edit(state.parts.get_or_insert_with(|| Parts { matches: Vec::new(), target: None })))
    }

    /// The rule for a table.
    fn build(slf: &Bound<'_, Rule>) -> PyResult<libfw::Rule> {
        let py = slf.py();
        let (header, parts) = {
            let state = slf.get().state();
            let parts = state.parts.as_ref().map(|parts| parts.copied(py));
            let untouched = !state.changed && parts.as_ref().is_none_or(|parts| !parts.are_changed(py));
            if let Some(read) = state.read.as_ref().filter(|_| untouched) {
                return Ok(read.clone());
            }
            (state.header.clone(), parts)
        };
        let parts = parts.map_or_else(|| Rule::parts(slf), Ok)?;
        let mut builder = libfw::Rule::builder()
            .source(header.source.net)
            .destination(header.destination.net)
            .input(header.input)
            .output(header.output)
            .protocol(header.protocol)
            .counters(header.counters);
        if let Some(fragment) = header.fragment {
            builder = builder.fragment(fragment);
        }
        let family = slf.get().family;
        let built = (move || {
            for part in &parts.matches {
                if let Ok(part) = part.bind(py).cast::<Module>() {
                    builder = builder.matching(part.get().to_match()?);
                }
            }
            if let Some(target) =
                parts.target.as_ref().and_then(|target| target.bind(py).cast::<Module>().ok())
                && let Some(target) = target.get().to_target()?
            {
                builder = builder.target(target);
            }
            builder.build(family)
        })();
        built.map_err(|error| fault(py, "failed_check", (raise(py, &error).into_value(py),)))
    }

    fn set(slf: &Bound<'_, Rule>, name: &str, value: &Bound<'_, PyAny>) -> PyResult<bool> {
        let rule = slf.get();
        let family = rule.family;
        match name {
            "src" => {
                let net = header::address(family, value)?;
                rule.change(|header| header.source = net);
            }
            "dst" => {
                let net = header::address(family, value)?;
                rule.change(|header| header.destination = net);
            }
            "in_interface" => {
                let interface = header::interface(value)?;
                rule.change(|header| header.input = interface);
            }
            "out_interface" => {
                let interface = header::interface(value)?;
                rule.change(|header| header.output = interface);
            }
            "protocol" => {
                let protocol = header::protocol(family, value)?;
                rule.change(|header| header.protocol = protocol);
            }
            "fragment" => {
                rule.require_fragments()?;
                let fragment = header::fragment(value)?;
                rule.change(|header| header.fragment = fragment);
            }
            "counters" => {
                let [packets, bytes] = value.extract()?;
                rule.change(|header| header.counters = Counters::new(packets, bytes));
            }
            "target" => {
                if !value.is_instance_of::<Target>() {
                    let message = format!(
                        "a target is made by rule.create_target(name) or Target(rule, name), not {}",
                        value.repr()?
                    );
                    return Err(PyTypeError::new_err(message));
                }
                let _old = value.cast::<Module>()?.get().give_to(slf);
                let target = value.clone().unbind();
                let _old = Rule::edit(slf, |parts| parts.target.replace(target))?;
            }
            "chain" => {
                let chain = (!value.is_none()).then(|| value.clone().unbind());
                let _old = std::mem::replace(&mut rule.state().chain, chain);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn require_fragments(&self) -> PyResult<()> {
        match self.family {
            Family::Ipv4 => Ok(()),
            Family::Ipv6 | Family::Arp => {
                Err(PyAttributeError::new_err("rules for IPv6 have no fragment; use the match frag"))
            }
        }
    }

    fn initializer(self) -> PyClassInitializer<Rule> {
        PyClassInitializer::from(self)
    }
}

impl Parts {
    fn are_changed(&self, py: Python<'_>) -> bool {
        self.matches
            .iter()
            .chain(&self.target)
            .any(|part| part.bind(py).cast::<Module>().is_ok_and(|part| part.get().is_changed()))
    }
}

#[pymethods]
impl Rule {
    /// The number of the family: `NFPROTO_IPV4`.
    #[classattr]
    fn protocols() -> HashMap<u8, &'static str> {
        header::PROTOCOLS.into_iter().collect()
    }

    // The arguments of a class that is derived from this one are its own: what they mean is known when it calls `__init__`.
    #[new]
    #[pyo3(signature = (*_args, **_kwargs), text_signature = "(entry=None, chain=None)")]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> PyClassInitializer<Rule> {
        Rule::empty(Family::Ipv4).initializer()
    }

    #[pyo3(signature = (entry=None, chain=None))]
    fn __init__(&self, entry: Option<&Bound<'_, PyAny>>, chain: Option<Py<PyAny>>) -> PyResult<()> {
        if entry.is_some() {
            return Err(PyTypeError::new_err("a rule is made empty, not from an entry of the kernel"));
        }
        let _old = std::mem::replace(&mut self.state().chain, chain);
        Ok(())
    }

    /// A rule from the options that iptables takes, such as `-p tcp --dport 22 -j ACCEPT`.
    #[classmethod]
    fn from_text(cls: &Bound<'_, pyo3::types::PyType>, text: &str) -> PyResult<Py<PyAny>> {
        let py = cls.py();
        let family = if cls.is_subclass_of::<Rule6>()? { Family::Ipv6 } else { Family::Ipv4 };
        let rule = call(py, || libfw::Rule::parse(family, text))?;
        made(py, rule, None)
    }

    /// 2 for IPv4, 10 for IPv6.
    #[getter]
    fn nfproto(&self) -> u8 {
        if self.family == Family::Ipv4 { 2 } else { 10 }
    }

    /// The chain it was read from.
    #[getter]
    fn chain(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.state().chain.as_ref().map(|chain| chain.clone_ref(py))
    }

    /// The source address: `'10.0.0.0/255.0.0.0'`, with a `!` in front of what is inverted.
    #[getter]
    fn src(&self) -> String {
        self.header().source.text(false)
    }

    /// The destination address.
    #[getter]
    fn dst(&self) -> String {
        self.header().destination.text(false)
    }

    /// The interface that packets come in by; `None` for any.
    #[getter]
    fn in_interface<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        shown(py, header::interface_text(self.header().input))
    }

    /// The interface that packets go out by; `None` for any.
    #[getter]
    fn out_interface<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        shown(py, header::interface_text(self.header().output))
    }

    /// The protocol; `'ip'` for any.
    #[getter]
    fn protocol(&self) -> String {
        header::protocol_text(self.header().protocol)
    }

    /// Whether the rule is for second and further fragments; `'!'` if it is for all but those.
    #[getter]
    fn fragment<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.require_fragments()?;
        header::fragment_value(py, self.header().fragment)
    }

    /// How many packets and bytes the rule has seen.
    #[getter]
    fn counters(&self) -> (u64, u64) {
        let Counters { packets, bytes, .. } = self.header().counters;
        (packets, bytes)
    }

    /// The matches: a list of its own, whose changes do not change the rule.
    #[getter]
    fn matches<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(slf.py(), Rule::parts(slf)?.matches)
    }

    /// The target.
    #[getter]
    fn target(slf: &Bound<'_, Self>) -> PyResult<Option<Py<PyAny>>> {
        Ok(Rule::parts(slf)?.target)
    }

    /// Makes the match of that name and adds it.
    #[pyo3(signature = (name, revision=None))]
    fn create_match<'py>(
        slf: &Bound<'py, Self>,
        name: &str,
        revision: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (py, _) = (slf.py(), revision);
        let made = Bound::new(py, Match::named(slf, name)?)?.into_any();
        Rule::edit(slf, |parts| parts.matches.push(made.clone().unbind()))?;
        Ok(made)
    }

    /// Adds a match.
    fn add_match(slf: &Bound<'_, Self>, r#match: &Bound<'_, Match>) -> PyResult<()> {
        let _old = r#match.as_super().get().give_to(slf);
        let part = r#match.clone().into_any().unbind();
        Rule::edit(slf, |parts| parts.matches.push(part))
    }

    /// Takes out the first match that is the same.
    fn remove_match(slf: &Bound<'_, Self>, r#match: &Bound<'_, Match>) -> PyResult<()> {
        let py = slf.py();
        let wanted = r#match.as_super().get();
        for part in &Rule::parts(slf)?.matches {
            if part.bind(py).cast::<Module>().is_ok_and(|part| same(py, part.get(), wanted).unwrap_or(false))
            {
                let taken = Rule::edit(slf, |parts| {
                    let at = parts.matches.iter().position(|one| one.is(part));
                    at.map(|at| parts.matches.remove(at))
                })?;
                if taken.is_some() {
                    return Ok(());
                }
            }
        }
        Err(PyValueError::new_err("the rule does not have this match"))
    }

    /// Makes the target of that name and gives it to the rule.
    #[pyo3(signature = (name, revision=None, goto=None))]
    fn create_target<'py>(
        slf: &Bound<'py, Self>,
        name: &str,
        revision: Option<&Bound<'_, PyAny>>,
        goto: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (py, _) = (slf.py(), revision);
        let made = Bound::new(py, Target::named(slf, name, goto)?)?.into_any();
        let target = made.clone().unbind();
        let _old = Rule::edit(slf, |parts| parts.target.replace(target))?;
        Ok(made)
    }

    /// Finds out whether no match or target lacks an option.
    fn final_check(slf: &Bound<'_, Self>) -> PyResult<()> {
        Rule::build(slf).map(drop)
    }

    /// The rule for a table.
    fn _built(slf: &Bound<'_, Self>) -> PyResult<crate::rule::Rule> {
        if slf.get().lacks_target() {
            return Err(PyValueError::new_err(
                "invalid rule: it has no target; create_target('') makes one that only counts",
            ));
        }
        Ok(crate::rule::Rule { rule: Rule::build(slf)? })
    }

    fn __setattr__(
        slf: &Bound<'_, Self>,
        name: &Bound<'_, PyString>,
        value: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let known = name.to_cow()?;
        if Rule::set(slf, &known, value)? {
            return Ok(());
        }
        if matches!(&*known, "matches" | "nfproto" | "protocols" | "tables") {
            return Err(PyAttributeError::new_err(format!(
                "property '{known}' of 'Rule' object has no setter"
            )));
        }
        // A derived class has attributes of its own.
        let is_plain = slf.is_exact_instance_of::<Rule>() || slf.is_exact_instance_of::<Rule6>();
        if is_plain && !known.starts_with('_') {
            warn_of(slf.py(), &known)?;
        }
        slf.getattr("__dict__")?.set_item(name, value)
    }

    fn __delattr__(slf: &Bound<'_, Self>, name: &Bound<'_, PyString>) -> PyResult<()> {
        let own = slf.getattr("__dict__")?.cast_into::<PyDict>()?;
        match own.contains(name)? {
            true => own.del_item(name),
            false => {
                Err(PyAttributeError::new_err(format!("'Rule' object has no attribute '{name}' to delete")))
            }
        }
    }

    fn __eq__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = slf.py();
        let Ok(other) = other.cast::<Rule>() else { return Ok(false) };
        if slf.is(other) {
            return Ok(true);
        }
        if slf.get().family != other.get().family || !slf.get().header().same(&other.get().header()) {
            return Ok(false);
        }
        let (one, two) = (Rule::parts(slf)?, Rule::parts(other)?);
        let equal = |left: &Py<PyAny>, right: &Py<PyAny>| match (left.bind(py).cast(), right.bind(py).cast())
        {
            (Ok(left), Ok(right)) => same(py, Bound::get(left), Bound::get(right)),
            _ => Ok(false),
        };
        match (&one.target, &two.target) {
            (None, None) => {}
            (Some(left), Some(right)) if equal(left, right)? => {}
            _ => return Ok(false),
        }
        if one.matches.len() != two.matches.len() {
            return Ok(false);
        }
        let mut rest: Vec<_> = two.matches.iter().collect();
        for part in &one.matches {
            let mut found = None;
            for (at, other) in rest.iter().enumerate() {
                if equal(part, other)? {
                    found = Some(at);
                    break;
                }
            }
            match found {
                Some(at) => rest.remove(at),
                None => return Ok(false),
            };
        }
        Ok(true)
    }

    /// The options of iptables that make this rule.
    fn __str__(slf: &Bound<'_, Self>) -> PyResult<String> {
        Ok(Rule::build(slf)?.to_string())
    }

    /// A rule with the same matches and target.
    fn __copy__(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        let parts = Rule::parts(slf)?;
        let rule = slf.get();
        let (header, chain) = (rule.header(), rule.chain(py));
        let state = State { header, chain, read: None, changed: true, parts: Some(parts) };
        copied(py, Rule { family: rule.family, state: Mutex::new(state) })
    }

    /// A rule with matches and a target of its own.
    fn __deepcopy__(slf: &Bound<'_, Self>, _memo: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        let (parts, rule) = (Rule::parts(slf)?, slf.get());
        let (header, chain) = (rule.header(), rule.chain(py));
        let state = State { header, chain, read: None, changed: true, parts: None };
        let copy = copied(py, Rule { family: rule.family, state: Mutex::new(state) })?;
        let content =
            |part: &Py<PyAny>| -> PyResult<Content> { Ok(part.bind(py).cast::<Module>()?.get().content()) };
        let mut new = Parts { matches: Vec::new(), target: None };
        for part in &parts.matches {
            new.matches.push(Py::new(py, Match::of(copy.clone_ref(py), content(part)?, true))?.into_any());
        }
        if let Some(target) = &parts.target {
            new.target =
                Some(Py::new(py, Target::of(copy.clone_ref(py), content(target)?, true))?.into_any());
        }
        copy.bind(py).cast::<Rule>()?.get().state().parts = Some(new);
        Ok(copy)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        // Where the state is in use it is left for the next time.
        if let Ok(state) = self.state.try_lock() {
            visit.call(&state.chain)?;
            if let Some(parts) = &state.parts {
                for part in &parts.matches {
                    visit.call(part)?;
                }
                visit.call(&parts.target)?;
            }
        }
        Ok(())
    }

    fn __clear__(&self) {
        let parts = self.state.try_lock().ok().and_then(|mut state| state.parts.take());
        drop(parts);
    }
}

impl Rule {
    fn lacks_target(&self) -> bool {
        let state = self.state();
        match &state.parts {
            Some(parts) => parts.target.is_none(),
            None => state.read.is_none(),
        }
    }
}

pub(super) fn shown<'py>(py: Python<'py>, name: Option<Vec<u8>>) -> PyResult<Option<Bound<'py, PyString>>> {
    Ok(name.map(|name| text(&name).into_pyobject(py)).transpose()?)
}

/// Warns that an attribute has no effect.
fn warn_of(py: Python<'_>, name: &str) -> PyResult<()> {
    py.import("libfw.iptc.errors")?.call_method1("warn_of_attribute", (name,)).map(drop)
}

/// A rule for IPv6.
#[pyclass(extends = Rule, subclass, frozen, module = "libfw.iptc.ip6tc")]
pub(crate) struct Rule6;

#[pymethods]
impl Rule6 {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs), text_signature = "(entry=None, chain=None)")]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> PyClassInitializer<Rule6> {
        Rule::empty(Family::Ipv6).initializer().add_subclass(Rule6)
    }

    /// The bytes of the mask of a prefix.
    fn _create_mask(&self, plen: u8) -> Vec<u32> {
        let mask = u128::MAX.checked_shl(128 - u32::from(plen.min(128))).unwrap_or(0);
        mask.to_be_bytes().into_iter().map(u32::from).collect()
    }

    /// The value of an attribute by its name.
    fn save<'py>(slf: &Bound<'py, Self>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        slf.getattr(name)
    }
}

fn copied(py: Python<'_>, rule: Rule) -> PyResult<Py<PyAny>> {
    Ok(match rule.family {
        Family::Ipv4 | Family::Arp => Py::new(py, rule)?.into_any(),
        Family::Ipv6 => Py::new(py, rule.initializer().add_subclass(Rule6))?.into_any(),
    })
}

fn made(py: Python<'_>, rule: libfw::Rule, chain: Option<Py<PyAny>>) -> PyResult<Py<PyAny>> {
    copied(py, Rule::of(rule, chain))
}

/// The rules of a chain, each with the object that stands for the chain.
#[pyfunction]
pub(crate) fn rules<'py>(chain: &Bound<'py, Chain>, of: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
    let py = chain.py();
    let rules = chain.get().all(py)?;
    let mut objects = Vec::with_capacity(rules.len());
    for rule in rules {
        objects.push(made(py, rule, Some(of.clone().unbind()))?);
    }
    PyList::new(py, objects)
}
