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

struct Risk;

#[service]
impl Risk {
    #[handle]
    fn on_signal(&mut self, _: &Signal) -> Result<(), String> {
        Ok(())
    }
}

struct Journal;

#[service]
impl Journal {
    #[handle]
    fn on_fill(&mut self, _: &Fill) {}
}

routing_config! {
    name: pub Desk,
    sevices: {},
    services: { strategy: Strategy, risk: Risk, spare Risk, journal: Journal },
    routes: {
        Bar => [strategy via loca(1), risc],
        Signal -> [risk],
        Fill => [journal via engine(5)],
    },
    on_error: stpo,
}

/// None of the mistakes above makes another one here.
fn main() {
    let mut desk = Desk::new(Strategy, Risk, Journal);
    desk.route_bar(&Bar::default());
    desk.route_fill(&Fill::default());
    let _ = desk.stats();
    let DeskServices { strategy: _, risk: _, journal: _ } = desk.into();
}
