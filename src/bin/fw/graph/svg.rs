//! A picture for browsers: a lane for each table, in it the chains from left to right as packets come to them.

use std::fmt::Write as _;

use libfw::Policy;

use super::super::terminal::{Screen, width};
use super::{Edge, Node, PATHS, Picture};

/// How wide a letter is, of the name and of what stands below it.
const LETTER: f64 = 9.8;
const SMALL: f64 = 6.6;
const HEIGHT: f64 = 42.0;
const GAP: f64 = 14.0;
/// Between two columns at least, where the lines run.
const BETWEEN: f64 = 70.0;
/// The room of a line that passes between boxes, and the width of a letter beside its tip.
const PASSAGE: f64 = 18.0;
const TINY: f64 = 6.0;
const MARGIN: f64 = 16.0;
const HEAD: f64 = 34.0;
/// No more letters of a summary stand in a box.
const WORDS: usize = 46;

/// Where a node stands.
#[derive(Clone, Copy, Default)]
struct Place {
    x: f64,
    y: f64,
    width: f64,
}

/// How thick a line is that so many packets have gone along: by one for ten times as many.
pub(super) fn stroke(packets: u64) -> f64 {
    (1.0 + f64::from(u64::BITS - packets.leading_zeros()) * std::f64::consts::LOG10_2).min(9.0)
}

pub(super) fn draw(pictures: &[Picture], _: Screen) -> String {
    let mut body = String::new();
    let mut y = MARGIN;
    let mut wide: f64 = 480.0;
    for family in libfw::Family::ALL {
        let of_family: Vec<&Picture> = pictures.iter().filter(|picture| picture.family == family).collect();
        if of_family.is_empty() {
            continue;
        }
        let (strip, width) = path(&of_family, y);
        body += &strip;
        wide = wide.max(width);
        y += 74.0;
        for picture in of_family {
            let (lane, width, height) = lane(picture, y);
            body += &lane;
            wide = wide.max(width);
            y += height + MARGIN;
        }
    }
    let (width, height) = (wide + MARGIN, y);
    // Lanes are as wide as the picture.
    let body = body.replace("@LANE@", &format!("{:.0}", width - 2.0 * MARGIN));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\">\n{STYLE}\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{body}</svg>\n"
    )
}

const STYLE: &str = "<style>\n\
text { font-family: 'DejaVu Sans', Verdana, sans-serif; fill: #212121; }\n\
.name { font-size: 13px; font-weight: bold; } .about { font-size: 11px; fill: #616161; }\n\
.lane { fill: #fafafa; stroke: #cfd8dc; } .lane-name { font-size: 15px; font-weight: bold; fill: #37474f; }\n\
.chain { fill: #ffffff; stroke: #78909c; stroke-width: 1.2; } .many { fill: #eceff1; }\n\
.accept { fill: #e8f5e9; stroke: #2e7d32; stroke-width: 2; } .drop { fill: #ffebee; stroke: #c62828; stroke-width: 2; }\n\
.unused { stroke-dasharray: 4 3; }\n\
.jump { fill: none; stroke: #90a4ae; } .hot { stroke: #1565c0; stroke-opacity: 0.75; } .goto { stroke-dasharray: 6 4; }\n\
.label { font-size: 10px; fill: #455a64; paint-order: stroke; stroke: #fafafa; stroke-width: 3px; }\n\
</style>\n\
<defs><marker id=\"tip\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"9\" markerHeight=\"9\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">\
<path d=\"M0,0 L10,5 L0,10 z\" fill=\"#607d8b\"/></marker></defs>\n";

/// The way of packets through hooks and tables.
fn path(pictures: &[&Picture], y: f64) -> (String, f64) {
    let mut text = String::new();
    let mut x = MARGIN;
    if let Some(picture) = pictures.first() {
        let _ = writeln!(
            text,
            "<text class=\"lane-name\" x=\"{x:.0}\" y=\"{:.0}\">{}</text>",
            y + 14.0,
            picture.family
        );
    }
    for (hook, tables) in PATHS {
        let met: Vec<&str> = tables
            .iter()
            .copied()
            .filter(|name| {
                let of_table = |picture: &&&Picture| picture.table == *name;
                pictures
                    .iter()
                    .find(of_table)
                    .is_some_and(|picture| picture.nodes.iter().any(|node| node.hook == Some(hook)))
            })
            .collect();
        let words = if met.is_empty() { "no rules".into() } else { met.join(" \u{2192} ") };
        let name = hook.chain_name();
        let wide = (width(name) as f64 * LETTER).max(width(&words) as f64 * SMALL) + 20.0;
        let _ = writeln!(
            text,
            "<rect class=\"chain\" x=\"{x:.0}\" y=\"{:.0}\" width=\"{wide:.0}\" height=\"{HEIGHT}\" rx=\"6\"/>\
             <text class=\"name\" x=\"{:.0}\" y=\"{:.0}\">{name}</text><text class=\"about\" x=\"{:.0}\" y=\"{:.0}\">{}</text>",
            y + 22.0,
            x + 10.0,
            y + 40.0,
            x + 10.0,
            y + 56.0,
            escaped(&words)
        );
        x += wide + 12.0;
    }
    (text, x)
}

