//! A router on two lanes: fed from outside by two threads, with panics that a lane recovers from, and ended in order.

use std::time::Duration;

use contracts::{Fill, FillFields, Order, OrderFields, OrderId};
use mycelium_rt::{Config, Emit, routing_config, service};

use crate::links::until;

const MESSAGES: u64 = 5_000;
/// Every order of which this is a factor makes its handler panic.
const PANICS: u64 = 1_000;
const DEADLINE: Duration = Duration::from_secs(60);

struct Venue;

#[service]
impl Venue {
    #[handle]
    fn on_order(&mut self, order: &Order, cx: &mut impl Emit<Fill>) {
        assert!(!order.id.0.is_multiple_of(PANICS), "planned");
        cx.emit(&Fill::from(FillFields { order: order.id, ..FillFields::default() }));
    }
}

#[derive(Default)]
struct Ledger {
    fills: u64,
}

#[service]
impl Ledger {
    #[handle]
    fn on_fill(&mut self, _: &Fill) {
        self.fills += 1;
    }
}

routing_config! {
    name: Desk,
    services: { venue: Venue, ledger: Ledger },
    routes: { Order => [venue], Fill => [ledger via queue(16)] },
    lanes: {
        hot: thread(on_panic = restart(max = 100, within = "1s", backoff = "1us")) [venue],
        cold: thread [ledger],
    },
}

pub(crate) fn run() -> String {
    // The panics are planned.
    std::panic::set_hook(Box::new(|_| {}));
    let factory = || DeskServices { venue: Venue, ledger: Ledger::default() };
    let running = Desk::start_with(factory, &Config::new().quiet()).expect("a system that can start");
    std::thread::scope(|scope| {
        for feeder in 0..2 {
            let orders = running.sender::<Order>();
            scope.spawn(move || {
                for number in 0..MESSAGES {
                    let order = Order::from(OrderFields { id: OrderId(2 * number + feeder), ..OrderFields::default() });
                    orders.send(&order).expect("the system runs");
                }
            });
        }
    });
    let panics = 2 * MESSAGES / PANICS;
    until("the planned panics", || running.health().lanes.iter().map(|lane| lane.panics).sum::<u64>() == panics);
    let ended = running.shutdown(DEADLINE);
    let _ = std::panic::take_hook();
    assert!(ended.left.is_empty(), "{}", ended.left);
    assert_eq!(ended.services.ledger.fills + panics, 2 * MESSAGES);
    format!("{} messages through two lanes, {panics} panics", 2 * MESSAGES)
}
