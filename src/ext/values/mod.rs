//! The values of options: how each is read and printed.

mod address;
mod mark;
mod names;
mod ports;
mod rate;
mod text;

pub(crate) use address::protocol;
pub use mark::MarkMask;
pub(crate) use names::{choice, flags};
pub(crate) use ports::{list_ports, ports_from_raw, ports_to_raw};
pub(crate) use rate::LIMIT_SCALE;
pub use rate::{Rate, RateUnit};
