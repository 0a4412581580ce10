//! `TRACE`: the way of a packet through the rules. `linux/netfilter/x_tables.h`.

use crate::ext::prelude::*;

options! {
    /// Lets the kernel report every rule that the packet matches from here on, and goes on with the next rule.
    #[header("linux/netfilter/x_tables.h")]
    #[example(Ipv4, "-p tcp --dport 80 -j TRACE")]
    pub target Trace {}
}

pub(crate) static EXT: Extension =
    Extension::target::<Trace>("TRACE").placed(Placement::NONE.tables(&["raw"]).native());

impl Codec for Trace {
    /// There is no data.
    const REVISIONS: &'static [Revision] = &[Revision::new::<()>(0)];

    fn encode(&self, _: &RuleContext<'_>, _: &mut Payload<'_>) -> Result<()> {
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, _: &[u8]) -> Result<Trace> {
        Ok(Trace { ..Trace::new() })
    }

    fn list(&self, _: &mut List<'_>) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[("-j TRACE", "-j TRACE"), ("-j TRACE --foo", "!unknown option \"--foo\"")]);
    }
}
