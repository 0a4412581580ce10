//! A text in JSON, read where it stands.
//!
//! Nothing is made of a text but what is asked for, so that a large one costs no memory; and since a node is a place in
//! the text, whatever turns out to be wrong with it has a line, a column and a path, however late that is.

use std::borrow::Cow;

use super::scan::{self, Scanner};
use crate::error::BadJson;
use crate::types::opaque;
use crate::types::similar::similar;
use crate::{Error, Result};

/// What a text in quotes says.
fn told(raw: &str) -> Cow<'_, str> {
    let raw = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
    if raw.contains('\\') { Cow::Owned(unescaped(raw)) } else { Cow::Borrowed(raw) }
}

/// No more of a line is shown.
const SHOWN: usize = 400;

/// A value in a text that was checked as a whole.
#[derive(Clone, Copy)]
pub(crate) struct Node<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Node<'t> {
    /// The value that a text is.
    pub(crate) fn read(text: &'t [u8]) -> Result<Node<'t>> {
        let valid = match std::str::from_utf8(text) {
            Ok(text) => text,
            Err(error) => {
                let valid = text.get(..error.valid_up_to()).unwrap_or_default();
                let valid = std::str::from_utf8(valid).unwrap_or_default();
                return Err(Node { text: valid, at: valid.len() }.error(BadJson::NotUtf8));
            }
        };
        let mut scanner = Scanner { text, at: 0 };
        match scanner.document() {
            Err(bad) => Err(Node { text: valid, at: scanner.at }.error(bad).unless_path(text)),
            Ok(()) => Ok(Node { text: valid, at: Scanner { text, at: 0 }.spaced() }),
        }
    }

    fn scanner(&self) -> Scanner<'t> {
        Scanner { text: self.text.as_bytes(), at: self.at }
    }

    fn first(&self) -> Option<u8> {
        self.scanner().peek()
    }

    /// The end of the value.
    fn end(&self) -> usize {
        let mut scanner = self.scanner();
        let _ = scanner.value(0);
        scanner.at
    }

    /// The text of the value.
    fn raw(&self) -> &'t str {
        self.text.get(self.at..self.end()).unwrap_or_default()
    }

    /// What it is, in words.
    fn found(&self) -> &'static str {
        match self.first() {
            Some(b'"') => "a text",
            Some(b'{') => "an object",
            Some(b'[') => "a list",
            Some(b't' | b'f') => "true or false",
            Some(b'n') => "null",
            _ => "a number",
        }
    }

    /// The error of this value.
    #[cold]
    pub(crate) fn error(&self, bad: BadJson) -> Error {
        self.place(bad.into())
    }

    /// The error of a word in this value.
    #[cold]
    pub(crate) fn wrong(&self, bad: BadJson, word: &str) -> Error {
        self.place(Error::from(bad).at_token(word))
    }

    /// The error of a value that is of another kind.
    #[cold]
    pub(crate) fn expected(&self, expected: &'static str) -> Error {
        self.error(BadJson::Other { expected, found: self.found() })
    }

    pub(crate) fn is_text(&self) -> bool {
        self.first() == Some(b'"')
    }

    pub(crate) fn is_object(&self) -> bool {
        self.first() == Some(b'{')
    }

    pub(crate) fn is_list(&self) -> bool {
        self.first() == Some(b'[')
    }

    pub(crate) fn is_flag(&self) -> bool {
        matches!(self.first(), Some(b't' | b'f'))
    }

    /// A text.
    pub(crate) fn text(&self) -> Result<Cow<'t, str>> {
        if !self.is_text() {
            return Err(self.expected("a text"));
        }
        Ok(told(self.raw()))
    }

    /// A text that need not be UTF-8.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>> {
        if self.is_object() {
            return self.object(&["bytes"])?.require("bytes")?.hexadecimal();
        }
        if !self.is_text() {
            return Err(self.expected("a text, or {\"bytes\": DIGITS}"));
        }
        Ok(self.text()?.into_owned().into_bytes())
    }

    /// Bytes as hexadecimal digits.
    pub(crate) fn hexadecimal(&self) -> Result<Vec<u8>> {
        let digits = self.text()?;
        opaque::read_bytes(digits.as_bytes()).ok_or_else(|| self.error(BadJson::Hexadecimal))
    }

    /// A whole number up to a largest.
    pub(crate) fn number(&self, max: u64) -> Result<u64> {
        if !matches!(self.first(), Some(b'-' | b'0'..=b'9')) {
            return Err(self.expected("a number"));
        }
        let number = self.raw().parse().ok().filter(|number| *number <= max);
        number.ok_or_else(|| self.wrong(BadJson::Number { max }, self.raw()))
    }

    pub(crate) fn flag(&self) -> Result<bool> {
        if self.is_flag() { Ok(self.first() == Some(b't')) } else { Err(self.expected("true or false")) }
    }

    /// The values of a list.
    pub(crate) fn items(&self) -> Result<impl Iterator<Item = Node<'t>> + use<'t>> {
        if !self.is_list() {
            return Err(self.expected("a list"));
        }
        let mut scanner = self.scanner();
        let text = self.text;
        Ok(std::iter::from_fn(move || {
            // Past the bracket or the comma.
            scanner.at += 1;
            let at = scanner.spaced();
            scanner.value(0).ok().filter(|()| scanner.at > at)?;
            scanner.space();
            Some(Node { text, at })
        }))
    }

    /// The keys of an object, where each stands, and their values.
    pub(crate) fn fields(
        &self,
    ) -> Result<impl Iterator<Item = (Cow<'t, str>, Node<'t>, Node<'t>)> + use<'t>> {
        if !self.is_object() {
            return Err(self.expected("an object"));
        }
        let mut scanner = self.scanner();
        let text = self.text;
        Ok(std::iter::from_fn(move || {
            scanner.at += 1;
            let key = Node { text, at: scanner.spaced() };
            // Behind the last one an error would look for its place in all of the text.
            if !key.is_text() {
                return None;
            }
            scanner.string().ok()?;
            let name = told(text.get(key.at..scanner.at).unwrap_or_default());
            scanner.space();
            // Past the colon.
            scanner.at += 1;
            let value = Node { text, at: scanner.spaced() };
            scanner.value(0).ok()?;
            scanner.space();
            Some((name, key, value))
        }))
    }

    /// An object that has these keys and no others.
    pub(crate) fn object(&self, known: &'static [&'static str]) -> Result<Object<'t>> {
        let mut fields: Vec<(&'static str, Node<'t>)> = Vec::new();
        for (name, key, value) in self.fields()? {
            let Some(known_name) = known.iter().find(|known| **known == name) else {
                let meant = similar(&name, known.iter().copied());
                let bad = BadJson::UnknownKey { key: name.clone().into_owned(), known, meant };
                return Err(key.wrong(bad, &name));
            };
            if fields.iter().any(|(other, _)| other == known_name) {
                return Err(key.error(BadJson::TwiceKey { key: name.into_owned() }));
            }
            fields.push((known_name, value));
        }
        Ok(Object { node: *self, fields })
    }

    /// Whether an object has a key.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.fields().is_ok_and(|mut fields| fields.any(|(name, _, _)| name == key))
    }

    /// The error with the place of the value, unless it has one within it.
    #[cold]
    pub(crate) fn place(&self, error: Error) -> Error {
        // The word itself, where the value has it as it is.
        let word = error.said_token().filter(|_| !self.is_object()).and_then(|token| self.raw().find(token));
        let at = self.at + word.unwrap_or(0);
        let before = self.text.get(..at).unwrap_or_default();
        let begin = before.rfind('\n').map_or(0, |end| end + 1);
        let rest = self.text.get(begin..).unwrap_or_default();
        let line = rest.lines().next().unwrap_or_default();
        let shown = (line.len() <= SHOWN).then(|| line.to_owned());
        let number = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        error.in_document(number, at - begin + 1, shown, path(self.text.as_bytes(), self.at))
    }
}

