//! Whole command lines and save files, one after the other, right, broken and hostile: status, output, messages and what is in
//! the kernel afterwards are those of iptables.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write as _};
use std::process::Stdio;

use libfw::iptables::{self, Foreign, Outcome, RestoreOptions, TooLong};
use libfw::{BackendKind, ErrorKind, Family, Kernel};
use libfw_playground::{Playground, cases, seed};

use crate::common::generate::{Lines, extensions};
use crate::side::{Said, Side, run, spoken, unframed_all};
use crate::twins::{Difference, Line, Twins};
use crate::{Tally, known};

/// Commands between two fresh starts.
const SESSION: usize = 40;

const CHAINS: &str = "INPUT INPUT OUTPUT FORWARD web a a a b";
const ODD_CHAINS: &str = "PREROUTING POSTROUTING nope ACCEPT LOG -x !x x?y input 0 \u{e9} abcdefghijklmnopqrstuvwxyzab \
    abcdefghijklmnopqrstuvwxyzabc ?";

const TABLES: &str = "filter filter filter nat mangle raw security nope Filter filter? ?";

const NUMBERS: &str = "1 1 1 1 2 2 3 0 -1 9 +1 0x1 x 1x 4294967296 99999999999999999999 ?";

const POLICIES: &str = "ACCEPT DROP DROP RETURN QUEUE drop a ?";

/// Options that may stand anywhere, where they belong or not; `_` stands between the words of one.
const FLAGS: &str = "-n -v -x --line-numbers -w -w_1 --wait=1 -W_1 -w_x -4 -6 -M_/bin/true --modprobe=x -c_1_2 -c_3,4 -c_x_2 \
    -c_5 ! -- -nv -vn - x -f -z --num --l --line --verb --exact=1 -t -s_10.0.0.1 -p_tcp -i_eth0 -o_eth0 -j_ACCEPT -m_limit \
    -g_a ?";

/// One of the words of a list, where a `?` stands for nothing or a space.
fn word(lines: &mut Lines, list: &str) -> String {
    let words: Vec<&str> = list.split(' ').filter(|word| !word.is_empty()).collect();
    let word = *lines.random.pick(&words);
    match word {
        "?" => String::new(),
        word => word.replace('?', " "),
    }
}

/// Makes command lines and files.
struct Maker {
    lines: Lines,
    spoil: usize,
}

impl Maker {
    fn pick(&mut self, list: &[&str]) -> String {
        (*self.lines.random.pick(list)).to_owned()
    }

    fn word(&mut self, list: &str) -> String {
        word(&mut self.lines, list)
    }

    fn chain(&mut self) -> String {
        let odd = self.once_in(8);
        self.word(if odd { ODD_CHAINS } else { CHAINS })
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.lines.random.once_in(times)
    }

    /// The options of a rule.
    fn rule(&mut self) -> Vec<String> {
        if !self.once_in(3) {
            let simple = [
                "-j ACCEPT",
                "-j DROP",
                "-j a",
                "-g b",
                "-p tcp -j RETURN",
                "-s 10.0.0.1,10.0.0.2 -j DROP",
                "",
                "-j web",
                "-i lo",
            ];
            return self.pick(&simple).split_whitespace().map(str::to_owned).collect();
        }
        let all = extensions(self.lines.family);
        let extension = *self.lines.random.pick(&all);
        self.lines.line(extension)
    }

