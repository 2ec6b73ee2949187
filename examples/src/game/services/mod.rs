//! The services of a match, in the direction in which messages flow.

mod announcer;
mod arena;
mod chat;
mod respawner;
mod scoreboard;
mod vitals;

pub use announcer::Announcer;
pub use arena::{ActionError, Arena};
pub use chat::Chat;
pub use respawner::Respawner;
pub use scoreboard::{Score, Scoreboard};
pub use vitals::Vitals;

use contracts::game::EntityId;

/// The most players of one match.
pub const MAX_PLAYERS: usize = 16;

/// The health that a player starts with.
pub const FULL_HEALTH: u32 = 100;

/// A value for each player that may take part.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Players<T> {
    slots: [T; MAX_PLAYERS],
    count: usize,
}

impl<T: Copy + Default> Players<T> {
    fn new(count: usize) -> Self {
        Self { slots: [T::default(); MAX_PLAYERS], count: count.min(MAX_PLAYERS) }
    }
}

impl<T> Players<T> {
    /// `None` for an entity that takes no part: actions come from clients, which may name any entity.
    fn get(&self, id: EntityId) -> Option<&T> {
        self.slots[..self.count].get(id.0 as usize)
    }

    fn get_mut(&mut self, id: EntityId) -> Option<&mut T> {
        self.slots[..self.count].get_mut(id.0 as usize)
    }

    fn iter_mut(&mut self) -> impl Iterator<Item = (EntityId, &mut T)> {
        (0..).map(EntityId).zip(&mut self.slots[..self.count])
    }
}
