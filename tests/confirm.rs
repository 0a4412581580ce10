//! Changes that have to be confirmed: the old rules come back when they are not, whatever has become of whoever made them.

#[path = "common/failing.rs"]
mod failing;

use std::fs;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use failing::Failing;
use libfw::backend::Legacy;
use libfw::{Desired, Ending, ErrorKind, Family, Kernel, MemoryKernel, Scope};
use libfw_playground::{Namespace, Playground, test_on};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

const FW: &str = env!("CARGO_BIN_EXE_fw");
const NEW: &str = "*filter\n:INPUT DROP\n:web -\n-A INPUT -i lo -j ACCEPT\n-A INPUT -p tcp -j web\n-A web -j ACCEPT\nCOMMIT\n*raw\n-A OUTPUT -o lo -j NOTRACK\nCOMMIT\n";
const OLD: [&str; 2] = [":INPUT ACCEPT", "-A INPUT -p udp -j DROP"];

/// A folder with the file of new rules.
fn rules(name: &str) -> PathBuf {
    let path =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("confirm-{name}-{}", std::process::id()));
    fs::write(&path, NEW).expect("a file");
    path
}

struct Machine<'a> {
    place: &'a Namespace,
    backend: &'static str,
}

impl Machine<'_> {
    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.place.command(FW);
        command.args(args).env("LIBFW_BACKEND", self.backend);
        command
    }

    /// Exit status and what is said.
    fn fw(&self, args: &[&str]) -> io::Result<(Option<i32>, String)> {
        let output = self.command(args).stdin(Stdio::null()).output()?;
        let said = [output.stdout, output.stderr].concat();
        Ok((output.status.code(), String::from_utf8_lossy(&said).into_owned()))
    }

    /// Starts `fw apply` in a process group of its own, and waits until it asks.
    fn start(&self, file: &str, seconds: &str) -> io::Result<Child> {
        // Whoever started the tests may have had signals ignored, as nohup and shells in the background do.
        let mut command = self.place.command("env");
        let child = command
            .args(["--default-signal=HUP,INT", FW, "apply", "--confirm", seconds, file])
            .env("LIBFW_BACKEND", self.backend)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        self.wait_until(|lines| lines.iter().any(|line| line.contains("-j web")))?;
        Ok(child)
    }

    /// Policies of INPUT and rules of the table filter.
    fn rules(&self) -> io::Result<Vec<String>> {
        let saved = self.fw(&["iptables-save", "-t", "filter"])?.1;
        let wanted = |line: &&str| line.starts_with("-A") || line.starts_with(":INPUT");
        Ok(saved.lines().filter(wanted).map(|line| line.split(" [").next().unwrap_or(line).into()).collect())
    }

    fn wait_until(&self, done: impl Fn(&[String]) -> bool) -> io::Result<Duration> {
        let begin = Instant::now();
        loop {
            let rules = self.rules()?;
            if done(&rules) {
                return Ok(begin.elapsed());
            }
            assert!(begin.elapsed() < Duration::from_secs(60), "{rules:?}");
            sleep(Duration::from_millis(50));
        }
    }
}

/// On a machine of each backend, both at once: most of it is waiting.
fn both(play: &Playground, work: impl Fn(&Machine<'_>) -> io::Result<()> + Sync) -> io::Result<()> {
    both_with(play, &[()], |machine, ()| work(machine))
}

/// The same with each of these, each on machines of its own.
fn both_with<T: Copy + Send + Sync>(
    play: &Playground,
    each: &[T],
    work: impl Fn(&Machine<'_>, T) -> io::Result<()> + Sync,
) -> io::Result<()> {
    let kernels = [("legacy", Kernel::legacy()), ("nft", Kernel::nft())];
    let machines = kernels.iter().flat_map(|kernel| each.iter().map(move |one| (kernel, *one)));
    let done = play.together(machines, |((backend, kernel), one)| {
        let place = play.namespace()?;
        let opened = place.run(|| kernel.open(Family::Ipv4, "filter"));
        if opened.as_ref().is_err_and(|error| error.kind() == ErrorKind::BackendAbsent) {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "the kernel has not both backends"));
        }
        let machine = Machine { place: &place, backend };
        let udp = ["iptables", "-A", "INPUT", "-c", "7", "70", "-p", "udp", "-j", "DROP"];
        assert_eq!(machine.fw(&udp)?.0, Some(0));
        work(&machine, one)
    });
    done.map(drop)
}

