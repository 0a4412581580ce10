//! When rules mean the same to people, although they are written in other ways.

use super::compare::header;
use super::{MatchRef, RuleRef, TargetRef};
use crate::blob::Layout;
use crate::ext::ExtensionKind;
use crate::types::{Interface, Protocol, order};

/// When two rules count as the same.
///
/// By [`Meaning`](Equivalence::Meaning) the two rules of each row are the same; by [`Exact`](Equivalence::Exact) they are not:
///
/// | one | other | |
/// |---|---|---|
/// | `-m multiport --dports 80,443` | `-m multiport --dports 443,80` | in any order, each port once |
/// | `-m state --state NEW` | `-m conntrack --ctstate NEW` | |
/// | `-p tcp -m multiport --dports 80` | `-p tcp -m tcp --dport 80` | one port or range; tcp, udp, sctp and dccp, to and from |
/// | `-m mark --mark 1 -m mac --mac-source 02:00:00:00:00:01` | the other way round | matches that keep and change nothing |
///
/// Matches that count, or change something, stay where they are, and nothing changes its place with them, nor do those that libfw does
/// not know:
///
/// | match | because |
/// |---|---|
/// | limit, hashlimit, quota, statistic, connlimit, recent | what they say depends on the packets that they have seen |
/// | set | the set counts the packets of its members, which other rules ask for |
/// | nfacct | the object counts what the match sees |
/// | connlabel | with `--set` it labels the connection |
/// | socket | with `--restore-skmark` it marks the packet, which a match behind it sees |
/// | osf | with `--log` it logs what it sees |
/// | bpf | a pinned program may note what it likes |
/// | rateest | what it compares is measured meanwhile |
///
/// What is not the same stays apart: `-p tcp` is for every fragment of a packet, `-p tcp -m tcp` for the first alone. The one difference that does not
/// count is what becomes of packets that are too short to have a header of their protocol: matches of ports drop them, wherever they
/// stand, and `tcp` also a fragment that begins within the header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Equivalence {
    /// As the kernel has them, which is how `-C` and `-D` of iptables compare.
    #[default]
    Exact,
    /// As people mean them; see the table.
    Meaning,
}

/// Matches that keep something of the packets that they see, or change something.
const KEEPING: [&str; 13] = [
    "bpf",
    "connlabel",
    "connlimit",
    "hashlimit",
    "limit",
    "nfacct",
    "osf",
    "quota",
    "rateest",
    "recent",
    "set",
    "socket",
    "statistic",
];

/// The matches that have the ports of a protocol.
const PORTS: [(Protocol, &str); 4] =
    [(Protocol::TCP, "tcp"), (Protocol::UDP, "udp"), (Protocol::SCTP, "sctp"), (Protocol::DCCP, "dccp")];

impl RuleRef<'_> {
    /// Whether two rules are the same.
    ///
    /// ```
    /// use libfw::{Equivalence, Family, Rule};
    ///
    /// let one = Rule::parse(Family::Ipv4, "-p tcp -m state --state NEW -m multiport --dports 443,80 -j ACCEPT")?;
    /// let other = Rule::parse(Family::Ipv4, "-p tcp -m multiport --dports 80,443 -m conntrack --ctstate NEW -j ACCEPT")?;
    /// assert!(!one.view().is_same(other.view(), Equivalence::Exact));
    /// assert!(one.view().is_same(other.view(), Equivalence::Meaning));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn is_same(&self, other: RuleRef<'_>, how: Equivalence) -> bool {
        *self == other || how == Equivalence::Meaning && self.meaning(self.jump) == other.meaning(other.jump)
    }

    /// What a rule means: the same for rules that mean the same. `jump` is what stands for the chain that it goes to.
    pub(crate) fn meaning(&self, jump: Option<&[u8]>) -> Vec<u8> {
        let entry = self.entry;
        let header = header(entry);
        let mut key = Key(Vec::new());
        let fragment = header.fragment.map_or(0, |first| 1 + u8::from(first));
        let (family, protocol) = (entry.family as u8, header.protocol.value);
        key.add(&[family, header.goto.into(), fragment, header.invflags(), protocol.0]);
        key.add(match header.odd {
            true => entry.ip(),
            false => entry.ip().get(..Layout::of(entry.family).interfaces).unwrap_or_default(),
        });
        for name in [&header.input.value, &header.output.value].map(Interface::as_bytes) {
            key.add(name);
        }
        // What may change places is put in order.
        let mut movable: Vec<Vec<u8>> = Vec::new();
        for matching in self.matches() {
            match part(&matching, protocol) {
                (bytes, true) => movable.push(bytes),
                (bytes, false) => {
                    key.sorted(&mut movable);
                    key.add(&bytes);
                }
            }
        }
        key.sorted(&mut movable);
        match (jump, self.target()) {
            (Some(chain), _) => {
                key.add(b"jump");
                key.add(chain);
            }
            (None, TargetRef::Extension(target)) => key.add(&part(&target, protocol).0),
            (None, target) => key.add(format!("{target:?}").as_bytes()),
        }
        key.0
    }
}

