//! The replace, and what it does to the table in memory.

use super::assemble::{Relocated, arrange, lay_out, settle};
use super::blobs::{Blobs, Info};
use super::load::{conflict, fetch};
use crate::Result;
use crate::blob::{Entry, Verdict, Walk, put_at};
use crate::table::backend::{Version, Written};
use crate::table::{ChainData, ChainId, HEADROOM, Jump, Origin, Table, new_chain};
use crate::types::{Counters, Family};

/// A commit that is ready to be sent.
struct Prepared {
    info: Info,
    version: Version,
    request: Vec<u8>,
    relocated: Vec<Relocated>,
    /// Room for the counters.
    counters: Vec<Counters>,
    /// For a table without the lock, see [`renumber`].
    ranks: Option<Ranks>,
}

/// The ids that a table gets which is read from the kernel: the chains' places in the kernel's order.
struct Ranks {
    /// By the id so far.
    ids: Vec<ChainId>,
    /// Room for the chains.
    chains: Vec<ChainData>,
}

/// Writes a table in one replace. Counters of rules that stay are carried over, those included that arrive while the
/// replace is under way. A table that was not read under the lock is compared with the kernel's first.
pub(super) fn write(blobs: &impl Blobs, table: &mut Table) -> Result<Written> {
    let known: Info = table.version.get().copied().unwrap_or_default();
    if table.claim.is_none() {
        compare_with_kernel(blobs, table, &known)?;
    }
    let mut prepared = prepare(table)?;
    let (info, request) = (&prepared.info, &mut prepared.request);
    let replaced = blobs.replace(table.family(), table.name(), info, request, known.num_entries);
    // From the answer to the end nothing can fail: the table in memory becomes what the kernel has, or what it was.
    let old = match replaced {
        Ok(old) => old,
        Err(error) => {
            give_back(table, prepared);
            return Err(error);
        }
    };
    settle(table, prepared.request, &prepared.relocated);
    if let Some(ranks) = prepared.ranks {
        renumber(table, ranks);
    }
    table.version = prepared.version;
    let counters_lost = restore_counters(blobs, table, &old, &mut prepared.counters).err();
    rebase(table, counters_lost.is_some());
    Ok(Written { counters_lost })
}

/// Everything that can fail before the kernel is asked, and all the room that is needed after its answer.
fn prepare(table: &mut Table) -> Result<Prepared> {
    let info = lay_out(table)?;
    let version = Version::new(info);
    let counters = Vec::with_capacity(info.num_entries as usize);
    let ranks = table.claim.is_none().then(|| ranks(table));
    let (request, mut relocated) = arrange(table, &info);
    for (_, verdict) in &mut relocated {
        if let (Some(ranks), Verdict::Jump(id)) = (&ranks, Verdict::from_raw(*verdict)) {
            *verdict = Verdict::Jump(ranks.ids[id as usize]).raw();
        }
    }
    Ok(Prepared { info, version, request, relocated, counters, ranks })
}

/// The kernel has refused the table; the edits stay.
fn give_back(table: &mut Table, prepared: Prepared) {
    if table.claim.is_some() {
        settle(table, prepared.request, &prepared.relocated);
    } else {
        table.spare = prepared.request;
    }
}

fn ranks(table: &Table) -> Ranks {
    let mut ids = vec![0; table.chains.len()];
    for (rank, id) in table.order.iter().enumerate() {
        ids[*id as usize] = rank as ChainId;
    }
    Ranks { ids, chains: Vec::with_capacity(table.order.len()) }
}

/// Makes the table what it would be if it was read from the kernel: without the lock the next commit compares the two.
fn renumber(table: &mut Table, Ranks { ids, mut chains }: Ranks) {
    for (rank, id) in table.order.iter_mut().enumerate() {
        let chain = &mut table.chains[*id as usize];
        for slot in &mut chain.rules {
            if let Some(id) = slot.jump.chain() {
                slot.jump = Jump(ids[id as usize]);
            }
        }
        let gone = new_chain(chain.name, chain.hook);
        chains.push(std::mem::replace(chain, gone));
        *id = rank as ChainId;
    }
    table.chains = chains;
    table.forget_index();
}