#[test]
fn answers() {
    let file = rules("answers");
    let file = file.to_string_lossy();
    test_on("", |play| {
        both(play, |machine| {
            for (answer, status) in [("n\n", 3), ("\n", 3), ("", 3), ("y\n", 0)] {
                let seconds = if answer.is_empty() { "1" } else { "60" };
                let mut child = machine.start(&file, seconds)?;
                child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(answer.as_bytes()))?;
                assert_eq!(child.wait()?.code(), Some(status), "{answer:?}");
                let rules = machine.rules()?;
                assert_eq!(rules == OLD, status != 0, "{answer:?} {rules:?}");
            }
            // Who reads JSON gets nothing else.
            machine.fw(&["iptables", "-F", "web"])?;
            let mut command = machine.command(&["apply", "--json", "--confirm", "60", &file]);
            let mut child =
                command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
            child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(b"y\n"))?;
            let output = child.wait_with_output()?;
            let json = String::from_utf8_lossy(&output.stdout).into_owned();
            assert_eq!((output.status.code(), json.lines().count()), (Some(0), 1), "{json}");
            assert!(json.starts_with("{\"format\": \"libfw.plan/1\""), "{json}");
            // What is confirmed stays, and there is nothing left to do or to confirm.
            assert_eq!(machine.fw(&["apply", "--confirm", "1", &file])?, (Some(0), "# no changes\n".into()));
            let (status, said) = machine.fw(&["confirm"])?;
            assert_eq!((status, said.as_str()), (Some(1), "fw confirm: no change waits to be confirmed\n"));
            Ok(())
        })
    });
    fs::remove_file(&*file).expect("the file of this test");
}

#[test]
fn whoever_made_it_is_gone() {
    let file = rules("gone");
    let file = file.to_string_lossy();
    test_on("", |play| {
        let signals = [Signal::SIGKILL, Signal::SIGHUP, Signal::SIGINT, Signal::SIGTERM];
        both_with(play, &signals, |machine, signal| {
            let begin = Instant::now();
            let mut child = machine.start(&file, "6")?;
            let pid = Pid::from_raw(child.id() as i32);
            // The whole group, as when a terminal is closed.
            killpg(pid, signal).map_err(io::Error::from)?;
            child.wait()?;
            // Somebody else is at work meanwhile.
            assert_eq!(machine.fw(&["iptables", "-I", "INPUT", "-i", "theirs"])?.0, Some(0));
            assert_eq!(machine.fw(&["apply", "--confirm", "9", &file])?.0, Some(1), "one change at a time");
            machine.wait_until(|rules| !rules.iter().any(|line| line.contains("web")))?;
            assert!(begin.elapsed() >= Duration::from_secs(6), "{:?}", begin.elapsed());
            assert_eq!(machine.rules()?, [OLD[0], "-A INPUT -i theirs", OLD[1]], "{signal}");
            // Counters of rules that were away are those that they had.
            assert!(machine.fw(&["iptables", "-vxnL", "INPUT"])?.1.contains("       7       70 DROP"));
            assert_eq!(machine.fw(&["iptables", "-D", "INPUT", "1"])?.0, Some(0));
            Ok(())
        })
    });
    fs::remove_file(&*file).expect("the file of this test");
}

#[test]
fn confirmed_elsewhere() {
    let file = rules("elsewhere");
    let file = file.to_string_lossy();
    test_on("", |play| {
        both(play, |machine| {
            // By somebody who came in again, since the first connection is gone.
            let mut child = machine.start(&file, "60")?;
            kill(Pid::from_raw(child.id() as i32), Signal::SIGKILL).map_err(io::Error::from)?;
            child.wait()?;
            assert_eq!(machine.fw(&["confirm"])?, (Some(0), "# confirmed\n".into()));
            assert_eq!(machine.fw(&["check", &file])?.0, Some(0));
            assert_eq!(machine.fw(&["iptables", "-F"])?.0, Some(0));
            // And by somebody who does not want it.
            let mut child = machine.start(&file, "60")?;
            assert_eq!(
                machine.fw(&["confirm", "--roll-back"])?,
                (Some(0), "# the old rules are back\n".into())
            );
            assert_eq!(child.wait()?.code(), Some(3));
            assert_eq!(machine.rules()?, [":INPUT DROP"]);
            Ok(())
        })
    });
    fs::remove_file(&*file).expect("the file of this test");
}

