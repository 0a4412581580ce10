//! `AUDIT`: a record for the audit daemon. `linux/netfilter/xt_AUDIT.h`.

use crate::ext::prelude::*;
use crate::ext::values::choice;

raw! {
    "linux/netfilter/xt_AUDIT.h"

    struct xt_audit_info {
        kind = "type": u8,
    }
}

choice! {
    /// What is said to happen to the packet.
    pub enum AuditType(u8) as "TYPE" in any case {
        /// It is accepted.
        Accept = 0 => "accept",
        /// It is dropped.
        Drop = 1 => "drop",
        /// It is rejected.
        Reject = 2 => "reject",
    }
}

options! {
    /// Writes an audit record about the packet and goes on with the next rule.
    #[header("linux/netfilter/xt_AUDIT.h")]
    #[example(Ipv4, "-p tcp --dport 23 -j AUDIT --type drop")]
    pub target Audit {
        /// What the record says; what happens to the packet is up to the rules that follow.
        kind: AuditType => "--type" { required: true, misread: Some("Bad action type value \"{}\"") };
    }
}

pub(crate) static EXT: Extension = Extension::target::<Audit>("AUDIT");

impl Codec for Audit {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_audit_info>(0)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        payload.put(&xt_audit_info { kind: self.kind.unwrap_or(AuditType::Accept).number() });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Audit> {
        let raw: xt_audit_info = read_raw(bytes)?;
        match AuditType::from_number(raw.kind) {
            Some(kind) => Ok(Audit { kind: Some(kind), ..Audit::new() }),
            None => Err(Malformed::Unknown { what: "type", number: raw.kind.into() }.into()),
        }
    }

    fn list(&self, out: &mut List<'_>) {
        show!(out, " AUDIT {}", self.kind.unwrap_or(AuditType::Accept));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-j AUDIT --type accept", "-j AUDIT --type accept"),
            ("-j AUDIT --type DROP", "-j AUDIT --type drop"),
            ("-j AUDIT --type Reject", "-j AUDIT --type reject"),
            ("-j AUDIT", "!AUDIT: option \"--type\" must be specified\n"),
            ("-j AUDIT --type foo", "!Bad action type value \"foo\""),
        ]);
    }
}
