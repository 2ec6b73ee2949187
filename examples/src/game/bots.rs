//! Players that act at random, in the same way for the same seed.

use contracts::game::{Action, Effects, EntityId, PlayerAction, PlayerActionFields, Position, Tick, TickFields};
use mycelium_rt::message::DurationNs;

use super::router::Match;

/// Simulated time between two ticks: 50 ms.
const STEP: DurationNs = DurationNs(50_000_000);

/// Plays `ticks` ticks with one bot for each of `players` players.
pub fn play(game: &mut Match, players: u32, ticks: u64, seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    for number in 1..=ticks {
        game.route_tick(&Tick::from(TickFields { number, step: STEP }));
        for player in 0..players {
            let action = choose(&mut random, players);
            let player = EntityId(player);
            game.route_player_action(&PlayerAction::from(PlayerActionFields { player, tick: number, action }));
        }
    }
}

fn choose(random: &mut fastrand::Rng, players: u32) -> Action {
    let target = EntityId(random.u32(0..players));
    match random.u8(0..10) {
        0..4 => Action::r#move(Position::new(100.0 * random.f32(), 100.0 * random.f32())),
        4..8 => Action::strike(target, random.u32(5..25)),
        8 => Action::cast(if random.bool() { Effects::BURNING } else { Effects::HIDDEN }, target),
        _ => Action::wait(),
    }
}
