//! Where desired rules are to be among those of others.

use std::collections::VecDeque;

use super::common::matching;
use super::scope::Position;
use super::sides::{Item, Sides};
use crate::Result;
use crate::types::hash::{HashMap, HashSet};

/// Where rules of a desired table are to be among those of others: chain, index in it, and position.
pub(crate) type Places = [(Vec<u8>, usize, Position)];

/// The rules that are to be in a chain: those of others in their order, and the desired ones where they are asked to be. Where
/// nothing is asked, they stay where they are, and new ones come behind the desired one before them.
pub(super) fn among(
    sides: &Sides<'_>,
    places: &Places,
    chain: &[u8],
    [have, want]: [&[Item]; 2],
    is_ours: impl Fn(&Item) -> bool,
) -> Result<Vec<Item>> {
    let placed: HashMap<usize, &Position> =
        places.iter().filter(|(of, ..)| of == chain).map(|(_, at, position)| (*at, position)).collect();
    let free: Vec<usize> = (0..want.len()).filter(|index| !placed.contains_key(index)).collect();
    let groups = groups(want, &placed);
    let ours: HashSet<usize> = (0..have.len()).filter(|index| is_ours(&have[*index])).collect();
    let in_place = in_place(sides, have, &ours, &groups);
    let mut target = free_among(sides, [have, want], &ours, &in_place, free);
    let (mut first, mut last) = (Vec::new(), Vec::new());
    // By number of a rule: that of the last one that was put right behind it.
    let mut behind: HashMap<usize, usize> = HashMap::default();
    let mut ordered: Vec<_> = placed.into_iter().collect();
    ordered.sort_unstable_by_key(|(index, _)| *index);
    for (index, position) in ordered {
        let item = want[index];
        let (reference, after) = match position {
            Position::First => {
                first.push(item);
                continue;
            }
            Position::Last => {
                last.push(item);
                continue;
            }
            Position::Before(rule) => (rule.view(), false),
            Position::After(rule) => (rule.view(), true),
        };
        let Some(at) = target.iter().position(|(_, known)| sides.is(*known, reference)) else {
            return Err(sides.there.no_such_rule(chain, reference));
        };
        let number = target.len();
        // Several behind the same rule keep their order.
        let at = if after {
            let known = target[at].0;
            let one = behind.insert(known, number).unwrap_or(known);
            target.iter().position(|(number, _)| *number == one).unwrap_or(at) + 1
        } else {
            at
        };
        target.insert(at, (number, item));
    }
    first.extend(target.into_iter().map(|(_, item)| item));
    first.extend(last);
    Ok(first)
}

/// The rules of one position each, in their order.
fn groups<'a>(want: &[Item], placed: &HashMap<usize, &'a Position>) -> Vec<(&'a Position, Vec<Item>)> {
    let mut groups: Vec<(&Position, Vec<Item>)> = Vec::new();
    for (index, item) in want.iter().enumerate() {
        let Some(position) = placed.get(&index) else { continue };
        match groups.iter_mut().find(|(known, _)| known == position) {
            Some((_, items)) => items.push(*item),
            None => groups.push((position, vec![*item])),
        }
    }
    // What is first or last is no rule for others to be beside.
    groups.sort_by_key(|(position, _)| !matches!(position, Position::First | Position::Last));
    groups
}

/// The rules that are where they are asked to be already, which are not taken for others that are equal.
fn in_place(
    sides: &Sides<'_>,
    have: &[Item],
    ours: &HashSet<usize>,
    groups: &[(&Position, Vec<Item>)],
) -> HashSet<usize> {
    let mut found: HashSet<usize> = HashSet::default();
    for (position, items) in groups {
        let beside = |rule| (0..have.len()).find(|at| !found.contains(at) && sides.is(have[*at], rule));
        let start = match position {
            Position::First => Some(0),
            Position::Last => have.len().checked_sub(items.len()),
            Position::Before(rule) => beside(rule.view()).and_then(|at| at.checked_sub(items.len())),
            Position::After(rule) => beside(rule.view()).map(|at| at + 1),
        };
        let Some(range) = start.map(|start| start..start + items.len()) else { continue };
        let is_it = |(at, item): (usize, &Item)| {
            ours.contains(&at) && !found.contains(&at) && sides.same(have[at], *item)
        };
        if range.end <= have.len() && range.clone().zip(items).all(is_it) {
            found.extend(range);
        }
    }
    found
}

/// The rules of others and those for which no place is asked, each with a number.
fn free_among(
    sides: &Sides<'_>,
    [have, want]: [&[Item]; 2],
    ours: &HashSet<usize>,
    in_place: &HashSet<usize>,
    free: Vec<usize>,
) -> Vec<(usize, Item)> {
    let known: Vec<usize> =
        (0..have.len()).filter(|index| ours.contains(index) && !in_place.contains(index)).collect();
    let items = |items: &[Item], places: &[usize]| -> Vec<Item> {
        places.iter().map(|index| items[*index]).collect()
    };
    let [a, b] = sides.numbers([&items(have, &known), &items(want, &free)]);
    let stay: HashMap<usize, usize> =
        matching(&a, &b).into_iter().map(|(a, b)| (known[a], free[b])).collect();
    let stays: HashSet<usize> = stay.values().copied().collect();
    let mut left: VecDeque<usize> = free.into();
    let mut target = Vec::with_capacity(have.len() + want.len());
    for (index, item) in have.iter().enumerate() {
        match stay.get(&index) {
            // New ones before the first that stays come right before it.
            Some(same) => {
                while let Some(next) = left.pop_front() {
                    target.push(want[next]);
                    if next == *same {
                        break;
                    }
                }
                // Those that follow it without one that stays come right behind it.
                while let Some(next) = left.front().filter(|next| !stays.contains(next)) {
                    target.push(want[*next]);
                    left.pop_front();
                }
            }
            None if ours.contains(&index) => {}
            None => target.push(*item),
        }
    }
    target.extend(left.into_iter().map(|index| want[index]));
    target.into_iter().enumerate().collect()
}

/// The rules of others, which are wanted in the order that they have: where each is, and where it is wanted.
pub(super) fn fixed(have: &[Item], want: &[Item]) -> Vec<(usize, usize)> {
    let mut there = have.iter().enumerate();
    let place = |(to, item): (usize, &Item)| {
        let Item::There(wanted) = item else { return None };
        let is_it = |item: &Item| matches!(item, Item::There(slot) if slot.at == wanted.at);
        Some((there.find(|(_, item)| is_it(item))?.0, to))
    };
    want.iter().enumerate().filter_map(place).collect()
}
