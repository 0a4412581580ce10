//! Many chains of one kind become one: a node of kube-proxy has thousands, of a handful of kinds.

use std::collections::HashMap;

use super::{Edge, Node, Picture};

/// So many chains of a kind are drawn as one.
const MANY: usize = 5;
/// No more nodes stand above each other.
const LAYER: usize = 40;

/// What the names of many chains begin with, up to what tells them apart, and how long that is.
fn stem(name: &str) -> Option<(&str, usize)> {
    let cut = name.rfind(['-', '_', '.', ':']).map_or(0, |at| at + 1);
    let (stem, tail) = name.split_at(cut);
    if !stem.is_empty() && tail.len() >= 4 {
        return Some((stem, tail.len()));
    }
    // `web12`
    let digits = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
    (!digits.is_empty() && digits.len() < name.len()).then_some((digits, 0))
}

impl Picture {
    /// Folds the chains whose names differ in a hash or a number.
    pub(super) fn fold(&mut self) {
        // How many names there are of each kind, and how many of them have a digit where they differ.
        let mut kinds: HashMap<(&str, usize), (usize, usize)> = HashMap::new();
        let stems: Vec<_> =
            self.nodes.iter().map(|node| stem(&node.name).filter(|_| node.hook.is_none())).collect();
        for (node, kind) in self.nodes.iter().zip(&stems) {
            let Some((beginning, length)) = kind else { continue };
            let (all, odd) = kinds.entry((beginning, *length)).or_default();
            *all += 1;
            *odd += usize::from(node.name[beginning.len()..].bytes().any(|byte| byte.is_ascii_digit()));
        }
        let group = |kind: &Option<(&str, usize)>| {
            let (all, odd) = kinds.get(&(*kind)?)?;
            // Words do not have digits, most hashes do.
            (*all >= MANY && odd * 2 > *all).then(|| format!("{}*", kind.unwrap_or_default().0))
        };
        let groups: Vec<Option<String>> = stems.iter().map(group).collect();
        self.fold_into(&groups);
    }

    /// Folds what stands above each other in too many places: the chains that are used least.
    pub(super) fn fold_layers(&mut self) {
        let mut used = vec![0; self.nodes.len()];
        for edge in &self.edges {
            used[edge.to] += edge.counters.packets;
        }
        let mut layers: HashMap<usize, Vec<usize>> = HashMap::new();
        for (index, node) in self.nodes.iter().enumerate().filter(|(_, node)| node.hook.is_none()) {
            layers.entry(node.depth).or_default().push(index);
        }
        let mut groups = vec![None; self.nodes.len()];
        for (depth, mut layer) in layers {
            if layer.len() <= LAYER {
                continue;
            }
            layer.sort_by_key(|index| {
                std::cmp::Reverse((used[*index], self.nodes[*index].chains, self.nodes[*index].rules))
            });
            for index in &layer[LAYER - 1..] {
                groups[*index] = Some(format!("others {}", depth + 1));
            }
        }
        if groups.iter().any(Option::is_some) {
            self.fold_into(&groups);
            for node in
                self.nodes.iter_mut().filter(|node| node.name.starts_with("others ") && node.chains > 1)
            {
                node.name = format!("{} other chains", node.chains);
            }
            self.measure();
        }
    }

    /// Puts nodes of the same group together.
    fn fold_into(&mut self, groups: &[Option<String>]) {
        let mut nodes: Vec<Node> = Vec::new();
        let mut known: HashMap<&str, usize> = HashMap::new();
        let mut places = Vec::with_capacity(groups.len());
        for (node, group) in std::mem::take(&mut self.nodes).into_iter().zip(groups) {
            let at = group.as_deref().and_then(|group| known.get(group).copied());
            if let Some(at) = at {
                let whole = &mut nodes[at];
                whole.chains += node.chains;
                whole.rules += node.rules;
                for (target, rules) in node.targets {
                    *whole.targets.entry(target).or_default() += rules;
                }
                places.push(at);
                continue;
            }
            places.push(nodes.len());
            if let Some(group) = group.as_deref() {
                known.insert(group, nodes.len());
                nodes.push(Node { name: group.to_owned(), ..node });
            } else {
                nodes.push(node);
            }
        }
        self.nodes = nodes;
        let edges = std::mem::take(&mut self.edges);
        let moved = |edge: Edge| Edge { from: places[edge.from], to: places[edge.to], ..edge };
        self.set_edges(edges.into_iter().map(moved).collect());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(names: &[String]) -> Picture {
        let nodes =
            names.iter().map(|name| Node { name: name.clone(), chains: 1, ..Node::default() }).collect();
        let edges = (1..names.len()).map(|to| Edge { from: 0, to, rules: 1, ..Edge::default() }).collect();
        let table = "nat".into();
        Picture { family: libfw::Family::Ipv4, table, nodes, edges }
    }

    #[test]
    fn hashes_and_numbers_are_folded_and_words_are_not() {
        let mut names: Vec<String> =
            ["KUBE-SERVICES", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-FIREWALL", "KUBE-FORWARDS"]
                .map(str::to_owned)
                .into();
        names.extend((0..2000).map(|number| format!("KUBE-SVC-{number:016X}")));
        names.extend((0..9).map(|number| format!("web{number}")));
        names.extend(["a1", "a2", "b"].map(str::to_owned));
        let mut picture = picture(&names);
        picture.fold();
        let shown: Vec<&str> = picture.nodes.iter().map(|node| &*node.name).collect();
        let words = ["KUBE-SERVICES", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-FIREWALL", "KUBE-FORWARDS"];
        assert_eq!(shown, [&words[..], &["KUBE-SVC-*", "web*", "a1", "a2", "b"]].concat());
        assert_eq!((picture.nodes[5].chains, picture.nodes[6].chains), (2000, 9));
        let edge = picture.edges.iter().find(|edge| edge.to == 5).unwrap();
        assert_eq!((edge.from, edge.rules), (0, 2000));
    }

    #[test]
    fn layers_have_an_end() {
        let names: Vec<String> = (0..200)
            .map(|number| {
                format!(
                    "{}x",
                    "abcdefghijklmnopqrstuvwxyz"
                        .chars()
                        .cycle()
                        .skip(number)
                        .take(1 + number / 26)
                        .collect::<String>()
                )
            })
            .collect();
        let mut picture = picture(&names);
        picture.measure();
        picture.fold_layers();
        assert_eq!(picture.nodes.len(), 1 + LAYER);
        assert_eq!(picture.nodes.iter().map(|node| node.chains).sum::<usize>(), 200);
        assert!(picture.nodes.iter().any(|node| node.name == "160 other chains"), "{:?}", picture.nodes);
    }
}
