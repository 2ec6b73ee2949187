#![allow(unused)]

use mycelium_rt::{Emit, routing_config, service};
use mycelium_ui_tests::market::{Bar, Signal};

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
    fn on_signal(&mut self, _: &Signal) {}
}

routing_config! {
    name: Desk,
    services: { strategy: Strategy, risk: Risk },
    routes: { Bar => [strategy], Signal => [risk] },
    lanes: { hot: thread(mlock = true) [strategy, risk] },
}

fn main() {}
