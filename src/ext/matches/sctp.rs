//! `sctp`: ports and chunks. `linux/netfilter/xt_sctp.h`.

use crate::ext::prelude::*;
use crate::ext::values::choice;
use crate::types::PortRange;
use crate::types::fmt::number;

const XT_SCTP_SRC_PORTS: u32 = 0x01;
const XT_SCTP_DEST_PORTS: u32 = 0x02;
const XT_SCTP_CHUNK_TYPES: u32 = 0x04;
const XT_NUM_SCTP_FLAGS: usize = 4;
/// What iptables writes as the chunk type of an entry that is not used.
const UNUSED: u8 = 0xff;

raw! {
    "linux/netfilter/xt_sctp.h"

    struct xt_sctp_flag_info {
        chunktype: u8,
        flag: u8,
        flag_mask: u8,
    }

    /// The map has a bit for each chunk type in its first eight words; the others are never looked at.
    struct xt_sctp_info {
        dpts: [u16; 2],
        spts: [u16; 2],
        chunkmap: [u32; 64],
        chunk_match_type: u32,
        flag_info: [xt_sctp_flag_info; XT_NUM_SCTP_FLAGS],
        flag_count: i32,
        flags: u32,
        invflags: u32,
    }
}

/// The names of chunk types, and the letters of their flags from the lowest bit on.
const CHUNKS: [(&str, u8, &[u8]); 22] = [
    ("DATA", 0, b"EBUI"),
    ("INIT", 1, b""),
    ("INIT_ACK", 2, b""),
    ("SACK", 3, b""),
    ("HEARTBEAT", 4, b""),
    ("HEARTBEAT_ACK", 5, b""),
    ("ABORT", 6, b"T"),
    ("SHUTDOWN", 7, b""),
    ("SHUTDOWN_ACK", 8, b""),
    ("ERROR", 9, b""),
    ("COOKIE_ECHO", 10, b""),
    ("COOKIE_ACK", 11, b""),
    ("ECN_ECNE", 12, b""),
    ("ECN_CWR", 13, b""),
    ("SHUTDOWN_COMPLETE", 14, b"T"),
    ("I_DATA", 64, b"EBUI"),
    ("ASCONF_ACK", 128, b""),
    ("RE_CONFIG", 130, b""),
    ("PAD", 132, b""),
    ("FORWARD_TSN", 192, b""),
    ("ASCONF", 193, b""),
    ("I_FORWARD_TSN", 194, b""),
];

/// The name of a chunk type and the letters of its flags.
fn known(chunk: u8) -> Option<(&'static str, &'static [u8])> {
    CHUNKS.iter().find(|(_, number, _)| *number == chunk).map(|(name, _, letters)| (*name, *letters))
}

choice! {
    /// How the chunks of a packet must agree with those of a test.
    pub enum ChunkMatch(u32) {
        /// One of them is in the packet.
        Any = 0x01 => "any",
        /// All of them are in the packet.
        All = 0x02 => "all",
        /// All of them are in the packet and no others.
        Only = 0x04 => "only",
    }
}

/// A test of the flags of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChunkFlags {
    /// The type of the chunk.
    pub chunk: u8,
    /// The flags that are looked at.
    pub mask: u8,
    /// Those of them that must be set.
    pub set: u8,
}

/// A test of the chunks in a packet, written `any|all|only CHUNK[:FLAGS][,...]`.
///
/// A capital letter among the flags stands for one that must be set, a small one for one that must not. Chunks without a
/// name are written as a number, and flags without a letter as `VALUE/MASK`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SctpChunks {
    /// How the chunks of the packet must agree with the types.
    pub how: ChunkMatch,
    /// A bit for each chunk type.
    types: [u32; 8],
    /// The chunk types whose flags are looked at; the kernel has room for four.
    flags: Vec<ChunkFlags>,
}

impl SctpChunks {
    /// A test for chunks of these types.
    ///
    /// ```
    /// use libfw::matches::{ChunkMatch, SctpChunks};
    ///
    /// let begins = SctpChunks::new(ChunkMatch::Any, [1]);
    /// assert_eq!(begins.types().collect::<Vec<_>>(), [1]);
    /// ```
    #[must_use]
    pub fn new(how: ChunkMatch, types: impl IntoIterator<Item = u8>) -> SctpChunks {
        let mut chunks = SctpChunks { how, types: [0; 8], flags: Vec::new() };
        types.into_iter().for_each(|chunk| chunks.insert(chunk));
        chunks
    }

