//! Tables.

use std::ffi::{CString, c_char, c_int, c_uint, c_void};

use libfw::Table;

use crate::chain;
use crate::error::{Result, fw_error, fw_status, required};
use crate::ffi::{ErrorPlace, Number, Out, Text, Words, c_string, call, free, guard, pointer, value};
use crate::kernel::{fw_family, fw_kernel, kernel_of};
use crate::strings::fw_strings;

/// A table as it was read, plus the edits since then. Edits change nothing in the kernel until `fw_table_commit`.
/// Freed with `fw_table_free`.
pub struct fw_table {
    pub(crate) table: Table,
    name: CString,
    pub(crate) kernel: fw_kernel,
}

impl fw_table {
    pub(crate) fn boxed(table: Table) -> Box<fw_table> {
        Box::new(fw_table { name: c_string(table.name()), kernel: fw_kernel(table.kernel().clone()), table })
    }
}

/// What a commit did.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct fw_report {
    /// Whether the kernel's table was replaced; not if there were no edits.
    pub changed: bool,
    /// The number of rules in the table now; where only some chains were read, in these.
    pub rules: usize,
    /// Why the counters could not be put back after the replace, which starts them at zero; FW_OK when they are in place.
    /// The rules are in the kernel either way.
    pub counters_lost: fw_status,
    /// Whether a program that does not honour the lock has changed the table between the last look at it and its replace
    /// (`fw_kernel_set_compare`): that change is lost.
    pub overwritten: bool,
}

/// A function that edits a table for `fw_table_update`. It gets the table, the caller's `data`, and a place for an error;
/// it returns 0 to have the edits committed. It must not free the table, and it must return: an exception that it throws ends
/// the program, and after a longjmp out of it the lock stays taken and memory is lost.
pub type fw_edit = Option<
    unsafe extern "C-unwind" fn(table: *mut fw_table, data: *mut c_void, error: *mut *mut fw_error) -> c_int,
>;

impl From<libfw::Report> for fw_report {
    fn from(report: libfw::Report) -> fw_report {
        let lost = report.counters_lost.map(|error| fw_status::of(error.kind()));
        fw_report {
            changed: report.changed,
            rules: report.rules,
            counters_lost: lost.unwrap_or(fw_status::FW_OK),
            overwritten: report.overwritten,
        }
    }
}

pub(crate) fn of(table: Option<&fw_table>) -> Result<&Table> {
    required(table, "table").map(|table| &table.table)
}

pub(crate) fn of_mut(table: Option<&mut fw_table>) -> Result<&mut Table> {
    required(table, "table").map(|table| &mut table.table)
}

/// Reads a table: `filter`, `nat`, `mangle`, `raw` or `security`. It is not locked: a commit fails with
/// FW_ERROR_CONFLICT if somebody else has changed it by then. Reading leaves no trace: see `fw_table_exists`.
///
/// Errors: FW_ERROR_NO_SUCH_TABLE, FW_ERROR_PERMISSION_DENIED, FW_ERROR_BACKEND_ABSENT.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_open(
    kernel: Option<&fw_kernel>,
    family: Number<fw_family>,
    name: Text,
    table: Out<Option<Box<fw_table>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, table, || {
        let opened = kernel_of(kernel).open(crate::kernel::family(&family)?, name.str("name")?)?;
        Ok(Some(fw_table::boxed(opened)))
    })
}

/// Reads some chains of a table, where the backend lets them be read without the others: in nf_tables, where it takes the time of
/// these chains however large the table is. With FW_UNTIL_NULL for `count` the array ends with NULL. It is not locked, as by
/// `fw_table_open`.
///
/// The table shows these chains, as far as they exist, and those that their rules go to, by name. Another one is read when it is
/// changed, and whoever adds a rule that goes to a chain need not name it. What counts or changes all chains is about those that
/// are shown. Other chains stay as they are. In the xtables interface the table is read and shown whole.
///
/// Errors: as for `fw_table_open`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_open_chains(
    kernel: Option<&fw_kernel>,
    family: Number<fw_family>,
    name: Text,
    chains: Words,
    count: usize,
    table: Out<Option<Box<fw_table>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, table, || {
        let (family, chains) = (crate::kernel::family(&family)?, chains.all(count)?);
        let opened = kernel_of(kernel).open_chains(family, name.str("name")?, chains)?;
        Ok(Some(fw_table::boxed(opened)))
    })
}

/// Takes the xtables lock and reads a table, all of it; the lock is held until the table is freed. The thread can open other
/// tables under it, with any kernel. Only `fw_table_update` can do with what it comes to need, since it can begin again.
///
/// Errors: FW_ERROR_ALREADY_OPEN when the thread has the same table open under the lock, as one of the two would overwrite
/// the edits of the other; as for `fw_lock_take` and `fw_table_open`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_open_locked(
    kernel: Option<&fw_kernel>,
    family: Number<fw_family>,
    name: Text,
    table: Out<Option<Box<fw_table>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, table, || {
        let opened = kernel_of(kernel).open_locked(crate::kernel::family(&family)?, name.str("name")?)?;
        Ok(Some(fw_table::boxed(opened)))
    })
}

