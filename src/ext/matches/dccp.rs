//! `dccp`: ports, packet types and options. `linux/netfilter/xt_dccp.h`.

use crate::ext::prelude::*;
use crate::ext::values::{flags, print_names};
use crate::types::PortRange;

const XT_DCCP_SRC_PORTS: u32 = 0x01;
const XT_DCCP_DEST_PORTS: u32 = 0x02;
const XT_DCCP_TYPE: u32 = 0x04;
const XT_DCCP_OPTION: u32 = 0x08;

raw! {
    "linux/netfilter/xt_dccp.h"

    struct xt_dccp_info {
        dpts: [u16; 2],
        spts: [u16; 2],
        flags: u16,
        invflags: u16,
        typemask: u16,
        option: u8,
        _padding: [u8; 1],
    }
}

flags! {
    /// A set of DCCP packet types.
    pub struct DccpTypes(u16) {
        /// Opens a connection.
        REQUEST = 1 << 0 => "REQUEST",
        /// The server's answer.
        RESPONSE = 1 << 1 => "RESPONSE",
        /// Data.
        DATA = 1 << 2 => "DATA",
        /// An acknowledgement.
        ACK = 1 << 3 => "ACK",
        /// Data and an acknowledgement.
        DATAACK = 1 << 4 => "DATAACK",
        /// The server asks the client to close.
        CLOSEREQ = 1 << 5 => "CLOSEREQ",
        /// Closes the connection.
        CLOSE = 1 << 6 => "CLOSE",
        /// Ends the connection.
        RESET = 1 << 7 => "RESET",
        /// Resynchronises sequence numbers.
        SYNC = 1 << 8 => "SYNC",
        /// Acknowledges a `SYNC`.
        SYNCACK = 1 << 9 => "SYNCACK",
        /// The types that are not assigned.
        INVALID = 0xfc00 => "INVALID",
    }
}

impl Value for DccpTypes {
    const KIND: ValueKind =
        ValueKind { choices: DccpTypes::NAMES, ..ValueKind::new(Form::List, "TYPE[,...]") };

    /// A comma too many does no harm, but a list of nothing is none.
    fn parse(input: &Input<'_>) -> Result<DccpTypes, BadValue> {
        let bad = |name: &[u8]| BadValue::Choice { names: DccpTypes::NAMES, part: shown(name) };
        let names = input.text().split(|byte| *byte == b',').filter(|name| !name.is_empty());
        let types = names.clone().try_fold(DccpTypes::default(), |types, name| {
            Ok(types | DccpTypes::by_name(name).ok_or_else(|| bad(name))?)
        })?;
        if types == DccpTypes::default() { Err(bad(b"")) } else { Ok(types) }
    }

    fn print(&self, out: &mut Printer<'_>) {
        if out.style != Style::NumericList {
            return print_names(out, self.names());
        }
        let numbers: Vec<_> =
            (0..u16::BITS).filter(|bit| self.0 & 1 << bit != 0).map(|bit| bit.to_string()).collect();
        print_names(out, numbers.iter().map(String::as_str));
    }
}

options! {
    /// Matches DCCP packets by ports, packet type and options.
    #[header("linux/netfilter/xt_dccp.h")]
    #[example(Ipv4, "-p dccp -m dccp --dport 5000 --dccp-types REQUEST -j ACCEPT")]
    pub match Dccp {
        /// The source port, or a range of ports.
        [!] sport: PortRange => "--sport" | "--source-port" {
            formal: Some("source-port"), bit: XT_DCCP_SRC_PORTS,
        };
        /// The destination port, or a range of ports.
        [!] dport: PortRange => "--dport" | "--destination-port" {
            formal: Some("destination-port"), bit: XT_DCCP_DEST_PORTS,
        };
        /// The packet is of one of these types.
        [!] dccp_types: DccpTypes => "--dccp-types" {
            misread: Some("Unknown DCCP type `{}'"), bit: XT_DCCP_TYPE,
        };
        /// The packet has the option of this number.
        [!] dccp_option: u8 => "--dccp-option" { min: 1, bit: XT_DCCP_OPTION };
    }
}

pub(crate) static EXT: Extension =
    Extension::matching::<Dccp>("dccp").placed(Placement::NONE.protocols(&[Protocol::DCCP]));

impl Codec for Dccp {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_dccp_info>(0)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let ports = |range: Option<Inv<PortRange>>| {
            range.map_or([0; 2], |Inv { value: PortRange { min, max }, .. }| [min, max])
        };
        let [flags, invflags] = self.bits().map(|bits| bits as u16);
        payload.put(&xt_dccp_info {
            dpts: ports(self.dport),
            spts: ports(self.sport),
            flags,
            invflags,
            typemask: self.dccp_types.map_or(0, |types| types.value.0),
            option: self.dccp_option.map_or(0, |option| option.value),
            _padding: [0],
        });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Dccp> {
        let raw: xt_dccp_info = read_raw(bytes)?;
        let given = Given::new(raw.flags, raw.invflags);
        let ports = |[min, max]: [u16; 2]| PortRange { min, max };
        Ok(Dccp {
            sport: given.value(XT_DCCP_SRC_PORTS, ports(raw.spts)),
            dport: given.value(XT_DCCP_DEST_PORTS, ports(raw.dpts)),
            dccp_types: given.value(XT_DCCP_TYPE, DccpTypes(raw.typemask)),
            dccp_option: given.value(XT_DCCP_OPTION, raw.option),
            ..Dccp::new()
        })
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" dccp");
        for (label, ports) in [("spt", self.sport), ("dpt", self.dport)] {
            list_ports(
                out,
                label,
                ports.filter(|ports| ports.inverted || !ports.value.is_all()),
                Some("dccp"),
            );
        }
        if let Some(Inv { inverted, value }) = self.dccp_types {
            out.text(if inverted { " ! " } else { " " });
            out.value(&value);
        }
        if let Some(Inv { inverted, value }) = self.dccp_option {
            show!(out, " option={}{value}", bang(inverted));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-p dccp -m dccp", "-p dccp -m dccp"),
            ("-p dccp --sport 5 ! --dport 6:", "-p dccp -m dccp --sport 5 ! --dport 6:65535"),
            ("-p dccp --source-port :", "-p dccp -m dccp --sport 0:65535"),
            ("-p dccp --dccp-types request,DataAck", "-p dccp -m dccp --dccp-types REQUEST,DATAACK"),
            ("-p dccp ! --dccp-types invalid,REQUEST,", "-p dccp -m dccp ! --dccp-types REQUEST,INVALID"),
            ("-p dccp ! --dccp-option 255", "-p dccp -m dccp ! --dccp-option 255"),
            ("-p dccp --dport 9:5", "!Port range 9-5 is negative.\n"),
            ("-p dccp --dccp-types foo", "!Unknown DCCP type `foo'"),
            ("-p dccp --dccp-types \"\"", "!Unknown DCCP type `'"),
            (
                "-p dccp --dccp-option 0",
                "!dccp: bad value for option \"--dccp-option\", or out of range (1-255).\n",
            ),
            (
                "-p dccp --dport 5 --destination-port 5",
                "!dccp: option \"--destination-port\" can only be used once.\n",
            ),
        ]);
    }
}
