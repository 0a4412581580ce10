//! Names that are spelt alike.

/// The known name that a misspelt one was perhaps meant to be: the one with the fewest changed letters, if they are few. Two
/// neighbours that changed places are one change.
pub(crate) fn similar<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    nearest(name, &known.collect::<Vec<_>>())
}

fn nearest<'a>(name: &str, all: &[&'a str]) -> Option<&'a str> {
    let distance = |other: &str| {
        let (name, other): (Vec<char>, Vec<char>) = (name.chars().collect(), other.chars().collect());
        let mut rows = vec![(0..=other.len()).collect::<Vec<usize>>()];
        for (i, letter) in name.iter().enumerate() {
            let mut row = vec![i + 1];
            for (j, wanted) in other.iter().enumerate() {
                let change = rows[i][j] + usize::from(letter != wanted);
                let swapped = i > 0 && j > 0 && name[i - 1] == *wanted && *letter == other[j - 1];
                let swap = if swapped { rows[i - 1][j - 1] + 1 } else { usize::MAX };
                row.push(change.min(swap).min(rows[i][j + 1] + 1).min(row[j] + 1));
            }
            rows.push(row);
        }
        rows[name.len()][other.len()]
    };
    // That there is a letter which nobody sees is no misspelling.
    if name.contains(char::is_control) {
        return None;
    }
    // Capitals are the most usual mistake.
    if let Some(same) = all.iter().find(|other| other.eq_ignore_ascii_case(name)) {
        return Some(same);
    }
    let length = name.chars().count();
    let few = length / 3;
    // What is much longer or shorter differs by that alone, and is not looked at letter by letter.
    let near = all.iter().filter(|other| other.chars().count().abs_diff(length) <= few);
    let (best, changes) = near.map(|other| (*other, distance(other))).min_by_key(|(_, changes)| *changes)?;
    (changes <= few).then_some(best)
}
