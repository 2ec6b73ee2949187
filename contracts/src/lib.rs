//! The messages of the worked examples, generated from `contracts.yaml` and `game.yaml`.
#![forbid(unsafe_code)]

mycelium_rt::include_contracts!();

/// The messages of the game.
pub mod game {
    mycelium_rt::include_contracts!("game");
}
