//! Kernel modules: what modprobe(8) can load, and having it do that.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Whether the running kernel has a module of that name to load, modules.dep(5).
pub(crate) fn is_available(name: &str) -> bool {
    let Ok(release) = fs::read_to_string("/proc/sys/kernel/osrelease") else { return false };
    let list = Path::new("/lib/modules").join(release.trim()).join("modules.dep");
    fs::read_to_string(list).is_ok_and(|list| lists(&list, name))
}

/// Whether a list has a module: `kernel/net/ipv4/netfilter/ip_tables.ko.zst: kernel/net/netfilter/x_tables.ko.zst`.
fn lists(list: &str, name: &str) -> bool {
    let files = list.lines().filter_map(|line| line.split(':').next()?.rsplit('/').next());
    // The kernel takes both for the same.
    files.filter_map(|file| file.split(".ko").next()).any(|module| module.replace('-', "_") == name)
}

/// Loads a module by a program, or by the one that the kernel itself runs for that. A program that is named and is not there is the
/// caller's mistake; any other failure tells first whether there is such a module.
pub(crate) fn load(program: Option<&Path>, name: &str) -> io::Result<()> {
    let none_such = |error| match is_available(name) {
        true => error,
        false => io::Error::new(io::ErrorKind::NotFound, "there is no such module for the running kernel"),
    };
    let run = |path: &Path| {
        let status = Command::new(path).arg(name).stdin(Stdio::null()).status();
        status.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
    };
    let status = match program {
        Some(program) => run(program)?,
        None => {
            let none =
                || io::Error::new(io::ErrorKind::NotFound, "the kernel names no program that loads modules");
            default_program().ok_or_else(none).and_then(|program| run(&program)).map_err(none_such)?
        }
    };
    match status.success() {
        true => Ok(()),
        false => Err(none_such(io::Error::other(format!("the program failed: {status}")))),
    }
}

fn default_program() -> Option<PathBuf> {
    let text = fs::read_to_string("/proc/sys/kernel/modprobe").ok()?;
    let path = text.trim();
    (!path.is_empty()).then(|| path.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_files_of_modules() {
        let list = "kernel/net/netfilter/x_tables.ko:\nkernel/net/ipv4/netfilter/ip_tables.ko.zst: \
                    kernel/net/netfilter/x_tables.ko\nkernel/net/netfilter/nft-compat.ko.xz:\n";
        for name in ["x_tables", "ip_tables", "nft_compat"] {
            assert!(lists(list, name), "{name}");
        }
        for name in ["ip6_tables", "tables", "nft"] {
            assert!(!lists(list, name), "{name}");
        }
    }

    #[test]
    fn a_program_is_run_with_the_name() {
        assert!(load(Some(Path::new("/bin/true")), "ip_tables").is_ok());
        assert!(load(Some(Path::new("/bin/false")), "ip_tables").is_err());
        let error = load(Some(Path::new("/nonexistent")), "x").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(error.to_string().starts_with("/nonexistent: "), "{error}");
    }

    #[test]
    fn a_module_that_there_is_not_is_called_that() {
        for program in [None, Some(Path::new("/bin/false"))] {
            let error = load(program, "nosuch").unwrap_err();
            assert_eq!(error.to_string(), "there is no such module for the running kernel");
        }
    }
}