#[test]
fn iptables_apply() {
    let file = rules("apply");
    let file = file.to_string_lossy();
    // A command, whatever it does.
    let script = format!("{file}.sh");
    let does = format!(
        "#!/bin/sh\n{FW} iptables -F; {FW} iptables -N mine; {FW} iptables -t mangle -P INPUT DROP\n"
    );
    fs::write(&script, does).expect("a file");
    fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("a program");
    test_on("", |play| {
        both(play, |machine| {
            let saved = format!("{file}.{}.saved", machine.backend);
            let run = |args: &[&str], answer: &str| -> io::Result<(Option<i32>, String)> {
                let mut command = machine.command(&["iptables-apply"]);
                command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
                let mut child = command.spawn()?;
                child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(answer.as_bytes()))?;
                let output = child.wait_with_output()?;
                Ok((output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned()))
            };
            let begin = format!(
                "Applying new iptables rules from '{file}'... done.\n\
             Can you establish NEW connections to the machine? (y/N) \n"
            );
            let (no, late) = (
                format!(
                    "{begin}No affirmative response! Better play it safe...\nReverting to old iptables rules... done.\n"
                ),
                format!(
                    "{begin}Timeout! Something happened (or did not). Better play it safe...\n\
                 Reverting to old iptables rules... done.\n"
                ),
            );
            assert_eq!(run(&[&file], "n\n")?, (Some(255), no));
            assert_eq!(run(&["-t", "1", &file], "")?, (Some(255), late));
            assert_eq!(machine.rules()?, OLD);
            assert_eq!(run(&["-t", "0", &file], "")?.0, Some(1));
            assert_eq!(run(&["nowhere"], "")?.0, Some(2));
            assert_eq!(run(&[FW], "")?.0, Some(5));
            assert_eq!(run(&["-c", &script], "n\n")?.0, Some(255));
            assert_eq!(machine.rules()?, OLD);
            assert!(
                machine.fw(&["iptables", "-t", "mangle", "-S", "INPUT"])?.1.starts_with("-P INPUT ACCEPT")
            );
            assert_eq!(run(&["-c", "false"], "")?.0, Some(7));

            let done = format!(
                "{begin}Writing successfully applied rules to '{saved}'...\n... then my job is done. See you next time.\n"
            );
            assert_eq!(run(&["-w", &saved, &file], "y\n")?, (Some(0), done));
            assert!(fs::read_to_string(&saved)?.contains("-A INPUT -p tcp -j web"));
            fs::remove_file(&saved)
        })
    });
    fs::remove_file(script).expect("the script of this test");
    fs::remove_file(&*file).expect("the file of this test");
}

fn new_rules(kernel: &Kernel) -> libfw::Result<Desired> {
    let mut desired = kernel.desired(Scope::Tables);
    desired.table(Family::Ipv4, "filter")?.chain_mut("INPUT")?.append("-p tcp -j ACCEPT")?;
    desired.table(Family::Ipv6, "filter")?.chain_mut("INPUT")?.append("-p tcp -j ACCEPT")?;
    Ok(desired)
}

fn count(kernel: &Kernel) -> libfw::Result<usize> {
    Family::ALL.into_iter().map(|family| Ok(kernel.open(family, "filter")?.len())).sum()
}

/// From a program with other threads, which have tables of their own.
fn in_a_library(kernel: &Kernel, elsewhere: bool) -> libfw::Result<()> {
    let mut desired = new_rules(kernel)?;
    let mut pending = desired.apply_for(Duration::from_secs(60))?;
    assert!(pending.applied().changed() && pending.remaining() > Duration::from_secs(50));
    assert_eq!(count(kernel)?, 2);
    if elsewhere {
        assert_eq!(new_rules(kernel)?.apply_for(Duration::from_secs(9))?.wait()?, Ending::Confirmed);
    }
    assert_eq!(pending.roll_back()?, Ending::RolledBack);
    assert_eq!(count(kernel)?, 0);

    let mut pending = desired.apply_for(Duration::from_secs(1))?;
    assert_eq!(pending.wait()?, Ending::RolledBack);
    assert_eq!(count(kernel)?, 0);

    let mut pending = desired.apply_for(Duration::from_secs(60))?;
    assert_eq!(pending.wait_for(Duration::from_millis(10))?, None);
    pending.confirm()?;
    assert_eq!(pending.wait_for(Duration::ZERO)?, Some(Ending::Confirmed));
    assert_eq!(count(kernel)?, 2);
    // Nothing is left to be done.
    let mut nothing = desired.apply_for(Duration::from_secs(60))?;
    assert!(!nothing.applied().changed());
    nothing.confirm()?;

    // Dropped: it is still watched over, and comes back.
    kernel.update(Family::Ipv4, "filter", |table| table.chain_mut("INPUT")?.remove(0))?;
    drop(desired.apply_for(Duration::from_secs(1))?);
    assert_eq!(count(kernel)?, 2);
    let begin = Instant::now();
    while count(kernel)? != 1 {
        assert!(begin.elapsed() < Duration::from_secs(60));
        sleep(Duration::from_millis(50));
    }
    if elsewhere {
        let mut pending = desired.apply_for(Duration::from_secs(60))?;
        let memory = MemoryKernel::new().kernel();
        assert_eq!(memory.confirm().unwrap_err().kind(), ErrorKind::NoSuchObject);
        assert_eq!(memory.roll_back().unwrap_err().kind(), ErrorKind::NoSuchObject);
        kernel.confirm()?;
        assert_eq!(kernel.confirm().unwrap_err().kind(), ErrorKind::NoSuchObject);
        assert_eq!(pending.wait()?, Ending::Confirmed);
    }
    // A change that is refused leaves nobody behind who watches.
    let mut refused = kernel.desired(Scope::Tables);
    let table = refused.table(Family::Ipv4, "filter")?;
    table.new_chain("a")?.append("-p tcp")?;
    table.chain_mut("a")?.append("-j a")?;
    table.chain_mut("INPUT")?.append("-j a")?;
    assert_eq!(refused.apply_for(Duration::from_secs(60)).unwrap_err().kind(), ErrorKind::Loop);
    assert_eq!(
        new_rules(kernel)?.apply_for(Duration::from_secs(60))?.roll_back()?,
        if elsewhere { Ending::Confirmed } else { Ending::RolledBack }
    );
    Ok(())
}

