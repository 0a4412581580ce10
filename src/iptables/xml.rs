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

/// A word of a line; where it was quoted, it is written with its quotes.
#[derive(Clone, PartialEq, Eq)]
struct Word {
    text: Vec<u8>,
    quoted: bool,
}

impl Word {
    /// The name of an option, without its dashes.
    fn option(&self) -> Option<&[u8]> {
        let dashed = self.text.strip_prefix(b"-").filter(|_| !self.quoted)?;
        Some(dashed.strip_prefix(b"-").unwrap_or(dashed))
    }

    fn jumps(&self) -> bool {
        self.is(b"-j") || self.is(b"--jump")
    }

    fn goes(&self) -> bool {
        self.is(b"-g") || self.is(b"--goto")
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
            b"COMMIT" if self.in_table => self.end_table(),
            [b'*', rest @ ..] if !self.in_table => {
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
            counters = Some((&text[..colon], &text[colon + 1..end]));
            rest = &text[end + 1..];
        }
        let words = split(rest, line.len() - rest.len())?;
        let add = |word: &Word| word.is(b"-A") || word.is(b"--append");
        let named = words.iter().position(add).and_then(|at| Some((at, &words.get(at + 1)?.text)));
        let Some((at, chain)) = named else {
            return Err(BadFile::NoAppend { line: self.line }.into());
        };
        let words: Vec<Word> = [&words[..at], &words[at + 2..]].concat();
        let target = words.iter().position(|word| word.jumps() || word.goes()).unwrap_or(words.len());
        let (conditions, action) = words.split_at(target);
        if self.chain.as_ref() != Some(chain) {
            self.end_chain();
            if let Some(at) = self.chains.iter().position(|known| known.name == *chain) {
                self.begin_chain(at, b" >\n");
            }
            self.chain = Some(chain.clone());
        }
        let same = self.options.combine && !conditions.is_empty() && !action.is_empty();
        let goes = action.first().is_some_and(Word::goes);
        if same && !goes && self.last.as_deref() == Some(conditions) {
            self.put(&[b"<!-- Combine action from next rule -->\n"]);
        } else {
            self.end_rule();
            self.begin_rule(counters, conditions);
        }
        self.action(action);
        let ends = action.get(1).is_none_or(|target| ENDS.contains(&target.text.as_slice()));
        self.last = (!goes && !ends).then(|| conditions.to_vec());
        Ok(())
    }

    fn begin_rule(&mut self, counters: Option<(&[u8], &[u8])>, conditions: &[Word]) {
        self.in_rule = true;
        self.put(&[b"      <rule "]);
        if let Some((packets, bytes)) = counters {
            let (packets, bytes) = (escaped(packets), escaped(bytes));
            self.put(&[b"packet-count=\"", &packets, b"\" byte-count=\"", &bytes, b"\" "]);
        }
        self.put(&[b">\n"]);
        if !conditions.is_empty() {
            self.put(&[b"       <conditions>\n"]);
            self.conditions(conditions);
            self.put(&[b"       </conditions>\n"]);
        }
        self.put(&[b"       <actions>\n"]);
    }

    /// The options of the rule itself, then those of each match in its own element.
    fn conditions(&mut self, words: &[Word]) {
        let starts: Vec<usize> = (0..words.len()).filter(|at| words[*at].is(b"-m")).collect();
        let first = starts.first().copied().unwrap_or(words.len());
        self.section(b"match", &words[..first], first > 0);
        for (index, start) in starts.iter().enumerate() {
            let end = starts.get(index + 1).copied().unwrap_or(words.len());
            let Some(name) = words.get(start + 1) else { continue };
            self.section(&name.text, words.get(start + 2..end).unwrap_or_default(), true);
        }
    }

    fn section(&mut self, name: &[u8], words: &[Word], exists: bool) {
        if !exists {
            return;
        }
        let name = escaped(name);
        if words.is_empty() {
            return self.put(&[b"        <", &name, b"  />\n"]);
        }
        self.put(&[b"        <", &name, b" >\n"]);
        self.arguments(words);
        self.put(&[b"        </", &name, b">\n"]);
    }

    /// Each option with the words behind it.
    fn arguments(&mut self, words: &[Word]) {
        let (mut at, mut inverted) = (0, false);
        while at < words.len() {
            let word = &words[at];
            at += 1;
            if word.is(b"!") {
                inverted = true;
                continue;
            }
            let Some(name) = word.option() else { continue };
            let count =
                words[at..].iter().take_while(|word| word.option().is_none() && !word.is(b"!")).count();
            let values = &words[at..at + count];
            at += count;
            let name = escaped(name);
            self.put(&[
                b"          <",
                &name,
                b" ",
                if std::mem::take(&mut inverted) { b" invert=\"1\"" } else { b"" },
            ]);
            if values.is_empty() {
                self.put(&[b" />\n"]);
                continue;
            }
            self.put(&[b">"]);
            for (index, value) in values.iter().enumerate() {
                let quote: &[u8] = if value.quoted { b"&quot;" } else { b"" };
                self.put(&[if index > 0 { b" " } else { b"" }, quote, &escaped(&value.text), quote]);
            }
            self.put(&[b"</", &name, b">\n"]);
        }
    }

    fn action(&mut self, words: &[Word]) {
        let [how, target, rest @ ..] = words else { return };
        let known = self.chains.iter().any(|chain| chain.name == target.text);
        if known {
            let kind: &[u8] = if how.goes() { b"goto" } else { b"call" };
            let name = escaped(&target.text);
            self.put(&[b"        <", kind, b" >\n          <", &name, b" />\n        </", kind, b">\n"]);
        } else {
            self.section(&target.text, rest, true);
        }
    }
}

/// The words of a line: between blanks, or between double quotes, in which a backslash takes away the meaning of the next.
/// A quote that is not closed would make a word of all that is behind it. `before` is how much of the line is before these words.
fn split(line: &[u8], before: usize) -> Result<Vec<Word>> {
    let mut words = Vec::new();
    let mut bytes = line.iter().copied().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b' ' | b'\t' => {}
            b'"' => {
                let open = || Error::from(BadLine::OpenQuote).at_column(before + at + 1);
                let mut text = Vec::new();
                loop {
                    match bytes.next().ok_or_else(open)?.1 {
                        b'"' => break,
                        b'\\' => text.push(bytes.next().ok_or_else(open)?.1),
                        byte => text.push(byte),
                    }
                }
                words.push(Word { text, quoted: true });
            }
            byte => {
                let mut text = vec![byte];
                while let Some((_, byte)) = bytes.next_if(|(_, byte)| !b" \t\"".contains(byte)) {
                    text.push(byte);
                }
                words.push(Word { text, quoted: false });
            }
        }
    }
    Ok(words)
}

/// Text for an attribute or an element.
fn escaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        match byte {
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            b'"' => out.extend_from_slice(b"&quot;"),
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
