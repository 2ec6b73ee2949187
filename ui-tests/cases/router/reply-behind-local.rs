#![allow(unused)]

use mycelium_rt::{Emit, routing_config, service};
use mycelium_ui_tests::market::{Bar, Fill, Signal};

struct Strategy;

#[service]
impl Strategy {
    #[handle]
    fn on_bar(&mut self, _: &Bar, cx: &mut impl Emit<Signal>) {
        cx.emit(&Signal::default());
    }
}

struct Answers;

#[service]
impl Answers {
    #[handle]
    fn on_signal(&mut self, _: &Signal) -> Fill {
        Fill::default()
    }
}

routing_config! {
    name: Desk,
    services: { strategy: Strategy, answers: Answers },
    routes: { Bar => [strategy], Signal => [answers via local(1)] },
}

fn main() {}
