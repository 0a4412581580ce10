//! What can be read of a rule by itself: what its view says.

use super::{MatchRef, Rule, TargetRef};
use crate::Result;
use crate::ext::Typed;
use crate::types::{AddrMask, Counters, Interface, Inv, Protocol};

impl Rule {
    /// The source address; every address where the rule does not limit it.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "! -s 10.0.0.0/8 -j DROP")?;
    /// assert!(rule.source().inverted);
    /// assert_eq!(rule.source().value.to_string(), "10.0.0.0/8");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn source(&self) -> Inv<AddrMask> {
        self.view().source()
    }

    /// The destination address; every address where the rule does not limit it.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-d 10.0.0.1 -j DROP")?;
    /// assert_eq!(rule.destination().value.to_string(), "10.0.0.1/32");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn destination(&self) -> Inv<AddrMask> {
        self.view().destination()
    }

    /// The interface the packet came in by; every one where the rule does not limit it.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-i eth+ -j DROP")?;
    /// assert_eq!(rule.input().value.to_string(), "eth+");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[doc(alias = "in_interface")]
    #[must_use]
    pub fn input(&self) -> Inv<Interface> {
        self.view().input()
    }

    /// The interface the packet goes out by; every one where the rule does not limit it.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "! -o lo -j DROP")?;
    /// assert_eq!(rule.output().to_string(), "! lo");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[doc(alias = "out_interface")]
    #[must_use]
    pub fn output(&self) -> Inv<Interface> {
        self.view().output()
    }

    /// The protocol; [`Protocol::ANY`] where the rule does not limit it.
    ///
    /// ```
    /// use libfw::{Family, Protocol, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-p udp -j DROP")?;
    /// assert_eq!(rule.protocol().value, Protocol::UDP);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn protocol(&self) -> Inv<Protocol> {
        self.view().protocol()
    }

    /// Second and further fragments (`true`), the others (`false`), or all packets (`None`).
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "! -f -j DROP")?;
    /// assert_eq!(rule.fragment(), Some(false));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn fragment(&self) -> Option<bool> {
        self.view().fragment()
    }

    /// The counters with which the rule starts when it is added to a table.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-c 3 180 -j DROP")?;
    /// assert_eq!(rule.counters().bytes, 180);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.view().counters()
    }

    /// The matches, in the order in which they are asked.
    ///
    /// ```
    /// use libfw::{Family, Rule};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-p tcp --dport 22 -m limit --limit 5/min")?;
    /// let names: Vec<_> = rule.matches().map(|part| part.name().to_vec()).collect();
    /// assert_eq!(names, [b"tcp".to_vec(), b"limit".to_vec()]);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    pub fn matches(&self) -> impl Iterator<Item = MatchRef<'_>> {
        self.view().matches()
    }

    /// What becomes of the packet.
    ///
    /// ```
    /// use libfw::{Family, Rule, TargetRef, Verdict};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-p tcp -j ACCEPT")?;
    /// assert!(matches!(rule.target(), TargetRef::Verdict(Verdict::Accept)));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn target(&self) -> TargetRef<'_> {
        self.view().target()
    }

    /// The first match of that type, or the target if it is of it; `None` where the rule has neither.
    ///
    /// ```
    /// use libfw::{Family, Rule, matches::Tcp, targets::Log};
    ///
    /// let rule = Rule::parse(Family::Ipv4, "-p tcp --dport 22 -j LOG --log-prefix web")?;
    /// let tcp = rule.find::<Tcp>()?.expect("the match");
    /// assert_eq!(tcp, Tcp::new().dport(22));
    /// assert_eq!(rule.find::<Log>()?, Some(Log::new().prefix("web")));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) when its data are not what they should be.
    #[doc(alias = "find_target")]
    pub fn find<T: Typed>(&self) -> Result<Option<T>> {
        self.view().find()
    }
}
