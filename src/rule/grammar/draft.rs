//! The rule that the options of a command describe.

pub(crate) mod addresses;
mod shape;

use std::borrow::Cow;
use std::cell::RefCell;

use super::args::{Args, TextSpan};
use super::meant;
use crate::blob::{self, Entry, Header, Layout, push_extension, push_standard, put_at, put_counters};
use crate::error::BadLine;
use crate::ext::context;
use crate::ext::{
    Extension, ExtensionKind, NameList, Names, Opt, OptionText, RuleContext, System, TooLong, Warnings,
    first_bad_value, index,
};
use crate::rule::convert::push_data;
use crate::rule::{Rule, Verdict, names, too_large};
use crate::types::{AddrMask, Counters, Family, Inv, Protocol, opaque};
use crate::{Error, Result};
use addresses::read_addresses;
pub(crate) use shape::{Filled, Shapes};

/// Where old versions of iptables had it too.
pub(super) const BANG: &str = "a ! stands before the option that it inverts";

/// An option of an extension as it was given.
struct Item {
    /// Index of the extension.
    loaded: usize,
    option: usize,
    name: &'static str,
    inverted: bool,
    words: [TextSpan; 2],
    position: usize,
}

/// A match or target that was named.
#[derive(Clone, Copy)]
pub(crate) struct Loaded {
    name: TextSpan,
    /// None for one that libfw does not know, which has its data from `--opaque`.
    extension: Option<&'static Extension>,
    /// `REVISION:HEX`, the data as the kernel has them.
    opaque: Option<TextSpan>,
}

impl Loaded {
    fn options(&self) -> &'static [Opt] {
        self.extension.map_or(&[], |extension| extension.options)
    }
}

/// Those of some options that a family has and whose name, or another of their names, begins so.
pub(super) fn options_beginning(
    options: &'static [Opt],
    name: &[u8],
    family: Family,
) -> impl Iterator<Item = (usize, &'static str)> {
    options.iter().enumerate().filter_map(move |(option, opt)| {
        let mut names = opt.names().filter(|_| opt.families.contains(family));
        Some((option, names.find(|known| known.as_bytes().starts_with(name))?))
    })
}

/// Where the rule goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Jump {
    None,
    Verdict(Verdict),
    /// To the extension that is loaded at this index, unless there is a chain of that name.
    Extension(usize, TextSpan),
    /// To the extension that is loaded at this index, whatever chains there are.
    Opaque(usize),
    Chain(TextSpan),
    Goto(TextSpan),
}

/// A rule under construction; its buffers are used again for the next.
pub(crate) struct RuleDraft {
    family: Family,
    pub(crate) header: Header,
    pub(crate) source: Option<(TextSpan, bool)>,
    pub(crate) destination: Option<(TextSpan, bool)>,
    /// The names of the interfaces for input and output.
    pub(crate) interfaces: [Option<TextSpan>; 2],
    pub(crate) jump: Jump,
    /// The matches in order, and the target where it was named.
    loaded: Vec<Loaded>,
    items: Vec<Item>,
    protocol: Option<TextSpan>,
    protocol_loaded: bool,
    sources: Vec<AddrMask>,
    destinations: Vec<AddrMask>,
    /// The bytes of the header where they were given; empty otherwise.
    given: Vec<u8>,
    /// The entry, with the first source and destination.
    bytes: Vec<u8>,
    target_offset: usize,
    /// The rule's own names; `None` where it is written for a kernel at once.
    pub(crate) names: Option<RefCell<NameList>>,
    /// What becomes of texts that are too long.
    pub(crate) too_long: TooLong,
    /// Room for the options of one extension.
    texts: Vec<OptionText<'static>>,
}

impl RuleDraft {
    pub(crate) fn new(family: Family) -> RuleDraft {
        RuleDraft {
            family,
            header: Header::any(family),
            source: None,
            destination: None,
            interfaces: [None; 2],
            jump: Jump::None,
            loaded: Vec::new(),
            items: Vec::new(),
            protocol: None,
            protocol_loaded: false,
            sources: Vec::new(),
            destinations: Vec::new(),
            given: Vec::new(),
            bytes: Vec::new(),
            target_offset: 0,
            names: None,
            too_long: TooLong::Refuse,
            texts: Vec::new(),
        }
    }

