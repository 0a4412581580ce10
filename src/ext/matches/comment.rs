//! `comment`: a note. `linux/netfilter/xt_comment.h`.

use crate::ext::prelude::*;
use crate::types::KernelString;

const XT_MAX_COMMENT_LEN: usize = 256;

raw! {
    "linux/netfilter/xt_comment.h"

    struct xt_comment_info {
        comment: [u8; XT_MAX_COMMENT_LEN],
    }
}

options! {
    /// Matches always; carries a note about the rule.
    #[header("linux/netfilter/xt_comment.h")]
    #[example(Ipv4, "-s 10.0.0.0/8 -m comment --comment \"the office\" -j ACCEPT")]
    pub match Comment {
        /// The note, at most 255 bytes.
        comment: KernelString<XT_MAX_COMMENT_LEN> => "--comment" { required: true };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Comment>("comment");

impl Codec for Comment {
    const REVISIONS: &'static [Revision] =
        &[Revision::new::<xt_comment_info>(0).plain(&[Plain::text("comment", 0, XT_MAX_COMMENT_LEN)])];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let comment = self.comment.unwrap_or_default();
        fits("comment", &comment)?;
        payload.put(&xt_comment_info { comment: comment.array() });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Comment> {
        let raw: xt_comment_info = read_raw(bytes)?;
        Ok(Comment { comment: Some(KernelString::from_array(&raw.comment)), ..Comment::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" /* ");
        out.text(self.comment.unwrap_or_default().as_bytes());
        out.text(" */");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-m comment --comment foo", "-m comment --comment foo"),
            (r#"-m comment --comment "a \"b\"'c\\""#, r#"-m comment --comment "a \"b\"\'c\\""#),
            (r#"-m comment --comment """#, r#"-m comment --comment """#),
            ("-m comment", "!comment: option \"--comment\" must be specified\n"),
        ]);
    }

    #[test]
    fn a_comment_that_is_too_long_is_an_error() {
        let rule = |len| {
            crate::Rule::builder().matching(Comment::new().comment("x".repeat(len))).build(Family::Ipv4)
        };
        assert!(rule(255).is_ok());
        let error = rule(256).unwrap_err();
        assert_eq!(error.to_string(), "comment: --comment: 256 bytes are too long, at most 255 fit");
    }
}
