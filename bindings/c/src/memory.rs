//! Kernels in memory that are as a test wants them, and rehearsals.

use std::collections::BTreeMap;
use std::ffi::c_int;

use libfw::backend::{ObjectKind, SetInfo};
use libfw::ext::{self, ExtensionKind};
use libfw::{Family, MemoryKernel, Rehearsal};

use crate::error::{Result, fw_error, fw_status, required};
use crate::ffi::{ErrorPlace, Number, Out, Text, free, guard, value};
use crate::kernel::{fw_backend, fw_family, fw_kernel, kernel_of};
use crate::plan::fw_plan;

/// What a kernel in memory is to have. Freed with `fw_memory_free`.
///
///     fw_error *error = NULL;
///     fw_kernel *kernel;
///     fw_memory *memory = fw_memory_new();
///     if (fw_memory_add_set(memory, "banned", 1, FW_IPV4, &error) != FW_OK ||
///         fw_memory_add_object(memory, FW_OBJECT_ACCOUNTING, "web", &error) != FW_OK ||
///         fw_memory_set_revision(memory, "TEE", -1, &error) != FW_OK ||
///         fw_memory_kernel(memory, FW_BACKEND_MEMORY, &kernel, &error) != FW_OK)
///         fprintf(stderr, "%s\n", fw_error_text(error));
///     fw_kernel_free(kernel);
///     fw_memory_free(memory);
///     fw_error_free(error);
#[derive(Default)]
pub struct fw_memory {
    sets: BTreeMap<Vec<u8>, SetInfo>,
    /// The names of the sets by index.
    names: BTreeMap<u16, Vec<u8>>,
    objects: Vec<(ObjectKind, Vec<u8>)>,
    revisions: Vec<(ExtensionKind, String, Option<u8>)>,
    any: bool,
}

impl fw_memory {
    /// A kernel that has all this.
    fn make(&self) -> libfw::Result<MemoryKernel> {
        let fw_memory { sets, objects, revisions, any, .. } = self;
        let mut made = MemoryKernel::new();
        if *any {
            made = made.with_any_set();
        }
        made = sets.iter().try_fold(made, |made, (name, set)| made.with_set(name, *set))?;
        made = objects.iter().try_fold(made, |made, (kind, name)| made.with_object(*kind, name))?;
        let add = |made: MemoryKernel, (kind, name, newest): &(ExtensionKind, String, Option<u8>)| {
            made.with_revision(*kind, name.clone(), *newest)
        };
        revisions.iter().try_fold(made, add)
    }
}

/// A kind of what a rule may name besides ipsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
#[allow(dead_code, reason = "callers give their numbers")]
pub enum fw_object {
    /// An algorithm of `-m string`.
    FW_OBJECT_ALGORITHM = 1,
    /// A connection tracking helper, for `-j CT`.
    FW_OBJECT_HELPER = 2,
    /// A timeout policy of connection tracking, for `-j CT`.
    FW_OBJECT_TIMEOUT = 3,
    /// A rate estimator, for `-m rateest`.
    FW_OBJECT_ESTIMATOR = 4,
    /// An accounting object, for `-m nfacct`.
    FW_OBJECT_ACCOUNTING = 5,
    /// A control group by its path, for `-m cgroup`.
    FW_OBJECT_CONTROL_GROUP = 6,
    /// A security context, for `-j SECMARK`.
    FW_OBJECT_SECURITY_CONTEXT = 7,
    /// A BPF program by the path where it is pinned, for `-m bpf`.
    FW_OBJECT_PROGRAM = 8,
}

fn invalid(message: String) -> Box<fw_error> {
    fw_error::new(fw_status::FW_ERROR_INVALID_ARGUMENT, message)
}

/// Starts to say what a kernel in memory is to have: with nothing said it has every match and target in every revision, no ipsets,
/// the usual algorithms and connection tracking helpers, and no other objects. Never NULL, unless there is a bug in libfw.
#[unsafe(no_mangle)]
pub extern "C" fn fw_memory_new() -> Option<Box<fw_memory>> {
    value(None, || Some(Some(Box::new(fw_memory::default()))))
}

/// Adds an ipset for a family, with the index that rules hold.
///
/// Errors: FW_ERROR_INVALID_ARGUMENT: a name that is empty or longer than 31 bytes, or that another set has; an index that another
/// set has, or 65535, which stands for no set.
#[unsafe(no_mangle)]
pub extern "C" fn fw_memory_add_set(
    memory: Option<&mut fw_memory>,
    name: Text,
    index: u16,
    family: Number<fw_family>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || {
        // As the kernel numbers them.
        let family = if crate::kernel::family(&family)? == Family::Ipv4 { 2 } else { 10 };
        let (name, set) = (name.bytes("name")?.to_vec(), SetInfo { index, family });
        let fw_memory { sets, names, .. } = required(memory, "memory")?;
        // What it says beside the only sets that can be in its way.
        let mut beside = MemoryKernel::new();
        let same_index = names.get(&index).filter(|other| **other != name);
        for other in [Some(&name), same_index].into_iter().flatten() {
            if let Some(set) = sets.get(other) {
                beside = beside.with_set(other, *set)?;
            }
        }
        beside.with_set(&name, set)?;
        names.insert(index, name.clone());
        sets.insert(name, set);
        Ok(())
    })
}

