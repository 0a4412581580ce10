//! Who is measured, and which of them this machine has.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::measure::Program;

/// Somebody whose time is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// The bare system calls.
    Floor,
    /// The command of libfw.
    Fw,
    /// libfw in Rust.
    Rust,
    /// libfw in Python.
    Python,
    /// iptables over xtables.
    Legacy,
    /// iptables over nf_tables.
    Nft,
    /// The command of libfw over nf_tables.
    FwNft,
    /// The bare messages of nf_tables.
    NftFloor,
    /// python-iptables.
    PythonIptables,
    /// The crate `iptables`.
    CrateIptables,
}

impl Peer {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Peer::Floor => "floor",
            Peer::Fw => "fw",
            Peer::Rust => "libfw",
            Peer::Python => "libfw (Python)",
            Peer::Legacy => "iptables-legacy",
            Peer::Nft => "iptables-nft",
            Peer::FwNft => "fw (nf_tables)",
            Peer::NftFloor => "nf_tables floor",
            Peer::PythonIptables => "python-iptables",
            Peer::CrateIptables => "crate iptables",
        }
    }

    /// Whether it is part of libfw.
    pub fn ours(self) -> bool {
        matches!(self, Peer::Fw | Peer::FwNft | Peer::Rust | Peer::Python)
    }

    /// Whether it is to be compared with libfw.
    pub fn theirs(self) -> bool {
        !self.ours() && !matches!(self, Peer::Floor | Peer::NftFloor)
    }

    /// Whether it works on nf_tables.
    pub fn is_nft(self) -> bool {
        matches!(self, Peer::Nft | Peer::FwNft | Peer::NftFloor)
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The peers of this machine.
pub struct Peers {
    present: Vec<Peer>,
    fw: PathBuf,
    agent: PathBuf,
    python: PathBuf,
    /// What the names of the programs of iptables end with.
    suffix: String,
    /// What each peer says that it is.
    pub versions: Vec<(Peer, String)>,
    /// What was not found, and how to get it.
    pub missing: Vec<String>,
}

/// The script for Python.
const APPEND: &str = include_str!("../python/append.py");

impl Peers {
    /// Looks for the peers. The command `fw` must lie beside the benchmark program. With a version, programs of iptables are
    /// those whose names end with it.
    pub fn find(python: &Path, version: Option<&str>) -> Result<Peers, String> {
        let agent = std::env::current_exe().map_err(|error| error.to_string())?;
        let fw = agent.with_file_name("fw");
        if !fw.exists() {
            return Err(format!("{} is missing: cargo build --release -p libfw", fw.display()));
        }
        let mut peers = Peers {
            present: vec![Peer::Floor, Peer::Rust, Peer::Fw],
            fw,
            agent,
            python: python.into(),
            suffix: version.map(|version| format!("-{version}")).unwrap_or_default(),
            versions: Vec::new(),
            missing: Vec::new(),
        };
        let import = |module: &str, package: &str| {
            let script = format!("import importlib.metadata as m, {module}; print(m.version('{package}'))");
            (python.to_path_buf(), vec!["-c".to_owned(), script])
        };
        let suffix = peers.suffix.clone();
        let version =
            |name: &str, suffix: &str| (PathBuf::from(format!("{name}{suffix}")), vec!["-V".to_owned()]);
        let install = "apt-get install iptables";
        for (peer, (program, args), hint) in [
            (Peer::Legacy, version("iptables-legacy", &suffix), install),
            (Peer::Nft, version("iptables-nft", &suffix), install),
            (Peer::CrateIptables, version("iptables-legacy", ""), install),
            (Peer::Python, import("libfw", "libfw"), "make python"),
            (Peer::PythonIptables, import("iptc", "python-iptables"), "pip install python-iptables"),
        ] {
            let reason = match Command::new(program).args(args).output() {
                Ok(output) if output.status.success() => {
                    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
                    peers.present.push(peer);
                    peers.versions.push((peer, said));
                    continue;
                }
                Ok(output) => {
                    String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().into()
                }
                Err(error) => error.to_string(),
            };
            peers.missing.push(format!("{peer} is left out: {reason} ({hint})"));
        }
        Ok(peers)
    }

    /// Whether a peer was found.
    pub fn has(&self, peer: Peer) -> bool {
        // What is ours on nf_tables is compared with iptables-nft.
        let peer = if peer.is_nft() { Peer::Nft } else { peer };
        self.present.contains(&peer)
    }

    /// One of the benchmark's own child processes.
    pub fn agent<A: Into<OsString>>(&self, name: &str, args: impl IntoIterator<Item = A>) -> Program {
        let args = ["agent".into(), name.into()].into_iter().chain(args.into_iter().map(Into::into));
        Program { path: self.agent.clone(), args: args.collect(), input: None, nft: false, agent: true }
    }

    /// A program of the iptables family by its suffix (empty, `-save` or `-restore`) as a peer has it.
    pub fn iptables(&self, peer: Peer, suffix: &str, args: &[&str], input: Option<&Path>) -> Program {
        let (path, first) = match peer {
            Peer::Legacy => (format!("iptables-legacy{suffix}{}", self.suffix).into(), None),
            Peer::Nft => (format!("iptables-nft{suffix}{}", self.suffix).into(), None),
            Peer::FwNft => (self.fw.clone(), Some(format!("iptables-nft{suffix}"))),
            _ => (self.fw.clone(), Some(format!("iptables{suffix}"))),
        };
        let args = first.into_iter().map(Into::into).chain(args.iter().map(Into::into)).collect();
        Program { path, args, input: input.map(Into::into), nft: peer.is_nft(), agent: false }
    }

    /// A process of a peer that does nothing, where one is measured as a whole.
    pub fn start(&self, peer: Peer) -> Option<Program> {
        match peer {
            Peer::Floor | Peer::NftFloor => Some(self.agent("start", [""; 0])),
            Peer::Fw | Peer::FwNft | Peer::Legacy | Peer::Nft => Some(self.iptables(peer, "", &["-V"], None)),
            Peer::Rust | Peer::Python | Peer::PythonIptables | Peer::CrateIptables => None,
        }
    }

    /// Rules that are appended from Python.
    pub fn python(&self, peer: Peer, args: [&str; 3]) -> Program {
        let module = if peer == Peer::Python { "libfw" } else { "iptc" };
        let args = ["-c", APPEND, module].into_iter().chain(args).map(Into::into).collect();
        Program { path: self.python.clone(), args, input: None, nft: false, agent: true }
    }
}
