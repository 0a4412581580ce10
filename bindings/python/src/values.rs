//! Values of options as objects of Python.

use std::cmp::Ordering;
use std::net::IpAddr;

use libfw::ext::values::{NatRange, RateUnit};
use libfw::ext::{Form, Opt};
use libfw::{AddrMask, Datum};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyFrozenSet, PyList, PyString, PyTuple};
use pyo3::{IntoPyObjectExt, intern};

use crate::convert::{Lasting, module, text};
use crate::ffi::blank;

/// A class of the package's values.
fn class<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    module(py, "libfw._values")?.getattr(name)
}

/// The attributes of an object: first the one that is its own, then those that all share.
type Mould = Vec<(Py<PyString>, Py<PyAny>)>;

/// A class of `ipaddress`, and by the prefix, if there is one, what its objects are made of.
struct Kind {
    class: Lasting,
    moulds: [PyOnceLock<Option<Mould>>; 129],
}

static ADDRESSES: [Kind; 2] = [Kind::new("IPv4Address"), Kind::new("IPv6Address")];
static NETWORKS: [Kind; 2] = [Kind::new("IPv4Network"), Kind::new("IPv6Network")];

impl Kind {
    const fn new(name: &'static str) -> Kind {
        let moulds = [const { PyOnceLock::new() }; 129];
        Kind { class: Lasting::new("ipaddress", name), moulds }
    }

    /// An address, or the network that begins there. Its class takes four times as long as to put it together, which is done
    /// where that proves to be the same.
    fn make<'py>(&self, py: Python<'py>, address: IpAddr, prefix: Option<u8>) -> PyResult<Bound<'py, PyAny>> {
        static MOULD: Lasting = Lasting::new("libfw._values", "mould");
        static METHOD: Lasting = Lasting::new("types", "MethodType");
        static HOSTS: Lasting = Lasting::new("libfw._values", "only_host");
        let class = self.class.get(py)?;
        let find = || -> PyResult<Option<Mould>> { MOULD.get(py)?.call1((class, prefix))?.extract() };
        let mould = self.moulds[usize::from(prefix.unwrap_or(0))].get_or_try_init(py, find)?;
        let number = || match address {
            IpAddr::V4(address) => address.to_bits().into_bound_py_any(py),
            IpAddr::V6(address) => address.to_bits().into_bound_py_any(py),
        };
        let Some([(own, _), shared @ ..]) = mould.as_deref() else {
            return match prefix {
                None => class.call1((number()?,)),
                Some(prefix) => class.call1(((number()?, prefix),)),
            };
        };
        let value = if prefix.is_some() { self::address(py, address)? } else { number()? };
        let made = blank(class.cast()?)?;
        made.setattr(own.bind(py), &value)?;
        for (name, part) in shared {
            made.setattr(name.bind(py), part.bind(py))?;
        }
        if prefix == Some(if address.is_ipv4() { 32 } else { 128 }) {
            made.setattr(intern!(py, "hosts"), METHOD.get(py)?.call1((HOSTS.get(py)?, value))?)?;
        }
        Ok(made)
    }
}