/// Adds an object that rules may name.
///
/// Errors: FW_ERROR_INVALID_ARGUMENT: no kind of object; a name that is empty, or longer than the kernel's structure for it.
#[unsafe(no_mangle)]
pub extern "C" fn fw_memory_add_object(
    memory: Option<&mut fw_memory>,
    kind: Number<fw_object>,
    name: Text,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || {
        let kind = match kind.get() {
            1 => ObjectKind::Algorithm,
            2 => ObjectKind::Helper,
            3 => ObjectKind::Timeout,
            4 => ObjectKind::Estimator,
            5 => ObjectKind::Accounting,
            6 => ObjectKind::ControlGroup,
            7 => ObjectKind::SecurityContext,
            8 => ObjectKind::Program,
            other => return Err(invalid(format!("{other} is no kind of object, expected a fw_object"))),
        };
        let name = name.bytes("name")?;
        let memory = required(memory, "memory")?;
        MemoryKernel::new().with_object(kind, name)?;
        memory.objects.push((kind, name.to_vec()));
        Ok(())
    })
}

/// Has a match or target only in revisions up to this one, or not at all with -1: as an older kernel, or one that was built without
/// it.
///
/// Errors: FW_ERROR_INVALID_ARGUMENT for a revision that is no number of 8 bits, FW_ERROR_NO_SUCH_EXTENSION.
#[unsafe(no_mangle)]
pub extern "C" fn fw_memory_set_revision(
    memory: Option<&mut fw_memory>,
    extension: Text,
    newest: c_int,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || {
        let newest = match newest {
            -1 => None,
            newest => {
                let fits = u8::try_from(newest);
                Some(fits.map_err(|_| invalid(format!("{newest} is no revision, expected 0 to 255 or -1")))?)
            }
        };
        let name = extension.str("extension")?;
        let Some(known) = ext::all().find(|extension| extension.name == name) else {
            let message = format!("there is no match and no target {name:?}");
            return Err(fw_error::new(fw_status::FW_ERROR_NO_SUCH_EXTENSION, message));
        };
        required(memory, "memory")?.revisions.push((known.kind, name.to_owned(), newest));
        Ok(())
    })
}

/// Has every ipset and every other object that a rule names.
///
/// Errors: FW_ERROR_INVALID_ARGUMENT for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_memory_add_any(memory: Option<&mut fw_memory>, error: ErrorPlace) -> fw_status {
    guard(error, (), || {
        required(memory, "memory")?.any = true;
        Ok(())
    })
}

/// Makes a kernel of it, with empty tables: FW_BACKEND_MEMORY or FW_BACKEND_MEMORY_NFT. May be called several times; each kernel is
/// one of its own. It takes no lock; see `fw_kernel_set_backend`.
///
/// Errors: FW_ERROR_INVALID_ARGUMENT for another backend.
#[unsafe(no_mangle)]
pub extern "C" fn fw_memory_kernel(
    memory: Option<&fw_memory>,
    backend: Number<fw_backend>,
    kernel: Out<Option<Box<fw_kernel>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, kernel, || {
        let made = required(memory, "memory")?.make()?;
        let made = match backend.get() {
            3 => made.kernel(),
            4 => made.nft(),
            other => return Err(invalid(format!("backend {other} is not in memory"))),
        };
        Ok(Some(Box::new(fw_kernel(made))))
    })
}

/// Frees it. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn fw_memory_free(memory: Option<Box<fw_memory>>) {
    free(memory);
}

/// What would be written, and would come of it. Freed with `fw_rehearsal_free`.
pub struct fw_rehearsal {
    rehearsal: Rehearsal,
    kernel: Box<fw_kernel>,
}

/// Starts a rehearsal: with its kernel everything is read as it is, and nothing is written. Whatever would be is rehearsed as by
/// `fw_table_rehearse`, so that its errors are those of the real one, and kept as a plan.
///
///     fw_error *error = NULL;
///     fw_rehearsal *rehearsal;
///     fw_plan *plan;
///     const char *line[] = {"-A", "INPUT", "-j", "DROP"};
///     if (fw_rehearsal_new(NULL, &rehearsal, &error) != FW_OK ||
///         fw_run(fw_rehearsal_kernel(rehearsal), FW_IPV4, 4, line, NULL, NULL, &error) != FW_OK ||
///         fw_rehearsal_plan(rehearsal, &plan, &error) != FW_OK)
///         fprintf(stderr, "%s\n", fw_error_text(error));
///     else
///         fputs(fw_plan_text(plan), stdout);
///     fw_plan_free(plan);
///     fw_rehearsal_free(rehearsal);
///     fw_error_free(error);
///
/// Errors: none but FW_ERROR_PANIC.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rehearsal_new(
    kernel: Option<&fw_kernel>,
    rehearsal: Out<Option<Box<fw_rehearsal>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, rehearsal, || {
        let rehearsal = kernel_of(kernel).rehearse();
        let kernel = Box::new(fw_kernel(rehearsal.kernel().clone()));
        Ok(Some(Box::new(fw_rehearsal { rehearsal, kernel })))
    })
}

/// The kernel that writes nothing. It lives as long as the rehearsal. NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rehearsal_kernel(rehearsal: Option<&fw_rehearsal>) -> Option<&fw_kernel> {
    rehearsal.map(|rehearsal| &*rehearsal.kernel)
}

/// What would have been changed so far. Freed with `fw_plan_free`.
///
/// Errors: FW_ERROR_INVALID_ARGUMENT for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rehearsal_plan(
    rehearsal: Option<&fw_rehearsal>,
    plan: Out<Option<Box<fw_plan>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, plan, || {
        let plan = required(rehearsal, "rehearsal")?.rehearsal.plan();
        Ok(Some(fw_plan::boxed(plan))) as Result<_>
    })
}

/// Frees a rehearsal and its kernel. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rehearsal_free(rehearsal: Option<Box<fw_rehearsal>>) {
    free(rehearsal);
}
