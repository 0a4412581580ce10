//! Every revision of every extension: rules are written for kernels that have no newer one, and say the same.

use std::sync::Arc;

use crate::ext::{self, Extension, ExtensionKind, Host, SetInfo, System};
use crate::rule::grammar::parse_text;
use crate::sys::xt::xt_align;
use crate::{ErrorKind, Family, Result, Rule, TargetRef};

/// A kernel that knows one extension in one revision, all others in the newest, and one ipset.
#[derive(Debug)]
struct Old {
    extension: &'static Extension,
    revision: u8,
}

impl Old {
    /// A line as this kernel has it.
    fn rule(self, family: Family, line: &str) -> Result<Rule> {
        let system = System::new(Arc::new(self));
        parse_text(family, line, &system)
    }
}

impl Host for Old {
    fn supports(&self, _: Family, kind: ExtensionKind, name: &str, revision: u8) -> Result<bool> {
        let of = self.extension;
        let same = of.kind == kind && [of.name, of.kernel_name].contains(&name);
        Ok(!same || revision == self.revision)
    }

    fn set_by_name(&self, name: &[u8]) -> Result<Option<SetInfo>> {
        Ok((name == b"ban").then_some(SetInfo { index: 7, family: 0 }))
    }

    fn set_by_index(&self, index: u16) -> Result<Option<Vec<u8>>> {
        Ok((index == 7).then(|| b"ban".to_vec()))
    }
}

/// Lines for both families; each extension that has several revisions is written in all of them.
const LINES: &[&str] = &[
    "-m bpf --bytecode \"2,48 0 0 9,6 0 0 0\"",
    "-m cgroup --cgroup 1",
    "-m cgroup ! --path a/b",
    "-m connlimit --connlimit-above 5",
    "-m connlimit --connlimit-upto 5 --connlimit-mask 24",
    "-m connmark ! --mark 0x10/0xf0",
    "-m conntrack --ctstate NEW,ESTABLISHED",
    "-m conntrack ! --ctstate INVALID",
    "-m conntrack --ctproto tcp --ctstatus ASSURED,SEEN_REPLY --ctexpire 5:10",
    "-m hashlimit --hashlimit-upto 5/sec --hashlimit-name a",
    "-m hashlimit --hashlimit-upto 5/hour --hashlimit-burst 9 --hashlimit-name a --hashlimit-mode srcip,dstport \
     --hashlimit-htable-size 10 --hashlimit-htable-max 20 --hashlimit-htable-gcinterval 30 --hashlimit-htable-expire 40",
    "-m hashlimit --hashlimit-above 5/min --hashlimit-name a --hashlimit-mode dstip --hashlimit-dstmask 24",
    "-m hashlimit --hashlimit-upto 20kb/s --hashlimit-name a",
    "-m mark ! --mark 0x10/0xf0",
    "-p tcp -m multiport --sports 1,2,3",
    "-p tcp -m multiport --ports 1,2",
    "-m nfacct --nfacct-name foo",
    "-m owner --uid-owner 5 ! --gid-owner 7",
    "-m recent --set --name foo",
    "-m recent ! --update --seconds 60 --hitcount 3 --rttl --rdest",
    "-m set --match-set ban src",
    "-m set ! --match-set ban src,dst",
    "-m socket",
    "-m socket --transparent",
    "-m state --state NEW,RELATED",
    "-m string --algo bm --string foo",
    "-m string --algo kmp ! --string foo --from 3 --to 9",
    "-j CONNMARK --set-mark 5/7",
    "-j CONNMARK --save-mark",
    "-j CONNMARK --restore-mark --mask 0xff",
    "-j CT --notrack",
    "-j CT --zone 5",
    "-p tcp -j CT --helper ftp --ctevents new,destroy --expevents new",
    "-j IDLETIMER --timeout 5 --label foo",
    "-j MARK --set-mark 5",
    "-j MARK --or-mark 5",
    "-j NFQUEUE --queue-num 5",
    "-j NFQUEUE --queue-balance 1:5",
    "-j NOTRACK",
    "-j SECMARK --selctx system_u:object_r:x_t:s0",
    "-j SET --add-set ban src",
    "-j SET --del-set ban src,dst",
];

