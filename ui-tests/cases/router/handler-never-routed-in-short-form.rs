#![allow(unused)]

use mycelium_rt::{routing_config, service};
use mycelium_ui_tests::market::{Bar, Fill};

struct Both;

#[service]
impl Both {
    #[handle]
    fn on_bar(&mut self, _: &Bar) {}

    #[handle]
    fn on_fill(&mut self, _: &Fill) {}
}

routing_config! { name: Desk, routes: { Bar => [Both] } }

fn main() {}
