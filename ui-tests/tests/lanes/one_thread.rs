//! A router with lanes on one thread, where lanes are ignored.

use mycelium_rt::Config;
use mycelium_ui_tests::market::Bar;

use crate::fixture::laned::{Execution, Laned, LanedServices, Risk, Spread};
use mycelium_rt::{Emit, routing_config, service};
use mycelium_ui_tests::market::{Fill, Signal};

#[test]
fn lanes_are_ignored_where_one_thread_drives_the_router() {
    let services = LanedServices { spread: Spread::default(), execution: Execution, risk: Risk::default() };
    let mut laned = Laned::open(services, &Config::new()).unwrap();
    (0..20).for_each(|value| laned.route_bar(&Bar::of(value)));
    assert!(laned.risk.fills.iter().copied().eq(0..20), "called directly");
    assert!(laned.spread.breaches.is_empty(), "queued");
    assert_eq!(laned.poll(), 2);
    assert_eq!(laned.spread.breaches, [0, 10]);
}

/// Answers each signal with a fill, which an earlier service of another lane receives.
struct Later;

#[service]
impl Later {
    #[handle]
    fn on_signal(&mut self, signal: &Signal, cx: &mut impl Emit<Fill>) {
        cx.emit(&Fill::of(signal.value));
    }
}

#[derive(Default)]
struct Earlier(Vec<u64>);

#[service]
impl Earlier {
    #[handle]
    fn on_fill(&mut self, fill: &Fill) {
        self.0.push(fill.value);
    }
}

routing_config! {
    name: Backwards,
    services: { earlier: Earlier, later: Later },
    routes: { Signal => [later], Fill => [earlier] },
    lanes: { one: thread [earlier], two: thread [later] },
}

#[test]
fn what_goes_back_to_another_lane_waits_for_the_next_poll_on_one_thread() {
    let mut router = Backwards::new(Earlier::default(), Later);
    (0..3).for_each(|value| router.route_signal(&Signal::of(value)));
    assert!(router.earlier.0.is_empty());
    assert_eq!(router.poll(), 3);
    assert_eq!(router.earlier.0, [0, 1, 2]);
    assert_eq!(router.stats().queue("earlier").map(|queue| queue.received), Some(3));
}

#[test]
fn on_lanes_it_goes_by_a_ring() {
    let running =
        Backwards::start(BackwardsServices { earlier: Earlier::default(), later: Later }, &Config::new()).unwrap();
    let signals = running.sender::<Signal>();
    (0..3).for_each(|value| signals.send(&Signal::of(value)).unwrap());
    drop(signals);
    assert_eq!(running.join().services.earlier.0, [0, 1, 2]);
}

/// A service that can't move to another thread.
struct Bound(std::rc::Rc<std::cell::Cell<u64>>);

#[service]
impl Bound {
    #[handle]
    fn on_fill(&mut self, fill: &Fill) {
        self.0.set(self.0.get() + fill.value);
    }
}

routing_config! { name: Here, services: { bound: Bound }, routes: { Fill => [bound] } }

#[test]
fn a_service_that_is_not_send_works_in_a_router_that_is_not_started() {
    let sum = std::rc::Rc::default();
    let mut here = Here::new(Bound(std::rc::Rc::clone(&sum)));
    here.route_fill(&Fill::of(7));
    assert_eq!(sum.get(), 7);
}
