//! In which order a turn does what there is: messages, then timers, then sources, wherever the router runs.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use mycelium_rt::testing::{ManualClock, Schedule};
use mycelium_rt::{Config, Poll, routing_config, service};
use mycelium_ui_tests::market::Bar;

use crate::support::DEADLINE;

type Log = Arc<Mutex<Vec<&'static str>>>;

/// Has a message, a timer and a source.
struct Desk(Log);

impl Desk {
    fn note(&self, what: &'static str) {
        self.0.lock().unwrap().push(what);
    }
}

#[service]
impl Desk {
    /// Asked in each turn.
    #[source]
    fn look(&mut self) -> Poll {
        self.note("source");
        Poll::Idle
    }

    #[every("1s")]
    fn tick(&mut self) {
        self.note("timer");
    }

    #[handle]
    fn on_bar(&mut self, _: &Bar) {
        self.note("message");
    }
}

routing_config! {
    name: Orderly,
    services: { desk: Desk },
    routes: { Bar => [desk via queue(4)] },
    lanes: { hot: thread [desk] },
}

const ORDER: [&str; 3] = ["message", "timer", "source"];

#[test]
fn a_poll_takes_messages_then_calls_timers_then_asks_sources() {
    let (log, clock) = (Log::default(), ManualClock::new());
    let services = OrderlyServices { desk: Desk(Arc::clone(&log)) };
    let mut router = Orderly::open(services, &Config::new().clock(clock.clone())).unwrap();
    router.route_bar(&Bar::of(1));
    clock.advance(Duration::from_secs(1));
    router.poll();
    assert_eq!(*log.lock().unwrap(), ORDER);
}

#[test]
fn a_turn_of_a_lane_takes_messages_then_calls_timers_then_asks_sources() {
    let (log, clock, schedule) = (Log::default(), ManualClock::new(), Schedule::seeded(1));
    let services = OrderlyServices { desk: Desk(Arc::clone(&log)) };
    let running = Orderly::start(services, &Config::new().clock(clock.clone()).schedule(&schedule)).unwrap();
    let bars = running.sender::<Bar>();
    schedule.run_until_idle();
    log.lock().unwrap().clear();
    bars.send(&Bar::of(1)).unwrap();
    clock.advance(Duration::from_secs(1));
    schedule.run_until_idle();
    assert_eq!(log.lock().unwrap().get(..ORDER.len()), Some(&ORDER[..]));
    running.shutdown(DEADLINE);
}
