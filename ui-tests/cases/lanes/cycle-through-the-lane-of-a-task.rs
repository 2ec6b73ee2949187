#![allow(unused)]

use mycelium_rt::{Config, Emit, Request, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Signal};

struct Strategy;

#[service]
impl Strategy {
    #[handle]
    fn on_bar(&mut self, _: &Bar, cx: &mut impl Emit<Fill>) {}
}

struct Risk;

#[service]
impl Risk {
    #[handle]
    fn on_breach(&mut self, _: &Breach, cx: &mut impl Emit<Fill>) {}
}

struct Journal;

#[service]
impl Journal {
    #[handle]
    fn on_fill(&mut self, _: &Fill, cx: &mut impl Emit<Breach>) {}
}

routing_config! {
    name: Desk,
    services: { strategy: Strategy, risk: Risk, journal: Journal },
    routes: {
        Bar => [strategy],
        Fill => [journal via task(16)],
        Breach => [risk],
    },
    lanes: { a: thread [strategy], b: thread [risk] },
}

fn main() {}
