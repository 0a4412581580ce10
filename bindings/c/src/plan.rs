//! What makes a table another.

use std::ffi::{CString, c_char};

use libfw::{ChainPlan, Equivalence, Fate, Plan, TablePlan};

use crate::chain_counts::fw_policy;
use crate::error::{Result, fw_error, fw_status, no_index, required};
use crate::ffi::{Allocated, ErrorPlace, Number, Out, Rules, Words, c_string, free, guard, pointer, value};
use crate::kernel::{fw_family, fw_kernel, kernel_of};
use crate::table::{self, fw_table};

/// The changes that make tables what they are to be. Freed with `fw_plan_free`.
pub struct fw_plan {
    pub(crate) plan: Plan,
    text: CString,
    changes: Vec<Owned>,
}

/// A change with its texts.
struct Owned {
    kind: fw_step_kind,
    family: fw_family,
    table: CString,
    chain: CString,
    old_chain: Option<CString>,
    rule: Option<CString>,
    from: i64,
    to: i64,
    policies: (fw_policy, fw_policy),
}

impl Owned {
    fn get(&self) -> fw_step {
        fw_step {
            kind: self.kind,
            family: self.family,
            table: self.table.as_ptr(),
            chain: self.chain.as_ptr(),
            old_chain: pointer(self.old_chain.as_ref()),
            rule: pointer(self.rule.as_ref()),
            from: self.from,
            to: self.to,
            old_policy: self.policies.0,
            policy: self.policies.1,
        }
    }
}

/// What a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum fw_step_kind {
    /// None: beyond the last one.
    FW_STEP_NONE = 0,
    /// A rule comes.
    FW_STEP_RULE_ADDED = 1,
    /// A rule goes.
    FW_STEP_RULE_REMOVED = 2,
    /// A rule has another place among those that stay.
    FW_STEP_RULE_MOVED = 3,
    /// A chain comes.
    FW_STEP_CHAIN_ADDED = 4,
    /// A chain goes.
    FW_STEP_CHAIN_REMOVED = 5,
    /// A chain has another name; rules that go to it follow.
    FW_STEP_CHAIN_RENAMED = 6,
    /// A built-in chain has another policy.
    FW_STEP_POLICY = 7,
}

/// A change of a plan. Its strings live as long as the plan.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct fw_step {
    /// What it is.
    pub kind: fw_step_kind,
    /// The family of the table.
    pub family: fw_family,
    /// The table.
    pub table: *const c_char,
    /// The chain; of one that is renamed, the new name.
    pub chain: *const c_char,
    /// The name before of a chain that is renamed; otherwise NULL.
    pub old_chain: *const c_char,
    /// The options that make the rule; NULL where it is about none.
    pub rule: *const c_char,
    /// The index of the rule before; -1 where there is none.
    pub from: i64,
    /// The index of the rule after; -1 where there is none.
    pub to: i64,
    /// The policy before.
    pub old_policy: fw_policy,
    /// The policy after.
    pub policy: fw_policy,
}

impl fw_plan {
    pub(crate) fn boxed(plan: Plan) -> Box<fw_plan> {
        let changes = plan.tables.iter().flat_map(|table| {
            table.chains.iter().flat_map(|chain| changes(table, chain)).collect::<Vec<_>>()
        });
        let changes = changes.collect();
        Box::new(fw_plan { text: c_string(plan.to_string()), changes, plan })
    }
}

/// The changes of a chain one by one.
fn changes(table: &TablePlan, chain: &ChainPlan) -> Vec<Owned> {
    use fw_step_kind::*;
    let none = fw_policy::FW_POLICY_NONE;
    let owned = |kind| Owned {
        kind,
        family: table.family.into(),
        table: c_string(&table.table),
        chain: c_string(&chain.name),
        old_chain: None,
        rule: None,
        from: -1,
        to: -1,
        policies: (none, none),
    };
    let mut changes = Vec::new();
    match &chain.fate {
        Fate::Added => changes.push(owned(FW_STEP_CHAIN_ADDED)),
        Fate::Removed => changes.push(owned(FW_STEP_CHAIN_REMOVED)),
        Fate::Renamed { from } => {
            changes.push(Owned { old_chain: Some(c_string(from)), ..owned(FW_STEP_CHAIN_RENAMED) });
        }
        _ => {}
    }
    if let Some((from, to)) = chain.policy {
        changes.push(Owned { policies: (from.into(), to.into()), ..owned(FW_STEP_POLICY) });
    }
    for rule in &chain.rules {
        let kind = match (rule.from, rule.to) {
            (None, _) => FW_STEP_RULE_ADDED,
            (Some(_), None) => FW_STEP_RULE_REMOVED,
            (Some(_), Some(_)) => FW_STEP_RULE_MOVED,
        };
        let index = |place: Option<usize>| place.and_then(|place| i64::try_from(place).ok()).unwrap_or(-1);
        let text = Some(c_string(rule.rule.view().to_text(false)));
        changes.push(Owned { rule: text, from: index(rule.from), to: index(rule.to), ..owned(kind) });
    }
    changes
}

pub(crate) fn of(plan: Option<&fw_plan>) -> Result<&fw_plan> {
    required(plan, "plan")
}

/// Finds out what makes a table another one: the fewest changes for each chain, where rules that have another place count as
/// moved, and chains that have another name as renamed. Counters are no difference.
///
/// Errors: FW_ERROR_INVALID_ARGUMENT for tables of two families, or of two names.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_diff(
    table: Option<&fw_table>,
    other: Option<&fw_table>,
    plan: Out<Option<Box<fw_plan>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, plan, || {
        let diff = table::of(table)?.diff(table::of(other)?)?;
        Ok(Some(fw_plan::boxed([diff].into_iter().collect())))
    })
}

