//! JSON: what is written, as a tree; what is read, in place.

mod node;
mod scan;
#[cfg(feature = "serde")]
pub(crate) mod serde;

use std::fmt::{self, Write as _};

pub(crate) use node::{Node, Object};

/// A value of JSON that is to be written; its text is on one line.
///
/// Keys stand in the order in which they are given.
///
/// ```
/// use libfw::json::Value;
///
/// let value = Value::fields([("ports", Value::list([22u64, 80])), ("name", "a \"b\"".into()), ("open", true.into())]);
/// assert_eq!(value.to_string(), r#"{"ports": [22, 80], "name": "a \"b\"", "open": true}"#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Value {
    /// Nothing: what is not known.
    Null,
    /// True or false.
    Flag(bool),
    /// A number that is not negative.
    Number(u64),
    /// A text.
    Text(String),
    /// Several values.
    List(Vec<Value>),
    /// Values by name.
    Fields(Vec<(&'static str, Value)>),
}

impl Value {
    /// Several values.
    ///
    /// ```
    /// use libfw::json::Value;
    ///
    /// assert_eq!(Value::list(["a", "b"]).to_string(), r#"["a", "b"]"#);
    /// ```
    pub fn list<T: Into<Value>>(values: impl IntoIterator<Item = T>) -> Value {
        Value::List(values.into_iter().map(Into::into).collect())
    }

    /// Values by name.
    ///
    /// ```
    /// use libfw::json::Value;
    ///
    /// assert_eq!(Value::fields([("port", Value::Number(22))]).to_string(), r#"{"port": 22}"#);
    /// ```
    pub fn fields(fields: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
        Value::Fields(fields.into_iter().collect())
    }

    /// A text that need not be UTF-8: bytes that are none stand in hexadecimal, as `{"bytes": "66ff"}`.
    ///
    /// ```
    /// use libfw::json::Value;
    ///
    /// assert_eq!(Value::bytes(b"web").to_string(), r#""web""#);
    /// ```
    #[must_use]
    pub fn bytes(bytes: &[u8]) -> Value {
        match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => Value::hexadecimal_bytes(bytes),
        }
    }

    /// The same whatever the bytes are.
    pub(crate) fn hexadecimal_bytes(bytes: &[u8]) -> Value {
        Value::fields([("bytes", Value::hexadecimal(bytes))])
    }

    /// Bytes as text in hexadecimal.
    #[must_use]
    pub(crate) fn hexadecimal(bytes: &[u8]) -> Value {
        let mut digits = Vec::with_capacity(bytes.len() * 2);
        super::opaque::print_bytes(&mut digits, bytes);
        Value::Text(digits.into_iter().map(char::from).collect())
    }
}

macro_rules! from {
    ($($from:ty: $value:ident => $made:expr;)*) => {$(
        impl From<$from> for Value {
            fn from($value: $from) -> Value {
                $made
            }
        }
    )*};
}

from! {
    bool: flag => Value::Flag(flag);
    u64: number => Value::Number(number);
    u32: number => Value::Number(number.into());
    usize: number => Value::Number(number as u64);
    &str: text => Value::Text(text.into());
    String: text => Value::Text(text);
    Vec<Value>: list => Value::List(list);
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Flag(flag) => f.write_str(if *flag { "true" } else { "false" }),
            Value::Number(number) => write!(f, "{number}"),
            Value::Text(text) => quoted(f, text),
            Value::List(list) => {
                f.write_char('[')?;
                for (index, value) in list.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { ", " })?;
                    value.fmt(f)?;
                }
                f.write_char(']')
            }
            Value::Fields(fields) => {
                f.write_char('{')?;
                for (index, (name, value)) in fields.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { ", " })?;
                    quoted(f, name)?;
                    f.write_str(": ")?;
                    value.fmt(f)?;
                }
                f.write_char('}')
            }
        }
    }
}

/// A string. Letters that end a line somewhere, or are not seen, are escaped: one line stays one.
fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    // Most texts have none of them.
    let mut rest = text;
    while let Some(at) = rest.find(is_escaped) {
        let (plain, others) = rest.split_at(at);
        f.write_str(plain)?;
        let mut letters = others.chars();
        match letters.next() {
            Some(letter @ ('"' | '\\')) => write!(f, "\\{letter}")?,
            Some('\n') => f.write_str("\\n")?,
            Some('\t') => f.write_str("\\t")?,
            letter => write!(f, "\\u{:04x}", letter.map_or(0, u32::from))?,
        }
        rest = letters.as_str();
    }
    f.write_str(rest)?;
    f.write_char('"')
}

fn is_escaped(letter: char) -> bool {
    matches!(letter, '"' | '\\' | '\u{2028}' | '\u{2029}') || letter.is_control()
}
