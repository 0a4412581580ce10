//! The names of the commands, and what each stands for.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use libfw::{BackendKind, Error, Family, Kernel, LockPolicy};

/// What a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    /// One command on one table.
    Tables,
    Save,
    Restore,
    /// New rules that have to be confirmed.
    Apply,
    /// A save file as XML, which needs no kernel.
    Xml,
    /// A command, or a save file, in the language of nft.
    Translate,
    RestoreTranslate,
}

/// The names that may stand in the place of a command's: the command is their first argument.
const MULTI: [(&str, Option<BackendKind>); 2] =
    [("xtables-legacy-multi", Some(BackendKind::Legacy)), ("xtables-nft-multi", Some(BackendKind::Nft))];

/// A command as it was called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Called {
    pub(crate) program: Program,
    pub(crate) family: Family,
    /// The backend that the name is for, where it says so, and once it was looked for the one that was found.
    pub(crate) backend: Option<BackendKind>,
    /// The name in messages and save files: `iptables-save` for `iptables-legacy-save` and `save4` too.
    pub(crate) name: String,
    /// The word it was called by, which is what `getopt` names.
    pub(crate) word: String,
}

impl Called {
    /// The version whose behaviour this is, as `-V` prints it; programs look for it.
    pub(crate) fn version(&self) -> &'static str {
        match self.backend {
            Some(BackendKind::Nft) => "v1.8.11 (nf_tables)",
            Some(_) => "v1.8.11 (legacy)",
            None => "v1.8.11",
        }
    }

    /// The version as save files name it: with the backend where that is nf_tables.
    pub(crate) fn version_in_files(&self) -> &'static str {
        let version = self.version();
        version.strip_suffix(" (legacy)").unwrap_or(version)
    }

    /// The tables that the name is for, under the lock file that iptables would use. Where it does not say in which backend,
    /// that is looked for.
    pub(crate) fn kernel(&mut self) -> Result<Kernel, Error> {
        let kernel = match self.backend {
            Some(backend) => Kernel::new().using(backend),
            None => Kernel::new(),
        };
        self.backend = Some(kernel.detection()?.backend);
        // To look at a table registers it, and loads its module, as it does in iptables.
        Ok(kernel.with_policy(LockPolicy::from_environment()).registering().loading_modules(None))
    }

    /// Where to find help.
    pub(crate) fn see_help(&self) -> String {
        let name = &self.name;
        format!("Try `{name} -h' or '{name} --help' for more information.\n")
    }

    /// The command that the first of the arguments names, or the second where the first is a program of many names.
    /// Behind it the arguments of the command.
    pub(crate) fn find(words: &[OsString]) -> Option<(Called, &[OsString])> {
        let (first, rest) = words.split_first()?;
        if let Some(called) = Called::by(first, None) {
            return Some((called, rest));
        }
        let backend =
            MULTI.iter().find(|(name, _)| *name == base_name(first)).and_then(|(_, backend)| *backend);
        let (second, rest) = rest.split_first()?;
        // Below `fw` a program of many names may be named like any other.
        if MULTI.iter().any(|(name, _)| *name == base_name(second)) {
            return Called::find(&words[1..]);
        }
        Called::by(second, backend).map(|called| (called, rest))
    }

    /// The command of a name: `iptables` or `ip6tables`, perhaps `-legacy` or `-nft`, perhaps `-save` or `-restore`; or
    /// one of the short names.
    fn by(word: &OsStr, multi: Option<BackendKind>) -> Option<Called> {
        let word = word.to_string_lossy().into_owned();
        let name = base_name(OsStr::new(&word));
        let called = |program, family, backend, name| {
            Some(Called { program, family, backend, name, word: word.clone() })
        };
        if matches!(name.as_str(), "iptables-xml" | "xml") {
            return called(Program::Xml, Family::Ipv4, multi, "iptables-xml".into());
        }
        let short = [("main", Program::Tables), ("save", Program::Save), ("restore", Program::Restore)];
        for (beginning, program) in short {
            let family = match name.strip_prefix(beginning) {
                Some("4") => Family::Ipv4,
                Some("6") => Family::Ipv6,
                _ => continue,
            };
            return called(program, family, multi, name_of(program, family));
        }
        if let Some(rest) = name.strip_prefix("arptables") {
            // Nobody but nf_tables has it.
            let program = match rest.strip_prefix("-nft").unwrap_or(rest) {
                "" => Program::Tables,
                "-save" => Program::Save,
                "-restore" => Program::Restore,
                _ => return None,
            };
            let backend = Some(BackendKind::Nft).filter(|_| multi != Some(BackendKind::Legacy))?;
            return called(program, Family::Arp, Some(backend), name_of(program, Family::Arp));
        }
        let (family, rest) = match (name.strip_prefix("iptables"), name.strip_prefix("ip6tables")) {
            (Some(rest), _) => (Family::Ipv4, rest),
            (_, Some(rest)) => (Family::Ipv6, rest),
            _ => return None,
        };
        let (backend, rest) = match (rest.strip_prefix("-legacy"), rest.strip_prefix("-nft")) {
            (Some(rest), _) => (Some(BackendKind::Legacy), rest),
            (_, Some(rest)) => (Some(BackendKind::Nft), rest),
            _ => (multi, rest),
        };
        let program = match rest {
            "" => Program::Tables,
            "-save" => Program::Save,
            "-restore" => Program::Restore,
            "-apply" => Program::Apply,
            "-translate" => Program::Translate,
            "-restore-translate" => Program::RestoreTranslate,
            _ => return None,
        };
        // The programs for nf_tables that save and restore keep their name.
        let shown = match (program, backend) {
            (Program::Save | Program::Restore, Some(BackendKind::Nft)) => name,
            _ => name_of(program, family),
        };
        called(program, family, backend, shown)
    }
}