/// A table; its width and height too.
fn lane(picture: &Picture, top: f64) -> (String, f64, f64) {
    let Layout { places, passages, width, height } = Layout::new(picture, top + HEAD);
    let mut text = String::new();
    let _ = writeln!(
        text,
        "<rect class=\"lane\" x=\"{MARGIN}\" y=\"{top:.0}\" width=\"@LANE@\" height=\"{:.0}\" rx=\"8\"/>\
         <text class=\"lane-name\" x=\"{:.0}\" y=\"{:.0}\">{}</text>",
        height + HEAD,
        MARGIN + 12.0,
        top + 22.0,
        escaped(&picture.title())
    );
    for (edge, passages) in picture.edges.iter().zip(&passages) {
        line(&mut text, edge, places[edge.from], passages, places[edge.to]);
    }
    for (index, node) in picture.nodes.iter().enumerate() {
        boxed(&mut text, node, picture.is_unused(index), places[index]);
    }
    // Last, so that no line runs through them.
    let mut labels = vec![0; places.len()];
    for edge in picture.edges.iter().filter(|edge| !edge.label().is_empty()) {
        label(&mut text, edge, places[edge.from], places[edge.to], labels[edge.to]);
        labels[edge.to] += 1;
    }
    (text, width, height + HEAD)
}

/// Where everything of a table stands.
struct Layout {
    places: Vec<Place>,
    /// Of each edge: where it passes the columns between.
    passages: Vec<Vec<Place>>,
    width: f64,
    height: f64,
}

/// What stands in a column: a box, or a line on its way to another column.
#[derive(Clone, Copy)]
enum Item {
    Box(usize),
    Passage(usize),
}

impl Layout {
    fn new(picture: &Picture, top: f64) -> Layout {
        let depth = |node: usize| picture.nodes[node].depth;
        let depths = picture.nodes.iter().map(|node| node.depth + 1).max().unwrap_or(0);
        let mut layout = Layout {
            places: vec![Place::default(); picture.nodes.len()],
            passages: vec![Vec::new(); picture.edges.len()],
            width: MARGIN + 14.0,
            height: 0.0,
        };
        for column in 0..depths {
            let ending = picture.edges.iter().filter(|edge| depth(edge.to) == column);
            let labels = ending.map(|edge| width(&edge.label()) as f64 * TINY).fold(0.0, f64::max);
            if column > 0 {
                layout.width += BETWEEN.max(labels + 50.0);
            }
            let boxes = (0..picture.nodes.len()).filter(|node| depth(*node) == column).map(Item::Box);
            let passing = picture.edges.iter().enumerate();
            let passing = passing.filter(|(_, edge)| depth(edge.from) < column && column < depth(edge.to));
            let passing = passing.map(|(index, _)| Item::Passage(index));
            let mut items: Vec<(f64, Item)> =
                boxes.chain(passing).map(|item| (layout.height_of(picture, item, column), item)).collect();
            // Beside what goes to it.
            if column > 0 {
                items.sort_by(|(a, _), (b, _)| a.total_cmp(b));
            }
            layout.column(picture, &items, top);
        }
        layout.width += MARGIN + 14.0;
        layout
    }

    /// How high something should stand: as what goes to it does.
    fn height_of(&self, picture: &Picture, item: Item, column: usize) -> f64 {
        let came = |index: usize| {
            let from = picture.edges[index].from;
            self.passages[index].last().map_or(self.places[from].y + HEIGHT / 2.0, |place| place.y)
        };
        let heights: Vec<f64> = match item {
            Item::Passage(index) => vec![came(index)],
            Item::Box(node) => {
                let edges = picture.edges.iter().enumerate();
                let coming =
                    edges.filter(|(_, edge)| edge.to == node && picture.nodes[edge.from].depth < column);
                coming.map(|(index, _)| came(index)).collect()
            }
        };
        heights.iter().sum::<f64>() / heights.len().max(1) as f64
    }

