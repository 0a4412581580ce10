//! Rules: from text, and what they are made of.

use std::ffi::{CString, c_char};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::OnceLock;

use libfw::iptables;
use libfw::{AddrMask, Interface, Inv, Protocol, Rule, RuleRef, TargetRef, Verdict};

use crate::address::fw_address;
use crate::error::{Result, fw_status, required};
use crate::ffi::{Allocated, ErrorPlace, Number, Out, Text, Words, c_string, free, guard, pointer, value};
use crate::kernel::{fw_family, fw_kernel, kernel_of};
use crate::part::fw_part;
use crate::strings::fw_strings;
use crate::text::warned;

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

/// What a rule does with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum fw_verdict {
    /// It only counts it.
    FW_VERDICT_NONE = 0,
    /// It lets it through.
    FW_VERDICT_ACCEPT = 1,
    /// It drops it.
    FW_VERDICT_DROP = 2,
    /// It gives it to a program in user space.
    FW_VERDICT_QUEUE = 3,
    /// It goes back to the calling chain, or to the policy of a built-in one.
    FW_VERDICT_RETURN = 4,
    /// It goes to a chain and comes back; `fw_rule_target` names the chain.
    FW_VERDICT_JUMP = 5,
    /// It goes to a chain for good.
    FW_VERDICT_GOTO = 6,
    /// It has a target that is an extension, such as LOG: `fw_rule_target_extension`.
    FW_VERDICT_EXTENSION = 7,
}

/// What has been counted since `earlier`: the differences, modulo 2^64 as the kernel adds.
///
///     fw_counters earlier = {10, 600}, now = {12, 720};
///     fw_counters news = fw_counters_since(now, earlier);
///     printf("%d packets\n", (int)news.packets);
#[unsafe(no_mangle)]
pub extern "C" fn fw_counters_since(now: fw_counters, earlier: fw_counters) -> fw_counters {
    libfw::Counters::from(now).since(earlier.into()).into()
}

/// A rule: what packets it applies to, and what becomes of them. One that is not `const` is a copy of its own: changing a
/// table does not change it, and freeing the table does not free it. Freed with `fw_rule_free`.
pub struct fw_rule {
    held: Held,
    shown: Shown,
}

enum Held {
    Own(Rule),
    /// One of a table that is kept.
    Of(RuleRef<'static>),
}

/// The parts of a rule as strings, each made when it is first asked for.
#[derive(Default)]
struct Shown {
    text: OnceLock<CString>,
    source: OnceLock<Limit>,
    destination: OnceLock<Limit>,
    input: OnceLock<Limit>,
    output: OnceLock<Limit>,
    protocol: OnceLock<Limit>,
    matches: OnceLock<Vec<fw_part>>,
    target: OnceLock<Target>,
}

/// The text of a part that limits the rule, and whether it is inverted.
type Limit = Option<(CString, bool)>;

/// The target, if there is one.
type Target = Option<Aim>;

struct Aim {
    name: CString,
    /// What it is made of if it is an extension.
    extension: Option<fw_part>,
    text: OnceLock<CString>,
}

impl Aim {
    fn text(&self, rule: &fw_rule) -> &CString {
        self.text.get_or_init(|| c_string(rule.view().target().to_text()))
    }
}

impl fw_rule {
    pub(crate) fn boxed(rule: Rule) -> Box<fw_rule> {
        Box::new(fw_rule { held: Held::Own(rule), shown: Shown::default() })
    }

    /// One of a table.
    pub(crate) fn borrowed(rule: RuleRef<'static>) -> fw_rule {
        fw_rule { held: Held::Of(rule), shown: Shown::default() }
    }

    pub(crate) fn view(&self) -> RuleRef<'_> {
        match &self.held {
            Held::Own(rule) => rule.view(),
            Held::Of(rule) => *rule,
        }
    }

