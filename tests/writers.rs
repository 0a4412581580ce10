//! Writers of every kind on one table. Each replaces its own rule again and again, so that the number of rules stays the same
//! and the kernel alone notices nothing; what a writer was told to be done must be there when it comes back.
//!
//! `LIBFW_WRITERS_SECONDS=60 cargo test --test writers -- --nocapture` takes longer and prints what was counted.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use libfw::{Error, ErrorKind, Family, Kernel, LockPolicy, Report, Table};
use libfw_playground::{Namespace, test_on};

const FW: &str = env!("CARGO_BIN_EXE_fw");
const CHAIN: &str = "OUTPUT";

/// How long the writers write.
fn duration() -> Duration {
    let given = std::env::var("LIBFW_WRITERS_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs_f64(given.unwrap_or(8.0))
}

/// What came of an edit.
enum Done {
    /// It was acknowledged; whether it is said that somebody else's was overwritten.
    Yes { overwritten: bool },
    /// It was refused: nothing is changed.
    Refused,
    /// The rule that the writer was told to be there is not: somebody has overwritten it.
    Lost,
}

/// A writer and what it knows of its rule.
struct Writer {
    name: String,
    /// The number of the rule that is there; 0 if there is none yet.
    there: u64,
    next: u64,
    acknowledged: u64,
    refused: u64,
    lost: u64,
    overwritten: u64,
}

impl Writer {
    fn new(name: impl Into<String>) -> Writer {
        Writer { name: name.into(), there: 0, next: 1, acknowledged: 0, refused: 0, lost: 0, overwritten: 0 }
    }

    fn rule(&self, number: u64) -> String {
        format!("-m comment --comment {}-{number} -j ACCEPT", self.name)
    }

    /// Has an edit made, which is told the rule to add and the rule to delete.
    fn step(&mut self, edit: impl FnOnce(&str, Option<&str>) -> Done) {
        let old = (self.there > 0).then(|| self.rule(self.there));
        let new = self.rule(self.next);
        match edit(&new, old.as_deref()) {
            Done::Yes { overwritten } => {
                self.acknowledged += 1;
                self.overwritten += u64::from(overwritten);
                self.there = self.next;
            }
            Done::Refused => self.refused += 1,
            Done::Lost => {
                self.lost += 1;
                self.there = 0;
            }
        }
        self.next += 1;
    }

    /// Looks whether the last rule is there.
    fn check(&mut self, table: &Table) {
        if self.there > 0
            && !table.chain(CHAIN).expect("the chain").contains(&*self.rule(self.there)).unwrap()
        {
            self.lost += 1;
        }
    }
}

fn change(table: &mut Table, new: &str, old: Option<&str>) -> Result<(), Error> {
    let mut chain = table.chain_mut(CHAIN)?;
    if let Some(old) = old {
        chain.delete(old)?;
    }
    chain.append(new)
}

fn done(result: Result<Report, Error>) -> Done {
    match result {
        Ok(report) => Done::Yes { overwritten: report.overwritten },
        Err(error) => match error.kind() {
            ErrorKind::NoSuchRule => Done::Lost,
            ErrorKind::Conflict => Done::Refused,
            _ => panic!("{error}"),
        },
    }
}

/// Under the lock, and again if somebody does not honour it.
fn update(kernel: &Kernel) -> impl FnMut(&str, Option<&str>) -> Done {
    |new, old| {
        let updated = kernel.update(Family::Ipv4, "filter", |table| change(table, new, old));
        done(updated.map(|((), report)| report))
    }
}

/// A snapshot that is committed later.
fn snapshot(kernel: &Kernel) -> impl FnMut(&str, Option<&str>) -> Done {
    |new, old| {
        done((|| {
            let mut table = kernel.open(Family::Ipv4, "filter")?;
            change(&mut table, new, old)?;
            std::thread::yield_now();
            table.commit()
        })())
    }
}

/// A fork drops its copy of a locked table.
#[allow(unsafe_code, reason = "fork is what the test is about")]
fn forking(kernel: &Kernel) -> impl FnMut(&str, Option<&str>) -> Done {
    |new, old| {
        done((|| {
            let mut table = kernel.open_locked(Family::Ipv4, "filter")?;
            change(&mut table, new, old)?;
            // SAFETY: the child drops a table, for which it needs no lock of another thread but that of the allocator, which
            // is there after a fork; and it ends with _exit.
            match unsafe { libc::fork() } {
                0 => {
                    drop(table);
                    // SAFETY: ends the process.
                    unsafe { libc::_exit(0) }
                }
                child => {
                    let report = table.commit();
                    // SAFETY: no status is wanted.
                    assert_eq!(unsafe { libc::waitpid(child, std::ptr::null_mut(), 0) }, child);
                    report
                }
            }
        })())
    }
}

/// A program that reads a save file.
fn restoring(command: impl Fn() -> Command) -> impl FnMut(&str, Option<&str>) -> Done {
    move |new, old| {
        let mut child = command()
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a program");
        let mut text = String::from("*filter\n");
        old.iter().for_each(|old| text += &format!("-D {CHAIN} {old}\n"));
        text += &format!("-A {CHAIN} {new}\nCOMMIT\n");
        child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("a reader");
        let output = child.wait_with_output().expect("an end");
        let said = String::from_utf8_lossy(&output.stderr);
        match (output.status.code(), old) {
            (Some(0), _) => Done::Yes { overwritten: said.contains("at the same moment") },
            (Some(4), _) => Done::Refused,
            // The line of the deletion.
            (Some(1), Some(_)) if said.contains("line 2 failed") || said.contains("matching rule") => {
                Done::Lost
            }
            (Some(1), _) => Done::Refused,
            _ => panic!("{said}"),
        }
    }
}

/// A program that is called for each edit.
fn calling(command: impl Fn() -> Command) -> impl FnMut(&str, Option<&str>) -> Done {
    move |new, old| {
        let call = |how: &str, rule: &str| {
            let output = command().args([how, CHAIN]).args(rule.split(' ')).output().expect("a program");
            (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
        };
        if let Some(old) = old {
            match call("-D", old) {
                (Some(0), _) => {}
                (Some(1), said) if said.contains("matching rule") => return Done::Lost,
                (_, said) => panic!("{said}"),
            }
        }
        match call("-A", new) {
            (Some(0), _) => Done::Yes { overwritten: false },
            (_, said) => panic!("{said}"),
        }
    }
}

/// A program that is told each edit on a line, and answers what came of it.
fn asking(mut command: Command) -> impl FnMut(&str, Option<&str>) -> Done + Send {
    struct Asked(Child);
    impl Drop for Asked {
        fn drop(&mut self) {
            drop(self.0.stdin.take());
            let _ = self.0.wait();
        }
    }
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a program");
    let mut asked = Asked(child);
    let mut answers = BufReader::new(asked.0.stdout.take().expect("a pipe"));
    move |new, old| {
        let line = old.map_or_else(|| format!("{new}\n"), |old| format!("{new}\t{old}\n"));
        asked.0.stdin.as_mut().expect("a pipe").write_all(line.as_bytes()).expect("a reader");
        let mut answer = String::new();
        answers.read_line(&mut answer).expect("an answer");
        match answer.trim_end() {
            "done" => Done::Yes { overwritten: false },
            "overwritten" => Done::Yes { overwritten: true },
            "refused" => Done::Refused,
            "lost" => Done::Lost,
            said => panic!("{said}"),
        }
    }
}

/// Writers in other languages by their names, where these were built. A race that is asked for by its time has them all.
fn foreign_writers(place: &Namespace) -> Vec<(&'static str, Command)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let built = Path::new(FW).parent().expect("a folder");
    let mut writers = Vec::new();
    // It is large, and others may run it: the last one stays, in its place at once.
    let c = Path::new(env!("CARGO_TARGET_TMPDIR")).join("writer");
    let new = c.with_extension(std::process::id().to_string());
    // What `cc` is a link to goes by /etc, of which tests have one of their own.
    for compiler in ["cc", "gcc", "clang"] {
        let mut command = Command::new(compiler);
        command.arg("-o").arg(&new).arg(root.join("tests/writers/writer.c"));
        command.arg("-I").arg(root.join("include")).arg(built.join("libfw.a"));
        match command.args(["-lpthread", "-ldl", "-lm"]).output() {
            Ok(output) if output.status.success() => {
                std::fs::rename(&new, &c).expect("a file of the test's own");
                writers.push(("c", place.command(c)));
                break;
            }
            Ok(output) => println!("{compiler}: {}", String::from_utf8_lossy(&output.stderr)),
            Err(error) => println!("{compiler}: {error}"),
        }
    }
    let python = root.join(".venv/bin/python");
    let mut has = Command::new(&python);
    if has
        .args(["-c", "import libfw; libfw.Watch.fileno"])
        .output()
        .is_ok_and(|output| output.status.success())
    {
        let mut command = place.command(python);
        command.arg(root.join("tests/writers/writer.py"));
        writers.push(("python", command));
    }
    if std::env::var_os("LIBFW_WRITERS_SECONDS").is_some() {
        let names: Vec<_> = writers.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["c", "python"], "`cargo build -p libfw-c` and `make python` come first");
    }
    writers
}

fn fw(place: &Namespace, name: &str, args: &[&str]) -> Command {
    let mut command = place.command(FW);
    command.arg(name).args(args);
    command
}

fn program(place: &Namespace, name: &str, args: &[&str]) -> Command {
    let mut command = place.command(name);
    command.args(args);
    command
}

/// Lets writers write for a while, and returns what came of it.
struct Race<'scope, 'env> {
    scope: &'scope std::thread::Scope<'scope, 'env>,
    end: Instant,
    done: &'env Mutex<Vec<Writer>>,
}

impl<'scope, 'env> Race<'scope, 'env> {
    fn start<E>(&self, name: &str, edit: E)
    where
        E: FnMut(&str, Option<&str>) -> Done + Send + 'scope,
    {
        let (end, all) = (self.end, self.done);
        let mut writer = Writer::new(name);
        let mut edit = edit;
        self.scope.spawn(move || {
            while Instant::now() < end {
                writer.step(&mut edit);
            }
            all.lock().unwrap().push(writer);
        });
    }
}

fn race<'env>(
    kernel: &Kernel,
    all: &'env Mutex<Vec<Writer>>,
    start: impl for<'scope> FnOnce(&Race<'scope, 'env>),
) -> Vec<Writer> {
    std::thread::scope(|scope| start(&Race { scope, end: Instant::now() + duration(), done: all }));
    let mut writers = std::mem::take(&mut *all.lock().unwrap());
    let table = kernel.open(Family::Ipv4, "filter").expect("the table");
    writers.iter_mut().for_each(|writer| writer.check(&table));
    for Writer { name, acknowledged, refused, lost, overwritten, .. } in &writers {
        println!(
            "{name:16} {acknowledged:7} acknowledged {refused:5} refused {lost:5} lost, {overwritten:5} overwrote"
        );
    }
    writers
}

