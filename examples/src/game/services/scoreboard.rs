//! Scores.

use std::collections::BTreeMap;

use contracts::game::{Defeated, EntityId};
use mycelium_rt::service;

/// The score of one player.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Score {
    /// Players it defeated.
    pub defeats: u64,
    /// Defeats it assisted in.
    pub assists: u64,
}

/// Counts defeats and assists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scoreboard {
    scores: BTreeMap<u32, Score>,
}

#[service]
impl Scoreboard {
    #[handle]
    fn on_defeated(&mut self, defeated: &Defeated) {
        self.scores.entry(defeated.by.0).or_default().defeats += 1;
        for assistant in defeated.assists() {
            self.scores.entry(assistant.0).or_default().assists += 1;
        }
    }
}

impl Scoreboard {
    /// Scores by player, lowest number first; players who never scored are left out.
    pub fn scores(&self) -> impl Iterator<Item = (EntityId, Score)> {
        self.scores.iter().map(|(&id, &score)| (EntityId(id), score))
    }
}
