//! The host for rules that are made before it is known where they go.

use std::io;

use super::Kernel;
use crate::ext::{Extension, Host, Offline, SetInfo};
use crate::{Family, Result};

/// The calling thread's network namespace, asked only for what a rule cannot be made or shown without: ipsets.
///
/// Rules are written in the newest revisions that the library knows; a table converts them to those of its kernel when
/// they are added. So nothing here needs privileges or the kernel's tables, unless an ipset is named.
///
/// ```
/// use libfw::{Family, Rule, ThisNamespace};
///
/// let rule = Rule::parse_on(Family::Ipv4, "-p tcp --dport 22 -j ACCEPT", &ThisNamespace)?;
/// assert_eq!(rule, Rule::parse(Family::Ipv4, "-p tcp --dport 22 -j ACCEPT")?);
/// # Ok::<(), libfw::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ThisNamespace;

impl Host for ThisNamespace {
    fn revision(&self, family: Family, extension: &Extension) -> Result<u8> {
        Offline.revision(family, extension)
    }

    fn pinned_object(&self, path: &[u8]) -> io::Result<()> {
        Offline.pinned_object(path)
    }

    fn set_by_name(&self, name: &[u8]) -> Result<Option<SetInfo>> {
        Kernel::new().set_by_name(name)
    }

    fn set_by_index(&self, index: u16) -> Result<Option<Vec<u8>>> {
        Kernel::new().set_by_index(index)
    }
}
