//! The commands of `fw` itself: the one table from which help, manual page and completions are made.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStringExt;

use libfw::Family;

use super::options::{Argument, Flag, Flags};
use super::output::{complain, say};
use super::{confirm, generate, graph, list, migrate, plan, probe, store, trace};

/// A command.
pub(crate) struct Command {
    pub(crate) name: &'static str,
    /// What may follow the name and the options.
    pub(crate) takes: &'static str,
    /// The words that may stand there, where they are some of a list.
    pub(crate) words: &'static [&'static str],
    /// What it does, in one line.
    pub(crate) about: &'static str,
    /// More of that, for its own help and the manual page.
    pub(crate) more: &'static str,
    pub(crate) options: &'static [Opt],
    pub(crate) run: Run,
}

/// What carries out a command.
pub(crate) enum Run {
    /// A function of what was asked for, whose options are those of the table.
    Asked(fn(&Asked) -> Result<u8, String>),
    /// A function of the words; its help is made from the table.
    Words(fn(&[OsString]) -> u8),
    /// A function of the words that has help of its own.
    Helpful(fn(&[OsString]) -> u8),
}

/// An option of a command.
pub(crate) struct Opt {
    pub(crate) flag: Flag,
    /// What stands for its value.
    pub(crate) value: &'static str,
    pub(crate) about: &'static str,
}

pub(crate) const fn opt(short: u8, long: &'static str, value: &'static str, about: &'static str) -> Opt {
    let argument = if value.is_empty() { Argument::None } else { Argument::Required };
    Opt { flag: Flag { short, long, argument }, value, about }
}

const IPV4: Opt = opt(b'4', "ipv4", "", "only IPv4");
const IPV6: Opt = opt(b'6', "ipv6", "", "only IPv6");
const TABLE: Opt = opt(b't', "table", "TABLE", "only this table");
pub(crate) const JSON: Opt = opt(1, "json", "", "in JSON");
const COLOR: Opt =
    opt(2, "color", "auto|always|never", "in colour: auto is on a terminal unless NO_COLOR is set");

