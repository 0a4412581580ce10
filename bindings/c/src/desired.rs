//! What tables are to be.

use std::ffi::c_uint;
use std::time::Duration;

use libfw::{Desired, Ending, Family, Pending, Scope, iptables};

use crate::chain_counts::{self, fw_policy};
use crate::chain_lookups::{self, fw_position};
use crate::error::{Result, fw_error, fw_status, required};
use crate::ffi::{ErrorPlace, Number, Out, Text, Words, free, guard, value};
use crate::kernel::{fw_family, fw_kernel, kernel_of};
use crate::plan::{equivalence, fw_equivalence, fw_plan};
use crate::rule::{self, fw_rule};
use crate::strings::fw_strings;
use crate::text::warned;

/// What tables are to be, of one or both families: filled by the functions below, compared with what is there by
/// `fw_desired_plan`, and brought about by `fw_desired_apply`. Freed with `fw_desired_free`.
///
///     fw_error *error = NULL;
///     fw_desired *desired;
///     fw_plan *plan = NULL;
///     const char *prefix = "web-";
///     if (fw_desired_new(NULL, FW_SCOPE_PREFIX, &prefix, 1, &desired, &error) != FW_OK ||
///         fw_desired_chain(desired, FW_IPV4, "filter", "web-in", &error) != FW_OK ||
///         fw_desired_append(desired, FW_IPV4, "filter", "web-in", "-p tcp --dport 443 -j ACCEPT", &error) != FW_OK ||
///         fw_desired_apply(desired, &plan, &error) != FW_OK)
///         fprintf(stderr, "%s\n", fw_error_text(error));
///     else
///         printf("%zu changes\n%s", fw_plan_count(plan), fw_plan_text(plan));
///     fw_plan_free(plan);
///     fw_desired_free(desired);
///     fw_error_free(error);
pub struct fw_desired(Option<Desired>);

/// What of the tables a desired state speaks of. What is outside is never touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
#[allow(dead_code, reason = "callers give their numbers")]
pub enum fw_scope {
    /// The tables that are named, whole. Chains that are not desired go; policies that are not set stay.
    FW_SCOPE_TABLES = 0,
    /// Chains by name. Rules of other chains that go to one of them are put where they are desired.
    FW_SCOPE_CHAINS = 1,
    /// The chains whose name begins so, in the same way.
    FW_SCOPE_PREFIX = 2,
    /// The rules, in whatever chain, with a comment that begins so. A rule without a comment that is desired gets one.
    FW_SCOPE_OWNER = 3,
}

/// A change that has been made and is taken back unless it is confirmed. Freed with `fw_pending_free`, which neither confirms nor
/// takes back.
pub struct fw_pending {
    pending: Pending,
    plan: Box<fw_plan>,
}

/// What became of a change that had to be confirmed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub enum fw_ending {
    /// It still waits.
    #[default]
    FW_ENDING_NONE = 0,
    /// It was confirmed, here or elsewhere, and stays.
    FW_ENDING_CONFIRMED = 1,
    /// The old rules are back.
    FW_ENDING_ROLLED_BACK = 2,
}

impl From<Ending> for fw_ending {
    fn from(ending: Ending) -> fw_ending {
        match ending {
            Ending::Confirmed => fw_ending::FW_ENDING_CONFIRMED,
            _ => fw_ending::FW_ENDING_ROLLED_BACK,
        }
    }
}

fn of(desired: Option<&mut fw_desired>) -> Result<&mut Desired> {
    required(required(desired, "desired")?.0.as_mut(), "desired")
}

