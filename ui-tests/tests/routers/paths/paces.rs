//! `sample`, `throttle` and `debounce` in routes: each path hands over what a plain model does, by a clock that the test sets.

use std::time::Duration;

use mycelium_rt::testing::ManualClock;
use mycelium_rt::{Config, Emit, routing_config, service};
use mycelium_ui_tests::market::{Bar, Fill, Signal};

use super::support::{Socket, until};

const PERIOD: u64 = 100;

/// Keeps the bars that it gets.
#[derive(Clone, Default)]
struct Bars(Vec<u64>);

#[service]
impl Bars {
    #[handle]
    fn on_bar(&mut self, bar: &Bar) {
        self.0.push(bar.value);
    }
}

/// Takes them together.
#[derive(Default)]
struct Batches(Vec<u64>);

#[service]
impl Batches {
    #[handle]
    fn on_bars(&mut self, bars: &[Bar]) {
        self.0.extend(bars.iter().map(|bar| bar.value));
    }
}

/// Makes a bar of each signal.
struct Maker;

#[service]
impl Maker {
    #[handle]
    fn on_signal(&mut self, signal: &Signal, cx: &mut impl Emit<Bar>) {
        cx.emit(&Bar::of(signal.value));
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // Keys are asked for by reference.
fn last_digit(bar: &Bar) -> u64 {
    bar.value % 10
}

routing_config! {
    name: Every,
    services: {
        maker: Maker, all: Bars,
        sampled: Bars, throttled: Bars, debounced: Bars,
        waiting: Bars, queued: Batches, task: Bars,
    },
    routes: {
        Signal => [maker],
        Bar => [
            all,
            sampled sample("100ns"),
            throttled throttle("100ns", by = |bar| bar.value % 10, keys = 16),
            debounced if |bar| bar.value % 2 == 0 debounce("100ns", by = self::last_digit, keys = 16),
            waiting debounce("100ns") via local(4),
            queued sample("100ns", by = (|bar: &Bar| bar.value % 10 == 0), keys = 2) via queue(8),
            task throttle("100ns") via task(64),
            away sample("100ns") via unix("/nowhere/away", on_full = drop_newest),
        ],
    },
}

/// The time and value of each message, of one key.
type Stream = Vec<(u64, u64)>;

fn sampled(stream: &Stream) -> Vec<u64> {
    let is_newest = |index: usize, now: u64| stream.get(index + 1).is_none_or(|next| next.0 / PERIOD > now / PERIOD);
    kept(stream, is_newest)
}

fn debounced(stream: &Stream) -> Vec<u64> {
    kept(stream, |index, now| stream.get(index + 1).is_none_or(|next| next.0 >= now + PERIOD))
}

fn throttled(stream: &Stream) -> Vec<u64> {
    let mut over = 0;
    let passes = |_, now| {
        let passes = now >= over;
        over = if passes { now + PERIOD } else { over };
        passes
    };
    kept(stream, passes)
}

fn kept(stream: &Stream, mut is_kept: impl FnMut(usize, u64) -> bool) -> Vec<u64> {
    stream.iter().enumerate().filter(|(index, it)| is_kept(*index, it.0)).map(|(_, it)| it.1).collect()
}

/// What `model` keeps of each key, sorted.
fn by_key(stream: &Stream, key: fn(u64) -> u64, model: fn(&Stream) -> Vec<u64>) -> Vec<u64> {
    let of = |wanted| stream.iter().copied().filter(|it| key(it.1) == wanted).collect();
    sorted((0..10).flat_map(|wanted| model(&of(wanted))).collect())
}

fn sorted(mut values: Vec<u64>) -> Vec<u64> {
    values.sort_unstable();
    values
}

#[test]
fn each_path_hands_over_what_the_model_does() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for seed in 0..20 {
        let (socket, clock, mut random) = (Socket::new(), ManualClock::new(), fastrand::Rng::with_seed(seed));
        let config = Config::new().tokio(runtime.handle().clone()).clock(clock.clone());
        let services = EveryServices {
            maker: Maker,
            all: Bars::default(),
            sampled: Bars::default(),
            throttled: Bars::default(),
            debounced: Bars::default(),
            waiting: Bars::default(),
            queued: Batches::default(),
            task: Bars::default(),
        };
        let mut router = Every::open(services, &config.address("away", socket.text())).unwrap();
        let mut stream = Stream::new();
        let mut now = 0;
        for value in 0..200 {
            stream.push((now, value));
            router.route_signal(&Signal::of(value));
            let pause = random.u64(..60);
            now += pause;
            clock.advance(Duration::from_nanos(pause));
            if random.bool() {
                router.poll();
            }
        }
        clock.advance(Duration::from_nanos(PERIOD));
        while router.poll() > 0 {}
        let even: Stream = stream.iter().copied().filter(|it| it.1 % 2 == 0).collect();
        let digit = |value| value % 10;
        assert_eq!(router.all.0.len(), 200, "seed {seed}");
        assert_eq!(router.sampled.0, sampled(&stream), "seed {seed}");
        assert_eq!(sorted(router.throttled.0.clone()), by_key(&stream, digit, throttled), "seed {seed}");
        assert_eq!(sorted(router.debounced.0.clone()), by_key(&even, digit, debounced), "seed {seed}");
        assert_eq!(router.waiting.0, debounced(&stream), "seed {seed}");
        let is_ten = |value| u64::from(value % 10 == 0);
        assert_eq!(sorted(router.queued.0.clone()), by_key(&stream, is_ten, sampled), "seed {seed}");
        let to_task = throttled(&stream).len() as u64;
        until("the task has taken its own", || router.stats().queue("task").unwrap().received == to_task);
        let stats = router.stats();
        let thinned = |receiver| stats.pace("Bar", receiver).unwrap().thinned;
        assert_eq!(thinned("sampled"), 200 - router.sampled.0.len() as u64, "seed {seed}");
        assert_eq!(thinned("throttled"), 200 - router.throttled.0.len() as u64, "seed {seed}");
        assert_eq!(thinned("debounced"), 100 - router.debounced.0.len() as u64, "seed {seed}");
        assert_eq!(thinned("waiting"), 200 - router.waiting.0.len() as u64, "seed {seed}");
        assert_eq!(thinned("queued"), 200 - router.queued.0.len() as u64, "seed {seed}");
        assert_eq!(thinned("task"), 200 - to_task, "seed {seed}");
        assert_eq!(thinned("away"), thinned("sampled"), "seed {seed}");
        let away = stats.link("away").unwrap();
        assert_eq!(away.dropped_newest, sampled(&stream).len() as u64, "no one is there: {away:?}, seed {seed}");
        assert!(stats.paces.iter().all(|pace| pace.too_many_keys == 0), "seed {seed}");
        router.close(Duration::ZERO);
    }
}

routing_config! {
    name: Keyed,
    services: { few: Bars, none: Bars },
    routes: {
        Bar => [few throttle("1s", by = value, keys = 3), none debounce("1s", by = |bar| bar.value < 3, keys = 1)],
    },
}

#[test]
fn keys_without_room_pass_and_are_counted() {
    let mut router = Keyed::new(Bars::default(), Bars::default());
    for value in [1, 2, 3, 4, 4, 3, 2, 1] {
        router.route_bar(&Bar::of(value));
    }
    router.poll();
    assert_eq!(router.few.0, [1, 2, 3, 4, 4], "4 finds no room");
    assert_eq!(router.none.0, [3, 4, 4, 3], "only one key has room");
    let stats = router.stats();
    let pace = |receiver| stats.pace("Bar", receiver).map(|pace| (pace.thinned, pace.too_many_keys));
    assert_eq!((pace("few"), pace("none")), (Some((3, 2)), Some((3, 4))));
    let closed = router.close(Duration::ZERO);
    assert_eq!(closed.left.to_string(), "1 message left: 1 at the pace of `none`");
}

/// Refuses bars.
#[derive(Default)]
struct Refusing(Vec<u64>);

#[service]
impl Refusing {
    #[handle]
    fn on_bar(&mut self, bar: &Bar) -> Result<(), &'static str> {
        self.0.push(bar.value);
        Err("refused")
    }
}

