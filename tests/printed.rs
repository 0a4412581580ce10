//! Nothing that is printed means something else when it is read.

use std::io::Write;
use std::process::{Output, Stdio};

#[allow(dead_code, reason = "other tests use more of it")]
#[path = "common/random.rs"]
mod random;

use libfw::ext::{Extension, Families, Opt};
use libfw::iptables::{RestoreOptions, restore_to, save};
use libfw::{ErrorKind, Family, Interface, IntoRule, Match, MatchRef, MemoryKernel, Rule, TargetRef};

use libfw_playground::{Namespace, cases, seed, test_on};
use random::Random;

/// What is wrong with a rule's text, if anything is: as bytes, as a string, and as a line of its chain.
fn fault(rule: &Rule) -> Option<String> {
    let (family, view) = (rule.family(), rule.view());
    let (bytes, text) = (view.to_text(false), view.to_string());
    let shown = String::from_utf8_lossy(&bytes).into_owned();
    if bytes.iter().any(|byte| matches!(byte, b'\n' | b'\r' | 0)) {
        return Some(format!("{shown:?} is no line"));
    }
    let line = [b"-A user ", &*bytes].concat();
    let readings = [Rule::parse(family, &bytes), line.as_slice().into_rule_of(b"user", family)];
    // The string is another text where the bytes are none.
    let string = (text.as_bytes() != bytes).then(|| Rule::parse(family, &text));
    readings.into_iter().chain(string).find_map(|again| match again {
        Err(error) => Some(format!("{shown}\n    is refused: {error}")),
        Ok(again) if again != *rule => Some(format!(
            "{shown}\n    is another rule:\n    {}\n    {}",
            self::bytes(rule),
            self::bytes(&again)
        )),
        Ok(_) => None,
    })
}

#[track_caller]
fn no_failures(failures: &[String]) {
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

/// Every byte in the place of every value of every option, alone and in a word: refused, or read back.
#[test]
fn values_of_ipv4_are_read_back_or_refused() {
    libfw_playground::test(|_| {
        no_failures(&hostile_values(Family::Ipv4));
        Ok(())
    });
}

#[test]
fn values_of_ipv6_are_read_back_or_refused() {
    libfw_playground::test(|_| {
        no_failures(&hostile_values(Family::Ipv6));
        Ok(())
    });
}

#[test]
fn values_of_arp_are_read_back_or_refused() {
    libfw_playground::test(|_| {
        no_failures(&hostile_values(Family::Arp));
        Ok(())
    });
}

#[test]
fn every_option_has_a_rule_of_some_family() {
    libfw_playground::test(|_| {
        let identity = |extension: &Extension, opt: &Opt| (extension.kind, extension.name, opt.name);
        let tried: Vec<_> = Families::All.iter().flat_map(places).collect();
        let tried: Vec<_> = tried.iter().map(|place| identity(place.extension, place.opt)).collect();
        let all = libfw::ext::all().flat_map(|extension| {
            extension.options.iter().map(move |opt| (opt.words, identity(extension, opt)))
        });
        let untried: Vec<_> = all.filter(|(words, option)| *words > 0 && !tried.contains(option)).collect();
        assert!(untried.is_empty(), "no rule has {untried:?}");
        Ok(())
    });
}

/// The value of an option in a line that is a rule.
struct Place {
    extension: &'static Extension,
    opt: &'static Opt,
    line: Vec<String>,
    at: usize,
}

/// Places for every option of a family, as far as there is a line that has it.
fn places(family: Family) -> Vec<Place> {
    let arp = [
        "--src-mac 1:2:3:4:5:6 --dst-mac 1:2:3:4:5:6 --h-length 6 --opcode 1 --h-type 1 --proto-type 0x800",
        "-j mangle --mangle-ip-s 1.2.3.4 --mangle-mac-s 1:2:3:4:5:6 --mangle-ip-d 1.2.3.4 --mangle-mac-d 1:2:3:4:5:6 --mangle-target DROP",
    ];
    let lines: Vec<Vec<String>> = include_str!("rules.txt")
        .lines()
        .chain(arp)
        .map(|line| line.trim_start_matches('~'))
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(words)
        .collect();
    let place = |extension: &'static Extension, opt: &'static Opt| {
        let option = |word: &String| word.strip_prefix("--") == Some(opt.name);
        lines.iter().find_map(|line| {
            // Nobody names the match of every ARP rule.
            let start = match extension.name {
                "arp" => 0,
                name => line.iter().position(|word| word == name)? + 1,
            };
            let at = start + 1 + line[start..].iter().position(option)?;
            Rule::from_args(family, line).ok()?;
            Some(Place { extension, opt, line: line.clone(), at })
        })
    };
    libfw::ext::all()
        .filter(|extension| extension.families.contains(family))
        .flat_map(|extension| extension.options.iter().map(move |opt| (extension, opt)))
        .filter(|(_, opt)| opt.words > 0)
        .filter_map(|(extension, opt)| place(extension, opt))
        .collect()
}

fn hostile_values(family: Family) -> Vec<String> {
    let mut failures = Vec::new();
    for Place { extension, line, at, .. } in places(family) {
        let mut words: Vec<_> = line.iter().map(|word| word.as_bytes().to_vec()).collect();
        for byte in 0..=u8::MAX {
            for value in [vec![byte], vec![b'a', byte, b'b'], vec![b'1', byte], vec![byte, b'1']] {
                words[at] = value;
                let Ok(rule) = Rule::from_args(family, &words) else { continue };
                if extension.name != "string" && matches!(byte, 0 | b'\n' | b'\r') {
                    failures.push(format!("{family} {words:?} is accepted"));
                }
                failures.extend(fault(&rule).map(|fault| format!("{family} {fault}")));
            }
        }
    }
    failures
}

/// The words of a line without escapes.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('"').enumerate();
    parts
        .flat_map(|(index, part)| match index % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        })
        .collect()
}

