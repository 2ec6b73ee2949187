#![allow(unused)]

use mycelium_rt::{Config, Emit, Request, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Signal};

struct Strategy;

#[service]
impl Strategy {
    #[handle]
    fn on_bar(&mut self, _: &Bar, cx: &mut impl Emit<Signal>) {}
}

struct Risk(std::rc::Rc<u64>);

#[service]
impl Risk {
    #[handle]
    fn on_signal(&mut self, _: &Signal) {}
}

routing_config! {
    name: Desk,
    services: { strategy: Strategy, risk: Risk },
    routes: { Bar => [strategy], Signal => [risk] },
}

fn main() {
    let services = DeskServices { strategy: Strategy, risk: Risk(std::rc::Rc::new(1)) };
    let running = Desk::start(services, &Config::new());
}
