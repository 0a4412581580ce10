//! The rules of a chain by their places: added, put in the place of others, moved, removed.

use crate::chain::of_mut;
use crate::error::fw_status;
use crate::ffi::{ErrorPlace, Out, Rules, Text, guard};
use crate::rule::{self, fw_rule};
use crate::table::fw_table;

/// Adds a rule at the end of a chain. The rule stays the caller's.
///
/// Errors: FW_ERROR_NO_SUCH_CHAIN, of this chain or the one the rule goes to; FW_ERROR_INVALID_RULE;
/// FW_ERROR_EXTENSION_UNAVAILABLE; FW_ERROR_INVALID_ARGUMENT when the rule is of another family.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_append(
    table: Option<&mut fw_table>,
    chain: Text,
    rule: Option<&fw_rule>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || Ok(of_mut(table, &chain)?.append(rule::of(rule)?)?))
}

/// Reads a rule for the table's kernel and adds it at the end of a chain. As in the other functions of a chain that take a text,
/// it may be a line of `fw_table_rules`, which begins with `-A` and the chain's name.
///
/// Errors: as for `fw_rule_parse` and `fw_chain_append`; FW_ERROR_INVALID_ARGUMENT when it is the line of another chain.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_append_text(
    table: Option<&mut fw_table>,
    chain: Text,
    rule: Text,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || Ok(of_mut(table, &chain)?.append(rule.bytes("rule")?)?))
}

/// Adds several rules at the end of a chain: all of them, or none if one cannot be added, which `fw_error_rule` names by the
/// index that it would have had.
///
/// Errors: as for `fw_chain_append`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_append_all(
    table: Option<&mut fw_table>,
    chain: Text,
    rules: Rules,
    count: usize,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || {
        let rules = rules.all(count)?;
        let mut chain = of_mut(table, &chain)?;
        Ok(chain.extend(rules)?)
    })
}

/// What `fw_chain_sync` did.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct fw_synced {
    /// How many rules stayed, those included that have another place now. They keep their counters.
    pub kept: usize,
    /// How many of these have another place among those that stayed.
    pub moved: usize,
    /// How many were added.
    pub added: usize,
    /// How many were deleted.
    pub removed: usize,
}

/// Makes a chain have these rules in this order, and no others. What is there stays and keeps its counters; done a second time it
/// changes nothing. If a rule cannot be made, nothing is changed, and `fw_error_rule` names it by its index among the rules that
/// are given. `synced` says what was done, and may be NULL.
///
/// Errors: as for `fw_chain_append`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_sync(
    table: Option<&mut fw_table>,
    chain: Text,
    rules: Rules,
    count: usize,
    synced: Out<fw_synced>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, synced, || {
        let rules = rules.all(count)?;
        let synced = of_mut(table, &chain)?.sync(rules)?;
        let libfw::Synced { kept, moved, added, removed, .. } = synced;
        Ok(fw_synced { kept, moved, added, removed })
    })
}

/// Adds the rules of a text of a known length at the end of a chain, one on each line: all of them, or none if one cannot be
/// added, for which `fw_error_line` has the number of the line. Lines that are empty or begin with `#` are passed over. `added`
/// says how many rules there were, and may be NULL.
///
/// Errors: as for `fw_chain_append_text`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_append_lines(
    table: Option<&mut fw_table>,
    chain: Text,
    text: Text,
    length: usize,
    added: Out<usize>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, added, || {
        let text = text.sized(length, "text")?;
        Ok(of_mut(table, &chain)?.append_lines(text)?)
    })
}

/// Adds a rule before the one at an index, counted from 0; at the end if the index is the number of rules.
///
/// Errors: FW_ERROR_INDEX_TOO_BIG, and those of `fw_chain_append`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_insert(
    table: Option<&mut fw_table>,
    chain: Text,
    index: usize,
    rule: Option<&fw_rule>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || Ok(of_mut(table, &chain)?.insert(index, rule::of(rule)?)?))
}

/// Reads a rule for the table's kernel and adds it before the one at an index; see `fw_chain_insert`.
///
/// Errors: as for `fw_rule_parse` and `fw_chain_insert`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_insert_text(
    table: Option<&mut fw_table>,
    chain: Text,
    index: usize,
    rule: Text,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || Ok(of_mut(table, &chain)?.insert(index, rule.bytes("rule")?)?))
}

/// Puts a rule in the place of another. Its counters are those of the new rule.
///
/// Errors: as for `fw_chain_insert`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_replace(
    table: Option<&mut fw_table>,
    chain: Text,
    index: usize,
    rule: Option<&fw_rule>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || Ok(of_mut(table, &chain)?.replace(index, rule::of(rule)?)?))
}

/// Reads a rule for the table's kernel and puts it in the place of another; see `fw_chain_replace`.
///
/// Errors: as for `fw_rule_parse` and `fw_chain_replace`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_replace_text(
    table: Option<&mut fw_table>,
    chain: Text,
    index: usize,
    rule: Text,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || Ok(of_mut(table, &chain)?.replace(index, rule.bytes("rule")?)?))
}

/// Moves a rule to another index, which it has afterwards; the others keep their order. It keeps its counters: exactly in the
/// xtables interface, as they were read in nf_tables.
///
/// Errors: FW_ERROR_NO_SUCH_CHAIN, FW_ERROR_INDEX_TOO_BIG.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_move(
    table: Option<&mut fw_table>,
    chain: Text,
    from: usize,
    to: usize,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || Ok(of_mut(table, &chain)?.move_rule(from, to)?))
}

/// Has two rules change places. They keep their counters, as by `fw_chain_move`.
///
/// Errors: FW_ERROR_NO_SUCH_CHAIN, FW_ERROR_INDEX_TOO_BIG.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_swap(
    table: Option<&mut fw_table>,
    chain: Text,
    a: usize,
    b: usize,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || Ok(of_mut(table, &chain)?.swap(a, b)?))
}

/// Deletes the rule at an index.
///
/// Errors: FW_ERROR_NO_SUCH_CHAIN, FW_ERROR_INDEX_TOO_BIG.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_remove(
    table: Option<&mut fw_table>,
    chain: Text,
    index: usize,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || Ok(of_mut(table, &chain)?.remove(index)?))
}
