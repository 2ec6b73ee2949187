//! `via task(N)`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mycelium_rt::link::LinkError;
use mycelium_rt::testing::ManualClock;
use mycelium_rt::{Clock, Config, Emit, SourceState, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Signal};

use super::support::{Log, until};

/// Takes its time, and answers each fill.
struct Writer {
    written: Arc<Mutex<Vec<u64>>>,
}

#[service]
impl Writer {
    #[handle]
    async fn on_fill(&mut self, fill: &Fill, cx: &mut impl Emit<Bar>) -> Result<(), String> {
        tokio::task::yield_now().await;
        if fill.value == 3 {
            return Err("three".to_owned());
        }
        self.written.lock().map_err(|error| error.to_string())?.push(fill.value);
        cx.emit(&Bar::of(fill.value));
        Ok(())
    }

    #[handle]
    fn on_breach(&mut self, breach: &Breach) {
        if let Ok(mut written) = self.written.lock() {
            written.push(100 + breach.value);
        }
    }
}

/// Sends as many fills as the signal says, and a breach.
struct Burst;

#[service]
impl Burst {
    #[handle]
    fn on_signal(&mut self, signal: &Signal, cx: &mut (impl Emit<Fill> + Emit<Breach>)) {
        for value in 0..signal.value {
            cx.emit(&Fill::of(value));
        }
        cx.emit(&Breach::of(signal.value));
    }
}

routing_config! {
    name: Tasked,
    services: { burst: Burst, writer: Writer, log: Log },
    routes: {
        Signal => [burst],
        Fill => [writer via task(4), log],
        Breach => [writer via task(4)],
        Bar => [log],
    },
}

#[test]
fn a_task_takes_messages_in_order_and_what_it_emits_comes_back_by_poll() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let written = Arc::new(Mutex::new(Vec::new()));
    let services =
        TaskedServices { burst: Burst, writer: Writer { written: Arc::clone(&written) }, log: Log::default() };
    let mut router = Tasked::open(services, &Config::new().tokio(runtime.handle().clone())).unwrap();
    // More than its room: the default is to block.
    router.route_signal(&Signal::of(20));
    until("everything comes back", || {
        router.poll();
        router.log.0.iter().filter(|(name, _)| *name == "Bar").count() == 19
            && router.stats().queue("writer").unwrap().received == 21
    });
    let expected: Vec<_> = (0..20).filter(|value| *value != 3).chain([120]).collect();
    until("the last one is written", || *written.lock().unwrap() == expected);
    assert_eq!(router.stats().service("writer").unwrap().handler_errors, 1);
    let stats = router.stats();
    let (queue, outbox) = (stats.queue("writer").unwrap(), stats.outbox("writer").unwrap());
    assert_eq!((queue.sent, queue.received, queue.dropped()), (21, 21, 0));
    assert_eq!((outbox.sent, outbox.received, outbox.dropped()), (19, 19, 0));
}

/// Never comes to an end with a fill, but for the first, which it answers.
struct Stuck;

#[service]
impl Stuck {
    #[handle]
    async fn on_fill(&mut self, fill: &Fill, cx: &mut impl Emit<Bar>) {
        match fill.value {
            0 => cx.emit(&Bar::of(0)),
            _ => std::future::pending().await,
        }
    }
}

routing_config! {
    name: Held,
    services: { stuck: Stuck, log: Log },
    routes: { Fill => [stuck via task(8)], Bar => [log] },
    ignore: [log: [Fill]],
}

#[test]
fn what_is_with_a_task_is_told_when_its_router_is_closed() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let config = Config::new().tokio(runtime.handle().clone()).quiet();
    let mut router = Held::open(HeldServices { stuck: Stuck, log: Log::default() }, &config).unwrap();
    (0..4).for_each(|value| router.route_fill(&Fill::of(value)));
    until("the first one is handled", || {
        router.poll();
        router.log.0.len() == 1
    });
    let left = router.close(std::time::Duration::ZERO).left;
    let places: Vec<_> = left.places().iter().map(|left| (left.place.as_str(), left.messages)).collect();
    assert_eq!(places, [("the task of `stuck`", 3)]);
}

