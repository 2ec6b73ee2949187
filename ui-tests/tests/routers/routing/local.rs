//! `via local(N)`: the way back, through a queue in the router.

use mycelium_rt::{Emit, HandlerFailure, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Signal};

#[derive(Default)]
struct Strategy {
    log: Vec<String>,
}

#[service]
impl Strategy {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut impl Emit<Signal>) {
        self.log.push(format!("bar {}", bar.value));
        cx.emit(&Signal::of(bar.value));
        self.log.push("bar done".to_owned());
    }

    #[handle]
    fn on_breach(&mut self, breach: &Breach, cx: &mut impl Emit<Signal>) {
        self.log.push(format!("breach {}", breach.value));
        if breach.value > 0 {
            cx.emit(&Signal::of(breach.value - 1));
        }
    }
}

#[derive(Default)]
struct Risk {
    fills: Vec<u64>,
}

#[service]
impl Risk {
    #[handle]
    fn on_signal(&mut self, signal: &Signal, cx: &mut (impl Emit<Breach> + Emit<Fill>)) {
        cx.emit(&Breach::of(signal.value));
        cx.emit(&Fill::of(signal.value));
    }

    #[handle]
    fn on_fill(&mut self, fill: &Fill) {
        self.fills.push(fill.value);
    }
}

routing_config! {
    name: Back,
    services: { strategy: Strategy, risk: Risk },
    routes: {
        Bar => [strategy],
        Signal => [risk],
        Breach => [strategy via local(1)],
        Fill => [risk via local(2)],
    },
}

#[test]
fn a_back_edge_is_delivered_after_the_call_that_caused_it() {
    let mut router = Back::new(Strategy::default(), Risk::default());
    router.route_bar(&Bar::of(2));
    assert_eq!(router.strategy.log, ["bar 2", "bar done", "breach 2", "breach 1", "breach 0"]);
    assert_eq!(router.risk.fills, [2, 1, 0], "a service may even queue messages for itself");
    assert_eq!(router.stats().local_lost, 0);
}

#[test]
fn a_local_message_can_be_routed_from_outside() {
    let mut router = Back::new(Strategy::default(), Risk::default());
    router.route_breach(&Breach::of(0));
    assert_eq!(router.strategy.log, ["breach 0"]);
}

struct Burst;

#[service]
impl Burst {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut (impl Emit<Breach> + Emit<Fill>)) {
        for value in 0..bar.value {
            cx.emit(&Breach::of(value));
            cx.emit(&Fill::of(value));
        }
    }
}

#[derive(Default)]
struct Both(Vec<(&'static str, u64)>);

#[service]
impl Both {
    #[handle]
    fn on_breach(&mut self, breach: &Breach) {
        self.0.push(("breach", breach.value));
    }

    #[handle]
    fn on_fill(&mut self, fill: &Fill) {
        self.0.push(("fill", fill.value));
    }
}

routing_config! {
    name: Overflow,
    services: { both: Both, burst: Burst },
    routes: { Bar => [burst], Breach => [both via local(2)], Fill => [both via local(3)] },
}

#[test]
fn each_edge_has_its_share_and_what_does_not_fit_is_counted() {
    let mut router = Overflow::new(Both::default(), Burst);
    router.route_bar(&Bar::of(5));
    assert_eq!(router.both.0, [("breach", 0), ("fill", 0), ("breach", 1), ("fill", 1), ("fill", 2)]);
    let stats = router.stats();
    let lost: Vec<_> = stats.locals.iter().map(|local| (local.message, local.service, local.lost)).collect();
    assert_eq!(lost, [("Breach", "both", 3), ("Fill", "both", 2)]);
    assert_eq!((stats.local_lost, stats.handler_errors), (5, 0));
    router.route_bar(&Bar::of(2));
    assert_eq!(router.stats().local_lost, 5, "the shares are free again");
}

routing_config! {
    name: Policies,
    services: { both: Both, burst: Burst },
    routes: {
        Bar => [burst],
        Breach => [both via local(2, on_full = drop_oldest)],
        Fill => [both via local(3, on_full = drop_newest)],
    },
    on_error: propagate(hook = refuse),
}

fn refuse(failure: &HandlerFailure<'_>) {
    panic!("a drop by policy is not a failure: {failure}");
}

#[test]
fn a_full_edge_drops_what_its_policy_says_and_counts_it_by_reason() {
    let mut router = Policies::new(Both::default(), Burst);
    assert_eq!(router.route_bar(&Bar::of(5)), Ok(()));
    assert_eq!(router.both.0, [("fill", 0), ("fill", 1), ("fill", 2), ("breach", 3), ("breach", 4)]);
    let stats = router.stats();
    let (breach, fill) = (stats.local("Breach", "both").unwrap(), stats.local("Fill", "both").unwrap());
    assert_eq!((breach.dropped_oldest, breach.dropped_newest, breach.dropped_error, breach.lost), (3, 0, 0, 3));
    assert_eq!((fill.dropped_oldest, fill.dropped_newest, fill.dropped_error, fill.lost), (0, 2, 0, 2));
    assert_eq!(stats.local_lost, 5);
}

routing_config! {
    name: Default_,
    services: { both: Both, burst: Burst },
    routes: { Bar => [burst], Breach => [both via local(1, on_full = error)], Fill => [both via local(8)] },
    on_error: propagate,
}

#[test]
fn with_error_a_full_edge_is_the_failure_of_its_receiver() {
    let mut router = Default_::new(Both::default(), Burst);
    let error = router.route_bar(&Bar::of(2)).unwrap_err();
    assert_eq!(error.to_string(), "`both` failed on `Breach`: `local(1)` is full, message lost");
    assert_eq!(router.both.0, [("breach", 0), ("fill", 0), ("fill", 1)]);
    assert_eq!(router.stats().local("Breach", "both").unwrap().dropped_error, 1);
}

#[derive(Default)]
struct Loop(u64);

#[service]
impl Loop {
    #[handle]
    fn on_breach(&mut self, breach: &Breach, cx: &mut impl Emit<Breach>) {
        self.0 += 1;
        cx.emit(breach);
    }
}

routing_config! { name: Endless, services: { it: Loop }, routes: { Breach => [it via local(1)] }, on_error: propagate }

#[test]
fn a_loop_without_end_is_given_up_after_a_million_deliveries() {
    let mut router = Endless::new(Loop::default());
    let error = router.route_breach(&Breach::of(7)).unwrap_err();
    assert_eq!(error.text, "draining stopped after 1000000 deliveries, messages lost: 1");
    assert_eq!((error.service, error.message), ("it", "Breach"));
    assert_eq!(router.it.0, 1_000_000);
    let stats = router.stats();
    assert_eq!((stats.drain_limits, stats.local_lost), (1, 1));
    assert_eq!(stats.local("Breach", "it").unwrap().abandoned, 1);
}

#[derive(Default)]
struct Front(Vec<u64>);

#[service]
impl Front {
    #[handle]
    fn on_signal(&mut self, signal: &Signal) {
        self.0.push(signal.value);
    }
}

struct Source;

#[service]
impl Source {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut impl Emit<Signal>) {
        cx.emit(&Signal::of(bar.value));
    }
}

routing_config! {
    name: Mixed,
    services: { front: Front, source: Source, back: Front },
    routes: { Bar => [source], Signal => [front via local(4), back] },
}

#[test]
fn a_message_may_go_back_by_queue_and_forward_directly() {
    let mut router = Mixed::new(Front::default(), Source, Front::default());
    router.route_bar(&Bar::of(3));
    assert_eq!((router.front.0, router.back.0), (vec![3], vec![3]));
}
