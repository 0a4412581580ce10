//! What could not be found out about an error.

use super::Error;

/// What an error cannot say for certain.
///
/// The xtables interface refuses a table as a whole. Which of the new rules is to blame is found out by trying them in a network
/// namespace of their own; that cannot always be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Doubt {
    /// It is this rule, or one of [those beside it](Error::others): they are about objects that a namespace of their own does not
    /// have.
    Suspect,
    /// It is one of the new rules: there is no namespace to try them in.
    Untried,
}

impl Doubt {
    /// The name as a word: `suspect` or `untried`.
    ///
    /// ```
    /// assert_eq!(libfw::Doubt::Suspect.name(), "suspect");
    /// ```
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Doubt::Suspect => "suspect",
            Doubt::Untried => "untried",
        }
    }
}

impl Error {
    /// What it cannot say for certain about the rule that it names, or why it names none.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let error = Rule::parse(Family::Ipv4, "--bogus").unwrap_err();
    /// assert_eq!(error.doubt(), None);
    /// ```
    #[must_use]
    pub fn doubt(&self) -> Option<Doubt> {
        self.0.doubt.as_ref().map(|doubt| doubt.0)
    }

    /// The same as one of several that may be meant.
    pub(crate) fn suspected(mut self) -> Error {
        self.0.doubt = Some((Doubt::Suspect, None));
        self
    }

    /// The same of a rule that could not be found out.
    pub(crate) fn untried(mut self, why: std::io::Error) -> Error {
        self.0.doubt = Some((Doubt::Untried, Some(why.into())));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Failure;

    #[test]
    fn a_doubt_is_in_the_sentence_and_in_the_data() {
        let error = || Error::from(Failure::Rule);
        assert!(error().doubt().is_none() && !error().to_json().contains("doubt"));
        let suspect = error().suspected();
        assert_eq!(suspect.doubt(), Some(Doubt::Suspect));
        assert!(suspect.to_string().starts_with("it may be this rule: "), "{suspect}");
        assert!(suspect.to_json().contains(r#""doubt": "suspect""#), "{}", suspect.to_json());
        let untried = error().untried(std::io::Error::from_raw_os_error(libc::EPERM));
        assert_eq!(untried.doubt(), Some(Doubt::Untried));
        assert!(untried.to_string().contains("was not found out"), "{untried}");
        assert!(untried.to_json().contains(r#""doubt": "untried""#), "{}", untried.to_json());
    }
}
