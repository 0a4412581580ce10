//! `fw` and Debian's iptables on the same kernel: what one writes, the other lists, saves and deletes as its own.

mod common;

use std::io::{self, Write};
use std::process::{Output, Stdio};

use common::generate::{Lines, extensions};
use libfw::Family;
use libfw_playground::{Namespace, test};

const FW: &str = env!("CARGO_BIN_EXE_fw");

fn name(family: Family) -> &'static str {
    if family == Family::Ipv4 { "iptables" } else { "ip6tables" }
}

/// Runs `fw PROGRAM ARGS` with a standard input.
fn fw(place: &Namespace, program: &str, args: &[&str], input: &[u8]) -> io::Result<Output> {
    let mut command = place.command(FW);
    command.arg(program).args(args).env("RUST_BACKTRACE", "0");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output()?;
    writer.join().expect("the writer")?;
    Ok(output)
}

#[test]
fn ten_thousand_rules_come_back_byte_for_byte() {
    test(|play| {
        let place = play.namespace()?;
        for family in [Family::Ipv4, Family::Ipv6] {
            let file = many_rules(family, 10_000);
            let program = name(family);
            let restored = fw(&place, &format!("{program}-restore"), &["-c"], file.as_bytes())?;
            assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
            let saved = fw(&place, &format!("{program}-save"), &["-c"], b"")?;
            let text = String::from_utf8_lossy(&saved.stdout);
            let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
            let wanted: Vec<_> = file.lines().collect();
            assert_eq!(lines.len(), wanted.len());
            for (line, wanted) in lines.iter().zip(&wanted) {
                assert_eq!(line, wanted);
            }
        }
        Ok(())
    });
}

/// A save file with chains, counters and several kinds of rules.
fn many_rules(family: Family, count: usize) -> String {
    let mut file = "*filter\n:INPUT DROP [7:420]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [3:180]\n".to_owned();
    for chain in 0..10 {
        file += &format!(":chain{chain} - [0:0]\n");
    }
    for chain in 0..10 {
        file += &format!("[{chain}:{}] -A INPUT -i eth{chain} -j chain{chain}\n", chain * 60);
    }
    for number in 0..count - 10 {
        let (chain, low) = (number * 10 / (count - 10), number % 250);
        let source = match family {
            Family::Ipv4 => format!("10.{}.{}.1/32", number / 250, low),
            Family::Ipv6 => format!("2001:db8:{:x}::1/128", number + 1),
        };
        let rest = match number % 4 {
            0 => format!("-p tcp -m tcp --dport {} -j DROP", number + 1),
            1 => format!("-p udp -m udp ! --sport 53 -m comment --comment \"rule {number}\" -j ACCEPT"),
            2 => "-m conntrack --ctstate NEW -m limit --limit 5/sec --limit-burst 9 -j RETURN".to_owned(),
            _ => format!("-m mark --mark {:#x}/0xffff", number),
        };
        file += &format!("[{number}:{}] -A chain{chain} -s {source} {rest}\n", number * 40);
    }
    file + "COMMIT\n"
}

/// Rules that both accept are the same text for both, whoever wrote them, and each deletes the other's.
#[test]
fn rules_are_shared_with_iptables() {
    test(|play| {
        let [ours, theirs] = [play.namespace()?, play.namespace()?];
        let per_extension: usize =
            std::env::var("LIBFW_TEST_SCALE").ok().and_then(|text| text.parse().ok()).unwrap_or(1) * 6;
        let mut failures = Vec::new();
        let mut compared = 0;
        for family in [Family::Ipv4, Family::Ipv6] {
            let peer = format!("{}-legacy", name(family));
            if theirs.command(&peer).arg("-S").output().is_err() {
                return Err(io::Error::new(io::ErrorKind::Unsupported, format!("{peer} is not installed")));
            }
            for extension in extensions(family) {
                let table = extension.limits.tables.first().copied().unwrap_or("filter");
                let mut lines = Lines::new(11, family);
                for _ in 0..per_extension {
                    let words = lines.line(extension);
                    if differs_in_1_8_9(&words) {
                        continue;
                    }
                    let mut args = vec!["-t", table, "-A", "OUTPUT"];
                    args.extend(words.iter().map(String::as_str));
                    let peer_adds = theirs.command(&peer).args(&args).output()?;
                    let fw_adds = fw(&ours, name(family), &args, b"")?;
                    if !peer_adds.status.success() || !fw_adds.status.success() {
                        theirs.command(&peer).args(["-t", table, "-F"]).output()?;
                        fw(&ours, name(family), &["-t", table, "-F"], b"")?;
                        continue;
                    }
                    compared += 1;
                    if let Err(failure) = compare(&ours, &theirs, family, table, &args) {
                        failures.push(format!("{}\n{failure}", args.join(" ")));
                    }
                }
            }
        }
        assert!(compared > 200, "only {compared} lines were accepted by both");
        assert!(failures.is_empty(), "{} of {compared} lines\n{}", failures.len(), failures.join("\n"));
        Ok(())
    });
}

/// What Debian's 1.8.9 does otherwise than later versions, which libfw follows: it prints the names of all protocols that
/// /etc/protocols has, and drops `!` before a range of all values.
fn differs_in_1_8_9(words: &[String]) -> bool {
    let whole =
        |word: &String| ["0:65535", "0:255", "0:4294967295"].iter().any(|range| word.ends_with(range));
    words.iter().any(|word| word == "47" || word == ":" || word.ends_with("=:") || whole(word))
}

/// Our rule is in `ours`, that of iptables in `theirs`; afterwards both are deleted by the other program.
fn compare(
    ours: &Namespace,
    theirs: &Namespace,
    family: Family,
    table: &str,
    args: &[&str],
) -> Result<(), String> {
    let peer = format!("{}-legacy", name(family));
    let run = |place: &Namespace, args: &[&str]| {
        let output = place.command(&peer).args(args).output().map_err(|error| error.to_string())?;
        Ok::<_, String>((output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned()))
    };
    let fw_run = |place: &Namespace, args: &[&str]| {
        let output = fw(place, name(family), args, b"").map_err(|error| error.to_string())?;
        Ok::<_, String>((output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned()))
    };
    let list = ["-t", table, "-S", "OUTPUT"];
    let texts =
        [fw_run(ours, &list)?.1, run(ours, &list)?.1, fw_run(theirs, &list)?.1, run(theirs, &list)?.1];
    let mut delete = args.to_vec();
    delete[2] = "-D";
    let deleted = run(ours, &delete)?.0 && fw_run(theirs, &delete)?.0;
    run(ours, &["-t", table, "-F"])?;
    run(theirs, &["-t", table, "-F"])?;
    if texts.iter().any(|text| *text != texts[0]) {
        let [fw_ours, peer_ours, fw_theirs, peer_theirs] =
            texts.map(|text| text.lines().last().unwrap_or("").to_owned());
        return Err(format!(
            "  fw writes, fw lists       {fw_ours}\n  fw writes, iptables lists {peer_ours}\n  iptables writes, fw lists {fw_theirs}\n  iptables writes and lists {peer_theirs}"
        ));
    }
    if !deleted {
        return Err("  is not deleted by the other program".to_owned());
    }
    Ok(())
}
