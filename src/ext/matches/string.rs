//! `string`: bytes in the packet. `linux/netfilter/xt_string.h`.

use crate::ext::prelude::*;
use crate::types::KernelString;
use crate::types::fmt::hex;

const XT_STRING_FLAG_INVERT: u8 = 0x01;
const XT_STRING_FLAG_IGNORECASE: u8 = 0x02;
const XT_STRING_MAX_PATTERN_SIZE: usize = 128;

raw! {
    "linux/netfilter/xt_string.h"

    /// In revision 0 `flags` is only whether the match is inverted, which is the same bit.
    struct xt_string_info {
        from_offset: u16,
        to_offset: u16,
        algo: [u8; 16],
        pattern: [u8; XT_STRING_MAX_PATTERN_SIZE],
        patlen: u8,
        flags = "u.v1.flags": u8,
        _padding: [u8; 2];
        kernel:
        config: u64,
    }
}

/// The bytes that are looked for, 1 to 128 of any value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pattern(pub Vec<u8>);

impl Pattern {
    /// Whether it is printed in hexadecimal, because it would not be readable, or not be read back, as text.
    fn needs_hex(&self) -> bool {
        self.0.ends_with(b"\\") || !self.0.iter().all(|byte| matches!(byte, b' '..=b'~'))
    }

    /// Prints it as text in quotes or in hexadecimal.
    fn print_quoted(&self, out: &mut Vec<u8>) {
        out.push(b'"');
        if self.needs_hex() {
            self.print_hex(out);
        } else {
            for byte in &self.0 {
                if matches!(byte, b'"' | b'\\') {
                    out.push(b'\\');
                }
                out.push(*byte);
            }
        }
        out.push(b'"');
    }

    fn print_hex(&self, out: &mut Vec<u8>) {
        out.push(b'|');
        self.0.iter().for_each(|byte| hex(out, u64::from(*byte), 2));
        out.push(b'|');
    }

    fn too_long(&self) -> bool {
        self.0.len() > XT_STRING_MAX_PATTERN_SIZE
    }

    /// Whether the kernel's finite state machine takes it: tokens of four bytes, of which the first two are a kind of letter, the third
    /// says how often, and the fourth which letter. That anything may stand before is said by the first one, if others follow.
    fn has_tokens(&self) -> bool {
        const KINDS: u16 = 14;
        const TIMES: u8 = 5;
        const ANYTHING_BEFORE: u8 = 4;
        let (tokens, rest) = self.0.as_chunks::<4>();
        let is_token = |(at, [low, high, times, _]): (usize, &[u8; 4])| {
            let begins = at == 0 && tokens.len() > 1;
            u16::from_ne_bytes([*low, *high]) < KINDS
                && *times < TIMES
                && (*times != ANYTHING_BEFORE || begins)
        };
        rest.is_empty() && tokens.iter().enumerate().all(is_token)
    }
}

impl From<&str> for Pattern {
    fn from(text: &str) -> Pattern {
        Pattern(text.as_bytes().to_vec())
    }
}

impl From<&[u8]> for Pattern {
    fn from(bytes: &[u8]) -> Pattern {
        Pattern(bytes.to_vec())
    }
}

invertible!(&str => Pattern, &[u8] => Pattern);

impl Value for Pattern {
    const KIND: ValueKind = ValueKind::text("TEXT");
    const MAX: u64 = XT_STRING_MAX_PATTERN_SIZE as u64;

    fn parse(input: &Input<'_>) -> Result<Pattern, BadValue> {
        let pattern = Pattern(input.text().to_vec());
        if pattern.too_long() { Err(BadValue::LongPattern) } else { Ok(pattern) }
    }

    fn print(&self, out: &mut Printer<'_>) {
        if out.style == Style::Save {
            self.print_quoted(out.out);
        } else {
            out.text(&self.0);
        }
    }
}

/// The bytes that are looked for, written as text with hexadecimal digits between bars: `GET |0d 0a|`.
///
/// A backslash stands before a bar or backslash that means itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct HexPattern(pub Vec<u8>);

