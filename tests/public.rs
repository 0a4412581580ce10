//! The public interface, as rustdoc shows it, is what `tests/public.txt` says: what a change adds, alters and takes away is
//! seen in its diff. `UPDATE=1 cargo test --test public` writes it anew.
//!
//! The pages are read rather than rustdoc's JSON, which only nightly compilers write.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

#[test]
fn the_public_interface_is_the_one_that_is_written_down() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target directory");
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([
            "doc",
            "--quiet",
            "--package",
            "libfw",
            "--lib",
            "--no-deps",
            "--all-features",
            "--target-dir",
        ])
        .arg(target)
        .current_dir(root)
        .status();
    assert!(status.expect("cargo").success(), "cargo doc fails");

    let now = interface(&target.join("doc/libfw"));
    // What rustdoc shows of an argument that a macro writes in several places: it needs a name.
    assert!(
        !now.contains('$'),
        "a variable of a macro is shown: {:?}",
        now.lines().find(|line| line.contains('$'))
    );
    let file = root.join("tests/public.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &now).expect("write the interface");
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    let difference = difference(&written, &now);
    assert!(
        difference.is_empty(),
        "the public interface is another one; if it should be: UPDATE=1 cargo test --test public\n{difference}"
    );
}

/// Every item with its declaration, what its own impls have, and the traits that it has.
fn interface(docs: &Path) -> String {
    let page =
        |name: &str| std::fs::read_to_string(docs.join(name)).unwrap_or_else(|_| panic!("the page {name}"));
    let mut items = BTreeMap::new();
    for link in between(&page("all.html"), "<li><a href=\"", "\"").filter(|link| !link.starts_with('#')) {
        let (module, name) = link.rsplit_once('/').unwrap_or(("", link));
        let name = name.split('.').nth(1).expect("kind.Name.html");
        let path: Vec<_> = ["libfw"]
            .into_iter()
            .chain(module.split('/'))
            .chain([name])
            .filter(|word| !word.is_empty())
            .collect();
        items.insert(path.join("::"), item(&page(link)));
    }
    let mut modules = vec![String::new()];
    while let Some(module) = modules.pop() {
        let page = page(&format!("{module}index.html"));
        let inner = between(&page, "<dt><a class=\"mod\" href=\"", "index.html\"");
        modules.extend(inner.map(|inner| format!("{module}{inner}")));
        let others = between(&page, "<dt id=\"reexport.", "</dt>")
            .filter_map(|line| Some(text(line.split_once('>')?.1)));
        let path = format!("libfw/{module}");
        items.insert(path.trim_end_matches('/').replace('/', "::"), others.collect());
    }
    let mut text = String::new();
    for (path, lines) in items {
        let _ = writeln!(text, "{path}");
        lines.iter().for_each(|line| _ = writeln!(text, "    {line}"));
    }
    text
}

fn item(page: &str) -> Vec<String> {
    let declaration = between(page, "item-decl\"><code>", "</code></pre>").next().expect("a declaration");
    let mut lines = pieces(&text(declaration));
    // The sections of a page: those in front of the next heading.
    let section = |id: &str| {
        let begin = page.split_once(&format!("<h2 id=\"{id}\"")).map_or("", |(_, rest)| rest);
        begin.split("<h2 id=").next().unwrap_or_default()
    };
    let own = section("implementations");
    let mut own: Vec<_> = between(own, "<h4 class=\"code-header\">", "</h4>").map(text).collect();
    own.sort();
    lines.extend(own);
    let headers = |id| between(section(id), "<h3 class=\"code-header\">", "</h3>").map(text);
    let mut traits: BTreeSet<_> =
        headers("trait-implementations").filter(|line| !line.contains("Structural")).collect();
    // Auto traits are what one expects, unless they are lacking.
    let lacks = |line: &String| line.contains(" !Send ") || line.contains(" !Sync ");
    traits.extend(headers("synthetic-implementations").filter(lacks));
    let mut derived = Vec::new();
    for line in &traits {
        // With nothing but a lifetime before them.
        let plain = line.strip_prefix("impl<'a>").or_else(|| line.strip_prefix("impl"));
        match plain.and_then(|line| line.trim_start().split_once(" for ")) {
            Some((name, _)) if name.chars().all(char::is_alphanumeric) => derived.push(name),
            _ => lines.push(line.clone()),
        }
    }
    if !derived.is_empty() {
        lines.push(format!("impl {}", derived.join(", ")));
    }
    lines
}

/// The parts of a text between two others.
fn between<'a>(text: &'a str, begin: &'a str, end: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(begin).skip(1).filter_map(move |rest| rest.split(end).next())
}

/// HTML as text on one line, whatever lines rustdoc has made of it.
fn text(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        text += before;
        // What one can unfold, and what keeps attributes apart.
        let end = if tag.starts_with("summary") { "</summary>" } else { ">" };
        rest = tag.split_once(end).map_or("", |(_, rest)| rest);
        if tag.starts_with("/div") || tag.starts_with("br") {
            text.push(' ');
        }
    }
    text += rest;
    for (code, letter) in
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")]
    {
        text = text.replace(code, letter);
    }
    // Without comments, and without the sign behind a type that has traits of note.
    let words = text.lines().flat_map(|line| line.split("// ").next().unwrap_or_default().split_whitespace());
    let text = words.filter(|word| *word != "ⓘ").collect::<Vec<_>>().join(" ");
    text.replace("( ", "(").replace(", )", ")").replace(" )", ")")
}

/// A declaration, and below it what stands in its braces, each on a line.
fn pieces(declaration: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let (mut depth, mut inside) = (0, false);
    for letter in declaration.replace("->", "→").chars() {
        match letter {
            '{' | '(' | '[' | '<' => depth += 1,
            '}' | ')' | ']' | '>' => depth -= 1,
            _ => {}
        }
        let piece = pieces.last_mut().expect("one");
        match letter {
            '}' if depth == 0 => pieces.push(letter.to_string()),
            _ => piece.push(letter),
        }
        inside |= (letter, depth) == ('{', 1);
        if inside && depth == 1 && matches!(letter, '{' | '}' | ',' | ';') {
            pieces.push(String::new());
        }
    }
    // The comma behind the braces of a variant.
    pieces.retain(|piece| piece.trim() != ",");
    let lines = pieces.iter().map(|piece| piece.trim().replace('→', "->")).filter(|piece| !piece.is_empty());
    let lines: Vec<_> = lines.collect();
    let last = lines.len() - 1;
    let inside = |(index, line)| if index == 0 || index == last { line } else { format!("    {line}") };
    lines.into_iter().enumerate().map(inside).collect()
}

/// Lines that are in one text alone, below the item they belong to.
fn difference(old: &str, new: &str) -> String {
    fn lines(text: &str) -> BTreeSet<(&str, &str)> {
        let mut item = "";
        let place = |line| {
            if !str::starts_with(line, ' ') {
                item = line;
            }
            (item, line)
        };
        text.lines().map(place).collect()
    }
    let (old, new) = (lines(old), lines(new));
    let mut changes: Vec<_> = old.difference(&new).map(|(item, line)| (item, '-', line)).collect();
    changes.extend(new.difference(&old).map(|(item, line)| (item, '+', line)));
    changes.sort();
    changes.iter().map(|(item, sign, line)| format!("{sign} {item}: {}\n", line.trim())).collect()
}
