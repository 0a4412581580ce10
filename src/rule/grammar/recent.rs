//! The shapes of what was read or printed last.

/// So many are known at once: where there are more, it is hardly worth to look for the right one.
const KNOWN: usize = 16;
/// So many are learned before it is asked whether that is worth it.
const TRIAL: usize = 2 * KNOWN;

/// Shapes, and which is to be expected next.
pub(super) struct Recent<T> {
    known: Vec<Known<T>>,
    /// The one that was met last.
    last: usize,
    learned: usize,
    served: usize,
}

struct Known<T> {
    shape: T,
    /// The one that came after it the last time.
    next: usize,
}

impl<T> Default for Recent<T> {
    fn default() -> Recent<T> {
        Recent { known: Vec::new(), last: 0, learned: 0, served: 0 }
    }
}

impl<T> Recent<T> {
    pub(super) fn clear(&mut self) {
        self.known.clear();
    }

    /// The first shape that a function takes, and what it makes of it; the one that is expected is tried before the others.
    #[inline]
    pub(super) fn find<R>(&mut self, mut take: impl FnMut(&mut T) -> Option<R>) -> Option<(&mut T, R)> {
        let expected = self.known.get(self.last)?.next;
        let mut found =
            self.known.get_mut(expected).and_then(|known| Some((expected, take(&mut known.shape)?)));
        if found.is_none() {
            let mut others = self.known.iter_mut().enumerate().filter(|(at, _)| *at != expected);
            found = others.find_map(|(at, known)| Some((at, take(&mut known.shape)?)));
        }
        let (at, taken) = found?;
        self.known[self.last].next = at;
        self.last = at;
        self.served += 1;
        Some((&mut self.known[at].shape, taken))
    }

    /// Whether to learn one more, which takes as long as so many that are known save.
    pub(super) fn is_worth(&self, many: usize) -> bool {
        self.learned < TRIAL || self.served / many >= self.learned
    }

    pub(super) fn learn(&mut self, shape: T) {
        self.learned += 1;
        self.last = if self.known.len() < KNOWN { self.known.len() } else { self.learned % KNOWN };
        let known = Known { shape, next: self.last };
        match self.known.get_mut(self.last) {
            Some(old) => *old = known,
            None => self.known.push(known),
        }
    }
}