/// The same through the entrances by name and by type.
#[test]
fn texts_are_read_back_or_refused() {
    let mut failures = Vec::new();
    for byte in 0..=u8::MAX {
        for text in [vec![byte], vec![b'a', byte, b'b'], vec![byte, b' ', byte], vec![b'"', byte]] {
            let options = [("comment", false, text.as_slice())];
            let named = Match::from_options("comment", options).unwrap();
            let typed = libfw::matches::Comment::new().comment(&*text);
            let prefix = libfw::targets::Log::new().prefix(&*text);
            let recent = libfw::matches::Recent::new().name(&*text).rcheck(true);
            let builders = [
                Rule::builder().matching(named),
                Rule::builder().matching(typed),
                Rule::builder().target(prefix),
                Rule::builder().matching(recent),
                Rule::builder().jump(&text),
                Rule::builder().goto(&text),
            ];
            for builder in builders {
                match builder.build(Family::Ipv4) {
                    Ok(_) if matches!(byte, 0 | b'\n' | b'\r') => {
                        failures.push(format!("{byte} is accepted by {builder:?}"));
                    }
                    Ok(rule) => failures.extend(fault(&rule)),
                    Err(error) => {
                        let kind = error.kind();
                        assert!(
                            matches!(kind, ErrorKind::InvalidValue | ErrorKind::InvalidArgument),
                            "{error}"
                        );
                    }
                }
            }
            let Ok(interface) = Interface::new(&text) else { continue };
            for family in [Family::Ipv6, Family::Arp] {
                let rule = Rule::builder().input(interface).output(libfw::not(interface));
                failures.extend(fault(&rule.clone().jump("web").build(family).unwrap()));
                failures.extend(fault(&rule.build(family).unwrap()));
            }
            if matches!(byte, 0 | b'\n' | b'\r') {
                failures.push(format!("an interface with {byte} is accepted"));
            }
        }
    }
    no_failures(&failures);
}

/// Addresses, interfaces, protocol and flags that no words stand for.
#[test]
fn headers_are_read_back() {
    let mut random = Random::new(seed() ^ 0x4eade2);
    let mut failures = Vec::new();
    let mut opaque = 0;
    for family in Family::ALL {
        let size = if family == Family::Ipv4 { 84 } else { 136 };
        for _ in 0..cases(20_000) {
            let mut header = vec![0u8; size];
            for _ in 0..random.below(6) {
                let at = random.below(size);
                let len = 1 + random.below(6);
                let byte = *random.pick(&[0xff, b'e', b'+', b'\n', 0, 1, 0x80, b' ', b'"']);
                header.iter_mut().skip(at).take(len).for_each(|place| *place = byte);
            }
            let digits: String = header.iter().map(|byte| format!("{byte:02x}")).collect();
            let rule = Rule::parse(family, format!("--opaque {digits} -j ACCEPT")).unwrap();
            opaque += usize::from(rule.to_string().starts_with("--opaque"));
            failures.extend(fault(&rule));
        }
    }
    assert!(opaque > cases(1000), "{opaque}");
    no_failures(&failures);
}