    /// Tests the flags of a chunk too.
    ///
    /// ```
    /// use libfw::matches::{ChunkFlags, ChunkMatch, SctpChunks};
    ///
    /// let begins_a_message = ChunkFlags { chunk: 0, mask: 0b10, set: 0b10 };
    /// let chunks = SctpChunks::new(ChunkMatch::Any, []).flags(begins_a_message);
    /// assert_eq!(chunks.to_string(), "any DATA:B");
    /// ```
    #[must_use]
    pub fn flags(mut self, flags: ChunkFlags) -> SctpChunks {
        self.insert(flags.chunk);
        match self.flags.iter_mut().find(|known| known.chunk == flags.chunk) {
            Some(known) => *known = flags,
            None => self.flags.push(flags),
        }
        self
    }

    /// The chunk types, ascending.
    ///
    /// ```
    /// use libfw::matches::{ChunkMatch, SctpChunks};
    ///
    /// let chunks = SctpChunks::new(ChunkMatch::All, [3, 0]);
    /// assert_eq!(chunks.types().collect::<Vec<_>>(), [0, 3]);
    /// ```
    pub fn types(&self) -> impl Iterator<Item = u8> {
        (0..=u8::MAX).filter(|chunk| self.types[usize::from(*chunk) / 32] & 1 << (chunk % 32) != 0)
    }

    fn is_all(&self) -> bool {
        self.types == [u32::MAX; 8]
    }

    fn insert(&mut self, chunk: u8) {
        self.types[usize::from(chunk) / 32] |= 1 << (chunk % 32);
    }

    /// Adds a chunk type as it is written, with or without flags.
    fn read(&mut self, word: &[u8]) -> Result<(), BadValue> {
        let colon = word.iter().position(|byte| *byte == b':');
        let (name, letters) = match colon {
            Some(colon) => (&word[..colon], Some(&word[colon + 1..])),
            None => (word, None),
        };
        let by_name = CHUNKS.iter().find(|(known, ..)| known.as_bytes().eq_ignore_ascii_case(name));
        let chunk = match by_name {
            Some((_, chunk, _)) => Some(*chunk),
            None => byte(name),
        };
        let Some(chunk) = chunk else {
            let names = CHUNKS.iter().map(|(name, ..)| *name).collect();
            return Err(BadValue::Chunk { names, part: shown(name) });
        };
        self.insert(chunk);
        let Some(letters) = letters.filter(|letters| !letters.is_empty()) else { return Ok(()) };
        let index = self.flags.iter().position(|flags| flags.chunk == chunk).unwrap_or_else(|| {
            self.flags.push(ChunkFlags { chunk, mask: 0, set: 0 });
            self.flags.len() - 1
        });
        if let Some((set, mask)) = bits(letters) {
            self.flags[index] = ChunkFlags { chunk, mask, set };
            return Ok(());
        }
        let known = known(chunk).map_or(b"".as_slice(), |(_, letters)| letters);
        for letter in letters {
            let Some(bit) = known.iter().position(|known| known.eq_ignore_ascii_case(letter)) else {
                return Err(BadValue::ChunkFlags { chunk, flags: shown(known) });
            };
            let flags = &mut self.flags[index];
            flags.mask |= 1 << bit;
            flags.set |= flag(letter.is_ascii_uppercase(), 1 << bit);
        }
        Ok(())
    }
}

/// A number up to 255.
fn byte(text: &[u8]) -> Option<u8> {
    number(text)?.try_into().ok()
}

/// Flags as `VALUE/MASK`.
fn bits(text: &[u8]) -> Option<(u8, u8)> {
    let slash = text.iter().position(|byte| *byte == b'/')?;
    Some((byte(&text[..slash])?, byte(&text[slash + 1..])?))
}

impl Value for SctpChunks {
    const KIND: ValueKind =
        ValueKind { choices: ChunkMatch::NAMES, ..ValueKind::text("any|all|only CHUNK[:FLAGS][,...]") };
    const WORDS: u8 = 2;

    fn named(_: Family) -> ValueNames {
        let chunks = CHUNKS.into_iter().map(|(name, ..)| name);
        ValueNames::inline(ChunkMatch::NAMES.iter().copied().chain(chunks).chain(["ALL", "NONE"]))
    }

