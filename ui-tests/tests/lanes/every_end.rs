//! Every way to end × every kind of lane × everything at which a lane can be stuck: the deadline holds within one handler's time, and all
//! messages are accounted for.
//!
//! Deadlines follow the computer's clock by design: they are there for what goes wrong, and a clock that a test moves may stand still. So
//! most cases take no time: their deadline is over as soon as it is set, and a slow handler takes as long as the test lets it. It is
//! released once, so any call after the current one would never end. [`IN_TIME`] are the few cases that measure.

mod kinds;
mod services;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Sender as Tell, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mycelium_rt::lane::{Running, Sender, Shutdown, Signals};
use mycelium_rt::link::SendError;
use mycelium_rt::{Config, routing_config, service};
use mycelium_ui_tests::dense::{M1, M5, M9, M16};

use self::kinds::{Kind, OnOne, OnSeveral, Parking, Spinning};
use self::services::{Desk, Fuse, Journal, Pace, Shared, Sink, Stuck, add, get};
use crate::support::{Socket, until, watched};

/// What begins the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    /// `shutdown` with the deadline.
    Shutdown,
    /// A signal, for `shutdown_on` with the deadline.
    Signal,
    /// The handle is dropped, and `end_within` says how long that takes.
    Drop,
    /// A lane breaks down, and `end_within` says how long that takes; then `join`.
    BreakDown,
    /// The runtime is gone before lanes and tasks begin.
    FailedSpawn,
}

/// Bars that are sent: more than a turn takes, and more than there is room for before what is stuck.
const BARS: u64 = 300;

/// How long a handler takes in a case that measures.
const HANDLER: Duration = Duration::from_millis(50);
/// The deadline of such a case.
const LIMIT: Duration = Duration::from_millis(100);
/// How late a busy machine may be; what a turn of 64 messages takes is far more.
const SLACK: Duration = Duration::from_secs(2);

/// Feeds the input.
struct Nobody;

#[service]
impl Nobody {
    #[handle]
    fn on_probe(&mut self, _: &M16) {}
}

routing_config! {
    name: Feeding,
    services: { nobody: Nobody },
    routes: { M9 => [feed via unix("feed", on_full = drop_newest)], M16 => [nobody] },
}

/// A system that is stuck, or will be.
struct Case<K: Kind> {
    running: Running<K::Router>,
    shared: Arc<Shared>,
    bars: Sender<M1>,
    probe: Sender<M16>,
    /// Releases a slow handler.
    go: Tell<()>,
    /// Bars that were accepted.
    sent: u64,
    feed: Option<Feeding>,
    _sockets: [Socket; 3],
    _runtime: Option<kinds::Tokio>,
}

impl<K: Kind> Case<K> {
    fn new(stuck: Stuck, cause: Cause, in_time: bool) -> Self {
        let (go, gone) = channel();
        let pace = if in_time { Pace::Sleep(HANDLER) } else { Pace::Step(Mutex::new(gone)) };
        let runtime = K::runtime();
        let sockets = [Socket::new(), Socket::new(), Socket::new()];
        let addresses = ["feed", "out", "away"].into_iter().zip(&sockets);
        let config = addresses.fold(Config::new(), |config, (name, socket)| config.address(name, socket.text()));
        let limit = if in_time { LIMIT } else { Duration::ZERO };
        let config = config.tokio(runtime.handle().clone()).end_within(limit).quiet();
        let (lost, runtime) = if cause == Cause::FailedSpawn { (Some(runtime), None) } else { (None, Some(runtime)) };
        let shared = Arc::new(Shared {
            stuck,
            pace,
            held: AtomicBool::new(in_time),
            begun: AtomicU64::new(0),
            handled: AtomicU64::new(0),
            elsewhere: Default::default(),
            slow: Default::default(),
            probes: Default::default(),
            shut_down: AtomicU64::new(0),
            runtime: Mutex::new(lost),
        });
        let of = || Arc::clone(&shared);
        let running = K::start((Desk(of()), Sink(of()), Journal(of()), Fuse(of())), &config).unwrap();
        let (bars, probe) = (running.sender(), running.sender());
        // To an input that is gone there is nothing to send.
        let feed = (stuck == Stuck::Input && cause != Cause::FailedSpawn).then(|| {
            let config = Config::new().address("feed", sockets[0].text());
            Feeding::open(FeedingServices { nobody: Nobody }, &config).unwrap()
        });
        let mut case = Self { running, shared, bars, probe, go, sent: 0, feed, _sockets: sockets, _runtime: runtime };
        case.send();
        case
    }

