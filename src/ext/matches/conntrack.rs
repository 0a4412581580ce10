//! `conntrack`: the state of the connection. `linux/netfilter/xt_conntrack.h`.

use zerocopy::native_endian::U32;

use super::state;
use crate::ext::prelude::*;
use crate::ext::values::{ProtocolNumber, by_beginning, choice, flags, print_names, read_names};
use crate::types::{AddrMask, PortRange, Span};

const XT_CONNTRACK_STATE: u32 = 1 << 0;
const XT_CONNTRACK_PROTO: u32 = 1 << 1;
const XT_CONNTRACK_ORIGSRC: u32 = 1 << 2;
const XT_CONNTRACK_ORIGDST: u32 = 1 << 3;
const XT_CONNTRACK_REPLSRC: u32 = 1 << 4;
const XT_CONNTRACK_REPLDST: u32 = 1 << 5;
const XT_CONNTRACK_STATUS: u32 = 1 << 6;
const XT_CONNTRACK_EXPIRES: u32 = 1 << 7;
const XT_CONNTRACK_ORIGSRC_PORT: u32 = 1 << 8;
const XT_CONNTRACK_ORIGDST_PORT: u32 = 1 << 9;
const XT_CONNTRACK_REPLSRC_PORT: u32 = 1 << 10;
const XT_CONNTRACK_REPLDST_PORT: u32 = 1 << 11;
const XT_CONNTRACK_DIRECTION: u32 = 1 << 12;
const XT_CONNTRACK_STATE_ALIAS: u32 = 1 << 13;

raw! {
    "linux/netfilter/xt_conntrack.h"

    struct xt_conntrack_mtinfo3 {
        base = "origsrc_addr": xt_conntrack_base,
        state_mask: u16,
        status_mask: u16,
        origsrc_port_high: u16,
        origdst_port_high: u16,
        replsrc_port_high: u16,
        repldst_port_high: u16,
        _padding: [u8; 2],
    }

    /// Revision 2: ports in network order, without ranges.
    struct xt_conntrack_mtinfo2 {
        base = "origsrc_addr": xt_conntrack_base,
        state_mask: u16,
        status_mask: u16,
        _padding: [u8; 2],
    }

    /// Revision 1: masks of 8 bits.
    struct xt_conntrack_mtinfo1 {
        base = "origsrc_addr": xt_conntrack_base,
        state_mask: u8,
        status_mask: u8,
    }

    old:
    /// The fields with which every revision begins. Not a structure of the kernel, which has no padding behind them.
    struct xt_conntrack_base {
        origsrc_addr: [u8; 16],
        origsrc_mask: [u8; 16],
        origdst_addr: [u8; 16],
        origdst_mask: [u8; 16],
        replsrc_addr: [u8; 16],
        replsrc_mask: [u8; 16],
        repldst_addr: [u8; 16],
        repldst_mask: [u8; 16],
        expires_min: U32,
        expires_max: U32,
        l4proto: u16,
        origsrc_port: u16,
        origdst_port: u16,
        replsrc_port: u16,
        repldst_port: u16,
        match_flags: u16,
        invert_flags: u16,
    }

    /// Revision 0, for IPv4 alone: without ports and direction. Of the tuples only addresses and protocol count.
    struct xt_conntrack_info {
        statemask: u32,
        statusmask: u32,
        tuple: [ip_conntrack_old_tuple; 2],
        sipmsk: [[u8; 4]; 2],
        dipmsk: [[u8; 4]; 2],
        expires_min: u64,
        expires_max: u64,
        flags: u8,
        invflags: u8,
        _padding: [u8; 6],
    }

    struct ip_conntrack_old_tuple {
        src: [u8; 4],
        src_all: u16,
        _padding: [u8; 2],
        dst: [u8; 4],
        dst_all: u16,
        protonum: u16,
    }
}

/// An IPv4 address from its union and back.
fn narrow([a, b, c, d, ..]: [u8; 16]) -> [u8; 4] {
    [a, b, c, d]
}

