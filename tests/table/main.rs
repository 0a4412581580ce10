//! Every method of tables, chains and kernels, on each backend, with the lock and without it.

mod failing;
#[path = "../common/faulty.rs"]
mod faulty;
#[path = "../common/forward.rs"]
mod forward;

use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;

use libfw::{
    BackendKind, Compare, CounterSnapshot, Counters, Ending, Equivalence, ErrorKind, Family, Hook, HookMask,
    Kernel, LockPolicy, MemoryKernel, Policy, Position, Result, Rule, Scope, Table, Verdict,
};
use libfw_playground::test_on;

/// With the lock, or without.
type Open = fn(&Kernel, Family, &str) -> Result<Table>;

const WAYS: [Open; 2] = [Kernel::open, Kernel::open_locked];

fn rules(table: &Table, chain: &str) -> Vec<String> {
    table.chain(chain).expect("a chain").rules().map(|rule| rule.to_string()).collect()
}

fn sum(counters: &CounterSnapshot) -> (u64, u64) {
    let rules = counters.rules().iter();
    rules.fold((0, 0), |sum, rule| (sum.0 + rule.packets, sum.1 + rule.bytes))
}

fn names(table: &Table) -> Vec<String> {
    table.chains().map(|chain| chain.name().into_owned()).collect()
}

