//! A look at the lines of a table before the first of them is carried out: which chains they are about. What they do not touch
//! need not be read.

use std::io::{self, BufRead};

use super::super::command::wanted_rules;
use crate::kernel::builtin_chains;
use crate::rule::grammar::args::{Args, Words};
use crate::rule::grammar::getopt::{self, Command};
use crate::rule::{Verdict, names};
use crate::sys::memory;
use crate::table::backend::{WantedChain, WantedRules};
use crate::types::Family;
use crate::types::hash::HashMap;

/// Of a table with more lines than these the rest is not looked at, and all of it is read.
const LINES: usize = 2_000;
/// To ask for more chains one by one is dearer than to read the table.
const CHAINS: usize = 300;

/// Lines that were read before they are due.
#[derive(Default)]
pub(super) struct Ahead {
    lines: Vec<u8>,
    /// Where the next one begins.
    at: usize,
}

impl Ahead {
    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.at >= self.lines.len()
    }

    /// Takes the next line of a file; there is none where it is empty.
    pub(super) fn line(&mut self, reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<()> {
        line.clear();
        let rest = self.lines.get(self.at..).unwrap_or_default();
        if rest.is_empty() {
            return memory::read_line(reader, line);
        }
        let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |end| end + 1);
        memory::copy_into(line, &rest[..end]).map_err(|_| io::ErrorKind::OutOfMemory)?;
        self.at += end;
        Ok(())
    }

    /// Reads the lines up to the end of the table that begins with a line. Returns the chains that they are about; `None` for all.
    pub(super) fn look(
        &mut self,
        family: Family,
        begin: &[u8],
        reader: &mut impl BufRead,
    ) -> io::Result<Option<Chains>> {
        self.lines.drain(..self.at);
        self.at = 0;
        let begin = String::from_utf8_lossy(begin);
        let name = begin.split(['*', ' ', '\t', '\n']).find(|word| !word.is_empty());
        let builtin = builtin_chains(family, name.unwrap_or_default()).collect();
        let mut chains = Chains { builtin, ..Chains::default() };
        let (mut words, mut copy) = (Words::default(), Vec::new());
        for _ in 0..LINES {
            let start = self.lines.len();
            memory::read_line(reader, &mut self.lines)?;
            let line = self.lines.get(start..).unwrap_or_default();
            if line.is_empty() || line.trim_ascii_end() == b"COMMIT" {
                return Ok(chains.finish());
            }
            // Words are unescaped in place.
            memory::copy_into(&mut copy, line).map_err(|_| io::ErrorKind::OutOfMemory)?;
            if !chains.see(&mut copy, &mut words) {
                return Ok(None);
            }
        }
        Ok(None)
    }
}

/// Chains, and what of their rules; nothing where only their names are talked about.
#[derive(Debug, Default)]
pub(super) struct Chains {
    chains: HashMap<Vec<u8>, Option<WantedRules>>,
    /// Those that are declared without being emptied.
    builtin: Vec<&'static str>,
    /// Whether a chain is deleted, for which it must be known who goes there.
    deletes: bool,
}

