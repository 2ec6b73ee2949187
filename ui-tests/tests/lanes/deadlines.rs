//! What is left when the deadline of a shutdown has passed.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use mycelium_rt::{Config, Emit, routing_config, service};
use mycelium_ui_tests::market::{Bar, Signal};

use crate::support::{DEADLINE, until};

/// Passes bars on as signals, and reports before and after.
struct Feeder {
    before: Sender<u64>,
    after: Sender<u64>,
    bars: u64,
}

#[service]
impl Feeder {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut impl Emit<Signal>) {
        self.before.send(bar.value).unwrap();
        cx.emit(&Signal::of(bar.value));
        self.after.send(bar.value).unwrap();
        self.bars += 1;
    }
}

/// Blocks at its first signal until it is released.
struct Held {
    go: Receiver<()>,
    signals: Vec<u64>,
}

#[service]
impl Held {
    #[handle]
    fn on_signal(&mut self, signal: &Signal) {
        if self.signals.is_empty() {
            self.go.recv_timeout(DEADLINE).unwrap();
        }
        self.signals.push(signal.value);
    }
}

routing_config! {
    name: Cut,
    services: { feeder: Feeder, held: Held },
    routes: { Bar => [feeder], Signal => [held] },
    lanes: { hot: thread [feeder], cold: thread [held] },
}

/// Receives up to `value`.
#[track_caller]
fn until_at(reports: &Receiver<u64>, value: u64) {
    while reports.recv_timeout(DEADLINE).unwrap() != value {}
}

#[test]
fn a_deadline_leaves_exactly_what_waited_and_gives_the_services_back() {
    let ((before, begun), (after, finished), (go, gone)) = (channel(), channel(), channel());
    let services =
        CutServices { feeder: Feeder { before, after, bars: 0 }, held: Held { go: gone, signals: Vec::new() } };
    let running = Cut::start(services, &Config::new()).unwrap();
    let room = running.health().rings[0].capacity as u64;
    let sent = room + 100;
    let bars = running.sender::<Bar>();
    (0..sent).for_each(|value| bars.send(&Bar::of(value)).unwrap());
    // The first signal keeps its room until it is handled: this one waits for some.
    until_at(&begun, room);
    let ending = std::thread::spawn(move || running.shutdown(Duration::ZERO));
    // Only the deadline ends that wait, as nobody makes room.
    until_at(&finished, room);
    go.send(()).unwrap();
    let ended = ending.join().unwrap();
    let (handled, kept) = (ended.services.feeder.bars, ended.services.held.signals);
    assert!((room + 1..=sent).contains(&handled) && kept.len() as u64 <= room, "{handled}, {}", kept.len());
    assert!(kept.iter().copied().eq(0..kept.len() as u64), "{kept:?}");
    let expected = [("lane `hot` to lane `cold`", handled - kept.len() as u64), ("senders", sent - handled)];
    let mut left: Vec<_> = ended.left.places().iter().map(|left| (left.place.as_str(), left.messages)).collect();
    left.sort_unstable();
    assert_eq!(left, expected.into_iter().filter(|(_, messages)| *messages > 0).collect::<Vec<_>>());
    assert!(ended.broken.is_none());
}

/// Makes ten signals of a bar.
struct Burst;

#[service]
impl Burst {
    #[handle]
    fn on_bar(&mut self, _: &Bar, cx: &mut impl Emit<Signal>) {
        (0..10).for_each(|value| cx.emit(&Signal::of(value)));
    }
}

/// Reports its first signal, and blocks at it until it is released.
struct Blocking {
    here: Sender<()>,
    go: Receiver<()>,
    signals: Vec<u64>,
}

#[service]
impl Blocking {
    #[handle]
    fn on_signal(&mut self, signal: &Signal) {
        if self.signals.is_empty() {
            self.here.send(()).unwrap();
            self.go.recv_timeout(DEADLINE).unwrap();
        }
        self.signals.push(signal.value);
    }
}

routing_config! {
    name: Cascade,
    services: { blocking: Blocking, burst: Burst },
    routes: { Bar => [burst], Signal => [blocking via local(16)] },
}

#[test]
fn a_deadline_ends_a_cascade_and_reports_what_waited_in_the_router() {
    let ((here, at), (let_go, go)) = (channel(), channel());
    let services = CascadeServices { blocking: Blocking { here, go, signals: Vec::new() }, burst: Burst };
    let running = Cascade::start(services, &Config::new().quiet()).unwrap();
    let bars = running.sender::<Bar>();
    bars.send(&Bar::of(0)).unwrap();
    at.recv_timeout(DEADLINE).unwrap();
    let ended = std::thread::scope(|scope| {
        let ending = scope.spawn(move || running.shutdown(Duration::ZERO));
        until("the end has begun", || bars.send(&Bar::of(1)).is_err());
        let_go.send(()).unwrap();
        ending.join().unwrap()
    });
    assert_eq!(ended.services.blocking.signals, [0]);
    let local =
        ended.left.places().iter().find(|left| left.place == "`local` routes of lane `main`").map(|left| left.messages);
    assert_eq!(local, Some(9), "{}", ended.left);
}
