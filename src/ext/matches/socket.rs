//! `socket`: packets for which there is an open socket. `linux/netfilter/xt_socket.h`.

use crate::ext::prelude::*;

const XT_SOCKET_TRANSPARENT: u32 = 1 << 0;
const XT_SOCKET_NOWILDCARD: u32 = 1 << 1;
const XT_SOCKET_RESTORESKMARK: u32 = 1 << 2;

raw! {
    "linux/netfilter/xt_socket.h"

    /// Revisions 1 and 2 have the same layout, and fewer flags.
    struct xt_socket_mtinfo3 {
        flags: u8,
    }
}

options! {
    /// Matches packets for which this host has an open socket.
    #[header("linux/netfilter/xt_socket.h")]
    #[example(Ipv4, "-m socket --transparent -j MARK --set-mark 1")]
    pub match Socket {
        /// Only sockets that are transparent: whose address need not be one of the host's.
        transparent: bool => "--transparent" { bit: XT_SOCKET_TRANSPARENT };
        /// Also sockets that are bound to any address.
        nowildcard: bool => "--nowildcard" { bit: XT_SOCKET_NOWILDCARD };
        /// Set the packet's mark to that of the socket, before the next match.
        restore_skmark: bool => "--restore-skmark" { bit: XT_SOCKET_RESTORESKMARK };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Socket>("socket")
    .placed(Placement::NONE.hooks(HookMask::of(&[Hook::Prerouting, Hook::Input])));

impl Codec for Socket {
    const REVISIONS: &'static [Revision] = &[
        Revision::new::<xt_socket_mtinfo3>(3),
        Revision::new::<xt_socket_mtinfo3>(2),
        Revision::new::<xt_socket_mtinfo3>(1),
        // Without data.
        Revision::new::<()>(0).only(Families::Ipv4),
    ];

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let needed = match self {
            Socket { restore_skmark: true, .. } => 3,
            Socket { nowildcard: true, .. } => 2,
            Socket { transparent: true, .. } => 1,
            _ => 0,
        };
        if cx.revision < needed {
            return Err(needs_revision(needed, cx));
        }
        if cx.revision > 0 {
            payload.put(&xt_socket_mtinfo3 { flags: self.bits()[0] as u8 });
        }
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Socket> {
        let flags = if cx.revision == 0 { 0 } else { read_raw::<xt_socket_mtinfo3>(bytes)?.flags };
        Ok(Socket::of_flags(flags.into(), 0))
    }

    /// The words of the rule itself.
    fn list(&self, out: &mut List<'_>) {
        out.text(" socket");
        let [bits, _] = self.bits();
        for opt in Socket::OPTIONS.iter().filter(|opt| opt.bit & bits != 0) {
            show!(out, " --{}", opt.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let lines = [
            ("-m socket", "-m socket"),
            (
                "-m socket --restore-skmark --nowildcard --transparent",
                "-m socket --transparent --nowildcard --restore-skmark",
            ),
            (
                "-m socket --transparent --transparent",
                "!socket: option \"--transparent\" can only be used once.\n",
            ),
            ("-m socket ! --nowildcard", "!socket: option \"--nowildcard\" cannot be inverted.\n"),
        ];
        check(&lines);
        check_family(Family::Ipv6, &lines);
    }

    #[test]
    fn revisions() {
        check_revisions(&[0, 1, 2, 3], &Socket::new());
        check_revisions(&[1, 2, 3], &Socket::new().transparent(true));
        check_revisions(&[2, 3], &Socket::new().nowildcard(true));
    }
}
