//! Rules from their parts, by name.

use libfw::{Counters, Family, Interface, Inv, Match, Rule, RuleBuilder, RuleRef, Target};

use crate::error::{Result, fw_error, fw_status, required};
use crate::ffi::{Data, ErrorPlace, Number, Out, Text, free, guard, value};
use crate::kernel::{fw_family, fw_kernel};
use crate::rule::{check_on, fw_counters, fw_rule};

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
    family: Result<Family>,
    rule: RuleBuilder,
    /// The next part is inverted.
    not: bool,
    /// The match or target to which options are added.
    open: Option<Open>,
    /// The parts that were given since the last rule was built.
    given: Vec<&'static str>,
    /// The first mistake.
    mistake: Option<Box<fw_error>>,
}

/// A match or target whose options are not complete yet.
#[derive(Clone)]
struct Open {
    is_target: bool,
    name: String,
    options: Vec<(String, bool, Vec<u8>)>,
}

impl fw_builder {
    fn family(&self) -> Result<Family> {
        self.family.clone()
    }

    /// Changes the rule.
    fn map(&mut self, change: impl FnOnce(RuleBuilder) -> RuleBuilder) {
        self.rule = change(std::mem::take(&mut self.rule));
    }

    /// The value of an option of iptables itself, and whether it is inverted.
    fn core<T>(&mut self, option: &str, text: &[u8], get: impl Fn(RuleRef<'_>) -> Inv<T>) -> Result<Inv<T>> {
        let rule = Rule::from_args(self.family()?, [option.as_bytes(), text])?;
        Ok(Inv::new(std::mem::take(&mut self.not), get(rule.view()).value))
    }

    /// Notes a part of which there is one, and refuses the second.
    fn once(&mut self, part: &'static str) -> Result<()> {
        if self.given.contains(&part) {
            return Err(invalid(format!("the rule has a {part} already")));
        }
        self.given.push(part);
        Ok(())
    }

    fn refuse_not(&mut self, what: &str) -> Result<()> {
        match std::mem::take(&mut self.not) {
            true => Err(invalid(format!("{what} cannot be inverted"))),
            false => Ok(()),
        }
    }

    /// Starts a match or target.
    fn start(&mut self, is_target: bool, name: &str) -> Result<()> {
        self.refuse_not(if is_target { "a target" } else { "a match" })?;
        if is_target {
            self.once("target")?;
        }
        self.close()?;
        self.open = Some(Open { is_target, name: name.into(), options: Vec::new() });
        Ok(())
    }

    fn option(&mut self, name: &str, text: &[u8]) -> Result<()> {
        let inverted = std::mem::take(&mut self.not);
        let open =
            self.open.as_mut().ok_or_else(|| invalid("there is no match or target before the option"))?;
        open.options.push((name.into(), inverted, text.into()));
        Ok(())
    }

    /// Adds the match or target whose options are complete.
    fn close(&mut self) -> Result<()> {
        let Some(open) = self.open.take() else { return Ok(()) };
        let options = open.options.iter().map(|(name, not, text)| (name.as_str(), *not, text.as_slice()));
        if open.is_target {
            let target = Target::from_options(&open.name, options)?;
            self.map(|rule| rule.target(target));
        } else {
            let matching = Match::from_options(&open.name, options)?;
            self.map(|rule| rule.matching(matching));
        }
        Ok(())
    }
}

fn invalid(message: impl AsRef<str>) -> Box<fw_error> {
    fw_error::new(fw_status::FW_ERROR_INVALID_ARGUMENT, message)
}

/// Adds a part and keeps the first mistake.
fn add(builder: Option<&mut fw_builder>, part: impl FnOnce(&mut fw_builder) -> Result<()>) {
    value((), || {
        let builder = builder?;
        if builder.mistake.is_none() {
            builder.mistake = part(builder).err();
        }
        Some(())
    });
}

/// Starts a rule that matches every packet and only counts it. Never NULL, unless there is a bug in libfw.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_new(family: Number<fw_family>) -> Option<Box<fw_builder>> {
    value(None, || {
        Some(Some(Box::new(fw_builder {
            family: crate::kernel::family(&family),
            rule: RuleBuilder::new(),
            not: false,
            open: None,
            given: Vec::new(),
            mistake: None,
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
    add(builder, |builder| {
        builder.refuse_not("what is inverted")?;
        builder.not = true;
        Ok(())
    });
}

/// Limits the source address: `10.0.0.0/8`, an address with a mask, or a host name that has one address.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_source(builder: Option<&mut fw_builder>, address: Text) {
    add(builder, |builder| {
        builder.once("source")?;
        let source = builder.core("-s", address.bytes("address")?, |rule| rule.source())?;
        builder.map(|rule| rule.source(source));
        Ok(())
    });
}

/// Limits the destination address; see `fw_builder_source`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_destination(builder: Option<&mut fw_builder>, address: Text) {
    add(builder, |builder| {
        builder.once("destination")?;
        let destination = builder.core("-d", address.bytes("address")?, |rule| rule.destination())?;
        builder.map(|rule| rule.destination(destination));
        Ok(())
    });
}

/// Limits the interface the packet came in by; `eth+` is every one whose name begins with `eth`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_input(builder: Option<&mut fw_builder>, interface: Text) {
    add(builder, |builder| {
        builder.once("input interface")?;
        let interface = Interface::new(interface.bytes("interface")?)?;
        let interface = Inv::new(std::mem::take(&mut builder.not), interface);
        builder.map(|rule| rule.input(interface));
        Ok(())
    });
}

/// Limits the interface the packet goes out by; see `fw_builder_input`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_output(builder: Option<&mut fw_builder>, interface: Text) {
    add(builder, |builder| {
        builder.once("output interface")?;
        let interface = Interface::new(interface.bytes("interface")?)?;
        let interface = Inv::new(std::mem::take(&mut builder.not), interface);
        builder.map(|rule| rule.output(interface));
        Ok(())
    });
}

/// Limits the protocol: a name such as `tcp`, or a number.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_protocol(builder: Option<&mut fw_builder>, protocol: Text) {
    add(builder, |builder| {
        builder.once("protocol")?;
        let protocol = builder.core("-p", protocol.bytes("protocol")?, |rule| rule.protocol())?;
        builder.map(|rule| rule.protocol(protocol));
        Ok(())
    });
}

/// Limits the rule to second and further fragments, or inverted to first fragments and whole packets. IPv4 only.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_fragment(builder: Option<&mut fw_builder>) {
    add(builder, |builder| {
        builder.once("condition on fragments")?;
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
        builder.once("pair of counters")?;
        builder.map(|rule| rule.counters(Counters::from(counters)));
        Ok(())
    });
}

