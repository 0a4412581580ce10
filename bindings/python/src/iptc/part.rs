//! `Match` and `Target`: extensions whose options are set one by one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use libfw::ext::{self, Extension, ExtensionKind};
use libfw::{Family, Protocol};
use pyo3::exceptions::{PyAttributeError, PyTypeError, PyValueError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyTuple};

use super::content::{Content, verdict};
use super::fault;
use super::rule::Rule;
use super::words::{self, Given};
use crate::convert::text;
use crate::error::raise;

struct State {
    /// The rule that it belongs to, once it is known.
    rule: Option<Py<PyAny>>,
    content: Content,
    /// The options as they are printed, once somebody has asked.
    printed: Option<Arc<Vec<Given>>>,
    /// Whether it was changed since its rule was read.
    changed: bool,
    /// How often it was changed.
    version: u64,
}

impl State {
    fn set(&mut self, content: Content, printed: Option<Arc<Vec<Given>>>) {
        (self.content, self.printed, self.changed) = (content, printed, true);
        self.version += 1;
    }
}

/// What matches and targets have in common: options that are attributes.
///
/// Setting one checks its value; reading gives what `iptables-save` prints, with a `!` in front of what is inverted, and
/// `None` for an option that is not there.
#[pyclass(subclass, frozen, dict, weakref, name = "IPTCModule", module = "libfw.iptc.ip4tc")]
pub(crate) struct Module {
    pub(super) kind: ExtensionKind,
    state: Mutex<State>,
}

/// Names that are attributes of their own, so that options of the same name are set by `set_parameter`.
const TAKEN: [&str; 4] = ["name", "parameters", "goto", "standard_target"];

impl Module {
    pub(super) fn new(rule: Py<PyAny>, kind: ExtensionKind, content: Content, changed: bool) -> Module {
        let printed = match &content {
            // What was read from a rule is as it is printed.
            Content::Known { given, .. } if !changed => Some(Arc::new(given.clone())),
            _ => None,
        };
        let state = State { rule: Some(rule), content, printed, changed, version: 0 };
        Module { kind, state: Mutex::new(state) }
    }

    /// One that nothing is known of before `__init__`.
    fn unknown(kind: ExtensionKind) -> Module {
        let content = Content::Standard { name: Vec::new(), goto: false };
        let state = State { rule: None, content, printed: None, changed: true, version: 0 };
        Module { kind, state: Mutex::new(state) }
    }

    /// Makes it what `__init__` says.
    fn become_of(&self, rule: &Bound<'_, Rule>, content: Content) {
        let _old = self.give_to(rule);
        self.state().set(content, None);
    }

    /// Makes it belong to a rule, and returns the one it belonged to, since dropping that may run Python.
    pub(super) fn give_to(&self, rule: &Bound<'_, Rule>) -> Option<Py<PyAny>> {
        self.state().rule.replace(rule.clone().into_any().unbind())
    }

