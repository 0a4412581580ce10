//! Ports and ranges of numbers.

use crate::ext::prelude::*;
use crate::sys::names;
use crate::types::fmt::{leading_decimal, leading_number, number};
use crate::types::{Port, PortRange, Span};

impl Value for Port {
    const KIND: ValueKind = ValueKind::new(Form::Integer, "PORT");
    const MAX: u64 = u16::MAX as u64;
    const EXACT: bool = true;

    fn parse(input: &Input<'_>) -> Result<Port, BadValue> {
        port(input, input.text()).map(Port)
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.decimal(self.0);
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(self.0.into())
    }

    fn of_datum(datum: &Datum, input: &Input<'_>) -> Option<Result<Port, BadValue>> {
        let Datum::Number(number) = datum else { return None };
        Some(port_of(input, *number).map(Port))
    }
}

/// A port that is given as a number.
fn port_of(input: &Input<'_>, number: u64) -> Result<u16, BadValue> {
    u16::try_from(number)
        .map_err(|_| BadValue::Port { part: number.to_string(), service: input.opt.service.is_some() })
}

/// A port by number or service name.
fn port(input: &Input<'_>, text: &[u8]) -> Result<u16, BadValue> {
    // Options with a protocol of their own read numbers in any base, the others only in the decimal one.
    let numeric = match input.opt.service {
        Some(_) => number(text),
        None => leading_decimal(text).filter(|(_, rest)| rest.is_empty()).map(|(number, _)| number),
    };
    let found = match numeric {
        Some(number) => u16::try_from(number).ok(),
        None => names::port_of(text, input.opt.service),
    };
    found.ok_or_else(|| BadValue::Port { part: shown(text), service: input.opt.service.is_some() })
}

impl Value for PortRange {
    const KIND: ValueKind = ValueKind::text("PORT[:PORT]");
    const EXACT: bool = true;

    fn parse(input: &Input<'_>) -> Result<PortRange, BadValue> {
        let text = input.text();
        let Some(colon) = text.iter().position(|byte| *byte == b':') else {
            return Ok(port(input, text)?.into());
        };
        let (min, max) = (&text[..colon], &text[colon + 1..]);
        if input.opt.service.is_none() && max.contains(&b':') {
            return Err(BadValue::Colons);
        }
        let range = PortRange {
            min: if min.is_empty() { 0 } else { port(input, min)? },
            max: if max.is_empty() { u16::MAX } else { port(input, max)? },
        };
        range.check(input.opt, input.cx)?;
        Ok(range)
    }

    fn check(&self, opt: &'static Opt, _: &RuleContext<'_>) -> Result<(), BadValue> {
        match opt.service {
            _ if self.min <= self.max => Ok(()),
            Some(_) => Err(BadValue::PortOrder),
            None => Err(BadValue::NegativePorts { min: self.min, max: self.max }),
        }
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.decimal(self.min);
        if self.min != self.max {
            out.text(":");
            out.decimal(self.max);
        }
        if self.min > self.max {
            out.untold();
        }
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(Datum::Range { min: self.min.into(), max: self.max.into() })
    }

    fn of_datum(datum: &Datum, input: &Input<'_>) -> Option<Result<PortRange, BadValue>> {
        let (min, max) = match *datum {
            Datum::Number(number) => (number, number),
            // The mistake of a range that has no first or last is said by what reads the text.
            Datum::Range { min, max } if min <= max => (min, max),
            _ => return None,
        };
        Some(port_of(input, min).and_then(|min| Ok(PortRange { min, max: port_of(input, max)? })))
    }
}