fn unlocked() -> Kernel {
    Kernel::legacy().with_policy(LockPolicy::UNLOCKED)
}

/// Where everybody honours the lock, nothing is lost.
#[test]
fn polite_writers_lose_nothing() {
    test_on("legacy", |play| {
        let place = play.namespace()?;
        let has_legacy = place.command("iptables-legacy").arg("-V").output().is_ok();
        // To build them takes a while, which is none of the race's.
        let others = foreign_writers(&place);
        let all = Mutex::new(Vec::new());
        let writers = place.run(|| {
            let kernel = Kernel::legacy();
            let (kernel, place) = (&kernel, &place);
            race(kernel, &all, |race| {
                race.start("update-a", update(kernel));
                race.start("update-b", update(kernel));
                race.start("snapshot-a", snapshot(kernel));
                race.start("snapshot-b", snapshot(kernel));
                race.start("fork", forking(kernel));
                race.start("fw", calling(move || fw(place, "iptables-legacy", &["-w"])));
                race.start(
                    "fw-restore",
                    restoring(move || fw(place, "iptables-legacy-restore", &["-w", "-n"])),
                );
                others.into_iter().for_each(|(name, command)| race.start(name, asking(command)));
                if has_legacy {
                    race.start("legacy", calling(move || program(place, "iptables-legacy", &["-w"])));
                    let restore = move || program(place, "iptables-legacy-restore", &["-w", "-n"]);
                    race.start("legacy-restore", restoring(restore));
                }
                // Threads that share the lock which one of them has taken.
                let (end, all) = (race.end, race.done);
                race.scope.spawn(move || {
                    let mut gang: Vec<_> =
                        (0..4).map(|number| Writer::new(format!("gang-{number}"))).collect();
                    while Instant::now() < end {
                        let lock = kernel.lock().expect("the lock");
                        let shared = kernel.clone().with_lock(&lock);
                        std::thread::scope(|scope| {
                            for writer in &mut gang {
                                let shared = &shared;
                                scope.spawn(move || (0..5).for_each(|_| writer.step(update(shared))));
                            }
                        });
                    }
                    all.lock().unwrap().extend(gang);
                });
            })
        });
        for writer in &writers {
            assert_eq!(writer.lost, 0, "of the edits of {}", writer.name);
            assert!(writer.acknowledged + writer.refused > 0, "{} did nothing", writer.name);
        }
        if has_legacy {
            Ok(())
        } else {
            Err(std::io::Error::new(std::io::ErrorKind::Unsupported, "no iptables-legacy"))
        }
    });
}