    /// Fills a column from its top.
    fn column(&mut self, picture: &Picture, items: &[(f64, Item)], top: f64) {
        let boxes = items.iter().filter_map(|(_, item)| match item {
            Item::Box(node) => Some(box_width(&picture.nodes[*node])),
            Item::Passage(_) => None,
        });
        let (x, wide) = (self.width, boxes.fold(0.0, f64::max));
        let mut y = top;
        for (_, item) in items {
            match *item {
                Item::Box(node) => {
                    self.places[node] = Place { x, y, width: box_width(&picture.nodes[node]) };
                    y += HEIGHT + GAP;
                }
                Item::Passage(edge) => {
                    self.passages[edge].push(Place { x, y: y + PASSAGE / 2.0, width: wide });
                    y += PASSAGE;
                }
            }
        }
        self.width += wide;
        self.height = self.height.max(y - top);
    }
}

fn box_width(node: &Node) -> f64 {
    let about = width(&shortened(&node.summary())) as f64 * SMALL;
    (width(&node.name) as f64 * LETTER).max(about) + 24.0
}

fn shortened(text: &str) -> String {
    if width(text) <= WORDS {
        return text.to_owned();
    }
    text.chars().take(WORDS - 1).chain(['\u{2026}']).collect()
}

fn boxed(text: &mut String, node: &Node, unused: bool, Place { x, y, width }: Place) {
    let policy = match node.policy {
        Some(Policy::Accept) => " accept",
        Some(_) => " drop",
        None => "",
    };
    let many = if node.chains > 1 { " many" } else { "" };
    let unused = if unused { " unused" } else { "" };
    if node.chains > 1 {
        // The others behind it.
        let _ = writeln!(
            text,
            "<rect class=\"chain many\" x=\"{:.0}\" y=\"{:.0}\" width=\"{width:.0}\" height=\"{HEIGHT}\" rx=\"6\"/>",
            x + 4.0,
            y + 4.0
        );
    }
    let (name, summary) = (escaped(&node.name), node.summary());
    let _ = writeln!(
        text,
        "<g><title>{name}: {}</title><rect class=\"chain{policy}{many}{unused}\" x=\"{x:.0}\" y=\"{y:.0}\" width=\"{width:.0}\" height=\"{HEIGHT}\" rx=\"6\"/>\
         <text class=\"name\" x=\"{:.0}\" y=\"{:.0}\">{name}</text><text class=\"about\" x=\"{:.0}\" y=\"{:.0}\">{}</text></g>",
        escaped(&summary),
        x + 12.0,
        y + 18.0,
        x + 12.0,
        y + 34.0,
        escaped(&shortened(&summary))
    );
}

/// From the right of one box to the left of another, between those in the columns that lie between; or around where the other
/// does not lie to the right.
fn line(text: &mut String, edge: &Edge, from: Place, passages: &[Place], to: Place) {
    let begin = (from.x + from.width, from.y + HEIGHT / 2.0);
    let mut path = format!("M{:.0},{:.0}", begin.0, begin.1);
    if to.x > from.x {
        let mut at = begin;
        let bend = |path: &mut String, from: (f64, f64), to: (f64, f64)| {
            let middle = (from.0 + to.0) / 2.0;
            let _ =
                write!(path, " C{middle:.0},{:.0} {middle:.0},{:.0} {:.0},{:.0}", from.1, to.1, to.0, to.1);
        };
        for passage in passages {
            bend(&mut path, at, (passage.x, passage.y));
            at = (passage.x + passage.width, passage.y);
            let _ = write!(path, " L{:.0},{:.0}", at.0, at.1);
        }
        bend(&mut path, at, (to.x, to.y + HEIGHT / 2.0));
    } else {
        let end = (to.x + to.width, to.y + HEIGHT / 2.0);
        let out = begin.0.max(end.0) + BETWEEN * 0.7;
        let _ = write!(path, " C{out:.0},{:.0} {out:.0},{:.0} {:.0},{:.0}", begin.1, end.1, end.0, end.1);
    }
    let hot = if edge.counters.packets > 0 { " hot" } else { "" };
    let goto = if edge.goto { " goto" } else { "" };
    let _ = writeln!(
        text,
        "<path class=\"jump{hot}{goto}\" stroke-width=\"{:.1}\" marker-end=\"url(#tip)\" d=\"{path}\"/>",
        stroke(edge.counters.packets)
    );
}

/// What a line stands for, beside its tip, where lines have come apart; above and below those of `others`.
fn label(text: &mut String, edge: &Edge, from: Place, to: Place, others: usize) {
    let (x, anchor) = match to.x > from.x {
        true => (to.x - 12.0, "end"),
        false => (to.x + to.width + 14.0, "start"),
    };
    let step = (others / 2) as f64 * 11.0;
    let y = to.y + HEIGHT / 2.0 + if others.is_multiple_of(2) { -6.0 - step } else { 14.0 + step };
    let words = escaped(&edge.label());
    let _ = writeln!(
        text,
        "<text class=\"label\" text-anchor=\"{anchor}\" x=\"{x:.0}\" y=\"{y:.0}\">{words}</text>"
    );
}

/// A text in XML.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            letter => out.push(letter),
        }
    }
    out
}