/// A filter table in JSON, with these rules in INPUT.
fn tables(rules: &str) -> String {
    let chains = format!(r#"[{{"chain": "INPUT", "rules": [{rules}]}}]"#);
    format!(
        r#"{{"format": "libfw.tables/1", "tables": [{{"family": "ipv4", "table": "filter", "chains": {chains}}}]}}"#
    )
}

/// Lets a scene play with an empty table, and again with what the kernel has of it.
fn on_each(kernel: &Kernel, scene: fn(&mut Table) -> Result<()>) -> Result<()> {
    for open in WAYS {
        for family in Family::ALL {
            let mut table = open(kernel, family, "filter")?;
            assert!(table.is_empty() && names(&table) == ["INPUT", "FORWARD", "OUTPUT"]);
            scene(&mut table)?;
            let is_changed = table.is_changed();
            assert_eq!(table.commit()?.changed, is_changed);
            let content =
                |table: &Table| -> Vec<_> { names(table).iter().map(|chain| rules(table, chain)).collect() };
            let written = (names(&table), content(&table));
            let again = open(kernel, family, "filter");
            assert!(again.is_err() || table.diff_by(&again?, Equivalence::Meaning)?.is_empty());
            // The policy that a chain has already is no edit.
            let policy = table.chain("INPUT").and_then(|chain| chain.policy()).unwrap_or(Policy::Accept);
            table.chain_mut("INPUT")?.set_policy(policy, None)?;
            assert!(!table.is_changed());
            table.refresh()?;
            assert_eq!((names(&table), content(&table)), written);
            table.clear();
            for chain in ["INPUT", "FORWARD", "OUTPUT"] {
                table.chain_mut(chain)?.set_policy(Policy::Accept, None)?;
            }
            table.commit()?;
        }
    }
    Ok(())
}

fn edits_of_rules(table: &mut Table) -> Result<()> {
    let family = table.family();
    let mut chain = table.chain_mut("INPUT")?;
    chain.append("-p tcp -j ACCEPT")?;
    chain.insert(0, "-i lo -j ACCEPT")?;
    chain.insert(2, "-p udp -j DROP")?;
    chain.extend(["-j DROP", "-j DROP"])?;
    assert_eq!(chain.append_lines("-A INPUT -p tcp -j LOG\n-p udp -j DROP\n")?, 2);
    assert_eq!(chain.insert(8, "-j DROP").unwrap_err().kind(), ErrorKind::IndexTooBig);
    // The address is that of the rule, whichever way it comes.
    let rule = Rule::parse(family, "-g nowhere")?;
    let refused = [
        chain.append("-j nowhere").unwrap_err(),
        chain.insert(0, &rule).unwrap_err(),
        chain.replace(0, &rule).unwrap_err(),
        chain.ensure(&rule).unwrap_err(),
        chain.sync([&rule]).unwrap_err(),
        chain.extend([&rule]).unwrap_err(),
    ];
    for error in refused {
        assert_eq!(error.kind(), ErrorKind::NoSuchChain);
        assert_eq!((error.table(), error.chain()), (Some("filter"), Some("INPUT")));
        assert_eq!(error.token(), Some("nowhere"));
    }
    assert_eq!(chain.dedup(), 2);
    assert_eq!(chain.dedup_by(Equivalence::Meaning), 0);
    assert!(!chain.ensure_by("-j DROP", Equivalence::Meaning)?);
    assert_eq!(chain.view().len(), 5);

    assert_eq!(chain.view().position("-p udp -j DROP")?, Some(2));
    assert_eq!(chain.view().positions("-p udp -j DROP")?.first(), Some(&2));
    assert!(chain.view().contains("-j DROP")? && !chain.view().contains("-j ACCEPT")?);
    assert!(!chain.ensure("-j DROP")? && chain.ensure("-p icmp -j DROP")?);
    assert!(chain.ensure_at("-p sctp -j DROP", &Position::First)?);
    assert_eq!(chain.ensure_absent("-p icmp -j DROP")?, 1);
    assert_eq!(chain.ensure_absent("-p icmp -j DROP")?, 0);
    chain.delete("-j DROP")?;
    assert_eq!(chain.delete("-j DROP").unwrap_err().kind(), ErrorKind::NoSuchRule);
    chain.remove(4)?;
    assert_eq!(chain.remove(4).unwrap_err().kind(), ErrorKind::IndexTooBig);
    assert_eq!(
        rules(table, "INPUT"),
        ["-p sctp -j DROP", "-i lo -j ACCEPT", "-p tcp -j ACCEPT", "-p udp -j DROP"]
    );

    let mut chain = table.chain_mut("INPUT")?;
    chain.replace(0, "-p esp -j DROP")?;
    chain.move_rule(0, 3)?;
    chain.swap(0, 1)?;
    assert_eq!(chain.replace(4, "-j DROP").unwrap_err().kind(), ErrorKind::IndexTooBig);
    assert_eq!(chain.move_rule(0, 4).unwrap_err().kind(), ErrorKind::IndexTooBig);
    assert_eq!(chain.swap(4, 0).unwrap_err().kind(), ErrorKind::IndexTooBig);
    assert_eq!(
        rules(table, "INPUT"),
        ["-p tcp -j ACCEPT", "-i lo -j ACCEPT", "-p udp -j DROP", "-p esp -j DROP"]
    );

    let synced = table.chain_mut("FORWARD")?.sync(["-j ACCEPT", "-j DROP"])?;
    assert_eq!((synced.added, synced.removed, synced.kept), (2, 0, 0));
    let view = table.chain("FORWARD").expect("a chain");
    assert_eq!(view.rule(1).map(|rule| rule.to_string()).as_deref(), Some("-j DROP"));
    assert!(view.rule(2).is_none() && view.rules().len() == 2);
    assert_eq!(table.len(), 6);
    table.chain_mut("FORWARD")?.flush();
    assert!(table.chain("FORWARD").expect("a chain").is_empty() && table.is_changed());
    table.validate()
}

fn edits_of_chains(table: &mut Table) -> Result<()> {
    table.new_chain("web")?.append("-j RETURN")?;
    table.new_chain("empty")?;
    table.chain_mut("INPUT")?.append("-p tcp -j web")?;
    let taken = |table: &mut Table, name: &str| table.new_chain(name).map(drop).unwrap_err().kind();
    assert_eq!(taken(table, "web"), ErrorKind::ChainExists);
    assert_eq!(taken(table, "ACCEPT"), ErrorKind::InvalidArgument);
    assert_eq!(table.delete_chain("web").unwrap_err().kind(), ErrorKind::ChainInUse);
    assert_eq!(table.delete_user_chains().unwrap_err().kind(), ErrorKind::ChainInUse);
    assert_eq!(table.delete_chain("lost").unwrap_err().kind(), ErrorKind::NoSuchChain);
    assert_eq!(table.rename_chain("web", "empty").unwrap_err().kind(), ErrorKind::ChainExists);
    assert!(table.delete_chain("INPUT").is_err() && table.rename_chain("INPUT", "in").is_err());
    assert!(table.chain("lost").is_none() && table.chain_mut("lost").is_err());
    assert_eq!(table.no_such_chain("lost").chain(), Some("lost"));
    assert_eq!(names(table).len(), 5);

    assert_eq!(table.ensure_chain("web")?.len(), 1);
    table.ensure_chain("more")?.extend(["-p tcp -j DROP", "-p udp -j DROP", "-j web"])?;
    let mut more = table.chain_mut("more")?;
    assert_eq!(more.retain(|rule| rule.target() != Verdict::Drop), 2);
    assert_eq!((more.name().as_ref(), more.len(), more.is_empty(), more.hook()), ("more", 1, false, None));
    assert!(more.contains("-j web")? && more.rule(0).is_some_and(|rule| rule.to_string() == "-j web"));
    assert_eq!((more.rules().len(), more.retain(|_| false)), (1, 1));
    table.delete_chain("more")?;
    assert_eq!((&*table).into_iter().count(), 5);

    table.rename_chain("web", "www")?;
    table.delete_chain("empty")?;
    assert_eq!(rules(table, "INPUT"), ["-p tcp -j www"]);
    let www = table.chain("www").expect("a chain");
    assert_eq!((www.references(), www.hook(), www.policy(), www.name_bytes()), (1, None, None, &b"www"[..]));
    let mut input = table.chain_mut("INPUT")?;
    input.set_policy(Policy::Drop, Some(Counters::new(3, 300)))?;
    assert_eq!((input.policy(), input.policy_counters()), (Some(Policy::Drop), Counters::new(3, 300)));
    let input = input.view();
    assert_eq!((input.hook(), input.policy()), (Some(Hook::Input), Some(Policy::Drop)));
    assert_eq!(input.policy_counters(), Counters::new(3, 300));
    assert!(table.chain_mut("www")?.set_policy(Policy::Drop, None).is_err());
    assert_eq!(table.hooks(), HookMask::of(&[Hook::Input, Hook::Forward, Hook::Output]));
    assert!(table.notes().is_empty());
    table.validate()
}

fn edits_of_whole_tables(table: &mut Table) -> Result<()> {
    table.new_chain("one")?.append("-j ACCEPT")?;
    table.new_chain("two")?.append("-j one")?;
    // Which of the two is looked at first is the business of the backend.
    let kind = table.delete_user_chains().unwrap_err().kind();
    assert!(matches!(kind, ErrorKind::ChainNotEmpty | ErrorKind::ChainInUse));
    table.flush();
    assert!(table.is_changed() && table.is_empty() && names(table).len() == 5);
    table.delete_user_chains()?;
    assert_eq!(names(table).len(), 3);
    table.new_chain("loop")?.append("-j loop")?;
    table.chain_mut("INPUT")?.append("-j loop")?;
    assert_eq!(table.validate().unwrap_err().kind(), ErrorKind::Loop);
    assert_eq!(table.commit().unwrap_err().kind(), ErrorKind::Loop);
    table.clear();
    assert_eq!(names(table), ["INPUT", "FORWARD", "OUTPUT"]);
    table.new_chain("stays")?.append("-j DROP")
}

fn counters(table: &mut Table) -> Result<()> {
    let mut chain = table.chain_mut("INPUT")?;
    chain.append("-c 1 100 -j ACCEPT")?;
    chain.append(
        Rule::parse(chain.view().rule(0).expect("a rule").family(), "-j DROP")?
            .with_counters(Counters::new(2, 200)),
    )?;
    chain.append("-j LOG")?;
    chain.set_counters(2, Counters::new(3, 300))?;
    assert_eq!(chain.set_counters(3, Counters::ZERO).unwrap_err().kind(), ErrorKind::IndexTooBig);
    table.commit()?;
    let packets = |table: &Table| -> Vec<u64> {
        table.chain("INPUT").expect("a chain").rules().map(|rule| rule.counters().packets).collect()
    };
    table.refresh()?;
    assert_eq!(packets(table), [1, 2, 3]);
    let before = table.counters();
    let [mut with, mut without] = [Vec::new(), Vec::new()];
    table.write_json(true, &mut with).expect("a vector takes all");
    table.write_json(false, &mut without).expect("a vector takes all");
    let [with, without] = [with, without].map(|bytes| String::from_utf8(bytes).expect("a text"));
    assert_eq!(with, table.to_json());
    assert!(with.contains("300") && !without.contains("300"), "{without}");
    let mut chain = table.chain_mut("INPUT")?;
    chain.swap(0, 2)?;
    chain.zero_rule(1)?;
    assert_eq!(chain.zero_rule(3).unwrap_err().kind(), ErrorKind::IndexTooBig);
    table.commit()?;
    table.refresh()?;
    assert_eq!((packets(table), sum(&before)), (vec![3, 0, 1], (6, 600)));
    table.chain_mut("INPUT")?.zero();
    table.commit()?;
    table.refresh()?;
    assert_eq!(packets(table), [0, 0, 0]);
    table.chain_mut("INPUT")?.set_counters(0, Counters::new(9, 900))?;
    table.commit()?;
    table.zero();
    Ok(())
}

fn plans(table: &mut Table) -> Result<()> {
    table.fill([("INPUT", ["-i lo -j ACCEPT", "-j DROP"])])?;
    table.rehearse()?;
    let before = table.copy();
    table.chain_mut("INPUT")?.remove(1)?;
    let back = table.diff(&before)?;
    assert_eq!((back.changes().added, back.changes().removed), (1, 0));
    table.apply(&back)?;
    assert!(table.diff(&before)?.is_empty());
    let mut desired = table.draft(&Scope::Tables);
    desired.fill([("INPUT", ["-j DROP"])])?;
    let plan = table.plan(&desired, &Scope::Tables)?;
    table.apply(&plan)?;
    assert!(table.apply(&plan).is_err() && table.plan(&desired, &Scope::Tables)?.is_empty());
    assert_eq!(rules(table, "INPUT"), ["-j DROP"]);
    let text = table.to_json();
    table.clear();
    assert!(table.set_json("{").is_err() && table.is_empty());
    table.set_json(&text)?;
    assert!(table.diff(&desired)?.changes().added == 0 && table.len() == 1);
    table.validate()
}

/// What is desired, watched, rehearsed and written as JSON.
fn whole_kernels(kernel: &Kernel) -> Result<()> {
    let lines = |kernel: &Kernel| kernel.open(Family::Ipv4, "filter").map(|table| rules(&table, "INPUT"));
    let mut desired = kernel.desired(Scope::Tables);
    desired.table(Family::Ipv4, "filter")?.fill([("INPUT", ["-j ACCEPT"])])?;
    assert_eq!(desired.apply()?.plan.changes().added, 1);
    assert!(desired.plan()?.is_empty());

    let rehearsal = kernel.rehearse();
    let (len, _) = rehearsal.kernel().try_update(Family::Ipv4, "filter", |table| -> Result<usize> {
        table.chain_mut("INPUT")?.append("-j DROP")?;
        Ok(table.len())
    })?;
    assert_eq!((len, rehearsal.plan().changes().added, lines(kernel)?.len()), (2, 1, 1));

    let mut watch = kernel.watch([(Family::Ipv4, "filter")])?;
    let patient = kernel.clone().with_interrupt(|| false);
    let failed =
        patient.try_update(Family::Ipv4, "filter", |_| Err::<(), _>(io::Error::other("mine").into()));
    match failed {
        Err(Mine::Io(error)) => assert_eq!(error.to_string(), "mine"),
        Err(Mine::Firewall(error)) => return Err(error),
        Ok(_) => panic!("it has failed"),
    }
    patient.update(Family::Ipv4, "filter", |table| table.chain_mut("INPUT")?.append("-j DROP"))?;
    let change = watch.next_change(Some(Duration::from_secs(60)))?.expect("a change");
    assert_eq!((change.plan.changes().added, change.before.len()), (1, 1));

    let mut text = Vec::new();
    kernel.save_json(&[Family::Ipv4], true, &mut text)?;
    let mut transaction = kernel.begin()?;
    transaction.set_json(tables(""))?;
    transaction.commit()?;
    drop(transaction);
    assert!(lines(kernel)?.is_empty());
    assert!(kernel.restore_json(&text)?.iter().any(|report| report.changed));
    assert_eq!(lines(kernel)?, ["-j ACCEPT", "-j DROP"]);
    assert!(kernel.missing_module(Family::Ipv4)?.is_none());
    kernel.update(Family::Ipv4, "filter", |table| table.chain_mut("INPUT").map(|mut chain| chain.flush()))?;
    Ok(())
}

/// An error of a program's own.
#[derive(Debug)]
enum Mine {
    Io(io::Error),
    Firewall(libfw::Error),
}

impl From<io::Error> for Mine {
    fn from(error: io::Error) -> Mine {
        Mine::Io(error)
    }
}

impl From<libfw::Error> for Mine {
    fn from(error: libfw::Error) -> Mine {
        Mine::Firewall(error)
    }
}

fn kernels(kernel: &Kernel, kind: BackendKind) -> Result<()> {
    let filter = |kernel: &Kernel| kernel.open(Family::Ipv4, "filter").map(|table| rules(&table, "INPUT"));
    assert_eq!(kernel.detection()?.backend, kind);
    assert_eq!(kernel.backend().detection()?.backend, kind);
    assert_eq!(kernel.open(Family::Ipv4, "nothing").unwrap_err().kind(), ErrorKind::NoSuchTable);
    let (index, report) = kernel.update(Family::Ipv4, "filter", |table| {
        let mut input = table.chain_mut("INPUT")?;
        input.append("-c 5 500 -j ACCEPT")?;
        input.view().position("-j ACCEPT")
    })?;
    assert_eq!((index, report.changed, report.overwritten), (Some(0), true, false));
    let refused = kernel.update(Family::Ipv4, "filter", |table| {
        table.chain_mut("INPUT")?.append("-j DROP")?;
        table.chain_mut("lost").map(drop)
    });
    assert_eq!(
        (refused.unwrap_err().kind(), filter(kernel)?),
        (ErrorKind::NoSuchChain, vec!["-j ACCEPT".into()])
    );
    assert_eq!(
        kernel.tables(Family::Ipv4)?.contains(&"filter".to_owned()),
        kernel.open(Family::Ipv4, "filter")?.exists()
    );

    assert_eq!(sum(&kernel.counters(Family::Ipv4, "filter")?), (5, 500));
    match kernel.take_counters(Family::Ipv4, "filter") {
        // Before Linux 6.2 nf_tables cannot.
        Err(error) if error.to_string().contains("Linux 6.2") => {
            kernel.update(Family::Ipv4, "filter", |table| {
                table.zero();
                Ok(())
            })?;
        }
        taken => assert_eq!(sum(&taken?), (5, 500)),
    }
    assert_eq!(sum(&kernel.counters(Family::Ipv4, "filter")?), (0, 0));

    // Several tables at once.
    let [mut first, mut second] =
        [Family::Ipv4, Family::Ipv6].map(|family| kernel.open(family, "filter").expect("a table"));
    first.chain_mut("INPUT")?.append("-j DROP")?;
    second.chain_mut("INPUT")?.append("-j DROP")?;
    let reports = Table::commit_all(&mut [&mut first, &mut second])?;
    assert!(reports.len() == 2 && reports.iter().all(|report| report.changed));
    let done = kernel
        .transaction(|tables| tables.table(Family::Ipv6, "filter")?.chain_mut("INPUT")?.delete("-j DROP"))?;
    assert!(done.1[0].changed && kernel.open(Family::Ipv6, "filter")?.is_empty());
    let mut tables = kernel.begin()?;
    tables.table(Family::Ipv4, "filter")?.flush();
    assert_eq!((tables.tables().len(), tables.commit()?.len()), (1, 1));
    drop(tables);
    assert!(filter(kernel)?.is_empty());

    // Some chains without the others.
    let add = |table: &mut Table| table.chain_mut("INPUT")?.append("-j DROP");
    assert!(kernel.update_chains(Family::Ipv4, "filter", ["INPUT"], add)?.1.changed);
    let mut part = kernel.open_chains(Family::Ipv4, "filter", ["INPUT"])?;
    assert_eq!(rules(&part, "INPUT"), ["-j DROP"]);
    part.chain_mut("INPUT")?.flush();
    part.commit()?;
    assert!(filter(kernel)?.is_empty());

    // The lock is taken again by who has it, and a table is worked on once under it.
    let lock = kernel.lock()?;
    let same = kernel.clone().with_lock(&lock);
    let table = same.open_locked(Family::Ipv4, "filter")?;
    let again = same.open_locked(Family::Ipv4, "filter").map_err(|error| error.kind());
    match kind {
        // It has no lock, and notices at the commit.
        BackendKind::Memory => assert!(again.is_ok()),
        _ => assert_eq!(again.unwrap_err(), ErrorKind::AlreadyOpen),
    }
    assert_eq!((table.name(), table.family()), ("filter", Family::Ipv4));
    assert_eq!(table.kernel().policy(), same.policy());
    drop((table, lock));
    let unlocked = kernel.clone().with_policy(LockPolicy::UNLOCKED).with_compare(Compare::Always);
    assert_eq!(unlocked.policy(), &LockPolicy::UNLOCKED);
    assert!(unlocked.update(Family::Ipv4, "filter", |_| Ok(()))?.1.rules == 0);

    // Whoever comes second is told so, and can go on.
    let [mut first, mut second] = [(); 2].map(|()| unlocked.open(Family::Ipv4, "filter").expect("a table"));
    first.chain_mut("INPUT")?.append("-j ACCEPT")?;
    first.commit()?;
    second.chain_mut("INPUT")?.append("-j DROP")?;
    assert_eq!(second.commit().unwrap_err().kind(), ErrorKind::Conflict);
    second.refresh()?;
    second.chain_mut("INPUT")?.append("-j DROP")?;
    second.commit()?;
    assert_eq!(filter(kernel)?, ["-j ACCEPT", "-j DROP"]);

    kernel.check_rule(&Rule::parse(Family::Ipv4, "-p tcp -j DROP")?)?;
    let missing = Rule::parse(Family::Ipv4, "-m set --match-set lost src")?;
    assert_eq!(kernel.check_rule(&missing).unwrap_err().kind(), ErrorKind::NoSuchObject);
    // One that no kernel has, and a revision that is still to come.
    for rule in ["-m nothing --opaque 0:00", "-p tcp -m tcp --opaque 9:00", "-j NOTHING --opaque 0:00"] {
        let error = kernel.check_rule(&Rule::parse(Family::Ipv4, rule)?).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ExtensionUnavailable, "{rule}: {error}");
    }
    kernel.update(Family::Ipv4, "filter", |table| table.chain_mut("INPUT").map(|mut chain| chain.flush()))?;
    Ok(())
}

