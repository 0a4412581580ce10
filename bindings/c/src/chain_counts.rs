//! The policy of a chain, and the counters of its rules.

use libfw::Policy;

use crate::chain::{of, of_mut};
use crate::error::{Result, fw_error, fw_status};
use crate::ffi::{ErrorPlace, Number, Text, guard, value};
use crate::rule::fw_counters;
use crate::table::fw_table;

/// What becomes of a packet that no rule of a built-in chain decides on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum fw_policy {
    /// The chain is not built-in, so it has no policy.
    FW_POLICY_NONE = 0,
    /// The packet goes on.
    FW_POLICY_ACCEPT = 1,
    /// The packet is dropped.
    FW_POLICY_DROP = 2,
}

pub(crate) fn policy(number: &Number<fw_policy>) -> Result<Policy> {
    match number.get() {
        1 => Ok(Policy::Accept),
        2 => Ok(Policy::Drop),
        other => {
            let message = format!("{other} is no policy, expected FW_POLICY_ACCEPT or FW_POLICY_DROP");
            Err(fw_error::new(fw_status::FW_ERROR_INVALID_ARGUMENT, message))
        }
    }
}

impl From<Policy> for fw_policy {
    fn from(policy: Policy) -> fw_policy {
        match policy {
            Policy::Accept => fw_policy::FW_POLICY_ACCEPT,
            Policy::Drop => fw_policy::FW_POLICY_DROP,
        }
    }
}

/// The policy of a built-in chain; FW_POLICY_NONE for one that a user made, and if there is no such chain.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_policy(table: Option<&fw_table>, chain: Text) -> fw_policy {
    value(fw_policy::FW_POLICY_NONE, || Some(of(table, &chain).ok()?.policy()?.into()))
}

/// How many packets and bytes the policy of a built-in chain has decided on.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_policy_counters(table: Option<&fw_table>, chain: Text) -> fw_counters {
    value(fw_counters::default(), || of(table, &chain).ok().map(|chain| chain.policy_counters().into()))
}

/// Sets the policy of a built-in chain and its counters; with NULL they keep their values.
///
/// Errors: FW_ERROR_NO_SUCH_CHAIN, FW_ERROR_BUILTIN_CHAIN.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_set_policy(
    table: Option<&mut fw_table>,
    chain: Text,
    policy: Number<fw_policy>,
    counters: Option<&fw_counters>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || {
        let policy = self::policy(&policy)?;
        Ok(of_mut(table, &chain)?.set_policy(policy, counters.copied().map(Into::into))?)
    })
}

/// Sets the counters of the policy and of every rule of a chain to what has arrived since they were read.
///
/// Errors: FW_ERROR_NO_SUCH_CHAIN.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_zero(table: Option<&mut fw_table>, chain: Text, error: ErrorPlace) -> fw_status {
    guard(error, (), || {
        of_mut(table, &chain)?.zero();
        Ok(())
    })
}

/// Sets the counters of a rule to what has arrived since they were read.
///
/// Errors: FW_ERROR_NO_SUCH_CHAIN, FW_ERROR_INDEX_TOO_BIG.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_zero_rule(
    table: Option<&mut fw_table>,
    chain: Text,
    index: usize,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || Ok(of_mut(table, &chain)?.zero_rule(index)?))
}

/// Sets the counters of a rule.
///
/// Errors: FW_ERROR_NO_SUCH_CHAIN, FW_ERROR_INDEX_TOO_BIG.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_set_counters(
    table: Option<&mut fw_table>,
    chain: Text,
    index: usize,
    counters: fw_counters,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || Ok(of_mut(table, &chain)?.set_counters(index, counters.into())?))
}
