//! The same rule for another kernel, or for none: its extensions in other revisions, its names as numbers and back.

use std::cell::RefCell;
use std::sync::LazyLock;

use super::grammar::args::show_rule;
use super::parts::{shown_extension, too_large};
use super::{ChainName, Rule, same_extension};
use crate::Result;
use crate::blob::{Entry, ExtBytes, Header, Layout, push_extension};
use crate::ext::{self, context};
use crate::ext::{Extension, ExtensionKind, Names, RuleContext, System, index};
use crate::sys::xt::xt_align;

/// The rule with every extension in the revision that a kernel wants and with its numbers for names; the rule itself if it
/// is so already.
pub(crate) fn convert(rule: Rule, host: &System) -> Result<Rule> {
    let entry = rule.entry();
    let own = rule.view().cx();
    let to = RuleContext { names: Names::Kernel, ..context(rule.family(), entry.protocol(), host) };
    let rewritten = rewrite(entry, &own, &to).map_err(|error| show_rule(error, &rule))?;
    let Some(bytes) = rewritten else { return Ok(rule) };
    Ok(Rule::from_parts(rule.family(), bytes, rule.jump().map(Into::into), Vec::new()))
}

/// Fails unless a kernel has every match and target of a rule in the revision that it is written in.
pub(crate) fn require(rule: &Rule, host: &System) -> Result<()> {
    let entry = rule.entry();
    let matches = entry.matches().map(|part| (ExtensionKind::Match, part));
    let target = entry.verdict().is_none().then(|| (ExtensionKind::Target, entry.target()));
    let mut parts = matches.chain(target);
    let done = parts.try_for_each(|(kind, part)| host.require(entry.family, kind, part.name, part.revision));
    done.map_err(|error| show_rule(error, rule))
}

/// A copy of a rule of a kernel with names for its numbers. A number that has no name is kept as `#NUMBER`.
pub(super) fn detached(entry: Entry<'_>, jump: Option<ChainName>, host: &System) -> Rule {
    let names = RefCell::default();
    let renamed = || {
        let from = context(entry.family, entry.protocol(), host);
        let to = RuleContext { names: Names::Growing(&names), ..from };
        rewrite(entry, &from, &to).ok().flatten()
    };
    // What the library cannot read is kept as it is.
    let bytes = if has_names(entry) { renamed() } else { None };
    let bytes = bytes.unwrap_or_else(|| entry.bytes.to_vec());
    Rule::from_parts(entry.family, bytes, jump, names.into_inner())
}

/// The bytes with every extension as another context wants it; `None` if nothing changes.
fn rewrite(entry: Entry<'_>, from: &RuleContext<'_>, to: &RuleContext<'_>) -> Result<Option<Vec<u8>>> {
    let family = entry.family;
    let mut needed = false;
    for matching in entry.matches() {
        needed |= wanted(ExtensionKind::Match, matching, from, to)?.is_some();
    }
    if entry.verdict().is_none() {
        needed |= wanted(ExtensionKind::Target, entry.target(), from, to)?.is_some();
    }
    if !needed {
        return Ok(None);
    }
    let mut bytes = entry.bytes.get(..Layout::of(family).entry).unwrap_or_default().to_vec();
    for matching in entry.matches() {
        push(ExtensionKind::Match, matching, from, to, &mut bytes)?;
    }
    let target_offset = bytes.len();
    if entry.verdict().is_some() {
        bytes.extend_from_slice(entry.bytes.get(entry.target_offset()..).unwrap_or_default());
    } else {
        push(ExtensionKind::Target, entry.target(), from, to, &mut bytes)?;
    }
    Header::finish(family, &mut bytes, 0, target_offset).ok_or_else(too_large)?;
    Ok(Some(bytes))
}

/// The revision in which an extension has to be written again, if it has to and the library can.
fn wanted(
    kind: ExtensionKind,
    bytes: ExtBytes<'_>,
    from: &RuleContext<'_>,
    to: &RuleContext<'_>,
) -> Result<Option<u8>> {
    let Some(extension) = shown_extension(kind, to.family, bytes.name, bytes.revision, bytes.data) else {
        return Ok(None);
    };
    // A rule that was written for an older revision stays as it is: every newer kernel still reads it.
    let has_older = || extension.revisions_of(to.family).any(|known| known.number < bytes.revision);
    let older = match std::ptr::eq(from.host, to.host) || !has_older() {
        true => bytes.revision,
        false => to.host.revision(to.family, extension)?.min(bytes.revision),
    };
    let renamed = extension.code.named
        && !matches!((has_numbers(from), has_numbers(to)), (true, true))
        && (older < bytes.revision || is_told(kind, extension, bytes, from));
    Ok((renamed || older < bytes.revision).then_some(older))
}