    fn rule_of(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.state().rule.as_ref().map(|rule| rule.clone_ref(py))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn content(&self) -> Content {
        self.state().content.clone()
    }

    pub(super) fn to_match(&self) -> libfw::Result<libfw::Match> {
        self.state().content.to_match()
    }

    pub(super) fn to_target(&self) -> libfw::Result<Option<libfw::Target>> {
        self.state().content.to_target()
    }

    pub(super) fn is_changed(&self) -> bool {
        self.state().changed
    }

    /// The family and protocol of the rule.
    fn place(&self, py: Python<'_>) -> (Family, Protocol) {
        match self.rule_of(py).as_ref().map(|rule| rule.bind(py).cast::<Rule>()) {
            Some(Ok(rule)) => (rule.get().family, rule.get().plain_protocol()),
            _ => (Family::Ipv4, Protocol::ANY),
        }
    }

    // The state is never held while Python may run: another thread would wait for it with the interpreter in hand.

    pub(super) fn printed(&self, py: Python<'_>) -> PyResult<Arc<Vec<Given>>> {
        let (content, version) = {
            let state = self.state();
            if let Some(printed) = &state.printed {
                return Ok(printed.clone());
            }
            (state.content.clone(), state.version)
        };
        let printed = match &content {
            Content::Known { extension, given } => {
                read(extension, self.place(py), given).map(|printed| words::shown(printed, extension, given))
            }
            Content::Opaque { .. } | Content::Standard { .. } => Ok(Vec::new()),
        };
        let printed = Arc::new(printed.map_err(|error| raise(py, &error))?);
        let mut state = self.state();
        if state.version == version {
            state.printed = Some(printed.clone());
        }
        Ok(printed)
    }

    /// Sets an option; `None` for one that is to go.
    fn put(&self, py: Python<'_>, option: &str, value: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        // Another thread may set another option meanwhile.
        while !self.try_put(py, option, value)? {}
        Ok(())
    }

    /// The same, unless something was changed in between.
    fn try_put(&self, py: Python<'_>, option: &str, value: Option<&Bound<'_, PyAny>>) -> PyResult<bool> {
        let place = self.place(py);
        let (content, version) = {
            let state = self.state();
            (state.content.clone(), state.version)
        };
        let Content::Known { extension, given } = content else { return Err(self.no_option(py, option)) };
        let named = extension
            .options
            .iter()
            .filter(|opt| opt.families.contains(place.0))
            .find_map(|opt| opt.names().find(|name| *name == option).map(|name| (opt, name)));
        let Some((opt, name)) = named else { return Err(self.no_option(py, option)) };
        let new = words::read(opt, value)?.map(|(inverted, value)| Given { opt, name, inverted, value });
        let mut given: Vec<_> = given.into_iter().filter(|given| !std::ptr::eq(given.opt, opt)).collect();
        let others = given.len();
        given.extend(new.clone());
        let mut result = read(extension, place, &given);
        // What stands in the way of the new option gives way: the last word counts.
        for at in 0..others {
            if result.is_ok() {
                break;
            }
            let mut fewer = given.clone();
            fewer.remove(at);
            if let Ok(printed) = read(extension, place, &fewer) {
                (given, result) = (fewer, Ok(printed));
            }
        }
        let printed = result.map_err(|error| {
            let value = new.map(|new| String::from_utf8_lossy(&new.value).into_owned());
            fault(py, "invalid_value", (value, raise(py, &error).into_value(py)))
        })?;
        let mut state = self.state();
        let is_current = state.version == version;
        if is_current {
            state.set(Content::Known { extension, given }, Some(Arc::new(printed)));
        }
        Ok(is_current)
    }

    fn no_option(&self, py: Python<'_>, option: &str) -> PyErr {
        let name = self.state().content.name().to_vec();
        fault(py, "no_parameter", (text(&name), option))
    }

    /// Writes the content for a copy or a pickle: see [`Module::restore`].
    fn told<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        match self.content() {
            Content::Known { extension, given } => {
                let options: Vec<_> = given
                    .iter()
                    .map(|given| (given.name, given.inverted, PyBytes::new(py, &given.value)))
                    .collect();
                ("known", extension.name, options).into_pyobject(py)
            }
            Content::Opaque { name, revision, data } => {
                ("opaque", PyBytes::new(py, &name), (revision, PyBytes::new(py, &data))).into_pyobject(py)
            }
            Content::Standard { name, goto } => ("standard", PyBytes::new(py, &name), goto).into_pyobject(py),
        }
    }
}

/// The options as they are printed.
fn read(
    extension: &'static Extension,
    place: (Family, Protocol),
    given: &[Given],
) -> libfw::Result<Vec<Given>> {
    let printed = extension.draft(place.0, place.1, words::filled(extension, given))?;
    Ok(printed
        .into_iter()
        .map(|(opt, inverted, value)| Given { opt, name: opt.name, inverted, value })
        .collect())
}

#[pymethods]
impl Module {
    /// The rule that it was made for.
    #[getter]
    fn rule(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.rule_of(py)
    }

