//! The shortest and the longest possible durations, in everything that takes one: nothing panics, and nothing hangs.

use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use mycelium_rt::Config;
use mycelium_rt::link::{Address, Batch, InputSpec, Limits, LinkSpec, OnFull, StreamInput, StreamLink};
use mycelium_rt::ring::{Ready, queue};
use mycelium_rt::shm::{ShmInput, ShmLink, ShmOptions};
use mycelium_rt::testing::{ManualClock, Relay};
use mycelium_rt::{Clock, TimestampNs};

use super::path::{BOTH, DEADLINE, Options, Path, TICK};
use super::queue::QueuePath;
use super::streams::{Folder, TcpPath};

const EXTREMES: [Duration; 6] = [
    Duration::ZERO,
    Duration::from_nanos(1),
    Duration::from_nanos(u64::MAX),
    // The last seconds that a clock of the kernel can represent.
    Duration::from_secs(i64::MAX as u64 - 1),
    Duration::from_secs(u64::MAX),
    Duration::MAX,
];

/// Runs `test` on its own thread for each of [`EXTREMES`]; one that does not end fails.
fn with_each(what: &str, test: impl Fn(Duration) + Send + Copy + 'static) {
    for extreme in EXTREMES {
        let (end, ended) = channel::<()>();
        let thread = std::thread::spawn(move || {
            let _end = end;
            test(extreme);
        });
        let over = ended.recv_timeout(DEADLINE) == Err(std::sync::mpsc::RecvTimeoutError::Disconnected);
        assert!(over, "{what} of {extreme:?} hangs");
        assert!(thread.join().is_ok(), "{what} of {extreme:?} panics");
    }
}

/// Both ends of a link over any path.
trait Ends {
    fn turn(&mut self);
    fn send(&mut self);
}

struct Pair<L, I>(L, I);

macro_rules! ends {
    ($link:ty, $input:ty) => {
        impl Ends for Pair<$link, $input> {
            fn turn(&mut self) {
                let Self(link, input) = self;
                link.poll();
                link.flush();
                input.poll(|_, _, _| Ok::<(), std::convert::Infallible>(()));
                let _ = (link.timer(), input.timer());
            }

            fn send(&mut self) {
                // It may have no room, or no peer: what counts is that it returns.
                let _ = self.0.send_bytes(TICK.id, &[0; 8]);
            }
        }
    };
}

ends!(StreamLink, StreamInput);
ends!(ShmLink, ShmInput);

/// A link that has looked for its input before that existed, and the input.
fn unix(config: &Config, on_full: OnFull, batch: Batch) -> impl Ends + use<> {
    let spec = LinkSpec { on_full, batch, ..LinkSpec::new("desk", Address::unix("/"), "test", BOTH) };
    let mut link = StreamLink::open(spec, config).unwrap();
    link.poll();
    Pair(link, StreamInput::open(InputSpec::new("desk", Address::unix("/"), "test", BOTH), config).unwrap())
}

fn tcp(config: &Config, on_full: OnFull, batch: Batch) -> impl Ends + use<> {
    let spec = LinkSpec { on_full, batch, ..LinkSpec::new("desk", Address::tcp("127.0.0.1:1"), "test", BOTH) };
    let mut link = StreamLink::open(spec, config).unwrap();
    link.poll();
    Pair(link, StreamInput::open(InputSpec::new("desk", Address::tcp("127.0.0.1:1"), "test", BOTH), config).unwrap())
}

fn shm(config: &Config, on_full: OnFull, batch: Batch) -> impl Ends + use<> {
    let spec = LinkSpec { on_full, batch, ..LinkSpec::new("desk", Address::shm("/"), "test", BOTH) };
    let options = ShmOptions { slots: 2, ..ShmOptions::default() };
    let mut link = ShmLink::open(spec, options, config).unwrap();
    link.poll();
    Pair(link, ShmInput::open(InputSpec::new("desk", Address::shm("/"), "test", BOTH), options, config).unwrap())
}

