//! What is refused, what has changed meanwhile, and what is large.

use std::sync::atomic::{AtomicBool, Ordering};

use super::super::refusal::Refusal;
use super::*;
use crate::error::NftChange;

fn refused(session: &mut Session, batch: &mut Batch) -> Vec<Refusal> {
    match session.commit(batch) {
        Err(Trouble::Refused(refusals)) => refusals,
        other => panic!("{other:?}"),
    }
}

/// Every one of several faulty rules is named, and what is wrong with it.
#[test]
fn faulty_rules_are_named() {
    libfw_playground::test(|_| {
        let mut session = session()?;
        let mut batch = batch(&mut session);
        let mut add = |tag, chain: &[u8], expressions: &dyn Fn(&mut Writer)| {
            batch.rule(subject(tag), chain, Place::Last, |writer| {
                writer.nest(NFTA_RULE_EXPRESSIONS, expressions);
            });
        };
        add(10, b"INPUT", &|list| verdict(list, 1, None));
        // No such match, after one that is good.
        add(11, b"INPUT", &|list| {
            matching(list, b"comment", 0, &[0; 256]);
            matching(list, b"nosuch", 0, &[0; 8]);
            verdict(list, 1, None);
        });
        // A size that is not that of the match.
        add(12, b"INPUT", &|list| matching(list, b"comment", 0, &[0; 248]));
        add(13, b"INPUT", &|list| verdict(list, -3, Some(b"nowhere")));
        add(14, b"nowhere", &|list| verdict(list, 1, None));
        batch.delete_rule(subject(15), b"INPUT", 4711);
        batch.add_chain(subject(16), b"INPUT");
        let refusals = refused(&mut session, &mut batch);

        let seen: Vec<_> = refusals
            .iter()
            .map(|refusal| (refusal.tag, refusal.errno, refusal.operation, refusal.faulty_attribute()))
            .collect();
        assert_eq!(
            seen,
            [
                (11, libc::ENOENT, NftChange::RuleAppend, Some(NFTA_RULE_EXPRESSIONS)),
                (12, libc::EINVAL, NftChange::RuleAppend, Some(NFTA_RULE_EXPRESSIONS)),
                (13, libc::ENOENT, NftChange::RuleAppend, Some(NFTA_RULE_EXPRESSIONS)),
                (14, libc::ENOENT, NftChange::RuleAppend, Some(NFTA_RULE_CHAIN)),
                (15, libc::ENOENT, NftChange::RuleDelete, Some(NFTA_RULE_HANDLE)),
                (16, libc::EEXIST, NftChange::ChainUserAdd, Some(NFTA_CHAIN_NAME)),
            ]
        );
        assert_eq!(refusals[0].table(), b"filter");
        assert_eq!(refusals[0].chain(), Some(b"INPUT".as_slice()));
        assert_eq!(refusals[3].chain(), Some(b"nowhere".as_slice()));
        assert_eq!(refusals[5].family(), IPV4);
        // The expression itself: its name begins at the offset, behind the headers of the element and of the name.
        let at = |index: usize| refusals[index].offset.unwrap();
        let name = |index: usize| &refusals[index].message[at(index) + 8..][..5];
        assert_eq!(
            (name(0), name(1), name(2)),
            (b"match".as_slice(), b"match".as_slice(), b"immed".as_slice())
        );
        assert!(at(0) > at(1));
        // None of it was done.
        assert!(session.tables(0).unwrap().is_empty());
        Ok(())
    });
}

#[test]
fn more_errors_than_there_is_room_for() {
    libfw_playground::test(|_| {
        let mut session = session()?;
        let mut batch = batch(&mut session);
        for tag in 0..40_000 {
            batch.delete_rule(subject(tag), b"INPUT", 1 << 40 | tag);
        }
        let refusals = refused(&mut session, &mut batch);
        assert!(refusals.len() >= 1_000, "{}", refusals.len());
        assert!(refusals.iter().enumerate().all(|(index, refusal)| refusal.tag == index as u64));
        // The socket is good for more.
        assert!(session.tables(0).unwrap().is_empty());
        Ok(())
    });
}

