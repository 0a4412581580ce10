//! What an extension may ask of the world around it, and tell it.

use std::cell::RefCell;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::descriptor::{Extension, ExtensionKind};
use crate::error::{Failure, Misfit, Warning};
use crate::types::hash::HashMap;
use crate::types::{Inv, order};
use crate::{Error, Family, Protocol, Result};

/// What is asked of a kernel while rules are written and read: which extensions it has, and what its objects are called.
///
/// It is the part of a [`Backend`](crate::backend::Backend) that has nothing to do with tables.
pub trait Host: fmt::Debug + Send + Sync {
    /// Whether a match or target exists in a revision.
    ///
    /// # Errors
    ///
    /// When it cannot be asked.
    fn supports(&self, family: Family, kind: ExtensionKind, name: &str, revision: u8) -> Result<bool>;

    /// The index and family of an ipset; `None` where there is no set of that name.
    ///
    /// # Errors
    ///
    /// When it cannot be asked.
    fn set_by_name(&self, name: &[u8]) -> Result<Option<SetInfo>>;

    /// The name of the ipset at an index; `None` where there is no such set.
    ///
    /// # Errors
    ///
    /// When it cannot be asked.
    fn set_by_index(&self, index: u16) -> Result<Option<Vec<u8>>>;

    /// Opens the BPF object that is pinned at a path, to see whether the kernel will be able to.
    ///
    /// # Errors
    ///
    /// Why it cannot be opened.
    fn pinned_object(&self, _path: &[u8]) -> std::io::Result<()> {
        Ok(())
    }

    /// Whether there is an object that a rule names; `None` where only the attempt to write the rule tells.
    ///
    /// # Errors
    ///
    /// When it cannot be asked.
    fn has_object(&self, _kind: ObjectKind, _name: &[u8]) -> Result<Option<bool>> {
        Ok(None)
    }
}

/// What a rule may name that must be there before it: kinds of objects besides ipsets, which have a question of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ObjectKind {
    /// An algorithm of `-m string`.
    Algorithm,
    /// A connection tracking helper, for `-j CT`.
    Helper,
    /// A timeout policy of connection tracking, for `-j CT`.
    Timeout,
    /// A rate estimator, for `-m rateest`: the target RATEEST makes them.
    Estimator,
    /// An accounting object, for `-m nfacct`.
    Accounting,
    /// A control group by its path, for `-m cgroup`.
    ControlGroup,
    /// A security context, for `-j SECMARK`.
    SecurityContext,
    /// A BPF program by the path where it is pinned, for `-m bpf`.
    Program,
}

impl ObjectKind {
    /// Every kind.
    pub const ALL: &'static [ObjectKind] = &[
        ObjectKind::Algorithm,
        ObjectKind::Helper,
        ObjectKind::Timeout,
        ObjectKind::Estimator,
        ObjectKind::Accounting,
        ObjectKind::ControlGroup,
        ObjectKind::SecurityContext,
        ObjectKind::Program,
    ];

    /// What it is called: `algorithm`, `helper`, `timeout`, `estimator`, `accounting`, `cgroup`, `context` or `program`.
    ///
    /// ```
    /// use libfw::backend::ObjectKind;
    ///
    /// let helper = ObjectKind::ALL.iter().find(|kind| kind.name() == "helper");
    /// assert_eq!(helper, Some(&ObjectKind::Helper));
    /// ```
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            ObjectKind::Algorithm => "algorithm",
            ObjectKind::Helper => "helper",
            ObjectKind::Timeout => "timeout",
            ObjectKind::Estimator => "estimator",
            ObjectKind::Accounting => "accounting",
            ObjectKind::ControlGroup => "cgroup",
            ObjectKind::SecurityContext => "context",
            ObjectKind::Program => "program",
        }
    }

    /// What it is called in sentences.
    pub(crate) const fn said(self) -> &'static str {
        match self {
            ObjectKind::Algorithm => "algorithm",
            ObjectKind::Helper => "connection tracking helper",
            ObjectKind::Timeout => "timeout policy",
            ObjectKind::Estimator => "rate estimator",
            ObjectKind::Accounting => "accounting object",
            ObjectKind::ControlGroup => "control group",
            ObjectKind::SecurityContext => "security context",
            ObjectKind::Program => "program",
        }
    }

    /// The most bytes that the kernel takes for the name of one, or for its path: its structures end them with a NUL.
    pub(crate) const fn longest_name(self) -> usize {
        match self {
            // XT_STRING_MAX_ALGO_NAME_SIZE, NF_CT_HELPER_NAME_LEN, IFNAMSIZ.
            ObjectKind::Algorithm | ObjectKind::Helper | ObjectKind::Estimator => 15,
            // CTNL_TIMEOUT_NAME_MAX, NFACCT_NAME_MAX.
            ObjectKind::Timeout | ObjectKind::Accounting => 31,
            // SECMARK_SECCTX_MAX.
            ObjectKind::SecurityContext => 255,
            // XT_CGROUP_PATH_MAX, XT_BPF_PATH_MAX.
            ObjectKind::ControlGroup | ObjectKind::Program => 511,
        }
    }
}

