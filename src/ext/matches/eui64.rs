//! `eui64`: interface identifiers made from MAC addresses. Its data is an `int` that nothing looks at.

use crate::ext::prelude::*;

options! {
    /// Matches packets whose IPv6 source address ends in the EUI-64 identifier made from their MAC source address.
    #[example(Ipv6, "-m eui64 -j ACCEPT")]
    pub match Eui64 {}
}

pub(crate) static EXT: Extension = Extension::matching::<Eui64>("eui64")
    .families(Families::Ipv6)
    .placed(Placement::NONE.hooks(HookMask::INCOMING));

impl Codec for Eui64 {
    const REVISIONS: &'static [Revision] = &[Revision::new::<i32>(0).only(Families::Ipv6)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        payload.put(&0i32);
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, _: &[u8]) -> Result<Eui64> {
        Ok(Eui64 { ..Eui64::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        out.text("eui64 ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_family(
            Family::Ipv6,
            &[("-m eui64", "-m eui64"), ("-m eui64 --foo", "!unknown option \"--foo\"")],
        );
    }
}
