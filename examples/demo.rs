//! A tour with real packets, on two hosts that exist only while it runs. Nobody needs to be root:
//!
//! ```text
//! cargo run --example demo
//! ```
//!
//! On a terminal it goes at the pace of a reader, otherwise at once. Firewalls in other languages are pairs of a language and
//! a command given as arguments, such as `C target/firewall`. It fails if anything is not as it should be.

use std::error::Error;
use std::io::IsTerminal;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use libfw::{Family, Table};
use libfw_playground::transcript::{Stage, Step, is_as_expected, parse};
use libfw_playground::{Namespace, Playground, traffic};

const SESSION: &str = include_str!("../tests/transcripts/demo.txt");

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    match tour() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The number of surprises.
fn tour() -> Result<usize> {
    let commands: Vec<String> = std::env::args().skip(1).collect();
    let firewall = std::env::current_exe()?.with_file_name("firewall");
    let fw = firewall.with_file_name("../fw");
    // `cargo run --example` builds nothing but the example.
    if let Some(cargo) = std::env::var_os("CARGO") {
        let built =
            Command::new(cargo).args(["build", "--quiet", "--bin=fw", "--example=firewall"]).status()?;
        if !built.success() {
            return Err("cannot build fw and the firewall".into());
        }
    }
    let playground = Playground::enter()
        .map_err(|error| format!("this machine does not permit private namespaces: {error}"))?;

    let mut show = Show { terminal: std::io::stdout().is_terminal(), surprises: 0 };
    show.title("Two hosts that exist only while this runs");
    show.note(&format!(
        "A server at {} and a client at {}, with a wire between them. Nothing on this machine changes.",
        Playground::SERVER,
        Playground::CLIENT
    ));
    play(&playground, &fw, &mut show)?;
    knock(&playground, &fw, "Rust", &format!("'{}' --apply", firewall.display()), &mut show)?;
    for pair in commands.chunks(2) {
        let [language, command] = pair else { return Err("a language has no command".into()) };
        knock(&playground, &fw, language, command, &mut show)?;
    }
    explain(&playground, &mut show)?;
    hurry(&playground, &fw, &mut show)?;

    show.title(&match show.surprises {
        0 => "Everything was as it should be".to_owned(),
        surprises => format!("{surprises} things were not as they should be"),
    });
    Ok(show.surprises)
}

/// Plays the recorded session on fresh hosts.
fn play(playground: &Playground, fw: &Path, show: &mut Show) -> Result<()> {
    let mut stage = Stage::new(playground, fw)?;
    for step in parse(SESSION)? {
        match step {
            Step::Title(title) => show.title(&title),
            Step::Note(note) => show.note(&note),
            Step::Command { host, line, expected, .. } => {
                show.command(&host, &line);
                let printed = stage.perform(&host, &line)?;
                show.output(&printed.join("\n"));
                if !is_as_expected(&expected, &printed) {
                    show.surprise(&format!("the record has:\n{}", expected.join("\n")));
                }
            }
        }
    }
    Ok(())
}

/// Lets a command put up the firewall of the example `firewall`, and tries what it lets through.
fn knock(playground: &Playground, fw: &Path, language: &str, command: &str, show: &mut Show) -> Result<()> {
    let [client, server] = playground.pair()?;
    show.title(&format!("{language}: a firewall for the server, in one commit"));
    show.command("server", command);
    let output = server.command("sh").args(["-c", command]).output()?;
    show.output(&String::from_utf8_lossy(&[output.stdout, output.stderr].concat()));
    if !output.status.success() {
        show.surprise("the command failed");
        return Ok(());
    }
    let _listeners = server.run(|| [22, 80, 8080].map(|port| TcpListener::bind(("0.0.0.0", port))));

    show.note("The client knocks:");
    let pinged = client.run(|| traffic::ping(Playground::SERVER.into()))?;
    show.check("a ping is answered", pinged);
    show.check("port 80 is open", connects(&client, 80));
    show.check("port 8080 is closed", !connects(&client, 8080));
    let logins = (0..7).filter(|_| connects(&client, 22)).count();
    show.check(&format!("{logins} of 7 hasty connections to port 22 come through"), logins == 5);
    let back = server.run(|| traffic::ping(Playground::CLIENT.into()))?;
    show.check("the server's own ping gets its reply", back);

    show.command("server", "fw iptables -nvL INPUT");
    let listed = server.command(fw).args(["iptables", "-nvL", "INPUT"]).output()?;
    show.output(&String::from_utf8_lossy(&listed.stdout));
    Ok(())
}

fn connects(client: &Namespace, port: u16) -> bool {
    client.run(|| traffic::connect(SocketAddr::from((Playground::SERVER, port)))).is_ok()
}