    /// A command with what belongs to it, mostly.
    fn command(&mut self) -> Vec<String> {
        let chain = self.chain();
        let number = self.word(NUMBERS);
        let mut words: Vec<String> = match self.lines.random.below(24) {
            0..=4 => [vec!["-A".into(), chain], self.rule()].concat(),
            5 => [vec!["-I".into(), chain], self.rule()].concat(),
            6 => [vec!["-I".into(), chain, number], self.rule()].concat(),
            7 => [vec!["-D".into(), chain], self.rule()].concat(),
            8 => [vec!["-C".into(), chain], self.rule()].concat(),
            9 => [vec!["-R".into(), chain, number], self.rule()].concat(),
            10 => vec!["-D".into(), chain, number],
            11 | 12 => vec!["-N".into(), chain],
            13 => vec!["-X".into(), chain],
            14 => vec!["-E".into(), chain, self.chain()],
            15 => {
                vec!["-P".into(), chain, self.word(POLICIES)]
            }
            16 => vec!["-F".into(), chain],
            17 => vec!["-Z".into(), chain, number],
            18 => vec!["-L".into(), chain, number],
            19 => vec!["-S".into(), chain, number],
            20 => vec![self.pick(&[
                "-L",
                "-S",
                "-F",
                "-X",
                "-Z",
                "--list",
                "--list-rules",
                "--zero",
                "--li",
                "--flush",
            ])],
            21 => vec!["-L".into(), "-Z".into(), chain, number],
            22 => vec!["-S".into(), chain, "-Z".into()],
            _ => vec!["-Z".into(), chain, number, self.pick(&["-L", "-S", "-F"])],
        };
        // What may be left out often is.
        if words.len() > 2 && matches!(words[0].as_str(), "-Z" | "-L" | "-S") && !self.once_in(3) {
            words.truncate(2);
        }
        if self.once_in(6) {
            let table = self.word(TABLES);
            let at = if self.once_in(2) { 0 } else { words.len() };
            let option = match self.lines.random.below(3) {
                0 => vec![format!("-t{table}")],
                1 => vec![format!("--table={table}")],
                _ => vec!["-t".to_owned(), table],
            };
            words.splice(at..at, option);
        }
        let flags = if self.once_in(4) { 1 + self.lines.random.below(2) } else { 0 };
        for _ in 0..flags {
            let flag = self.word(FLAGS);
            let flag: Vec<String> = flag.split('_').map(str::to_owned).collect();
            let at = self.lines.random.below(words.len() + 1);
            words.splice(at..at, flag);
        }
        if self.once_in(self.spoil) {
            self.spoil_words(&mut words);
        }
        words
    }

    /// Drops, doubles, swaps or breaks a word.
    fn spoil_words(&mut self, words: &mut Vec<String>) {
        if words.is_empty() {
            return;
        }
        let at = self.lines.random.below(words.len());
        match self.lines.random.below(7) {
            0 => drop(words.remove(at)),
            1 => words.insert(at, words[at].clone()),
            2 => {
                let other = self.lines.random.below(words.len());
                words.swap(at, other);
            }
            3 => words.insert(at, "!".into()),
            4 => {
                let keep = words[at].char_indices().map(|(at, _)| at).nth(3).unwrap_or(0);
                words[at].truncate(keep);
            }
            5 => words[at].push('x'),
            _ => words[at] = "x".repeat(1 + self.lines.random.below(40)),
        }
    }

    /// A save file, mostly one that can be read.
    fn file(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..1 + self.lines.random.below(2) {
            let table = self.pick(&["filter", "filter", "filter", "nat", "mangle", "raw", "nope", ""]);
            let _ = writeln!(text, "*{table}{}", self.pick(&["", "", "", "", "", " ", " x", "\r", "\t"]));
            for _ in 0..self.lines.random.below(4) {
                let chain = self.chain();
                let policy = self.pick(&["-", "-", "-", "ACCEPT", "DROP", "DROP", "RETURN", "drop", ""]);
                let counters =
                    self.pick(&["[0:0]", "[0:0]", "[5:600]", "", "[1:2", "[1:2]x", "1:2", "[x:1]", "[-1:1]"]);
                let _ = writeln!(text, ":{chain} {policy} {counters}");
            }
            for _ in 0..self.lines.random.below(5) {
                let line = match self.lines.random.below(12) {
                    0 => self.pick(&[
                        "# a comment",
                        "",
                        " ",
                        "#",
                        " # x",
                        "COMMIT ",
                        " COMMIT",
                        "-X",
                        "-F a",
                        "-N a",
                        "-P INPUT DROP",
                        "x",
                        "*filter",
                        "-Z",
                        "-E a b",
                    ]),
                    number => {
                        let chain = self.pick(&["INPUT", "INPUT", "OUTPUT", "FORWARD", "a", "b", "web"]);
                        let mut words = [vec!["-A".into(), chain], self.rule()].concat();
                        if self.once_in(self.spoil) {
                            self.spoil_words(&mut words);
                        }
                        let counters = if number == 1 {
                            self.pick(&["[1:2] ", "[1:2]", "[0:0] ", "[x:y] ", "[1] ", "[1:2 "])
                        } else {
                            String::new()
                        };
                        let words: Vec<_> = words.iter().map(|word| quoted(word)).collect();
                        format!("{counters}{}", words.join(" "))
                    }
                };
                let _ = writeln!(text, "{line}");
            }
            if !self.once_in(12) {
                text.push_str("COMMIT\n");
            }
        }
        if self.once_in(15) {
            text.truncate(text.trim_end().len());
        }
        text
    }
}

