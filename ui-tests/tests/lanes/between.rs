//! What goes from lane to lane: in order, once to each lane, and by separate queues where routes say so.

use mycelium_rt::{Config, Emit, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Signal};

use crate::support::{DEADLINE, Log};

/// Emits a signal and a fill for each bar.
struct Maker;

#[service]
impl Maker {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut (impl Emit<Signal> + Emit<Fill>)) {
        cx.emit(&Signal::of(bar.value));
        cx.emit(&Fill::of(bar.value));
    }
}

routing_config! {
    name: Fan,
    services: { maker: Maker, near: Log, far: Log, farther: Log },
    routes: {
        Bar => [maker, far],
        Signal => [near, far, farther],
        Fill => [far, near, farther],
    },
    ignore: [
        near: [Bar, mycelium_ui_tests::market::Breach],
        far: [mycelium_ui_tests::market::Breach],
        farther: [Bar, mycelium_ui_tests::market::Breach],
    ],
    lanes: { hot: thread [maker, near], cold: thread [far, farther] },
}

fn fan() -> FanServices {
    FanServices { maker: Maker, near: Log::default(), far: Log::default(), farther: Log::default() }
}

#[test]
fn each_receiver_gets_each_message_once_and_in_the_order_of_emission() {
    let running = Fan::start(fan(), &Config::new()).unwrap();
    let bars = running.sender::<Bar>();
    (0..5000).for_each(|value| bars.send(&Bar::of(value)).unwrap());
    let ended = running.shutdown(DEADLINE);
    assert!(ended.left.is_empty(), "{}", ended.left);
    let emitted: Vec<_> = (0..5000).flat_map(|value| [("Signal", value), ("Fill", value)]).collect();
    let services = ended.services;
    assert_eq!(services.near.0, emitted);
    assert_eq!(services.farther.0, emitted);
    // Bars reach `far` by another path than what is made of them: each path is in order.
    let of = |name| services.far.0.iter().filter(move |(message, _)| *message == name).map(|(_, value)| *value);
    assert!(of("Bar").eq(0..5000));
    let by_ring: Vec<_> = services.far.0.iter().filter(|(message, _)| *message != "Bar").copied().collect();
    assert_eq!(by_ring, emitted);
}

routing_config! {
    name: Queues,
    services: { maker: Maker, slow: Log, near: Log },
    routes: {
        Bar => [maker],
        Signal => [slow via queue(4, on_full = drop_newest)],
        Fill => [slow via queue(4, on_full = error), near],
    },
    ignore: [slow: [Bar, Breach], near: [Bar, Signal, Breach]],
    on_error: stop,
    lanes: { hot: thread [maker, near], cold: thread [slow] },
}

#[test]
fn a_queue_between_lanes_keeps_its_policies_and_counts() {
    let services = QueuesServices { maker: Maker, slow: Log::default(), near: Log::default() };
    let running = Queues::start(services, &Config::new()).unwrap();
    let bars = running.sender::<Bar>();
    (0..2000).for_each(|value| bars.send(&Bar::of(value)).unwrap());
    drop(bars);
    crate::support::until("every bar is handled", || {
        let stats = running.stats();
        let queue = stats.queue("slow").expect("it is there");
        queue.received + queue.dropped() == 4000
    });
    let queue = *running.stats().queue("slow").unwrap();
    let services = running.shutdown(DEADLINE).services;
    let count = |name| services.slow.0.iter().filter(|(message, _)| *message == name).count() as u64;
    assert_eq!(count("Signal") + queue.dropped_newest, 2000);
    assert_eq!(count("Fill") + queue.dropped_error, 2000);
    assert_eq!(services.near.0.len() as u64, count("Fill"), "what the queue refuses stops before `near`");
}

routing_config! {
    name: Within,
    services: { maker: Maker, slow: Log },
    routes: { Bar => [maker], Signal => [slow via queue(4, on_full = drop_newest)], Fill => [slow via queue(4)] },
    ignore: [slow: [Bar, Breach]],
}

#[test]
fn the_counters_of_a_queue_within_a_lane_can_be_read_by_others() {
    let running = Within::start(WithinServices { maker: Maker, slow: Log::default() }, &Config::new()).unwrap();
    let bars = running.sender::<Bar>();
    (0..100).for_each(|value| bars.send(&Bar::of(value)).unwrap());
    drop(bars);
    let ended = running.shutdown(DEADLINE);
    let queue = ended.stats.queue("slow").expect("it is there");
    assert_eq!(queue.sent + queue.dropped(), 200);
    assert_eq!((queue.sent, queue.received), (queue.received, ended.services.slow.0.len() as u64));
}

/// Counts what arrives together.
#[derive(Default)]
struct Batches {
    messages: Vec<u64>,
    calls: usize,
}

#[service]
impl Batches {
    #[handle]
    fn on_fills(&mut self, fills: &[Fill]) {
        self.calls += 1;
        self.messages.extend(fills.iter().map(|fill| fill.value));
    }
}

routing_config! {
    name: Gathering,
    services: { maker: Maker, batches: Batches },
    routes: { Bar => [maker], Fill => [batches] },
    ignore: [Signal],
    lanes: { hot: thread [maker], cold: thread [batches] },
}

#[test]
fn what_arrives_together_from_another_lane_is_gathered() {
    let services = GatheringServices { maker: Maker, batches: Batches::default() };
    let running = Gathering::start(services, &Config::new()).unwrap();
    let bars = running.sender::<Bar>();
    (0..10_000).for_each(|value| bars.send(&Bar::of(value)).unwrap());
    let services = running.shutdown(DEADLINE).services;
    assert!(services.batches.messages.iter().copied().eq(0..10_000));
    assert!(services.batches.calls <= 10_000 && services.batches.calls >= 10_000 / 64);
}
