//! What nf_tables in memory does, as a kernel does it.

use crate::iptables::{self, RestoreOptions};
use crate::{Counters, ErrorKind, Family, Kernel, MemoryKernel, Result, Table};

fn save(kernel: &Kernel) -> String {
    let mut text = Vec::new();
    iptables::save(&kernel.open(Family::Ipv4, "filter").unwrap(), true, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    text.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect()
}

fn filter<T>(kernel: &Kernel, edit: impl FnMut(&mut Table) -> Result<T>) -> Result<()> {
    kernel.update(Family::Ipv4, "filter", edit).map(drop)
}

const SAVED: &str = "*filter
:INPUT DROP [7:700]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:web - [0:0]
[3:180] -A INPUT -p tcp -m tcp --dport 80 -j web
[0:0] -A web -s 10.0.0.0/8 -m comment --comment \"a b\" -j ACCEPT
[1:2] -A web -g last
COMMIT
";

/// A table with a chain more, which is named last.
fn restored() -> Kernel {
    let kernel = MemoryKernel::new().nft();
    let text = SAVED.replace(":web - [0:0]\n", ":web - [0:0]\n:last - [0:0]\n");
    let options = RestoreOptions::new().counters(true);
    let mut input = text.as_bytes();
    iptables::restore(&kernel, Family::Ipv4, &mut input, &options).unwrap();
    kernel
}

#[test]
fn what_is_restored_is_saved() {
    let kernel = restored();
    assert_eq!(kernel.tables(Family::Ipv4).unwrap(), ["filter"]);
    assert_eq!(kernel.tables(Family::Ipv6).unwrap(), [""; 0]);
    assert_eq!(save(&kernel), SAVED.replace(":web - [0:0]\n", ":last - [0:0]\n:web - [0:0]\n"));
}

#[test]
fn jumps_follow_a_chain_with_another_name() {
    let kernel = restored();
    filter(&kernel, |table| table.rename_chain("last", "end")).unwrap();
    assert!(save(&kernel).contains("[1:2] -A web -g end\n"), "{}", save(&kernel));
    let error = filter(&kernel, |table| table.delete_chain("end")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ChainInUse);
}

#[test]
fn rules_have_handles() {
    let kernel = restored();
    let mut stale = kernel.open(Family::Ipv4, "filter").unwrap();
    filter(&kernel, |table| table.chain_mut("web")?.remove(0)).unwrap();
    // What is deleted by its handle is gone already.
    stale.chain_mut("web").unwrap().remove(1).unwrap();
    assert_eq!(stale.commit().unwrap_err().kind(), ErrorKind::Conflict);
    // A change somewhere else is none.
    let mut other = kernel.open(Family::Ipv6, "raw").unwrap();
    filter(&kernel, |table| table.chain_mut("web")?.insert(0, "-j DROP")).unwrap();
    other.chain_mut("OUTPUT").unwrap().append("-j ACCEPT").unwrap();
    other.commit().unwrap();
    let web = kernel.open(Family::Ipv4, "filter").unwrap();
    let rules: Vec<_> = web.chain("web").unwrap().rules().map(|rule| rule.to_string()).collect();
    assert_eq!(rules, ["-j DROP", "-g last"]);
    assert_eq!(web.chain("web").unwrap().rule(1).unwrap().counters(), Counters::new(1, 2));
    filter(&kernel, |table| table.chain_mut("web")?.zero_rule(1)).unwrap();
    let web = kernel.open(Family::Ipv4, "filter").unwrap();
    assert_eq!(web.chain("web").unwrap().rule(1).unwrap().counters(), Counters::ZERO);
}

#[test]
fn chains_are_fifteen_deep_and_no_deeper() {
    let kernel = MemoryKernel::new().nft();
    let deep = |table: &mut Table, depth: usize| {
        for level in (1..=depth).rev() {
            let mut chain = table.new_chain(format!("c{level}"))?;
            if level < depth {
                chain.append(format!("-j c{}", level + 1))?;
            }
        }
        table.chain_mut("INPUT")?.append("-j c1")
    };
    let error = filter(&kernel, |table| deep(table, 16)).unwrap_err();
    // The jump that is one too many, whatever order the rules came in.
    assert_eq!((error.kind(), error.chain(), error.rule()), (ErrorKind::Loop, Some("c15"), Some(0)));
    assert_eq!((error.token(), error.errno()), (Some("c16"), Some(31)));
    assert!(kernel.tables(Family::Ipv4).unwrap().is_empty(), "nothing of it is there");
    filter(&kernel, |table| deep(table, 15)).unwrap();
    let error = filter(&kernel, |table| {
        table.new_chain("deepest")?;
        table.chain_mut("c15")?.append("-j deepest")
    });
    let error = error.unwrap_err();
    assert_eq!((error.kind(), error.chain(), error.rule()), (ErrorKind::Loop, Some("c15"), Some(0)));
}

/// nf_tables looks at every rule, also where no packet comes, of the chains that can be reached.
#[test]
fn circles_are_found_behind_the_end_of_a_chain() {
    for rules in [
        [("INPUT", "-j ACCEPT"), ("INPUT", "-j a"), ("a", "-j ACCEPT"), ("a", "-g a")],
        [("INPUT", "-j DROP"), ("INPUT", "-g a"), ("a", "-j b"), ("b", "-j a")],
    ] {
        let error = filter(&MemoryKernel::new().nft(), |table| {
            table.new_chain("a")?;
            table.new_chain("b")?;
            rules.iter().try_for_each(|(chain, rule)| table.chain_mut(chain)?.append(*rule))
        });
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Loop);
        assert!(error.to_string().contains("in a circle: a -> "), "{error}");
    }
}

