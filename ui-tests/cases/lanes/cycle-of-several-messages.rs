#![allow(unused)]

use mycelium_rt::{Config, Emit, Request, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Signal};

struct Strategy;

#[service]
impl Strategy {
    #[handle]
    fn on_bar(&mut self, _: &Bar, cx: &mut impl Emit<Signal>) {}

    #[handle]
    fn on_breach(&mut self, _: &Breach) {}
}

struct Risk;

#[service]
impl Risk {
    #[handle]
    fn on_signal(&mut self, _: &Signal, cx: &mut (impl Emit<Breach> + Emit<Bar>)) {}
}

routing_config! {
    name: Desk,
    services: { strategy: Strategy, risk: Risk },
    routes: { Bar => [strategy], Signal => [risk], Breach => [strategy] },
    lanes: { hot: thread [strategy], cold: thread [risk] },
}

fn main() {}
