//! What is known to differ, with the reason.

use super::program::Program;
use super::*;

/// A difference that was seen.
struct Difference {
    version: String,
    what: &'static str,
    line: Line,
    /// The rule of the line.
    rule: String,
    ours: String,
    theirs: String,
}

impl Difference {
    /// Whether the rule has one of the words.
    fn has<const N: usize>(&self, words: [&str; N]) -> bool {
        words.iter().any(|word| self.rule.contains(word))
    }
}

/// The differences of a run.
#[derive(Default)]
pub(super) struct Seen {
    excused: BTreeMap<&'static str, usize>,
    /// Rules that libfw prints in other words than iptables 1.8.11, though they are the same.
    words: usize,
    /// Lines that mean another rule to iptables than to libfw.
    meanings: usize,
    unexplained: Vec<Difference>,
}

impl Seen {
    pub(super) fn add(
        &mut self,
        program: &Program,
        what: &'static str,
        item: &Item,
        ours: &str,
        theirs: &str,
    ) {
        let difference = Difference {
            version: program.version.clone(),
            what,
            line: item.line.clone(),
            rule: item.rule.to_string(),
            ours: ours.to_owned(),
            theirs: theirs.to_owned(),
        };
        match KNOWN.iter().find(|(_, applies)| applies(&difference)) {
            Some((reason, _)) => *self.excused.entry(reason).or_default() += 1,
            None => self.unexplained.push(difference),
        }
    }

    /// A rule in other words. They are compared elsewhere, with iptables-legacy; the rule is the same here.
    pub(super) fn words(&mut self, program: &Program, item: &Item, ours: &str, theirs: &str) {
        self.words += 1;
        explain(program, item, ours, theirs);
    }

    /// A line that is another rule to iptables. So are lines compared, with iptables-legacy.
    pub(super) fn meaning(&mut self, program: &Program, item: &Item, ours: &str, theirs: &str) {
        self.meanings += 1;
        explain(program, item, ours, theirs);
    }

    pub(super) fn verdict(self, lines: usize, programs: usize) {
        let mut report = format!("{lines} lines, {programs} versions\n");
        let _ = writeln!(report, "{:6} rules in other words than iptables has for them", self.words);
        let _ = writeln!(report, "{:6} lines that are another rule to iptables", self.meanings);
        for (reason, times) in &self.excused {
            let _ = writeln!(report, "{times:6} {reason}");
        }
        for Difference { version, what, line, ours, theirs, .. } in &self.unexplained {
            let Line { place: (table, chain), words } = line;
            let _ = writeln!(
                report,
                "{version} {what}: -t {table} -A {chain} {words:?}\n  ours   {ours}\n  theirs {theirs}"
            );
        }
        if let Some(path) = std::env::var_os("LIBFW_TEST_REPORT") {
            std::fs::write(path, &report).expect("the report");
        }
        assert!(
            self.unexplained.is_empty(),
            "{report}{} differences that are not known",
            self.unexplained.len()
        );
        // Not that a difference in every second rule goes unnoticed.
        let most = lines * programs / 20;
        assert!(self.words <= most && self.meanings <= most, "{report}more than one in twenty");
    }
}

fn explain(program: &Program, item: &Item, ours: &str, theirs: &str) {
    if std::env::var_os("LIBFW_TEST_WORDS").is_some() {
        eprintln!("{} {:?}\n  ours   {ours}\n  theirs {theirs}", program.version, item.line);
    }
}

type Known = (&'static str, fn(&Difference) -> bool);

const KNOWN: &[Known] = &[
    ("1.8.9 writes two inverted ports as one comparison, which is true unless both are equal", |it| {
        it.what == "reads" && it.version == "1.8.9" && it.has(["! --sport"]) && it.has(["! --dport"])
    }),
    ("of two tests of a port in as many matches, 1.8.11 shows and looks for the last", |it| {
        it.what != "reads" && it.rule.matches("--dport").count().max(it.rule.matches("--sport").count()) > 1
    }),
    ("what iptables leaves behind an IPv4 mask depends on how a full mask was written", |it| {
        let full = |word: &String| word.ends_with("/32") || word.starts_with("--hmark-tuple");
        it.what == "deletes ours" && it.line.words.iter().any(full)
    }),
    ("1.8.7 writes `-i +` in a way that it does not look for without", |it| {
        it.version == "1.8.7"
            && it.what.starts_with("deletes")
            && it.line.words.iter().any(|word| word == "+")
    }),
    ("a prefix for NFLOG of more than 63 bytes has no room in an entry", |it| {
        it.what == "reads" && it.line.words.iter().any(|word| word.len() > 63)
    }),
];
