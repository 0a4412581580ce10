//! The values of options in JSON.

use super::datum::Datum;
use super::options::Opt;
use crate::Result;
use crate::error::BadJson;
use crate::ext::values::RateUnit;
use crate::types::json::{Node, Value};

/// The units of a rate by name.
const UNITS: [(&str, RateUnit); 4] = [
    ("second", RateUnit::Second),
    ("minute", RateUnit::Minute),
    ("hour", RateUnit::Hour),
    ("day", RateUnit::Day),
];
const UNIT_NAMES: &[&str] = &["second", "minute", "hour", "day"];

impl Datum {
    /// The value in JSON; `opt` is the option it is of.
    pub(crate) fn to_json(&self, opt: &Opt) -> Value {
        if let Some(number) = self.as_number(opt) {
            return number.into();
        }
        let text = || Value::bytes(&self.to_text(opt));
        match self {
            Datum::Flag => true.into(),
            Datum::Number(number) => (*number).into(),
            Datum::Masked { value, mask } => {
                Value::fields([("value", (*value).into()), ("mask", (*mask).into())])
            }
            Datum::Range { min, max } => Value::fields([("min", (*min).into()), ("max", (*max).into())]),
            Datum::Addresses { first, last } if first == last => first.to_string().into(),
            Datum::Addresses { first, last } => {
                Value::fields([("first", first.to_string().into()), ("last", last.to_string().into())])
            }
            Datum::Duration(time) => {
                let mut fields = vec![("seconds", time.as_secs().into())];
                if time.subsec_nanos() > 0 {
                    fields.push(("nanoseconds", time.subsec_nanos().into()));
                }
                Value::Fields(fields)
            }
            Datum::Rate { count, per, bytes } => {
                let per = UNITS.iter().find(|(_, unit)| unit == per).map_or("second", |(name, _)| name);
                let key = if *bytes { "bytes" } else { "count" };
                Value::fields([(key, (*count).into()), ("per", per.into())])
            }
            Datum::Network(network) => network.to_json(),
            Datum::Names(names) => Value::list(names.iter().copied()),
            Datum::List(list) => Value::List(list.iter().map(|datum| datum.to_json(opt)).collect()),
            Datum::Name(_)
            | Datum::Text(_)
            | Datum::Address(_)
            | Datum::Mac(_)
            | Datum::Nat(_)
            | Datum::Icmp(_)
            | Datum::Bytes(_)
            | Datum::Time(_)
            | Datum::Moment(_) => text(),
        }
    }

    /// The value that a node is. What is a text there is read as the text of the option is.
    pub(crate) fn from_json(node: Node<'_>, opt: &Opt) -> Result<Datum> {
        if node.is_flag() {
            return if node.flag()? { Ok(Datum::Flag) } else { Err(node.expected("true, or no such key")) };
        }
        if node.is_list() {
            return list(node, opt);
        }
        if node.is_object() {
            return object(node);
        }
        if node.is_text() {
            return Ok(Datum::Text(node.bytes()?));
        }
        node.number(u64::MAX).map(Datum::Number)
    }
}

/// Several values. Names, and other texts, are put together as the option has them.
fn list(node: Node<'_>, opt: &Opt) -> Result<Datum> {
    let mut list = Vec::new();
    for item in node.items()? {
        if !item.is_list() {
            list.push(Datum::from_json(item, opt)?);
            continue;
        }
        // Flags within one of the two words of an option.
        let mut names = Vec::new();
        for name in item.items()? {
            names.push(name.text()?.into_owned());
        }
        list.push(Datum::Text(if names.is_empty() { "NONE".into() } else { names.join(",").into() }));
    }
    if !opt.takes_several() || !list.iter().all(|datum| matches!(datum, Datum::Text(_))) {
        return Ok(Datum::List(list));
    }
    Ok(Datum::Text(Datum::List(list).to_text(opt)))
}

/// A value of several parts, which are told by their names.
fn object(node: Node<'_>) -> Result<Datum> {
    let number = |node: Node<'_>| node.number(u64::MAX);
    if node.has("min") || node.has("max") {
        let parts = node.object(&["min", "max"])?;
        return Ok(Datum::Range { min: number(parts.require("min")?)?, max: number(parts.require("max")?)? });
    }
    if node.has("value") {
        let parts = node.object(&["value", "mask"])?;
        return Ok(Datum::Masked {
            value: number(parts.require("value")?)?,
            mask: number(parts.require("mask")?)?,
        });
    }
    if node.has("first") {
        let parts = node.object(&["first", "last"])?;
        let address = |key| {
            let node = parts.require(key)?;
            let text = node.text()?;
            text.parse().map_err(|_| node.expected("an address").at_token(text))
        };
        return Ok(Datum::Addresses { first: address("first")?, last: address("last")? });
    }
    if node.has("seconds") {
        let parts = node.object(&["seconds", "nanoseconds"])?;
        let rest = parts.get("nanoseconds").map_or(Ok(0), |node| node.number(999_999_999))?;
        let seconds = number(parts.require("seconds")?)?;
        return Ok(Datum::Duration(std::time::Duration::new(seconds, u32::try_from(rest).unwrap_or(0))));
    }
    if node.has("per") {
        let bytes = node.has("bytes");
        let parts = node.object(if bytes { &["bytes", "per"] } else { &["count", "per"] })?;
        let count = number(parts.require(if bytes { "bytes" } else { "count" })?)?;
        let per = parts.require("per")?;
        let name = per.text()?;
        let unit = UNITS.iter().find(|(known, _)| *known == name);
        let (_, per) = unit.ok_or_else(|| per.wrong(BadJson::NoneOf { known: UNIT_NAMES }, &name))?;
        return Ok(Datum::Rate { count, per: *per, bytes });
    }
    if node.has("bytes") {
        return node.bytes().map(Datum::Text);
    }
    Err(node.expected("min and max, value and mask, first and last, count and per, seconds, or bytes"))
}
