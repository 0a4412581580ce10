//! `nfacct`: accounting objects. `linux/netfilter/xt_nfacct.h`.

use crate::ext::prelude::*;
use crate::types::KernelString;

const NFACCT_NAME_MAX: usize = 32;

raw! {
    "linux/netfilter/xt_nfacct.h"

    struct xt_nfacct_match_info_v1 {
        name: [u8; NFACCT_NAME_MAX];
        kernel:
        nfacct: u64,
    }

    /// Revision 0 differs only in how 32-bit programs align the pointer.
    struct xt_nfacct_match_info {
        name: [u8; NFACCT_NAME_MAX];
        kernel:
        nfacct: u64,
    }
}

options! {
    /// Counts packets and bytes in an accounting object, and matches always.
    ///
    /// An object with a quota, which `nfacct(8)` can make, matches only once the quota is used up.
    #[header("linux/netfilter/xt_nfacct.h")]
    #[example(Ipv4, "-p tcp --dport 80 -m nfacct --nfacct-name http")]
    pub match Nfacct {
        /// The object, which must exist before the rule.
        nfacct_name: KernelString<NFACCT_NAME_MAX> => "--nfacct-name" { required: true, min: 1, bare: true };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Nfacct>("nfacct");

impl Codec for Nfacct {
    const REVISIONS: &'static [Revision] =
        &[Revision::new::<xt_nfacct_match_info_v1>(1), Revision::new::<xt_nfacct_match_info>(0)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let name = self.nfacct_name.unwrap_or_default();
        fits("nfacct-name", &name)?;
        payload.put(&xt_nfacct_match_info_v1 { name: name.array(), nfacct: 0 });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Nfacct> {
        let raw: xt_nfacct_match_info_v1 = read_raw(bytes)?;
        Ok(Nfacct { nfacct_name: Some(KernelString::from_array(&raw.name)), ..Nfacct::new() })
    }

    /// Like iptables, with two spaces before the name wherever rules are printed.
    fn save(&self, sink: &mut dyn Sink) {
        let Some(name) = self.nfacct_name else { return };
        sink.option(opt!(Nfacct, nfacct_name), false, &|out| {
            out.text(if out.style == Style::Value { "" } else { " " });
            name.print(out);
        });
    }

    fn list(&self, out: &mut List<'_>) {
        out.saved(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-m nfacct --nfacct-name http-traffic", "-m nfacct --nfacct-name  http-traffic"),
            ("-m nfacct --nfacct-name \"a b\"", "-m nfacct --nfacct-name  \"a b\""),
            ("-m nfacct", "!nfacct: option \"--nfacct-name\" must be specified\n"),
            ("-m nfacct --nfacct-name \"\"", "!Argument must have a minimum length of 1 characters\n"),
            ("-m nfacct ! --nfacct-name x", "!nfacct: option \"--nfacct-name\" cannot be inverted.\n"),
        ]);
    }
}
