//! A match is the same for the same seed, and its services agree with one another.

use contracts::game::{
    Action, Announcement, Effects, EntityId, PlayerAction, PlayerActionFields, Position, Struck, StruckFields, Tick,
    TickFields, Zone,
};
use mycelium_examples::game::bots;
use mycelium_examples::game::router::{Match, new_match};
use mycelium_rt::message::DurationNs;

fn act(game: &mut Match, player: u32, action: Action) {
    let player = EntityId(player);
    game.route_player_action(&PlayerAction::from(PlayerActionFields { player, tick: 1, action }));
}

fn tick(game: &mut Match, number: u64) {
    game.route_tick(&Tick::from(TickFields { number, step: DurationNs(1) }));
}

fn totals(seed: u64) -> (u64, u64, u64, String) {
    let mut game = new_match(8);
    bots::play(&mut game, 8, 2_000, seed);
    let (defeats, assists) = game
        .score
        .scores()
        .fold((0, 0), |(defeats, assists), (_, score)| (defeats + score.defeats, assists + score.assists));
    assert_eq!(game.chat.lines(), defeats, "every defeat is announced");
    assert_eq!(game.stats().handler_errors, 0);
    (defeats, assists, game.arena.missed(), game.chat.latest().0.to_owned())
}

#[test]
fn same_seed_gives_the_same_match() {
    assert_eq!(totals(7), totals(7));
    assert_ne!(totals(7), totals(8));
    assert!(totals(7).0 > 0 && totals(7).1 > 0);
}

#[test]
fn defeat_cascades_to_score_and_chat_and_the_respawn_comes_back() {
    let mut game = new_match(3);
    act(&mut game, 2, Action::strike(EntityId(1), 40));
    act(&mut game, 0, Action::strike(EntityId(1), 60));
    assert_eq!(game.vitals.health(EntityId(1)), Some(0));
    assert_eq!(game.chat.latest(), ("player 0 defeated player 1 with 1 others", Some(Zone::RUINS)));
    let scores: Vec<_> = game.score.scores().map(|(id, score)| (id.0, score.defeats, score.assists)).collect();
    assert_eq!(scores, [(0, 1, 0), (2, 0, 1)]);
    for number in 1..=20 {
        tick(&mut game, number);
    }
    assert_eq!(game.vitals.health(EntityId(1)), Some(100), "back after the delay");
}

#[test]
fn burning_hurts_with_every_tick() {
    let mut game = new_match(2);
    act(&mut game, 0, Action::cast(Effects::BURNING | Effects::HIDDEN, EntityId(1)));
    tick(&mut game, 1);
    tick(&mut game, 2);
    assert_eq!(game.vitals.health(EntityId(1)), Some(98));
    assert_eq!(game.vitals.effects(EntityId(1)), Effects::BURNING | Effects::HIDDEN);
}

#[test]
fn out_of_reach_is_a_miss_and_a_stranger_is_a_counted_error() {
    let mut game = new_match(2);
    act(&mut game, 0, Action::r#move(Position::new(1_000.0, 0.0)));
    act(&mut game, 0, Action::strike(EntityId(1), 10));
    assert_eq!((game.arena.missed(), game.vitals.health(EntityId(1))), (1, Some(100)));
    act(&mut game, 0, Action::strike(EntityId(9), 10));
    act(&mut game, 77, Action::wait());
    assert_eq!(game.stats().handler_errors, 2);
}

#[test]
fn messages_keep_their_shapes_over_bytes() {
    use mycelium_rt::Message;
    let struck = Struck::from(StruckFields {
        attacker: EntityId(1),
        target: EntityId(2),
        damage: 3,
        effects: Effects::FROZEN,
        at: Some(Position::new(1.5, -2.5)),
    });
    let Ok(contracts::game::AnyMessage::Struck(back)) =
        contracts::game::AnyMessage::decode(Struck::ID, struck.as_bytes())
    else {
        panic!("a struck message comes back as one");
    };
    assert_eq!(*back, struck);
    assert_eq!(back.at(), Some(Position::new(1.5, -2.5)));
    assert!(contracts::game::AnyMessage::decode(Announcement::ID, &[0xff; 8]).is_err());
}
