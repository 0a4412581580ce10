//! `include/libfw.h` is what cbindgen makes of this crate. `UPDATE=1 cargo test -p libfw-c` writes it anew.

use std::path::Path;

#[test]
fn header_is_up_to_date() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = here.join("../../include/libfw.h");
    let config = cbindgen::Config::from_file(here.join("cbindgen.toml")).expect("cbindgen.toml");
    let bindings =
        cbindgen::Builder::new().with_crate(here).with_config(config).generate().expect("bindings");
    let mut header = Vec::new();
    bindings.write(&mut header);
    let header = plain(&String::from_utf8(header).expect("a header in UTF-8"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &header).expect("write the header");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == header, "{} is out of date: run UPDATE=1 cargo test -p libfw-c", path.display());
}

/// The longest line of a prototype.
const WIDTH: usize = 100;

/// Writes the types of the crate's edge as the pointers and enumerations that they are in C.
fn plain(header: &str) -> String {
    let header = unwrap(header, "Number<", "");
    let header = unwrap(&header, "Out<", "*");
    let mut out = String::new();
    let mut lines = header.lines();
    while let Some(line) = lines.next() {
        let mut text = line.to_owned();
        if line.starts_with(|first: char| first.is_ascii_lowercase()) && line.contains('(') {
            while !text.ends_with(';') {
                text.push_str(lines.next().expect("the end of a prototype"));
            }
            text = prototype(&text);
        }
        out += &text;
        out.push('\n');
    }
    out
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

/// One way to write a prototype: the names of types alone, a `*` at what it points to, lines that are not too long.
fn prototype(text: &str) -> String {
    let text = text.replace("struct ", "").replace("enum ", "").replace('*', " * ");
    let mut tidy = String::new();
    for word in text.split_whitespace() {
        if !(tidy.is_empty() || tidy.ends_with(['*', '(']) && word != ")") {
            tidy.push(' ');
        }
        tidy += word;
    }
    if tidy.len() <= WIDTH {
        return tidy;
    }
    let (head, arguments) = tidy.split_once('(').expect("arguments");
    let margin = " ".repeat(head.len() + 1);
    format!("{head}({}", arguments.replace(", ", &format!(",\n{margin}")))
}