    fn parse(input: &Input<'_>) -> Result<SctpChunks, BadValue> {
        let [how, words] = input.words;
        let how = ChunkMatch::by_name(&how.to_ascii_lowercase()).ok_or(BadValue::ChunkMatch)?;
        let mut chunks = SctpChunks::new(how, []);
        if words.eq_ignore_ascii_case(b"ALL") {
            chunks.types = [u32::MAX; 8];
        } else if !words.eq_ignore_ascii_case(b"NONE") {
            let words = words.split(|byte| *byte == b',').filter(|word| !word.is_empty());
            words.into_iter().try_for_each(|word| chunks.read(word))?;
        }
        Ok(chunks)
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.text(self.how.name());
        if self.is_all() {
            return out.text(" ALL");
        }
        if self.types == [0; 8] {
            return out.text(" NONE");
        }
        for (index, chunk) in self.types().enumerate() {
            out.text(if index > 0 { "," } else { " " });
            let (name, letters) = match known(chunk) {
                Some((name, letters)) if out.style != Style::NumericList => (name.to_owned(), letters),
                other => (format!("0x{chunk:04X}"), other.map_or(&[] as &[u8], |(_, letters)| letters)),
            };
            out.text(name);
            let tested = self.flags.iter().find(|flags| flags.chunk == chunk && flags.mask != 0);
            let Some(ChunkFlags { mask, set, .. }) = tested else { continue };
            out.text(":");
            if u32::from(*mask) >> letters.len() != 0 {
                out.text(format!("{set:#04x}/{mask:#04x}"));
                continue;
            }
            for (bit, letter) in letters.iter().enumerate().rev().filter(|(bit, _)| mask & 1 << bit != 0) {
                out.text([if set & 1 << bit != 0 { *letter } else { letter.to_ascii_lowercase() }]);
            }
        }
    }
}

options! {
    /// Matches SCTP packets by ports and chunks.
    ///
    /// Loaded by itself when the rule says `-p sctp` and one of these options.
    #[header("linux/netfilter/xt_sctp.h")]
    #[example(Ipv4, "-p sctp -m sctp --dport 80 --chunk-types any DATA,INIT -j ACCEPT")]
    pub match Sctp {
        /// The source port, or a range of ports.
        [!] sport: PortRange => "--sport" | "--source-port" {
            service: Some("sctp"), formal: Some("source-port"),
            once: Some("Only one `--source-port' allowed"), bit: XT_SCTP_SRC_PORTS,
        };
        /// The destination port, or a range of ports.
        [!] dport: PortRange => "--dport" | "--destination-port" {
            service: Some("sctp"), formal: Some("destination-port"),
            once: Some("Only one `--destination-port' allowed"), bit: XT_SCTP_DEST_PORTS,
        };
        /// The chunks that the packet must have.
        [!] chunk_types: SctpChunks => "--chunk-types" {
            once: Some("Only one `--chunk-types' allowed"), bit: XT_SCTP_CHUNK_TYPES,
        };
    }
}

pub(crate) static EXT: Extension =
    Extension::matching::<Sctp>("sctp").placed(Placement::NONE.protocols(&[Protocol::SCTP]));

impl Codec for Sctp {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_sctp_info>(0)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let mut raw = xt_sctp_info::new_zeroed();
        [raw.flags, raw.invflags] = self.bits();
        raw.spts = self.sport.map_or([0; 2], |inv| [inv.value.min, inv.value.max]);
        raw.dpts = self.dport.map_or([0; 2], |inv| [inv.value.min, inv.value.max]);
        raw.flag_info = [xt_sctp_flag_info { chunktype: UNUSED, flag: 0, flag_mask: 0 }; XT_NUM_SCTP_FLAGS];
        if let Some(Inv { value, .. }) = &self.chunk_types {
            raw.chunk_match_type = value.how.number();
            if value.is_all() {
                raw.chunkmap = [u32::MAX; 64];
            } else {
                raw.chunkmap[..8].copy_from_slice(&value.types);
            }
            if value.flags.len() > XT_NUM_SCTP_FLAGS {
                let misfit = Misfit::ChunkFlags { max: XT_NUM_SCTP_FLAGS };
                return Err(Error::from(misfit).at_option("chunk-types"));
            }
            for (info, flags) in raw.flag_info.iter_mut().zip(&value.flags) {
                *info = xt_sctp_flag_info { chunktype: flags.chunk, flag: flags.set, flag_mask: flags.mask };
            }
            raw.flag_count = value.flags.len() as i32;
        }
        payload.put(&raw);
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Sctp> {
        let raw: xt_sctp_info = read_raw(bytes)?;
        let given = Given::new(raw.flags, raw.invflags);
        let ports = |[min, max]: [u16; 2]| PortRange { min, max };
        let chunk_types = if let Some(inverted) = given.inverted(XT_SCTP_CHUNK_TYPES) {
            let unknown = Malformed::Unknown { what: "way to match chunks", number: raw.chunk_match_type };
            let how = ChunkMatch::from_number(raw.chunk_match_type).ok_or_else(|| Error::from(unknown))?;
            let mut chunks = SctpChunks::new(how, []);
            chunks.types.iter_mut().zip(raw.chunkmap).for_each(|(to, from)| *to = from);
            let count = usize::try_from(raw.flag_count).unwrap_or_default();
            chunks.flags = raw.flag_info.iter().take(count).map(ChunkFlags::from).collect();
            Some(Inv::new(inverted, chunks))
        } else {
            None
        };
        Ok(Sctp {
            sport: given.value(XT_SCTP_SRC_PORTS, ports(raw.spts)),
            dport: given.value(XT_SCTP_DEST_PORTS, ports(raw.dpts)),
            chunk_types,
            ..Sctp::new()
        })
    }

