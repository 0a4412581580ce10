//! Chains of a table. They are named, not held: a name stays right while the table is edited.

use std::ffi::c_uint;

use libfw::{Chain, ChainMut, Hook, HookMask, Position, RuleRef};

use crate::error::{Result, fw_error, fw_status};
use crate::ffi::{ErrorPlace, Number, Out, Rules, Text, guard, value};
use crate::plan::{equivalence, fw_equivalence};
use crate::rule::{self, fw_counters, fw_rule};
use crate::table::{self, fw_table};

/// Where on its way a packet meets a built-in chain: the numbers of `enum nf_inet_hooks` in `linux/netfilter.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum fw_hook {
    /// Nowhere: the chain is not built-in.
    FW_HOOK_NONE = -1,
    /// As it comes in, before routing.
    FW_HOOK_PREROUTING = 0,
    /// Before a local socket gets it.
    FW_HOOK_INPUT = 1,
    /// When it is routed through this host.
    FW_HOOK_FORWARD = 2,
    /// When it has been made on this host.
    FW_HOOK_OUTPUT = 3,
    /// As it goes out, after routing.
    FW_HOOK_POSTROUTING = 4,
}

/// Hooks as bits.
pub(crate) fn hooks(mask: HookMask) -> c_uint {
    mask.iter().fold(0, |bits, hook| bits | 1 << hook as c_uint)
}

/// An index, or -1.
///
/// cbindgen:ignore
#[repr(transparent)]
pub struct Index(i64);

impl Index {
    fn new(index: Option<usize>) -> Index {
        Index(index.and_then(|index| i64::try_from(index).ok()).unwrap_or(-1))
    }
}

impl Default for Index {
    fn default() -> Index {
        Index::new(None)
    }
}

pub(crate) fn of<'a>(table: Option<&'a fw_table>, chain: &Text) -> Result<Chain<'a>> {
    let (table, name) = (table::of(table)?, chain.bytes("chain")?);
    table.chain(name).ok_or_else(|| table.no_such_chain(name).into())
}

pub(crate) fn of_mut<'a>(table: Option<&'a mut fw_table>, chain: &Text) -> Result<ChainMut<'a>> {
    Ok(table::of_mut(table)?.chain_mut(chain.bytes("chain")?)?)
}

/// Adds an empty chain.
///
/// Errors: FW_ERROR_CHAIN_EXISTS, or FW_ERROR_INVALID_ARGUMENT for a name that iptables would not give a chain: one that is
/// empty, longer than 28 bytes, that of a target such as `ACCEPT` or `LOG`, or one that begins with `-` or `!` or holds a
/// space or a control character.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_new(table: Option<&mut fw_table>, chain: Text, error: ErrorPlace) -> fw_status {
    guard(error, (), || Ok(table::of_mut(table)?.new_chain(chain.bytes("chain")?).map(drop)?))
}

/// Deletes a chain that is empty and that no rule goes to.
///
/// Errors: FW_ERROR_NO_SUCH_CHAIN, FW_ERROR_BUILTIN_CHAIN, FW_ERROR_CHAIN_IN_USE, FW_ERROR_CHAIN_NOT_EMPTY.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_delete_chain(
    table: Option<&mut fw_table>,
    chain: Text,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || Ok(table::of_mut(table)?.delete_chain(chain.bytes("chain")?)?))
}

/// Gives a chain another name; rules that go to it follow.
///
/// Errors: FW_ERROR_NO_SUCH_CHAIN, FW_ERROR_BUILTIN_CHAIN, FW_ERROR_CHAIN_EXISTS; FW_ERROR_INVALID_ARGUMENT as for `fw_chain_new`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_rename(
    table: Option<&mut fw_table>,
    chain: Text,
    name: Text,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || Ok(table::of_mut(table)?.rename_chain(chain.bytes("chain")?, name.bytes("name")?)?))
}

/// Whether the table has the chain.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_exists(table: Option<&fw_table>, chain: Text) -> bool {
    value(false, || Some(of(table, &chain).is_ok()))
}

/// The number of rules of a chain; 0 if there is no such chain.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_rule_count(table: Option<&fw_table>, chain: Text) -> usize {
    value(0, || of(table, &chain).ok().map(Chain::len))
}

/// How many rules go to a chain; 0 if there is no such chain.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_references(table: Option<&fw_table>, chain: Text) -> usize {
    value(0, || of(table, &chain).ok().map(Chain::references))
}

/// The hook of a built-in chain; FW_HOOK_NONE for one that a user made, and if there is no such chain.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_hook(table: Option<&fw_table>, chain: Text) -> fw_hook {
    value(fw_hook::FW_HOOK_NONE, || {
        Some(match of(table, &chain).ok()?.hook()? {
            Hook::Prerouting => fw_hook::FW_HOOK_PREROUTING,
            Hook::Input => fw_hook::FW_HOOK_INPUT,
            Hook::Forward => fw_hook::FW_HOOK_FORWARD,
            Hook::Output => fw_hook::FW_HOOK_OUTPUT,
            Hook::Postrouting => fw_hook::FW_HOOK_POSTROUTING,
        })
    })
}

/// The rule at an index.
pub(crate) fn rule_at(chain: Chain<'_>, index: usize) -> Result<RuleRef<'_>> {
    chain.rule(index).ok_or_else(|| {
        let message = format!("the chain has {} rules, so there is no index {index}", chain.len());
        fw_error::new(fw_status::FW_ERROR_INDEX_TOO_BIG, message)
    })
}

/// The rule at an index, counted from 0: a copy, freed with `fw_rule_free`.
///
/// Errors: FW_ERROR_NO_SUCH_CHAIN, FW_ERROR_INDEX_TOO_BIG.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_rule(
    table: Option<&fw_table>,
    chain: Text,
    index: usize,
    rule: Out<Option<Box<fw_rule>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, rule, || {
        let chain = of(table, &chain)?;
        let found = rule_at(chain, index)?;
        Ok(Some(fw_rule::boxed(found.to_rule())))
    })
}

/// The counters of the rule at an index; 0 if there is no such rule.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_rule_counters(table: Option<&fw_table>, chain: Text, index: usize) -> fw_counters {
    value(fw_counters::default(), || Some(of(table, &chain).ok()?.rule(index)?.counters().into()))
}

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
    guard(error, (), || {
        let rule = rule::of(rule)?;
        Ok(of_mut(table, &chain)?.append(rule)?)
    })
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
    guard(error, (), || {
        let rule = rule::of(rule)?;
        Ok(of_mut(table, &chain)?.insert(index, rule)?)
    })
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
    guard(error, (), || {
        let rule = rule::of(rule)?;
        Ok(of_mut(table, &chain)?.replace(index, rule)?)
    })
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
    guard(error, (), || {
        let rule = rule::of(rule)?;
        Ok(of_mut(table, &chain)?.delete(rule)?)
    })
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
    guard(error, added, || {
        let rule = rule::of(rule)?;
        Ok(of_mut(table, &chain)?.ensure(rule)?)
    })
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
        3 => Ok(Position::Before(rule::of(other)?)),
        4 => Ok(Position::After(rule::of(other)?)),
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
    guard(error, removed, || {
        let rule = rule::of(rule)?;
        Ok(of_mut(table, &chain)?.ensure_absent(rule)?)
    })
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

/// Deletes every rule of a chain.
///
/// Errors: FW_ERROR_NO_SUCH_CHAIN.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_flush(table: Option<&mut fw_table>, chain: Text, error: ErrorPlace) -> fw_status {
    guard(error, (), || {
        of_mut(table, &chain)?.flush();
        Ok(())
    })
}
