//! Rules from their parts, by name.

use std::borrow::Cow;

use libfw::ext::{self, ExtensionKind, Named, Opt};
use libfw::{
    Counters, Datum, Family, Interface, Inv, Match, Protocol, RuleBuilder, RuleRef, Target, Verdict, iptables,
};

use crate::address::{self, fw_address};
use crate::error::{Result, fw_error, fw_status, required};
use crate::ffi::{Data, ErrorPlace, Number, Out, Text, free, guard, value};
use crate::kernel::{fw_family, fw_kernel};
use crate::rule::{check_on, fw_counters, fw_rule, fw_verdict};
use crate::table::{self, fw_table};
use crate::text::add_warnings;

/// A rule that is being put together. Functions that add a part do not fail: the first mistake is kept and is the error of
/// `fw_builder_build`. A part of which a rule has one, such as the source or the target, can be given once for each rule
/// that is built; matches add up. Freed with `fw_builder_free`.
///
///     fw_error *error = NULL;
///     fw_rule *rule;
///     fw_builder *builder = fw_builder_new(FW_IPV4);
///     fw_builder_protocol(builder, "tcp");
///     fw_builder_match(builder, "tcp");
///     fw_builder_option(builder, "dport", "22");
///     fw_builder_not(builder);
///     fw_builder_source(builder, "10.0.0.0/8");
///     fw_builder_target(builder, "DROP");
///     if (fw_builder_build(builder, NULL, &rule, &error) == FW_OK)
///         printf("%s\n", fw_rule_text(rule));
///     else
///         fprintf(stderr, "%s\n", fw_error_text(error));
///     fw_rule_free(rule);
///     fw_error_free(error);
///     fw_builder_free(builder);
#[derive(Clone)]
pub struct fw_builder {
    /// Any where there is none, which is the first mistake then.
    family: Family,
    /// Always there; taken while a part is added.
    rule: Option<RuleBuilder>,
    /// The next part is inverted.
    not: bool,
    /// The match or target to which options are added.
    open: Option<Open>,
    /// The parts that were given since the last rule was built: a bit for each.
    given: u8,
    /// The first mistake.
    mistake: Option<Box<fw_error>>,
    /// What is odd about the parts, until the rule is built.
    warnings: Vec<String>,
}

/// A match or target whose options are not complete yet.
#[derive(Clone)]
struct Open {
    is_target: bool,
    named: Named,
}

/// The parts of which a rule has one.
#[derive(Clone, Copy)]
enum Once {
    Source,
    Destination,
    Input,
    Output,
    Protocol,
    Fragment,
    Counters,
    Target,
}

impl Once {
    fn name(self) -> &'static str {
        match self {
            Once::Source => "source",
            Once::Destination => "destination",
            Once::Input => "input interface",
            Once::Output => "output interface",
            Once::Protocol => "protocol",
            Once::Fragment => "condition on fragments",
            Once::Counters => "pair of counters",
            Once::Target => "target",
        }
    }

    #[cold]
    fn given(self) -> Box<fw_error> {
        invalid(format!("the rule has a {} already", self.name()))
    }
}

impl fw_builder {
    /// Changes the rule.
    fn map(&mut self, change: impl FnOnce(RuleBuilder) -> RuleBuilder) {
        self.rule = Some(change(self.rule.take().unwrap_or_default()));
    }

