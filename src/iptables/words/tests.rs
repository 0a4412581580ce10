//! Every sentence of libfw's own and of iptables, beside each other, in `tests/sentences.txt`.

use std::collections::BTreeSet;
use std::fmt::{Debug, Display, Write as _};

use super::{warning_words, words_in};
use crate::error::{
    BadEdit, BadFile, BadJson, BadLine, BadNft, BadProgram, BadTable, BadTest, BadValue, Failure, Malformed,
    Misfit, Mistake, NftChange, Refused, Step, Unsayable, Warning, WhyNot,
};
use crate::ext::{self, Opt};
use crate::{BackendKind, Error, Family};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sentences.txt");

/// The variants of a mistake that have a group of their own.
const PARTS: &[&str] = &[
    "Value",
    "Misfit",
    "Refused",
    "Malformed",
    "Line",
    "File",
    "Json",
    "Edit",
    "Failure",
    "Unsayable",
    "Nft",
];

/// `UPDATE=1` writes the file anew.
#[test]
fn every_sentence_is_as_it_was() {
    let found = sentences();
    if std::env::var_os("UPDATE").is_some() {
        return std::fs::write(PATH, found).expect("a file that can be written");
    }
    let known = std::fs::read_to_string(PATH).unwrap_or_default();
    let changed: Vec<_> = found.lines().filter(|line| !known.lines().any(|known| known == *line)).collect();
    let gone: Vec<_> = known.lines().filter(|line| !found.lines().any(|found| found == *line)).collect();
    assert!(
        found == known,
        "new or changed: {changed:#?}\ngone: {gone:#?}\nUPDATE=1 writes tests/sentences.txt"
    );
}

fn sentences() -> String {
    let mut out = String::from(
        "# Everything that can be wrong, in libfw's words and in those of iptables with its exit status.\n\
         # Made by the test iptables::words; src/error has the first, src/iptables/words the second.\n",
    );
    let value = |expected| Mistake::Value { value: "VALUE".into(), expected };
    group(&mut out, "Values of options", BadValue::samples(), value);
    let program = |fault| value(BadValue::Program(fault));
    group(&mut out, "Programs of bpf", BadProgram::samples(), program);
    let test = |fault| value(BadValue::Test { at: 5, fault });
    group(&mut out, "Programs of u32", BadTest::samples(), test);
    group(&mut out, "Options of an extension", Misfit::samples(), Mistake::from);
    group(&mut out, "What the kernel would refuse", Refused::samples(), Mistake::from);
    group(&mut out, "Data of an extension", Malformed::samples(), Mistake::from);
    group(&mut out, "The bytes of a table", BadTable::samples(), |bad| Malformed::Table(bad).into());
    group(&mut out, "Lines", BadLine::samples(), Mistake::from);
    group(&mut out, "Save files and commands", BadFile::samples(), Mistake::from);
    group(&mut out, "JSON", BadJson::samples(), Mistake::from);
    group(&mut out, "Edits", BadEdit::samples(), Mistake::from);
    group(&mut out, "The kernel and the system", Failure::samples(), Mistake::from);
    group(&mut out, "What nf_tables cannot say", Unsayable::samples(), Mistake::from);
    group(&mut out, "nf_tables", BadNft::samples(), Mistake::from);
    head(&mut out, "Changes that nf_tables refuses");
    for change in NftChange::samples() {
        let bad = BadNft::Change { why: WhyNot::Rule };
        let error = in_place(bad.into())
            .in_chain("CHAIN")
            .changing(change)
            .because(std::io::Error::from_raw_os_error(libc::EINVAL));
        entry(&mut out, &format!("{change:?}"), error.message(), &said(&error));
    }
    let mut others = Mistake::samples();
    others.retain(|mistake| !PARTS.contains(&&*name(mistake)));
    group(&mut out, "Others", others, |mistake| mistake);
    steps(&mut out);
    warnings(&mut out);
    tables(&mut out);
    out
}

fn head(out: &mut String, title: &str) {
    let _ = writeln!(out, "\n## {title}");
}

/// The variant of a value.
fn name(value: &impl Debug) -> String {
    let text = format!("{value:?}");
    text.split([' ', '(', '{']).next().unwrap_or_default().to_owned()
}