/// Starts to say what tables are to be. `names` are the chains of FW_SCOPE_CHAINS, or the one prefix or mark; none for
/// FW_SCOPE_TABLES.
///
/// Errors: FW_ERROR_INVALID_ARGUMENT, also for an empty prefix or mark, or one that fits no comment.
#[unsafe(no_mangle)]
pub extern "C" fn fw_desired_new(
    kernel: Option<&fw_kernel>,
    scope: Number<fw_scope>,
    names: Words,
    count: usize,
    desired: Out<Option<Box<fw_desired>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, desired, || {
        let names = names.all(count)?;
        let scope = match (scope.get(), &names[..]) {
            (0, []) => Scope::Tables,
            (1, names) => Scope::chains(names),
            (2, [prefix]) => Scope::prefix(prefix),
            (3, [mark]) => Scope::owner(mark),
            (other, _) => {
                let message = match other {
                    0 => "FW_SCOPE_TABLES has no names".into(),
                    2 | 3 => format!("expected one prefix or mark, not {}", names.len()),
                    _ => format!("{other} is no scope, expected a fw_scope"),
                };
                return Err(fw_error::new(fw_status::FW_ERROR_INVALID_ARGUMENT, message));
            }
        };
        scope.check()?;
        Ok(Some(Box::new(fw_desired(Some(kernel_of(kernel).desired(scope))))))
    })
}

/// Adds what the text of a save file says, of a known length: as `fw_restore_n` would fill the tables. Nothing is changed in the
/// kernel. Tables that it does not have stay as they are. `warnings` is a list, or NULL if there are none; it may be NULL itself.
///
/// Errors: those of `fw_restore_n`. What is desired can only be freed then: whatever uses it fails with the same error.
#[unsafe(no_mangle)]
pub extern "C" fn fw_desired_read(
    desired: Option<&mut fw_desired>,
    family: Number<fw_family>,
    text: Text,
    length: usize,
    warnings: Out<Option<Box<fw_strings>>>,
    error: ErrorPlace,
) -> fw_status {
    warned(error, (), warnings, |warn| {
        let (desired, family) = (of(desired)?, crate::kernel::family(&family)?);
        Ok(iptables::declare(desired, family, &mut text.sized(length, "text")?, warn)?)
    })
}

/// Adds what a text in JSON says: tables of both families with their chains, policies and rules; JSON.md has the schema. Counters do
/// not count. Nothing is changed in the kernel.
///
/// Errors: as for `fw_rule_from_json`. What is desired can only be freed then: whatever uses it fails with the same error.
#[unsafe(no_mangle)]
pub extern "C" fn fw_desired_read_json(
    desired: Option<&mut fw_desired>,
    json: Text,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || Ok(of(desired)?.read_json(json.bytes("json")?)?))
}

/// Says when a rule that is there is a desired one; FW_EXACT unless this is called. What is there stays as it is written.
///
/// Errors: FW_ERROR_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn fw_desired_set_equivalence(
    desired: Option<&mut fw_desired>,
    how: Number<fw_equivalence>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || {
        let how = equivalence(&how)?;
        let desired = required(desired, "desired")?;
        desired.0 = desired.0.take().map(|known| known.by(how));
        Ok(())
    })
}

/// Says that a table is spoken of, be it to have nothing in it.
///
/// Errors: those of `fw_table_open`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_desired_table(
    desired: Option<&mut fw_desired>,
    family: Number<fw_family>,
    table: Text,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || {
        of(desired)?.table(crate::kernel::family(&family)?, table.str("table")?)?;
        Ok(())
    })
}

/// Adds a chain to what is desired.
///
/// Errors: those of `fw_chain_new` and `fw_table_open`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_desired_chain(
    desired: Option<&mut fw_desired>,
    family: Number<fw_family>,
    table: Text,
    chain: Text,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || {
        let table = of(desired)?.table(crate::kernel::family(&family)?, table.str("table")?)?;
        table.new_chain(chain.bytes("chain")?)?;
        Ok(())
    })
}

/// Says what the policy of a built-in chain is to be.
///
/// Errors: those of `fw_chain_set_policy` and `fw_table_open`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_desired_policy(
    desired: Option<&mut fw_desired>,
    family: Number<fw_family>,
    table: Text,
    chain: Text,
    policy: Number<fw_policy>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || {
        let policy = chain_counts::policy(&policy)?;
        let table = of(desired)?.table(crate::kernel::family(&family)?, table.str("table")?)?;
        Ok(table.chain_mut(chain.bytes("chain")?)?.set_policy(policy, None)?)
    })
}

