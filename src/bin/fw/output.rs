//! What is said to standard output and standard error.

use std::io::{self, ErrorKind, Write};

use libfw::Table;

/// How programs that die of SIGPIPE end, as a shell tells it.
const SIGPIPE_STATUS: u8 = 128 + 13;

/// Does some work, and says what is odd but not wrong about its rules.
pub(crate) fn with_warnings<T>(work: impl FnOnce() -> T) -> T {
    let (done, warnings) = libfw::iptables::with_warnings(work);
    warnings.for_each(|warning| complain(&format!("{warning}\n")));
    done
}

/// Says before a table is saved what of it is not, in the output and to the user.
pub(crate) fn remark(table: &Table, out: &mut dyn Write) {
    let (hidden, warning) = libfw::iptables::remarks(table);
    // What cannot be written is told at the end.
    let _ = out.write_all(hidden.unwrap_or_default().as_bytes());
    if let Some(warning) = warning {
        complain(&format!("{warning}\n"));
    }
}

/// Standard output. A reader that leaves, or a full disk, does not stop a command: what it does to the tables has nothing to
/// do with who listens. The status at the end tells.
pub(crate) struct Output<W> {
    out: W,
    failed: Option<io::Error>,
}

impl Output<io::StdoutLock<'static>> {
    pub(crate) fn stdout() -> Output<io::StdoutLock<'static>> {
        Output::new(io::stdout().lock())
    }
}

impl<W: Write> Output<W> {
    pub(crate) fn new(out: W) -> Output<W> {
        Output { out, failed: None }
    }

    /// Whether nobody will see what is written from now on.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    /// The exit status of a command that did what it should: 0, unless its output could not be written. That a reader left
    /// is no error: `iptables -S | grep -q` found what it looked for.
    pub(crate) fn end(mut self, program: &str) -> u8 {
        let _ = self.flush();
        match self.failed {
            None => 0,
            Some(error) if error.kind() == ErrorKind::BrokenPipe => 0,
            Some(error) => {
                complain(&format!("{program}: cannot write the output: {}\n", super::reason(&error)));
                1
            }
        }
    }

    /// The same of a command that is nothing but its output, which must not be taken for whole.
    pub(crate) fn end_whole(mut self, program: &str) -> u8 {
        let _ = self.flush();
        let left = self.failed.as_ref().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe);
        if left { SIGPIPE_STATUS } else { self.end(program) }
    }
}

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.failed.is_some() {
            return Ok(bytes.len());
        }
        match self.out.write(bytes) {
            Ok(0) if !bytes.is_empty() => self.failed = Some(ErrorKind::WriteZero.into()),
            Ok(written) => return Ok(written),
            Err(error) if error.kind() == ErrorKind::Interrupted => return Err(error),
            Err(error) => self.failed = Some(error),
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.failed.is_none() {
            self.failed = self.out.flush().err();
        }
        Ok(())
    }
}

/// Says something and ends well.
pub(crate) fn say(program: &str, text: &str) -> u8 {
    let mut out = Output::stdout();
    let _ = out.write_all(text.as_bytes());
    out.end(program)
}

/// Says something to standard error, where it does not matter who listens.
pub(crate) fn complain(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes so many bytes, then fails.
    struct Failing(usize, ErrorKind);

    impl Write for Failing {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            match self.0 {
                0 => Err(self.1.into()),
                left => {
                    let written = left.min(bytes.len());
                    self.0 -= written;
                    Ok(written)
                }
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn status_of_an_output() {
        let table = [
            (100, ErrorKind::BrokenPipe, 0, 0),
            (10, ErrorKind::BrokenPipe, 0, SIGPIPE_STATUS),
            (10, ErrorKind::StorageFull, 1, 1),
        ];
        for (room, kind, status, whole) in table {
            let ends: [fn(Output<Failing>) -> u8; 2] = [|out| out.end("x"), |out| out.end_whole("x")];
            for (end, expected) in ends.into_iter().zip([status, whole]) {
                let mut out = Output::new(Failing(room, kind));
                assert!(out.write_all(&[b'x'; 30]).is_ok());
                assert!(out.write_all(&[b'x'; 30]).is_ok());
                assert_eq!(out.has_failed(), room < 60);
                assert_eq!(end(out), expected, "{kind:?}");
            }
        }
    }
}