/// Adds a match, such as `conntrack`; the options that follow are its options. Matches are evaluated in the order they are
/// added.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_match(builder: Option<&mut fw_builder>, name: Text) {
    add(builder, |builder| builder.start(false, name.str("name")?));
}

/// Sets the target: a verdict (`ACCEPT`, `DROP`, `RETURN`, `QUEUE`) or an extension such as `LOG`, whose options follow. For a chain see
/// `fw_builder_jump`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_target(builder: Option<&mut fw_builder>, name: Text) {
    add(builder, |builder| builder.start(true, name.str("name")?));
}

/// Sets an option of the match or target that was added last: its name without dashes, and the text of its value as
/// iptables takes it, NULL or empty for an option that takes none. `fw_extension_find` has the options.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_option(builder: Option<&mut fw_builder>, name: Text, text: Text) {
    add(builder, |builder| builder.option(name.str("name")?, text.optional().unwrap_or_default()));
}

/// Sets an option to a text of a known length; otherwise as `fw_builder_option`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_builder_option_n(
    builder: Option<&mut fw_builder>,
    name: Text,
    text: Text,
    length: usize,
) {
    add(builder, |builder| builder.option(name.str("name")?, text.sized(length, "text")?));
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
        builder.close()?;
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
        builder.once("target")?;
        builder.close()?;
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
        builder.once("target")?;
        builder.close()?;
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
        builder.once("target")?;
        builder.close()?;
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
        if let Some(mistake) = &builder.mistake {
            return Err(mistake.clone());
        }
        builder.refuse_not("nothing")?;
        if let Err(mistake) = builder.close() {
            builder.mistake = Some(mistake.clone());
            return Err(mistake);
        }
        let built = builder.rule.build(builder.family()?)?;
        check_on(kernel, &built)?;
        builder.given.clear();
        Ok(Some(fw_rule::boxed(built)))
    })
}
