//! Tables of the kernel as tables of entries.

use super::attr::{self, Attrs, Writer};
use super::base::{self, BaseTable};
use super::known::{Known, KnownChain, KnownRule, Scope};
use super::model::{RawChain, RawRule};
use super::rule::Reader;
use super::session::{Result, Session, Trouble};
use super::uapi::*;
use crate::blob::{Entry, EntryVerdict, Foreign, put_at, verdict_at};
use crate::sys::memory;
use crate::table::backend::WantedRules;
use crate::table::{ChainId, Chains, HEADROOM, Jump, Name, Note, Origin, Slot, new_chain};
use crate::types::hash::HashMap;
use crate::types::{Family, HookMask, Interface, Policy, order};

/// A table that was read.
pub(super) struct Content {
    pub(super) hooks: HookMask,
    pub(super) chains: Chains,
    pub(super) bytes: Vec<u8>,
    pub(super) known: Known,
    pub(super) notes: Vec<Note>,
}

/// Which rules are asked for together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Table,
    Chains,
}

/// How many chains and rules a table may have that is read at once where only some of it may be needed: that takes a millisecond.
const FEW_CHAINS: u32 = 100;
const FEW_RULES: u64 = 500;

/// What is noted of a chain, with its name in a map.
const NOTED: usize = Chains::SIZE + size_of::<(KnownChain, RawChain)>() + 100;

/// Reads a table within a consistent reading.
pub(super) fn read(
    session: &mut Session,
    family: Family,
    base: &'static BaseTable,
    scope: &Scope,
    interface: &dyn Fn(u32) -> Option<Interface>,
) -> Result<Content> {
    let number = base::number(family);
    let table = session.table(number, base.name.as_bytes())?;
    let exists = table.is_some();
    let (mut scope, little) = (scope, *scope == Scope::Little);
    let nothing = Scope::Chains(Vec::new());
    if little {
        scope =
            if table.as_ref().is_some_and(|table| table.uses > FEW_CHAINS) { &nothing } else { &Scope::All };
    }
    let mut chains = match scope {
        Scope::All if exists => session.chains(number, base.name.as_bytes())?,
        Scope::Chains(wanted) if exists => {
            let names: Vec<_> = wanted.iter().map(|(name, _)| name.as_slice()).collect();
            session.chains_by_name(number, base.name.as_bytes(), &names)?.into_iter().flatten().collect()
        }
        _ => Vec::new(),
    };
    if little && chains.iter().map(|chain| u64::from(chain.uses)).sum::<u64>() > FEW_RULES {
        (scope, chains) = (&nothing, Vec::new());
    }
    let total = chains.len();
    let based = chains.iter().any(|chain| chain.hook.as_ref().is_some_and(|_| base.builtin(chain).is_none()));
    if !memory::has_room(total * NOTED) {
        return Err(Trouble::OutOfMemory);
    }
    let mut reading = Reading::new(family, base, exists, chains, scope);
    if !reading.raw.is_empty() {
        reading.rules(session, &Reader { family, interface })?;
        reading.check(session)?;
    }
    let mut content = reading.content;
    if let Some(table) = table {
        let known = &content.known;
        let foreign = known.foreign.len();
        let rules = (foreign > 0).then_some(Note::ForeignRules { rules: foreign });
        let whole = known.scope == Scope::All;
        let notes = [
            (based && whole).then_some(Note::HiddenChains),
            (whole && table.uses as usize > total).then_some(Note::Objects),
            table.is_dormant().then_some(Note::Dormant),
            table.is_owned().then_some(Note::Owned),
        ];
        content.notes = rules.into_iter().chain(notes.into_iter().flatten()).collect();
    }
    Ok(content)
}

struct Reading {
    family: Family,
    base: &'static BaseTable,
    /// The chains that are shown, in the order of the ids, as the kernel told of them. `None` for built-in ones that are
    /// not there.
    raw: Vec<Option<RawChain>>,
    ids: HashMap<Vec<u8>, ChainId>,
    content: Content,
}

