//! `src/status.rs` is what the kinds of errors are, `include/libfw.h` what cbindgen makes of this crate, and `abi.txt` what programs
//! are compiled with. `UPDATE=1 cargo test -p libfw-c` writes them anew.

mod names;
mod status;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

#[test]
fn header_and_abi_are_up_to_date() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    is_up_to_date(&here.join("src/status.rs"), &status::file());
    let config = cbindgen::Config::from_file(here.join("cbindgen.toml")).expect("cbindgen.toml");
    let bindings =
        cbindgen::Builder::new().with_crate(here).with_config(config).generate().expect("bindings");
    let mut header = Vec::new();
    bindings.write(&mut header);
    let header = plain(&String::from_utf8(header).expect("a header in UTF-8"));
    is_up_to_date(&here.join("../../include/libfw.h"), &header);
    let told = told_but_missing(&header);
    assert!(told.is_empty(), "comments of the header name what it does not have: {told:?}");
    let abi = Command::new(here.join("../../tests/c/abi")).output().expect("a shell");
    let said = String::from_utf8_lossy(&abi.stdout) + String::from_utf8_lossy(&abi.stderr);
    assert!(abi.status.success(), "{said}");
}

/// Compares a file with what it should be, or writes it.
fn is_up_to_date(path: &Path, text: &str) {
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, text).expect("write the file");
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == text, "{} is out of date: run make generated", path.display());
}

/// What comments name by a name of this library that the header does not declare.
fn told_but_missing(header: &str) -> Vec<String> {
    let names = |text: &str| -> BTreeSet<String> {
        let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        // `FW_POSITION_` and `fw_` stand for all that begin so.
        let ours = |word: &&str| word.to_ascii_lowercase().starts_with("fw_") && !word.ends_with('_');
        words.filter(ours).map(str::to_owned).collect()
    };
    let (mut told, mut declared) = (String::new(), String::new());
    for piece in header.split("/*").flat_map(|piece| match piece.split_once("*/") {
        Some((comment, code)) => [(true, comment), (false, code)],
        None => [(true, ""), (false, piece)],
    }) {
        let place = if piece.0 { &mut told } else { &mut declared };
        place.push_str(piece.1);
        place.push(' ');
    }
    names(&told).difference(&names(&declared)).cloned().collect()
}

/// The longest line of a prototype.
const WIDTH: usize = 100;

/// Where the functions begin and end.
const FUNCTIONS: [&str; 2] =
    ["extern \"C\" {\n#endif // __cplusplus\n", "#ifdef __cplusplus\n}  // extern \"C\""];

/// Writes the types of the crate's edge as the pointers and enumerations that they are in C, gives the functions their
/// attributes, and fills in the version.
fn plain(header: &str) -> String {
    let header = unwrap(header, "Number<", "");
    let header = unwrap(&header, "Out<", "*");
    let header = header
        .replace("@MAJOR@", env!("CARGO_PKG_VERSION_MAJOR"))
        .replace("@MINOR@", env!("CARGO_PKG_VERSION_MINOR"))
        .replace("@PATCH@", env!("CARGO_PKG_VERSION_PATCH"))
        .replace("@LOCK_PATH@", libfw::LockPolicy::PATH);
    let (types, rest) = header.split_once(FUNCTIONS[0]).expect("the beginning of the functions");
    let (functions, end) = rest.split_once(FUNCTIONS[1]).expect("the end of the functions");
    let functions: Vec<_> =
        functions.split("\n\n").filter(|text| !text.trim().is_empty()).map(function).collect();
    // Those that free stand first, because attributes of the others name them.
    let frees = |text: &String| text.rsplit("*/\n").next().is_some_and(|text| text.contains("_free("));
    let (free, others): (Vec<_>, Vec<_>) = functions.into_iter().partition(frees);
    let types = types.replace("(struct ", "(").replace(", struct ", ", ");
    // Before the functions, which begin in C++ with a line of their own.
    let (types, guard) = types.rsplit_once("#ifdef __cplusplus").expect("the guard of the functions");
    let names = names::all();
    let functions = [free, others].concat().join("\n\n");
    format!("{types}{names}\n#ifdef __cplusplus{guard}{}\n{functions}\n\n{}{end}", FUNCTIONS[0], FUNCTIONS[1])
}

/// A comment and its prototype.
fn function(text: &str) -> String {
    let (comment, text) = text.trim().split_once("*/\n").expect("a comment before a function");
    let tidy = prototype(text);
    format!("{comment}*/\n{};", wrapped(&format!("{}{}", tidy.trim_end_matches(';'), attributes(&tidy))))
}

/// What compilers can know of a function.
fn attributes(prototype: &str) -> String {
    let (head, arguments) = prototype.split_once('(').expect("arguments");
    let (result, name) = head.rsplit_once([' ', '*']).expect("a result");
    let mut attributes = String::new();
    if head.contains('*') && !head.starts_with("const") {
        let kind = result.trim_end_matches(['*', ' ']);
        let free = if kind == "char" { "fw_string_free".to_owned() } else { format!("{kind}_free") };
        attributes += &format!(" FW_OWNED({free})");
    } else if result == "fw_status" && name != "fw_error_status" {
        attributes += " FW_CHECKED";
    }
    // Kernels, reports and counters may be NULL, and an error or a list that is NULL is an empty one.
    let kinds = [
        "fw_table *",
        "fw_rules *",
        "fw_rule *",
        "fw_builder *",
        "fw_part *",
        "fw_extension *",
        "fw_option *",
    ];
    let handles: Vec<_> = arguments
        .split(", ")
        .enumerate()
        .filter(|(_, argument)| {
            let argument = argument.trim_start_matches("const ");
            kinds.iter().any(|kind| argument.starts_with(kind)) && argument.matches('*').count() == 1
        })
        .map(|(index, _)| (index + 1).to_string())
        .collect();
    if !(handles.is_empty() || name.ends_with("_free")) {
        attributes += &format!(" FW_NONNULL({})", handles.join(", "));
    }
    attributes
}

/// Puts what stands in the angle brackets after `open` in their place, with `suffix`.
fn unwrap(header: &str, open: &str, suffix: &str) -> String {
    let mut out = String::new();
    let mut rest = header;
    while let Some((before, after)) = rest.split_once(open) {
        let (inner, after) = after.split_once('>').expect("a closing bracket");
        out.push_str(&format!("{before}{inner}{suffix}"));
        rest = after;
    }
    out + rest
}

/// One way to write a prototype: the names of types alone, a `*` at what it points to.
fn prototype(text: &str) -> String {
    let text = text.replace("struct ", "").replace("enum ", "").replace('*', " * ");
    let mut tidy = String::new();
    for word in text.split_whitespace() {
        if !(tidy.is_empty() || tidy.ends_with(['*', '(']) && word != ")") {
            tidy.push(' ');
        }
        tidy += word;
    }
    tidy
}

/// A prototype in lines that are not too long.
fn wrapped(prototype: &str) -> String {
    if prototype.len() < WIDTH {
        return prototype.to_owned();
    }
    let (declaration, attributes) = prototype.split_at(prototype.find(')').expect("arguments") + 1);
    let mut out = declaration.to_owned();
    if declaration.len() >= WIDTH {
        let (head, arguments) = declaration.split_once('(').expect("arguments");
        let margin = " ".repeat(head.len() + 1);
        out = format!("{head}({}", arguments.replace(", ", &format!(",\n{margin}")));
    }
    if !attributes.is_empty() {
        out += &format!("\n   {attributes}");
    }
    out
}
