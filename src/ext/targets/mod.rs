//! Targets: what a rule does with a packet.

use super::Extension;

/// Every target, by name.
pub(crate) static ALL: &[&Extension] = &[];