impl Reading {
    fn new(
        family: Family,
        base: &'static BaseTable,
        exists: bool,
        mut raw: Vec<RawChain>,
        scope: &Scope,
    ) -> Reading {
        let total = raw.len();
        let mut hooks = HookMask::NONE;
        let mut shown = Vec::new();
        let mut chains = Chains::default();
        for base in base.chains {
            let name = base.name().as_bytes();
            if !scope.has(name) {
                continue;
            }
            let builtin = raw.iter().position(|chain| chain.name == name && chain.hook.is_some());
            let builtin = builtin.map(|index| raw.swap_remove(index));
            // A chain of that name which is none of these stands in its way.
            if builtin.is_none() && raw.iter().any(|chain| chain.name == name) {
                continue;
            }
            let builtin = builtin.filter(|chain| is_builtin(base, chain));
            let mut chain = new_chain(Name::new(name), Some(base.hook));
            chain.tail = Origin::kernel(0);
            chain.idle = builtin.is_none();
            if let Some(raw) = &builtin {
                chain.policy = raw.policy.unwrap_or(Policy::Accept);
                chains.set_counters(chains.len() as ChainId, raw.counters.unwrap_or_default());
            }
            hooks = hooks | base.hook.mask();
            chains.push(chain);
            shown.push(builtin);
        }
        raw.retain(|chain| chain.hook.is_none());
        order::sort_by(&mut raw, |a, b| a.name.cmp(&b.name));
        for chain in raw {
            chains.set_made(chains.len() as ChainId, chain.handle);
            chains.push(new_chain(Name::new(&chain.name), None));
            shown.push(Some(chain));
        }
        let ids = shown.iter().flatten().map(|chain| chain.name.clone());
        let places = shown.iter().enumerate().filter(|(_, chain)| chain.is_some());
        let ids = ids.zip(places.map(|(id, _)| id as ChainId)).collect();
        let known = Known {
            base,
            generation: 0,
            exists,
            scope: scope.clone(),
            hidden: shown.iter().flatten().count() < total,
            nameless: false,
            chains: Vec::new(),
            rules: Vec::new(),
            foreign: Vec::new(),
        };
        let content = Content { hooks, chains, bytes: vec![0; HEADROOM], known, notes: Vec::new() };
        let mut reading = Reading { family, base, raw: shown, ids, content };
        reading.know_chains();
        reading
    }

    fn know_chains(&mut self) {
        let known = self.raw.iter().zip(self.content.chains.iter()).map(|(raw, chain)| KnownChain {
            exists: raw.is_some(),
            name: chain.name.clone(),
            handle: raw.as_ref().map_or(0, |raw| raw.handle),
            policy: chain.policy,
            rules: self.content.known.scope.rules_of(chain.name.as_bytes()),
            first: 0,
            count: 0,
        });
        self.content.known.chains = known.collect();
    }

    /// Reads the rules of every chain that may have some.
    fn rules(&mut self, session: &mut Session, reader: &Reader<'_>) -> Result<()> {
        let number = base::number(self.family);
        let table = self.base.name.as_bytes();
        let mut rules = Vec::new();
        let known = self.raw.iter().zip(&self.content.known.chains);
        let filled: Vec<_> = (0..)
            .zip(known)
            .filter(|(_, (_, known))| known.rules == WantedRules::All)
            .filter_map(|(id, (raw, _))| {
                raw.as_ref().filter(|raw| raw.uses > 0).map(|raw| (id, raw.name.clone()))
            })
            .collect();
        match self.way(filled.len()) {
            Way::Chains => {
                for (id, name) in filled {
                    session.rules(number, table, Some(&name), false, |rule| {
                        self.rule(reader, id, rule, &mut rules)
                    })?;
                }
            }
            Way::Table => {
                // Rules come chain by chain.
                let mut last: (Vec<u8>, Option<ChainId>) = (Vec::new(), None);
                session.rules(number, table, None, false, |rule| {
                    if last.0 != rule.chain {
                        last = (rule.chain.to_vec(), self.ids.get(rule.chain).copied());
                    }
                    match last.1 {
                        Some(id) => self.rule(reader, id, rule, &mut rules),
                        None => Ok(()),
                    }
                })?;
            }
        }
        self.number_rules(rules);
        Ok(())
    }

