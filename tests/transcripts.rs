//! Recorded sessions of iptables, played through `fw` on two hosts with real packets between them.

use std::io;

use libfw::{ErrorKind, Family, Kernel, Table};
use libfw_playground::transcript::{Stage, Step, is_as_expected, parse};
use libfw_playground::{Playground, test};

const FW: &str = env!("CARGO_BIN_EXE_fw");

/// Plays a session on fresh hosts, and reports every command that printed something else.
fn play(playground: &Playground, text: &str) -> io::Result<()> {
    needs_tables(playground)?;
    let steps = parse(text).expect("a readable transcript");
    let mut stage = Stage::new(playground, FW)?;
    let mut wrong = String::new();
    for step in &steps {
        if matches!(step, Step::Title(title) if title.ends_with(", on fresh hosts")) {
            stage = Stage::new(playground, FW)?;
        }
        let Step::Command { host, line, expected, number } = step else { continue };
        let printed = stage.perform(host, line).unwrap_or_else(|error| vec![format!("[{error}]")]);
        if !is_as_expected(expected, &printed) {
            let (expected, printed) = (expected.join("\n"), printed.join("\n"));
            wrong += &format!("line {number}: {line}\nexpected:\n{expected}\nprinted:\n{printed}\n\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    Ok(())
}

/// Skips the test on a kernel without the tables of iptables.
fn needs_tables(playground: &Playground) -> io::Result<()> {
    let table = playground.namespace()?.run(|| Table::open(Family::Ipv4, "filter"));
    match table {
        Err(error) if error.kind() == ErrorKind::NoSuchTable => {
            Err(io::Error::new(io::ErrorKind::Unsupported, error))
        }
        _ => Ok(()),
    }
}

#[test]
fn listing() {
    test(|playground| play(playground, include_str!("transcripts/listing.txt")));
}

#[test]
fn editing() {
    test(|playground| play(playground, include_str!("transcripts/editing.txt")));
}

#[test]
fn chains() {
    test(|playground| play(playground, include_str!("transcripts/chains.txt")));
}

#[test]
fn matching() {
    test(|playground| play(playground, include_str!("transcripts/matching.txt")));
}

/// Recorded of iptables-nft 1.8.11.
#[test]
fn nft() {
    test(|playground| {
        needs(playground, &Kernel::nft())?;
        play(playground, include_str!("transcripts/nft.txt"))
    });
}

/// Recorded of arptables 1.8.11.
#[test]
fn arp() {
    test(|playground| {
        needs(playground, &Kernel::nft())?;
        play(playground, include_str!("transcripts/arp.txt"))
    });
}

#[test]
fn beside() {
    test(|playground| {
        needs(playground, &Kernel::legacy())?;
        needs(playground, &Kernel::nft())?;
        play(playground, include_str!("transcripts/beside.txt"))
    });
}

/// Skips the test on a kernel without this backend.
fn needs(playground: &Playground, kernel: &Kernel) -> io::Result<()> {
    match playground.namespace()?.run(|| kernel.open(Family::Ipv4, "filter")) {
        Err(error) if error.kind() == ErrorKind::BackendAbsent => {
            Err(io::Error::new(io::ErrorKind::Unsupported, error))
        }
        _ => Ok(()),
    }
}

#[test]
fn demo() {
    test(|playground| play(playground, include_str!("transcripts/demo.txt")));
}
