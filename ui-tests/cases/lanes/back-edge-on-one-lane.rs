#![allow(unused)]

use mycelium_rt::{Config, Emit, Request, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Signal};

struct Risk;

#[service]
impl Risk {
    #[handle]
    fn on_signal(&mut self, _: &Signal) {}
}

struct Strategy;

#[service]
impl Strategy {
    #[handle]
    fn on_bar(&mut self, _: &Bar, cx: &mut impl Emit<Signal>) {}
}

routing_config! {
    name: Desk,
    services: { risk: Risk, strategy: Strategy },
    routes: { Bar => [strategy], Signal => [risk] },
    lanes: { hot: thread [strategy, risk] },
}

fn main() {}