#[test]
fn a_task_needs_a_runtime() {
    let services = TaskedServices { burst: Burst, writer: Writer { written: Arc::default() }, log: Log::default() };
    let error = Tasked::open(services, &Config::new()).err().unwrap();
    assert!(matches!(error, LinkError::Config(_)) && error.to_string().contains("writer"), "{error}");
}

/// The slices that a service was given, with what they are of.
type Written = Mutex<Vec<(&'static str, Vec<u64>)>>;

/// Keeps the slices that it is given, behind a task, once it may.
struct BatchWriter {
    written: Arc<Written>,
    may_begin: Arc<AtomicBool>,
}

#[service]
impl BatchWriter {
    #[handle]
    async fn on_signal(&mut self, _: &Signal) {
        while !self.may_begin.load(Ordering::Acquire) {
            tokio::task::yield_now().await;
        }
    }

    #[handle]
    async fn on_bars(&mut self, bars: &[Bar], cx: &mut impl Emit<Fill>) -> Result<(), String> {
        let values: Vec<_> = bars.iter().map(|bar| bar.value).collect();
        for bar in bars {
            cx.emit(&Fill::of(bar.value));
            tokio::task::yield_now().await;
        }
        self.written.lock().map_err(|error| error.to_string())?.push(("Bar", values));
        Err("a batch fails once".to_owned())
    }

    #[handle]
    fn on_breaches(&mut self, breaches: &[Breach]) {
        if let Ok(mut written) = self.written.lock() {
            written.push(("Breach", breaches.iter().map(|breach| breach.value).collect()));
        }
    }
}

/// Keeps the slices that a task has emitted.
#[derive(Default)]
struct Fills(Vec<Vec<u64>>);

#[service]
impl Fills {
    #[handle]
    fn on_fills(&mut self, fills: &[Fill]) {
        self.0.push(fills.iter().map(|fill| fill.value).collect());
    }
}

routing_config! {
    name: Gathering,
    services: { fills: Fills, writer: BatchWriter },
    routes: {
        Signal => [writer via task(256)],
        Bar => [writer via task(256)],
        Breach => [writer via task(256)],
        Fill => [fills],
    },
}

#[test]
fn a_task_is_handed_what_lies_in_its_queue_together() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let (written, may_begin) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
    let writer = BatchWriter { written: Arc::clone(&written), may_begin: Arc::clone(&may_begin) };
    let services = GatheringServices { fills: Fills::default(), writer };
    let mut router = Gathering::open(services, &Config::new().tokio(runtime.handle().clone())).unwrap();
    router.route_signal(&Signal::of(0));
    until("the task has taken the signal alone", || router.stats().queue("writer").unwrap().received == 1);
    (0..70).for_each(|value| router.route_bar(&Bar::of(value)));
    (70..73).for_each(|value| router.route_breach(&Breach::of(value)));
    router.route_bar(&Bar::of(73));
    may_begin.store(true, Ordering::Release);
    until("all are written", || written.lock().unwrap().len() == 4);
    let expected =
        [("Bar", (0..64).collect()), ("Bar", (64..70).collect()), ("Breach", (70..73).collect()), ("Bar", vec![73])];
    assert_eq!(*written.lock().unwrap(), expected);
    until("all fills come back", || {
        router.poll();
        router.fills.0.iter().flatten().count() == 71
    });
    assert!(router.fills.0.iter().all(|fills| fills.len() <= 64));
    assert_eq!(router.fills.0.concat(), (0..70).chain([73]).collect::<Vec<_>>());
    assert_eq!(router.stats().service("writer").unwrap().handler_errors, 3);
}

routing_config! {
    /// Can be shown, whatever its task runs.
    #[derive(Debug)]
    name: Shown,
    services: { writer: Writer },
    routes: { Fill => [writer via task(4)], Breach => [writer via task(4)] },
    ignore: [Bar],
}

