//! Sources and timers of a router that its owner drives by `poll`.

use std::time::Duration;

use mycelium_rt::testing::ManualClock;
use mycelium_rt::{Clock, Config, Emit, SourceState, routing_config, service};
use mycelium_ui_tests::market::{Bar, Fill, Signal};

/// Emits `left` bars, and then returns `then`.
struct Replay {
    left: u64,
    then: SourceState,
    asked: u64,
}

impl Replay {
    fn of(left: u64, then: SourceState) -> Self {
        Self { left, then, asked: 0 }
    }
}

#[service]
impl Replay {
    #[source]
    fn next_bar(&mut self, cx: &mut impl Emit<Bar>) -> SourceState {
        self.asked += 1;
        let Some(left) = self.left.checked_sub(1) else { return self.then };
        cx.emit(&Bar::of(self.left));
        self.left = left;
        SourceState::Ready
    }
}

/// Says at each tick how many milliseconds the clock shows.
struct Ticker;

#[service]
impl Ticker {
    #[every("250ms")]
    fn tick(&mut self, cx: &mut (impl Emit<Fill> + Clock)) {
        cx.emit(&Fill::of(cx.now().0 / 1_000_000));
    }
}

/// Keeps signals and fills.
#[derive(Default)]
struct Log(Vec<(&'static str, u64)>);

#[service]
impl Log {
    #[handle]
    fn on_signal(&mut self, signal: &Signal) {
        self.0.push(("Signal", signal.value));
    }

    #[handle]
    fn on_fill(&mut self, fill: &Fill) {
        self.0.push(("Fill", fill.value));
    }
}

/// Answers each bar with a signal.
struct Echo;

#[service]
impl Echo {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut impl Emit<Signal>) {
        cx.emit(&Signal::of(bar.value));
    }
}

routing_config! {
    name: Driven,
    services: { log: Log, replay: Replay, ticker: Ticker, echo: Echo },
    routes: { Bar => [echo], Signal => [log via local(4)], Fill => [log via queue(64)] },
}

fn driven(replay: Replay) -> (Driven, ManualClock) {
    let clock = ManualClock::new();
    let services = DrivenServices { log: Log::default(), replay, ticker: Ticker, echo: Echo };
    (Driven::open(services, &Config::new().clock(clock.clone())).unwrap(), clock)
}

#[test]
fn poll_asks_a_source_a_bounded_number_of_times_until_it_has_finished() {
    let (mut router, _clock) = driven(Replay::of(20, SourceState::Finished));
    assert_eq!(router.poll(), 16);
    assert_eq!(router.poll(), 4);
    assert!(router.log.0.iter().copied().eq((1..=20).rev().map(|value| ("Signal", value))), "{:?}", router.log.0);
    let asked = router.replay.asked;
    assert_eq!((router.poll(), router.replay.asked), (0, asked), "nobody asks one that has finished");
    assert_eq!(router.stats().local_lost, 0, "each call's `local` messages are delivered before the next call");
}

#[test]
fn a_source_that_is_idle_is_asked_again_by_the_next_poll() {
    let (mut router, _clock) = driven(Replay::of(0, SourceState::Idle));
    assert_eq!(router.poll(), 0);
    router.replay.left = 2;
    assert_eq!(router.poll(), 2);
}

#[test]
fn a_source_that_pauses_is_asked_again_when_the_clock_says_so() {
    let (mut router, clock) = driven(Replay::of(0, SourceState::IdleFor(Duration::from_millis(100))));
    assert_eq!(router.poll(), 0);
    router.replay.left = 1;
    clock.advance(Duration::from_millis(99));
    assert_eq!((router.poll(), router.replay.asked), (0, 1));
    clock.advance(Duration::from_millis(1));
    assert_eq!((router.poll(), router.log.0.as_slice()), (1, [("Signal", 1)].as_slice()));
}

#[test]
fn poll_calls_timers_that_are_due_and_counts_the_ticks_that_were_missed() {
    let (mut router, clock) = driven(Replay::of(0, SourceState::Finished));
    let mut polled = Vec::new();
    for millis in [0, 249, 1, 0, 1200, 50] {
        clock.advance(Duration::from_millis(millis));
        polled.push(router.poll());
    }
    // Each tick waits in the queue of its receiver for the next poll.
    router.poll();
    assert_eq!(polled, [0, 0, 1, 1, 1, 2], "a tick, then its fill; a late one, then its fill and one in time");
    assert_eq!(router.log.0, [("Fill", 250), ("Fill", 1450), ("Fill", 1500)]);
    assert_eq!(router.stats().missed_ticks, 3, "750, 1000 and 1250 are not made up for");
}

/// A source and a timer that fail.
#[derive(Default)]
struct Broken(u64);

#[service]
impl Broken {
    #[source]
    fn read(&mut self) -> Result<SourceState, String> {
        self.0 += 1;
        Err(format!("read {}", self.0))
    }

    #[every("1s")]
    fn tick(&mut self, cx: &mut impl Emit<Signal>) -> Result<(), &'static str> {
        cx.emit(&Signal::of(7));
        Err("late")
    }
}

routing_config! {
    name: Failing,
    services: { broken: Broken, log: Log },
    routes: { Signal => [log], Fill => [log via queue(4)] },
    on_error: propagate,
}

#[test]
fn with_propagate_poll_returns_the_first_error_and_calls_the_rest_all_the_same() {
    let clock = ManualClock::new();
    let services = FailingServices { broken: Broken::default(), log: Log::default() };
    let mut router = Failing::open(services, &Config::new().clock(clock.clone())).unwrap();
    let error = |router: &mut Failing| router.poll().unwrap_err().to_string();
    assert!(error(&mut router).contains("read 1"));
    clock.advance(Duration::from_secs(1));
    assert!(error(&mut router).contains("late"), "timers come first");
    assert_eq!((router.broken.0, router.log.0.as_slice()), (2, [("Signal", 7)].as_slice()));
    assert_eq!(router.stats().service("broken").map(|broken| broken.handler_errors), Some(3));
}

routing_config! {
    name: Apart,
    services: { echo: Echo, replay: Replay, log: Log },
    routes: { Bar => [echo], Signal => [log] },
    ignore: [log: [Fill]],
    lanes: { one: thread [echo, log], two: thread [replay] },
}

#[test]
fn a_router_with_lanes_that_nobody_starts_is_driven_by_poll_as_well() {
    let mut router = Apart::new(Echo, Replay::of(3, SourceState::Finished), Log::default());
    assert_eq!(router.poll(), 3, "the bars");
    assert_eq!(router.poll(), 3, "what came back to an earlier service");
    assert_eq!(router.log.0, [("Signal", 3), ("Signal", 2), ("Signal", 1)]);
}
