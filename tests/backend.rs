//! A backend of a user's own: tables that are kept as text.

use std::collections::HashMap;
use std::sync::Mutex;

use libfw::backend::{Backend, Change, Host, SetInfo, Snapshot, Want, Written};
use libfw::ext::ExtensionKind;
use libfw::{Counters, Error, ErrorKind, Family, Hook, Kernel, Policy, Result, Rule};

/// The rules of each chain as lines, and the policy of a built-in one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Chain {
    name: String,
    hook: Option<Hook>,
    drops: bool,
    rules: Vec<String>,
}

#[derive(Debug, Default)]
struct Notebook {
    tables: Mutex<HashMap<(Family, String), Vec<Chain>>>,
}

impl Host for Notebook {
    fn supports(&self, _: Family, _: ExtensionKind, _: &str, _: u8) -> Result<bool> {
        Ok(true)
    }

    fn set_by_name(&self, name: &[u8]) -> Result<Option<SetInfo>> {
        Ok((name == b"ban").then_some(SetInfo { index: 5, family: 2 }))
    }

    fn set_by_index(&self, index: u16) -> Result<Option<Vec<u8>>> {
        Ok((index == 5).then(|| b"ban".to_vec()))
    }
}

fn built_in() -> Vec<Chain> {
    let chain = |hook: Hook| Chain { name: hook.chain_name().into(), hook: Some(hook), ..Chain::default() };
    [Hook::Input, Hook::Forward, Hook::Output].map(chain).into()
}

impl Backend for Notebook {
    fn read(&self, into: &mut Snapshot<'_>, want: Want) -> Result<()> {
        let mut tables = self.tables.lock().expect("no panic");
        let chains = tables.entry((into.family(), into.name().to_owned())).or_insert_with(built_in);
        into.clear();
        for chain in chains.iter() {
            match chain.hook {
                Some(hook) => {
                    let policy = if chain.drops { Policy::Drop } else { Policy::Accept };
                    into.add_builtin(hook, policy, Counters::ZERO);
                }
                None => into.add_chain(&chain.name),
            }
        }
        let family = into.family();
        for chain in chains.iter().filter(|_| want == Want::All) {
            for line in &chain.rules {
                into.add_rule(&chain.name, &Rule::parse(family, line)?)?;
            }
        }
        into.finish();
        Ok(())
    }

    fn write(&self, changes: &mut [Change<'_>]) -> Result<Vec<Written>> {
        let mut tables = self.tables.lock().expect("no panic");
        for change in changes.iter_mut() {
            let table = change.table();
            let chains = table.chains().map(|chain| Chain {
                name: chain.name().into_owned(),
                hook: chain.hook(),
                drops: chain.policy() == Some(Policy::Drop),
                rules: chain.rules().map(|rule| rule.to_string()).collect(),
            });
            tables.insert((table.family(), table.name().to_owned()), chains.collect());
            change.finish();
        }
        Ok(changes.iter().map(|_| Written::new()).collect())
    }
}

#[test]
fn tables_are_the_same_above_it() -> Result<()> {
    let kernel = Kernel::with_backend(Notebook::default());
    kernel.update(Family::Ipv4, "filter", |table| {
        table.new_chain("web")?.append("-p tcp --dport 443 -j ACCEPT")?;
        let mut input = table.chain_mut("INPUT")?;
        input.set_policy(Policy::Drop, None)?;
        input.append("-p tcp -j web")?;
        input.append("-m set --match-set ban src -j DROP")
    })?;
    let mut table = kernel.open(Family::Ipv4, "filter")?;
    let lines: Vec<_> = table.chain("INPUT").expect("a chain").rules().map(|rule| rule.to_string()).collect();
    assert_eq!(lines, ["-p tcp -j web", "-m set --match-set ban src -j DROP"]);
    assert_eq!(table.chain("INPUT").expect("a chain").policy(), Some(Policy::Drop));
    assert_eq!(table.chain("web").expect("a chain").references(), 1);
    assert!(!table.is_changed());

    // A rule that was made without a kernel is the one that stands there; the number of its set is the backend's.
    let rule = Rule::parse(Family::Ipv4, "-m set --match-set ban src -j DROP")?;
    let input = table.chain("INPUT").expect("a chain");
    assert!(input.contains(&rule)?);
    let there = input.rule(1).expect("a rule");
    assert_eq!(there.matches().next().expect("a match").data()[..2], 5u16.to_ne_bytes());
    assert_eq!(there.to_rule(), rule);
    assert_eq!(there, rule.view());
    let error = table.chain_mut("INPUT")?.append("-m set --match-set nobody src").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoSuchObject);

    table.rename_chain("web", "www")?;
    table.commit()?;
    let table = kernel.open(Family::Ipv4, "filter")?;
    assert_eq!(table.chain("INPUT").expect("a chain").rule(0).expect("a rule").to_string(), "-p tcp -j www");
    Ok(())
}

#[test]
fn there_are_no_tables_without_a_kernel() {
    let kernel = Kernel::offline();
    let error: Error = kernel.open(Family::Ipv4, "filter").unwrap_err();
    assert_eq!((error.kind(), error.table()), (ErrorKind::BackendAbsent, Some("filter")));
    let rule =
        Rule::parse(Family::Ipv6, "-m set ! --match-set ban src,dst -j SET --add-set \"a b\" src").unwrap();
    assert_eq!(rule.to_string(), "-m set ! --match-set ban src,dst -j SET --add-set \"a b\" src");
    assert_eq!(Rule::parse(Family::Ipv6, rule.to_string()).unwrap(), rule);
    assert_ne!(
        Rule::parse(Family::Ipv6, "-m set ! --match-set bat src,dst -j SET --add-set \"a b\" src").unwrap(),
        rule
    );
}

/// What somebody else's backend met with is told, and nothing is written.
#[test]
fn a_backend_tells_what_it_met_with() {
    #[derive(Debug)]
    struct Silent;

    impl Host for Silent {
        fn supports(&self, _: Family, _: ExtensionKind, _: &str, _: u8) -> Result<bool> {
            Ok(true)
        }

        fn set_by_name(&self, _: &[u8]) -> Result<Option<SetInfo>> {
            Ok(None)
        }

        fn set_by_index(&self, _: u16) -> Result<Option<Vec<u8>>> {
            Ok(None)
        }
    }

    impl Backend for Silent {
        fn read(&self, _: &mut Snapshot<'_>, _: Want) -> Result<()> {
            Err(std::io::Error::from(std::io::ErrorKind::TimedOut))?
        }

        fn write(&self, _: &mut [Change<'_>]) -> Result<Vec<Written>> {
            unreachable!("nothing was read")
        }
    }

    let error = Kernel::with_backend(Silent).open(Family::Ipv4, "filter").unwrap_err();
    assert_eq!((error.kind(), error.errno()), (ErrorKind::Io, None));
    assert_eq!(error.to_string(), "reading or writing failed: timed out");
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.downcast_ref::<std::io::Error>().unwrap().kind(), std::io::ErrorKind::TimedOut);
}