    fn send(&mut self) {
        self.sent = (0..BARS).filter(|value| self.bars.send(&M1::of(*value)).is_ok()).count() as u64;
        if let Some(feed) = &mut self.feed {
            until("the link is up", || {
                feed.poll();
                feed.stats().link("feed").unwrap().connects == 1
            });
            (0..BARS).for_each(|value| feed.route_m9(&M9::of(value)));
            // As much as the kernel takes, while the input does not read.
            feed.flush();
        }
    }

    /// Waits until the system is stuck, as it was before its end begins.
    fn get_stuck(&self) {
        let Shared { begun, slow, elsewhere, .. } = &*self.shared;
        until("it is stuck", || match self.shared.stuck {
            Stuck::Link => get(begun) == 1,
            // One is at the sink and keeps its place, so this one finds none.
            Stuck::Ring => get(&elsewhere.0) == 1 && get(begun) == 5,
            Stuck::Task => get(&elsewhere.0) == 1 && get(begun) >= 257,
            _ => get(&slow.0) == 1,
        });
    }

    /// Begins the end, and calls `begun` once it has begun. Returns what the system gives back, unless its handle is dropped.
    fn end(self, cause: Cause, limit: Duration, begun: impl FnOnce() + Send) -> Option<Shutdown<ServicesOf<K>>>
    where
        K: 'static,
    {
        let Self { running, probe, shared, .. } = self;
        let begins = || {
            until("the end has begun", || match probe.clone().send(&M16::of(0)) {
                Ok(()) => {
                    add(&shared.probes.0);
                    false
                }
                Err(error) => error == SendError::Closed,
            });
            begun();
        };
        std::thread::scope(|scope| {
            let begins = match cause {
                Cause::BreakDown => {
                    running.sender::<M5>().send(&M5::of(0)).unwrap();
                    scope.spawn(begins)
                }
                _ => scope.spawn(begins),
            };
            let ended = match cause {
                Cause::Shutdown => Some(running.shutdown(limit)),
                Cause::Signal => {
                    let signals = Signals::catch().unwrap();
                    let process = std::process::id().to_string();
                    assert!(std::process::Command::new("kill").args(["-TERM", &process]).status().unwrap().success());
                    Some(running.shutdown_on(signals, limit))
                }
                Cause::BreakDown | Cause::FailedSpawn => Some(running.join()),
                Cause::Drop => {
                    drop(running);
                    None
                }
            };
            begins.join().unwrap();
            until("all services have shut down", || get(&shared.shut_down) == 4);
            ended
        })
    }
}

type ServicesOf<K> = <<K as Kind>::Router as mycelium_rt::lane::RouterSpec>::Services;

/// Runs one case to its end, and adds up.
fn run<K: Kind + 'static>(stuck: Stuck, cause: Cause, in_time: bool) {
    let case = Case::<K>::new(stuck, cause, in_time);
    let (shared, sent, go) = (Arc::clone(&case.shared), case.sent, case.go.clone());
    if !in_time && cause != Cause::FailedSpawn {
        case.get_stuck();
    }
    let mut case = case;
    let feed = case.feed.take();
    let began = Instant::now();
    let limit = if in_time { LIMIT } else { Duration::ZERO };
    let ended = case.end(cause, limit, || {
        // Stuck from here on, if not before. A slow handler is released, once.
        shared.held.store(false, Ordering::Release);
        let _ = go.send(());
    });
    let took = began.elapsed();
    if in_time {
        assert!(took <= LIMIT + HANDLER + SLACK, "{took:?}");
        assert!(took >= LIMIT, "what is stuck may go on until the deadline: {took:?}");
    } else if cause != Cause::FailedSpawn {
        let slow = (get(&shared.slow.0), get(&shared.slow.1));
        assert_eq!(slow, if stuck.is_slow() { (1, 1) } else { (0, 0) }, "the current call, and no other");
    }
    let Some(ended) = ended else { return };
    match (cause, &ended.broken) {
        (Cause::Shutdown | Cause::Signal, None) => {}
        (Cause::BreakDown, Some(broken)) => assert_eq!((broken.lane, &*broken.reason), ("third", "broken")),
        (Cause::FailedSpawn, Some(broken)) => assert!(broken.reason.contains("runtime"), "{broken:?}"),
        (_, broken) => panic!("{broken:?}"),
    }
    adds_up::<K>(&shared, sent, &ended);
    if feed.is_some() {
        // What was sent after that, the sender learns from the input that it connects to next.
        assert_eq!(ended.stats.input("feed").unwrap().received, get(&shared.slow.1));
    }
}