pub(crate) fn address(py: Python<'_>, address: IpAddr) -> PyResult<Bound<'_, PyAny>> {
    ADDRESSES[usize::from(address.is_ipv6())].make(py, address, None)
}

/// A network; where the mask is no prefix, or the address has bits outside of it, Python has only texts.
pub(crate) fn network(py: Python<'_>, network: AddrMask) -> PyResult<Bound<'_, PyAny>> {
    let address = network.addr();
    match network.prefix().filter(|prefix| AddrMask::with_prefix(address, *prefix).addr() == address) {
        Some(prefix) => NETWORKS[usize::from(address.is_ipv6())].make(py, address, Some(prefix)),
        None => network.to_string().into_bound_py_any(py),
    }
}

/// Addresses from one to another, which may be the same; those that go backwards are a text.
fn addresses(py: Python<'_>, first: IpAddr, last: IpAddr) -> PyResult<Bound<'_, PyAny>> {
    match first.cmp(&last) {
        Ordering::Equal => address(py, first),
        Ordering::Less => class(py, "AddressRange")?.call1((address(py, first)?, address(py, last)?)),
        Ordering::Greater => format!("{first}-{last}").into_bound_py_any(py),
    }
}

/// What a packet is mapped to; what nobody can have meant is shown as its text alone.
fn nat<'py>(py: Python<'py>, range: &NatRange, shown: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    let odd = *range == NatRange::default()
        || range.addresses.is_some_and(|(first, last)| first > last)
        || range.ports.is_some_and(|ports| {
            ports.min > ports.max || ports.base.is_some_and(|base| base == 0 || ports.min == ports.max)
        });
    if odd {
        return class(py, "NatRange")?.call_method1("_odd", (text(shown),));
    }
    let addresses = range.addresses.map(|(first, last)| addresses(py, first, last)).transpose()?;
    let base = range.ports.and_then(|ports| ports.base);
    let ports = match range.ports {
        Some(ports) if ports.min < ports.max => class(py, "PortRange")?.call1((ports.min, ports.max))?,
        ports => ports.map(|ports| ports.min).into_bound_py_any(py)?,
    };
    class(py, "NatRange")?.call1((addresses, ports, base))
}

/// The value of an option.
pub(crate) fn object<'py>(py: Python<'py>, opt: &Opt, value: &Datum) -> PyResult<Bound<'py, PyAny>> {
    if let Some(number) = value.as_number(opt) {
        return number.into_bound_py_any(py);
    }
    match value {
        Datum::Flag => true.into_bound_py_any(py),
        Datum::Masked { value, mask } => class(py, "Masked")?.call1((*value, *mask)),
        // One that never matches has no object.
        Datum::Range { min, max } if min <= max => {
            let name = if opt.kind.label.contains("PORT") { "PortRange" } else { "Range" };
            class(py, name)?.call1((*min, *max))
        }
        Datum::Address(address) => self::address(py, *address),
        Datum::Network(network) => self::network(py, *network),
        Datum::Addresses { first, last } => addresses(py, *first, *last),
        Datum::Nat(range) => nat(py, range, &value.to_text(opt)),
        Datum::Duration(time) => time.into_bound_py_any(py),
        Datum::Time(_) | Datum::Moment(_) => {
            let kind = if matches!(value, Datum::Time(_)) { "time" } else { "datetime" };
            let class = module(py, "datetime")?.getattr(kind)?;
            class.call_method1("fromisoformat", (String::from_utf8_lossy(&value.to_text(opt)),))
        }
        // The kernel may have one of 0, which nobody can write.
        Datum::Rate { count, per, bytes } if *count > 0 => {
            let per = match per {
                RateUnit::Second => "second",
                RateUnit::Minute => "minute",
                RateUnit::Hour => "hour",
                RateUnit::Day => "day",
            };
            class(py, "Rate")?.call1((*count, per, *bytes))
        }
        Datum::Names(names) => Ok(PyFrozenSet::new(py, names)?.into_any()),
        Datum::List(list) => {
            let list = list.iter().map(|value| member(py, opt, value)).collect::<PyResult<Vec<_>>>()?;
            Ok(if opt.words == 2 {
                PyTuple::new(py, list)?.into_any()
            } else {
                PyList::new(py, list)?.into_any()
            })
        }
        Datum::Text(_) | Datum::Icmp(_) if WITH_GRAMMAR.contains(&opt.kind.label) => {
            class(py, "value_of")?.call1((opt.kind.label, text(&value.to_text(opt))))
        }
        // Numbers among the names.
        Datum::Text(written) if opt.kind.form == Form::List && !opt.kind.choices.is_empty() => {
            let one = |text: &[u8]| match std::str::from_utf8(text)
                .ok()
                .and_then(|text| text.parse::<u64>().ok())
            {
                Some(number) => number.into_bound_py_any(py),
                None => self::text(text).into_bound_py_any(py),
            };
            let all = written.split(|byte| *byte == b',').map(one).collect::<PyResult<Vec<_>>>()?;
            Ok(PyFrozenSet::new(py, all)?.into_any())
        }
        Datum::Text(written) => text(written).into_bound_py_any(py),
        _ => text(&value.to_text(opt)).into_bound_py_any(py),
    }
}

/// The synopses of values that are more to Python than the text that they are to the library.
const WITH_GRAMMAR: [&str; 2] = ["0.0-1.0", "NAME|TYPE[/CODE[:CODE]]"];

/// A value of several. The directions of an ipset have an order.
fn member<'py>(py: Python<'py>, opt: &Opt, value: &Datum) -> PyResult<Bound<'py, PyAny>> {
    match value {
        Datum::Names(names) if opt.kind.choices.is_empty() => Ok(PyTuple::new(py, names)?.into_any()),
        _ => object(py, opt, value),
    }
}