/// Chains of every name, and rules that go to them: saved, restored, saved.
#[test]
fn chains_are_restored_under_their_names() {
    let mut names: Vec<Vec<u8>> = Vec::new();
    for byte in 1..=u8::MAX {
        names.extend([vec![byte], vec![b'a', byte, b'b']]);
    }
    for name in ["ACCEPT", "DROP", "QUEUE", "RETURN", "LOG", "REJECT", "standard", "-x", "!x", "--opaque"] {
        names.push(name.into());
    }
    names.extend([vec![b'x'; 28], vec![b'x'; 29], vec![b'\n'; 30], Vec::new()]);
    let field = |name: &[u8]| {
        let digits: String = name.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("opaque:{digits:0<60}")
    };
    let mut file = b"*filter\n".to_vec();
    for name in &names {
        file.extend(format!(":{} - [0:0]\n", field(name)).bytes());
    }
    for name in &names {
        // A chain may not go to itself.
        let goes =
            if *name == b"x".repeat(28) { "j ACCEPT".into() } else { format!("g {}", field(&[b'x'; 28])) };
        let name = field(name);
        file.extend(format!("-A INPUT -j {name}\n-A {name} -{goes}\n").bytes());
    }
    // Not the chain of that name.
    file.extend(
        b"-A INPUT -j LOG --opaque 0:040000000000000000000000000000000000000000000000000000000000000000\n",
    );
    file.extend(b"-A INPUT -j ACCEPT\nCOMMIT\n");

    for family in Family::ALL {
        let kernel = MemoryKernel::new().kernel();
        let mut saved = file.clone();
        for round in 0..3 {
            let (options, mut warnings) = (RestoreOptions::default(), Vec::new());
            let mut warn = |warning: &str| warnings.push(warning.to_owned());
            restore_to(&kernel, family, saved.as_slice(), &options, &mut Vec::new(), &mut warn).unwrap();
            assert_eq!(warnings, Vec::<String>::new());
            let table = kernel.open(family, "filter").unwrap();
            let mut found: Vec<_> = table.chains().skip(3).map(|chain| chain.name_bytes().to_vec()).collect();
            let mut wanted = names.clone();
            found.sort();
            wanted.sort();
            assert_eq!(found, wanted, "{family} {round}");
            let input = table.chain("INPUT").unwrap();
            for (name, rule) in names.iter().zip(input.rules()) {
                assert!(matches!(rule.target(), TargetRef::Jump(chain) if chain == name), "{rule}");
                assert_eq!(
                    table.chain(name).unwrap().references(),
                    if name.len() == 28 { names.len() } else { 1 }
                );
            }
            let last: Vec<_> = input.rules().rev().take(2).map(|rule| rule.target()).collect();
            assert!(matches!(last[0], TargetRef::Verdict(libfw::Verdict::Accept)));
            assert!(matches!(last[1], TargetRef::Extension(_)), "{last:?}");
            let mut out = Vec::new();
            save(&table, false, &mut out).unwrap();
            assert!(round == 0 || out == saved, "{family} {round}");
            saved = out;
        }
    }
}

const FW: &str = env!("CARGO_BIN_EXE_fw");

