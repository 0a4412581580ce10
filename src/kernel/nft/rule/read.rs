//! Expressions to an entry: the registers, what is in them, and what is asked of it.

use super::super::attr;
use super::Foreign;
use super::expr::*;
use super::header::Draft;
use crate::types::{Counters, Family, Interface};

/// The words of four bytes that the registers share: the four of sixteen bytes lie over the sixteen of four.
const WORDS: usize = 16;
/// The most that an expression of a rule of xtables loads: an IPv6 address, the name of an interface.
const MOST: usize = 16;

/// Reads rules.
pub(crate) struct Reader<'n> {
    pub(crate) family: Family,
    /// The interface with an index, in the namespace of the rules: nft has rules that know one by nothing else.
    pub(crate) interface: &'n dyn Fn(u32) -> Option<Interface>,
}

/// What is known of a rule beside its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ReadRule<'a> {
    /// The chain that it goes to.
    pub(crate) jump: Option<&'a [u8]>,
    /// Whether it counts at all.
    pub(crate) counts: bool,
}

impl Reader<'_> {
    /// Appends the entry that a rule means, whose jump is to chain 0. The payloads are those of `NFTA_RULE_EXPRESSIONS` and
    /// `NFTA_RULE_USERDATA`. Nothing is appended for a rule that is foreign.
    pub(crate) fn read<'a>(
        &self,
        expressions: &'a [u8],
        user_data: &'a [u8],
        out: &mut Vec<u8>,
    ) -> Result<ReadRule<'a>, Foreign> {
        let start = out.len();
        let read = self.draft(expressions, comment(user_data), out);
        if read.is_err() {
            out.truncate(start);
        }
        read
    }

    fn draft<'a>(
        &self,
        expressions: &'a [u8],
        comment: Option<&'a [u8]>,
        out: &mut Vec<u8>,
    ) -> Result<ReadRule<'a>, Foreign> {
        let mut machine = Machine {
            draft: Draft::new(self.family, self.interface, comment, out),
            registers: [const { None }; WORDS],
        };
        for expression in Expressions::new(expressions) {
            let (name, data) = expression.ok_or(UNKNOWN_FIELD)?;
            machine.step(name, data)?;
        }
        if !machine.registers.iter().flatten().all(Loaded::is_done) {
            return Err(UNTESTED);
        }
        machine.draft.finish()
    }
}

const UNKNOWN_FIELD: Foreign = Foreign("has an expression with a field that is not known");
const UNTESTED: Foreign = Foreign("loads something that it does not test");

/// The comment that nft keeps in the user data of a rule: type 0, length, bytes with a NUL.
fn comment(mut user_data: &[u8]) -> Option<&[u8]> {
    const COMMENT: u8 = 0;
    let mut found = None;
    while let [kind, length, rest @ ..] = user_data {
        let (text, others) = rest.split_at_checked((*length).into())?;
        if let (COMMENT, [text @ .., 0]) = (*kind, text) {
            found = found.or(Some(text));
        }
        user_data = others;
    }
    // What is no such list is something else, and none of a rule's meaning.
    user_data.is_empty().then_some(found)?
}

/// Where what is in a register comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source<'a> {
    /// Bytes of the network header, from an offset on.
    Network(u32),
    /// Bytes of the transport header.
    Transport(u32),
    Meta(u32),
    /// The rule itself.
    Value(&'a [u8]),
}

/// What is in a register.
#[derive(Clone, Copy, Debug)]
struct Loaded<'a> {
    source: Source<'a>,
    len: usize,
    mask: Option<&'a [u8]>,
    tested: bool,
}

impl Loaded<'_> {
    fn words(&self) -> usize {
        self.len.div_ceil(4)
    }

    /// Whether nothing is lost when it is forgotten. iptables before 1.8.11 loads the name of an interface and leaves it at
    /// that for `-i +`. Not so a header: the rule ends where the packet is too short for it.
    fn is_done(&self) -> bool {
        self.tested
            || matches!(self.source, Source::Meta(NFT_META_IIFNAME | NFT_META_OIFNAME)) && self.mask.is_none()
    }
}

/// An operator of `cmp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Operator {
    fn from_number(number: u32) -> Option<Operator> {
        Some(match number {
            NFT_CMP_EQ => Operator::Eq,
            NFT_CMP_NEQ => Operator::Ne,
            NFT_CMP_LT => Operator::Lt,
            NFT_CMP_LTE => Operator::Le,
            NFT_CMP_GT => Operator::Gt,
            NFT_CMP_GTE => Operator::Ge,
            _ => return None,
        })
    }
}

/// What is asked of the bytes in a register.
#[derive(Clone, Copy, Debug)]
pub(super) enum Test<'a> {
    Compare(Operator, &'a [u8]),
    /// Whether they are between two others, or with `inverted` not.
    Range {
        inverted: bool,
        from: &'a [u8],
        to: &'a [u8],
    },
}

