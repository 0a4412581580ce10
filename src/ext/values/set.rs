//! References to ipsets. `linux/netfilter/xt_set.h`, `linux/netfilter/ipset/ip_set.h`.

use std::borrow::Cow;
use std::str::FromStr;

use crate::ext::prelude::*;
use crate::ext::values::choice;
use crate::sys::ipset::{IPSET_INVALID_ID, IPSET_MAXNAMELEN};
use crate::types::KernelString;
use crate::types::opaque;
use crate::types::text::{breaks_line, word};

/// How many directions an entry can have.
const IPSET_DIM_MAX: usize = 6;

raw! {
    "linux/netfilter/xt_set.h"

    /// The kernel's reference, since revision 1 of the match and target.
    struct xt_set_info {
        index: u16,
        dim: u8,
        flags: u8,
    }

    /// Revision 0: one number for each direction.
    struct xt_set_info_v0 {
        index: u16,
        _padding: [u8; 2],
        flags = "u.flags": [u32; 7],
    }
}

/// Flags of revision 0.
const IPSET_SRC: u32 = 0x01;
const IPSET_DST: u32 = 0x02;
const IPSET_MATCH_INV: u32 = 0x04;

choice! {
    /// A side of the packet.
    pub enum SetDir(u32) {
        /// The source.
        Src = IPSET_SRC => "src",
        /// The destination.
        Dst = IPSET_DST => "dst",
    }
}

impl FromStr for SetDir {
    type Err = Error;

    fn from_str(text: &str) -> Result<SetDir> {
        SetDir::by_name(text.as_bytes()).ok_or_else(|| Error::none_of(SetDir::NAMES, text))
    }
}

/// An ipset and the sides of the packet that are looked up in it.
///
/// Written `NAME src,dst`: the name of the set and a side for each part of its entries.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SetRef {
    name: SetName,
    dirs: Vec<SetDir>,
}

/// The kernel refers to sets by index; the name is looked up when a rule meets the kernel, or is shown.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum SetName {
    Name(KernelString<IPSET_MAXNAMELEN>),
    Index(u16),
}

impl SetRef {
    /// The set of that name, and a side for each part of its entries.
    ///
    /// ```
    /// use libfw::ext::values::{SetDir, SetRef};
    ///
    /// let set = SetRef::new("banned", [SetDir::Src]);
    /// assert_eq!(set.dirs(), [SetDir::Src]);
    /// ```
    #[must_use]
    pub fn new(name: &str, dirs: impl IntoIterator<Item = SetDir>) -> SetRef {
        SetRef { name: SetName::Name(name.into()), dirs: dirs.into_iter().collect() }
    }

    /// The set at an index of the kernel.
    ///
    /// ```
    /// use libfw::ext::values::{SetDir, SetRef};
    ///
    /// assert_eq!(SetRef::by_index(3, [SetDir::Src]).dirs(), [SetDir::Src]);
    /// ```
    #[must_use]
    pub fn by_index(index: u16, dirs: impl IntoIterator<Item = SetDir>) -> SetRef {
        SetRef { name: SetName::Index(index), dirs: dirs.into_iter().collect() }
    }