/// Runs `fw` with a standard input.
fn fw(place: &Namespace, args: &[&str], input: &[u8]) -> Output {
    let mut command = place.command(FW);
    command.args(args).env("RUST_BACKTRACE", "0");
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

/// What `fw` prints when all is well.
#[track_caller]
fn good(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn hex(bytes: &[u8], size: usize) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{digits:0<width$}", width = 2 * size)
}

/// What only other programs put into a kernel: it is printed so that it can be read back and deleted.
#[test]
fn what_a_kernel_holds_comes_back_from_a_save_file() {
    test_on("legacy", |play| {
        let place = play.namespace()?;
        let comment = hex(b"ban\n-A INPUT -j ACCEPT\n#", 256);
        let accept = format!("opaque:{}", hex(b"ACCEPT", 30));
        let broken = format!("opaque:{}", hex(b"a\n:b - [0:0]", 30));
        // An interface with a line end, and an address with bits behind its mask, which no packet has.
        let interface =
            format!("{}{}", hex(b"", 16), hex(b"x\nj", 16)) + &hex(b"", 16) + &hex(&[0xff; 4], 16);
        let address = hex(&[10, 1, 2, 3, 0, 0, 0, 0, 255, 0, 0, 0], 16);
        let lines = [
            format!("-A INPUT -m comment --opaque 0:{comment} -j DROP"),
            format!("-A INPUT --opaque {} -j DROP", interface + &hex(b"", 20)),
            format!("-A INPUT --opaque {} -j DROP", address + &hex(b"", 68)),
            format!("-A INPUT -j {accept}"),
            format!("-A INPUT -g {broken}"),
            format!("-A {accept} -j DROP"),
            format!("-A {broken} -m comment --comment \"two words\" -j RETURN"),
        ];
        let chains = format!(
            "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n\
             :{accept} - [0:0]\n:{broken} - [0:0]\n"
        );
        let file = format!("{chains}{}\nCOMMIT\n", lines.join("\n"));
        let mut text = file.clone();
        for _ in 0..2 {
            good(&fw(&place, &["iptables-restore"], text.as_bytes()));
            let saved = good(&fw(&place, &["iptables-save", "-t", "filter"], b""));
            text = saved
                .lines()
                .filter(|line| !line.starts_with('#'))
                .fold(String::new(), |text, line| text + line + "\n");
            assert_eq!(text, file);
        }
        // A listing keeps each on its line too: headings, rules, and an empty line between chains.
        let listed = good(&fw(&place, &["iptables", "-vnL"], b""));
        assert_eq!(listed.lines().count(), 5 * 2 + 7 + 4, "{listed}");
        assert!(listed.contains("/* ban?-A INPUT -j ACCEPT?# */"), "{listed}");
        // The lines that are printed delete what they stand for.
        let printed = good(&fw(&place, &["iptables", "-S"], b""));
        assert_eq!(
            printed.lines().skip(3).take(2).collect::<Vec<_>>(),
            [format!("-N {accept}"), format!("-N {broken}")]
        );
        for line in printed.lines().filter(|line| line.starts_with("-A")) {
            let words: Vec<_> = line
                .replacen("-A", "-D", 1)
                .split('"')
                .enumerate()
                .flat_map(|(index, part)| match index % 2 {
                    0 => part.split_whitespace().map(str::to_owned).collect(),
                    _ => vec![part.to_owned()],
                })
                .collect();
            let words: Vec<_> = ["iptables"].into_iter().chain(words.iter().map(String::as_str)).collect();
            good(&fw(&place, &words, b""));
        }
        good(&fw(&place, &["iptables", "-X", &accept], b""));
        // By its name as the command line can give it, too.
        good(&fw(&place, &["iptables", "-X", "a\n:b - [0:0]"], b""));
        assert_eq!(good(&fw(&place, &["iptables", "-S"], b"")).lines().count(), 3);
        Ok(())
    });
}

/// What iptables takes and `fw` does not, and what neither does: the words and the status, and nothing is changed.
#[test]
fn fw_refuses_what_would_break_a_line() {
    test_on("legacy", |play| {
        let place = play.namespace()?;
        let refused = |args: &[&str], input: &str, words: &str| {
            let output = fw(&place, args, input.as_bytes());
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(said.contains(words), "{args:?} {input:?} says {said}");
            assert_eq!(output.status.code(), Some(2), "{args:?} {input:?} says {said}");
        };
        let append = ["iptables", "-A", "INPUT"];
        let comment = [&append[..], &["-m", "comment", "--comment", "a\nb"]].concat();
        refused(&comment, "", "Newlines not allowed in --comment");
        refused(&[&append[..], &["-i", "a\rb"]].concat(), "", "has a line end or a NUL byte");
        refused(&[&append[..], &["-j", "a\nb"]].concat(), "", "Invalid target name `a\nb'");
        let restore = ["iptables-restore"];
        let line = |line: &str| format!("*filter\n-A INPUT {line}\nCOMMIT\n");
        refused(&restore, &line("-m comment --comment \"open -j DROP"), "unclosed quote");
        refused(&restore, &line("-i eth0\r"), "has a line end or a NUL byte");
        refused(&restore, &line("-m comment --comment carriage\r"), "Newlines not allowed in --comment");
        for (name, words) in [
            ("ACCEPT", "chain name may not clash with target name"),
            ("LOG", "chain name may not clash with target name"),
            ("-x", "chain name not allowed to start with `-'"),
            ("!x", "chain name not allowed to start with `!'"),
            ("a b", "Invalid chain name `a b'"),
            ("a\u{1}b", "Invalid chain name `a\u{1}b'"),
            ("abcdefghijklmnopqrstuvwxyz123", "too long (must be under 29 chars)"),
        ] {
            refused(&["iptables", "-N", name], "", words);
        }
        refused(&restore, "*filter\n:ACCEPT - [0:0]\nCOMMIT\n", "error creating chain 'ACCEPT':File exists");
        assert_eq!(good(&fw(&place, &["iptables", "-S"], b"")).lines().count(), 3);
        Ok(())
    });
}

/// The matches and the target with their bytes.
fn bytes(rule: &Rule) -> String {
    let view = rule.view();
    let target = match view.target() {
        TargetRef::Extension(part) => Some(part),
        _ => None,
    };
    let part = |part: MatchRef<'_>| {
        let name = String::from_utf8_lossy(part.kernel_name()).into_owned();
        format!("{name} {}:{:02x?}", part.revision(), part.data())
    };
    view.matches().chain(target).map(part).collect::<Vec<_>>().join(", ")
}
