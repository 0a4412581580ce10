//! JSON: every rule of the corpus there and back, tables, and what is said of texts that are wrong.

mod common;

use common::generate::{Lines, extensions};
use libfw::ext;
use libfw::{Counters, ErrorKind, Family, Kernel, MemoryKernel, Rule, Table};
use libfw_playground::{cases, without_network};

/// The rule from its JSON, in which options stand by their values.
fn there_and_back(rule: &Rule) -> Result<(), String> {
    let json = rule.to_json();
    // A rate that is faster than the kernel's clock is told by no option, neither here nor in a line.
    let is_opaque = rule.to_string().contains("--opaque ");
    if json.contains("\"text\": ") || json.contains("\"revision\": ") && !is_opaque {
        return Err(format!("is told as {json}, though its options say all"));
    }
    let again = Rule::from_json(&json).map_err(|error| format!("{json} is refused: {error}"))?;
    if again != *rule || again.to_string() != rule.to_string() {
        return Err(format!("{json} is another rule: {again}"));
    }
    if again.view().counters() != rule.view().counters() || again.to_json() != json {
        return Err(format!("{json} is told otherwise afterwards: {}", again.to_json()));
    }
    Ok(())
}

#[test]
fn every_rule_of_the_corpus() {
    without_network().unwrap();
    let corpus = include_str!("rules.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut failures = Vec::new();
    let mut good = 0;
    for (index, line) in corpus.enumerate() {
        for family in Family::ALL {
            let Ok(rule) = Rule::parse(family, line.trim_start_matches('~')) else { continue };
            let rule = rule.with_counters(Counters::new(index as u64, u64::MAX - index as u64));
            good += 1;
            if let Err(failure) = there_and_back(&rule) {
                failures.push(format!("{family} {line}\n    {failure}"));
            }
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
    assert!(good > 1000, "{good}");
}

#[test]
fn generated_rules_of_every_extension() {
    without_network().unwrap();
    let mut failures = Vec::new();
    for family in Family::ALL {
        for extension in extensions(family) {
            let mut lines = Lines::new(14, family);
            for _ in 0..cases(100) {
                let words = lines.line(extension);
                let Ok(rule) = Rule::from_args(family, &words) else { continue };
                if let Err(failure) = there_and_back(&rule) {
                    failures.push(format!("{family} {words:?}\n    {failure}"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

/// The keys that say something else in a match or target are no options.
#[test]
fn keys_are_unambiguous() {
    for extension in ext::all() {
        for opt in extension.options {
            for name in opt.names().chain([opt.field]) {
                let taken = ["match", "target", "revision", "bytes", "verdict", "jump", "goto", "not"];
                assert!(!taken.contains(&name), "{}: {name}", extension.name);
                let group = extension.options.iter().filter_map(|opt| opt.group).any(|group| group == name);
                assert!(!group, "{}: {name}", extension.name);
            }
        }
    }
}

fn filter() -> (Kernel, Table) {
    let kernel = MemoryKernel::new().kernel();
    let table = kernel.open(Family::Ipv4, "filter").unwrap();
    (kernel, table)
}

/// What no options tell: it is told all the same, as bytes or as a text.
#[test]
fn what_options_do_not_tell() {
    for (rule, part) in [
        (
            "-m nosuch --opaque 3:00ff -j ACCEPT",
            r#"{"match": "nosuch", "revision": 3, "bytes": "00ff000000000000"}"#,
        ),
        ("-j NOSUCH --opaque 0:", r#""target": {"target": "NOSUCH", "revision": 0, "bytes": ""}"#),
        (
            "-m limit --opaque 9:00 -m mark --mark 1",
            r#"{"match": "limit", "revision": 9, "bytes": "0000000000000000"}, {"match": "mark", "mark": 1}"#,
        ),
    ] {
        let rule = Rule::parse(Family::Ipv4, rule).unwrap();
        let json = rule.to_json();
        assert!(json.contains(part), "{json}");
        assert_eq!(Rule::from_json(&json).unwrap().to_string(), rule.to_string());
    }
    // Bytes that are not UTF-8, and letters that JSON escapes.
    for (name, told) in
        [(&b"a\xff"[..], r#"{"jump": {"bytes": "61ff"}}"#), (b"a\"b\\", r#"{"jump": "a\"b\\"}"#)]
    {
        let rule = Rule::builder().jump(name).build(Family::Ipv6).unwrap();
        let json = rule.to_json();
        assert!(json.contains(told), "{json}");
        assert_eq!(Rule::from_json(&json).unwrap(), rule);
    }
    let comment = Rule::parse(Family::Ipv4, &b"-m comment --comment \xc3\xa4\xff"[..]).unwrap();
    assert!(comment.to_json().contains(r#""comment": {"bytes": "c3a4ff"}"#), "{}", comment.to_json());
    assert_eq!(Rule::from_json(comment.to_json()).unwrap(), comment);
    // A header of bits that mean nothing.
    let header = format!("--opaque {}", "ff".repeat(84));
    let rule = Rule::parse(Family::Ipv4, &header).unwrap();
    let json = rule.to_json();
    assert!(json.contains(r#""text": "--opaque ffff"#), "{json}");
    assert_eq!(Rule::from_json(&json).unwrap().to_string(), rule.to_string());
}

#[test]
fn tables_there_and_back() {
    let (_, mut table) = filter();
    let mut web = table.new_chain("web").unwrap();
    web.extend(["-c 3 4 -p tcp --dport 80 -j ACCEPT", "-g other"].map(str::to_owned)).unwrap_err();
    web.append("-c 3 4 -p tcp --dport 80 -j ACCEPT").unwrap();
    table.chain_mut("FORWARD").unwrap().set_policy(libfw::Policy::Drop, Some(Counters::new(7, 8))).unwrap();
    table.chain_mut("FORWARD").unwrap().extend(["-j web", "-f", "! -p udp"]).unwrap();
    let json = table.to_json();
    serde_json::from_str::<serde_json::Value>(&json).unwrap();

    let (kernel, mut other) = filter();
    other.new_chain("old").unwrap();
    other.chain_mut("INPUT").unwrap().append("-j old").unwrap();
    other.set_json(&json).unwrap();
    assert_eq!(other.to_json(), json);
    assert!(other.chain("old").is_none());
    assert_eq!(other.chain("FORWARD").unwrap().policy_counters(), Counters::new(7, 8));
    // What is not said stays: policies.
    other.set_json(r#"{"family": "ipv4", "table": "filter", "chains": []}"#).unwrap();
    assert!(other.is_empty() && other.chain("web").is_none());
    assert_eq!(other.chain("FORWARD").unwrap().policy(), Some(libfw::Policy::Drop));

    // All tables of both families, all or none.
    let simple = r#"{"chain": "OUTPUT", "rules": [{"source": {"not": "ADDRESS"}, "target": {"goto": "x"}}]}, {"chain": "x"}"#;
    let table = |family: &str, address: &str| {
        let chains = simple.replace("ADDRESS", address);
        format!(r#"{{"family": "{family}", "table": "raw", "chains": [{chains}]}}"#)
    };
    let both = |ipv6| {
        format!(r#"{{"format": "libfw.tables/1", "tables": [{}, {}]}}"#, table("ipv4", "10.0.0.0/8"), ipv6)
    };
    let error = kernel.restore_json(both(table("ipv6", "10.0.0.0/8"))).unwrap_err();
    assert_eq!(error.path(), Some("tables[1].chains[0].rules[0].source.not"), "{error}");
    assert_eq!(
        (error.family(), error.table(), error.chain(), error.rule()),
        (Some(Family::Ipv6), Some("raw"), Some("OUTPUT"), Some(0))
    );
    assert!(kernel.tables(Family::Ipv4).unwrap().is_empty());
    assert_eq!(kernel.restore_json(both(table("ipv6", "fe80::/10"))).unwrap().len(), 2);
    let mut saved = Vec::new();
    kernel.save_json(&Family::ALL, true, &mut saved).unwrap();
    let saved = String::from_utf8(saved).unwrap();
    let (other, _) = filter();
    other.restore_json(&saved).unwrap();
    let mut again = Vec::new();
    other.save_json(&Family::ALL, true, &mut again).unwrap();
    assert_eq!(String::from_utf8(again).unwrap(), saved);
    assert!(saved.contains(
        r#"{"source": {"not": "fe80::/10"}, "target": {"goto": "x"}, "counters": {"packets": 0, "bytes": 0}}"#
    ));
}

/// A rule that the kernel refuses is found in the text.
#[test]
fn refusals_have_a_place() {
    let (kernel, _) = filter();
    let text = r#"{"family": "ipv4", "table": "filter", "chains": [
        {"chain": "INPUT", "rules": [
            {"in_interface": "lo"},
            {"protocol": "tcp", "target": {"target": "MASQUERADE"}}
        ]}]}"#;
    let error = kernel.restore_json(text).unwrap_err();
    assert_eq!((error.line(), error.column(), error.rule()), (Some(4), Some(13), Some(1)), "{error}");
    assert_eq!(error.path(), Some("chains[0].rules[1]"));
}

/// Texts, in which a grave accent marks the place of what is wrong; its path, kind and words.
const WRONG: &str = r#"
`{}                                           |                      | Syntax          | a rule by itself needs its "family"
{"family": "`ipv5"}                           | family               | InvalidValue    | expected one of "ipv4", "ipv6", "arp"
[`                                            | [0]                  | Syntax          | bad JSON, expected a value
`[]                                           |                      | Syntax          | expected an object, found a list
{"family": "ipv4", "`sauce": 1}               | sauce                | Syntax          | "sauce" means nothing here
{R "source": `10}                             | source               | Syntax          | expected a text, found a number
{R "source": "10.0.0.0/`33"}                  | source               | InvalidValue    | bad mask "33"
{R "source": {"not": `"10.0.0.1,10.0.0.2"}}   | source.not           | InvalidRule     | several
{R "source": "`::1"}                          | source               | InvalidValue    | address ::1 in a rule for IPv4
{R "in_interface": "`sixteen-letters+"}       | in_interface         | InvalidValue    | is not 1 to 15 bytes
{R "in_interface": {"not": `""}}              | in_interface.not     | InvalidValue    | empty interface name
{R "protocol": `256}                          | protocol             | InvalidValue    | expected a number from 0 to 255
{R "protocol": "`nope"}                       | protocol             | InvalidValue    | nope
{R "fragment": `1}                            | fragment             | Syntax          | expected true or false
{R "matches": `{}}                            | matches              | Syntax          | expected a list, found an object
{R "matches": [`{"mach": "tcp"}]}             | matches[0]           | Syntax          | "match" is missing
{R "matches": [{"match": "`tpc"}]}            | matches[0].match     | NoSuchExtension | there is no match "tpc"
{R "matches": [{"match": "tcp", "`port": 5}]} | matches[0].port      | Syntax          | no such option
{R "matches": [{"match": "tcp", "dport": `70000}], "protocol": "tcp"} | matches[0].dport | InvalidValue | bad value
{R "matches": [{"match": "limit", "limit": {"count": 5, "per": "`week"}}]} | matches[0].limit.per | InvalidValue | expected one of
{R "matches": [{"match": "mark", "mark": `{"value": 5}}]} | matches[0].mark | Syntax | "mask" is missing
{R "matches": [{"match": "state", "state": ["NEW", "`OLD"]}]} | matches[0].state | InvalidValue | OLD
{R "matches": [{"match": "policy", "dir": "in", "strict": true, "elements": [{"reqid": 1}, {"mode": "`x"}]}]} | matches[0].elements[1].mode | InvalidValue | bad value
{R "target": {"verdict": "`accept"}}          | target.verdict       | InvalidValue    | accept
{R "target": `"ACCEPT"}                       | target               | Syntax          | expected an object, found a text
{R "target": {"target": "LOG", "log-level": `9}} | target.log-level  | InvalidValue    | bad value
{R "target": {"target": "X", "revision": 1, "bytes": `"0"}} | target.bytes | InvalidValue | expected bytes
{R "text": "-p tcp --dport `x"}               | text                 | InvalidValue    | bad value
{R "text": "-p tcp", "protocol": `"tcp"}      | protocol             | Syntax          | expected nothing but
{R "nft_handle": `4}                          | nft_handle           | ForeignRules    | no form in iptables
{R "counters": {"packets": `-1, "bytes": 0}}  | counters.packets     | InvalidValue    | expected a number
"#;

#[test]
fn wrong_texts() {
    let mut failures = Vec::new();
    for line in WRONG.trim().lines() {
        let mut columns = line.split(" | ").map(str::trim);
        let mut next = || columns.next().unwrap();
        let marked = next().replace("{R", "{\"family\": \"ipv4\",");
        let (path, kind, words) = (next(), next(), next());
        let (column, text) = (marked.find('`').unwrap() + 1, marked.replace('`', ""));
        let error = match Rule::from_json(&text) {
            Ok(rule) => panic!("{text} is {rule}"),
            Err(error) => error,
        };
        let found = (error.path(), error.line(), error.column(), error.kind().name());
        if found != (Some(path), Some(1), Some(column), kind) || !error.message().contains(words) {
            failures.push(format!("{line}\n    {found:?}: {error}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let (kernel, mut table) = filter();
    for (text, path, words) in [
        (r#"{"tables": []}"#, "", "\"format\" is missing"),
        (r#"{"format": "libfw.tables/2", "tables": []}"#, "format", "expected \"libfw.tables/1\""),
        (
            r#"{"format": "libfw.tables/1", "tables": [{"table": "raw", "family": "ipv4", "chains": [{"chain": "PREROUTING"}, {"chain": "PREROUTING"}]}]}"#,
            "tables[0].chains[1].chain",
            "given twice",
        ),
        (
            r#"{"table": "raw", "family": "ipv4", "chains": [{"chain": "x"}, {"chain": "x"}]}"#,
            "chains[1].chain",
            "exists",
        ),
        (r#"{"table": "raw", "family": "ipv4", "chains": [{"chain": ""}]}"#, "chains[0].chain", ""),
        (
            r#"{"table": "raw", "family": "ipv4", "chains": [{"chain": "x", "policy": "DROP"}]}"#,
            "chains[0].policy",
            "",
        ),
        (
            r#"{"table": "raw", "family": "ipv4", "chains": [{"chain": "OUTPUT", "policy": "REJECT"}]}"#,
            "chains[0].policy",
            "bad policy",
        ),
        (r#"{"table": "nope", "family": "ipv4", "chains": []}"#, "", ""),
        (
            r#"{"table": "raw", "family": "ipv4", "chains": [{"chain": "OUTPUT", "rules": [{"target": {"jump": "x"}}]}]}"#,
            "chains[0].rules[0]",
            "",
        ),
    ] {
        let error = kernel.restore_json(text).unwrap_err();
        assert_eq!(error.path(), Some(path), "{text}: {error}");
        assert!(error.message().contains(words), "{text}: {error}");
    }
    let error = table.set_json(r#"{"table": "raw", "family": "ipv4", "chains": []}"#).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
}

/// Texts with bytes changed at random are read as another reader of JSON reads them, or refused; nothing panics.
#[test]
fn broken_texts() {
    let corpus = include_str!("rules.txt").lines().filter_map(|line| Rule::parse(Family::Ipv4, line).ok());
    let texts: Vec<String> = corpus.map(|rule| rule.to_json()).collect();
    let mut random = common::random::Random::new(4);
    let letters = b"{}[]\",:\\u0+-. tfn\n\x00\xff19a/";
    for text in texts.iter().cycle().take(cases(20_000)) {
        let mut text = text.clone().into_bytes();
        for _ in 0..1 + random.below(3) {
            let at = random.below(text.len());
            match random.below(3) {
                0 => text[at] = *random.pick(letters),
                1 => text.insert(at, *random.pick(letters)),
                _ => drop(text.drain(at..(at + 1 + random.below(20)).min(text.len()))),
            }
            if text.is_empty() {
                text.push(b' ');
            }
        }
        let is_json = serde_json::from_slice::<serde_json::Value>(&text).is_ok();
        match Rule::from_json(&text) {
            Ok(rule) => assert!(is_json, "{} is {rule}", String::from_utf8_lossy(&text)),
            Err(error) => {
                let syntax =
                    error.message().starts_with("bad JSON") || error.message() == "the text is not UTF-8";
                assert_eq!(syntax, !is_json, "{}: {error}", String::from_utf8_lossy(&text));
                assert!(error.line().is_some() && error.column().is_some() && error.path().is_some());
                let _ = error.marked();
            }
        }
    }
}

/// A text of many chains takes as long as it is long: looking for the place of what is wrong is done once.
#[test]
fn long_texts() {
    let (kernel, mut table) = filter();
    for number in 0..3000 {
        let name = format!("chain-{number}");
        table.new_chain(&name).unwrap().append("-p tcp --dport 80 -j ACCEPT").unwrap();
        table
            .chain_mut("INPUT")
            .unwrap()
            .append(format!("-s 10.0.{}.{} -j {name}", number / 250, number % 250))
            .unwrap();
    }
    let json = table.to_json();
    assert_eq!(kernel.restore_json(&json).unwrap().len(), 1);
    assert_eq!(kernel.open(Family::Ipv4, "filter").unwrap().to_json(), json);
}

/// A chain with a name that means something else is made by nobody who only writes text; what stands in a kernel comes back.
#[test]
fn chains_that_iptables_would_not_make() {
    for name in ["ACCEPT", "LOG", "-x", "!x", "a b", "a\nb", "\u{7f}"] {
        let text: String = name.chars().map(|letter| format!("\\u{:04x}", letter as u32)).collect();
        let bytes: String = name.bytes().map(|byte| format!("{byte:02x}")).collect();
        let json = |chain: &str| {
            let jump = format!(r#"{{"text": "-j opaque:{bytes:0<60}"}}"#);
            let input = format!(r#"{{"chain": "INPUT", "policy": "ACCEPT", "rules": [{jump}]}}"#);
            format!(r#"{{"family": "ipv4", "table": "filter", "chains": [{input}, {{"chain": {chain}}}]}}"#)
        };
        let (_, mut table) = filter();
        let error = table.set_json(json(&format!("\"{text}\""))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{name:?}: {error}");
        let (_, mut table) = filter();
        table.set_json(json(&format!("{{\"bytes\": \"{bytes}\"}}"))).unwrap();
        assert_eq!(table.chain(name).unwrap().references(), 1);
        let printed = table.to_json();
        assert!(
            printed.contains(&format!("{{\"chain\": {{\"bytes\": \"{bytes}\"}}, \"rules\": []}}")),
            "{printed}"
        );
        let (_, mut again) = filter();
        again.set_json(&printed).unwrap();
        assert_eq!(again.to_json(), printed);
    }
    let (_, mut table) = filter();
    for chain in [r#"{"bytes": "610062"}"#, r#""a\u0000b""#] {
        let json = format!(r#"{{"family": "ipv4", "table": "filter", "chains": [{{"chain": {chain}}}]}}"#);
        assert_eq!(table.set_json(json).unwrap_err().kind(), ErrorKind::InvalidArgument);
    }
}