/// Bytes of several parts: no key is the beginning of another.
struct Key(Vec<u8>);

impl Key {
    fn add(&mut self, part: &[u8]) {
        self.0.extend_from_slice(&part.len().to_ne_bytes());
        self.0.extend_from_slice(part);
    }

    fn sorted(&mut self, parts: &mut Vec<Vec<u8>>) {
        order::sort(parts);
        parts.drain(..).for_each(|part| self.add(&part));
    }
}

/// What a match or target means, and whether it may change places with others.
fn part(part: &MatchRef<'_>, protocol: Protocol) -> (Vec<u8>, bool) {
    let mut key = Key(Vec::new());
    let (Some(extension), Ok(options)) = (part.extension(), part.printed()) else {
        key.add(part.kernel_name());
        key.add(&[part.revision()]);
        key.add(part.data());
        return (key.0, false);
    };
    let mut options: Vec<(bool, String, Vec<u8>)> =
        options.into_iter().map(|option| (option.inverted, option.name.to_owned(), option.value)).collect();
    let mut name = extension.name;
    if part.kind() == ExtensionKind::Match {
        match name {
            "state" => {
                name = "conntrack";
                options.iter_mut().for_each(|(_, option, _)| *option = format!("ct{option}"));
            }
            "multiport" => {
                options.iter_mut().for_each(|(.., ports)| *ports = in_order(ports));
                if let [(_, option, port)] = &mut options[..]
                    && !port.contains(&b',')
                    && let Some((_, of)) = PORTS.iter().find(|(known, _)| *known == protocol)
                    && let Some(side) = option.strip_suffix("s").filter(|side| *side != "port")
                {
                    (name, *option) = (of, side.to_owned());
                }
            }
            _ => {}
        }
        if name == "conntrack" {
            let states = options.iter_mut().filter(|(_, option, _)| option == "ctstate");
            states.for_each(|(.., states)| *states = in_order(states));
        }
    }
    order::sort(&mut options);
    key.add(name.as_bytes());
    for (inverted, option, value) in options {
        key.add(&[inverted.into()]);
        key.add(option.as_bytes());
        key.add(&value);
    }
    (key.0, !KEEPING.contains(&extension.name))
}

/// The elements of a list in one order, each once.
fn in_order(list: &[u8]) -> Vec<u8> {
    let mut elements: Vec<&[u8]> = list.split(|byte| *byte == b',').collect();
    order::sort(&mut elements);
    elements.dedup();
    elements.join(&b',')
}

#[cfg(test)]
mod tests {
    use super::{Equivalence, KEEPING};
    use crate::{Family, Rule};

    fn same(one: &str, other: &str) -> bool {
        let [one, other] = [one, other].map(|line| Rule::parse(Family::Ipv4, line).unwrap());
        assert!(one.view().is_same(one.view(), Equivalence::Meaning));
        assert_eq!(one == other, one.view().is_same(other.view(), Equivalence::Exact));
        one.view().is_same(other.view(), Equivalence::Meaning)
    }

