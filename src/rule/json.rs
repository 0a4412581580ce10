//! Rules in JSON.
//!
//! A rule is made of the values of its options. What these do not tell is found out by making the rule again: then a match or
//! target is written as its bytes, and if that is not enough the whole rule as its text, which tells everything.

use std::borrow::Cow;

use super::builder::one_address;
use super::{Match, MatchRef, Rule, RuleRef, Target, TargetRef, Verdict, convert};
use crate::error::BadJson;
use crate::ext::{Datum, Extension, ExtensionKind, Opt, System, index};
use crate::types::json::{Node, Object, Value};
use crate::types::{AddrMask, Counters, Family, Interface, Inv, Protocol};
use crate::{Error, Result, RuleBuilder};

/// The keys of a rule.
const KEYS: &[&str] = &[
    "family",
    "source",
    "destination",
    "in_interface",
    "out_interface",
    "protocol",
    "fragment",
    "matches",
    "target",
    "text",
    "nft_handle",
    "counters",
];
/// The keys of a match or target that are no options.
const REVISION: &str = "revision";
const BYTES: &str = "bytes";

impl Rule {
    /// The rule in JSON, on one line, with its counters; [`from_json`](Rule::from_json) makes it again. The [schema](crate::json)
    /// says what is what.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-s 10.0.0.0/8 -p tcp ! --dport 80:90 -j DROP")?;
    /// assert_eq!(rule.to_json(), concat!(
    ///     r#"{"family": "ipv4", "source": "10.0.0.0/8", "protocol": "tcp", "#,
    ///     r#""matches": [{"match": "tcp", "dport": {"not": {"min": 80, "max": 90}}}], "#,
    ///     r#""target": {"verdict": "DROP"}, "counters": {"packets": 0, "bytes": 0}}"#,
    /// ));
    /// assert_eq!(Rule::from_json(rule.to_json())?, rule);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        self.view().to_json()
    }

    /// Reads a rule from [JSON](crate::json).
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let json = r#"{"family": "ipv4", "protocol": "tcp", "matches": [{"match": "tcp", "dport": 99999}]}"#;
    /// let error = Rule::from_json(json).unwrap_err();
    /// assert_eq!((error.path(), error.column()), (Some("matches[0].dport"), Some(77)));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`parse`](Rule::parse), with line, column and [path](Error::path).
    pub fn from_json(text: impl AsRef<[u8]>) -> Result<Rule> {
        read(Node::read(text.as_ref())?, None)
    }
}

impl RuleRef<'_> {
    /// The rule in JSON; see [`Rule::to_json`].
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-j ACCEPT")?;
    /// assert_eq!(rule.view().to_json(), rule.to_json());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        self.json_text(true, true)
    }

    /// The same as a tree, whose text [`to_json`](RuleRef::to_json) is.
    ///
    /// ```
    /// use libfw::json::Value;
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-p tcp -j ACCEPT")?;
    /// let Value::Fields(fields) = rule.view().to_value() else { panic!("a rule is an object") };
    /// assert!(fields.contains(&("protocol", "tcp".into())));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn to_value(&self) -> Value {
        self.json(true, true)
    }

    /// The rule as a tree: by itself, with its family, and with its counters.
    pub(crate) fn json(&self, alone: bool, counters: bool) -> Value {
        self.proven(alone, counters).0
    }

    /// The text of that.
    pub(crate) fn json_text(&self, alone: bool, counters: bool) -> String {
        self.proven(alone, counters).1
    }

    /// The tree and its text, which is read again to prove that it tells everything.
    fn proven(&self, alone: bool, counters: bool) -> (Value, String) {
        let with = |fields: Fields| {
            let mut all = Vec::with_capacity(fields.len() + 2);
            if alone {
                all.push(("family", family_name(self.family()).into()));
            }
            all.extend(fields);
            if counters {
                all.push(("counters", counted(self.counters())));
            }
            let tree = Value::Fields(all);
            let text = tree.to_string();
            (tree, text)
        };
        if let Some(handle) = self.nft_handle() {
            return with(vec![("nft_handle", handle.into())]);
        }
        let rule = self.to_rule();
        let told = |(_, text): &(Value, String)| {
            let made = Node::read(text.as_bytes()).and_then(|node| read(node, Some(rule.family())));
            // In the revisions that the rule is in, which may be older ones.
            made.is_ok_and(|made| same(&made, &rule))
        };
        let view = rule.view();
        let typed = with(fields(&view, |_| false));
        if told(&typed) {
            return typed;
        }
        // One match or target that its options do not tell, or all.
        let parts = view.matches().count() + 1;
        let some = (0..parts).map(|odd| fields(&view, |part| part == odd));
        let all = || fields(&view, |_| true);
        let text = || with(vec![("text", Value::bytes(&view.to_text(false)))]);
        some.chain(std::iter::once_with(all)).map(with).find(told).unwrap_or_else(text)
    }
}

