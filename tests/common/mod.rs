//! What several test programs share.

pub mod generate;
pub mod random;
mod values;
