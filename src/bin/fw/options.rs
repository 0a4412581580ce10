//! The options of the save and restore commands, in the manner of `getopt_long(3)`.

/// An option.
#[derive(Clone, Copy)]
pub(crate) struct Flag {
    pub(crate) short: u8,
    pub(crate) long: &'static str,
    pub(crate) argument: Argument,
}

/// Whether an option has an argument.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Argument {
    None,
    Required,
    /// Behind a `=` or, where the command takes it, as the next word.
    Optional,
}

/// The letter of an option, and its argument.
type Found<'a> = (u8, Option<&'a [u8]>);

/// Options one by one; other words are collected.
pub(crate) struct Flags<'a> {
    known: Vec<Flag>,
    args: &'a [Vec<u8>],
    at: usize,
    /// The letters of the current word that are still to be read.
    cluster: &'a [u8],
    rest: Vec<&'a [u8]>,
}

impl Flag {
    /// Whether iptables does not have it: such a flag has no letter.
    fn is_ours(&self) -> bool {
        self.short < b' '
    }
}

impl<'a> Flags<'a> {
    pub(crate) fn new(known: &[Flag], args: &'a [Vec<u8>]) -> Flags<'a> {
        Flags { known: known.to_vec(), args, at: 0, cluster: &[], rest: Vec::new() }
    }

    /// The next option by its letter, and its argument.
    pub(crate) fn next(&mut self) -> Result<Option<Found<'a>>, String> {
        loop {
            if let [letter, others @ ..] = self.cluster {
                self.cluster = others;
                return self.short(*letter).map(Some);
            }
            let Some(word) = self.args.get(self.at) else { return Ok(None) };
            self.at += 1;
            match word.as_slice() {
                b"--" => {
                    self.rest.extend(self.args[self.at..].iter().map(Vec::as_slice));
                    self.at = self.args.len();
                }
                [b'-', b'-', long @ ..] => return self.long(long).map(Some),
                [b'-', letters @ ..] if !letters.is_empty() => self.cluster = letters,
                word => self.rest.push(word),
            }
        }
    }

    fn short(&mut self, letter: u8) -> Result<Found<'a>, String> {
        let flag = self.known.iter().find(|flag| flag.short == letter && !flag.is_ours());
        let flag = flag.ok_or_else(|| format!("invalid option -- '{}'", letter as char))?;
        if flag.argument != Argument::Required {
            return Ok((letter, None));
        }
        if !self.cluster.is_empty() {
            return Ok((letter, Some(std::mem::take(&mut self.cluster))));
        }
        let missing = || format!("option requires an argument -- '{}'", letter as char);
        self.argument().map(|argument| (letter, Some(argument))).ok_or_else(missing)
    }

    fn long(&mut self, word: &'a [u8]) -> Result<Found<'a>, String> {
        let equals = word.iter().position(|byte| *byte == b'=');
        let name = &word[..equals.unwrap_or(word.len())];
        let shown = String::from_utf8_lossy(word);
        let is_long = |flag: &Flag| !flag.long.is_empty();
        let exact = self.known.iter().copied().find(|flag| is_long(flag) && flag.long.as_bytes() == name);
        // What iptables has not is spelled in full, and takes no abbreviation from it.
        let begins = |flag: &Flag| is_long(flag) && !flag.is_ours() && flag.long.as_bytes().starts_with(name);
        let begun: Vec<Flag> = self.known.iter().copied().filter(begins).collect();
        let flag = match (exact, begun.as_slice()) {
            (Some(flag), _) => flag,
            (None, [flag]) => *flag,
            (None, []) => return Err(format!("unrecognized option '--{shown}'")),
            (None, several) => {
                let names: Vec<_> = several.iter().map(|flag| format!("'--{}'", flag.long)).collect();
                return Err(format!("option '--{shown}' is ambiguous; possibilities: {}", names.join(" ")));
            }
        };
        let long = flag.long;
        let argument = match (equals, flag.argument) {
            (Some(_), Argument::None) => return Err(format!("option '--{long}' doesn't allow an argument")),
            (Some(equals), _) => Some(&word[equals + 1..]),
            (None, Argument::Required) => {
                Some(self.argument().ok_or_else(|| format!("option '--{long}' requires an argument"))?)
            }
            (None, _) => None,
        };
        Ok((flag.short, argument))
    }

    /// The next word, whatever it is.
    fn argument(&mut self) -> Option<&'a [u8]> {
        let word = self.args.get(self.at)?;
        self.at += 1;
        Some(word)
    }

    /// The next word if it is no option, as the optional argument of the last one.
    pub(crate) fn operand(&mut self) -> Option<&'a [u8]> {
        let is_operand = |word: &&Vec<u8>| !matches!(word.first(), Some(b'-' | b'!'));
        self.args.get(self.at).filter(is_operand).filter(|_| self.cluster.is_empty())?;
        self.argument()
    }

    /// The words that are no options, once all options were read.
    pub(crate) fn rest(&self) -> &[&'a [u8]] {
        &self.rest
    }
}