invertible!(&[u8] => HexPattern);

impl From<&[u8]> for HexPattern {
    fn from(bytes: &[u8]) -> HexPattern {
        HexPattern(bytes.to_vec())
    }
}

/// Reads the digits behind a bar; returns what follows the bar that closes them.
fn read_digits<'a>(mut text: &'a [u8], bytes: &mut Vec<u8>) -> Result<&'a [u8], BadValue> {
    let digit = |byte: u8| {
        let digit = byte as char;
        digit.to_digit(16).map(|digit| digit as u8).ok_or(BadValue::HexDigit { digit })
    };
    text = text.trim_ascii_start();
    loop {
        let rest = match text {
            [] | [_, b'|', ..] | [_, _] => return Err(BadValue::HexBlock),
            [_] => return Err(BadValue::HexPairs),
            [high, low, rest @ ..] => {
                bytes.push(digit(*high)? << 4 | digit(*low)?);
                rest.strip_prefix(b" ").unwrap_or(rest)
            }
        };
        match rest {
            [b'|', rest @ ..] => return Ok(rest),
            _ => text = rest,
        }
    }
}

/// The bytes that text with hexadecimal digits between bars stands for.
fn read_hex(mut text: &[u8]) -> Result<Vec<u8>, BadValue> {
    let mut bytes = Vec::new();
    if text.is_empty() {
        return Err(BadValue::EmptyPattern);
    }
    while let [first, rest @ ..] = text {
        text = match (first, rest) {
            (b'|', _) => read_digits(rest, &mut bytes)?,
            (b'\\', []) => return Err(BadValue::Backslash),
            (b'\\', [escaped, rest @ ..]) => {
                bytes.push(*escaped);
                rest
            }
            _ => {
                bytes.push(*first);
                rest
            }
        };
        if bytes.len() > XT_STRING_MAX_PATTERN_SIZE {
            return Err(BadValue::LongPattern);
        }
    }
    Ok(bytes)
}

/// All of the bytes as digits.
fn print_hex(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'|');
    bytes.iter().for_each(|byte| hex(out, u64::from(*byte), 2));
    out.push(b'|');
}

impl Value for HexPattern {
    const KIND: ValueKind = ValueKind::text("TEXT|HEX|");
    const MAX: u64 = Pattern::MAX;

    fn parse(input: &Input<'_>) -> Result<HexPattern, BadValue> {
        read_hex(input.text()).map(HexPattern)
    }

    fn print(&self, out: &mut Printer<'_>) {
        if out.style == Style::Save {
            Pattern(self.0.clone()).print_quoted(out.out);
        } else {
            print_hex(&self.0, out.out);
        }
    }
}

/// How the packet is searched.
pub type SearchAlgorithm = KernelString<16>;

options! {
    /// Matches packets that contain a string of bytes.
    ///
    /// Each packet is looked at by itself: a string that is spread over two packets of a stream is not found.
    #[header("linux/netfilter/xt_string.h")]
    #[example(
        Ipv4,
        "-p tcp --dport 80 -m string --algo bm --string \"GET /admin\" --to 200 -j DROP",
        "-m string --hex-string \"|0a0b|c\" --algo kmp --from 40 --icase -j DROP",
    )]
    pub match StringMatch {
        /// The bytes to look for.
        [!] string: Pattern => "--string" {
            excludes: &["hex-string"], binary: true,
            respell: Some(|find| {
                let (inverted, Datum::Text(hex)) = find("hex_string")? else { return None };
                Some((inverted, read_hex(&hex).ok()?.into()))
            }),
        };
        /// How to search: `bm` (Boyer-Moore) or `kmp` (Knuth-Morris-Pratt).
        algo: SearchAlgorithm => "--algo" {
            required: true,
            bare: true,
            named: |_| ValueNames::inline(["bm", "kmp"]),
        };
        /// The offset from which to look, in bytes from the beginning of the IP header.
        from: u16 = 0 => "--from";
        /// The offset at which to stop looking: a match ends before it.
        to: u16 = u16::MAX => "--to";
        /// Whether small and capital letters are the same.
        icase: bool => "--icase";
    }
    also {
        /// The bytes to look for, as text with hexadecimal digits between bars.
        [!] hex_string: HexPattern => "--hex-string" {
            binary: true,
            respell: Some(|find| {
                let (inverted, Datum::Text(bytes)) = find("string")? else { return None };
                let mut text = Vec::new();
                print_hex(&bytes, &mut text);
                Some((inverted, text.into()))
            }),
        } = |string, hex| string.string = Some(Inv::new(hex.inverted, Pattern(hex.value.0)));
    }
}

