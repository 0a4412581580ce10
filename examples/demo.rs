//! A tour with real packets, on two hosts that exist only while it runs. Nobody needs to be root:
//!
//! ```text
//! cargo run --example demo
//! ```
//!
//! It plays the recorded sessions of `tests/transcripts` and compares what `fw` prints with the record, then puts a firewall
//! in front of a server and knocks. Further firewalls, such as those in C and Python, are commands given as arguments.

use std::error::Error;
use std::io::IsTerminal;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, ExitCode};

use libfw_playground::transcript::{Stage, Step, is_as_expected, parse};
use libfw_playground::{Namespace, Playground, traffic};

const SESSIONS: [&str; 4] = [
    include_str!("../tests/transcripts/listing.txt"),
    include_str!("../tests/transcripts/editing.txt"),
    include_str!("../tests/transcripts/chains.txt"),
    include_str!("../tests/transcripts/matching.txt"),
];

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<ExitCode> {
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

    let mut show = Show { colours: std::io::stdout().is_terminal(), surprises: 0 };
    for session in SESSIONS {
        play(&playground, &fw, session, &mut show)?;
    }
    let own = format!("'{}' --apply", firewall.display());
    for command in std::iter::once(own).chain(commands) {
        knock(&playground, &fw, &command, &mut show)?;
    }
    if show.surprises > 0 {
        show.bad(&format!("{} things were not as they should be", show.surprises));
        return Ok(ExitCode::FAILURE);
    }
    show.title("Everything was as it should be");
    Ok(ExitCode::SUCCESS)
}

/// Plays a session on fresh hosts.
fn play(playground: &Playground, fw: &Path, session: &str, show: &mut Show) -> Result<()> {
    let mut stage = Stage::new(playground, fw)?;
    for step in parse(session)? {
        match step {
            Step::Title(title) => show.title(&title),
            Step::Note(note) => show.note(&note),
            Step::Command { host, line, expected, .. } => {
                show.command(&host, &line);
                let printed = stage.perform(&host, &line)?;
                printed.iter().for_each(|line| println!("{line}"));
                if !is_as_expected(&expected, &printed) {
                    show.surprise(&format!("the record has:\n{}", expected.join("\n")));
                }
            }
        }
    }
    Ok(())
}

/// Lets a command put up the firewall of the example `firewall`, and tries what it lets through.
fn knock(playground: &Playground, fw: &Path, command: &str, show: &mut Show) -> Result<()> {
    let [client, server] = playground.pair()?;
    show.title("A firewall");
    show.command("server", command);
    if !server.command("sh").args(["-c", command]).status()?.success() {
        show.surprise("the command failed");
        return Ok(());
    }
    let _listeners = server.run(|| [22, 80, 8080].map(|port| TcpListener::bind(("0.0.0.0", port))));

    let pinged = client.run(|| traffic::ping(Playground::SERVER.into()))?;
    show.check("a ping is answered", pinged);
    show.check("port 80 is open", connects(&client, 80));
    show.check("port 8080 is closed", !connects(&client, 8080));
    let logins = (0..7).filter(|_| connects(&client, 22)).count();
    show.check(&format!("{logins} of 7 hasty connections to port 22 come through"), logins == 5);
    let back = server.run(|| traffic::ping(Playground::CLIENT.into()))?;
    show.check("the server's own ping gets its reply", back);

    show.command("server", "iptables -nvL INPUT");
    server.command(fw).args(["iptables", "-nvL", "INPUT"]).status()?;
    Ok(())
}

fn connects(client: &Namespace, port: u16) -> bool {
    client.run(|| traffic::connect(SocketAddr::from((Playground::SERVER, port)))).is_ok()
}

/// How the tour looks.
struct Show {
    colours: bool,
    surprises: usize,
}

impl Show {
    fn styled(&self, style: &str, text: &str) {
        if self.colours { println!("\x1b[{style}m{text}\x1b[0m") } else { println!("{text}") }
    }

    fn title(&self, title: &str) {
        println!();
        self.styled("1;4", title);
    }

    fn note(&self, note: &str) {
        self.styled("36", note);
    }

    fn command(&self, host: &str, line: &str) {
        self.styled("1", &format!("{host}$ {line}"));
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
