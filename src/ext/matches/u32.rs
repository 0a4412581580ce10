//! `u32`: a small language over the packet's bytes. `linux/netfilter/xt_u32.h`.

use crate::error::BadTest;
use crate::ext::prelude::*;
use crate::types::fmt::leading_number;

/// How many of everything a program may have.
const XT_U32_MAXSIZE: usize = 10;

raw! {
    "linux/netfilter/xt_u32.h"

    struct xt_u32_location_element {
        number: u32,
        nextop: u8,
        _padding: [u8; 3],
    }

    struct xt_u32_value_element {
        min: u32,
        max: u32,
    }

    struct xt_u32_test {
        location: [xt_u32_location_element; XT_U32_MAXSIZE + 1],
        value: [xt_u32_value_element; XT_U32_MAXSIZE + 1],
        nnums: u8,
        nvalues: u8,
        _padding: [u8; 2],
    }

    struct xt_u32 {
        tests: [xt_u32_test; XT_U32_MAXSIZE + 1],
        ntests: u8,
        invert: u8,
        _padding: [u8; 2],
    }
}

/// What is done with the four bytes that were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum U32Op {
    /// Keep the bits of a mask.
    And,
    /// Shift to the left.
    Left,
    /// Shift to the right.
    Right,
    /// Go on from the position that the value so far says.
    At,
}

impl U32Op {
    const ALL: [(U32Op, &'static str); 4] =
        [(U32Op::And, "&"), (U32Op::Left, "<<"), (U32Op::Right, ">>"), (U32Op::At, "@")];

    const fn sign(self) -> &'static str {
        U32Op::ALL[self as usize].1
    }
}

/// One test: four bytes, what is done with them, and the values that match.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct U32Test {
    /// The offset in bytes from which four are read.
    pub offset: u32,
    /// What is done then, in order.
    pub ops: Vec<(U32Op, u32)>,
    /// The ranges of values of which one must hold.
    pub values: Vec<(u32, u32)>,
}

/// Tests that must all hold.
///
/// Written `OFFSET[OP NUMBER]...=VALUE[:VALUE][,...][&&...]` with the operators `&`, `<<`, `>>` and `@`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct U32Program(pub Vec<U32Test>);

impl From<Vec<U32Test>> for U32Program {
    fn from(tests: Vec<U32Test>) -> U32Program {
        U32Program(tests)
    }
}

/// Reads a program; positions in messages are those of the text.
struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn bad(&self, fault: BadTest) -> BadValue {
        BadValue::Test { at: self.at, fault }
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn number(&mut self) -> Result<u32, BadValue> {
        let rest = &self.text[self.at..];
        let number =
            leading_number(rest).and_then(|(number, after)| Some((u32::try_from(number).ok()?, after)));
        let (number, after) = number.ok_or_else(|| self.bad(BadTest::Number))?;
        self.at = self.text.len() - after.len();
        Ok(number)
    }

    /// The second character of an operator that has two.
    fn twice(&mut self, sign: u8) -> Result<(), BadValue> {
        self.at += 1;
        if self.peek() != Some(sign) {
            return Err(self.bad(BadTest::Second(sign as char)));
        }
        self.at += 1;
        Ok(())
    }

    /// `OFFSET[OP NUMBER]...=`
    fn location(&mut self) -> Result<(u32, Vec<(U32Op, u32)>), BadValue> {
        self.skip_space();
        let offset = match self.peek() {
            None => return Err(self.bad(BadTest::NoValues)),
            Some(b'=') => return Err(self.bad(BadTest::NoOffset)),
            Some(_) => self.number()?,
        };
        let mut ops = Vec::new();
        loop {
            self.skip_space();
            let op = match self.peek() {
                None => return Err(self.bad(BadTest::NoValues)),
                Some(b'=') => {
                    self.at += 1;
                    return Ok((offset, ops));
                }
                Some(b'&') => U32Op::And,
                Some(b'<') => U32Op::Left,
                Some(b'>') => U32Op::Right,
                Some(b'@') => U32Op::At,
                Some(_) => return Err(self.bad(BadTest::Operator)),
            };
            match op {
                U32Op::Left | U32Op::Right => self.twice(op.sign().as_bytes()[0])?,
                U32Op::And | U32Op::At => self.at += 1,
            }
            ops.push((op, self.number()?));
            if ops.len() >= XT_U32_MAXSIZE {
                return Err(self.bad(BadTest::Operators));
            }
        }
    }

    /// `VALUE[:VALUE][,...]`; says whether another test follows.
    fn values(&mut self) -> Result<(Vec<(u32, u32)>, bool), BadValue> {
        let mut values = Vec::new();
        self.skip_space();
        if self.peek().is_none() {
            return Err(self.bad(BadTest::NoValue));
        }
        loop {
            let min = self.number()?;
            if values.len() >= XT_U32_MAXSIZE {
                return Err(self.bad(BadTest::Values));
            }
            self.skip_space();
            let mut max = min;
            if self.peek() == Some(b':') {
                self.at += 1;
                max = self.number()?;
                self.skip_space();
            }
            values.push((min, max));
            match self.peek() {
                None => return Ok((values, false)),
                Some(b'&') => {
                    self.twice(b'&')?;
                    return Ok((values, true));
                }
                Some(b',') => self.at += 1,
                Some(_) => return Err(self.bad(BadTest::Separator)),
            }
        }
    }
}

