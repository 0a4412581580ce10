//! What a command does to a table.

use std::io::Write;

use super::super::list::{ListStyle, Listing, chain_line, rule_line};
use super::super::save::{noted, remark, save_rules};
use super::output_error;
use crate::blob::Entry;
use crate::error::{BadEdit, BadFile, Mistake, NftChange, Warning};
use crate::rule::grammar::args::Args;
use crate::rule::grammar::draft::Jump;
use crate::rule::grammar::getopt::{Command, Core};
use crate::rule::grammar::parser::{Parsed, Parser, Zeroed};
use crate::rule::{RuleRef, names};
use crate::table::{ChainId, Table};
use crate::types::{Counters, Hook, Policy};
use crate::{Error, Result};

/// Carries out a command on a table, without committing it. The first rule that does not fit the table is an error, or
/// put into `refused` for the commit.
pub(in crate::iptables) fn apply(
    table: &mut Table,
    parser: &mut Parser,
    parsed: &Parsed,
    args: Args<'_>,
    refused: Option<&mut Option<Error>>,
    out: &mut dyn Write,
    warn: &mut dyn FnMut(Warning),
) -> Result<()> {
    let Some(command) = parsed.command else { return Ok(()) };
    let name = parsed.chain.map(|span| names::read(args.slice(span)));
    let name = name.as_deref();
    if table.is_nft() && matches!(command, Command::Append | Command::Insert | Command::Replace) {
        check_transport(table, parser)?;
    }
    let target = if command.takes_rule() { resolve(table, parser, args, warn)? } else { None };
    let check_jump = |table: &Table| target.map_or(Ok(()), |target| table.check_jump(target));
    let verbose = parsed.verbose > 0;
    let chain = name.unwrap_or_default();
    let index = (parsed.number as usize).saturating_sub(1);
    let second = parsed.second.map(|span| names::read(args.slice(span))).unwrap_or_default();
    let second = &*second;
    let alone = refused.is_none();
    match command {
        Command::Append | Command::Insert | Command::Replace => {
            let at = (command != Command::Append).then_some(index);
            // Whatever comes of it; iptables-nft does not where there is no such place.
            let early = !table.is_nft() || command == Command::Append;
            show(table, parser, verbose && early, out)?;
            let id = require_place(table, chain, command, index)?;
            show(table, parser, verbose && !early, out)?;
            check_jump(table).map_err(|error| asked(error, command, name))?;
            let late = check_place(table, parser, (id, at), refused)?;
            table.make_present(chain);
            let mut chain = table.chain_by_id(id);
            if command != Command::Replace {
                parser.draft.each_combination(|entry| chain.insert_entry(at, entry, late))?;
            } else if parser.draft.combinations() > 1 {
                return Err(parser.draft.many_rules(args));
            } else {
                chain.replace_entry(index, parser.draft.entry().bytes, late)?;
            }
        }
        Command::Delete | Command::Check => {
            // iptables-nft shows what it has found, iptables-legacy what it looks for.
            let found = table.is_nft();
            show(table, parser, verbose && !found, out)?;
            if !found && table.find(chain).is_some() {
                check_jump(table)?;
            }
            delete(table, parser, chain, command)?;
            show(table, parser, verbose && found, out)?;
        }
        Command::DeleteNumber => {
            table.require_present(chain)?;
            table.chain_mut(chain)?.remove(index)?;
        }
        Command::List | Command::ListRules => {
            out.write_all(remark(table).unwrap_or_default().as_bytes()).map_err(output_error)?;
            noted(table).into_iter().for_each(warn);
            list(table, command, name, parsed, out)?;
            match parsed.zero {
                None => {}
                Some(Zeroed::Chain) => zero(table, name, verbose, out)?,
                Some(Zeroed::Rule) => table.chain_mut(chain)?.zero_rule(index)?,
            }
        }
        Command::Flush => {
            for_chains(table, name, verbose, "Flushing", out)?;
            // What nf_tables does not have is made by that, with its table; if all chains are meant, where each is told.
            match name {
                Some(name) => {
                    make_built_in(table, name)?;
                    table.chain_mut(name)?.flush();
                }
                None => {
                    for hook in Hook::ALL.into_iter().filter(|_| verbose) {
                        make_built_in(table, hook.chain_name().as_bytes())?;
                    }
                    table.flush();
                }
            }
        }
        Command::Zero => {
            name.iter().for_each(|name| table.make_present(name));
            zero(table, name, verbose, out)?;
        }
        Command::ZeroNumber if table.is_nft() && table.find(chain).is_none() => {
            // It looks for the rule only.
            let bad = BadEdit::Index { index, len: 0, of: "counter" };
            return Err(table.error(bad).in_chain(String::from_utf8_lossy(chain)));
        }
        Command::ZeroNumber => table.chain_mut(chain)?.zero_rule(index)?,
        Command::NewChain => {
            // The parser has looked at the name.
            table.make_chain(chain)?;
        }
        Command::DeleteChain => match name {
            Some(name) => {
                // iptables-nft does not begin with a built-in chain.
                let built_in = table.find(name).is_some_and(|id| table.view_of(id).hook().is_some());
                for_chains(table, Some(name), verbose && !(built_in && table.is_nft()), "Deleting", out)?;
                let id = table.require_present(name)?;
                if !(table.names_refusals() && table.let_go(id)) {
                    let deleted = table.delete_chain(name);
                    // What a file has put into it before is not in the kernel yet.
                    deleted.map_err(|error| if alone { still_filled(table, id, error) } else { error })?;
                }
            }
            None => {
                if verbose {
                    for chain in table.chains().filter(|chain| chain.hook().is_none()) {
                        out.write_all(&chain_line("Deleting", chain.name_bytes())).map_err(output_error)?;
                    }
                }
                table.drop_user_chains(verbose)?;
                if table.names_refusals() {
                    for hook in Hook::ALL {
                        table.find(hook.chain_name().as_bytes()).map(|id| table.let_go(id));
                    }
                }
            }
        },
        // That the new name is taken is said first.
        Command::RenameChain => table.move_chain(chain, second)?,
        Command::Policy => set_policy(table, chain, second, parsed.counters)?,
    }
    Ok(())
}