impl<'a> Test<'a> {
    /// The bytes for equality, and whether it is inverted.
    pub(super) fn equality(self) -> Option<(bool, &'a [u8])> {
        match self {
            Test::Compare(Operator::Eq, bytes) => Some((false, bytes)),
            Test::Compare(Operator::Ne, bytes) => Some((true, bytes)),
            _ => None,
        }
    }
}

/// A test and what it is of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question<'a> {
    pub(super) source: Source<'a>,
    pub(super) mask: Option<&'a [u8]>,
    pub(super) test: Test<'a>,
    /// Whether what is in the register was tested before: the second half of a range.
    pub(super) again: bool,
}

struct Machine<'a, 'o> {
    draft: Draft<'a, 'o>,
    /// By the first word that they take.
    registers: [Option<Loaded<'a>>; WORDS],
}

impl<'a> Machine<'a, '_> {
    fn step(&mut self, name: &[u8], data: &'a [u8]) -> Result<(), Foreign> {
        if name == b"counter" {
            return self.counter(data);
        }
        if self.draft.acts() {
            return Err(Foreign("goes on after its target"));
        }
        match name {
            b"match" | b"limit" | b"log" if self.draft.family == Family::Arp => {
                Err(Foreign("has a match that arptables does not know"))
            }
            b"cmp" => self.compare(data),
            b"payload" => self.payload(data),
            b"meta" => self.meta(data),
            b"bitwise" => self.bitwise(data),
            b"immediate" => self.immediate(data),
            b"range" => self.range(data),
            b"match" => self.draft.compat_match(data),
            b"target" => self.draft.compat_target(data),
            b"limit" => self.draft.limit(data),
            b"log" => self.draft.log(data),
            b"lookup" => Err(Foreign("looks something up in a set")),
            _ => Err(Foreign("has an expression that xtables does not know")),
        }
    }

    fn counter(&mut self, data: &[u8]) -> Result<(), Foreign> {
        // The last one is padding that some machines need.
        let [_, bytes, packets, _] = known(data).ok_or(UNKNOWN_FIELD)?;
        let number = |field: Option<&[u8]>| field.map_or(Some(0), attr::be64).ok_or(UNKNOWN_FIELD);
        self.draft.count(Counters { packets: number(packets)?, bytes: number(bytes)? })
    }

    fn payload(&mut self, data: &'a [u8]) -> Result<(), Foreign> {
        let [_, register, base, offset, len] = known(data).ok_or(UNKNOWN_FIELD)?;
        let [register, base, offset, len] = numbers([register, base, offset, len])?;
        let source = match base {
            NFT_PAYLOAD_NETWORK_HEADER => Source::Network(offset),
            NFT_PAYLOAD_TRANSPORT_HEADER => Source::Transport(offset),
            _ => return Err(Foreign("looks into a header that xtables does not know")),
        };
        self.load(register, source, len as usize, None)
    }

    fn meta(&mut self, data: &'a [u8]) -> Result<(), Foreign> {
        match known(data).ok_or(UNKNOWN_FIELD)? {
            [_, Some(register), key, None] => {
                let [register, key] = numbers([Some(register), key])?;
                let len = match key {
                    NFT_META_IIFNAME | NFT_META_OIFNAME => 16,
                    NFT_META_MARK | NFT_META_IIF | NFT_META_OIF => 4,
                    NFT_META_L4PROTO | NFT_META_PKTTYPE => 1,
                    _ => return Err(Foreign("asks for something of a packet that xtables does not know")),
                };
                self.load(register, Source::Meta(key), len, None)
            }
            [_, None, key, Some(register)] => {
                let [key, register] = numbers([key, Some(register)])?;
                if self.draft.family == Family::Arp {
                    return Err(Foreign("sets something that arptables does not know"));
                }
                match self.at(register)? {
                    Loaded { source: Source::Value(value), mask: None, tested, .. } => {
                        *tested = true;
                        let value = *value;
                        self.draft.set_meta(key, value)
                    }
                    _ => Err(Foreign("sets something of a packet that it computes")),
                }
            }
            _ => Err(UNKNOWN_FIELD),
        }
    }

    fn bitwise(&mut self, data: &'a [u8]) -> Result<(), Foreign> {
        let [_, from, to, len, mask, xor, operation] = known(data).ok_or(UNKNOWN_FIELD)?;
        let [from, to, len] = numbers([from, to, len])?;
        // Absent in older kernels, which have no other.
        if !matches!(operation.map(attr::be32), None | Some(Some(0))) {
            return Err(Foreign("shifts bits"));
        }
        let mask = value(mask.ok_or(UNKNOWN_FIELD)?).ok_or(UNKNOWN_FIELD)?;
        let xor = value(xor.ok_or(UNKNOWN_FIELD)?).ok_or(UNKNOWN_FIELD)?;
        let loaded = self.at(from)?;
        if loaded.mask.is_some()
            || mask.len() != loaded.len
            || xor.len() != loaded.len
            || len as usize != loaded.len
        {
            return Err(Foreign("masks bits in a way that xtables does not know"));
        }
        if xor.iter().any(|byte| *byte != 0) {
            return Err(Foreign("inverts bits"));
        }
        let Loaded { source, len, .. } = *loaded;
        // The value without the mask is only a step on the way.
        loaded.tested = true;
        self.load(to, source, len, Some(mask))
    }

