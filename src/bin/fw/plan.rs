//! `fw plan`, `fw check`, `fw diff` and `fw apply`: what is to be, in save files, and what there is.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStringExt;
use std::time::Duration;

use libfw::iptables::{self, RestoreOptions};
use libfw::{Applied, Desired, Equivalence, Error, Family, Kernel, LockPolicy, MemoryKernel, Plan, Scope};

use super::confirm;
use super::menu::{JSON, Opt, opt};
use super::options::{Argument, Flag, Flags};
use super::output::{complain, say, with_warnings};
use super::store::{News, Progress, failed_at};

/// The exit status where something is to be changed.
const CHANGES: u8 = 2;

/// The exit status where changes were taken back.
pub(crate) const ROLLED_BACK: u8 = 3;

const CHAIN: u8 = 3;
const PREFIX: u8 = 4;
const OWNER: u8 = 5;
const CONFIRM: u8 = 6;
const DRY: u8 = 7;
const MEANING: u8 = 8;

/// The options of all of them.
pub(crate) const OPTIONS: &[Opt] = &[
    opt(b'4', "ipv4", "FILE", "a file for IPv4"),
    opt(b'6', "ipv6", "FILE", "a file for IPv6"),
    opt(CHAIN, "chain", "NAME", "only this chain; may be given several times"),
    opt(PREFIX, "prefix", "TEXT", "only the chains whose name begins so"),
    opt(OWNER, "owner", "TEXT", "only the rules with a comment that begins so"),
    opt(CONFIRM, "confirm", "SECONDS", "apply: the old rules come back unless that is confirmed"),
    opt(MEANING, "meaning", "", "rules that mean the same are the same, however they are written"),
    opt(DRY, "dry-run", "", "apply: change nothing, and say what would be refused"),
    JSON,
];

const HELP: &str = "\
usage: fw COMMAND [OPTIONS] FILE...
  plan     shows what would change                      exit status 0: nothing, 2: something, 1: error
  check    says whether something would                 the same
  diff     two FILEs, without a kernel                  the same
  apply    changes it, all tables and families together, or nothing          0: it is so now, 1: error
    --confirm SECONDS   the old rules come back unless y is typed, or `fw confirm`     3: they are back

A FILE is a save file or JSON, - is standard input. A save file is for IPv6 where ip6tables-save has written it, or as -6 FILE.
Rules that stay keep their counters. Chains that the file does not have go; policies that it does not set stay.
Less than whole tables, and what is outside is never touched:
  --chain NAME     this chain; may be given several times. Rules of other chains go to it as the file says.
  --prefix TEXT    the chains whose name begins so
  --owner TEXT     the rules with a comment that begins so; rules of the file without a comment get it
  --meaning        rules that mean the same stay, however they are written: ports in another order, state and conntrack, ...
  --dry-run        apply changes nothing: it shows what it would, or says what would be refused
  --json           the plan in JSON, or what is wrong
";

