#![allow(unused)]

use mycelium_rt::{Config, Emit, routing_config, service};
use mycelium_ui_tests::market::{Bar, Signal};
use std::time::Duration;

struct Strategy;

#[service]
impl Strategy {
    #[handle]
    fn on_bar(&mut self, _: &Bar, cx: &mut impl Emit<Signal>) {
        cx.emit(&Signal::default());
    }
}

#[derive(Default)]
struct Risk {
    signals: u64,
}

#[service]
impl Risk {
    #[handle]
    fn on_signal(&mut self, _: &Signal) {
        self.signals += 1;
    }
}

routing_config! {
    name: Desk,
    services: { strategy: Strategy, risk: Risk },
    routes: { Bar => [strategy], Signal => [risk] },
    lanes: { hot: pined(core = 1) [strategy, risk] },
}

routing_config! {
    name: Fed,
    services: { risk: Risk },
    inputs: { feed: unix() [Signal] },
    routes: { Signal => [risk] },
}

// One error each, at the mistakes above: what follows uses the routers as it should.
fn main() {
    let desk = Desk::start(DeskServices { strategy: Strategy, risk: Risk::default() }, &Config::new()).unwrap();
    desk.sender::<Bar>().send(&Bar::default()).unwrap();
    let signals: u64 = desk.shutdown(Duration::from_secs(1)).services.risk.signals;
    let again = || DeskServices { strategy: Strategy, risk: Risk::default() };
    let _ = Desk::start_with(again, &Config::new()).unwrap().health();

    let mut fed = Fed::open(FedServices { risk: Risk::default() }, &Config::new()).unwrap();
    fed.poll();
    let signals: u64 = fed.risk.signals;
}