/// Whether the numbers in data are the kernel's. They are in a rule without names of its own.
fn has_numbers(cx: &RuleContext<'_>) -> bool {
    matches!(cx.names, Names::Kernel) || matches!(cx.names, Names::Own(names) if names.is_empty())
}

/// Whether an extension's options tell everything about its data. Otherwise they are kept, and printed, as they are.
fn is_told(
    kind: ExtensionKind,
    extension: &'static Extension,
    bytes: ExtBytes<'_>,
    cx: &RuleContext<'_>,
) -> bool {
    let cx = RuleContext { revision: bytes.revision, ..*cx };
    tell(kind, extension, bytes, &cx, &mut Vec::new())
}

/// Appends the options of an extension as `-S` prints them; whether they tell everything about its data. If not, what was appended is
/// to be taken back.
#[inline]
pub(super) fn tell(
    kind: ExtensionKind,
    extension: &'static Extension,
    bytes: ExtBytes<'_>,
    cx: &RuleContext<'_>,
    out: &mut Vec<u8>,
) -> bool {
    let Some(end) = extension.save(bytes.data, cx, out) else { return false };
    // The kernel's data are padded.
    out.resize(end + bytes.data.len(), 0);
    let told = same_extension(kind, cx.family, bytes, ExtBytes { data: &out[end..], ..bytes });
    out.truncate(end);
    told
}

/// Appends an extension of which there are only the kernel's data. Its numbers stand beside names of the rule's own.
pub(super) fn push_data(
    kind: ExtensionKind,
    name: &[u8],
    revision: u8,
    data: &[u8],
    cx: &RuleContext<'_>,
    out: &mut Vec<u8>,
) -> Result<()> {
    // As they will be in the rule.
    let mut data = data.to_vec();
    data.resize(xt_align(data.len()), 0);
    let bytes = ExtBytes { name, revision, data: &data };
    push(kind, bytes, &RuleContext { names: Names::Kernel, ..*cx }, cx, out)
}

/// Appends an extension as another context wants it.
fn push(
    kind: ExtensionKind,
    bytes: ExtBytes<'_>,
    from: &RuleContext<'_>,
    to: &RuleContext<'_>,
    out: &mut Vec<u8>,
) -> Result<()> {
    let extension = shown_extension(kind, to.family, bytes.name, bytes.revision, bytes.data);
    match (wanted(kind, bytes, from, to)?, extension) {
        (Some(revision), Some(extension)) => {
            let name = extension.kernel_name_of(revision).as_bytes();
            let from = RuleContext { revision: bytes.revision, ..*from };
            let to = RuleContext { revision, ..*to };
            push_extension(out, name, revision, |out| extension.convert(bytes.data, &from, &to, out))
        }
        _ => push_extension(out, bytes.name, bytes.revision, |out| {
            out.extend_from_slice(bytes.data);
            Ok(())
        }),
    }?
    .ok_or_else(too_large)
}

/// Whether an extension of a rule holds a number that stands for a name.
pub(crate) fn has_names(entry: Entry<'_>) -> bool {
    // Few extensions do, and most rules have none of them.
    static NAMED: LazyLock<Vec<&[u8]>> = LazyLock::new(|| {
        let named = ext::all().filter(|extension| extension.code.named);
        named
            .flat_map(|known| [known.name].into_iter().chain(known.aliases.iter().copied()))
            .map(str::as_bytes)
            .collect()
    });
    let named = |kind, name: &[u8]| {
        NAMED.contains(&name) && index::find(kind, name, entry.family).is_some_and(|known| known.code.named)
    };
    entry.matches().any(|matching| named(ExtensionKind::Match, matching.name))
        || entry.verdict().is_none() && named(ExtensionKind::Target, entry.target().name)
}