/// Of chains that cannot be deleted the one is told that was made first, as of `iptables -X`.
#[test]
fn the_first_busy_chain_is_the_oldest() {
    let kernel = MemoryKernel::new().nft();
    let busy = || {
        let mut table = kernel.open(Family::Ipv4, "filter").unwrap();
        let error = table.delete_user_chains().unwrap_err();
        let by_name = table.drop_user_chains(true).unwrap_err();
        [error, by_name].map(|error| error.chain().map(str::to_owned).unwrap_or_default())
    };
    for name in ["b", "a", "free"] {
        filter(&kernel, |table| table.new_chain(name).map(drop)).unwrap();
    }
    filter(&kernel, |table| table.chain_mut("b")?.append("-j ACCEPT")).unwrap();
    filter(&kernel, |table| table.chain_mut("a")?.append("-j ACCEPT")).unwrap();
    assert_eq!(busy(), ["b", "a"]);
    filter(&kernel, |table| table.rename_chain("b", "z")).unwrap();
    assert_eq!(busy(), ["z", "a"]);
    let error = filter(&kernel, |table| {
        table.chain_mut("z")?.flush();
        table.chain_mut("a")?.flush();
        // The later the newer, those of the same transaction too.
        table.new_chain("q")?.append("-j ACCEPT")?;
        table.new_chain("p")?.append("-j ACCEPT")?;
        table.delete_user_chains()
    });
    assert_eq!(error.unwrap_err().chain(), Some("q"));
}

#[test]
fn tables_are_written_together() {
    let kernel = MemoryKernel::new().nft();
    let mut filter = kernel.open(Family::Ipv4, "filter").unwrap();
    let mut raw = kernel.open(Family::Ipv6, "raw").unwrap();
    filter.chain_mut("INPUT").unwrap().append("-j ACCEPT").unwrap();
    raw.chain_mut("PREROUTING").unwrap().append("-m owner --uid-owner 0").unwrap();
    assert!(Table::commit_all(&mut [&mut filter, &mut raw]).is_err());
    assert_eq!(Family::ALL.map(|family| kernel.tables(family).unwrap().len()), [0, 0]);
    raw.chain_mut("PREROUTING").unwrap().flush();
    raw.chain_mut("PREROUTING").unwrap().append("-j NOTRACK").unwrap();
    Table::commit_all(&mut [&mut filter, &mut raw]).unwrap();
    assert_eq!(Family::ALL.map(|family| kernel.tables(family).unwrap().len()), [1, 1]);
}
