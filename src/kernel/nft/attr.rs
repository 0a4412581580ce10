//! Netlink attributes: `{u16 length, u16 type, payload}`, each padded to four bytes (netlink(7), `linux/netlink.h`).
//!
//! Lengths and types are in the host's order, the integers of nf_tables in the network's.

use crate::sys::memory;

/// The bits of a type that are its number; the others say that it holds attributes, or an integer in network order.
const NUMBER: u16 = 0x3fff;
/// The flag on an attribute that holds attributes. The kernel wants it in what it reads, and leaves it out in what it writes.
const NESTED: u16 = 0x8000;
pub(crate) const HEADER: usize = 4;

/// The next multiple of four.
pub(crate) const fn align(len: usize) -> usize {
    len.next_multiple_of(4)
}

/// The attributes of a run of bytes, as number and payload, in their order.
///
/// It ends before bytes that are no attribute, whatever they are; [`rest`](Attrs::rest) tells whether there were any.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attrs<'a>(&'a [u8]);

impl<'a> Attrs<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Attrs<'a> {
        Attrs(bytes)
    }

    /// The bytes that are not read yet. At the end of the iteration, those that are no attribute.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// Whether the bytes are attributes to the end.
    pub(crate) fn is_whole(mut self) -> bool {
        self.by_ref().for_each(drop);
        self.rest().is_empty()
    }

    /// The payload of the first attribute with this number.
    pub(crate) fn get(mut self, number: u16) -> Option<&'a [u8]> {
        self.find(|(found, _)| *found == number).map(|(_, payload)| payload)
    }

    /// The payloads by number: those of numbers below `N`, the last one of several.
    ///
    /// ```text
    /// let [_, name, data] = Attrs::new(bytes).fields();
    /// ```
    pub(crate) fn fields<const N: usize>(self) -> [Option<&'a [u8]>; N] {
        let mut fields = [None; N];
        for (number, payload) in self {
            if let Some(field) = fields.get_mut(usize::from(number)) {
                *field = Some(payload);
            }
        }
        fields
    }
}

impl<'a> Iterator for Attrs<'a> {
    type Item = (u16, &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<(u16, &'a [u8])> {
        let (header, _) = self.0.split_first_chunk::<HEADER>()?;
        let [a, b, c, d] = *header;
        let length = usize::from(u16::from_ne_bytes([a, b]));
        let payload = self.0.get(HEADER..length)?;
        // The last one may lack its padding.
        self.0 = self.0.get(align(length)..).unwrap_or_default();
        Some((u16::from_ne_bytes([c, d]) & NUMBER, payload))
    }
}

/// A byte.
#[cfg(test)]
pub(crate) fn byte(payload: &[u8]) -> Option<u8> {
    <[u8; 1]>::try_from(payload).ok().map(|[byte]| byte)
}

/// A 16-bit integer in network order.
pub(crate) fn be16(payload: &[u8]) -> Option<u16> {
    payload.try_into().ok().map(u16::from_be_bytes)
}

/// A 32-bit integer in network order.
pub(crate) fn be32(payload: &[u8]) -> Option<u32> {
    payload.try_into().ok().map(u32::from_be_bytes)
}

/// A 64-bit integer in network order.
pub(crate) fn be64(payload: &[u8]) -> Option<u64> {
    payload.try_into().ok().map(u64::from_be_bytes)
}

/// A string: the bytes before its closing NUL, all of them where there is none.
pub(crate) fn text(payload: &[u8]) -> &[u8] {
    payload.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Writes attributes behind whatever stands in a buffer.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
    too_long: bool,
}

/// An attribute that holds attributes, open until [`Writer::close`].
#[derive(Debug)]
#[must_use = "an attribute that is not closed has no length"]
pub(crate) struct Nest(usize);

impl Writer {
    pub(crate) fn new() -> Writer {
        Writer::default()
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Makes room for one more message of the usual size; says whether there is memory for it.
    pub(crate) fn grow(&mut self) -> bool {
        const USUAL: usize = 4 << 10;
        memory::make_room(&mut self.bytes, USUAL)
    }

    /// Bytes as they are: headers of messages, or attributes that are encoded already. Their number is a multiple of four.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        debug_assert!(bytes.len().is_multiple_of(4));
        self.bytes.extend_from_slice(bytes);
    }