/// Takes the lock, reads a table, lets a function edit it and commits: one read and one replace however many edits.
///
/// Of a large table in nf_tables only the chains are read that the function changes, and all of it when it looks at others.
///
/// When the function returns other than 0 nothing is changed, and this one fails with the error that the function has put
/// into its place (and must not free), or with FW_ERROR_ABORTED if there is none. When a program that ignores the lock gets in between, the table is
/// read and the function called again, a few times.
///
/// Errors: those of the function, of `fw_table_open_locked` and of `fw_table_commit`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_update(
    kernel: Option<&fw_kernel>,
    family: Number<fw_family>,
    name: Text,
    edit: fw_edit,
    data: *mut c_void,
    report: Out<fw_report>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, report, || update(kernel, &family, &name, None, edit, data))
}

/// The same as `fw_table_update` of a table of which only some chains are read, as by `fw_table_open_chains`, and what the function
/// comes to need.
///
/// Errors: as for `fw_table_update`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_update_chains(
    kernel: Option<&fw_kernel>,
    family: Number<fw_family>,
    name: Text,
    chains: Words,
    count: usize,
    edit: fw_edit,
    data: *mut c_void,
    report: Out<fw_report>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, report, || {
        let chains: Vec<_> = chains.all(count)?.into_iter().map(<[u8]>::to_vec).collect();
        update(kernel, &family, &name, Some(&chains), edit, data)
    })
}

fn update(
    kernel: Option<&fw_kernel>,
    family: &Number<fw_family>,
    name: &Text,
    chains: Option<&[Vec<u8>]>,
    edit: fw_edit,
    data: *mut c_void,
) -> Result<fw_report> {
    let (family, name) = (crate::kernel::family(family)?, name.str("name")?);
    let ((), report) = kernel_of(kernel).update_part(family, name, chains, |table| {
        let mut table = fw_table::boxed(table);
        (call(edit, &mut table, data), table.table)
    })?;
    Ok(report.into())
}

/// Frees a table. Edits that are not committed are forgotten. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_free(table: Option<Box<fw_table>>) {
    free(table);
}

/// Writes the edits in one replace, which the kernel accepts or refuses as a whole. Counters of rules that stay are
/// carried over. The table can be edited and committed again. `report` may be NULL.
///
/// Once the kernel has taken the table the call has succeeded; the report says if the counters could not follow.
///
/// Errors: FW_ERROR_CONFLICT when the table was changed since it was read (refresh it and edit again);
/// FW_ERROR_INVALID_RULE, FW_ERROR_LOOP, FW_ERROR_EXTENSION_UNAVAILABLE, FW_ERROR_TOO_LARGE or FW_ERROR_KERNEL when the
/// kernel would refuse what was written; FW_ERROR_ALREADY_OPEN when the table was opened without the lock, but the same
/// table with it by this thread; those of `fw_lock_take`. Nothing is changed then.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_commit(
    table: Option<&mut fw_table>,
    report: Out<fw_report>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, report, || Ok(of_mut(table)?.commit()?.into()))
}

/// Reads the table again. Edits that are not committed are forgotten.
///
/// Errors: as for `fw_table_open`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_refresh(table: Option<&mut fw_table>, error: ErrorPlace) -> fw_status {
    guard(error, (), || Ok(of_mut(table)?.refresh()?))
}

/// A copy of the table as it is in memory now, edits included, to be compared with others by `fw_table_diff`. It cannot be committed.
/// Freed with `fw_table_free`.
///
///     fw_table *table = NULL, *before = NULL;
///     fw_plan *plan = NULL;
///     fw_error *error = NULL;
///     fw_kernel *kernel = fw_kernel_new();
///     if (fw_table_open(kernel, FW_IPV4, "filter", &table, &error) == FW_OK && fw_table_copy(table, &before, &error) == FW_OK &&
///         fw_chain_append_text(table, "INPUT", "-i lo -j ACCEPT", &error) == FW_OK &&
///         fw_table_diff(before, table, &plan, &error) == FW_OK)
///         printf("%zu rule added\n", fw_plan_count(plan));
///     fw_plan_free(plan);
///     fw_table_free(before);
///     fw_table_free(table);
///     fw_kernel_free(kernel);
///     fw_error_free(error);
///
/// Errors: FW_ERROR_INVALID_ARGUMENT without a table.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_copy(
    table: Option<&fw_table>,
    copy: Out<Option<Box<fw_table>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, copy, || Ok(Some(fw_table::boxed(of(table)?.copy()))))
}

