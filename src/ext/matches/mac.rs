//! `mac`: the source hardware address. `linux/netfilter/xt_mac.h`.

use crate::ext::prelude::*;
use crate::ext::values::MacAddr;

raw! {
    "linux/netfilter/xt_mac.h"

    struct xt_mac_info {
        srcaddr: [u8; 6],
        _padding: [u8; 2],
        invert: i32,
    }
}

options! {
    /// Matches the source hardware address of packets that come in over Ethernet.
    #[header("linux/netfilter/xt_mac.h")]
    #[example(Ipv4, "-m mac --mac-source 00:11:22:33:44:55 -j ACCEPT")]
    pub match Mac {
        /// The address.
        [!] mac_source: MacAddr => "--mac-source" { required: true };
    }
}

pub(crate) static EXT: Extension =
    Extension::matching::<Mac>("mac").placed(Placement::NONE.hooks(HookMask::INCOMING));

impl Codec for Mac {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_mac_info>(0)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let Inv { inverted, value } = self.mac_source.unwrap_or_default();
        payload.put(&xt_mac_info { srcaddr: value.0, _padding: [0; 2], invert: inverted.into() });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Mac> {
        let raw: xt_mac_info = read_raw(bytes)?;
        Ok(Mac { mac_source: Some(Inv::new(raw.invert != 0, MacAddr(raw.srcaddr))), ..Mac::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        let Inv { inverted, value } = self.mac_source.unwrap_or_default();
        out.text(if inverted { " MAC ! " } else { " MAC " });
        out.value(&value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-m mac --mac-source 0:1:2:3:4:5A", "-m mac --mac-source 00:01:02:03:04:5a"),
            ("-m mac ! --mac-source 00:11:22:33:44:55", "-m mac ! --mac-source 00:11:22:33:44:55"),
            ("-m mac --mac-source 00:11:22:33:44", "!Invalid MAC address specified."),
            ("-m mac --mac-source 00:11:22:33:44:55:", "!Invalid MAC address specified."),
            ("-m mac", "!mac: option \"--mac-source\" must be specified\n"),
        ]);
    }
}
