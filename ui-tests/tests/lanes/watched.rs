//! A lane that is stuck in a handler is reported meanwhile.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

use mycelium_rt::lane::Stuck;
use mycelium_rt::{Config, routing_config, service};
use mycelium_ui_tests::market::Bar;

use crate::support::DEADLINE;

/// Reports the bar that it handles, and blocks until it is released.
struct Held {
    at: Sender<u64>,
    go: Receiver<()>,
    done: Vec<u64>,
}

#[service]
impl Held {
    #[handle]
    fn on_bar(&mut self, bar: &Bar) {
        self.at.send(bar.value).unwrap();
        self.go.recv_timeout(DEADLINE).unwrap();
        self.done.push(bar.value);
    }
}

/// The test's ends of one that is held.
struct Holder {
    at: Receiver<u64>,
    go: Sender<()>,
}

fn held() -> (Held, Holder) {
    let ((report, at), (go, gone)) = (channel(), channel());
    (Held { at: report, go: gone, done: Vec::new() }, Holder { at, go })
}

impl Holder {
    #[track_caller]
    fn is_at(&self, value: u64) {
        assert_eq!(self.at.recv_timeout(DEADLINE), Ok(value));
    }
}

routing_config! {
    name: Watched,
    services: { watched: Held, unwatched: Held },
    routes: { Bar => [watched, unwatched] },
    lanes: { hot: thread(watchdog = "10ms") [watched], cold: thread [unwatched] },
}

#[test]
fn a_lane_with_a_watchdog_is_reported_for_each_message_that_blocks_it() {
    let (report, reports) = channel::<Stuck>();
    let report = Mutex::new(report);
    let config = Config::new().on_stuck(move |stuck| report.lock().unwrap().send(*stuck).unwrap());
    let ((watched, hot), (unwatched, cold)) = (held(), held());
    let running = Watched::start(WatchedServices { watched, unwatched }, &config).unwrap();
    let bars = running.sender::<Bar>();
    [7, 8].iter().for_each(|value| bars.send(&Bar::of(*value)).unwrap());
    // Both lanes are held all the time; the reports are of one.
    cold.is_at(7);
    for value in [7, 8] {
        hot.is_at(value);
        let stuck = reports.recv_timeout(DEADLINE).unwrap();
        assert_eq!(stuck.lane, "hot");
        assert!(stuck.since.as_millis() >= 10, "{stuck:?}");
        hot.go.send(()).unwrap();
    }
    [(); 2].iter().for_each(|()| cold.go.send(()).unwrap());
    let ended = running.shutdown(DEADLINE);
    assert!(ended.left.is_empty() && ended.broken.is_none(), "{}", ended.left);
    assert_eq!((ended.services.watched.done, ended.services.unwatched.done), (vec![7, 8], vec![7, 8]));
    assert!(reports.try_iter().all(|stuck| stuck.lane == "hot"));
}