pub(crate) static EXT: Extension =
    Extension::matching::<StringMatch>("string").placed(Placement::NONE.checked());

impl Codec for StringMatch {
    const REVISIONS: &'static [Revision] =
        &[Revision::new::<xt_string_info>(1), Revision::new::<xt_string_info>(0)];
    const NEEDS: Option<Needs> = Needs::one_of(
        &["string", "hex-string"],
        "STRING match: You must specify `--string' or `--hex-string'",
    );

    fn finish(&mut self, _: u64, _: &RuleContext<'_>) -> Result<()> {
        match &self.string {
            Some(inv) if inv.value.too_long() => Err(Error::from(Misfit::LongPattern).at_option("string")),
            _ => Ok(()),
        }
    }

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let algo = self.algo.unwrap_or_default();
        fits("algo", &algo)?;
        if cx.revision == 0 && self.icase {
            return Err(needs_revision(1, cx));
        }
        let (inverted, bytes) =
            self.string.as_ref().map_or((false, [].as_slice()), |inv| (inv.inverted, &inv.value.0));
        let mut raw = xt_string_info {
            from_offset: self.from,
            to_offset: self.to,
            algo: algo.array(),
            patlen: bytes.len().min(XT_STRING_MAX_PATTERN_SIZE) as u8,
            flags: flag(inverted, XT_STRING_FLAG_INVERT) | flag(self.icase, XT_STRING_FLAG_IGNORECASE),
            ..xt_string_info::new_zeroed()
        };
        raw.pattern.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        payload.put(&raw);
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<StringMatch> {
        let raw: xt_string_info = read_raw(bytes)?;
        let pattern = raw.pattern.iter().take(raw.patlen.into()).copied().collect();
        let inverted = if cx.revision == 0 { raw.flags != 0 } else { raw.flags & XT_STRING_FLAG_INVERT != 0 };
        Ok(StringMatch {
            string: Some(Inv::new(inverted, Pattern(pattern))),
            algo: Some(KernelString::from_array(&raw.algo)),
            from: raw.from_offset,
            to: raw.to_offset,
            icase: cx.revision > 0 && raw.flags & XT_STRING_FLAG_IGNORECASE != 0,
            ..StringMatch::new()
        })
    }

    /// The pattern under the name of the option that reads it back.
    fn save(&self, sink: &mut dyn Sink) {
        match &self.string {
            Some(inv) if inv.value.needs_hex() => {
                let hex = opt!(StringMatch, hex_string);
                sink.option(hex, inv.inverted, &|out| match out.style {
                    Style::Save => inv.value.print_quoted(out.out),
                    _ => inv.value.print_hex(out.out),
                });
                StringMatch { string: None, ..self.clone() }.visit(sink);
            }
            _ => self.visit(sink),
        }
    }

    fn list(&self, out: &mut List<'_>) {
        if let Some(Inv { inverted, value }) = &self.string {
            show!(out, " STRING match {} ", bang(*inverted));
            value.print_quoted(out.out);
        }
        show!(out, " ALGO name {}", self.algo.unwrap_or_default());
        if self.from != 0 {
            show!(out, " FROM {}", self.from);
        }
        if self.to != u16::MAX {
            show!(out, " TO {}", self.to);
        }
        out.text(if self.icase { " ICASE" } else { "" });
    }

