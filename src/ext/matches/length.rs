//! `length`: how long the packet is. `linux/netfilter/xt_length.h`.

use crate::ext::prelude::*;
use crate::types::Span;

raw! {
    "linux/netfilter/xt_length.h"

    struct xt_length_info {
        min: u16,
        max: u16,
        invert: u8,
        _padding: [u8; 1],
    }
}

options! {
    /// Matches packets by their length: for IPv4 that of the whole packet, for IPv6 that of what follows the header.
    #[header("linux/netfilter/xt_length.h")]
    #[example(Ipv4, "-p icmp -m length --length 85:65535 -j DROP")]
    pub match Length {
        /// The length in bytes, or a range of lengths.
        [!] length: Span<u16> => "--length" { required: true };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Length>("length");

impl Codec for Length {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_length_info>(0)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let Inv { inverted, value: Span { min, max } } = self.length.unwrap_or_default();
        payload.put(&xt_length_info { min, max, invert: inverted.into(), _padding: [0] });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Length> {
        let xt_length_info { min, max, invert, .. } = read_raw(bytes)?;
        Ok(Length { length: Some(Inv::new(invert != 0, Span { min, max })), ..Length::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        let Inv { inverted, value } = self.length.unwrap_or_default();
        show!(out, " length {}{value}", bang(inverted));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-m length --length 0x10", "-m length --length 16"),
            ("-m length --length 5:5", "-m length --length 5"),
            ("-m length --length 5:", "-m length --length 5:65535"),
            ("-m length ! --length :", "-m length ! --length 0:65535"),
            ("-m length", "!length: option \"--length\" must be specified\n"),
            (
                "-m length --length 10:5",
                "!length: bad value for option \"--length\" near \"5\", or out of range (10-65535).\n",
            ),
            (
                "-m length --length 5x:10",
                "!length: Argument to \"--length\" has unexpected characters near \"x:10\".\n",
            ),
            (
                "-m length --length 5:10x",
                "!length: Argument to \"--length\" has unexpected characters near \"x\".\n",
            ),
            ("-m length --length 1:2:3", "!length: Too many components for option \"--length\" (max: 2)\n"),
            ("-m length --length ::", "!length: Too many components for option \"--length\" (max: 2)\n"),
        ]);
    }
}