    /// The value of an option of iptables itself, and whether it is inverted.
    fn core<T>(&mut self, part: RuleBuilder, get: impl Fn(RuleRef<'_>) -> Inv<T>) -> Result<Inv<T>> {
        let (rule, warnings) = iptables::with_warnings(|| part.build(self.family));
        self.warnings.extend(warnings);
        let rule = rule?;
        Ok(Inv::new(std::mem::take(&mut self.not), get(rule.view()).value))
    }

    /// Notes a part of which there is one, and refuses the second.
    #[inline(always)]
    fn once(&mut self, part: Once) -> Result<()> {
        let bit = 1 << part as u8;
        if self.given & bit != 0 {
            return Err(part.given());
        }
        self.given |= bit;
        Ok(())
    }

    /// Inverts the next part.
    pub(crate) fn invert(&mut self, inverted: bool) -> Result<()> {
        if inverted {
            self.refuse_not("what is inverted")?;
            self.not = true;
        }
        Ok(())
    }

    #[inline(always)]
    fn refuse_not(&mut self, what: &str) -> Result<()> {
        match std::mem::take(&mut self.not) {
            true => Err(not_inverted(what)),
            false => Ok(()),
        }
    }

    /// Starts a match or target.
    fn start(&mut self, is_target: bool, name: Text) -> Result<()> {
        self.refuse_not(if is_target { "a target" } else { "a match" })?;
        if is_target {
            self.once(Once::Target)?;
        }
        self.close();
        let kind = if is_target { ExtensionKind::Target } else { ExtensionKind::Match };
        let bytes = name.bytes("name")?;
        let other = if self.family == Family::Ipv4 { Family::Ipv6 } else { Family::Ipv4 };
        match ext::find(kind, bytes, self.family).or_else(|| ext::find(kind, bytes, other)) {
            Some(extension) => self.open = Some(Open { is_target, named: Named::new(extension) }),
            // A verdict, or none of the names.
            None if is_target => {
                let target = Target::from_values(name.str("name")?, [])?;
                self.map(|rule| rule.target(target));
            }
            None => drop(Match::from_values(name.str("name")?, [])?),
        }
        Ok(())
    }

    /// Sets an option to what `value` makes of it.
    pub(crate) fn option(&mut self, name: &[u8], value: impl FnOnce(&Opt) -> Result<Datum>) -> Result<()> {
        let inverted = std::mem::take(&mut self.not);
        let open =
            self.open.as_mut().ok_or_else(|| invalid("there is no match or target before the option"))?;
        open.named.option(name, inverted, |opt| {
            let datum = value(opt)?;
            match (&datum, opt.words) {
                (Datum::Flag, 0) => {}
                (Datum::Text(text), 0) if text.is_empty() => {}
                (_, 0) => return Err(invalid(format!("the option {} takes no value", shown(name)))),
                (Datum::Flag, _) if !opt.optional => {
                    return Err(invalid(format!("the option {} takes a value", shown(name))));
                }
                _ => {}
            }
            Ok(datum)
        })
    }

    /// Adds the match or target whose options are complete.
    #[inline(always)]
    fn close(&mut self) {
        if self.open.is_some() {
            self.add_open();
        }
    }

    fn add_open(&mut self) {
        let Some(Open { is_target, named }) = self.open.take() else { return };
        self.map(|rule| if is_target { rule.target(named) } else { rule.matching(named) });
    }

    /// Completes the rule.
    #[inline(always)]
    fn complete(&mut self) -> Result<()> {
        if !self.warnings.is_empty() {
            add_warnings(self.warnings.drain(..));
        }
        if let Some(mistake) = &self.mistake {
            return Err(mistake.clone());
        }
        if std::mem::take(&mut self.not) {
            return Err(invalid("no part stands behind fw_builder_not"));
        }
        self.close();
        Ok(())
    }
}

#[cold]
fn not_inverted(what: &str) -> Box<fw_error> {
    invalid(format!("{what} cannot be inverted"))
}

fn shown(name: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(name)
}

pub(crate) fn invalid(message: impl AsRef<str>) -> Box<fw_error> {
    fw_error::new(fw_status::FW_ERROR_INVALID_ARGUMENT, message)
}

/// Adds a part and keeps the first mistake.
pub(crate) fn add(builder: Option<&mut fw_builder>, part: impl FnOnce(&mut fw_builder) -> Result<()>) {
    value((), || {
        let builder = builder?;
        if builder.mistake.is_none() {
            builder.mistake = part(builder).err();
        }
        Some(())
    });
}

/// A rule that only asks for an interface, whose name need not be UTF-8.
fn by_name(
    name: &[u8],
    text: impl Fn(&str) -> RuleBuilder,
    value: impl Fn(Interface) -> RuleBuilder,
) -> Result<RuleBuilder> {
    Ok(match str::from_utf8(name) {
        Ok(name) => text(name),
        Err(_) => value(Interface::new(name)?),
    })
}

/// Starts a rule that matches every packet and only counts it. Never NULL, unless there is a bug in libfw.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_new(family: Number<fw_family>) -> Option<Box<fw_builder>> {
    value(None, || {
        let known = crate::kernel::family(&family);
        Some(Some(Box::new(fw_builder {
            family: *known.as_ref().unwrap_or(&Family::Ipv4),
            rule: Some(RuleBuilder::new()),
            not: false,
            open: None,
            given: 0,
            mistake: known.err(),
            warnings: Vec::new(),
        })))
    })
}

