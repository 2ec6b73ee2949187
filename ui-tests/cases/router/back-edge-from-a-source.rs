#![allow(unused)]

use mycelium_rt::{Emit, routing_config, service};
use mycelium_ui_tests::market::{Bar, Signal};

struct Strategy;

#[service]
impl Strategy {
    #[every("1s")]
    fn tick(&mut self, cx: &mut impl Emit<Signal>) {
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

routing_config! {
    name: Desk,
    services: { risk: Risk, strategy: Strategy },
    routes: { Signal => [risk] },
}

fn main() {}
