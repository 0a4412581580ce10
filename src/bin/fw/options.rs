//! The options of the save and restore commands, in the manner of `getopt_long(3)`.

/// An option.
pub(crate) struct Flag {
    pub(crate) short: u8,
    pub(crate) long: &'static str,
    pub(crate) argument: bool,
}

/// Options one by one; other words are collected.
pub(crate) struct Flags<'a> {
    known: &'static [Flag],
    args: &'a [Vec<u8>],
    at: usize,
    /// The letters of the current word that are still to be read.
    cluster: &'a [u8],
    rest: Vec<&'a [u8]>,
}

impl<'a> Flags<'a> {
    pub(crate) fn new(known: &'static [Flag], args: &'a [Vec<u8>]) -> Flags<'a> {
        Flags { known, args, at: 0, cluster: &[], rest: Vec::new() }
    }

    /// The next option by its letter, and its argument.
    pub(crate) fn next(&mut self) -> Result<Option<(u8, &'a [u8])>, String> {
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

    fn short(&mut self, letter: u8) -> Result<(u8, &'a [u8]), String> {
        let flag = self.known.iter().find(|flag| flag.short == letter);
        let flag = flag.ok_or_else(|| format!("invalid option -- '{}'", letter as char))?;
        if !flag.argument {
            return Ok((letter, &[]));
        }
        if !self.cluster.is_empty() {
            return Ok((letter, std::mem::take(&mut self.cluster)));
        }
        let word = self.args.get(self.at);
        self.at += 1;
        let argument = word.ok_or_else(|| format!("option requires an argument -- '{}'", letter as char))?;
        Ok((letter, argument))
    }

    fn long(&mut self, word: &'a [u8]) -> Result<(u8, &'a [u8]), String> {
        let equals = word.iter().position(|byte| *byte == b'=');
        let name = &word[..equals.unwrap_or(word.len())];
        let shown = String::from_utf8_lossy(name);
        let exact = self.known.iter().find(|flag| flag.long.as_bytes() == name);
        let mut beginning = self.known.iter().filter(|flag| flag.long.as_bytes().starts_with(name));
        let flag = match (exact, beginning.next(), beginning.next()) {
            (Some(flag), _, _) | (None, Some(flag), None) => flag,
            (None, Some(_), Some(_)) => return Err(format!("option '--{shown}' is ambiguous")),
            (None, None, _) => return Err(format!("unrecognized option '--{shown}'")),
        };
        match equals {
            Some(equals) => Ok((flag.short, &word[equals + 1..])),
            None if flag.argument => {
                let argument = self.args.get(self.at);
                self.at += 1;
                let argument =
                    argument.ok_or_else(|| format!("option '--{}' requires an argument", flag.long))?;
                Ok((flag.short, argument))
            }
            None => Ok((flag.short, &[])),
        }
    }

    /// The next word if it is no option, as the optional argument of the last one.
    pub(crate) fn operand(&mut self) -> Option<&'a [u8]> {
        let word = self.args.get(self.at).filter(|word| !matches!(word.first(), Some(b'-' | b'!')))?;
        if !self.cluster.is_empty() {
            return None;
        }
        self.at += 1;
        Some(word)
    }

    /// The words that are no options, once all options were read.
    pub(crate) fn rest(&self) -> &[&'a [u8]] {
        &self.rest
    }
}