impl Value for U32Program {
    const KIND: ValueKind = ValueKind::text("TESTS");

    fn parse(input: &Input<'_>) -> Result<U32Program, BadValue> {
        let mut reader = Reader { text: input.text(), at: 0 };
        let mut tests = Vec::new();
        loop {
            let (offset, ops) = reader.location()?;
            let (values, more) = reader.values()?;
            if tests.len() >= XT_U32_MAXSIZE {
                // Noticed at the end, or at the first of the two signs.
                reader.at -= usize::from(more);
                return Err(reader.bad(BadTest::Tests));
            }
            tests.push(U32Test { offset, ops, values });
            if !more {
                return Ok(U32Program(tests));
            }
        }
    }

    fn print(&self, out: &mut Printer<'_>) {
        for (at, test) in self.0.iter().enumerate() {
            out.text(if at > 0 { "&&" } else { "" });
            out.hex(test.offset, 0);
            for (op, number) in &test.ops {
                out.text(op.sign());
                out.hex(*number, 0);
            }
            for (at, (min, max)) in test.values.iter().enumerate() {
                out.text(if at > 0 { "," } else { "=" });
                out.hex(*min, 0);
                if min != max {
                    out.text(":");
                    out.hex(*max, 0);
                }
            }
        }
    }
}

