//! How often a kernel is asked.

#[path = "common/forward.rs"]
mod forward;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use forward::forward;
use libfw::backend::{Blobs, Host, Legacy, SetInfo};
use libfw::ext::ExtensionKind;
use libfw::iptables::{RestoreOptions, restore, save, save_rules};
use libfw::{ErrorKind, Family, Kernel, MemoryKernel, Result, Rule, Table};

/// A kernel in memory that knows no revision above `newest` and counts the questions about extensions and ipsets.
struct Asked {
    memory: MemoryKernel,
    newest: u8,
    extensions: AtomicUsize,
    sets: AtomicUsize,
    /// Whether the set `ban` was destroyed and made again.
    again: AtomicBool,
}

impl Asked {
    fn new(newest: u8) -> Arc<Asked> {
        let memory = MemoryKernel::new()
            .with_set("ban", SetInfo { index: 0, family: 2 })
            .and_then(|memory| memory.with_set("allow", SetInfo { index: 1, family: 2 }))
            .unwrap();
        Arc::new(Asked {
            memory,
            newest,
            extensions: AtomicUsize::new(0),
            sets: AtomicUsize::new(0),
            again: AtomicBool::new(false),
        })
    }

    fn kernel(self: &Arc<Asked>) -> Kernel {
        Kernel::with_backend(Legacy::new(self.clone()))
    }

    fn took(counter: &AtomicUsize) -> usize {
        counter.swap(0, Ordering::Relaxed)
    }
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Asked")
    }
}

impl Blobs for Asked {
    forward!(memory: info, entries, replace, add_counters);
}

impl Host for Asked {
    fn supports(&self, family: Family, kind: ExtensionKind, name: &str, revision: u8) -> Result<bool> {
        self.extensions.fetch_add(1, Ordering::Relaxed);
        Ok(revision <= self.newest && self.memory.supports(family, kind, name, revision)?)
    }

    fn set_by_name(&self, name: &[u8]) -> Result<Option<SetInfo>> {
        self.sets.fetch_add(1, Ordering::Relaxed);
        match name == b"ban" && self.again.load(Ordering::Relaxed) {
            true => Ok(Some(SetInfo { index: 2, family: 2 })),
            false => self.memory.set_by_name(name),
        }
    }

    fn set_by_index(&self, index: u16) -> Result<Option<Vec<u8>>> {
        self.sets.fetch_add(1, Ordering::Relaxed);
        self.memory.set_by_index(index)
    }
}

#[test]
fn an_extension_is_asked_for_once() {
    let asked = Asked::new(u8::MAX);
    let mut table = asked.kernel().open_locked(Family::Ipv4, "filter").unwrap();
    for at in 0..1000 {
        let mut chain = table.chain_mut("INPUT").unwrap();
        let line = format!(
            "-s 10.0.{}.{} -p tcp --dport 1 -m comment --comment x -m hashlimit --hashlimit-name h --hashlimit-upto 3/sec -j LOG",
            at / 256,
            at % 256
        );
        chain.append(line.as_str()).unwrap();
        assert!(chain.view().contains(line.as_str()).unwrap());
    }
    table.commit().unwrap();
    // hashlimit has several revisions to choose from; of the other three it is found out whether the kernel has them.
    assert_eq!(Asked::took(&asked.extensions), 4);
    // Another table of the same kernel profits.
    let mut other = table.kernel().open_locked(Family::Ipv4, "mangle").unwrap();
    other
        .chain_mut("INPUT")
        .unwrap()
        .append("-m hashlimit --hashlimit-name i --hashlimit-upto 3/sec -j LOG")
        .unwrap();
    assert_eq!(Asked::took(&asked.extensions), 0);
    other.chain_mut("INPUT").unwrap().append("-p udp -m multiport --dports 1,2 -j LOG").unwrap();
    assert_eq!(Asked::took(&asked.extensions), 1);
}

/// Appends rules with two ipsets in turn.
fn append_sets(table: &mut Table) {
    for at in 0..200 {
        let line = format!("-m set --match-set {} src -j DROP", ["ban", "allow"][at % 2]);
        table.chain_mut("INPUT").unwrap().append(line.as_str()).unwrap();
    }
}

#[test]
fn an_ipset_is_asked_for_once() {
    let asked = Asked::new(u8::MAX);
    let mut table = asked.kernel().open_locked(Family::Ipv4, "filter").unwrap();
    append_sets(&mut table);
    assert_eq!(Asked::took(&asked.sets), 2);
    // Whether they are still the same.
    table.commit().unwrap();
    assert_eq!(Asked::took(&asked.sets), 2);
    let mut table = asked.kernel().open(Family::Ipv4, "filter").unwrap();
    let mut text = Vec::new();
    save(&table, false, &mut text).unwrap();
    save_rules(&table, None, None, false, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert_eq!(text.matches("--match-set ban src").count(), 200);
    // Each by its number; and by its name, because what is printed must be read as the same.
    assert_eq!(Asked::took(&asked.sets), 4);
    // Read anew, it may be another one.
    table.refresh().unwrap();
    let rule = table.chain("INPUT").unwrap().rule(0).unwrap();
    assert_eq!(rule.to_string(), "-m set --match-set ban src -j DROP");
    assert_eq!(Asked::took(&asked.sets), 2);
    // A save file.
    let mut file = b"*filter\n".to_vec();
    (0..100).for_each(|_| file.extend(b"-A INPUT -m set --match-set ban src -j DROP\n"));
    file.extend(b"COMMIT\n");
    let options = RestoreOptions::default();
    let kernel = asked.kernel();
    restore(&kernel, Family::Ipv4, &*file, &options).unwrap();
    assert_eq!(Asked::took(&asked.sets), 2);
}

#[test]
fn a_rule_is_not_committed_with_another_ipset_of_the_name() {
    for locked in [false, true] {
        let asked = Asked::new(u8::MAX);
        let open = if locked { Kernel::open_locked } else { Kernel::open };
        let mut table = open(&asked.kernel(), Family::Ipv4, "filter").unwrap();
        append_sets(&mut table);
        asked.again.store(true, Ordering::Relaxed);
        for _ in 0..2 {
            let error = table.commit().unwrap_err();
            assert_eq!((error.kind(), error.token()), (ErrorKind::Conflict, Some("ban")));
        }
        assert!(asked.kernel().open(Family::Ipv4, "filter").unwrap().is_empty());
        table.refresh().unwrap();
        append_sets(&mut table);
        table.commit().unwrap();
    }
}

#[test]
fn a_rule_that_was_made_for_a_newer_kernel_is_found() {
    let rule = Rule::parse(Family::Ipv4, "-m hashlimit --hashlimit-name h --hashlimit-upto 3/sec").unwrap();
    let revision = |rule: libfw::RuleRef<'_>| rule.matches().next().unwrap().revision();
    assert_eq!(revision(rule.view()), 3);
    let mut table = Asked::new(1).kernel().open_locked(Family::Ipv4, "filter").unwrap();
    let mut chain = table.chain_mut("INPUT").unwrap();
    assert!(chain.ensure(&rule).unwrap());
    assert_eq!(revision(chain.view().rule(0).unwrap()), 1);
    assert!(!chain.ensure(&rule).unwrap());
    assert_eq!(chain.view().position(&rule).unwrap(), Some(0));
    assert_eq!(chain.ensure_absent(&rule).unwrap(), 1);
}
