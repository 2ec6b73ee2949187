#![allow(unused)]

use mycelium_rt::{Config, Emit, Request, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Signal};

struct Strategy;

#[service]
impl Strategy {
    #[handle]
    fn on_bar(&mut self, _: &Bar, cx: &mut impl Emit<Signal>) {}
}

struct Risk;

#[service]
impl Risk {
    #[handle]
    fn on_fill(&mut self, _: &Fill) {}
}

routing_config! {
    name: Desk,
    services: { strategy: Strategy, risk: Risk },
    routes: { Bar => [strategy], Signal => [risk], Fill => [risk] },
    lanes: { hot: thread [strategy], cold: thread [risk] },
}

fn main() {}
