#![allow(unused)]

use mycelium_rt::{Emit, SourceState, service};
use mycelium_ui_tests::market::{Bar, Signal};

struct Feed;

#[service]
impl Feed {
    #[source(weight = 65)]
    fn next(&mut self) -> SourceState {
        SourceState::Idle
    }
}

fn main() {}
