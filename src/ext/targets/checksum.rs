//! `CHECKSUM`: fills in checksums that hardware was to compute. `linux/netfilter/xt_CHECKSUM.h`.

use crate::ext::prelude::*;

const XT_CHECKSUM_OP_FILL: u8 = 0x01;

raw! {
    "linux/netfilter/xt_CHECKSUM.h"

    struct xt_CHECKSUM_info {
        operation: u8,
    }
}

options! {
    /// Completes the checksum of a packet that was left to the network card, for programs that read packets raw.
    #[header("linux/netfilter/xt_CHECKSUM.h")]
    #[example(Ipv4, "-o tap0 -p udp --dport 68 -j CHECKSUM --checksum-fill")]
    pub target Checksum {
        /// Compute the checksum and fill it in.
        fill / checksum_fill: bool => "--checksum-fill" { required: true };
    }
}

pub(crate) static EXT: Extension =
    Extension::target::<Checksum>("CHECKSUM").placed(Placement::NONE.tables(&["mangle"]));

impl Codec for Checksum {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_CHECKSUM_info>(0)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        payload.put(&xt_CHECKSUM_info { operation: flag(self.fill, XT_CHECKSUM_OP_FILL) });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Checksum> {
        let raw: xt_CHECKSUM_info = read_raw(bytes)?;
        Ok(Checksum { fill: raw.operation & XT_CHECKSUM_OP_FILL != 0, ..Checksum::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" CHECKSUM");
        if self.fill {
            out.text(" fill");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-j CHECKSUM --checksum-fill", "-j CHECKSUM --checksum-fill"),
            ("-j CHECKSUM", "!CHECKSUM: option \"--checksum-fill\" must be specified\n"),
            ("-j CHECKSUM ! --checksum-fill", "!CHECKSUM: option \"--checksum-fill\" cannot be inverted.\n"),
        ]);
    }
}
