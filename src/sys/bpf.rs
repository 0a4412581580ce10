//! BPF objects that are pinned to a path. `linux/bpf.h`.

use std::ffi::CStr;
use std::io;
use std::os::fd::{FromRawFd, OwnedFd};

/// The command of `bpf(2)` that opens a pinned object.
const BPF_OBJ_GET: libc::c_int = 7;

/// `union bpf_attr`, the members for `BPF_OBJ_GET`.
#[repr(C)]
struct ObjectAttr {
    pathname: u64,
    bpf_fd: u32,
    file_flags: u32,
}

/// Opens the object that is pinned at a path.
pub(crate) fn open_pinned(path: &CStr) -> io::Result<OwnedFd> {
    let attr = ObjectAttr { pathname: path.as_ptr() as u64, bpf_fd: 0, file_flags: 0 };
    // SAFETY: the attributes are valid for reads of the size given, and their path is a string that outlives the call.
    let fd = unsafe { libc::syscall(libc::SYS_bpf, BPF_OBJ_GET, &raw const attr, size_of::<ObjectAttr>()) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call has succeeded, so this is an open descriptor that nobody else has.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as libc::c_int) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_no_object() {
        for path in [c"/", c"/nowhere/at/all", c""] {
            assert!(open_pinned(path).is_err(), "{path:?}");
        }
    }
}
