//! The rules of a chain by what they are: found, deleted, there once and at their place.

use libfw::Position;

use crate::chain::{Index, of, of_mut};
use crate::error::{Result, fw_error, fw_status, required};
use crate::ffi::{ErrorPlace, Number, Out, Text, guard};
use crate::plan::{equivalence, fw_equivalence};
use crate::rule::{self, fw_rule};
use crate::table::fw_table;

/// Deletes the first rule that is the same as this one.
///
/// Errors: FW_ERROR_NO_SUCH_CHAIN, FW_ERROR_NO_SUCH_RULE.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_delete_rule(
    table: Option<&mut fw_table>,
    chain: Text,
    rule: Option<&fw_rule>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || Ok(of_mut(table, &chain)?.delete(rule::of(rule)?)?))
}

/// Reads a rule for the table's kernel and deletes the first one that is the same; see `fw_chain_delete_rule`.
///
/// Errors: as for `fw_rule_parse` and `fw_chain_delete_rule`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_delete_text(
    table: Option<&mut fw_table>,
    chain: Text,
    rule: Text,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || Ok(of_mut(table, &chain)?.delete(rule.bytes("rule")?)?))
}

/// Adds a rule at the end unless the chain has it. `added` says whether it was added, and may be NULL.
///
/// Errors: as for `fw_chain_append`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_ensure(
    table: Option<&mut fw_table>,
    chain: Text,
    rule: Option<&fw_rule>,
    added: Out<bool>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, added, || Ok(of_mut(table, &chain)?.ensure(rule::of(rule)?)?))
}

/// As `fw_chain_ensure`, where a rule may be the same in another way.
///
/// Errors: as for `fw_chain_append`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_ensure_by(
    table: Option<&mut fw_table>,
    chain: Text,
    rule: Option<&fw_rule>,
    how: Number<fw_equivalence>,
    added: Out<bool>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, added, || {
        let (rule, how) = (rule::of(rule)?, equivalence(&how)?);
        Ok(of_mut(table, &chain)?.ensure_by(rule, how)?)
    })
}

/// Reads a rule for the table's kernel and adds it unless the chain has it; see `fw_chain_ensure`.
///
/// Errors: as for `fw_rule_parse` and `fw_chain_ensure`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_ensure_text(
    table: Option<&mut fw_table>,
    chain: Text,
    rule: Text,
    added: Out<bool>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, added, || Ok(of_mut(table, &chain)?.ensure(rule.bytes("rule")?)?))
}

/// Where a rule is to be among others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
#[allow(dead_code, reason = "callers give their numbers")]
pub enum fw_position {
    /// Before all others.
    FW_POSITION_FIRST = 1,
    /// Behind all others.
    FW_POSITION_LAST = 2,
    /// Right before the first rule that is the same as another one.
    FW_POSITION_BEFORE = 3,
    /// Right behind it.
    FW_POSITION_AFTER = 4,
}

pub(crate) fn position(number: &Number<fw_position>, other: Option<&fw_rule>) -> Result<Position> {
    match number.get() {
        1 => Ok(Position::First),
        2 => Ok(Position::Last),
        3 => Ok(Position::Before(rule::of(Some(required(other, "other")?))?)),
        4 => Ok(Position::After(rule::of(Some(required(other, "other")?))?)),
        other => {
            let message = format!("{other} is no position, expected a fw_position");
            Err(fw_error::new(fw_status::FW_ERROR_INVALID_ARGUMENT, message))
        }
    }
}

/// Has a chain have a rule at a place: adds it, or moves the first that is the same, with its counters. `other` is the rule that
/// FW_POSITION_BEFORE and FW_POSITION_AFTER are about, and NULL for the others. `changed` says whether that changed anything, and
/// may be NULL.
///
/// Errors: FW_ERROR_NO_SUCH_RULE when the chain does not have the other rule, and those of `fw_chain_append`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_ensure_at(
    table: Option<&mut fw_table>,
    chain: Text,
    rule: Option<&fw_rule>,
    position: Number<fw_position>,
    other: Option<&fw_rule>,
    changed: Out<bool>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, changed, || {
        let (rule, position) = (rule::of(rule)?, self::position(&position, other)?);
        Ok(of_mut(table, &chain)?.ensure_at(rule, &position)?)
    })
}

/// Deletes every rule that is the same as this one. `removed` says how many there were, and may be NULL.
///
/// Errors: FW_ERROR_NO_SUCH_CHAIN.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_ensure_absent(
    table: Option<&mut fw_table>,
    chain: Text,
    rule: Option<&fw_rule>,
    removed: Out<usize>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, removed, || Ok(of_mut(table, &chain)?.ensure_absent(rule::of(rule)?)?))
}

/// Reads a rule for the table's kernel and deletes every one that is the same; see `fw_chain_ensure_absent`.
///
/// Errors: as for `fw_rule_parse` and `fw_chain_ensure_absent`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_ensure_absent_text(
    table: Option<&mut fw_table>,
    chain: Text,
    rule: Text,
    removed: Out<usize>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, removed, || Ok(of_mut(table, &chain)?.ensure_absent(rule.bytes("rule")?)?))
}

/// Finds the first rule that is the same as this one: `index` is its index, or -1 if the chain does not have it.
///
/// Errors: FW_ERROR_NO_SUCH_CHAIN.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_position(
    table: Option<&fw_table>,
    chain: Text,
    rule: Option<&fw_rule>,
    index: Out<Index>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, index, || {
        let position = of(table, &chain)?.position(rule::of(rule)?)?;
        Ok(Index::new(position))
    })
}

/// As `fw_chain_position`, from an index on: called again from behind each answer, it finds all rules that are the same.
///
/// Errors: FW_ERROR_NO_SUCH_CHAIN.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_position_from(
    table: Option<&fw_table>,
    chain: Text,
    rule: Option<&fw_rule>,
    start: usize,
    index: Out<Index>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, index, || {
        let positions = of(table, &chain)?.positions(rule::of(rule)?)?;
        Ok(Index::new(positions.into_iter().find(|index| *index >= start)))
    })
}

/// Reads a rule for the table's kernel and finds the first one that is the same; see `fw_chain_position`.
///
/// Errors: as for `fw_rule_parse` and `fw_chain_position`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_position_text(
    table: Option<&fw_table>,
    chain: Text,
    rule: Text,
    index: Out<Index>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, index, || Ok(Index::new(of(table, &chain)?.position(rule.bytes("rule")?)?)))
}

/// Deletes every rule that an earlier one of the chain makes useless by being the same. `removed` says how many there
/// were, and may be NULL.
///
/// Errors: FW_ERROR_NO_SUCH_CHAIN.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_dedup(
    table: Option<&mut fw_table>,
    chain: Text,
    removed: Out<usize>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, removed, || Ok(of_mut(table, &chain)?.dedup()))
}

/// As `fw_chain_dedup`, where rules may be the same in another way.
///
/// Errors: FW_ERROR_NO_SUCH_CHAIN.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_dedup_by(
    table: Option<&mut fw_table>,
    chain: Text,
    how: Number<fw_equivalence>,
    removed: Out<usize>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, removed, || {
        let how = equivalence(&how)?;
        Ok(of_mut(table, &chain)?.dedup_by(how))
    })
}