impl Chains {
    /// As a backend is asked for them.
    pub(super) fn wanted(&self) -> Vec<WantedChain<'_>> {
        let rules = |rules: Option<WantedRules>| rules.unwrap_or(WantedRules::Behind);
        self.chains.iter().map(|(name, seen)| WantedChain::new(name, rules(*seen))).collect()
    }

    fn finish(mut self) -> Option<Chains> {
        for rules in self.chains.values_mut().flatten().filter(|_| self.deletes) {
            if *rules == WantedRules::Gone {
                *rules = WantedRules::All;
            }
        }
        (self.chains.len() <= CHAINS).then_some(self)
    }

    fn add(&mut self, name: &[u8], rules: Option<WantedRules>) {
        // What no chain is called is refused when its turn comes.
        if name.is_empty() {
            return;
        }
        let seen = self.chains.entry(name.into()).or_default();
        *seen = match (*seen, rules) {
            (None, one) | (one, None) => one,
            // What comes later is done to rules that are known.
            (Some(WantedRules::Gone), _) => Some(WantedRules::Gone),
            (Some(one), Some(other)) if one == other => Some(one),
            _ => Some(WantedRules::All),
        };
    }

    /// Looks at a line; says whether it is clear what it is about.
    fn see(&mut self, line: &mut [u8], words: &mut Words) -> bool {
        let start = match line {
            [b'#' | b'\n', ..] => return true,
            [b':', rest @ ..] => {
                let name = rest.split(|byte| b" \t\n".contains(byte)).find(|word| !word.is_empty());
                let name = names::read(name.unwrap_or_default());
                let builtin = self.builtin.iter().any(|builtin| builtin.as_bytes() == &*name);
                self.add(&name, Some(if builtin { WantedRules::Behind } else { WantedRules::Gone }));
                return true;
            }
            [b'[', ..] => line.iter().position(|byte| *byte == b']').map_or(0, |end| end + 1),
            _ => 0,
        };
        words.split(line, start).is_ok() && self.command(words.args(line))
    }

    fn command(&mut self, args: Args<'_>) -> bool {
        let mut commands = (0..args.len()).filter_map(|at| Some((at, getopt::command_of(args.word(at))?)));
        let (Some((at, command)), None) = (commands.next(), commands.next()) else { return false };
        if !args.has_operand(at + 1) || command == Command::RenameChain {
            return false;
        }
        self.deletes |= command == Command::DeleteChain;
        let number = std::str::from_utf8(args.word(at + 2)).ok().and_then(|word| word.parse().ok());
        self.add(&names::read(args.word(at + 1)), Some(wanted_rules(command, number.unwrap_or(0))));
        (0..args.len()).all(|at| match args.word(at) {
            b"-j" | b"-g" | b"--jump" | b"--goto" => {
                let target = args.word(at + 1);
                if Verdict::from_name(target).is_none() {
                    self.add(&names::read(target), None);
                }
                true
            }
            // The beginning of such an option, or one with its argument.
            word => !(word.starts_with(b"-j") || word.starts_with(b"-g") || is_jump(word)),
        })
    }
}

