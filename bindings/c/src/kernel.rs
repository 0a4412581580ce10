//! Kernels and locks.

use std::ffi::c_int;
use std::fs::File;
use std::path::Path;
use std::time::Duration;

use libfw::program::check_namespace;
use libfw::{BackendKind, Compare, Family, Kernel, Lock, LockPolicy};

use crate::builder::invalid;
use crate::error::{Result, fw_error, fw_status, required};
use crate::ffi::{Allocated, ErrorPlace, Number, Out, Text, c_string, duplicate, free, guard, value};
use crate::rule::fw_rule;
use crate::strings::fw_strings;

/// An address family with packet-filter tables of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum fw_family {
    /// IPv4: what `iptables` works on.
    FW_IPV4 = 4,
    /// IPv6: what `ip6tables` works on.
    FW_IPV6 = 6,
    /// ARP for IPv4: what `arptables` works on. Only nf_tables have it, and in it the table `filter`.
    FW_ARP = 3,
}

#[inline]
pub(crate) fn family(number: &Number<fw_family>) -> Result<Family> {
    match number.get() {
        4 => Ok(Family::Ipv4),
        6 => Ok(Family::Ipv6),
        3 => Ok(Family::Arp),
        other => Err(no_family(other)),
    }
}

#[cold]
fn no_family(number: c_int) -> Box<fw_error> {
    let message = format!("{number} is no family, expected FW_IPV4, FW_IPV6 or FW_ARP");
    fw_error::new(fw_status::FW_ERROR_INVALID_ARGUMENT, message)
}

impl From<Family> for fw_family {
    fn from(family: Family) -> fw_family {
        match family {
            Family::Ipv4 => fw_family::FW_IPV4,
            Family::Ipv6 => fw_family::FW_IPV6,
            Family::Arp => fw_family::FW_ARP,
        }
    }
}

/// What holds packet-filter rules: one of the kernel's two interfaces, which know nothing of each other, or memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub enum fw_backend {
    /// None: what is written where a call fails.
    #[default]
    FW_BACKEND_NONE = 0,
    /// xtables, which `iptables-legacy` uses.
    FW_BACKEND_LEGACY = 1,
    /// nf_tables, which `iptables-nft` uses.
    FW_BACKEND_NFT = 2,
    /// Tables in memory, for tests without a kernel.
    FW_BACKEND_MEMORY = 3,
    /// nf_tables in memory: what FW_BACKEND_NFT is on a kernel, with its handles, transactions and refusals.
    FW_BACKEND_MEMORY_NFT = 4,
}

impl From<BackendKind> for fw_backend {
    fn from(kind: BackendKind) -> fw_backend {
        match kind {
            BackendKind::Legacy => fw_backend::FW_BACKEND_LEGACY,
            BackendKind::Nft => fw_backend::FW_BACKEND_NFT,
            BackendKind::MemoryNft => fw_backend::FW_BACKEND_MEMORY_NFT,
            _ => fw_backend::FW_BACKEND_MEMORY,
        }
    }
}

/// The tables of a network namespace, and the way to take the xtables lock. Freed with `fw_kernel_free`.
pub struct fw_kernel(pub(crate) Kernel);

/// The xtables lock, held until freed with `fw_lock_free`.
pub struct fw_lock(Lock);

impl fw_kernel {
    /// How the lock is taken for tables that are opened from now on.
    fn set_policy(&mut self, policy: LockPolicy) {
        self.0 = self.0.clone().with_policy(policy);
    }
}

/// How long to wait for so many milliseconds: for ever if they are negative.
pub(crate) fn patience(milliseconds: i64) -> Option<Duration> {
    u64::try_from(milliseconds).ok().map(Duration::from_millis)
}

/// The kernel of a handle; the current network namespace for NULL.
pub(crate) fn kernel_of(kernel: Option<&fw_kernel>) -> Kernel {
    kernel.map_or_else(Kernel::new, |kernel| kernel.0.clone())
}

