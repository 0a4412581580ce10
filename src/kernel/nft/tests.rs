//! Against the kernel, in namespaces of their own; and with bytes that no kernel sends.

mod hostile;
mod tables;
mod transactions;

use std::process::Command;

use super::attr::Writer;
use super::base;
use super::batch::{Batch, Place, Subject};
use super::session::{Session, Trouble};
use super::uapi::*;
use crate::types::{Counters, Family, Hook, Policy};

const IPV4: u8 = libc::NFPROTO_IPV4 as u8;

fn subject(tag: u64) -> Subject<'static> {
    Subject { family: IPV4, table: b"filter", tag }
}

fn io(trouble: Trouble) -> std::io::Error {
    std::io::Error::other(format!("{trouble:?}"))
}

/// The base chain of filter at a hook.
fn base_chain(hook: Hook) -> &'static base::BaseChain {
    let filter = base::table(Family::Ipv4, "filter").unwrap();
    filter.chains.iter().find(|chain| chain.hook == hook).unwrap()
}

/// A batch on the rules as they are now, with table filter and chain INPUT.
fn batch(session: &mut Session) -> Batch {
    let mut batch = Batch::new(session.generation().unwrap());
    batch.add_table(subject(0));
    let chain = base_chain(Hook::Input);
    batch.add_base_chain(subject(0), chain, Policy::Accept, Counters::ZERO);
    batch
}

/// A rule that counts and accepts.
fn accept(writer: &mut Writer, packets: u64) {
    writer.nest(NFTA_RULE_EXPRESSIONS, |list| {
        expression(list, b"counter", |data| {
            data.be64(NFTA_COUNTER_BYTES, packets * 100);
            data.be64(NFTA_COUNTER_PACKETS, packets);
        });
        verdict(list, 1, None);
    });
}

fn expression(list: &mut Writer, name: &[u8], data: impl FnOnce(&mut Writer)) {
    list.nest(NFTA_LIST_ELEM, |element| {
        element.text(NFTA_EXPR_NAME, name);
        element.nest(NFTA_EXPR_DATA, data);
    });
}

/// NFTA_IMMEDIATE_DREG, NFTA_IMMEDIATE_DATA { NFTA_DATA_VERDICT { NFTA_VERDICT_CODE, NFTA_VERDICT_CHAIN } }.
fn verdict(list: &mut Writer, code: i32, chain: Option<&[u8]>) {
    expression(list, b"immediate", |data| {
        data.be32(1, 0);
        data.nest(2, |data| {
            data.nest(2, |verdict| {
                verdict.be32(1, code.cast_unsigned());
                if let Some(chain) = chain {
                    verdict.text(2, chain);
                }
            });
        });
    });
}

/// A match of xtables.
fn matching(list: &mut Writer, name: &[u8], revision: u32, info: &[u8]) {
    expression(list, b"match", |data| {
        data.text(NFTA_MATCH_NAME, name);
        data.be32(NFTA_MATCH_REV, revision);
        data.put(NFTA_MATCH_INFO, info);
    });
}

/// A session in the namespace of the test; an error that skips it where the kernel has no nf_tables.
fn session() -> std::io::Result<Session> {
    let unsupported = |what| std::io::Error::new(std::io::ErrorKind::Unsupported, what);
    let mut session =
        Session::open(None).map_err(|_| unsupported("the kernel has no netlink for netfilter"))?;
    match session.generation() {
        Ok(_) => Ok(session),
        Err(Trouble::Denied(libc::EINVAL | libc::EOPNOTSUPP)) => {
            Err(unsupported("the kernel has no nf_tables"))
        }
        Err(trouble) => Err(io(trouble)),
    }
}