fn everything(kernel: &Kernel, kind: BackendKind) -> Result<()> {
    for scene in [edits_of_rules, edits_of_chains, edits_of_whole_tables, counters, plans] {
        on_each(kernel, scene)?;
    }
    kernels(kernel, kind)?;
    whole_kernels(kernel)
}

/// What anybody does to the tables that are watched over is undone.
fn watched(kernel: &Kernel) -> Result<()> {
    let add = |rule| kernel.update(Family::Ipv4, "filter", |table| table.chain_mut("INPUT")?.append(rule));
    add("-j ACCEPT")?;
    let mut desired = kernel.desired(Scope::Tables);
    desired.table(Family::Ipv4, "mangle")?.fill([("OUTPUT", ["-p icmp"])])?;
    let plan = desired.plan()?;
    assert!(kernel.apply(&plan)?[0].changed && desired.plan()?.is_empty());
    assert_eq!(kernel.apply(&plan).unwrap_err().kind(), ErrorKind::Conflict);
    kernel.apply(&plan.inverse())?;
    assert_eq!(desired.plan()?, plan);
    let mut pending = kernel.watch_over(&[Family::Ipv4], Duration::from_secs(60))?;
    add("-j DROP")?;
    assert_eq!(pending.roll_back()?, Ending::RolledBack);
    assert_eq!(rules(&kernel.open(Family::Ipv4, "filter")?, "INPUT"), ["-j ACCEPT"]);
    let mut pending = kernel.watch_over(&[Family::Ipv4], Duration::from_secs(60))?;
    add("-j DROP")?;
    pending.confirm()?;
    let mut table = kernel.open(Family::Ipv4, "filter")?;
    assert_eq!(table.len(), 2);
    table.clear();
    table.commit().map(drop)
}

