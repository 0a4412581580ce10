//! Command lines of iptables: what they say, and the table that they are carried out on.

mod apply;

use std::cell::OnceCell;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt;

pub(super) use apply::{apply, set_policy};

use super::words::warning_words;
use crate::error::{BadFile, Warning};
use crate::ext::{Extension, System, TooLong};
use crate::kernel::Kernel;
use crate::rule::grammar::args::{Args, Words};
use crate::rule::grammar::draft::Jump;
use crate::rule::grammar::getopt::Command;
use crate::rule::grammar::parser::{Instead, Mode, Parsed, Parser};
use crate::table::backend::{Want, WantedChain, WantedRules};
use crate::types::Family;
use crate::{Error, Result};

/// What came of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The command was carried out.
    Done,
    /// Help was asked for, with these extensions.
    Help(Vec<&'static Extension>),
    /// The version was asked for.
    Version,
    /// `! -V`.
    NotVersion,
    /// The arguments are for the other family (`-4` or `-6`).
    OtherFamily,
}

/// Carries out the arguments of `iptables` or `ip6tables`, without the program's name. Listings go to `out`, warnings to
/// `warn`.
///
/// The lock is tried once, unless the arguments say `-w`. Texts that are too long are cut, as iptables cuts them, with a warning.
///
/// ```
/// use libfw::iptables::{run};
/// use libfw::{Family, MemoryKernel};
///
/// let kernel = MemoryKernel::new().kernel();
/// let mut out = Vec::new();
/// for line in ["-A INPUT -i lo -j ACCEPT", "-S INPUT"] {
///     run(&kernel, Family::Ipv4, line.split(' '), &mut out, &mut |warning| eprintln!("{warning}"))?;
/// }
/// assert_eq!(out, b"-P INPUT ACCEPT\n-A INPUT -i lo -j ACCEPT\n");
/// # Ok::<(), libfw::Error>(())
/// ```
///
/// # Errors
///
/// Whatever is wrong with the arguments, the table or the kernel; [`words`](super::words) has the words and the exit status of
/// iptables for it. Nothing is changed then.
pub fn run<T: AsRef<[u8]>>(
    kernel: &Kernel,
    family: Family,
    args: impl IntoIterator<Item = T>,
    out: &mut dyn Write,
    warn: &mut dyn FnMut(&str),
) -> Result<Outcome> {
    let warn = &mut |warning| warn(&warning_words(&warning));
    run_words(kernel, family, args, out, warn).map_err(|error| of_backend(kernel, error))
}

/// The error of a kernel's backend: iptables-nft has words of its own.
pub(super) fn of_backend(kernel: &Kernel, error: Error) -> Error {
    match kernel.detection() {
        Ok(detection) => error.in_backend(detection.backend),
        Err(_) => error,
    }
}

/// Reads the words of a command line: what they say, or what comes of them at once.
pub(super) fn read(
    parser: &mut Parser,
    args: Args<'_>,
    host: &System,
    warn: &mut dyn FnMut(Warning),
) -> Result<ControlFlow<Outcome, Parsed>> {
    let parsed = parser.parse(Mode::Command, args, host);
    parser.warnings.take().for_each(&mut *warn);
    let mut parsed = parsed?;
    Ok(match parsed.instead.take() {
        Some(instead) => ControlFlow::Break(outcome(instead)),
        None if parsed.other_family => ControlFlow::Break(Outcome::OtherFamily),
        None => ControlFlow::Continue(parsed),
    })
}

/// The table that the words of a command line name.
pub(super) fn table_name(parsed: &Parsed, args: Args<'_>) -> String {
    let name = parsed.table.map_or(b"filter".as_slice(), |span| args.slice(span));
    String::from_utf8_lossy(name).into_owned()
}

