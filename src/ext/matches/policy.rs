//! `policy`: the IPsec policy of a packet. `linux/netfilter/xt_policy.h`.

use crate::ext::Opt;
use crate::ext::mechanism::field::Field;
use crate::ext::prelude::*;
use crate::ext::values::choice;
use crate::types::AddrMask;

const XT_POLICY_MATCH_IN: u16 = 0x1;
const XT_POLICY_MATCH_OUT: u16 = 0x2;
const XT_POLICY_MATCH_NONE: u16 = 0x4;
const XT_POLICY_MATCH_STRICT: u16 = 0x8;
const XT_POLICY_MAX_ELEM: usize = 4;

/// The bits of `struct xt_policy_spec`.
const SADDR: u32 = 1 << 0;
const DADDR: u32 = 1 << 1;
const PROTO: u32 = 1 << 2;
const MODE: u32 = 1 << 3;
const SPI: u32 = 1 << 4;
const REQID: u32 = 1 << 5;

raw! {
    "linux/netfilter/xt_policy.h"

    struct xt_policy_elem {
        saddr: [u8; 16],
        smask: [u8; 16],
        daddr: [u8; 16],
        dmask: [u8; 16],
        spi: u32,
        reqid: u32,
        proto: u8,
        mode: u8,
        matched = "match": u8,
        invert: u8,
    }

    struct xt_policy_info {
        pol: [xt_policy_elem; XT_POLICY_MAX_ELEM],
        flags: u16,
        len: u16,
    }
}

choice! {
    /// Whether a packet is decapsulated or encapsulated.
    pub enum PolicyDir(u16) as "in|out" {
        /// The policy that was used for decapsulation.
        In = XT_POLICY_MATCH_IN => "in",
        /// The policy that will be used for encapsulation.
        Out = XT_POLICY_MATCH_OUT => "out",
    }
}

choice! {
    /// Whether IPsec applies.
    pub enum PolicyKind(u16) as "none|ipsec" {
        /// The packet is subject to IPsec.
        Ipsec = 0 => "ipsec",
        /// It is not.
        None = XT_POLICY_MATCH_NONE => "none",
    }
}

choice! {
    /// The mode of an element.
    pub enum PolicyMode(u8) as "transport|tunnel" {
        /// Transport mode.
        Transport = 0 => "transport",
        /// Tunnel mode.
        Tunnel = 1 => "tunnel",
    }
}

/// A security parameter index, printed in hexadecimal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Spi(pub u32);

impl From<u32> for Spi {
    fn from(spi: u32) -> Spi {
        Spi(spi)
    }
}

invertible!(u32 => Spi);

impl Value for Spi {
    const KIND: ValueKind = u32::KIND;
    const MAX: u64 = u32::MAX as u64;

    fn parse(input: &Input<'_>) -> Result<Spi, BadValue> {
        u32::parse(input).map(Spi)
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.hex(self.0, 0);
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(self.0.into())
    }
}

