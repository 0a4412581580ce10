//! What is odd but not wrong.

use std::cell::RefCell;
use std::net::IpAddr;

use super::sample::sampled;
use crate::types::Family;

sampled! {
    /// Something that was read all the same. Its text is libfw's own sentence.
    #[derive(Clone, Debug, PartialEq, thiserror::Error)]
    pub(crate) enum Warning {
        #[error("the range {first}-{last} runs backwards and never matches")]
        ReversedRange { first: IpAddr, last: IpAddr },
        #[error("no interface can be called {name:?}: the kernel takes neither / nor spaces")]
        OddInterface { name: String },
        #[error("cannot open {path}: {reason}")]
        NoLabels { path: &'static str, reason: String },
        #[error("--nflog-range has never worked, use --nflog-size")]
        NflogRange,
        /// `words`: what iptables says about it, from the table of the option.
        #[error("--{option} is an old name that is going out of use")]
        OldName { option: &'static str, words: &'static str },
        #[error(
            "the protocol field of an IPv6 packet is not compared with {protocol}, use the match of that name"
        )]
        HeaderProtocol { protocol: String },
        #[error("a ! stands between an option and its value, expected it before the option")]
        LateBang,
        #[error("--wait-interval does nothing")]
        WaitInterval,
        /// `since_ever`: there is a revision 0.
        #[error("the kernel lacks {extension}")]
        Lacking { extension: &'static str, since_ever: bool },
        #[error("the rules are in place, but every counter of the table starts at zero: {reason}")]
        CountersLost { reason: String },
        #[error("-vv is the same as -v: there is no dump of the table's data")]
        NoDump,
        #[error("--{option} takes {max} bytes, the rest is cut off")]
        Cut { option: &'static str, max: usize },
        #[error("a change that a program made without the lock at the same moment is lost")]
        Overwritten,
        #[error("there is a chain called {name}, so that is where the rule goes, not to the target")]
        ChainNotTarget { name: String },
        #[error("there are legacy tables of {family} as well, whose rules are not shown")]
        LegacyTables { family: Family },
        /// `always`: the rule is for every other interface.
        #[error(
            "table {table}, chain {chain}, rule {rule}: packets have no interface for --{option} here, so the rule {}",
            if *always { "is for all of them" } else { "never matches" }
        )]
        NoInterface { table: String, chain: String, rule: usize, option: &'static str, always: bool },
        #[error(
            "table {table}, chain {chain}, rule {rule}: the {what} {name:?} has the settings of a rule before this one, and the kernel does \
             not look at others"
        )]
        OtherSettings { table: String, chain: String, rule: usize, what: &'static str, name: String },
        /// `note`: what the table has that is not shown, or not as it is.
        #[error("table {table}: {note}")]
        Noted { table: String, note: String },
        #[error(
            "table {table}: {} in the file, and not restored",
            if *rules == 1 { "1 rule that nft made is only a comment".to_owned() }
            else { format!("{rules} rules that nft made are only comments") }
        )]
        LeftOut { table: String, rules: usize },
    }
}

thread_local! {
    /// What was told since somebody listens.
    static TOLD: RefCell<Option<Vec<Warning>>> = const { RefCell::new(None) };
}

/// Who listened before is back when this goes, after a panic too.
struct Before(Option<Vec<Warning>>);

impl Before {
    /// Gives back who listened before, and what was told since.
    fn restore(&mut self) -> Vec<Warning> {
        let before = self.0.take();
        // A thread that ends has nobody left to tell.
        TOLD.try_with(|told| told.replace(before)).ok().flatten().unwrap_or_default()
    }
}

impl Drop for Before {
    fn drop(&mut self) {
        self.restore();
    }
}

/// Does some work, and gives what it told in this thread, where no reader of texts has its own way to pass it on.
pub(crate) fn told_by<T>(work: impl FnOnce() -> T) -> (T, Vec<Warning>) {
    let mut before = Before(TOLD.try_with(|told| told.replace(Some(Vec::new()))).unwrap_or_default());
    let done = work();
    let told = before.restore();
    // Nothing is left to be given back.
    std::mem::forget(before);
    (done, told)
}

/// Tells whoever [listens](told_by).
#[cold]
pub(crate) fn tell(warning: Warning) {
    let _ = TOLD.try_with(|told| {
        if let Some(told) = told.borrow_mut().as_mut() {
            told.push(warning);
        }
    });
}
