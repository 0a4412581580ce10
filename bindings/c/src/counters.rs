//! The counters of whole tables.

use std::ffi::{CString, c_char};

use libfw::{CounterDelta, CounterSnapshot, Counters, Family, Kernel};

use crate::error::fw_status;
use crate::ffi::{ErrorPlace, Number, Out, Text, c_string, free, guard, pointer, value};
use crate::kernel::{fw_family, fw_kernel, kernel_of};
use crate::rule::fw_counters;
use crate::table::fw_table;

/// The counters of a table at one time, as plain numbers: those of all rules in one array, chain by chain, and those of the
/// policies. It holds no rules. Freed with `fw_snapshot_free`.
pub struct fw_snapshot {
    counters: CounterSnapshot,
    names: Vec<CString>,
}

/// What was counted between two snapshots of a table. Freed with `fw_delta_free`.
pub struct fw_delta {
    counted: fw_snapshot,
    added: Vec<usize>,
    removed: Vec<usize>,
    restarted: Vec<usize>,
}

impl From<CounterSnapshot> for fw_snapshot {
    fn from(counters: CounterSnapshot) -> fw_snapshot {
        let names = counters.chains().map(|chain| c_string(chain.name)).collect();
        fw_snapshot { counters, names }
    }
}

/// Gives the snapshot of a table that a way to read it makes.
fn taken(
    kernel: Option<&fw_kernel>,
    family: &Number<fw_family>,
    name: &Text,
    snapshot: Out<Option<Box<fw_snapshot>>>,
    error: ErrorPlace,
    read: fn(&Kernel, Family, &str) -> libfw::Result<CounterSnapshot>,
) -> fw_status {
    guard(error, snapshot, || {
        let counters = read(&kernel_of(kernel), crate::kernel::family(family)?, name.str("name")?)?;
        Ok(Some(Box::new(counters.into())))
    })
}

/// An array for C, which lives as long as what it is of.
fn array<T>(items: &[T], count: &Out<usize>) -> *const T {
    count.set(items.len());
    items.as_ptr()
}

/// The same of counters, which C knows by a type of its own.
fn counters(items: &[Counters], count: &Out<usize>) -> *const fw_counters {
    const { assert!(size_of::<Counters>() == size_of::<fw_counters>() && align_of::<Counters>() == 8) };
    array(items, count).cast()
}

/// Reads the counters of a table. No lock is needed, and nothing is changed.
///
///     fw_snapshot *snapshot;
///     fw_error *error = NULL;
///     if (fw_counters_read(NULL, FW_IPV4, "filter", &snapshot, &error) != FW_OK) {
///         fprintf(stderr, "%s\n", fw_error_text(error));
///         fw_error_free(error);
///         return 1;
///     }
///     size_t count;
///     const fw_counters *rules = fw_snapshot_chain(snapshot, "INPUT", &count);
///     for (size_t i = 0; i < count; i++)
///         printf("%zu: %llu packets\n", i, (unsigned long long)rules[i].packets);
///     fw_snapshot_free(snapshot);
///
/// Errors: as for `fw_table_open`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_counters_read(
    kernel: Option<&fw_kernel>,
    family: Number<fw_family>,
    name: Text,
    snapshot: Out<Option<Box<fw_snapshot>>>,
    error: ErrorPlace,
) -> fw_status {
    taken(kernel, &family, &name, snapshot, error, Kernel::counters)
}

/// Reads the counters of a table and sets them to zero, under the lock. Nothing is lost in between: what is counted after the
/// reading is in the next one. Only the counters of policies in nf_tables lose what arrives between the two. The rules stay in
/// place, with what their matches keep; no table is replaced.
///
/// Errors: as for `fw_table_open_locked`, and FW_ERROR_CONFLICT when programs that do not honour the lock replace the table
/// again and again. In nf_tables it takes Linux 6.2; an older kernel refuses it with FW_ERROR_KERNEL, and nothing changes.
#[unsafe(no_mangle)]
pub extern "C" fn fw_counters_take(
    kernel: Option<&fw_kernel>,
    family: Number<fw_family>,
    name: Text,
    snapshot: Out<Option<Box<fw_snapshot>>>,
    error: ErrorPlace,
) -> fw_status {
    taken(kernel, &family, &name, snapshot, error, Kernel::take_counters)
}

