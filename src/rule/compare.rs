//! When two rules are the same.

use crate::blob::{Core, Entry, ExtBytes};
use crate::ext::{ExtensionKind, index};
use crate::types::{Family, Interface};

/// Whether two entries mean the same to the kernel. Jumps are compared by `jump_a` and `jump_b`, whatever the bytes say.
pub(crate) fn same(a: Entry<'_>, jump_a: Option<&[u8]>, b: Entry<'_>, jump_b: Option<&[u8]>) -> bool {
    let layout = a.family.layout();
    if a.family != b.family || a.bytes.len() != b.bytes.len() || !same_ip(a, b) {
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

/// The header: addresses, interfaces, protocol and flags. Of interface names only what lies under the mask counts, and
/// asking for any protocol or interface is the same as not asking.
fn same_ip(a: Entry<'_>, b: Entry<'_>) -> bool {
    if a.ip() == b.ip() {
        return true;
    }
    let core = |entry: Entry<'_>| {
        let mut core = Core { asks_protocol: false, ..entry.core() };
        for interface in [&mut core.input.value, &mut core.output.value] {
            if interface.is_any() {
                *interface = Interface::default();
            }
        }
        core
    };
    // Addresses and their masks, before the interfaces, differ most often and always count.
    let addresses = a.family.layout().interfaces;
    a.ip().get(..addresses) == b.ip().get(..addresses) && core(a) == core(b)
}

/// Name and data; of the data what the extension declares as the rule's own.
fn same_extension(kind: ExtensionKind, family: Family, a: ExtBytes<'_>, b: ExtBytes<'_>) -> bool {
    if a.name != b.name || a.data.len() != b.data.len() || a.revision != b.revision {
        return false;
    }
    if a.data == b.data {
        return true;
    }
    let Some(extension) = index::find(kind, a.name, family) else { return false };
    let Some(revision) = extension.revision(family, a.revision) else { return false };
    let compared = family.pick(revision.compared[0], revision.compared[1]).min(a.data.len());
    let number = revision.number;
    let (a, b) = (&a.data[..compared], &b.data[..compared]);
    match extension.code.normalize {
        None => a == b,
        Some(normalize) => {
            let (mut a, mut b) = (a.to_vec(), b.to_vec());
            normalize(family, number, &mut a);
            normalize(family, number, &mut b);
            a == b
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Family, Rule};

    #[test]
    fn any_interface_is_none() {
        let rule = |line: &str| Rule::parse(Family::Ipv4, line).unwrap();
        assert_eq!(rule("-i + -o + -j ACCEPT"), rule("-j ACCEPT"));
        assert_ne!(rule("! -i + -j ACCEPT"), rule("-j ACCEPT"));
        assert_ne!(rule("-i eth+ -j ACCEPT"), rule("-i eth -j ACCEPT"));
    }
}