/// What a program prints, if it is installed.
fn output(program: &str, args: &[&str]) -> Option<String> {
    let Ok(output) = Command::new(program).args(args).output() else {
        libfw_playground::skip(&format!("{program} is not installed"));
        return None;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    Some(text)
}

/// Handles and chains of the rules of filter.
fn rules(session: &mut Session) -> Vec<(String, u64)> {
    let read = |session: &mut Session| {
        let mut rules = Vec::new();
        session.rules(IPV4, b"filter", None, false, |rule| {
            rules.push((String::from_utf8_lossy(rule.chain).into_owned(), rule.handle));
            Ok(())
        })?;
        Ok(rules)
    };
    session.consistently(read).unwrap().0
}

#[test]
fn what_is_written_is_read_and_listed() {
    libfw_playground::test(|_| {
        let mut session = session()?;
        assert!(session.tables(0).unwrap().is_empty());
        assert_eq!(session.table(IPV4, b"filter").unwrap(), None);
        assert_eq!(rules(&mut session), []);

        let mut batch = batch(&mut session);
        batch.update_base_chain(
            subject(0),
            base_chain(Hook::Input),
            Some(Policy::Drop),
            Some(Counters::new(3, 200)),
        );
        batch.add_chain(subject(0), b"web");
        batch.rule(subject(0), b"web", Place::Last, |writer| accept(writer, 5));
        batch.rule(subject(0), b"INPUT", Place::Last, |writer| {
            writer.nest(NFTA_RULE_EXPRESSIONS, |list| verdict(list, -3, Some(b"web")));
        });
        session.commit(&mut batch).map_err(io)?;

        let table = session.table(IPV4, b"filter").unwrap().unwrap();
        assert!(!table.is_dormant() && !table.is_owned());
        assert_eq!((table.family, table.uses), (IPV4, 2));
        assert_eq!(session.tables(0).unwrap(), [table]);
        let chains = session.chains(IPV4, b"filter").unwrap();
        let [input, web] = &chains[..] else { panic!("{chains:?}") };
        assert_eq!((input.policy, input.counters), (Some(Policy::Drop), Some(Counters::new(3, 200))));
        assert_eq!(
            base::table(Family::Ipv4, "filter").unwrap().builtin(input),
            Some(base_chain(Hook::Input))
        );
        assert_eq!((web.name.as_slice(), web.uses, &web.hook), (b"web".as_slice(), 2, &None));
        let names: [&[u8]; 3] = [b"web", b"OUTPUT", b"INPUT"];
        let by_name = session.chains_by_name(IPV4, b"filter", &names).unwrap();
        assert_eq!(by_name, [Some(web.clone()), None, Some(input.clone())]);
        assert_eq!(session.sets(IPV4, b"filter").unwrap(), Vec::<Vec<u8>>::new());

        if let Some(text) = output("iptables-nft", &["-S", "-v"]) {
            let expected = [
                "-P INPUT DROP -c 3 200",
                "-P FORWARD ACCEPT -c 0 0",
                "-P OUTPUT ACCEPT -c 0 0",
                "-N web",
                "-A INPUT -c 0 0 -j web",
                "-A web -c 5 500 -j ACCEPT",
            ];
            // A rule without a counter is listed without one, or with zeros.
            let text = text.replace("-A INPUT -j web", "-A INPUT -c 0 0 -j web");
            assert_eq!(text.lines().collect::<Vec<_>>(), expected);
        }
        Ok(())
    });
}

/// Every base chain of every table, as iptables-nft makes it.
#[test]
fn base_chains_are_those_of_iptables_nft() {
    libfw_playground::test(|_| {
        let mut session = session()?;
        for family in crate::Family::ALL {
            let program = family.pick("iptables-nft", "ip6tables-nft");
            for table in base::tables(Family::Ipv4) {
                for chain in table.chains {
                    if output(program, &["-t", table.name, "-A", chain.name()]).is_none() {
                        return Ok(());
                    }
                }
                let family = base::number(family);
                let theirs = session.chains(family, table.name.as_bytes()).unwrap();
                let found: Vec<_> = theirs.iter().filter_map(|chain| table.builtin(chain)).collect();
                assert_eq!(found, table.chains.iter().collect::<Vec<_>>());
                // The same again is no change, nor an error.
                let mut batch = Batch::new(session.generation().unwrap());
                let subject = Subject { family, table: table.name.as_bytes(), tag: 0 };
                for chain in table.chains {
                    batch.add_base_chain(subject, chain, Policy::Accept, Counters::ZERO);
                }
                session.commit(&mut batch).map_err(io)?;
                assert_eq!(session.chains(family, subject.table).unwrap().len(), table.chains.len());
            }
        }
        Ok(())
    });
}

#[test]
fn places_of_rules() {
    libfw_playground::test(|_| {
        let mut session = session()?;
        let add = |session: &mut Session, place| {
            let before = rules(session);
            let mut batch = batch(session);
            batch.rule(subject(0), b"INPUT", place, |writer| accept(writer, 0));
            session.commit(&mut batch).unwrap();
            let after = rules(session);
            let new = after.iter().position(|rule| !before.contains(rule));
            new.map_or((0, 0), |index| (index, after[index].1))
        };
        let (_, last) = add(&mut session, Place::Last);
        let (index, first) = add(&mut session, Place::First);
        assert_eq!(index, 0);
        assert_eq!(add(&mut session, Place::Before(last)).0, 1);
        assert_eq!(add(&mut session, Place::After(first)).0, 1);
        assert_eq!(add(&mut session, Place::Last).0, 4);
        assert_eq!(add(&mut session, Place::Instead(first)), (0, 0));
        assert_eq!(rules(&mut session)[0].1, first);

        let mut batch = batch(&mut session);
        batch.delete_rule(subject(0), b"INPUT", first);
        session.commit(&mut batch).map_err(io)?;
        assert_eq!(rules(&mut session).len(), 4);
        let mut batch = super::batch::Batch::new(session.generation().unwrap());
        batch.flush(subject(0), Some(b"INPUT"));
        batch.delete_chain(subject(0), b"INPUT");
        batch.add_chain(subject(0), b"a");
        session.commit(&mut batch).map_err(io)?;
        let chain = session.chains(IPV4, b"filter").unwrap().remove(0);
        assert_eq!(chain.name, b"a");
        let mut batch = super::batch::Batch::new(session.generation().unwrap());
        batch.rename_chain(subject(0), chain.handle, b"b");
        session.commit(&mut batch).map_err(io)?;
        assert_eq!(session.chains(IPV4, b"filter").unwrap()[0].name, b"b");
        let mut batch = super::batch::Batch::new(session.generation().unwrap());
        batch.delete_table(subject(0));
        session.commit(&mut batch).map_err(io)?;
        assert!(session.tables(0).unwrap().is_empty());
        Ok(())
    });
}

#[test]
fn counters_are_read_and_cleared() {
    libfw_playground::test(|_| {
        let mut session = session()?;
        let mut batch = batch(&mut session);
        for packets in [1, 2] {
            batch.rule(subject(0), b"INPUT", Place::Last, |writer| accept(writer, packets));
        }
        session.commit(&mut batch).map_err(io)?;
        let generation = session.generation().unwrap();
        let expressions = |session: &mut Session, reset| {
            let mut read = Vec::new();
            session
                .rules(IPV4, b"filter", Some(b"INPUT"), reset, |rule| {
                    read.push(rule.expressions.to_vec());
                    Ok(())
                })
                .unwrap();
            read
        };
        let before = expressions(&mut session, false);
        assert_ne!(before[0], before[1]);
        assert_eq!(expressions(&mut session, true), before);
        let after = expressions(&mut session, false);
        assert_ne!(after, before);
        assert_eq!(after[0], after[1]);
        assert_eq!(session.generation().unwrap(), generation);
        Ok(())
    });
}

#[test]
fn extensions_by_revision() {
    use crate::ext::ExtensionKind::{Match, Target};
    libfw_playground::test(|_| {
        let mut session = session()?;
        let mut has = |kind, name, revision| session.supports(IPV4, kind, name, revision).unwrap();
        assert!(has(Match, "comment", 0) && !has(Match, "comment", 9));
        assert!(has(Match, "conntrack", 3) && has(Target, "LOG", 0));
        assert!(!has(Match, "LOG", 0) && !has(Target, "nosuch", 0));
        Ok(())
    });
}