/// The tables of the calling thread's network namespace, with the lock file that iptables uses, waiting for ever for it.
/// Functions that take a kernel take NULL for the same. Never NULL, unless there is a bug in libfw.
///
/// Which backend it is is looked for at the first use, without a trace: the one that the variable LIBFW_BACKEND of the
/// environment names (`legacy` or `nft`), else the one that has rules, else the one that the host's own `iptables` uses, else
/// nf_tables if the kernel has it. `fw_kernel_set_backend` names one. If both have rules and nothing says which are meant,
/// reading works and opening to write is FW_ERROR_AMBIGUOUS_BACKEND.
#[unsafe(no_mangle)]
pub extern "C" fn fw_kernel_new() -> Option<Box<fw_kernel>> {
    value(None, || Some(Some(Box::new(fw_kernel(Kernel::new())))))
}

/// The tables of the network namespace at a path, such as `/run/netns/NAME`.
///
/// Errors: FW_ERROR_IO when the path cannot be opened, or is not that of a network namespace.
#[unsafe(no_mangle)]
pub extern "C" fn fw_kernel_in_netns(
    path: Text,
    kernel: Out<Option<Box<fw_kernel>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, kernel, || {
        let path = required(path.path(), "path")?;
        Ok(Some(Box::new(fw_kernel(Kernel::in_netns(path)?))))
    })
}

/// The tables of the network namespace of a process.
///
/// Errors: FW_ERROR_IO when there is no such process or it may not be looked at.
#[unsafe(no_mangle)]
pub extern "C" fn fw_kernel_in_netns_of(
    pid: u32,
    kernel: Out<Option<Box<fw_kernel>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, kernel, || Ok(Some(Box::new(fw_kernel(Kernel::in_netns_of(pid)?)))))
}

/// The tables of the network namespace that an open file stands for. The descriptor stays the caller's.
///
/// Errors: FW_ERROR_INVALID_ARGUMENT when the descriptor is not open, or not that of a network namespace.
#[unsafe(no_mangle)]
pub extern "C" fn fw_kernel_in_netns_fd(
    fd: c_int,
    kernel: Out<Option<Box<fw_kernel>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, kernel, || {
        let file = File::from(duplicate(fd)?);
        if check_namespace(&file).is_err() {
            return Err(invalid(format!("the descriptor {fd} is not that of a network namespace")));
        }
        Ok(Some(Box::new(fw_kernel(Kernel::in_netns_fd(file.into())))))
    })
}

/// Frees a kernel. Tables and rules that came from it stay usable. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn fw_kernel_free(kernel: Option<Box<fw_kernel>>) {
    free(kernel);
}

/// Says which backend holds the tables that are opened from now on, instead of looking for it. In memory there is no namespace:
/// the tables are new and empty. There is no lock either, as no other program sees them: threads that change the same table do so
/// by `fw_table_update`, or get FW_ERROR_CONFLICT.
///
/// Errors: FW_ERROR_INVALID_ARGUMENT for FW_BACKEND_NONE.
///
/// Example:
///
///     fw_kernel *kernel = fw_kernel_new();
///     fw_error *error = NULL;
///     if (fw_kernel_set_backend(kernel, FW_BACKEND_NFT, &error) != FW_OK) {
///         fprintf(stderr, "%s\n", fw_error_text(error));
///         fw_error_free(error);
///     }
///     fw_kernel_free(kernel);
#[unsafe(no_mangle)]
pub extern "C" fn fw_kernel_set_backend(
    kernel: Option<&mut fw_kernel>,
    backend: Number<fw_backend>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || {
        let kernel = required(kernel, "kernel")?;
        let backend = match backend.get() {
            1 => BackendKind::Legacy,
            2 => BackendKind::Nft,
            3 => BackendKind::Memory,
            4 => BackendKind::MemoryNft,
            other => {
                let message = format!(
                    "{other} is no backend, expected FW_BACKEND_LEGACY, FW_BACKEND_NFT, FW_BACKEND_MEMORY or \
                     FW_BACKEND_MEMORY_NFT"
                );
                return Err(fw_error::new(fw_status::FW_ERROR_INVALID_ARGUMENT, message));
            }
        };
        kernel.0 = kernel.0.clone().using(backend);
        Ok(())
    })
}

