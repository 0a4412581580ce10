//! A picture for Graphviz.

use std::fmt::Write as _;

use libfw::Policy;

use super::super::terminal::Screen;
use super::Picture;

pub(super) fn draw(pictures: &[Picture], _: Screen) -> String {
    let mut text = String::from(
        "digraph fw {\n  rankdir=LR;\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n",
    );
    for (index, picture) in pictures.iter().enumerate() {
        let _ = writeln!(text, "  subgraph cluster_{index} {{\n    label={};", quoted(&picture.title()));
        for (at, node) in picture.nodes.iter().enumerate() {
            let color = match node.policy {
                Some(Policy::Accept) => ", color=\"#2e7d32\"",
                Some(_) => ", color=\"#c62828\"",
                None => "",
            };
            let label = quoted(&format!("{}\n{}", node.name, node.summary()));
            let _ = writeln!(text, "    n{index}_{at} [label={label}{color}];");
        }
        text.push_str("  }\n");
        for edge in &picture.edges {
            let label = edge.label();
            let label = if label.is_empty() { String::new() } else { format!("label={}, ", quoted(&label)) };
            let style = if edge.goto { ", style=dashed" } else { "" };
            let width = super::svg::stroke(edge.counters.packets);
            let _ = writeln!(
                text,
                "  n{index}_{} -> n{index}_{} [{label}penwidth={width:.1}{style}];",
                edge.from, edge.to
            );
        }
    }
    text.push_str("}\n");
    text
}

/// A string of the language of Graphviz, in which a name may hold anything.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            '\n' => out.push_str("\\n"),
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_do_not_break_out_of_their_quotes() {
        assert_eq!(super::quoted("a\"]; b\\\nc"), "\"a\\\"]; b\\\\\\nc\"");
    }
}