/// Makes a built-in chain that nf_tables does not have.
fn make_built_in(table: &mut Table, name: &[u8]) -> Result<()> {
    if table.find(name).is_some() && table.require_present(name).is_err() {
        table.make_present(name);
        table.chain_mut(name)?.set_policy(Policy::Accept, Some(Counters::ZERO))?;
    }
    Ok(())
}

/// The chain of the rule, if there is a place for it, which comes before what the kernel makes of it.
fn require_place(table: &Table, chain: &[u8], command: Command, index: usize) -> Result<ChainId> {
    let id = match command {
        Command::Replace => table.require_present(chain)?,
        _ => table.require(chain)?,
    };
    let chain = table.view_of(id);
    match command {
        Command::Insert if index > chain.len() => Err(table.no_such_index(chain, index, "insertion")),
        Command::Replace if index >= chain.len() => Err(table.no_such_index(chain, index, "replacement")),
        _ => Ok(id),
    }
}

/// iptables-nft compares ports and flags by instructions of nf_tables, and insists on the protocol for that itself. It leaves
/// the rest of `tcp` and `udp` to the kernel.
fn check_transport(table: &Table, parser: &Parser) -> Result<()> {
    let rule = table.view(parser.draft.entry());
    let protocol = Some(rule.protocol()).filter(|protocol| !protocol.inverted).map(|protocol| protocol.value);
    for part in rule.matches().filter(|part| matches!(part.name(), b"tcp" | b"udp")) {
        let Some(extension) = part.extension() else { continue };
        if let Err(error) = extension.check_place(table.name(), protocol)
            && part.options()?.iter().any(|option| option.name != "tcp-option")
        {
            return Err(error);
        }
    }
    Ok(())
}

/// What nf_tables says of a built-in chain that cannot go because of its rules, not of its policy.
fn still_filled(table: &Table, id: ChainId, error: Error) -> Error {
    let chain = table.view_of(id);
    match (error.mistake(), chain.policy()) {
        (Mistake::Edit(BadEdit::BuiltinDeleted), Some(Policy::Accept)) if table.is_nft() => {
            let bad = BadEdit::ChainNotEmpty { rules: chain.len() };
            table.error(bad).in_chain(chain.name())
        }
        _ => error,
    }
}

/// Checks whether the kernel would take the rule in this table; says whether the hooks matter too. A save file is told
/// at its end, like iptables.
fn check_place(
    table: &Table,
    parser: &Parser,
    (id, at): (ChainId, Option<usize>),
    refused: Option<&mut Option<Error>>,
) -> Result<bool> {
    if table.names_refusals() {
        return Ok(false);
    }
    let checked = parser.draft.check_place(table.name()).map_err(|error| {
        let chain = table.view_of(id);
        error.in_chain(chain.name()).at_rule(at.unwrap_or(chain.len()))
    });
    match (checked, refused) {
        (Err(error), Some(refused)) => {
            refused.get_or_insert(error);
            Ok(false)
        }
        (checked, _) => checked,
    }
}

/// The same with what nf_tables would be asked to do, where it would refuse that.
fn asked(error: Error, command: Command, chain: Option<&[u8]>) -> Error {
    let change = match command {
        Command::Append => NftChange::RuleAppend,
        Command::Insert => NftChange::RuleInsert,
        Command::Replace => NftChange::RuleReplace,
        _ => return error,
    };
    match error.mistake() {
        Mistake::Edit(BadEdit::JumpToBuiltin) => {
            error.in_chain(String::from_utf8_lossy(chain.unwrap_or_default())).changing(change)
        }
        _ => error,
    }
}

