//! Reading tables, chains, rules and the names of sets.

use super::attr::Writer;
use super::message::{Message, nf_tables};
use super::model::{RawChain, RawRule, RawTable, set_of};
use super::session::{Request, Result, Session, Trouble};
use super::uapi::*;
use crate::sys::memory;

impl Session {
    /// The table of that name.
    pub(crate) fn table(&mut self, family: u8, name: &[u8]) -> Result<Option<RawTable>> {
        let attributes = |writer: &mut Writer| writer.text(NFTA_TABLE_NAME, name);
        let request = Request { kind: nf_tables(NFT_MSG_GETTABLE), family, attributes: &attributes };
        let mut found = None;
        self.ask(&[request], |_, answer| {
            found = existing(answer.map_err(|failure| failure.errno))?
                .map(|message| RawTable::decode(&message))
                .transpose()?
                .flatten();
            Ok(())
        })?;
        Ok(found)
    }

    /// All tables of a family, of every family for 0.
    pub(crate) fn tables(&mut self, family: u8) -> Result<Vec<RawTable>> {
        let request = Request { kind: nf_tables(NFT_MSG_GETTABLE), family, attributes: &|_| {} };
        let mut tables = Vec::new();
        self.dump(&request, |message| {
            tables.extend(RawTable::decode(message)?);
            Ok(())
        })?;
        Ok(tables)
    }

    /// The chains of these names, where there are any, in their order.
    pub(crate) fn chains_by_name(
        &mut self,
        family: u8,
        table: &[u8],
        names: &[&[u8]],
    ) -> Result<Vec<Option<RawChain>>> {
        let writers: Vec<_> = names
            .iter()
            .map(|name| {
                move |writer: &mut Writer| {
                    writer.text(NFTA_CHAIN_TABLE, table);
                    writer.text(NFTA_CHAIN_NAME, name);
                }
            })
            .collect();
        let requests: Vec<_> = writers
            .iter()
            .map(|attributes| Request { kind: nf_tables(NFT_MSG_GETCHAIN), family, attributes })
            .collect();
        let mut chains = vec![None; names.len()];
        self.ask(&requests, |index, answer| {
            if let Some(message) = existing(answer.map_err(|failure| failure.errno))?
                && let Some(place) = chains.get_mut(index)
            {
                *place = RawChain::decode(&message)?;
            }
            Ok(())
        })?;
        Ok(chains)
    }

    /// Every chain of a table, in the order in which they were made.
    pub(crate) fn chains(&mut self, family: u8, table: &[u8]) -> Result<Vec<RawChain>> {
        // The kernel has no way to ask for those of one table.
        let mut chains = self.all_chains(family)?;
        chains.retain(|chain| chain.table == table);
        Ok(chains)
    }

    /// Every chain of every table of a family.
    pub(crate) fn all_chains(&mut self, family: u8) -> Result<Vec<RawChain>> {
        let request = Request { kind: nf_tables(NFT_MSG_GETCHAIN), family, attributes: &|_| {} };
        let mut chains = Vec::new();
        self.dump(&request, |message| {
            if !memory::make_room(&mut chains, 1) {
                return Err(Trouble::OutOfMemory);
            }
            chains.extend(RawChain::decode(message)?);
            Ok(())
        })?;
        Ok(chains)
    }

    /// The names of the sets of a table.
    pub(crate) fn sets(&mut self, family: u8, table: &[u8]) -> Result<Vec<Vec<u8>>> {
        let attributes = |writer: &mut Writer| writer.text(NFTA_SET_TABLE, table);
        let request = Request { kind: nf_tables(NFT_MSG_GETSET), family, attributes: &attributes };
        let mut sets = Vec::new();
        let dumped = self.dump(&request, |message| {
            let set = set_of(message)?.filter(|(found, _)| *found == table);
            sets.extend(set.map(|(_, name)| name.to_vec()));
            Ok(())
        });
        absent(dumped)?;
        Ok(sets)
    }

    /// Hands out the rules of a chain, or of the whole table chain by chain, in their order. With `reset` their counters
    /// are set to zero, those handed out being the last.
    pub(crate) fn rules(
        &mut self,
        family: u8,
        table: &[u8],
        chain: Option<&[u8]>,
        reset: bool,
        mut each: impl FnMut(&RawRule<'_>) -> Result<()>,
    ) -> Result<()> {
        let attributes = |writer: &mut Writer| {
            writer.text(NFTA_RULE_TABLE, table);
            if let Some(chain) = chain {
                writer.text(NFTA_RULE_CHAIN, chain);
            }
        };
        let kind = nf_tables(if reset { NFT_MSG_GETRULE_RESET } else { NFT_MSG_GETRULE });
        let dumped = self.dump(&Request { kind, family, attributes: &attributes }, |message| {
            match RawRule::decode(message)? {
                Some(rule) if rule.table == table && chain.is_none_or(|chain| rule.chain == chain) => {
                    each(&rule)
                }
                _ => Ok(()),
            }
        });
        absent(dumped)
    }
}

impl Session {
    /// Hands out the rules of these chains with these handles, by their index. Those that are gone are left out. With `reset` their
    /// counters are set to zero, those handed out being the last.
    pub(crate) fn rules_by_handle(
        &mut self,
        family: u8,
        table: &[u8],
        rules: &[(&[u8], u64)],
        reset: bool,
        mut each: impl FnMut(usize, &RawRule<'_>),
    ) -> Result<()> {
        let kind = nf_tables(if reset { NFT_MSG_GETRULE_RESET } else { NFT_MSG_GETRULE });
        let writers: Vec<_> = rules
            .iter()
            .map(|(chain, handle)| {
                move |writer: &mut Writer| {
                    writer.text(NFTA_RULE_TABLE, table);
                    writer.text(NFTA_RULE_CHAIN, chain);
                    writer.be64(NFTA_RULE_HANDLE, *handle);
                }
            })
            .collect();
        let requests: Vec<_> =
            writers.iter().map(|attributes| Request { kind, family, attributes }).collect();
        self.ask(&requests, |index, answer| {
            if let Some(message) = existing(answer.map_err(|failure| failure.errno))?
                && let Some(rule) = RawRule::decode(&message)?
            {
                each(index, &rule);
            }
            Ok(())
        })
    }

    /// Whether the kernel sets counters to zero as it reads them, as Linux 6.2 and later do. No rule has the handle that it is asked
    /// for.
    pub(crate) fn resets(&mut self, family: u8, table: &[u8]) -> Result<bool> {
        if let Some(resets) = self.resets {
            return Ok(resets);
        }
        let resets = match self.rules_by_handle(family, table, &[(b"-", 0)], true, |_, _| {}) {
            Err(Trouble::Denied(libc::EINVAL | libc::EOPNOTSUPP)) => false,
            asked => asked.map(|()| true)?,
        };
        self.resets = Some(resets);
        Ok(resets)
    }
}

/// The answer, unless it is that there is no such thing.
fn existing(answer: std::result::Result<Message<'_>, i32>) -> Result<Option<Message<'_>>> {
    match answer {
        Ok(message) => Ok(Some(message)),
        Err(libc::ENOENT) => Ok(None),
        Err(errno) => Err(Trouble::Denied(errno)),
    }
}

/// What is not there has nothing in it.
fn absent(dumped: Result<()>) -> Result<()> {
    match dumped {
        Err(Trouble::Denied(libc::ENOENT)) => Ok(()),
        dumped => dumped,
    }
}
