//! What is wrong with a text in JSON.

use super::sample::sampled;
use super::{Error, ErrorKind};
use crate::types::json::Value;

sampled! {
    /// Why a text is no JSON, or not what was asked for.
    #[derive(Clone, Debug, PartialEq, thiserror::Error)]
    pub(crate) enum BadJson {
        /// The text breaks the grammar of JSON.
        #[error("bad JSON, expected {expected}")]
        Syntax { expected: &'static str },
        #[error("the text is not UTF-8")]
        NotUtf8,
        #[error("more than {max} levels of lists and objects")]
        Depth { max: usize },
        /// It is JSON, but something else stands here.
        #[error("expected {expected}, found {found}")]
        Other { expected: &'static str, found: &'static str },
        #[error("{key:?} means nothing here, {}", instead(meant, known))]
        UnknownKey { key: String, known: &'static [&'static str], meant: Option<&'static str> },
        #[error("{key:?} is given twice")]
        TwiceKey { key: String },
        #[error("{key:?} is missing")]
        MissingKey { key: &'static str },
        #[error("expected one of {}", listed(known))]
        NoneOf { known: &'static [&'static str] },
        #[error("expected a number from 0 to {max}")]
        Number { max: u64 },
        #[error("expected bytes as an even number of hexadecimal digits")]
        Hexadecimal,
        #[error("the format is {found:?}, expected {expected:?}")]
        Format { found: String, expected: &'static str },
        #[error("a rule by itself needs its \"family\"")]
        NoFamily,
        #[error("the table is {found}, expected {expected}")]
        OtherTable { found: String, expected: String },
        #[error("a rule of nf_tables that has no form in iptables can be shown, but not made")]
        Foreign,
    }
}

/// What was perhaps meant by a key, or all that there are.
fn instead(meant: &Option<&str>, known: &[&str]) -> String {
    meant.map_or_else(|| format!("expected {}", listed(known)), |meant| format!("did you mean {meant:?}?"))
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")
}

impl BadJson {
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            BadJson::NoneOf { .. } | BadJson::Number { .. } | BadJson::Hexadecimal => ErrorKind::InvalidValue,
            BadJson::OtherTable { .. } => ErrorKind::InvalidArgument,
            BadJson::Foreign => ErrorKind::ForeignRules,
            BadJson::Syntax { .. }
            | BadJson::NotUtf8
            | BadJson::Depth { .. }
            | BadJson::Other { .. }
            | BadJson::UnknownKey { .. }
            | BadJson::TwiceKey { .. }
            | BadJson::MissingKey { .. }
            | BadJson::Format { .. }
            | BadJson::NoFamily => ErrorKind::Syntax,
        }
    }
}

impl Error {
    /// The error in [JSON](crate::json): what is known of it, by name.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let error = Rule::parse(Family::Ipv4, "-p tcp --dport 99999").unwrap_err();
    /// assert!(error.to_json().starts_with(r#"{"kind": "InvalidValue", "code": 3, "message": "bad value"#));
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        self.json().to_string()
    }

    fn json(&self) -> Value {
        let mut fields = vec![
            ("kind", self.kind().name().into()),
            ("code", (self.kind() as u32).into()),
            ("message", self.message().into()),
        ];
        let mut put = |name, value: Option<Value>| fields.extend(value.map(|value| (name, value)));
        put("backend", self.backend().map(|backend| backend.name().into()));
        put("family", self.family().map(|family| family.key().into()));
        put("table", self.table().map(Value::from));
        put("chain", self.chain().map(Value::from));
        put("rule", self.rule().map(Value::from));
        put("extension", self.extension().map(Value::from));
        put("option", self.option().map(Value::from));
        put("token", self.token().map(Value::from));
        put("line", self.line().map(Value::from));
        put("column", self.column().map(Value::from));
        put("length", self.span().map(|span| span.len().into()));
        put("path", self.path().map(Value::from));
        put("text", self.rule_text().map(Value::from));
        put("errno", self.errno().map(|number| number.unsigned_abs().into()));
        put("system", self.system().map(|error| super::system_words(error).into()));
        put("doubt", self.doubt().map(|doubt| doubt.name().into()));
        let others = self.others().iter().map(Error::json).collect::<Vec<_>>();
        put("others", Some(others).filter(|others| !others.is_empty()).map(Value::List));
        Value::Fields(fields)
    }
}

/// As [`to_json`](Error::to_json) writes it. Needs the feature `serde`.
#[cfg(feature = "serde")]
impl serde::Serialize for Error {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json().serialize(serializer)
    }
}