/// A [`Host`] that passes on what it is asked to one that it has.
macro_rules! pass_on {
    ([$($generics:tt)*] $host:ty, $this:ident => $to:expr) => {
        impl<$($generics)*> $crate::ext::Host for $host {
            fn supports(
                &$this,
                family: $crate::Family,
                kind: $crate::ext::ExtensionKind,
                name: &str,
                revision: u8,
            ) -> $crate::Result<bool> {
                $to.supports(family, kind, name, revision)
            }

            fn set_by_name(&$this, name: &[u8]) -> $crate::Result<Option<$crate::ext::SetInfo>> {
                $to.set_by_name(name)
            }

            fn set_by_index(&$this, index: u16) -> $crate::Result<Option<Vec<u8>>> {
                $to.set_by_index(index)
            }

            fn pinned_object(&$this, path: &[u8]) -> std::io::Result<()> {
                $to.pinned_object(path)
            }

            fn has_object(&$this, kind: $crate::ext::ObjectKind, name: &[u8]) -> $crate::Result<Option<bool>> {
                $to.has_object(kind, name)
            }
        }
    };
}
pub(crate) use pass_on;

pass_on!([T: Host + ?Sized] Arc<T>, self => (**self));

/// An extension by what the answers of a kernel depend on.
type Key = (Family, ExtensionKind, &'static str);

/// A [`Host`], and what was learned of it.
#[derive(Debug)]
pub(crate) struct System {
    host: Arc<dyn Host>,
    /// The newest revision of each extension that library and kernel share. What the kernel lacks is not remembered: a
    /// module may be loaded later.
    revisions: Arc<Mutex<Vec<(Key, u8)>>>,
    /// The ipsets that were asked for, where they are kept.
    sets: Option<Mutex<Sets>>,
}

/// The ipsets of a table's rules as they were when a rule was first made or shown. The kernel keeps name and index of a set
/// as long as one of its rules uses it; for the others a commit [asks again](System::changed_set).
#[derive(Clone, Debug, Default)]
struct Sets {
    names: HashMap<u16, Vec<u8>>,
    /// Those that rules were made with.
    used: HashMap<Vec<u8>, SetInfo>,
}

impl Clone for System {
    fn clone(&self) -> System {
        let sets = self.known_sets().map(|sets| Mutex::new(sets.clone()));
        System { host: self.host.clone(), revisions: self.revisions.clone(), sets }
    }
}

impl System {
    pub(crate) fn new(host: Arc<dyn Host>) -> System {
        System { host, revisions: Arc::default(), sets: None }
    }

    /// The system without a kernel: rules are written in the newest revision, and there are no ipsets to look up.
    pub(crate) fn offline() -> &'static System {
        static OFFLINE: OnceLock<System> = OnceLock::new();
        OFFLINE.get_or_init(|| System::new(Arc::new(Offline)))
    }

    /// The same system for the rules of one table as it was read, which asks for an ipset once.
    pub(crate) fn for_table(&self) -> System {
        System { host: self.host.clone(), revisions: self.revisions.clone(), sets: Some(Mutex::default()) }
    }

    fn known_sets(&self) -> Option<MutexGuard<'_, Sets>> {
        Some(self.sets.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The revision in which an extension is to be written: the newest that library and kernel share.
    pub(crate) fn revision(&self, family: Family, extension: &Extension) -> Result<u8> {
        // Nothing to choose from: the kernel will say if it lacks it.
        if extension.revisions_of(family).nth(1).is_none() {
            return extension.newest(family);
        }
        self.shared_revision(family, extension)?
            .ok_or_else(|| Error::from(Failure::NoRevision).in_family(family).in_extension(extension.name))
    }

    /// Fails unless the kernel has a match or target, by the name that it has there, in a revision.
    pub(crate) fn require(
        &self,
        family: Family,
        kind: ExtensionKind,
        name: &[u8],
        revision: u8,
    ) -> Result<()> {
        let name = String::from_utf8_lossy(name).into_owned();
        match self.host.supports(family, kind, &name, revision)? {
            true => Ok(()),
            false => Err(Error::from(Failure::NoRevision).in_family(family).in_extension(name)),
        }
    }

    /// Whether the kernel is known to have no revision of an extension; nothing but a warning depends on it.
    pub(crate) fn lacks(&self, family: Family, extension: &Extension) -> bool {
        // An alias is nothing the kernel knows of.
        extension.name == extension.kernel_name
            && self.shared_revision(family, extension).is_ok_and(|shared| shared.is_none())
    }

    /// The newest revision that library and kernel share. The kernel is asked once.
    fn shared_revision(&self, family: Family, extension: &Extension) -> Result<Option<u8>> {
        let key = (family, extension.kind, extension.name);
        let mut known = self.revisions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, revision)) = known.iter().find(|(known, _)| *known == key) {
            return Ok(Some(*revision));
        }
        for revision in extension.revisions_of(family) {
            let name = extension.kernel_name_of(revision.number);
            if self.host.supports(family, extension.kind, name, revision.number)? {
                known.push((key, revision.number));
                return Ok(Some(revision.number));
            }
        }
        Ok(None)
    }

    /// The ipset of a name.
    pub(crate) fn set_by_name(&self, name: &[u8]) -> Result<Option<SetInfo>> {
        let Some(mut known) = self.known_sets() else { return self.host.set_by_name(name) };
        if let Some(set) = known.used.get(name) {
            return Ok(Some(*set));
        }
        // One that is not there may come.
        let Some(set) = self.host.set_by_name(name)? else { return Ok(None) };
        known.names.insert(set.index, name.to_vec());
        known.used.insert(name.to_vec(), set);
        Ok(Some(set))
    }

    /// The name of the ipset at an index.
    pub(crate) fn set_by_index(&self, index: u16) -> Result<Option<Vec<u8>>> {
        let Some(mut known) = self.known_sets() else { return self.host.set_by_index(index) };
        if let Some(name) = known.names.get(&index) {
            return Ok(Some(name.clone()));
        }
        let name = self.host.set_by_index(index)?;
        known.names.extend(name.clone().map(|name| (index, name)));
        Ok(name)
    }

    /// The name of an ipset that rules were made with, if it stands for another set by now, or for none.
    pub(crate) fn changed_set(&self) -> Result<Option<Vec<u8>>> {
        let Some(known) = self.known_sets() else { return Ok(None) };
        for (name, set) in &known.used {
            if self.host.set_by_name(name)? != Some(*set) {
                return Ok(Some(name.clone()));
            }
        }
        Ok(None)
    }

    /// Whether there is an object that a rule names, if that is known before the rule is written.
    pub(crate) fn has_object(&self, kind: ObjectKind, name: &[u8]) -> Result<Option<bool>> {
        self.host.has_object(kind, name)
    }

    /// Opens the BPF object that is pinned at a path.
    pub(crate) fn pinned_object(&self, path: &[u8]) -> std::io::Result<()> {
        self.host.pinned_object(path)
    }
}

