//! The routes of a match.

use contracts::game::{Announcement, Defeated, PlayerAction, Respawn, Struck, Tick};
use mycelium_rt::routing_config;

use super::services::{Announcer, Arena, Chat, Respawner, Scoreboard, Vitals};

routing_config! {
    /// One match. A respawn goes back to earlier services, so it is queued, and delivered after the tick.
    name: pub Match,
    contracts: contracts::game,
    services: {
        arena: Arena,
        vitals: Vitals,
        score: Scoreboard,
        respawn: Respawner,
        announcer: Announcer,
        chat: Chat,
    },
    routes: {
        PlayerAction => [arena],
        Tick => [vitals, respawn],
        Struck => [vitals],
        Defeated => [score, respawn, announcer],
        Announcement => [chat],
        Respawn => [arena via local(16), vitals via local(16)],
    },
    on_error: continue,
}

/// A match between `players` entities, numbered from 0, in a circle; at most [`super::services::MAX_PLAYERS`].
pub fn new_match(players: usize) -> Match {
    Match::new(
        Arena::new(players),
        Vitals::new(players),
        Scoreboard::default(),
        Respawner::default(),
        Announcer,
        Chat::default(),
    )
}
