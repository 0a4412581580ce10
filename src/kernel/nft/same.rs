//! Whether a table in the kernel is still the one that was read.

use super::known::{Known, KnownChain, KnownRule};
use super::read::Content;
use crate::blob::{Entry, EntryVerdict, Layout};
use crate::table::backend::WantedRules;
use crate::table::{Table, entry_at};

/// Whether the kernel's table is the one that a table in memory was read from, or written to; counters do not count.
/// `known` is what is known of the one in memory.
pub(super) fn is_same(table: &Table, known: &Known, now: &Content) -> bool {
    if !known.is_read() {
        // Whatever is there is replaced.
        return true;
    }
    // Those that rules go to are compared with the rules.
    let asked = |chain: &&KnownChain| chain.exists && known.scope.has(chain.name.as_bytes());
    known.exists == now.known.exists
        // Of a part nobody can say whether something else is hidden.
        && (known.hidden == now.known.hidden || known.scope != now.known.scope)
        && known.chains.iter().filter(asked).count() == now.known.chains.iter().filter(asked).count()
        && known.chains.iter().filter(asked).all(|chain| {
            let same = now.known.chains.iter().find(|other| other.exists && other.name == chain.name);
            same.is_some_and(|other| same_chain(table, known, chain, now, other))
        })
}

fn same_chain(table: &Table, known: &Known, chain: &KnownChain, now: &Content, other: &KnownChain) -> bool {
    same_handle(chain.handle, other.handle)
        && (chain.rules != WantedRules::All || same_rules(table, known, chain, now, other))
}

fn same_rules(table: &Table, known: &Known, chain: &KnownChain, now: &Content, other: &KnownChain) -> bool {
    chain.policy == other.policy
        && chain.count == other.count
        && known.rules_of(chain).iter().zip(now.known.rules_of(other)).all(|(rule, other)| {
            same_handle(rule.handle, other.handle) && same_rule(table, known, *rule, now, *other)
        })
}

fn same_handle(known: u64, now: u64) -> bool {
    known == now || known == 0
}

fn same_rule(table: &Table, known: &Known, rule: KnownRule, now: &Content, other: KnownRule) -> bool {
    let family = table.family();
    let a = entry_at(family, &table.bytes, rule.at as usize, rule.size);
    let b = entry_at(family, &now.bytes, other.at as usize, other.size);
    if let Some(foreign) = a.foreign() {
        let other = b.foreign();
        return other.is_some_and(|other| {
            known.foreign.get(foreign.index as usize) == now.known.foreign.get(other.index as usize)
        });
    }
    let at = Layout::of(family).entry;
    a.ip() == b.ip()
        && a.target_offset() == b.target_offset()
        && match (a.verdict(), b.verdict()) {
            (Some(EntryVerdict::Jump(a_id)), Some(EntryVerdict::Jump(b_id))) => {
                let name = known.chains.get(a_id as usize).map(|chain| &chain.name);
                name.is_some()
                    && name == now.known.chains.get(b_id as usize).map(|chain| &chain.name)
                    && a.matches().eq(b.matches())
            }
            _ => a.bytes.get(at..) == b.bytes.get(at..) || same_extensions(a, b),
        }
}

/// Bytes behind the end of a name say nothing.
fn same_extensions(a: Entry<'_>, b: Entry<'_>) -> bool {
    a.target() == b.target() && a.matches().eq(b.matches())
}