const LINES_IPV4: &[&str] = &[
    "-m addrtype --src-type LOCAL ! --dst-type UNICAST,BROADCAST",
    "-m conntrack --ctorigsrc 10.0.0.0/8 ! --ctrepldst 1.2.3.4",
    "-m iprange --src-range 1.2.3.4-1.2.3.9 ! --dst-range 5.6.7.8-5.6.7.9",
    "-m tos --tos 0x10/0xff",
    "-p tcp -j DNAT --to-destination 1.2.3.4-1.2.3.9:80-90 --persistent",
    "-j SNAT --to-source 1.2.3.4 --random",
    "-j TOS --set-tos 0x10/0x1f",
    "-p tcp -j TPROXY --on-port 80 --on-ip 1.2.3.4 --tproxy-mark 1/3",
];

const LINES_IPV6: &[&str] = &[
    "-m conntrack --ctorigsrc 2001:db8::/32 ! --ctrepldst ::1",
    "-m srh --srh-next-hdr 17 ! --srh-hdr-len-eq 8 --srh-tag 5",
    "-p tcp -j DNAT --to-destination [::1-::9]:80-90 --persistent",
    "-j SNAT --to-source ::1 --random",
];

/// Lines that only newer revisions can say, and the first that can.
const NEEDS: &[(&str, Family, u8)] = &[
    ("-m addrtype --src-type LOCAL --limit-iface-in", Family::Ipv4, 1),
    ("-m bpf --object-pinned /sys/fs/bpf/x", Family::Ipv4, 1),
    ("-m cgroup --path a", Family::Ipv4, 1),
    ("-m connlimit --connlimit-above 5 --connlimit-daddr", Family::Ipv4, 1),
    ("-m conntrack --ctstate DNAT,UNTRACKED", Family::Ipv6, 2),
    ("-m conntrack --ctorigdstport 80:90", Family::Ipv4, 3),
    ("-m conntrack --ctdir REPLY", Family::Ipv4, 1),
    ("-m hashlimit --hashlimit-above 5/sec --hashlimit-name a", Family::Ipv4, 1),
    ("-m hashlimit --hashlimit-upto 5/sec --hashlimit-name a --hashlimit-rate-match", Family::Ipv4, 3),
    ("-p tcp -m multiport --sports 1:5", Family::Ipv6, 1),
    ("-p tcp -m multiport ! --sports 1", Family::Ipv4, 1),
    ("-m owner --uid-owner 1-5", Family::Ipv4, 1),
    ("-m recent --set --mask 255.255.0.0", Family::Ipv4, 1),
    ("-m set --match-set ban src --packets-gt 5", Family::Ipv4, 3),
    ("-m socket --transparent", Family::Ipv4, 1),
    ("-m socket --nowildcard", Family::Ipv6, 2),
    ("-m socket --restore-skmark", Family::Ipv4, 3),
    ("-m srh --srh-psid ::1", Family::Ipv6, 1),
    ("-m string --algo bm --string foo --icase", Family::Ipv4, 1),
    ("-m tos --tos 0x10/0x3f", Family::Ipv4, 1),
    ("-j CONNMARK --save-mark --left-shift-mark 3", Family::Ipv4, 2),
    ("-j CONNMARK --save-mark --nfmask 1", Family::Ipv4, 1),
    ("-j CT --zone-orig 5", Family::Ipv4, 2),
    ("-p udp -j CT --timeout short", Family::Ipv4, 1),
    ("-p tcp -j DNAT --to-destination 1.2.3.4:80-90/85", Family::Ipv4, 2),
    ("-j IDLETIMER --timeout 5 --label foo --alarm", Family::Ipv4, 1),
    ("-j MARK --set-xmark 5/7", Family::Ipv4, 2),
    ("-j NFQUEUE --queue-balance 1:5", Family::Ipv4, 1),
    ("-j NFQUEUE --queue-num 5 --queue-bypass", Family::Ipv4, 2),
    ("-j NFQUEUE --queue-balance 1:5 --queue-cpu-fanout", Family::Ipv4, 3),
    ("-j SET --add-set ban src --exist --timeout 5", Family::Ipv4, 2),
    ("-j SET --map-set ban src --map-mark", Family::Ipv4, 3),
    ("-j TOS --set-tos 0x10/0x3f", Family::Ipv4, 1),
];

