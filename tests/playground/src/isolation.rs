//! Leaving the namespaces of the machine.

use std::io;

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::stat::Mode;
use nix::unistd::{getgid, getuid, write};

/// What a process needs to know to isolate itself; made beforehand, because a forked child must not allocate.
#[derive(Debug)]
pub struct Isolation {
    uid_map: String,
    gid_map: String,
}

impl Isolation {
    /// Prepares for the calling process or a child of it.
    #[must_use]
    pub fn new() -> Isolation {
        Isolation { uid_map: format!("0 {} 1", getuid()), gid_map: format!("0 {} 1", getgid()) }
    }

    /// Moves the calling process into a network and a mount namespace of its own, and where it lacks the right to do that,
    /// into a user namespace first, as its root. The process must have a single thread.
    ///
    /// `/run` becomes an empty directory, so that the xtables lock is private too.
    ///
    /// # Errors
    ///
    /// Those of the kernel where it does not permit this.
    pub fn enter(&self) -> io::Result<()> {
        let private = CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWNS;
        match unshare(private) {
            Err(Errno::EPERM) => {
                unshare(private | CloneFlags::CLONE_NEWUSER)?;
                put(c"/proc/self/setgroups", "deny")?;
                put(c"/proc/self/uid_map", &self.uid_map)?;
                put(c"/proc/self/gid_map", &self.gid_map)?;
            }
            done => done?,
        }
        // Whatever is mounted from here on stays here.
        let nothing: Option<&std::ffi::CStr> = None;
        mount(nothing, c"/", nothing, MsFlags::MS_REC | MsFlags::MS_PRIVATE, nothing)?;
        mount(Some(c"tmpfs"), c"/run", Some(c"tmpfs"), MsFlags::empty(), nothing)?;
        Ok(())
    }
}

impl Default for Isolation {
    fn default() -> Isolation {
        Isolation::new()
    }
}

fn put(path: &std::ffi::CStr, text: &str) -> io::Result<()> {
    let file = open(path, OFlag::O_WRONLY | OFlag::O_CLOEXEC, Mode::empty())?;
    write(&file, text.as_bytes())?;
    Ok(())
}