/// Finds the chain that the rule goes to, if it goes to one.
fn resolve(
    table: &Table,
    parser: &mut Parser,
    args: Args<'_>,
    warn: &mut dyn FnMut(Warning),
) -> Result<Option<ChainId>> {
    let draft = &mut parser.draft;
    let name = match draft.jump {
        Jump::None | Jump::Verdict(_) | Jump::Opaque(_) => return Ok(None),
        Jump::Extension(_, span) | Jump::Chain(span) | Jump::Goto(span) => names::read(args.slice(span)),
    };
    let shown = || String::from_utf8_lossy(&name).into_owned();
    match (draft.jump, table.find(&name)) {
        (Jump::Extension(..), None) => Ok(None),
        (Jump::Goto(_), None) => {
            let meant = table.meant_chain(&name, |chain| chain.hook.is_none());
            Err(Error::from(BadFile::NoChainToGoTo { name: shown(), meant }).at_token(shown()))
        }
        (_, None) => Err(table.unknown_target(&name)),
        (jump, Some(id)) => {
            if matches!(jump, Jump::Extension(..)) {
                warn(Warning::ChainNotTarget { name: shown() });
                draft.prefer_chain()?;
            }
            draft.set_jump(id);
            Ok(Some(id))
        }
    }
}

/// Shows a rule as `-v` does, once for each combination of its addresses.
fn show(table: &Table, parser: &mut Parser, verbose: bool, out: &mut dyn Write) -> Result<()> {
    if !verbose {
        return Ok(());
    }
    let (family, mut shown) = (table.family(), Vec::new());
    parser.draft.each_combination(|entry| {
        rule_line(&mut shown, &table.view(Entry::new(family, entry)));
        Ok(())
    })?;
    out.write_all(&shown).map_err(output_error)
}

fn delete(table: &mut Table, parser: &mut Parser, chain: &[u8], command: Command) -> Result<()> {
    let Some(id) = table.find(chain) else {
        // iptables looks for the rule first.
        return Err(table.no_such_rule(chain, table.view(parser.draft.entry())));
    };
    let family = table.family();
    parser.draft.each_combination(|entry| {
        let entry = Entry::new(family, entry);
        let wanted: RuleRef<'_> = table.view(entry);
        match table.position(id, wanted) {
            None => Err(table.no_such_rule(chain, wanted)),
            Some(_) if command == Command::Check => Ok(()),
            Some(index) => table.chain_by_id(id).remove(index),
        }
    })
}

fn list(
    table: &Table,
    command: Command,
    name: Option<&[u8]>,
    parsed: &Parsed,
    out: &mut dyn Write,
) -> Result<()> {
    let chain = match name {
        Some(name) => Some(table.chain(name).ok_or_else(|| table.no_such_chain(name))?),
        None => None,
    };
    let number = (parsed.number > 0).then_some(parsed.number as usize);
    let verbose = parsed.verbose > 0;
    if command == Command::ListRules {
        return save_rules(table, chain, number, verbose, out).map_err(output_error);
    }
    let style = ListStyle {
        numeric: parsed.has(Core::Numeric),
        verbose,
        exact: parsed.has(Core::Exact),
        line_numbers: parsed.has(Core::LineNumbers),
    };
    let chains: Vec<_> = match chain {
        Some(chain) => vec![chain],
        None => table.chains().collect(),
    };
    let mut listing = Listing::new(style);
    for (at, chain) in chains.into_iter().enumerate() {
        if at > 0 {
            listing.gap();
        }
        listing.chain(chain, number, out).map_err(output_error)?;
    }
    listing.end(out).map_err(output_error)
}

fn zero(table: &mut Table, name: Option<&[u8]>, verbose: bool, out: &mut dyn Write) -> Result<()> {
    for_chains(table, name, verbose, "Zeroing", out)?;
    match name {
        Some(name) => table.chain_mut(name)?.zero(),
        None => table.zero(),
    }
    Ok(())
}

/// Says what is done to a chain or to all, as `-v` wants.
fn for_chains(
    table: &Table,
    name: Option<&[u8]>,
    verbose: bool,
    what: &str,
    out: &mut dyn Write,
) -> Result<()> {
    if !verbose {
        return Ok(());
    }
    match name {
        Some(name) if table.is_nft() && table.find(name).is_none() => Ok(()),
        // Whether there is one or not.
        Some(name) => out.write_all(&chain_line(what, name)).map_err(output_error),
        None => table
            .chains()
            .try_for_each(|chain| out.write_all(&chain_line(what, chain.name_bytes())).map_err(output_error)),
    }
}

/// Sets a policy; its counters start anew unless they are given.
pub(in crate::iptables) fn set_policy(
    table: &mut Table,
    chain: &[u8],
    policy: &[u8],
    counters: Option<Counters>,
) -> Result<()> {
    if table.is_nft() {
        // What the policy is comes before which chain it is.
        String::from_utf8_lossy(policy).parse::<Policy>()?;
    }
    let Some(id) = table.find(chain) else {
        let meant = table.meant_chain(chain, |chain| chain.hook.is_some());
        return Err(Error::from(BadFile::PolicyOfNoChain { meant }).in_chain(String::from_utf8_lossy(chain)));
    };
    let mut chain = table.chain_by_id(id as ChainId);
    // In legacy tables which chain it is comes before what the policy is.
    let policy = match chain.view().hook() {
        None => Policy::Accept,
        Some(_) => String::from_utf8_lossy(policy).parse()?,
    };
    chain.set_policy(policy, Some(counters.unwrap_or_default()))
}