/// When two rules are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
#[allow(dead_code, reason = "callers give their numbers")]
pub enum fw_equivalence {
    /// As the kernel has them.
    FW_EXACT = 0,
    /// As people mean them: ports of multiport in any order, `state` and `conntrack`, multiport of one port and the match of its
    /// protocol, matches that keep and change nothing in any order.
    FW_MEANING = 1,
}

pub(crate) fn equivalence(number: &Number<fw_equivalence>) -> Result<Equivalence> {
    match number.get() {
        0 => Ok(Equivalence::Exact),
        1 => Ok(Equivalence::Meaning),
        other => {
            let message = format!("{other} is no equivalence, expected FW_EXACT or FW_MEANING");
            Err(fw_error::new(fw_status::FW_ERROR_INVALID_ARGUMENT, message))
        }
    }
}

/// As `fw_table_diff`, where rules may be the same in another way: those that are stay as they are written.
///
/// Errors: those of `fw_table_diff`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_diff_by(
    table: Option<&fw_table>,
    other: Option<&fw_table>,
    how: Number<fw_equivalence>,
    plan: Out<Option<Box<fw_plan>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, plan, || {
        let diff = table::of(table)?.diff_by(table::of(other)?, equivalence(&how)?)?;
        Ok(Some(fw_plan::boxed([diff].into_iter().collect())))
    })
}

/// Makes the changes of a plan that are about this table, to be committed as other edits. Rules that stay keep their counters.
///
/// Errors: FW_ERROR_CONFLICT when the table is not what the plan was made for, and those of `fw_chain_append`; nothing is changed
/// then.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_apply(
    table: Option<&mut fw_table>,
    plan: Option<&fw_plan>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || {
        let (table, plan) = (table::of_mut(table)?, &of(plan)?.plan);
        let mut tables = plan.tables.iter();
        match tables.find(|plan| (plan.family, &*plan.table) == (table.family(), table.name())) {
            Some(plan) => Ok(table.apply(plan)?),
            None => Ok(()),
        }
    })
}

/// Makes a table have these rules and no others: `rules[i]` belongs to the chain `chains[i]`, and the rules of a chain have the
/// order in which they are given. A NULL in the place of a rule only names a chain. Chains that are not named go; built-in ones
/// lose their rules and keep their policies. What is there stays and keeps its counters; done a second time it changes nothing.
/// `plan` says what was done, and may be NULL.
///
/// Errors: as for `fw_chain_new` and `fw_chain_append`; nothing is changed then.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_sync(
    table: Option<&mut fw_table>,
    chains: Words,
    rules: Rules,
    count: usize,
    plan: Out<Option<Box<fw_plan>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, plan, || {
        let (table, chains) = (table::of_mut(table)?, chains.all(count)?);
        let rules = rules.some(chains.len())?;
        let plan = table.sync(chains.into_iter().zip(rules))?;
        Ok(Some(fw_plan::boxed([plan].into_iter().collect())))
    })
}

/// The plan in JSON, on one line: what goes, comes and moves, and how much there is of it; JSON.md has the schema. Freed with
/// `fw_string_free`. NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_plan_json(plan: Option<&fw_plan>) -> Allocated {
    value(Allocated::default(), || Allocated::new(plan?.plan.to_json()))
}

/// The plan as lines, `-` for what goes and `+` for what comes, in an order that is always the same. The string lives as long as
/// the plan. NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_plan_text(plan: Option<&fw_plan>) -> *const c_char {
    pointer(plan.map(|plan| &plan.text))
}

/// The number of changes; 0 where there is nothing to do.
#[unsafe(no_mangle)]
pub extern "C" fn fw_plan_count(plan: Option<&fw_plan>) -> usize {
    plan.map_or(0, |plan| plan.changes.len())
}

/// The change at an index, counted from 0.
///
/// Errors: FW_ERROR_INDEX_TOO_BIG.
#[unsafe(no_mangle)]
pub extern "C" fn fw_plan_step(
    plan: Option<&fw_plan>,
    index: usize,
    change: Out<fw_step>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, change, || {
        let changes = &of(plan)?.changes;
        changes.get(index).map(Owned::get).ok_or_else(|| no_index(index, "plan", changes.len()))
    })
}

impl Default for fw_step {
    fn default() -> fw_step {
        let null = std::ptr::null();
        fw_step {
            kind: fw_step_kind::FW_STEP_NONE,
            family: fw_family::FW_IPV4,
            table: null,
            chain: null,
            old_chain: null,
            rule: null,
            from: -1,
            to: -1,
            old_policy: fw_policy::FW_POLICY_NONE,
            policy: fw_policy::FW_POLICY_NONE,
        }
    }
}

/// The plan that leads back.
///
/// Errors: FW_ERROR_INVALID_ARGUMENT for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_plan_inverse(
    plan: Option<&fw_plan>,
    inverse: Out<Option<Box<fw_plan>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, inverse, || Ok(Some(fw_plan::boxed(of(plan)?.plan.inverse()))))
}

/// Makes the changes of a plan, in all its tables or in none, under the lock: one that was looked at before, or the way back from one
/// that was made, by `fw_plan_inverse`. Rules that stay keep their counters.
///
/// Errors: FW_ERROR_CONFLICT when a table is not what the plan was made for, FW_ERROR_INVALID_ARGUMENT for NULL, and those of
/// `fw_transaction_commit`; nothing is changed then.
#[unsafe(no_mangle)]
pub extern "C" fn fw_kernel_apply(
    kernel: Option<&fw_kernel>,
    plan: Option<&fw_plan>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || Ok(kernel_of(kernel).apply(&of(plan)?.plan).map(drop)?))
}

/// Frees a plan. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn fw_plan_free(plan: Option<Box<fw_plan>>) {
    free(plan);
}
