#![allow(unused)]

use mycelium_rt::{Emit, SourceState, service};
use mycelium_ui_tests::market::{Bar, Signal};

struct Feed;

#[service]
impl Feed {
    #[every("250")]
    fn tick(&mut self) {}

    #[every(250)]
    fn tock(&mut self) {}
}

fn main() {}
