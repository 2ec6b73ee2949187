//! With `on_error: propagate`, what an error leaves in its turn: everything but the message that failed, for the restarted services.

use std::sync::{Arc, Mutex};

use mycelium_rt::lane::Running;
use mycelium_rt::{Config, Emit, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Signal};

use crate::support::{DEADLINE, Socket, until};

/// Which instance of a service has handled which message.
type Handled = Arc<Mutex<Vec<(u64, u64)>>>;

/// Fails on messages from 10 on.
struct Failing {
    instance: u64,
    handled: Handled,
}

impl Failing {
    fn handle(&self, value: u64) -> Result<(), &'static str> {
        self.handled.lock().unwrap().push((self.instance, value));
        if value < 10 { Ok(()) } else { Err("too much") }
    }

    /// Makes one instance after the other.
    fn made(handled: &Handled) -> impl FnMut() -> Self + Send + 'static {
        let (mut instance, handled) = (0, Arc::clone(handled));
        move || {
            instance += 1;
            Self { instance, handled: Arc::clone(&handled) }
        }
    }
}

#[service]
impl Failing {
    #[handle]
    fn on_fill(&mut self, fill: &Fill) -> Result<(), &'static str> {
        self.handle(fill.value)
    }

    #[handle]
    fn on_breaches(&mut self, breaches: &[Breach]) -> Result<(), &'static str> {
        breaches.iter().try_for_each(|breach| self.handle(breach.value))
    }
}

/// Waits until `lost` messages are lost in `restarts` restarts, and ends. The values of dead letters, and what was handled, must be these.
macro_rules! check {
    ($running:ident, $dead:ident, $handled:ident: lost $lost:literal, dead $expected_dead:expr, handled $expected:expr) => {
        until("all is handled", || $handled.lock().unwrap().len() == $expected.len());
        let ended = $running.shutdown(DEADLINE);
        let main = ended.health.lane("main").unwrap();
        assert_eq!(
            (main.panics, main.restarts, main.lost_in_panics),
            ($expected_dead.len() as u64, $expected_dead.len() as u64, $lost)
        );
        assert!(ended.left.is_empty(), "{}", ended.left);
        assert_eq!(*$dead.lock().unwrap(), $expected_dead);
        assert_eq!(*$handled.lock().unwrap(), $expected);
    };
}

/// A configuration that keeps the values of dead letters.
fn listening() -> (Config, Arc<Mutex<Vec<u64>>>) {
    let dead = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&dead);
    let config = Config::new().on_dead_letter(move |dead_letter| {
        kept.lock().unwrap().push(dead_letter.body.first_chunk().map_or(0, |bytes| u64::from_ne_bytes(*bytes)));
    });
    (config, dead)
}

/// Sends to the input under test, all at once.
struct Nobody;

#[service]
impl Nobody {
    #[handle]
    fn on_signal(&mut self, _: &Signal) {}
}

macro_rules! stays_for_the_next_turn {
    ($test:ident: $kind:ident, $from:ident $from_services:ident <- $to:ident $to_services:ident) => {
        routing_config! {
            name: $from,
            services: { failing: Failing },
            inputs: { feed: $kind("feed") [Breach, Fill] on main },
            routes: { Breach => [failing], Fill => [failing] },
            lanes: { main: thread(on_panic = restart(backoff = "1ns")) [failing] },
            on_error: propagate,
        }

        routing_config! {
            name: $to,
            services: { nobody: Nobody },
            routes: {
                Breach => [feed via $kind("feed", batch = 100)],
                Fill => [feed],
                Signal => [nobody],
            },
        }

        #[test]
        fn $test() {
            let (socket, handled) = (Socket::new(), Handled::default());
            let (config, dead) = listening();
            let config = config.address("feed", socket.text());
            let mut make = Failing::made(&handled);
            let running: Running<$from> =
                $from::start_with(move || $from_services { failing: make() }, &config).unwrap();
            let mut feed = $to::open($to_services { nobody: Nobody }, &config).unwrap();
            until("the link is up", || {
                feed.poll();
                feed.stats().link("feed").unwrap().connects == 1
            });
            [1, 13, 14, 2].into_iter().for_each(|value| feed.route_fill(&Fill::of(value)));
            // The next fill is taken when the breaches before it are delivered, so it is lost with them.
            [3, 15].into_iter().for_each(|value| feed.route_breach(&Breach::of(value)));
            [4, 5, 16, 6].into_iter().for_each(|value| feed.route_fill(&Fill::of(value)));
            feed.flush();
            let all = [(1, 1), (1, 13), (2, 14), (3, 2), (3, 3), (3, 15), (4, 5), (4, 16), (5, 6)];
            check!(running, dead, handled: lost 6, dead [13, 14, 3, 16], handled all);
        }
    };
}

stays_for_the_next_turn! {
    what_follows_an_error_on_a_socket_stays_for_the_next_turn: unix, FromUnix FromUnixServices <- ToUnix ToUnixServices
}
stays_for_the_next_turn! {
    what_follows_an_error_in_shared_memory_stays_for_the_next_turn:
        shm, FromShm FromShmServices <- ToShm ToShmServices
}

/// Queues several fills at once.
struct Front;

#[service]
impl Front {
    #[handle]
    fn on_bar(&mut self, _: &Bar, cx: &mut (impl Emit<Fill> + Emit<Breach>)) {
        [1, 13, 14, 2].into_iter().for_each(|value| cx.emit(&Fill::of(value)));
        [3, 15].into_iter().for_each(|value| cx.emit(&Breach::of(value)));
        [4, 5, 16, 6].into_iter().for_each(|value| cx.emit(&Fill::of(value)));
    }
}

routing_config! {
    name: FromQueue,
    services: { front: Front, failing: Failing },
    routes: { Bar => [front], Fill => [failing via queue(16)], Breach => [failing via queue(16)] },
    lanes: { main: thread(on_panic = restart(backoff = "1ns")) [front, failing] },
    on_error: propagate,
}

#[test]
fn what_follows_an_error_in_a_queue_stays_for_the_next_turn() {
    let handled = Handled::default();
    let (config, dead) = listening();
    let mut make = Failing::made(&handled);
    let services = move || FromQueueServices { front: Front, failing: make() };
    let running = FromQueue::start_with(services, &config).unwrap();
    running.sender::<Bar>().send(&Bar::of(0)).unwrap();
    let all = [(1, 1), (1, 13), (2, 14), (3, 2), (3, 3), (3, 15), (4, 5), (4, 16), (5, 6)];
    check!(running, dead, handled: lost 6, dead [13, 14, 3, 16], handled all);
}

routing_config! {
    name: Polled,
    services: { front: Front, failing: Failing },
    routes: { Bar => [front], Fill => [failing via queue(16)], Breach => [failing via queue(16)] },
    on_error: propagate,
}

#[test]
fn poll_goes_on_after_an_error() {
    let handled = Handled::default();
    let services = PolledServices { front: Front, failing: Failing::made(&handled)() };
    let mut router = Polled::open(services, &Config::new()).unwrap();
    router.route_bar(&Bar::of(0)).unwrap();
    assert_eq!(router.poll().unwrap_err().to_string(), "`failing` failed on `Fill`: too much");
    let values: Vec<u64> = handled.lock().unwrap().iter().map(|(_, value)| *value).collect();
    assert_eq!(values, [1, 13, 14, 2, 3, 15, 4, 5, 16, 6]);
    assert_eq!(router.poll().unwrap(), 0);
    assert_eq!(router.stats().service("failing").map(|service| service.handler_errors), Some(4));
}
