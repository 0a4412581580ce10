//! Plans in JSON.

use super::{ChainPlan, Changes, Fate, Plan, RuleChange, TablePlan};
use crate::rule::json::family_name;
use crate::types::json::Value;

/// The format of a plan. The number is raised when the meaning of a key changes, or one goes.
const FORMAT: &str = "libfw.plan/1";

impl Plan {
    /// The plan in [JSON](crate::json): what goes, comes and moves, and how much there is of it.
    ///
    /// ```
    /// # let kernel = libfw::MemoryKernel::new().kernel();
    /// # use libfw::{Family, Plan, Scope};
    /// let old = kernel.open(Family::Ipv4, "filter")?;
    /// let mut new = kernel.open(Family::Ipv4, "filter")?;
    /// new.chain_mut("INPUT")?.append("-j DROP")?;
    /// let plan: Plan = [old.diff(&new)?].into_iter().collect();
    /// assert!(plan.to_json().contains(r#"{"chain": "INPUT", "kept": 0, "rules": [{"to": 0, "rule": {"target": {"verdict": "DROP"}"#));
    /// # Ok::<(), libfw::Error>(())
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        self.json().to_string()
    }

    pub(crate) fn json(&self) -> Value {
        Value::fields([
            ("format", FORMAT.into()),
            ("changes", self.changes().json()),
            ("tables", Value::List(self.tables.iter().map(TablePlan::json).collect())),
        ])
    }
}

impl Changes {
    fn json(self) -> Value {
        Value::fields([
            ("rules_added", self.added.into()),
            ("rules_removed", self.removed.into()),
            ("rules_moved", self.moved.into()),
            ("policies", self.policies.into()),
            ("chains_added", self.chains_added.into()),
            ("chains_removed", self.chains_removed.into()),
            ("chains_renamed", self.chains_renamed.into()),
        ])
    }
}

impl TablePlan {
    fn json(&self) -> Value {
        Value::fields([
            ("family", family_name(self.family).into()),
            ("table", (&*self.table).into()),
            ("chains", Value::List(self.chains.iter().map(ChainPlan::json).collect())),
        ])
    }
}

impl ChainPlan {
    fn json(&self) -> Value {
        let mut fields = vec![("chain", Value::bytes(&self.name))];
        match &self.fate {
            Fate::Stays => {}
            Fate::Added => fields.push(("fate", "added".into())),
            Fate::Removed => fields.push(("fate", "removed".into())),
            Fate::Renamed { from } => {
                fields.extend([("fate", "renamed".into()), ("renamed_from", Value::bytes(from))])
            }
        }
        if let Some((from, to)) = self.policy {
            fields.push(("policy", Value::fields([("from", from.name().into()), ("to", to.name().into())])));
        }
        fields.push(("kept", self.kept.into()));
        fields.push(("rules", Value::List(self.rules.iter().map(RuleChange::json).collect())));
        Value::Fields(fields)
    }
}

impl RuleChange {
    fn json(&self) -> Value {
        let mut fields = Vec::new();
        fields.extend(self.from.map(|from| ("from", from.into())));
        fields.extend(self.to.map(|to| ("to", to.into())));
        fields.push(("rule", self.rule.view().json(false, true)));
        Value::Fields(fields)
    }
}

/// As [`to_json`](Plan::to_json) writes it. Needs the feature `serde`.
#[cfg(feature = "serde")]
impl serde::Serialize for Plan {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json().serialize(serializer)
    }
}