/// The same in a network that the test program is not in, by each way to name it.
fn elsewhere(kind: BackendKind) -> io::Result<()> {
    let own = |kernel: Kernel| kernel.using(kind);
    let place = libfw_playground::Playground::new()?.namespace()?;
    let mut child = place.command("sleep").arg("60").spawn()?;
    let path = format!("/proc/{}/ns/net", child.id());
    let file = OwnedFd::from(File::open(&path)?);
    let kernels = [Kernel::in_netns_of(child.id()), Kernel::in_netns(&path), Ok(Kernel::in_netns_fd(file))];
    let done = kernels.into_iter().try_for_each(|kernel| {
        let kernel = own(kernel?);
        kernel.update(Family::Ipv4, "filter", |table| table.chain_mut("INPUT")?.append("-j DROP"))?;
        assert!(own(Kernel::new()).open(Family::Ipv4, "filter")?.is_empty());
        let (left, _) = kernel.update(Family::Ipv4, "filter", |table| {
            table.clear();
            Ok(table.len())
        })?;
        assert_eq!(left, 0);
        Ok(())
    });
    child.kill()?;
    child.wait()?;
    assert_eq!(Kernel::in_netns("/proc/self/ns/lost").unwrap_err().kind(), ErrorKind::Io);
    for elsewhere in ["/dev/null", "/proc/self/ns/uts"] {
        let error = Kernel::in_netns(elsewhere).unwrap_err();
        assert_eq!((error.kind(), error.errno()), (ErrorKind::Io, Some(22)), "{elsewhere}");
    }
    done.map_err(other)
}

