//! What a panic does to a service behind a task, and to the lanes around it.

use std::sync::mpsc::{Receiver, channel};

use mycelium_rt::lane::{Doing, Origin, Running, StartError, TaskHealth};
use mycelium_rt::testing::ManualClock;
use mycelium_rt::{Config, Emit, SourceState, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Signal};
use tokio::runtime::Runtime;

use crate::support::{DEADLINE, until};

/// Panics on 13, and answers everything else.
#[derive(Default)]
struct Journal {
    started: bool,
    fills: Vec<u64>,
}

#[service]
impl Journal {
    fn startup(&mut self) {
        self.started = true;
    }

    #[handle]
    async fn on_fill(&mut self, fill: &Fill, cx: &mut impl Emit<Signal>) {
        tokio::task::yield_now().await;
        assert!(fill.value != 13, "unlucky");
        self.fills.push(fill.value);
        cx.emit(&Signal::of(fill.value));
    }
}

/// Passes bars on as fills, and counts the answers.
#[derive(Default)]
struct Desk {
    bars: u64,
    answers: u64,
}

#[service]
impl Desk {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut impl Emit<Fill>) {
        self.bars += 1;
        cx.emit(&Fill::of(bar.value));
    }

    #[handle]
    fn on_signal(&mut self, _: &Signal) {
        self.answers += 1;
    }
}

routing_config! {
    name: Kept,
    services: { desk: Desk, journal: Journal },
    routes: {
        Bar => [desk],
        Fill => [journal via task(4, on_panic = restart(max = 2, within = "10s", backoff = "1s"))],
        Signal => [desk],
    },
    lanes: { hot: thread [desk] },
}

/// A router whose clock only the test moves, and its dead letters: lane, origin, value, reason.
struct Scene {
    running: Running<Kept>,
    clock: ManualClock,
    dead_letters: Receiver<(&'static str, Origin, u64, String)>,
    /// Services made, the first ones included.
    made: Receiver<()>,
    _runtime: Runtime,
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap()
}

impl Scene {
    fn new() -> Self {
        let (runtime, clock) = (runtime(), ManualClock::new());
        let ((report, dead_letters), (make, made)) = (channel(), channel());
        let config =
            Config::new().tokio(runtime.handle().clone()).clock(clock.clone()).on_dead_letter(move |dead_letter| {
                let value = dead_letter.body.first_chunk().map_or(0, |bytes| u64::from_ne_bytes(*bytes));
                let _ = report.send((dead_letter.lane, dead_letter.origin, value, dead_letter.reason.to_owned()));
            });
        let factory = move || {
            let _ = make.send(());
            KeptServices { desk: Desk::default(), journal: Journal::default() }
        };
        let running = Kept::start_with(factory, &config).unwrap();
        made.try_recv().unwrap();
        Self { running, clock, dead_letters, made, _runtime: runtime }
    }

    fn send(&self, values: impl IntoIterator<Item = u64>) {
        let bars = self.running.sender::<Bar>();
        values.into_iter().for_each(|value| bars.send(&Bar::of(value)).unwrap());
    }

    fn dead_letter(&self) -> (&'static str, Origin, u64, String) {
        self.dead_letters.recv_timeout(DEADLINE).unwrap()
    }

