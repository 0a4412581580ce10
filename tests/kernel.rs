//! Large tables through `fw` and the kernel; what it shares with iptables is in `differential`.

use std::io::{self, Write};
use std::process::{Output, Stdio};

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
        let done = play.together([Family::Ipv4, Family::Ipv6], |family| {
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
            Ok(())
        });
        done.map(drop)
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
            Family::Ipv4 | Family::Arp => format!("10.{}.{}.1/32", number / 250, low),
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