    fn limit<T>(
        &self,
        part: fn(&Shown) -> &OnceLock<Limit>,
        get: impl Fn(RuleRef<'_>) -> Inv<T>,
        is_any: impl Fn(&T) -> bool,
        text: impl Fn(T) -> CString,
    ) -> &Limit {
        part(&self.shown).get_or_init(|| {
            let part = get(self.view());
            (part.inverted || !is_any(&part.value)).then(|| (text(part.value), part.inverted))
        })
    }

    fn target(&self) -> &Target {
        self.shown.target.get_or_init(|| {
            let (name, extension) = match self.view().target() {
                TargetRef::None => return None,
                TargetRef::Verdict(verdict) => (c_string(verdict.name()), None),
                TargetRef::Jump(chain) | TargetRef::Goto(chain) => (c_string(chain), None),
                TargetRef::Extension(target) => (c_string(target.name()), Some(fw_part::new(target))),
            };
            Some(Aim { name, extension, text: OnceLock::new() })
        })
    }

    fn matches(&self) -> &[fw_part] {
        let matches = || self.view().matches().map(fw_part::new).collect();
        self.shown.matches.get_or_init(matches)
    }
}

/// A copy of a rule, for a table.
pub(crate) fn of(rule: Option<&fw_rule>) -> Result<Rule> {
    Ok(match &required(rule, "rule")?.held {
        Held::Own(rule) => rule.clone(),
        Held::Of(rule) => rule.to_rule(),
    })
}

/// Fails if the kernel, where there is one, lacks what the rule names.
pub(crate) fn check_on(kernel: Option<&fw_kernel>, rule: &Rule) -> Result<()> {
    Ok(kernel.map_or(Ok(()), |kernel| kernel.0.check_rule(rule))?)
}

/// Reads a rule from the options that iptables takes, without command and chain: `-p tcp --dport 22 -j ACCEPT`. Words are
/// separated by spaces; double quotes hold words together, as in a save file.
///
/// A rule is the same for every kernel: it keeps the names of ipsets, and gets the revisions of a kernel when it is added to a
/// table. With a kernel, it is an error at once if that lacks an extension or a set.
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

/// Reads a rule from words, such as those of a command line: `{"-p", "tcp", "-j", "ACCEPT"}`, so many or with FW_UNTIL_NULL all before
/// a NULL.
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

/// Reads a rule from words as `fw_rule_from_args` does, and says what is odd but not wrong, in the words of iptables: a range
/// that never matches, a match that the kernel lacks. `warnings` gets a list to free with `fw_strings_free`, or NULL if there
/// is nothing to say.
///
/// Errors: as for `fw_rule_parse`; of the kernel that is meant, the calling thread's for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_from_args_warned(
    kernel: Option<&fw_kernel>,
    family: Number<fw_family>,
    argc: usize,
    argv: Words,
    rule: Out<Option<Box<fw_rule>>>,
    warnings: Out<Option<Box<fw_strings>>>,
    error: ErrorPlace,
) -> fw_status {
    warned(error, rule, warnings, |warn| {
        let family = crate::kernel::family(&family)?;
        let parsed = iptables::parse_rule(&kernel_of(kernel), family, argv.all(argc)?, warn)?;
        Ok(Some(fw_rule::boxed(parsed)))
    })
}

/// A copy of a rule, such as of one that belongs to a table. Freed with `fw_rule_free`. NULL only for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_copy(rule: Option<&fw_rule>) -> Option<Box<fw_rule>> {
    value(None, || Some(Some(fw_rule::boxed(of(rule).ok()?))))
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
    value(false, || Some(a?.view() == b?.view()))
}

/// A hash of what `fw_rule_equal` compares, for tables of rules: equal rules have the same. It is not for keeping: another
/// version of libfw may compute another one. 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_hash(rule: Option<&fw_rule>) -> u64 {
    value(0, || {
        let mut hasher = DefaultHasher::new();
        rule?.view().hash(&mut hasher);
        Some(hasher.finish())
    })
}

/// The rule's family.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_family(rule: Option<&fw_rule>) -> fw_family {
    value(fw_family::FW_IPV4, || rule.map(|rule| rule.view().family().into()))
}