/// A word as save files write it.
fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=+,./:!".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        return word.to_owned();
    }
    format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The tables of a side with their counters, as libfw writes them.
fn state(side: &Side, family: Family) -> String {
    saved(&side.kernel, family)
}

fn saved(kernel: &Kernel, family: Family) -> String {
    let mut text = Vec::new();
    for (table, _) in crate::TABLES {
        if let Ok(table) = kernel.open(family, table) {
            iptables::save(&table, true, &mut text).expect("memory");
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// Empties the tables of a side, except for a chain.
fn reset(kernel: &Kernel, family: Family) {
    let mut text = String::new();
    for (table, hooks) in crate::TABLES {
        let _ = writeln!(text, "*{table}");
        for hook in hooks {
            let _ = writeln!(text, ":{} ACCEPT [0:0]", hook.chain_name());
        }
        text.push_str(":web - [0:0]\n:a - [0:0]\n:b - [0:0]\nCOMMIT\n");
    }
    // A base chain that got another name is one of nobody's.
    let options = RestoreOptions::new().counters(true).foreign(Foreign::Replace);
    let restored = iptables::restore(kernel, family, text.as_bytes(), &options);
    restored.expect("empty tables");
}

/// A save file through libfw.
fn restore(kernel: &Kernel, family: Family, options: &RestoreOptions, text: &str) -> (Said, String) {
    let (mut out, mut words) = (Vec::new(), String::new());
    let mut warn = |warning: &str| words += &format!("{warning}\n");
    let outcome = iptables::restore_to(kernel, family, text.as_bytes(), options, &mut out, &mut warn);
    let failed = outcome.map(|outcome| outcome == Outcome::Done);
    (spoken(failed.map(drop), words), String::from_utf8_lossy(&out).into_owned())
}

/// The same through iptables.
fn peer_restore(
    side: &Side,
    program: &str,
    options: &RestoreOptions,
    text: &str,
) -> io::Result<(Said, String)> {
    let mut command = side.place.command(program);
    for (given, flag) in
        [(options.counters, "-c"), (options.noflush, "-n"), (options.test, "-t"), (options.verbose, "-v")]
    {
        if given {
            command.arg(flag);
        }
    }
    if let Some(table) = &options.table {
        command.args(["-T", table]);
    }
    command.env("LC_ALL", "C").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    // It may have ended before it read everything.
    let _ = child.stdin.take().map(|mut input| input.write_all(text.as_bytes()));
    let output = child.wait_with_output()?;
    let words = unframed_all(&output.stderr);
    let status = output.status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(255);
    Ok((Said { status, words, ..Said::default() }, String::from_utf8_lossy(&output.stdout).into_owned()))
}

/// Plays sessions on nf_tables of the kernel and on those in memory: all that is done and said is the same.
pub fn in_memory(playground: &Playground, family: Family) -> io::Result<()> {
    let place = playground.namespace()?;
    let namespace = place.run(|| File::open("/proc/thread-self/ns/net"))?;
    let kernel = Kernel::in_netns_fd(namespace.into()).using(BackendKind::Nft);
    match kernel.open(family, "filter") {
        Err(error) if error.kind() == ErrorKind::BackendAbsent => {
            return Err(io::Error::new(io::ErrorKind::Unsupported, error));
        }
        _ => {}
    }
    let lines = Lines::new(seed() ^ 0x3e3, family);
    let mut maker = Maker { lines, spoil: 20 };
    let (mut wrong, mut done) = (String::new(), 0);
    let mut pair = [kernel.clone(), Kernel::new().using(BackendKind::MemoryNft)];
    let count = cases(1_000);
    for at in 0..count {
        if at % SESSION == 0 {
            pair[1] = Kernel::new().using(BackendKind::MemoryNft);
            for kernel in &pair {
                reset(kernel, family);
            }
        }
        let file = maker.once_in(4).then(|| maker.file());
        let words = if file.is_none() { maker.command() } else { Vec::new() };
        let noflush = maker.once_in(3);
        // What only a kernel can know.
        let asks =
            ["set", "SET", "helper", "timeout", "bpf", "cgroup", "path", "nfacct", "rateest", "IDLETIMER"];
        let line = file.clone().unwrap_or_else(|| words.join(" "));
        if asks.iter().any(|name| line.contains(name)) {
            continue;
        }
        let [ours, theirs] = pair.each_ref().map(|kernel| {
            let said = match &file {
                Some(text) => {
                    let options = RestoreOptions::new()
                        .noflush(noflush)
                        .counters(true)
                        .too_long(TooLong::Cut)
                        .foreign(Foreign::Replace);
                    restore(kernel, family, &options, text)
                }
                None => {
                    let args: Vec<&str> = words.iter().map(String::as_str).collect();
                    run(kernel, family, &args)
                }
            };
            (said.0.status, said.0.kind, said.1, saved(kernel, family))
        });
        done += usize::from(ours.0 == 0 && theirs.0 == 0);
        // Which extensions there are depends on the kernel, and what it has against a rule is found out before.
        let lacks = [&ours, &theirs].iter().any(|said| {
            matches!(
                said.1,
                Some(
                    ErrorKind::ExtensionUnavailable
                        | ErrorKind::InvalidRule
                        | ErrorKind::Kernel
                        | ErrorKind::NoSuchObject
                )
            )
        });
        if ours != theirs && !lacks {
            let _ = write!(wrong, "{line:?}\n  kernel {ours:?}\n  memory {theirs:?}\n");
        }
        if ours.3 != theirs.3 {
            for kernel in &pair {
                reset(kernel, family);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(done * 8 > count, "only {done} were done");
    Ok(())
}

/// Plays sessions on two namespaces that look the same.
pub fn play(playground: &Playground, family: Family) -> io::Result<()> {
    let twins = Twins::new(playground, family)?;
    let lines = Lines::new(seed() ^ 0x5e55, family);
    let mut maker = Maker { lines, spoil: 8 };
    let mut tally = Tally::new(&twins, known::SESSIONS);
    let count = cases(1_000);
    for at in 0..count {
        if at % SESSION == 0 {
            reset(&twins.ours.kernel, family);
            reset(&twins.theirs.kernel, family);
        }
        let (words, said, printed) = if maker.once_in(4) {
            let text = maker.file();
            let mut options = RestoreOptions::new().too_long(TooLong::Cut).foreign(Foreign::Replace);
            let random = &mut maker.lines.random;
            (options.counters, options.noflush) = (random.once_in(3), random.once_in(3));
            (options.test, options.verbose) = (random.once_in(10), random.once_in(10));
            options.table = random.once_in(12).then(|| "filter".to_owned());
            let ours = restore(&twins.ours.kernel, family, &options, &text);
            let theirs = peer_restore(&twins.theirs, &format!("{}-restore", twins.program), &options, &text)?;
            (vec![format!("{options:?}"), text], [ours.0, theirs.0], [ours.1, theirs.1])
        } else {
            let words = maker.command();
            let args: Vec<&str> = words.iter().map(String::as_str).collect();
            let ours = twins.ours.libfw(family, &args);
            let theirs = twins.theirs.iptables(&twins.program, &args);
            (words, [ours.0, theirs.0], [ours.1, theirs.1])
        };
        tally.lines += 1;
        tally.accepted += usize::from(said.iter().all(|said| said.status == 0));
        let states = [&twins.ours, &twins.theirs].map(|side| state(side, family));
        let line = Line { family, table: "", chain: "", words };
        let shown = [0, 1].map(|side| format!("{}: {}", said[side].status, said[side].words));
        let alike = (said[0].status == 0) == (said[1].status == 0);
        let mut pairs = vec![(if alike { "says" } else { "accepts" }, shown)];
        let together = states[0] == states[1];
        if pairs[0].1[0] == pairs[0].1[1] {
            pairs.extend([("state", states), ("prints", printed)]);
        }
        // Older versions say much in other words.
        let told = |what: &str| twins.modern || matches!(what, "accepts" | "state");
        let differing = pairs.into_iter().filter(|(what, [ours, theirs])| ours != theirs && told(what));
        let found = differing.map(|(what, [ours, theirs])| {
            let (line, said) = (line.clone(), said.clone());
            Difference { line, what, ours, theirs, said }
        });
        let found: Vec<_> = found.collect();
        // What one has done and the other not may show later, as a chain that was renamed.
        if !together || !alike {
            reset(&twins.ours.kernel, family);
            reset(&twins.theirs.kernel, family);
        }
        tally.sort(found);
    }
    tally.verdict(count / 5)
}
