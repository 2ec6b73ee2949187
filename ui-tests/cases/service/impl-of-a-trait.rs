#![allow(unused)]

use mycelium_rt::service;
use mycelium_ui_tests::market::Bar;

struct Strategy;

trait Takes {
    fn on_bar(&mut self, bar: &Bar);
}

#[service]
impl Takes for Strategy {
    #[handle]
    fn on_bar(&mut self, bar: &Bar) {}
}

fn main() {
    Strategy.on_bar(&Bar::of(1));
}
