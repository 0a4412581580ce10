//! A small firewall for a server, built from typed parts.
//!
//! It replaces the rules of INPUT in the network namespace that it runs in, so it wants to be told `--apply`, and prints
//! the table as a save file. To try it where it harms nobody:
//!
//! ```text
//! cargo build --example firewall && examples/safely target/debug/examples/firewall --apply
//! ```
//!
//! The example `demo` runs it in front of real packets.

use std::error::Error;
use std::io;
use std::process::ExitCode;

use libfw::ext::values::Rate;
use libfw::matches::{Conntrack, CtState, HashMode, HashRate, Hashlimit, Icmp, Limit, Multiport, Tcp};
use libfw::{Family, Interface, Policy, Protocol, Rule, Table, Verdict, iptables};

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() != Some("--apply") {
        eprintln!(
            "error: this replaces the firewall of the network it runs in; say --apply if that is meant"
        );
        return ExitCode::FAILURE;
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A sentence that says what was wrong, and where.
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    // One commit: no packet ever meets half a firewall.
    Table::update(Family::Ipv4, "filter", set_up)?;
    iptables::save(&Table::open(Family::Ipv4, "filter")?, false, &mut io::stdout())?;
    Ok(())
}

fn set_up(table: &mut Table) -> libfw::Result<()> {
    let mut input = table.chain_mut("INPUT")?;
    input.flush();
    input.set_policy(Policy::Drop, None)?;
    input.append(Rule::builder().input(Interface::new("lo")?).target(Verdict::Accept))?;
    input.append(
        Rule::builder()
            .matching(Conntrack::new().state(CtState::RELATED | CtState::ESTABLISHED))
            .target(Verdict::Accept),
    )?;
    input.append(
        Rule::builder()
            .protocol(Protocol::ICMP)
            .matching(Icmp::new().icmp_type(8))
            .matching(Limit::new().rate(Rate::per_second(5)))
            .target(Verdict::Accept),
    )?;
    input.append(
        Rule::builder()
            .protocol(Protocol::TCP)
            .matching(Tcp::new().dport(22))
            .matching(
                Hashlimit::new().upto(HashRate::per_minute(10)).burst(5).mode(HashMode::SRCIP).name("ssh"),
            )
            .target(Verdict::Accept),
    )?;
    input.append(
        Rule::builder()
            .protocol(Protocol::TCP)
            .matching(Multiport::new().dports([80, 443]))
            .target(Verdict::Accept),
    )?;
    // Text does as well, for those who know iptables by heart.
    input.append(r#"-j LOG --log-prefix "dropped: ""#)
}
