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

const ROOM: usize = 8;

routing_config! {
    name: Desk,
    services: { strategy: Strategy, risk: Risk },
    routes: {
        Bar => [
            strategy,
            a via shm("/run/a", slots = 64u32),
            b via shm("/run/b", slots = -64),
            c via shm("/run/c", slots = 6.4),
            d via shm("/run/d", slots = 0),
            e via shm("/run/e", slots = 99999999999999999999),
            f via shm("/run/f", batch = 32usize),
            g via shm("/run/g", batch(max = "32")),
        ],
        Signal => [risk via queue(8u8)],
    },
    lanes: { hot: pinned(core = 1u8) [strategy], cold: pinned(core = -1) [risk] },
}

routing_config! {
    name: Other,
    services: { strategy: Strategy, risk: Risk },
    routes: { Bar => [strategy via queue(ROOM)], Signal => [risk via local(1_6.0)] },
}

fn main() {}