/// Makes mistakes.
fn explain(playground: &Playground, show: &mut Show) -> Result<()> {
    let server = playground.namespace()?;
    show.title("Rust: mistakes that explain themselves");
    let edits: [(&str, &str, &[&str]); 3] = [
        ("a word that is not a port", "INPUT", &["-p tcp --dport htpt -j ACCEPT"]),
        ("a jump to a chain that there is not", "INPUT", &["-p tcp --dport 80 -j ACCEPT", "-j webserver"]),
        ("a target where the kernel does not take it", "INPUT", &["-j MASQUERADE"]),
    ];
    for (what, chain, rules) in edits {
        show.note(&format!("{what}:"));
        rules.iter().for_each(|rule| show.output(&format!("input.append({rule:?})")));
        let edit = |table: &mut Table| {
            let mut chain = table.chain_mut(chain)?;
            rules.iter().try_for_each(|rule| chain.append(*rule))
        };
        match server.run(|| Table::update(Family::Ipv4, "filter", edit)) {
            Ok(_) => show.surprise("it was accepted"),
            Err(error) => show.bad(&format!("error: {error}")),
        }
    }
    let table = server.run(|| Table::open(Family::Ipv4, "filter"))?;
    let rules: usize = table.chains().map(|chain| chain.len()).sum();
    show.check("nothing of it is in the kernel", rules == 0);
    Ok(())
}

/// Many edits at once, under fire.
fn hurry(playground: &Playground, fw: &Path, show: &mut Show) -> Result<()> {
    const BANNED: u32 = 20_000;
    const SINGLE: u32 = 100;
    let [client, server] = playground.pair()?;
    show.title("Rust: many edits, one commit");
    show.note(&format!(
        "The client pings all the time, while the server bans {BANNED} addresses, and then takes every second ban back."
    ));
    let ban = |number: u32| format!("-s 10.{}.{}.1 -j DROP", number / 256, number % 256);
    let done = AtomicBool::new(false);
    let (pings, times) = std::thread::scope(|scope| {
        let pings = scope.spawn(|| {
            client.run(|| {
                let mut answered = Vec::new();
                while !done.load(Ordering::Relaxed) {
                    answered.push(traffic::ping(Playground::SERVER.into()).unwrap_or(false));
                }
                answered
            })
        });
        let times = server.run(|| -> libfw::Result<_> {
            let start = Instant::now();
            Table::update(Family::Ipv4, "filter", |table| {
                let mut input = table.chain_mut("INPUT")?;
                (0..BANNED).try_for_each(|number| input.append(ban(number).as_str()))
            })?;
            let banned = start.elapsed();
            let start = Instant::now();
            Table::update(Family::Ipv4, "filter", |table| {
                let mut input = table.chain_mut("INPUT")?;
                (0..BANNED).step_by(2).try_for_each(|number| input.delete(ban(number).as_str()).map(drop))
            })?;
            Ok((banned, start.elapsed()))
        });
        done.store(true, Ordering::Relaxed);
        (pings.join().unwrap_or_default(), times)
    });
    let (banned, freed) = times?;
    let seconds = |time: Duration| format!("{:.0} ms", time.as_secs_f64() * 1000.0);
    show.output(&format!("{BANNED} rules from text into the kernel: {}", seconds(banned)));
    show.output(&format!("{} rules out of it, the others in place: {}", BANNED / 2, seconds(freed)));
    let answered = pings.iter().filter(|answered| **answered).count();
    show.check(
        &format!("{answered} of {} pings were answered meanwhile", pings.len()),
        answered == pings.len(),
    );
    let table = server.run(|| Table::open(Family::Ipv4, "filter"))?;
    let left = table.chain("INPUT").map_or(0, |chain| chain.len());
    show.check(&format!("{left} bans are left"), left == BANNED as usize / 2);

    show.note("A program and a commit for each rule, as scripts do it, for comparison:");
    let start = Instant::now();
    for number in 0..SINGLE {
        let rule = ban(number);
        let args = ["iptables", "-A", "FORWARD"].into_iter().chain(rule.split(' '));
        if !server.command(fw).args(args).status()?.success() {
            show.surprise("fw failed");
        }
    }
    show.output(&format!("{SINGLE} rules: {}", seconds(start.elapsed())));
    Ok(())
}

/// How the tour looks.
struct Show {
    terminal: bool,
    surprises: usize,
}

impl Show {
    /// Time to read.
    fn pause(&self, text: &str) {
        if self.terminal {
            std::thread::sleep(
                Duration::from_millis(300) + Duration::from_millis(12) * text.len().min(200) as u32,
            );
        }
    }

    fn styled(&self, style: &str, text: &str) {
        if self.terminal {
            println!("\x1b[{style}m{text}\x1b[0m")
        } else {
            println!("{text}")
        }
        self.pause(text);
    }

    fn title(&self, title: &str) {
        println!();
        self.styled("1;7", &format!(" {title} "));
    }

    fn note(&self, note: &str) {
        self.styled("36", &format!("# {note}"));
    }

    fn command(&self, host: &str, line: &str) {
        self.styled("1", &format!("{host}$ {line}"));
    }

    fn output(&self, text: &str) {
        let text = text.trim_end();
        if !text.is_empty() {
            println!("{text}");
            self.pause(text);
        }
    }

    fn bad(&self, text: &str) {
        self.styled("31", text);
    }

    fn surprise(&mut self, text: &str) {
        self.surprises += 1;
        self.bad(text);
    }

    fn check(&mut self, what: &str, holds: bool) {
        if holds { self.styled("32", &format!("yes: {what}")) } else { self.surprise(&format!("no: {what}")) }
    }
}