    fn check(&self, _: &RuleContext<'_>, _: &Place<'_>) -> Result<()> {
        let fail = |refused: Refused, option| Err(Error::from(refused).at_option(option));
        if self.from > self.to {
            return fail(Refused::BehindTo, "from");
        }
        if self.string.as_ref().is_none_or(|inv| inv.value.0.is_empty()) {
            return fail(Refused::Empty, "string");
        }
        let is_fsm = self.algo.as_ref().is_some_and(|algo| algo.as_bytes() == b"fsm");
        if is_fsm && !self.string.as_ref().is_some_and(|inv| inv.value.has_tokens()) {
            return fail(Refused::Tokens, "string");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-m string --algo bm --string abc", "-m string --string \"abc\" --algo bm"),
            (
                "-m string --icase --to 10 --from 5 --algo kmp ! --string \"GET /\"",
                "-m string ! --string \"GET /\" --algo kmp --from 5 --to 10 --icase",
            ),
            ("-m string --string abc --algo bm --from 0 --to 65535", "-m string --string \"abc\" --algo bm"),
            ("-m string --hex-string \"|41 42|\" --algo bm", "-m string --string \"AB\" --algo bm"),
            (
                "-m string ! --hex-string \"ab|0d0A|cd\" --algo bm",
                "-m string ! --hex-string \"|61620d0a6364|\" --algo bm",
            ),
            ("-m string --hex-string \"| 41|\" --algo bm", "-m string --string \"A\" --algo bm"),
            ("-m string --hex-string \"a\\\\|b\\\\c\" --algo bm", "-m string --string \"a|bc\" --algo bm"),
            ("-m string --hex-string \"|5c|\" --algo bm", "-m string --hex-string \"|5c|\" --algo bm"),
            ("-m string --string \"a\\\"\\\\b'\" --algo bm", "-m string --string \"a\\\"\\\\b'\" --algo bm"),
            ("-m string --string é --algo bm", "-m string --hex-string \"|c3a9|\" --algo bm"),
            ("-m string --hex-string \"ab|0d\" --algo bm", "!Invalid hex block"),
            ("-m string --hex-string \"ab|0|\" --algo bm", "!Invalid hex block"),
            ("-m string --hex-string \"ab|zz|\" --algo bm", "!Invalid hex char 'z'"),
            ("-m string --hex-string \"|0d  0a|\" --algo bm", "!Invalid hex char ' '"),
            ("-m string --hex-string \"||\" --algo bm", "!Odd number of hex digits"),
            ("-m string --hex-string \"a|41 4\" --algo bm", "!Odd number of hex digits"),
            ("-m string --hex-string \"a\\\\\" --algo bm", "!Bad literal placement at end of string"),
            ("-m string --hex-string \"\" --algo bm", "!STRING must contain at least one char"),
            ("-m string --string a", "!string: option \"--algo\" must be specified\n"),
            ("-m string --algo bm", "!STRING match: You must specify `--string' or `--hex-string'"),
            (
                "-m string --hex-string abc --string def --algo bm",
                "!string: option \"--string\" cannot be used together with \"--hex-string\".\n",
            ),
            (
                "-m string --string abc --algo bm --to 65536",
                "!string: bad value for option \"--to\", or out of range (0-65535).\n",
            ),
        ]);
    }

    #[test]
    fn at_most_128_bytes() {
        let fits = "x".repeat(128);
        check(&[(
            &format!("-m string --string {fits} --algo bm"),
            &format!("-m string --string \"{fits}\" --algo bm"),
        )]);
        for option in ["string", "hex-string"] {
            check(&[(
                &format!("-m string --{option} {fits}x --algo bm"),
                &format!("!STRING too long \"{fits}x\""),
            )]);
        }
    }

    #[test]
    fn revisions() {
        let value = StringMatch::new().string(crate::not("abc")).algo("kmp").from(5u16);
        check_revisions(&[0, 1], &value);
        check_revisions(&[1], &value.icase(true));
    }
}
