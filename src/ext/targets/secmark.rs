//! `SECMARK`: the security mark of a packet. `linux/netfilter/xt_SECMARK.h`.

use crate::ext::prelude::*;
use crate::types::KernelString;

const SECMARK_MODE_SEL: u8 = 0x01;
const SECMARK_SECCTX_MAX: usize = 256;

raw! {
    "linux/netfilter/xt_SECMARK.h"

    /// The kernel finds out `secid`.
    struct xt_secmark_target_info_v1 {
        mode: u8,
        secctx: [u8; SECMARK_SECCTX_MAX];
        kernel:
        _padding: [u8; 3],
        secid: u32,
    }

    /// Revision 0.
    struct xt_secmark_target_info {
        mode: u8,
        _padding: [u8; 3],
        secid: u32,
        secctx: [u8; SECMARK_SECCTX_MAX],
    }
}

options! {
    /// Sets the security mark of the packet, for security modules such as SELinux.
    #[header("linux/netfilter/xt_SECMARK.h")]
    #[example(Ipv4, "-p tcp --dport 80 -j SECMARK --selctx system_u:object_r:httpd_packet_t:s0")]
    pub target Secmark {
        /// The security context, which the security module must know.
        selctx: KernelString<SECMARK_SECCTX_MAX> => "--selctx" { required: true, bare: true };
    }
}

pub(crate) static EXT: Extension =
    Extension::target::<Secmark>("SECMARK").placed(Placement::NONE.tables(&["mangle", "security"]));

impl Normal for xt_secmark_target_info {
    fn normalize(&mut self, _: Family) {
        self.secid = 0;
    }
}

impl Codec for Secmark {
    const REVISIONS: &'static [Revision] =
        &[Revision::new::<xt_secmark_target_info_v1>(1), Revision::normal::<xt_secmark_target_info>(0)];

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let context = self.selctx.unwrap_or_default();
        fits("selctx", &context)?;
        let (mode, secctx) = (SECMARK_MODE_SEL, context.array());
        match cx.revision {
            0 => payload.put(&xt_secmark_target_info { mode, _padding: [0; 3], secid: 0, secctx }),
            _ => payload.put(&xt_secmark_target_info_v1 { mode, secctx, _padding: [0; 3], secid: 0 }),
        }
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Secmark> {
        let secctx = match cx.revision {
            0 => read_raw::<xt_secmark_target_info>(bytes)?.secctx,
            _ => read_raw::<xt_secmark_target_info_v1>(bytes)?.secctx,
        };
        Ok(Secmark { selctx: Some(KernelString::from_array(&secctx)), ..Secmark::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" SECMARK selctx ");
        out.text(self.selctx.unwrap_or_default().as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let context = "system_u:object_r:http_packet_t:s0";
        check(&[
            (&format!("-j SECMARK --selctx {context}"), &format!("-j SECMARK --selctx {context}")),
            ("-j SECMARK --selctx \"a b\"", "-j SECMARK --selctx \"a b\""),
            ("-j SECMARK", "!SECMARK: option \"--selctx\" must be specified\n"),
            ("-j SECMARK --selctx a --selctx b", "!SECMARK: option \"--selctx\" can only be used once.\n"),
        ]);
    }

    #[test]
    fn revisions() {
        check_revisions(&[0, 1], &Secmark::new().selctx("system_u:object_r:http_packet_t:s0"));
    }
}
