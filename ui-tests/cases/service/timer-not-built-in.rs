#![allow(unused)]

use mycelium_rt::{Emit, service};
use mycelium_ui_tests::market::{Bar, Signal};

struct Strategy;

#[service]
impl Strategy {
    #[every("1s")]
    fn tick(&mut self, cx: &mut impl Emit<Signal>) {}

    #[handle]
    fn on_bar(&mut self, bar: &Bar) {}
}

fn main() {}