    /// The name of the match or target; of a jump that of the chain.
    #[getter]
    fn name<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let name = self.state().content.name().to_vec();
        Ok(text(&name).into_pyobject(py)?.into_any())
    }

    /// The options with a text each: `{"dport": "80"}`.
    #[getter]
    fn parameters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        words::texts(py, &self.printed(py)?)
    }

    /// The options with a list of words each: `{"dport": ["!", "80"]}`.
    fn get_all_parameters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        words::lists(py, &self.printed(py)?)
    }

    /// Sets an option; its name may have `-` or `_`.
    #[pyo3(signature = (parameter, value=None))]
    fn set_parameter(
        &self,
        py: Python<'_>,
        parameter: &str,
        value: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        self.put(py, &parameter.replace('_', "-"), value)
    }

    /// Sets an option.
    #[pyo3(signature = (parameter, value=None))]
    fn parse(&self, py: Python<'_>, parameter: &str, value: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        self.put(py, &parameter.replace('_', "-"), value)
    }

    /// The value of an option, as the attribute of that name reads; without a name all of them.
    fn save<'py>(&self, py: Python<'py>, name: Option<&str>) -> PyResult<Bound<'py, PyAny>> {
        match name {
            Some(name) => words::value(py, &self.printed(py)?, &name.replace('_', "-")),
            None => Ok(self.parameters(py)?.into_any()),
        }
    }

    /// Goes back to the options that it has to begin with.
    fn reset(&self) {
        let mut state = self.state();
        if let Content::Known { given, .. } = &mut state.content {
            given.clear();
        }
        state.printed = None;
        state.changed = true;
        state.version += 1;
    }

    /// Finds out whether an option is missing, or does not go with the others.
    fn final_check(&self, py: Python<'_>) -> PyResult<()> {
        let content = self.content();
        let (family, protocol) = self.place(py);
        let build = || {
            let rule = libfw::Rule::builder().protocol(protocol);
            match self.kind {
                ExtensionKind::Match => rule.matching(content.to_match()?).build(family),
                ExtensionKind::Target => match content.to_target()? {
                    Some(target) => rule.target(target).build(family),
                    None => rule.build(family),
                },
            }
        };
        match build() {
            Ok(_) => Ok(()),
            Err(error) => Err(fault(py, "failed_check", (raise(py, &error).into_value(py),))),
        }
    }

    fn _told<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.told(py)
    }

    /// Takes over what another of the same name has.
    fn _restore(&self, told: (String, Bound<'_, PyAny>, Bound<'_, PyAny>)) -> PyResult<()> {
        let (form, name, value) = told;
        let content = match (form.as_str(), self.content()) {
            ("known", Content::Known { extension, .. }) => {
                let options: Vec<(String, bool, Vec<u8>)> = value.extract()?;
                let given = options.into_iter().filter_map(|(name, inverted, value)| {
                    let (opt, name) = extension
                        .options
                        .iter()
                        .find_map(|opt| opt.names().find(|known| *known == name).map(|name| (opt, name)))?;
                    Some(Given { opt, name, inverted, value })
                });
                Content::Known { extension, given: given.collect() }
            }
            ("opaque", _) => {
                let (revision, data) = value.extract()?;
                Content::Opaque { name: name.extract()?, revision, data }
            }
            _ => Content::Standard { name: name.extract()?, goto: value.extract()? },
        };
        self.state().set(content, None);
        Ok(())
    }

    fn __getattr__<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        if name.starts_with('_') {
            return Err(PyAttributeError::new_err(name.to_owned()));
        }
        // Of a verdict or a chain there are no options to ask for.
        if let Content::Standard { name: target, .. } = &self.state().content {
            let message = format!("the target {} has no option {name}", String::from_utf8_lossy(target));
            return Err(PyAttributeError::new_err(message));
        }
        let printed = self.printed(py)?;
        match name.contains('_') {
            true => words::value(py, &printed, &name.replace('_', "-")),
            false => words::value(py, &printed, name),
        }
    }

    fn __setattr__(slf: &Bound<'_, Self>, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        if name == "standard_target"
            && let Ok(target) = slf.cast::<Target>()
        {
            return Target::set_standard_target(target, value);
        }
        // What a derived class keeps for itself is no option.
        if name.starts_with('_') {
            return slf.getattr("__dict__")?.set_item(name, value);
        }
        if name == "rule" {
            let _old = slf.get().give_to(value.cast::<Rule>()?);
            return Ok(());
        }
        if TAKEN.contains(&name) {
            let kind = slf.get_type().name()?;
            let hint = format!(
                "property '{name}' of '{kind}' object has no setter; an option of that name is set by set_parameter()"
            );
            return Err(PyAttributeError::new_err(hint));
        }
        slf.get().put(slf.py(), &name.replace('_', "-"), Some(value))
    }

    fn __eq__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = slf.py();
        let Ok(other) = other.cast::<Module>() else { return Ok(false) };
        same(py, slf.get(), other.get())
    }

    fn __hash__(&self) -> isize {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        self.state().content.name().hash(&mut hasher);
        hasher.finish() as isize
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let kind = slf.get_type().name()?;
        let (name, parameters) = (slf.getattr("name")?.repr()?, slf.getattr("parameters")?.repr()?);
        Ok(format!("<iptc.{kind} {name} {parameters}>"))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        // Where the state is in use it is left for the next time.
        self.state.try_lock().map_or(Ok(()), |state| visit.call(&state.rule))
    }

    fn __clear__(&self) {
        let rule = self.state.try_lock().ok().and_then(|mut state| state.rule.take());
        drop(rule);
    }
}

