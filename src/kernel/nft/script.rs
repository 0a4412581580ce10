//! From the rules that a chain has to those that it shall have, by touching as few of them as possible.

/// What becomes of one chain. First the deletions, then the rules that are put, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Script {
    /// Whether none of the old rules stays where it is: they are deleted together.
    pub(crate) flush: bool,
    /// The old rules that are deleted, by index.
    pub(crate) delete: Vec<usize>,
    /// The new rules, or those that stand in another order now, by index.
    pub(crate) put: Vec<(usize, Put)>,
}

/// Where a rule is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Put {
    First,
    Last,
    /// Before the old rule with this index.
    Before(usize),
    /// In the place of the old rule with this index.
    Instead(usize),
}

impl Script {
    /// The script for a chain of `old` rules. Each rule that it shall have is one of those, by index, or a new one.
    ///
    /// With `replace`, one new rule between two that stay takes the place of one old rule there. An old rule that is
    /// replaced is used until the new one is there: what it refers to cannot be deleted before.
    pub(crate) fn new(old: usize, new: &[Option<usize>], replace: bool) -> Script {
        let stays = stays(old, new);
        let mut script = Script::default();
        let one = old == 1 && new.len() == 1 && replace;
        if !stays.contains(&true) && !one {
            script.flush = old > 0;
            script.put = (0..new.len()).map(|index| (index, Put::Last)).collect();
            return script;
        }
        let anchors = new.iter().zip(&stays).enumerate().filter(|(_, (_, stays))| **stays);
        let anchors = anchors.map(|(index, (rule, _))| (index, *rule));
        let mut from = 0;
        let mut gap = 0;
        for (index, anchor) in anchors.chain([(new.len(), None)]) {
            script.between(from..anchor.unwrap_or(old), gap..index, anchor, gap == 0, replace);
            from = anchor.map_or(old, |anchor| anchor + 1);
            gap = index + 1;
        }
        script
    }

    /// Old rules that go, and new ones that come, between two that stay.
    fn between(
        &mut self,
        old: std::ops::Range<usize>,
        new: std::ops::Range<usize>,
        anchor: Option<usize>,
        first: bool,
        replace: bool,
    ) {
        if replace && old.len() == 1 && new.len() == 1 {
            self.put.push((new.start, Put::Instead(old.start)));
            return;
        }
        self.delete.extend(old);
        match anchor {
            // The kernel looks for a handle from the beginning of the chain; this way it need not look.
            None => self.put.extend(new.map(|index| (index, Put::Last))),
            Some(_) if first => self.put.extend(new.rev().map(|index| (index, Put::First))),
            Some(anchor) => self.put.extend(new.map(|index| (index, Put::Before(anchor)))),
        }
    }
}

