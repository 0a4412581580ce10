//! Chains that are read after others: what was read of a table grows by them.

use super::backend::{Nft, known};
use super::error::Where;
use super::known::{Known, KnownChain, KnownRule, Scope};
use super::read::{Content, jump_of};
use super::same::is_same;
use super::session::Trouble;
use super::settle::learn;
use crate::Result;
use crate::blob::{EntryVerdict, put_at, verdict_at};
use crate::error::BadEdit;
use crate::sys::memory;
use crate::table::backend::{WantedChain, WantedRules};
use crate::table::{ChainId, HEADROOM, Jump, Note, Origin, Slot, Table, entry_at, new_chain};
use crate::types::hash::{HashMap, HashSet};

impl Nft {
    /// Reads chains of a table in addition to those that were read. If the rules were changed meanwhile, what was read before is
    /// looked at again, so that everything is of one generation.
    pub(super) fn read_more(&self, table: &mut Table, wanted: &[WantedChain<'_>]) -> Result<()> {
        let before = known(table)?;
        let Scope::Chains(read) = &before.scope else { return Ok(()) };
        let lacks = |chain: &&WantedChain<'_>| {
            let rules = read.iter().find(|(name, _)| name == chain.name).map(|(_, rules)| *rules);
            rules.is_none_or(|rules| rules != WantedRules::All && rules != chain.rules)
        };
        let wanted: Vec<_> =
            wanted.iter().filter(lacks).map(|chain| (chain.name.to_vec(), chain.rules)).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let (family, base, generation) = (table.family(), before.base, before.generation);
        let more = (family, base, Scope::Chains(wanted));
        let again = (family, base, before.scope.clone());
        let trouble = |trouble| Where::reading(family, base.name).error(trouble);
        let mut contents = self.fetch(std::slice::from_ref(&more)).map_err(trouble)?;
        if contents.iter().any(|content| content.known.generation != generation) {
            contents = self.fetch(&[more, again]).map_err(trouble)?;
            if let Some(now) = contents.pop() {
                if !is_same(table, known(table)?, &now) {
                    return Err(table.error(BadEdit::Changed));
                }
                table.version.get_mut::<Known>().into_iter().for_each(|known| learn(known, &now));
            }
        }
        contents.into_iter().try_for_each(|content| join(table, content))
    }

    /// Reads all that was not read of a table. What was read, and edited since, stays as it is; if somebody else has changed it
    /// meanwhile, what is there then is not of one generation, and that is the error.
    pub(super) fn read_rest(&self, table: &mut Table) -> Result<()> {
        let before = known(table)?;
        if !matches!(before.scope, Scope::Chains(_)) {
            return Ok(());
        }
        let (family, base) = (table.family(), before.base);
        let trouble = |trouble| Where::reading(family, base.name).error(trouble);
        let contents = self.fetch(&[(family, base, Scope::All)]).map_err(trouble)?;
        let Some(now) = contents.into_iter().next() else { return Ok(()) };
        let is_same = now.known.generation == before.generation || is_same(table, before, &now);
        if let Some(known) =
            table.version.get_mut::<Known>().filter(|known| known.generation != now.known.generation)
        {
            learn(known, &now);
        }
        let notes = now.notes.clone();
        join(table, now)?;
        table.notes = notes;
        if let Some(known) = table.version.get_mut::<Known>() {
            known.scope = Scope::All;
        }
        if is_same { Ok(()) } else { Err(table.error(BadEdit::Changed)) }
    }
}

/// What the table in memory has of the kernel's rules grows by this.
fn join(table: &mut Table, content: Content) -> Result<()> {
    let family = table.family();
    let bytes = content.bytes.get(HEADROOM..).unwrap_or_default();
    let shift = (table.place_of_new() - HEADROOM) as u32;
    let room = size_of::<(Slot, KnownRule)>() * content.known.len() + bytes.len();
    if table.bytes.len() + bytes.len() > u32::MAX as usize || !memory::has_room(room) {
        return Err(Where::reading(family, table.name()).error(Trouble::OutOfMemory));
    }
    table.bytes.resize(table.place_of_new(), 0);
    table.bytes.extend_from_slice(bytes);
    // Out of the table while both are changed.
    let mut version = std::mem::take(&mut table.version);
    if let Some(known) = version.get_mut::<Known>() {
        let exist = (0..).zip(&known.chains).filter(|(_, chain)| chain.exists);
        let ids = exist.map(|(id, chain)| (chain.name.as_bytes().to_vec(), id)).collect();
        Joining { table, known, shift, ids }.join(content);
    }
    table.version = version;
    Ok(())
}

struct Joining<'a> {
    table: &'a mut Table,
    known: &'a mut Known,
    /// How much further behind in the bytes entries are now.
    shift: u32,
    /// The chains that the kernel was known to have.
    ids: HashMap<Vec<u8>, ChainId>,
}

