//! Which matches and targets of xtables the kernel has: NFNL_MSG_COMPAT_GET.

use super::attr::Writer;
use super::message::nft_compat;
use super::session::{Request, Result, Session, Trouble};
use super::uapi::*;
use crate::ext::ExtensionKind;

impl Session {
    /// Whether the kernel has a match or target in this revision. Asking may load a module.
    pub(crate) fn supports(
        &mut self,
        family: u8,
        kind: ExtensionKind,
        name: &str,
        revision: u8,
    ) -> Result<bool> {
        let attributes = |writer: &mut Writer| {
            writer.text(NFTA_COMPAT_NAME, name.as_bytes());
            writer.be32(NFTA_COMPAT_REV, revision.into());
            writer.be32(
                NFTA_COMPAT_TYPE,
                match kind {
                    ExtensionKind::Match => 0,
                    ExtensionKind::Target => 1,
                },
            );
        };
        let request = Request { kind: nft_compat(NFNL_MSG_COMPAT_GET), family, attributes: &attributes };
        let mut found = false;
        self.ask(&[request], |_, answer| {
            found = match answer {
                Ok(_) => true,
                Err(failure) => match failure.errno {
                    libc::ENOENT | libc::EPROTONOSUPPORT => false,
                    errno => return Err(Trouble::Denied(errno)),
                },
            };
            Ok(())
        })?;
        Ok(found)
    }
}