/// Adds a rule, as text, at the end of a chain of what is desired.
///
/// Errors: those of `fw_chain_append_text` and `fw_table_open`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_desired_append(
    desired: Option<&mut fw_desired>,
    family: Number<fw_family>,
    table: Text,
    chain: Text,
    rule: Text,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || {
        let table = of(desired)?.table(crate::kernel::family(&family)?, table.str("table")?)?;
        Ok(table.chain_mut(chain.bytes("chain")?)?.append(rule.bytes("rule")?)?)
    })
}

/// Adds a rule at the end of a chain of what is desired.
///
/// Errors: those of `fw_chain_append` and `fw_table_open`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_desired_append_rule(
    desired: Option<&mut fw_desired>,
    family: Number<fw_family>,
    table: Text,
    chain: Text,
    rule: Option<&fw_rule>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || {
        let rule = rule::of(rule)?;
        let table = of(desired)?.table(crate::kernel::family(&family)?, table.str("table")?)?;
        Ok(table.chain_mut(chain.bytes("chain")?)?.append(rule)?)
    })
}

/// Adds a rule to a chain that others use too, at a place among their rules. `other` is the rule that FW_POSITION_BEFORE and
/// FW_POSITION_AFTER are about, and NULL for the others. Several at one place keep their order.
/// In a chain of the scope, where there are none of others, the place is among the desired rules.
///
/// Errors: those of `fw_desired_append_rule`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_desired_place(
    desired: Option<&mut fw_desired>,
    family: Number<fw_family>,
    table: Text,
    chain: Text,
    rule: Option<&fw_rule>,
    position: Number<fw_position>,
    other: Option<&fw_rule>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || {
        let (rule, position) = (rule::of(rule)?, chain_lookups::position(&position, other)?);
        let (family, table) = (crate::kernel::family(&family)?, table.str("table")?);
        Ok(of(desired)?.place(family, table, chain.bytes("chain")?, rule, position)?)
    })
}

/// Finds out what would be changed now. Nothing is locked, and nothing is changed.
///
/// Errors: FW_ERROR_INVALID_ARGUMENT for a rule outside of the scope; those of `fw_table_open`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_desired_plan(
    desired: Option<&mut fw_desired>,
    plan: Out<Option<Box<fw_plan>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, plan, || Ok(Some(fw_plan::boxed(of(desired)?.plan()?))))
}

/// Makes the tables what they are to be, all of them or none, in one transaction. Rules that stay keep their counters; where
/// nothing is to be changed nothing is written. `plan` says what was done, and may be NULL.
///
/// Errors: those of `fw_desired_plan` and `fw_transaction_commit`. Of a rule that comes from a text, `fw_error_line` says where it
/// is.
#[unsafe(no_mangle)]
pub extern "C" fn fw_desired_apply(
    desired: Option<&mut fw_desired>,
    plan: Out<Option<Box<fw_plan>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, plan, || Ok(Some(fw_plan::boxed(of(desired)?.apply()?.plan))))
}

/// As `fw_desired_apply`, but the old rules come back unless the change is confirmed within so many milliseconds, by
/// `fw_pending_confirm`, by `fw_kernel_confirm` of any program or by the command `fw confirm`. They come back when this program is
/// killed too. What others change meanwhile stays.
///
/// Who watches is a process of its own, which is made by fork(2) before anything is changed, in a session of its own and deaf to
/// signals; it cannot do anything against being killed itself, as by a service manager that ends everything in a control group. The
/// rules of a kernel in memory are watched over by a thread, and several changes of them may wait at one time.
///
/// Errors: those of `fw_desired_apply`; FW_ERROR_LOCK_BUSY when another change in this network namespace waits to be confirmed,
/// FW_ERROR_IO when nobody can be made to watch. Nothing is changed then.
#[unsafe(no_mangle)]
pub extern "C" fn fw_desired_apply_for(
    desired: Option<&mut fw_desired>,
    milliseconds: c_uint,
    pending: Out<Option<Box<fw_pending>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, pending, || {
        Ok(Some(boxed(of(desired)?.apply_for(Duration::from_millis(milliseconds.into()))?)))
    })
}