/// Which of the rules stay where they are: the most whose order is the old one.
pub(super) fn stays(old: usize, new: &[Option<usize>]) -> Vec<bool> {
    let kept = new.iter().flatten().filter(|index| **index < old);
    if kept.is_sorted_by(|a, b| a < b) {
        return new.iter().map(|index| index.is_some_and(|index| index < old)).collect();
    }
    // Piles of patience: on each the last rule of the best sequence of that length so far, by index in `new`.
    let mut piles: Vec<usize> = Vec::new();
    let mut before = vec![usize::MAX; new.len()];
    for (index, rule) in new.iter().enumerate() {
        let Some(rule) = rule.filter(|rule| *rule < old) else { continue };
        let pile = piles.partition_point(|top| new[*top] < Some(rule));
        if let Some(left) = pile.checked_sub(1) {
            before[index] = piles[left];
        }
        match piles.get_mut(pile) {
            Some(top) => *top = index,
            None => piles.push(index),
        }
    }
    let mut stays = vec![false; new.len()];
    let mut next = piles.last().copied().unwrap_or(usize::MAX);
    while let Some(stay) = stays.get_mut(next) {
        *stay = true;
        next = before[next];
    }
    stays
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the kernel makes of a script. Old rules are their indices, new ones `100 + index`.
    fn run(old: usize, script: &Script) -> Vec<usize> {
        let mut rules: Vec<usize> = (0..old).collect();
        if script.flush {
            rules.clear();
        }
        rules.retain(|rule| !script.delete.contains(rule));
        for (index, put) in &script.put {
            let new = 100 + index;
            let find = |wanted: &usize| rules.iter().position(|rule| rule == wanted).unwrap();
            match put {
                Put::First => rules.insert(0, new),
                Put::Last => rules.push(new),
                Put::Before(anchor) => rules.insert(find(anchor), new),
                Put::Instead(anchor) => {
                    let at = find(anchor);
                    rules[at] = new;
                }
            }
        }
        rules
    }

    #[test]
    fn scripts() {
        use Put::{Before, First, Instead, Last};
        let keep = |indices: &[i32]| -> Vec<Option<usize>> {
            indices.iter().map(|index| usize::try_from(*index).ok()).collect()
        };
        let cases: &[(usize, &[i32], bool, Script)] = &[
            (0, &[], true, Script::default()),
            (2, &[0, 1], true, Script::default()),
            (2, &[], true, Script { flush: true, ..Script::default() }),
            (2, &[0, 1, -1], true, Script { put: vec![(2, Last)], ..Script::default() }),
            (2, &[-1, 0, 1], true, Script { put: vec![(0, First)], ..Script::default() }),
            (2, &[-1, -1, 0, 1], true, Script { put: vec![(1, First), (0, First)], ..Script::default() }),
            (
                2,
                &[0, -1, -1, 1],
                true,
                Script { put: vec![(1, Before(1)), (2, Before(1))], ..Script::default() },
            ),
            (3, &[0, 2], true, Script { delete: vec![1], ..Script::default() }),
            (1, &[-1], true, Script { put: vec![(0, Instead(0))], ..Script::default() }),
            (3, &[0, -1, 2], true, Script { put: vec![(1, Instead(1))], ..Script::default() }),
            (
                3,
                &[0, -1, 2],
                false,
                Script { delete: vec![1], put: vec![(1, Before(2))], ..Script::default() },
            ),
            // The last becomes the first: one moves, not two.
            (3, &[2, 0, 1], true, Script { delete: vec![2], put: vec![(0, First)], ..Script::default() }),
            (
                2,
                &[-1, -1],
                true,
                Script { flush: true, put: vec![(0, Last), (1, Last)], ..Script::default() },
            ),
        ];
        for (old, new, replace, script) in cases {
            assert_eq!(Script::new(*old, &keep(new), *replace), *script, "{old} {new:?}");
        }
    }

    /// Whatever the old and the new rules are, the kernel ends up with the new ones, and no more is moved than must be.
    #[test]
    fn a_script_does_what_it_should() {
        let mut seed = 0x1234_5678_9abc_def1_u64;
        let mut random = move |bound: usize| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed as usize % bound
        };
        for round in 0..20_000 {
            let old = random(9);
            let mut new: Vec<Option<usize>> = (0..old).filter(|_| random(4) > 0).map(Some).collect();
            for _ in 0..random(4) {
                new.insert(random(new.len() + 1), None);
            }
            for _ in 0..random(3) {
                if !new.is_empty() {
                    let (from, to) = (random(new.len()), random(new.len()));
                    let rule = new.remove(from);
                    new.insert(to, rule);
                }
            }
            let script = Script::new(old, &new, round % 2 == 0);
            let put: Vec<_> = script.put.iter().map(|(index, _)| *index).collect();
            let wanted: Vec<_> = new
                .iter()
                .enumerate()
                .map(|(index, rule)| rule.filter(|_| !put.contains(&index)).unwrap_or(100 + index))
                .collect();
            assert_eq!(run(old, &script), wanted, "{old} {new:?} {script:?}");
            let longest = longest(&new.iter().flatten().copied().collect::<Vec<_>>());
            assert_eq!(new.len() - put.len(), longest, "{new:?}");
        }
    }

    /// The length of the longest ascending part, the slow way.
    fn longest(rules: &[usize]) -> usize {
        let mut best = vec![1; rules.len()];
        for right in 0..rules.len() {
            for left in 0..right {
                if rules[left] < rules[right] {
                    best[right] = best[right].max(best[left] + 1);
                }
            }
        }
        best.into_iter().max().unwrap_or(0)
    }
}