fn other(error: libfw::Error) -> io::Error {
    match error.kind() {
        ErrorKind::BackendAbsent => io::Error::new(io::ErrorKind::Unsupported, error.to_string()),
        _ => io::Error::other(error),
    }
}

#[test]
fn in_memory() {
    everything(&MemoryKernel::new().kernel(), BackendKind::Memory).unwrap();
}

#[test]
fn in_legacy_tables() {
    test_on("legacy", |_| {
        assert_eq!(Kernel::detect().map_err(other)?.detection().map_err(other)?.backend, BackendKind::Legacy);
        everything(&Kernel::legacy(), BackendKind::Legacy).map_err(other)?;
        watched(&Kernel::legacy()).map_err(other)?;
        assert!(Kernel::nft().has_legacy_tables(Family::Ipv4));
        // Who registers a table has it made by looking.
        let loading = Kernel::legacy().loading_modules(Some("/nowhere".into()));
        assert!(!loading.open(Family::Ipv4, "raw").map_err(other)?.exists());
        assert!(Kernel::legacy().registering().open(Family::Ipv4, "raw").map_err(other)?.exists());
        Table::update(Family::Ipv4, "raw", |table| table.chain_mut("OUTPUT")?.append("-j ACCEPT"))
            .map_err(other)?;
        assert_eq!(Table::open(Family::Ipv4, "raw").map_err(other)?.len(), 1);
        elsewhere(BackendKind::Legacy)
    });
}