#[test]
fn in_memory() {
    in_a_library(&MemoryKernel::new().kernel(), false).unwrap();
}

#[test]
fn in_the_kernel() {
    test_on("", |play| {
        let done = play.together([Kernel::legacy, Kernel::nft], |make| {
            play.namespace()?.run(|| {
                let kernel = make();
                match kernel.open(Family::Ipv4, "filter") {
                    Err(error) if error.kind() == ErrorKind::BackendAbsent => {
                        Err(io::Error::new(io::ErrorKind::Unsupported, error.to_string()))
                    }
                    _ => in_a_library(&kernel, true).map_err(io::Error::other),
                }
            })
        });
        done.map(drop)
    });
}

/// Whoever comes while the old rules are put back, which may have to wait for the lock, hears what has become of it.
#[test]
fn confirmed_too_late() {
    test_on("legacy", |play| {
        let late = || -> libfw::Result<()> {
            let kernel = Kernel::legacy();
            let mut pending = new_rules(&kernel)?.apply_for(Duration::from_millis(200))?;
            let lock = kernel.lock()?;
            sleep(Duration::from_millis(500));
            std::thread::scope(|scope| {
                let confirmed: Vec<_> = (0..3).map(|_| scope.spawn(|| kernel.confirm())).collect();
                let taken_back = scope.spawn(|| kernel.roll_back());
                sleep(Duration::from_millis(300));
                drop(lock);
                for confirmed in confirmed {
                    let error = confirmed.join().expect("an answer").unwrap_err();
                    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
                }
                taken_back.join().expect("an answer").unwrap();
            });
            assert_eq!(pending.wait()?, Ending::RolledBack);
            assert_eq!(count(&kernel)?, 0);
            Ok(())
        };
        play.namespace()?.run(late).map_err(io::Error::other)
    });
}

/// Whichever call of whoever watches fails: a second later the old rules are back. If nothing works they are not, and it is said.
#[test]
fn a_call_fails_when_the_old_rules_come_back() {
    std::thread::scope(|scope| {
        for (nth, times) in (0..10).map(|nth| (nth, 1)).chain([(0, u32::MAX), (2, 2)]) {
            scope.spawn(move || {
                let blobs = Failing::new();
                let kernel = Kernel::with_backend(Legacy::new(blobs.clone()));
                let mut desired = new_rules(&kernel).expect("rules");
                let mut pending = desired.apply_for(Duration::from_secs(60)).expect("a change");
                blobs.fail(nth, times);
                let count = || count(&blobs.others()).expect("the tables");
                assert!(count() > 0);
                match pending.roll_back() {
                    Ok(ending) => {
                        assert_eq!((ending, count()), (Ending::RolledBack, 0), "call {nth}, {times} times");
                        assert_ne!(times, u32::MAX);
                    }
                    Err(error) => {
                        assert_eq!(
                            (error.kind(), times),
                            (ErrorKind::Kernel, u32::MAX),
                            "call {nth}: {error}"
                        );
                        assert!(error.to_string().contains("the old rules could not be put back"), "{error}");
                        assert!(count() > 0);
                    }
                }
            });
        }
    });
}