/// What the command for a family is called.
pub(crate) fn tables(family: Family) -> &'static str {
    match family {
        Family::Ipv4 => "iptables",
        Family::Ipv6 => "ip6tables",
        Family::Arp => "arptables",
    }
}

fn name_of(program: Program, family: Family) -> String {
    let family = tables(family);
    let program = match program {
        Program::Tables => "",
        Program::Save => "-save",
        Program::Restore => "-restore",
        Program::Apply => "-apply",
        Program::Xml => "-xml",
        Program::Translate => "-translate",
        Program::RestoreTranslate => "-restore-translate",
    };
    format!("{family}{program}")
}

/// The last part of a path.
pub(crate) fn base_name(path: &OsStr) -> String {
    let name = path.as_bytes().rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    String::from_utf8_lossy(name).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(line: &str) -> Option<(String, Family, Option<BackendKind>, String)> {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let (called, rest) = Called::find(&words)?;
        assert_eq!(rest, ["-V"], "{line}");
        Some((called.name, called.family, called.backend, called.word))
    }

    /// As the programs of iptables 1.8.11 name themselves, and their `getopt`.
    #[test]
    fn names_of_commands() {
        use Family::{Ipv4, Ipv6};
        let (legacy, nft) = (Some(BackendKind::Legacy), Some(BackendKind::Nft));
        let table = [
            ("iptables -V", "iptables", Ipv4, None, "iptables"),
            ("/usr/sbin/ip6tables -V", "ip6tables", Ipv6, None, "/usr/sbin/ip6tables"),
            ("iptables-legacy -V", "iptables", Ipv4, legacy, "iptables-legacy"),
            ("iptables-legacy-save -V", "iptables-save", Ipv4, legacy, "iptables-legacy-save"),
            ("ip6tables-legacy-restore -V", "ip6tables-restore", Ipv6, legacy, "ip6tables-legacy-restore"),
            ("iptables-nft -V", "iptables", Ipv4, nft, "iptables-nft"),
            ("iptables-nft-save -V", "iptables-nft-save", Ipv4, nft, "iptables-nft-save"),
            ("ip6tables-nft-restore -V", "ip6tables-nft-restore", Ipv6, nft, "ip6tables-nft-restore"),
            ("/usr/sbin/ip6tables-apply -V", "ip6tables-apply", Ipv6, None, "/usr/sbin/ip6tables-apply"),
            ("main4 -V", "iptables", Ipv4, None, "main4"),
            ("save6 -V", "ip6tables-save", Ipv6, None, "save6"),
            ("restore4 -V", "iptables-restore", Ipv4, None, "restore4"),
            ("fw iptables-save -V", "iptables-save", Ipv4, None, "iptables-save"),
            ("fw save4 -V", "iptables-save", Ipv4, None, "save4"),
            ("xtables-legacy-multi main6 -V", "ip6tables", Ipv6, legacy, "main6"),
            ("/sbin/xtables-nft-multi iptables -V", "iptables", Ipv4, nft, "iptables"),
            ("fw xtables-legacy-multi restore6 -V", "ip6tables-restore", Ipv6, legacy, "restore6"),
        ];
        for (line, name, family, backend, word) in table {
            assert_eq!(named(line), Some((name.into(), family, backend, word.into())), "{line}");
        }
        for line in [
            "fw -V",
            "iptables-main -V",
            "fw iptables-nftsave -V",
            "fw fw iptables -V",
            "xtables-legacy-multi fw -V",
        ] {
            assert_eq!(named(line), None, "{line}");
        }
    }
}
