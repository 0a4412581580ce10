//! Save files as XML, in the form of `iptables-xml`. Nothing is looked up: what it does not know is written as it stands.

use std::io::{self, BufRead, BufReader, Read, Write};

use super::command::output_error;
use super::restore::policy_counters;
use crate::error::{BadFile, BadLine};
use crate::types::Counters;
use crate::types::settings::settings;
use crate::{Error, Result};

/// The targets behind which no other rule with the same conditions is reached.
const ENDS: [&[u8]; 4] = [b"ACCEPT", b"DROP", b"RETURN", b"QUEUE"];

settings! {
    /// How a save file is written as XML.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct XmlOptions {
        /// Write rules that follow each other and have the same conditions as one with several actions, `-c`.
        combine: bool,
        /// Write the lines of the file as comments, `-v`.
        verbose: bool,
    }
}

/// Writes a save file as XML, as `iptables-xml` does.
///
/// ```
/// use libfw::iptables::{XmlOptions, xml};
///
/// let file = "*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n";
/// let mut out = Vec::new();
/// xml(&mut file.as_bytes(), XmlOptions::default(), &mut out)?;
/// assert!(String::from_utf8_lossy(&out).contains("<i >lo</i>"));
/// # Ok::<(), libfw::Error>(())
/// ```
///
/// # Errors
///
/// A line that is none of a save file, or has a NUL byte or a quote that is not closed, with its number; what was written before
/// it stays written.
pub fn xml(reader: impl Read, options: XmlOptions, writer: &mut dyn Write) -> Result<()> {
    let mut xml = Xml { options, out: b"<iptables-rules version=\"1.0\">\n".to_vec(), ..Xml::default() };
    let mut reader = BufReader::new(reader);
    let mut line = Vec::new();
    let read = loop {
        line.clear();
        match reader.read_until(b'\n', &mut line) {
            Err(error) => break Err(Error::from(BadFile::Unreadable).because(error)),
            Ok(0) if xml.in_table => {
                let line = xml.line + 1;
                break Err(BadFile::NoCommit { line }.into());
            }
            Ok(0) => {
                xml.out.extend_from_slice(b"</iptables-rules>\n");
                break Ok(());
            }
            Ok(_) => {}
        }
        xml.line += 1;
        let number = xml.line;
        if let Err(error) = xml.line(&line) {
            break Err(error.at_line(number));
        }
        if let Err(error) = xml.hand_over(writer) {
            return Err(output_error(error));
        }
    };
    xml.hand_over(writer).map_err(output_error)?;
    read
}

/// A chain that the file declares.
struct Declared {
    name: Vec<u8>,
    /// What stands in its element.
    attributes: Vec<u8>,
    written: bool,
}

/// A word of a line; where it was quoted, it is written with its quotes, and is neither an option nor what a rule goes to.
#[derive(Clone, PartialEq, Eq)]
struct Word {
    text: Vec<u8>,
    quoted: bool,
}

impl Word {
    fn is_option(&self) -> bool {
        !self.quoted && self.is_dashed()
    }

    fn is_dashed(&self) -> bool {
        self.text.starts_with(b"-")
    }

    /// What it is about has an element of its own.
    fn begins_element(&self) -> bool {
        self.is(b"-m") || self.goes()
    }

    fn goes(&self) -> bool {
        !self.quoted && self.reads_as_jump()
    }

    /// Whether it would be what a rule goes to without its quotes.
    fn reads_as_jump(&self) -> bool {
        [&b"-j"[..], b"--jump"].contains(&&*self.text) || self.is_goto()
    }

    fn is_goto(&self) -> bool {
        [&b"-g"[..], b"--goto"].contains(&&*self.text)
    }

    fn is(&self, text: &[u8]) -> bool {
        !self.quoted && self.text == text
    }
}

#[derive(Default)]
struct Xml {
    options: XmlOptions,
    out: Vec<u8>,
    line: usize,
    in_table: bool,
    chains: Vec<Declared>,
    /// The chain whose element is open.
    chain: Option<Vec<u8>>,
    in_rule: bool,
    /// The conditions of the last rule, if another may be written into it.
    last: Option<Vec<Word>>,
}

impl Xml {
    fn hand_over(&mut self, writer: &mut dyn Write) -> io::Result<()> {
        writer.write_all(&self.out)?;
        self.out.clear();
        Ok(())
    }

