//! A namespace and what works in it.

use std::fs::File;
use std::io;
use std::sync::Arc;

use libfw::backend::{Blobs, HEADROOM, LegacySocket};
use libfw::iptables::{self, Outcome};
use libfw::{BackendKind, Family, Kernel};
use libfw_playground::Namespace;

use crate::twins::Line;

/// What a program says: its exit status, and its words without those that frame every message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub status: u8,
    pub words: String,
    /// The kind of libfw's error.
    pub kind: Option<libfw::ErrorKind>,
    /// The option and the word that libfw's error is about.
    pub option: String,
    pub token: String,
}

/// A namespace.
pub struct Side {
    pub place: Namespace,
    pub socket: Arc<LegacySocket>,
    pub kernel: Kernel,
}

impl Side {
    pub fn new(place: Namespace) -> io::Result<Side> {
        let namespace = place.run(|| File::open("/proc/thread-self/ns/net"))?;
        let socket = Arc::new(LegacySocket::new(Some(namespace)));
        let kernel = place.run(|| File::open("/proc/thread-self/ns/net"))?;
        // Of the backend that the test is about.
        let kernel = Kernel::in_netns_fd(kernel.into());
        Ok(Side { place, socket, kernel })
    }

    /// Whether rules are in nf_tables.
    pub fn is_nft(&self) -> bool {
        self.kernel.detection().is_ok_and(|found| found.backend == BackendKind::Nft)
    }

    /// A command through libfw.
    pub fn libfw(&self, family: Family, args: &[&str]) -> (Said, String) {
        run(&self.kernel, family, args)
    }

    /// A command through a program of iptables.
    pub fn iptables(&self, program: &str, args: &[&str]) -> (Said, String) {
        let output = self.place.command(program).args(args).env("LC_ALL", "C").output();
        let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
        let words = unframed_all(&output.stderr);
        let status = output.status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(255);
        let said = Said { status, words, ..Said::default() };
        (said, String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// The number of entries of a table, or of its rules.
    pub fn entries(&self, line: &Line) -> usize {
        if self.is_nft() {
            return self.kernel.open(line.family, line.table).map_or(0, |table| table.len());
        }
        self.socket.info(line.family, line.table).map_or(0, |info| info.num_entries as usize)
    }

    /// The rules of a chain of a table, as bytes.
    pub fn bytes(&self, family: Family, table: &str, chain: &str) -> Vec<Vec<u8>> {
        let backend = &self.socket;
        let info = backend.info(family, table).expect("a table");
        let mut buffer = Vec::new();
        backend.entries(family, table, &info, &mut buffer).expect("its entries");
        let entries = &buffer[HEADROOM..];
        let hook = libfw::Hook::ALL.into_iter().position(|hook| hook.chain_name() == chain).expect("a hook");
        let (mut at, end) = (info.hook_entry[hook] as usize, info.underflow[hook] as usize);
        let mut rules = Vec::new();
        while at < end {
            // `next_offset` of `ipt_entry` and `ip6t_entry`.
            let field = at + if family == Family::Ipv4 { 90 } else { 142 };
            let size = usize::from(u16::from_ne_bytes([entries[field], entries[field + 1]]));
            rules.push(entries[at..at + size].to_vec());
            at += size;
        }
        rules
    }
}

/// A command through libfw.
pub fn run(kernel: &Kernel, family: Family, args: &[&str]) -> (Said, String) {
    let (mut out, mut words) = (Vec::new(), String::new());
    let mut warn = |warning: &str| words += &format!("{warning}\n");
    let outcome = iptables::run(kernel, family, args, &mut out, &mut warn);
    let other = matches!(outcome, Ok(Outcome::OtherFamily));
    let mut said = spoken(outcome.map(drop), words);
    said.status = if other { 2 } else { said.status };
    (said, String::from_utf8_lossy(&out).into_owned())
}

/// What libfw says at the end, behind its warnings.
pub fn spoken(outcome: libfw::Result<()>, mut words: String) -> Said {
    let mut said = Said::default();
    if let Err(error) = outcome {
        let (status, text) = iptables::words(&error);
        words += &text;
        let own = |text: Option<&str>| text.unwrap_or_default().to_owned();
        said = Said {
            status,
            words: String::new(),
            kind: Some(error.kind()),
            option: own(error.option()),
            token: own(error.token()),
        };
    }
    said.words = words.trim().to_owned();
    said
}

/// What a program of iptables says, without what frames every message.
pub fn unframed_all(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let framing = |line: &&str| !line.starts_with("Try `") && !line.starts_with("Error occurred at line: ");
    let lines: Vec<_> = text.lines().filter(framing).map(unframed).collect();
    lines.join("\n").trim().to_owned()
}

/// A message without the name and version of the program.
fn unframed(line: &str) -> &str {
    let Some((program, rest)) = line.split_once(' ') else { return line };
    let name = program.rsplit('/').next().unwrap_or_default();
    let version = rest
        .strip_prefix('v')
        .and_then(|rest| rest.split_once(" (legacy): ").or_else(|| rest.split_once(" (nf_tables): ")));
    match (name, version) {
        (
            "iptables" | "ip6tables" | "arptables" | "arptables-nft" | "iptables-restore"
            | "ip6tables-restore",
            Some((_, message)),
        ) => message.trim_start(),
        ("iptables:" | "ip6tables:" | "arptables:" | "arptables-nft:", _) => rest,
        ("iptables-restore:" | "ip6tables-restore:", _) => rest,
        _ => line,
    }
}
