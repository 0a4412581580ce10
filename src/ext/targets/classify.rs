//! `CLASSIFY`: the class in which a packet is queued. `linux/netfilter/xt_CLASSIFY.h`.

use std::fmt;

use crate::ext::prelude::*;

raw! {
    "linux/netfilter/xt_CLASSIFY.h"

    struct xt_classify_target_info {
        priority: u32,
    }
}

/// A class of the traffic control: two numbers, written in hexadecimal as `MAJOR:MINOR`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ClassId {
    /// The queueing discipline.
    pub major: u16,
    /// The class in it.
    pub minor: u16,
}

impl From<(u16, u16)> for ClassId {
    fn from((major, minor): (u16, u16)) -> ClassId {
        ClassId { major, minor }
    }
}

impl fmt::Display for ClassId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}:{:x}", self.major, self.minor)
    }
}

impl ClassId {
    fn read(text: &[u8]) -> Option<ClassId> {
        let (major, minor) = std::str::from_utf8(text).ok()?.split_once(':')?;
        let number = |text: &str| {
            let digits = text.strip_prefix("0x").or(text.strip_prefix("0X")).unwrap_or(text);
            let digits = digits.starts_with(|digit: char| digit.is_ascii_hexdigit()).then_some(digits)?;
            u16::from_str_radix(digits, 16).ok()
        };
        Some(ClassId { major: number(major)?, minor: number(minor)? })
    }
}

impl Value for ClassId {
    const KIND: ValueKind = ValueKind::text("MAJOR:MINOR");

    fn parse(input: &Input<'_>) -> Result<ClassId, BadValue> {
        ClassId::read(input.text()).ok_or(BadValue::Class)
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.text(match out.cx.family {
            Family::Arp => self.to_string(),
            _ => format!("{:04x}:{:04x}", self.major, self.minor),
        });
    }
}

options! {
    /// Puts the packet into a class of the queueing discipline at its interface, and goes on with the next rule.
    #[header("linux/netfilter/xt_CLASSIFY.h")]
    #[example(Ipv4, "-o eth0 -p tcp --sport 80 -j CLASSIFY --set-class 1:20")]
    pub target Classify {
        /// The class.
        set_class: ClassId => "--set-class" { required: true };
    }
}

pub(crate) static EXT: Extension = Extension::target::<Classify>("CLASSIFY")
    .families(Families::All)
    .placed(Placement::NONE.hooks(HookMask::OUTGOING));

impl Codec for Classify {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_classify_target_info>(0)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let ClassId { major, minor } = self.set_class.unwrap_or_default();
        payload.put(&xt_classify_target_info { priority: u32::from(major) << 16 | u32::from(minor) });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Classify> {
        let raw: xt_classify_target_info = read_raw(bytes)?;
        let class = ClassId { major: (raw.priority >> 16) as u16, minor: raw.priority as u16 };
        Ok(Classify { set_class: Some(class), ..Classify::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        show!(out, " CLASSIFY set {}", self.set_class.unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-j CLASSIFY --set-class 1:2", "-j CLASSIFY --set-class 0001:0002"),
            ("-j CLASSIFY --set-class 0x10:010", "-j CLASSIFY --set-class 0010:0010"),
            ("-j CLASSIFY --set-class ABCD:Ef", "-j CLASSIFY --set-class abcd:00ef"),
            ("-j CLASSIFY", "!CLASSIFY: option \"--set-class\" must be specified\n"),
            ("-j CLASSIFY --set-class 1", "!Bad class value \"1\""),
            ("-j CLASSIFY --set-class 1:", "!Bad class value \"1:\""),
            ("-j CLASSIFY --set-class 10000:0", "!Bad class value \"10000:0\""),
            ("-j CLASSIFY --set-class 1:+2", "!Bad class value \"1:+2\""),
        ]);
    }
}
