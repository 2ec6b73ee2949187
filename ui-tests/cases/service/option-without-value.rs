#![allow(unused)]

use mycelium_rt::service;
use mycelium_ui_tests::market::Bar;

struct Strategy;

#[service(crate)]
impl Strategy {
    #[handle]
    fn on_bar(&mut self, bar: &Bar) {}
}

fn main() {}
