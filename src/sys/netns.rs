//! Network namespaces.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::errno::Errno;
use nix::sched::{CloneFlags, clone, setns, unshare};
use nix::sys::signal::{SigSet, SigmaskHow};

/// What socket(2) is told: domain, type and protocol.
pub(crate) type SocketKind = (i32, i32, i32);

/// Opens the file that stands for a network namespace. EINVAL if it does not: setns(2) would say so when it is too late.
///
/// ```
/// use libfw::program::open_namespace;
///
/// assert!(open_namespace("/proc/self/ns/net".as_ref()).is_ok());
/// for other in ["/proc/self/exe", "/proc/self/ns/uts"] {
///     assert_eq!(open_namespace(other.as_ref()).unwrap_err().raw_os_error(), Some(22));
/// }
/// ```
///
/// # Errors
///
/// Those of open(2).
pub fn open_namespace(path: &Path) -> io::Result<File> {
    // To open another file may do something, or wait.
    same_device(&fs::metadata(path)?)?;
    let file = File::open(path)?;
    check_namespace(&file)?;
    Ok(file)
}

/// Fails with EINVAL if a file is known not to stand for a network namespace.
///
/// ```
/// use libfw::program::check_namespace;
/// use std::fs::File;
///
/// assert!(check_namespace(&File::open("/proc/self/ns/net")?).is_ok());
/// assert!(check_namespace(&File::open("/proc/self/ns/uts")?).is_err());
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// That one alone.
pub fn check_namespace(file: &File) -> io::Result<()> {
    // SAFETY: the call takes a descriptor, which is open, and nothing else: ioctl_nsfs(2).
    match unsafe { libc::ioctl(file.as_raw_fd(), libc::NS_GET_NSTYPE) } {
        libc::CLONE_NEWNET => Ok(()),
        // No namespace, or it is not said before Linux 4.11.
        ..0 => file.metadata().map_or(Ok(()), |found| same_device(&found)),
        _ => Err(Errno::EINVAL.into()),
    }
}

/// Fails if a file is none of namespaces: these are files of one device.
fn same_device(found: &Metadata) -> io::Result<()> {
    match fs::metadata("/proc/self/ns/net").is_ok_and(|own| own.dev() != found.dev()) {
        true => Err(Errno::EINVAL.into()),
        false => Ok(()),
    }
}

/// Opens sockets in a network namespace that is made for them and is gone with the last of them. The caller's namespace stays as
/// it is. Who may not make one has it belong to a user namespace of its own: its maker may do everything there.
pub(crate) fn apart<const N: usize>(kinds: [SocketKind; N]) -> io::Result<[io::Result<OwnedFd>; N]> {
    let opened = match from_thread(kinds) {
        Err(error) if error.raw_os_error() == Some(libc::EPERM) => from_child(kinds)?,
        opened => opened?,
    };
    Ok(opened.map(|number| match number {
        // SAFETY: the kernel has just opened the descriptor for `apart`, and nobody else knows it.
        0.. => Ok(unsafe { OwnedFd::from_raw_fd(number) }),
        _ => Err(io::Error::from_raw_os_error(-number)),
    }))
}

/// By a thread in a network namespace of its own. Of each socket the descriptor, or the negative error number.
fn from_thread<const N: usize>(kinds: [SocketKind; N]) -> io::Result<[i32; N]> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("libfw-trial".into()).spawn_scoped(scope, || {
            unshare(CloneFlags::CLONE_NEWNET)?;
            Ok(kinds.map(open))
        })?;
        thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread in the namespace panicked")))
    })
}

/// The same by a process, since a thread cannot have a user namespace of its own. It does nothing but open the sockets, for which
/// it has the memory and the descriptors of the caller, whose thread waits meanwhile; and nobody is told of its end by a signal.
fn from_child<const N: usize>(kinds: [SocketKind; N]) -> io::Result<[i32; N]> {
    const STACK: usize = 64 << 10;
    let shared = CloneFlags::CLONE_VM | CloneFlags::CLONE_VFORK | CloneFlags::CLONE_FILES;
    let flags = shared | CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET;
    let mut stack = vec![0; STACK];
    let mut opened = [-libc::EAGAIN; N];
    let work = Box::new(|| {
        opened = kinds.map(open);
        0
    });
    // No handler of the caller runs in the child.
    let before = SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK)?;
    // SAFETY: the stack is large enough for system calls and lives longer than the child: with CLONE_VFORK the call returns when the
    // child has ended. It takes no lock, allocates nothing, does not panic, and its error numbers go to those of the waiting thread.
    let child = unsafe { clone(work, &mut stack, flags, None) };
    let _ = before.thread_set_mask();
    let child = child?;
    // SAFETY: no status is asked for.
    while unsafe { libc::waitpid(child.as_raw(), std::ptr::null_mut(), libc::__WALL) } < 0
        && Errno::last() == Errno::EINTR
    {}
    Ok(opened)
}

/// Opens a socket; returns its descriptor, or the negative error number.
fn open((domain, kind, protocol): SocketKind) -> i32 {
    // SAFETY: the call takes three numbers.
    let number = unsafe { libc::socket(domain, kind | libc::SOCK_CLOEXEC, protocol) };
    if number < 0 { -Errno::last_raw() } else { number }
}

/// Runs a function inside a network namespace, on a thread of its own: the caller's namespace stays as it is.
///
/// A socket made there stays in that namespace, wherever it is used from.
pub(crate) fn inside<T: Send>(namespace: &File, work: impl FnOnce() -> T + Send) -> io::Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("libfw-netns".into()).spawn_scoped(scope, || {
            setns(namespace, CloneFlags::CLONE_NEWNET)?;
            Ok(work())
        })?;
        thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread in the namespace panicked")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::socket::Socket;
    use crate::types::Family;

    /// Sockets of either way are in a namespace that is not the caller's, and the caller may ask for tables there.
    #[test]
    fn sockets_are_apart() {
        let here = Socket::open(Family::Ipv4, None).and_then(|socket| socket.namespace()).unwrap();
        let mut seen = vec![here];
        for opened in [from_thread([Socket::kind(Family::Ipv4)]), from_child([Socket::kind(Family::Ipv4)])] {
            // Not everybody may, and not everywhere.
            let Ok([number]) = opened else { continue };
            let socket = Socket::of(Family::Ipv4, number).unwrap();
            // SAFETY: nobody else has it.
            drop(unsafe { OwnedFd::from_raw_fd(number) });
            let there = socket.namespace().unwrap();
            assert!(!seen.contains(&there), "{seen:?} {there:?}");
            seen.push(there);
            let answer = socket.get(crate::sys::xt::SO_GET_ENTRIES, &mut [0; 4]).unwrap_err();
            assert_ne!(answer.raw_os_error(), Some(libc::EPERM));
        }
    }
}
