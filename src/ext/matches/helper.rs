//! `helper`: the conntrack helper of the connection. `linux/netfilter/xt_helper.h`.

use crate::ext::prelude::*;
use crate::types::KernelString;

raw! {
    "linux/netfilter/xt_helper.h"

    struct xt_helper_info {
        invert: i32,
        name: [u8; 30],
        _padding: [u8; 2],
    }
}

/// The room for a name in the kernel.
const NAME_LEN: usize = 30;

options! {
    /// Matches packets of connections that a conntrack helper expects or has taken.
    #[header("linux/netfilter/xt_helper.h")]
    #[example(Ipv4, "-m helper --helper ftp-2121 -j ACCEPT")]
    pub match Helper {
        /// The name of the helper, such as `ftp`, or with a port of its own `ftp-2121`. The empty name is any helper.
        [!] helper: KernelString<NAME_LEN> => "--helper" { required: true };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Helper>("helper");

impl Codec for Helper {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_helper_info>(0)];

    fn finish(&mut self, _: u64, _: &RuleContext<'_>) -> Result<()> {
        self.helper.map_or(Ok(()), |helper| fits("helper", &helper.value))
    }

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let Inv { inverted, value } = self.helper.unwrap_or_default();
        payload.put(&xt_helper_info { invert: inverted.into(), name: value.array(), _padding: [0; 2] });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Helper> {
        let raw: xt_helper_info = read_raw(bytes)?;
        Ok(Helper {
            helper: Some(Inv::new(raw.invert != 0, KernelString::from_array(&raw.name))),
            ..Helper::new()
        })
    }

    fn list(&self, out: &mut List<'_>) {
        let Inv { inverted, value } = self.helper.unwrap_or_default();
        out.text(if inverted { " helper match ! \"" } else { " helper match \"" });
        out.text(value.as_bytes());
        out.text("\"");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-m helper --helper ftp", "-m helper --helper ftp"),
            ("-m helper ! --helper ftp-2121", "-m helper ! --helper ftp-2121"),
            ("-m helper --helper \"a b\"", "-m helper --helper \"a b\""),
            ("-m helper --helper \"\"", "-m helper --helper \"\""),
            ("-m helper", "!helper: option \"--helper\" must be specified\n"),
            ("-m helper --helper ftp --helper ftp", "!helper: option \"--helper\" can only be used once.\n"),
            (
                "-m helper --helper aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                "!Argument must have a maximum length of 29 characters\n",
            ),
        ]);
    }

    #[test]
    fn names_are_compared() {
        let [ftp, sip] = ["ftp", "sip"]
            .map(|name| crate::Rule::parse(Family::Ipv4, format!("-m helper --helper {name}")).unwrap());
        assert_ne!(ftp, sip);
    }
}
