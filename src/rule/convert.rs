//! The same rule in the revisions of another kernel.

use super::Rule;
use super::parts::{context, shown_extension, too_large};
use crate::Result;
use crate::blob::{Core, Entry, ExtBytes, push_extension};
use crate::ext::{Cx, ExtensionKind, Host};

/// The rule with every extension in the revision that the host wants; the rule itself if they are already.
pub(crate) fn convert(rule: Rule, host: &dyn Host) -> Result<Rule> {
    let family = rule.family();
    let entry = Entry::new(family, rule.bytes());
    let cx = context(family, entry.protocol(), host);
    let mut needed = false;
    for matching in entry.matches() {
        needed |= wanted(ExtensionKind::Match, matching, &cx)?.is_some();
    }
    if entry.verdict().is_none() {
        needed |= wanted(ExtensionKind::Target, entry.target(), &cx)?.is_some();
    }
    if !needed {
        return Ok(rule);
    }
    let mut bytes = rule.bytes()[..family.layout().entry].to_vec();
    for matching in entry.matches() {
        push(ExtensionKind::Match, matching, &cx, &mut bytes)?;
    }
    let target_offset = bytes.len();
    if entry.verdict().is_some() {
        bytes.extend_from_slice(&rule.bytes()[entry.target_offset()..]);
    } else {
        push(ExtensionKind::Target, entry.target(), &cx, &mut bytes)?;
    }
    Core::finish(family, &mut bytes, 0, target_offset).ok_or_else(too_large)?;
    Ok(Rule::from_parts(family, bytes, rule.jump().map(Into::into)))
}

/// The revision that the host wants, if it is another one and the library can write it.
fn wanted(kind: ExtensionKind, bytes: ExtBytes<'_>, cx: &Cx<'_>) -> Result<Option<u8>> {
    let Some(extension) = shown_extension(kind, cx.family, bytes.name, bytes.revision, bytes.data) else {
        return Ok(None);
    };
    let revision = cx.host.revision(cx.family, extension)?;
    // A rule that was written for an older revision stays as it is: every newer kernel still reads it.
    Ok((revision < bytes.revision).then_some(revision))
}

fn push(kind: ExtensionKind, bytes: ExtBytes<'_>, cx: &Cx<'_>, out: &mut Vec<u8>) -> Result<()> {
    let extension = shown_extension(kind, cx.family, bytes.name, bytes.revision, bytes.data);
    match (wanted(kind, bytes, cx)?, extension) {
        (Some(revision), Some(extension)) => {
            let name = extension.kernel_name_of(revision).as_bytes();
            let cx = Cx { revision: bytes.revision, ..*cx };
            push_extension(out, name, revision, |out| {
                (extension.code.convert)(bytes.data, &cx, revision, out)
            })
        }
        _ => push_extension(out, bytes.name, bytes.revision, |out| {
            out.extend_from_slice(bytes.data);
            Ok(())
        }),
    }?
    .ok_or_else(too_large)
}