impl Scanner<'_> {
    /// The position behind the spaces.
    fn spaced(&mut self) -> usize {
        self.space();
        self.at
    }
}

/// The values of an object by key.
pub(crate) struct Object<'t> {
    pub(crate) node: Node<'t>,
    fields: Vec<(&'static str, Node<'t>)>,
}

impl<'t> Object<'t> {
    pub(crate) fn get(&self, key: &str) -> Option<Node<'t>> {
        self.fields.iter().find(|(name, _)| *name == key).map(|(_, value)| *value)
    }

    pub(crate) fn require(&self, key: &'static str) -> Result<Node<'t>> {
        self.get(key).ok_or_else(|| self.node.error(BadJson::MissingKey { key }))
    }
}

/// A string without its escapes. Only of one that was checked.
fn unescaped(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let escape = &rest.as_bytes()[at..];
        let unit = |from: usize| escape.get(from..from + 4).and_then(scan::unit).unwrap_or_default();
        let (letter, length) = match escape.get(1) {
            Some(b'u') => match unit(2) {
                high @ 0xd800..0xdc00 => (0x10000 + ((high - 0xd800) << 10) + (unit(8) & 0x3ff), 12),
                unit => (unit, 6),
            },
            Some(b'b') => (8, 2),
            Some(b'f') => (12, 2),
            Some(b'n') => (10, 2),
            Some(b'r') => (13, 2),
            Some(b't') => (9, 2),
            letter => (letter.copied().unwrap_or_default().into(), 2),
        };
        out.extend(char::from_u32(letter));
        rest = rest.get(at + length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// The keys and places that lead to a position, such as `tables[0].chains[2].rules[5].source`.
fn path(text: &[u8], target: usize) -> String {
    let mut path = String::new();
    let mut scanner = Scanner { text, at: 0 };
    scanner.space();
    'down: loop {
        let opened = scanner.peek();
        if !matches!(opened, Some(b'{' | b'[')) || scanner.at >= target {
            return path;
        }
        scanner.at += 1;
        for index in 0.. {
            scanner.space();
            let mut step = format!("[{index}]");
            if opened == Some(b'{') {
                let begin = scanner.at;
                if scanner.peek() != Some(b'"')
                    || scanner.string().is_err()
                    || begin < target && target < scanner.at
                {
                    return path;
                }
                let key = text.get(begin + 1..scanner.at - 1).unwrap_or_default();
                let dot = if path.is_empty() { "" } else { "." };
                step = format!("{dot}{}", String::from_utf8_lossy(key));
                // It is wrong itself.
                if target == begin {
                    return path + &step;
                }
                scanner.space();
                scanner.take(b':');
                scanner.space();
            }
            let begin = scanner.at;
            if target < begin {
                return path;
            }
            if scanner.value(0).is_err() || target < scanner.at {
                path += &step;
                scanner.at = begin;
                continue 'down;
            }
            scanner.space();
            if !scanner.take(b',') {
                return path;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    /// The value written again from what was read.
    fn told(node: Node<'_>) -> String {
        match node.first() {
            Some(b'"') => format!("{:?}", node.text().unwrap()),
            Some(b'[') => {
                let items: Vec<_> = node.items().unwrap().map(told).collect();
                format!("[{}]", items.join(","))
            }
            Some(b'{') => {
                let fields = node.fields().unwrap();
                let fields: Vec<_> =
                    fields.map(|(name, _, value)| format!("{name:?}:{}", told(value))).collect();
                format!("{{{}}}", fields.join(","))
            }
            _ => node.raw().to_owned(),
        }
    }

    #[test]
    fn values_are_read_as_they_are() {
        for (text, want) in [
            ("3", "3"),
            (" [ ] ", "[]"),
            ("{\n}", "{}"),
            (r#"[1, -0.5e+3, true, false, null, "a"]"#, r#"[1,-0.5e+3,true,false,null,"a"]"#),
            (
                r#"{"a": {"b": [[], {}]}, "c": "\u00e4\ud83d\ude00\n\"\/"}"#,
                "{\"a\":{\"b\":[[],{}]},\"c\":\"ä😀\\n\\\"/\"}",
            ),
        ] {
            assert_eq!(told(Node::read(text.as_bytes()).unwrap()), want, "{text}");
        }
        let zero = Node::read(b"\"a\\u0000b\"").unwrap();
        assert_eq!(zero.text().unwrap(), "a\0b");
    }

    #[test]
    fn what_is_wrong_is_shown_where_it_is() {
        for (text, line, column, path, words) in [
            ("", 1, 1, "", "a value"),
            ("{", 1, 2, "", "a key in quotes"),
            ("[1,\n 2,]", 2, 4, "[2]", "a value"),
            ("{\"a\": [1, {\"b\": x}]}", 1, 17, "a[1].b", "a value"),
            ("{\"a\" 1}", 1, 6, "a", "a colon"),
            ("[1 2]", 1, 4, "", "a comma or ]"),
            ("[\"a]", 1, 5, "[0]", "the \" that ends the text"),
            ("[\"\\x\"]", 1, 3, "[0]", "a letter that may follow \\"),
            ("[\"\\ud800\"]", 1, 9, "[0]", "the second half of a pair of surrogates"),
            ("[01]", 1, 3, "", "a comma or ]"),
            ("[1.]", 1, 4, "[0]", "a digit"),
            ("1 2", 1, 3, "", "the end of the text"),
        ] {
            let error = Node::read(text.as_bytes()).err().unwrap();
            assert_eq!(error.kind(), ErrorKind::Syntax);
            assert_eq!((error.line(), error.column()), (Some(line), Some(column)), "{text}: {error}");
            assert_eq!(error.path().unwrap_or_default(), path, "{text}");
            assert!(error.message().ends_with(words), "{text}: {error}");
        }
        let deep = "[".repeat(100_000);
        assert!(Node::read(deep.as_bytes()).err().unwrap().message().contains("more than 64 levels"));
        let error = Node::read(b"[\"a\xff\"]").err().unwrap();
        assert_eq!((error.message(), error.column()), ("the text is not UTF-8", Some(4)));
    }

    #[test]
    fn objects_have_the_keys_that_are_known() {
        let node = Node::read(br#"{"a": 1, "b": {"c": 300}}"#).unwrap();
        let object = node.object(&["a", "b"]).unwrap();
        assert_eq!(object.require("a").unwrap().number(9).unwrap(), 1);
        let error = object.require("b").unwrap().object(&["c"]).unwrap().require("c").unwrap().number(255);
        let error = error.unwrap_err();
        assert_eq!((error.path(), error.column(), error.token()), (Some("b.c"), Some(21), Some("300")));
        let error = node.object(&["a"]).err().unwrap();
        assert_eq!(error.message(), r#""b" means nothing here, expected "a""#);
        assert_eq!((error.path(), error.column()), (Some("b"), Some(11)));
        assert_eq!(error.marked().unwrap(), "{\"a\": 1, \"b\": {\"c\": 300}}\n          ^");
        let error = node.object(&["a", "bb", "bcde"]).err().unwrap();
        assert_eq!(error.message().split_once(" here").unwrap().1, r#", expected "a", "bb", "bcde""#);
        let node = Node::read(br#"[{"sorce": 1}]"#).unwrap();
        let error = node.items().unwrap().next().unwrap().object(&["source"]).err().unwrap();
        assert_eq!(error.message(), r#""sorce" means nothing here, did you mean "source"?"#);
        assert_eq!(error.path(), Some("[0].sorce"));
        let twice = Node::read(br#"{"a": 1, "a": 2}"#).unwrap().object(&["a"]).err().unwrap();
        assert_eq!(twice.message(), r#""a" is given twice"#);
    }
}