/// The handle of nf_tables for a rule that iptables cannot express, of which nothing else is known: `nft -a list ruleset` shows the same.
/// 0 for all other rules.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_nft_handle(rule: Option<&fw_rule>) -> u64 {
    value(0, || rule?.view().nft_handle())
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
        let changed = of(Some(&*rule))?.with_counters(counters.into());
        rule.shown = Shown::default();
        rule.held = Held::Own(changed);
        Ok(())
    })
}

/// The options of iptables that make the rule, as `iptables -S` prints them after the chain. Lives as long as the rule.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_text(rule: Option<&fw_rule>) -> *const c_char {
    value(std::ptr::null(), || {
        rule.map(|rule| rule.shown.text.get_or_init(|| c_string(rule.view().to_text(false))).as_ptr())
    })
}

/// As `fw_rule_text`, with the counters as `-c PACKETS BYTES`. Freed with `fw_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_text_with_counters(rule: Option<&fw_rule>) -> Allocated {
    value(Allocated::default(), || Allocated::new(rule?.view().to_text(true)))
}

/// Gives the text of a part that limits the rule.
fn limit<'a>(
    rule: Option<&'a fw_rule>,
    inverted: Out<bool>,
    limit: impl FnOnce(&'a fw_rule) -> &'a Limit,
) -> *const c_char {
    let limit = value(None, || Some(limit(rule?).as_ref()));
    inverted.set(limit.is_some_and(|(_, inverted)| *inverted));
    pointer(limit.map(|(text, _)| text))
}

/// The source address with its mask, NULL where the rule does not limit it. Lives as long as the rule. `inverted` may be
/// NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_source(rule: Option<&fw_rule>, inverted: Out<bool>) -> *const c_char {
    limit(rule, inverted, |rule| {
        rule.limit(|shown| &shown.source, |rule| rule.source(), AddrMask::is_any, address_text)
    })
}

/// The destination address; see `fw_rule_source`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_destination(rule: Option<&fw_rule>, inverted: Out<bool>) -> *const c_char {
    limit(rule, inverted, |rule| {
        rule.limit(|shown| &shown.destination, |rule| rule.destination(), AddrMask::is_any, address_text)
    })
}

/// The interface the packet came in by; see `fw_rule_source`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_input(rule: Option<&fw_rule>, inverted: Out<bool>) -> *const c_char {
    limit(rule, inverted, |rule| {
        rule.limit(|shown| &shown.input, |rule| rule.input(), Interface::is_any, interface_text)
    })
}

/// The interface the packet goes out by; see `fw_rule_source`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_output(rule: Option<&fw_rule>, inverted: Out<bool>) -> *const c_char {
    limit(rule, inverted, |rule| {
        rule.limit(|shown| &shown.output, |rule| rule.output(), Interface::is_any, interface_text)
    })
}

/// The protocol by name, or by number if it has none; see `fw_rule_source`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_protocol(rule: Option<&fw_rule>, inverted: Out<bool>) -> *const c_char {
    limit(rule, inverted, |rule| {
        let text = |protocol: Protocol| c_string(protocol.to_string());
        rule.limit(|shown| &shown.protocol, |rule| rule.protocol(), |it| *it == Protocol::ANY, text)
    })
}

fn address_text(address: AddrMask) -> CString {
    c_string(address.to_string())
}

fn interface_text(interface: Interface) -> CString {
    c_string(interface.as_bytes())
}

/// Reads the source address and its mask as bytes; false where the rule does not limit it. `inverted` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_source_address(
    rule: Option<&fw_rule>,
    address: Out<fw_address>,
    inverted: Out<bool>,
) -> bool {
    part(rule, |rule| rule.source(), AddrMask::is_any, address, inverted)
}

/// Reads the destination address; see `fw_rule_source_address`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_destination_address(
    rule: Option<&fw_rule>,
    address: Out<fw_address>,
    inverted: Out<bool>,
) -> bool {
    part(rule, |rule| rule.destination(), AddrMask::is_any, address, inverted)
}

