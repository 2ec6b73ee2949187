#![allow(unused)]

use mycelium_rt::{Emit, service};
use mycelium_ui_tests::market::{Bar, Signal};

struct Strategy;

#[service]
impl Strategy {
    #[handle]
    fn on_bar(bar: Bar) {}

    #[handle(now)]
    unsafe fn on_signal(&mut self, signal: &mut Signal, cx: u8) -> impl Sized {}

    /// Still here: the rest of the item is as it was.
    fn fine(&self) -> u64 {
        1
    }
}

fn main() {}

// None of the mistakes above makes another one here.
mycelium_rt::routing_config! { name: Desk, routes: { Bar => [Strategy], Signal => [Strategy] } }

fn uses(desk: &Desk) -> u64 {
    desk.strategy.fine()
}