#[test]
fn loops_and_depth() {
    libfw_playground::test(|_| {
        let mut session = session()?;
        // One base chain and 16 below it: one too many.
        let names: Vec<_> = (0..17).map(|depth| format!("c{depth}")).collect();
        let jump = |batch: &mut Batch, tag, from: &str, to: &str| {
            batch.rule(subject(tag), from.as_bytes(), Place::Last, |writer| {
                writer.nest(NFTA_RULE_EXPRESSIONS, |list| verdict(list, -3, Some(to.as_bytes())));
            });
        };
        let chained = |session: &mut Session, depth: usize| {
            let mut batch = batch(session);
            for name in &names {
                batch.add_chain(subject(0), name.as_bytes());
            }
            for (index, pair) in names[..depth].windows(2).enumerate() {
                jump(&mut batch, index as u64 + 1, &pair[0], &pair[1]);
            }
            jump(&mut batch, 100, "INPUT", &names[0]);
            batch
        };
        let mut deep = chained(&mut session, 16);
        let refusals = refused(&mut session, &mut deep);
        assert_eq!(refusals.iter().map(|refusal| refusal.errno).collect::<Vec<_>>(), [libc::EMLINK]);
        let mut deep = chained(&mut session, 15);
        session.commit(&mut deep).map_err(io)?;
        // A circle.
        let mut batch = Batch::new(session.generation().unwrap());
        jump(&mut batch, 7, &names[3], &names[1]);
        let refusals = refused(&mut session, &mut batch);
        assert_eq!((refusals[0].tag, refusals[0].errno), (7, libc::EMLINK));
        Ok(())
    });
}

#[test]
fn rules_that_have_changed() {
    libfw_playground::test(|_| {
        let mut session = session()?;
        let mut late = batch(&mut session);
        let mut early = batch(&mut session);
        session.commit(&mut early).map_err(io)?;
        late.rule(subject(0), b"INPUT", Place::Last, |writer| accept(writer, 0));
        assert!(matches!(session.commit(&mut late), Err(Trouble::Stale)));
        assert_eq!(rules(&mut session), []);
        // Nothing to do is nothing to be late with.
        session.commit(&mut Batch::new(0)).map_err(io)
    });
}

/// Rules that take several reads to dump, and a change of their number that leaves it even.
fn two_more(session: &mut Session) {
    loop {
        let mut batch = batch(session);
        batch.rule(subject(0), b"INPUT", Place::First, |writer| accept(writer, 1));
        batch.rule(subject(0), b"INPUT", Place::Last, |writer| accept(writer, 1));
        match session.commit(&mut batch) {
            Err(Trouble::Stale) => {}
            done => return done.unwrap(),
        }
    }
}

fn count(session: &mut Session, mut each: impl FnMut(usize)) -> Result<usize, Trouble> {
    let mut count = 0;
    session.rules(IPV4, b"filter", None, false, |_| {
        count += 1;
        each(count);
        Ok(())
    })?;
    Ok(count)
}

/// A change in the middle of a dump is noticed, and it is read again.
#[test]
fn a_dump_that_is_interrupted() {
    libfw_playground::test(|_| {
        let mut session = session()?;
        let mut other = Session::open(None)?;
        let mut batch = batch(&mut session);
        for _ in 0..2_000 {
            batch.rule(subject(0), b"INPUT", Place::Last, |writer| accept(writer, 0));
        }
        session.commit(&mut batch).map_err(io)?;
        let mut attempts = 0;
        let read = |session: &mut Session| {
            attempts += 1;
            let first = attempts == 1;
            count(session, |count| {
                if first && count == 1 {
                    two_more(&mut other);
                }
            })
        };
        let (seen, generation) = session.consistently(read).map_err(io)?;
        assert_eq!((attempts, seen), (2, 2_002));
        assert_eq!(session.generation().unwrap(), generation);
        Ok(())
    });
}

