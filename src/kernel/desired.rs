//! What tables are to be, and how they become it.

use super::{Kernel, Transaction};
use crate::Result;
use crate::rule::Equivalence;
use crate::rule::grammar::args::column_in;
use crate::table::backend::Want;
use crate::table::{IntoRule, Plan, Position, Report, Scope, Table, TablePlan};
use crate::types::Family;
use crate::{Error, ErrorKind};

/// The state that tables of a kernel should have, of one or both families. Fill it from code, from a save file
/// ([`iptables::declare`](crate::iptables::declare)) or from JSON ([`read_json`](Desired::read_json)); [`plan`](Desired::plan)
/// compares it with what is there, and [`apply`](Desired::apply) brings it about.
///
/// ```
/// use libfw::{Family, MemoryKernel, Position, Scope};
///
/// let kernel = MemoryKernel::new().kernel();
/// let mut desired = kernel.desired(Scope::prefix("web-"));
/// desired.table(Family::Ipv4, "filter")?.new_chain("web-in")?.append("-p tcp --dport 443 -j ACCEPT")?;
/// desired.place(Family::Ipv4, "filter", "INPUT", "-j web-in", Position::First)?;
/// let plan = desired.plan()?;
/// assert_eq!(plan.changes().to_string(), "2 rules added, 1 chain added");
/// assert_eq!(desired.apply()?.plan, plan);
/// assert!(desired.apply()?.plan.is_empty());
/// # Ok::<(), libfw::Error>(())
/// ```
#[derive(Debug)]
pub struct Desired {
    kernel: Kernel,
    scope: Scope,
    how: Equivalence,
    drafts: Vec<Draft>,
    /// The texts in JSON that it was filled from.
    pub(super) documents: Vec<Vec<u8>>,
    /// Why a text was not read to its end: what is desired is only a part then.
    unread: Option<Error>,
}

/// A table as it is to be.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) table: Table,
    pub(crate) beside: Beside,
}

/// What is known of its rules.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    /// Where rules are to be among those of others: chain, index in it, and position.
    places: Vec<(Vec<u8>, usize, Position)>,
    /// Where the text of rules is in the texts that they come from. Their sources are counted from 1.
    pub(crate) lines: Vec<Line>,
}

impl Beside {
    /// Where the text of a rule is by its source.
    pub(crate) fn line(&self, source: usize) -> Option<&Line> {
        self.lines.get(source.checked_sub(1)?)
    }
}

/// A line of a text.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// Its number, counted from 1.
    pub(crate) number: usize,
    /// What it says.
    pub(crate) text: Box<str>,
}

/// What [`Desired::apply`] did.
#[derive(Debug)]
#[non_exhaustive]
pub struct Applied {
    /// What was changed.
    pub plan: Plan,
    /// What the commit of each table did, in the order in which they were first asked for.
    pub reports: Vec<Report>,
}

impl Applied {
    /// Whether anything was changed.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::{Family, Scope};
    ///
    /// let mut desired = kernel.desired(Scope::Tables);
    /// desired.table(Family::Ipv4, "filter")?.fill([("INPUT", ["-i lo -j ACCEPT"])])?;
    /// assert!(desired.apply()?.changed());
    /// assert!(!desired.apply()?.changed());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn changed(&self) -> bool {
        !self.plan.is_empty()
    }
}

impl Kernel {
    /// An empty desired state for this kernel, within a scope: what is outside of the scope is never touched. Nothing is changed
    /// yet. A scope that [can mean nothing](Scope::check) is the error of whatever is called first.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::{Family, Scope};
    ///
    /// let mut desired = kernel.desired(Scope::chains(["INPUT"]));
    /// desired.table(Family::Ipv4, "filter")?.fill([("INPUT", ["-i lo -j ACCEPT"])])?;
    /// println!("{}", desired.plan()?);
    /// desired.apply()?;
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn desired(&self, scope: Scope) -> Desired {
        Desired {
            kernel: self.clone(),
            scope,
            how: Equivalence::Exact,
            drafts: Vec::new(),
            documents: Vec::new(),
            unread: None,
        }
    }
}

impl Desired {
    /// The scope: what of the tables is meant.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::Scope;
    ///
    /// assert_eq!(*kernel.desired(Scope::Tables).scope(), Scope::Tables);
    /// ```
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The same with another [`Equivalence`]: when an existing rule counts as a desired one. Without it the two must be exactly
    /// equal. An existing rule stays as it is written.
    ///
    /// ```
    /// use libfw::{Equivalence, Family, MemoryKernel, Scope};
    ///
    /// let kernel = MemoryKernel::new().kernel();
    /// kernel.update(Family::Ipv4, "filter", |filter| {
    ///     filter.chain_mut("INPUT")?.append("-m state --state ESTABLISHED -j ACCEPT")
    /// })?;
    /// let mut desired = kernel.desired(Scope::Tables).by(Equivalence::Meaning);
    /// let filter = desired.table(Family::Ipv4, "filter")?;
    /// filter.chain_mut("INPUT")?.append("-m conntrack --ctstate ESTABLISHED -j ACCEPT")?;
    /// assert!(desired.plan()?.is_empty());
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn by(mut self, how: Equivalence) -> Desired {
        self.how = how;
        self
    }

