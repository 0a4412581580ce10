//! Tables, chains and rules as the kernel tells them.

use super::attr::{Attrs, be32, be64, text};
use super::message::{Message, nf_tables};
use super::uapi::*;
use crate::types::{Counters, Policy};

/// What an answer lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) &'static str);

type Result<T> = std::result::Result<T, Malformed>;

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RawTable {
    /// `NFPROTO_*`.
    pub(crate) family: u8,
    pub(crate) name: Vec<u8>,
    pub(crate) handle: u64,
    pub(crate) flags: u32,
    /// The number of its chains, sets and other objects.
    pub(crate) uses: u32,
    /// The port of the socket that owns it, which is the only one that may change it.
    pub(crate) owner: Option<u32>,
}

impl RawTable {
    /// Whether the kernel does not look at it.
    pub(crate) fn is_dormant(&self) -> bool {
        self.flags & NFT_TABLE_F_DORMANT != 0
    }

    /// Whether only its owner may change it.
    pub(crate) fn is_owned(&self) -> bool {
        self.flags & NFT_TABLE_F_OWNER != 0
    }
}

/// A chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RawChain {
    pub(crate) table: Vec<u8>,
    pub(crate) name: Vec<u8>,
    pub(crate) handle: u64,
    /// Where packets come in, of a base chain.
    pub(crate) hook: Option<RawHook>,
    pub(crate) policy: Option<Policy>,
    /// What the policy has decided on. A base chain that was made without counters has none.
    pub(crate) counters: Option<Counters>,
    /// The number of its rules and of the jumps to it.
    pub(crate) uses: u32,
}

/// The place of a base chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RawHook {
    /// `NF_INET_*`, as far as the family is one of IP.
    pub(crate) number: u32,
    pub(crate) priority: i32,
    /// `filter`, `nat` or `route`.
    pub(crate) kind: Vec<u8>,
}

/// A rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RawRule<'a> {
    pub(crate) table: &'a [u8],
    pub(crate) chain: &'a [u8],
    pub(crate) handle: u64,
    /// The list of expressions: attributes NFTA_LIST_ELEM.
    pub(crate) expressions: &'a [u8],
    /// What another program has attached to it.
    pub(crate) userdata: &'a [u8],
}

fn need<T>(value: Option<T>, what: &'static str) -> Result<T> {
    value.ok_or(Malformed(what))
}

/// The family and the attributes of a message, if it is of this type.
fn attributes<'a>(message: &Message<'a>, kind: u16) -> Result<Option<(u8, Attrs<'a>)>> {
    if message.kind != nf_tables(kind) {
        return Ok(None);
    }
    let (family, _, attributes) = need(message.netfilter(), "a message without a header")?;
    if !attributes.is_whole() {
        return Err(Malformed("attributes that are cut"));
    }
    Ok(Some((family, attributes)))
}

/// The number of a generation.
pub(crate) fn generation(message: &Message<'_>) -> Result<Option<u32>> {
    let Some((_, attributes)) = attributes(message, NFT_MSG_NEWGEN)? else { return Ok(None) };
    need(attributes.get(NFTA_GEN_ID).and_then(be32), "a generation without its number").map(Some)
}

impl RawTable {
    /// The table that a message is about; `None` where it is about something else.
    pub(crate) fn decode(message: &Message<'_>) -> Result<Option<RawTable>> {
        let Some((family, attributes)) = attributes(message, NFT_MSG_NEWTABLE)? else { return Ok(None) };
        let [_, name, flags, uses, handle, _, _, owner] = attributes.fields();
        Ok(Some(RawTable {
            family,
            name: need(name, "a table without a name").map(text)?.to_vec(),
            handle: handle.and_then(be64).unwrap_or(0),
            flags: flags.and_then(be32).unwrap_or(0),
            uses: uses.and_then(be32).unwrap_or(0),
            owner: owner.and_then(be32),
        }))
    }
}

impl RawChain {
    /// The chain that a message is about; `None` where it is about something else.
    pub(crate) fn decode(message: &Message<'_>) -> Result<Option<RawChain>> {
        let Some((_, attributes)) = attributes(message, NFT_MSG_NEWCHAIN)? else { return Ok(None) };
        let [_, table, handle, name, hook, policy, uses, kind, counters] = attributes.fields();
        let hook = hook.map(|hook| {
            let [_, number, priority] = Attrs::new(hook).fields();
            let number = need(number.and_then(be32), "a hook without a number")?;
            let priority = need(priority.and_then(be32), "a hook without a priority")?;
            let kind = kind.map(text).unwrap_or_default().to_vec();
            Ok(RawHook { number, priority: priority.cast_signed(), kind })
        });
        Ok(Some(RawChain {
            table: need(table, "a chain without a table").map(text)?.to_vec(),
            name: need(name, "a chain without a name").map(text)?.to_vec(),
            handle: need(handle.and_then(be64), "a chain without a handle")?,
            hook: hook.transpose()?,
            policy: policy.and_then(be32).map(|verdict| match verdict {
                0 => Policy::Drop,
                _ => Policy::Accept,
            }),
            counters: counters.and_then(counters_of),
            uses: uses.and_then(be32).unwrap_or(0),
        }))
    }
}

/// The pair in a nest of NFTA_COUNTER_BYTES and NFTA_COUNTER_PACKETS.
pub(crate) fn counters_of(nest: &[u8]) -> Option<Counters> {
    let [_, bytes, packets] = Attrs::new(nest).fields();
    Some(Counters { bytes: be64(bytes?)?, packets: be64(packets?)? })
}

impl<'a> RawRule<'a> {
    /// The rule that a message is about; `None` where it is about something else.
    #[inline]
    pub(crate) fn decode(message: &Message<'a>) -> Result<Option<RawRule<'a>>> {
        let Some((_, attributes)) = attributes(message, NFT_MSG_NEWRULE)? else { return Ok(None) };
        let [_, table, chain, handle, expressions, _, _, userdata] = attributes.fields();
        Ok(Some(RawRule {
            table: need(table, "a rule without a table").map(text)?,
            chain: need(chain, "a rule without a chain").map(text)?,
            handle: need(handle.and_then(be64), "a rule without a handle")?,
            expressions: expressions.unwrap_or_default(),
            userdata: userdata.unwrap_or_default(),
        }))
    }
}

/// Table and name of the set that a message is about.
pub(crate) fn set_of<'a>(message: &Message<'a>) -> Result<Option<(&'a [u8], &'a [u8])>> {
    let Some((_, attributes)) = attributes(message, NFT_MSG_NEWSET)? else { return Ok(None) };
    let [_, table, name] = attributes.fields();
    let table = need(table, "a set without a table").map(text)?;
    Ok(Some((table, need(name, "a set without a name").map(text)?)))
}
