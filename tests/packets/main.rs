//! What rules do to real packets: each test sees them pass, fail, count or change.

mod changes;
mod connections;
mod contents;
mod headers;
mod hosts;
mod lab;
mod links;
mod meaning;
mod nat;
mod rates;
mod sets;
mod verdicts;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};

use libfw::{ErrorKind, Family, Table};
use libfw_playground::{Namespace, Playground, traffic};

const CLIENT: Ipv4Addr = Playground::CLIENT;
const SERVER: Ipv4Addr = Playground::SERVER;

/// Commits rules on a host; each is the name of a chain and the rest of what follows `-A`.
fn rules(host: &Namespace, family: Family, table: &str, rules: &[&str]) -> io::Result<()> {
    let edit = |table: &mut Table| {
        rules.iter().try_for_each(|line| {
            let (chain, rule) = line.split_once(' ').unwrap_or((line, ""));
            table.chain_mut(chain)?.append(rule)
        })
    };
    host.run(|| Table::update(family, table, edit)).map(drop).map_err(refused)
}

/// Rules of the table filter for IPv4.
fn filter(host: &Namespace, lines: &[&str]) -> io::Result<()> {
    rules(host, Family::Ipv4, "filter", lines)
}

/// What the kernel does not have, it cannot be tested for.
fn refused(error: libfw::Error) -> io::Error {
    let kind = match error.kind() {
        ErrorKind::ExtensionUnavailable | ErrorKind::NoSuchTable => io::ErrorKind::Unsupported,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, error)
}

/// The packets that a rule of INPUT has counted.
fn counted(host: &Namespace, rule: usize) -> io::Result<u64> {
    let table = host.run(|| Table::open(Family::Ipv4, "filter")).map_err(refused)?;
    let rule = table.chain("INPUT").and_then(|chain| chain.rule(rule)).expect("a rule");
    Ok(rule.counters().packets)
}

fn pings(from: &Namespace, to: impl Into<IpAddr>) -> io::Result<bool> {
    let to = to.into();
    from.run(|| traffic::ping(to))
}

/// Whether a TCP connection comes about.
fn connects(from: &Namespace, to: Ipv4Addr, port: u16) -> bool {
    from.run(|| traffic::connect((to, port))).is_ok()
}

fn listen(host: &Namespace, port: u16) -> io::Result<TcpListener> {
    host.run(|| TcpListener::bind(("0.0.0.0", port)))
}

/// Sends datagrams from an address of a host to a receiver.
fn send(host: &Namespace, from: Ipv4Addr, port: u16, data: &[&[u8]]) -> io::Result<()> {
    let sender = host.run(|| traffic::udp((from, 0)))?;
    data.iter().try_for_each(|data| sender.send_to(data, (SERVER, port)).map(drop))
}

/// Accepts a connection, and returns the address it seems to come from.
fn peer(listener: &TcpListener) -> io::Result<SocketAddr> {
    listener.accept().map(|(_, peer)| peer)
}