    /// Whether the rules of all chains are read at once, or chain by chain. In a dump the kernel walks over what was read
    /// before whenever there is another read; a chain of its own is another dump.
    fn way(&self, chains: usize) -> Way {
        /// What another dump costs, in rules that are walked over.
        const DUMP: usize = 1_000;
        /// How many rules are in one read.
        const READ: usize = 80;
        if self.content.known.scope != Scope::All {
            return Way::Chains;
        }
        let uses = self.raw.iter().flatten().map(|raw| raw.uses as usize);
        let walked = |rules: usize| (rules / READ).saturating_mul(rules) / 2;
        let (total, alone) = uses.fold((0_usize, 0_usize), |(total, alone), uses| {
            (total.saturating_add(uses), alone.saturating_add(walked(uses)))
        });
        let together = walked(total);
        if (chains * DUMP).saturating_add(alone) < together { Way::Chains } else { Way::Table }
    }

    /// Takes a rule: its entry into the bytes, its place into its chain.
    fn rule(
        &mut self,
        reader: &Reader<'_>,
        id: ChainId,
        raw: &RawRule<'_>,
        rules: &mut Vec<(ChainId, KnownRule)>,
    ) -> Result<()> {
        /// Room for the entry of a rule that is not unusually large.
        const ENTRY: usize = 2 << 10;
        let bytes = &mut self.content.bytes;
        let fits = memory::make_room(bytes, ENTRY)
            && memory::make_room(rules, 1)
            && self.content.chains.get_mut(id as usize).is_none_or(|chain| chain.rules.make_room());
        if !fits {
            return Err(Trouble::OutOfMemory);
        }
        let start = bytes.len();
        let at = u32::try_from(start).map_err(|_| Trouble::Malformed("more than 4 GiB of rules"))?;
        let read = reader.read(raw.expressions, raw.userdata, bytes).map(|rule| rule.jump);
        let read = read.map(|jump| jump.map(|name| self.target(name)));
        let bytes = &mut self.content.bytes;
        let jump = match read {
            Ok(None) => None,
            // The entry was made with a jump to chain 0.
            Ok(Some(Some(jump))) => {
                let place = start + verdict_at(Entry::new(self.family, &bytes[start..]));
                put_at(bytes, place, &EntryVerdict::Jump(jump).raw().to_ne_bytes());
                Some(jump)
            }
            // Where it goes is not shown, so it cannot be said either.
            Ok(Some(None)) | Err(_) => {
                bytes.truncate(start);
                let index = self.content.known.foreign.len() as u32;
                Foreign { handle: raw.handle, index }.push(self.family, bytes);
                self.content.known.foreign.push(without_counters(raw.expressions));
                jump_of(raw.expressions).and_then(|name| self.target(name))
            }
        };
        let bytes = &self.content.bytes;
        let size = u16::try_from(bytes.len() - start)
            .map_err(|_| Trouble::Malformed("a rule of more than 64 KiB"))?;
        let mut slot = Slot::new(Entry::new(self.family, &bytes[start..]), at, Origin::SET);
        if let Some(jump) = jump {
            slot.jump = Jump(jump);
        }
        if let Some(chain) = self.content.chains.get_mut(id as usize) {
            chain.size += u32::from(size);
            chain.rules.push(slot);
        }
        if let Some(target) = slot.jump.chain().and_then(|id| self.content.chains.get_mut(id as usize)) {
            target.references += 1;
        }
        rules.push((id, KnownRule { handle: raw.handle, at, size }));
        Ok(())
    }

    /// The chain that a rule goes to. It is there even if nobody wants more of it than its name.
    fn target(&mut self, name: &[u8]) -> Option<ChainId> {
        if let Some(id) = self.ids.get(name) {
            return Some(*id);
        }
        if self.content.known.scope == Scope::All {
            return None;
        }
        let id = self.content.chains.len() as ChainId;
        let chain = new_chain(Name::new(name), None);
        self.content.known.chains.push(KnownChain {
            exists: true,
            name: chain.name.clone(),
            handle: 0,
            policy: Policy::Accept,
            rules: WantedRules::Behind,
            first: 0,
            count: 0,
        });
        self.content.chains.push(chain);
        self.ids.insert(name.to_vec(), id);
        Some(id)
    }