/// Declares the options of an element, and with them the type of one.
macro_rules! policy {
    ($($(#[doc = $doc:literal])* $field:ident: $ty:ident => $opt:literal $({ $($key:ident: $value:expr),* })? ;)*) => {
        /// One element of a policy.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub struct PolicyElement {
            $($(#[doc = $doc])* #[doc(alias = $opt)] pub $field: Option<Inv<$ty>>,)*
        }

        impl PolicyElement {
            /// An element that says nothing yet.
            #[must_use]
            pub fn new() -> PolicyElement {
                PolicyElement::default()
            }

            $($(#[doc = $doc])*
            #[must_use]
            pub fn $field(mut self, value: impl Into<Inv<$ty>>) -> PolicyElement {
                self.$field = Some(value.into());
                self
            })*

            /// Sets an option that is given for the first time.
            fn read(&mut self, inverted: bool, input: &Input<'_>) -> Result<(), BadValue> {
                $(if input.opt.field == stringify!($field) {
                    if self.$field.is_some() {
                        return Err(BadValue::ElementTwice);
                    }
                    self.$field.read(inverted, input)?;
                })*
                Ok(())
            }

            fn visit(&self, sink: &mut dyn Sink) {
                $(self.$field.show(opt!(PolicyMatch, $field), None, sink);)*
            }

            /// The bits of the options that are given, and of those that are inverted.
            fn bits(&self) -> [u32; 2] {
                let mut bits = [0; 2];
                $(
                    let [given, inverted] = self.$field.state();
                    bits[0] |= flag(given, opt!(PolicyMatch, $field).bit);
                    bits[1] |= flag(inverted, opt!(PolicyMatch, $field).bit);
                )*
                bits
            }
        }

        options! {
            /// Matches packets by the IPsec policy that applies to them.
            #[header("linux/netfilter/xt_policy.h")]
            #[example(
                Ipv4,
                "-m policy --dir in --pol ipsec --proto esp --mode tunnel -j ACCEPT",
                "-m policy --dir in --pol ipsec --strict --reqid 5 --spi 0x7 --proto esp --mode transport -j ACCEPT",
                "-m policy --dir out --pol ipsec --strict --mode tunnel --tunnel-src 10.1.2.3 --tunnel-dst 10.1.2.4 --next --proto esp -j ACCEPT",
                "-m policy --dir in --pol none -j DROP",
            )]
            pub match PolicyMatch {
                /// Which policy is meant.
                dir: PolicyDir => "--dir" { misread: Some("policy_match: invalid dir \"{}\"") };
                /// Whether IPsec applies; `ipsec` unless given.
                pol: PolicyKind => "--pol" { misread: Some("policy match: invalid policy \"{}\"") };
                /// The policy must have exactly these elements; otherwise the one given must be among them.
                strict: bool => "--strict";
            }
            with {
                /// The elements of the policy, at most 4.
                elements: Vec<PolicyElement>
            }
            custom {
                $($(#[doc = $doc])*
                [!] $field: $ty => $opt { repeats: true, group: Some("elements"), $($($key: $value),*)? };)*
                /// Begins the next element.
                next: bool => "--next" { repeats: true, requires: &["strict"], group: Some("elements") };
            } = PolicyMatch::set_element
        }
    };
}

policy! {
    /// The request id of the element.
    reqid: u32 => "--reqid" { bit: REQID };
    /// The security parameter index of the element.
    spi: Spi => "--spi" { bit: SPI };
    /// The protocol of the element: AH, ESP or IPComp.
    proto: Protocol => "--proto" { named: |_| ValueNames::inline(["ah", "esp", "ipcomp"]), bit: PROTO };
    /// The mode of the element.
    mode: PolicyMode => "--mode" { misread: Some("policy match: invalid mode \"{}\""), bit: MODE };
    /// The destination of the element's tunnel.
    tunnel_dst: AddrMask => "--tunnel-dst" { unnamed: true, bit: DADDR };
    /// The source of the element's tunnel.
    tunnel_src: AddrMask => "--tunnel-src" { unnamed: true, bit: SADDR };
}

pub(crate) static EXT: Extension =
    Extension::matching::<PolicyMatch>("policy").placed(Placement::NONE.checked());

impl Normal for xt_policy_info {
    fn normalize(&mut self, family: Family) {
        // Without a policy there are no elements.
        if self.flags & XT_POLICY_MATCH_NONE != 0 {
            self.len = 0;
        }
        for (at, element) in self.pol.iter_mut().enumerate() {
            if at >= usize::from(self.len) {
                *element = xt_policy_elem::new_zeroed();
            }
            normal_mask(family, &mut element.smask);
            normal_mask(family, &mut element.dmask);
        }
    }
}

impl PolicyMatch {
    /// Adds an element.
    ///
    /// ```
    /// use libfw::matches::{PolicyMatch, PolicyDir, PolicyElement, PolicyMode};
    /// use libfw::{Family, Rule};
    ///
    /// let tunnel = PolicyElement::new().mode(PolicyMode::Tunnel).reqid(7);
    /// let rule = Rule::builder().matching(PolicyMatch::new().dir(PolicyDir::In).element(tunnel)).build(Family::Ipv4)?;
    /// assert_eq!(rule.to_string(), "-m policy --dir in --pol ipsec --reqid 7 --mode tunnel");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn element(mut self, element: PolicyElement) -> PolicyMatch {
        self.elements.push(element);
        self
    }

    /// Sets an option of the last element.
    fn set_element(&mut self, _: usize, inverted: bool, input: &Input<'_>) -> Result<(), BadValue> {
        if self.elements.is_empty() {
            self.elements.push(PolicyElement::default());
        }
        if input.opt.field == "next" {
            self.elements.push(PolicyElement::default());
            return Ok(());
        }
        let Some(element) = self.elements.last_mut() else { return Ok(()) };
        element.read(inverted, input)?;
        match element.proto {
            None | Some(Inv { value: Protocol::AH | Protocol::ESP | Protocol::IPCOMP, .. }) => Ok(()),
            Some(_) => Err(BadValue::IpsecProtocol),
        }
    }
}

impl Codec for PolicyMatch {
    const REVISIONS: &'static [Revision] = &[Revision::normal::<xt_policy_info>(0)];
    const NEEDS: Option<Needs> =
        Needs::one_of(&["dir"], "policy match: neither --dir in nor --dir out specified");

    fn was_given(&mut self, opt: &'static Opt, _: &RuleContext<'_>) -> Result<()> {
        match opt.field == "next" && self.elements.len() > XT_POLICY_MAX_ELEM {
            true => Err(Misfit::PolicyElements { max: XT_POLICY_MAX_ELEM }.into()),
            false => Ok(()),
        }
    }

    fn finish(&mut self, _: u64, _: &RuleContext<'_>) -> Result<()> {
        self.pol.get_or_insert(PolicyKind::Ipsec);
        if self.pol == Some(PolicyKind::None) {
            if self.strict {
                return Err(Misfit::StrictNone.into());
            }
            return Ok(());
        }
        if self.elements.len() > XT_POLICY_MAX_ELEM {
            return Err(Misfit::PolicyElements { max: XT_POLICY_MAX_ELEM }.into());
        }
        if self.elements.is_empty() {
            self.elements.push(PolicyElement::default());
        }
        for (index, element) in self.elements.iter().enumerate() {
            if self.strict && *element == PolicyElement::default() {
                return Err(Misfit::EmptyElement { index }.into());
            }
            let tunnel = element.mode.is_some_and(|mode| (mode.value == PolicyMode::Tunnel) != mode.inverted);
            let ends =
                [("tunnel-src", element.tunnel_src.is_some()), ("tunnel-dst", element.tunnel_dst.is_some())];
            if let Some((option, _)) = ends.into_iter().find(|(_, given)| *given && !tunnel) {
                return Err(Error::from(Misfit::NoTunnel).at_option(option));
            }
        }
        Ok(())
    }

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let mut raw = xt_policy_info::new_zeroed();
        raw.flags = self.dir.map_or(0, PolicyDir::number)
            | self.pol.map_or(0, PolicyKind::number)
            | flag(self.strict, XT_POLICY_MATCH_STRICT);
        // Without a policy there is nothing to compare.
        raw.len = if self.pol == Some(PolicyKind::None) { 0 } else { self.elements.len() as u16 };
        for (to, element) in raw.pol.iter_mut().zip(&self.elements) {
            [to.matched, to.invert] = element.bits().map(|bits| bits as u8);
            to.reqid = element.reqid.unwrap_or_default().value;
            // As iptables writes it: in the order of the host.
            to.spi = element.spi.unwrap_or_default().value.0;
            to.proto = element.proto.unwrap_or_default().value.0;
            to.mode = element.mode.map_or(0, |mode| mode.value.number());
            if let Some(address) = element.tunnel_dst {
                (to.daddr, to.dmask) = address.value.union_octets();
            }
            if let Some(address) = element.tunnel_src {
                (to.saddr, to.smask) = address.value.union_octets();
            }
        }
        payload.put(&raw);
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<PolicyMatch> {
        let raw: xt_policy_info = read_raw(bytes)?;
        let malformed = || Error::from(Malformed::Overfull { what: "policy", of: "elements" });
        let elements = raw.pol.get(..raw.len.into()).ok_or_else(malformed)?;
        let elements = elements.iter().map(|element| {
            let given = Given::new(element.matched, element.invert);
            let address = |addr: &[u8], mask: &[u8]| AddrMask::from_octets(cx.family, addr, mask);
            let mode = PolicyMode::from_number(element.mode).unwrap_or(PolicyMode::Transport);
            PolicyElement {
                reqid: given.value(REQID, element.reqid),
                spi: given.value(SPI, Spi(element.spi)),
                proto: given.value(PROTO, Protocol(element.proto)),
                mode: given.value(MODE, mode),
                tunnel_dst: given.value(DADDR, address(&element.daddr, &element.dmask)),
                tunnel_src: given.value(SADDR, address(&element.saddr, &element.smask)),
            }
        });
        Ok(PolicyMatch {
            dir: Some(if raw.flags & XT_POLICY_MATCH_IN != 0 { PolicyDir::In } else { PolicyDir::Out }),
            pol: Some(if raw.flags & XT_POLICY_MATCH_NONE != 0 {
                PolicyKind::None
            } else {
                PolicyKind::Ipsec
            }),
            strict: raw.flags & XT_POLICY_MATCH_STRICT != 0,
            elements: elements.collect(),
            ..PolicyMatch::new()
        })
    }

    fn check(&self, _: &RuleContext<'_>, place: &Place<'_>) -> Result<()> {
        match self.dir {
            Some(PolicyDir::Out) => place.require("dir", HookMask::OUTGOING),
            _ => place.require("dir", HookMask::INCOMING),
        }
    }

    fn save(&self, sink: &mut dyn Sink) {
        self.visit(sink);
        for (index, element) in self.elements.iter().enumerate() {
            if index > 0 {
                sink.option(opt!(PolicyMatch, next), false, &|_| {});
            }
            element.visit(sink);
        }
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" policy match");
        out.options(self);
        for (index, element) in self.elements.iter().enumerate() {
            if self.elements.len() > 1 {
                show!(out, " [{index}]");
            }
            element.visit(&mut out.sink());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_ipv4(&[
            ("-m policy --dir in", "-m policy --dir in --pol ipsec"),
            ("-m policy --dir out --pol none", "-m policy --dir out --pol none"),
            (
                "-m policy --dir in --strict --mode tunnel --tunnel-src 10.0.0.1 --reqid 1 --next ! --proto esp --spi 5",
                "-m policy --dir in --pol ipsec --strict --reqid 1 --mode tunnel --tunnel-src 10.0.0.1 --next --spi 0x5 ! --proto esp",
            ),
            ("-m policy --pol ipsec", "!policy match: neither --dir in nor --dir out specified"),
            (
                "-m policy --dir in --reqid 1 --next --spi 2",
                "!policy: option \"--next\" also requires \"--strict\".\n",
            ),
            ("-m policy --dir in --reqid 1 --reqid 2", "!policy match: double --reqid option"),
            ("-m policy --dir in --proto tcp", "!policy match: protocol must be ah/esp/ipcomp"),
            (
                "-m policy --dir in --tunnel-src 1.2.3.4",
                "!policy match: --tunnel-src/--tunnel-dst is only valid in tunnel mode",
            ),
            ("-m policy --dir in --pol none --strict", "!policy match: policy none but --strict given"),
        ]);
        check_family(
            Family::Ipv6,
            &[
                (
                    "-m policy --dir out --pol ipsec --strict --proto esp --mode tunnel --tunnel-src ::1/128 --tunnel-dst 2001:db8::1/32 --next --mode transport",
                    "-m policy --dir out --pol ipsec --strict --proto esp --mode tunnel --tunnel-dst 2001:db8::1/32 --tunnel-src ::1 --next --mode transport",
                ),
                (
                    "-m policy --dir out --mode tunnel --tunnel-src 1.2.3.4",
                    "!getaddrinfo: Address family for hostname not supported\n",
                ),
            ],
        );
    }
}
