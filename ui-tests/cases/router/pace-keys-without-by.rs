#![allow(unused)]

use mycelium_rt::{routing_config, service};
use mycelium_ui_tests::market::Bar;

struct Journal;

#[service]
impl Journal {
    #[handle]
    fn on_bar(&mut self, _: &Bar) {}
}

routing_config! {
    name: Desk,
    services: { journal: Journal },
    routes: { Bar => [journal sample("1s", keys = 4)] },
}

fn main() {}