    /// Orders the rules by chain, and tells each where it is in that order.
    fn number_rules(&mut self, mut rules: Vec<(ChainId, KnownRule)>) {
        if !rules.is_sorted_by_key(|(id, _)| *id) {
            order::sort_by_key(&mut rules, |(id, _)| *id);
        }
        let known = &mut self.content.known;
        known.rules = rules.into_iter().map(|(_, rule)| rule).collect();
        let mut first = 0;
        for (chain, known) in self.content.chains.iter_mut().zip(&mut known.chains) {
            (known.first, known.count) = (first, chain.rules.len());
            for (index, slot) in (&mut chain.rules).into_iter().enumerate() {
                slot.origin = Origin::kernel((first + index) as u32);
            }
            first += chain.rules.len();
        }
    }

    /// Whether these are all the rules. The kernel's list of a chain ends without a word before a rule of more than 32 KiB,
    /// and whoever believes it takes the chain for shorter than it is.
    fn check(&mut self, session: &mut Session) -> Result<()> {
        let mut others = self.content.known.hidden || self.content.known.scope != Scope::All;
        let known = &self.content.known.chains;
        for ((raw, chain), known) in self.raw.iter().zip(self.content.chains.iter_mut()).zip(known) {
            let Some(raw) = raw.as_ref().filter(|_| known.rules == WantedRules::All) else { continue };
            let rules = chain.rules.len() as u32;
            let seen = rules + chain.references;
            if raw.uses > seen && !others {
                // A map may have the jump.
                others = !session.sets(base::number(self.family), self.base.name.as_bytes())?.is_empty();
            }
            if raw.uses < seen || raw.uses > seen && (raw.hook.is_some() || !others) {
                return Err(Trouble::Incomplete {
                    chain: raw.name.clone(),
                    rules: raw.uses.saturating_sub(chain.references),
                    seen: rules,
                });
            }
            // What is not shown counts as well.
            chain.references = raw.uses - rules;
        }
        Ok(())
    }
}

impl Scope {
    /// Whether a chain of that name is read.
    pub(super) fn has(&self, name: &[u8]) -> bool {
        match self {
            Scope::All | Scope::Little | Scope::Existence => true,
            Scope::Chains(chains) => chains.iter().any(|(wanted, _)| wanted == name),
        }
    }

    /// What matters of the rules of a chain.
    fn rules_of(&self, name: &[u8]) -> WantedRules {
        match self {
            Scope::All | Scope::Little | Scope::Existence => WantedRules::All,
            Scope::Chains(chains) => {
                chains.iter().find(|(wanted, _)| wanted == name).map_or(WantedRules::All, |(_, rules)| *rules)
            }
        }
    }
}

fn is_builtin(base: &base::BaseChain, chain: &RawChain) -> bool {
    chain.hook.as_ref().is_some_and(|hook| base.is(hook))
}

/// The chain that a rule goes to, which may do more than that.
pub(super) fn jump_of(expressions: &[u8]) -> Option<&[u8]> {
    /// `NFTA_IMMEDIATE_DATA`, `NFTA_DATA_VERDICT`, `NFTA_VERDICT_CHAIN`.
    const PATH: [u16; 3] = [2, 2, 2];
    Attrs::new(expressions).find_map(|(_, element)| {
        let [_, name, data] = Attrs::new(element).fields();
        let chain = PATH.iter().try_fold(data?, |data, number| Attrs::new(data).get(*number))?;
        (attr::text(name?) == b"immediate").then(|| attr::text(chain))
    })
}

/// Expressions as they can be compared: without what changes by itself.
fn without_counters(expressions: &[u8]) -> Box<[u8]> {
    let mut writer = Writer::new();
    for (_, element) in Attrs::new(expressions) {
        let [_, name, data] = Attrs::new(element).fields();
        let name = name.map(attr::text).unwrap_or_default();
        writer.text(NFTA_EXPR_NAME, name);
        if !matches!(name, b"counter" | b"quota" | b"limit" | b"last" | b"connlimit") {
            writer.put(NFTA_EXPR_DATA, data.unwrap_or_default());
        }
    }
    writer.bytes().into()
}
