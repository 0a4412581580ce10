//! What the kernel would refuse, found out before it is asked.
//!
//! The kernel answers EINVAL to nearly everything; the reason is only in its log. These are its checks of where an
//! extension may stand, as `xt_check_match`, `xt_check_target` and `mark_source_chains` make them: the table and
//! the protocol of a rule always count, the hooks are those from which the rule can be reached.

use super::{ChainId, Slot, Table};
use crate::blob::{Entry, ExtBytes};
use crate::error::{BadEdit, Refused};
use crate::ext::context;
use crate::ext::{Cx, Extension, ExtensionKind, Place, index};
use crate::types::{HookMask, Protocol};
use crate::{Error, ErrorKind, Result};

impl Extension {
    /// Checks table and protocol.
    pub(crate) fn check_place(&self, table: &str, protocol: Option<Protocol>) -> Result<()> {
        let limits = &self.limits;
        let refuse = |refused: Refused| Err(Error::from(refused).in_extension(self.name).in_table(table));
        if !limits.tables.is_empty() && !limits.tables.contains(&table) {
            return refuse(Refused::Table(limits.tables));
        }
        if !limits.protocols.is_empty() && !protocol.is_some_and(|known| limits.protocols.contains(&known)) {
            return refuse(Refused::Protocol(limits.protocols));
        }
        Ok(())
    }

    /// Whether it depends on more than table and protocol whether the kernel accepts it.
    pub(crate) fn has_late_checks(&self) -> bool {
        self.limits.hooks != HookMask::ALL || self.limits.checked
    }
}

/// Where the packet can be when it comes to a rule.
pub(super) struct Reach {
    /// By chain: the hooks from which it is reached.
    hooks: Vec<HookMask>,
    /// By chain: how many of its rules can be reached, because one of them ends every packet's way.
    rules: Vec<usize>,
}

impl Reach {
    /// The hooks from which a rule is reached.
    pub(super) fn of(&self, chain: ChainId, index: usize) -> HookMask {
        if index < self.rules[chain as usize] { self.hooks[chain as usize] } else { HookMask::NONE }
    }
}

impl Table {
    /// Checks the table as the kernel would, without asking it.
    ///
    /// A [commit](Table::commit) makes the same checks. What the kernel alone can know, such as whether a helper or an
    /// ipset exists, is not checked.
    ///
    /// ```
    /// use libfw::{ErrorKind, Family, MemoryKernel};
    ///
    /// let mut table = MemoryKernel::new().kernel().open(Family::Ipv4, "filter")?;
    /// table.new_chain("a")?;
    /// table.new_chain("b")?.append("-j a")?;
    /// table.chain_mut("a")?.append("-j b")?;
    /// table.chain_mut("INPUT")?.append("-j a")?;
    /// assert_eq!(table.validate().unwrap_err().kind(), ErrorKind::Loop);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRule`] with the chain and the rule, or [`ErrorKind::Loop`].
    pub fn validate(&self) -> Result<()> {
        self.find_loop()?;
        self.check_rules(|_| true)
    }

    /// Checks the rules that are new. Those that the kernel has accepted before are looked at only when it refuses.
    pub(super) fn check_new_rules(&self) -> Result<()> {
        let mut rules = self.chains.iter().flat_map(|chain| chain.rules.slots());
        if rules.any(|slot| slot.unchecked) { self.check_rules(|slot| slot.unchecked) } else { Ok(()) }
    }

    /// Whether the kernel says which rules it refuses.
    pub(crate) fn names_refusals(&self) -> bool {
        self.store.backend.capabilities().names_refusals
    }

    /// The reason why the kernel has refused the table, if it can be found out.
    pub(super) fn explain(&self, error: Error) -> Error {
        if self.names_refusals() {
            return error.each(&mut |error| self.explain_rule(error));
        }
        match (error.kind(), self.validate()) {
            (ErrorKind::InvalidRule | ErrorKind::Loop, Err(reason)) => reason,
            (ErrorKind::InvalidRule | ErrorKind::ExtensionUnavailable | ErrorKind::Kernel, _) => {
                self.blame(error)
            }
            _ => error,
        }
    }

    /// The reason why the kernel has refused a rule.
    fn explain_rule(&self, error: Error) -> Error {
        let chain = error.chain().and_then(|chain| self.find(chain.as_bytes()));
        let Some((id, rule)) = chain.zip(error.rule()) else { return error };
        let slot =
            self.chains[id as usize].rules.get(rule).filter(|_| error.kind() == ErrorKind::InvalidRule);
        let reach = self.reach().of(id, rule);
        match slot.map(|slot| self.check_entry(self.entry(*slot), reach)) {
            Some(Err(reason)) => error.explained(reason),
            _ => error,
        }
    }

