//! A bound on what is stored, with a part of it kept back for inputs that come late.

use crate::model::bounds::{NAMES_RESERVE, SHARE_OF_RESERVE};

/// Something of which only so much is stored, but for a reserve: some of it for each input that comes when all else is
/// used up.
#[derive(Clone, Debug)]
pub(super) struct Bounded {
    pub(super) bound: usize,
    pub(super) used: usize,
    /// What is left of the reserve, and how much of it for the current input.
    reserve: usize,
    share: usize,
    most: usize,
}

impl Bounded {
    pub(super) fn new(bound: usize, most: usize) -> Self {
        let reserve = bound / NAMES_RESERVE;
        let mut bounded = Self { bound: bound - reserve, used: 0, reserve, share: 0, most };
        bounded.begin_input();
        bounded
    }

    pub(super) fn begin_input(&mut self) {
        self.share = self.most.min(self.reserve / SHARE_OF_RESERVE);
    }

    /// Whether something new may be stored without touching the reserve.
    pub(super) fn has_room(&self) -> bool {
        self.used < self.bound
    }

    /// Whether less than half of what may be stored without touching the reserve is there.
    pub(super) fn is_half_free(&self) -> bool {
        self.used < self.bound / 2
    }

    /// Takes so much for something new, if it is there.
    pub(super) fn takes(&mut self, much: usize) -> bool {
        if self.used >= self.bound {
            if much > self.share {
                return false;
            }
            self.share -= much;
            self.reserve -= much;
        }
        self.used += much;
        true
    }
}