macro_rules! spans {
    ($($ty:ty),*) => {$(
        impl Value for Span<$ty> {
            const KIND: ValueKind = ValueKind::text("MIN[:MAX]");
            const MAX: u64 = <$ty>::MAX as u64;

            fn parse(input: &Input<'_>) -> Result<Span<$ty>, BadValue> {
                let (min, max) = span(input)?;
                Ok(Span { min: min as $ty, max: max as $ty })
            }

            fn check(&self, opt: &'static Opt, _: &RuleContext<'_>) -> Result<(), BadValue> {
                match self.min <= self.max {
                    true => Ok(()),
                    false => {
                        let near = Some(self.max.to_string());
                        Err(BadValue::Number { min: self.min.into(), max: opt.max, near })
                    }
                }
            }

            fn print(&self, out: &mut Printer<'_>) {
                out.decimal(u64::from(self.min));
                if self.min != self.max {
                    out.text(":");
                    out.decimal(u64::from(self.max));
                }
            }

            fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
                Some(Datum::Range { min: self.min.into(), max: self.max.into() })
            }
        }
    )*};
}
spans!(u16, u32, u64);

/// `MIN[:MAX]`, where an absent end is the bound of the option.
fn span(input: &Input<'_>) -> Result<(u64, u64), BadValue> {
    let (lowest, highest) = (input.opt.min, input.opt.max);
    let (min, rest) = match input.text() {
        [b':', ..] => (lowest, input.text()),
        text => span_end(text, lowest, highest)?,
    };
    match rest {
        [] => Ok((min, min)),
        [_] => Ok((min, highest)),
        [_, b':', ..] => Err(BadValue::Colons),
        [_, rest @ ..] => match span_end(rest, min, highest)? {
            (max, []) => Ok((min, max)),
            _ => Err(BadValue::Colons),
        },
    }
}

/// One end of a span, and what follows it: nothing, or a colon.
fn span_end(text: &[u8], lowest: u64, highest: u64) -> Result<(u64, &[u8]), BadValue> {
    let number = leading_number(text).filter(|(number, _)| (lowest..=highest).contains(number));
    let near = || BadValue::Number { min: lowest, max: highest, near: Some(shown(text)) };
    match number.ok_or_else(near)? {
        (number, rest @ ([] | [b':', ..])) => Ok((number, rest)),
        (_, rest) => Err(BadValue::BehindNumber { rest: shown(rest) }),
    }
}

/// A field of ports as the kernel keeps it: first and last port.
pub(crate) fn ports_to_raw(ports: Option<Inv<PortRange>>) -> [u16; 2] {
    let PortRange { min, max } = ports.map_or(PortRange::ALL, |ports| ports.value);
    [min, max]
}

/// The field in the kernel's form; every port is no test at all unless it is inverted.
pub(crate) fn ports_from_raw([min, max]: [u16; 2], inverted: bool) -> Option<Inv<PortRange>> {
    let range = PortRange { min, max };
    (inverted || !range.is_all()).then_some(Inv::new(inverted, range))
}

/// Prints ports in a listing, as services of the protocol unless numbers are wanted: ` dpts:ssh:http`.
pub(crate) fn list_ports(
    out: &mut List<'_>,
    label: &str,
    ports: Option<Inv<PortRange>>,
    protocol: Option<&str>,
) {
    let Some(Inv { inverted, value }) = ports else { return };
    let plural = if value.min == value.max { "" } else { "s" };
    show!(out, " {label}{plural}:{}", bang(inverted));
    list_port(out, value.min, protocol);
    if value.min != value.max {
        out.text(":");
        list_port(out, value.max, protocol);
    }
}

/// Prints a port in a listing.
pub(crate) fn list_port(out: &mut List<'_>, port: u16, protocol: Option<&str>) {
    let name = match protocol {
        Some(protocol) if !out.numeric => names::service_at(port, protocol),
        _ => None,
    };
    match name {
        Some(name) => out.text(name),
        None => out.decimal(port),
    }
}

/// Prints the security parameter indexes of IPsec in a listing: ` spi:5` or ` spis:5:10`.
pub(crate) fn list_spis(out: &mut List<'_>, spis: Inv<Span<u32>>) {
    let Inv { inverted, value } = spis;
    show!(out, " spi{}:{}", if value.min == value.max { "" } else { "s" }, bang(inverted));
    out.value(&value);
}