    fn put(&mut self, parts: &[&[u8]]) {
        parts.iter().for_each(|part| self.out.extend_from_slice(part));
    }

    fn line(&mut self, line: &[u8]) -> Result<()> {
        let bare = line.strip_suffix(b"\n").unwrap_or(line);
        if bare.is_empty() {
            return Ok(());
        }
        if let Some(at) = bare.iter().position(|byte| *byte == 0) {
            return Err(Error::from(BadFile::Nul).at_column(at + 1));
        }
        if let [b'#', ..] = bare {
            self.put(&[b"<!-- ", &comment(bare), b" -->\n"]);
            return Ok(());
        }
        if self.options.verbose {
            let text = format!("<!-- line {} ", self.line);
            self.put(&[text.as_bytes(), &comment(bare), b" -->\n"]);
        }
        let invalid = |what| BadFile::ChainLine { what, line: self.line };
        match bare {
            b"COMMIT" if self.in_table && line != bare => self.end_table(),
            [b'*', rest @ ..] => {
                if self.in_table {
                    self.end_table();
                }
                let mut words = rest.split(|byte| b" \t".contains(byte)).filter(|word| !word.is_empty());
                let name = words.next().ok_or(BadFile::NoTable { line: self.line })?;
                self.put(&[b"  <table name=\"", &escaped(name), b"\" >\n"]);
                self.in_table = true;
            }
            [b':', rest @ ..] if self.in_table => {
                let mut words = rest.split(|byte| b" \t".contains(byte)).filter(|word| !word.is_empty());
                let name = words.next().ok_or_else(|| invalid("chain name"))?;
                let policy = words.next().ok_or_else(|| invalid("policy"))?;
                let Counters { packets, bytes } = words.next().and_then(policy_counters).unwrap_or_default();
                let mut attributes = Vec::new();
                if policy != b"-" {
                    attributes.extend_from_slice(b" policy=\"");
                    attributes.extend_from_slice(&escaped(policy));
                    attributes.push(b'"');
                }
                let counters = format!(" packet-count=\"{packets}\" byte-count=\"{bytes}\"");
                attributes.extend_from_slice(counters.as_bytes());
                self.chains.push(Declared { name: name.to_owned(), attributes, written: false });
            }
            _ if self.in_table => self.rule(bare)?,
            _ => return Err(BadFile::OutsideTable { line: self.line }.into()),
        }
        Ok(())
    }

    fn end_table(&mut self) {
        self.end_chain();
        for at in 0..self.chains.len() {
            if !self.chains[at].written {
                self.begin_chain(at, b" />\n");
            }
        }
        self.put(&[b"  </table>\n"]);
        self.chains.clear();
        self.in_table = false;
    }

    fn begin_chain(&mut self, at: usize, end: &[u8]) {
        let Declared { name, attributes, written } = &mut self.chains[at];
        *written = true;
        let parts: [&[u8]; 5] = [b"    <chain name=\"", &escaped(name), b"\"", attributes, end];
        let text = parts.concat();
        self.put(&[&text]);
    }

    fn end_chain(&mut self) {
        self.end_rule();
        if self.chain.take().is_some_and(|chain| self.chains.iter().any(|known| known.name == chain)) {
            self.put(&[b"    </chain>\n"]);
        }
        self.last = None;
    }

    fn end_rule(&mut self) {
        if std::mem::take(&mut self.in_rule) {
            self.put(&[b"       </actions>\n\n      </rule>\n\n"]);
        }
    }