    fn check_rules(&self, wanted: impl Fn(Slot) -> bool) -> Result<()> {
        let reach = self.reach();
        for id in &self.order {
            let chain = &self.chains[*id as usize];
            for (index, slot) in chain.rules.iter().enumerate().filter(|(_, slot)| wanted(**slot)) {
                self.check_entry(self.entry(*slot), reach.of(*id, index)).map_err(|error| {
                    error
                        .in_family(self.family)
                        .in_table(&self.name)
                        .in_chain(chain.name_text())
                        .at_rule(index)
                })?;
            }
        }
        Ok(())
    }

    /// Checks table and protocol.
    pub(super) fn check_place(&self, extension: &Extension, protocol: Option<Protocol>) -> Result<()> {
        if extension.limits.native && self.names_refusals() {
            return Ok(());
        }
        extension.check_place(&self.name, protocol)
    }

    fn check_entry(&self, entry: Entry<'_>, hooks: HookMask) -> Result<()> {
        let cx = context(self.family, entry.protocol(), &self.store.system);
        for matching in entry.matches() {
            let extension = index::find(ExtensionKind::Match, matching.name, self.family);
            self.check_extension(extension, matching, &cx, entry, hooks)?;
        }
        if entry.verdict().is_some() {
            return Ok(());
        }
        let target = entry.target();
        let extension = index::find(ExtensionKind::Target, target.name, self.family);
        self.check_extension(extension, target, &cx, entry, hooks)
    }

    fn check_extension(
        &self,
        extension: Option<&'static Extension>,
        written: ExtBytes<'_>,
        cx: &Cx<'_>,
        rule: Entry<'_>,
        hooks: HookMask,
    ) -> Result<()> {
        let Some(extension) = extension else { return Ok(()) };
        self.check_place(extension, cx.protocol())?;
        let allowed = extension.limits.hooks;
        if let Some(hook) = hooks.iter().find(|hook| !allowed.contains(*hook)) {
            return Err(Error::from(Refused::Hook { hooks: allowed, hook }).in_extension(extension.name));
        }
        if !extension.limits.checked || extension.revision(self.family, written.revision).is_none() {
            return Ok(());
        }
        let place = Place { table: &self.name, hooks, rule };
        (extension.code.check)(written.data, &Cx { revision: written.revision, ..*cx }, &place)
    }

    /// Follows every jump from the built-in chains.
    pub(super) fn reach(&self) -> Reach {
        let count = self.chains.len();
        let mut reach = Reach { hooks: vec![HookMask::NONE; count], rules: vec![0; count] };
        for (chain, rules) in self.chains.iter().zip(&mut reach.rules) {
            let ends = chain.rules.iter().position(|slot| slot.ends);
            *rules = ends.map_or(chain.rules.len(), |index| index + 1);
        }
        let mut todo: Vec<(ChainId, HookMask)> = Vec::new();
        for id in &self.order {
            todo.extend(self.chains[*id as usize].hook.map(|hook| (*id, hook.mask())));
        }
        while let Some((id, hooks)) = todo.pop() {
            let known = &mut reach.hooks[id as usize];
            if known.0 & hooks.0 == hooks.0 {
                continue;
            }
            *known = *known | hooks;
            let rules = self.chains[id as usize].rules.iter().take(reach.rules[id as usize]);
            todo.extend(rules.filter_map(|slot| slot.jump.chain()).map(|target| (target, hooks)));
        }
        reach
    }

    /// Fails if chains that can be reached call each other in a circle.
    fn find_loop(&self) -> Result<()> {
        let reach = self.reach();
        // 0: not seen, 1: on the way here, 2: done.
        let mut state = vec![0u8; self.chains.len()];
        for start in &self.order {
            if self.chains[*start as usize].hook.is_none() || state[*start as usize] != 0 {
                continue;
            }
            let mut way = vec![(*start, 0)];
            state[*start as usize] = 1;
            while let Some((id, index)) = way.last_mut() {
                let at = *id as usize;
                let reached = self.chains[at].rules.get(*index).filter(|_| *index < reach.rules[at]);
                let Some(slot) = reached else {
                    state[at] = 2;
                    way.pop();
                    continue;
                };
                *index += 1;
                let Some(target) = slot.jump.chain() else { continue };
                match state[target as usize] {
                    0 => {
                        state[target as usize] = 1;
                        way.push((target, 0));
                    }
                    1 => return Err(self.loop_error(&way, target)),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn loop_error(&self, way: &[(ChainId, usize)], target: ChainId) -> Error {
        let name = |id: ChainId| self.chains[id as usize].name_text();
        let circle = way.iter().map(|(id, _)| *id).skip_while(|id| *id != target);
        let error = self.error(BadEdit::Loop(circle.chain([target]).map(name).map(Into::into).collect()));
        // The jump that leads back.
        match way.last() {
            Some((id, next)) => {
                error.in_chain(name(*id)).at_rule(next.saturating_sub(1)).at_token(name(target))
            }
            None => error,
        }
    }
}
