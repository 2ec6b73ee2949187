#![allow(unused)]

use mycelium_rt::{Request, routing_config, service};
use mycelium_ui_tests::market::{Bar, Fill, Signal};

struct Asks;

#[service]
impl Asks {
    #[handle]
    fn on_bar(&mut self, _: &Bar, cx: &mut impl Request<Signal, Reply = Fill>) {
        let _ = cx.request(&Signal::default());
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
    services: { asks: Asks, one: Answers },
    routes: { Bar => [asks], Signal => [one via queue(4)] },
}

fn main() {}
