//! What an error says, part by part.

use std::ops::Range;

use super::{Error, ErrorKind, Failure, Holder, Mistake};
use crate::types::{BackendKind, Family};

/// The family that what is refused would be right for, where that is another one, for who knows how one's language says it.
#[must_use]
pub fn meant_family(error: &Error) -> Option<Family> {
    error.0.mistake.meant_family()
}

impl Error {
    /// What went wrong, to match on.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let error = Rule::parse(Family::Ipv4, "-p tcp --dport 70000").unwrap_err();
    /// assert_eq!(error.kind(), libfw::ErrorKind::InvalidValue);
    /// ```
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.mistake.kind()
    }

    /// The message without its context.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let error = Rule::parse(Family::Ipv4, "-p tcp --dport 70000").unwrap_err();
    /// println!("{}", error.message());
    /// ```
    #[must_use]
    pub fn message(&self) -> &str {
        self.0.message.get_or_init(|| self.sentence())
    }

    /// The address family concerned.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let error = Rule::parse(Family::Ipv4, "-6").unwrap_err();
    /// assert_eq!(error.family(), None);
    /// ```
    #[must_use]
    pub fn family(&self) -> Option<Family> {
        self.0.context.family
    }

    /// The table concerned.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let mut table = MemoryKernel::new().kernel().open(Family::Ipv4, "filter")?;
    /// let error = table.chain_mut("INPUT")?.append("-p tcp -j nowhere").unwrap_err();
    /// assert_eq!(error.table(), Some("filter"));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn table(&self) -> Option<&str> {
        self.0.context.table.as_deref()
    }

    /// The chain concerned; for a rule, the chain that it stands in or was to be added to. A missing chain that the rule jumps to
    /// is the [`token`](Error::token).
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let mut table = MemoryKernel::new().kernel().open(Family::Ipv4, "filter")?;
    /// let error = table.chain_mut("web").unwrap_err();
    /// assert_eq!(error.chain(), Some("web"));
    /// let error = table.chain_mut("INPUT")?.append("-j web").unwrap_err();
    /// assert_eq!((error.chain(), error.token()), (Some("INPUT"), Some("web")));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn chain(&self) -> Option<&str> {
        self.0.context.chain.as_deref()
    }

    /// The index of the rule in its chain, counted from 0.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let mut table = MemoryKernel::new().kernel().open(Family::Ipv4, "filter")?;
    /// let rules = ["-p tcp -j ACCEPT", "-p tcp --dport 70000 -j ACCEPT"];
    /// let error = table.chain_mut("INPUT")?.extend(rules).unwrap_err();
    /// assert_eq!(error.rule(), Some(1));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn rule(&self) -> Option<usize> {
        self.0.context.rule
    }

    /// The match or target concerned.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let error = Rule::parse(Family::Ipv4, "-p tcp --dport 70000").unwrap_err();
    /// assert_eq!(error.extension(), Some("tcp"));
    /// ```
    #[must_use]
    pub fn extension(&self) -> Option<&str> {
        self.0.context.extension.as_deref()
    }

    /// The option concerned, without dashes.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let error = Rule::parse(Family::Ipv4, "-p tcp --dport 70000").unwrap_err();
    /// assert_eq!(error.option(), Some("dport"));
    /// ```
    #[must_use]
    pub fn option(&self) -> Option<&str> {
        self.0.context.option.as_deref().or(self.mistake().option())
    }

    /// The word that is wrong: a value, or what of a text is [marked](Error::marked), such as the name of a match that is not for
    /// this table.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel, Rule};
    ///
    /// let error = Rule::parse(Family::Ipv4, "-p tcp --dport 70000").unwrap_err();
    /// assert_eq!(error.token(), Some("70000"));
    ///
    /// let mut table = MemoryKernel::new().kernel().open(Family::Ipv4, "filter")?;
    /// let error = table.chain_mut("INPUT")?.append("-j MASQUERADE").unwrap_err();
    /// assert_eq!(error.token(), Some("MASQUERADE"));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        let marked = || self.rule_text()?.get(self.span()?).filter(|marked| !marked.is_empty());
        self.said_token().or_else(marked)
    }

    /// The word that whoever refused it said.
    pub(crate) fn said_token(&self) -> Option<&str> {
        self.0.context.token.as_deref()
    }

    /// The line of a save stream, counted from 1.
    ///
    /// ```
    /// use libfw::iptables::{RestoreOptions, restore};
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// let file = "*filter\n-A INPUT --bogus\nCOMMIT\n";
    /// let options = RestoreOptions::new();
    /// let done = restore(&kernel, Family::Ipv4, file.as_bytes(), &options);
    /// assert_eq!(done.unwrap_err().line(), Some(2));
    /// ```
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.0.context.line
    }

    /// The column in bytes at which the offending token starts, counted from 1.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let error = Rule::parse(Family::Ipv4, "-p tcp --dport 70000").unwrap_err();
    /// assert_eq!(error.column(), Some(16));
    /// ```
    #[must_use]
    pub fn column(&self) -> Option<usize> {
        self.0.context.column
    }

    /// The bytes of [`rule_text`](Error::rule_text) that are wrong: the word at [`column`](Error::column), or of a list the
    /// element.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let text = "-p tcp -m multiport --dports 22,8080,99999 -j ACCEPT";
    /// let error = Rule::parse(Family::Ipv4, text).unwrap_err();
    /// assert_eq!(&text[error.span().unwrap()], "99999");
    /// ```
    #[must_use]
    pub fn span(&self) -> Option<Range<usize>> {
        let (text, start) = (self.rule_text()?, self.column()? - 1);
        let (before, behind) = text.split_at_checked(start)?;
        let word = match before.ends_with('"') {
            // Up to the quote that ends it.
            true => behind.split('"').next(),
            false => behind.split([' ', '\t']).next(),
        };
        let marked = self.said_token().filter(|token| behind.starts_with(token)).or(word);
        Some(start..start + marked.map_or(0, str::len))
    }

    /// The text that was read: a line of a save file, or the options of a rule. If there was none, or it is no longer known, the
    /// rule as it is printed. [`column`](Error::column) counts in it.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let error = Rule::parse(Family::Ipv4, "-p tcp --dport 70000").unwrap_err();
    /// assert_eq!(error.rule_text(), Some("-p tcp --dport 70000"));
    /// ```
    #[must_use]
    pub fn rule_text(&self) -> Option<&str> {
        self.0.context.text.as_deref()
    }

    /// The path to what is wrong in a text of JSON, such as `tables[0].chains[2].rules[5].source`.
    ///
    /// ```
    /// let error = libfw::Rule::from_json(r#"{"family": "ipv4", "source": "nowhere"}"#).unwrap_err();
    /// assert_eq!(error.path(), Some("source"));
    /// ```
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.0.context.path.as_deref()
    }

    /// The text with marks below the word that is wrong: two lines for people.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let error = Rule::parse(Family::Ipv4, "-s 10.0.0.0/33 -j ACCEPT").unwrap_err();
    /// assert_eq!(error.marked().unwrap(), "-s 10.0.0.0/33 -j ACCEPT\n            ^^");
    /// ```
    #[must_use]
    pub fn marked(&self) -> Option<String> {
        let (text, span) = (self.rule_text()?, self.span()?);
        let (before, marked) = (&text[..span.start], &text[span]);
        let blank = |letter: char| if letter == '\t' { '\t' } else { ' ' };
        let space: String = before.chars().map(blank).collect();
        Some(format!("{text}\n{space}{}", "^".repeat(marked.chars().count().max(1))))
    }

    /// The number of the system's error (`errno`), where a system call failed.
    ///
    /// ```
    /// use libfw::Kernel;
    ///
    /// let error = Kernel::in_netns("/nowhere").unwrap_err();
    /// assert_eq!(error.errno(), Some(2));
    /// ```
    #[must_use]
    pub fn errno(&self) -> Option<i32> {
        self.system().and_then(std::io::Error::raw_os_error)
    }

    /// The process that holds the lock, for an error of the kind [`LockBusy`](ErrorKind::LockBusy), if the kernel says which one
    /// it is.
    ///
    /// ```no_run
    /// use libfw::{ErrorKind, Kernel};
    ///
    /// match Kernel::new().lock() {
    ///     Err(error) if error.kind() == ErrorKind::LockBusy => {
    ///         let pid = error.holder().map(|holder| holder.pid);
    ///         eprintln!("{:?} is locked by process {pid:?}", error.lock_path());
    ///     }
    ///     result => drop(result?),
    /// }
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn holder(&self) -> Option<&Holder> {
        match self.mistake() {
            Mistake::Failure(Failure::LockBusy { holder, .. }) => holder.as_ref(),
            _ => None,
        }
    }

    /// The path of the lock file that the error is about.
    #[must_use]
    pub fn lock_path(&self) -> Option<&str> {
        match self.mistake() {
            Mistake::Failure(
                Failure::LockBusy { path, .. }
                | Failure::LockFile { path, .. }
                | Failure::LockInterrupted { path }
                | Failure::Lock { path },
            ) => Some(path),
            _ => None,
        }
    }

    /// The other errors of the same call: a commit names every rule that is refused, not only the first.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let error = Rule::parse(Family::Ipv4, "--bogus").unwrap_err();
    /// assert!(error.others().is_empty());
    /// ```
    #[must_use]
    pub fn others(&self) -> &[Error] {
        &self.0.others
    }

    /// The backend of the table that the error is about, if known.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let error = Rule::parse(Family::Ipv4, "--bogus").unwrap_err();
    /// assert_eq!(error.backend(), None);
    /// ```
    #[must_use]
    pub fn backend(&self) -> Option<BackendKind> {
        self.0.context.backend
    }
}