    pub(crate) fn reset(&mut self) {
        self.header = Header::any(self.family);
        self.source = None;
        self.destination = None;
        self.interfaces = [None; 2];
        self.jump = Jump::None;
        self.loaded.clear();
        self.items.clear();
        self.protocol = None;
        self.protocol_loaded = false;
        self.sources.clear();
        self.destinations.clear();
        self.given.clear();
        self.bytes.clear();
        if self.family == Family::Arp {
            // Each rule has it, and nobody names it.
            let arp = index::find(ExtensionKind::Match, b"arp", self.family);
            self.load(TextSpan::default(), arp, None);
        }
    }

    /// Adds a match or target, known or with its data as the kernel has them; returns its index.
    pub(crate) fn load(
        &mut self,
        name: TextSpan,
        extension: Option<&'static Extension>,
        opaque: Option<TextSpan>,
    ) -> usize {
        self.loaded.push(Loaded { name, extension, opaque });
        self.loaded.len() - 1
    }

    /// Returns the target if it is known.
    pub(crate) fn jump(&mut self, span: TextSpan, name: &[u8]) -> Option<&'static Extension> {
        if let Some(verdict) = Verdict::from_name(name) {
            self.jump = Jump::Verdict(verdict);
            return None;
        }
        if self.family == Family::Arp && name == b"CONTINUE" {
            self.jump = Jump::None;
            return None;
        }
        let extension = index::find(ExtensionKind::Target, name, self.family);
        self.jump = match extension {
            Some(_) => Jump::Extension(self.load(span, extension, None), span),
            None => Jump::Chain(span),
        };
        extension
    }

    /// The target has its data as the kernel has them.
    pub(crate) fn jump_opaque(&mut self, name: TextSpan, data: TextSpan) {
        self.jump = Jump::Opaque(self.load(name, None, Some(data)));
    }

    pub(crate) fn goto(&mut self, span: TextSpan) {
        self.header.goto = true;
        self.jump = Jump::Goto(span);
    }

    pub(crate) fn set_protocol(&mut self, span: TextSpan, protocol: Inv<Protocol>) {
        self.header.protocol = protocol;
        self.header.asks_protocol = true;
        self.protocol = Some(span);
    }

    pub(crate) fn has_header(&self) -> bool {
        !self.given.is_empty()
    }

    /// Gives the rule its header as the kernel has it, in hexadecimal.
    pub(crate) fn set_header(&mut self, digits: &[u8]) -> bool {
        let ip = Layout::of(self.family).ip;
        let Some(header) = opaque::read_bytes(digits).filter(|header| header.len() == ip) else {
            return false;
        };
        let Header { goto, counters, .. } = self.header;
        self.header = Header { goto, counters, ..Entry::new(self.family, &header).header() };
        self.given = header;
        true
    }

    /// Loads the match of the rule's protocol, once, because an option is not known otherwise.
    pub(crate) fn load_protocol(&mut self, args: Args<'_>) -> Option<&'static Extension> {
        let span = self.protocol?;
        let extension = self.protocol_match(args);
        self.protocol_loaded = true;
        let is_loaded = |extension: &&'static Extension| {
            let mut known = self.loaded.iter().filter_map(|loaded| loaded.extension);
            known.any(|known| std::ptr::eq(known, *extension))
        };
        let extension = extension.filter(|extension| !is_loaded(extension))?;
        self.load(span, Some(extension), None);
        Some(extension)
    }

    /// The match of the rule's protocol, until it was asked for its options.
    pub(crate) fn protocol_match(&self, args: Args<'_>) -> Option<&'static Extension> {
        let span = self.protocol.filter(|_| !self.protocol_loaded)?;
        let word = args.slice(span).to_ascii_lowercase();
        let by_word = index::find(ExtensionKind::Match, &word, self.family);
        let name = self.header.protocol.value.name().unwrap_or_default();
        by_word.or_else(|| index::find(ExtensionKind::Match, name.as_bytes(), self.family))
    }

    /// The extensions named so far.
    pub(crate) fn extensions(&self) -> Vec<&'static Extension> {
        self.loaded.iter().filter_map(|loaded| loaded.extension).collect()
    }

    pub(crate) fn opt(&self, loaded: usize, option: usize) -> &'static Opt {
        &self.loaded[loaded].options()[option]
    }

    /// The name of an extension that has data by options.
    #[cold]
    pub(crate) fn owner(&self, loaded: usize) -> &'static str {
        self.loaded[loaded].extension.map_or("", |extension| extension.name)
    }

    /// The option of exactly this name, of the extension that was named last among those which have it.
    pub(crate) fn exact_option(&self, name: &[u8]) -> Option<(usize, usize, &'static str)> {
        self.loaded.iter().enumerate().rev().find_map(|(loaded, extension)| {
            extension.options().iter().enumerate().find_map(|(option, opt)| {
                let is_it = |known: &&&'static str| known.as_bytes() == name;
                let name = Some(&opt.name).filter(is_it).or_else(|| opt.aliases.iter().find(is_it))?;
                opt.families.contains(self.family).then_some((loaded, option, *name))
            })
        })
    }

    /// The options whose name begins so; of an extension that was named twice, those of the last.
    pub(crate) fn options_beginning<'s>(
        &'s self,
        name: &'s [u8],
    ) -> impl Iterator<Item = (usize, usize, &'static str)> + use<'s> {
        let last = |at: usize, known: &Loaded| {
            let mut later = self.loaded.iter().skip(at + 1);
            !later.any(|other| other.extension.zip(known.extension).is_some_and(|(a, b)| std::ptr::eq(a, b)))
        };
        let loaded = self.loaded.iter().enumerate().filter(move |(at, known)| last(*at, known));
        loaded.flat_map(move |(loaded, extension)| {
            let found = options_beginning(extension.options(), name, self.family);
            found.map(move |(option, name)| (loaded, option, name))
        })
    }

    /// An option of the loaded extensions that was perhaps meant.
    pub(crate) fn similar_option(&self, name: &str) -> Option<&'static str> {
        meant::similar(name, self.loaded.iter().flat_map(Loaded::options).map(|opt| opt.name))
    }

    pub(crate) fn add_option(
        &mut self,
        loaded: usize,
        option: usize,
        name: &'static str,
        inverted: bool,
        words: [TextSpan; 2],
        position: usize,
    ) {
        self.items.push(Item { loaded, option, name, inverted, words, position });
    }

    /// The options of a loaded extension.
    fn texts<'a>(&self, loaded: usize, args: Args<'a>) -> impl Iterator<Item = OptionText<'a>> {
        let items = self.items.iter().filter(move |item| item.loaded == loaded);
        items.map(move |item| OptionText {
            option: item.option,
            name: item.name,
            inverted: item.inverted,
            words: [args.slice(item.words[0]), args.slice(item.words[1])],
            datum: None,
            position: item.position,
        })
    }

    fn cx<'a>(&'a self, host: &'a System, warnings: &'a Warnings) -> RuleContext<'a> {
        let names = self.names.as_ref().map_or(Names::Kernel, Names::Growing);
        RuleContext {
            names,
            warnings: Some(warnings),
            too_long: self.too_long,
            ..context(self.family, self.header.protocol, host)
        }
    }

    /// What is wrong where one rule is wanted.
    #[cold]
    pub(crate) fn many_rules(&self, args: Args<'_>) -> Error {
        let error = Error::from(BadLine::ManyRules);
        let lists = [("source", self.source), ("destination", self.destination)];
        let mut lists = lists.into_iter().filter_map(|(option, list)| Some((option, args.slice(list?.0))));
        match lists.find(|(_, list)| list.contains(&b',')) {
            Some((option, list)) => error.at_option(option).at_token(String::from_utf8_lossy(list)),
            None => error,
        }
    }

    /// The error about an option's value that stands first, with what there is to warn about before it.
    pub(crate) fn first_bad_value(
        &self,
        args: Args<'_>,
        host: &System,
        warnings: &mut Warnings,
    ) -> Option<Error> {
        let known = self.loaded.iter().enumerate();
        let known = known.filter_map(|(at, loaded)| Some((at, loaded.extension?)));
        let pending = known.map(|(at, extension)| (extension, self.texts(at, args).collect()));
        let (position, error) = first_bad_value(pending, &self.cx(host, warnings))?;
        warnings.end_at(position);
        let is_bang = error.value().is_some_and(|(value, _)| value == "!");
        Some(if is_bang { error.remarking(BANG) } else { error })
    }

    /// Builds the entry without its addresses.
    pub(crate) fn build(&mut self, args: Args<'_>, host: &System, warnings: &mut Warnings) -> Result<()> {
        let mut bytes = std::mem::take(&mut self.bytes);
        let mut texts: Vec<OptionText<'_>> = std::mem::take(&mut self.texts);
        let built = self.push(args, &self.cx(host, warnings), &mut texts, &mut bytes);
        self.bytes = bytes;
        self.texts = emptied(texts);
        match built {
            Ok(target_offset) => {
                self.target_offset = target_offset;
                Ok(())
            }
            Err(error) => Err(self.first_bad_value(args, host, warnings).unwrap_or(error)),
        }
    }

    /// Appends the entry; returns the offset of its target.
    fn push<'a>(
        &self,
        args: Args<'a>,
        cx: &RuleContext<'_>,
        texts: &mut Vec<OptionText<'a>>,
        bytes: &mut Vec<u8>,
    ) -> Result<usize> {
        // The header is written when the addresses are known.
        bytes.resize(Layout::of(self.family).entry, 0);
        let target = match self.jump {
            Jump::Extension(index, _) | Jump::Opaque(index) => Some(index),
            _ => None,
        };
        for at in (0..self.loaded.len()).filter(|at| Some(*at) != target) {
            self.push_loaded(at, args, cx, texts, bytes)?;
        }
        let target_offset = bytes.len();
        match self.jump {
            Jump::None => push_standard(bytes, blob::EntryVerdict::Fallthrough),
            Jump::Verdict(verdict) => push_standard(bytes, verdict.to_blob()),
            Jump::Chain(_) | Jump::Goto(_) => push_standard(bytes, blob::EntryVerdict::Jump(0)),
            Jump::Extension(index, _) | Jump::Opaque(index) => {
                self.push_loaded(index, args, cx, texts, bytes)?
            }
        }
        Header::finish(self.family, bytes, 0, target_offset).ok_or_else(too_large)?;
        Ok(target_offset)
    }

    fn push_loaded<'a>(
        &self,
        at: usize,
        args: Args<'a>,
        cx: &RuleContext<'_>,
        texts: &mut Vec<OptionText<'a>>,
        bytes: &mut Vec<u8>,
    ) -> Result<()> {
        let Loaded { name, extension, opaque } = self.loaded[at];
        if let Some(value) = opaque {
            let is_target = matches!(self.jump, Jump::Opaque(target) if target == at);
            let kind = if is_target { ExtensionKind::Target } else { ExtensionKind::Match };
            return push_opaque(kind, &names::read(args.slice(name)), args.slice(value), cx, bytes);
        }
        let Some(extension) = extension else { return Ok(()) };
        let revision = cx.host.revision(self.family, extension)?;
        let cx = RuleContext { revision, ..*cx };
        texts.clear();
        texts.extend(self.texts(at, args));
        push_extension(bytes, extension.kernel_name_of(revision).as_bytes(), revision, |out| {
            extension.build(texts, &cx, out).map_err(|error| {
                // What lacks an option is found by its name, which another match of the rule may have too.
                let lacks = error.option().is_none() || error.mistake().is_of_absence();
                let is_named = lacks && error.said_token().is_none() && name.1 > name.0;
                if is_named { error.at_column(name.0 as usize + 1) } else { error }
            })
        })?
        .ok_or_else(too_large)
    }

    /// Reads the addresses, of which there may be several.
    pub(crate) fn addresses(&mut self, args: Args<'_>) -> Result<()> {
        let family = self.family;
        let read = |given: Option<(TextSpan, bool)>, option, list: &mut Vec<AddrMask>| match given {
            Some((span, _)) => {
                read_addresses(family, args.slice(span), list).map_err(|error| error.at_option(option))
            }
            None => {
                list.push(AddrMask::any(family));
                Ok(())
            }
        };
        read(self.source, "source", &mut self.sources)?;
        read(self.destination, "destination", &mut self.destinations)?;
        let inverted = |given: Option<(TextSpan, bool)>| given.is_some_and(|(_, inverted)| inverted);
        let (source, destination) = (inverted(self.source), inverted(self.destination));
        if (source || destination) && (self.sources.len() > 1 || self.destinations.len() > 1) {
            let option = if source { "source" } else { "destination" };
            return Err(Error::from(BadLine::InvertedAddresses).at_option(option));
        }
        self.header.source.inverted = source;
        self.header.destination.inverted = destination;
        self.set_addresses(self.sources[0], self.destinations[0]);
        Ok(())
    }

    /// How many rules the addresses make.
    pub(crate) fn combinations(&self) -> usize {
        self.sources.len() * self.destinations.len()
    }

    /// Calls a function for each combination of addresses; the entry has them by then.
    pub(crate) fn each_combination(&mut self, mut call: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        if self.combinations() == 1 {
            return call(&self.bytes);
        }
        for source in 0..self.sources.len() {
            for destination in 0..self.destinations.len() {
                self.set_addresses(self.sources[source], self.destinations[destination]);
                call(&self.bytes)?;
            }
        }
        Ok(())
    }

    /// Puts addresses, and with them the whole header, into the entry.
    fn set_addresses(&mut self, source: AddrMask, destination: AddrMask) {
        self.header.source.value = source;
        self.header.destination.value = destination;
        self.header.write(self.family, &mut self.bytes);
        if !self.given.is_empty() {
            put_at(&mut self.bytes, 0, &self.given);
            Header::put_goto(self.family, &mut self.bytes, self.header.goto);
        }
    }

    /// Lets the rule go to a chain instead of the extension of the same name.
    pub(crate) fn prefer_chain(&mut self) -> Result<()> {
        if let Jump::Extension(_, span) = self.jump {
            self.jump = Jump::Chain(span);
            self.bytes.truncate(self.target_offset);
            push_standard(&mut self.bytes, blob::EntryVerdict::Jump(0));
            Header::finish(self.family, &mut self.bytes, 0, self.target_offset).ok_or_else(too_large)?;
        }
        Ok(())
    }

    /// Sets the counters with which the rule starts.
    pub(crate) fn set_counters(&mut self, counters: Counters) {
        self.header.counters = counters;
        put_counters(self.family, &mut self.bytes, counters);
    }

    /// Sets the chain a jump goes to, as an index of its table.
    pub(crate) fn set_jump(&mut self, chain: u32) {
        let place = self.target_offset + blob::VERDICT_OFFSET;
        put_at(&mut self.bytes, place, &blob::EntryVerdict::Jump(chain).raw().to_ne_bytes());
    }

    pub(crate) fn entry(&self) -> Entry<'_> {
        Entry::new(self.family, &self.bytes)
    }

    /// The name of the chain the rule goes to.
    pub(crate) fn chain<'a>(&self, args: Args<'a>) -> Option<Cow<'a, [u8]>> {
        match self.jump {
            Jump::Chain(span) | Jump::Goto(span) => Some(names::read(args.slice(span))),
            _ => None,
        }
    }

    /// Checks whether the extensions may stand in a table; says whether the hooks matter too.
    pub(crate) fn check_place(&self, table: &str) -> Result<bool> {
        let protocol = self.header.protocol;
        let protocol = Some(protocol.value).filter(|value| !protocol.inverted && *value != Protocol::ANY);
        let mut late = false;
        for (at, loaded) in self.loaded.iter().enumerate() {
            let Some(extension) = loaded.extension else { continue };
            // A target of which there is a chain of the same name was only thought to be one.
            let replaced = extension.kind == ExtensionKind::Target
                && !matches!(self.jump, Jump::Extension(target, _) if target == at);
            if !replaced {
                extension.check_place(table, protocol)?;
                late |= extension.has_late_checks();
            }
        }
        Ok(late)
    }

    /// The rule by itself.
    pub(crate) fn to_rule(&self, args: Args<'_>) -> Rule {
        let names = self.names.as_ref().map(|names| names.borrow().clone()).unwrap_or_default();
        Rule::from_parts(self.family, self.bytes.clone(), self.chain(args).map(Into::into), names)
    }
}