fn wide([a, b, c, d]: [u8; 4]) -> [u8; 16] {
    [a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
}

impl xt_conntrack_info {
    /// Everything in the form of revision 0; `None` if it has no place for it.
    fn new(base: &xt_conntrack_base, state_mask: u16, status_mask: u16) -> Option<xt_conntrack_info> {
        let tuple = |src, dst, protonum| ip_conntrack_old_tuple {
            src: narrow(src),
            dst: narrow(dst),
            protonum,
            ..ip_conntrack_old_tuple::new_zeroed()
        };
        Some(xt_conntrack_info {
            statemask: state_mask.into(),
            statusmask: status_mask.into(),
            tuple: [
                tuple(base.origsrc_addr, base.origdst_addr, base.l4proto),
                tuple(base.replsrc_addr, base.repldst_addr, 0),
            ],
            sipmsk: [narrow(base.origsrc_mask), narrow(base.replsrc_mask)],
            dipmsk: [narrow(base.origdst_mask), narrow(base.repldst_mask)],
            expires_min: base.expires_min.into(),
            expires_max: base.expires_max.into(),
            flags: base.match_flags.try_into().ok()?,
            invflags: base.invert_flags.try_into().ok()?,
            _padding: [0; 6],
        })
    }

    /// What revision 0 holds, in the form of the others.
    fn base(&self) -> xt_conntrack_base {
        let [original, reply] = self.tuple;
        xt_conntrack_base {
            origsrc_addr: wide(original.src),
            origsrc_mask: wide(self.sipmsk[0]),
            origdst_addr: wide(original.dst),
            origdst_mask: wide(self.dipmsk[0]),
            replsrc_addr: wide(reply.src),
            replsrc_mask: wide(self.sipmsk[1]),
            repldst_addr: wide(reply.dst),
            repldst_mask: wide(self.dipmsk[1]),
            expires_min: U32::new(u32::try_from(self.expires_min).unwrap_or(u32::MAX)),
            expires_max: U32::new(u32::try_from(self.expires_max).unwrap_or(u32::MAX)),
            l4proto: original.protonum,
            match_flags: self.flags.into(),
            invert_flags: self.invflags.into(),
            ..xt_conntrack_base::new_zeroed()
        }
    }
}

flags! {
    /// States of a connection.
    pub struct CtState(u16) as "STATE[,...]" by CtState::read_list {
        /// The packet belongs to no known connection.
        INVALID = 1 << 0 => "INVALID",
        /// The packet begins a connection.
        NEW = 1 << 3 => "NEW",
        /// The packet begins a connection that another one led to expect, or is an ICMP error about one.
        RELATED = 1 << 2 => "RELATED",
        /// The connection has seen packets in both directions.
        ESTABLISHED = 1 << 1 => "ESTABLISHED",
        /// The packet is exempted from tracking; see the target CT.
        UNTRACKED = 1 << 8 => "UNTRACKED",
        /// The source address was translated.
        SNAT = 1 << 6 => "SNAT",
        /// The destination address was translated.
        DNAT = 1 << 7 => "DNAT",
    }
}

impl CtState {
    /// The states that the match `state` knows.
    pub(super) const OF_STATE: CtState = CtState(0x10f);

    /// Reads states; any beginning of a name will do.
    pub(super) fn read(input: &Input<'_>, allowed: CtState) -> Result<CtState, BadValue> {
        read_names(input.text(), |name, rest| {
            by_beginning(CtState::NAMES, name)
                .map(|index| CtState::BITS[index])
                .filter(|state| allowed.contains(*state))
                .ok_or_else(|| {
                    if rest.is_empty() && input.opt.name == "state" {
                        return BadValue::NoState;
                    }
                    BadValue::State { names: allowed.names().collect(), part: shown(rest) }
                })
        })
    }

    /// Every state that conntrack has.
    fn read_list(input: &Input<'_>) -> Result<CtState, BadValue> {
        CtState::read(input, CtState(u16::MAX))
    }
}

flags! {
    /// What has happened to a connection.
    pub struct CtStatus(u16) {
        /// The connection was expected by another one.
        EXPECTED = 1 << 0 => "EXPECTED",
        /// Packets were seen in both directions.
        SEEN_REPLY = 1 << 1 => "SEEN_REPLY",
        /// The connection is not to be dropped early.
        ASSURED = 1 << 2 => "ASSURED",
        /// The first packet has left the host.
        CONFIRMED = 1 << 3 => "CONFIRMED",
    }
}

impl CtStatus {
    /// Nothing of all this.
    pub const NONE: CtStatus = CtStatus(0);
}

impl Value for CtStatus {
    const KIND: ValueKind =
        ValueKind { choices: CtStatus::NAMES, ..ValueKind::new(Form::List, "STATUS[,...]") };

    fn parse(input: &Input<'_>) -> Result<CtStatus, BadValue> {
        read_names(input.text(), |name, rest| {
            if by_beginning(&["NONE"], name).is_some() {
                return Ok(CtStatus::NONE);
            }
            by_beginning(CtStatus::NAMES, name)
                .map(|index| CtStatus::BITS[index])
                .ok_or_else(|| BadValue::Status { names: CtStatus::NAMES, part: shown(rest) })
        })
    }

    fn print(&self, out: &mut Printer<'_>) {
        if self.0 == 0 {
            return out.text("NONE");
        }
        print_names(out, self.names());
    }
}

choice! {
    /// The direction of a packet within its connection.
    pub enum CtDir(u8) as "ORIGINAL|REPLY" in any case {
        /// As the first packet.
        Original = 0 => "ORIGINAL",
        /// The other way.
        Reply = 1 => "REPLY",
    }
}

options! {
    /// Matches packets by what is known of their connection.
    #[header("linux/netfilter/xt_conntrack.h")]
    #[example(
        Ipv4,
        "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        "-m conntrack --ctstate NEW --ctorigsrc 10.1.2.3 --ctorigdstport 80 -j ACCEPT",
        "-m conntrack --ctstate DNAT --ctproto tcp --ctexpire 0:60 -j LOG",
    )]
    pub match Conntrack {
        /// The state of the connection.
        [!] state / ctstate: CtState => "--ctstate" { bit: XT_CONNTRACK_STATE };
        /// The protocol of the connection.
        [!] proto / ctproto: ProtocolNumber => "--ctproto" { bit: XT_CONNTRACK_PROTO };
        /// The source address of the first packet.
        [!] orig_src / ctorigsrc: AddrMask => "--ctorigsrc" { bit: XT_CONNTRACK_ORIGSRC };
        /// The destination address of the first packet.
        [!] orig_dst / ctorigdst: AddrMask => "--ctorigdst" { bit: XT_CONNTRACK_ORIGDST };
        /// The source address of replies.
        [!] repl_src / ctreplsrc: AddrMask => "--ctreplsrc" { bit: XT_CONNTRACK_REPLSRC };
        /// The destination address of replies.
        [!] repl_dst / ctrepldst: AddrMask => "--ctrepldst" { bit: XT_CONNTRACK_REPLDST };
        /// The source port of the first packet.
        [!] orig_src_port / ctorigsrcport: PortRange => "--ctorigsrcport" { bit: XT_CONNTRACK_ORIGSRC_PORT };
        /// The destination port of the first packet.
        [!] orig_dst_port / ctorigdstport: PortRange => "--ctorigdstport" { bit: XT_CONNTRACK_ORIGDST_PORT };
        /// The source port of replies.
        [!] repl_src_port / ctreplsrcport: PortRange => "--ctreplsrcport" { bit: XT_CONNTRACK_REPLSRC_PORT };
        /// The destination port of replies.
        [!] repl_dst_port / ctrepldstport: PortRange => "--ctrepldstport" { bit: XT_CONNTRACK_REPLDST_PORT };
        /// What has happened to the connection.
        [!] status / ctstatus: CtStatus => "--ctstatus" { bit: XT_CONNTRACK_STATUS };
        /// The seconds until the connection is forgotten.
        [!] expire / ctexpire: Span<u32> => "--ctexpire" { bit: XT_CONNTRACK_EXPIRES };
        /// The direction of the packet.
        dir / ctdir: CtDir => "--ctdir" { bit: XT_CONNTRACK_DIRECTION };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Conntrack>("conntrack")
    .shows_alias(|bytes, _| is_state_alias(bytes).then_some(&state::EXT));

impl Normal for xt_conntrack_base {
    fn normalize(&mut self, family: Family) {
        normal_mask(family, &mut self.origsrc_mask);
        normal_mask(family, &mut self.origdst_mask);
        normal_mask(family, &mut self.replsrc_mask);
        normal_mask(family, &mut self.repldst_mask);
    }
}

impl Normal for xt_conntrack_mtinfo3 {
    fn normalize(&mut self, family: Family) {
        self.base.normalize(family);
    }
}

impl Normal for xt_conntrack_mtinfo2 {
    fn normalize(&mut self, family: Family) {
        self.base.normalize(family);
    }
}

impl Normal for xt_conntrack_mtinfo1 {
    fn normalize(&mut self, family: Family) {
        self.base.normalize(family);
    }
}

/// Whether the match was written as `state`.
fn is_state_alias(bytes: &[u8]) -> bool {
    read_raw::<xt_conntrack_base>(bytes)
        .is_ok_and(|base| u32::from(base.match_flags) & XT_CONNTRACK_STATE_ALIAS != 0)
}

/// The data of `-m state`: a `conntrack` that knows under which name it was written.
pub(super) fn encode_state(
    state: Inv<CtState>,
    cx: &RuleContext<'_>,
    payload: &mut Payload<'_>,
) -> Result<()> {
    let mut base = xt_conntrack_base::new_zeroed();
    base.match_flags = (XT_CONNTRACK_STATE | XT_CONNTRACK_STATE_ALIAS) as u16;
    base.invert_flags = flag(state.inverted, XT_CONNTRACK_STATE as u16);
    put(&base, state.value.0, 0, [0; 4], cx, payload)
}

/// The states in the data of a `conntrack`.
pub(super) fn decode_state(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Inv<CtState>> {
    let (base, state_mask, _, _) = get(cx, bytes)?;
    let inverted = u32::from(base.invert_flags) & XT_CONNTRACK_STATE != 0;
    Ok(Inv::new(inverted, CtState(state_mask)))
}

/// The four ports of a connection: original source and destination, reply source and destination.
type Ports = [u16; 4];

const PORT_FLAGS: [u32; 4] = [
    XT_CONNTRACK_ORIGSRC_PORT,
    XT_CONNTRACK_ORIGDST_PORT,
    XT_CONNTRACK_REPLSRC_PORT,
    XT_CONNTRACK_REPLDST_PORT,
];

impl xt_conntrack_base {
    fn ports(&self) -> Ports {
        [self.origsrc_port, self.origdst_port, self.replsrc_port, self.repldst_port]
    }

    fn set_ports(&mut self, ports: Ports) {
        [self.origsrc_port, self.origdst_port, self.replsrc_port, self.repldst_port] = ports;
    }
}

/// Writes the revision of the context.
fn put(
    base: &xt_conntrack_base,
    state_mask: u16,
    status_mask: u16,
    high: Ports,
    cx: &RuleContext<'_>,
    payload: &mut Payload<'_>,
) -> Result<()> {
    if cx.revision == 0 {
        let Some(raw) = xt_conntrack_info::new(base, state_mask, status_mask) else {
            return Err(needs_revision(1, cx));
        };
        payload.put(&raw);
        return Ok(());
    }
    let mut base = *base;
    if cx.revision >= 3 {
        let [origsrc_port_high, origdst_port_high, replsrc_port_high, repldst_port_high] = high;
        payload.put(&xt_conntrack_mtinfo3 {
            base,
            state_mask,
            status_mask,
            origsrc_port_high,
            origdst_port_high,
            replsrc_port_high,
            repldst_port_high,
            _padding: [0; 2],
        });
        return Ok(());
    }
    let mut ports = base.ports().into_iter().zip(high).zip(PORT_FLAGS);
    if ports.any(|((low, high), bit)| u32::from(base.match_flags) & bit != 0 && low != high) {
        return Err(needs_revision(3, cx));
    }
    base.set_ports(base.ports().map(u16::to_be));
    match (cx.revision, u8::try_from(state_mask), u8::try_from(status_mask)) {
        (2, _, _) => payload.put(&xt_conntrack_mtinfo2 { base, state_mask, status_mask, _padding: [0; 2] }),
        (_, Ok(state_mask), Ok(status_mask)) => {
            payload.put(&xt_conntrack_mtinfo1 { base, state_mask, status_mask });
        }
        _ => return Err(needs_revision(2, cx)),
    }
    Ok(())
}

/// Reads the revision of the context.
fn get(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<(xt_conntrack_base, u16, u16, Ports)> {
    if cx.revision >= 3 {
        let raw: xt_conntrack_mtinfo3 = read_raw(bytes)?;
        let high =
            [raw.origsrc_port_high, raw.origdst_port_high, raw.replsrc_port_high, raw.repldst_port_high];
        return Ok((raw.base, raw.state_mask, raw.status_mask, high));
    }
    if cx.revision == 0 {
        let raw: xt_conntrack_info = read_raw(bytes)?;
        return Ok((raw.base(), raw.statemask as u16, raw.statusmask as u16, [0; 4]));
    }
    let (mut base, state_mask, status_mask) = if cx.revision == 2 {
        let raw: xt_conntrack_mtinfo2 = read_raw(bytes)?;
        (raw.base, raw.state_mask, raw.status_mask)
    } else {
        let raw: xt_conntrack_mtinfo1 = read_raw(bytes)?;
        (raw.base, raw.state_mask.into(), raw.status_mask.into())
    };
    base.set_ports(base.ports().map(u16::from_be));
    Ok((base, state_mask, status_mask, base.ports()))
}

impl Codec for Conntrack {
    const REVISIONS: &'static [Revision] = &[
        Revision::normal::<xt_conntrack_mtinfo3>(3),
        Revision::normal::<xt_conntrack_mtinfo2>(2),
        Revision::normal::<xt_conntrack_mtinfo1>(1),
        Revision::new::<xt_conntrack_info>(0).only(Families::Ipv4),
    ];
    const NEEDS: Option<Needs> = Needs::any(&[], "conntrack: At least one option is required");

    fn finish(&mut self, _: u64, _: &RuleContext<'_>) -> Result<()> {
        if let Some(proto) = self.proto.filter(|proto| proto.value.0 == Protocol::ANY) {
            return Err(Error::from(Misfit::NoProtocol { inverted: proto.inverted }).at_option("ctproto"));
        }
        Ok(())
    }

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let mut raw = xt_conntrack_base::new_zeroed();
        let [given, inverted] = self.bits();
        raw.match_flags = given as u16;
        raw.invert_flags = (inverted | flag(self.dir == Some(CtDir::Reply), XT_CONNTRACK_DIRECTION)) as u16;
        let state = self.state.unwrap_or_default();
        let proto = self.proto.unwrap_or_default();
        let status = self.status.unwrap_or_default();
        let expire = self.expire.unwrap_or_default();
        let ports = [self.orig_src_port, self.orig_dst_port, self.repl_src_port, self.repl_dst_port];
        let ports = ports.map(|ports| ports.map_or(PortRange { min: 0, max: 0 }, |ports| ports.value));
        raw.l4proto = proto.value.0.0.into();
        (raw.expires_min, raw.expires_max) = (expire.value.min.into(), expire.value.max.into());
        (raw.origsrc_addr, raw.origsrc_mask) = octets(self.orig_src);
        (raw.origdst_addr, raw.origdst_mask) = octets(self.orig_dst);
        (raw.replsrc_addr, raw.replsrc_mask) = octets(self.repl_src);
        (raw.repldst_addr, raw.repldst_mask) = octets(self.repl_dst);
        raw.set_ports(ports.map(|ports| ports.min));
        put(&raw, state.value.0, status.value.0, ports.map(|ports| ports.max), cx, payload)
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Conntrack> {
        let (raw, state_mask, status_mask, high) = get(cx, bytes)?;
        let given = Given::new(raw.match_flags, raw.invert_flags);
        let address = |addr: &[u8], mask: &[u8]| AddrMask::from_octets(cx.family, addr, mask);
        let low = raw.ports();
        let ports = |at: usize| given.value(PORT_FLAGS[at], PortRange { min: low[at], max: high[at] });
        let expire = Span { min: raw.expires_min.get(), max: raw.expires_max.get() };
        Ok(Conntrack {
            state: given.value(XT_CONNTRACK_STATE, CtState(state_mask)),
            proto: given.value(XT_CONNTRACK_PROTO, ProtocolNumber(Protocol(raw.l4proto as u8))),
            orig_src: given.value(XT_CONNTRACK_ORIGSRC, address(&raw.origsrc_addr, &raw.origsrc_mask)),
            orig_dst: given.value(XT_CONNTRACK_ORIGDST, address(&raw.origdst_addr, &raw.origdst_mask)),
            repl_src: given.value(XT_CONNTRACK_REPLSRC, address(&raw.replsrc_addr, &raw.replsrc_mask)),
            repl_dst: given.value(XT_CONNTRACK_REPLDST, address(&raw.repldst_addr, &raw.repldst_mask)),
            orig_src_port: ports(0),
            orig_dst_port: ports(1),
            repl_src_port: ports(2),
            repl_dst_port: ports(3),
            status: given.value(XT_CONNTRACK_STATUS, CtStatus(status_mask)),
            expire: given.value(XT_CONNTRACK_EXPIRES, expire),
            dir: given
                .inverted(XT_CONNTRACK_DIRECTION)
                .map(|reply| if reply { CtDir::Reply } else { CtDir::Original }),
            ..Conntrack::new()
        })
    }

    fn list(&self, out: &mut List<'_>) {
        out.options(self);
    }
}

/// Address and mask in the kernel's unions.
fn octets(address: Option<Inv<AddrMask>>) -> ([u8; 16], [u8; 16]) {
    address.map_or(([0; 16], [0; 16]), |inv| inv.value.union_octets())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check_ipv4(&[
            ("-m conntrack --ctstate new,EST", "-m conntrack --ctstate NEW,ESTABLISHED"),
            ("-m conntrack ! --ctstate INVALID,DNAT", "-m conntrack ! --ctstate INVALID,DNAT"),
            (
                "-m conntrack --ctdir reply --ctproto tcp --ctorigdstport 6:7 ! --ctrepldst 1.2.3.4/8",
                "-m conntrack --ctproto 6 ! --ctrepldst 1.2.3.4/8 --ctorigdstport 6:7 --ctdir REPLY",
            ),
            ("-m conntrack --ctstatus NONE --ctexpire :5", "-m conntrack --ctstatus NONE --ctexpire 0:5"),
            ("-m conntrack", "!conntrack: At least one option is required"),
            ("-m conntrack --ctstate FOO", "!Bad ctstate \"FOO\""),
            ("-m conntrack ! --ctproto all", "!conntrack: condition would always match protocol"),
            ("-m conntrack --ctstate NEW,FOO,NEW", "!Bad ctstate \"FOO,NEW\""),
            ("-m conntrack --ctproto 0", "!conntrack: rule would never match protocol"),
            ("-m conntrack --ctdir foo", "!conntrack: Bad value for \"--ctdir\" option: \"foo\""),
            (
                "-m conntrack --ctexpire 5:3",
                "!conntrack: bad value for option \"--ctexpire\" near \"3\", or out of range (5-4294967295).\n",
            ),
        ]);
        check_family(
            Family::Ipv6,
            &[
                (
                    "-m conntrack ! --ctstate NEW --ctproto tcp --ctorigsrc ::1 --ctorigdst dead::1/16 --ctrepldst ::/0",
                    "-m conntrack ! --ctstate NEW --ctproto 6 --ctorigsrc ::1 --ctorigdst dead::1/16 --ctrepldst ::/0",
                ),
                (
                    "-m conntrack --ctorigsrc 1.2.3.4",
                    "!getaddrinfo: Address family for hostname not supported\n",
                ),
                (
                    "-m conntrack --ctorigsrc ::1/200",
                    "!conntrack: bad value for option \"--ctorigsrc\", neither a valid network mask nor valid CIDR (0-128).\n",
                ),
            ],
        );
    }

    #[test]
    fn revisions() {
        let address = |text: &str| text.parse::<AddrMask>().expect("an address");
        let value = Conntrack::new()
            .state(CtState::NEW | CtState::DNAT)
            .proto(Protocol::TCP)
            .orig_src(address("1.2.3.0/24"))
            .orig_dst(address("1.2.3.4"))
            .repl_src(Inv::new(true, address("5.6.7.8")))
            .repl_dst(address("5.6.0.0/16"))
            .status(CtStatus::SEEN_REPLY)
            .expire(5..=6);
        check_revisions(&[0, 1, 2, 3], &value);
        check_revisions(&[1, 2, 3], &value.orig_dst_port(80).dir(CtDir::Reply));
    }
}