#[test]
fn in_nf_tables() {
    test_on("nft", |_| {
        everything(&Kernel::nft(), BackendKind::Nft).map_err(other)?;
        watched(&Kernel::nft()).map_err(other)?;
        assert!(!Kernel::nft().has_legacy_tables(Family::Ipv4));
        elsewhere(BackendKind::Nft)
    });
}

/// What makes kernels that are no kernels (`tests/backend.rs`), and what needs a module that is not loaded (`tests/modules.rs`).
const ELSEWHERE: [&str; 3] = ["Kernel::offline", "Kernel::with_backend", "Kernel::load_module"];

/// A new method is called here, on every backend.
#[test]
fn no_method_is_left_out() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let read = |name: &str| fs::read_to_string(tests.join(name)).expect("a file of tests");
    let sources = read("table/main.rs") + &read("table/failing.rs");
    let public = read("public.txt");
    let (mut item, mut left_out) = ("", Vec::new());
    for line in public.lines() {
        match line.strip_prefix("    pub ") {
            None if !line.starts_with(' ') => item = line.trim_start_matches("libfw::"),
            Some(line) if ["Table", "Chain", "ChainMut", "Kernel", "Transaction"].contains(&item) => {
                let Some((_, name)) = line.split_once("fn ") else { continue };
                let name = name.split(['(', '<']).next().unwrap_or_default();
                let calls =
                    [format!(".{name}("), format!("::{name}("), format!("::{name}]"), format!("::{name})")];
                if !calls.iter().any(|call| sources.contains(call)) {
                    left_out.push(format!("{item}::{name}"));
                }
            }
            _ => {}
        }
    }
    left_out.retain(|name| !ELSEWHERE.contains(&name.as_str()));
    assert_eq!(left_out, [""; 0]);
}