#[test]
fn a_router_can_be_shown_although_a_service_behind_a_task_can_not() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let services = ShownServices { writer: Writer { written: Arc::default() } };
    let router = Shown::open(services, &Config::new().tokio(runtime.handle().clone())).unwrap();
    let shown = format!("{router:?}");
    assert!(shown.starts_with("Shown {") && shown.contains(r#"Task { service: "writer", .. }"#), "{shown}");
}

/// Has a timer, a source that counts up to `to`, and a handler of fills. Runs behind a task.
struct Beacon {
    ticks: u64,
    counted: u64,
    to: u64,
    gone: Arc<AtomicBool>,
}

impl Drop for Beacon {
    fn drop(&mut self) {
        self.gone.store(true, Ordering::Relaxed);
    }
}

#[service]
impl Beacon {
    #[handle]
    fn on_fill(&mut self, fill: &Fill, cx: &mut impl Emit<Bar>) {
        cx.emit(&Bar::of(100 + fill.value));
    }

    #[every("1s")]
    fn tick(&mut self, cx: &mut (impl Emit<Bar> + Clock)) {
        self.ticks += 1;
        cx.emit(&Bar::of(cx.now().0 / 1_000_000_000));
    }

    #[source]
    fn count(&mut self, cx: &mut impl Emit<Signal>) -> SourceState {
        if self.counted == self.to {
            return SourceState::Finished;
        }
        self.counted += 1;
        cx.emit(&Signal::of(self.counted));
        SourceState::Ready
    }
}

/// Sums up.
#[derive(Default)]
struct Sum(u64);

#[service]
impl Sum {
    #[handle]
    fn on_signal(&mut self, signal: &Signal) {
        self.0 += signal.value;
    }
}

routing_config! {
    name: Lit,
    services: { sum: Sum, beacon: Beacon, log: Log },
    routes: { Fill => [beacon via task(16)], Bar => [log], Signal => [sum] },
    ignore: [log: [Fill]],
}

#[test]
fn timers_and_sources_run_behind_a_task_by_the_clock_of_the_router() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
    let clock = ManualClock::new();
    let gone = Arc::new(AtomicBool::new(false));
    let beacon = Beacon { ticks: 0, counted: 0, to: 100, gone: Arc::clone(&gone) };
    let config = Config::new().tokio(runtime.handle().clone()).clock(clock.clone());
    let mut router = Lit::open(LitServices { sum: Sum::default(), beacon, log: Log::default() }, &config).unwrap();
    until("the source has finished", || {
        router.poll();
        router.sum.0 == 100 * 101 / 2
    });
    let bars = |router: &mut Lit, count: usize| {
        until("the bars have come", || {
            router.poll();
            router.log.0.len() == count
        });
    };
    clock.advance(Duration::from_secs(1));
    bars(&mut router, 1);
    router.route_fill(&Fill::of(1));
    bars(&mut router, 2);
    clock.advance(Duration::from_secs(4));
    bars(&mut router, 3);
    assert_eq!(router.log.0, [("Bar", 1), ("Bar", 101), ("Bar", 5)]);
    assert_eq!(router.stats().missed_ticks, 3);
    let missed = |service| router.stats().service(service).unwrap().missed_ticks;
    assert_eq!((missed("beacon"), missed("log")), (3, 0));
    drop(router);
    until("the task has ended", || gone.load(Ordering::Relaxed));
}

#[test]
fn a_router_that_is_dropped_ends_a_task_whose_source_is_always_ready() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
    let gone = Arc::new(AtomicBool::new(false));
    let beacon = Beacon { ticks: 0, counted: 0, to: u64::MAX, gone: Arc::clone(&gone) };
    let config = Config::new().tokio(runtime.handle().clone()).quiet();
    let mut router = Lit::open(LitServices { sum: Sum::default(), beacon, log: Log::default() }, &config).unwrap();
    until("it is at work", || {
        router.poll();
        router.sum.0 > 0
    });
    drop(router);
    until("the task has ended", || gone.load(Ordering::Relaxed));
}
