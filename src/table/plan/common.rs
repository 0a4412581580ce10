//! The longest common subsequence of two lists: what can stay where it is.

use std::collections::VecDeque;
use std::hash::Hash;

use crate::types::hash::HashMap;

/// Up to so many pairs of equal elements are followed one by one.
const PAIRS: usize = 1 << 20;

/// What of two lists is the same.
pub(in crate::table) struct Common {
    /// The places of the longest common subsequence, ascending in both.
    pub(in crate::table) stays: Vec<(usize, usize)>,
    /// The places of what else is in both.
    pub(in crate::table) moves: Vec<(usize, usize)>,
}

/// Finds out what of a list can be used for another. No more can stay, and no more can be used.
pub(in crate::table) fn compare(a: &[u32], b: &[u32]) -> Common {
    compare_around(a, b, &[])
}

/// The same where some elements stay whatever the others do: pairs of places, ascending in both.
pub(super) fn compare_around(a: &[u32], b: &[u32], fixed: &[(usize, usize)]) -> Common {
    let mut stays = Vec::new();
    let mut start = (0, 0);
    for (from, to) in fixed {
        part(&a[start.0..*from], &b[start.1..*to], start, &mut stays);
        stays.push((*from, *to));
        start = (from + 1, to + 1);
    }
    part(&a[start.0..], &b[start.1..], start, &mut stays);
    let (mut left_a, mut left_b) = (vec![true; a.len()], vec![true; b.len()]);
    for (x, y) in &stays {
        (left_a[*x], left_b[*y]) = (false, false);
    }
    let mut places: HashMap<u32, VecDeque<usize>> = HashMap::default();
    for (at, element) in a.iter().enumerate().filter(|(at, _)| left_a[*at]) {
        places.entry(*element).or_default().push_back(at);
    }
    let left = b.iter().enumerate().filter(|(at, _)| left_b[*at]);
    let moves = left.filter_map(|(at, element)| Some((places.get_mut(element)?.pop_front()?, at))).collect();
    Common { stays, moves }
}

/// A number for each element, the same for those that are equal.
pub(in crate::table) fn numbered<T: Hash + Eq>(list: impl IntoIterator<Item = T>) -> Vec<u32> {
    let mut known = HashMap::default();
    let number = |element| {
        let next = known.len() as u32;
        *known.entry(element).or_insert(next)
    };
    list.into_iter().map(number).collect()
}

/// The places of the longest common subsequence of two lists, ascending in both.
pub(super) fn matching(a: &[u32], b: &[u32]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    part(a, b, (0, 0), &mut found);
    found
}

/// The same for parts of lists that begin at these places.
fn part(mut a: &[u32], mut b: &[u32], (mut at_a, mut at_b): (usize, usize), found: &mut Vec<(usize, usize)>) {
    while let (Some((x, rest_a)), Some((y, rest_b))) = (a.split_first(), b.split_first()) {
        if x != y {
            break;
        }
        found.push((at_a, at_b));
        (a, b, at_a, at_b) = (rest_a, rest_b, at_a + 1, at_b + 1);
    }
    let mut behind = 0;
    while let (Some((x, rest_a)), Some((y, rest_b))) = (a.split_last(), b.split_last()) {
        if x != y {
            break;
        }
        behind += 1;
        (a, b) = (rest_a, rest_b);
    }
    if !a.is_empty() && !b.is_empty() {
        let places = places(b);
        let pairs: usize = a.iter().map(|x| places.get(x).map_or(0, Vec::len)).sum();
        if pairs <= PAIRS.max(4 * (a.len() + b.len())) {
            follow(a, &places, (at_a, at_b), found);
        } else {
            halve(a, b, (at_a, at_b), found);
        }
    }
    found.extend((0..behind).map(|index| (at_a + a.len() + index, at_b + b.len() + index)));
}

/// Where each element is.
fn places(list: &[u32]) -> HashMap<u32, Vec<u32>> {
    let mut places: HashMap<u32, Vec<u32>> = HashMap::default();
    for (at, element) in (0..).zip(list) {
        places.entry(*element).or_default().push(at);
    }
    places
}

/// Hunt and Szymanski: for each length the sequence of pairs that ends earliest in `b`, extended by the pairs of one element
/// of `a` after the other. Good where there are few pairs.
fn follow(
    a: &[u32],
    places: &HashMap<u32, Vec<u32>>,
    (at_a, at_b): (usize, usize),
    found: &mut Vec<(usize, usize)>,
) {
    const NONE: u32 = u32::MAX;
    // A pair, and the one before it in its sequence.
    let mut pairs: Vec<(u32, u32, u32)> = Vec::new();
    // By length: where the sequence ends, and its last pair.
    let mut ends: Vec<(u32, u32)> = Vec::new();
    for (x, element) in (0..).zip(a) {
        // From behind, so that no two pairs of this element come into one sequence.
        for y in places.get(element).into_iter().flatten().rev() {
            let length = ends.partition_point(|(end, _)| end < y);
            if ends.get(length).is_some_and(|(end, _)| end == y) {
                continue;
            }
            let before = length.checked_sub(1).map_or(NONE, |shorter| ends[shorter].1);
            let this = pairs.len() as u32;
            pairs.push((x, *y, before));
            match ends.get_mut(length) {
                Some(end) => *end = (*y, this),
                None => ends.push((*y, this)),
            }
        }
    }
    let start = found.len();
    let mut next = ends.last().map_or(NONE, |(_, last)| *last);
    while let Some((x, y, before)) = pairs.get(next as usize) {
        found.push((at_a + *x as usize, at_b + *y as usize));
        next = *before;
    }
    found[start..].reverse();
}