/// Whether a long option may be about where a rule goes.
fn is_jump(word: &[u8]) -> bool {
    let name = word.split(|byte| *byte == b'=').next().unwrap_or_default();
    let begins = |whole: &[u8]| name.len() > 2 && whole.starts_with(name);
    begins(b"--jump") || begins(b"--goto")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iptables::{RestoreOptions, restore, save};
    use crate::{Family, MemoryKernel};

    fn seen(text: &str) -> Option<Vec<(String, Option<WantedRules>)>> {
        let mut ahead = Ahead::default();
        let mut reader = text.as_bytes();
        let chains = ahead.look(Family::Ipv4, b"*filter\n", &mut reader).unwrap()?;
        let mut chains: Vec<_> = chains
            .chains
            .into_iter()
            .map(|(name, rules)| (String::from_utf8_lossy(&name).into_owned(), rules))
            .collect();
        chains.sort_by(|a, b| a.0.cmp(&b.0));
        // What was looked at is still there.
        let (mut lines, mut line) = (Vec::new(), Vec::new());
        while ahead.line(&mut reader, &mut line).is_ok() && !line.is_empty() {
            lines.extend_from_slice(&line);
        }
        assert_eq!(String::from_utf8_lossy(&lines), text);
        Some(chains)
    }

    /// Whatever is in a file: it comes to the same as when the whole table is read.
    #[test]
    fn a_part_is_enough() {
        let kernels = [MemoryKernel::new().nft(), MemoryKernel::new().nft()];
        let mut state = 1_u32;
        let mut random = |below: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as usize % below
        };
        let mut done = 0;
        for _ in 0..3_000 {
            let mut file = String::from("*filter\n");
            for _ in 0..=random(4) {
                let chain = ["INPUT", "FORWARD", "a", "b", "c", "PREROUTING"][random(6)];
                let rule =
                    ["-j a", "-s 1.1.1.1 -j ACCEPT", "-p tcp -g b", "-j LOG", "-i lo", "-j c"][random(6)];
                let number = random(3) + 1;
                file += &match random(16) {
                    0..=3 => format!("-A {chain} {rule}\n"),
                    4 | 5 => format!("-I {chain} {rule}\n"),
                    6 => format!("-I {chain} {number} {rule}\n"),
                    7 => format!("-D {chain} {rule}\n"),
                    8 => format!("-D {chain} {number}\n"),
                    9 => format!("-R {chain} {number} {rule}\n"),
                    10 => format!("-F {chain}\n"),
                    11 => format!("-X {chain}\n"),
                    12 => format!("-N {chain}\n"),
                    13 => ["-F\n", "-X\n", "-E a b\n", "-P INPUT DROP\n", "-Z\n"][random(5)].into(),
                    _ => format!(":{chain} {} [1:2]\n", if chain.len() == 1 { "-" } else { "ACCEPT" }),
                };
            }
            file += "COMMIT\n";
            let results = [false, true].map(|atomic| {
                let options = RestoreOptions::new().noflush(true).counters(true).atomic(atomic);
                let kernel = &kernels[usize::from(atomic)];
                let mut file = file.as_bytes();
                let result = restore(kernel, Family::Ipv4, &mut file, &options);
                let mut rules = Vec::new();
                save(&kernel.open(Family::Ipv4, "filter").unwrap(), true, &mut rules).unwrap();
                let rules = String::from_utf8(rules).unwrap();
                (result.map_err(|error| error.kind()), rules)
            });
            done += usize::from(results[0].0.is_ok());
            assert_eq!(results[0], results[1], "{file}");
        }
        assert!(done > 500, "{done}");
    }

    #[test]
    fn chains_of_lines() {
        use WantedRules::{All, Before, Behind, Gone};
        type Expected<'a> = Option<&'a [(&'a str, Option<WantedRules>)]>;
        let cases: &[(&str, Expected<'_>)] = &[
            (":web - [0:0]\n-A web -j ACCEPT\nCOMMIT\n*nat\n-F\n", Some(&[("web", Some(Gone))])),
            (
                ":INPUT DROP [0:0]\n[3:4] -A INPUT -m comment --comment \"a -j b\" -j web",
                Some(&[("INPUT", Some(Behind)), ("web", None)]),
            ),
            ("-I INPUT -j LOG\n-I INPUT 1\n", Some(&[("INPUT", Some(Before)), ("LOG", None)])),
            ("-I INPUT 2 -j a\n-A a -g b\n", Some(&[("INPUT", Some(All)), ("a", Some(Behind)), ("b", None)])),
            (
                "-I a\n-A a\n-A b\n-F b\n-N c\n",
                Some(&[("a", Some(All)), ("b", Some(All)), ("c", Some(Behind))]),
            ),
            (
                ":FORWARD - [0:0]\n:PREROUTING - [0:0]\n",
                Some(&[("FORWARD", Some(Behind)), ("PREROUTING", Some(Gone))]),
            ),
            ("-F a\n-D a 1\n-P OUTPUT DROP\n", Some(&[("OUTPUT", Some(Behind)), ("a", Some(Gone))])),
            (":a - [0:0]\n-X b\n", Some(&[("a", Some(All)), ("b", Some(All))])),
            ("# -F\n\n-D a -j DROP\n", Some(&[("a", Some(All))])),
            ("-F\n", None),
            ("-E a b\n", None),
            ("-A a -jb\n", None),
            ("-A a --jum b\n", None),
            ("-A a --jump=b\n", None),
            ("-A a -D b\n", None),
            ("--append a\n", Some(&[("a", Some(Behind))])),
            ("--app a\n", None),
            ("-A a -m owner --gid-owner 0\n", Some(&[("a", Some(Behind))])),
            ("-A \"a\n", None),
        ];
        for (text, expected) in cases {
            let expected = expected.map(|chains| {
                chains.iter().map(|(name, rules)| ((*name).to_owned(), *rules)).collect::<Vec<_>>()
            });
            assert_eq!(seen(text), expected, "{text}");
        }
        let many = |lines: usize| (0..lines).map(|line| format!("-A c{line}\n")).collect::<String>();
        assert_eq!(seen(&many(CHAINS)).map(|chains| chains.len()), Some(CHAINS));
        assert_eq!(seen(&many(CHAINS + 1)), None);
        assert_eq!(seen(&"-A a\n".repeat(LINES)), None);
    }
}
