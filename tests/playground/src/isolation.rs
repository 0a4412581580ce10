//! Leaving the namespaces of the machine.

use std::ffi::CStr;
use std::io;
use std::mem::offset_of;
use std::net::UdpSocket;
use std::os::fd::AsRawFd;

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
    install(&mut [
        load(offset_of!(libc::seccomp_data, nr)),
        jump(libc::SYS_socket as u32, 1, 0),
        answer(SECCOMP_RET_ALLOW),
        answer(SECCOMP_RET_ERRNO | libc::EACCES as u32),
    ])
}

/// Makes the kernel look as if it had no xtables interface, to the calling thread and all that it starts: the socket options
/// of `ip_tables`, `ip6_tables` and `arp_tables` are answered with ENOPROTOOPT.
///
/// # Errors
///
/// When the kernel has no seccomp filters.
pub fn without_legacy() -> io::Result<()> {
    /// From `IPT_BASE_CTL` and `ARPT_BASE_CTL` on. Among those of IPv6 are others.
    const OPTIONS: [(i32, &[u32]); 2] =
        [(libc::IPPROTO_IP, &[64, 65, 66, 67, 96, 97, 98, 99]), (libc::IPPROTO_IPV6, &[64, 65, 68, 69])];
    let argument = |index: usize| {
        let low = if cfg!(target_endian = "big") { size_of::<u32>() } else { 0 };
        load(offset_of!(libc::seccomp_data, args) + index * size_of::<u64>() + low)
    };
    let mut filter = vec![
        load(offset_of!(libc::seccomp_data, nr)),
        jump(libc::SYS_getsockopt as u32, 2, 0),
        jump(libc::SYS_setsockopt as u32, 1, 0),
        answer(SECCOMP_RET_ALLOW),
        argument(1),
    ];
    for (level, options) in OPTIONS {
        let count = options.len() as u8;
        filter.extend([jump(level as u32, 0, count + 3), argument(2)]);
        // Behind the last of them everything else is allowed, and behind that they are answered.
        filter.extend((1..=count).rev().zip(options).map(|(left, option)| jump(*option, left, 0)));
        filter.extend([answer(SECCOMP_RET_ALLOW), answer(SECCOMP_RET_ERRNO | libc::ENOPROTOOPT as u32)]);
    }
    filter.push(answer(SECCOMP_RET_ALLOW));
    install(&mut filter)
}

/// Loads a word of `struct seccomp_data`.
fn load(offset: usize) -> libc::sock_filter {
    libc::sock_filter { code: (BPF_LD | BPF_W | BPF_ABS) as u16, jt: 0, jf: 0, k: offset as u32 }
}

/// Skips instructions, depending on whether the word is this.
fn jump(word: u32, equal: u8, other: u8) -> libc::sock_filter {
    libc::sock_filter { code: (BPF_JMP | BPF_JEQ | BPF_K) as u16, jt: equal, jf: other, k: word }
}

/// Ends the filter.
fn answer(action: u32) -> libc::sock_filter {
    libc::sock_filter { code: (BPF_RET | BPF_K) as u16, jt: 0, jf: 0, k: action }
}

/// Sets a filter for system calls.
fn install(filter: &mut [libc::sock_filter]) -> io::Result<()> {
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
    let set = || {
        #[allow(unsafe_code, reason = "nix has no seccomp")]
        // SAFETY: `program` describes `filter`, and both outlive the call, which copies them.
        unsafe {
            libc::prctl(PR_SET_SECCOMP, u64::from(SECCOMP_MODE_FILTER), &raw const program)
        }
    };
    // Root may do it as it is; everybody else must give up what set-user-ID programs would give.
    if set() == 0 {
        return Ok(());
    }
    #[allow(unsafe_code, reason = "nix has no seccomp")]
    // SAFETY: the option takes numbers alone.
    let mut done = unsafe { libc::prctl(PR_SET_NO_NEW_PRIVS, 1u64, 0u64, 0u64, 0u64) };
    if done == 0 {
        done = set();
    }
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Whether the kernel has the xtables interface for IPv4. The question makes no table: it is refused for its size.
pub(crate) fn has_legacy() -> bool {
    /// `IPT_SO_GET_ENTRIES` of linux/netfilter_ipv4/ip_tables.h.
    const GET_ENTRIES: i32 = 65;
    let Ok(socket) = UdpSocket::bind("0.0.0.0:0") else { return false };
    let (mut word, mut len) = (0u32, size_of::<u32>() as libc::socklen_t);
    #[allow(unsafe_code, reason = "an option that nix does not have")]
    // SAFETY: `word` is valid for reads and writes of `len` bytes, and the kernel writes no more.
    let status = unsafe {
        let fd = socket.as_raw_fd();
        libc::getsockopt(fd, libc::IPPROTO_IP, GET_ENTRIES, (&raw mut word).cast(), &raw mut len)
    };
    status == 0 || io::Error::last_os_error().raw_os_error() != Some(libc::ENOPROTOOPT)
}
