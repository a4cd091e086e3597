//! What was asked of a database by the calls of one root cause: whether one statement fails, or whatever is asked.

use crate::ordered::map::OrderedMap;

/// How many different statements of a root cause are kept: the first in the order of texts, not the most frequent. One that is
/// among the first of all is so in each piece, so that what is counted of it is complete.
pub const STATEMENTS: usize = 8;

/// Traces by statement: each trace counts the one of the origin that got furthest in it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Statements {
    by_text: OrderedMap<String, u64>,
    /// Traces with statements that are not kept.
    pub others: u64,
}

impl Statements {
    /// Counts traces of a statement; an empty one was not told.
    pub(crate) fn add(&mut self, statement: &str, traces: u64) {
        if statement.is_empty() {
            return;
        }
        match self.by_text.get_mut(statement) {
            Some(known) => *known += traces,
            None => {
                self.by_text.insert(statement.to_owned(), traces);
            }
        }
        while self.by_text.len() > STATEMENTS {
            self.others += self.by_text.pop_last().map_or(0, |(_, traces)| traces);
        }
    }

    /// Adds those of other traces.
    pub(crate) fn merge(&mut self, other: Self) {
        self.others += other.others;
        for (statement, traces) in other.by_text {
            self.add(&statement, traces);
        }
    }

    /// Gives statements other texts.
    pub(crate) fn rename(&mut self, mut renamed: impl FnMut(String) -> String) {
        let others = self.others;
        for (statement, traces) in std::mem::take(self).by_text {
            self.add(&renamed(statement), traces);
        }
        self.others += others;
    }

    /// The statements that are kept, in the order of their texts, with their traces.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.by_text.iter().map(|(statement, &traces)| (statement.as_str(), traces))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_add_up_in_any_order_whatever_is_beyond_the_bound() {
        let piece = |from: usize| {
            let mut piece = Statements::default();
            (from..40).step_by(3).for_each(|n| piece.add(&format!("SELECT {:02}", n % 20), 1));
            piece.add("", 5);
            piece
        };
        let (mut one, mut other) = (piece(0), piece(2));
        one.merge(piece(1));
        one.merge(piece(2));
        other.merge(piece(1));
        other.merge(piece(0));
        assert_eq!(one, other);
        let kept: Vec<(&str, u64)> = one.iter().collect();
        assert_eq!(kept.len(), STATEMENTS);
        assert!(kept.iter().all(|&(_, traces)| traces == 2));
        assert_eq!(one.others, 24);
    }

    #[test]
    fn statements_that_get_the_same_text_become_one() {
        let mut statements = Statements::default();
        statements.add("a", 1);
        statements.add("b", 2);
        statements.rename(|_| "c".to_owned());
        assert_eq!(statements.iter().collect::<Vec<_>>(), [("c", 3)]);
    }
}
