#![allow(unused)]

use mycelium_rt::{Request, routing_config, service};
use mycelium_ui_tests::market::{Bar, Fill, Signal};

struct Asker;

#[service]
impl Asker {
    #[handle]
    fn on_bar(&mut self, _: &Bar, cx: &mut impl Request<Signal, Reply = Fill>) {
        cx.request(&Signal::default());
    }
}

struct Pricing;

#[service]
impl Pricing {
    #[handle]
    fn on_signal(&mut self, _: &Signal) -> Fill {
        Fill::default()
    }
}

routing_config! {
    name: Desk,
    services: { asker: Asker, pricing: Pricing },
    routes: { Bar => [asker], Signal => [pricing throttle("1s")] },
}

fn main() {}
