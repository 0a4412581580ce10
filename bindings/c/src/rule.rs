//! Rules: from text, and what they are made of.

use std::ffi::{CString, c_char, c_void};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::OnceLock;

use libfw::{Inv, MatchRef, Rule, RuleRef, TargetRef};

use crate::error::{Result, fw_status, required};
use crate::ffi::{Allocated, ErrorPlace, Number, Out, Text, Words, c_string, free, guard, pointer, value};
use crate::kernel::{fw_family, fw_kernel};

/// Packets and bytes.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct fw_counters {
    /// Number of packets.
    pub packets: u64,
    /// Number of bytes, the IP headers included.
    pub bytes: u64,
}

impl From<libfw::Counters> for fw_counters {
    fn from(counters: libfw::Counters) -> fw_counters {
        fw_counters { packets: counters.packets, bytes: counters.bytes }
    }
}

impl From<fw_counters> for libfw::Counters {
    fn from(counters: fw_counters) -> libfw::Counters {
        libfw::Counters::new(counters.packets, counters.bytes)
    }
}

/// A rule: what packets it applies to, and what becomes of them. It is a copy of its own: changing a table does not change
/// it, and freeing the table does not free it. Freed with `fw_rule_free`.
pub struct fw_rule {
    pub(crate) rule: Rule,
    /// Where the names of ipsets come from.
    shown: OnceLock<Shown>,
}

/// The parts of a rule as strings, made when first asked for.
struct Shown {
    text: CString,
    source: Limit,
    destination: Limit,
    input: Limit,
    output: Limit,
    protocol: Limit,
    matches: Vec<fw_part>,
    target: Option<CString>,
    goto: bool,
    extension: Option<fw_part>,
}

/// The text of a part that limits the rule, and whether it is inverted.
type Limit = Option<(CString, bool)>;

/// A match, or a target that is an extension, in a rule. Never freed: it lives as long as the rule.
pub struct fw_part {
    name: CString,
    revision: u8,
    data: Vec<u8>,
    options: Vec<UsedOption>,
}

struct UsedOption {
    name: CString,
    value: CString,
    inverted: bool,
}

impl fw_part {
    fn new(extension: &MatchRef<'_>) -> fw_part {
        let options = extension.options().unwrap_or_default();
        fw_part {
            name: c_string(extension.name()),
            revision: extension.revision(),
            data: extension.data().into(),
            options: options
                .into_iter()
                .map(|option| UsedOption {
                    name: c_string(option.name),
                    value: c_string(option.value),
                    inverted: option.inverted,
                })
                .collect(),
        }
    }
}

impl Shown {
    fn new(rule: &RuleRef<'_>) -> Shown {
        fn limit<T: Copy>(limited: bool, part: Inv<T>, text: impl Fn(T) -> CString) -> Limit {
            (limited || part.inverted).then(|| (text(part.value), part.inverted))
        }
        let (source, destination) = (rule.source(), rule.destination());
        let (input, output) = (rule.input(), rule.output());
        let protocol = rule.protocol();
        let (target, goto, extension) = match rule.target() {
            TargetRef::None => (None, false, None),
            TargetRef::Verdict(verdict) => (Some(c_string(verdict.name())), false, None),
            TargetRef::Jump(chain) => (Some(c_string(chain)), false, None),
            TargetRef::Goto(chain) => (Some(c_string(chain)), true, None),
            TargetRef::Extension(target) => {
                (Some(c_string(target.name())), false, Some(fw_part::new(&target)))
            }
        };
        Shown {
            text: c_string(rule.to_text(false)),
            source: limit(!source.value.is_any(), source, |address| c_string(address.to_string())),
            destination: limit(!destination.value.is_any(), destination, |address| {
                c_string(address.to_string())
            }),
            input: limit(!input.value.is_any(), input, |interface| c_string(interface.as_bytes())),
            output: limit(!output.value.is_any(), output, |interface| c_string(interface.as_bytes())),
            protocol: limit(protocol.value.0 != 0, protocol, |protocol| c_string(protocol.to_string())),
            matches: rule.matches().map(|matching| fw_part::new(&matching)).collect(),
            target,
            goto,
            extension,
        }
    }
}

impl fw_rule {
    pub(crate) fn boxed(rule: Rule) -> Box<fw_rule> {
        Box::new(fw_rule { rule, shown: OnceLock::new() })
    }

    pub(crate) fn view(&self) -> RuleRef<'_> {
        self.rule.view()
    }

    fn shown(&self) -> &Shown {
        self.shown.get_or_init(|| Shown::new(&self.view()))
    }
}

pub(crate) fn of(rule: Option<&fw_rule>) -> Result<&Rule> {
    required(rule, "rule").map(|rule| &rule.rule)
}