/// Nobody takes a lock of nf_tables: who comes second reads again, or is refused. Nothing is lost, and whoever reads sees the
/// rules of one moment.
#[test]
fn writers_of_nf_tables_lose_nothing() {
    test_on("nft", |play| {
        let place = play.namespace()?;
        let has = |name: &str| place.command(name).arg("-V").output().is_ok();
        let (has_iptables, has_nft) = (has("iptables-nft"), has("nft"));
        // To build them takes a while, which is none of the race's.
        let others = foreign_writers(&place);
        let all = Mutex::new(Vec::new());
        let reads = AtomicUsize::new(0);
        let writers = place.run(|| {
            let kernel = Kernel::nft();
            let (kernel, place, reads) = (&kernel, &place, &reads);
            race(kernel, &all, |race| {
                race.start("update-a", update(kernel));
                race.start("update-b", update(kernel));
                race.start("snapshot", snapshot(kernel));
                race.start("fw", calling(move || fw(place, "iptables-nft", &[])));
                race.start("fw-restore", restoring(move || fw(place, "iptables-nft-restore", &["-n"])));
                race.start("fork", forking(kernel));
                others.into_iter().for_each(|(name, command)| race.start(name, asking(command)));
                if has_iptables {
                    race.start("nft", calling(move || program(place, "iptables-nft", &[])));
                    let restore = move || program(place, "iptables-nft-restore", &["-n"]);
                    race.start("nft-restore", restoring(restore));
                }
                let end = race.end;
                if has_nft {
                    // Somebody who writes something else makes generations too.
                    race.scope.spawn(move || {
                        while Instant::now() < end {
                            let text = "add table ip other; add chain ip other c; add rule ip other c accept; flush table ip other";
                            let said = place.command("nft").arg(text).output().expect("nft");
                            assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
                        }
                    });
                }
                // Two rules that are always written together.
                race.scope.spawn(move || {
                    for number in 0.. {
                        if Instant::now() >= end {
                            break;
                        }
                        let together = kernel.update(Family::Ipv4, "filter", |table| {
                            ["INPUT", "FORWARD"].into_iter().try_for_each(|chain| {
                                let mut chain = table.chain_mut(chain)?;
                                chain.flush();
                                chain.append(format!("-m comment --comment together-{number}"))
                            })
                        });
                        together.expect("an update");
                    }
                });
                race.scope.spawn(move || {
                    while Instant::now() < end {
                        let table = kernel.open(Family::Ipv4, "filter").expect("the table");
                        let rules = |chain: &str| -> Vec<String> {
                            let chain = table.chain(chain).expect("a chain");
                            chain.rules().map(|rule| rule.to_string()).collect()
                        };
                        assert_eq!(rules("INPUT"), rules("FORWARD"));
                        let writers = rules(CHAIN);
                        let name = |rule: &'_ String| {
                            let words = rule.split(' ').find(|word| word.contains('-') && !word.starts_with('-'));
                            words.and_then(|word| word.rsplit_once('-')).map(|(name, _)| name.to_owned())
                        };
                        let mut names: Vec<_> = writers.iter().filter_map(name).collect();
                        names.sort_unstable();
                        let before = names.len();
                        names.dedup();
                        assert_eq!(names.len(), before, "a writer has two rules: {writers:?}");
                        reads.fetch_add(1, Ordering::Relaxed);
                    }
                });
            })
        });
        for writer in &writers {
            assert_eq!(writer.lost, 0, "of the edits of {}", writer.name);
            assert!(writer.acknowledged + writer.refused > 0, "{} did nothing", writer.name);
        }
        println!("{} reads", reads.load(Ordering::Relaxed));
        assert!(reads.load(Ordering::Relaxed) > 0, "nothing was read");
        match has_iptables && has_nft {
            true => Ok(()),
            false => Err(std::io::Error::new(std::io::ErrorKind::Unsupported, "no iptables-nft or no nft")),
        }
    });
}