fn is_about(line: &str, extension: &Extension) -> bool {
    let flag = match extension.kind {
        ExtensionKind::Match => "-m",
        ExtensionKind::Target => "-j",
    };
    let words: Vec<_> = line.split(' ').collect();
    words.windows(2).any(|pair| pair == [flag, extension.name])
}

fn several_revisions() -> impl Iterator<Item = (Family, &'static Extension)> {
    let families = ext::all().flat_map(|extension| [(Family::Ipv4, extension), (Family::Ipv6, extension)]);
    families.filter(|(family, extension)| {
        extension.families.contains(*family) && extension.revisions_of(*family).nth(1).is_some()
    })
}

/// The revision and size of the data that a line makes.
fn written(rule: &Rule, extension: &Extension) -> (u8, usize) {
    let view = rule.view();
    match extension.kind {
        ExtensionKind::Match => {
            let matching = view.matches().last().expect("a match");
            (matching.revision(), matching.data().len())
        }
        ExtensionKind::Target => match view.target() {
            TargetRef::Extension(target) => (target.revision(), target.data().len()),
            other => panic!("{other:?}"),
        },
    }
}

#[test]
fn each_revision_says_the_same() {
    for (family, extension) in several_revisions() {
        let lines = LINES.iter().chain(family.pick(LINES_IPV4, LINES_IPV6));
        let lines: Vec<_> = lines.filter(|line| is_about(line, extension)).collect();
        for known in extension.revisions_of(family) {
            let mut count = 0;
            for line in &lines {
                let rule = match (Old { extension, revision: known.number }).rule(family, line) {
                    Ok(rule) => rule,
                    Err(error) if error.kind() == ErrorKind::ExtensionUnavailable => continue,
                    Err(error) => panic!("{family} {line} in revision {}: {error}", known.number),
                };
                let (revision, size) = written(&rule, extension);
                assert_eq!(revision, known.number, "{family} {line}");
                assert_eq!(xt_align(size), family.pick(known.size[0], known.size[1]), "{family} {line}");
                let expected = Rule::parse(family, line).unwrap();
                assert_eq!(rule.to_string(), expected.to_string(), "{family} {line} in revision {revision}");
                count += 1;
            }
            assert!(count > 0, "{family} {extension:?}: no line is written in revision {}", known.number);
        }
    }
}

#[test]
fn older_revisions_refuse_what_they_cannot_say() {
    for (line, family, needed) in NEEDS {
        let found = several_revisions().find(|(of, extension)| of == family && is_about(line, extension));
        let (_, extension) = found.unwrap_or_else(|| panic!("{line}"));
        for known in extension.revisions_of(*family) {
            let parsed = (Old { extension, revision: known.number }).rule(*family, line);
            if known.number >= *needed {
                parsed.unwrap_or_else(|error| panic!("{line} in revision {}: {error}", known.number));
                continue;
            }
            let error = parsed.expect_err(line);
            assert_eq!(error.kind(), ErrorKind::ExtensionUnavailable, "{line}: {error}");
            let named = (known.number + 1..=*needed).any(|revision| {
                let has = known.number;
                error.message()
                    == format!("these options need revision {revision}, but the kernel has only {has}")
            });
            assert!(named, "{line}: {error}");
            assert_eq!(crate::iptables::words(&error), (1, "No chain/target/match by that name.".into()));
        }
    }
}
