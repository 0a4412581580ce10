//! `quota`: a number of bytes. `linux/netfilter/xt_quota.h`.

use crate::ext::prelude::*;

const XT_QUOTA_INVERT: u32 = 0x1;

raw! {
    "linux/netfilter/xt_quota.h"

    struct xt_quota_info {
        flags: u32,
        pad: u32,
        quota: u64;
        kernel:
        master: u64,
    }
}

options! {
    /// Matches until so many bytes have passed.
    ///
    /// The kernel starts to count anew with every change of the table.
    #[header("linux/netfilter/xt_quota.h")]
    #[example(Ipv4, "-m quota --quota 1000000000 -j ACCEPT")]
    pub match Quota {
        /// The number of bytes. Inverted, the match applies once they have passed.
        [!] quota: u64 => "--quota" { required: true };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Quota>("quota");

impl Codec for Quota {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_quota_info>(0)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let Inv { inverted, value } = self.quota.unwrap_or_default();
        payload.put(&xt_quota_info {
            flags: flag(inverted, XT_QUOTA_INVERT),
            quota: value,
            ..xt_quota_info::new_zeroed()
        });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Quota> {
        let raw: xt_quota_info = read_raw(bytes)?;
        Ok(Quota { quota: Some(Inv::new(raw.flags & XT_QUOTA_INVERT != 0, raw.quota)), ..Quota::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        show!(out, " quota: {} bytes", self.quota.unwrap_or_default().value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        const RANGE: &str =
            "!quota: bad value for option \"--quota\", or out of range (0-18446744073709551615).\n";
        check(&[
            ("-m quota --quota 0", "-m quota --quota 0"),
            ("-m quota ! --quota 0x10", "-m quota ! --quota 16"),
            ("-m quota --quota 18446744073709551615", "-m quota --quota 18446744073709551615"),
            ("-m quota --quota 18446744073709551616", RANGE),
            ("-m quota --quota 1k", RANGE),
            ("-m quota --quota \"\"", RANGE),
            ("-m quota", "!quota: option \"--quota\" must be specified\n"),
        ]);
    }
}