    /// The desired table, to be filled: empty at first, with policies that stay as they are unless they are set. See
    /// [`Table::draft`].
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::{Family, Policy, Scope};
    ///
    /// let mut desired = kernel.desired(Scope::Tables);
    /// let filter = desired.table(Family::Ipv4, "filter")?;
    /// filter.chain_mut("INPUT")?.set_policy(Policy::Drop, None)?;
    /// filter.chain_mut("INPUT")?.append("-i lo -j ACCEPT")?;
    /// assert_eq!(desired.plan()?.changes().total(), 2);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Kernel::open`], and [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) for a scope with an empty
    /// prefix, or with a mark that no comment can begin with.
    pub fn table(&mut self, family: Family, name: &str) -> Result<&mut Table> {
        let index = self.index(family, name)?;
        Ok(&mut self.drafts[index].table)
    }

    /// The desired tables so far.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::{Family, Scope};
    ///
    /// let mut desired = kernel.desired(Scope::Tables);
    /// desired.table(Family::Ipv4, "nat")?;
    /// assert_eq!(desired.tables().map(|table| table.name().to_owned()).collect::<Vec<_>>(), ["nat"]);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.drafts.iter().map(|draft| &draft.table)
    }

    pub(crate) fn kernel(&self) -> &Kernel {
        &self.kernel
    }

    /// Where the draft of a table is, which is made if there is none.
    fn index(&mut self, family: Family, name: &str) -> Result<usize> {
        let is_it = |draft: &Draft| draft.table.family() == family && draft.table.name() == name;
        if let Some(index) = self.drafts.iter().position(is_it) {
            return Ok(index);
        }
        self.scope.check().map_err(|error| error.in_table(name).in_family(family))?;
        let want = if self.scope == Scope::Tables { Want::BuiltIn } else { Want::All };
        let table = Table::read(self.kernel.0.clone(), family, name, want, None)?;
        let table = table.draft(&self.scope);
        self.drafts.push(Draft { table, beside: Beside::default() });
        Ok(self.drafts.len() - 1)
    }

    /// Takes a table out, to be put back with more in it.
    pub(crate) fn take(&mut self, family: Family, name: &str) -> Result<Draft> {
        let index = self.index(family, name)?;
        Ok(self.drafts.remove(index))
    }

    pub(crate) fn put(&mut self, draft: Draft) {
        self.drafts.push(draft);
    }

    /// Adds a rule to a chain that others use too, at a place among their rules. Several at one place keep their order.
    /// In a chain of the scope, where there are none of others, the place is among the desired rules.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::{Family, Position, Scope};
    ///
    /// let mut desired = kernel.desired(Scope::owner("mine: "));
    /// let rule = "-s 192.0.2.7 -m comment --comment \"mine: ban\" -j DROP";
    /// desired.place(Family::Ipv4, "filter", "INPUT", rule, Position::First)?;
    /// assert_eq!(desired.apply()?.plan.changes().added, 1);
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`table`](Desired::table), and of [`ChainMut::append`](crate::ChainMut::append).
    pub fn place(
        &mut self,
        family: Family,
        table: &str,
        chain: impl AsRef<[u8]>,
        rule: impl IntoRule,
        position: Position,
    ) -> Result<()> {
        let index = self.index(family, table)?;
        let draft = &mut self.drafts[index];
        let mut into = draft.table.chain_mut(&chain)?;
        let index = into.view().len();
        into.append(rule)?;
        draft.beside.places.push((chain.as_ref().to_vec(), index, position));
        Ok(())
    }

    /// The changes that [`apply`](Desired::apply) would make now. Takes no lock and changes nothing.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::{Family, Scope};
    ///
    /// let mut desired = kernel.desired(Scope::Tables);
    /// desired.table(Family::Ipv4, "filter")?.fill([("INPUT", ["-i lo -j ACCEPT"])])?;
    /// assert_eq!(desired.plan()?.to_string(), "# IPv4 filter\n+ -A INPUT -i lo -j ACCEPT\n");
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Kernel::open`] and [`Table::plan`].
    pub fn plan(&mut self) -> Result<Plan> {
        self.complete()?;
        let plan = |draft: &Draft| {
            let table = self.kernel.open(draft.table.family(), draft.table.name())?;
            table
                .plan_with(&draft.table, &self.scope, &draft.beside.places, self.how)
                .map_err(|error| self.locate(draft, error))
        };
        self.drafts.iter().map(plan).collect()
    }

    /// Brings the tables into the desired state, all of them or none, in one [transaction](Kernel::transaction). Rules that stay
    /// keep their counters. A table in which nothing changes is not written.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// use libfw::{Family, Scope};
    ///
    /// let mut desired = kernel.desired(Scope::Tables);
    /// desired.table(Family::Ipv4, "filter")?.fill([("INPUT", ["-i lo -j ACCEPT"])])?;
    /// let applied = desired.apply()?;
    /// assert_eq!((applied.plan.changes().added, applied.reports.len()), (1, 1));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`plan`](Desired::plan) and [`Kernel::transaction`]. For a rule that was read from a text, the error says where
    /// in the text it is.
    pub fn apply(&mut self) -> Result<Applied> {
        self.complete()?;
        let mut last = Plan::default();
        let done = self.kernel.transaction(|transaction| {
            last = self.edit(transaction, &mut Table::apply)?;
            Ok(())
        });
        match done {
            Ok(((), reports)) => Ok(Applied { plan: last, reports }),
            Err(error) => Err(error.each(&mut |error| self.explain(&last, error))),
        }
    }

    /// Makes the tables what they are to be in memory.
    pub(super) fn edit(
        &self,
        transaction: &mut Transaction,
        apply: &mut dyn FnMut(&mut Table, &TablePlan) -> Result<()>,
    ) -> Result<Plan> {
        let edit = |draft: &Draft| {
            let table = transaction.table(draft.table.family(), draft.table.name())?;
            let plan = table.plan_with(&draft.table, &self.scope, &draft.beside.places, self.how);
            let plan = plan.map_err(|error| self.locate(draft, error))?;
            draft.table.check_sets()?;
            apply(table, &plan).map_err(|error| self.refused(draft, &plan, error))?;
            Ok(plan)
        };
        self.drafts.iter().map(edit).collect()
    }

    /// Remembers that a text was not read to its end.
    pub(crate) fn noted<T>(&mut self, read: Result<T>) -> Result<T> {
        if let Err(error) = &read {
            self.unread.get_or_insert_with(|| error.clone());
        }
        read
    }

    /// Sees to it that all is there before it is used.
    pub(super) fn complete(&mut self) -> Result<()> {
        self.scope.check()?;
        match &self.unread {
            Some(error) => Err(error.clone()),
            None => self.mark(),
        }
    }

    /// Gives rules without a comment the mark of their owner.
    fn mark(&mut self) -> Result<()> {
        let Scope::Owner(mark) = &self.scope else { return Ok(()) };
        self.drafts.iter_mut().try_for_each(|draft| draft.table.mark(mark))
    }

    /// What is refused of a draft while its plan is carried out: all of it, if the draft is all that there is to be.
    #[cold]
    fn refused(&self, draft: &Draft, plan: &TablePlan, error: Error) -> Error {
        match draft.table.validate() {
            Err(all) if self.scope == Scope::Tables && all.kind() == error.kind() => {
                all.each(&mut |error| match (error.chain().map(str::to_owned), error.rule()) {
                    (Some(chain), Some(rule)) => self.show(draft, &chain, rule, error),
                    _ => error,
                })
            }
            _ => self.explain_in(draft, plan, error),
        }
    }

    /// Says where in a text the rule is that a refusal is about.
    #[cold]
    pub(super) fn explain(&self, plan: &Plan, error: Error) -> Error {
        let (family, table) = (error.family(), error.table());
        let mut plans = plan.tables.iter();
        let plan = plans.find(|plan| Some(plan.family) == family && Some(&*plan.table) == table);
        let mut drafts = self.drafts.iter();
        let draft =
            drafts.find(|draft| Some(draft.table.family()) == family && Some(draft.table.name()) == table);
        match draft.zip(plan) {
            Some((draft, plan)) => self.explain_in(draft, plan, error),
            None => error,
        }
    }

    /// The same of a table.
    fn explain_in(&self, draft: &Draft, plan: &TablePlan, error: Error) -> Error {
        let Some((chain, index)) = origin(draft, plan, &error) else { return error };
        self.show(draft, &chain, index, error)
    }

    /// Says where in a text the rule is that an error is about.
    #[cold]
    fn locate(&self, draft: &Draft, error: Error) -> Error {
        match (error.kind(), error.chain().map(str::to_owned), error.rule()) {
            (ErrorKind::InvalidArgument, Some(chain), Some(rule)) => self.show(draft, &chain, rule, error),
            _ => error,
        }
    }

    #[cold]
    fn show(&self, draft: &Draft, chain: &str, rule: usize, error: Error) -> Error {
        let line = draft.table.source_of(chain, rule).and_then(|source| draft.beside.line(source));
        match line {
            Some(line) => {
                let column = column_in(&line.text, &error).unwrap_or(1);
                error.at_line(line.number).in_text(line.text.clone()).at_column(column)
            }
            None => self.in_documents(&draft.table, chain, rule, error),
        }
    }
}

/// The desired rule that an error is about, which names the rule that the plan has made of it.
fn origin(draft: &Draft, plan: &TablePlan, error: &Error) -> Option<(String, usize)> {
    let chain = error.chain()?;
    let plan = plan.chains.iter().find(|plan| plan.name_text() == chain)?;
    let refused = plan.rules.iter().find(|change| change.to == error.rule())?;
    let index = draft.table.chain(chain)?.rules().position(|known| known == refused.rule.view())?;
    Some((chain.to_owned(), index))
}