    /// `[PACKETS:BYTES] -A CHAIN ...`
    fn rule(&mut self, line: &[u8]) -> Result<()> {
        let mut rest = line;
        let mut counters = None;
        if let [b'[', text @ ..] = line {
            let open = || BadFile::OpenBracket { line: self.line };
            let end = text.iter().position(|byte| *byte == b']').ok_or_else(open)?;
            let colon = text[..end].iter().position(|byte| *byte == b':').ok_or_else(open)?;
            let (packets, bytes) = (&text[..colon], &text[colon + 1..end]);
            if packets.is_empty() || bytes.is_empty() {
                return Err(open().into());
            }
            counters = Some((packets, bytes));
            rest = &text[end + 1..];
        }
        let words = split(rest, line.len() - rest.len())?;
        let named = words.iter().position(|word| word.is(b"-A")).and_then(|at| words.get(at + 1));
        let Some(chain) = named.map(|word| &word.text) else {
            return Err(BadFile::NoAppend { line: self.line }.into());
        };
        // Wherever the chain stands.
        let words = words.get(2..).unwrap_or_default();
        let target = words.iter().position(Word::goes).unwrap_or(words.len());
        if self.chain.as_ref() != Some(chain) {
            self.end_chain();
            // One that is declared twice has two elements.
            for at in 0..self.chains.len() {
                if self.chains[at].name == *chain {
                    self.end_chain();
                    self.begin_chain(at, b" >\n");
                    self.chain = Some(chain.clone());
                }
            }
            self.chain = Some(chain.clone());
        }
        // As iptables-xml has it, quotes do not matter to what is combined.
        let jump = words.iter().position(Word::reads_as_jump);
        let conditions = jump.map(|jump| &words[..jump]).filter(|conditions| !conditions.is_empty());
        let to_chain = jump.is_some_and(|jump| words[jump].is_goto());
        if self.options.combine && !to_chain && conditions.is_some_and(|_| self.last.as_deref() == conditions)
        {
            self.put(&[b"<!-- Combine action from next rule -->\n"]);
        } else {
            self.end_rule();
            self.begin_rule(counters, words);
        }
        self.elements(&words[target..], None);
        let ends = jump.and_then(|jump| words.get(jump + 1)).is_some_and(|to| ENDS.contains(&&*to.text));
        self.last = conditions.filter(|_| !to_chain && !ends).map(<[Word]>::to_vec);
        Ok(())
    }

    fn begin_rule(&mut self, counters: Option<(&[u8], &[u8])>, words: &[Word]) {
        self.in_rule = true;
        self.put(&[b"      <rule "]);
        if let Some((packets, bytes)) = counters {
            let (packets, bytes) = (escaped(packets), escaped(bytes));
            self.put(&[b"packet-count=\"", &packets, b"\" byte-count=\"", &bytes, b"\" "]);
        }
        self.put(&[b">\n"]);
        if words.first().is_some_and(|first| !first.reads_as_jump()) {
            self.put(&[b"       <conditions>\n"]);
            let inverted = words.first().is_some_and(|first| first.text == b"!");
            let of_rule = words
                .get(usize::from(inverted))
                .is_some_and(|first| first.is_dashed() && first.text != b"-m" && !first.reads_as_jump());
            self.elements(words, Some(of_rule));
            self.put(&[b"       </conditions>\n"]);
        }
        self.put(&[b"       <actions>\n"]);
    }

    /// An element for each match and target, with its options. The conditions end at the target, and may begin with an element
    /// for the options `of_rule`.
    fn elements(&mut self, words: &[Word], conditions: Option<bool>) {
        let mut open = None;
        if conditions == Some(true) {
            self.put(&[b"        <match >\n"]);
            open = Some(b"match".to_vec());
        }
        let (mut at, mut inverted) = (0, false);
        while let Some(word) = words.get(at) {
            at += 1;
            if word.begins_element() {
                if word.goes() && conditions.is_some() {
                    break;
                }
                self.end_element(open.take());
                inverted = false;
                let Some(name) = words.get(at) else { break };
                at += 1;
                open = self.begin_element(word, &name.text, words.get(at));
            } else if word.is_option() {
                let dashes = word.text.iter().take_while(|byte| **byte == b'-').count();
                let name = &word.text[dashes..];
                let invert: &[u8] = if std::mem::take(&mut inverted) { b" invert=\"1\"" } else { b"" };
                self.put(&[b"          <", name, b" ", invert]);
                if words.get(at).is_none_or(Word::is_dashed) {
                    self.put(&[b" />\n"]);
                } else {
                    self.put(&[b">"]);
                    at = self.values(words, at, &mut inverted);
                    self.put(&[b"</", name, b">\n"]);
                }
            } else {
                at = self.values(words, at - 1, &mut inverted);
            }
        }
        self.end_element(open);
    }

    /// Begins the element of a match or target, whose name says whether it is to be ended.
    fn begin_element(&mut self, how: &Word, name: &[u8], next: Option<&Word>) -> Option<Vec<u8>> {
        if how.goes() && self.chains.iter().any(|chain| chain.name == name) {
            let kind: &[u8] = if how.is_goto() { b"goto" } else { b"call" };
            self.put(&[b"        <", kind, b" >\n          <", name, b" />\n"]);
            return Some(kind.to_owned());
        }
        let has_options = next.is_some_and(|next| !next.begins_element());
        self.put(&[b"        <", name, if has_options { b" >\n" } else { b"  />\n" }]);
        has_options.then(|| name.to_owned())
    }