/// Hirschberg: where the best sequence crosses the middle of `a`, and then its two halves. Good where there are many pairs,
/// since the lengths are found for 64 elements at once.
fn halve(a: &[u32], b: &[u32], (at_a, at_b): (usize, usize), found: &mut Vec<(usize, usize)>) {
    let middle = a.len() / 2;
    if middle == 0 {
        let only = a.first().and_then(|x| b.iter().position(|y| x == y));
        return found.extend(only.map(|y| (at_a, at_b + y)));
    }
    let before = lengths(a[..middle].iter(), b);
    let backward: Vec<u32> = b.iter().rev().copied().collect();
    let after = lengths(a[middle..].iter().rev(), &backward);
    let cut = (0..=b.len()).max_by_key(|cut| before[*cut] + after[b.len() - cut]).unwrap_or(0);
    part(&a[..middle], &b[..cut], (at_a, at_b), found);
    part(&a[middle..], &b[cut..], (at_a + middle, at_b + cut), found);
}

/// The length of the longest common subsequence of a list and each beginning of another.
///
/// Of the row for one element after the other there is a bit for each place of `b`: 0 where the length grows. A row follows
/// from the one before by an addition, whose carry finds the next place (Crochemore and others, 2001).
fn lengths<'a>(a: impl Iterator<Item = &'a u32>, b: &[u32]) -> Vec<u32> {
    let words = b.len().div_ceil(64);
    let places = places(b);
    let mask = |places: &[u32]| {
        let mut mask = vec![0u64; words];
        places.iter().for_each(|at| mask[*at as usize / 64] |= 1 << (at % 64));
        mask
    };
    // No more than 64 elements are so frequent.
    let frequent: HashMap<u32, Vec<u64>> = places
        .iter()
        .filter(|(_, places)| places.len() > words)
        .map(|(element, places)| (*element, mask(places)))
        .collect();
    let mut rare = vec![0u64; words];
    let mut row = vec![u64::MAX; words];
    for element in a {
        let Some(places) = places.get(element) else { continue };
        if let Some(mask) = frequent.get(element) {
            step(&mut row, mask);
            continue;
        }
        places.iter().for_each(|at| rare[*at as usize / 64] |= 1 << (at % 64));
        step(&mut row, &rare);
        places.iter().for_each(|at| rare[*at as usize / 64] = 0);
    }
    let mut length = 0;
    let grown = (0..b.len()).map(|at| {
        length += u32::from(row[at / 64] >> (at % 64) & 1 == 0);
        length
    });
    [0].into_iter().chain(grown).collect()
}

fn step(row: &mut [u64], mask: &[u64]) {
    let mut carry = false;
    for (word, mask) in row.iter_mut().zip(mask) {
        let (sum, first) = word.overflowing_add(*word & mask);
        let (sum, second) = sum.overflowing_add(carry.into());
        carry = first || second;
        *word = sum | (*word & !mask);
    }
}

#[cfg(all(test, playground))]
mod tests {
    use super::*;
    use crate::common::random::Random;
    use crate::longest::longest;

    fn check(a: &[u32], b: &[u32], found: &[(usize, usize)]) {
        assert!(found.iter().all(|(x, y)| a[*x] == b[*y]), "{a:?} {b:?} {found:?}");
        assert!(found.windows(2).all(|two| two[0].0 < two[1].0 && two[0].1 < two[1].1), "{found:?}");
        assert_eq!(found.len(), longest(a, b), "{a:?} {b:?} {found:?}");
    }

    /// Each way finds the longest, of lists with few and with many equal elements.
    #[test]
    fn the_longest() {
        for seed in 0..600 {
            let mut random = Random::new(seed);
            let kinds = *random.pick(&[1, 2, 4, 20, 200]);
            let longest = *random.pick(&[8, 40, 200]);
            let mut list =
                || -> Vec<u32> { (0..random.below(longest)).map(|_| random.below(kinds) as u32).collect() };
            let (a, b) = (list(), list());
            check(&a, &b, &matching(&a, &b));
            let mut ways = [Vec::new(), Vec::new()];
            follow(&a, &places(&b), (0, 0), &mut ways[0]);
            if !a.is_empty() {
                halve(&a, &b, (0, 0), &mut ways[1]);
                check(&a, &b, &ways[1]);
            }
            check(&a, &b, &ways[0]);
        }
    }

    /// The worst lists take no time that anybody minds.
    #[test]
    fn long_lists() {
        let begin = std::time::Instant::now();
        let mut random = Random::new(1);
        let mut list = |kinds| -> Vec<u32> { (0..6_000).map(|_| random.below(kinds) as u32).collect() };
        for kinds in [2, 50, 6_000] {
            let (a, b) = (list(kinds), list(kinds));
            assert!(matching(&a, &b).len() > 100);
        }
        let ascending: Vec<u32> = (0..6_000).collect();
        let descending: Vec<u32> = ascending.iter().rev().copied().collect();
        assert_eq!(matching(&ascending, &descending).len(), 1);
        assert!(begin.elapsed().as_secs() < 30, "{:?}", begin.elapsed());
    }
}
