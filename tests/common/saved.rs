//! What is printed together is what is printed apart.

use libfw::Table;
use libfw::iptables::save_rules;

/// Fails unless the rules of a table are printed together as each is by itself, where nothing is known from the rule before.
pub fn is_printed_rule_by_rule(table: &Table) {
    let (mut together, mut apart) = (Vec::new(), Vec::new());
    for chain in table.chains() {
        // Its first line declares it.
        let mut text = Vec::new();
        save_rules(table, Some(chain), None, false, &mut text).unwrap();
        let end = text.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        together.extend_from_slice(&text[end..]);
        for number in 1..=chain.len() {
            save_rules(table, Some(chain), Some(number), false, &mut apart).unwrap();
        }
    }
    assert!(together == apart, "{}\n{}", String::from_utf8_lossy(&together), String::from_utf8_lossy(&apart));
}