routing_config! {
    name: Failing,
    services: { held: Refusing, later: Bars, last: Bars },
    routes: {
        Bar => [held sample("1s"), later debounce("1s") via local(4), last sample("1s") via local(4)],
    },
    on_error: propagate,
}

#[test]
fn the_error_of_what_was_held_is_that_of_the_turn() {
    let clock = ManualClock::new();
    let services = FailingServices { held: Refusing::default(), later: Bars::default(), last: Bars::default() };
    let mut router = Failing::open(services, &Config::new().clock(clock.clone())).unwrap();
    router.route_bar(&Bar::of(1)).unwrap();
    router.route_bar(&Bar::of(2)).unwrap();
    assert_eq!(router.poll().unwrap(), 0);
    clock.advance(Duration::from_secs(1));
    let error = router.poll().unwrap_err();
    assert!(error.to_string().contains("refused"), "{error}");
    assert_eq!((&router.held.0, &router.later.0, &router.last.0), (&vec![2], &vec![2], &vec![2]));
    assert_eq!(router.poll().unwrap(), 0);
}

/// Notes what is called.
#[derive(Default)]
struct Log(Vec<&'static str>);

#[service]
impl Log {
    #[handle]
    fn on_bar(&mut self, _: &Bar) {
        self.0.push("bar");
    }

    #[handle]
    fn on_fill(&mut self, _: &Fill) {
        self.0.push("fill");
    }

    #[every("1s")]
    fn tick(&mut self) {
        self.0.push("tick");
    }
}

routing_config! {
    name: Ordered,
    services: { log: Log },
    routes: { Bar => [log sample("1s")], Fill => [log via queue(4)] },
}

#[test]
fn what_was_held_comes_after_what_has_arrived_and_before_timers() {
    let clock = ManualClock::new();
    let services = OrderedServices { log: Log::default() };
    let mut router = Ordered::open(services, &Config::new().clock(clock.clone())).unwrap();
    router.route_bar(&Bar::of(1));
    router.route_fill(&Fill::of(1));
    clock.advance(Duration::from_secs(1));
    assert_eq!(router.poll(), 3);
    assert_eq!(router.log.0, ["fill", "bar", "tick"]);
}

/// Sends on what it gets.
struct Reporter(std::sync::mpsc::Sender<u64>);

#[service]
impl Reporter {
    #[handle]
    fn on_bar(&mut self, bar: &Bar) {
        self.0.send(bar.value).expect("the test listens");
    }
}

/// Makes a bar of each fill, on another lane.
struct Other;

#[service]
impl Other {
    #[handle]
    fn on_fill(&mut self, fill: &Fill, cx: &mut impl Emit<Bar>) {
        cx.emit(&Bar::of(fill.value));
    }
}

routing_config! {
    name: Laned,
    services: {
        maker: Maker, other: Other,
        direct: Bars, alone: Batches, waiting: Bars, queued: Batches, sampled: Reporter, last: Batches, task: Bars,
    },
    routes: {
        Signal => [maker],
        Fill => [other],
        Bar => [
            direct throttle("1s"),
            alone throttle("1s"),
            waiting throttle("1s") via local(64),
            queued throttle("1s") via queue(64),
            sampled sample("1s"),
            last debounce("1s") via queue(64),
            task throttle("1s") via task(64),
            away throttle("1s") via unix("/nowhere/away", on_full = drop_newest),
        ],
    },
    lanes: {
        one: thread [maker],
        another: thread [other],
        view: thread [direct, waiting, queued, sampled, last],
        batches: thread [alone],
    },
}

fn laned(socket: &Socket, clock: &ManualClock) -> (LanedServices, Config, std::sync::mpsc::Receiver<u64>) {
    let (reports, reported) = std::sync::mpsc::channel();
    let services = LanedServices {
        maker: Maker,
        other: Other,
        direct: Bars::default(),
        alone: Batches::default(),
        waiting: Bars::default(),
        queued: Batches::default(),
        sampled: Reporter(reports),
        last: Batches::default(),
        task: Bars::default(),
    };
    (services, Config::new().clock(clock.clone()).address("away", socket.text()), reported)
}

const THROTTLED: [&str; 6] = ["direct", "alone", "waiting", "queued", "task", "away"];

#[test]
fn a_pace_sees_the_messages_of_all_lanes_and_of_senders() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (socket, clock) = (Socket::new(), ManualClock::new());
    let (services, config, reported) = laned(&socket, &clock);
    let running = Laned::start(services, &config.tokio(runtime.handle().clone())).unwrap();
    let thinned = |receiver| running.stats().pace("Bar", receiver).map_or(0, |pace| pace.thinned);
    for round in 1..=3 {
        for value in 0..10 {
            running.sender::<Signal>().send(&Signal::of(value)).unwrap();
            running.sender::<Fill>().send(&Fill::of(value)).unwrap();
            running.sender::<Bar>().send(&Bar::of(value)).unwrap();
        }
        for receiver in THROTTLED {
            until("all but one have been thinned out", || thinned(receiver) == round * 29);
        }
        until("the newest is held", || thinned("sampled") == round * 29);
        until("the newest is held, too", || thinned("last") == round * 29);
        assert!(reported.try_recv().is_err(), "the period is not over");
        if round < 3 {
            clock.advance(Duration::from_secs(1));
            assert_eq!(reported.recv_timeout(Duration::from_secs(60)), Ok(9), "the clock wakes the lane");
        }
    }
    let ended = running.shutdown(Duration::from_secs(10));
    assert!(ended.left.is_empty(), "{}", ended.left);
    assert_eq!(reported.try_iter().collect::<Vec<_>>(), [9], "what is held at the end is handed over then");
    assert_eq!(ended.services.last.0.len(), 3);
    let services = &ended.services;
    let received = [&services.direct.0, &services.alone.0, &services.waiting.0, &services.queued.0, &services.task.0];
    assert!(received.iter().all(|bars| bars.len() == 3), "{received:?}");
    let (queue, task) = (*ended.stats.queue("queued").unwrap(), *ended.stats.queue("task").unwrap());
    assert_eq!((queue.received, queue.dropped()), (60, 0), "several lanes fill it, so its pace is behind it");
    assert_eq!((task.sent, task.received), (3, 3), "the pace is before the queue of a task");
}

#[test]
fn one_thread_that_drives_all_lanes_has_one_pace_for_each_receiver() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (socket, clock) = (Socket::new(), ManualClock::new());
    let (services, config, reported) = laned(&socket, &clock);
    let mut router = Laned::open(services, &config.tokio(runtime.handle().clone())).unwrap();
    for _ in 0..3 {
        for value in 0..10 {
            router.route_signal(&Signal::of(value));
            router.route_fill(&Fill::of(value));
            router.route_bar(&Bar::of(value));
            router.poll();
        }
        clock.advance(Duration::from_secs(1));
        router.poll();
        assert_eq!(reported.try_iter().collect::<Vec<_>>(), [9]);
    }
    until("the task has taken its own", || router.stats().queue("task").unwrap().received == 3);
    let received = [&router.direct.0, &router.alone.0, &router.waiting.0, &router.queued.0, &router.last.0];
    assert!(received.iter().all(|bars| bars.len() == 3), "{received:?}");
    let stats = router.stats();
    assert!(stats.paces.iter().all(|pace| pace.thinned == 87), "{:?}", stats.paces);
    assert_eq!(stats.paces.len(), 8);
    router.close(Duration::ZERO);
}