/// What went wrong, in words, or an exit status where that has been said.
enum Trouble {
    Usage(String),
    File(String, Error),
    Kernel(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Trouble {
        Trouble::Kernel(error)
    }
}

/// The words of a command line.
struct Asked {
    scope: Scope,
    files: Vec<Source>,
    /// How long there is to confirm a change.
    confirm: Option<Duration>,
    how: Equivalence,
    dry: bool,
    json: bool,
}

/// A save file.
struct Source {
    name: String,
    family: Family,
    text: Vec<u8>,
}

pub(crate) fn plan(words: &[OsString]) -> u8 {
    run("plan", words, |asked| {
        let plan = asked.rehearsed("plan", &unlocked())?;
        Ok((asked.told(&plan, shown), status(&plan)))
    })
}

pub(crate) fn check(words: &[OsString]) -> u8 {
    run("check", words, |asked| {
        let plan = asked.rehearsed("check", &unlocked())?;
        Ok((asked.told(&plan, summary), status(&plan)))
    })
}

/// The kernel for who only looks.
fn unlocked() -> Kernel {
    Kernel::new().with_policy(LockPolicy::UNLOCKED)
}

pub(crate) fn apply(words: &[OsString]) -> u8 {
    run("apply", words, |asked| {
        let kernel = Kernel::new();
        if asked.dry {
            let plan = asked.rehearsed("apply", &kernel)?;
            return Ok((asked.told(&plan, shown), 0));
        }
        let mut news = News::of("apply");
        let mut desired = asked.desired(&kernel, &mut news)?;
        if let Some(time) = asked.confirm {
            let pending = desired.apply_for(time).map_err(|error| asked.of_file(error))?;
            drop(news);
            let plan = &pending.applied().plan;
            let said = say("fw apply", &asked.told(plan, shown));
            warn(pending.applied());
            let asks = pending.applied().changed();
            let used = asked.files.iter().any(|file| file.name == "-");
            return Ok((String::new(), if asks { confirm::ask(pending, used, asked.json) } else { said }));
        }
        let applied = desired.apply().map_err(|error| asked.of_file(error))?;
        drop(news);
        warn(&applied);
        let plan = &applied.plan;
        Ok((asked.told(plan, shown), 0))
    })
}

/// Tells what is odd about a commit.
fn warn(applied: &Applied) {
    for report in &applied.reports {
        if let Some(lost) = &report.counters_lost {
            complain(&format!("fw apply: counters could not be put back: {lost}\n"));
        }
        if report.overwritten {
            complain("fw apply: another program changed a table at the same time; its change is lost\n");
        }
    }
}

pub(crate) fn diff(words: &[OsString]) -> u8 {
    run("diff", words, |mut asked| {
        let (Some(new), Some(old), None) = (asked.files.pop(), asked.files.pop(), asked.files.pop()) else {
            return Err(Trouble::Usage("diff is of two files".into()));
        };
        let kernel = MemoryKernel::new().with_any_set().kernel();
        let mut warn = |warning: &str| complain(&format!("{}: {warning}\n", old.name));
        let read = match is_json(&old.text) {
            true => kernel.restore_json(&old.text).map(drop),
            false => {
                let (text, options) = (old.text.as_slice(), RestoreOptions::default());
                iptables::restore_to(&kernel, old.family, text, &options, &mut std::io::sink(), &mut warn)
                    .map(drop)
            }
        };
        read.map_err(|error| Trouble::File(old.name.clone(), error))?;
        let json = asked.json;
        let mut news = News::of("diff");
        let mut desired = Asked { files: vec![new], ..asked }.desired(&kernel, &mut news)?;
        for family in Family::ALL {
            for table in kernel.tables(family)? {
                desired.table(family, &table)?;
            }
        }
        let plan = desired.plan()?;
        Ok((if json { plan.to_json() + "\n" } else { plan.to_string() }, status(&plan)))
    })
}

/// The changes one by one, and how many there are.
pub(crate) fn shown(plan: &Plan) -> String {
    plan.to_string() + &summary(plan)
}

/// Whether a text is in JSON.
pub(crate) fn is_json(text: &[u8]) -> bool {
    text.trim_ascii_start().starts_with(b"{")
}

/// How many changes there are.
fn summary(plan: &Plan) -> String {
    format!("# {}\n", plan.changes())
}

fn status(plan: &Plan) -> u8 {
    if plan.is_empty() { 0 } else { CHANGES }
}

/// Carries out a command on what the words ask for.
fn run(command: &str, words: &[OsString], work: impl FnOnce(Asked) -> Result<(String, u8), Trouble>) -> u8 {
    let (done, json) = match Asked::read(words) {
        Ok(Some(asked)) => {
            let json = asked.json;
            (work(asked), json)
        }
        Ok(None) => return say("fw", HELP),
        Err(trouble) => (Err(trouble), false),
    };
    match done {
        Ok((text, status)) => say(&format!("fw {command}"), &text).max(status),
        Err(Trouble::Usage(message)) => {
            complain(&format!("fw {command}: {message}; fw {command} -h tells more\n"));
            1
        }
        Err(Trouble::File(name, error)) => failed_at(command, Some(&name), &error, json),
        Err(Trouble::Kernel(error)) => failed_at(command, None, &error, json),
    }
}

impl Asked {
    /// A plan as it is wanted.
    fn told(&self, plan: &Plan, text: fn(&Plan) -> String) -> String {
        if self.json { plan.to_json() + "\n" } else { text(plan) }
    }

