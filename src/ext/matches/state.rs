//! `state`: the short form of `conntrack`. `linux/netfilter/xt_conntrack.h`, `linux/netfilter/xt_state.h`.

use super::conntrack::{CtState, decode_state, encode_state};
use crate::ext::prelude::*;
use crate::ext::values::print_names;

raw! {
    "linux/netfilter/xt_state.h"

    struct xt_state_info {
        statemask: u32,
    }

    old:
    /// As large as the revisions of `conntrack`, which are what is written.
    struct conntrack3 {
        _bytes: [u64; 21],
    }

    struct conntrack2 {
        _bytes: [u64; 20],
    }

    struct conntrack1 {
        _bytes: [u64; 19],
    }
}

/// States of a connection, without those of address translation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PlainState(pub CtState);

impl From<CtState> for PlainState {
    fn from(state: CtState) -> PlainState {
        PlainState(state)
    }
}

invertible!(CtState => PlainState);

impl Value for PlainState {
    const KIND: ValueKind = CtState::KIND;

    fn parse(input: &Input<'_>) -> Result<PlainState, BadValue> {
        CtState::read(input, CtState::OF_STATE).map(PlainState)
    }

    fn print(&self, out: &mut Printer<'_>) {
        print_names(out, self.0.names());
    }
}

options! {
    /// Matches packets by the state of their connection.
    ///
    /// An older name for `conntrack --ctstate`, which is what the kernel gets; the rule remembers the name.
    #[header("linux/netfilter/xt_conntrack.h")]
    #[example(Ipv4, "-m state --state NEW -j ACCEPT")]
    pub match State {
        /// The state of the connection.
        [!] state: PlainState => "--state" { required: true };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<State>("state").alias_of("conntrack");

impl Codec for State {
    const REVISIONS: &'static [Revision] = &[
        Revision::new::<conntrack3>(3),
        Revision::new::<conntrack2>(2),
        Revision::new::<conntrack1>(1),
        Revision::new::<xt_state_info>(0),
    ];

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let Inv { inverted, value } = self.state.unwrap_or_default();
        if cx.revision == 0 {
            // The kernel's match of this name, which has no inversion.
            let mask = if inverted {
                !u32::from(value.0.0) & u32::from(CtState::OF_STATE.0)
            } else {
                value.0.0.into()
            };
            payload.put(&xt_state_info { statemask: mask });
            return Ok(());
        }
        encode_state(Inv::new(inverted, value.0), cx, payload)
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<State> {
        let state = if cx.revision == 0 {
            let raw: xt_state_info = read_raw(bytes)?;
            Inv::new(false, from_state_info(raw.statemask))
        } else {
            decode_state(cx, bytes)?
        };
        Ok(State { state: Some(Inv::new(state.inverted, state.value.into())), ..State::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        out.options(self);
    }
}

/// In the kernel's match `state`, UNTRACKED has another bit.
fn from_state_info(mask: u32) -> CtState {
    const XT_STATE_UNTRACKED: u32 = 1 << 6;
    let untracked = if mask & XT_STATE_UNTRACKED != 0 { CtState::UNTRACKED } else { CtState(0) };
    CtState((mask & 0xf) as u16) | untracked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-m state --state new,INVALID", "-m state --state INVALID,NEW"),
            (
                "-m state ! --state RELATED,ESTABLISHED,UNTRACKED",
                "-m state ! --state RELATED,ESTABLISHED,UNTRACKED",
            ),
            (
                "-m state --state NEW,",
                "!\"--state\" requires a list of states with no spaces, e.g. ESTABLISHED,RELATED",
            ),
            ("-m state --state SNAT", "!Bad state \"SNAT\""),
            ("-m state", "!state: option \"--state\" must be specified\n"),
        ]);
    }

    #[test]
    fn the_alias_is_part_of_the_rule() {
        let state = crate::Rule::parse(Family::Ipv4, "-m state --state NEW").unwrap();
        let conntrack = crate::Rule::parse(Family::Ipv4, "-m conntrack --ctstate NEW").unwrap();
        assert_ne!(state, conntrack);
        assert_eq!(state.view().matches().next().unwrap().kernel_name(), b"conntrack");
    }
}