options! {
    /// Matches packets by tests on groups of four bytes.
    #[header("linux/netfilter/xt_u32.h")]
    #[example(Ipv4, "-p icmp -m u32 --u32 \"6&0xFF=1 && 4&0x3FFF=0 && 0>>22&0x3C@0>>24=0\" -j ACCEPT")]
    pub match U32 {
        /// The tests, such as `0>>22&0x3C@0>>24=8` for an ICMP echo request.
        [!] u32: U32Program => "--u32" { required: true };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<U32>("u32").placed(Placement::NONE.checked());

impl Codec for U32 {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_u32>(0)];

    fn check(&self, _: &RuleContext<'_>, _: &Place<'_>) -> Result<()> {
        let tests = self.u32.iter().flat_map(|program| &program.value.0);
        let shifts = |(op, _): &&(U32Op, u32)| matches!(op, U32Op::Left | U32Op::Right);
        match tests.flat_map(|test| &test.ops).filter(shifts).find(|(_, bits)| *bits >= u32::BITS) {
            Some((_, bits)) => Err(Error::from(Refused::WideShift { bits: *bits }).at_option("u32")),
            None => Ok(()),
        }
    }

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let Some(Inv { inverted, value: U32Program(tests) }) = &self.u32 else { return Ok(()) };
        let fits = |len| (1..=XT_U32_MAXSIZE).contains(&len);
        let parts_fit = |test: &U32Test| fits(test.ops.len() + 1) && fits(test.values.len());
        if !fits(tests.len()) || !tests.iter().all(parts_fit) {
            return Err(Error::from(Misfit::Tests).at_option("u32"));
        }
        let mut raw = xt_u32::new_zeroed();
        raw.ntests = tests.len() as u8;
        raw.invert = (*inverted).into();
        for (to, test) in raw.tests.iter_mut().zip(tests) {
            to.nnums = test.ops.len() as u8 + 1;
            to.nvalues = test.values.len() as u8;
            to.location[0].number = test.offset;
            for (at, (op, number)) in test.ops.iter().enumerate() {
                to.location[at + 1].nextop = *op as u8;
                to.location[at + 1].number = *number;
            }
            for (value, (min, max)) in to.value.iter_mut().zip(&test.values) {
                *value = xt_u32_value_element { min: *min, max: *max };
            }
        }
        payload.put(&raw);
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<U32> {
        let raw: xt_u32 = read_raw(bytes)?;
        let malformed = || Error::from(Malformed::Overfull { what: "program", of: "parts" });
        let tests = raw.tests.get(..raw.ntests.into()).ok_or_else(malformed)?;
        let tests = tests.iter().map(|test| {
            let (first, rest) =
                test.location.get(..test.nnums.into()).and_then(<[_]>::split_first).ok_or_else(malformed)?;
            let ops = rest.iter().map(|element| {
                let op = U32Op::ALL.get(usize::from(element.nextop)).ok_or_else(malformed)?;
                Ok((op.0, element.number))
            });
            let values = test.value.get(..test.nvalues.into()).ok_or_else(malformed)?;
            Ok(U32Test {
                offset: first.number,
                ops: ops.collect::<Result<_>>()?,
                values: values.iter().map(|value| (value.min, value.max)).collect(),
            })
        });
        let program = U32Program(tests.collect::<Result<_>>()?);
        Ok(U32 { u32: Some(Inv::new(raw.invert != 0, program)), ..U32::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        let Some(Inv { inverted, value }) = &self.u32 else { return };
        out.text(if *inverted { " u32 ! \"" } else { " u32 \"" });
        out.value(value);
        out.text("\"");
    }

    fn save(&self, sink: &mut dyn Sink) {
        let Some(Inv { inverted, value }) = &self.u32 else { return };
        sink.option(opt!(U32, u32), *inverted, &|out| {
            let mut text = Vec::new();
            value.print(&mut Printer { out: &mut text, ..*out });
            out.string(&text);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-m u32 --u32 \"0>>22&0x3c@0>>24=8\"", "-m u32 --u32 \"0x0>>0x16&0x3c@0x0>>0x18=0x8\""),
            (
                "-m u32 ! --u32 \" 0 = 1 : 5 , 7 && 4<<3=0\"",
                "-m u32 ! --u32 \"0x0=0x1:0x5,0x7&&0x4<<0x3=0x0\"",
            ),
            ("-m u32", "!u32: option \"--u32\" must be specified\n"),
            ("-m u32 --u32 \"0\"", "!u32: abrupt end of input after location specifier"),
            ("-m u32 --u32 \"0&\"", "!u32: at char 2: not a number or out of range"),
            ("-m u32 --u32 \"0 >>  x\"", "!u32: at char 4: not a number or out of range"),
            ("-m u32 --u32 \"1=1, x\"", "!u32: at char 4: not a number or out of range"),
            ("-m u32 --u32 \"=1\"", "!u32: at char 0: location spec missing"),
            ("-m u32 --u32 \"0=\"", "!u32: test ended with no value specified"),
            ("-m u32 --u32 \"0=1&1=2\"", "!u32: at char 4: a second '&' was expected"),
            ("-m u32 --u32 \"0=1 1=2\"", "!u32: at char 4: expected \",\" or \"&&\""),
            ("-m u32 --u32 \"0=1,2,3,4,5,6,7,8,9,10,11\"", "!u32: at char 25: too many \",\"s"),
            ("-m u32 --u32 \"0>>1>>2>>3>>4>>5>>6>>7>>8>>9>>10=1\"", "!u32: at char 32: too many operators"),
            ("-m u32 --u32 \"x=1\"", "!u32: at char 0: not a number or out of range"),
        ]);
    }
}