/// The headings of the help, and the commands below each.
pub(crate) static COMMANDS: &[(&str, &[Command])] = &[
    (
        "What there is",
        &[
            Command {
                name: "list",
                takes: "[CHAIN]",
                words: &[],
                about: "the rules in columns, or what they count",
                more: "Counters are in short: k is 1000 packets, KiB 1024 bytes. Built-in chains without rules are left out.",
                options: &[
                    IPV4,
                    IPV6,
                    TABLE,
                    opt(b'a', "all", "", "chains without rules too"),
                    opt(b'x', "exact", "", "counters in full"),
                    opt(
                        b'w',
                        "watch",
                        "",
                        "the busiest rules, with packets and bytes per second, until Ctrl-C",
                    ),
                    opt(b'i', "interval", "SECONDS", "how often --watch looks; 1 unless given"),
                    opt(3, "count", "NUMBER", "how often --watch looks before it ends"),
                    JSON,
                    COLOR,
                ],
                run: Run::Asked(list::run),
            },
            Command {
                name: "graph",
                takes: "[CHAIN]",
                words: &[],
                about: "chains and the jumps between them, drawn",
                more: "Tables and hooks stand in the order in which packets meet them. Many chains of one kind, such as those that kube-proxy makes, \
                       are drawn as one.",
                options: &[
                    IPV4,
                    IPV6,
                    TABLE,
                    opt(b'f', "format", "text|svg|dot", "text unless given; dot is for Graphviz"),
                    opt(b'a', "all", "", "chains without rules too"),
                    opt(3, "unfold", "", "every chain by itself"),
                    COLOR,
                ],
                run: Run::Asked(graph::run),
            },
            Command {
                name: "trace",
                takes: "",
                words: &[],
                about: "the rules that packets meet which -j TRACE has chosen",
                more: "In nf_tables the kernel tells of them. In the xtables interface they are lines of the log, which goes to fw as long as it runs.",
                options: &[IPV4, IPV6, opt(3, "count", "NUMBER", "so many packets and no more"), COLOR],
                run: Run::Asked(trace::run),
            },
            Command {
                name: "save",
                takes: "",
                words: &[],
                about: "tables as a save file, or all in JSON",
                more: "A save file is of one family, IPv4 unless -6 is given. JSON has both. Tables that are not there yet, as those without rules on \
                       a fresh machine, are in neither: what restores it leaves them as they are.",
                options: &[IPV4, IPV6, TABLE, opt(b'c', "counters", "", "with counters"), JSON],
                run: Run::Asked(store::save),
            },
        ],
    ),
    (
        "What is to be, in a save file or in JSON",
        &[
            Command {
                name: "restore",
                takes: "[FILE]",
                words: &[],
                about: "tables from a file, all of them or none",
                more: "What begins with { is JSON. A save file is for IPv4 unless -6 is given or ip6tables-save wrote it.",
                options: &[
                    IPV4,
                    IPV6,
                    opt(
                        b'c',
                        "counters",
                        "",
                        "with the counters of a save file; JSON always has those that it names",
                    ),
                    opt(3, "test", "", "only look whether it would do, and say all that is wrong"),
                    opt(4, "dry-run", "", "the same, and show what would change where the file is JSON"),
                    JSON,
                ],
                run: Run::Asked(store::restore),
            },
            Command {
                name: "plan",
                takes: "FILE...",
                words: &[],
                about: "what would change",
                more: "",
                options: plan::OPTIONS,
                run: Run::Helpful(plan::plan),
            },
            Command {
                name: "check",
                takes: "FILE...",
                words: &[],
                about: "whether something would",
                more: "",
                options: plan::OPTIONS,
                run: Run::Helpful(plan::check),
            },
            Command {
                name: "diff",
                takes: "FILE FILE",
                words: &[],
                about: "what makes one the other, without a kernel",
                more: "",
                options: plan::OPTIONS,
                run: Run::Helpful(plan::diff),
            },
            Command {
                name: "apply",
                takes: "FILE...",
                words: &[],
                about: "changes that, all or nothing; --confirm SECONDS: back unless it is confirmed",
                more: "",
                options: plan::OPTIONS,
                run: Run::Helpful(plan::apply),
            },
            Command {
                name: "confirm",
                takes: "",
                words: &[],
                about: "keeps what fw apply --confirm has changed",
                more: "",
                options: &[],
                run: Run::Helpful(confirm::run),
            },
        ],
    ),
    (
        "For this machine",
        &[
            Command {
                name: "probe",
                takes: "",
                words: &[],
                about: "kernel, privileges, tables per backend, and which is used",
                more: "",
                options: &[
                    JSON,
                    opt(3, "extensions", "", "with every match and target, which may load their modules"),
                ],
                run: Run::Asked(probe::run),
            },
            Command {
                name: "migrate",
                takes: "",
                words: &[],
                about: "the rules of one backend into the other",
                more: "",
                options: &[
                    opt(3, "to", "nft|legacy", "into which"),
                    opt(4, "apply", "", "do it; otherwise it is only shown"),
                ],
                run: Run::Words(migrate::run),
            },
            Command {
                name: "generate",
                takes: "WHAT",
                words: &["man", "man-extensions", "bash", "zsh", "fish"],
                about: "manual pages and completions: man, man-extensions, bash, zsh, fish",
                more: "",
                options: &[],
                run: Run::Words(generate::run),
            },
        ],
    ),
];

/// All commands.
pub(crate) fn all() -> impl Iterator<Item = &'static Command> {
    COMMANDS.iter().flat_map(|(_, commands)| *commands)
}

/// What the words behind the name of a command ask for.
pub(crate) struct Asked {
    given: Vec<(&'static str, Vec<u8>)>,
    pub(crate) words: Vec<Vec<u8>>,
}

impl Asked {
    /// Whether an option was given.
    pub(crate) fn has(&self, option: &str) -> bool {
        self.value(option).is_some()
    }

    /// The value of an option, by its long name; that of the last, where it was given several times.
    pub(crate) fn value(&self, option: &str) -> Option<&[u8]> {
        self.given.iter().rev().find(|(name, _)| *name == option).map(|(_, value)| value.as_slice())
    }

