//! Recorded sessions: commands on hosts, and what they print.
//!
//! ```text
//! ## Counting packets
//!
//! # A rule without a target only counts.
//! server$ iptables -A INPUT -p icmp
//!
//! client$ ping 192.168.122.128
//!
//! server$ iptables -nvL INPUT
//! Chain INPUT (policy ACCEPT <n> packets, <n> bytes)
//!  pkts bytes target     prot opt in     out     source               destination
//!     1    84            icmp --  *      *       0.0.0.0/0            0.0.0.0/0
//! ```
//!
//! A line that begins with `##` is a title, one with `#` an explanation, one with `NAME$` a command on a host. What the
//! command prints, on both of its streams, follows up to an empty line, without blanks at the ends of lines; `<n>` stands for
//! any number, `<*>` once in a line for any text. A status other than 0 is a last line `[status N]`. What a command reads
//! stands behind `<-`, its lines with ` | ` between them. A title that ends in `, on fresh hosts` begins anew.
//!
//! Besides the commands of iptables, which `fw` runs, a host knows
//! - `ping ADDRESS`: one echo request, and its reply;
//! - `send ADDRESS:PORT from PORT bytes N`: a UDP datagram with N bytes of data, which the other host receives;
//! - `listen PORT`: accepts TCP connections from now on;
//! - `connect ADDRESS:PORT` and `close`: a TCP connection, and its end on both sides.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::{Namespace, Playground, traffic};

/// One step of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// What the next steps are about.
    Title(String),
    /// An explanation.
    Note(String),
    /// A command.
    Command {
        /// The host it runs on.
        host: String,
        /// The command.
        line: String,
        /// What it prints.
        expected: Vec<String>,
        /// The number of its line in the file.
        number: usize,
    },
}

/// Reads a session.
///
/// # Errors
///
/// The number of a line that is none of those above.
pub fn parse(text: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    let mut printing = false;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim_end();
        match steps.last_mut() {
            _ if line.is_empty() => printing = false,
            Some(Step::Command { expected, .. }) if printing => expected.push(line.to_owned()),
            _ => {
                let step = step(line, number).ok_or_else(|| format!("line {number}: not a step: {line}"))?;
                printing = matches!(step, Step::Command { .. });
                steps.push(step);
            }
        }
    }
    Ok(steps)
}

fn step(line: &str, number: usize) -> Option<Step> {
    if let Some(title) = line.strip_prefix("## ") {
        return Some(Step::Title(title.to_owned()));
    }
    if let Some(note) = line.strip_prefix("# ") {
        return Some(Step::Note(note.to_owned()));
    }
    let (host, line) = line.split_once("$ ")?;
    let known = host.bytes().all(|byte| byte.is_ascii_alphanumeric());
    known.then(|| Step::Command {
        host: host.to_owned(),
        line: line.to_owned(),
        expected: Vec::new(),
        number,
    })
}

/// Whether the printed lines are the expected ones.
#[must_use]
pub fn is_as_expected(expected: &[String], printed: &[String]) -> bool {
    expected.len() == printed.len() && expected.iter().zip(printed).all(|(one, other)| line_fits(one, other))
}

/// Whether a printed line is the expected one, where `<n>` stands for any number.
fn line_fits(expected: &str, printed: &str) -> bool {
    if let Some((beginning, end)) = expected.split_once("<*>") {
        return printed.strip_prefix(beginning).is_some_and(|rest| rest.ends_with(end));
    }
    let mut parts = expected.split("<n>");
    let Some(mut rest) = printed.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    for part in parts {
        let number = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let Some(after) = rest[number..].strip_prefix(part).filter(|_| number > 0) else { return false };
        rest = after;
    }
    rest.is_empty()
}

/// A host of a session.
struct Host {
    namespace: Namespace,
    address: Ipv4Addr,
    listeners: HashMap<u16, TcpListener>,
    /// Both ends of the connections that this host opened.
    connections: Vec<[TcpStream; 2]>,
}

/// The client and the server on which sessions are played.
pub struct Stage {
    fw: PathBuf,
    hosts: HashMap<&'static str, Host>,
}

impl Stage {
    /// The two hosts of [`Playground::pair`], called `client` and `server`. Commands of iptables are run by a program `fw`.
    ///
    /// # Errors
    ///
    /// Those of the kernel.
    pub fn new(playground: &Playground, fw: impl Into<PathBuf>) -> io::Result<Stage> {
        let [client, server] = playground.pair()?;
        let host = |namespace, address| Host {
            namespace,
            address,
            listeners: HashMap::new(),
            connections: Vec::new(),
        };
        let hosts =
            [("client", host(client, Playground::CLIENT)), ("server", host(server, Playground::SERVER))];
        Ok(Stage { fw: fw.into(), hosts: hosts.into() })
    }

    /// The namespace of a host.
    #[must_use]
    pub fn namespace(&self, host: &str) -> Option<&Namespace> {
        self.hosts.get(host).map(|host| &host.namespace)
    }

