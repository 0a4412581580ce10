//! `cgroup`: the control group of the socket. `linux/netfilter/xt_cgroup.h`.

use crate::ext::prelude::*;
use crate::types::KernelString;

const PATH_MAX: usize = 4096;
const XT_CGROUP_PATH_MAX: usize = 512;

raw! {
    "linux/netfilter/xt_cgroup.h"

    /// The union holds a path or, in its first bytes, a class.
    struct xt_cgroup_info_v2 {
        has_path: u8,
        has_classid: u8,
        invert_path: u8,
        invert_classid: u8,
        path: [u8; XT_CGROUP_PATH_MAX],
        _padding: [u8; 4];
        kernel:
        state = "priv": u64,
    }

    struct xt_cgroup_info_v1 {
        has_path: u8,
        has_classid: u8,
        invert_path: u8,
        invert_classid: u8,
        path: [u8; PATH_MAX],
        classid: u32;
        kernel:
        state = "priv": u64,
    }

    struct xt_cgroup_info_v0 {
        id: u32,
        invert: u32,
    }
}

options! {
    /// Matches packets by the control group of the process whose socket they belong to.
    ///
    /// One of `--path` and `--cgroup` must be given.
    #[header("linux/netfilter/xt_cgroup.h")]
    #[example(Ipv4, "-m cgroup --path system.slice/sshd.service -j ACCEPT")]
    pub match Cgroup {
        /// The group in the unified hierarchy, version 2; groups below it match too. It must exist when the rule is
        /// loaded.
        [!] path: KernelString<PATH_MAX> => "--path";
        /// The class of the `net_cls` controller, version 1.
        [!] cgroup: u32 => "--cgroup";
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Cgroup>("cgroup")
    .placed(Placement::NONE.hooks(HookMask::of(&[Hook::Input, Hook::Output, Hook::Postrouting])).checked());

impl Codec for Cgroup {
    const REVISIONS: &'static [Revision] = &[
        Revision::new::<xt_cgroup_info_v2>(2),
        Revision::new::<xt_cgroup_info_v1>(1),
        Revision::new::<xt_cgroup_info_v0>(0),
    ];

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let path = self.path.unwrap_or_default();
        let cgroup = self.cgroup.unwrap_or_default();
        fits("path", &path.value)?;
        match cx.revision {
            2.. => {
                let mut union = KernelString::<XT_CGROUP_PATH_MAX>::new(path.value.as_bytes());
                fits("path", &union)?;
                if self.cgroup.is_some() {
                    union = KernelString::new(&cgroup.value.to_ne_bytes());
                }
                payload.put(&xt_cgroup_info_v2 {
                    has_path: self.path.is_some().into(),
                    has_classid: self.cgroup.is_some().into(),
                    invert_path: path.inverted.into(),
                    invert_classid: cgroup.inverted.into(),
                    path: union.array(),
                    _padding: [0; 4],
                    state: 0,
                });
            }
            1 => payload.put(&xt_cgroup_info_v1 {
                has_path: self.path.is_some().into(),
                has_classid: self.cgroup.is_some().into(),
                invert_path: path.inverted.into(),
                invert_classid: cgroup.inverted.into(),
                path: path.value.array(),
                classid: cgroup.value,
                state: 0,
            }),
            0 if self.path.is_some() => return Err(needs_revision(1, cx)),
            0 => payload.put(&xt_cgroup_info_v0 { id: cgroup.value, invert: cgroup.inverted.into() }),
        }
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Cgroup> {
        let given = |given: u8, inverted: u8| (given != 0).then_some(inverted != 0);
        let (path, cgroup) = match cx.revision {
            2.. => {
                let raw: xt_cgroup_info_v2 = read_raw(bytes)?;
                let [a, b, c, d, ..] = raw.path;
                (
                    given(raw.has_path, raw.invert_path)
                        .map(|not| Inv::new(not, KernelString::from_array(&raw.path))),
                    given(raw.has_classid, raw.invert_classid)
                        .map(|not| Inv::new(not, u32::from_ne_bytes([a, b, c, d]))),
                )
            }
            1 => {
                let raw: xt_cgroup_info_v1 = read_raw(bytes)?;
                (
                    given(raw.has_path, raw.invert_path)
                        .map(|not| Inv::new(not, KernelString::from_array(&raw.path))),
                    given(raw.has_classid, raw.invert_classid).map(|not| Inv::new(not, raw.classid)),
                )
            }
            0 => {
                let raw: xt_cgroup_info_v0 = read_raw(bytes)?;
                (None, Some(Inv::new(raw.invert != 0, raw.id)))
            }
        };
        Ok(Cgroup { path, cgroup, ..Cgroup::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        if let Some(Inv { inverted, value }) = &self.path {
            out.text(if *inverted { " cgroup ! " } else { " cgroup " });
            out.text(value.as_bytes());
        }
        if let Some(class) = self.cgroup {
            show!(out, " cgroup {class}");
        }
    }

    fn check(&self, _: &RuleContext<'_>, _: &Place<'_>) -> Result<()> {
        match (&self.path, &self.cgroup) {
            (Some(_), None) | (None, Some(_)) => Ok(()),
            (None, None) => Err(Refused::NeedsOneOf(&["path", "cgroup"]).into()),
            (Some(_), Some(_)) => Err(Refused::Together("path", "cgroup").into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-m cgroup --cgroup 0x10", "-m cgroup --cgroup 16"),
            ("-m cgroup ! --cgroup 0", "-m cgroup ! --cgroup 0"),
            ("-m cgroup --path user", "-m cgroup --path user"),
            ("-m cgroup ! --path a/b", "-m cgroup ! --path \"a/b\""),
            (
                "-m cgroup --cgroup 4294967296",
                "!cgroup: bad value for option \"--cgroup\", or out of range (0-4294967295).\n",
            ),
        ]);
    }

    #[test]
    fn a_path_that_is_too_long_is_an_error() {
        let rule =
            |len| crate::Rule::builder().matching(Cgroup::new().path("x".repeat(len))).build(Family::Ipv4);
        assert!(rule(511).is_ok());
        assert!(rule(512).is_err());
    }
}