    fn compare(&mut self, data: &'a [u8]) -> Result<(), Foreign> {
        let [_, register, operator, data] = known(data).ok_or(UNKNOWN_FIELD)?;
        let [register, operator] = numbers([register, operator])?;
        let operator = Operator::from_number(operator).ok_or(UNKNOWN_FIELD)?;
        let bytes = value(data.ok_or(UNKNOWN_FIELD)?).ok_or(UNKNOWN_FIELD)?;
        self.test(register, Test::Compare(operator, bytes), bytes.len())
    }

    fn range(&mut self, data: &'a [u8]) -> Result<(), Foreign> {
        let [_, register, operator, from, to] = known(data).ok_or(UNKNOWN_FIELD)?;
        let [register, operator] = numbers([register, operator])?;
        let inverted = match operator {
            NFT_RANGE_EQ => false,
            NFT_RANGE_NEQ => true,
            _ => return Err(UNKNOWN_FIELD),
        };
        let from = value(from.ok_or(UNKNOWN_FIELD)?).ok_or(UNKNOWN_FIELD)?;
        let to = value(to.ok_or(UNKNOWN_FIELD)?).ok_or(UNKNOWN_FIELD)?;
        if from.len() != to.len() {
            return Err(UNKNOWN_FIELD);
        }
        self.test(register, Test::Range { inverted, from, to }, from.len())
    }

    fn immediate(&mut self, data: &'a [u8]) -> Result<(), Foreign> {
        let [_, register, data] = known(data).ok_or(UNKNOWN_FIELD)?;
        let [register] = numbers([register])?;
        let data = data.ok_or(UNKNOWN_FIELD)?;
        if register != NFT_REG_VERDICT {
            let bytes = value(data).ok_or(UNKNOWN_FIELD)?;
            return self.load(register, Source::Value(bytes), bytes.len(), None);
        }
        let [_, None, Some(verdict)] = known(data).ok_or(UNKNOWN_FIELD)? else { return Err(UNKNOWN_FIELD) };
        let [_, code, chain] = known(verdict).ok_or(UNKNOWN_FIELD)?;
        let [code] = numbers([code])?;
        self.draft.verdict(code as i32, chain.map(attr::text))
    }

    fn test(&mut self, register: u32, test: Test<'a>, len: usize) -> Result<(), Foreign> {
        let loaded = self.at(register)?;
        let Loaded { source, mask, tested: again, .. } = *loaded;
        // The beginning of a name may be compared; of everything else, all that was loaded.
        let part = matches!(source, Source::Meta(NFT_META_IIFNAME | NFT_META_OIFNAME)) && mask.is_none();
        if len != loaded.len && !(part && len < loaded.len) {
            return Err(Foreign("compares a part of what it loads"));
        }
        loaded.tested = true;
        self.draft.ask(Question { source, mask, test, again })
    }

    fn load(
        &mut self,
        register: u32,
        source: Source<'a>,
        len: usize,
        mask: Option<&'a [u8]>,
    ) -> Result<(), Foreign> {
        let start = word(register)?;
        if len == 0 || len > MOST || start + len.div_ceil(4) > WORDS {
            return Err(Foreign("loads more than a rule of xtables compares"));
        }
        let loaded = Loaded { source, len, mask, tested: false };
        let words = start..start + loaded.words();
        for (first, held) in self.registers.iter_mut().enumerate().take(words.end) {
            if let Some(old) = held.take_if(|old| first + old.words() > words.start)
                && !old.is_done()
            {
                return Err(UNTESTED);
            }
        }
        self.registers[start] = Some(loaded);
        Ok(())
    }

    fn at(&mut self, register: u32) -> Result<&mut Loaded<'a>, Foreign> {
        let loaded = self.registers[word(register)?].as_mut();
        loaded.ok_or(Foreign("uses a register in which nothing was loaded"))
    }
}

/// The word at which a register begins.
fn word(register: u32) -> Result<usize, Foreign> {
    let word = match register {
        1..=4 => (register - 1) * 4,
        NFT_REG32_00.. => register - NFT_REG32_00,
        _ => return Err(UNKNOWN_FIELD),
    };
    Some(word as usize).filter(|word| *word < WORDS).ok_or(UNKNOWN_FIELD)
}

fn numbers<const N: usize>(fields: [Option<&[u8]>; N]) -> Result<[u32; N], Foreign> {
    let mut numbers = [0; N];
    for (number, field) in numbers.iter_mut().zip(fields) {
        *number = field.and_then(attr::be32).ok_or(UNKNOWN_FIELD)?;
    }
    Ok(numbers)
}
