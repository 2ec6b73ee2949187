#![allow(unused)]

use mycelium_rt::{Emit, routing_config, service};
use mycelium_ui_tests::market::{Bar, Signal};
use mycelium_ui_tests::clash;

struct Strategy;

#[service]
impl Strategy {
    #[handle]
    fn on_bar(&mut self, _: &Bar, cx: &mut impl Emit<Signal>) {
        cx.emit(&Signal::default());
    }
}

struct Risk;

#[service]
impl Risk {
    #[handle]
    fn on_signal(&mut self, _: &Signal) -> Result<(), String> {
        Ok(())
    }
}

struct Storms;

#[service]
impl Storms {
    #[handle]
    fn on_storm(&mut self, _: &clash::Storm) {}
}

routing_config! {
    name: Desk,
    services: { strategy: Strategy, risk: Risk, storms: Storms },
    routes: { Bar => [strategy], Signal => [risk], clash::Storm => [storms] },
}

fn main() {}
