//! What an extension may ask of the world around it.

use super::Extension;
use crate::{Error, ErrorKind, Family, Protocol, Result};

/// The system for which rules are written and read: which revisions its kernel knows, and what its objects are called.
///
/// [`Offline`] knows nothing but the library itself.
pub trait Host {
    /// The revision in which an extension is to be written: the newest that library and kernel share.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ExtensionUnavailable`] when the kernel has none of them.
    fn revision(&self, family: Family, extension: &Extension) -> Result<u8>;

    /// The index and family of an ipset; `None` where there is no set of that name.
    ///
    /// # Errors
    ///
    /// When the kernel cannot be asked.
    fn set_by_name(&self, name: &[u8]) -> Result<Option<SetInfo>>;

    /// The name of the ipset at an index; `None` where there is no such set.
    ///
    /// # Errors
    ///
    /// When the kernel cannot be asked.
    fn set_by_index(&self, index: u16) -> Result<Option<Vec<u8>>>;
}

/// What the kernel tells of an ipset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetInfo {
    /// The index that rules hold.
    pub index: u16,
    /// The family of the set's elements: `NFPROTO_IPV4` 2, `NFPROTO_IPV6` 10 or `NFPROTO_UNSPEC` 0.
    pub family: u8,
}

/// A host without a kernel: rules are written in the newest revision, and there are no ipsets to look up.
#[derive(Clone, Copy, Debug, Default)]
pub struct Offline;

impl Host for Offline {
    fn revision(&self, family: Family, extension: &Extension) -> Result<u8> {
        extension.newest(family)
    }

    fn set_by_name(&self, name: &[u8]) -> Result<Option<SetInfo>> {
        let name = String::from_utf8_lossy(name).into_owned();
        Err(Error::new(ErrorKind::NoSuchObject, "ipset names can be looked up only in a kernel")
            .at_token(name))
    }

    fn set_by_index(&self, _: u16) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }
}

/// The rule around an extension while it is read, written or printed.
#[derive(Clone, Copy)]
pub struct Cx<'a> {
    pub(crate) family: Family,
    /// The revision of the payload.
    pub(crate) revision: u8,
    /// The protocol the rule is limited to, and whether that is inverted.
    pub(crate) protocol: Protocol,
    pub(crate) protocol_inverted: bool,
    pub(crate) host: &'a dyn Host,
}

impl Cx<'_> {
    /// The rule's protocol if it is limited to exactly one.
    pub(crate) fn protocol(&self) -> Option<Protocol> {
        (!self.protocol_inverted && self.protocol != Protocol::ANY).then_some(self.protocol)
    }
}
