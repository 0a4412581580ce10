//! `fw trace`: the rules that packets meet which a rule with the target TRACE has chosen.

use std::collections::HashMap;
use std::io::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

use libfw::trace::{Step, Traced};
use libfw::{Error, Family, Kernel, Table, TargetRef};

use super::interrupt::{Interrupt, Woken};
use super::menu::Asked;
use super::output::{Output, complain};
use super::store::failed;
use super::terminal::{Color, Screen, Style, clean};

/// Carries out `fw trace`.
pub(crate) fn run(asked: &Asked) -> Result<u8, String> {
    let screen = Screen::new(asked.value("color").map_or(Ok(Color::Auto), Color::read)?);
    let families = asked.families();
    let count = asked.number::<usize>("count")?;
    let interrupt = Interrupt::new().map_err(|error| super::reason(&error))?;
    let mut out = Output::stdout();
    let mut follow =
        Follow { kernel: Kernel::new(), screen, tables: HashMap::new(), seen: Vec::new(), packets: 0 };
    match follow.all(&interrupt, &families, count, &mut out) {
        Ok(()) => Ok(out.end("fw trace")),
        Err(error) => Ok(failed("trace", &error)),
    }
}

/// Packets that are followed.
struct Follow {
    kernel: Kernel,
    screen: Screen,
    /// The tables as they were read last.
    tables: HashMap<(Family, String), Table>,
    /// The packets seen last: several may be on their way at once.
    seen: Vec<Seen>,
    packets: usize,
}

/// A packet that was seen.
struct Seen {
    key: Key,
    number: usize,
    /// The built-in chains that it has met, the last one last.
    met: Vec<(String, Vec<u8>)>,
}

/// What tells packets apart: the number of nf_tables, or the bytes that no rule changes in passing.
#[derive(PartialEq, Eq)]
enum Key {
    Number(u32),
    Bytes(Vec<u8>),
}

/// So many packets are known again.
const KNOWN: usize = 64;

impl Follow {
    fn all(
        &mut self,
        interrupt: &Interrupt,
        families: &[Family],
        count: Option<usize>,
        out: &mut Output<std::io::StdoutLock<'static>>,
    ) -> Result<(), Error> {
        let mut tracer = self.kernel.trace()?;
        if !self.has_trace(families)? {
            complain(
                "fw trace: no rule has the target TRACE yet, such as: iptables -t raw -A PREROUTING -p icmp -j TRACE\n",
            );
        }
        loop {
            while let Some(step) = tracer.next_step()? {
                if !families.contains(&step.family) {
                    continue;
                }
                let text = self.told(&step);
                if count.is_some_and(|count| self.packets > count) {
                    return Ok(());
                }
                // A reader that leaves ends it.
                let _ = out.write_all(text.as_bytes());
            }
            let _ = out.flush();
            if tracer.has_lost() {
                complain("fw trace: more came than could be read: some steps are missing\n");
            }
            if out.has_failed() || interrupt.wait(Some(tracer.fd()), None) == Woken::Signal {
                return Ok(());
            }
        }
    }