    fn journal(&self) -> TaskHealth {
        *self.running.health().task("journal").unwrap()
    }
}

#[test]
fn a_service_behind_a_task_restarts_alone_and_keeps_what_waits_for_it() {
    let scene = Scene::new();
    scene.send([1, 13, 2, 3]);
    assert_eq!(scene.dead_letter(), ("hot", Origin::Queue("journal"), 13, "unlucky".to_owned()));
    until("the others have come", || scene.journal().waiting == 2);
    let journal = scene.journal();
    assert_eq!((journal.doing, journal.lane, journal.capacity), (Doing::Turning, "hot", 4));
    assert_eq!((journal.panics, journal.restarts, journal.lost_in_panics), (1, 0, 1), "its pause is not over");
    scene.clock.advance(std::time::Duration::from_secs(2));
    scene.made.recv_timeout(DEADLINE).unwrap();
    until("it goes on", || scene.journal().waiting == 0);
    let stats = *scene.running.stats().service("journal").unwrap();
    assert_eq!((stats.panics, stats.restarts, stats.lost_in_panics), (1, 1, 1));
    assert_eq!(scene.running.health().lane("hot").map(|lane| (lane.panics, lane.restarts)), Some((0, 0)));
    let ended = scene.running.shutdown(DEADLINE);
    let (desk, journal) = (ended.services.desk, ended.services.journal);
    assert!(journal.started, "`startup` is called again");
    assert_eq!((journal.fills, desk.bars, desk.answers), (vec![2, 3], 4, 3), "the lane keeps its own services");
    assert!(ended.left.is_empty() && ended.broken.is_none(), "{:?}", ended.left);
}

#[test]
fn a_task_that_panics_too_often_ends_and_the_lanes_go_on() {
    let scene = Scene::new();
    for _ in 0..3 {
        scene.send([13]);
        scene.dead_letter();
        scene.clock.advance(std::time::Duration::from_secs(2));
    }
    until("it has ended", || scene.journal().doing == Doing::Ended);
    assert_eq!((scene.journal().panics, scene.journal().restarts), (3, 2));
    // Four find room in the queue, which nobody empties any more.
    scene.send(1..=6);
    let refused = || scene.running.stats().queue("journal").unwrap().dropped_error;
    until("what is sent to it is counted", || refused() == 2);
    assert!(scene.running.is_running());
    let ended = scene.running.shutdown(DEADLINE);
    assert_eq!((ended.services.desk.bars, ended.services.journal.fills), (9, vec![]));
    assert_eq!(ended.left.to_string(), "4 messages left: 4 at the task of `journal`");
}

#[test]
fn a_shutdown_during_the_pause_of_a_task_does_not_wait_for_it() {
    // Nobody moves the clock, so the pause never ends by itself.
    let scene = Scene::new();
    scene.send([13, 1]);
    scene.dead_letter();
    let ended = scene.running.shutdown(DEADLINE);
    assert_eq!((ended.services.journal.fills, ended.left.total()), (vec![1], 0), "what has arrived is handled");
}

#[test]
fn a_shutdown_releases_a_lane_that_waits_for_room_at_a_pausing_task() {
    let scene = Scene::new();
    scene.send([13]);
    scene.dead_letter();
    // Four find room, with the fifth the lane waits.
    scene.send(1..=5);
    until("the lane waits", || {
        scene.journal().waiting == 4 && scene.running.health().lane("hot").unwrap().handled == 6
    });
    let ended = scene.running.shutdown(DEADLINE);
    assert_eq!((ended.services.journal.fills, ended.left.total()), (vec![1, 2, 3, 4, 5], 0));
}

#[test]
fn a_restart_behind_a_task_needs_a_factory() {
    let (runtime, services) = (runtime(), || KeptServices { desk: Desk::default(), journal: Journal::default() });
    let config = Config::new().tokio(runtime.handle().clone()).clock(ManualClock::new());
    let error = Kept::start(services(), &config).err().unwrap();
    assert!(matches!(error, StartError::Link(_)) && error.to_string().contains("`journal`"), "{error}");
    let error = Kept::open(services(), &config).err().unwrap().to_string();
    assert!(error.contains("`journal`") && error.contains("start_with"), "{error}");
}

routing_config! {
    name: Alone,
    services: { desk: Desk, journal: Journal },
    routes: { Bar => [desk], Fill => [journal via task(4)], Signal => [desk] },
}

#[test]
fn without_a_policy_a_panic_ends_the_task_and_its_message_is_counted() {
    let runtime = runtime();
    let services = AloneServices { desk: Desk::default(), journal: Journal::default() };
    let mut router = Alone::open(services, &Config::new().tokio(runtime.handle().clone())).unwrap();
    router.route_fill(&Fill::of(13));
    let lost = |router: &Alone| router.stats().service("journal").unwrap().lost_in_panics;
    until("it has panicked", || lost(&router) == 1);
    until("its queue is closed", || {
        router.route_fill(&Fill::of(1));
        router.stats().queue("journal").unwrap().dropped() > 0
    });
}

/// Counts to `to` by itself, ticks, and takes fills; the tick that is `unlucky` panics.
#[derive(Default)]
struct Beacon {
    started: u64,
    ended: u64,
    counted: u64,
    to: u64,
    ticks: u64,
    unlucky: u64,
    fills: u64,
}

#[service]
impl Beacon {
    fn startup(&mut self) {
        self.started += 1;
    }

    fn shutdown(&mut self) {
        self.ended += 1;
    }

    #[handle]
    async fn on_fill(&mut self, _: &Fill) {
        tokio::task::yield_now().await;
        self.fills += 1;
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

    #[every("1s")]
    fn tick(&mut self, cx: &mut impl Emit<Breach>) {
        self.ticks += 1;
        assert!(self.ticks != self.unlucky, "unlucky");
        cx.emit(&Breach::of(self.ticks));
    }
}

/// Sends fills on to the beacon, and counts what it emits.
#[derive(Default)]
struct Watcher {
    signals: u64,
    breaches: u64,
}

#[service]
impl Watcher {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut impl Emit<Fill>) {
        cx.emit(&Fill::of(bar.value));
    }

    #[handle]
    fn on_signal(&mut self, _: &Signal) {
        self.signals += 1;
    }