    /// Runs a command on a host: the lines that it prints.
    ///
    /// # Errors
    ///
    /// When there is no such host or command, or when traffic does not arrive.
    pub fn perform(&mut self, host: &str, line: &str) -> io::Result<Vec<String>> {
        let (line, input) = line.split_once(" <- ").unwrap_or((line, ""));
        let words = words(line);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let host = self.hosts.get_mut(host).ok_or_else(|| invalid("no such host"))?;
        match words[..] {
            ["ping", address] => host.ping(number(address)?),
            ["listen", port] => host.listen(number(port)?),
            ["close"] => host.close(),
            ["send", to, "from", port, "bytes", size] => {
                let from = SocketAddr::new(host.address.into(), number(port)?);
                self.send(from, number(to)?, number(size)?)
            }
            ["connect", to] => {
                let from = host.address;
                self.connect(from, number(to)?)
            }
            [program, ..]
                if ["iptables", "ip6tables", "arptables"].iter().any(|name| program.starts_with(name)) =>
            {
                let mut command = host.namespace.command(&self.fw);
                let input = input.split(" | ").map(|line| format!("{line}\n")).collect::<String>();
                return output(command.args(&words), &input);
            }
            _ => return Err(invalid("no such command")),
        }?;
        Ok(Vec::new())
    }

    fn at(&mut self, address: IpAddr) -> io::Result<&mut Host> {
        let host = self.hosts.values_mut().find(|host| IpAddr::from(host.address) == address);
        host.ok_or_else(|| invalid("no host has this address"))
    }

    fn send(&mut self, from: SocketAddr, to: SocketAddr, size: usize) -> io::Result<()> {
        let receiver = self.at(to.ip())?.namespace.run(|| traffic::udp(to))?;
        let sender = self.at(from.ip())?.namespace.run(|| traffic::udp(from))?;
        sender.send_to(&vec![0; size], to)?;
        receiver.recv(&mut vec![0; size])?;
        Ok(())
    }

    fn connect(&mut self, from: Ipv4Addr, to: SocketAddr) -> io::Result<()> {
        let near = self.at(from.into())?.namespace.run(|| traffic::connect(to))?;
        let listener = self.at(to.ip())?.listeners.get(&to.port());
        let (far, _) = listener.ok_or_else(|| invalid("nobody listens there"))?.accept()?;
        self.at(from.into())?.connections.push([near, far]);
        Ok(())
    }
}

impl Host {
    fn ping(&self, to: IpAddr) -> io::Result<()> {
        match self.namespace.run(|| traffic::ping(to))? {
            true => Ok(()),
            false => Err(io::Error::from(io::ErrorKind::TimedOut)),
        }
    }

    fn listen(&mut self, port: u16) -> io::Result<()> {
        let listener = self.namespace.run(|| TcpListener::bind((self.address, port)))?;
        self.listeners.insert(port, listener);
        Ok(())
    }

    /// Closes the near ends first, and the others when they have seen it.
    fn close(&mut self) -> io::Result<()> {
        for [near, mut far] in self.connections.drain(..) {
            drop(near);
            far.read_to_end(&mut Vec::new())?;
        }
        Ok(())
    }
}

/// What a program prints, as a transcript has it.
fn output(command: &mut Command, input: &str) -> io::Result<Vec<String>> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        match stdin.write_all(input.as_bytes()) {
            // Not every program reads.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            written => written?,
        }
    }
    let output = child.wait_with_output()?;
    let text = [output.stdout, output.stderr].concat();
    let mut lines: Vec<String> =
        String::from_utf8_lossy(&text).lines().map(|line| line.trim_end().to_owned()).collect();
    // An empty line ends the output in a transcript, and says nothing that a listing needs to keep.
    lines.retain(|line| !line.is_empty());
    match output.status.code() {
        Some(0) => {}
        Some(status) => lines.push(format!("[status {status}]")),
        None => lines.push(format!("[{}]", output.status)),
    }
    Ok(lines)
}

/// Splits a command into words. Quotes keep blanks.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.chars() {
        match quote {
            Some(end) if c == end => quote = None,
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

fn number<T: std::str::FromStr>(word: &str) -> io::Result<T> {
    word.parse().map_err(|_| invalid(&format!("cannot read {word}")))
}

fn invalid(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_may_be_left_open() {
        assert!(line_fits("<n> packets, <n> bytes", "12 packets, 840 bytes"));
        assert!(!line_fits("<n> packets, <n> bytes", "12 packets,  bytes"));
        assert!(!line_fits("<n> packets", "12 packets more"));
        assert!(!line_fits("1 packet", "2 packet"));
    }

    #[test]
    fn quotes_keep_blanks() {
        assert_eq!(words("a 'b c' \"\" d'e'"), ["a", "b c", "", "de"]);
    }

    #[test]
    fn a_session_is_read_step_by_step() {
        let steps = parse("## T\n\n# why\nserver$ x -y\nout  \nmore\n\n# end\n").unwrap();
        let command = Step::Command {
            host: "server".into(),
            line: "x -y".into(),
            expected: vec!["out".into(), "more".into()],
            number: 4,
        };
        let note = |text: &str| Step::Note(text.into());
        assert_eq!(steps, [Step::Title("T".into()), note("why"), command, note("end")]);
        assert!(parse("stray").is_err());
    }
}
