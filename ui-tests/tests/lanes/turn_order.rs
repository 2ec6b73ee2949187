//! The order of a turn: messages, then timers, then sources, wherever the router runs.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use mycelium_rt::testing::{ManualClock, Schedule};
use mycelium_rt::{Config, Emit, SourceState, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Heartbeat, Signal};

use crate::support::{DEADLINE, until};

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
    /// Called in each turn.
    #[source]
    fn look(&mut self) -> SourceState {
        self.note("source");
        SourceState::Idle
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

/// Answers each signal with a fill, behind its task.
pub(crate) struct Clerk;

#[service]
impl Clerk {
    #[handle]
    async fn on_signal(&mut self, _: &Signal, cx: &mut impl Emit<Fill>) {
        cx.emit(&Fill::of(1));
    }
}

/// Answers each bar with a breach, which an earlier service of another lane receives.
struct Later(Log);

#[service]
impl Later {
    #[handle]
    fn on_bar(&mut self, _: &Bar, cx: &mut impl Emit<Breach>) {
        cx.emit(&Breach::of(1));
    }

    #[handle]
    fn on_heartbeat(&mut self, _: &Heartbeat) {
        self.0.lock().unwrap().push("queue");
    }
}

struct Earlier(Desk);

#[service]
impl Earlier {
    #[source]
    fn look(&mut self) -> SourceState {
        self.0.look()
    }

    #[every("1s")]
    fn tick(&mut self) {
        self.0.tick();
    }

    #[handle]
    fn on_breach(&mut self, _: &Breach) {
        self.0.note("back");
    }

    #[handle]
    fn on_fill(&mut self, _: &Fill) {
        self.0.note("task");
    }
}

routing_config! {
    name: Manifold,
    services: { earlier: Earlier, later: Later, clerk: Clerk },
    routes: {
        Bar => [later],
        Heartbeat => [later via queue(4)],
        Signal => [clerk via task(4)],
        Fill => [earlier],
        Breach => [earlier],
    },
    lanes: { one: thread [earlier], two: thread [later] },
}

const ORDER: [&str; 3] = ["message", "timer", "source"];

#[test]
fn a_poll_takes_messages_then_calls_timers_then_sources() {
    let (log, clock) = (Log::default(), ManualClock::new());
    let services = OrderlyServices { desk: Desk(Arc::clone(&log)) };
    let mut router = Orderly::open(services, &Config::new().clock(clock.clone())).unwrap();
    router.route_bar(&Bar::of(1));
    clock.advance(Duration::from_secs(1));
    router.poll();
    assert_eq!(*log.lock().unwrap(), ORDER);
}

#[test]
fn a_poll_empties_queues_then_takes_from_tasks_then_what_goes_back() {
    let (log, clock) = (Log::default(), ManualClock::new());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let config = Config::new().clock(clock.clone()).tokio(runtime.handle().clone());
    let earlier = Earlier(Desk(Arc::clone(&log)));
    let services = ManifoldServices { earlier, later: Later(Arc::clone(&log)), clerk: Clerk };
    let mut router = Manifold::open(services, &config).unwrap();
    // In another order.
    router.route_bar(&Bar::of(1));
    router.route_signal(&Signal::of(1));
    router.route_heartbeat(&Heartbeat::of(1));
    clock.advance(Duration::from_secs(1));
    router.flush();
    until("the task has answered", || router.stats().outbox("clerk").is_some_and(|clerk| clerk.sent == 1));
    let stats = router.stats();
    let (queue, outbox) = (stats.queue("clerk").unwrap(), stats.outbox("clerk").unwrap());
    assert_eq!((queue.sent, queue.received, outbox.received), (1, 1, 0), "each counts its own direction");
    assert_eq!(router.poll(), 4);
    assert_eq!(router.stats().outbox("clerk").unwrap().received, 1);
    assert_eq!(*log.lock().unwrap(), ["queue", "task", "back", "timer", "source"]);
}

#[test]
fn a_turn_of_a_lane_takes_messages_then_calls_timers_then_sources() {
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