/// Fails if the kernel, where there is one, lacks what the rule names.
pub(crate) fn check_on(kernel: Option<&fw_kernel>, rule: &Rule) -> Result<()> {
    Ok(kernel.map_or(Ok(()), |kernel| kernel.0.check_rule(rule))?)
}

/// Reads a rule from the options that iptables takes, without command and chain: `-p tcp --dport 22 -j ACCEPT`. Words are
/// separated by spaces; double quotes hold words together, as in a save file.
///
/// The rule keeps the names of ipsets and is converted to a kernel's revisions when it is added to a table. With a kernel,
/// it is an error at once if that lacks an extension or a set; with NULL no kernel is asked.
///
/// Errors: FW_ERROR_SYNTAX, FW_ERROR_INVALID_VALUE, FW_ERROR_INVALID_RULE, FW_ERROR_NO_SUCH_EXTENSION,
/// FW_ERROR_EXTENSION_UNAVAILABLE.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_parse(
    kernel: Option<&fw_kernel>,
    family: Number<fw_family>,
    text: Text,
    rule: Out<Option<Box<fw_rule>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, rule, || {
        let parsed = Rule::parse(crate::kernel::family(&family)?, text.bytes("text")?)?;
        check_on(kernel, &parsed)?;
        Ok(Some(fw_rule::boxed(parsed)))
    })
}

/// Reads a rule from a text of a known length; otherwise as `fw_rule_parse`.
///
/// Errors: FW_ERROR_SYNTAX where there is a NUL in the text, and those of `fw_rule_parse`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_parse_n(
    kernel: Option<&fw_kernel>,
    family: Number<fw_family>,
    text: Text,
    length: usize,
    rule: Out<Option<Box<fw_rule>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, rule, || {
        let family = crate::kernel::family(&family)?;
        let parsed = Rule::parse(family, text.sized(length, "text")?)?;
        check_on(kernel, &parsed)?;
        Ok(Some(fw_rule::boxed(parsed)))
    })
}

/// Reads a rule from words, such as those of a command line: `{"-p", "tcp", "-j", "ACCEPT"}`.
///
/// Errors: as for `fw_rule_parse`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_from_args(
    kernel: Option<&fw_kernel>,
    family: Number<fw_family>,
    argc: usize,
    argv: Words,
    rule: Out<Option<Box<fw_rule>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, rule, || {
        let family = crate::kernel::family(&family)?;
        let parsed = Rule::from_args(family, argv.all(argc)?)?;
        check_on(kernel, &parsed)?;
        Ok(Some(fw_rule::boxed(parsed)))
    })
}

/// Frees a rule. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_free(rule: Option<Box<fw_rule>>) {
    free(rule);
}

/// Whether two rules mean the same to the kernel: counters and what the kernel keeps inside a match do not count. False if
/// one is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_equal(a: Option<&fw_rule>, b: Option<&fw_rule>) -> bool {
    value(false, || Some(a?.rule == b?.rule))
}

/// A hash of what `fw_rule_equal` compares, for tables of rules: equal rules have the same. It is not for keeping: another
/// version of libfw may compute another one. 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_hash(rule: Option<&fw_rule>) -> u64 {
    value(0, || {
        let mut hasher = DefaultHasher::new();
        rule?.rule.hash(&mut hasher);
        Some(hasher.finish())
    })
}

/// The rule's family.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_family(rule: Option<&fw_rule>) -> fw_family {
    value(fw_family::FW_IPV4, || rule.map(|rule| rule.rule.family().into()))
}

/// How many packets and bytes the rule had seen when its table was read.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_counters(rule: Option<&fw_rule>) -> fw_counters {
    value(fw_counters::default(), || rule.map(|rule| rule.view().counters().into()))
}

/// Sets the counters with which the rule starts when it is added to a table.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_set_counters(
    rule: Option<&mut fw_rule>,
    counters: fw_counters,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || {
        let rule = required(rule, "rule")?;
        rule.rule = rule.rule.clone().with_counters(counters.into());
        Ok(())
    })
}

/// The options of iptables that make the rule, as `iptables -S` prints them after the chain. Lives as long as the rule.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_text(rule: Option<&fw_rule>) -> *const c_char {
    value(std::ptr::null(), || rule.map(|rule| rule.shown().text.as_ptr()))
}

/// As `fw_rule_text`, with the counters as `-c PACKETS BYTES`. Freed with `fw_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_text_with_counters(rule: Option<&fw_rule>) -> Allocated {
    value(Allocated::default(), || Allocated::new(rule?.view().to_text(true)))
}

fn limit(rule: Option<&fw_rule>, inverted: Out<bool>, limit: fn(&Shown) -> &Limit) -> *const c_char {
    let shown = value(None, || Some(rule.and_then(|rule| limit(rule.shown()).as_ref())));
    inverted.set(shown.is_some_and(|(_, inverted)| *inverted));
    pointer(shown.map(|(text, _)| text))
}