/// Threads of one process that take no lock at all lose nothing either, and neither do those that share one.
#[test]
fn one_process_never_loses_its_own_edits() {
    test_on("legacy", |play| {
        for shares in [false, true] {
            let place = play.namespace()?;
            let all = Mutex::new(Vec::new());
            let writers = place.run(|| {
                let lock = Kernel::legacy().lock().expect("the lock");
                race(&Kernel::legacy(), &all, |race| {
                    for number in 0..4 {
                        // Handles of their own, as well as clones of one.
                        let kernel = if shares { Kernel::legacy().with_lock(&lock) } else { unlocked() };
                        let name = format!("thread-{number}");
                        race.start(&name, move |new: &str, old: Option<&str>| match number % 2 {
                            0 => update(&kernel)(new, old),
                            _ => snapshot(&kernel)(new, old),
                        });
                    }
                })
            });
            for writer in &writers {
                assert_eq!(writer.lost, 0, "of the edits of {}, shares {shares}", writer.name);
                assert!(writer.acknowledged + writer.refused > 0, "{} did nothing", writer.name);
            }
        }
        Ok(())
    });
}

/// Programs that have another lock: what libfw overwrites of them, it says.
#[test]
fn nobody_is_overwritten_in_silence() {
    test_on("legacy", |play| {
        let place = play.namespace()?;
        let all = Mutex::new(Vec::new());
        let writers = place.run(|| {
            let (kernel, place) = (&Kernel::legacy(), &place);
            let stranger = move |mut command: Command| {
                command.env("XTABLES_LOCKFILE", "/run/another.lock");
                command
            };
            race(kernel, &all, |race| {
                race.start("update-a", update(kernel));
                race.start("update-b", update(kernel));
                race.start("snapshot", snapshot(kernel));
                let restore = move || stranger(fw(place, "iptables-legacy-restore", &["-w", "-n"]));
                race.start("fw-stranger", restoring(restore));
                if place.command("iptables-legacy").arg("-V").output().is_ok() {
                    let restore = move || stranger(program(place, "iptables-legacy-restore", &["-w", "-n"]));
                    race.start("legacy-stranger", restoring(restore));
                }
            })
        });
        let (mut lost, mut said) = (0, 0);
        for writer in writers {
            assert!(writer.acknowledged + writer.refused > 0, "{} did nothing", writer.name);
            // What iptables overwrites of others is not our affair.
            lost += if writer.name.ends_with("stranger") { writer.lost } else { 0 };
            said += writer.overwritten;
        }
        // Both may come in at once.
        assert!(lost <= 2 * said, "{lost} edits are lost and {said} were said to be");
        Ok(())
    });
}