fn run_words<T: AsRef<[u8]>>(
    kernel: &Kernel,
    family: Family,
    args: impl IntoIterator<Item = T>,
    out: &mut dyn Write,
    warn: &mut dyn FnMut(Warning),
) -> Result<Outcome> {
    let (text, words) = Words::join(args);
    let args = words.args(&text);
    let mut parser = Parser::new(family);
    parser.draft.too_long = TooLong::Cut;
    let parsed = match read(&mut parser, args, kernel.system(), warn)? {
        ControlFlow::Break(outcome) => return Ok(outcome),
        ControlFlow::Continue(parsed) => parsed,
    };
    if parsed.verbose > 1 {
        warn(Warning::NoDump);
    }
    let name = table_name(&parsed, args);
    let wait = match parsed.wait {
        None => Some(0),
        Some(wait) => wait,
    };
    let wait = wait.map(|wait| std::time::Duration::from_secs(wait.into()));
    let mut kernel = kernel.clone().with_policy(kernel.policy().clone().wait(wait));
    if let Some(program) = parsed.modprobe {
        let program = OsStr::from_bytes(args.slice(program)).into();
        kernel = kernel.loading_modules(Some(program));
    }
    let lists = matches!(parsed.command, Some(Command::List | Command::ListRules));
    if lists && is_nft(&kernel) && kernel.has_legacy_tables(family) {
        warn(Warning::LegacyTables { family });
    }
    let chains = wanted(&parser, &parsed, args);
    let wanted = chains.as_deref().map_or(Want::All, Want::Chains);
    let only_lists = lists && parsed.zero.is_none();
    let is_first = parsed.command == Some(Command::Insert) && parsed.number <= 1;
    let done = kernel.attempts(family, &name, |claim| {
        let mut table = kernel.open_wanted(family, &name, wanted, claim)?;
        // What an attempt says that comes to nothing nobody wants to hear. A listing is not tried again, and may be long.
        let (mut said, mut warnings) = (Vec::new(), Vec::new());
        let mut hear = |warning| match only_lists {
            true => warn(warning),
            false => warnings.push(warning),
        };
        let text: &mut dyn Write = if only_lists { &mut *out } else { &mut said };
        let applied = apply(&mut table, &mut parser, &parsed, args, None, text, &mut hear);
        // Nobody looks at it behind this.
        table.is_last = true;
        let report = applied.and_then(|()| table.commit());
        // In a chain that is empty the first is the last.
        let report = if is_first { report.map_err(Error::of_insertion) } else { report };
        if report.as_ref().is_err_and(Error::is_conflict) {
            return report.map(drop);
        }
        let read = chains.as_deref().unwrap_or_default();
        let report = report.map_err(|error| numbered(&kernel, family, &name, read, error));
        warnings.into_iter().for_each(&mut *warn);
        out.write_all(&said).map_err(output_error)?;
        report?.warnings().for_each(&mut *warn);
        Ok(())
    });
    done.map(|()| Outcome::Done)
}

/// Whether it is as iptables-nft does it.
pub(super) fn is_nft(kernel: &Kernel) -> bool {
    kernel.detection().is_ok_and(|detection| detection.backend.is_nft())
}

/// What comes of arguments that ask for something.
pub(super) fn outcome(instead: Instead) -> Outcome {
    match instead {
        Instead::Help(extensions) => Outcome::Help(extensions),
        Instead::Version => Outcome::Version,
        Instead::NotVersion => Outcome::NotVersion,
    }
}

/// The chains that a command needs, and what of their rules; `None` for all.
fn wanted<'a>(parser: &Parser, parsed: &Parsed, args: Args<'a>) -> Option<Vec<WantedChain<'a>>> {
    let name = args.slice(parsed.chain?);
    let mut wanted = vec![WantedChain::new(name, wanted_rules(parsed.command?, parsed.number))];
    let target = match parser.draft.jump {
        Jump::Extension(_, span) | Jump::Chain(span) | Jump::Goto(span) => Some(span),
        Jump::None | Jump::Verdict(_) | Jump::Opaque(_) => None,
    };
    let others = target.into_iter().chain(parsed.second);
    wanted.extend(others.map(|span| WantedChain::new(args.slice(span), WantedRules::Behind)));
    Some(wanted)
}

/// What a command needs of the rules of its chain; `number` is that of a rule, or 0.
pub(super) fn wanted_rules(command: Command, number: u32) -> WantedRules {
    match command {
        Command::Append | Command::NewChain | Command::RenameChain | Command::Policy => WantedRules::Behind,
        Command::Insert if number <= 1 => WantedRules::Before,
        Command::Flush => WantedRules::Gone,
        _ => WantedRules::All,
    }
}

/// The error with the number that a rule has in the whole of its chain, where only what is added to it was read.
#[cold]
pub(super) fn numbered(
    kernel: &Kernel,
    family: Family,
    table: &str,
    read: &[WantedChain<'_>],
    error: Error,
) -> Error {
    // Others read all.
    if !is_nft(kernel) {
        return error;
    }
    let whole = OnceCell::new();
    error.each(&mut |error| {
        let (Some(chain), Some(rule)) = (error.chain(), error.rule()) else { return error };
        let of_chain = |wanted: &&WantedChain<'_>| wanted.name == chain.as_bytes();
        if read.iter().find(of_chain).is_none_or(|wanted| wanted.rules != WantedRules::Behind) {
            return error;
        }
        let whole = whole.get_or_init(|| kernel.open(family, table).ok());
        let before = whole.as_ref().and_then(|table| Some(table.chain(chain)?.len()));
        error.renumbered(rule + before.unwrap_or(0))
    })
}

pub(super) fn output_error(error: io::Error) -> Error {
    Error::from(BadFile::Unwritable).because(error)
}
