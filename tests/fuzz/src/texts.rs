//! What is read from text.

use libfw::iptables::{self, RestoreOptions};
use libfw::{Error, Family, Kernel, MemoryKernel, Rule, RuleRef, Scope, TargetRef};

/// The family that the first byte is for, and the rest.
pub fn family(bytes: &[u8]) -> Option<(Family, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let families = [Family::Ipv4, Family::Ipv6, Family::Arp];
    Some((families[usize::from(*first) % families.len()], rest))
}

/// A kernel in memory of either backend, with sets.
pub fn kernel(choice: u8) -> Kernel {
    let set = |family| libfw::backend::SetInfo { index: u16::from(family), family };
    let memory = MemoryKernel::new()
        .with_set("web", set(2))
        .and_then(|memory| memory.with_set("six", set(10)))
        .unwrap();
    if choice & 1 == 0 { memory.kernel() } else { memory.nft() }
}

/// Everything that an error says.
pub fn hear(error: &Error) {
    assert!(!error.to_string().is_empty());
    if std::env::var_os("LIBFW_FUZZ_SAY").is_some() {
        eprintln!("{error}");
    }
    let _ = (format!("{error:?}"), error.to_json(), iptables::words(error));
}

/// Everything that a rule says of itself.
pub fn look_at(rule: RuleRef<'_>) {
    let _ = (rule.source(), rule.protocol(), format!("{rule:?}"), rule.to_json());
    for part in rule.matches() {
        let _ = (part.options(), part.values(), format!("{part:?}"));
    }
    let _ = format!("{:?}", rule.target());
}

fn revisions(rule: &Rule) -> Vec<u8> {
    let view = rule.view();
    let target = match view.target() {
        TargetRef::Extension(target) => Some(target),
        _ => None,
    };
    view.matches().chain(target).map(|part| part.revision()).collect()
}

/// A rule is what it prints, as text and as JSON.
pub fn keeps(rule: &Rule) {
    look_at(rule.view());
    let text = rule.to_string();
    let read = Rule::parse(rule.family(), &text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
    // Text says nothing of a revision, and becomes the newest.
    if revisions(&read) != revisions(rule) {
        return;
    }
    assert!(read == *rule, "{text:?} is read as {read}");
    let json = rule.to_json();
    let read = Rule::from_json(&json).unwrap_or_else(|error| panic!("{json}: {error}"));
    assert!(read == *rule, "{json} is read as {read}");
}

/// The text of one rule.
pub fn rule(bytes: &[u8]) {
    let Some((family, text)) = family(bytes) else { return };
    match Rule::parse(family, text) {
        Ok(rule) => keeps(&rule),
        Err(error) => hear(&error),
    }
}

/// Command lines: of iptables, or of iptables-translate.
pub fn command(bytes: &[u8]) {
    let Some((family, lines)) = family(bytes) else { return };
    let kernel = kernel(lines.len() as u8);
    let mut out = Vec::new();
    for line in lines.split(|byte| *byte == b'\n').take(8) {
        let words = || line.split(|byte| *byte == b' ').map(<[u8]>::to_vec);
        let warned = |_: &str| ();
        if let Err(error) = iptables::run(&kernel, family, words(), &mut out, &mut { warned }) {
            hear(&error);
        }
        if family != Family::Arp
            && let Err(error) = iptables::translate(family, words(), &mut out, &mut { warned })
        {
            hear(&error);
        }
    }
}

/// A save file: what was restored is saved, and is the same when that is restored.
pub fn restore(bytes: &[u8]) {
    let Some((family, rest)) = family(bytes) else { return };
    let Some((choice, file)) = rest.split_first() else { return };
    let options = || RestoreOptions::new().counters(choice & 2 != 0).noflush(choice & 4 != 0);
    let restore = |kernel: &Kernel, mut file: &[u8], options: &RestoreOptions| {
        iptables::restore(kernel, family, &mut file, options)
    };
    let save = |kernel: &Kernel| {
        let mut out = Vec::new();
        for table in kernel.tables(family).unwrap() {
            let table = kernel.open(family, table.as_str()).unwrap();
            iptables::save(&table, choice & 2 != 0, &mut out).unwrap();
        }
        out
    };
    let first = kernel(*choice);
    if let Err(error) = restore(&first, file, &options()) {
        hear(&error);
    }
    let saved = save(&first);
    let second = kernel(*choice);
    let shown = String::from_utf8_lossy(&saved);
    restore(&second, &saved, &RestoreOptions::new().counters(choice & 2 != 0))
        .unwrap_or_else(|error| panic!("{shown}\n{error}"));
    let again = save(&second);
    assert!(saved == again, "{shown}\nis restored as\n{}", String::from_utf8_lossy(&again));
    if *choice & 8 != 0 {
        let _ = iptables::xml(&mut &*file, iptables::XmlOptions::new(), &mut std::io::sink());
        let _ = iptables::translate_file(family, &mut &*file, &mut std::io::sink(), &mut |_| ());
    }
}

/// JSON: of a rule, of tables, of what is to be.
pub fn json(bytes: &[u8]) {
    let Some((choice, text)) = bytes.split_first() else { return };
    match Rule::from_json(text) {
        Ok(rule) => keeps(&rule),
        Err(error) => hear(&error),
    }
    let kernel = kernel(*choice);
    let done = match choice & 2 {
        0 => kernel.restore_json(text).map(drop),
        _ => kernel.desired(Scope::Tables).read_json(text),
    };
    if let Err(error) = done {
        hear(&error);
    }
}