    /// The value of an option as text.
    pub(crate) fn text(&self, option: &str) -> Option<String> {
        self.value(option).map(|value| String::from_utf8_lossy(value).into_owned())
    }

    /// The value of an option as a number that is not negative.
    pub(crate) fn number<T: std::str::FromStr>(&self, option: &str) -> Result<Option<T>, String> {
        let Some(text) = self.text(option) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| format!("--{option} takes a number, not {text:?}"))
    }

    /// The families that are meant.
    pub(crate) fn families(&self) -> Vec<Family> {
        match (self.has("ipv4"), self.has("ipv6")) {
            (true, false) => vec![Family::Ipv4],
            (false, true) => vec![Family::Ipv6],
            _ => Family::ALL.to_vec(),
        }
    }

    /// The only word, if there is one.
    pub(crate) fn word(&self) -> Result<Option<&[u8]>, String> {
        match self.words.as_slice() {
            [] => Ok(None),
            [word] => Ok(Some(word)),
            [_, other, ..] => Err(format!("what is {:?}?", String::from_utf8_lossy(other))),
        }
    }

    fn read(command: &'static Command, words: &[OsString]) -> Result<Option<Asked>, String> {
        let words: Vec<_> = words.iter().cloned().map(OsString::into_vec).collect();
        let mut known: Vec<Flag> = command.options.iter().map(|opt| opt.flag).collect();
        known.push(Flag { short: b'h', long: "help", argument: Argument::None });
        let mut flags = Flags::new(&known, &words);
        let mut given = Vec::new();
        while let Some((letter, value)) = flags.next()? {
            if letter == b'h' {
                return Ok(None);
            }
            let option = command.options.iter().find(|opt| opt.flag.short == letter);
            given.extend(option.map(|opt| (opt.flag.long, value.unwrap_or_default().to_vec())));
        }
        let words = flags.rest().iter().map(|word| word.to_vec()).collect();
        Ok(Some(Asked { given, words }))
    }
}

impl Command {
    /// Carries it out.
    pub(crate) fn run(&'static self, words: &[OsString]) -> u8 {
        let name = format!("fw {}", self.name);
        let run = match self.run {
            Run::Words(_) if words.iter().any(|word| word == "-h" || word == "--help") => {
                return say(&name, &self.help());
            }
            Run::Words(run) | Run::Helpful(run) => return run(words),
            Run::Asked(run) => run,
        };
        let done = match Asked::read(self, words) {
            Ok(None) => return say(&name, &self.help()),
            Ok(Some(asked)) if self.takes.is_empty() && !asked.words.is_empty() => {
                Err(format!("what is {:?}?", String::from_utf8_lossy(&asked.words[0])))
            }
            Ok(Some(asked)) => run(&asked),
            Err(message) => Err(message),
        };
        done.unwrap_or_else(|message| {
            complain(&format!("{name}: {message}; {name} -h tells more\n"));
            2
        })
    }

    /// The name with what it takes.
    pub(crate) fn synopsis(&self) -> String {
        let options = if self.options.is_empty() { "" } else { " [OPTIONS]" };
        let space = if self.takes.is_empty() { "" } else { " " };
        format!("{}{options}{space}{}", self.name, self.takes)
    }

    fn help(&self) -> String {
        let mut text = format!("usage: fw {}\n\n", self.synopsis());
        let first = self.about.chars().next().unwrap_or_default().to_uppercase();
        let _ = writeln!(text, "{first}{}. {}\n", self.about.get(1..).unwrap_or_default(), self.more);
        for opt in self.options {
            let _ = writeln!(text, "  {:<28} {}", opt.spelled(), opt.about);
        }
        text
    }
}

impl Opt {
    /// Its names, with what stands for its value.
    pub(crate) fn spelled(&self) -> String {
        let letter = match self.flag.short {
            letter if letter > b' ' => format!("-{}, ", char::from(letter)),
            _ => "    ".into(),
        };
        let space = if self.value.is_empty() { "" } else { " " };
        format!("{letter}--{}{space}{}", self.flag.long, self.value)
    }
}