/// Whether two matches or targets are the same: by name and options, or by verdict.
pub(super) fn same(py: Python<'_>, left: &Module, right: &Module) -> PyResult<bool> {
    if std::ptr::eq(left, right) {
        return Ok(true);
    }
    let (one, two) = (left.content(), right.content());
    Ok(match (&one, &two) {
        _ if left.kind != right.kind || one.name() != two.name() => false,
        (Content::Known { .. }, Content::Known { .. }) => *left.printed(py)? == *right.printed(py)?,
        (Content::Opaque { revision, data, .. }, Content::Opaque { revision: other, data: others, .. }) => {
            revision == other && data == others
        }
        (Content::Standard { goto, .. }, Content::Standard { goto: other, .. }) => goto == other,
        _ => false,
    })
}

/// A condition of a rule.
#[pyclass(extends = Module, subclass, frozen, module = "libfw.iptc.ip4tc")]
pub(crate) struct Match;

#[pymethods]
impl Match {
    /// The match of that name, for a rule that it is not added to yet.
    // As with a rule, the arguments of a derived class are its own.
    #[new]
    #[pyo3(signature = (*_args, **_kwargs), text_signature = "(rule, name=None, match=None, revision=None)")]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> PyClassInitializer<Match> {
        PyClassInitializer::from(Module::unknown(ExtensionKind::Match)).add_subclass(Match)
    }

    #[pyo3(signature = (rule, name=None, r#match=None, revision=None))]
    fn __init__(
        slf: &Bound<'_, Self>,
        rule: &Bound<'_, PyAny>,
        name: Option<&str>,
        r#match: Option<&Bound<'_, PyAny>>,
        revision: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let _ = revision;
        let name = named(name, r#match, "match")?;
        let rule = rule.cast::<Rule>()?;
        slf.as_super().get().become_of(rule, Match::content(rule, name)?);
        Ok(())
    }
}

impl Match {
    pub(super) fn named(rule: &Bound<'_, Rule>, name: &str) -> PyResult<PyClassInitializer<Match>> {
        Ok(Match::of(rule.clone().into_any().unbind(), Match::content(rule, name)?, true))
    }

    fn content(rule: &Bound<'_, Rule>, name: &str) -> PyResult<Content> {
        match ext::find(ExtensionKind::Match, name, rule.get().family) {
            Some(extension) => Ok(Content::Known { extension, given: Vec::new() }),
            None => Err(fault(rule.py(), "not_found", ("match", name))),
        }
    }

    pub(super) fn of(rule: Py<PyAny>, content: Content, changed: bool) -> PyClassInitializer<Match> {
        PyClassInitializer::from(Module::new(rule, ExtensionKind::Match, content, changed))
            .add_subclass(Match)
    }
}

/// The name that an extension is made by.
fn named<'a>(name: Option<&'a str>, entry: Option<&Bound<'_, PyAny>>, kind: &str) -> PyResult<&'a str> {
    match (name, entry) {
        (_, Some(_)) => Err(PyTypeError::new_err(format!(
            "a {kind} is made by its name, not from an entry of the kernel"
        ))),
        (Some(name), None) => Ok(name),
        (None, None) => Err(PyValueError::new_err(format!("can't create {kind} based on nothing"))),
    }
}

/// What a rule does with a packet.
#[pyclass(extends = Module, subclass, frozen, module = "libfw.iptc.ip4tc")]
pub(crate) struct Target;

