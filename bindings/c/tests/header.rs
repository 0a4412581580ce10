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

/// Writes the types of the crate's edge as the pointers and enumerations that they are in C.
fn plain(header: &str) -> String {
    let header = unwrap(header, "Number<", "");
    let header = unwrap(&header, "Out<", " *");
    header.replace("* *", "**").replace("* const", "*const").replace("const char * ", "const char *")
}

/// Puts what stands in the angle brackets after `open` in their place, with `suffix`.
fn unwrap(header: &str, open: &str, suffix: &str) -> String {
    let mut out = String::new();
    let mut rest = header;
    while let Some((before, after)) = rest.split_once(open) {
        let (inner, after) = after.split_once('>').expect("a closing bracket");
        out.push_str(&format!("{before}{inner}{suffix}"));
        rest = if suffix.is_empty() { after } else { after.strip_prefix(' ').unwrap_or(after) };
    }
    out + rest
}
