#![allow(unused)]

use mycelium_rt::{Config, Emit, Request, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Signal};

struct Strategy;

#[service]
impl Strategy {
    #[handle]
    fn on_bar(&mut self, _: &Bar, cx: &mut impl Request<Signal, Reply = Fill>) {}
}

struct Pricing;

#[service]
impl Pricing {
    #[handle]
    fn on_signal(&mut self, _: &Signal) -> Fill { Fill::default() }
}

routing_config! {
    name: Desk,
    services: { pricing: Pricing, strategy: Strategy },
    routes: { Bar => [strategy], Signal => [pricing] },
    lanes: { hot: thread [strategy], cold: thread [pricing] },
}

fn main() {}
