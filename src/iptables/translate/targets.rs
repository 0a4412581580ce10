//! Targets in the language of nft.

use super::parts::{Options, ip, unquoted};
use crate::rule::{MatchRef, RuleRef};
use crate::types::Family;

/// A target that is an extension.
pub(super) fn target(part: &MatchRef<'_>, rule: &RuleRef<'_>) -> Option<String> {
    let name = String::from_utf8_lossy(part.name()).into_owned();
    let mut options = Options::of(part)?;
    let family = rule.family();
    let mut parts = Vec::new();
    match name.as_str() {
        "LOG" => {
            parts.push("log".to_owned());
            parts.extend(
                options.take("log-prefix").map(|(text, _)| format!("prefix \"{}\"", unquoted(&text))),
            );
            let level = options.take("log-level").map_or(4, |(level, _)| level.parse::<usize>().unwrap_or(4));
            let names = ["emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"];
            if level != 4 {
                parts.push(format!("level {}", names.get(level)?));
            }
            let flags = [
                ("log-tcp-sequence", "tcp sequence"),
                ("log-tcp-options", "tcp options"),
                ("log-ip-options", "ip options"),
                ("log-uid", "skuid"),
                ("log-macdecode", "ether"),
            ];
            let mut given: Vec<&str> = Vec::new();
            for (flag, text) in flags {
                if options.flag(flag) {
                    // Both of TCP are one word.
                    match given.last_mut() {
                        Some(last) if *last == "tcp sequence" && text == "tcp options" => {
                            *last = "tcp sequence,options"
                        }
                        _ => given.push(text),
                    }
                }
            }
            if given.len() == 4 && given[0].contains(',') {
                parts.push("flags all".to_owned());
            } else {
                parts.extend(given.into_iter().map(|flag| format!("flags {flag}")));
            }
        }
        "NFLOG" => {
            parts.push("log".to_owned());
            parts.extend(
                options.take("nflog-prefix").map(|(text, _)| format!("prefix \"{}\"", unquoted(&text))),
            );
            parts.extend(options.take("nflog-size").map(|(size, _)| format!("snaplen {size}")));
            parts
                .extend(options.take("nflog-threshold").map(|(count, _)| format!("queue-threshold {count}")));
            options.flag("nflog-range");
            let group = options.take("nflog-group").map_or("0".to_owned(), |(group, _)| group);
            parts.push(format!("group {group}"));
        }
        "NFQUEUE" => {
            let num = options.take("queue-balance").or_else(|| options.take("queue-num"));
            let num = num.map_or("0".to_owned(), |(num, _)| num.replace(':', "-"));
            let flags: Vec<&str> = [("queue-bypass", "bypass"), ("queue-cpu-fanout", "fanout")]
                .into_iter()
                .filter(|(flag, _)| options.flag(flag))
                .map(|(_, text)| text)
                .collect();
            parts.push(format!("queue num {num}"));
            if !flags.is_empty() {
                parts.push(flags.join(","));
            }
        }
        "REJECT" => {
            let (kind, _) = options.take("reject-with")?;
            let kind = match kind.as_str() {
                "icmp-port-unreachable" | "icmp6-port-unreachable" => None,
                "tcp-reset" => Some("tcp reset".to_owned()),
                "icmp-proto-unreachable" => Some("icmp type prot-unreachable".to_owned()),
                "icmp6-adm-prohibited" => Some("icmpv6 type admin-prohibited".to_owned()),
                "icmp6-addr-unreachable" => Some("icmpv6 type addr-unreachable".to_owned()),
                kind => Some(match kind.strip_prefix("icmp6-") {
                    Some(kind) => format!("icmpv6 type {kind}"),
                    None => format!("icmp type {}", kind.strip_prefix("icmp-")?),
                }),
            };
            parts.push("reject".to_owned());
            parts.extend(kind.map(|kind| format!("with {kind}")));
        }
        "DNAT" | "SNAT" | "MASQUERADE" | "REDIRECT" => {
            let (verb, option) = match name.as_str() {
                "DNAT" => ("dnat", "to-destination"),
                "SNAT" => ("snat", "to-source"),
                "MASQUERADE" => ("masquerade", "to-ports"),
                _ => ("redirect", "to-ports"),
            };
            parts.push(verb.to_owned());
            if let Some((to, _)) = options.take(option) {
                if to.contains('/') {
                    return None;
                }
                parts.push(if option == "to-ports" { format!("to :{to}") } else { format!("to {to}") });
            }
            let flags =
                [("random", "random"), ("random-fully", "fully-random"), ("persistent", "persistent")];
            let flags: Vec<&str> =
                flags.into_iter().filter(|(flag, _)| options.flag(flag)).map(|(_, text)| text).collect();
            if !flags.is_empty() {
                parts.push(flags.join(","));
            }
        }
        "MARK" | "CONNMARK" => parts.push(marked(&name, &mut options)?),
        "CT" if options.flag("notrack") => parts.push("notrack".to_owned()),
        "NOTRACK" => parts.push("notrack".to_owned()),
        "TRACE" => parts.push("nftrace set 1".to_owned()),
        "AUDIT" => {
            options.take("type")?;
            parts.push("log level audit".to_owned());
        }
        "CLASSIFY" => {
            let (class, _) = options.take("set-class")?;
            let (major, minor) = class.split_once(':')?;
            let number = |half: &str| u32::from_str_radix(half, 16).ok();
            let class = match (number(major)?, number(minor)?) {
                (0, 0) => "none".to_owned(),
                (0xffff, 0xffff) => "root".to_owned(),
                (major, minor) => format!("{major:x}:{minor:x}"),
            };
            parts.push(format!("meta priority set {class}"));
        }
        "DSCP" => {
            let (value, _) = options.take("set-dscp")?;
            parts.push(format!("{} dscp set {value}", ip(family)));
        }
        "TCPMSS" => {
            let size = match options.take("set-mss") {
                Some((size, _)) => size,
                None if options.flag("clamp-mss-to-pmtu") => "rt mtu".to_owned(),
                None => return None,
            };
            parts.push(format!("tcp option maxseg size set {size}"));
        }
        "SYNPROXY" => {
            parts.push("synproxy".to_owned());
            parts.extend(
                ["sack-perm", "timestamp"].into_iter().filter(|flag| options.flag(flag)).map(str::to_owned),
            );
            for option in ["wscale", "mss"] {
                parts.extend(options.take(option).map(|(value, _)| format!("{option} {value}")));
            }
        }
        "TEE" => {
            let (gateway, _) = options.take("gateway")?;
            parts.push(format!("dup to {gateway}"));
            parts.extend(options.take("oif").map(|(name, _)| format!("device {name}")));
        }
        "TPROXY" => tproxy(&mut options, family, &mut parts)?,
        _ => return None,
    }
    options.whole(parts)
}