/// Drives both ends of each kind of link for a moment.
fn run(config: Config, on_full: OnFull, batch: Batch) {
    let (first, second) = (Folder::new(), Folder::new());
    let at = |address: &str| config.clone().address("desk", address);
    exercise(unix(&at(&first.socket()), on_full, batch));
    exercise(tcp(&at(&TcpPath::new().0), on_full, batch));
    exercise(shm(&at(&second.socket()), on_full, batch));
}

fn exercise(mut ends: impl Ends) {
    for _ in 0..20 {
        ends.turn();
    }
    ends.send();
    ends.turn();
}

#[test]
fn limits_take_any_duration() {
    type Set = fn(&mut Limits, Duration);
    let limits: [(&str, Set); 4] = [
        ("handshake", |limits, duration| limits.handshake = duration),
        ("frame", |limits, duration| limits.frame = duration),
        ("backoff", |limits, duration| limits.backoff = duration),
        ("backoff_max", |limits, duration| limits.backoff_max = duration),
    ];
    for (name, set) in limits {
        with_each(name, move |extreme| {
            let mut limits = Limits { send_buffer: 1024, ..Limits::default() };
            set(&mut limits, extreme);
            run(Config::new().limits(limits), OnFull::DropNewest, Batch::low_latency());
        });
    }
}

#[test]
fn batches_take_any_delay() {
    with_each("a batch's delay", |extreme| {
        run(Config::new(), OnFull::DropNewest, Batch::of(64).with_delay(extreme));
        let options = Options { batch: Batch::of(64).with_delay(extreme), ..Options::default() };
        let (mut sender, _receiver) = QueuePath::pair(options);
        sender.send_bytes(TICK.id, &[0; 8]).unwrap();
        sender.poll();
        let _ = sender.timer();
    });
}

/// A sender that may wait for this long and has no room: another thread ends its wait.
mod a_full_link_waits_for_any_time {
    use super::super::path::Sender;
    use super::super::shared_memory::ShmPath;
    use super::super::streams::UnixPath;
    use super::*;

    fn interrupted<P: Path>() {
        with_each("a wait for room", |timeout| {
            let options = Options { on_full: OnFull::BlockFor(timeout), small: true, ..Options::default() };
            let (mut sender, _receiver) = P::pair(options);
            sender.interrupt().set();
            while sender.send(TICK.id, &[0; 8]).is_ok() {}
        });
    }

    #[test]
    fn over_unix_sockets() {
        interrupted::<UnixPath>();
    }

    #[test]
    fn over_tcp() {
        interrupted::<TcpPath>();
    }

    #[test]
    fn over_shared_memory() {
        interrupted::<ShmPath>();
    }

    #[test]
    fn by_a_queue() {
        interrupted::<QueuePath>();
    }
}

/// `open` waits for a peer that comes; one that must not wait at all reports that there is none.
#[test]
fn opening_waits_for_peers_for_any_time() {
    with_each("waiting for peers", |extreme| {
        let folder = Folder::new();
        let config = Config::new().address("desk", &folder.socket()).wait_for_peers(extreme);
        let link = LinkSpec::new("desk", Address::unix("/"), "test", BOTH);
        if extreme < Duration::from_secs(1) {
            assert!(StreamLink::open(link, &config).is_err());
            return;
        }
        let mut input = StreamInput::open(InputSpec::new("desk", Address::unix("/"), "test", BOTH), &config).unwrap();
        let opening = std::thread::spawn(move || StreamLink::open(link, &config).is_ok());
        while !opening.is_finished() {
            input.poll(|_, _, _| Ok::<(), std::convert::Infallible>(()));
            std::thread::yield_now();
        }
        assert!(opening.join().unwrap());
    });
    with_each("waiting for peers over shared memory", |extreme| {
        let folder = Folder::new();
        let config = Config::new().address("desk", &folder.socket()).wait_for_peers(extreme);
        let link = LinkSpec::new("desk", Address::shm("/"), "test", BOTH);
        if extreme < Duration::from_secs(1) {
            assert!(ShmLink::open(link, ShmOptions::default(), &config).is_err());
            return;
        }
        let spec = InputSpec::new("desk", Address::shm("/"), "test", BOTH);
        let mut input = ShmInput::open(spec, ShmOptions::default(), &config).unwrap();
        let opening = std::thread::spawn(move || ShmLink::open(link, ShmOptions::default(), &config).is_ok());
        while !opening.is_finished() {
            input.poll(|_, _, _| Ok::<(), std::convert::Infallible>(()));
            std::thread::yield_now();
        }
        assert!(opening.join().unwrap());
    });
}

