//! `fw graph`: chains and the jumps between them, drawn.

mod dot;
mod fold;
mod svg;
mod text;

use std::collections::{BTreeMap, HashMap};
use std::io::Write as _;

use libfw::{Chain, Counters, Error, Family, Hook, Kernel, Policy, Table, TargetRef};

use super::menu::Asked;
use super::output::{Output, complain};
use super::store::failed;
use super::terminal::{Color, Screen, clean, short};

/// The tables in the order in which packets meet them, at each hook.
const PATHS: [(Hook, &[&str]); 5] = [
    (Hook::Prerouting, &["raw", "mangle", "nat"]),
    (Hook::Input, &["mangle", "filter", "security", "nat"]),
    (Hook::Forward, &["mangle", "filter", "security"]),
    (Hook::Output, &["raw", "mangle", "nat", "filter", "security"]),
    (Hook::Postrouting, &["mangle", "nat"]),
];

/// The tables in an order that suits every hook but one.
const TABLES: [&str; 5] = ["raw", "mangle", "nat", "filter", "security"];

/// A table, ready to be drawn.
struct Picture {
    family: Family,
    table: String,
    nodes: Vec<Node>,
    edges: Vec<Edge>,
}

/// A chain, or many of a kind.
#[derive(Debug, Default)]
struct Node {
    /// Its name; of many with a `*`.
    name: String,
    /// How many chains it stands for.
    chains: usize,
    hook: Option<Hook>,
    policy: Option<Policy>,
    rules: usize,
    /// What was decided by the policy of a built-in chain.
    decided: Counters,
    /// What its rules do but go to chains: how many rules for each target.
    targets: BTreeMap<String, usize>,
    /// How far it is from the built-in chains.
    depth: usize,
}

/// The rules of one chain that go to another.
#[derive(Clone, Copy, Debug, Default)]
struct Edge {
    from: usize,
    to: usize,
    rules: usize,
    counters: Counters,
    /// Whether none of them comes back.
    goto: bool,
}

/// Carries out `fw graph`.
pub(crate) fn run(asked: &Asked) -> Result<u8, String> {
    let screen = Screen::new(asked.value("color").map_or(Ok(Color::Auto), Color::read)?);
    let draw: fn(&[Picture], Screen) -> String = match asked.text("format").as_deref() {
        None | Some("text") => text::draw,
        Some("svg") => svg::draw,
        Some("dot") => dot::draw,
        Some(other) => return Err(format!("--format is text, svg or dot, not {other:?}")),
    };
    let pictures = match pictures(asked) {
        Ok(pictures) => pictures,
        Err(error) => return Ok(failed("graph", &error)),
    };
    if let Some(chain) = asked.word()?.filter(|_| pictures.is_empty()) {
        let chain = String::from_utf8_lossy(chain).into_owned();
        complain(&format!("fw graph: no table has a chain {:?}\n", clean(&chain)));
        return Ok(1);
    }
    let mut out = Output::stdout();
    // What cannot be written is told at the end.
    let _ = out.write_all(draw(&pictures, screen).as_bytes());
    Ok(out.end("fw graph"))
}

fn pictures(asked: &Asked) -> Result<Vec<Picture>, Error> {
    let kernel = Kernel::new();
    let mut pictures = Vec::new();
    for family in asked.families() {
        let mut names = match asked.text("table") {
            Some(name) => vec![name],
            None => kernel.tables(family)?,
        };
        names.sort_by_key(|name| TABLES.iter().position(|known| known == name).unwrap_or(TABLES.len()));
        for name in names {
            let table = kernel.open(family, &name)?;
            let mut picture = Picture::new(&table);
            if let Ok(Some(chain)) = asked.word() {
                picture.keep_around(&String::from_utf8_lossy(chain));
            } else if !asked.has("all") {
                picture.drop_idle();
            }
            if !asked.has("unfold") {
                picture.fold();
            }
            picture.measure();
            if !asked.has("unfold") {
                picture.fold_layers();
            }
            pictures.push(picture);
        }
    }
    pictures.retain(|picture| !picture.nodes.is_empty());
    Ok(pictures)
}

impl Picture {
    fn new(table: &Table) -> Picture {
        let chains: Vec<Chain<'_>> = table.chains().collect();
        let places: HashMap<&[u8], usize> =
            chains.iter().enumerate().map(|(index, chain)| (chain.name_bytes(), index)).collect();
        let mut edges = Vec::new();
        let mut nodes = Vec::with_capacity(chains.len());
        for (from, chain) in chains.iter().enumerate() {
            let mut node = Node {
                name: clean(&chain.name()).into_owned(),
                chains: 1,
                hook: chain.hook(),
                policy: chain.policy(),
                rules: chain.len(),
                decided: chain.policy_counters(),
                ..Node::default()
            };
            for rule in chain.rules() {
                let (to, goto) = match rule.target() {
                    TargetRef::Jump(chain) => (chain, false),
                    TargetRef::Goto(chain) => (chain, true),
                    TargetRef::None => continue,
                    TargetRef::Verdict(verdict) => {
                        *node.targets.entry(verdict.to_string()).or_default() += 1;
                        continue;
                    }
                    TargetRef::Extension(target) => {
                        let name = clean(&String::from_utf8_lossy(target.name())).into_owned();
                        *node.targets.entry(name).or_default() += 1;
                        continue;
                    }
                };
                if let Some(to) = places.get(to).copied() {
                    edges.push(Edge { from, to, rules: 1, counters: rule.counters(), goto });
                }
            }
            nodes.push(node);
        }
        let mut picture =
            Picture { family: table.family(), table: table.name().into(), nodes, edges: Vec::new() };
        picture.set_edges(edges);
        picture
    }