/// A copy of a builder, mistakes included. Freed with `fw_builder_free`. NULL only for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_copy(builder: Option<&fw_builder>) -> Option<Box<fw_builder>> {
    value(None, || Some(Some(Box::new(builder?.clone()))))
}

/// Frees a builder. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_free(builder: Option<Box<fw_builder>>) {
    free(builder);
}

/// Inverts the part that is added next: the `!` of iptables.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_not(builder: Option<&mut fw_builder>) {
    add(builder, |builder| builder.invert(true));
}

/// Limits the source address: `10.0.0.0/8`, an address with a mask, or a host name that has one address.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_source(builder: Option<&mut fw_builder>, address: Text) {
    add(builder, |builder| {
        builder.once(Once::Source)?;
        let source = builder
            .core(RuleBuilder::new().source(String::from_utf8_lossy(address.bytes("address")?)), |rule| {
                rule.source()
            })?;
        builder.map(|rule| rule.source(source));
        Ok(())
    });
}

/// Limits the destination address; see `fw_builder_source`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_destination(builder: Option<&mut fw_builder>, address: Text) {
    add(builder, |builder| {
        builder.once(Once::Destination)?;
        let destination = builder.core(
            RuleBuilder::new().destination(String::from_utf8_lossy(address.bytes("address")?)),
            |rule| rule.destination(),
        )?;
        builder.map(|rule| rule.destination(destination));
        Ok(())
    });
}

/// Limits the source to an address or network that is given as bytes.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_source_address(builder: Option<&mut fw_builder>, address: Option<&fw_address>) {
    add(builder, |builder| {
        builder.once(Once::Source)?;
        let source = Inv::new(std::mem::take(&mut builder.not), address::of(address)?.network()?);
        builder.map(|rule| rule.source(source));
        Ok(())
    });
}

/// Limits the destination; see `fw_builder_source_address`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_destination_address(
    builder: Option<&mut fw_builder>,
    address: Option<&fw_address>,
) {
    add(builder, |builder| {
        builder.once(Once::Destination)?;
        let destination = Inv::new(std::mem::take(&mut builder.not), address::of(address)?.network()?);
        builder.map(|rule| rule.destination(destination));
        Ok(())
    });
}

/// Limits the interface the packet came in by; `eth+` is every one whose name begins with `eth`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_input(builder: Option<&mut fw_builder>, interface: Text) {
    add(builder, |builder| {
        builder.once(Once::Input)?;
        let part = by_name(
            interface.bytes("interface")?,
            |name| RuleBuilder::new().input(name),
            |name| RuleBuilder::new().input(name),
        )?;
        let interface = builder.core(part, |rule| rule.input())?;
        builder.map(|rule| rule.input(interface));
        Ok(())
    });
}

/// Limits the interface the packet goes out by; see `fw_builder_input`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_output(builder: Option<&mut fw_builder>, interface: Text) {
    add(builder, |builder| {
        builder.once(Once::Output)?;
        let part = by_name(
            interface.bytes("interface")?,
            |name| RuleBuilder::new().output(name),
            |name| RuleBuilder::new().output(name),
        )?;
        let interface = builder.core(part, |rule| rule.output())?;
        builder.map(|rule| rule.output(interface));
        Ok(())
    });
}

