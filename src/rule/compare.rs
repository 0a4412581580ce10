//! When two rules are the same, and the key of a rule: bytes that two rules share exactly when they are the same.

use std::hash::Hasher;

use crate::blob::{Entry, ExtBytes, Header, Layout, u64_at};
use crate::ext::{ExtensionKind, NORMALIZED_MAX, Revision, index};
use crate::sys::xt::IFNAMSIZ;
use crate::types::{Family, Interface};

/// Whether two entries mean the same to the kernel. Jumps are compared by `jump_a` and `jump_b`, whatever the bytes say.
#[inline]
pub(crate) fn same(a: Entry<'_>, jump_a: Option<&[u8]>, b: Entry<'_>, jump_b: Option<&[u8]>) -> bool {
    // Most rules differ in their addresses, which begin an entry.
    let alike = a.bytes.len() == b.bytes.len() && u64_at(a.bytes, 0) == u64_at(b.bytes, 0);
    alike && same_behind(a, jump_a, b, jump_b)
}

/// The same for entries of one size that begin with the same addresses.
fn same_behind(a: Entry<'_>, jump_a: Option<&[u8]>, b: Entry<'_>, jump_b: Option<&[u8]>) -> bool {
    let layout = Layout::of(a.family);
    if a.family != b.family || !same_ip(a, b) {
        return false;
    }
    if jump_a != jump_b || a.target_offset() != b.target_offset() {
        return false;
    }
    // The usual case: equal to the last byte behind the header, the verdict of a jump excepted.
    let at = a.target_offset();
    if a.bytes.get(layout.entry..at) != b.bytes.get(layout.entry..at) {
        let mut left = a.matches();
        let mut right = b.matches();
        loop {
            match (left.next(), right.next()) {
                (None, None) => break,
                (Some(left), Some(right)) if same_extension(ExtensionKind::Match, a.family, left, right) => {}
                _ => return false,
            }
        }
    }
    match (a.verdict(), b.verdict()) {
        (Some(left), Some(right)) => jump_a.is_some() || left == right,
        (None, None) => same_extension(ExtensionKind::Target, a.family, a.target(), b.target()),
        _ => false,
    }
}

/// Writes the key of an entry: what [`same`] compares, and nothing else. No key is the beginning of another.
pub(crate) fn write_key(entry: Entry<'_>, jump: Option<&[u8]>, key: &mut impl Hasher) {
    let header = header(entry);
    let interfaces = [&header.input.value, &header.output.value].map(Interface::as_bytes);
    let fragment = header.fragment.map_or(0, |first| 1 + u64::from(first));
    let parts = [
        (2, entry.family as u64),
        (1, header.goto.into()),
        (1, header.odd.into()),
        (2, fragment),
        (5, interfaces[0].len() as u64),
        (5, interfaces[1].len() as u64),
        (8, header.invflags().into()),
        (8, header.protocol.value.0.into()),
        (16, entry.target_offset() as u64),
        (16, entry.bytes.len() as u64),
    ];
    key.write_u64(parts.into_iter().fold(0, |word, (bits, part)| word << bits | part));
    if header.odd {
        key.write(entry.ip());
    }
    key.write(entry.ip().get(..Layout::of(entry.family).interfaces).unwrap_or_default());
    interfaces.into_iter().filter(|name| !name.is_empty()).for_each(|name| key.write(name));
    for matching in entry.matches() {
        write_extension(ExtensionKind::Match, entry.family, matching, key);
    }
    // The number of matches follows from where the target begins.
    match (jump, entry.verdict()) {
        (Some(chain), _) => {
            key.write_u64(1 << 32 | chain.len() as u64);
            key.write(chain);
        }
        (None, Some(verdict)) => key.write_u64(2 << 32 | u64::from(verdict.raw() as u32)),
        (None, None) => key.write_u64(3 << 32),
    }
    if entry.verdict().is_none() {
        write_extension(ExtensionKind::Target, entry.family, entry.target(), key);
    }
}