    #[handle]
    fn on_breach(&mut self, _: &Breach) {
        self.breaches += 1;
    }
}

routing_config! {
    name: Lit,
    services: { watcher: Watcher, beacon: Beacon },
    routes: {
        Bar => [watcher],
        Fill => [beacon via task(4096, on_panic = restart(max = 2, within = "10s", backoff = "1s"))],
        Signal => [watcher],
        Breach => [watcher],
    },
    lanes: { hot: thread [watcher] },
}

/// Starts a router whose beacon is made by `make`, by a clock that only the test moves.
fn lit(runtime: &Runtime, make: impl Fn() -> Beacon + Send + 'static) -> (Running<Lit>, ManualClock) {
    let clock = ManualClock::new();
    let config = Config::new().tokio(runtime.handle().clone()).clock(clock.clone());
    let factory = move || LitServices { watcher: Watcher::default(), beacon: make() };
    (Lit::start_with(factory, &config).unwrap(), clock)
}

fn with_time() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap()
}

#[test]
fn a_system_ends_by_itself_when_the_sources_behind_its_tasks_have_finished() {
    let runtime = with_time();
    let (running, _clock) = lit(&runtime, || Beacon { to: 1000, ..Beacon::default() });
    let ended = running.join();
    let (watcher, beacon) = (ended.services.watcher, ended.services.beacon);
    assert_eq!((watcher.signals, beacon.started, beacon.ended), (1000, 1, 1));
    assert!(ended.left.is_empty() && ended.broken.is_none(), "{:?}", ended.left);
}

#[test]
fn a_shutdown_stops_a_source_behind_a_task_that_is_always_ready_and_nothing_is_left() {
    let runtime = with_time();
    let (running, _clock) = lit(&runtime, || Beacon { to: u64::MAX, ..Beacon::default() });
    let bars = running.sender::<Bar>();
    (0..100).for_each(|value| bars.send(&Bar::of(value)).unwrap());
    let ended = running.shutdown(DEADLINE);
    let (watcher, beacon) = (ended.services.watcher, ended.services.beacon);
    assert!(ended.left.is_empty(), "{:?}", ended.left);
    assert_eq!((beacon.fills, beacon.ended), (100, 1));
    let (queue, outbox) = (ended.stats.queue("beacon").unwrap(), ended.stats.outbox("beacon").unwrap());
    assert_eq!(watcher.signals + outbox.dropped_newest, beacon.counted, "each was taken, or found the outbox full");
    assert_eq!((outbox.sent, outbox.received), (watcher.signals, watcher.signals));
    let bytes = [queue, outbox].map(|ring| (ring.bytes_sent, ring.bytes_received));
    assert_eq!(bytes, [(0, 0); 2], "none leave the process");
    assert_eq!((queue.sent, queue.received, queue.dropped()), (100, 100, 0), "what it emits is not among them");
}

#[test]
fn a_panic_of_a_timer_behind_a_task_restarts_its_service_and_its_ticks_go_on() {
    let runtime = with_time();
    let (running, clock) = lit(&runtime, || Beacon { to: 1, unlucky: 2, ..Beacon::default() });
    // Kept, so that the system does not end with its source.
    let _bars = running.sender::<Bar>();
    let second = std::time::Duration::from_secs(1);
    let breaches = |count: u64| {
        until("the tick has come", || {
            let outbox = *running.stats().outbox("beacon").unwrap();
            outbox.sent >= count
        });
    };
    clock.advance(second);
    // Its signal and its first tick.
    breaches(2);
    clock.advance(second);
    let health = || *running.health().task("beacon").unwrap();
    until("it has panicked", || health().panics == 1);
    clock.advance(second);
    until("it is restarted", || health().restarts == 1);
    clock.advance(second);
    breaches(4);
    // Late by three periods.
    clock.advance(second * 4);
    until("it panics again", || health().panics == 2);
    assert_eq!((health().missed_ticks, running.stats().missed_ticks, health().lost_in_panics), (3, 3, 0));
    assert_eq!(running.stats().service("beacon").unwrap().missed_ticks, 3);
    let ended = running.shutdown(DEADLINE);
    let (watcher, beacon) = (ended.services.watcher, ended.services.beacon);
    assert_eq!(
        (watcher.signals, watcher.breaches, beacon.ticks),
        (2, 2, 0),
        "sources and timers don't begin again at the end"
    );
    assert_eq!((beacon.started, beacon.ended, ended.left.total()), (1, 1, 0));
}

#[test]
fn the_source_of_a_task_that_has_ended_keeps_no_system_running() {
    let runtime = with_time();
    let (running, clock) = lit(&runtime, || Beacon { to: u64::MAX, unlucky: 1, ..Beacon::default() });
    let health = || *running.health().task("beacon").unwrap();
    for panics in 1..=3 {
        until("it is at work", || health().restarts == panics - 1);
        clock.advance(std::time::Duration::from_secs(1));
        until("it panics", || health().panics == panics);
        // Longer than its pause.
        clock.advance(std::time::Duration::from_secs(2));
    }
    let ended = running.join();
    assert!(ended.broken.is_none(), "{:?}", ended.broken);
}
