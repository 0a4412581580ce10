//! Looking without leaving a trace: nothing here makes a table, in either backend.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::{Facts, Known};
use crate::Error;
use crate::error::Failure;
use crate::ext::ExtensionKind;
use crate::kernel::nft::base::{self, BaseTable};
use crate::kernel::nft::model::RawChain;
use crate::kernel::nft::session::{Session, Trouble};
use crate::kernel::{Blobs, Kernel, Legacy, LegacySocket};
use crate::sys::socket::Socket;
use crate::sys::xt;
use crate::sys::{environment, modules};
use crate::types::{BACKEND_VARIABLE as VARIABLE, BackendKind, Family, Policy, TableName};

/// Everything that decides, of the namespace of the file or of the calling thread.
pub(super) fn look(namespace: Option<&File>) -> Result<Facts, Error> {
    if let Some(variable) = variable()? {
        // Nothing else matters then, so nothing else is asked.
        return Ok(Facts { variable: Some(variable), ..Facts::default() });
    }
    Ok(Facts { variable: None, legacy: legacy(namespace), nft: nft(namespace), host: host(COMMANDS) })
}

fn variable() -> Result<Option<BackendKind>, Error> {
    let Some(value) = environment::variable(VARIABLE).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let name = value.to_string_lossy();
    match name.parse() {
        // Rules in memory protect nobody: a program must say that itself.
        Ok(BackendKind::Memory | BackendKind::MemoryNft) | Err(_) => {
            let failure = Failure::Variable { variable: VARIABLE, name: name.to_string() };
            Err(Error::from(failure).at_token(name))
        }
        Ok(named) => Ok(Some(named)),
    }
}

fn legacy(namespace: Option<&File>) -> Known {
    let rules = Family::ALL.into_iter().find_map(|family| {
        let mut names = legacy_tables(namespace, family)?.into_iter();
        names.find(|name| legacy_rules(namespace, family, name)).map(|name| TableName { family, name })
    });
    let present = Family::ALL.map(|family| legacy_present(namespace, family));
    let present = if present.contains(&Some(true)) {
        Some(true)
    } else if present.contains(&None) || modules::is_available("ip_tables") {
        None
    } else {
        Some(false)
    };
    Known { present, rules }
}

/// The legacy tables that there are; `None` where the kernel lets nobody see.
fn legacy_tables(namespace: Option<&File>, family: Family) -> Option<Vec<String>> {
    let namespace = namespace.map(File::try_clone).transpose().ok()?;
    LegacySocket::new(namespace).tables(family).ok()
}

/// Whether a table has more than empty built-in chains. Only such a table is read whole, because of its policies.
fn legacy_rules(namespace: Option<&File>, family: Family, name: &str) -> bool {
    let Ok(namespace) = namespace.map(File::try_clone).transpose() else { return false };
    let socket = LegacySocket::new(namespace);
    let Ok(info) = socket.info(family, name) else { return false };
    // One entry for each policy and one that ends the table.
    if info.num_entries > info.valid_hooks.count_ones() + 1 {
        return true;
    }
    let table = Kernel::with_backend(Legacy::new(socket)).open(family, name);
    table.is_ok_and(|table| {
        table.chains().any(|chain| chain.policy().is_some_and(|policy| policy != Policy::Accept))
    })
}

/// Whether the kernel has the socket options of xtables. This question is refused for its size, without a look at any table.
fn legacy_present(namespace: Option<&File>, family: Family) -> Option<bool> {
    let socket = match Socket::open(family, namespace) {
        Ok(socket) => socket,
        Err(error) => return (error.raw_os_error() == Some(libc::EAFNOSUPPORT)).then_some(false),
    };
    match socket.get(xt::SO_GET_ENTRIES, &mut [0; 4]).map_err(|error| error.raw_os_error()) {
        Err(Some(libc::ENOPROTOOPT)) => Some(false),
        Err(Some(libc::EINVAL | libc::EPERM)) => Some(true),
        _ => None,
    }
}

