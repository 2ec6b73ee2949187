//! How a router ends: what it has accepted is written, or told as left.

use std::time::{Duration, Instant};

use mycelium_rt::{Config, routing_config};
use mycelium_ui_tests::market::{Bar, Fill};

use super::support::{Log, Socket, until};

routing_config! {
    name: Sender,
    services: { log: Log },
    routes: {
        Bar => [kept via unix("/nowhere/kept.sock", on_full = drop_oldest), log via queue(8)],
        Fill => [other via unix("/nowhere/other.sock", on_full = drop_oldest)],
    },
    ignore: [log: [Fill]],
}

routing_config! {
    name: Patient,
    routes: { Bar => [desk via unix("/nowhere/desk.sock", batch = 32)] },
}

routing_config! {
    name: Receiver,
    services: { log: Log },
    inputs: { feed: unix("/nowhere/feed.sock") [Bar] },
    routes: { Bar => [log], Fill => [log via queue(1)] },
}

fn sender(config: Config) -> Sender {
    let config = config.quiet();
    Sender::open(SenderServices { log: Log::default() }, &config).unwrap()
}

#[test]
fn a_router_that_is_closed_says_what_is_left_and_where() {
    let mut router = sender(Config::new());
    assert!(router.flush(), "nothing was sent");
    (0..3).for_each(|value| router.route_bar(&Bar::of(value)));
    (0..2).for_each(|value| router.route_fill(&Fill::of(value)));
    assert!(!router.flush(), "nobody is there");
    let closed = router.close(Duration::from_millis(5));
    let places: Vec<_> = closed.left.places().iter().map(|left| (left.place.as_str(), left.messages)).collect();
    assert_eq!(places, [("link `kept`", 3), ("link `other`", 2), ("the queue of `log`", 3)]);
    assert_eq!(router.stats().link("kept").unwrap().dropped_closed, 3);
    // What comes too late is refused, and counted; services go on.
    router.route_bar(&Bar::of(3));
    assert_eq!(router.stats().link("kept").unwrap().dropped_closed, 4);
    while router.poll() > 0 {}
    assert_eq!(router.log.0.len(), 4);
    assert_eq!(router.close(Duration::ZERO).left.total(), 0);
}

#[test]
fn a_router_that_is_dropped_lingers_for_as_long_as_it_is_told() {
    for linger in [Duration::ZERO, Duration::from_millis(50)] {
        let mut router = sender(Config::new().linger(linger));
        router.route_bar(&Bar::of(1));
        router.route_fill(&Fill::of(1));
        let before = Instant::now();
        drop(router);
        let took = before.elapsed();
        assert!(took >= linger && took < linger + Duration::from_secs(10), "{took:?}");
    }
}

#[test]
fn what_was_flushed_arrives_at_a_slow_receiver_although_the_router_is_gone() {
    const MESSAGES: u64 = 20_000;
    let socket = Socket::new();
    let config = Config::new().address("feed", socket.text());
    let mut receiver = Receiver::open(ReceiverServices { log: Log::default() }, &config).unwrap();
    let config = Config::new().address("desk", socket.text()).linger(Duration::from_mins(1));
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| {
            let config = config.wait_for_peers(Duration::from_mins(1));
            let mut router = Patient::open(PatientServices {}, &config).unwrap();
            (0..MESSAGES).for_each(|value| router.route_bar(&Bar::of(value)));
            router.flush();
            // As far as it had come when the router was dropped; the rest is what lingering is for.
            *router.stats().link("desk").unwrap()
        });
        until("the sender is gone, and all has arrived", || {
            // Slow, as part of the scene.
            std::thread::sleep(Duration::from_millis(1));
            receiver.poll();
            sending.is_finished() && receiver.poll() == 0
        });
        let sent = sending.join().unwrap();
        assert!(sent.sent <= MESSAGES && sent.dropped() == 0, "{sent:?}");
        let feed = *receiver.stats().input("feed").unwrap();
        assert_eq!((feed.received, feed.gaps), (MESSAGES, 0));
        assert!(receiver.log.0.iter().copied().eq((0..MESSAGES).map(|value| ("Bar", value))));
    });
}

routing_config! {
    name: Anywhere,
    services: { log: Log },
    inputs: { feed: tcp("127.0.0.1:0") [Bar, Fill], near: unix("/nowhere/near.sock") [Bar] },
    routes: { Bar => [log], Fill => [log] },
}

#[test]
fn a_port_that_the_kernel_has_chosen_can_be_asked_for() {
    let socket = Socket::new();
    let config = Config::new().address("near", socket.text());
    let services = || AnywhereServices { log: Log::default() };
    let opened = Anywhere::open(services(), &config).unwrap();
    let stats = opened.stats();
    let address = stats.address("feed").expect("it listens");
    assert!(address.ip().is_loopback() && address.port() != 0, "{address}");
    assert_eq!(stats.address("near"), None, "no TCP");
    std::net::TcpStream::connect(address).expect("somebody listens there");
    drop(opened);
    let running = Anywhere::start(services(), &config).unwrap();
    let address = running.stats().address("feed").expect("it listens");
    std::net::TcpStream::connect(address).expect("somebody listens there");
    assert!(running.shutdown(Duration::from_secs(20)).left.is_empty());
}