/// A thread that waits on an end is woken by what comes, however long it would wait.
#[test]
fn ends_can_be_waited_for_for_any_time() {
    with_each("a wait for messages", |extreme| {
        let (mut producer, mut consumer) = queue(2, 8).unwrap();
        let waiting = std::thread::spawn(move || {
            let ready = consumer.wait(Some(extreme));
            (ready, consumer)
        });
        producer.push_bytes(TICK.id, &[0; 8]).unwrap();
        producer.flush();
        let (ready, consumer) = waiting.join().unwrap();
        assert!(ready == Ready::Yes || extreme < Duration::from_secs(1), "{ready:?}");
        producer.push_bytes(TICK.id, &[0; 8]).unwrap();
        let waiting = std::thread::spawn(move || producer.wait_space(Some(extreme)));
        drop(consumer);
        let ready = waiting.join().unwrap();
        assert!(ready == Ready::Closed || extreme < Duration::from_secs(1), "{ready:?}");
    });
    with_each("a wait for peers", |extreme| {
        let (first, second) = (Folder::new(), Folder::new());
        let (unix, shm) =
            (Config::new().address("desk", &first.socket()), Config::new().address("desk", &second.socket()));
        let mut input = StreamInput::open(InputSpec::new("desk", Address::unix("/"), "test", BOTH), &unix).unwrap();
        let mut link = StreamLink::open(LinkSpec::new("desk", Address::unix("/"), "test", BOTH), &unix).unwrap();
        link.poll();
        input.wait(extreme);
        let spec = InputSpec::new("desk", Address::shm("/"), "test", BOTH);
        let mut input = ShmInput::open(spec, ShmOptions::default(), &shm).unwrap();
        let spec = LinkSpec::new("desk", Address::shm("/"), "test", BOTH);
        let mut link = ShmLink::open(spec, ShmOptions::default(), &shm).unwrap();
        link.poll();
        input.wait(extreme);
    });
}

#[test]
fn the_testing_kit_takes_any_duration() {
    with_each("a clock's step", |extreme| {
        for start in [0, 1, u64::MAX] {
            let clock = ManualClock::at(TimestampNs(start));
            clock.advance(extreme);
            clock.advance(extreme);
            assert!(clock.now() >= TimestampNs(start));
        }
    });
    with_each("a relay's delay", |extreme| {
        let folder = Folder::new();
        let config = Config::new().address("desk", &folder.socket());
        let mut input = StreamInput::open(InputSpec::new("desk", Address::unix("/"), "test", BOTH), &config).unwrap();
        let relay = Relay::unix(format!("{}.relay", folder.socket()), folder.socket()).unwrap();
        relay.delay(extreme);
        let config = Config::new().address("desk", relay.address());
        let mut link = StreamLink::open(LinkSpec::new("desk", Address::unix("/"), "test", BOTH), &config).unwrap();
        let start = Instant::now();
        while link.poll() != mycelium_rt::link::Status::Connected {
            assert!(start.elapsed() < DEADLINE);
            input.poll(|_, _, _| Ok::<(), std::convert::Infallible>(()));
        }
        link.send_bytes(TICK.id, &[0; 8]).unwrap();
        assert!(relay.wait_until(extreme, |stats| stats.connections == 1));
        // Dropping it ends the delay.
    });
}
