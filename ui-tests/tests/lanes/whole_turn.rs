//! A turn follows the order of `docs/lanes.md`, whatever drives the router: its owner, its only lane, or lanes that it names.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mycelium_rt::testing::ManualClock;
use mycelium_rt::{Config, Emit, SourceState, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Heartbeat, Signal};

use crate::support::{DEADLINE, Socket, until};
use crate::turn_order::Clerk;

/// Has a message of each path, a timer and a source.
struct Desk {
    log: Arc<Mutex<Vec<&'static str>>>,
    /// Whether the source is to wait, once, while the test prepares the next turn.
    hold: Arc<AtomicBool>,
    reached: Sender<()>,
    opened: Receiver<()>,
}

impl Desk {
    fn note(&self, what: &'static str) {
        self.log.lock().unwrap().push(what);
    }
}

#[service]
impl Desk {
    /// Leaves a message in the queue and one with the task. If the test has dropped its end, it doesn't wait.
    #[source]
    fn look(&mut self, cx: &mut (impl Emit<Heartbeat> + Emit<Signal>)) -> SourceState {
        self.note("source");
        if self.hold.swap(false, Ordering::Relaxed) {
            cx.emit(&Heartbeat::of(1));
            cx.emit(&Signal::of(1));
            let _ = self.reached.send(());
            let _ = self.opened.recv();
        }
        SourceState::Idle
    }

    #[every("1s")]
    fn tick(&mut self) {
        self.note("timer");
    }

    #[handle]
    fn on_bar(&mut self, _: &Bar) {
        self.note("input");
    }

    #[handle]
    fn on_heartbeat(&mut self, _: &Heartbeat) {
        self.note("queue");
    }

    #[handle]
    fn on_fill(&mut self, _: &Fill) {
        self.note("task");
    }

    #[handle]
    fn on_breach(&mut self, _: &Breach) {
        self.note("sender");
    }
}

/// Owns another lane where lanes are named.
struct Other;

#[service]
impl Other {
    #[handle]
    fn on_breach(&mut self, _: &Breach) {}
}

routing_config! {
    name: Feeding,
    services: { other: Other },
    routes: { Bar => [feed via unix("feed", batch = 1)], Breach => [other] },
}

/// A test of a router with these lanes, if any, of which the first takes the input, and with what prepares a turn and has it taken.
macro_rules! whole_turn {
    ($test:ident: $name:ident $services:ident, $({ $lane:ident: $($lanes:tt)* },)? $drive:ident) => {
        routing_config! {
            name: $name,
            services: { desk: Desk, other: Other, clerk: Clerk },
            inputs: { feed: unix("feed") [Bar] $(on $lane)? },
            routes: {
                Bar => [desk],
                Heartbeat => [desk via queue(4)],
                Signal => [clerk via task(4, batch = 1)],
                Fill => [desk],
                Breach => [desk, other],
            },
            $(lanes: { $lane: $($lanes)* },)?
        }

        #[test]
        fn $test() {
            let (socket, clock) = (Socket::new(), ManualClock::new());
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
            let config = Config::new().address("feed", socket.text()).clock(clock.clone()).tokio(runtime.handle().clone());
            let (log, hold) = (Arc::<Mutex<Vec<_>>>::default(), Arc::new(AtomicBool::new(false)));
            let ((reached, is_reached), (open, opened)) = (channel(), channel::<()>());
            let desk = Desk { log: Arc::clone(&log), hold: Arc::clone(&hold), reached, opened };
            let services = $services { desk, other: Other, clerk: Clerk };
            whole_turn!(@$drive $name, services, config, clock, log, hold, is_reached, open);
        }
    };
    (@started $name:ident, $services:ident, $config:ident, $clock:ident, $log:ident, $hold:ident, $reached:ident, $open:ident) => {
        let running = $name::start($services, &$config).unwrap();
        let breaches = running.sender::<Breach>();
        let mut feeding = Feeding::open(FeedingServices { other: Other }, &$config).unwrap();
        until("the link is up", || {
            feeding.poll();
            feeding.stats().link("feed").unwrap().connects == 1
        });
        $hold.store(true, Ordering::Relaxed);
        $reached.recv_timeout(DEADLINE).unwrap();
        $log.lock().unwrap().clear();
        until("the task has answered", || running.health().task("clerk").unwrap().handled == 1);
        feeding.route_bar(&Bar::of(1));
        until("the bar is written", || feeding.flush());
        breaches.send(&Breach::of(1)).unwrap();
        $clock.advance(Duration::from_secs(1));
        drop($open);
        until("a turn is over", || $log.lock().unwrap().contains(&"source"));
        running.shutdown(DEADLINE);
        assert_eq!($log.lock().unwrap().get(..6), Some(&["sender", "input", "queue", "task", "timer", "source"][..]));
    };
    (@opened $name:ident, $services:ident, $config:ident, $clock:ident, $log:ident, $hold:ident, $reached:ident, $open:ident) => {
        drop($open);
        let mut router = $name::open($services, &$config).unwrap();
        let mut feeding = Feeding::open(FeedingServices { other: Other }, &$config).unwrap();
        until("the link is up", || {
            router.poll();
            feeding.poll();
            feeding.stats().link("feed").unwrap().connects == 1
        });
        $hold.store(true, Ordering::Relaxed);
        router.poll();
        $reached.recv_timeout(DEADLINE).unwrap();
        $log.lock().unwrap().clear();
        router.flush();
        until("the task has answered", || router.stats().outbox("clerk").is_some_and(|outbox| outbox.sent == 1));
        feeding.route_bar(&Bar::of(1));
        until("the bar is written", || feeding.flush());
        $clock.advance(Duration::from_secs(1));
        router.poll();
        assert_eq!(*$log.lock().unwrap(), ["input", "queue", "task", "timer", "source"]);
    };
}

whole_turn!(a_poll_does_all_in_order: Polled PolledServices, opened);
whole_turn!(the_only_lane_does_all_in_order: Alone AloneServices, started);
whole_turn!(a_lane_with_a_name_does_all_in_order: Named NamedServices, { hot: thread [desk, other] }, started);
whole_turn!(
    one_of_several_lanes_does_all_in_order: Several SeveralServices, { hot: thread [desk], cold: thread [other] }, started
);
