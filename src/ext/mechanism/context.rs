//! What an extension may ask of the world around it, and tell it.

use std::cell::RefCell;

use super::descriptor::Extension;
use crate::error::{Misfit, Warning};
use crate::{Error, Family, Protocol, Result};

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

    /// Whether the kernel is known to have no revision of an extension; nothing but a warning depends on it.
    fn lacks(&self, _family: Family, _extension: &Extension) -> bool {
        false
    }

    /// Opens the BPF object that is pinned at a path, to see whether the kernel will be able to.
    ///
    /// # Errors
    ///
    /// Why it cannot be opened.
    fn pinned_object(&self, _path: &[u8]) -> std::io::Result<()> {
        Ok(())
    }

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
        Err(Error::from(Misfit::SetsUnknown).at_token(String::from_utf8_lossy(name)))
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
    /// Where to tell what is odd but not wrong, while options are read.
    pub(crate) warnings: Option<&'a Warnings>,
}

/// What is odd about options that are read all the same, and the positions on the command line that it is about.
#[derive(Debug, Default)]
pub(crate) struct Warnings(RefCell<Vec<(usize, Warning)>>);

impl Warnings {
    /// Adds a warning. Options may be read a second time, to find out which error is the first; their warnings are not
    /// added again.
    pub(crate) fn add(&self, position: usize, warning: Warning) {
        let (mut warnings, warning) = (self.0.borrow_mut(), (position, warning));
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }

    /// Forgets what is said behind the position of an error.
    pub(crate) fn end_at(&mut self, position: usize) {
        self.0.get_mut().retain(|(known, _)| *known <= position);
    }

    /// Takes the warnings in the order of the command line.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = Warning> + use<> {
        let mut warnings = std::mem::take(self.0.get_mut());
        warnings.sort_by_key(|(position, _)| *position);
        warnings.into_iter().map(|(_, warning)| warning)
    }
}

impl Cx<'_> {
    /// Tells what is odd at a position on the command line.
    pub(crate) fn warn(&self, position: usize, warning: Warning) {
        if let Some(warnings) = self.warnings {
            warnings.add(position, warning);
        }
    }

    /// The rule's protocol if it is limited to exactly one.
    pub(crate) fn protocol(&self) -> Option<Protocol> {
        (!self.protocol_inverted && self.protocol != Protocol::ANY).then_some(self.protocol)
    }
}