/// Reads the number of the protocol, such as IPPROTO_TCP; false where the rule does not limit it. `inverted` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_protocol_number(
    rule: Option<&fw_rule>,
    protocol: Out<u8>,
    inverted: Out<bool>,
) -> bool {
    let get = |rule: RuleRef<'_>| {
        let Inv { value, inverted, .. } = rule.protocol();
        Inv::new(inverted, value.0)
    };
    part(rule, get, |number| *number == Protocol::ANY.0, protocol, inverted)
}

/// Writes a part that limits the rule.
fn part<T, U: From<T> + Default>(
    rule: Option<&fw_rule>,
    get: impl FnOnce(RuleRef<'_>) -> Inv<T>,
    is_any: impl FnOnce(&T) -> bool,
    out: Out<U>,
    inverted: Out<bool>,
) -> bool {
    let found = value(None, || {
        let part = get(rule?.view());
        Some((part.inverted || !is_any(&part.value)).then_some(part))
    });
    let is_found = found.is_some();
    inverted.set(found.as_ref().is_some_and(|part| part.inverted));
    out.set(found.map(|part| part.value.into()).unwrap_or_default());
    is_found
}

/// Whether the rule is for second and further fragments (1), for first fragments and whole packets (0), or for both (-1).
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_fragment(rule: Option<&fw_rule>) -> std::ffi::c_int {
    value(-1, || rule.map(|rule| rule.view().fragment().map_or(-1, i32::from)))
}

/// The number of matches.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_match_count(rule: Option<&fw_rule>) -> usize {
    value(0, || rule.map(|rule| rule.view().matches().count()))
}

/// The match at an index, counted from 0; NULL beyond the last. Lives as long as the rule.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_match(rule: Option<&fw_rule>, index: usize) -> Option<&fw_part> {
    value(None, || rule.map(|rule| rule.matches().get(index)))
}

/// What the rule does with a packet.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_verdict(rule: Option<&fw_rule>) -> fw_verdict {
    value(fw_verdict::FW_VERDICT_NONE, || {
        rule.map(|rule| match rule.view().target() {
            TargetRef::None => fw_verdict::FW_VERDICT_NONE,
            TargetRef::Verdict(Verdict::Accept) => fw_verdict::FW_VERDICT_ACCEPT,
            TargetRef::Verdict(Verdict::Drop) => fw_verdict::FW_VERDICT_DROP,
            TargetRef::Verdict(Verdict::Queue) => fw_verdict::FW_VERDICT_QUEUE,
            TargetRef::Verdict(Verdict::Return) => fw_verdict::FW_VERDICT_RETURN,
            TargetRef::Jump(_) => fw_verdict::FW_VERDICT_JUMP,
            TargetRef::Goto(_) => fw_verdict::FW_VERDICT_GOTO,
            TargetRef::Extension(_) => fw_verdict::FW_VERDICT_EXTENSION,
        })
    })
}

/// The name of the target: a verdict, a chain or an extension; NULL if the rule only counts. Lives as long as the rule.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_target(rule: Option<&fw_rule>) -> *const c_char {
    value(std::ptr::null(), || rule.map(|rule| pointer(rule.target().as_ref().map(|target| &target.name))))
}

/// The target as it is in the rule, such as `-j ACCEPT`, `-g web` or `-j LOG --log-prefix web`; NULL if the rule only counts.
/// Lives as long as the rule.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_target_text(rule: Option<&fw_rule>) -> *const c_char {
    value(std::ptr::null(), || {
        rule.map(|rule| pointer(rule.target().as_ref().map(|target| target.text(rule))))
    })
}

/// Whether the rule goes to its chain for good, `-g`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_is_goto(rule: Option<&fw_rule>) -> bool {
    value(false, || rule.map(|rule| matches!(rule.view().target(), TargetRef::Goto(_))))
}

/// The target with its options if it is an extension; NULL for a verdict, a chain, or none. Lives as long as the rule.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_target_extension(rule: Option<&fw_rule>) -> Option<&fw_part> {
    value(None, || rule.map(|rule| rule.target().as_ref()?.extension.as_ref()))
}
