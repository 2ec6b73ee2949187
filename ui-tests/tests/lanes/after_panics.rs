//! What is left after a panic in the middle of a turn: everything but the current message.

use mycelium_rt::lane::Running;
use mycelium_rt::{Config, Emit, SourceState, routing_config, service};
use mycelium_ui_tests::market::{Bar, Fill, Signal};

use crate::support::{DEADLINE, Socket, until};

/// The message on which a handler panics.
const UNLUCKY: u64 = 13;

/// Turns bars into fills, but for one.
struct Superstitious;

#[service]
impl Superstitious {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut impl Emit<Fill>) {
        assert!(bar.value != UNLUCKY, "unlucky");
        cx.emit(&Fill::of(bar.value));
    }
}

/// Keeps fills, on a lane that does not fail.
#[derive(Default)]
struct Keeper(Vec<u64>);

#[service]
impl Keeper {
    #[handle]
    fn on_fill(&mut self, fill: &Fill) {
        self.0.push(fill.value);
    }
}

routing_config! {
    name: FromUnix,
    services: { superstitious: Superstitious, keeper: Keeper },
    inputs: { feed: unix("feed") [Bar] on hot },
    routes: { Bar => [superstitious], Fill => [keeper] },
    lanes: { hot: thread(on_panic = restart(backoff = "1ns")) [superstitious], cold: thread [keeper] },
}

routing_config! {
    name: FromShm,
    services: { superstitious: Superstitious, keeper: Keeper },
    inputs: { feed: shm("feed") [Bar] on hot },
    routes: { Bar => [superstitious], Fill => [keeper] },
    lanes: { hot: thread(on_panic = restart(backoff = "1ns")) [superstitious], cold: thread [keeper] },
}

/// Sends what it gets to the input under test, all at once.
struct Nobody;

#[service]
impl Nobody {
    #[handle]
    fn on_signal(&mut self, _: &Signal) {}
}

routing_config! {
    name: ToUnix,
    services: { nobody: Nobody },
    routes: { Bar => [feed via unix("feed", batch = 100)], Signal => [nobody] },
}

routing_config! {
    name: ToShm,
    services: { nobody: Nobody },
    routes: { Bar => [feed via shm("feed", batch = 100)], Signal => [nobody] },
}

/// A panic in the middle of a batch, after which nothing else arrives: the rest of the batch has to be taken nevertheless.
macro_rules! loses_only_the_message_at_hand {
    ($test:ident: $from:ident $from_services:ident <- $to:ident $to_services:ident) => {
        #[test]
        fn $test() {
            let socket = Socket::new();
            let config = Config::new().address("feed", socket.text());
            let services = || $from_services { superstitious: Superstitious, keeper: Keeper::default() };
            let running = $from::start_with(services, &config).unwrap();
            let mut feed = $to::open($to_services { nobody: Nobody }, &config).unwrap();
            let hot = |running: &Running<$from>| *running.health().lane("hot").unwrap();
            until("the link is up", || {
                feed.poll();
                feed.stats().link("feed").unwrap().connects == 1
            });
            (0..100).for_each(|value| feed.route_bar(&Bar::of(value)));
            feed.flush();
            until("everything is through", || {
                running.stats().input("feed").unwrap().received == 100 && hot(&running).restarts == 1
            });
            assert_eq!((hot(&running).panics, hot(&running).lost_in_panics), (1, 1));
            let input = *running.stats().input("feed").unwrap();
            assert_eq!((input.gaps, input.disconnects, input.bytes_received > 0), (0, 0, true));
            let ended = running.shutdown(DEADLINE);
            assert!(ended.left.is_empty(), "{}", ended.left);
            assert!(ended.services.keeper.0.iter().copied().eq((0..100).filter(|value| *value != UNLUCKY)));
        }
    };
}

loses_only_the_message_at_hand! {
    a_panic_that_a_socket_led_to_loses_only_the_message_at_hand: FromUnix FromUnixServices <- ToUnix ToUnixServices
}
loses_only_the_message_at_hand! {
    a_panic_that_shared_memory_led_to_loses_only_the_message_at_hand: FromShm FromShmServices <- ToShm ToShmServices
}

/// Sends bars to itself, by a queue that begins and ends on its lane.
struct Hesitant;

#[service]
impl Hesitant {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut impl Emit<Signal>) {
        cx.emit(&Signal::of(bar.value));
    }

    #[handle]
    fn on_signal(&mut self, signal: &Signal, cx: &mut impl Emit<Fill>) {
        assert!(signal.value != UNLUCKY, "unlucky");
        cx.emit(&Fill::of(signal.value));
    }
}

routing_config! {
    name: Queueing,
    services: { hesitant: Hesitant, keeper: Keeper },
    routes: { Bar => [hesitant], Signal => [hesitant via queue(128)], Fill => [keeper] },
    lanes: { hot: thread(on_panic = restart(backoff = "1ns")) [hesitant], cold: thread [keeper] },
}

#[test]
fn a_panic_after_a_message_from_the_lanes_own_queue_loses_only_that() {
    let services = || QueueingServices { hesitant: Hesitant, keeper: Keeper::default() };
    let running = Queueing::start_with(services, &Config::new()).unwrap();
    let bars = running.sender::<Bar>();
    (0..64).for_each(|value| bars.send(&Bar::of(value)).unwrap());
    until("it has restarted", || running.health().lane("hot").unwrap().restarts == 1);
    let ended = running.shutdown(DEADLINE);
    assert!(ended.left.is_empty(), "{}", ended.left);
    assert!(ended.services.keeper.0.iter().copied().eq((0..64).filter(|value| *value != UNLUCKY)));
}

/// Ends at once.
struct Short;

#[service]
impl Short {
    #[source]
    fn look(&mut self) -> SourceState {
        SourceState::Finished
    }
}

/// Panics once, then ends.
struct Stumbling {
    has_stumbled: bool,
}

#[service]
impl Stumbling {
    #[source]
    fn look(&mut self) -> SourceState {
        assert!(self.has_stumbled, "in the turn in which the other one ended");
        SourceState::Finished
    }
}

routing_config! {
    name: Ending,
    services: { short: Short, stumbling: Stumbling },
    routes: { },
    lanes: { hot: thread(on_panic = restart(backoff = "1ns")) [short, stumbling] },
}

#[test]
fn a_source_that_finished_in_the_turn_of_a_panic_keeps_no_system_running() {
    let mut has_stumbled = true;
    let factory = move || {
        has_stumbled = !has_stumbled;
        EndingServices { short: Short, stumbling: Stumbling { has_stumbled } }
    };
    let running = Ending::start_with(factory, &Config::new()).unwrap();
    until("both sources have ended", || !running.is_running());
    assert!(running.join().broken.is_none());
}
