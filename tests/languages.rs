//! LANGUAGES.md against the public interfaces: what a language has stands there, in a row that says what the others have for
//! it or why they have nothing, and what stands there is public.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The columns of a row, behind what it is about.
const LANGUAGES: [&str; 3] = ["Rust", "C", "Python"];

/// What is listed elsewhere: types of matches and targets, made from the option tables, and what only backends are made of.
const ELSEWHERE: [&str; 4] = ["::matches", "::targets", "::backend", "::ext::Host"];

/// Modules whose types are listed by their names alone, for they are values.
const VALUES: [&str; 2] = ["libfw::ext::values::", "libfw::json::"];

/// The modules that `libfw` of Python is made of, and the errors. Their names are the same in all.
const PYTHON: [&str; 6] =
    ["_libfw.pyi", "_parts.py", "_values.py", "_sandbox.py", "errors.pyi", "__init__.py"];

type Names = BTreeSet<String>;

#[test]
fn every_capability_is_shown_in_every_language() {
    let page = read("LANGUAGES.md");
    let interfaces = [rust(), c(), python()];
    let mut shown: [Names; 3] = Default::default();
    let mut wrong = Vec::new();
    for row in page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| | ")) {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [about, languages @ .., command] = cells.as_slice() else { panic!("{row}") };
        assert_eq!(languages.len(), LANGUAGES.len(), "a cell for each language: {row}");
        for (language, cell) in languages.iter().enumerate() {
            let lacks = cell.strip_prefix("— ").or_else(|| cell.strip_prefix("**Gap:** "));
            if lacks.is_some_and(|reason| reason.len() < 5) || lacks.is_none() && !cell.contains('`') {
                wrong.push(format!("{about}: {} has neither a name nor a reason", LANGUAGES[language]));
            }
            for name in code(cell).filter(|name| is_name(language, name)) {
                if !interfaces[language].known.contains(name) {
                    wrong.push(format!("{about}: {name} is no public name in {}", LANGUAGES[language]));
                }
                if lacks.is_none() {
                    shown[language].insert(name.to_owned());
                }
            }
        }
        wrong.extend(
            code(command).filter(|name| !command_has(name)).map(|name| format!("there is no {name}")),
        );
    }
    for ((language, interface), shown) in LANGUAGES.iter().zip(&interfaces).zip(&shown) {
        assert!(interface.wanted.len() > 100, "the interface of {language} is read");
        let missing = interface.wanted.difference(shown);
        wrong.extend(missing.map(|name| format!("{name} of {language} is in no row")));
    }
    assert!(wrong.is_empty(), "LANGUAGES.md is not what the interfaces are:\n{}", wrong.join("\n"));
}

struct Interface {
    /// What a cell may name.
    known: Names,
    /// What some row has to name.
    wanted: Names,
}

fn read(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What stands between backticks.
fn code(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter == '_' || letter.is_ascii_alphanumeric())
}

/// Whether code is a name that can be looked up, and no expression.
fn is_name(language: usize, code: &str) -> bool {
    match language {
        0 => code == "not" || code.contains("::") && code.split("::").all(is_word),
        1 => is_word(code) && code.to_ascii_lowercase().starts_with("fw_"),
        _ => code.split('.').all(is_word),
    }
}

/// Functions, methods and fields, as `Type::name` or `module::name`.
fn rust() -> Interface {
    let text = read("tests/public.txt");
    let (mut known, mut wanted, mut item) = (Names::new(), Names::new(), "");
    for line in text.lines() {
        if !line.starts_with(' ') {
            item = line;
        }
        let mut path = item.rsplit("::");
        let (name, module) = (path.next().unwrap_or_default(), path.next().unwrap_or_default());
        if VALUES.iter().any(|values| item.starts_with(values)) {
            let listed = format!("{module}::{name}");
            known.insert(listed.clone());
            wanted.insert(listed);
            continue;
        }
        let declared = line.trim_start().trim_start_matches("#[must_use] ").trim_start_matches("pub ");
        let declared = declared.trim_start_matches("const ").trim_start_matches("unsafe ");
        let function = declared.strip_prefix("fn ").filter(|_| line.trim_start().starts_with("pub "));
        let field = line.strip_prefix("        pub ");
        if let Some((constant, _)) = declared.split_once(": ") {
            known.insert(format!("{name}::{constant}"));
        }
        let Some(member) = function.or(field).and_then(|rest| rest.split(['(', '<', ':']).next()) else {
            continue;
        };
        let listed = match member == name && function.is_some() {
            true if module == "libfw" => name.to_owned(),
            true => format!("{module}::{name}"),
            false => format!("{name}::{member}"),
        };
        known.insert(listed.clone());
        if !ELSEWHERE.iter().any(|other| item.contains(other)) {
            wanted.insert(listed);
        }
    }
    known.extend(["matches::Tcp", "targets::Log"].map(str::to_owned));
    Interface { known, wanted }
}