/// The counters of a table as they were read, or set since. NULL only for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_counters(table: Option<&fw_table>) -> Option<Box<fw_snapshot>> {
    value(None, || table.map(|table| Some(Box::new(table.table.counters().into()))))
}

/// Frees a snapshot. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn fw_snapshot_free(snapshot: Option<Box<fw_snapshot>>) {
    free(snapshot);
}

/// The counters of all rules, chain by chain in the order of `fw_snapshot_chain_name`, and how many there are; live as long as
/// the snapshot. NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_snapshot_rules(snapshot: Option<&fw_snapshot>, count: Out<usize>) -> *const fw_counters {
    count.set(0);
    value(std::ptr::null(), || snapshot.map(|snapshot| counters(snapshot.counters.rules(), &count)))
}

/// The counters of the rules of one chain, a part of those of all rules, and how many there are. NULL if there is no such chain.
#[unsafe(no_mangle)]
pub extern "C" fn fw_snapshot_chain(
    snapshot: Option<&fw_snapshot>,
    chain: Text,
    count: Out<usize>,
) -> *const fw_counters {
    count.set(0);
    value(std::ptr::null(), || {
        let chain = snapshot?.counters.chain(chain.optional()?)?;
        Some(counters(chain.rules, &count))
    })
}

/// The counters of the policies, one for each chain in the order of `fw_snapshot_chain_name`, and how many there are; zero for a
/// chain that a user made. They live as long as the snapshot. NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_snapshot_policies(
    snapshot: Option<&fw_snapshot>,
    count: Out<usize>,
) -> *const fw_counters {
    count.set(0);
    value(std::ptr::null(), || snapshot.map(|snapshot| counters(snapshot.counters.policies(), &count)))
}

/// The name of the chain at an index: built-in ones in the order of their hooks, then the others by name. Lives as long as the
/// snapshot. NULL beyond the end.
#[unsafe(no_mangle)]
pub extern "C" fn fw_snapshot_chain_name(snapshot: Option<&fw_snapshot>, index: usize) -> *const c_char {
    pointer(snapshot.and_then(|snapshot| snapshot.names.get(index)))
}

/// What was counted from one snapshot to a later one of the same table, whatever was edited in between: a rule is known by its
/// handle in nf_tables, and else by what it does; of several equal ones of a chain the first is the first of those that are
/// left. Freed with `fw_delta_free`. NULL only for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_snapshot_delta(
    earlier: Option<&fw_snapshot>,
    later: Option<&fw_snapshot>,
) -> Option<Box<fw_delta>> {
    value(None, || {
        let CounterDelta { counted, added, removed, restarted, .. } =
            earlier?.counters.delta(&later?.counters);
        Some(Some(Box::new(fw_delta { counted: counted.into(), added, removed, restarted })))
    })
}

/// What was counted, with the chains and rules of the later snapshot; lives as long as the delta. NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_delta_counted(delta: Option<&fw_delta>) -> Option<&fw_snapshot> {
    delta.map(|delta| &delta.counted)
}

/// The rules that are not in the earlier snapshot, by their index among all rules of the later one, and how many there are. What
/// they counted is all they have. They live as long as the delta. NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_delta_added(delta: Option<&fw_delta>, count: Out<usize>) -> *const usize {
    count.set(0);
    value(std::ptr::null(), || delta.map(|delta| array(&delta.added, &count)))
}

/// The rules that are not in the later snapshot, by their index among all rules of the earlier one, and how many there are. What
/// they counted after that is not known. They live as long as the delta. NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_delta_removed(delta: Option<&fw_delta>, count: Out<usize>) -> *const usize {
    count.set(0);
    value(std::ptr::null(), || delta.map(|delta| array(&delta.removed, &count)))
}

/// The rules whose counters were less than before, by their index in the later snapshot, and how many there are: they were set to
/// zero in between, and what they counted is what they have now. They live as long as the delta. NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_delta_restarted(delta: Option<&fw_delta>, count: Out<usize>) -> *const usize {
    count.set(0);
    value(std::ptr::null(), || delta.map(|delta| array(&delta.restarted, &count)))
}

/// Frees a delta. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn fw_delta_free(delta: Option<Box<fw_delta>>) {
    free(delta);
}
