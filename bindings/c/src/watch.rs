//! Tables that are watched.

use std::ffi::{CString, c_char, c_int};
use std::os::fd::AsRawFd;
use std::sync::OnceLock;
use std::time::Duration;

use libfw::{TableChange, Watch};

use crate::error::{fw_status, no_index, required};
use crate::ffi::{Allocated, ErrorPlace, Number, Out, Text, c_string, free, guard, pointer, value};
use crate::kernel::{fw_family, fw_kernel, kernel_of, patience};
use crate::plan::fw_plan;
use crate::rule::fw_rule;
use crate::table::fw_table;

/// Tables that are watched: it tells when somebody changes one, and what. Freed with `fw_watch_free`.
pub struct fw_watch(Watch);

/// What has become of a table that is watched. Freed with `fw_change_free`.
pub struct fw_change {
    change: TableChange,
    table: CString,
    rules: Vec<Changed>,
    plan: OnceLock<Box<fw_plan>>,
}

/// A rule that went, came or moved.
struct Changed {
    chain: CString,
    rule: Box<fw_rule>,
    from: Option<usize>,
    to: Option<usize>,
}

impl fw_change {
    fn boxed(change: TableChange) -> Box<fw_change> {
        let rules = change.plan.chains.iter().flat_map(|chain| {
            chain.rules.iter().map(|rule| Changed {
                chain: c_string(&chain.name),
                rule: fw_rule::boxed(rule.rule.clone()),
                from: rule.from,
                to: rule.to,
            })
        });
        let (table, rules) = (c_string(&change.plan.table), rules.collect());
        Box::new(fw_change { change, table, rules, plan: OnceLock::new() })
    }

    fn rule(&self, index: usize) -> Option<&Changed> {
        self.rules.get(index)
    }
}

/// Watches no table yet. In nf_tables the kernel tells of changes, so a wait costs nothing; legacy tables are asked again and again:
/// see `fw_watch_set_interval`.
///
///     fw_watch *watch;
///     fw_change *change;
///     fw_error *error = NULL;
///     fw_kernel *kernel = fw_kernel_new();
///     if (fw_watch_new(kernel, &watch, &error) == FW_OK && fw_watch_add(watch, FW_IPV4, "filter", &error) == FW_OK &&
///         fw_watch_next(watch, 10, &change, &error) == FW_OK && change != NULL) {
///         char *text = fw_change_text(change);
///         puts(text);
///         fw_string_free(text);
///         fw_change_free(change);
///     }
///     fw_watch_free(watch);
///     fw_kernel_free(kernel);
///     fw_error_free(error);
///
/// Errors: FW_ERROR_BACKEND_ABSENT and the like.
#[unsafe(no_mangle)]
pub extern "C" fn fw_watch_new(
    kernel: Option<&fw_kernel>,
    watch: Out<Option<Box<fw_watch>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, watch, || Ok(Some(Box::new(fw_watch(kernel_of(kernel).watch([])?)))))
}

/// Watches a table from now on. No lock is taken, and a table that is not there is not made.
///
/// Errors: as for `fw_table_open`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_watch_add(
    watch: Option<&mut fw_watch>,
    family: Number<fw_family>,
    name: Text,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || {
        let watch = required(watch, "watch")?;
        Ok(watch.0.add(crate::kernel::family(&family)?, name.str("name")?)?)
    })
}

/// Asks legacy tables every so many milliseconds for the number and size of their entries, which is one system call, and at every
/// `contents`-th time for the rules themselves, since a change may keep both; 0 for never. 100 and 10 unless this is called.
#[unsafe(no_mangle)]
pub extern "C" fn fw_watch_set_interval(
    watch: Option<&mut fw_watch>,
    milliseconds: u32,
    contents: u32,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || {
        required(watch, "watch")?.0.set_interval(Duration::from_millis(milliseconds.into()), contents);
        Ok(())
    })
}

/// A copy of the table that was added at an index, as it was at the last look. Freed with `fw_table_free`.
///
/// Errors: FW_ERROR_INDEX_TOO_BIG.
#[unsafe(no_mangle)]
pub extern "C" fn fw_watch_table(
    watch: Option<&fw_watch>,
    index: usize,
    table: Out<Option<Box<fw_table>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, table, || {
        let tables = required(watch, "watch")?.0.tables();
        let table = tables.get(index).ok_or_else(|| no_index(index, "watch", tables.len()))?;
        Ok(Some(fw_table::boxed(table.copy())))
    })
}

/// Waits for a change: at most so many milliseconds, for ever if negative. NULL when the time is over, or freed with
/// `fw_change_free`.
///
/// Errors: FW_ERROR_INTERRUPTED when a signal for which the program has a handler comes to the thread, and the next call goes on; as
/// for `fw_table_open`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_watch_next(
    watch: Option<&mut fw_watch>,
    wait: i64,
    change: Out<Option<Box<fw_change>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, change, || {
        let wait = patience(wait);
        Ok(required(watch, "watch")?.0.next_change(wait)?.map(fw_change::boxed))
    })
}