/// What the kernel tells of an ipset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SetInfo {
    /// The index that rules hold.
    pub index: u16,
    /// The family of the set's elements: `NFPROTO_IPV4` 2, `NFPROTO_IPV6` 10 or `NFPROTO_UNSPEC` 0.
    pub family: u8,
}

impl SetInfo {
    /// The ipset of that index and family.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel, backend::SetInfo};
    ///
    /// let kernel = MemoryKernel::new().with_set("banned", SetInfo::new(1, 2))?.kernel();
    /// let mut table = kernel.open(Family::Ipv4, "filter")?;
    /// table.chain_mut("INPUT")?.append("-m set --match-set banned src -j DROP")?;
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub const fn new(index: u16, family: u8) -> SetInfo {
        SetInfo { index, family }
    }
}

/// A host without a kernel.
#[derive(Debug)]
pub(crate) struct Offline;

impl Host for Offline {
    fn supports(&self, _: Family, _: ExtensionKind, _: &str, _: u8) -> Result<bool> {
        Ok(true)
    }

    fn set_by_name(&self, name: &[u8]) -> Result<Option<SetInfo>> {
        Err(Error::from(Misfit::SetsUnknown).at_token(String::from_utf8_lossy(name)))
    }

    fn set_by_index(&self, _: u16) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }
}

