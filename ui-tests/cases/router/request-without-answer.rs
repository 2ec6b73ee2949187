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

routing_config! {
    name: Desk,
    services: { asks: Asks },
    routes: { Bar => [asks] },
}

fn main() {}