    /// What the words ask for; `None` for help.
    fn read(words: &[OsString]) -> Result<Option<Asked>, Trouble> {
        let args: Vec<Vec<u8>> = words.iter().cloned().map(OsString::into_vec).collect();
        let mut known: Vec<Flag> = OPTIONS.iter().map(|opt| opt.flag).collect();
        known.push(Flag { short: b'h', long: "help", argument: Argument::None });
        let mut flags = Flags::new(&known, &args);
        let (mut json, mut dry, mut how) = (false, false, Equivalence::Exact);
        let (mut named, mut chains, mut scope) = (Vec::new(), Vec::new(), None);
        let mut confirm = None;
        while let Some((flag, value)) = flags.next().map_err(Trouble::Usage)? {
            let value = value.unwrap_or_default();
            match flag {
                b'h' => return Ok(None),
                letter if letter == JSON.flag.short => json = true,
                DRY => dry = true,
                MEANING => how = Equivalence::Meaning,
                b'4' => named.push((value, Some(Family::Ipv4))),
                b'6' => named.push((value, Some(Family::Ipv6))),
                CHAIN => chains.push(value),
                CONFIRM => {
                    let seconds = std::str::from_utf8(value).ok().and_then(|value| value.parse().ok());
                    let seconds = seconds.filter(|seconds| *seconds > 0);
                    let usage = || Trouble::Usage("--confirm takes a number of seconds".into());
                    confirm = Some(Duration::from_secs(seconds.ok_or_else(usage)?));
                }
                PREFIX | OWNER if scope.is_some() => {
                    return Err(Trouble::Usage("--prefix and --owner are given once".into()));
                }
                PREFIX => scope = Some(Scope::prefix(value)),
                _ => scope = Some(Scope::owner(value)),
            }
        }
        let scope = match (scope, chains.is_empty()) {
            (Some(_), false) => return Err(Trouble::Usage("--chain goes with no other scope".into())),
            (Some(scope), true) => scope,
            (None, true) => Scope::Tables,
            (None, false) => Scope::chains(chains),
        };
        named.extend(flags.rest().iter().map(|word| (*word, None)));
        if named.is_empty() {
            return Err(Trouble::Usage("which file?".into()));
        }
        let files = named.into_iter().map(|(word, family)| Source::read(word, family));
        Ok(Some(Asked { scope, files: files.collect::<Result<_, _>>()?, confirm, how, dry, json }))
    }

    /// What would be changed, unless that would be refused.
    fn rehearsed(&self, command: &'static str, kernel: &Kernel) -> Result<Plan, Trouble> {
        let mut news = News::of(command);
        let mut desired = self.desired(kernel.rehearse().kernel(), &mut news)?;
        with_warnings(|| desired.apply()).map(|applied| applied.plan).map_err(|error| self.of_file(error))
    }

    /// What is wrong with a rule of a file, with the name of the file where there is only one.
    fn of_file(&self, error: Error) -> Trouble {
        match &*self.files {
            [file] if error.line().is_some() => Trouble::File(file.name.clone(), error),
            _ => Trouble::Kernel(error),
        }
    }

    /// What the files say.
    fn desired(&self, kernel: &Kernel, news: &mut News) -> Result<Desired, Trouble> {
        let mut desired = kernel.desired(self.scope.clone()).by(self.how);
        for Source { name, family, text } in &self.files {
            if is_json(text) {
                desired.read_json(text).map_err(|error| Trouble::File(name.clone(), error))?;
                continue;
            }
            let mut warn = |warning: &str| complain(&format!("{name}: {warning}\n"));
            let mut reader = Progress::new(news, text, "comparing with what there is");
            iptables::declare(&mut desired, *family, &mut reader, &mut warn)
                .map_err(|error| Trouble::File(name.clone(), error))?;
        }
        Ok(desired)
    }
}

impl Source {
    fn read(word: &[u8], family: Option<Family>) -> Result<Source, Trouble> {
        let name = String::from_utf8_lossy(word).into_owned();
        let mut text = Vec::new();
        let read = match word {
            b"-" => std::io::stdin().lock().read_to_end(&mut text),
            word => File::open(super::path(word)).and_then(|mut file| file.read_to_end(&mut text)),
        };
        read.map_err(|error| Trouble::Usage(format!("cannot read {name}: {}", super::reason(&error))))?;
        let family = family.unwrap_or_else(|| match text.starts_with(b"# Generated by ip6tables") {
            true => Family::Ipv6,
            false => Family::Ipv4,
        });
        Ok(Source { name, family, text })
    }
}