    /// The edges, those between the same two put together.
    fn set_edges(&mut self, edges: Vec<Edge>) {
        let mut together: BTreeMap<(usize, usize), Edge> = BTreeMap::new();
        for edge in edges {
            let known = together.entry((edge.from, edge.to)).or_insert(Edge {
                rules: 0,
                counters: Counters::ZERO,
                ..edge
            });
            known.rules += edge.rules;
            known.counters += edge.counters;
            known.goto &= edge.goto;
        }
        self.edges = together.into_values().collect();
    }

    /// Keeps some of the nodes, by their index.
    fn keep(&mut self, kept: &[bool]) {
        let mut places = Vec::with_capacity(kept.len());
        let mut next = 0;
        for kept in kept {
            places.push(kept.then_some(next));
            next += usize::from(*kept);
        }
        let mut flags = kept.iter();
        self.nodes.retain(|_| flags.next().copied().unwrap_or(false));
        let edges = std::mem::take(&mut self.edges);
        self.edges = edges
            .into_iter()
            .filter_map(|edge| Some(Edge { from: places[edge.from]?, to: places[edge.to]?, ..edge }))
            .collect();
    }

    /// Keeps a chain, what goes to it and where it goes to.
    fn keep_around(&mut self, name: &str) {
        let mut kept: Vec<bool> = self.nodes.iter().map(|node| node.name == clean(name)).collect();
        let mut above = kept.clone();
        // As often as there are levels.
        loop {
            let before = (kept.clone(), above.clone());
            for edge in &self.edges {
                kept[edge.to] |= kept[edge.from];
                above[edge.from] |= above[edge.to];
            }
            if (&kept, &above) == (&before.0, &before.1) {
                break;
            }
        }
        let both: Vec<bool> = kept.iter().zip(&above).map(|(below, above)| *below || *above).collect();
        self.keep(&both);
    }

    /// Leaves out built-in chains that do nothing.
    fn drop_idle(&mut self) {
        let kept: Vec<bool> = self
            .nodes
            .iter()
            .map(|node| node.rules > 0 || node.hook.is_none() || node.policy != Some(Policy::Accept))
            .collect();
        self.keep(&kept);
    }

    /// Finds out how far each chain is from those that packets enter.
    fn measure(&mut self) {
        for node in &mut self.nodes {
            node.depth = 0;
        }
        // The kernel has no loops, but folded chains may go to their own kind.
        for _ in 0..self.nodes.len().min(40) {
            let mut moved = false;
            for edge in &self.edges {
                let depth = (self.nodes[edge.from].depth + 1).min(40);
                if edge.from != edge.to
                    && self.nodes[edge.to].depth < depth
                    && self.nodes[edge.to].hook.is_none()
                {
                    self.nodes[edge.to].depth = depth;
                    moved = true;
                }
            }
            if !moved {
                break;
            }
        }
    }

    /// Whether nothing goes to a chain that a user made.
    fn is_unused(&self, node: usize) -> bool {
        self.nodes[node].hook.is_none() && !self.edges.iter().any(|edge| edge.to == node)
    }

    fn title(&self) -> String {
        format!("{} {}", self.family, clean(&self.table))
    }
}

impl Node {
    /// What it is and does, in short.
    fn summary(&self) -> String {
        let mut parts = Vec::new();
        if self.chains > 1 {
            parts.push(format!("{} chains", self.chains));
        }
        parts.push(match self.rules {
            1 => "1 rule".into(),
            rules => format!("{rules} rules"),
        });
        if let Some(policy) = self.policy {
            parts.push(match self.decided.packets {
                0 => format!("policy {policy}"),
                packets => format!("policy {policy} {} pkts", short(packets)),
            });
        }
        let mut targets: Vec<_> = self.targets.iter().collect();
        targets.sort_by_key(|(_, rules)| std::cmp::Reverse(**rules));
        let others = targets.len().saturating_sub(4);
        for (name, rules) in targets.into_iter().take(4) {
            parts.push(if *rules == 1 { name.clone() } else { format!("{rules} {name}") });
        }
        if others > 0 {
            parts.push(format!("{others} other targets"));
        }
        parts.join(", ")
    }
}

impl Edge {
    /// How many rules, and what they have counted.
    fn label(&self) -> String {
        let rules = if self.rules == 1 { String::new() } else { format!("{} rules", self.rules) };
        let packets = match self.counters.packets {
            0 => String::new(),
            packets => format!("{} pkts", short(packets)),
        };
        let parts: Vec<_> = [rules, packets].into_iter().filter(|part| !part.is_empty()).collect();
        parts.join(", ")
    }
}
