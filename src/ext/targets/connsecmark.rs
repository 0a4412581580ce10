//! `CONNSECMARK`: the security mark of a connection. `linux/netfilter/xt_CONNSECMARK.h`.

use crate::ext::prelude::*;

const CONNSECMARK_SAVE: u8 = 1;
const CONNSECMARK_RESTORE: u8 = 2;

raw! {
    "linux/netfilter/xt_CONNSECMARK.h"

    struct xt_connsecmark_target_info {
        mode: u8,
    }
}

options! {
    /// Copies the security mark between a packet and its connection, as SELinux uses it.
    #[header("linux/netfilter/xt_CONNSECMARK.h")]
    #[example(Ipv4, "-m conntrack --ctstate ESTABLISHED -j CONNSECMARK --restore")]
    pub target Connsecmark {
        /// Copies the packet's mark to a connection that has none.
        save: bool => "--save" { excludes: &["restore"] };
        /// Copies the connection's mark to a packet that has none.
        restore: bool => "--restore";
    }
}

pub(crate) static EXT: Extension =
    Extension::target::<Connsecmark>("CONNSECMARK").placed(Placement::NONE.tables(&["mangle", "security"]));

impl Codec for Connsecmark {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_connsecmark_target_info>(0)];
    const NEEDS: Option<Needs> =
        Needs::one_of(&["save", "restore"], "CONNSECMARK target: parameter required");

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let mode = if self.restore { CONNSECMARK_RESTORE } else { CONNSECMARK_SAVE };
        payload.put(&xt_connsecmark_target_info { mode });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Connsecmark> {
        let raw: xt_connsecmark_target_info = read_raw(bytes)?;
        match raw.mode {
            CONNSECMARK_SAVE => Ok(Connsecmark { save: true, restore: false, ..Connsecmark::new() }),
            CONNSECMARK_RESTORE => Ok(Connsecmark { save: false, restore: true, ..Connsecmark::new() }),
            mode => Err(Malformed::Unknown { what: "mode", number: mode.into() }.into()),
        }
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(if self.restore { " CONNSECMARK restore" } else { " CONNSECMARK save" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-j CONNSECMARK --save", "-j CONNSECMARK --save"),
            ("-j CONNSECMARK --restore", "-j CONNSECMARK --restore"),
            ("-j CONNSECMARK", "!CONNSECMARK target: parameter required"),
            (
                "-j CONNSECMARK --restore --save",
                "!CONNSECMARK: option \"--save\" cannot be used together with \"--restore\".\n",
            ),
        ]);
    }
}
