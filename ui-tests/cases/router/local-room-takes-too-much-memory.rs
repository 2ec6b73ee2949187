#![allow(unused)]

use mycelium_rt::{Emit, routing_config, service};
use mycelium_ui_tests::market::Bar;
use mycelium_ui_tests::wide::Book;

struct Strategy;

#[service]
impl Strategy {
    #[handle]
    fn on_bar(&mut self, _: &Bar) {}

    #[handle]
    fn on_book(&mut self, _: &Book) {}
}

routing_config! {
    name: Desk,
    services: { strategy: Strategy },
    routes: { Bar => [strategy via local(1)], Book => [strategy via local(1_000_000)] },
}

fn main() {}
