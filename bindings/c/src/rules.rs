//! The rules of a chain one by one, without a copy of each.

use libfw::Chain;

use crate::chain;
use crate::error::{fw_status, required};
use crate::ffi::{ErrorPlace, Out, Text, free, guard, kept, value};
use crate::rule::fw_rule;
use crate::table::fw_table;

/// A walk over the rules of a chain. It belongs to the table, which must neither be changed nor freed before it. Freed with
/// `fw_rules_free`.
///
///     fw_error *error = NULL;
///     fw_table *table;
///     fw_rules *rules = NULL;
///     const fw_rule *rule;
///     if (fw_table_open(NULL, FW_IPV4, "filter", &table, &error) != FW_OK ||
///         fw_chain_rules(table, "INPUT", &rules, &error) != FW_OK)
///         fprintf(stderr, "%s\n", fw_error_text(error));
///     while ((rule = fw_rules_next(rules)) != NULL)
///         printf("%zu: %s\n", fw_rules_index(rules), fw_rule_text(rule));
///     fw_rules_free(rules);
///     fw_table_free(table);
///     fw_error_free(error);
pub struct fw_rules {
    chain: Chain<'static>,
    next: usize,
    /// The rule that was given last.
    rule: Option<fw_rule>,
}

/// Starts a walk over the rules of a chain.
///
/// Errors: FW_ERROR_NO_SUCH_CHAIN.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_rules(
    table: Option<&fw_table>,
    chain: Text,
    rules: Out<Option<Box<fw_rules>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, rules, || {
        let chain = chain::of(Some(kept(required(table, "table")?)), &chain)?;
        Ok(Some(Box::new(fw_rules { chain, next: 0, rule: None })))
    })
}

/// The next rule; NULL behind the last. It is the table's, not a copy, and lives until the next call; `fw_rule_copy` keeps it.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rules_next(rules: Option<&mut fw_rules>) -> Option<&fw_rule> {
    value(None, || {
        let rules = rules?;
        let next = rules.chain.rule(rules.next)?;
        rules.next += 1;
        Some(Some(&*rules.rule.insert(fw_rule::borrowed(next))))
    })
}

/// The index of the rule that `fw_rules_next` gave last, counted from 0; 0 before the first.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rules_index(rules: Option<&fw_rules>) -> usize {
    rules.map_or(0, |rules| rules.next.saturating_sub(1))
}

/// Frees a walk. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rules_free(rules: Option<Box<fw_rules>>) {
    free(rules);
}
