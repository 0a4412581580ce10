//! The attributes of rules.

use libfw::{AddrMask, Interface, Inv, TargetRef, Verdict};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyList, PyString};

use crate::convert::{Lasting, counters_object, family_object, not, text};
use crate::ffi::{Read, attribute};
use crate::known::part_object;
use crate::rule::Rule;
use crate::values::network;

type Object<'py> = PyResult<Bound<'py, PyAny>>;

/// Every attribute: its name, what Python says of it, and what reads it.
const FIELDS: [(&str, &str, Read<Rule, ()>); 10] = [
    ("family", "The family the rule is for.", |rule, ()| family_object(rule.py(), rule.get().rule.family())),
    (
        "source",
        "The source address: an `ipaddress` network, `None` for any. A mask that is no prefix makes it a text.",
        |rule, ()| address(rule.py(), rule.get().view().source()),
    ),
    ("destination", "The destination address, `None` for any.", |rule, ()| {
        address(rule.py(), rule.get().view().destination())
    }),
    (
        "in_interface",
        "The interface the packet came in by, `None` for any. A `+` at the end stands for any rest.",
        |rule, ()| interface(rule.py(), rule.get().view().input()),
    ),
    ("out_interface", "The interface the packet goes out by, `None` for any.", |rule, ()| {
        interface(rule.py(), rule.get().view().output())
    }),
    ("protocol", "The protocol's name, or its number as a text; `None` for any.", |rule, ()| {
        let protocol = rule.get().view().protocol();
        match protocol.value == libfw::Protocol::ANY && !protocol.inverted {
            true => none(rule.py()),
            false => inv(protocol.inverted, protocol_text(rule.py(), protocol.value)),
        }
    }),
    (
        "fragment",
        "Whether the rule is for second and further fragments, for all but those, or for both (`None`). IPv4 only.",
        |rule, ()| match rule.get().view().fragment() {
            None => none(rule.py()),
            Some(fragment) => Ok(PyBool::new(rule.py(), fragment).to_owned().into_any()),
        },
    ),
    ("matches", "The matches in order.", matches),
    ("target", "The target: a part of `libfw.targets`, or `None` for a rule that only counts.", target),
    ("counters", "How many packets and bytes the rule had seen when the table was read.", |rule, ()| {
        counters_object(rule.py(), rule.get().view().counters())
    }),
];

/// Gives the class its attributes.
pub(crate) fn add(py: Python<'_>) -> PyResult<()> {
    let class = py.get_type::<Rule>();
    FIELDS
        .iter()
        .try_for_each(|(name, doc, read)| class.setattr(name, attribute(&class, name, doc, *read, ())?))
}

fn none(py: Python<'_>) -> Object<'_> {
    Ok(py.None().into_bound(py))
}

/// A value with an optional `!`.
fn inv<'py>(inverted: bool, value: Bound<'py, impl Sized>) -> Object<'py> {
    let (py, value) = (value.py(), value.into_any());
    if inverted { not(py, value) } else { Ok(value) }
}

fn address(py: Python<'_>, address: Inv<AddrMask>) -> Object<'_> {
    match address.value.is_any() && !address.inverted {
        true => none(py),
        false => inv(address.inverted, network(py, address.value)?),
    }
}

fn interface(py: Python<'_>, interface: Inv<Interface>) -> Object<'_> {
    match interface.value.is_any() && !interface.inverted {
        true => none(py),
        false => inv(interface.inverted, text(interface.value.as_bytes()).into_bound_py_any(py)?),
    }
}

/// The name of a protocol, or its number, of which each is made once.
fn protocol_text(py: Python<'_>, protocol: libfw::Protocol) -> Bound<'_, PyString> {
    static TEXTS: [PyOnceLock<Py<PyString>>; 256] = [const { PyOnceLock::new() }; 256];
    let make = || PyString::new(py, &protocol.to_string()).unbind();
    TEXTS[usize::from(protocol.0)].get_or_init(py, make).bind(py).clone()
}

fn matches<'py>(rule: &Bound<'py, Rule>, (): &()) -> Object<'py> {
    let list = PyList::empty(rule.py());
    for (index, matching) in rule.get().view().matches().enumerate() {
        list.append(part_object(rule, &matching, Some(index))?)?;
    }
    Ok(list.into_any())
}

fn target<'py>(rule: &Bound<'py, Rule>, (): &()) -> Object<'py> {
    static ACCEPT: Lasting = Lasting::new("libfw._parts", "ACCEPT");
    static DROP: Lasting = Lasting::new("libfw._parts", "DROP");
    static QUEUE: Lasting = Lasting::new("libfw._parts", "QUEUE");
    static RETURN: Lasting = Lasting::new("libfw._parts", "RETURN");
    static JUMP: Lasting = Lasting::new("libfw._parts", "Jump");
    static GOTO: Lasting = Lasting::new("libfw._parts", "Goto");
    let py = rule.py();
    let verdict = match rule.get().view().target() {
        TargetRef::None => return none(py),
        TargetRef::Verdict(Verdict::Accept) => &ACCEPT,
        TargetRef::Verdict(Verdict::Drop) => &DROP,
        TargetRef::Verdict(Verdict::Queue) => &QUEUE,
        TargetRef::Verdict(Verdict::Return) => &RETURN,
        TargetRef::Jump(chain) => return JUMP.get(py)?.call1((text(chain),)),
        TargetRef::Goto(chain) => return GOTO.get(py)?.call1((text(chain),)),
        TargetRef::Extension(target) => return part_object(rule, &target, None),
    };
    Ok(verdict.get(py)?.clone())
}
