//! A plan as lines.

use std::fmt;

use super::{ChainPlan, Changes, Fate, Plan, Ranks, TablePlan};
use crate::rule::names;
use crate::types::{Family, order};

/// A line for each thing that goes and each that comes, below a line for each table.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tables.iter().try_for_each(|table| table.fmt(f))
    }
}

impl fmt::Display for TablePlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# {} {}", self.family, self.table)?;
        self.chains.iter().try_for_each(|chain| chain.declaration(self.family, f))?;
        self.chains.iter().try_for_each(|chain| chain.lines(self.family, f))
    }
}

impl ChainPlan {
    /// The chain itself and its policy.
    fn declaration(&self, family: Family, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = shown(&self.name, family);
        match &self.fate {
            Fate::Stays => {}
            Fate::Added => writeln!(f, "+ :{name} -")?,
            Fate::Removed => writeln!(f, "- :{name} -")?,
            Fate::Renamed { from } => {
                let old = shown(from, family);
                writeln!(f, "- :{old} -  # renamed to {name}\n+ :{name} -  # renamed from {old}")?;
            }
        }
        if let Some((from, to)) = self.policy {
            writeln!(f, "- :{name} {from}\n+ :{name} {to}")?;
        }
        Ok(())
    }

    /// Its rules.
    fn lines(&self, family: Family, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ranks = Ranks::new(&self.rules);
        let gone = self.rules.iter().filter_map(|rule| Some((rule.from?, rule)));
        let gone = gone.map(|(from, rule)| (ranks.before(from), '-', from, rule));
        let come = self.rules.iter().filter_map(|rule| Some((rule.to?, rule)));
        let come = come.map(|(to, rule)| (ranks.after(to), '+', to, rule));
        let mut lines: Vec<_> = gone.chain(come).collect();
        order::sort_by_key(&mut lines, |(rank, sign, index, _)| (*rank, *sign == '+', *index));
        for (_, sign, _, change) in lines {
            let chain = if sign == '-' { self.old_name() } else { &self.name };
            let rule = change.rule.to_string();
            write!(f, "{sign} -A {}{}{rule}", shown(chain, family), if rule.is_empty() { "" } else { " " })?;
            match (sign, change.from, change.to) {
                ('-', _, Some(to)) => writeln!(f, "  # moved to {}", to + 1)?,
                ('+', Some(from), _) => writeln!(f, "  # moved from {}", from + 1)?,
                _ => writeln!(f)?,
            }
        }
        Ok(())
    }
}

fn shown(name: &[u8], family: Family) -> String {
    let mut out = Vec::new();
    names::print(&mut out, name, family, true);
    String::from_utf8_lossy(&out).into_owned()
}

/// `2 rules added, 1 moved`, or `no changes`.
impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = [
            ("rule", [(self.added, "added"), (self.removed, "removed"), (self.moved, "moved")]),
            (
                "chain",
                [
                    (self.chains_added, "added"),
                    (self.chains_removed, "removed"),
                    (self.chains_renamed, "renamed"),
                ],
            ),
            ("policy", [(self.policies, "changed"), (0, ""), (0, "")]),
        ];
        let mut parts = Vec::new();
        for (noun, counts) in kinds {
            let mut noun = Some(noun);
            for (count, what) in counts.into_iter().filter(|(count, _)| *count > 0) {
                parts.push(match noun.take() {
                    Some("policy") if count > 1 => format!("{count} policies {what}"),
                    Some(noun) => format!("{count} {noun}{} {what}", if count == 1 { "" } else { "s" }),
                    None => format!("{count} {what}"),
                });
            }
        }
        f.write_str(&if parts.is_empty() { "no changes".into() } else { parts.join(", ") })
    }
}