/// Writes something of an entry that is equal where [`same`] says so, in few steps: the flags of its header and the names of its
/// matches and target may differ. `recent` makes it quick for one entry after the other.
pub(crate) fn write_sketch<'a>(
    entry: Entry<'a>,
    jump: Option<u32>,
    recent: &mut Recent<'a>,
    key: &mut impl Hasher,
) {
    let (bytes, layout) = (entry.bytes, Layout::of(entry.family));
    key.write(bytes.get(..layout.interfaces).unwrap_or_default());
    // The interfaces' names, under the masks behind them.
    let masks = layout.interfaces + 2 * IFNAMSIZ;
    let words = (layout.interfaces..masks).step_by(size_of::<u64>());
    let names = words.map(|at| u64_at(bytes, at) & u64_at(bytes, at + 2 * IFNAMSIZ));
    key.write_u64(names.fold(0, |all, name| all.rotate_left(23).wrapping_mul(5) ^ name));
    let protocol = bytes.get(layout.protocol).copied().unwrap_or_default();
    let verdict = jump.unwrap_or_else(|| entry.verdict().map_or(0, |verdict| verdict.raw() as u32));
    let sizes = (bytes.len() as u64) << 16 | entry.target_offset() as u64;
    key.write_u64(sizes << 40 | u64::from(protocol) << 32 | u64::from(verdict));
    let mut write = |kind, part: ExtBytes<'a>| {
        let revision = recent.revision(kind, entry.family, part);
        key.write(counted_by(revision, entry.family, part.data, &mut None));
    };
    entry.matches().for_each(|part| write(ExtensionKind::Match, part));
    if entry.verdict().is_none() {
        write(ExtensionKind::Target, entry.target());
    }
}

/// The matches and targets that were met last, and the layout of each one's data.
#[derive(Default)]
pub(crate) struct Recent<'a> {
    met: [Option<(Head<'a>, Option<&'static Revision>)>; 4],
    next: usize,
}

/// Kind, name and revision.
type Head<'a> = (ExtensionKind, &'a [u8], u8);

impl<'a> Recent<'a> {
    /// All are of one family.
    fn revision(
        &mut self,
        kind: ExtensionKind,
        family: Family,
        part: ExtBytes<'a>,
    ) -> Option<&'static Revision> {
        let head = (kind, part.name, part.revision);
        if let Some((_, revision)) = self.met.iter().flatten().find(|(met, _)| *met == head) {
            return *revision;
        }
        let revision = revision_of(kind, family, part);
        self.met[self.next] = Some((head, revision));
        self.next = (self.next + 1) % self.met.len();
        revision
    }
}

/// The header: addresses, interfaces, protocol and flags.
fn same_ip(a: Entry<'_>, b: Entry<'_>) -> bool {
    if a.ip() == b.ip() {
        return true;
    }
    // Addresses and their masks, before the interfaces, differ most often and always count.
    let addresses = Layout::of(a.family).interfaces;
    a.ip().get(..addresses) == b.ip().get(..addresses) && same_header(header(a), header(b))
}

/// Whether the fields are equal and tell everything.
fn same_header(a: Header, b: Header) -> bool {
    a == b && !a.odd
}

/// The header without what does not count: of interface names all but what lies under the mask, and whether any
/// protocol or interface was asked for.
pub(super) fn header(entry: Entry<'_>) -> Header {
    let mut header = Header { asks_protocol: false, ..entry.header() };
    for interface in [&mut header.input.value, &mut header.output.value] {
        if interface.is_any() {
            *interface = Interface::default();
        }
    }
    header
}

/// Name and data; of the data what the extension declares as the rule's own.
pub(crate) fn same_extension(kind: ExtensionKind, family: Family, a: ExtBytes<'_>, b: ExtBytes<'_>) -> bool {
    if a.name != b.name || a.data.len() != b.data.len() || a.revision != b.revision {
        return false;
    }
    if a.data == b.data {
        return true;
    }
    let mut buffers = [None; 2];
    let [left, right] = &mut buffers;
    counted(kind, family, a, left) == counted(kind, family, b, right)
}