/// The source address with its mask, NULL where the rule does not limit it. Lives as long as the rule. `inverted` may be
/// NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_source(rule: Option<&fw_rule>, inverted: Out<bool>) -> *const c_char {
    limit(rule, inverted, |shown| &shown.source)
}

/// The destination address; see `fw_rule_source`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_destination(rule: Option<&fw_rule>, inverted: Out<bool>) -> *const c_char {
    limit(rule, inverted, |shown| &shown.destination)
}

/// The interface the packet came in by; see `fw_rule_source`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_input(rule: Option<&fw_rule>, inverted: Out<bool>) -> *const c_char {
    limit(rule, inverted, |shown| &shown.input)
}

/// The interface the packet goes out by; see `fw_rule_source`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_output(rule: Option<&fw_rule>, inverted: Out<bool>) -> *const c_char {
    limit(rule, inverted, |shown| &shown.output)
}

/// The protocol by name, or by number if it has none; see `fw_rule_source`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_protocol(rule: Option<&fw_rule>, inverted: Out<bool>) -> *const c_char {
    limit(rule, inverted, |shown| &shown.protocol)
}

/// Whether the rule is for second and further fragments (1), for first fragments and whole packets (0), or for both (-1).
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_fragment(rule: Option<&fw_rule>) -> std::ffi::c_int {
    value(-1, || rule.map(|rule| rule.view().fragment().map_or(-1, i32::from)))
}

/// The number of matches.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_match_count(rule: Option<&fw_rule>) -> usize {
    value(0, || rule.map(|rule| rule.shown().matches.len()))
}

/// The match at an index, counted from 0; NULL beyond the last. Lives as long as the rule.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_match(rule: Option<&fw_rule>, index: usize) -> Option<&fw_part> {
    value(None, || rule.map(|rule| rule.shown().matches.get(index)))
}

/// The name of the target: a verdict, a chain or an extension; NULL if the rule only counts. Lives as long as the rule.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_target(rule: Option<&fw_rule>) -> *const c_char {
    value(std::ptr::null(), || rule.map(|rule| pointer(rule.shown().target.as_ref())))
}

/// Whether the rule goes to its chain for good, `-g`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_is_goto(rule: Option<&fw_rule>) -> bool {
    value(false, || rule.map(|rule| rule.shown().goto))
}

/// The target with its options if it is an extension; NULL for a verdict, a chain, or none. Lives as long as the rule.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_target_extension(rule: Option<&fw_rule>) -> Option<&fw_part> {
    value(None, || rule.map(|rule| rule.shown().extension.as_ref()))
}

/// The name of a match or target. Lives as long as the rule.
#[unsafe(no_mangle)]
pub extern "C" fn fw_part_name(part: Option<&fw_part>) -> *const c_char {
    pointer(part.map(|part| &part.name))
}

/// The revision of a match or target in its rule.
#[unsafe(no_mangle)]
pub extern "C" fn fw_part_revision(part: Option<&fw_part>) -> u8 {
    part.map_or(0, |part| part.revision)
}

/// The data of a match or target as the kernel has it, and its size in bytes. Lives as long as the rule.
#[unsafe(no_mangle)]
pub extern "C" fn fw_part_data(part: Option<&fw_part>, size: Out<usize>) -> *const c_void {
    size.set(part.map_or(0, |part| part.data.len()));
    part.map_or(std::ptr::null(), |part| part.data.as_ptr().cast())
}

/// The number of options of a match or target, those included that have their default value; 0 for an extension or revision
/// that libfw does not know.
#[unsafe(no_mangle)]
pub extern "C" fn fw_part_option_count(part: Option<&fw_part>) -> usize {
    part.map_or(0, |part| part.options.len())
}

fn used(part: Option<&fw_part>, index: usize) -> Option<&UsedOption> {
    part.and_then(|part| part.options.get(index))
}

/// The name of an option without dashes; NULL beyond the last. Lives as long as the rule.
#[unsafe(no_mangle)]
pub extern "C" fn fw_part_option_name(part: Option<&fw_part>, index: usize) -> *const c_char {
    pointer(used(part, index).map(|option| &option.name))
}

/// The text of an option's value, empty for a flag; NULL beyond the last. Lives as long as the rule.
#[unsafe(no_mangle)]
pub extern "C" fn fw_part_option_value(part: Option<&fw_part>, index: usize) -> *const c_char {
    pointer(used(part, index).map(|option| &option.value))
}

/// Whether an option is inverted.
#[unsafe(no_mangle)]
pub extern "C" fn fw_part_option_inverted(part: Option<&fw_part>, index: usize) -> bool {
    used(part, index).is_some_and(|option| option.inverted)
}
