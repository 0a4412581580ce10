//! Chains of a table. They are named, not held: a name stays right while the table is edited.

use std::ffi::c_uint;

use libfw::{Chain, ChainMut, Hook, HookMask, RuleRef};

use crate::error::{Result, fw_status, no_index};
use crate::ffi::{ErrorPlace, Out, Text, guard, value};
use crate::rule::{fw_counters, fw_rule};
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
    pub(crate) fn new(index: Option<usize>) -> Index {
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
    chain.rule(index).ok_or_else(|| no_index(index, "chain", chain.len()))
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