    /// Whether any rule traces.
    fn has_trace(&self, families: &[Family]) -> Result<bool, Error> {
        for family in families {
            for name in self.kernel.tables(*family)? {
                let table = self.kernel.open(*family, &name)?;
                let traces = |target: TargetRef<'_>| matches!(target, TargetRef::Extension(target) if target.name() == b"TRACE");
                if table.chains().flat_map(|chain| chain.rules()).any(|rule| traces(rule.target())) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// A step in words, below a line for its packet if that is new.
    fn told(&mut self, step: &Traced) -> String {
        let mut text = String::new();
        let key = match step.packet {
            Some(number) => Key::Number(number),
            None => Key::Bytes(lasting(step)),
        };
        let built_in =
            matches!(&*step.chain, b"PREROUTING" | b"INPUT" | b"FORWARD" | b"OUTPUT" | b"POSTROUTING");
        let here = built_in.then(|| (step.table.clone(), step.chain.clone()));
        // No packet comes to a built-in chain a second time: it is another one that looks like it.
        let is_it = |seen: &Seen| {
            let before = seen.met.iter().position(|met| Some(met) == here.as_ref());
            seen.key == key && before.is_none_or(|at| step.packet.is_some() || at + 1 == seen.met.len())
        };
        let at = match self.seen.iter().rposition(is_it) {
            Some(at) => at,
            None => {
                self.packets += 1;
                let heading = format!("packet {}: {}", self.packets, described(step));
                text += &format!("{}\n", self.screen.paint(Style::Bold, heading));
                if self.seen.len() == KNOWN {
                    self.seen.remove(0);
                }
                self.seen.push(Seen { key, number: self.packets, met: Vec::new() });
                self.seen.len() - 1
            }
        };
        let seen = &mut self.seen[at];
        let number = seen.number;
        if let Some(here) = here.filter(|here| seen.met.last() != Some(here)) {
            seen.met.push(here);
        }
        let (place, rule) = self.place(step);
        let chain = clean(&String::from_utf8_lossy(&step.chain)).into_owned();
        let chain = self.screen.paint(Style::Name, format!("{} {chain}", clean(&step.table)));
        text += format!("  {number}: {chain} {place}  {rule}").trim_end();
        text + "\n"
    }

    /// Where a step is, and the rule that stands there.
    fn place(&mut self, step: &Traced) -> (String, String) {
        match step.place {
            Step::Return => ("end".into(), self.screen.paint(Style::Dim, "back to the caller")),
            Step::Policy => {
                let table = self.table(step, false);
                let policy = table.and_then(|table| table.chain(&step.chain)?.policy());
                let policy = policy.map_or(String::new(), |policy| policy.to_string());
                ("policy".into(), self.screen.paint(Style::of_target(&policy), policy))
            }
            Step::Rule(_) | Step::Handle(_) => {
                let mut found = self.rule(step, false);
                if found.is_none() {
                    // The table is another by now.
                    found = self.rule(step, true);
                }
                match (found, step.place) {
                    (Some((index, rule)), _) => (format!("rule {}", index + 1), rule),
                    (None, Step::Rule(index)) => (format!("rule {}", index + 1), "(gone)".into()),
                    (None, _) => ("rule".into(), "(gone, or none of iptables)".into()),
                }
            }
            _ => ("somewhere".into(), String::new()),
        }
    }

    fn rule(&mut self, step: &Traced, again: bool) -> Option<(usize, String)> {
        let screen = self.screen;
        let table = self.table(step, again)?;
        let index = step.index(table)?;
        let rule = table.chain(&step.chain)?.rule(index)?;
        let text = clean(&rule.to_string()).into_owned();
        let style = match rule.target() {
            TargetRef::Verdict(verdict) => Style::of_target(verdict.name()),
            TargetRef::Extension(target) if target.name() == b"REJECT" => Style::Bad,
            _ => Style::Plain,
        };
        Some((index, screen.paint(style, text)))
    }

    fn table(&mut self, step: &Traced, again: bool) -> Option<&Table> {
        let key = (step.family, step.table.clone());
        if again || !self.tables.contains_key(&key) {
            let table = self.kernel.open(step.family, &step.table).ok()?;
            self.tables.insert(key.clone(), table);
        }
        self.tables.get(&key)
    }
}

/// The bytes of a packet that rules do not change in passing: without what NAT, TTL and the like do to a header.
fn lasting(step: &Traced) -> Vec<u8> {
    let mut bytes = step.bytes.clone();
    match step.family {
        // TOS, TTL, checksum and addresses; the identification stays.
        Family::Ipv4 | Family::Arp => {
            for at in [1, 8, 10, 11].into_iter().chain(12..20) {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = 0;
                }
            }
        }
        Family::Ipv6 => {
            if let Some(byte) = bytes.get_mut(7) {
                *byte = 0;
            }
        }
    }
    // Behind it ports and checksums.
    let header = if step.family == Family::Ipv4 {
        bytes.first().map_or(20, |first| usize::from(first & 15) * 4)
    } else {
        40
    };
    bytes.truncate(header);
    bytes
}

/// A packet in words: protocol, addresses, ports, size, interfaces.
fn described(step: &Traced) -> String {
    let bytes = &step.bytes;
    let octets = |from: usize| bytes.get(from..from + 4).and_then(|octets| <[u8; 4]>::try_from(octets).ok());
    let long = |from: usize| bytes.get(from..from + 16).and_then(|octets| <[u8; 16]>::try_from(octets).ok());
    let short = |from: usize| Some(u16::from_be_bytes([*bytes.get(from)?, *bytes.get(from + 1)?]));
    let header = match step.family {
        Family::Ipv4 | Family::Arp => (|| {
            let start = usize::from(bytes.first()? & 15) * 4;
            let addresses =
                (Ipv4Addr::from(octets(12)?).to_string(), Ipv4Addr::from(octets(16)?).to_string());
            Some((*bytes.get(9)?, addresses, start, short(2)?))
        })(),
        Family::Ipv6 => (|| {
            let addresses = (Ipv6Addr::from(long(8)?).to_string(), Ipv6Addr::from(long(24)?).to_string());
            Some((*bytes.get(6)?, addresses, 40, short(4)?.saturating_add(40)))
        })(),
    };
    let mut words = vec![step.family.to_string()];
    if let Some((protocol, (source, destination), start, length)) = header {
        let name = libfw::Protocol(protocol).to_string();
        let ports = matches!(protocol, 6 | 17 | 33 | 132 | 136)
            .then(|| Some((short(start)?, short(start + 2)?)))
            .flatten();
        let (from, to) = match (ports, step.family) {
            (None, _) => (source, destination),
            (Some((from, to)), Family::Ipv4 | Family::Arp) => {
                (format!("{source}:{from}"), format!("{destination}:{to}"))
            }
            (Some((from, to)), Family::Ipv6) => {
                (format!("[{source}]:{from}"), format!("[{destination}]:{to}"))
            }
        };
        words.push(format!("{name} {from} \u{2192} {to}, {length} bytes"));
    }
    for (number, word) in step.interfaces.iter().zip(["in", "out"]) {
        if let Some(number) = number {
            let all = nix::net::if_::if_nameindex().ok();
            let name = all.as_ref().and_then(|all| all.iter().find(|interface| interface.index() == *number));
            let name = name.map(|interface| interface.name().to_string_lossy().into_owned());
            let name = name.unwrap_or_else(|| format!("interface {number}"));
            words.push(format!("{word} {}", clean(&name)));
        }
    }
    words.join(" ")
}
