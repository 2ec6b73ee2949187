//! `via queue(N)`.

use std::sync::atomic::{AtomicU64, Ordering};

use mycelium_rt::{Config, Emit, HandlerFailure, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Signal};

use super::support::Log;

/// Sends as many bars as the signal says, and one fill.
struct Burst;

#[service]
impl Burst {
    #[handle]
    fn on_signal(&mut self, signal: &Signal, cx: &mut (impl Emit<Bar> + Emit<Fill>)) {
        for value in 0..signal.value {
            cx.emit(&Bar::of(value));
        }
        cx.emit(&Fill::of(signal.value));
    }
}

routing_config! {
    name: Queued,
    services: { log: Log, burst: Burst },
    routes: { Signal => [burst], Bar => [log via queue(2)], Fill => [log via queue(2)] },
}

fn queued() -> Queued {
    Queued::open(QueuedServices { log: Log::default(), burst: Burst }, &Config::new()).unwrap()
}

#[test]
fn a_queued_message_waits_for_poll_and_keeps_its_order() {
    let mut router = queued();
    router.route_signal(&Signal::of(2));
    assert!(router.log.0.is_empty(), "nothing is delivered before `poll`");
    assert_eq!(router.poll(), 3);
    assert_eq!(router.log.0, [("Bar", 0), ("Bar", 1), ("Fill", 2)], "one queue for all messages of a service");
    assert_eq!(router.poll(), 0);
}

#[test]
fn a_full_queue_is_an_error_that_is_counted_at_both_ends() {
    let mut router = queued();
    router.route_signal(&Signal::of(6));
    assert_eq!(router.poll(), 4);
    router.route_signal(&Signal::of(0));
    router.poll();
    assert_eq!(router.log.0.len(), 5);
    let stats = *router.stats().queue("log").unwrap();
    assert_eq!((stats.sent, stats.received, stats.dropped_error, stats.gaps), (5, 5, 3, 3));
}

/// Sends itself a smaller one.
#[derive(Default)]
struct Countdown(Vec<u64>);

#[service]
impl Countdown {
    #[handle]
    fn on_breach(&mut self, breach: &Breach, cx: &mut impl Emit<Breach>) {
        self.0.push(breach.value);
        if breach.value > 0 {
            cx.emit(&Breach::of(breach.value - 1));
        }
    }
}

routing_config! {
    name: Loop,
    services: { countdown: Countdown },
    routes: { Breach => [countdown via queue(1)] },
}

#[test]
fn what_is_queued_meanwhile_waits_for_the_next_poll() {
    let mut router = Loop::open(LoopServices { countdown: Countdown::default() }, &Config::new()).unwrap();
    router.route_breach(&Breach::of(2));
    for expected in [&[2][..], &[2, 1], &[2, 1, 0]] {
        // The ring of one slot is free again only when the handler has returned.
        router.poll();
        assert_eq!(router.countdown.0, expected[..router.countdown.0.len()]);
    }
    let LoopServices { countdown } = router.into();
    assert_eq!(countdown.0[0], 2);
}

static FAILURES: AtomicU64 = AtomicU64::new(0);

fn count(failure: &HandlerFailure<'_>) {
    assert_eq!(failure.to_string(), "`log` failed on `Bar`: `queue(1)` is full, message lost");
    FAILURES.fetch_add(1, Ordering::Relaxed);
}

routing_config! {
    name: Strict,
    services: { log: Log, burst: Burst, second: Log },
    routes: {
        Signal => [burst],
        Bar => [log via queue(1, on_full = error), second],
        Fill => [second],
    },
    ignore: [log: [Fill]],
    on_error: propagate(hook = count),
}

#[test]
fn a_full_queue_is_the_failure_of_its_service() {
    let services = StrictServices { log: Log::default(), second: Log::default(), burst: Burst };
    let mut router = Strict::open(services, &Config::new()).unwrap();
    let error = router.route_signal(&Signal::of(3)).unwrap_err();
    assert_eq!((error.service, error.message), ("log", "Bar"));
    assert_eq!(FAILURES.load(Ordering::Relaxed), 2);
    assert_eq!(router.second.0, [("Bar", 0), ("Fill", 3)], "`stop` skips the receivers after the one that failed");
    assert_eq!(router.poll(), Ok(1));
}

routing_config! {
    name: Silent,
    services: { log: Log, burst: Burst },
    routes: { Signal => [burst], Bar => [log via queue(1, on_full = drop_newest)], Fill => [log via queue(1)] },
    on_error: propagate,
}

#[test]
fn what_is_dropped_by_policy_is_no_error_but_counted() {
    let mut router = Silent::open(SilentServices { log: Log::default(), burst: Burst }, &Config::new()).unwrap();
    let error = router.route_signal(&Signal::of(5)).unwrap_err();
    assert_eq!((error.service, error.message), ("log", "Fill"), "the room is that of both routes together");
    assert_eq!(router.poll(), Ok(2));
    let stats = *router.stats().queue("log").unwrap();
    assert_eq!((stats.sent, stats.dropped_newest, stats.dropped_error), (2, 3, 1));
}
