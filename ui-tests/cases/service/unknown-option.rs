#![allow(unused)]

use mycelium_rt::service;
use mycelium_ui_tests::market::Bar;

struct Strategy;

#[service(name = "spread")]
impl Strategy {
    #[handle]
    fn on_bar(&mut self, bar: &Bar) {}
}

fn main() {}