/// Of each kind of message, what was accepted was handled, is left, or was refused and counted.
fn adds_up<K: Kind>(shared: &Shared, sent: u64, ended: &Shutdown<ServicesOf<K>>) {
    let left = |place: &str| {
        let at = ended.left.places().iter().filter(|left| left.place == place);
        at.map(|left| left.messages).sum::<u64>()
    };
    let (handled, elsewhere, slow) = (get(&shared.handled), get(&shared.elsewhere.1), get(&shared.slow.1));
    let (probes, probed) = (get(&shared.probes.0), get(&shared.probes.1));
    assert_eq!(handled + probed + left("senders"), sent + probes, "bars and probes: {}", ended.left);
    let queue = |name| *ended.stats.queue(name).unwrap();
    match shared.stuck {
        Stuck::Link => {
            let out = ended.stats.link("out").unwrap();
            assert_eq!(out.sent + out.dropped(), handled, "{out:?}");
        }
        Stuck::Ring => {
            let sink = queue("sink");
            assert_eq!(
                elsewhere + left("the queue of `sink`") + sink.dropped_error,
                handled,
                "{sink:?} {}",
                ended.left
            );
            let away = ended.stats.link("away").unwrap();
            assert_eq!(away.sent + away.dropped(), elsewhere, "{away:?}");
        }
        Stuck::Task | Stuck::Tasked | Stuck::Outbox => {
            let journal = queue("journal");
            let (waiting, emitted) = (left("the task of `journal`"), left("what the task of `journal` emitted"));
            assert_eq!(elsewhere + waiting + journal.dropped_error, handled, "{journal:?} {}", ended.left);
            if shared.stuck == Stuck::Outbox {
                let outbox = ended.stats.outbox("journal").unwrap();
                assert_eq!(slow + emitted + outbox.dropped_newest, elsewhere, "{outbox:?} {}", ended.left);
            }
        }
        // It has room for all.
        Stuck::Queue => assert_eq!(slow + left("the queue of `desk`"), handled, "{}", ended.left),
        Stuck::Sender | Stuck::Input | Stuck::Source => {}
    }
}

/// Everything at which a kind of lane can be stuck, for each of these causes; each with a watchdog of its own.
fn every<K: Kind + 'static>(causes: &[Cause]) {
    for stuck in Stuck::ALL {
        for cause in causes.iter().copied() {
            watched(&format!("{}, {cause:?}, {stuck:?}", K::NAME), move || run::<K>(stuck, cause, false));
        }
    }
}

const CAUSES: &[Cause] = &[Cause::Shutdown, Cause::Drop, Cause::BreakDown];

#[test]
fn lanes_that_park_end_at_the_deadline() {
    every::<Parking>(CAUSES);
}

#[test]
fn lanes_that_spin_end_at_the_deadline() {
    every::<Spinning>(CAUSES);
}

#[test]
fn lanes_on_a_runtime_of_several_threads_end_at_the_deadline() {
    every::<OnSeveral>(CAUSES);
    every::<OnSeveral>(&[Cause::FailedSpawn]);
}

#[test]
fn lanes_on_a_runtime_of_one_thread_end_at_the_deadline() {
    every::<OnOne>(CAUSES);
    every::<OnOne>(&[Cause::FailedSpawn]);
}

/// One after the other, since a signal is for the whole process.
#[test]
fn a_signal_ends_each_kind_of_lane_at_the_deadline() {
    every::<Parking>(&[Cause::Signal]);
    every::<Spinning>(&[Cause::Signal]);
    every::<OnSeveral>(&[Cause::Signal]);
    every::<OnOne>(&[Cause::Signal]);
}

/// Here the end begins before anything is stuck, in real time: 20 cases, of each kind of lane.
const IN_TIME: [(Stuck, Cause); 5] = [
    (Stuck::Link, Cause::Shutdown),
    (Stuck::Ring, Cause::Drop),
    (Stuck::Task, Cause::BreakDown),
    (Stuck::Sender, Cause::Shutdown),
    (Stuck::Tasked, Cause::BreakDown),
];

fn in_time<K: Kind + 'static>() {
    for (stuck, cause) in IN_TIME {
        watched(&format!("{}, {cause:?}, {stuck:?}, in time", K::NAME), move || run::<K>(stuck, cause, true));
    }
}

#[test]
fn what_gets_stuck_during_the_end_delays_it_to_the_deadline_at_most() {
    in_time::<Parking>();
    in_time::<Spinning>();
    in_time::<OnSeveral>();
    in_time::<OnOne>();
}