    /// Puts bytes over others: lengths that are known later. What is not there stays so.
    pub(crate) fn patch(&mut self, at: usize, bytes: &[u8]) {
        if let Some(place) = self.bytes.get_mut(at..).and_then(|tail| tail.get_mut(..bytes.len())) {
            place.copy_from_slice(bytes);
        }
    }

    /// Takes back everything from there on.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.bytes.truncate(len);
    }

    /// Whether since the last call there was an attribute of more than 65,535 bytes, which its length cannot say. The bytes
    /// from there on are worthless.
    pub(crate) fn take_too_long(&mut self) -> bool {
        std::mem::take(&mut self.too_long)
    }

    #[inline]
    fn header(&mut self, kind: u16, payload: usize) {
        let length = u16::try_from(HEADER + payload).unwrap_or_else(|_| {
            self.too_long = true;
            u16::MAX
        });
        let [a, b] = length.to_ne_bytes();
        let [c, d] = kind.to_ne_bytes();
        self.bytes.extend_from_slice(&[a, b, c, d]);
    }

    /// An attribute of these bytes.
    #[inline]
    pub(crate) fn put(&mut self, number: u16, payload: &[u8]) {
        self.header(number, payload.len());
        self.bytes.extend_from_slice(payload);
        self.bytes.extend_from_slice(&[0; 4][..align(payload.len()) - payload.len()]);
    }

    /// An attribute of as many bytes as are known when this is compiled: written at once, with its padding.
    #[inline]
    fn fixed<const LEN: usize, const PADDED: usize>(&mut self, number: u16, payload: [u8; LEN]) {
        const { assert!(PADDED == HEADER + align(LEN)) };
        let mut attribute = [0; PADDED];
        let [a, b] = ((HEADER + LEN) as u16).to_ne_bytes();
        let [c, d] = number.to_ne_bytes();
        attribute[..HEADER].copy_from_slice(&[a, b, c, d]);
        attribute[HEADER..HEADER + LEN].copy_from_slice(&payload);
        self.bytes.extend_from_slice(&attribute);
    }

    /// A byte.
    #[cfg(test)]
    pub(crate) fn byte(&mut self, number: u16, value: u8) {
        self.fixed::<1, 8>(number, [value]);
    }

    /// A 16-bit integer in network order.
    #[cfg(test)]
    pub(crate) fn be16(&mut self, number: u16, value: u16) {
        self.fixed::<2, 8>(number, value.to_be_bytes());
    }

    /// A 32-bit integer in network order.
    #[inline]
    pub(crate) fn be32(&mut self, number: u16, value: u32) {
        self.fixed::<4, 8>(number, value.to_be_bytes());
    }

    /// A 64-bit integer in network order.
    #[inline]
    pub(crate) fn be64(&mut self, number: u16, value: u64) {
        self.fixed::<8, 12>(number, value.to_be_bytes());
    }

    /// A string, with the NUL that closes it.
    #[inline]
    pub(crate) fn text(&mut self, number: u16, text: &[u8]) {
        self.header(number, text.len() + 1);
        self.bytes.extend_from_slice(text);
        // The NUL, and the padding.
        self.bytes.extend_from_slice(&[0; 4][..align(text.len() + 1) - text.len()]);
    }

    /// Begins an attribute that holds the ones that follow.
    #[inline]
    pub(crate) fn open(&mut self, number: u16) -> Nest {
        let nest = Nest(self.bytes.len());
        self.header(number | NESTED, 0);
        nest
    }