fn nft(namespace: Option<&File>) -> Known {
    let mut session = match Session::open(namespace) {
        Ok(session) => session,
        Err(error) => {
            let absent = matches!(error.raw_os_error(), Some(libc::EPROTONOSUPPORT | libc::EAFNOSUPPORT));
            return Known { present: absent.then_some(false), rules: None };
        }
    };
    match session.generation() {
        Ok(_) => {}
        Err(Trouble::Denied(libc::EINVAL | libc::EOPNOTSUPP)) => {
            return Known { present: Some(false), rules: None };
        }
        Err(_) => return Known::default(),
    }
    let rules = Family::ALL.into_iter().find_map(|family| {
        let name = nft_rules(&mut session, base::number(family)).ok()??;
        Some(TableName { family, name })
    });
    // Without the extensions of xtables it holds few of the rules that people have. No module has this one, which need not be there:
    // to be told so is enough, and nothing is loaded.
    let number = base::number(Family::Ipv4);
    let compatible = session.supports(number, ExtensionKind::Target, "ERROR", 0);
    Known { present: compatible.is_ok().then_some(true), rules }
}

/// A table of xtables that has more than empty built-in chains.
fn nft_rules(session: &mut Session, family: u8) -> Result<Option<String>, Trouble> {
    let found = session.tables(family)?;
    let table_of = |base: &BaseTable| found.iter().find(|table| table.name == base.name.as_bytes());
    for (base, table) in base::tables(Family::Ipv4).iter().filter_map(|base| Some((base, table_of(base)?))) {
        let names: Vec<_> = base.chains.iter().map(|chain| chain.name().as_bytes()).collect();
        let chains = session.chains_by_name(family, base.name.as_bytes(), &names)?;
        let chains: Vec<_> = chains.iter().flatten().collect();
        let is_used = |chain: &RawChain| {
            base.builtin(chain).is_none() || chain.uses > 0 || chain.policy == Some(Policy::Drop)
        };
        // What the table counts beyond them are other chains, and what `nft` put there.
        if table.uses as usize > chains.len() || chains.into_iter().any(is_used) {
            return Ok(Some(base.name.to_owned()));
        }
    }
    Ok(None)
}

/// Where hosts have their `iptables`, in the order of a usual PATH; the library does not look at that.
const COMMANDS: &[&str] = &[
    "/usr/local/sbin/iptables",
    "/usr/sbin/iptables",
    "/usr/bin/iptables",
    "/sbin/iptables",
    "/run/current-system/sw/bin/iptables",
];

/// What the first command uses that says so, and the links that lead there.
fn host(commands: &[&str]) -> Option<(BackendKind, Vec<PathBuf>)> {
    commands.iter().find_map(|command| {
        let links = links(Path::new(command)).ok()?;
        let end = links.last()?.file_name()?.to_str()?;
        let kind = match end {
            "xtables-nft-multi" | "iptables-nft" => BackendKind::Nft,
            // Before there were two kinds there was one multi-call program.
            "xtables-legacy-multi" | "iptables-legacy" | "xtables-multi" => BackendKind::Legacy,
            // A program of another kind, a script that decides by itself, or fw.
            _ => return None,
        };
        Some((kind, links))
    })
}

/// A file and what it is a link to, to the end.
fn links(path: &Path) -> io::Result<Vec<PathBuf>> {
    /// As many as the kernel follows.
    const MOST: usize = 40;
    let mut links = vec![path.to_owned()];
    while let Some(last) = links.last() {
        match fs::read_link(last) {
            Ok(target) => {
                let directory = last.parent().unwrap_or(Path::new("/"));
                let next = directory.join(target);
                links.push(next);
            }
            // The end, if there is a file.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => return Ok(links),
            Err(error) => return Err(error),
        }
        if links.len() > MOST {
            break;
        }
    }
    Err(io::Error::from_raw_os_error(libc::ELOOP))
}

#[cfg(all(test, playground))]
mod tests {
    use std::os::unix::fs::symlink;
    use std::process::Command;

    use super::*;
    use crate::ErrorKind;
    use crate::kernel::detect::decide;
    use crate::types::{Detection, Reason};

