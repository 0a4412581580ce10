//! What a match or target is, whatever object stands for it.

use libfw::ext::Extension;
use libfw::{MatchRef, TargetRef, Verdict};

use super::words::{self, Given};

/// What a match or target is.
#[derive(Clone)]
pub(super) enum Content {
    /// An extension that libfw knows, with the options that were given.
    Known { extension: &'static Extension, given: Vec<Given> },
    /// One that libfw does not know: its name, revision and data.
    Opaque { name: Vec<u8>, revision: u8, data: Vec<u8> },
    /// A verdict or a chain; the empty name is for no verdict.
    Standard { name: Vec<u8>, goto: bool },
}

/// What a match or target of a rule is.
pub(super) fn content_of(part: &MatchRef<'_>) -> Content {
    if let (Some(extension), Ok(printed)) = (part.extension(), part.printed()) {
        let given = printed.into_iter().filter_map(|option| {
            let opt = extension.options.iter().find(|opt| opt.name == option.name)?;
            Some(Given { opt, name: opt.name, inverted: option.inverted, value: option.value })
        });
        return Content::Known { extension, given: given.collect() };
    }
    Content::Opaque {
        name: part.kernel_name().to_vec(),
        revision: part.revision(),
        data: part.data().to_vec(),
    }
}

/// What the target of a rule is.
pub(super) fn target_content(target: &TargetRef<'_>) -> Content {
    match target {
        TargetRef::None => Content::Standard { name: Vec::new(), goto: false },
        TargetRef::Verdict(verdict) => Content::Standard { name: verdict.name().into(), goto: false },
        TargetRef::Jump(chain) => Content::Standard { name: chain.to_vec(), goto: false },
        TargetRef::Goto(chain) => Content::Standard { name: chain.to_vec(), goto: true },
        TargetRef::Extension(part) => content_of(part),
    }
}

impl Content {
    pub(super) fn name(&self) -> &[u8] {
        match self {
            Content::Known { extension, .. } => extension.name.as_bytes(),
            Content::Opaque { name, .. } | Content::Standard { name, .. } => name,
        }
    }

    pub(super) fn to_match(&self) -> libfw::Result<libfw::Match> {
        match self {
            Content::Known { extension, given } => {
                libfw::Match::from_options(extension.name, words::filled(extension, given))
            }
            Content::Opaque { name, revision, data } => {
                libfw::Match::opaque(&String::from_utf8_lossy(name), *revision, data)
            }
            Content::Standard { name, .. } => libfw::Match::from_options(&String::from_utf8_lossy(name), []),
        }
    }

    /// The target; nothing for one without a verdict.
    pub(super) fn to_target(&self) -> libfw::Result<Option<libfw::Target>> {
        Ok(Some(match self {
            Content::Known { extension, given } => {
                libfw::Target::from_options(extension.name, words::filled(extension, given))?
            }
            Content::Opaque { name, revision, data } => {
                libfw::Target::opaque(&String::from_utf8_lossy(name), *revision, data)?
            }
            Content::Standard { name, .. } if name.is_empty() => return Ok(None),
            Content::Standard { name, goto: true } => libfw::Target::goto(name),
            Content::Standard { name, goto: false } => match verdict(name) {
                Some(verdict) => verdict.into(),
                None => libfw::Target::jump(name),
            },
        }))
    }
}

pub(super) fn verdict(name: &[u8]) -> Option<Verdict> {
    [Verdict::Accept, Verdict::Drop, Verdict::Queue, Verdict::Return]
        .into_iter()
        .find(|verdict| verdict.name().as_bytes() == name)
}