fn write_extension(kind: ExtensionKind, family: Family, written: ExtBytes<'_>, key: &mut impl Hasher) {
    let (name, size) = (written.name.len() as u64, written.data.len() as u64);
    key.write_u64(name << 24 | size << 8 | u64::from(written.revision));
    key.write(written.name);
    key.write(counted(kind, family, written, &mut None));
}

/// The bytes of an extension's data that make the rule what it is, as they count.
fn counted<'a>(
    kind: ExtensionKind,
    family: Family,
    written: ExtBytes<'a>,
    buffer: &'a mut Option<[u8; NORMALIZED_MAX]>,
) -> &'a [u8] {
    counted_by(revision_of(kind, family, written), family, written.data, buffer)
}

/// The layout of an extension's data.
fn revision_of(kind: ExtensionKind, family: Family, written: ExtBytes<'_>) -> Option<&'static Revision> {
    index::find(kind, written.name, family)?.revision(family, written.revision)
}

/// The same for data of a layout. All bytes count of what is not known.
fn counted_by<'a>(
    revision: Option<&'static Revision>,
    family: Family,
    data: &'a [u8],
    buffer: &'a mut Option<[u8; NORMALIZED_MAX]>,
) -> &'a [u8] {
    let Some(revision) = revision else { return data };
    let data = &data[..family.pick(revision.compared[0], revision.compared[1]).min(data.len())];
    let Some(normalize) = revision.normalize else { return data };
    match buffer.insert([0; NORMALIZED_MAX]).get_mut(..data.len()) {
        None => data,
        Some(normal) => {
            normal.copy_from_slice(data);
            normalize(family, normal);
            normal
        }
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{DefaultHasher, Hasher};

    use super::{Recent, same, write_sketch};
    use crate::blob::{Entry, Layout};
    use crate::{Family, Rule};

    fn sketch<'a>(entry: Entry<'a>, recent: &mut Recent<'a>) -> u64 {
        let mut state = DefaultHasher::new();
        write_sketch(entry, None, recent, &mut state);
        state.finish()
    }

    /// Where the data of an extension are among the bytes of an entry, and the header: what says where things are is left out.
    fn places(entry: Entry<'_>) -> Vec<usize> {
        let start = entry.bytes.as_ptr().addr();
        let parts = entry.matches().chain([entry.target()]);
        let data = parts.flat_map(|part| {
            part.data.as_ptr_range().start.addr() - start..part.data.as_ptr_range().end.addr() - start
        });
        (0..Layout::of(entry.family).ip).chain(data).collect()
    }

    /// Where equal rules had other sketches, an index would not find them.
    #[test]
    fn equal_rules_have_one_sketch() {
        let corpus = include_str!("../../tests/rules.txt").lines().filter(|line| !line.starts_with('#'));
        let lines = corpus
            .map(|line| line.trim_start_matches('~'))
            .flat_map(|line| [line.to_owned(), format!("-i eth+ -o lo {line}")]);
        let rules = lines.flat_map(|line| {
            [Family::Ipv4, Family::Ipv6].into_iter().filter_map(move |family| Rule::parse(family, &line).ok())
        });
        let (mut same_ones, mut others) = (0, 0);
        for rule in rules {
            let entry = rule.entry();
            for at in places(entry) {
                let mut bytes = entry.bytes.to_vec();
                bytes[at] ^= 1 << (at % 8);
                let other = Entry { bytes: &bytes, ..entry };
                if same(entry, None, other, None) {
                    let mut recent = Recent::default();
                    assert_eq!(sketch(entry, &mut recent), sketch(other, &mut recent), "{rule}: byte {at}");
                    same_ones += 1;
                } else {
                    others += 1;
                }
            }
        }
        assert!(same_ones > 1_000 && others > 10_000, "{same_ones} {others}");
    }

    #[test]
    fn any_interface_is_none() {
        let rule = |line: &str| Rule::parse(Family::Ipv4, line).unwrap();
        assert_eq!(rule("-i + -o + -j ACCEPT"), rule("-j ACCEPT"));
        assert_ne!(rule("! -i + -j ACCEPT"), rule("-j ACCEPT"));
        assert_ne!(rule("-i eth+ -j ACCEPT"), rule("-i eth -j ACCEPT"));
    }
}
