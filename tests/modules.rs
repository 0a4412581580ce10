//! Kernel modules that are not loaded: `fw` has them loaded as iptables does, the library says which and loads nothing by itself.
//! A kernel without the module is played by `strace`, which has it refuse the first question.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

use libfw::{ErrorKind, Family, Kernel};
use libfw_playground::{Namespace, Playground, test_on};

const FW: &str = env!("CARGO_BIN_EXE_fw");

/// A program in the place of modprobe that notes what it is called with.
struct Modprobe {
    folder: std::path::PathBuf,
}

impl Modprobe {
    fn new() -> io::Result<Modprobe> {
        let folder = std::env::temp_dir().join(format!("libfw-modules-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let noted = folder.join("noted");
        let program = folder.join("modprobe");
        fs::write(&program, format!("#!/bin/sh\necho \"$# $*\" >> {}\n", noted.display()))?;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
        Ok(Modprobe { folder })
    }

    fn path(&self) -> String {
        self.folder.join("modprobe").display().to_string()
    }

    /// What was noted since the last time.
    fn noted(&self) -> String {
        let path = self.folder.join("noted");
        let text = fs::read_to_string(&path).unwrap_or_default();
        let _ = fs::remove_file(path);
        text
    }
}

impl Drop for Modprobe {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn strace(place: &Namespace, arguments: &[&str], words: &[&str]) -> io::Result<Output> {
    let output = place.command("strace").args(["-f", "-qq"]).args(arguments).arg(FW).args(words).output();
    output.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => io::Error::new(io::ErrorKind::Unsupported, "strace is not installed"),
        _ => error,
    })
}

/// Runs `fw` where the first question about tables is refused as a kernel does that does not know any, or `more`: every one.
fn without(place: &Namespace, more: bool, words: &[&str]) -> io::Result<Output> {
    // Others of the kind, about sockets, come before it.
    let traced = strace(place, &["-e", "trace=getsockopt"], words)?;
    let first = said(&traced)
        .lines()
        .filter(|line| line.contains("getsockopt("))
        .position(|line| line.contains("GET_INFO"));
    // And the one whether that is the reason.
    let when = first.expect("a question about a table") + 1;
    let end = if more { "+".into() } else { format!("..{}", when + 1) };
    let inject = format!("inject=getsockopt:error=ENOPROTOOPT:when={when}{end}");
    strace(place, &["-o", "/dev/null", "-e", "trace=getsockopt", "-e", &inject], words)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn fw_loads_what_is_missing() {
    test_on("legacy", |playground: &Playground| {
        let place = playground.namespace()?;
        let modprobe = Modprobe::new()?;
        let path = modprobe.path();
        // The first question is which table there is; after the module was loaded it is answered.
        for (command, module) in [("iptables-legacy", "ip_tables"), ("ip6tables-legacy", "ip6_tables")] {
            let output = without(&place, false, &[command, "-M", &path, "-A", "INPUT", "-j", "DROP"])?;
            assert!(output.status.success(), "{}", said(&output));
            // What finds out when to refuse is not refused anything.
            assert_eq!(modprobe.noted(), format!("1 {module}\n"));
        }
        let listed = place.command(FW).args(["iptables-legacy", "-S", "INPUT"]).output()?;
        assert!(
            String::from_utf8_lossy(&listed.stdout).contains("-A INPUT -j DROP"),
            "the command was carried out"
        );
        // With the module there is nothing to do.
        let output = place.command(FW).args(["iptables-legacy", "--modprobe", &path, "-L"]).output()?;
        assert!(output.status.success() && modprobe.noted().is_empty());
        // It does not help: the answer is the kernel's.
        let output = without(&place, true, &["iptables-legacy", "--modprobe", &path, "-L"])?;
        assert_eq!(output.status.code(), Some(3));
        assert_eq!(modprobe.noted(), "1 ip_tables\n");
        assert!(said(&output).contains("iptables who? (do you need to insmod?)"), "{}", said(&output));
        // A program that is not there, and none at all.
        for words in [&["iptables-legacy", "-M", "/nonexistent", "-L"][..], &["iptables-legacy", "-L"]] {
            let output = without(&place, false, words)?;
            assert!(matches!(output.status.code(), Some(0 | 3)), "{}", said(&output));
        }
        let file = modprobe.folder.join("rules");
        fs::write(&file, "*filter\n-A INPUT -j ACCEPT\nCOMMIT\n")?;
        let file = file.display().to_string();
        let output = without(&place, false, &["iptables-legacy-restore", "-M", &path, &file])?;
        assert!(output.status.success(), "{}", said(&output));
        assert_eq!(modprobe.noted(), "1 ip_tables\n");
        let output = without(&place, false, &["iptables-legacy-save", "-M", &path, "-t", "filter"])?;
        assert!(output.status.success(), "{}", said(&output));
        assert_eq!(modprobe.noted(), "1 ip_tables\n");
        Ok(())
    });
}

/// Nothing is missing on the kernel of the test, and the library loads only what it is asked for.
#[test]
fn the_library_loads_when_asked() {
    test_on("legacy", |_| {
        let modprobe = Modprobe::new()?;
        let kernel = Kernel::legacy();
        for family in Family::ALL {
            assert_eq!(kernel.missing_module(family).map_err(io::Error::other)?, None);
        }
        kernel.load_module("ip_tables", Some(modprobe.path().as_ref())).map_err(io::Error::other)?;
        assert_eq!(modprobe.noted(), "1 ip_tables\n");
        let refused = kernel
            .load_module("ip_tables", Some("/nonexistent".as_ref()))
            .expect_err("there is no such program");
        assert_eq!(refused.kind(), ErrorKind::BackendAbsent);
        assert!(refused.to_string().contains("ip_tables"), "{refused}");
        Ok(())
    });
}