/// A sentence of each; the same once in a group.
fn entry(out: &mut String, name: &str, own: impl Display, said: &[(u8, String)]) {
    let own = own.to_string();
    let mut block = format!("{name}\n  libfw: {own}\n");
    // Of two programs that say the same one is enough.
    let differ = said.len() > 1 && said[0] != said[1];
    let of = said.iter().zip(["iptables", "iptables-nft"]).take(1 + usize::from(differ));
    for ((status, words), program) in of {
        let words =
            if *words == own { "-".into() } else { format!("{status} {}", words.replace('\n', "\\n")) };
        let _ = writeln!(block, "  {program}: {words}");
    }
    let group = out.rfind("\n## ").unwrap_or_default();
    if !out[group..].contains(&block) {
        *out += &block;
    }
}

/// What iptables-legacy says about a mistake, and what iptables-nft does.
fn said(error: &Error) -> Vec<(u8, String)> {
    [BackendKind::Legacy, BackendKind::Nft]
        .map(|backend| {
            let (status, text) = words_in(error, None, Some(backend));
            (status, text.into_owned())
        })
        .to_vec()
}

fn group<T: Debug>(out: &mut String, title: &str, samples: Vec<T>, mistake: impl Fn(T) -> Mistake) {
    head(out, title);
    // The two of a variant beside each other.
    let errors: Vec<_> =
        samples.into_iter().map(|sample| (name(&sample), in_place(mistake(sample)))).collect();
    for (variant, _) in &errors[..errors.len() / 2] {
        for (_, error) in errors.iter().filter(|(known, _)| known == variant) {
            entry(out, variant, error.message(), &said(error));
        }
    }
}

/// The error with what surrounds it: an option without words of its own.
fn in_place(mistake: Mistake) -> Error {
    Error::from(mistake).in_family(Family::Ipv4).in_table("TABLE").in_extension("limit").at_option("limit")
}

/// What iptables-restore says at each step, of a mistake with each exit status.
fn steps(out: &mut String) {
    head(out, "Steps of a save file");
    for step in Step::samples() {
        let mistakes: [Mistake; 4] = [
            BadEdit::NoSuchChain { meant: None }.into(),
            BadLine::NoCommand.into(),
            Failure::NoSuchTable { meant: None }.into(),
            BadEdit::ChainExists { renamed: false }.into(),
        ];
        for mistake in mistakes {
            let error = in_place(mistake).during(step.clone());
            entry(out, &name(&step), error.message(), &said(&error));
        }
    }
}

fn warnings(out: &mut String) {
    head(out, "Warnings");
    for warning in Warning::samples() {
        entry(out, &name(&warning), &warning, &[(0, warning_words(&warning))]);
    }
}

/// The sentences that stand in the tables of options.
fn tables(out: &mut String) {
    head(out, "Words of iptables in the tables of extensions");
    let mut seen = BTreeSet::new();
    for extension in ext::all() {
        let mut show = |what: &str, option: &str, words: Option<&str>| {
            if let Some(words) = words
                && seen.insert((extension.name, option.to_owned(), words.to_owned()))
            {
                let _ =
                    writeln!(out, "{} {option}\n  {what}: {}", extension.name, words.replace('\n', "\\n"));
            }
        };
        show("none given", "", extension.needs.map(|needs| needs.words));
        for opt in extension.options {
            let Opt { name, once, not_inverted, misread, deprecated, .. } = opt;
            show("twice", name, *once);
            show("inverted", name, *not_inverted);
            show("misread", name, *misread);
            show("old name", name, deprecated.map(|(_, words)| words));
        }
    }
}

/// The words are found by the names of extension and option, so these are unique in a family.
#[test]
fn extensions_and_options_are_found_by_name() {
    let mut names = BTreeSet::new();
    for extension in ext::all() {
        for family in extension.families.iter() {
            assert!(names.insert((extension.name, family)), "{extension:?}");
        }
        for opt in extension.options {
            for name in opt.names() {
                assert!(std::ptr::eq(extension.option(name).unwrap(), opt), "{extension:?}: {name}");
            }
        }
    }
}

/// Errors are passed about by the million while texts are read, and most are never shown.
#[test]
fn an_error_is_one_pointer_wide() {
    assert_eq!(size_of::<Error>(), size_of::<usize>());
    assert!(size_of::<BadValue>() <= 64, "{}", size_of::<BadValue>());
}
