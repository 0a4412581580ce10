//! Leaving the namespaces of the machine.

use std::ffi::CStr;
use std::io;

use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getgid, getuid};

use libc::{
    BPF_ABS, BPF_JEQ, BPF_JMP, BPF_K, BPF_LD, BPF_RET, BPF_W, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP,
    SECCOMP_MODE_FILTER, SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO,
};

/// Moves the process, which must have a single thread, into a network and a mount namespace of its own, and where it lacks
/// the right to do that, into a user namespace first, as its root.
///
/// The user namespace comes first: the kernel gives the files of `/proc/net` to the root of the namespace in which a network is
/// made, if he is there by then. Otherwise nobody inside may read which tables there are.
///
/// `/run` becomes an empty directory, so that the xtables lock is private too.
pub(crate) fn enter() -> io::Result<()> {
    entering()()
}

/// [`enter`], to be called later, and without an allocation: between the fork and the start of a program too.
pub(crate) fn entering() -> impl Fn() -> io::Result<()> + Send + Sync {
    let maps = [
        ("/proc/self/setgroups", "deny".to_owned()),
        ("/proc/self/uid_map", format!("0 {} 1", getuid())),
        ("/proc/self/gid_map", format!("0 {} 1", getgid())),
    ];
    move || {
        let private = CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWNS;
        match unshare(private) {
            Err(Errno::EPERM) => {
                unshare(CloneFlags::CLONE_NEWUSER)?;
                maps.iter().try_for_each(|(file, map)| std::fs::write(file, map))?;
                unshare(private)?;
            }
            done => done?,
        }
        // Whatever is mounted from here on stays here.
        mount(NOTHING, c"/", NOTHING, MsFlags::MS_REC | MsFlags::MS_PRIVATE, NOTHING)?;
        cover(c"/run")
    }
}

const NOTHING: Option<&CStr> = None;

/// Makes a directory an empty one. The process must have a mount namespace of its own.
pub(crate) fn cover(directory: &CStr) -> io::Result<()> {
    Ok(mount(Some(c"tmpfs"), directory, Some(c"tmpfs"), MsFlags::empty(), NOTHING)?)
}

/// Takes the right to make sockets from the calling thread, so that no name server is asked in a test that is about texts.
/// It needs no rights and no namespaces.
///
/// # Errors
///
/// When the kernel has no seccomp filters.
pub fn without_network() -> io::Result<()> {
    let instruction = |code, k, jt| libc::sock_filter { code: code as u16, jt, jf: 0, k };
    let mut filter = [
        // The number of the system call, `nr` of `struct seccomp_data`.
        instruction(BPF_LD | BPF_W | BPF_ABS, 0, 0),
        instruction(BPF_JMP | BPF_JEQ | BPF_K, libc::SYS_socket as u32, 1),
        instruction(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0),
        instruction(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | libc::EACCES as u32, 0),
    ];
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
    #[allow(unsafe_code, reason = "nix has no seccomp")]
    // SAFETY: the option takes numbers alone.
    let mut done = unsafe { libc::prctl(PR_SET_NO_NEW_PRIVS, 1u64, 0u64, 0u64, 0u64) };
    if done == 0 {
        #[allow(unsafe_code, reason = "nix has no seccomp")]
        // SAFETY: `program` describes `filter`, and both outlive the call, which copies them.
        let installed =
            unsafe { libc::prctl(PR_SET_SECCOMP, u64::from(SECCOMP_MODE_FILTER), &raw const program) };
        done = installed;
    }
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