/// Limits the protocol: a name such as `tcp`, or a number.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_protocol(builder: Option<&mut fw_builder>, protocol: Text) {
    add(builder, |builder| {
        builder.once(Once::Protocol)?;
        let protocol = builder.core(
            RuleBuilder::new().protocol(String::from_utf8_lossy(protocol.bytes("protocol")?)),
            |rule| rule.protocol(),
        )?;
        builder.map(|rule| rule.protocol(protocol));
        Ok(())
    });
}

/// Limits the protocol by its number, such as IPPROTO_TCP.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_protocol_number(builder: Option<&mut fw_builder>, protocol: u8) {
    add(builder, |builder| {
        builder.once(Once::Protocol)?;
        let protocol = Inv::new(std::mem::take(&mut builder.not), Protocol(protocol));
        builder.map(|rule| rule.protocol(protocol));
        Ok(())
    });
}

/// Limits the rule to second and further fragments, or inverted to first fragments and whole packets. IPv4 only.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_fragment(builder: Option<&mut fw_builder>) {
    add(builder, |builder| {
        builder.once(Once::Fragment)?;
        let fragment = !std::mem::take(&mut builder.not);
        builder.map(|rule| rule.fragment(fragment));
        Ok(())
    });
}

/// The counters with which the rule starts.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_counters(builder: Option<&mut fw_builder>, counters: fw_counters) {
    add(builder, |builder| {
        builder.refuse_not("counters")?;
        builder.once(Once::Counters)?;
        builder.map(|rule| rule.counters(Counters::from(counters)));
        Ok(())
    });
}

/// Adds a match, such as `conntrack`; the options that follow are its options. Matches are evaluated in the order they are
/// added.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_match(builder: Option<&mut fw_builder>, name: Text) {
    add(builder, |builder| builder.start(false, name));
}

/// Sets the target: a verdict (`ACCEPT`, `DROP`, `RETURN`, `QUEUE`) or an extension such as `LOG`, whose options follow. For a chain see
/// `fw_builder_jump`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_target(builder: Option<&mut fw_builder>, name: Text) {
    add(builder, |builder| builder.start(true, name));
}

/// Sets the target to a verdict: one of FW_VERDICT_ACCEPT, FW_VERDICT_DROP, FW_VERDICT_QUEUE and FW_VERDICT_RETURN.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_verdict(builder: Option<&mut fw_builder>, verdict: Number<fw_verdict>) {
    add(builder, |builder| {
        builder.refuse_not("a target")?;
        builder.once(Once::Target)?;
        builder.close();
        let verdict = match verdict.get() {
            1 => Verdict::Accept,
            2 => Verdict::Drop,
            3 => Verdict::Queue,
            4 => Verdict::Return,
            other => {
                let message = format!(
                    "{other} is no verdict for a rule, expected FW_VERDICT_ACCEPT, FW_VERDICT_DROP, \
                     FW_VERDICT_QUEUE or FW_VERDICT_RETURN"
                );
                return Err(invalid(message));
            }
        };
        builder.map(|rule| rule.target(verdict));
        Ok(())
    });
}

/// Sets an option of the match or target that was added last: its name without dashes, and the text of its value as
/// iptables takes it, NULL or empty for an option that takes none. `fw_extension_find` has the options.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_option(builder: Option<&mut fw_builder>, name: Text, text: Text) {
    add(builder, |builder| {
        builder.option(name.bytes("name")?, |_| Ok(text.optional().unwrap_or_default().into()))
    });
}

/// Sets an option to a text of a known length; otherwise as `fw_builder_option`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_option_n(
    builder: Option<&mut fw_builder>,
    name: Text,
    text: Text,
    length: usize,
) {
    add(builder, |builder| builder.option(name.bytes("name")?, |_| Ok(text.sized(length, "text")?.into())));
}

/// Adds a match that libfw need not know: its name, revision and data as the kernel has them; see `fw_part_data`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_match_data(
    builder: Option<&mut fw_builder>,
    name: Text,
    revision: u8,
    data: Data,
    size: usize,
) {
    add(builder, |builder| {
        builder.refuse_not("a match")?;
        builder.close();
        let matching = Match::opaque(name.str("name")?, revision, data.bytes(size)?)?;
        builder.map(|rule| rule.matching(matching));
        Ok(())
    });
}

