//! Returns defeated players.

use std::collections::VecDeque;

use contracts::game::{Defeated, EntityId, Position, Respawn, RespawnFields, Tick};
use mycelium_rt::{Emit, ValidationError, service};

use super::FULL_HEALTH;

/// Ticks that a defeated player waits.
const DELAY: u64 = 20;

/// Sends each defeated player back to the middle of the arena after a while.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Respawner {
    now: u64,
    /// The waiting players and their ticks, soonest first.
    waiting: VecDeque<(u64, EntityId)>,
}

#[service]
impl Respawner {
    #[handle]
    fn on_defeated(&mut self, defeated: &Defeated) {
        self.waiting.push_back((self.now + DELAY, defeated.entity));
    }

    #[handle]
    fn on_tick(&mut self, tick: &Tick, cx: &mut impl Emit<Respawn>) -> Result<(), ValidationError> {
        self.now = tick.number;
        while self.waiting.front().is_some_and(|(due, _)| *due <= tick.number) {
            let Some((_, entity)) = self.waiting.pop_front() else { break };
            cx.emit(&Respawn::try_from(RespawnFields { entity, at: Position::new(50.0, 50.0), health: FULL_HEALTH })?);
        }
        Ok(())
    }
}