/// A descriptor for `poll(2)`, or an event loop: when it can be read, it is time to call `fw_watch_next` with 0 milliseconds, until it
/// finds nothing. It is the watch's own: read nothing from it, and do not close it. -1 for NULL.
///
///     fw_watch *watch;
///     fw_change *change;
///     fw_error *error = NULL;
///     fw_kernel *kernel = fw_kernel_new();
///     if (fw_watch_new(kernel, &watch, &error) == FW_OK && fw_watch_add(watch, FW_IPV4, "filter", &error) == FW_OK) {
///         struct pollfd wait = {fw_watch_fd(watch), POLLIN, 0};
///         while (poll(&wait, 1, 10) > 0 && fw_watch_next(watch, 0, &change, &error) == FW_OK && change != NULL)
///             fw_change_free(change);
///     }
///     fw_watch_free(watch);
///     fw_kernel_free(kernel);
///     fw_error_free(error);
#[unsafe(no_mangle)]
pub extern "C" fn fw_watch_fd(watch: Option<&fw_watch>) -> c_int {
    value(-1, || Some(watch?.0.as_raw_fd()))
}

/// Makes a table what it was before a change, whatever was changed since, under the lock. Rules that were deleted come back with the
/// counters that they had when they were last looked at. The watch does not tell that.
///
/// Errors: as for `fw_table_open_locked` and `fw_table_commit`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_watch_put_back(
    watch: Option<&mut fw_watch>,
    change: Option<&fw_change>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || {
        required(watch, "watch")?.0.put_back(&required(change, "change")?.change)?;
        Ok(())
    })
}

/// Frees a watch. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn fw_watch_free(watch: Option<Box<fw_watch>>) {
    free(watch);
}

/// The family of the table that was changed.
#[unsafe(no_mangle)]
pub extern "C" fn fw_change_family(change: Option<&fw_change>) -> fw_family {
    value(fw_family::FW_IPV4, || change.map(|change| change.change.plan.family.into()))
}

/// The name of the table that was changed; lives as long as the change. NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_change_table(change: Option<&fw_change>) -> *const c_char {
    pointer(change.map(|change| &change.table))
}

/// What was changed, in lines: `-` for what went, `+` for what came, chains and policies among them. Freed with `fw_string_free`.
/// NULL only for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_change_text(change: Option<&fw_change>) -> Allocated {
    value(Allocated::default(), || change.and_then(|change| Allocated::new(change.change.to_string())))
}

/// What was changed as a plan, with the steps that chains and policies are: `fw_plan_step`, and `fw_plan_inverse` leads back. Lives as
/// long as the change. NULL for NULL.
///
///     fw_watch *watch;
///     fw_change *change = NULL;
///     fw_step step;
///     fw_error *error = NULL;
///     if (fw_watch_new(NULL, &watch, &error) == FW_OK && fw_watch_add(watch, FW_IPV4, "filter", &error) == FW_OK &&
///         fw_watch_next(watch, 10, &change, &error) == FW_OK)
///         for (size_t i = 0; fw_plan_step(fw_change_plan(change), i, &step, NULL) == FW_OK; i++)
///             if (step.kind == FW_STEP_POLICY)
///                 printf("the policy of %s is %d\n", step.chain, step.policy);
///     fw_change_free(change);
///     fw_watch_free(watch);
///     fw_error_free(error);
#[unsafe(no_mangle)]
pub extern "C" fn fw_change_plan(change: Option<&fw_change>) -> Option<&fw_plan> {
    value(None, || {
        let change = change?;
        Some(Some(
            &**change.plan.get_or_init(|| fw_plan::boxed([change.change.plan.clone()].into_iter().collect())),
        ))
    })
}

/// The number of rules that went, came or have another place among those that stayed. What became of chains and policies is in
/// `fw_change_plan`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_change_count(change: Option<&fw_change>) -> usize {
    change.map_or(0, |change| change.rules.len())
}

/// The rule that went, came or moved; lives as long as the change. One that went has the counters that it had. NULL beyond the end.
#[unsafe(no_mangle)]
pub extern "C" fn fw_change_rule(change: Option<&fw_change>, index: usize) -> Option<&fw_rule> {
    change.and_then(|change| change.rule(index)).map(|changed| &*changed.rule)
}

/// The chain of that rule; lives as long as the change. NULL beyond the end.
#[unsafe(no_mangle)]
pub extern "C" fn fw_change_chain(change: Option<&fw_change>, index: usize) -> *const c_char {
    pointer(change.and_then(|change| change.rule(index)).map(|changed| &changed.chain))
}

/// The index that the rule had in its chain before; false if it came.
#[unsafe(no_mangle)]
pub extern "C" fn fw_change_from(change: Option<&fw_change>, index: usize, from: Out<usize>) -> bool {
    from.set(0);
    value(false, || {
        from.set(change?.rule(index)?.from?);
        Some(true)
    })
}

/// The index that the rule has in its chain now; false if it went.
#[unsafe(no_mangle)]
pub extern "C" fn fw_change_to(change: Option<&fw_change>, index: usize, to: Out<usize>) -> bool {
    to.set(0);
    value(false, || {
        to.set(change?.rule(index)?.to?);
        Some(true)
    })
}

/// Frees a change and its rules. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn fw_change_free(change: Option<Box<fw_change>>) {
    free(change);
}