    fn end_element(&mut self, name: Option<Vec<u8>>) {
        if let Some(name) = name {
            self.put(&[b"        </", &name, b">\n"]);
        }
    }

    /// The words up to the next option, where that begins. A `!` before what may be an option is said with that.
    fn values(&mut self, words: &[Word], from: usize, inverted: &mut bool) -> usize {
        let mut at = from;
        while let Some(word) = words.get(at).filter(|word| !word.is_option()) {
            if word.is(b"!") && words.get(at + 1).is_some_and(Word::is_dashed) {
                *inverted = true;
            } else {
                let quote: &[u8] = if word.quoted { b"&quot;" } else { b"" };
                self.put(&[if at > from { b" " } else { b"" }, quote, &escaped(&word.text), quote]);
            }
            at += 1;
        }
        at
    }
}

/// The words of a line: between blanks, or up to the end of what is between double quotes, in which a backslash takes away the
/// meaning of the next. A quote that is not closed would make a word of all that is behind it. `before` is how much of the line
/// is before these words.
fn split(line: &[u8], before: usize) -> Result<Vec<Word>> {
    let mut words = Vec::new();
    let mut bytes = line.iter().copied().enumerate().peekable();
    loop {
        while bytes.next_if(|(_, byte)| b" \t".contains(byte)).is_some() {}
        if bytes.peek().is_none() {
            return Ok(words);
        }
        let mut word = Word { text: Vec::new(), quoted: false };
        while let Some((at, byte)) = bytes.next_if(|(_, byte)| !b" \t".contains(byte)) {
            if byte != b'"' {
                word.text.push(byte);
                continue;
            }
            word.quoted = true;
            let open = || Error::from(BadLine::OpenQuote).at_column(before + at + 1);
            loop {
                match bytes.next().ok_or_else(open)?.1 {
                    b'"' => break,
                    b'\\' => word.text.push(bytes.next().ok_or_else(open)?.1),
                    byte => word.text.push(byte),
                }
            }
            break;
        }
        words.push(word);
    }
}

/// Text for an attribute or an element; bytes that are no ASCII as iptables-xml has them, each by its number.
fn escaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        match byte {
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            b'"' => out.extend_from_slice(b"&quot;"),
            127.. => out.extend_from_slice(format!("&#{byte};").as_bytes()),
            byte => out.push(*byte),
        }
    }
    out
}

/// Text for a comment, in which no two dashes may follow each other.
fn comment(text: &[u8]) -> Vec<u8> {
    let (mut out, mut even) = (Vec::with_capacity(text.len()), false);
    for byte in text {
        if *byte == b'-' {
            out.extend_from_slice(if even { b" *" } else { b"*" });
            even = !even;
        }
        out.push(*byte);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What cannot be read as it was meant is not written as something else.
    #[test]
    fn broken_lines() {
        for (line, column, message) in [
            ("-A INPUT -i \"a -j DROP", 13, "a quote that is not closed"),
            ("[1:2] -A \"INPUT -j DROP", 10, "a quote that is not closed"),
            ("-A INPUT -j DROP \"", 18, "a quote that is not closed"),
            ("-A INPUT -i \"a\\", 13, "a quote that is not closed"),
            ("-A INPUT -i a\0b", 14, "a NUL byte in the line"),
            ("# a\0b", 4, "a NUL byte in the line"),
            (":a\0b - [0:0]", 3, "a NUL byte in the line"),
        ] {
            let file = format!("*filter\n{line}\nCOMMIT\n");
            let error = xml(&mut file.as_bytes(), XmlOptions::default(), &mut Vec::new()).unwrap_err();
            assert_eq!((error.line(), error.column()), (Some(2), Some(column)), "{line:?}: {error}");
            assert!(error.to_string().contains(message), "{line:?}: {error}");
        }
        let file = "*filter\n-A INPUT -i \"a \\\" b\" -j DROP\nCOMMIT\n";
        assert!(xml(&mut file.as_bytes(), XmlOptions::default(), &mut Vec::new()).is_ok());
    }
}