/// The table's name; lives as long as the table. NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_name(table: Option<&fw_table>) -> *const c_char {
    pointer(table.map(|table| &table.name))
}

/// The kernel that the table was read from, to make rules for it with `fw_rule_parse` or `fw_builder_build`. Lives as long as
/// the table. NULL only for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_kernel(table: Option<&fw_table>) -> Option<&fw_kernel> {
    table.map(|table| &table.kernel)
}

/// The table's family.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_family(table: Option<&fw_table>) -> fw_family {
    value(fw_family::FW_IPV4, || table.map(|table| table.table.family().into()))
}

/// Whether there are edits that are not committed.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_is_changed(table: Option<&fw_table>) -> bool {
    value(false, || table.map(|table| table.table.is_changed()))
}

/// Whether the kernel has the table. One that it could have, but that nobody has used yet in the network namespace, is read as an
/// empty one and comes into being when something is committed.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_exists(table: Option<&fw_table>) -> bool {
    value(false, || table.map(|table| table.table.exists()))
}

/// The number of rules in all chains.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_rule_count(table: Option<&fw_table>) -> usize {
    value(0, || table.map(|table| table.table.len()))
}

/// The names of the chains as they are now: built-in ones in the order of their hooks, then the others by name. Freed
/// with `fw_strings_free`. NULL only for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_chains(table: Option<&fw_table>) -> Option<Box<fw_strings>> {
    value(None, || {
        table.map(|table| {
            Some(fw_strings::boxed(table.table.chains().map(|chain| c_string(chain.name_bytes()))))
        })
    })
}

/// What the table has beside chains and rules of iptables, in words: rules of `nft` without a form in iptables, base chains at
/// other places, sets; that it is dormant or belongs to another process. Only tables of nf_tables have any. Freed with
/// `fw_strings_free`. NULL only for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_notes(table: Option<&fw_table>) -> Option<Box<fw_strings>> {
    value(None, || {
        table.map(|table| {
            Some(fw_strings::boxed(table.table.notes().iter().map(|note| c_string(note.to_string()))))
        })
    })
}

/// Deletes the rules of every chain.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_flush(table: Option<&mut fw_table>, error: ErrorPlace) -> fw_status {
    guard(error, (), || {
        of_mut(table)?.flush();
        Ok(())
    })
}

/// Deletes the rules of every chain and the chains that users made; policies stay.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_clear(table: Option<&mut fw_table>, error: ErrorPlace) -> fw_status {
    guard(error, (), || {
        of_mut(table)?.clear();
        Ok(())
    })
}

/// Sets all counters to what has arrived since they were read.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_zero(table: Option<&mut fw_table>, error: ErrorPlace) -> fw_status {
    guard(error, (), || {
        of_mut(table)?.zero();
        Ok(())
    })
}

/// Deletes every chain that users made.
///
/// Errors: FW_ERROR_CHAIN_IN_USE or FW_ERROR_CHAIN_NOT_EMPTY, without deleting any, when one cannot be deleted.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_delete_user_chains(table: Option<&mut fw_table>, error: ErrorPlace) -> fw_status {
    guard(error, (), || Ok(of_mut(table)?.delete_user_chains()?))
}

/// Checks the table as the kernel would, without asking it. `fw_table_commit` makes the same checks; what the kernel alone can
/// know, such as whether a helper or an ipset exists, is not among them.
///
/// Errors: FW_ERROR_INVALID_RULE with the chain and the rule, or FW_ERROR_LOOP. Where several rules are wrong `fw_error_other` has
/// the rest. `fw_warnings` tells of interfaces of rules where packets have none, such as an output interface in INPUT.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_validate(table: Option<&fw_table>, error: ErrorPlace) -> fw_status {
    guard(error, (), || Ok(of(table)?.validate()?))
}

/// Says what `fw_table_commit` would say, and changes nothing: the checks of `fw_table_validate`, and what the kernel makes of the rules
/// that are new. For that they are written in a network namespace that nobody else sees; who may not make one hears what is known
/// without it. Rules about objects of the namespace that is meant are not tried: ipsets, accounting objects, rate estimators, timeout
/// policies.
///
/// Errors: those of `fw_table_commit` but for FW_ERROR_CONFLICT. Where several rules are wrong `fw_error_other` has the rest, and
/// `fw_warnings` what `fw_table_validate` warns of.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_rehearse(table: Option<&fw_table>, error: ErrorPlace) -> fw_status {
    guard(error, (), || Ok(of(table)?.rehearse()?))
}

/// The hooks at which the table is consulted: a bit `1u << FW_HOOK_INPUT` for each.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_hooks(table: Option<&fw_table>) -> c_uint {
    value(0, || table.map(|table| chain::hooks(table.table.hooks())))
}
