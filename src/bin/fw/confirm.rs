//! A change that waits to be confirmed: the question on the terminal, and `fw confirm`.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Read};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use libfw::{Ending, Error, Kernel, Pending};

use super::output::{complain, say};
use super::store::{failed, failed_at};

/// How often it is looked whether somebody else has confirmed it.
const SLICE: Duration = Duration::from_millis(100);

/// What came of the question.
pub(crate) enum Answer {
    /// Yes.
    Yes,
    /// Something else, which is a no.
    No,
    /// None: somebody else has confirmed it, or the time was over.
    None(Ending),
}

/// Waits for an answer from standard input, or from the terminal where standard input is something else.
pub(crate) fn wait(pending: &mut Pending, used: bool) -> Result<Answer, Error> {
    let said = listen(used);
    loop {
        if let Some(ending) = pending.wait_for(SLICE)? {
            return Ok(Answer::None(ending));
        }
        if let Ok(line) = said.try_recv() {
            let yes = matches!(line.trim_ascii(), b"y" | b"Y" | b"yes");
            return Ok(if yes { Answer::Yes } else { Answer::No });
        }
    }
}

/// The first line that is typed; none if there is an end before it.
fn listen(used: bool) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    let read = move || {
        let terminal = || File::open("/dev/tty").map(|file| Box::new(file) as Box<dyn Read>);
        let stdin = || Box::new(io::stdin()) as Box<dyn Read>;
        let input = if used { terminal().ok() } else { Some(stdin()) };
        let mut line = Vec::new();
        let read = input.map(|input| BufReader::new(input).read_until(b'\n', &mut line));
        if matches!(read, Some(Ok(1..))) {
            let _ = sender.send(line);
        }
    };
    // Without the thread there is still `fw confirm`.
    let _ = thread::Builder::new().spawn(read);
    receiver
}

/// Asks whether a change that was made is to stay; returns the exit status.
pub(crate) fn ask(mut pending: Pending, used: bool, json: bool) -> u8 {
    let seconds = pending.remaining().as_secs_f64().ceil();
    let typed = if used || io::stdin().is_terminal() { "type y, or say " } else { "say " };
    complain(&format!(
        "Within {seconds} seconds {typed}`fw confirm` elsewhere. Otherwise the old rules come back, even if this program ends.\n"
    ));
    let ended = wait(&mut pending, used).and_then(|answer| match answer {
        Answer::Yes => pending.confirm().map(|()| Ending::Confirmed),
        Answer::No => pending.roll_back(),
        Answer::None(ending) => Ok(ending),
    });
    match ended {
        // What was changed is all that is to be read.
        Ok(Ending::Confirmed) if json => 0,
        Ok(Ending::Confirmed) => say("fw apply", "# confirmed\n"),
        Ok(_) => {
            complain("fw apply: not confirmed: the old rules are back\n");
            super::plan::ROLLED_BACK
        }
        Err(error) => failed_at("apply", None, &error, json),
    }
}

const USAGE: &str = "\
usage: fw confirm [--roll-back]
Confirms the change in this network namespace that waits for it (fw apply --confirm), or takes it back now.
";

/// Carries out `fw confirm`.
pub(crate) fn run(words: &[OsString]) -> u8 {
    let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    let (done, said) = match words[..] {
        [] => (Kernel::new().confirm(), "# confirmed\n"),
        ["--roll-back"] => (Kernel::new().roll_back(), "# the old rules are back\n"),
        ["-h" | "--help"] => return say("fw", USAGE),
        _ => {
            complain(USAGE);
            return 1;
        }
    };
    match done {
        Ok(()) => say("fw confirm", said),
        Err(error) => failed("confirm", &error),
    }
}
