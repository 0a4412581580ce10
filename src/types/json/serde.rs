//! The same in the traits of serde, for every format that says what its values are.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::marker::PhantomData;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Value;
use crate::types::{AddrMask, BackendKind, Counters, Family, Hook, Interface, Inv, Policy};

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Flag(flag) => serializer.serialize_bool(*flag),
            Value::Number(number) => serializer.serialize_u64(*number),
            Value::Text(text) => serializer.serialize_str(text),
            Value::List(list) => serializer.collect_seq(list),
            Value::Fields(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (name, value) in fields {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

/// What is a text in JSON is one everywhere: what `Display` writes, or what is said here, and `FromStr` reads.
macro_rules! texts {
    ($($ty:ty $(, $key:ident)?;)*) => {$(
        /// As its text in [JSON](crate::json). Needs the feature `serde`.
        impl ::serde::Serialize for $ty {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.collect_str(&self$(.$key())?)
            }
        }

        /// From its text, as [`FromStr`](std::str::FromStr) reads it. Needs the feature `serde`.
        impl<'de> ::serde::Deserialize<'de> for $ty {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<$ty, D::Error> {
                let text = $crate::types::json::serde::word(deserializer)?;
                text.parse().map_err(|error: crate::Error| ::serde::de::Error::custom(error.message()))
            }
        }
    )*};
}

pub(crate) use texts;

/// A text, or a number as it is written: `22` in a file of settings is a port without quotes, too.
pub(crate) fn word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    struct Word;

    impl Visitor<'_> for Word {
        type Value = String;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text or a number")
        }

        fn visit_u64<E>(self, number: u64) -> Result<String, E> {
            Ok(number.to_string())
        }

        fn visit_i64<E>(self, number: i64) -> Result<String, E> {
            Ok(number.to_string())
        }

        fn visit_str<E>(self, text: &str) -> Result<String, E> {
            Ok(text.to_owned())
        }

        fn visit_string<E>(self, text: String) -> Result<String, E> {
            Ok(text)
        }
    }

    if deserializer.is_human_readable() {
        deserializer.deserialize_any(Word)
    } else {
        String::deserialize(deserializer)
    }
}

/// As in [JSON](crate::json): `{"packets": 3, "bytes": 180}`. Needs the feature `serde`.
impl Serialize for Counters {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([("packets", self.packets), ("bytes", self.bytes)])
    }
}

/// From its two numbers. Needs the feature `serde`.
impl<'de> Deserialize<'de> for Counters {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Counters, D::Error> {
        let mut fields = BTreeMap::<String, u64>::deserialize(deserializer)?;
        let mut take = |name| fields.remove(name).ok_or_else(|| D::Error::missing_field(name));
        let counters = Counters { packets: take("packets")?, bytes: take("bytes")? };
        match fields.first_key_value() {
            Some((name, _)) => Err(D::Error::unknown_field(name, &["packets", "bytes"])),
            None => Ok(counters),
        }
    }
}

/// As in [JSON](crate::json): the value, or `{"not": VALUE}`. Needs the feature `serde`.
impl<T: Serialize> Serialize for Inv<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            _ if !serializer.is_human_readable() => (self.inverted, &self.value).serialize(serializer),
            Inv { inverted: true, value } => serializer.collect_map([("not", value)]),
            Inv { inverted: false, value } => value.serialize(serializer),
        }
    }
}

/// From the value, or `{"not": VALUE}`. Needs the feature `serde`.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Inv<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Inv<T>, D::Error> {
        struct Either<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = Inv<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a number, or an object with \"not\"")
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Inv<T>, E> {
                T::deserialize(number.into_deserializer()).map(Inv::from)
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Inv<T>, E> {
                T::deserialize(text.into_deserializer()).map(Inv::from)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Inv<T>, A::Error> {
                let Some((name, value)) = fields.next_entry::<String, T>()? else {
                    return Err(A::Error::missing_field("not"));
                };
                let other = if name == "not" { fields.next_key::<String>()? } else { Some(name) };
                match other {
                    Some(other) => Err(A::Error::unknown_field(&other, &["not"])),
                    None => Ok(crate::not(value)),
                }
            }
        }

        if deserializer.is_human_readable() {
            deserializer.deserialize_any(Either(PhantomData))
        } else {
            let (inverted, value) = Deserialize::deserialize(deserializer)?;
            Ok(Inv { inverted, value })
        }
    }
}

texts! {
    AddrMask;
    BackendKind, name;
    Family, key;
    Hook;
    Interface;
    Policy;
}

/// What somebody deserializes, as text in JSON: it is read from there.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let mut out = String::new();
    deserializer.deserialize_any(Writer(&mut out))?;
    Ok(out)
}

/// Writes what it visits.
struct Writer<'a>(&'a mut String);

impl Writer<'_> {
    fn put(self, value: impl std::fmt::Display) {
        // A string takes all.
        let _ = write!(self.0, "{value}");
    }
}

macro_rules! visit {
    ($($name:ident: $ty:ty;)*) => {$(
        fn $name<E>(self, value: $ty) -> Result<(), E> {
            self.put(value);
            Ok(())
        }
    )*};
}

impl<'de> Visitor<'de> for Writer<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("what libfw writes")
    }

    visit! {
        visit_bool: bool;
        visit_i64: i64;
        visit_u64: u64;
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        if !value.is_finite() {
            return Err(E::custom("expected a finite number"));
        }
        self.put(value);
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.put(Value::from(value));
        Ok(())
    }

    fn visit_bytes<E>(self, value: &[u8]) -> Result<(), E> {
        self.put(Value::bytes(value));
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.put(Value::Null);
        Ok(())
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        self.0.push('[');
        let start = self.0.len();
        loop {
            let before = self.0.len();
            if before > start {
                self.0.push_str(", ");
            }
            if list.next_element_seed(Writer(self.0))?.is_none() {
                self.0.truncate(before);
                break;
            }
        }
        self.0.push(']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.0.push('{');
        let start = self.0.len();
        while let Some(key) = map.next_key::<String>()? {
            let comma = if self.0.len() > start { ", " } else { "" };
            let _ = write!(self.0, "{comma}{}: ", Value::from(key));
            map.next_value_seed(Writer(self.0))?;
        }
        self.0.push('}');
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Writer<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}
