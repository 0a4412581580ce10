//! What `make install` puts where, and that it works there: as a new user would, in a prefix and a namespace of the test's own.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use libfw_playground::{Namespace, test};

const FW: &str = env!("CARGO_BIN_EXE_fw");

/// A directory that is gone when the test is over.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> io::Result<Place> {
        let path = std::env::temp_dir().join(format!("libfw-install-{name}-{}", std::process::id()));
        fs::create_dir_all(&path)?;
        Ok(Place(path))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn make(prefix: &Path, target: &str, more: &[String]) -> io::Result<Output> {
    let built = Path::new(FW).parent().expect("a directory");
    Command::new("make")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["--silent", target])
        .arg(format!("PREFIX={}", prefix.display()))
        .arg(format!("BUILT={}", built.display()))
        .args(more)
        .output()
}

fn succeeds(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The files below a directory, without the directory.
fn files(root: &Path) -> Vec<String> {
    let (mut found, mut left) = (Vec::new(), vec![root.to_owned()]);
    while let Some(directory) = left.pop() {
        for entry in fs::read_dir(directory).expect("a directory").flatten() {
            match entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                true => left.push(entry.path()),
                false => found.push(entry.path().strip_prefix(root).expect("below").display().to_string()),
            }
        }
    }
    found.sort();
    found
}

fn run(place: &Namespace, program: &Path, args: &[&str], prefix: &Path) -> Output {
    let output = place
        .command(program)
        .args(args)
        .env("FW_RULES", prefix.join("etc"))
        .env("FW_STATE", prefix.join("state"))
        .env("LC_ALL", "C")
        .output();
    output.unwrap_or_else(|error| panic!("{}: {error}", program.display()))
}

#[test]
fn everything_is_installed_works_and_goes() {
    test(|playground| {
        let place = Place::new("prefix")?;
        let prefix = &place.0;
        succeeds(&make(prefix, "install-files", &[])?);
        let found = files(prefix);
        for file in [
            "bin/fw",
            "sbin/fw-rules",
            "libexec/fw/iptables",
            "libexec/fw/ip6tables-restore",
            "libexec/fw/iptables-legacy-save",
            "libexec/fw/iptables-xml",
            "libexec/fw/ip6tables-apply",
            "share/man/man8/fw.8",
            "share/man/man8/fw-extensions.8",
            "share/bash-completion/completions/fw",
            "share/zsh/site-functions/_fw",
            "share/fish/vendor_completions.d/fw.fish",
            "lib/systemd/system/fw-rules.service",
        ] {
            assert!(found.iter().any(|known| known == file), "{file} is missing: {found:?}");
        }
        let unit = fs::read_to_string(prefix.join("lib/systemd/system/fw-rules.service"))?;
        assert!(unit.contains(&format!("ExecStart={}/sbin/fw-rules restore", prefix.display())), "{unit}");

        let namespace = playground.namespace()?;
        let iptables = prefix.join("libexec/fw/iptables");
        let rules = prefix.join("sbin/fw-rules");
        let listed = || {
            String::from_utf8_lossy(&run(&namespace, &iptables, &["-S", "INPUT"], prefix).stdout).into_owned()
        };
        succeeds(&run(&namespace, &iptables, &["-A", "INPUT", "-i", "lo", "-j", "ACCEPT"], prefix));
        succeeds(&run(&namespace, &rules, &["save"], prefix));
        succeeds(&run(&namespace, &iptables, &["-F"], prefix));
        // At boot, what was saved comes back.
        succeeds(&run(&namespace, &rules, &["restore"], prefix));
        assert_eq!(listed(), "-P INPUT ACCEPT\n-A INPUT -i lo -j ACCEPT\n");
        assert_eq!(fs::read(prefix.join("etc/rules.v4"))?, fs::read(prefix.join("state/rules.v4"))?);
        // A file that does not load changes nothing, and the last one that did is in place.
        let broken = "*filter\n-A INPUT -j DROP\n-A INPUT --nonsense\nCOMMIT\n";
        fs::write(prefix.join("etc/rules.v4"), broken)?;
        succeeds(&run(&namespace, &iptables, &["-F"], prefix));
        assert_eq!(run(&namespace, &rules, &["check"], prefix).status.code(), Some(1));
        assert_eq!(listed(), "-P INPUT ACCEPT\n");
        let output = run(&namespace, &rules, &["restore"], prefix);
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            said.contains("Error occurred at line: 3") && said.contains("the last one that did is in place"),
            "{said}"
        );
        assert_eq!(listed(), "-P INPUT ACCEPT\n-A INPUT -i lo -j ACCEPT\n");

        succeeds(&make(prefix, "uninstall", &[])?);
        let left = files(prefix);
        assert!(left.iter().all(|file| file.starts_with("etc/") || file.starts_with("state/")), "{left:?}");
        Ok(())
    });
}

/// With `DESTDIR`, for packages, nothing says where it was staged.
#[test]
fn a_package_knows_nothing_of_where_it_was_made() -> io::Result<()> {
    let place = Place::new("package")?;
    let stage = format!("DESTDIR={}", place.0.display());
    succeeds(&make(Path::new("/usr"), "install-files", &[stage])?);
    let link = fs::read_link(place.0.join("usr/libexec/fw/iptables"))?;
    assert_eq!(link, Path::new("/usr/bin/fw"));
    let script = fs::read_to_string(place.0.join("usr/sbin/fw-rules"))?;
    assert!(script.contains("fw=${FW:-/usr/bin/fw}") && !script.contains("libfw-install-"), "{script}");
    Ok(())
}

/// In a system of alternatives of its own.
#[test]
fn the_names_of_iptables_become_a_choice() -> io::Result<()> {
    if Command::new("update-alternatives").arg("--version").output().is_err() {
        eprintln!("update-alternatives is not installed");
        return Ok(());
    }
    let place = Place::new("alternatives")?;
    let prefix = &place.0;
    for directory in ["alternatives", "admin", "host"] {
        fs::create_dir_all(prefix.join(directory))?;
    }
    succeeds(&make(prefix, "install-files", &[])?);
    let more = [
        format!("HOSTDIR={}/host", prefix.display()),
        format!(
            "ALTERNATIVES=update-alternatives --quiet --altdir {0}/alternatives --admindir {0}/admin --log {0}/log",
            prefix.display()
        ),
    ];
    succeeds(&make(prefix, "install-alternatives", &more)?);
    let called = fs::canonicalize(prefix.join("host/iptables-save"))?;
    assert_eq!(called, fs::canonicalize(prefix.join("bin/fw"))?);
    succeeds(&make(prefix, "uninstall-alternatives", &more)?);
    assert!(!prefix.join("host/iptables").exists());
    Ok(())
}
