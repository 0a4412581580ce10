//! What the kernel takes although no packet is like that.

use std::collections::BTreeMap;

use super::Table;
use super::objects::{settings, text_of};
use super::validate::MOST_ERRORS;
use crate::blob::Header;
use crate::error::{Warning, tell};
use crate::types::{Family, Hook, HookMask, Interface, Inv};

/// An interface that a rule may be about: the option, where packets have none, and what the rule says of it.
type Side = (&'static str, HookMask, fn(&Header) -> &Inv<Interface>);

/// What is kept by a name, which the rules of all tables share, as the first rule has it: the match, what that is, the option of the name,
/// and the one that is the first rule's; `None` if every one is.
const KEPT: [(&str, &str, &str, Option<&str>); 2] =
    [("hashlimit", "limit", "hashlimit-name", None), ("recent", "list", "name", Some("mask"))];

/// Behind POSTROUTING `-i` is left alone: Linux 5.7 and later know there where a forwarded packet has come from.
const SIDES: [Side; 2] = [
    ("in-interface", Hook::Output.mask(), |header| &header.input),
    ("out-interface", HookMask::of(&[Hook::Prerouting, Hook::Input]), |header| &header.output),
];

impl Table {
    /// Warns of what the kernel takes although it does not do what it says.
    pub(super) fn tell_odd(&self) {
        if self.family != Family::Arp {
            self.tell_interfaces();
            self.tell_kept();
        }
    }

    /// Warns of rules that have something by name, but not its settings: the kernel has those of the rule that made it.
    fn tell_kept(&self) {
        let kept = |name: &[u8]| KEPT.iter().find(|(of, ..)| of.as_bytes() == name);
        let (mut known, mut told) = (BTreeMap::new(), 0);
        for id in &self.order {
            let chain = &self.chains[*id as usize];
            for (index, slot) in chain.rules.iter().enumerate() {
                let entry = self.entry(*slot);
                if told == MOST_ERRORS || !entry.matches().any(|part| kept(part.name).is_some()) {
                    continue;
                }
                for part in self.parts(entry).iter().flatten() {
                    let Some((of, what, option, first)) = kept(part.kernel_name()) else { continue };
                    let Some(name) = text_of(part, option) else { continue };
                    let has = settings(part, *first);
                    if *known.entry((of, name.clone())).or_insert_with(|| has.clone()) != has {
                        tell(Warning::OtherSettings {
                            table: self.name.clone(),
                            chain: chain.name_text().into_owned(),
                            rule: index + 1,
                            what,
                            name,
                        });
                        told += 1;
                    }
                }
            }
        }
    }

    /// Warns of rules about an interface where packets have none. iptables refuses them by the name of the chain that they are for, the
    /// kernel takes them.
    fn tell_interfaces(&self) {
        let reach = self.reach();
        let mut told = 0;
        for id in &self.order {
            let chain = &self.chains[*id as usize];
            for (index, slot) in chain.rules.iter().enumerate() {
                let hooks = reach.of(*id, index);
                if hooks == HookMask::NONE {
                    continue;
                }
                let header = self.entry(*slot).header();
                let odd = SIDES.iter().find(|(_, nowhere, interface)| {
                    hooks.0 & !nowhere.0 == 0 && !interface(&header).value.is_any()
                });
                let Some((option, _, interface)) = odd else { continue };
                let always = interface(&header).inverted;
                tell(Warning::NoInterface {
                    table: self.name.clone(),
                    chain: chain.name_text().into_owned(),
                    rule: index + 1,
                    option,
                    always,
                });
                told += 1;
                if told == MOST_ERRORS {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::error::told_by;
    use crate::{Family, MemoryKernel};

    /// What is told of rules in a table.
    fn told(table: &str, rules: &[(&str, &str)]) -> Vec<String> {
        let mut table = MemoryKernel::new().kernel().open(Family::Ipv4, table).unwrap();
        for (chain, rule) in rules {
            let known = table.chain(chain).is_some();
            let mut chain = if known { table.chain_mut(chain) } else { table.new_chain(chain) }.unwrap();
            chain.append(*rule).unwrap();
        }
        let (validated, warnings) = told_by(|| table.validate());
        validated.unwrap();
        let (rehearsed, again) = told_by(|| table.rehearse());
        rehearsed.unwrap();
        assert_eq!(warnings, again);
        // A commit says nothing of it.
        let (committed, none) = told_by(|| table.commit());
        committed.unwrap();
        assert_eq!(none.len(), 0);
        warnings.iter().map(|warning| format!("Warning: {warning}")).collect()
    }

    /// The kernel keeps limits by name: twenty packets in a second pass a rule that would let one pass in a minute.
    #[test]
    fn limits_of_one_name() {
        let rule =
            |settings: &str| format!("-m hashlimit --hashlimit-name a --hashlimit-mode {settings} -j ACCEPT");
        let first = rule("srcip --hashlimit-upto 1000/sec");
        for (second, odd) in [
            (rule("srcip --hashlimit-upto 1/min"), true),
            (rule("dstip --hashlimit-upto 1000/sec"), true),
            (rule("srcip --hashlimit-upto 1000/sec --hashlimit-burst 7"), true),
            (rule("srcip --hashlimit-upto 1000/sec"), false),
            (rule("srcip --hashlimit-above 1000/sec"), false),
            (rule("srcip --hashlimit-upto 1/min").replace("-name a", "-name b"), false),
        ] {
            let what = "the limit \"a\" has the settings of a rule before this one, and the kernel does not look at others";
            let warning = format!("Warning: table filter, chain web, rule 1: {what}");
            let expected = if odd { vec![warning] } else { vec![] };
            assert_eq!(told("filter", &[("INPUT", &first), ("web", &second)]), expected, "{second}");
        }
    }

    /// With `--mask 255.0.0.0` in the first rule, /proc/net/xt_recent has 10.0.0.0, whatever mask a later rule has.
    #[test]
    fn lists_of_one_name() {
        let first = "-m recent --name a --set --mask 255.0.0.0";
        for (second, odd) in [
            ("-m recent --name a --set", true),
            ("-m recent --name a --rcheck --mask 255.255.0.0 -j DROP", true),
            ("-m recent --name a --update --seconds 60 --mask 255.0.0.0 --rdest -j DROP", false),
            ("-m recent --name b --set", false),
        ] {
            let what = "the list \"a\" has the settings of a rule before this one, and the kernel does not look at others";
            let warning = format!("Warning: table filter, chain web, rule 1: {what}");
            let expected = if odd { vec![warning] } else { vec![] };
            assert_eq!(told("filter", &[("INPUT", first), ("web", second)]), expected, "{second}");
        }
    }

    #[test]
    fn interfaces_that_packets_lack() {
        let where_from = |place: &str, option: &str, what: &str| {
            vec![format!(
                "Warning: table {place}: packets have no interface for --{option} here, so the rule {what}"
            )]
        };
        let [never, always] = ["never matches", "is for all of them"];
        let (input, output) = ("in-interface", "out-interface");
        let first = |table: &str, chain: &str| format!("{table}, chain {chain}, rule 1");
        for (table, chain, rule, told_of) in [
            ("filter", "INPUT", "-o eth0 -j DROP", where_from(&first("filter", "INPUT"), output, never)),
            ("filter", "INPUT", "! -o eth+ -j DROP", where_from(&first("filter", "INPUT"), output, always)),
            ("nat", "PREROUTING", "-o eth0", where_from(&first("nat", "PREROUTING"), output, never)),
            ("filter", "OUTPUT", "-i lo", where_from(&first("filter", "OUTPUT"), input, never)),
            ("mangle", "POSTROUTING", "-i lo", vec![]),
            ("filter", "FORWARD", "-i lo -o lo", vec![]),
            ("filter", "INPUT", "-i lo", vec![]),
            ("filter", "INPUT", "-o + -j DROP", vec![]),
        ] {
            assert_eq!(told(table, &[(chain, rule)]), told_of, "{table} {chain} {rule}");
        }
        // A chain is wherever packets come to it from.
        let web = [("web", "-s 10.0.0.1"), ("web", "-o eth0"), ("INPUT", "-j web")];
        assert_eq!(told("filter", &web), where_from("filter, chain web, rule 2", output, never));
        assert!(told("filter", &[&web[..], &[("FORWARD", "-j web")]].concat()).is_empty());
        assert!(told("filter", &web[..2]).is_empty());
    }
}
