//! A picture in letters: what packets meet, hook by hook, as trees.

use std::collections::HashSet;
use std::fmt::Write as _;

use libfw::Family;

use super::super::terminal::{Screen, Style, width, wrapped};
use super::{PATHS, Picture};

pub(super) fn draw(pictures: &[Picture], screen: Screen) -> String {
    let mut text = String::new();
    for family in Family::ALL {
        let of_family: Vec<&Picture> = pictures.iter().filter(|picture| picture.family == family).collect();
        if of_family.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{}", screen.paint(Style::Bold, family));
        // A chain is shown where it is met first.
        let mut shown = HashSet::new();
        for (hook, tables) in PATHS {
            let met =
                tables.iter().filter_map(|name| of_family.iter().find(|picture| picture.table == *name));
            let met = met.filter_map(|picture| {
                let node = picture.nodes.iter().position(|node| node.hook == Some(hook))?;
                Some((*picture, node))
            });
            for (picture, node) in met {
                Tree { picture, screen, text: &mut text }.node(node, "", "", None, &mut shown);
            }
        }
        let known = |picture: &&&Picture| !PATHS.iter().any(|(_, tables)| tables.contains(&&*picture.table));
        for picture in of_family.iter().filter(known) {
            for node in (0..picture.nodes.len()).filter(|node| picture.nodes[*node].hook.is_some()) {
                Tree { picture, screen, text: &mut text }.node(node, "", "", None, &mut shown);
            }
        }
        for picture in of_family {
            for node in (0..picture.nodes.len()).filter(|node| picture.is_unused(*node)) {
                Tree { picture, screen, text: &mut text }.node(node, "", "", None, &mut shown);
            }
        }
    }
    if text.is_empty() { "no rules\n".into() } else { text }
}

struct Tree<'a, 't> {
    picture: &'a Picture,
    screen: Screen,
    text: &'t mut String,
}

impl<'a> Tree<'a, '_> {
    /// A node, and below it where it goes to: behind `first` in its own line, behind `margin` in others.
    fn node(
        &mut self,
        index: usize,
        first: &str,
        margin: &str,
        label: Option<String>,
        shown: &mut HashSet<(&'a str, Family, usize)>,
    ) {
        let picture = self.picture;
        let node = &picture.nodes[index];
        let again = !shown.insert((&*picture.table, picture.family, index));
        let edges: Vec<_> =
            picture.edges.iter().filter(|edge| edge.from == index && edge.to != index).collect();
        let mut words = if again && node.hook.is_none() { "as above".to_owned() } else { node.summary() };
        if picture.is_unused(index) {
            words += ", nothing goes here";
        }
        if picture.edges.iter().any(|edge| edge.from == index && edge.to == index) {
            words += ", go to each other";
        }
        let (table, style) = match node.hook {
            Some(_) => (format!("{} ", picture.table), Style::Bold),
            None if label.is_none() => (format!("{} ", picture.table), Style::Name),
            None => (String::new(), Style::Name),
        };
        let label = label
            .filter(|label| !label.is_empty())
            .map_or(String::new(), |label| format!("{label} \u{2192} "));
        let begin = format!("{first}{label}{table}");
        let used = width(&begin) + width(&node.name) + 2;
        let words = self
            .screen
            .columns
            .map_or(vec![words.clone()], |columns| wrapped(&words, columns.saturating_sub(used)));
        let name = self.screen.paint(style, &node.name);
        let below = if edges.is_empty() || again { " " } else { "\u{2502}" };
        for (line, words) in words.iter().enumerate() {
            let words = self.screen.paint(Style::Dim, words);
            let _ = match line {
                0 => writeln!(self.text, "{begin}{name}  {words}"),
                _ => {
                    let begin = format!("{margin}{below}");
                    writeln!(self.text, "{begin}{}{words}", " ".repeat(used.saturating_sub(width(&begin))))
                }
            };
        }
        if again {
            return;
        }
        for (number, edge) in edges.iter().enumerate() {
            let last = number + 1 == edges.len();
            let (branch, rest) =
                if last { ("\u{2514}\u{2500} ", "   ") } else { ("\u{251c}\u{2500} ", "\u{2502}  ") };
            let label = edge.label() + if edge.goto { " (goto)" } else { "" };
            self.node(
                edge.to,
                &format!("{margin}{branch}"),
                &format!("{margin}{rest}"),
                Some(label.trim().to_owned()),
                shown,
            );
        }
    }
}