/// While somebody adds two rules at a time, no reader sees an odd number.
#[test]
fn readers_see_whole_states() {
    libfw_playground::test(|_| {
        let mut session = session()?;
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                let mut session = Session::open(None).unwrap();
                let mut count = 0;
                while !stop.load(Ordering::Relaxed) && count < 500 {
                    two_more(&mut session);
                    count += 2;
                    std::thread::sleep(std::time::Duration::from_millis(2));
                }
                count
            });
            let mut last = 0;
            while !writer.is_finished() {
                let (seen, _) = session.consistently(|session| count(session, |_| ())).unwrap();
                assert!(seen.is_multiple_of(2) && seen >= last, "{seen} after {last}");
                last = seen;
            }
            stop.store(true, Ordering::Relaxed);
            let written = writer.join().unwrap();
            assert_eq!(session.consistently(|session| count(session, |_| ())).unwrap().0, written);
        });
        Ok(())
    });
}

#[test]
fn a_hundred_thousand_rules_at_once() {
    libfw_playground::test(|play| {
        const RULES: u64 = 100_000;
        // For others the send buffer is too small.
        play.as_root()?;
        let mut session = session()?;
        let mut batch = batch(&mut session);
        for tag in 0..RULES {
            batch.rule(subject(tag), b"INPUT", Place::Last, |writer| accept(writer, 0));
        }
        session.commit(&mut batch).map_err(io)?;
        let rules = rules(&mut session);
        assert_eq!(rules.len() as u64, RULES);
        assert!(rules.is_sorted());
        Ok(())
    });
}

#[test]
fn a_rule_that_netlink_cannot_say() {
    libfw_playground::test(|_| {
        let mut session = session()?;
        let mut batch = batch(&mut session);
        batch.rule(subject(7), b"INPUT", Place::Last, |writer| {
            writer.nest(NFTA_RULE_EXPRESSIONS, |list| {
                for _ in 0..33 {
                    matching(list, b"u32", 0, &[0; 1984]);
                }
            });
        });
        let Err(Trouble::Refused(refusals)) = session.commit(&mut batch) else { panic!("it was sent") };
        assert_eq!((refusals.len(), refusals[0].tag, refusals[0].errno), (1, 7, libc::EMSGSIZE));
        Ok(())
    });
}

/// Who has no privilege outside of its own namespace has a send buffer of limited size.
#[test]
fn send_buffers_without_privilege() {
    const INSIDE: &str = "LIBFW_TEST_UNPRIVILEGED";
    if std::env::var_os(INSIDE).is_none() {
        let program = std::env::current_exe().unwrap();
        let name = "kernel::nft::tests::transactions::send_buffers_without_privilege";
        let output = Command::new("unshare")
            .args(["--user", "--map-root-user", "--net", "--"])
            .arg(program)
            .args([name, "--exact", "--nocapture"])
            .env(INSIDE, "1")
            .output();
        return match output {
            Ok(output) if output.status.success() => {}
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
                match said.starts_with("unshare:") {
                    true => libfw_playground::skip(&format!("no unprivileged namespace: {said}")),
                    false => panic!("{said}"),
                }
            }
            Err(error) => libfw_playground::skip(&format!("unshare cannot be run: {error}")),
        };
    }
    let mut session = match session() {
        Ok(session) => session,
        Err(error) => return libfw_playground::skip(&error.to_string()),
    };
    let limit =
        std::fs::read_to_string("/proc/sys/net/core/wmem_max").unwrap().trim().parse::<usize>().unwrap();
    let fill = |session: &mut Session, bytes: usize| {
        let mut batch = batch(session);
        // Rules of about 100 bytes.
        for _ in 0..bytes / 100 {
            batch.rule(subject(0), b"INPUT", Place::Last, |writer| accept(writer, 0));
        }
        batch
    };
    // The kernel doubles the limit, and rules are of 140 bytes.
    let mut large = fill(&mut session, limit * 3);
    assert!(matches!(session.commit(&mut large), Err(Trouble::TooLarge)));
    let mut small = fill(&mut session, limit);
    session.commit(&mut small).unwrap();
    assert!(rules(&mut session).len() > limit / 101);
}