    #[test]
    fn what_means_the_same_is_the_same() {
        for (one, other) in [
            ("-p tcp -m multiport --dports 80,443,22", "-p tcp -m multiport --dports 22,80,443,80"),
            ("-p udp -m multiport ! --sports 1:5,9", "-p udp -m multiport ! --sports 9,1:5"),
            ("-m state --state ESTABLISHED,NEW", "-m conntrack --ctstate NEW,ESTABLISHED"),
            ("-m state ! --state NEW", "-m conntrack ! --ctstate NEW"),
            ("-p tcp -m multiport --dports 80", "-p tcp -m tcp --dport 80"),
            ("-p udp -m multiport --sports 80:90", "-p udp -m udp --sport 80:90"),
            ("-p sctp -m multiport ! --dports 5", "-p sctp -m sctp ! --dport 5"),
            ("-p dccp -m multiport --dports 5", "-p dccp -m dccp --dport 5"),
            (
                "-m mark --mark 1 -m pkttype --pkt-type unicast",
                "-m pkttype --pkt-type unicast -m mark --mark 1",
            ),
            (
                "-m mark --mark 1 -m mac --mac-source 02:00:00:00:00:01 -m limit --limit 5/sec -m dscp --dscp 1 -m ttl --ttl-eq 5",
                "-m mac --mac-source 02:00:00:00:00:01 -m mark --mark 1 -m limit --limit 5/sec -m ttl --ttl-eq 5 -m dscp --dscp 1",
            ),
        ] {
            assert!(same(one, other), "{one} / {other}");
            assert!(same(&format!("{one} -j ACCEPT"), &format!("{other} -j ACCEPT")), "{one}");
            assert!(!same(&format!("{one} -j ACCEPT"), &format!("{other} -j DROP")), "{one}");
            assert!(!same(one, &format!("! -i lo {other}")), "{one}");
        }
    }

    /// A rule for each match that keeps something: in front of another match it is not what it is behind it.
    #[test]
    fn what_keeps_something_stays_where_it_is() {
        for name in KEEPING {
            let options = match name {
                "bpf" => "--bytecode \"1,6 0 0 1\"",
                "connlabel" => "--label 5 --set",
                "connlimit" => "--connlimit-above 1",
                "hashlimit" => "--hashlimit-upto 5/sec --hashlimit-name x",
                "limit" => "--limit 5/sec",
                "nfacct" => "--nfacct-name x",
                "osf" => "--genre Linux --log 1",
                "quota" => "--quota 5",
                "rateest" => "--rateest x --rateest-lt --rateest-bps 8kbit",
                "recent" => "--set",
                "socket" => "--restore-skmark",
                "statistic" => "--mode nth --every 2 --packet 0",
                // Needs a set; see tests/packets.
                _ => continue,
            };
            let (keeping, other) = (format!("-m {name} {options}"), "-m mark --mark 1");
            assert!(
                !same(&format!("-p tcp {keeping} {other}"), &format!("-p tcp {other} {keeping}")),
                "{name}"
            );
            assert!(same(
                &format!("-p tcp {keeping} {other} -m dscp --dscp 1"),
                &format!("-p tcp {keeping} -m dscp --dscp 1 {other}")
            ));
        }
    }

    #[test]
    fn what_does_not_stays_apart() {
        for (one, other) in [
            ("-p tcp", "-p tcp -m tcp"),
            ("-p tcp -m multiport --ports 80", "-p tcp -m tcp --dport 80"),
            ("-p tcp -m multiport --dports 80", "-p tcp -m tcp --sport 80"),
            ("-p tcp -m multiport --dports 80", "-p tcp -m tcp --dport 81"),
            ("-p udplite -m multiport --dports 80", "-p udplite"),
            ("-p tcp -m multiport --dports 80,81", "-p tcp -m multiport --dports 80:81"),
            ("-m state --state NEW", "-m conntrack --ctstate NEW,RELATED"),
            ("-m mark --mark 1 -m limit --limit 5/sec", "-m limit --limit 5/sec -m mark --mark 1"),
            ("-m mark --mark 1 -m recent --set", "-m recent --set -m mark --mark 1"),
            ("-m mark --mark 1 -m quota --quota 5", "-m quota --quota 5 -m mark --mark 1"),
            (
                "-m mark --mark 1 -m statistic --mode nth --every 2 --packet 0",
                "-m statistic --mode nth --every 2 --packet 0 -m mark --mark 1",
            ),
            (
                "-m mark --mark 1 -m connlimit --connlimit-above 1",
                "-m connlimit --connlimit-above 1 -m mark --mark 1",
            ),
            (
                "-m mark --mark 1 -m hashlimit --hashlimit-upto 5/sec --hashlimit-name x",
                "-m hashlimit --hashlimit-upto 5/sec --hashlimit-name x -m mark --mark 1",
            ),
            ("-m mark --mark 1", "-m mark --mark 1 -m mark --mark 1"),
            ("-m comment --comment a", "-m comment --comment b"),
            ("-j web", "-g web"),
            ("-j web", "-j www"),
            ("-j LOG --log-prefix a", "-j LOG --log-prefix b"),
        ] {
            assert!(!same(one, other), "{one} / {other}");
        }
    }
}