/// A number of 32 bits in hexadecimal.
fn hex(text: &str) -> Option<u32> {
    u32::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}

/// What becomes of a mark, packet's or connection's.
fn marked(name: &str, options: &mut Options) -> Option<String> {
    let (set, mark) = if name == "MARK" { ("meta mark", "mark") } else { ("ct mark", "ct mark") };
    if let Some((value, _)) = options.take("set-xmark") {
        let (value, mask) = value.split_once('/').unwrap_or((&value, "0xffffffff"));
        let (value, mask) = (hex(value)?, hex(mask)?);
        return Some(match (value, mask) {
            (value, u32::MAX) => format!("{set} set {value:#x}"),
            (0, mask) => format!("{set} set {mark} and {:#x}", !mask),
            (value, mask) if value == mask => format!("{set} set {mark} or {value:#x}"),
            (value, 0) => format!("{set} set {mark} xor {value:#x}"),
            (value, mask) if name == "MARK" => format!("{set} set {mark} and {:#x} xor {value:#x}", !mask),
            (value, mask) => {
                let changed = format!("{mark} xor {value:#x} and {:#x}", !mask);
                match (options.take("left-shift-mark"), options.take("right-shift-mark")) {
                    (Some((bits, _)), _) => format!("{set} set ( {changed} ) << {bits}"),
                    (_, Some((bits, _))) => format!("{set} set ( {changed} ) >> {bits}"),
                    _ => format!("{set} set {changed}"),
                }
            }
        });
    }
    let (to, from) = match () {
        () if options.flag("save-mark") => ("ct mark", "mark"),
        () if options.flag("restore-mark") => ("meta mark", "ct mark"),
        () => return None,
    };
    let full = || ("0xffffffff".to_owned(), false);
    let (packet, _) = options.take("nfmask").unwrap_or_else(full);
    let (connection, _) = options.take("ctmask").unwrap_or_else(full);
    match (packet == connection, packet.as_str()) {
        (true, "0xffffffff") => Some(format!("{to} set {from}")),
        (true, mask) => Some(format!("{to} set {from} and {mask}")),
        (false, _) => None,
    }
}

fn tproxy(options: &mut Options, family: Family, parts: &mut Vec<String>) -> Option<()> {
    let (port, _) = options.take("on-port")?;
    let address = options.take("on-ip").map(|(address, _)| address);
    let address = address.filter(|address| address != "0.0.0.0" && address != "::").unwrap_or_default();
    let address = match family {
        Family::Ipv6 if !address.is_empty() => format!("[{address}]"),
        _ => address,
    };
    parts.push(format!("tproxy to {address}:{port}"));
    if let Some((mark, _)) = options.take("tproxy-mark") {
        let (value, mask) = mark.split_once('/').unwrap_or((&mark, "0xffffffff"));
        let (value, mask) = (hex(value)?, hex(mask)?);
        if (value, mask) != (0, 0) {
            parts.push(match mask {
                u32::MAX => format!("meta mark set {value:#x}"),
                mask => format!("meta mark set meta mark & {:#x} xor {value:#x}", !mask),
            });
        }
    }
    parts.push("accept".to_owned());
    Some(())
}
