//! Sources and timers on lanes, and the bounds that keep one from starving another.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use mycelium_rt::testing::ManualClock;
use mycelium_rt::{Clock, Config, Emit, SourceState, routing_config, service};
use mycelium_ui_tests::market::{Bar, Fill, Signal};

use crate::support::{DEADLINE, until};

/// Brings in this many bars.
struct Replay {
    next: u64,
    end: u64,
    /// What it returns at its end.
    then: SourceState,
}

impl Replay {
    fn of(end: u64) -> Self {
        Self { next: 0, end, then: SourceState::Finished }
    }
}

#[service]
impl Replay {
    #[source]
    fn next_bar(&mut self, cx: &mut impl Emit<Bar>) -> SourceState {
        if self.next == self.end {
            return self.then;
        }
        cx.emit(&Bar::of(self.next));
        self.next += 1;
        SourceState::Ready
    }
}

/// Keeps bars, and signals.
#[derive(Default)]
struct Keeper {
    bars: Vec<u64>,
    signals: Vec<u64>,
    /// How many bars there were, for other threads.
    done: Arc<AtomicU64>,
}

#[service]
impl Keeper {
    #[handle]
    fn on_bar(&mut self, bar: &Bar) {
        self.bars.push(bar.value);
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    #[handle]
    fn on_signal(&mut self, signal: &Signal) {
        self.signals.push(signal.value);
    }
}

routing_config! {
    name: Replaying,
    services: { replay: Replay, keeper: Keeper },
    routes: { Bar => [keeper], Signal => [keeper] },
    lanes: { hot: thread [replay], cold: thread [keeper] },
}

#[test]
fn a_system_ends_by_itself_when_its_sources_have_finished() {
    let services = ReplayingServices { replay: Replay::of(3000), keeper: Keeper::default() };
    let running = Replaying::start(services, &Config::new()).unwrap();
    let ended = running.join();
    assert!(ended.left.is_empty() && ended.broken.is_none());
    assert!(ended.services.keeper.bars.iter().copied().eq(0..3000));
}

routing_config! {
    name: OneLane,
    services: { replay: Replay, keeper: Keeper },
    routes: { Bar => [keeper], Signal => [keeper] },
}

#[test]
fn a_router_without_lanes_has_one() {
    let services = OneLaneServices { replay: Replay::of(100), keeper: Keeper::default() };
    assert!(OneLane::start(services, &Config::new()).unwrap().join().services.keeper.bars.iter().copied().eq(0..100));
}

#[test]
fn a_source_without_end_starves_no_sender() {
    let services = OneLaneServices { replay: Replay::of(u64::MAX), keeper: Keeper::default() };
    let running = OneLane::start(services, &Config::new()).unwrap();
    let signals = running.sender::<Signal>();
    // More than there is room for: each has to be taken while the source goes on.
    (0..5000).for_each(|value| signals.send(&Signal::of(value)).unwrap());
    let services = running.shutdown(DEADLINE).services;
    assert!(services.keeper.signals.iter().copied().eq(0..5000));
    assert!(!services.keeper.bars.is_empty());
}

#[test]
fn senders_without_pause_starve_no_source() {
    let done = Arc::new(AtomicU64::new(0));
    let keeper = Keeper { done: Arc::clone(&done), ..Keeper::default() };
    let services = OneLaneServices { replay: Replay { then: SourceState::Idle, ..Replay::of(1000) }, keeper };
    let running = OneLane::start(services, &Config::new()).unwrap();
    let signals = running.sender::<Signal>();
    let end = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !end.load(Ordering::Relaxed) {
                signals.send(&Signal::of(1)).unwrap();
            }
        });
        until("the source has come to its end", || done.load(Ordering::Relaxed) == 1000);
        end.store(true, Ordering::Relaxed);
    });
    assert_eq!(running.shutdown(DEADLINE).services.keeper.bars.len(), 1000);
}

/// Emits a fill with its time at each tick.
struct Ticker;

#[service]
impl Ticker {
    #[every("250ms")]
    fn tick(&mut self, cx: &mut (impl Emit<Fill> + Clock)) {
        cx.emit(&Fill::of(cx.now().0));
    }
}

/// Keeps fills.
#[derive(Default)]
struct Fills(Vec<u64>);

#[service]
impl Fills {
    #[handle]
    fn on_fill(&mut self, fill: &Fill) {
        self.0.push(fill.value);
    }
}

routing_config! {
    name: Ticking,
    services: { ticker: Ticker, fills: Fills },
    routes: { Fill => [fills] },
    lanes: { clocked: thread [ticker], other: thread [fills] },
}

#[test]
fn timers_follow_the_clock_of_the_router_and_missed_ticks_are_counted() {
    let clock = ManualClock::new();
    let running = Ticking::start(
        TickingServices { ticker: Ticker, fills: Fills::default() },
        &Config::new().clock(clock.clone()),
    )
    .unwrap();
    let handled =
        |running: &mycelium_rt::lane::Running<Ticking>| running.health().lane("other").map(|lane| lane.handled);
    // The timer's first period begins with the lane.
    until("it runs", || running.health().lane("clocked").is_some_and(|lane| lane.turns > 0));
    for tick in 1..=3 {
        clock.advance(Duration::from_millis(250));
        until("it ticks", || handled(&running) == Some(tick));
    }
    clock.advance(Duration::from_millis(1000));
    until("it ticks", || handled(&running) == Some(4));
    assert_eq!(running.health().lane("clocked").map(|lane| lane.missed_ticks), Some(3));
    assert_eq!(running.stats().missed_ticks, 3);
    let times = running.shutdown(DEADLINE).services.fills.0;
    let millis: Vec<u64> = times.iter().map(|time| (time - times[0]) / 1_000_000).collect();
    assert_eq!(millis, [0, 250, 500, 1500]);
}
