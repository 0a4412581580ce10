//! Objects of the kernel that rules name: which there are, and what it means when the kernel does not know one.

use super::Table;
use super::shared::{ESTIMATES, Names, is_maker};
use crate::error::Failure;
use crate::ext::{Datum, ExtensionKind, ObjectKind, OptionDatum};
use crate::rule::MatchRef;
use crate::{Error, Result};

/// What names an object: match or target, option, and what it is the name of.
const OBJECTS: [(ExtensionKind, &str, &str, ObjectKind); 10] = [
    (ExtensionKind::Match, "string", "algo", ObjectKind::Algorithm),
    (ExtensionKind::Target, "CT", "timeout", ObjectKind::Timeout),
    (ExtensionKind::Target, "CT", "helper", ObjectKind::Helper),
    (ExtensionKind::Match, "rateest", "rateest1", ObjectKind::Estimator),
    (ExtensionKind::Match, "rateest", "rateest2", ObjectKind::Estimator),
    (ExtensionKind::Match, "rateest", "rateest", ObjectKind::Estimator),
    (ExtensionKind::Match, "nfacct", "nfacct-name", ObjectKind::Accounting),
    (ExtensionKind::Match, "cgroup", "path", ObjectKind::ControlGroup),
    (ExtensionKind::Match, "bpf", "object-pinned", ObjectKind::Program),
    (ExtensionKind::Target, "SECMARK", "selctx", ObjectKind::SecurityContext),
];

/// What makes something with a name that others may use, with the same settings: match or target, and the option of the name. All else
/// that the kernel has against them is found out before.
const MADE: [(&str, &str); 3] =
    [(ESTIMATES, "rateest-name"), ("IDLETIMER", "label"), ("hashlimit", "hashlimit-name")];

/// An object that a part of a rule names.
struct Named {
    kind: ObjectKind,
    option: &'static str,
    name: String,
}

impl Named {
    /// The error of an object that is not there.
    fn missing(self, error: Error) -> Error {
        let Named { kind, option, name } = self;
        error
            .becomes(Failure::NoObject { what: kind.said(), name: name.clone() })
            .at_option(option)
            .at_token(name)
    }
}

/// The error number of the kernel for one that is not there.
fn errno(kind: ObjectKind) -> i32 {
    if kind == ObjectKind::ControlGroup { libc::EINVAL } else { libc::ENOENT }
}

/// Whether a match or target that the kernel knows by a name may name objects, or makes one that others may name.
pub(super) fn names_objects(kernel_name: &[u8]) -> bool {
    is_maker(kernel_name) || OBJECTS.iter().any(|(_, name, ..)| name.as_bytes() == kernel_name)
}

/// The objects that a part of a rule names.
fn named(part: &MatchRef<'_>) -> Vec<Named> {
    // Of what is not to be tracked the kernel looks at nothing else.
    let untracked = |values: Vec<OptionDatum>| values.iter().any(|value| value.opt.name == "notrack");
    if part.kernel_name() == b"CT" && part.values().is_ok_and(untracked) {
        return Vec::new();
    }
    let named = |(of, name, option, kind): &(ExtensionKind, &str, &'static str, ObjectKind)| {
        if *of != part.kind() || name.as_bytes() != part.kernel_name() {
            return None;
        }
        // Without a name there is none, but a search has an algorithm.
        let name = text_of(part, option).filter(|name| !name.is_empty() || *kind == ObjectKind::Algorithm)?;
        Some(Named { kind: *kind, option, name })
    };
    OBJECTS.iter().filter_map(named).collect()
}

/// What a part of a rule makes: the option of its name, and the name.
pub(super) fn made(part: &MatchRef<'_>) -> Option<(&'static str, String)> {
    let (_, option) = MADE.iter().find(|(name, _)| name.as_bytes() == part.kernel_name())?;
    Some((*option, text_of(part, option)?))
}

/// The error of a name that something with other settings has.
pub(super) fn in_use(error: Error, option: &'static str, name: String) -> Error {
    error.becomes(Failure::NameInUse { name: name.clone() }).at_option(option).at_token(name)
}

/// What an option of a part says, or `None` for all of them.
pub(super) fn settings(part: &MatchRef<'_>, option: Option<&str>) -> Option<Vec<Datum>> {
    let values = part.values().ok()?.into_iter();
    let wanted = values.filter(|value| option.is_none_or(|option| value.opt.name == option));
    Some(wanted.map(|value| value.value).collect())
}

/// The text of an option that a part has.
pub(super) fn text_of(part: &MatchRef<'_>, option: &str) -> Option<String> {
    let values = part.values().ok()?;
    values.into_iter().find_map(|value| match value.value {
        Datum::Text(text) if value.opt.name == option => Some(String::from_utf8_lossy(&text).into_owned()),
        _ => None,
    })
}

impl Table {
    /// Fails if a part of a rule names an object that is known not to be there; `names` has those that rules make.
    pub(super) fn check_objects(&self, part: &MatchRef<'_>, names: &mut Names<'_>) -> Result<()> {
        for named in named(part) {
            let there = self.system().has_object(named.kind, named.name.as_bytes())?;
            if there == Some(false)
                && !(named.kind == ObjectKind::Estimator && names.has_estimator(&named.name))
            {
                let error = Error::from(Failure::Lacking)
                    .because(std::io::Error::from_raw_os_error(errno(named.kind)));
                return Err(named.missing(error));
            }
        }
        Ok(())
    }

    /// What is meant by the kernel's answer to a part of a rule.
    pub(super) fn reason(&self, error: Error, part: &MatchRef<'_>) -> Error {
        let Some(extension) = part.extension() else {
            return error.in_extension(String::from_utf8_lossy(part.name()).into_owned());
        };
        let error = match error.errno() {
            Some(libc::ERANGE) => {
                let burst = if extension.name == "hashlimit" { "hashlimit-burst" } else { "limit-burst" };
                error.becomes(Failure::Overflow).at_option(burst)
            }
            Some(libc::ENOENT) if self.system().lacks(self.family, extension) => {
                error.becomes(Failure::NoExtension { kind: extension.kind.name() })
            }
            Some(number) => {
                match (named(part).into_iter().find(|named| errno(named.kind) == number), made(part)) {
                    (Some(named), _) => named.missing(error),
                    (None, Some((option, name))) if number == libc::EINVAL => in_use(error, option, name),
                    _ => error,
                }
            }
            None => error,
        };
        error.in_extension(extension.name)
    }
}