    fn run(program: &str, args: &[&str]) -> io::Result<()> {
        let missing = |_| io::Error::new(io::ErrorKind::Unsupported, format!("{program} is not installed"));
        let output = Command::new(program).args(args).output().map_err(missing)?;
        assert!(output.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    fn facts() -> Facts {
        Facts { legacy: legacy(None), nft: nft(None), ..Facts::default() }
    }

    fn name(family: Family, name: &str) -> Option<TableName> {
        Some(TableName { family, name: name.into() })
    }

    fn detected(facts: &Facts) -> (BackendKind, String) {
        let Detection { backend, reason } = decide(facts);
        (backend, reason.to_string())
    }

    /// Rules are seen where they are, and looking for them makes no table.
    #[test]
    fn rules_are_found_without_a_trace() {
        libfw_playground::test(|_| {
            let nothing = facts();
            assert_eq!((&nothing.legacy.rules, &nothing.nft.rules), (&None, &None));
            if nothing.nft.present != Some(true) {
                return Err(io::Error::new(io::ErrorKind::Unsupported, "the kernel has no nf_tables"));
            }
            assert_eq!(detected(&nothing), (BackendKind::Nft, "the kernel has it".into()));

            // A table without rules is no reason.
            run("iptables-nft", &["-t", "nat", "-A", "OUTPUT"])?;
            run("iptables-nft", &["-t", "nat", "-F"])?;
            assert_eq!(facts().nft.rules, None);
            run("iptables-nft", &["-P", "FORWARD", "DROP"])?;
            assert_eq!(facts().nft.rules, name(Family::Ipv4, "filter"));
            run("iptables-nft", &["-P", "FORWARD", "ACCEPT"])?;
            assert_eq!(facts().nft.rules, None);
            run("ip6tables-nft", &["-t", "raw", "-N", "mine"])?;
            assert_eq!(facts().nft.rules, name(Family::Ipv6, "raw"));
            assert_eq!(detected(&facts()), (BackendKind::Nft, "its table raw of IPv6 has rules".into()));

            for family in Family::ALL {
                assert_eq!(legacy_tables(None, family).unwrap_or_default(), Vec::<String>::new());
            }
            let legacy = Kernel::with_backend(Legacy::new(LegacySocket::new(None)));
            match legacy.clone().registering().open(Family::Ipv4, "mangle") {
                Err(error) if error.kind() == ErrorKind::BackendAbsent => return Ok(()),
                done => drop(done.map_err(io::Error::other)?),
            };
            assert_eq!(legacy_tables(None, Family::Ipv4), Some(vec!["mangle".to_owned()]));
            assert_eq!(facts().legacy, Known { present: Some(true), rules: None });
            legacy
                .update(Family::Ipv4, "mangle", |table| table.chain_mut("INPUT")?.append("-j ACCEPT"))
                .map_err(io::Error::other)?;
            assert_eq!(facts().legacy.rules, name(Family::Ipv4, "mangle"));
            assert!(matches!(decide(&facts()).reason, Reason::Ambiguous { .. }));
            run("ip6tables-nft", &["-t", "raw", "-X"])?;
            assert_eq!(
                detected(&facts()),
                (BackendKind::Legacy, "its table mangle of IPv4 has rules".into())
            );
            assert_eq!(legacy_tables(None, Family::Ipv4), Some(vec!["mangle".to_owned()]));
            Ok(())
        });
    }

    #[test]
    fn the_end_of_links_says_what_a_command_is() {
        let directory = std::env::temp_dir().join(format!("libfw-links-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let at = |name: &str| directory.join(name);
        for program in ["xtables-nft-multi", "xtables-legacy-multi", "fw", "script"] {
            fs::write(at(program), "").unwrap();
        }
        let chain = [
            ("iptables", "alternative"),
            ("alternative", "iptables-nft"),
            ("iptables-nft", "xtables-nft-multi"),
            ("old", "xtables-legacy-multi"),
            ("ours", "fw"),
            ("lost", "nowhere"),
            ("circle", "circle"),
        ];
        for (link, target) in chain {
            let _ = fs::remove_file(at(link));
            symlink(target, at(link)).unwrap();
        }
        let what = |names: &[&str]| {
            let paths: Vec<_> = names.iter().map(|name| at(name).to_str().unwrap().to_owned()).collect();
            host(&paths.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let (kind, links) = what(&["iptables"]).unwrap();
        assert_eq!(kind, BackendKind::Nft);
        assert_eq!(links, ["iptables", "alternative", "iptables-nft", "xtables-nft-multi"].map(at));
        assert_eq!(what(&["old"]).unwrap().0, BackendKind::Legacy);
        for nothing in ["ours", "script", "lost", "circle", "missing"] {
            assert_eq!(what(&[nothing]), None, "{nothing}");
        }
        // What says nothing is passed over.
        assert_eq!(what(&["missing", "ours", "old", "iptables"]).unwrap().0, BackendKind::Legacy);
        fs::remove_dir_all(&directory).unwrap();
    }
}
