//! The grammar of JSON (RFC 8259), without making anything of it.

use crate::error::BadJson;

/// How many lists and objects may stand within each other: more than any text of libfw has, and little for a stack.
const DEPTH: usize = 64;

/// A position in a text.
#[derive(Clone, Copy)]
pub(super) struct Scanner<'t> {
    pub(super) text: &'t [u8],
    pub(super) at: usize,
}

/// What is wrong, at the position where the scanner stands.
type Scanned = Result<(), BadJson>;

fn expected<T>(expected: &'static str) -> Result<T, BadJson> {
    Err(BadJson::Syntax { expected })
}

impl Scanner<'_> {
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Passes a byte, if it is there.
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    pub(super) fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Passes the whole text: one value.
    pub(super) fn document(&mut self) -> Scanned {
        self.space();
        self.value(0)?;
        self.space();
        if self.at < self.text.len() { expected("the end of the text") } else { Ok(()) }
    }

    /// Passes a value.
    pub(super) fn value(&mut self, depth: usize) -> Scanned {
        if depth > DEPTH {
            return Err(BadJson::Depth { max: DEPTH });
        }
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => {
                let rest = self.text.get(self.at..).unwrap_or_default();
                let word = ["true", "false", "null"].iter().find(|word| rest.starts_with(word.as_bytes()));
                match word {
                    Some(word) => self.at += word.len(),
                    None => return expected("a value"),
                }
                Ok(())
            }
        }
    }

    fn object(&mut self, depth: usize) -> Scanned {
        self.at += 1;
        self.space();
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return expected("a key in quotes");
            }
            self.string()?;
            self.space();
            if !self.take(b':') {
                return expected("a colon");
            }
            self.space();
            self.value(depth + 1)?;
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return expected("a comma or }"),
            }
        }
        self.at += 1;
        Ok(())
    }

    fn list(&mut self, depth: usize) -> Scanned {
        self.at += 1;
        self.space();
        if self.take(b']') {
            return Ok(());
        }
        loop {
            self.space();
            self.value(depth + 1)?;
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return expected("a comma or ]"),
            }
        }
        self.at += 1;
        Ok(())
    }

    pub(super) fn string(&mut self) -> Scanned {
        self.at += 1;
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let plain = rest.iter().position(|byte| matches!(byte, 0..b' ' | b'"' | b'\\'));
            self.at += plain.unwrap_or(rest.len());
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                None => return expected("the \" that ends the text"),
                Some(_) => return expected("\\u and four digits for a control character"),
            }
        }
        self.at += 1;
        Ok(())
    }

    fn escape(&mut self) -> Scanned {
        match self.text.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') => {
                let unit = self.unit()?;
                if (0xdc00..0xe000).contains(&unit) {
                    return expected("the first half of a pair of surrogates before the second");
                }
                self.at += 6;
                if (0xd800..0xdc00).contains(&unit) {
                    if self.text.get(self.at..self.at + 2) != Some(b"\\u")
                        || !(0xdc00..0xe000).contains(&self.unit()?)
                    {
                        return expected("the second half of a pair of surrogates");
                    }
                    self.at += 6;
                }
            }
            _ => return expected("a letter that may follow \\"),
        }
        Ok(())
    }

    /// The number behind `\u`.
    fn unit(&self) -> Result<u32, BadJson> {
        let digits = self.text.get(self.at + 2..self.at + 6).unwrap_or_default();
        match unit(digits) {
            Some(unit) => Ok(unit),
            None => expected("four hexadecimal digits behind \\u"),
        }
    }

    fn number(&mut self) -> Scanned {
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Scanned {
        let begin = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == begin { expected("a digit") } else { Ok(()) }
    }
}

/// Four hexadecimal digits.
pub(super) fn unit(digits: &[u8]) -> Option<u32> {
    if digits.len() != 4 {
        return None;
    }
    digits.iter().try_fold(0, |number, digit| Some(number * 16 + char::from(*digit).to_digit(16)?))
}