/// Sets a target that libfw need not know; see `fw_builder_match_data`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_target_data(
    builder: Option<&mut fw_builder>,
    name: Text,
    revision: u8,
    data: Data,
    size: usize,
) {
    add(builder, |builder| {
        builder.refuse_not("a target")?;
        builder.once(Once::Target)?;
        builder.close();
        let target = Target::opaque(name.str("name")?, revision, data.bytes(size)?)?;
        builder.map(|rule| rule.target(target));
        Ok(())
    });
}

/// Goes to a chain of the table and comes back.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_jump(builder: Option<&mut fw_builder>, chain: Text) {
    add(builder, |builder| {
        builder.refuse_not("a jump")?;
        builder.once(Once::Target)?;
        builder.close();
        let chain = chain.bytes("chain")?;
        builder.map(|rule| rule.jump(chain));
        Ok(())
    });
}

/// Goes to a chain of the table; from there the packet returns to the caller of this one.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_goto(builder: Option<&mut fw_builder>, chain: Text) {
    add(builder, |builder| {
        builder.refuse_not("a goto")?;
        builder.once(Once::Target)?;
        builder.close();
        let chain = chain.bytes("chain")?;
        builder.map(|rule| rule.goto(chain));
        Ok(())
    });
}

/// Builds the rule; `kernel` as for `fw_rule_parse`. The builder keeps its parts and can be used further: matches that are
/// added stand behind the others, and any other part takes the place of the one before. So one builder serves for rules that
/// differ in their source only:
///
///     const char *banned[] = {"192.0.2.1", "192.0.2.2"};
///     fw_error *error = NULL;
///     fw_builder *builder = fw_builder_new(FW_IPV4);
///     fw_builder_target(builder, "DROP");
///     for (size_t i = 0; i < 2; i++) {
///         fw_rule *rule;
///         fw_builder_source(builder, banned[i]);
///         if (fw_builder_build(builder, NULL, &rule, &error) == FW_OK)
///             printf("%s\n", fw_rule_text(rule));
///         else
///             fprintf(stderr, "%s\n", fw_error_text(error));
///         fw_rule_free(rule);
///     }
///     fw_error_free(error);
///     fw_builder_free(builder);
///
/// Errors: the first mistake that was made; FW_ERROR_INVALID_RULE when parts do not go together; FW_ERROR_INVALID_VALUE for
/// the value of an option; FW_ERROR_SYNTAX or FW_ERROR_NO_SUCH_EXTENSION for a name that does not exist;
/// FW_ERROR_EXTENSION_UNAVAILABLE.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_build(
    builder: Option<&mut fw_builder>,
    kernel: Option<&fw_kernel>,
    rule: Out<Option<Box<fw_rule>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, rule, || {
        let builder = required(builder, "builder")?;
        builder.complete()?;
        let built = builder.rule.get_or_insert_default().build(builder.family)?;
        check_on(kernel, &built)?;
        builder.given = 0;
        Ok(Some(fw_rule::boxed(built)))
    })
}

/// Builds the rule and adds it at the end of a chain, without a handle of the rule between the two: the fastest way. The builder
/// can be used further, as after `fw_builder_build`.
///
/// Errors: as for `fw_builder_build` and `fw_chain_append`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_append(
    builder: Option<&mut fw_builder>,
    table: Option<&mut fw_table>,
    chain: Text,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || {
        let builder = required(builder, "builder")?;
        let table = table::of_mut(table)?;
        builder.complete()?;
        let fits = table.family() == builder.family;
        let mut chain = table.chain_mut(chain.bytes("chain")?)?;
        let rule = &*builder.rule.get_or_insert_default();
        match fits {
            true => chain.append(rule)?,
            // The chain refuses a rule of another family.
            false => chain.append(rule.build(builder.family)?)?,
        }
        builder.given = 0;
        Ok(())
    })
}
