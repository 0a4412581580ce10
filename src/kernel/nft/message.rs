//! Messages: `struct nlmsghdr`, `struct nfgenmsg` and attributes.

use super::attr::{Attrs, Writer, align};
use super::uapi::*;

/// The size of `struct nlmsghdr`.
pub(crate) const NLMSG: usize = 16;
/// The size of `struct nfgenmsg`.
const NFGEN: usize = 4;
/// Where the attributes of a message begin.
pub(crate) const HEADERS: usize = NLMSG + NFGEN;

/// The type of a message of nf_tables.
pub(crate) const fn nf_tables(message: u16) -> u16 {
    NFNL_SUBSYS_NFTABLES << 8 | message
}

/// The type of a message about the extensions of xtables.
pub(crate) const fn nft_compat(message: u16) -> u16 {
    NFNL_SUBSYS_NFT_COMPAT << 8 | message
}

/// What a message begins with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    pub(crate) kind: u16,
    pub(crate) flags: u16,
    pub(crate) sequence: u32,
    /// The address family: `NFPROTO_*`.
    pub(crate) family: u8,
    /// The resource id: the subsystem around batches, the lower half of the generation in the kernel's answers.
    pub(crate) resource: u16,
}

impl Writer {
    /// Writes a message whose attributes a function writes.
    #[inline]
    pub(crate) fn message<T>(&mut self, head: &Head, attributes: impl FnOnce(&mut Writer) -> T) -> T {
        let at = self.len();
        let mut bytes = [0; HEADERS];
        bytes[4..6].copy_from_slice(&head.kind.to_ne_bytes());
        bytes[6..8].copy_from_slice(&head.flags.to_ne_bytes());
        bytes[8..12].copy_from_slice(&head.sequence.to_ne_bytes());
        bytes[16] = head.family;
        bytes[18..20].copy_from_slice(&head.resource.to_be_bytes());
        self.raw(&bytes);
        let value = attributes(self);
        // No message is as large as that: its attributes are of 64 KiB, and there are a dozen.
        let length = u32::try_from(self.len() - at).unwrap_or(u32::MAX);
        self.patch(at, &length.to_ne_bytes());
        value
    }
}

/// A message that was received.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Message<'a> {
    pub(crate) kind: u16,
    pub(crate) flags: u16,
    pub(crate) sequence: u32,
    /// What follows `struct nlmsghdr`.
    pub(crate) payload: &'a [u8],
}

impl<'a> Message<'a> {
    /// Family, resource id and attributes, of a message that has them.
    pub(crate) fn netfilter(&self) -> Option<(u8, u16, Attrs<'a>)> {
        let (header, attributes) = self.payload.split_first_chunk::<NFGEN>()?;
        let [family, _, high, low] = *header;
        Some((family, u16::from_be_bytes([high, low]), Attrs::new(attributes)))
    }

    /// What NLMSG_ERROR and NLMSG_DONE say.
    pub(crate) fn failure(&self) -> Option<Failure> {
        let (number, rest) = self.payload.split_first_chunk::<4>()?;
        let errno = i32::from_ne_bytes(*number).checked_neg()?;
        if self.kind == NLMSG_DONE {
            return Some(Failure { errno, kind: 0, sequence: self.sequence, offset: None });
        }
        let (header, rest) = rest.split_first_chunk::<NLMSG>()?;
        let [l0, l1, l2, l3, k0, k1, _, _, s0, s1, s2, s3, ..] = *header;
        // Without NETLINK_CAP_ACK the rest of the request is repeated.
        let repeated = match self.flags & NLM_F_CAPPED {
            0 => (u32::from_ne_bytes([l0, l1, l2, l3]) as usize).saturating_sub(NLMSG),
            _ => 0,
        };
        let details = match self.flags & NLM_F_ACK_TLVS {
            0 => &[],
            _ => rest.get(repeated.saturating_add(3) & !3..).unwrap_or_default(),
        };
        let offset = Attrs::new(details).get(NLMSGERR_ATTR_OFFS);
        Some(Failure {
            errno,
            kind: u16::from_ne_bytes([k0, k1]),
            sequence: u32::from_ne_bytes([s0, s1, s2, s3]),
            // Of the numbers around it this one is in the host's order.
            offset: offset.and_then(|bytes| bytes.try_into().ok()).map(u32::from_ne_bytes),
        })
    }
}

/// An answer to a request that says what is wrong with it, or that nothing is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failure {
    /// The number of the error; 0 for an acknowledgement.
    pub(crate) errno: i32,
    /// The type of the request.
    pub(crate) kind: u16,
    /// The sequence number of the request.
    pub(crate) sequence: u32,
    /// At which byte of the request.
    pub(crate) offset: Option<u32>,
}

/// The messages of a datagram. It ends before bytes that are no message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Messages<'a>(&'a [u8]);

impl<'a> Messages<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Messages<'a> {
        Messages(bytes)
    }

    /// The bytes that are not read yet; at the end those that are no message.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.0
    }
}

impl<'a> Iterator for Messages<'a> {
    type Item = Message<'a>;

    #[inline]
    fn next(&mut self) -> Option<Message<'a>> {
        let (header, _) = self.0.split_first_chunk::<NLMSG>()?;
        let [l0, l1, l2, l3, k0, k1, f0, f1, s0, s1, s2, s3, ..] = *header;
        let length = u32::from_ne_bytes([l0, l1, l2, l3]) as usize;
        let payload = self.0.get(NLMSG..length)?;
        self.0 = self.0.get(align(length)..).unwrap_or_default();
        Some(Message {
            kind: u16::from_ne_bytes([k0, k1]),
            flags: u16::from_ne_bytes([f0, f1]),
            sequence: u32::from_ne_bytes([s0, s1, s2, s3]),
            payload,
        })
    }
}