/// Which backend holds the tables. It is looked for if that has not been done yet.
///
/// Errors: FW_ERROR_INVALID_VALUE when LIBFW_BACKEND names none.
#[unsafe(no_mangle)]
pub extern "C" fn fw_kernel_backend(
    kernel: Option<&fw_kernel>,
    backend: Out<fw_backend>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, backend, || Ok(kernel_of(kernel).detection()?.backend.into()))
}

/// Why it is this backend, in words: `its table filter of IPv4 has rules`. Freed with `fw_string_free`.
///
/// Errors: as `fw_kernel_backend`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_kernel_reason(
    kernel: Option<&fw_kernel>,
    reason: Out<Allocated>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, reason, || {
        let reason = kernel_of(kernel).detection()?.reason.to_string();
        Ok(Allocated::new(reason.replace('\0', " ")).unwrap_or_default())
    })
}

/// Says how the xtables lock is taken for tables that are opened from now on: at which path, NULL for the one that iptables
/// uses (FW_LOCK_PATH), and how many milliseconds to wait for another holder, negative for ever.
///
/// Errors: FW_ERROR_INVALID_ARGUMENT when the path is empty.
#[unsafe(no_mangle)]
pub extern "C" fn fw_kernel_set_lock(
    kernel: Option<&mut fw_kernel>,
    path: Text,
    wait: i64,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || {
        let kernel = required(kernel, "kernel")?;
        let wait = patience(wait);
        let path = path.path().unwrap_or(Path::new(LockPolicy::PATH));
        if path.as_os_str().is_empty() {
            return Err(fw_error::new(fw_status::FW_ERROR_INVALID_ARGUMENT, "path is empty"));
        }
        kernel.set_policy(LockPolicy::at(path).wait(wait));
        Ok(())
    })
}

/// The same at the path that iptables would use in this process: the one that the variable XTABLES_LOCKFILE of the environment
/// names, else FW_LOCK_PATH. Without this call the variable is not looked at.
#[unsafe(no_mangle)]
pub extern "C" fn fw_kernel_set_lock_from_environment(
    kernel: Option<&mut fw_kernel>,
    wait: i64,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || {
        let kernel = required(kernel, "kernel")?;
        let wait = patience(wait);
        kernel.set_policy(LockPolicy::from_environment().wait(wait));
        Ok(())
    })
}

/// Takes no lock for tables that are opened from now on. Only right where nothing but this program touches the tables, such
/// as in a namespace of its own; `fw_kernel_set_lock` takes one again.
#[unsafe(no_mangle)]
pub extern "C" fn fw_kernel_set_unlocked(kernel: Option<&mut fw_kernel>, error: ErrorPlace) -> fw_status {
    guard(error, (), || {
        required(kernel, "kernel")?.set_policy(LockPolicy::UNLOCKED);
        Ok(())
    })
}

/// Says up to how many bytes of entries the content of a table is compared with what was read, before a commit replaces it: 0
/// for never, SIZE_MAX for always; 1 MiB unless this is called. It holds for tables that are opened from now on.
///
/// Under the lock only a program that does not honour it can have changed the table, and the kernel notices only a change of
/// the number of rules. Tables that were opened without the lock are compared whatever their size, unless with 0.
#[unsafe(no_mangle)]
pub extern "C" fn fw_kernel_set_compare(
    kernel: Option<&mut fw_kernel>,
    size: usize,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || {
        let kernel = required(kernel, "kernel")?;
        let compare = match size {
            0 => Compare::Never,
            usize::MAX => Compare::Always,
            size => Compare::UpTo(size),
        };
        kernel.0 = kernel.0.clone().with_compare(compare);
        Ok(())
    })
}