#[pymethods]
impl Target {
    /// Names of targets.
    #[classattr]
    #[pyo3(name = "STANDARD_TARGETS")]
    fn standard_targets(py: Python<'_>) -> PyResult<Py<PyList>> {
        let names = [
            "",
            "ACCEPT",
            "DROP",
            "REJECT",
            "RETURN",
            "REDIRECT",
            "SNAT",
            "DNAT",
            "MASQUERADE",
            "MIRROR",
            "TOS",
            "MARK",
            "QUEUE",
            "LOG",
        ];
        Ok(PyList::new(py, names)?.unbind())
    }

    /// The target of that name: a verdict, an extension or a chain. With `goto` the chain is not returned from.
    #[new]
    #[pyo3(signature = (*_args, **_kwargs), text_signature = "(rule, name=None, target=None, revision=None, goto=None)")]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> PyClassInitializer<Target> {
        PyClassInitializer::from(Module::unknown(ExtensionKind::Target)).add_subclass(Target)
    }

    #[pyo3(signature = (rule, name=None, target=None, revision=None, goto=None))]
    fn __init__(
        slf: &Bound<'_, Self>,
        rule: &Bound<'_, PyAny>,
        name: Option<&str>,
        target: Option<&Bound<'_, PyAny>>,
        revision: Option<&Bound<'_, PyAny>>,
        goto: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let _ = revision;
        let name = named(name, target, "target")?;
        let goto = goto.map_or(Ok(false), |goto| goto.is_truthy())?;
        let rule = rule.cast::<Rule>()?;
        slf.as_super().get().become_of(rule, Target::content(rule, name, goto)?);
        Ok(())
    }

    /// The verdict or the chain; of an extension its name.
    #[getter]
    fn standard_target<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.getattr("name")
    }

    #[setter(standard_target)]
    fn set_standard_target(slf: &Bound<'_, Self>, name: &Bound<'_, PyAny>) -> PyResult<()> {
        let module = slf.as_super().get();
        let Some(rule) = module.rule_of(slf.py()) else {
            return Err(PyValueError::new_err("the target belongs to no rule"));
        };
        let rule = rule.into_bound(slf.py()).cast_into::<Rule>()?;
        let name: String = name.extract()?;
        let content = Target::content(&rule, &name, false)?;
        let Content::Standard { .. } = content else {
            return Err(PyValueError::new_err(format!("{name} is no verdict and no chain")));
        };
        let mut state = module.state();
        if let Content::Known { .. } | Content::Opaque { .. } = state.content {
            return Err(PyValueError::new_err("the target is an extension"));
        }
        state.set(content, None);
        Ok(())
    }

    /// Whether the chain is not returned from.
    #[getter]
    fn goto(slf: &Bound<'_, Self>) -> bool {
        matches!(slf.as_super().get().state().content, Content::Standard { goto: true, .. })
    }
}

impl Target {
    pub(super) fn named(
        rule: &Bound<'_, Rule>,
        name: &str,
        goto: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyClassInitializer<Target>> {
        let goto = goto.map_or(Ok(false), |goto| goto.is_truthy())?;
        Ok(Target::of(rule.clone().into_any().unbind(), Target::content(rule, name, goto)?, true))
    }

    pub(super) fn of(rule: Py<PyAny>, content: Content, changed: bool) -> PyClassInitializer<Target> {
        PyClassInitializer::from(Module::new(rule, ExtensionKind::Target, content, changed))
            .add_subclass(Target)
    }

    fn content(rule: &Bound<'_, Rule>, name: &str, goto: bool) -> PyResult<Content> {
        let py = rule.py();
        let standard = |name: &str, goto| Content::Standard { name: name.into(), goto };
        if name.is_empty() || verdict(name.as_bytes()).is_some() {
            return Ok(standard(name, false));
        }
        // Verdict by another name: a target to be filled in.
        if name == "standard" {
            return Ok(standard("", false));
        }
        if !goto && let Some(extension) = ext::find(ExtensionKind::Target, name, rule.get().family) {
            return Ok(Content::Known { extension, given: Vec::new() });
        }
        if py.import("libfw.iptc.ip4tc")?.call_method1("_is_chain_of_any", (rule, name))?.is_truthy()? {
            return Ok(standard(name, goto));
        }
        Err(fault(py, "not_found", ("target", name)))
    }
}
