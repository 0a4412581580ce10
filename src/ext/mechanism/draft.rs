//! The options of a match or target that is still being put together.

use std::cell::RefCell;

use super::context::{Names, RuleContext, System, context};
use super::datum::Datum;
use super::descriptor::Extension;
use super::given;
use super::options::Opt;
use crate::Result;
use crate::types::{Family, Protocol};

impl Extension {
    /// The options that have a value unless another is given, and that value as text.
    ///
    /// ```
    /// use libfw::Family;
    /// use libfw::ext::{self, ExtensionKind};
    ///
    /// let limit = ext::find(ExtensionKind::Match, "limit", Family::Ipv4).unwrap();
    /// for (option, value) in limit.defaults(Family::Ipv4) {
    ///     println!("--{} {value}", option.name);
    /// }
    /// ```
    #[must_use]
    pub fn defaults(&self, family: Family) -> Vec<(&'static Opt, String)> {
        let revision = self.newest(family).unwrap_or_default();
        let cx = RuleContext { revision, ..context(family, Protocol::ANY.into(), System::offline()) };
        let text = |value: Vec<u8>| String::from_utf8_lossy(&value).into_owned();
        self.defaults_in(&cx).into_iter().map(|(opt, _, value)| (opt, text(value))).collect()
    }

    /// The options as `-S` prints them, of a match or target that is still being put together: each is read by name (the
    /// option's name, whether it is inverted, the text of its value), and what is missing is found out when a rule is built.
    ///
    /// ```
    /// use libfw::ext::{self, ExtensionKind};
    /// use libfw::{Family, Protocol};
    ///
    /// let mark = ext::find(ExtensionKind::Target, "MARK", Family::Ipv4).unwrap();
    /// let shown = mark.draft(Family::Ipv4, Protocol::ANY, [("set-mark", false, b"1".as_slice())])?;
    /// let (option, inverted, value) = &shown[0];
    /// assert_eq!((option.name, *inverted, value.as_slice()), ("set-xmark", false, b"0x1/0xffffffff".as_slice()));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Syntax`](crate::ErrorKind::Syntax) when there is no such option, and
    /// [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue) when one has a value it cannot take.
    pub fn draft<'a>(
        &'static self,
        family: Family,
        protocol: Protocol,
        options: impl IntoIterator<Item = (&'a str, bool, &'a [u8])>,
    ) -> Result<Vec<(&'static Opt, bool, Vec<u8>)>> {
        self.in_draft(family, protocol, options, given::read_draft)
    }

    /// The values of options in kinds that every language has, defaults included.
    ///
    /// ```
    /// use libfw::ext::{self, ExtensionKind};
    /// use libfw::{Datum, Family, Protocol};
    ///
    /// let limit = ext::find(ExtensionKind::Match, "limit", Family::Ipv4).unwrap();
    /// let values = limit.draft_values(Family::Ipv4, Protocol::ANY, [("limit-burst", false, b"7".as_slice())])?;
    /// assert!(values.iter().any(|(opt, _, value)| opt.name == "limit-burst" && *value == Datum::Number(7)));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`draft`](Extension::draft).
    pub fn draft_values<'a>(
        &'static self,
        family: Family,
        protocol: Protocol,
        options: impl IntoIterator<Item = (&'a str, bool, &'a [u8])>,
    ) -> Result<Vec<(&'static Opt, bool, Datum)>> {
        self.in_draft(family, protocol, options, given::draft_values)
    }

    fn in_draft<'a, T>(
        &'static self,
        family: Family,
        protocol: Protocol,
        options: impl IntoIterator<Item = (&'a str, bool, &'a [u8])>,
        read: impl FnOnce(&'static Extension, Vec<(&'a str, bool, Datum)>, &RuleContext<'_>) -> Result<T>,
    ) -> Result<T> {
        let names = RefCell::default();
        let revision = self.newest(family)?;
        let cx = context(family, protocol.into(), System::offline());
        let cx = RuleContext { revision, names: Names::Growing(&names), ..cx };
        let given = options.into_iter().map(|(name, inverted, text)| (name, inverted, text.into()));
        read(self, given.collect(), &cx)
    }
}