/// Keys and values.
type Fields = Vec<(&'static str, Value)>;

/// Whether two rules are the same, of which the second may be in older revisions.
fn same(made: &Rule, rule: &Rule) -> bool {
    made == rule
        || convert(rule.clone(), System::offline()).is_ok_and(|rule| {
            let revisions =
                |rule: &Rule| -> Vec<u8> { rule.view().matches().map(|part| part.revision()).collect() };
            revisions(made) == revisions(&rule) && *made == rule
        })
}

/// The parts of a rule; `as_bytes` says which of its matches, or its target behind them, are shown as their bytes.
fn fields(rule: &RuleRef<'_>, as_bytes: impl Fn(usize) -> bool) -> Fields {
    let mut fields = Vec::new();
    let addresses = [("source", rule.source()), ("destination", rule.destination())];
    for (key, address) in addresses.into_iter().filter(|(_, address)| is_set(address, AddrMask::is_any)) {
        fields.push((key, inverted(address.inverted, address.value.to_json())));
    }
    let interfaces = [("in_interface", rule.input()), ("out_interface", rule.output())];
    for (key, interface) in interfaces.into_iter().filter(|(_, name)| is_set(name, Interface::is_any)) {
        fields.push((key, inverted(interface.inverted, Value::bytes(interface.value.as_bytes()))));
    }
    let protocol = rule.protocol();
    if is_set(&protocol, |protocol| *protocol == Protocol::ANY) {
        let Protocol(number) = protocol.value;
        let name = protocol.value.name().map_or_else(|| u32::from(number).into(), Value::from);
        fields.push(("protocol", inverted(protocol.inverted, name)));
    }
    fields.extend(rule.fragment().map(|fragment| ("fragment", fragment.into())));
    let matches: Vec<Value> = rule
        .matches()
        .enumerate()
        .map(|(index, matching)| part("match", &matching, as_bytes(index)))
        .collect();
    let behind = matches.len();
    if behind > 0 {
        fields.push(("matches", Value::List(matches)));
    }
    let target = match rule.target() {
        TargetRef::None => return fields,
        TargetRef::Verdict(verdict) => Value::fields([("verdict", verdict.name().into())]),
        TargetRef::Jump(chain) => Value::fields([("jump", Value::bytes(chain))]),
        TargetRef::Goto(chain) => Value::fields([("goto", Value::bytes(chain))]),
        TargetRef::Extension(target) => part("target", &target, as_bytes(behind)),
    };
    fields.push(("target", target));
    fields
}

fn is_set<T>(value: &Inv<T>, is_any: impl Fn(&T) -> bool) -> bool {
    value.inverted || !is_any(&value.value)
}

fn inverted(inverted: bool, value: Value) -> Value {
    if inverted { Value::fields([("not", value)]) } else { value }
}

/// A match or target.
fn part(kind: &'static str, matching: &MatchRef<'_>, as_bytes: bool) -> Value {
    let values = matching.extension().filter(|_| !as_bytes).and_then(|_| matching.values().ok());
    let Some(values) = values else {
        return Value::fields([
            (kind, Value::bytes(matching.kernel_name())),
            (REVISION, u32::from(matching.revision()).into()),
            (BYTES, Value::hexadecimal(matching.data())),
        ]);
    };
    let mut fields = vec![(kind, Value::bytes(matching.name()))];
    // Groups of options that repeat.
    let mut groups: Vec<(&'static str, Vec<Fields>)> = Vec::new();
    for one in &values {
        let value = inverted(one.inverted, one.value.to_json(one.opt));
        let Some(group) = one.opt.group else {
            fields.push((one.opt.name, value));
            continue;
        };
        let at = groups.iter().position(|(name, _)| *name == group).unwrap_or_else(|| {
            groups.push((group, vec![Vec::new()]));
            groups.len() - 1
        });
        let members = &mut groups[at].1;
        match members.last_mut().filter(|_| !begins_another(one.opt)) {
            Some(member) => member.push((one.opt.name, value)),
            None => members.push(Vec::new()),
        }
    }
    fields.extend(
        groups.into_iter().map(|(name, members)| (name, Value::list(members.into_iter().map(Value::Fields)))),
    );
    Value::Fields(fields)
}

/// Whether an option of a group does nothing but begin another member of it.
fn begins_another(opt: &Opt) -> bool {
    opt.group.is_some() && opt.name == "next"
}

pub(crate) fn family_name(family: Family) -> &'static str {
    family.key()
}

pub(crate) fn read_family(node: Node<'_>) -> Result<Family> {
    match &*node.text()? {
        "ipv4" => Ok(Family::Ipv4),
        "ipv6" => Ok(Family::Ipv6),
        "arp" => Ok(Family::Arp),
        other => Err(node.wrong(BadJson::NoneOf { known: &["ipv4", "ipv6", "arp"] }, other)),
    }
}

/// Counters as an object.
pub(crate) fn counted(counters: Counters) -> Value {
    Value::fields([("packets", counters.packets.into()), ("bytes", counters.bytes.into())])
}

pub(crate) fn read_counters(node: Node<'_>) -> Result<Counters> {
    let counters = node.object(&["packets", "bytes"])?;
    let number = |key| counters.require(key)?.number(u64::MAX);
    Ok(Counters::new(number("packets")?, number("bytes")?))
}

/// The rule that a node is: by itself, or in a table of a family.
pub(crate) fn read(node: Node<'_>, family: Option<Family>) -> Result<Rule> {
    let parts = node.object(KEYS)?;
    let family = match (parts.get("family"), family) {
        (None, Some(family)) => family,
        (None, None) => return Err(node.error(BadJson::NoFamily)),
        (Some(given), family) => {
            let own = read_family(given)?;
            if family.is_some_and(|family| family != own) {
                return Err(given.place(
                    crate::error::BadEdit::OtherFamily { rule: own, table: family.unwrap_or(own) }.into(),
                ));
            }
            own
        }
    };
    if let Some(handle) = parts.get("nft_handle") {
        return Err(handle.error(BadJson::Foreign));
    }
    let counters = parts.get("counters").map_or(Ok(Counters::default()), read_counters)?;
    let rule = match parts.get("text") {
        Some(text) => from_text(&parts, text, family)?,
        None => from_parts(&parts, family)?,
    };
    Ok(if counters == Counters::default() { rule } else { rule.with_counters(counters) })
}

/// The rule of a text, beside which no parts can stand.
fn from_text(parts: &Object<'_>, text: Node<'_>, family: Family) -> Result<Rule> {
    let beside = KEYS.iter().filter(|key| !matches!(**key, "family" | "text" | "counters"));
    if let Some(other) = beside.filter_map(|key| parts.get(key)).next() {
        return Err(other.expected("nothing but family and counters beside text"));
    }
    Rule::parse(family, text.bytes()?).map_err(|error| text.place(error))
}

fn from_parts(parts: &Object<'_>, family: Family) -> Result<Rule> {
    let mut builder = RuleBuilder::new();
    if let Some((address, not)) = parts.get("source").map(split).transpose()? {
        builder = builder.source(Inv::new(not, read_address(address, family, "source")?));
    }
    if let Some((address, not)) = parts.get("destination").map(split).transpose()? {
        builder = builder.destination(Inv::new(not, read_address(address, family, "destination")?));
    }
    let interface = |node: Node<'_>, option| {
        Interface::new(node.bytes()?).map_err(|error| node.place(error.at_option(option)))
    };
    if let Some((node, not)) = parts.get("in_interface").map(split).transpose()? {
        builder = builder.input(Inv::new(not, interface(node, "in-interface")?));
    }
    if let Some((node, not)) = parts.get("out_interface").map(split).transpose()? {
        builder = builder.output(Inv::new(not, interface(node, "out-interface")?));
    }
    if let Some((node, not)) = parts.get("protocol").map(split).transpose()? {
        builder = builder.protocol(Inv::new(not, read_protocol(node)?));
    }
    if let Some(node) = parts.get("fragment") {
        builder = builder.fragment(node.flag()?);
    }
    let header = builder.clone();
    let mut made = Vec::new();
    let matches = parts.get("matches").map(|node| node.items()).transpose()?;
    for node in matches.into_iter().flatten() {
        let matching = match read_part(node, ExtensionKind::Match, family)? {
            (name, Given::Bytes(revision, data)) => Match::opaque(&name, revision, &data),
            (name, Given::Values(values)) => Match::from_values(&name, borrowed(&values)),
        };
        let matching = matching.map_err(|error| node.place(error))?;
        made.push((node, header.clone().matching(matching.clone())));
        builder = builder.matching(matching);
    }
    if let Some(node) = parts.get("target") {
        let target = read_target(node, family)?;
        made.push((node, header.clone().target(target.clone())));
        builder = builder.target(target);
    }
    builder.build(family).map_err(|error| {
        // The one that fails by itself, or none.
        let culprit = made
            .into_iter()
            .filter(|_| header.build(family).is_ok())
            .find_map(|(node, alone)| alone.build(family).err().map(|error| place_option(node, error)));
        culprit.unwrap_or_else(|| parts.node.place(error))
    })
}

