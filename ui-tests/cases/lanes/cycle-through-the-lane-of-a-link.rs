#![allow(unused)]

use mycelium_rt::{Config, Emit, Request, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Signal};

struct Strategy;

#[service]
impl Strategy {
    #[handle]
    fn on_bar(&mut self, _: &Bar, cx: &mut (impl Emit<Signal> + Emit<Fill>)) {}
}

struct Risk;

#[service]
impl Risk {
    #[handle]
    fn on_signal(&mut self, _: &Signal, cx: &mut impl Emit<Fill>) {}

    #[handle]
    fn on_fill(&mut self, _: &Fill) {}
}

routing_config! {
    name: Desk,
    services: { strategy: Strategy, risk: Risk },
    routes: {
        Bar => [strategy],
        Signal => [risk via queue(16)],
        Fill => [risk via queue(16, on_full = error), log via unix("/run/log.sock")],
    },
    lanes: { a: thread [strategy], b: thread [risk] },
}

fn main() {}
