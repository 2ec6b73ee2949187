#![allow(unused)]

use mycelium_rt::{Emit, SourceState, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Signal};

struct Strategy;

#[service]
impl Strategy {
    #[handle]
    fn on_bar(&mut self, _: &Bar, cx: &mut impl Emit<Signal>) {
        cx.emit(&Signal::default());
    }
}

struct Beacon;

#[service]
impl Beacon {
    #[handle]
    fn on_signal(&mut self, _: &Signal) {}

    #[every("1s")]
    fn tick(&mut self, cx: &mut impl Emit<Fill>) {
        cx.emit(&Fill::default());
    }

    #[source]
    fn next(&mut self, cx: &mut impl Emit<Breach>) -> SourceState {
        SourceState::Finished
    }
}

routing_config! {
    name: Desk,
    services: { strategy: Strategy, beacon: Beacon },
    routes: { Bar => [strategy], Signal => [beacon via task(8)] },
    ignore: [Breach],
}

fn main() {}
