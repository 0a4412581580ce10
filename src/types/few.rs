//! A list of which most have one element.

use std::ops::Deref;

/// A list that needs no memory of its own for one element.
#[derive(Clone, Debug, Default)]
pub(crate) enum Few<T> {
    #[default]
    None,
    One(T),
    Many(Vec<T>),
}

impl<T> Few<T> {
    pub(crate) fn push(&mut self, value: T) {
        match self {
            Few::None => *self = Few::One(value),
            Few::Many(all) => all.push(value),
            Few::One(_) => {
                let mut all = Vec::with_capacity(4);
                if let Few::One(first) = std::mem::take(self) {
                    all.push(first);
                }
                all.push(value);
                *self = Few::Many(all);
            }
        }
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Few::None => &[],
            Few::One(one) => std::slice::from_ref(one),
            Few::Many(all) => all,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pushed_comes_in_order() {
        let mut few = Few::default();
        for count in 0..6 {
            assert_eq!(*few, (0..count).map(|n| n.to_string()).collect::<Vec<_>>());
            few.push(count.to_string());
        }
    }
}