    /// The name of the set; nothing for one that is known by its index.
    ///
    /// ```
    /// use libfw::ext::values::{SetDir, SetRef};
    ///
    /// assert_eq!(SetRef::new("banned", [SetDir::Src]).name().as_deref(), Some("banned"));
    /// ```
    #[must_use]
    pub fn name(&self) -> Option<Cow<'_, str>> {
        match &self.name {
            SetName::Name(name) => Some(name.to_text()),
            SetName::Index(_) => None,
        }
    }

    /// The sides, one for each part of the set's entries.
    ///
    /// ```
    /// use libfw::ext::values::{SetDir, SetRef};
    ///
    /// assert_eq!(SetRef::new("pairs", [SetDir::Src, SetDir::Dst]).dirs().len(), 2);
    /// ```
    #[must_use]
    pub fn dirs(&self) -> &[SetDir] {
        &self.dirs
    }

    /// The kernel's reference, which an option gives.
    pub(crate) fn to_raw(&self, option: &'static str, cx: &RuleContext<'_>) -> Result<xt_set_info> {
        self.read_raw(option, cx).map_err(|error| error.at_option(option))
    }

    fn read_raw(&self, option: &'static str, cx: &RuleContext<'_>) -> Result<xt_set_info> {
        if self.dirs.is_empty() || self.dirs.len() > IPSET_DIM_MAX {
            return Err(Misfit::Sides { max: IPSET_DIM_MAX }.into());
        }
        let index = match (&self.name, cx.names) {
            (SetName::Name(name), Names::Growing(names)) => {
                fits(option, name)?;
                Names::place(names, name.as_bytes())
            }
            (SetName::Index(index), Names::Growing(names)) => Names::place(names, &name_of(*index, cx)),
            (SetName::Name(name), Names::Own(names)) => {
                let place = names.iter().position(|known| **known == *name.as_bytes());
                place.map_or_else(|| look_up(option, name, cx), |place| Ok(place as u16))?
            }
            (SetName::Name(name), _) => look_up(option, name, cx)?,
            (SetName::Index(index), _) => *index,
        };
        let sources = self.dirs.iter().enumerate().filter(|(_, dir)| **dir == SetDir::Src);
        let flags = sources.fold(0, |flags, (at, _)| flags | 1 << (at + 1));
        Ok(xt_set_info { index, dim: self.dirs.len() as u8, flags })
    }

    /// The reference in the kernel's form; nothing where there is none.
    pub(crate) fn from_raw(raw: &xt_set_info, cx: &RuleContext<'_>) -> Option<SetRef> {
        if raw.index == IPSET_INVALID_ID {
            return None;
        }
        let side = |at: usize| if raw.flags & 1 << (at + 1) != 0 { SetDir::Src } else { SetDir::Dst };
        let dirs = (0..usize::from(raw.dim).min(IPSET_DIM_MAX)).map(side).collect();
        let name = match cx.names {
            Names::Own(names) => {
                names.get(usize::from(raw.index)).map(|name| SetName::Name(KernelString::new(name)))
            }
            _ => None,
        };
        Some(SetRef { name: name.unwrap_or(SetName::Index(raw.index)), dirs })
    }

    /// No set.
    pub(crate) const NONE: xt_set_info = xt_set_info { index: IPSET_INVALID_ID, dim: 0, flags: 0 };
}

impl Normal for xt_set_info_v0 {
    /// The kernel keeps something behind the sides.
    fn normalize(&mut self, _: Family) {
        self.flags[IPSET_DIM_MAX..].fill(0);
    }
}

impl xt_set_info_v0 {
    /// Revision 0 of a reference.
    pub(crate) fn from_new(raw: &xt_set_info, inverted: bool) -> xt_set_info_v0 {
        let mut old = xt_set_info_v0 { index: raw.index, _padding: [0; 2], flags: [0; 7] };
        for at in 0..usize::from(raw.dim) {
            old.flags[at] = if raw.flags & 1 << (at + 1) != 0 { IPSET_SRC } else { IPSET_DST };
        }
        old.flags[0] |= flag(inverted, IPSET_MATCH_INV);
        old
    }

    /// The reference in the newer form, and whether it is inverted.
    pub(crate) fn to_new(self) -> (xt_set_info, bool) {
        let mut raw = xt_set_info { index: self.index, dim: 0, flags: 0 };
        for (at, flags) in self.flags.iter().take(IPSET_DIM_MAX).enumerate() {
            if flags & (IPSET_SRC | IPSET_DST) == 0 {
                break;
            }
            raw.dim += 1;
            raw.flags |= flag(flags & IPSET_SRC != 0, 1 << (at + 1));
        }
        (raw, self.flags[0] & IPSET_MATCH_INV != 0)
    }
}

