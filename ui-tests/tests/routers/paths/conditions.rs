//! `if |message| …` in routes and inputs: the same messages on every path, each turned away counted where the path has counters.

use mycelium_rt::{Config, Emit, routing_config, service};
use mycelium_ui_tests::market::{Bar, Fill, Heartbeat, Signal};

use super::support::{Socket, until};

/// Keeps the bars that it gets.
#[derive(Default)]
struct Bars(Vec<u64>);

#[service]
impl Bars {
    #[handle]
    fn on_bar(&mut self, bar: &Bar) {
        self.0.push(bar.value);
    }
}

/// Keeps the lengths of the batches, too.
#[derive(Default)]
struct Batches {
    bars: Vec<u64>,
    longest: usize,
}

#[service]
impl Batches {
    #[handle]
    fn on_bars(&mut self, bars: &[Bar]) {
        self.bars.extend(bars.iter().map(|bar| bar.value));
        self.longest = self.longest.max(bars.len());
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

// A condition takes a reference, however small the message is.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_large(bar: &Bar) -> bool {
    bar.value >= LARGE
}

const LARGE: u64 = 6;

routing_config! {
    name: Every,
    services: { maker: Maker, all: Bars, large: Bars, waiting: Bars, queued: Batches, task: Bars },
    routes: {
        Signal => [maker],
        Bar => [
            all,
            large if |bar| bar.value >= LARGE,
            waiting if is_large via local(4),
            queued if (|bar: &Bar| bar.value >= LARGE) via queue(8),
            task if |bar| bar.value >= LARGE && bar.value % 2 == 0 via task(8),
            away if |bar| bar.value >= LARGE via unix("/nowhere/away", on_full = drop_newest),
        ],
    },
}

#[test]
fn each_path_takes_only_what_its_condition_holds_for() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (socket, config) = (Socket::new(), Config::new().tokio(runtime.handle().clone()));
    let services = EveryServices {
        maker: Maker,
        all: Bars::default(),
        large: Bars::default(),
        waiting: Bars::default(),
        queued: Batches::default(),
        task: Bars::default(),
    };
    let mut router = Every::open(services, &config.address("away", socket.text())).unwrap();
    (0..10).for_each(|value| router.route_signal(&Signal::of(value)));
    router.poll();
    let large: Vec<u64> = (LARGE..10).collect();
    assert_eq!(router.all.0, (0..10).collect::<Vec<_>>());
    assert_eq!((&router.large.0, &router.waiting.0, &router.queued.bars), (&large, &large, &large));
    assert_eq!(router.queued.longest, 4, "they are handed over together");
    until("the task has taken its own", || router.stats().queue("task").unwrap().received == 2);
    let stats = router.stats();
    assert_eq!(stats.local("Bar", "waiting").unwrap().filtered, LARGE);
    assert_eq!(stats.local("Bar", "waiting").unwrap().lost, 0);
    let queue = *stats.queue("queued").unwrap();
    assert_eq!((queue.sent, queue.received, queue.filtered, queue.dropped()), (4, 4, LARGE, 0));
    let task = *stats.queue("task").unwrap();
    assert_eq!((task.sent, task.filtered, task.dropped()), (2, 8, 0));
    assert_eq!(stats.link("away").unwrap().filtered, LARGE);
    router.close(std::time::Duration::ZERO);
}

routing_config! {
    name: Laned,
    services: { maker: Maker, near: Bars, queued: Bars, far: Bars, farther: Batches },
    routes: {
        Signal => [maker],
        Bar => [
            near if |bar| bar.value % 2 == 0,
            queued if |bar| bar.value < 3 via queue(64),
            far if |bar| bar.value >= LARGE,
            farther if |bar| bar.value >= 8,
        ],
    },
    lanes: { hot: thread [maker, near], cold: thread [queued, far], coldest: thread [farther] },
}

#[test]
fn other_lanes_get_only_what_a_receiver_there_wants() {
    let services = LanedServices {
        maker: Maker,
        near: Bars::default(),
        queued: Bars::default(),
        far: Bars::default(),
        farther: Batches::default(),
    };
    let running = Laned::start(services, &Config::new()).unwrap();
    let signals = running.sender::<Signal>();
    (0..10).for_each(|value| signals.send(&Signal::of(value)).unwrap());
    let bars = running.sender::<Bar>();
    bars.send(&Bar::of(2)).unwrap();
    bars.send(&Bar::of(9)).unwrap();
    drop((signals, bars));
    let ended = running.shutdown(std::time::Duration::from_secs(10));
    assert!(ended.left.is_empty(), "{}", ended.left);
    let sorted = |mut bars: Vec<u64>| {
        bars.sort_unstable();
        bars
    };
    let services = ended.services;
    assert_eq!(sorted(services.near.0), [0, 2, 2, 4, 6, 8]);
    assert_eq!(sorted(services.queued.0), [0, 1, 2, 2]);
    assert_eq!(sorted(services.far.0), [6, 7, 8, 9, 9]);
    assert_eq!(sorted(services.farther.bars), [8, 9, 9]);
    let queue = *ended.stats.queue("queued").unwrap();
    assert_eq!((queue.sent, queue.received, queue.filtered), (3, 3, 7), "what comes from outside is asked on arrival");
}

routing_config! {
    name: Source,
    services: { maker: Maker },
    routes: {
        Signal => [maker],
        Bar => [feed via unix("/nowhere/feed")],
        Heartbeat => [feed],
    },
}

routing_config! {
    name: Sink,
    services: { bars: Batches, beats: Beats },
    inputs: { feed: unix("/nowhere/feed") [Bar if |bar| bar.value != 3, Heartbeat] },
    routes: { Bar => [bars if |bar| bar.value != 4], Heartbeat => [beats] },
    ignore: [Fill],
}

/// Counts heartbeats.
#[derive(Default)]
struct Beats(u64);

#[service]
impl Beats {
    #[handle]
    fn on_beat(&mut self, _: &Heartbeat) {
        self.0 += 1;
    }
}

#[test]
fn an_input_turns_away_after_arrival() {
    let socket = Socket::new();
    let config = Config::new().address("feed", socket.text());
    let mut sink = Sink::open(SinkServices { bars: Batches::default(), beats: Beats::default() }, &config).unwrap();
    let mut source = Source::open(SourceServices { maker: Maker }, &config).unwrap();
    until("they are connected", || {
        source.poll();
        sink.poll();
        source.stats().link("feed").unwrap().connects == 1
    });
    (0..6).for_each(|value| source.route_signal(&Signal::of(value)));
    source.route_heartbeat(&Heartbeat::of(0));
    until("all have arrived", || {
        source.poll();
        source.flush();
        sink.poll();
        sink.beats.0 == 1
    });
    assert_eq!(sink.bars.bars, [0, 1, 2, 5]);
    let stats = *sink.stats().input("feed").unwrap();
    assert_eq!((stats.received, stats.filtered), (7, 1), "a direct receiver counts nothing");
}
