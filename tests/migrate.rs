//! `fw migrate`: the rules of one backend into the other.

use std::io;

use libfw::{ErrorKind, Family, Kernel};
use libfw_playground::{Namespace, test_on};

const FW: &str = env!("CARGO_BIN_EXE_fw");

/// Exit status, what is printed, and what is complained of.
fn fw(place: &Namespace, args: &[&str]) -> io::Result<(Option<i32>, String, String)> {
    let output = place.command(FW).args(args).output()?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok((output.status.code(), text(output.stdout), text(output.stderr)))
}

/// The rules of both families with their counters, and what drops by policy.
fn saved(place: &Namespace, backend: &str) -> io::Result<Vec<String>> {
    let mut lines = Vec::new();
    for family in ["iptables", "ip6tables"] {
        let (_, text, _) = fw(place, &[&format!("{family}-{backend}-save"), "-c"])?;
        let wanted = |line: &&str| line.contains(" -A ") || line.contains(" DROP ");
        lines.extend(text.lines().filter(wanted).map(str::to_owned));
    }
    // Tables come in another order.
    lines.sort();
    Ok(lines)
}

#[test]
fn there_and_back() {
    test_on("", |play| {
        let place = play.namespace()?;
        for kernel in [Kernel::legacy(), Kernel::nft()] {
            let opened = place.run(|| kernel.open(Family::Ipv4, "filter"));
            if opened.as_ref().is_err_and(|error| error.kind() == ErrorKind::BackendAbsent) {
                return Err(io::Error::new(io::ErrorKind::Unsupported, "the kernel has not both backends"));
            }
        }
        for line in [
            "iptables-legacy -P FORWARD DROP",
            "iptables-legacy -N web",
            "iptables-legacy -A INPUT -c 5 600 -p tcp --dport 80 -j web",
            "iptables-legacy -A web -m comment --comment it's -j ACCEPT",
            "iptables-legacy -t nat -A POSTROUTING -o eth0 -j MASQUERADE",
            "ip6tables-legacy -t raw -A OUTPUT -o lo -j NOTRACK",
        ] {
            let (status, _, complaint) = fw(&place, &line.split(' ').collect::<Vec<_>>())?;
            assert_eq!(status, Some(0), "{line}: {complaint}");
        }
        let rules = saved(&place, "legacy")?;
        assert_eq!(rules.len(), 5, "{rules:?}");

        // A plan changes nothing.
        let (status, plan, _) = fw(&place, &["migrate", "--to", "nft"])?;
        assert_eq!(status, Some(0));
        assert!(plan.contains("[5:600] -A INPUT -p tcp -m tcp --dport 80 -j web"), "{plan}");
        assert!(plan.ends_with("# Nothing was changed; with --apply it is done.\n"), "{plan}");
        assert_eq!((saved(&place, "legacy")?, saved(&place, "nft")?), (rules.clone(), Vec::new()));

        let (status, _, complaint) = fw(&place, &["migrate", "--to", "nft", "--apply"])?;
        assert_eq!((status, &*complaint), (Some(0), ""));
        assert_eq!((saved(&place, "legacy")?, saved(&place, "nft")?), (Vec::new(), rules.clone()));
        let (_, version, _) = fw(&place, &["iptables", "-V"])?;
        assert_eq!(version, "iptables v1.8.11 (nf_tables)\n");

        let (status, _, complaint) = fw(&place, &["migrate", "--apply", "--to", "legacy"])?;
        assert_eq!((status, &*complaint), (Some(0), ""));
        assert_eq!((saved(&place, "legacy")?, saved(&place, "nft")?), (rules.clone(), Vec::new()));

        // Rules on both sides are nobody's to mix.
        fw(&place, &["iptables-nft", "-A", "INPUT", "-j", "DROP"])?;
        let (status, _, complaint) = fw(&place, &["migrate", "--to", "nft", "--apply"])?;
        assert_eq!(status, Some(1));
        assert!(complaint.contains("nf_tables holds rules already, in table filter of IPv4"), "{complaint}");
        assert_eq!((saved(&place, "legacy")?, saved(&place, "nft")?.len()), (rules, 1));
        assert_eq!(fw(&place, &["migrate"])?.0, Some(2));
        Ok(())
    });
}

/// Where one rule of many is refused, nothing was done on either side, in whichever family it is.
#[test]
fn a_refused_rule_leaves_both_as_they_were() {
    test_on("", |play| {
        let cases = [
            // nf_tables have no such target.
            ("legacy", "nft", "ip6tables", "-A FORWARD -p udp -j QUEUE"),
            // Without --tcp-flags SYN it is refused by legacy tables alone.
            ("nft", "legacy", "ip6tables", "-A FORWARD -p tcp -j TCPMSS --set-mss 1400"),
            ("nft", "legacy", "iptables", "-A FORWARD -p tcp -j TCPMSS --set-mss 1400"),
        ];
        for (from, to, family, refused) in cases {
            let place = play.namespace()?;
            for kernel in [Kernel::legacy(), Kernel::nft()] {
                let opened = place.run(|| kernel.open(Family::Ipv4, "filter"));
                if opened.as_ref().is_err_and(|error| error.kind() == ErrorKind::BackendAbsent) {
                    return Err(io::Error::new(
                        io::ErrorKind::Unsupported,
                        "the kernel has not both backends",
                    ));
                }
            }
            for line in [
                format!("iptables-{from} -t nat -A POSTROUTING -o eth0 -j MASQUERADE"),
                format!("iptables-{from} -P INPUT DROP"),
                format!("ip6tables-{from} -A INPUT -c 5 600 -p tcp --dport 80 -j ACCEPT"),
                format!("{family}-{from} {refused}"),
                format!("ip6tables-{from} -A FORWARD -j DROP"),
                format!("iptables-{from} -t raw -A OUTPUT -o lo -j NOTRACK"),
            ] {
                let (status, _, complaint) = fw(&place, &line.split(' ').collect::<Vec<_>>())?;
                assert_eq!(status, Some(0), "{line}: {complaint}");
            }
            let rules = saved(&place, from)?;
            assert_eq!(rules.len(), 6, "{rules:?}");
            let (status, said, complaint) = fw(&place, &["migrate", "--to", to, "--apply"])?;
            assert_eq!((status, &*said), (Some(1), ""), "{complaint}");
            let target = refused.split(" -j ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
            assert!(complaint.contains(target), "{complaint}");
            assert_eq!((saved(&place, from)?, saved(&place, to)?), (rules, Vec::new()));
        }
        Ok(())
    });
}
