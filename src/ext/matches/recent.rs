//! `recent`: addresses seen lately. `linux/netfilter/xt_recent.h`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::ext::Opt;
use crate::ext::prelude::*;
use crate::types::KernelString;
use crate::types::addr::{addr_from_octets, addr_octets};

const XT_RECENT_CHECK: u8 = 1 << 0;
const XT_RECENT_SET: u8 = 1 << 1;
const XT_RECENT_UPDATE: u8 = 1 << 2;
const XT_RECENT_REMOVE: u8 = 1 << 3;
const XT_RECENT_TTL: u8 = 1 << 4;
const XT_RECENT_REAP: u8 = 1 << 5;
const XT_RECENT_NAME_LEN: usize = 200;

raw! {
    "linux/netfilter/xt_recent.h"

    struct xt_recent_mtinfo_v1 {
        seconds: u32,
        hit_count: u32,
        check_set: u8,
        invert: u8,
        name: [u8; XT_RECENT_NAME_LEN],
        side: u8,
        _padding: [u8; 1],
        mask: [u8; 16],
    }

    /// Revision 0, without a mask.
    struct xt_recent_mtinfo {
        seconds: u32,
        hit_count: u32,
        check_set: u8,
        invert: u8,
        name: [u8; XT_RECENT_NAME_LEN],
        side: u8,
        _padding: [u8; 1],
    }
}

options! {
    /// Keeps a list of addresses and matches those that were seen lately.
    #[header("linux/netfilter/xt_recent.h")]
    #[example(
        Ipv4,
        "-p tcp --dport 22 -m recent --update --seconds 60 --hitcount 4 --name ssh -j DROP",
        "-p tcp --dport 22 -m recent --set --name ssh --mask 255.255.255.0 --rsource",
        "-m recent --rcheck --seconds 60 --hitcount 4 --rttl --name web -j DROP",
    )]
    pub match Recent {
        /// Put the address on the list; matches always.
        [!] set: bool => "--set" { excludes: &["rcheck", "update", "remove"] };
        /// Match if the address is on the list.
        [!] rcheck: bool => "--rcheck" { excludes: &["update", "remove"] };
        /// Match if the address is on the list, and note that it was seen now.
        [!] update: bool => "--update" { excludes: &["remove"] };
        /// Match if the address is on the list, and take it off.
        [!] remove: bool => "--remove";
        /// Only if it was seen within so many seconds.
        seconds: u32 => "--seconds" { min: 1 };
        /// Take off what was not seen within that time.
        reap: bool => "--reap" { requires: &["seconds"] };
        /// Only if it was seen at least so often.
        hitcount: u32 => "--hitcount";
        /// Only if it was seen with the TTL of this packet.
        rttl: bool => "--rttl" { excludes: &["set", "remove"] };
        /// The list.
        name: KernelString<XT_RECENT_NAME_LEN> = "DEFAULT".into() => "--name" { always: true, bare: true };
        /// The bits of the address that count; all of them unless given.
        mask: IpAddr => "--mask";
        /// The source address is meant, as it is unless the other is asked for.
        rsource: bool => "--rsource";
        /// The destination address is meant.
        rdest: bool => "--rdest";
    }
}

/// How often an address is noted at most.
const XT_RECENT_MAX_NSTAMPS: u32 = 65_536;

pub(crate) static EXT: Extension = Extension::matching::<Recent>("recent").placed(Placement::NONE.checked());

impl Normal for xt_recent_mtinfo_v1 {
    fn normalize(&mut self, family: Family) {
        end_name(&mut self.name);
        normal_mask(family, &mut self.mask);
    }
}

impl Normal for xt_recent_mtinfo {
    fn normalize(&mut self, _: Family) {
        end_name(&mut self.name);
    }
}

/// Clears what stands behind the end of a name.
fn end_name(name: &mut [u8]) {
    name.iter_mut().skip_while(|byte| **byte != 0).for_each(|byte| *byte = 0);
}

impl Recent {
    /// What is done: flag, option, name in listings.
    fn mode(&self) -> Option<(u8, bool, &'static str)> {
        let modes = [
            (self.set, XT_RECENT_SET, "SET"),
            (self.rcheck, XT_RECENT_CHECK, "CHECK"),
            (self.update, XT_RECENT_UPDATE, "UPDATE"),
            (self.remove, XT_RECENT_REMOVE, "REMOVE"),
        ];
        modes.into_iter().find_map(|(given, bit, name)| Some((bit, !given?, name)))
    }
}

/// The name as iptables writes it: over the default one, of which a shorter name leaves a rest behind its NUL.
fn over_default(name: &KernelString<XT_RECENT_NAME_LEN>) -> [u8; XT_RECENT_NAME_LEN] {
    let mut array = KernelString::<XT_RECENT_NAME_LEN>::from("DEFAULT").array();
    array[..name.len()].copy_from_slice(name.as_bytes());
    array[name.len()] = 0;
    array
}

fn all_ones(family: Family) -> IpAddr {
    family.pick(Ipv4Addr::BROADCAST.into(), Ipv6Addr::from_bits(u128::MAX).into())
}

impl Codec for Recent {
    const REVISIONS: &'static [Revision] =
        &[Revision::normal::<xt_recent_mtinfo_v1>(1), Revision::normal::<xt_recent_mtinfo>(0)];
    const NEEDS: Option<Needs> = Needs::one_of(
        &["set", "rcheck", "update", "remove"],
        "recent: you must specify one of `--set', `--rcheck' `--update' or `--remove'",
    );