impl Joining<'_> {
    fn join(mut self, content: Content) {
        let Content { hooks, chains, known: more, notes, .. } = content;
        let (rules, foreign) = (self.known.rules.len(), self.known.foreign.len());
        let ids: Vec<_> =
            more.chains.iter().zip(chains.iter()).map(|(now, chain)| self.id(now, chain.hook)).collect();
        // What was asked for is not asked for again, but for the rest.
        let read: HashSet<Vec<u8>> = match &self.known.scope {
            Scope::Chains(read) => {
                let read = read.iter().filter(|(_, rules)| *rules == WantedRules::All);
                read.map(|(name, _)| name.clone()).collect()
            }
            _ => HashSet::default(),
        };
        let jumps = self.jumps();
        for ((now, (of, chain)), id) in more.chains.iter().zip((0..).zip(chains.iter())).zip(&ids) {
            if read.contains(now.name.as_bytes()) {
                continue;
            }
            let before = self.known.chain(*id).map(|chain| chain.rules);
            let is_read = before == Some(WantedRules::All);
            let is_opened = before.is_some() && !is_read && now.rules == WantedRules::All;
            let jumps = jumps.get(id).copied().unwrap_or_default();
            let mut data = &mut self.table.chains[*id as usize];
            // Those that were not read count too, if they are known to be all.
            data.references = match before {
                None => chain.references,
                _ if is_read => data.references,
                _ if is_opened => chain.references + data.references - jumps,
                _ => data.references + chain.references,
            };
            if before.is_none() {
                (data.policy, data.tail) = (chain.policy, chain.tail);
                self.table.chains.take_over_one(*id, &chains, of);
                data = &mut self.table.chains[*id as usize];
            }
            if before.is_some() && !is_opened {
                continue;
            }
            data.size += chain.size;
            let slots = chain.rules.iter().map(|slot| Slot {
                at: slot.at + self.shift,
                origin: Origin::kernel(rules as u32 + slot.origin.index().unwrap_or_default()),
                jump: slot.jump.chain().and_then(|id| ids.get(id as usize)).map_or(slot.jump, |id| Jump(*id)),
                ..*slot
            });
            let slots: Vec<_> = slots.collect();
            slots.iter().for_each(|slot| self.move_entry(*slot, foreign));
            let data = &mut self.table.chains[*id as usize];
            slots.into_iter().for_each(|slot| data.rules.push(slot));
            self.known.chains[*id as usize] = KnownChain { first: rules + now.first, ..now.clone() };
        }
        let moved = |rule: KnownRule| KnownRule { at: rule.at + self.shift, ..rule };
        self.known.rules.extend(more.rules.into_iter().map(moved));
        self.known.foreign.extend(more.foreign);
        self.known.hidden |= more.hidden;
        if let (Scope::Chains(known), Scope::Chains(more)) = (&mut self.known.scope, more.scope) {
            known.retain(|(name, _)| !more.iter().any(|(other, _)| name == other));
            known.extend(more);
        }
        self.table.hooks = self.table.hooks | hooks;
        self.table.bytes_moved();
        self.note(notes);
    }

    /// The chain in the table, which is added if it was not shown.
    fn id(&mut self, now: &KnownChain, hook: Option<crate::types::Hook>) -> ChainId {
        let table = &mut *self.table;
        let id = (self.ids.get(now.name.as_bytes()).copied())
            .or_else(|| table.find(now.name.as_bytes()))
            .unwrap_or_else(|| table.add_chain(new_chain(now.name.clone(), hook)));
        let lacking = self.known.chains.len()..=id as usize;
        self.known.chains.extend(lacking.map(|id| KnownChain {
            exists: false,
            name: table.chains[id].name.clone(),
            ..KnownChain::clone(now)
        }));
        id
    }

    /// How many rules of the kernel that were read before go to each chain.
    fn jumps(&self) -> HashMap<ChainId, u32> {
        let mut jumps = HashMap::default();
        for rule in &self.known.rules {
            let entry = entry_at(self.table.family(), &self.table.bytes, rule.at as usize, rule.size);
            let target = match entry.foreign() {
                Some(foreign) => {
                    let rule = self.known.foreign.get(foreign.index as usize);
                    rule.and_then(|rule| jump_of(rule)).and_then(|name| self.ids.get(name).copied())
                }
                None => match entry.verdict() {
                    Some(EntryVerdict::Jump(id)) => Some(id),
                    _ => None,
                },
            };
            if let Some(id) = target {
                *jumps.entry(id).or_default() += 1;
            }
        }
        jumps
    }

    /// Lets an entry go to the chain that its rule goes to, and stand for the right rule where it does that.
    fn move_entry(&mut self, slot: Slot, foreign: usize) {
        let (family, at) = (self.table.family(), slot.at as usize);
        let entry = entry_at(family, &self.table.bytes, at, slot.size);
        if let Some(mut rule) = entry.foreign() {
            rule.index += foreign as u32;
            let place = at + entry.target_offset();
            rule.put(&mut self.table.bytes[place..]);
        } else if let (Some(EntryVerdict::Jump(_)), Some(id)) = (entry.verdict(), slot.jump.chain()) {
            let place = at + verdict_at(entry);
            put_at(&mut self.table.bytes, place, &EntryVerdict::Jump(id).raw().to_ne_bytes());
        }
    }

    fn note(&mut self, notes: Vec<Note>) {
        let is_count = |note: &Note| matches!(note, Note::ForeignRules { .. });
        let known = &mut self.table.notes;
        known.retain(|note| !is_count(note));
        for note in notes {
            if !is_count(&note) && !known.contains(&note) {
                known.push(note);
            }
        }
        let rules = self.known.foreign.len();
        known.extend((rules > 0).then_some(Note::ForeignRules { rules }));
    }
}
