#![allow(unused)]

use mycelium_rt::{Emit, SourceState, service};
use mycelium_ui_tests::market::{Bar, Signal};

struct Feed;

#[service]
impl Feed {
    #[source]
    fn next(&mut self, cx: &mut impl Emit<Signal>) -> bool {
        true
    }
}

fn main() {}