    /// Of the two sides the last counts.
    fn was_given(&mut self, opt: &'static Opt, _: &RuleContext<'_>) -> Result<()> {
        match opt.name {
            "rsource" => self.rdest = false,
            "rdest" => self.rsource = false,
            _ => {}
        }
        Ok(())
    }

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        fits("name", &self.name)?;
        let (mode, inverted, _) = self.mode().unwrap_or_default();
        let raw = xt_recent_mtinfo {
            seconds: self.seconds.unwrap_or_default(),
            hit_count: self.hitcount.unwrap_or_default(),
            check_set: mode | flag(self.rttl, XT_RECENT_TTL) | flag(self.reap, XT_RECENT_REAP),
            invert: inverted.into(),
            name: over_default(&self.name),
            side: self.rdest.into(),
            _padding: [0],
        };
        payload.put(&raw);
        let mask = self.mask.unwrap_or(all_ones(cx.family));
        match cx.revision {
            0 if mask != all_ones(cx.family) => return Err(needs_revision(1, cx)),
            0 => {}
            _ => payload.put(&if self.mask.is_none() { [0xff; 16] } else { addr_octets(mask) }),
        }
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Recent> {
        let raw: xt_recent_mtinfo = read_raw(bytes)?;
        let mask = match cx.revision {
            0 => all_ones(cx.family),
            _ => addr_from_octets(cx.family, &read_raw::<xt_recent_mtinfo_v1>(bytes)?.mask),
        };
        let mode = |bit| (raw.check_set & bit != 0).then_some(raw.invert == 0);
        Ok(Recent {
            set: mode(XT_RECENT_SET),
            rcheck: mode(XT_RECENT_CHECK),
            update: mode(XT_RECENT_UPDATE),
            remove: mode(XT_RECENT_REMOVE),
            seconds: (raw.seconds != 0).then_some(raw.seconds),
            reap: raw.check_set & XT_RECENT_REAP != 0,
            hitcount: (raw.hit_count != 0).then_some(raw.hit_count),
            rttl: raw.check_set & XT_RECENT_TTL != 0,
            name: KernelString::from_array(&raw.name),
            mask: Some(mask),
            rsource: raw.side == 0,
            rdest: raw.side != 0,
            ..Recent::new()
        })
    }

    fn check(&self, _: &RuleContext<'_>, _: &Place<'_>) -> Result<()> {
        let fail = |refused: Refused, option| Err(Error::from(refused).at_option(option));
        if !is_file_name(self.name.as_bytes()) {
            return fail(Refused::FileName, "name");
        }
        if self.hitcount.is_some_and(|count| count >= XT_RECENT_MAX_NSTAMPS) {
            return fail(Refused::OutOfRange { min: 1, max: XT_RECENT_MAX_NSTAMPS - 1 }, "hitcount");
        }
        let given =
            [(self.seconds.is_some(), "seconds"), (self.hitcount.is_some(), "hitcount"), (self.reap, "reap")];
        let given = given.into_iter().find_map(|(given, option)| given.then_some(option));
        match given.filter(|_| self.set.is_some() || self.remove.is_some()) {
            Some(option) => fail(Refused::OnlyToCheck, option),
            None => Ok(()),
        }
    }

    fn list(&self, out: &mut List<'_>) {
        let (_, inverted, mode) = self.mode().unwrap_or_default();
        show!(out, "{} recent: {mode}", if inverted { " !" } else { "" });
        if let Some(seconds) = self.seconds {
            show!(out, " seconds: {seconds}");
        }
        out.text(if self.reap { " reap" } else { "" });
        if let Some(hits) = self.hitcount {
            show!(out, " hit_count: {hits}");
        }
        out.text(if self.rttl { " TTL-Match" } else { "" });
        out.text(" name: ");
        out.text(self.name.as_bytes());
        out.text(if self.rdest { " side: dest" } else { " side: source" });
        if let Some(mask) = self.mask {
            show!(out, " mask: {mask}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_ipv4(&[
            ("-m recent --set", "-m recent --set --name DEFAULT --mask 255.255.255.255 --rsource"),
            (
                "-m recent --rdest --set --rsource",
                "-m recent --set --name DEFAULT --mask 255.255.255.255 --rsource",
            ),
            (
                "-m recent --rdest --reap --seconds 60 --hitcount 4 --rttl --mask 255.255.255.0 --name x.y ! --rcheck",
                "-m recent ! --rcheck --seconds 60 --reap --hitcount 4 --rttl --name x.y --mask 255.255.255.0 --rdest",
            ),
            ("-m recent", "!recent: you must specify one of `--set', `--rcheck' `--update' or `--remove'"),
            (
                "-m recent --set --update",
                "!recent: option \"--set\" cannot be used together with \"--update\".\n",
            ),
            ("-m recent --rcheck --reap", "!recent: option \"--reap\" also requires \"--seconds\".\n"),
            (
                "-m recent --set --rttl",
                "!recent: option \"--rttl\" cannot be used together with \"--set\".\n",
            ),
        ]);
        check_family(
            Family::Ipv6,
            &[
                (
                    "-m recent --set",
                    "-m recent --set --name DEFAULT --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource",
                ),
                (
                    "-m recent --rcheck --seconds 60 --hitcount 3 --name foo --rttl --mask ffff:ffff::",
                    "-m recent --rcheck --seconds 60 --hitcount 3 --rttl --name foo --mask ffff:ffff:: --rsource",
                ),
                (
                    "-m recent --remove --mask 255.255.0.0",
                    "!getaddrinfo: Address family for hostname not supported\n",
                ),
            ],
        );
    }
}
