//! What the kernel would refuse, found out before it is asked.
//!
//! The kernel answers EINVAL to nearly everything; the reason is only in its log. These are its checks of where an
//! extension may stand, as `xt_check_match`, `xt_check_target` and `mark_source_chains` make them: the table and
//! the protocol of a rule always count, the hooks are those from which the rule can be reached.

use std::io;

use super::objects::names_objects;
use super::shared::Names;
use super::{Before, ChainId, Slot, Table};
use crate::blob::{Entry, EntryVerdict, ExtBytes};
use crate::error::{BadEdit, Failure, Mistake, Refused, Unsayable};
use crate::ext::context;
use crate::ext::{Extension, ExtensionKind, Place, RuleContext, index};
use crate::rule::grammar::args::show_rule;
use crate::rule::{MatchRef, RuleRef, shown_extension};
use crate::sys::memory::{self, AHEAD};
use crate::types::{HookMask, Protocol};
use crate::{Error, ErrorKind, Result};

/// How many chains may be entered one from the other in nf_tables, below a base chain.
pub(crate) const JUMPS: usize = 15;

/// How many errors are told together.
pub(crate) const MOST_ERRORS: usize = 100;

/// What is known when one rule after the other is checked.
struct Seen<'a> {
    /// The extensions that the kernel is known to have.
    there: Vec<&'static Extension>,
    /// What rules make by name; `None` where the kernel is going to look at that.
    names: Option<Names<'a>>,
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
    /// A [commit](Table::commit) makes the same checks for new rules. What only the kernel knows, such as whether a helper or an
    /// ipset exists, is not checked. Where a rule makes something that the rules of all tables share by its name (RATEEST, IDLETIMER), the
    /// other tables are read, since the kernel takes no two of one name with different settings.
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
    /// It [warns](crate::iptables::with_warnings) of what the kernel takes although it makes no sense: an output interface in a rule of
    /// `INPUT`, say, where packets have none. iptables refuses such a rule, by the chain that it names. It warns too of a
    /// `hashlimit` with the name of an earlier one and other settings, and of a `recent` with another mask: the kernel keeps those of the
    /// first.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel, iptables};
    ///
    /// let mut table = MemoryKernel::new().kernel().open(Family::Ipv4, "filter")?;
    /// table.chain_mut("INPUT")?.append("-o eth0 -j DROP")?;
    /// let (valid, mut warnings) = iptables::with_warnings(|| table.validate());
    /// valid?;
    /// assert!(warnings.next().unwrap().ends_with("no interface for --out-interface here, so the rule never matches"));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRule`] with the chain and the rule, or [`ErrorKind::Loop`]. A table that cannot be read counts as empty. Where several rules are wrong,
    /// [`Error::others`] has the rest, up to a hundred.
    pub fn validate(&self) -> Result<()> {
        let whole = self.whole();
        whole.tell_odd();
        whole.check(&self.store.before())
    }

    /// The same without a word about what is odd but not wrong.
    pub(super) fn check(&self, before: &Before) -> Result<()> {
        self.told(self.faults(before))
    }

    /// All of the errors as one, each with its rule.
    pub(super) fn told(&self, errors: Vec<Error>) -> Result<()> {
        together(errors).map_err(|error| self.show_rules(error))
    }

    /// Shows the rules that an error and those beside it are about.
    pub(super) fn show_rules(&self, error: Error) -> Error {
        error.each(&mut |error| match self.rule_of(&error) {
            Some(rule) => show_rule(error, rule),
            None => error,
        })
    }

    /// The rule that an error is about.
    pub(crate) fn rule_of(&self, error: &Error) -> Option<RuleRef<'_>> {
        self.view_of(self.find(error.chain()?.as_bytes())?).rule(error.rule()?)
    }

    /// What is wrong with it, as far as that is known without a kernel.
    pub(super) fn faults(&self, before: &Before) -> Vec<Error> {
        let mut errors = self.find_loops();
        errors.extend(self.check_rules(|_| true, Some(Names::new(&self.store, before))));
        errors
    }

    /// Checks the rules that are new. Those that the kernel has accepted before are looked at only when it refuses.
    pub(super) fn check_new_rules(&self) -> Result<()> {
        let mut rules = self.chains.iter().flat_map(|chain| chain.rules.slots());
        if rules.any(|slot| slot.unchecked) {
            // For where each chain is reached from.
            if !memory::has_room(self.chains.len() * (size_of::<HookMask>() + size_of::<usize>())) {
                return Err(self.error(Failure::OutOfMemory));
            }
            self.told(self.check_rules(|slot| slot.unchecked, None))
        } else {
            Ok(())
        }
    }

    /// Whether the kernel says which rules it refuses.
    pub(crate) fn names_refusals(&self) -> bool {
        self.store.backend.capabilities().names_refusals
    }

    /// The same as the kernel would say it: nf_tables refuses a rule at the wrong place with a number, and a helper without a protocol
    /// as one that is not there.
    pub(super) fn as_refused(&self, error: Error) -> Error {
        if !self.names_refusals() {
            return error;
        }
        error.each(&mut |error| {
            let number = match error.mistake() {
                Mistake::Refused(Refused::NoProtocol { absent: true }) => libc::ENOENT,
                Mistake::Refused(
                    Refused::Hook { .. }
                    | Refused::Protocol(_)
                    | Refused::NotBridged
                    | Refused::NoProtocol { absent: false },
                ) => libc::EINVAL,
                _ => return error,
            };
            error.because(io::Error::from_raw_os_error(number))
        })
    }

    /// The reason why the kernel has refused the table, if it can be found out.
    pub(super) fn explain(&self, error: Error, before: &Before) -> Error {
        if self.names_refusals() {
            return self.show_rules(self.explain_rules(error));
        }
        match (error.kind(), self.check(before)) {
            (ErrorKind::InvalidRule | ErrorKind::Loop, Err(reason)) => reason,
            (ErrorKind::InvalidRule | ErrorKind::ExtensionUnavailable | ErrorKind::Kernel, _) => {
                self.show_rules(self.blame(error))
            }
            _ => error,
        }
    }

    /// The reasons why the kernel has refused rules, each of which it names.
    fn explain_rules(&self, error: Error) -> Error {
        let mut explained = Vec::new();
        let error = error.each(&mut |error| {
            let reason = self.explain_rule(&error);
            explained.push(reason.is_some());
            match reason {
                Some(reason) => match (reason.chain().map(str::to_owned), reason.rule()) {
                    // Of a way that is too long the kernel names the rule that it was told last.
                    (Some(chain), Some(rule))
                        if matches!(reason.mistake(), Mistake::Edit(BadEdit::Deep(_))) =>
                    {
                        error.moved(chain, rule).explained(reason)
                    }
                    _ => error.explained(reason),
                },
                None => error,
            }
        });
        let error = match explained.contains(&true) {
            true => error,
            false => error.each(&mut |error| match self.find_circle(&error) {
                Some(reason) => error.explained(reason),
                None => error,
            }),
        };
        // A table is looked at as a whole whenever a rule comes, so what is wrong with one is said of those that come after it.
        let is_echo = |error: &Error, explained_itself: bool| {
            !explained_itself
                && matches!(error.kind(), ErrorKind::InvalidRule | ErrorKind::Loop)
                && error.extension().is_none()
                && error.table() == Some(&self.name)
                && explained.contains(&true)
        };
        // `each` goes through the others first.
        let mut known = explained.iter().copied();
        let mut errors = error.apart();
        let first = errors.remove(0);
        let mut errors: Vec<_> =
            errors.into_iter().zip(known.by_ref()).filter(|(error, known)| !is_echo(error, *known)).collect();
        if !is_echo(&first, known.next().unwrap_or_default()) || errors.is_empty() {
            errors.insert(0, (first, true));
        }
        let mut errors = errors.into_iter().map(|(error, _)| error);
        match errors.next() {
            Some(first) => first.with_others(errors.collect()),
            None => self.error(Failure::Rule),
        }
    }

    /// The reason why the kernel has refused a rule.
    fn explain_rule(&self, error: &Error) -> Option<Error> {
        if error.kind() == ErrorKind::Loop {
            let mut loops = self.find_loops();
            if loops.is_empty() {
                return self.find_deep(error);
            }
            let is_its = |found: &Error| (found.chain(), found.rule()) == (error.chain(), error.rule());
            return loops.iter().position(is_its).map(|index| loops.swap_remove(index));
        }
        let id = self.find(error.chain()?.as_bytes())?;
        let rule = error.rule()?;
        let slot = *self.chains[id as usize].rules.get(rule)?;
        let reach = self.reach().of(id, rule);
        let is_base = self.chains[id as usize].hook.is_some();
        if let Err(reason) =
            self.check_entry(self.entry(slot), (reach, is_base), &mut Seen { there: Vec::new(), names: None })
        {
            return Some(reason);
        }
        // The kernel has named the match or target.
        let parts = self.parts(self.entry(slot));
        let part = parts
            .iter()
            .flatten()
            .find(|part| error.extension().is_some_and(|name| part.name() == name.as_bytes()))?;
        let errno = io::Error::from_raw_os_error(error.errno()?);
        let reason = self.reason(self.error(Failure::Rule).because(errno), part);
        (!matches!(reason.mistake(), Mistake::Failure(Failure::Rule))).then_some(reason)
    }

    /// What is wrong with the rules that are wanted, as far as it is known; of many the first.
    fn check_rules(&self, wanted: impl Fn(Slot) -> bool, names: Option<Names<'_>>) -> Vec<Error> {
        let reach = self.reach();
        let mut errors = Vec::new();
        let mut seen = Seen { there: Vec::new(), names };
        for (rank, id) in self.order.iter().enumerate() {
            if let Some(later) = self.order.get(rank + AHEAD) {
                let later = self.chains[*later as usize].rules.slots().iter().filter(|slot| wanted(**slot));
                later.take(AHEAD).for_each(|slot| self.soon(slot));
            }
            let chain = &self.chains[*id as usize];
            for (index, slot) in chain.rules.iter().enumerate().filter(|(_, slot)| wanted(**slot)) {
                let hooks = (reach.of(*id, index), chain.hook.is_some());
                let checked = self.check_entry(self.entry(*slot), hooks, &mut seen);
                let Err(error) = checked else { continue };
                errors.push(
                    error
                        .in_family(self.family)
                        .in_table(&self.name)
                        .in_chain(chain.name_text())
                        .at_rule(index),
                );
                if errors.len() >= MOST_ERRORS {
                    return errors;
                }
            }
        }
        errors
    }

    /// Checks table and protocol.
    pub(super) fn check_place(&self, extension: &Extension, protocol: Option<Protocol>) -> Result<()> {
        if extension.placement.native && self.names_refusals() {
            return Ok(());
        }
        extension.check_place(&self.name, protocol)
    }

    /// `hooks`: from where the rule is reached, and whether that is its own chain.
    fn check_entry(&self, entry: Entry<'_>, hooks: (HookMask, bool), seen: &mut Seen<'_>) -> Result<()> {
        if self.is_nft() && entry.verdict() == Some(EntryVerdict::Queue) {
            return Err(Unsayable::Queue.into());
        }
        let cx = context(self.family, entry.protocol(), &self.store.system);
        for (kind, written) in written(entry) {
            let extension = shown(index::find(kind, written.name, self.family), written);
            self.check_extension(extension, written, &cx, entry, hooks)?;
        }
        if !self.store.backend.capabilities().looks_at_rules {
            for (at, (kind, part)) in written(entry).enumerate() {
                self.check_there(entry, at, kind, part, seen)?;
            }
        }
        let Some(names) = &mut seen.names else { return Ok(()) };
        match self.maker(entry) {
            Some(target) => names.make(&target).map_err(|error| named(error, &target)),
            None => Ok(()),
        }
    }

    /// Fails if the kernel has no such match or target, or not the object that it names.
    fn check_there(
        &self,
        entry: Entry<'_>,
        at: usize,
        kind: ExtensionKind,
        part: ExtBytes<'_>,
        Seen { there, names }: &mut Seen<'_>,
    ) -> Result<()> {
        let extension = shown_extension(kind, self.family, part.name, part.revision, part.data);
        // Rules have the same few, and the question costs more than all the rest.
        let unknown = extension.filter(|known| !there.iter().any(|asked| std::ptr::eq(*asked, *known)));
        if let Some(extension) = unknown {
            self.check_kernel_has(extension)?;
            there.push(extension);
        }
        // Few name an object; only those are read.
        let Some(names) = names.as_mut().filter(|_| names_objects(part.name)) else { return Ok(()) };
        let Some(part) = self.parts(entry).into_iter().flatten().nth(at) else { return Ok(()) };
        self.check_objects(&part, names).map_err(|error| named(error, &part))
    }

    /// Fails if the kernel has no such match or target.
    pub(super) fn check_kernel_has(&self, extension: &Extension) -> Result<()> {
        if self.system().lacks(self.family, extension) {
            let errno = io::Error::from_raw_os_error(libc::ENOENT);
            let error = Error::from(Failure::NoExtension { kind: extension.kind.name() }).because(errno);
            return Err(error.in_extension(extension.name));
        }
        Ok(())
    }

    /// The matches of a rule and behind them its target, if that is an extension.
    pub(super) fn parts<'a>(&'a self, entry: Entry<'a>) -> Vec<Option<MatchRef<'a>>> {
        let view = self.view(entry);
        view.matches().map(Some).chain([view.target().extension()]).collect()
    }

    fn check_extension(
        &self,
        extension: Option<&'static Extension>,
        written: ExtBytes<'_>,
        cx: &RuleContext<'_>,
        rule: Entry<'_>,
        (hooks, is_base): (HookMask, bool),
    ) -> Result<()> {
        let Some(extension) = extension else { return Ok(()) };
        self.check_place(extension, cx.protocol())?;
        let allowed = extension.placement.hooks;
        if let Some(hook) = hooks.iter().find(|hook| !allowed.contains(*hook)) {
            return Err(Error::from(Refused::Hook { hooks: allowed, hook }).in_extension(extension.name));
        }
        if !extension.placement.checked || extension.revision(self.family, written.revision).is_none() {
            return Ok(());
        }
        let capabilities = self.store.backend.capabilities();
        // What else an extension looks at in nf_tables is the hook of the chain that it stands in, if it is a base chain.
        let hooks = if capabilities.names_refusals && !is_base { HookMask::NONE } else { hooks };
        let (alone, unseen) = (capabilities.names_refusals, !capabilities.looks_at_rules);
        let place = Place { table: &self.name, hooks, rule, alone, unseen };
        extension.check(written.data, &RuleContext { revision: written.revision, ..*cx }, &place)
    }

    /// Follows every jump from the built-in chains; in nf_tables also behind a rule that ends every packet's way, since the kernel does.
    pub(super) fn reach(&self) -> Reach {
        let count = self.chains.len();
        let every = self.names_refusals();
        let mut reach = Reach { hooks: vec![HookMask::NONE; count], rules: vec![0; count] };
        for (chain, rules) in self.chains.iter().zip(&mut reach.rules) {
            let ends = chain.rules.iter().position(|slot| slot.ends && !every);
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

    /// The jumps by which chains that can be reached call each other in a circle. nf_tables looks at every rule for that, also behind
    /// one that ends the chain.
    fn find_loops(&self) -> Vec<Error> {
        let (reach, every) = (self.reach(), self.names_refusals());
        let mut loops = Vec::new();
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
                let reached = self.chains[at].rules.get(*index).filter(|_| every || *index < reach.rules[at]);
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
                    1 if loops.len() < MOST_ERRORS => loops.push(self.loop_error(&way, target)),
                    _ => {}
                }
            }
        }
        loops
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

    /// A circle of chains, for a rule of which it is not known whether it leads back.
    fn find_circle(&self, error: &Error) -> Option<Error> {
        let mut loops = if error.kind() == ErrorKind::Loop { self.find_loops() } else { Vec::new() };
        if loops.is_empty() { None } else { Some(loops.swap_remove(0)) }
    }

    /// The way by which a rule is more jumps away from a built-in chain than nf_tables allows.
    fn find_deep(&self, error: &Error) -> Option<Error> {
        let to = self.find(error.chain()?.as_bytes())?;
        // By chain: the longest way to it.
        let mut ways: Vec<Vec<ChainId>> = vec![Vec::new(); self.chains.len()];
        let built_in = self.order.iter().filter(|id| self.chains[**id as usize].hook.is_some());
        let mut todo: Vec<ChainId> = built_in.copied().collect();
        todo.iter().for_each(|id| ways[*id as usize] = vec![*id]);
        while let Some(id) = todo.pop() {
            for slot in &self.chains[id as usize].rules {
                let Some(next) = slot.jump.chain() else { continue };
                let len = ways[id as usize].len();
                // A way with more chains than there are goes in a circle, which is another reason.
                if len < self.chains.len() && len + 1 > ways[next as usize].len() {
                    ways[next as usize] = ways[id as usize].iter().copied().chain([next]).collect();
                    todo.push(next);
                }
            }
        }
        let longest = ways.iter().filter(|way| way.contains(&to)).max_by_key(|way| way.len())?;
        let name = |id: ChainId| self.chains[id as usize].name_text().into_owned();
        let error = self.error(BadEdit::Deep(longest.iter().map(|id| name(*id)).collect()));
        // The jump that is one too many, or before it the last that is new.
        let jumps = longest.get(..JUMPS + 2)?.windows(2).rev();
        let mut found = jumps.filter_map(|jump| {
            let goes = |slot: &Slot| slot.jump.chain() == Some(jump[1]);
            let rules = &self.chains[jump[0] as usize].rules;
            let rule = rules.iter().position(|slot| goes(slot) && slot.origin.is_set())?;
            Some((jump[0], rule, jump[1]))
        });
        let Some((from, rule, to)) = found.next() else { return Some(error) };
        Some(error.in_chain(name(from)).at_rule(rule).at_token(name(to)))
    }
}

/// The matches of a rule and behind them its target, if that is an extension, as they are written.
fn written(entry: Entry<'_>) -> impl Iterator<Item = (ExtensionKind, ExtBytes<'_>)> {
    let target = entry.verdict().is_none().then(|| (ExtensionKind::Target, entry.target()));
    entry.matches().map(|matching| (ExtensionKind::Match, matching)).chain(target)
}

/// The extension as which a part of a rule is shown, which may be an alias.
fn shown(extension: Option<&'static Extension>, written: ExtBytes<'_>) -> Option<&'static Extension> {
    let alias = extension?.code.alias.and_then(|alias| alias(written.data, written.revision));
    alias.or(extension)
}

/// The error of a match or target.
fn named(error: Error, part: &MatchRef<'_>) -> Error {
    match part.extension() {
        Some(extension) => error.in_extension(extension.name),
        None => error,
    }
}

/// The errors as one: the first, with the others beside it.
fn together(errors: Vec<Error>) -> Result<()> {
    let mut errors = errors.into_iter();
    match errors.next() {
        Some(first) => Err(first.with_others(errors.collect())),
        None => Ok(()),
    }
}
