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
    routes: {
        Bar => [
            strategy,
            a via tcp("127.0.0.1:1", on_full = block("0ms")),
            b via tcp("127.0.0.1:2", batch(max = 32, delay = "0us")),
            c via tcp("127.0.0.1:3", on_full = block("-5ms")),
            d via tcp("127.0.0.1:4", on_full = block("1.5s")),
            e via tcp("127.0.0.1:5", on_full = block("2min")),
            f via tcp("127.0.0.1:6", on_full = block("99999999999999h")),
            g via tcp("127.0.0.1:7", on_full = block("18446744074s")),
            h via tcp("127.0.0.1:8", on_full = block(50)),
            i via tcp("127.0.0.1:9", on_full = block()),
        ],
        Signal => [risk via task(8, on_panic = restart(within = "0s", backoff = "0s"))],
    },
    lanes: { hot: thread(wait = park(spin = "0us"), watchdog = "0s") [strategy] },
}

fn main() {}