/// The index of a set that the rule's family can use.
fn look_up(option: &'static str, name: &KernelString<IPSET_MAXNAMELEN>, cx: &RuleContext<'_>) -> Result<u16> {
    fits(option, name)?;
    let shown = name.to_text().into_owned();
    let found = match by_number(name.as_bytes()) {
        None => cx.host.set_by_name(name.as_bytes())?,
        // A set may have such a name.
        Some(info) => cx.host.set_by_name(name.as_bytes()).ok().flatten().or(Some(info)),
    };
    let Some(info) = found else {
        return Err(Error::from(Misfit::NoSet { name: shown.clone() }).at_token(shown));
    };
    const NFPROTO_UNSPEC: u8 = 0;
    const NFPROTO_IPV4: u8 = 2;
    if info.family == cx.family.pick(NFPROTO_IPV4, 10) || info.family == NFPROTO_UNSPEC {
        return Ok(info.index);
    }
    let family = if info.family == NFPROTO_IPV4 { Family::Ipv4 } else { Family::Ipv6 };
    Err(Error::from(Misfit::SetFamily { name: shown.clone(), family }).at_token(shown))
}

/// The name of the set at an index of the kernel.
fn name_of(index: u16, cx: &RuleContext<'_>) -> Vec<u8> {
    match cx.host.set_by_index(index) {
        Ok(Some(name)) => name,
        _ => format!("#{index}").into_bytes(),
    }
}

/// Prints the name of a set: in quotes where a save file needs them, in hexadecimal where they do not do.
fn print_name(out: &mut Printer<'_>, name: &[u8]) {
    if out.style != Style::Save {
        return out.text(name);
    }
    if breaks_line(name) || std::str::from_utf8(name).is_err() {
        let mut field = [0; IPSET_MAXNAMELEN];
        field.iter_mut().zip(name).for_each(|(to, from)| *to = *from);
        opaque::print_name(out.out, &field);
    } else {
        word(out.out, name);
    }
}

/// `#INDEX`, as a set is shown whose name the kernel does not tell.
fn by_number(name: &[u8]) -> Option<crate::ext::SetInfo> {
    let number = std::str::from_utf8(name).ok()?.strip_prefix('#')?;
    Some(crate::ext::SetInfo { index: number.parse().ok()?, family: 0 })
}

impl Value for SetRef {
    const KIND: ValueKind = ValueKind::text("NAME src|dst[,...]");
    const WORDS: u8 = 2;
    const EXACT: bool = true;

    fn parse(input: &Input<'_>) -> Result<SetRef, BadValue> {
        let [name, dirs] = input.words;
        let field = opaque::read_name::<IPSET_MAXNAMELEN>(name);
        let name = match &field {
            Some(field) => field.split(|byte| *byte == 0).next().unwrap_or_default(),
            None => name,
        };
        if name.len() >= IPSET_MAXNAMELEN {
            let max = IPSET_MAXNAMELEN - 1;
            return Err(BadValue::SetName { name: input.shown(), max });
        }
        let mut sides = Vec::new();
        for dir in dirs.split(|byte| *byte == b',') {
            if sides.len() == IPSET_DIM_MAX {
                return Err(BadValue::SetSides { max: IPSET_DIM_MAX });
            }
            sides.push(match dir {
                b"src" => SetDir::Src,
                b"dst" => SetDir::Dst,
                _ => return Err(BadValue::SetSide),
            });
        }
        Ok(SetRef { name: SetName::Name(KernelString::new(name)), dirs: sides })
    }

    fn print(&self, out: &mut Printer<'_>) {
        match &self.name {
            SetName::Name(name) => print_name(out, name.as_bytes()),
            SetName::Index(index) => print_name(out, &name_of(*index, out.cx)),
        }
        for (at, dir) in self.dirs.iter().enumerate() {
            out.text(if at == 0 { " " } else { "," });
            out.text(dir.name());
        }
    }

    fn datum(&self, cx: &RuleContext<'_>) -> Option<Datum> {
        let name = match &self.name {
            SetName::Name(name) => name.as_bytes().to_vec(),
            SetName::Index(index) => name_of(*index, cx).to_vec(),
        };
        let dir = |dir: &SetDir| dir.name();
        Some(Datum::List(vec![Datum::Text(name), Datum::Names(self.dirs.iter().map(dir).collect())]))
    }
}
