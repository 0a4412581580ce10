//! Programs that are killed while they write.

use std::fmt::Write as _;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use libfw::{Family, Kernel};
use libfw_playground::{Namespace, Playground, test};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use crate::host::Place;
use crate::random::Random;
use crate::seeds::{Named, kernels, seeds};

const FW: &str = env!("CARGO_BIN_EXE_fw");

/// Programs that write rules, in a namespace of their own.
struct Killing<'a> {
    place: &'a Namespace,
    backend: &'static str,
    kernel: Kernel,
    files: [[String; 2]; 2],
    /// What each of the two pairs of files says.
    states: [Vec<Vec<String>>; 2],
    /// How long it takes when nobody is killed.
    length: Duration,
}

/// The tables of the files, in their order.
const WRITTEN: [Place; 3] = [(Family::Ipv4, "mangle"), (Family::Ipv4, "filter"), (Family::Ipv6, "filter")];

impl<'a> Killing<'a> {
    fn new(
        place: &'a Namespace,
        (backend, kernel): Named,
        folder: &std::path::Path,
    ) -> io::Result<Killing<'a>> {
        let (mut files, mut states) = (<[[String; 2]; 2]>::default(), <[Vec<Vec<String>>; 2]>::default());
        for (number, (files, states)) in files.iter_mut().zip(&mut states).enumerate() {
            for (family, file) in Family::ALL.into_iter().zip(files) {
                let mut text = String::new();
                for (_, table) in WRITTEN.iter().filter(|(known, _)| *known == family) {
                    // Some rules are in both states.
                    let rules: Vec<String> = (0..300)
                        .map(|rule| rule + rule % 3 / 2 * number * 1000)
                        .map(|port| format!("OUTPUT -p tcp -m tcp --dport {port} -j ACCEPT"))
                        .collect();
                    let _ = writeln!(text, "*{table}");
                    text.extend(rules.iter().map(|rule| format!("-A {rule}\n")));
                    text.push_str("COMMIT\n");
                    states.push(rules);
                }
                let path = folder.join(format!("{number}-{family}"));
                std::fs::write(&path, text)?;
                *file = path.display().to_string();
            }
        }
        let mut killing = Killing { place, backend, kernel, files, states, length: Duration::ZERO };
        for number in [0, 1, 0] {
            let begin = Instant::now();
            assert!(killing.command(number, &[]).status()?.success());
            assert_eq!(killing.there(), killing.states[number]);
            killing.length = begin.elapsed();
        }
        Ok(killing)
    }

    fn fw(&self) -> std::process::Command {
        let mut command = self.place.command(FW);
        command.env("LIBFW_BACKEND", self.backend);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        command
    }

    fn command(&self, number: usize, more: &[&str]) -> std::process::Command {
        let mut command = self.fw();
        command
            .arg("apply")
            .args(more)
            .arg("-4")
            .arg(&self.files[number][0])
            .arg("-6")
            .arg(&self.files[number][1]);
        command
    }

    /// The rules of each table.
    fn there(&self) -> Vec<Vec<String>> {
        let read = |(family, name)| {
            let table = self.kernel.open(family, name).expect("the table");
            let rules = |chain: libfw::Chain<'_>| -> Vec<String> {
                chain.rules().map(|rule| format!("{} {rule}", chain.name())).collect()
            };
            table.chains().flat_map(rules).collect()
        };
        self.place.run(|| WRITTEN.into_iter().map(read).collect())
    }

    /// Starts it and kills it after a while.
    fn kill(&self, random: &mut Random, mut command: std::process::Command) -> io::Result<()> {
        let mut child = command.spawn()?;
        let micros = self.length.as_micros() as usize;
        std::thread::sleep(Duration::from_micros((micros / 4 + random.below(micros)) as u64));
        let pid = Pid::from_raw(child.id() as i32);
        let signal = *random.pick(&[Signal::SIGKILL, Signal::SIGKILL, Signal::SIGTERM, Signal::SIGHUP]);
        // It may have ended already.
        let _ = if random.once_in(2) { kill(pid, signal) } else { killpg(pid, signal) };
        let _ = kill(pid, Signal::SIGKILL);
        child.wait().map(drop)
    }
}

fn killed(
    kernel: Named,
    work: impl Fn(&mut Killing<'_>, &mut Random) -> io::Result<()>,
    play: &Playground,
    rounds: u64,
) -> io::Result<()> {
    let name = format!("becomes-{}-{rounds}-{}", kernel.0, std::process::id());
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder)?;
    let place = play.namespace()?;
    let mut killing = Killing::new(&place, kernel, &folder)?;
    for seed in seeds(rounds, 2) {
        work(&mut killing, &mut Random::new(seed))?;
    }
    std::fs::remove_dir_all(folder)
}

#[test]
fn the_old_rules_or_the_new_ones() {
    test(|play| {
        let done = play.together(kernels()?, |kernel| {
            let atomic = kernel.0 == "nft";
            let work = |killing: &mut Killing<'_>, random: &mut Random| {
                let before = killing.there();
                let to = usize::from(before == killing.states[0]);
                killing.kill(random, killing.command(to, &[]))?;
                let now = killing.there();
                let new = &killing.states[to];
                // Legacy tables are written one after the other.
                let written = now.iter().zip(new).take_while(|(now, new)| now == new).count();
                assert!(now[written..] == before[written..], "{written} are new, and the others are not old");
                assert!(!atomic || written == 0 || now == *new, "{written}");
                if now != before && now != *new {
                    assert!(killing.command(to, &[]).status()?.success());
                }
                Ok(())
            };
            killed(kernel, work, play, 25)
        });
        done.map(drop)
    });
}

#[test]
fn what_nobody_confirms_goes_again_whenever_it_is_killed() {
    test(|play| {
        let done = play.together(kernels()?, |kernel| {
            let work = |killing: &mut Killing<'_>, random: &mut Random| {
                let old = killing.there();
                assert_eq!(old, killing.states[0]);
                let theirs = ["iptables", "-w", "-I", "OUTPUT", "-o", "theirs"];
                let early = random.once_in(2);
                let mut other = early.then(|| killing.fw().args(theirs).spawn()).transpose()?;
                killing.kill(random, killing.command(1, &["--confirm", "1"]))?;
                match &mut other {
                    Some(other) => assert!(other.wait()?.success()),
                    None => assert!(killing.fw().args(theirs).status()?.success()),
                }
                let mut expected = old;
                expected[1].insert(0, "OUTPUT -o theirs".into());
                let begin = Instant::now();
                while killing.there() != expected {
                    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", killing.there());
                    std::thread::sleep(Duration::from_millis(50));
                }
                assert!(killing.fw().args(["iptables", "-w", "-D", "OUTPUT", "1"]).status()?.success());
                Ok(())
            };
            killed(kernel, work, play, 4)
        });
        done.map(drop)
    });
}
