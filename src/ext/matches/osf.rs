//! `osf`: the operating system of the sender. `linux/netfilter/xt_osf.h`.

use crate::ext::prelude::*;
use crate::ext::values::choice;
use crate::types::KernelString;

const MAXGENRELEN: usize = 32;
const NF_OSF_TTL: u32 = 1 << 1;
const NF_OSF_LOG: u32 = 1 << 2;
const NF_OSF_INVERT: u32 = 1 << 3;

raw! {
    "linux/netfilter/nfnetlink_osf.h"

    struct nf_osf_info {
        genre: [u8; MAXGENRELEN],
        len: u32,
        flags: u32,
        loglevel: u32,
        ttl: u32,
    }
}

choice! {
    /// How the TTL of a packet is compared with that of a fingerprint.
    pub enum OsfTtl(u32) as "0|1|2" in digits {
        /// They must be equal: right in a local network.
        Equal = 0 => "0",
        /// The packet's must not be greater, as is right behind routers.
        Less = 1 => "1",
        /// Not at all.
        Ignore = 2 => "2",
    }
}

choice! {
    /// What is written to the kernel's log.
    pub enum OsfLog(u32) as "0|1|2" in digits {
        /// Every fingerprint that fits, and packets of unknown systems.
        All = 0 => "0",
        /// Only the first fingerprint that fits.
        First = 1 => "1",
        /// Every fingerprint that fits.
        Known = 2 => "2",
    }
}

options! {
    /// Matches the first packet of TCP connections by the operating system that it seems to come from.
    ///
    /// The kernel compares with fingerprints that must have been loaded into it before.
    #[header("linux/netfilter/xt_osf.h")]
    #[example(
        Ipv4,
        "-p tcp -m osf --genre Linux --ttl 2 -j ACCEPT",
        "-p tcp -m osf --genre Linux --ttl 1 --log 2 -j LOG",
    )]
    pub match Osf {
        /// The name of the system in the fingerprints, such as `Linux`; `unknown` where none fits.
        [!] genre: KernelString<MAXGENRELEN> => "--genre" { required: true, bare: true };
        /// How the TTL is compared.
        ttl: OsfTtl => "--ttl" { bit: NF_OSF_TTL };
        /// What is logged.
        log: OsfLog => "--log" { bit: NF_OSF_LOG };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Osf>("osf")
    .heading("OS fingerprint match options:")
    .families(Families::Ipv4)
    .placed(Placement::NONE.hooks(HookMask::INCOMING).protocols(&[Protocol::TCP]));

impl Codec for Osf {
    const REVISIONS: &'static [Revision] = &[Revision::new::<nf_osf_info>(0).only(Families::Ipv4)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let Inv { inverted, value: genre } = self.genre.unwrap_or_default();
        fits("genre", &genre)?;
        payload.put(&nf_osf_info {
            genre: genre.array(),
            len: genre.len() as u32,
            flags: self.bits()[0] | flag(inverted, NF_OSF_INVERT),
            loglevel: self.log.map_or(0, OsfLog::number),
            ttl: self.ttl.map_or(0, OsfTtl::number),
        });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Osf> {
        let raw: nf_osf_info = read_raw(bytes)?;
        let has = |bit| raw.flags & bit != 0;
        Ok(Osf {
            genre: Some(Inv::new(has(NF_OSF_INVERT), KernelString::from_array(&raw.genre))),
            ttl: OsfTtl::from_number(raw.ttl).filter(|_| has(NF_OSF_TTL)),
            log: OsfLog::from_number(raw.loglevel).filter(|_| has(NF_OSF_LOG)),
            ..Osf::new()
        })
    }

    fn list(&self, out: &mut List<'_>) {
        let Inv { inverted, value } = self.genre.unwrap_or_default();
        out.text(" OS fingerprint match ");
        out.text(if inverted { "! " } else { "" });
        out.text(value.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_ipv4(&[
            ("-p tcp -m osf --genre Linux", "-p tcp -m osf --genre Linux"),
            (
                "-p tcp -m osf --log 02 --ttl 0x1 ! --genre \"a b\"",
                "-p tcp -m osf ! --genre \"a b\" --ttl 1 --log 2",
            ),
            ("-p tcp -m osf --genre x --ttl 0 --log 0", "-p tcp -m osf --genre x --ttl 0 --log 0"),
            ("-p tcp -m osf --ttl 1", "!osf: option \"--genre\" must be specified\n"),
            (
                "-p tcp -m osf --genre x --ttl 3",
                "!osf: bad value for option \"--ttl\", or out of range (0-2).\n",
            ),
            (
                "-p tcp -m osf --genre x --log x",
                "!osf: bad value for option \"--log\", or out of range (0-2).\n",
            ),
        ]);
    }
}