/// The value, and whether it stands in `{"not": ...}`.
fn split(node: Node<'_>) -> Result<(Node<'_>, bool)> {
    if node.is_object() && node.has("not") {
        return Ok((node.object(&["not"])?.require("not")?, true));
    }
    Ok((node, false))
}

fn read_address(node: Node<'_>, family: Family, option: &'static str) -> Result<AddrMask> {
    one_address(family, &node.text()?).map_err(|error| node.place(error.at_option(option)))
}

fn read_protocol(node: Node<'_>) -> Result<Protocol> {
    if node.is_text() {
        return node.text()?.parse().map_err(|error: Error| node.place(error.at_option("protocol")));
    }
    Ok(Protocol(u8::try_from(node.number(255)?).unwrap_or_default()))
}

/// What a match or target is made from.
enum Given {
    Bytes(u8, Vec<u8>),
    /// The options, whether each is inverted, and their values.
    Values(Vec<(&'static str, bool, Datum)>),
}

fn borrowed(values: &[(&'static str, bool, Datum)]) -> impl Iterator<Item = (&'static str, bool, Datum)> {
    values.iter().map(|(name, inverted, value)| (*name, *inverted, value.clone()))
}

fn read_target(node: Node<'_>, family: Family) -> Result<Target> {
    if node.has("verdict") {
        let node = node.object(&["verdict"])?.require("verdict")?;
        let name = node.text()?;
        let verdict: Verdict = name.parse().map_err(|error| node.place(error))?;
        return Ok(verdict.into());
    }
    if node.has("jump") {
        return Ok(Target::jump(node.object(&["jump"])?.require("jump")?.bytes()?));
    }
    if node.has("goto") {
        return Ok(Target::goto(node.object(&["goto"])?.require("goto")?.bytes()?));
    }
    match read_part(node, ExtensionKind::Target, family)? {
        (name, Given::Bytes(revision, data)) => Target::opaque(&name, revision, &data),
        (name, Given::Values(values)) => Target::from_values(&name, borrowed(&values)),
    }
    .map_err(|error| node.place(error))
}

/// A match or target: its name, and what it is made from.
fn read_part<'t>(node: Node<'t>, kind: ExtensionKind, family: Family) -> Result<(Cow<'t, str>, Given)> {
    let key = match kind {
        ExtensionKind::Match => "match",
        ExtensionKind::Target => "target",
    };
    let fields: Vec<_> = node.fields()?.collect();
    let has = |key: &str| fields.iter().any(|(name, _, _)| name == key);
    let named = fields.iter().find(|(name, _, _)| name == key).map(|(_, _, value)| *value);
    let named = named.ok_or_else(|| match kind {
        ExtensionKind::Match => node.error(BadJson::MissingKey { key: "match" }),
        ExtensionKind::Target => node.expected("an object with verdict, jump, goto or target"),
    })?;
    let name = named.text()?;
    if has(REVISION) || has(BYTES) {
        let known: &'static [&'static str] = match kind {
            ExtensionKind::Match => &["match", REVISION, BYTES],
            ExtensionKind::Target => &["target", REVISION, BYTES],
        };
        let parts = node.object(known)?;
        let revision = u8::try_from(parts.require(REVISION)?.number(255)?).unwrap_or_default();
        return Ok((name, Given::Bytes(revision, parts.require(BYTES)?.hexadecimal()?)));
    }
    let mut values = Vec::new();
    let Some(extension) = index::find(kind, name.as_bytes(), family) else {
        // The error of that name, unless it is a verdict.
        let made = match kind {
            ExtensionKind::Match => Match::from_values(&name, []).map(drop),
            ExtensionKind::Target => Target::from_values(&name, []).map(drop),
        };
        made.map_err(|error| named.place(error))?;
        node.object(if kind == ExtensionKind::Match { &["match"] } else { &["target"] })?;
        return Ok((name, Given::Values(values)));
    };
    for (option, key_node, value) in fields.into_iter().filter(|(name, _, _)| name != key) {
        if extension.options.iter().any(|opt| opt.group == Some(&*option)) {
            read_group(extension, value, &mut values)?;
        } else {
            read_option(extension, &option, key_node, value, &mut values)?;
        }
    }
    // Two families may have targets of one name, but types of their own.
    Ok((extension.type_name.into(), Given::Values(values)))
}

/// The members of a group, with what stands between them.
fn read_group(
    extension: &'static Extension,
    node: Node<'_>,
    values: &mut Vec<(&'static str, bool, Datum)>,
) -> Result<()> {
    let next = extension.options.iter().find(|opt| begins_another(opt));
    for (index, member) in node.items()?.enumerate() {
        if let Some(next) = next.filter(|_| index > 0) {
            values.push((next.name, false, Datum::Flag));
        }
        for (option, key, value) in member.fields()? {
            read_option(extension, &option, key, value, values)?;
        }
    }
    Ok(())
}

fn read_option(
    extension: &'static Extension,
    option: &str,
    key: Node<'_>,
    value: Node<'_>,
    values: &mut Vec<(&'static str, bool, Datum)>,
) -> Result<()> {
    let by_field = || extension.options.iter().find(|opt| opt.field == option);
    let Some(opt) = extension.option(option).or_else(by_field) else {
        let error = match extension.kind {
            ExtensionKind::Match => Match::from_values(extension.name, [(option, false, Datum::Flag)]).err(),
            ExtensionKind::Target => {
                Target::from_values(extension.name, [(option, false, Datum::Flag)]).err()
            }
        };
        return error.map_or(Ok(()), |error| Err(key.place(error)));
    };
    let (node, inverted) = split(value)?;
    let about = |error: Error| error.in_extension(extension.name).at_option(opt.name);
    values.push((opt.name, inverted, Datum::from_json(node, opt).map_err(about)?));
    Ok(())
}

/// The error at the option of a match or target that it is about, or at the whole of it.
#[cold]
pub(crate) fn place_option(node: Node<'_>, error: Error) -> Error {
    let option = error.option().map(str::to_owned);
    let found = option.and_then(|option| {
        let lists = node.fields().ok()?.filter_map(|(_, _, value)| value.items().ok());
        of_option(node, &option).or_else(|| lists.flatten().find_map(|member| of_option(member, &option)))
    });
    found.unwrap_or(node).place(error)
}

/// The value of a key.
fn of_option<'t>(node: Node<'t>, option: &str) -> Option<Node<'t>> {
    node.fields().ok()?.find(|(name, _, _)| name == option).map(|(_, _, value)| value)
}

#[cfg(feature = "serde")]
mod with_serde {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    use crate::types::json::serde::text;
    use crate::{Rule, RuleRef};

    /// As [`to_json`](Rule::to_json) writes it. Needs the feature `serde`.
    impl Serialize for Rule {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            self.view().serialize(serializer)
        }
    }

    /// As [`to_json`](RuleRef::to_json) writes it. Needs the feature `serde`.
    impl Serialize for RuleRef<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            self.json(true, true).serialize(serializer)
        }
    }

    /// As [`from_json`](Rule::from_json) reads it, in every format that says what its values are. Needs the feature `serde`.
    impl<'de> Deserialize<'de> for Rule {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Rule, D::Error> {
            let text = text(deserializer)?;
            Rule::from_json(&text).map_err(|error| {
                let place = error.path().filter(|path| !path.is_empty());
                let about = [place, error.extension()].into_iter().flatten().map(|name| format!("{name}: "));
                de::Error::custom(about.collect::<String>() + error.message())
            })
        }
    }
}
