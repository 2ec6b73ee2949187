#![allow(unused)]

use mycelium_rt::{Emit, service};
use mycelium_ui_tests::market::{Bar, Signal};

struct Strategy;

#[service]
impl Strategy {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: impl Emit<Signal>) {}
}

fn main() {}
