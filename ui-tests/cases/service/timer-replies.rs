#![allow(unused)]

use mycelium_rt::{Emit, SourceState, service};
use mycelium_ui_tests::market::{Bar, Signal};

struct Feed;

#[service]
impl Feed {
    #[every("1s")]
    fn tick(&mut self) -> Bar {
        Bar::default()
    }
}

fn main() {}