/// Fails if the kernel's table is not the one that was read.
fn compare_with_kernel(blobs: &impl Blobs, table: &Table, known: &Info) -> Result<()> {
    let mut bytes = Vec::new();
    let (now, _) = fetch(blobs, table, &mut bytes)?;
    let mine = entries(&table.bytes, known);
    if now == *known && same_rules(table.family(), mine, entries(&bytes, &now)) {
        return Ok(());
    }
    Err(conflict(table))
}

/// The entries as they were read. Those of new rules follow them in the buffer.
fn entries<'a>(bytes: &'a [u8], info: &Info) -> &'a [u8] {
    bytes.get(HEADROOM..HEADROOM + info.size as usize).unwrap_or_default()
}

/// Adds back what the rules had counted; the kernel starts a new table at zero. `counters` has room for them.
fn restore_counters(
    blobs: &impl Blobs,
    table: &Table,
    old: &[Counters],
    counters: &mut Vec<Counters>,
) -> Result<()> {
    if !table.counts && old.iter().all(|pair| *pair == Counters::ZERO) {
        return Ok(());
    }
    let now = |origin: Origin, known: Counters| match origin.index() {
        None => known,
        Some(index) => {
            let last = old.get(index as usize).copied().unwrap_or_default();
            if origin.is_zeroed() { last.since(known) } else { last }
        }
    };
    for id in &table.order {
        let chain = &table.chains[*id as usize];
        if chain.hook.is_none() {
            counters.push(Counters::ZERO);
        }
        for slot in &chain.rules {
            counters.push(now(slot.origin, table.entry(*slot).counters()));
        }
        counters.push(now(chain.tail, chain.counters));
    }
    counters.push(Counters::ZERO);
    blobs.add_counters(table.family(), table.name(), counters)
}

/// Every rule has a place in the kernel's table now, where its counters come from. If they were lost, they are zero
/// in memory as they are there.
fn rebase(table: &mut Table, counters_lost: bool) {
    let layout = table.family().layout();
    let mut index = 0;
    for id in &table.order {
        let chain = &mut table.chains[*id as usize];
        index += u32::from(chain.hook.is_none());
        for slot in &mut chain.rules {
            if counters_lost || slot.origin.is_zeroed() {
                // What was zeroed must not be taken off a second time.
                let at = slot.at as usize + layout.counters;
                put_at(&mut table.bytes, at, &[0; 16]);
            }
            slot.origin = Origin::kernel(index);
            slot.unchecked = false;
            index += 1;
        }
        if counters_lost || chain.tail.is_zeroed() {
            chain.counters = Counters::ZERO;
        }
        chain.tail = Origin::kernel(index);
        index += 1;
    }
}

/// Whether two blobs that were read hold the same rules; counters do not count.
fn same_rules(family: Family, a: &[u8], b: &[u8]) -> bool {
    let (mut left, mut right) = (Walk::new(family, a), Walk::new(family, b));
    loop {
        match (left.next(), right.next()) {
            (None, None) => return true,
            (Some(Ok(left)), Some(Ok(right))) if same_entry(left.entry, right.entry) => {}
            _ => return false,
        }
    }
}

/// Whether two entries are the same but for their counters and for bytes that say nothing.
fn same_entry(a: Entry<'_>, b: Entry<'_>) -> bool {
    let at = a.family.layout().entry;
    // Nearly always every byte is the same; those behind the end of a name need not be.
    a.ip() == b.ip()
        && a.target_offset() == b.target_offset()
        && (a.bytes.get(at..) == b.bytes.get(at..) || a.target() == b.target() && a.matches().eq(b.matches()))
}