    fn list(&self, out: &mut List<'_>) {
        // All ports are no test, although the rule has one.
        let tested = |inv: &Inv<PortRange>| inv.inverted || !inv.value.is_all();
        out.text(" sctp");
        list_ports(out, "spt", self.sport.filter(tested), Some("sctp"));
        list_ports(out, "dpt", self.dport.filter(tested), Some("sctp"));
        if let Some(Inv { inverted, value }) = &self.chunk_types {
            out.text(if *inverted { " ! " } else { " " });
            out.value(value);
        }
    }
}

impl From<&xt_sctp_flag_info> for ChunkFlags {
    fn from(raw: &xt_sctp_flag_info) -> ChunkFlags {
        ChunkFlags { chunk: raw.chunktype, mask: raw.flag_mask, set: raw.flag }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-p sctp -m sctp", "-p sctp -m sctp"),
            ("-p sctp --sport 5 ! --destination-port 6:", "-p sctp -m sctp --sport 5 ! --dport 6:65535"),
            ("-p sctp --dport :", "-p sctp -m sctp --dport 0:65535"),
            ("-p sctp --dport 5:3", "!invalid portrange (min > max)"),
            ("-p sctp --sport 65536", "!invalid port/service `65536' specified"),
            ("-p sctp --sport 5 --source-port 6", "!Only one `--source-port' allowed"),
        ]);
    }

    #[test]
    fn chunks() {
        check(&[
            ("-p sctp --chunk-types ALL init,,DATA,", "-p sctp -m sctp --chunk-types all DATA,INIT"),
            (
                "-p sctp ! --chunk-types only ASCONF,FORWARD_TSN,ASCONF_ACK,PAD",
                "-p sctp -m sctp ! --chunk-types only ASCONF_ACK,PAD,FORWARD_TSN,ASCONF",
            ),
            ("-p sctp --chunk-types all all", "-p sctp -m sctp --chunk-types all ALL"),
            ("-p sctp --chunk-types any none", "-p sctp -m sctp --chunk-types any NONE"),
            (
                "-p sctp --chunk-types any DATA:Ub,DATA:Ei,ABORT:t,SHUTDOWN_COMPLETE:T",
                "-p sctp -m sctp --chunk-types any DATA:iUbE,ABORT:t,SHUTDOWN_COMPLETE:T",
            ),
            ("-p sctp --chunk-types any DATA:Uu", "-p sctp -m sctp --chunk-types any DATA:U"),
            (
                "-p sctp --chunk-types any 3,DATA:0x11/0x11,0x10:0x3/7,35:,255",
                "-p sctp -m sctp --chunk-types any DATA:0x11/0x11,SACK,0x0010:0x03/0x07,0x0023,0x00FF",
            ),
            ("-p sctp --chunk-types any 256", "!Unknown sctp chunk `256'"),
            ("-p sctp --chunk-types any 16:U", "!Invalid flags for chunk type 16"),
            ("-p sctp --chunk-types foo DATA", "!Match type has to be one of \"ALL\", \"ANY\" or \"ONLY\""),
            ("-p sctp --chunk-types any foo", "!Unknown sctp chunk `foo'"),
            ("-p sctp --chunk-types only ALL:U", "!Unknown sctp chunk `ALL'"),
            ("-p sctp --chunk-types any ABORT:U", "!Invalid flags for chunk type 6"),
            ("-p sctp --chunk-types any DATA --chunk-types all INIT", "!Only one `--chunk-types' allowed"),
        ]);
    }
}