/// The names in a rule that only a kernel can turn into what its data hold: those of ipsets, which the kernel refers to by
/// index. A rule that is in no table keeps the names, and its data the index of each in this list, until it meets a kernel.
pub(crate) type NameList = Vec<Box<[u8]>>;

/// What the indices of ipsets in data stand for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Names<'a> {
    /// The kernel's own.
    Kernel,
    /// The rule's list.
    Own(&'a NameList),
    /// The list of a rule that is being built.
    Growing(&'a RefCell<NameList>),
}

impl Names<'_> {
    /// The place of a name in the list of a rule that is being built.
    pub(crate) fn place(names: &RefCell<NameList>, name: &[u8]) -> u16 {
        let mut names = names.borrow_mut();
        let place = names.iter().position(|known| **known == *name).unwrap_or_else(|| {
            names.push(name.into());
            names.len() - 1
        });
        // A rule has at most 64 KiB, so there are fewer.
        place as u16
    }
}

/// The rule around an extension while it is read, written or printed.
#[derive(Clone, Copy)]
pub struct RuleContext<'a> {
    pub(crate) family: Family,
    /// The revision of the payload.
    pub(crate) revision: u8,
    /// The protocol the rule is limited to, and whether that is inverted.
    pub(crate) protocol: Protocol,
    pub(crate) protocol_inverted: bool,
    pub(crate) host: &'a System,
    pub(crate) names: Names<'a>,
    /// Where to tell what is odd but not wrong, while options are read.
    pub(crate) warnings: Option<&'a Warnings>,
    /// What becomes of texts that are too long.
    pub(crate) too_long: TooLong,
}

/// What becomes of a text that is longer than its place in the kernel's data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TooLong {
    /// It is an error.
    #[default]
    Refuse,
    /// It is cut, as iptables does it, and a warning says so.
    Cut,
}

/// What is odd about options that are read all the same, and the positions on the command line that it is about.
#[derive(Debug, Default)]
pub(crate) struct Warnings(RefCell<Vec<(usize, Warning)>>);

impl Warnings {
    /// Adds a warning. Options may be read a second time, to find out which error is the first; their warnings are not
    /// added again.
    pub(crate) fn add(&self, position: usize, warning: Warning) {
        let (mut warnings, warning) = (self.0.borrow_mut(), (position, warning));
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }

    /// Forgets what is said behind the position of an error.
    pub(crate) fn end_at(&mut self, position: usize) {
        self.0.get_mut().retain(|(known, _)| *known <= position);
    }

    /// Takes the warnings in the order of the command line.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = Warning> + use<> {
        let mut warnings = std::mem::take(self.0.get_mut());
        order::sort_by_key(&mut warnings, |(position, _)| *position);
        warnings.into_iter().map(|(_, warning)| warning)
    }
}

/// The surroundings of the extensions of a rule.
pub(crate) fn context<'a>(family: Family, protocol: Inv<Protocol>, host: &'a System) -> RuleContext<'a> {
    RuleContext {
        family,
        revision: 0,
        protocol: protocol.value,
        protocol_inverted: protocol.inverted,
        host,
        names: Names::Kernel,
        warnings: None,
        too_long: TooLong::Refuse,
    }
}

impl RuleContext<'_> {
    /// Tells what is odd at a position on the command line.
    pub(crate) fn warn(&self, position: usize, warning: Warning) {
        if let Some(warnings) = self.warnings {
            warnings.add(position, warning);
        }
    }

    /// The rule's protocol if it is limited to exactly one.
    pub(crate) fn protocol(&self) -> Option<Protocol> {
        (!self.protocol_inverted && self.protocol != Protocol::ANY).then_some(self.protocol)
    }
}
