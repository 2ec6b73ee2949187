//! The worked examples, against other computations of the same.

mod game_match;
mod market_bus;
mod market_hold;
mod market_input;
mod market_lanes;
mod market_reference;
mod market_split;
