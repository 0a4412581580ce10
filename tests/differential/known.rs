//! What may differ, and why.

use crate::twins::Difference;

/// Why a difference is none to mend.
pub fn reason(_modern: bool, _difference: &Difference) -> Option<&'static str> {
    None
}