/// The names of the tables of a family that there are, in the order in which they are saved. To ask brings none into being.
/// Freed with `fw_strings_free`.
///
/// Errors: FW_ERROR_PERMISSION_DENIED where the kernel lets nobody see.
#[unsafe(no_mangle)]
pub extern "C" fn fw_kernel_tables(
    kernel: Option<&fw_kernel>,
    family: Number<fw_family>,
    names: Out<Option<Box<fw_strings>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, names, || {
        let tables = kernel_of(kernel).tables(self::family(&family)?)?;
        Ok(Some(fw_strings::boxed(tables.iter().map(c_string))))
    })
}

/// Checks that the kernel has what a rule names: its matches and targets in some revision, and its ipsets. `fw_table_rehearse` says what
/// it would make of the rule in a table.
///
/// Errors: FW_ERROR_EXTENSION_UNAVAILABLE, FW_ERROR_NO_SUCH_OBJECT, or FW_ERROR_INVALID_RULE when a set is for the other family.
#[unsafe(no_mangle)]
pub extern "C" fn fw_kernel_check_rule(
    kernel: Option<&fw_kernel>,
    rule: Option<&fw_rule>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || Ok(kernel_of(kernel).check_rule(&crate::rule::of(rule)?)?))
}

/// The kernel module that has the tables of a family, if the kernel is without it: `ip_tables`, `ip6_tables` or `nf_tables`, and
/// whether it can be loaded; NULL if nothing is missing. To ask loads nothing. Freed with `fw_string_free`.
///
/// Errors: those of `fw_kernel_backend`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_kernel_missing_module(
    kernel: Option<&fw_kernel>,
    family: Number<fw_family>,
    available: Out<bool>,
    name: Out<Allocated>,
    error: ErrorPlace,
) -> fw_status {
    available.set(false);
    guard(error, name, || {
        let missing = kernel_of(kernel).missing_module(self::family(&family)?)?;
        Ok(missing
            .and_then(|module| {
                available.set(module.is_available);
                Allocated::new(module.name)
            })
            .unwrap_or_default())
    })
}

/// Loads a kernel module by modprobe(8): by the program at a path, or for NULL the one that the kernel runs itself, which
/// `/proc/sys/kernel/modprobe` names. Nothing is loaded without this call.
///
/// Errors: FW_ERROR_BACKEND_ABSENT when it cannot be loaded.
#[unsafe(no_mangle)]
pub extern "C" fn fw_kernel_load_module(
    kernel: Option<&fw_kernel>,
    name: Text,
    modprobe: Text,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || Ok(kernel_of(kernel).load_module(name.str("name")?, modprobe.path())?))
}

/// Takes the xtables lock, to keep other programs away while several tables are changed. The thread that has it gets it again
/// at once; other threads wait as other processes do. It belongs to the process that took it: a fork's copy is worth nothing.
///
/// Errors: FW_ERROR_LOCK_BUSY when another program holds it too long; the message names it. FW_ERROR_INTERRUPTED when a
/// signal for which the program has a handler comes to the waiting thread. FW_ERROR_PERMISSION_DENIED or FW_ERROR_IO when the file
/// cannot be opened.
#[unsafe(no_mangle)]
pub extern "C" fn fw_lock_take(
    kernel: Option<&fw_kernel>,
    lock: Out<Option<Box<fw_lock>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, lock, || Ok(Some(Box::new(fw_lock(kernel_of(kernel).lock()?)))))
}

/// Gives the lock back, unless a table or kernel that was made with it still holds it. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn fw_lock_free(lock: Option<Box<fw_lock>>) {
    free(lock);
}

/// The same tables under a lock that is held already: what is opened with this kernel does not take it again.
#[unsafe(no_mangle)]
pub extern "C" fn fw_kernel_with_lock(
    kernel: Option<&fw_kernel>,
    lock: Option<&fw_lock>,
    locked: Out<Option<Box<fw_kernel>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, locked, || {
        let lock = required(lock, "lock")?;
        Ok(Some(Box::new(fw_kernel(kernel_of(kernel).with_lock(&lock.0)))))
    })
}