/// Functions; other names of the header may be shown too.
fn c() -> Interface {
    let words = |text: &str| -> Names {
        let words = text.split(|letter: char| !(letter == '_' || letter.is_ascii_alphanumeric()));
        words.filter(|word| word.to_ascii_lowercase().starts_with("fw_")).map(str::to_owned).collect()
    };
    let functions = read("bindings/c/abi.txt");
    let functions = functions.lines().filter_map(|line| line.split_once('(').filter(|_| line.ends_with(';')));
    let wanted = functions.filter_map(|(head, _)| head.rsplit([' ', '*']).next()).map(str::to_owned);
    let wanted = wanted.filter(|name| name.starts_with("fw_")).collect();
    Interface { known: words(&read("include/libfw.h")), wanted }
}

/// The public classes with their attributes, and the functions, that the package gives on.
fn python() -> Interface {
    let mut classes: BTreeMap<String, (String, Names)> = BTreeMap::new();
    let (mut given, mut functions) = (Names::new(), Names::new());
    for file in PYTHON {
        let text = read(&format!("python/libfw/{file}"));
        let (mut class, mut is_text) = (None, false);
        for line in text.lines() {
            // What stands in documentation declares nothing.
            let quotes = line.matches("\"\"\"").count();
            is_text ^= quotes == 1;
            if is_text || quotes > 0 {
                continue;
            }
            if let Some(rest) = line.strip_prefix("class ") {
                let (name, bases) =
                    rest.trim_end_matches(['.', ' ', ':', ')']).split_once('(').unwrap_or((rest, ""));
                let name = name.trim_end_matches(':').to_owned();
                classes.entry(name.clone()).or_default().0 = bases.to_owned();
                class = Some(name);
            } else if !line.starts_with([' ', '@', ')']) && !line.is_empty() {
                class = None;
            }
            let inside = line.strip_prefix("    ");
            let declared = inside.unwrap_or(line);
            let function = declared.strip_prefix("def ").and_then(|rest| rest.split('(').next());
            let attribute = declared.split_once(": ").map(|(name, _)| name).filter(|name| is_word(name));
            match (&class, inside, function.or(attribute)) {
                (Some(class), Some(_), Some(name)) => {
                    classes.entry(class.clone()).or_default().1.insert(name.to_owned());
                }
                (None, None, Some(name)) => {
                    functions.insert(name.to_owned());
                }
                _ => {}
            }
            if let Some((_, name)) =
                line.trim_start().split_once(" import ").filter(|_| file == "__init__.py")
            {
                given.extend(name.split(" as ").next().map(str::to_owned));
            }
        }
    }
    let is_public = |name: &&String| !name.starts_with('_');
    let mut known: Names = functions.union(&given).cloned().collect();
    let mut wanted: Names = functions.intersection(&given).filter(is_public).cloned().collect();
    for name in classes.keys() {
        known.insert(name.clone());
        known.insert(format!("errors.{name}"));
        let mut class = name;
        while let Some((bases, members)) = classes.get(class) {
            known.extend(members.iter().map(|member| format!("{name}.{member}")));
            // What is inherited from another public class is shown there.
            let is_given =
                |class: &String| given.contains(class) && class != "SyntaxError" || class == "Error";
            if is_given(name) && (class == name || !is_given(class)) {
                wanted.extend(members.iter().filter(is_public).map(|member| format!("{name}.{member}")));
            }
            let base = bases.split(", ").find(|base| classes.contains_key(*base));
            match base.and_then(|base| classes.get_key_value(base)) {
                Some((base, _)) => class = base,
                None => break,
            }
        }
    }
    for module in ["matches", "targets"] {
        let text = read(&format!("python/libfw/{module}.pyi"));
        let classes = text.lines().filter_map(|line| line.strip_prefix("class ")?.split('(').next());
        let mut names: Names = classes.map(str::to_owned).collect();
        names.insert("Opaque".to_owned());
        for name in &names {
            known.insert(format!("{module}.{name}"));
            known.extend(["name", "from_options"].map(|member| format!("{module}.{name}.{member}")));
        }
    }
    let module: Vec<_> = known.iter().map(|name| format!("libfw.{name}")).collect();
    known.extend(module);
    known.insert("libfw.iptc".to_owned());
    Interface { known, wanted }
}

/// Whether `fw` has a command, if that is what code names.
fn command_has(code: &str) -> bool {
    let mut words = code.split(' ');
    let (Some("fw"), Some(name)) = (words.next(), words.next()) else { return true };
    let menu = read("src/bin/fw/menu.rs");
    let option =
        |word: &str| word.strip_prefix("--").is_none_or(|word| menu.contains(&format!("\"{word}\"")));
    menu.contains(&format!("name: \"{name}\"")) && words.all(option)
}
