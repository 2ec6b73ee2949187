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

struct Writer;

#[service]
impl Writer {
    #[handle]
    async fn on_signal(&mut self, _: &Signal) -> std::io::Result<()> {
        Ok(())
    }
}

routing_config! {
    name: Desk,
    services: { strategy: Strategy, writer: Writer },
    inputs: { feed: unix("/run/mycelium/feed.sock") [Signal] },
    routes: { Bar => [strategy], Signal => [writer] },
}

fn main() {}
