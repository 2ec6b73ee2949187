//! Gathering messages for a handler that takes `&[M]` allocates nothing once the router is open.

use mycelium_rt::{Config, routing_config, service};
use mycelium_test_support::allocations::count;
use mycelium_ui_tests::market::{Bar, Fill};

/// Counts messages and calls.
#[derive(Default)]
struct Batches {
    messages: usize,
    calls: usize,
}

#[service]
impl Batches {
    #[handle]
    fn on_bars(&mut self, bars: &[Bar]) {
        self.messages += bars.len();
        self.calls += 1;
    }

    #[handle]
    fn on_fills(&mut self, fills: &[Fill]) {
        self.messages += fills.len();
        self.calls += 1;
    }
}

routing_config! {
    name: Queued,
    services: { batches: Batches },
    routes: { Bar => [batches via queue(256)], Fill => [batches via queue(256)] },
}

#[test]
fn gathering_allocates_nothing() {
    let mut router = Queued::open(QueuedServices { batches: Batches::default() }, &Config::new()).unwrap();
    let ((), allocations) = count(|| {
        for _ in 0..1000 {
            (0..100).for_each(|value| router.route_bar(&Bar::of(value)));
            (0..100).for_each(|value| router.route_fill(&Fill::of(value)));
            router.poll();
        }
    });
    assert_eq!((router.batches.messages, router.batches.calls), (200_000, 4_000));
    assert_eq!(allocations, 0);
}
