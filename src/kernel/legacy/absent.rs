//! Tables that are not there: the kernel makes one when it is first asked for it by name, and registers its hooks. So it is
//! asked only when there is something to write.

use super::blobs::{Blobs, Info};
use super::load::{Known, conflict, fetch};
use crate::Result;
use crate::table::backend::Version;
use crate::table::{Name, Origin, Table, new_chain};
use crate::types::{Hook, HookMask, Policy};

/// The tables that a kernel can have, and their hooks.
pub(crate) const TABLES: [(&str, &[Hook]); 5] = [
    ("filter", &[Hook::Input, Hook::Forward, Hook::Output]),
    ("nat", &[Hook::Prerouting, Hook::Input, Hook::Output, Hook::Postrouting]),
    ("mangle", &[Hook::Prerouting, Hook::Input, Hook::Forward, Hook::Output, Hook::Postrouting]),
    ("raw", &[Hook::Prerouting, Hook::Output]),
    ("security", &[Hook::Input, Hook::Forward, Hook::Output]),
];

/// Has a table the chains that it will have when it is made; says whether it is one that is not there.
pub(super) fn read(blobs: &dyn Blobs, table: &mut Table) -> Result<bool> {
    let Some((_, hooks)) = TABLES.iter().find(|(name, _)| *name == table.name()) else { return Ok(false) };
    if table.registers() || blobs.exists(table.family(), table.name())? != Some(false) {
        return Ok(false);
    }
    table.bytes.clear();
    table.forget();
    for (index, hook) in (0..).zip(*hooks) {
        let mut chain = new_chain(Name::from(hook.chain_name()), Some(*hook));
        chain.tail = Origin::kernel(index);
        table.add_chain(chain);
    }
    table.hooks = HookMask::of(hooks);
    table.exists = false;
    table.version = Version::new(Known { info: Info::default(), content: false });
    Ok(true)
}

/// Has the kernel make a table that was not there, and fails if it has more than its empty chains by now.
pub(super) fn make(blobs: &dyn Blobs, table: &mut Table) -> Result<()> {
    if table.exists {
        return Ok(());
    }
    let (info, chains) = fetch(blobs, table, &mut Vec::new())?;
    let is_empty = chains.iter().all(|chain| chain.hook.is_some() && chain.rules.is_empty());
    let is_open = chains.iter().all(|chain| chain.policy == Policy::Accept);
    if !is_empty || !is_open || info.valid_hooks != table.hooks.0 {
        return Err(conflict(table));
    }
    table.version = Version::new(Known { info, content: false });
    Ok(())
}
