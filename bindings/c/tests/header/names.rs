//! The names of matches, targets, options and values as constants of C, from the option tables.

use std::collections::BTreeMap;
use std::fmt::Write;

use libfw::Family;
use libfw::ext::{self, Extension, ExtensionKind, Form, Opt};

/// What stands above them.
const ABOVE: &str = "
/*
 * The names that functions take, as constants: a name that does not exist does not compile. FW_MATCH_TCP is `\"tcp\"`,
 * FW_TCP_DPORT its option `\"dport\"`. Where an option has names for its value, they are strings for one name, such as
 * FW_REJECT_WITH_TCP_RESET, and bits where several may stand together, such as FW_CONNTRACK_STATE_NEW.
 */
";

/// All of them.
pub fn all() -> String {
    let mut names = Names::default();
    names.text += ABOVE;
    names.heading("Verdicts.");
    for verdict in ["ACCEPT", "DROP", "QUEUE", "RETURN"] {
        names.add(&["TARGET", verdict], &quoted(verdict), "");
    }
    names.heading("Tables.");
    for table in ["filter", "nat", "mangle", "raw", "security"] {
        names.add(&["TABLE", table], &quoted(table), "");
    }
    for extension in ext::all() {
        names.extension(extension);
    }
    names.text
}

#[derive(Default)]
struct Names {
    text: String,
    /// The names that there are, and what they stand for.
    known: BTreeMap<String, String>,
}

impl Names {
    fn heading(&mut self, heading: &str) {
        let _ = write!(self.text, "\n/* {heading} */\n");
    }

    /// A constant. The same name for the same is written once; for something else it is a mistake in the tables.
    fn add(&mut self, parts: &[&str], value: &str, about: &str) {
        let name = identifier(parts);
        match self.known.get(&name) {
            Some(known) => assert_eq!(known, value, "{name} stands for two things"),
            None => {
                let about = if about.is_empty() { String::new() } else { format!(" /**< {about} */") };
                let _ = writeln!(self.text, "#define {name} {value}{about}");
                self.known.insert(name, value.to_owned());
            }
        }
    }

    fn extension(&mut self, extension: &Extension) {
        let (kind, of) = match extension.kind {
            ExtensionKind::Match => ("MATCH", "match"),
            ExtensionKind::Target => ("TARGET", "target"),
        };
        self.heading(&format!("The {of} {}: {}", extension.name, first_line(extension.description)));
        self.add(&[kind, extension.name], &quoted(extension.name), "");
        for opt in extension.options {
            self.option(extension, opt);
        }
    }

    fn option(&mut self, extension: &Extension, opt: &Opt) {
        // The extension is named already.
        let names = std::iter::once(&extension.name).chain(extension.aliases);
        let mut rests = names
            .filter_map(|name| opt.field.strip_prefix(name.to_ascii_lowercase().as_str())?.strip_prefix('_'));
        let field = rests.next().unwrap_or(opt.field);
        let about = format!("{}{}", synopsis(opt), first_line(opt.description));
        self.add(&[extension.name, field], &quoted(opt.name), &about);
        if several(opt) {
            for (at, choice) in opt.kind.choices.iter().enumerate() {
                self.add(&[extension.name, field, choice], &format!("(UINT64_C(1) << {at})"), "");
            }
            return;
        }
        // Where a value has two words, or names and what belongs to them, no name is one by itself.
        for family in Family::ALL.into_iter().filter(|_| opt.words < 2) {
            for choice in opt.values(family).names {
                self.add(&[extension.name, field, choice.name], &quoted(choice.name), "");
            }
        }
    }
}

/// Whether some of the choices of an option may stand together.
fn several(opt: &Opt) -> bool {
    opt.kind.form == Form::List || opt.kind.label == "MASK SET"
}

/// What the option takes, for the comment.
fn synopsis(opt: &Opt) -> String {
    match (opt.negatable, opt.kind.label) {
        (true, "") => "[!] ".into(),
        (false, "") => String::new(),
        (true, label) => format!("[!] {label}: "),
        (false, label) => format!("{label}: "),
    }
}

fn first_line(comment: &str) -> String {
    let text: String = comment.trim().split("\n\n").next().unwrap_or_default().replace('\n', " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace("*/", "* /")
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

fn identifier(parts: &[&str]) -> String {
    let mut name = "FW".to_owned();
    for part in parts {
        name.push('_');
        name.extend(part.chars().map(|letter| match letter.is_ascii_alphanumeric() {
            true => letter.to_ascii_uppercase(),
            false => '_',
        }));
    }
    name
}