    /// Ends it.
    #[inline]
    pub(crate) fn close(&mut self, Nest(at): Nest) {
        let length = u16::try_from(self.bytes.len().saturating_sub(at)).unwrap_or_else(|_| {
            self.too_long = true;
            u16::MAX
        });
        self.patch(at, &length.to_ne_bytes());
    }

    /// An attribute that holds those which the function writes.
    pub(crate) fn nest(&mut self, number: u16, write: impl FnOnce(&mut Writer)) {
        let nest = self.open(number);
        write(self);
        self.close(nest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut writer = Writer::new();
        writer.raw(&[9; 8]);
        writer.text(1, b"filter");
        writer.be32(2, 7);
        writer.nest(0x2a, |inner| {
            inner.be64(1, 1 << 40);
            inner.nest(2, |inner| inner.be16(3, 0x0102));
            inner.byte(4, 5);
        });
        writer.put(3, b"");
        assert!(!writer.take_too_long());

        let mut attrs = Attrs::new(&writer.bytes()[8..]);
        assert_eq!(attrs.next(), Some((1, b"filter\0".as_slice())));
        assert_eq!(attrs.get(2).and_then(be32), Some(7));
        let [_, name, number, empty] = attrs.fields();
        assert_eq!((name, number.and_then(be32), empty), (None, Some(7), Some(b"".as_slice())));
        let inner = Attrs::new(attrs.get(0x2a).unwrap());
        assert_eq!(inner.get(1).and_then(be64), Some(1 << 40));
        assert_eq!(inner.get(2).map(Attrs::new).and_then(|deep| deep.get(3)).and_then(be16), Some(0x0102));
        assert_eq!(inner.get(4).and_then(byte), Some(5));
        assert!(attrs.is_whole() && inner.is_whole());
    }

    /// As the kernel's headers say it: length with the header, without the padding.
    #[test]
    fn bytes_of_attributes() {
        let mut writer = Writer::new();
        writer.text(1, b"ab");
        writer.nest(4, |inner| inner.be16(2, 0x0102));
        let expected = [
            [7u16.to_ne_bytes(), 1u16.to_ne_bytes(), *b"ab", [0, 0]].concat(),
            [12u16.to_ne_bytes(), 0x8004u16.to_ne_bytes()].concat(),
            [6u16.to_ne_bytes(), 2u16.to_ne_bytes(), [1, 2], [0, 0]].concat(),
        ];
        assert_eq!(writer.bytes(), expected.concat());
    }

    #[test]
    fn what_no_length_can_say() {
        let mut writer = Writer::new();
        writer.put(1, &[0; 0xffff - 4]);
        assert!(!writer.take_too_long());
        writer.put(1, &[0; 0xffff - 3]);
        assert!(writer.take_too_long());
        assert!(!writer.take_too_long());
        writer.nest(1, |inner| inner.put(1, &[0; 0xffff - 8]));
        assert!(writer.take_too_long());
    }

    #[test]
    fn bytes_that_are_no_attributes() {
        let count = |bytes: &[u8]| Attrs::new(bytes).count();
        let header = |length: u16| [length.to_ne_bytes(), [0, 0]].concat();
        assert_eq!(count(b"ab"), 0);
        assert_eq!(count(&header(3)), 0);
        assert_eq!(count(&header(5)), 0);
        assert_eq!(count(&header(4)), 1);
        assert!(!Attrs::new(&header(5)).is_whole());
        // Without its padding at the end.
        assert_eq!(count(&[header(5), vec![1]].concat()), 1);
        assert!(Attrs::new(&[header(5), vec![1]].concat()).is_whole());
        assert_eq!([be16(b"abc"), be16(b"a")], [None, None]);
        assert_eq!([text(b""), text(b"\0"), text(b"a\0b"), text(b"ab")], [b"".as_slice(), b"", b"a", b"ab"]);
    }
}
