//! A kernel that reads what is there and writes nothing: it says what a commit would do, and what would be refused.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use super::Kernel;
use crate::Result;
use crate::ext::pass_on;
use crate::table::backend::{
    Backend, Capabilities, Change, Interrupt, Lock, LockPolicy, Look, Notices, Snapshot, Want, Written,
};
use crate::table::{Before, Plan, Store, Table, TablePlan};
use crate::types::{Detection, Family};

/// What would be written, and would come of it. Made by [`Kernel::rehearse`].
#[derive(Debug)]
pub struct Rehearsal {
    kernel: Kernel,
    plans: Plans,
}

type Plans = Arc<Mutex<Vec<TablePlan>>>;

impl Kernel {
    /// A kernel that reads what is there and writes nothing: whatever would be written is [rehearsed](Table::rehearse), so that its
    /// errors are those of the real one, and kept as a plan. `fw` has the option `--dry-run` for it.
    ///
    /// ```
    /// use libfw::{Family, MemoryKernel};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// let rehearsal = kernel.rehearse();
    /// rehearsal.kernel().update(Family::Ipv4, "filter", |filter| {
    ///     filter.chain_mut("INPUT")?.append("-p tcp --dport 22 -j ACCEPT")
    /// })?;
    /// assert_eq!(rehearsal.plan().to_string(), "# IPv4 filter\n+ -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n");
    /// assert!(kernel.open(Family::Ipv4, "filter")?.is_empty());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn rehearse(&self) -> Rehearsal {
        let plans = Plans::default();
        let (store, before) = (self.0.clone(), Arc::<Mutex<Before>>::default());
        let backend =
            Arc::new(Rehearsing { real: store.clone(), plans: plans.clone(), before: before.clone() });
        Rehearsal { kernel: Kernel(Store { backend, rehearsed: Some(before), ..store }), plans }
    }
}

impl Rehearsal {
    /// The kernel that writes nothing.
    #[must_use]
    pub fn kernel(&self) -> &Kernel {
        &self.kernel
    }

    /// What would have been changed so far, each table compared with what it is.
    #[must_use]
    pub fn plan(&self) -> Plan {
        self.plans.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

/// The backend of a rehearsal.
#[derive(Debug)]
struct Rehearsing {
    real: Store,
    plans: Plans,
    /// What would have been written so far.
    before: Arc<Mutex<Before>>,
}

pass_on!([] Rehearsing, self => self.real.backend);

impl Backend for Rehearsing {
    fn read(&self, into: &mut Snapshot<'_>, want: Want<'_>) -> Result<()> {
        // What is compared later is the whole table.
        let want = if matches!(want, Want::Chains(_) | Want::Little) { Want::All } else { want };
        self.real.backend.read(into, want)
    }

    fn write(&self, changes: &mut [Change<'_>]) -> Result<Vec<Written>> {
        let mut before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
        for change in &*changes {
            change.table().rehearse_after(&before)?;
            before.add(change.table());
        }
        before.end_step();
        drop(before);
        let mut done = Vec::with_capacity(changes.len());
        for change in changes {
            let table = change.table();
            let (family, name) = (table.family(), table.name().to_owned());
            let plan = Table::read(self.real.clone(), family, &name, Want::All, None)?.diff(table)?;
            let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
            plans.retain(|known| (known.family, &known.table) != (family, &name));
            plans.push(plan);
            change.finish();
            done.push(Written::new());
        }
        Ok(done)
    }

    fn rule_numbers(&self, table: &Table) -> Vec<u64> {
        self.real.backend.rule_numbers(table)
    }

    fn is_unchanged(&self, table: &Table, look: Look) -> Result<bool> {
        self.real.backend.is_unchanged(table, look)
    }

    fn notices(&self) -> Result<Option<Box<dyn Notices>>> {
        self.real.backend.notices()
    }

    fn tables(&self, family: Family) -> Result<Vec<String>> {
        self.real.backend.tables(family)
    }

    fn missing_module(&self, family: Family) -> Result<Option<&'static str>> {
        self.real.backend.missing_module(family)
    }

    fn trial(&self) -> io::Result<Option<Arc<dyn Backend>>> {
        self.real.backend.trial()
    }

    fn lock(&self, policy: &LockPolicy, interrupt: Option<&Interrupt>) -> Result<Lock> {
        self.real.backend.lock(policy, interrupt)
    }

    fn namespace(&self, family: Family) -> Option<(u64, u64)> {
        self.real.backend.namespace(family)
    }

    fn detection(&self) -> Result<Detection> {
        self.real.backend.detection()
    }

    fn capabilities(&self) -> Capabilities {
        self.real.backend.capabilities()
    }
}
