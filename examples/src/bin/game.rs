//! Plays one match of bots and prints the result.
#![forbid(unsafe_code)]

use std::convert::Infallible;
use std::process::ExitCode;

use mycelium_examples::game::services::MAX_PLAYERS;
use mycelium_examples::game::{bots, router};
use mycelium_examples::program;

const HELP: &str = "\
Plays one match of bots and prints the result. The same seed gives the same match.

Usage: game [OPTIONS]

Options:
      --players N    players, 2 to 16 [default: 8]
      --ticks N      ticks to play [default: 10000]
      --seed N       seed of the bots [default: 1]
  -h, --help         print this";

struct Options {
    players: u32,
    ticks: u64,
    seed: u64,
}

fn main() -> ExitCode {
    program::run("game", HELP, arguments(), |options| {
        play(options);
        Ok::<_, Infallible>(())
    })
}

/// The options, or `None` where help was asked for.
fn arguments() -> Result<Option<Options>, lexopt::Error> {
    use lexopt::prelude::*;
    let mut options = Options { players: 8, ticks: 10_000, seed: 1 };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("players") => options.players = parser.value()?.parse_with(players)?,
            Long("ticks") => options.ticks = parser.value()?.parse()?,
            Long("seed") => options.seed = parser.value()?.parse()?,
            Short('h') | Long("help") => return Ok(None),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(options))
}

fn players(text: &str) -> Result<u32, String> {
    let allowed = |&players: &u32| (2..=MAX_PLAYERS as u32).contains(&players);
    text.parse().ok().filter(allowed).ok_or_else(|| format!("a number from 2 to {MAX_PLAYERS} is needed"))
}

fn play(options: &Options) {
    let mut game = router::new_match(options.players as usize);
    bots::play(&mut game, options.players, options.ticks, options.seed);
    println!("{} players, {} ticks, seed {}", options.players, options.ticks, options.seed);
    for (player, score) in game.score.scores() {
        println!("  player {:<3} {:>6} defeats {:>6} assists", player.0, score.defeats, score.assists);
    }
    println!("{} strikes out of reach", game.arena.missed());
    println!("{} announcements, the last one: {}", game.chat.lines(), game.chat.latest().0);
    println!("{} handler errors", game.stats().handler_errors);
}