fn boxed(pending: Pending) -> Box<fw_pending> {
    let plan = fw_plan::boxed(pending.applied().plan.clone());
    Box::new(fw_pending { pending, plan })
}

/// Frees what is desired. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn fw_desired_free(desired: Option<Box<fw_desired>>) {
    free(desired);
}

/// Everything that the tables of both families have now comes back unless it is confirmed within so many milliseconds, whoever
/// changes them meanwhile and by whatever program.
///
/// Errors: as for `fw_desired_apply_for`, and those of `fw_table_open`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_kernel_watch_over(
    kernel: Option<&fw_kernel>,
    milliseconds: c_uint,
    pending: Out<Option<Box<fw_pending>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, pending, || {
        let time = Duration::from_millis(milliseconds.into());
        Ok(Some(boxed(kernel_of(kernel).watch_over(&Family::ALL, time)?)))
    })
}

/// Confirms the change that waits for it in this network namespace, whoever has made it. Only the user who made it, and root, may
/// do so.
///
/// Errors: FW_ERROR_NO_SUCH_OBJECT when none waits, and for a kernel in memory, where only `fw_pending_confirm` does it.
#[unsafe(no_mangle)]
pub extern "C" fn fw_kernel_confirm(kernel: Option<&fw_kernel>, error: ErrorPlace) -> fw_status {
    guard(error, (), || Ok(kernel_of(kernel).confirm()?))
}

/// Takes the change that waits to be confirmed in this network namespace back now.
///
/// Errors: as for `fw_kernel_confirm`, and FW_ERROR_KERNEL when the old rules cannot be put back.
#[unsafe(no_mangle)]
pub extern "C" fn fw_kernel_roll_back(kernel: Option<&fw_kernel>, error: ErrorPlace) -> fw_status {
    guard(error, (), || Ok(kernel_of(kernel).roll_back()?))
}

/// What was changed. It lives as long as the pending change. NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_pending_plan(pending: Option<&fw_pending>) -> Option<&fw_plan> {
    pending.map(|pending| &*pending.plan)
}

/// How many milliseconds are left to confirm a change; 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_pending_remaining(pending: Option<&fw_pending>) -> u64 {
    value(0, || {
        pending.map(|pending| u64::try_from(pending.pending.remaining().as_millis()).unwrap_or(u64::MAX))
    })
}

/// Confirms a change: it stays.
///
/// Errors: FW_ERROR_CONFLICT when it is too late and the old rules are back.
#[unsafe(no_mangle)]
pub extern "C" fn fw_pending_confirm(pending: Option<&mut fw_pending>, error: ErrorPlace) -> fw_status {
    guard(error, (), || Ok(required(pending, "pending")?.pending.confirm()?))
}

/// Takes a change back now, unless it was confirmed meanwhile. `ending` says which, and may be NULL.
///
/// Errors: FW_ERROR_KERNEL when the old rules cannot be put back.
#[unsafe(no_mangle)]
pub extern "C" fn fw_pending_roll_back(
    pending: Option<&mut fw_pending>,
    ending: Out<fw_ending>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, ending, || Ok(required(pending, "pending")?.pending.roll_back()?.into()))
}

/// Waits so many milliseconds for somebody else to confirm a change, or for its time to be over; `ending` is FW_ENDING_NONE if
/// neither has happened.
///
/// Errors: FW_ERROR_KERNEL when the old rules cannot be put back, FW_ERROR_IO when whoever watches was killed.
#[unsafe(no_mangle)]
pub extern "C" fn fw_pending_wait(
    pending: Option<&mut fw_pending>,
    milliseconds: c_uint,
    ending: Out<fw_ending>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, ending, || {
        let pending = &mut required(pending, "pending")?.pending;
        let ended = pending.wait_for(Duration::from_millis(milliseconds.into()))?;
        Ok(ended.map_or(fw_ending::FW_ENDING_NONE, fw_ending::from))
    })
}

/// Frees a pending change, which neither confirms it nor takes it back. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn fw_pending_free(pending: Option<Box<fw_pending>>) {
    free(pending);
}