/// The same buffer without what is in it, to be filled from another line.
fn emptied<'a>(mut texts: Vec<OptionText<'_>>) -> Vec<OptionText<'a>> {
    texts.clear();
    // Collecting from a vector of the same layout keeps its memory.
    texts.into_iter().map(|_| unreachable!("it is empty")).collect()
}

/// Appends a match or target of which only the bytes are known, from `REVISION:HEX`.
fn push_opaque(
    kind: ExtensionKind,
    name: &[u8],
    value: &[u8],
    cx: &RuleContext<'_>,
    bytes: &mut Vec<u8>,
) -> Result<()> {
    let bad = || {
        let name = String::from_utf8_lossy(name).into_owned();
        let text = String::from_utf8_lossy(value).into_owned();
        Error::from(BadLine::Opaque { name, text: text.clone() }).at_option("opaque").at_token(text)
    };
    let text = std::str::from_utf8(value).ok().filter(|text| text.is_ascii()).ok_or_else(bad)?;
    let (revision, digits) = text.split_once(':').ok_or_else(bad)?;
    let revision = revision.parse::<u8>().map_err(|_| bad())?;
    let data = opaque::read_bytes(digits.as_bytes()).ok_or_else(bad)?;
    push_data(kind, name, revision, &data, cx, bytes)
}
