//! Once a router runs, no message that it sends, takes in or queues allocates, whatever the path.

use std::time::{Duration, Instant};

use mycelium_rt::{Config, Emit, routing_config, service};
use mycelium_test_support::allocations::count;
use mycelium_ui_tests::market::{Bar, Fill, Signal};

const MESSAGES: u64 = 2000;

/// Makes a bar of each signal, and a fill of every tenth.
struct Maker;

#[service]
impl Maker {
    #[handle]
    fn on_signal(&mut self, signal: &Signal, cx: &mut (impl Emit<Bar> + Emit<Fill>)) {
        cx.emit(&Bar::of(signal.value));
        if signal.value.is_multiple_of(10) {
            cx.emit(&Fill::of(signal.value));
        }
    }
}

#[derive(Default)]
struct Sum(u64);

#[service]
impl Sum {
    #[handle]
    fn on_bar(&mut self, _: &Bar) {
        self.0 += 1;
    }

    #[handle]
    fn on_fill(&mut self, _: &Fill) {
        self.0 += 1;
    }
}

#[track_caller]
fn until(mut step: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !step() {
        assert!(Instant::now() < deadline);
    }
}

#[test]
fn a_queue_allocates_nothing() {
    routing_config! {
        name: Queued,
        services: { sum: Sum, maker: Maker },
        routes: { Signal => [maker], Bar => [sum via queue(64)], Fill => [sum via queue(64)] },
    }
    let mut router = Queued::open(QueuedServices { sum: Sum::default(), maker: Maker }, &Config::new()).unwrap();
    let ((), allocations) = count(|| {
        for value in 0..MESSAGES {
            router.route_signal(&Signal::of(value));
            if value % 7 == 0 {
                router.poll();
            }
        }
        router.poll();
    });
    assert_eq!((allocations, router.sum.0), (0, MESSAGES + MESSAGES / 10));
}

#[test]
fn a_pace_allocates_nothing() {
    routing_config! {
        name: Paced,
        services: { maker: Maker, sum: Sum, other: Sum },
        routes: {
            Signal => [maker],
            Bar => [sum sample("1us", by = value, keys = 64), other throttle("1us", by = value, keys = 64)],
            Fill => [sum debounce("1us") via queue(64)],
        },
        ignore: [other: [Fill]],
    }
    let services = PacedServices { sum: Sum::default(), other: Sum::default(), maker: Maker };
    let mut router = Paced::open(services, &Config::new()).unwrap();
    let ((), allocations) = count(|| {
        for value in 0..MESSAGES {
            router.route_signal(&Signal::of(value));
            if value % 7 == 0 {
                router.poll();
            }
        }
        router.poll();
    });
    assert_eq!(allocations, 0);
    let stats = router.stats();
    let (sampled, throttled) = (*stats.pace("Bar", "sum").unwrap(), *stats.pace("Bar", "other").unwrap());
    assert_eq!((router.other.0, throttled.thinned, sampled.thinned), (MESSAGES, 0, 0), "each has a key of its own");
    assert!(stats.pace("Fill", "sum").is_some() && router.sum.0 > 0);
}

#[test]
fn a_large_room_in_the_router_allocates_only_when_it_is_made() {
    routing_config! {
        name: Local,
        services: { maker: Maker, sum: Sum },
        routes: { Signal => [maker via local(1000)], Bar => [sum via local(1000, on_full = drop_oldest)], Fill => [sum] },
    }
    let (mut router, allocations) = count(|| Local::new(Maker, Sum::default()));
    assert_eq!(allocations, 1);
    let ((), allocations) = count(|| (0..MESSAGES).for_each(|value| router.route_signal(&Signal::of(value))));
    assert_eq!((allocations, router.sum.0), (0, MESSAGES + MESSAGES / 10));
}

macro_rules! between_routers {
    ($path:ident, $address:literal) => {
        #[test]
        fn $path() {
            routing_config! {
                name: Sender,
                services: { maker: Maker },
                routes: { Signal => [maker], Bar => [desk via $path($address, batch = 4)], Fill => [desk] },
            }
            routing_config! {
                name: Receiver,
                services: { sum: Sum },
                inputs: { feed: $path($address) [Bar, Fill] },
                routes: { Bar => [sum], Fill => [sum] },
            }
            let config = match stringify!($path) {
                "tcp" => {
                    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
                    Config::new().address("feed", &free.local_addr().unwrap().to_string())
                }
                path => {
                    let name = format!("mycelium-router-allocations-{}-{path}", std::process::id());
                    Config::new().address("feed", std::env::temp_dir().join(name).to_str().unwrap())
                }
            };
            let there = config.resolve("feed", &mycelium_rt::link::Address::$path($address)).unwrap();
            let mut receiver = Receiver::open(ReceiverServices { sum: Sum::default() }, &config).unwrap();
            let config = Config::new().address("desk", there.text());
            let mut sender = Sender::open(SenderServices { maker: Maker }, &config).unwrap();
            until(|| {
                receiver.poll();
                sender.poll();
                sender.stats().link("desk").unwrap().connects == 1
                    && receiver.stats().input("feed").unwrap().connects == 1
            });
            let ((), allocations) = count(|| {
                for value in 0..MESSAGES {
                    sender.route_signal(&Signal::of(value));
                    if value % 7 == 0 {
                        sender.poll();
                        receiver.poll();
                    }
                }
                until(|| {
                    sender.flush();
                    receiver.poll();
                    receiver.sum.0 == MESSAGES + MESSAGES / 10
                });
            });
            assert_eq!(allocations, 0);
        }
    };
}

/// Two routers on one thread, each of which sends or takes in.
mod between_routers {
    use super::*;

    between_routers!(unix, "/nowhere/mycelium/desk.sock");
    between_routers!(shm, "/nowhere/mycelium/desk.sock");
    between_routers!(tcp, "127.0.0.1:1");
}
