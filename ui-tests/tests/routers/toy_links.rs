//! Routers over a kind of link that only this test has: virtual connections, of which the macro knows one row of a table.

use std::time::Duration;

use mycelium_rt::lane::{Doing, Running, System};
use mycelium_rt::testing::Random;
use mycelium_rt::{Config, Emit, routing_config, service};
use mycelium_ui_tests::market::{Bar, Fill};
use mycelium_ui_tests::waiting::{DEADLINE, until};

use crate::toy;

/// Makes a fill of each bar.
#[derive(Default)]
struct Desk(u64);

#[service]
impl Desk {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut impl Emit<Fill>) {
        self.0 += 1;
        cx.emit(&Fill::of(bar.value));
    }
}

#[derive(Default)]
struct Log(Vec<u64>);

#[service]
impl Log {
    #[handle]
    fn on_fill(&mut self, fill: &Fill) {
        self.0.push(fill.value);
    }
}

routing_config! {
    name: Sending,
    services: { desk: Desk },
    routes: { Bar => [desk], Fill => [out via toy("fills", on_full = block)] },
}

routing_config! {
    name: Receiving,
    services: { log: Log },
    inputs: { fills: toy("fills") [Fill] },
    routes: { Fill => [log] },
}

fn at(place: &str) -> Config {
    Config::new().address("out", place).address("fills", place).known_elsewhere(["out", "fills"])
}

/// Polls the sending router until its link is up, with what else there is to poll.
fn connect(sending: &mut Sending, mut others: impl FnMut()) {
    until("the link is up", || {
        others();
        sending.poll();
        sending.stats().link("out").unwrap().connects > 0
    });
}

#[test]
fn opened_routers_exchange_messages_over_it() {
    let mut receiving = Receiving::open(ReceivingServices { log: Log::default() }, &at("opened")).unwrap();
    let mut sending = Sending::open(SendingServices { desk: Desk::default() }, &at("opened")).unwrap();
    connect(&mut sending, || _ = receiving.poll());
    (0..100).for_each(|value| sending.route_bar(&Bar::of(value)));
    until("all arrive", || {
        receiving.poll();
        receiving.log.0.len() >= 100
    });
    assert!(receiving.log.0.iter().copied().eq(0..100));
    let (sent, received) = (sending.stats(), receiving.stats());
    assert_eq!((sent.link("out").unwrap().sent, received.input("fills").unwrap().received), (100, 100));
}

/// Waits until the only lane of a router has nothing to do, and sleeps.
fn asleep<S: System>(running: &Running<S>) {
    until("the lane sleeps", || running.health().lane("main").unwrap().doing == Doing::Sleeping);
}

/// Waits until this number of messages has arrived.
fn arrived<S: System>(receiving: &Running<S>, messages: u64) {
    until(&format!("{messages} arrive"), || receiving.stats().input("fills").unwrap().received >= messages);
}

/// Nobody looks at the place but the ends: a message that wakes no lane arrives never.
#[test]
fn lanes_that_sleep_are_woken_by_it() {
    let receiving = Receiving::start(ReceivingServices { log: Log::default() }, &at("started")).unwrap();
    let sending = Sending::start(SendingServices { desk: Desk::default() }, &at("started")).unwrap();
    let bars = sending.sender::<Bar>();
    for value in 0..50 {
        asleep(&receiving);
        bars.send(&Bar::of(value)).unwrap();
        arrived(&receiving, value + 1);
    }
    drop(bars);
    let ended = (sending.shutdown(DEADLINE), receiving.shutdown(DEADLINE));
    assert_eq!((ended.0.services.desk.0, ended.1.services.log.0.len()), (50, 50));
    assert!(ended.1.services.log.0.into_iter().eq(0..50));
}

/// A parcel that takes its time arrives when the clock says so: lanes sleep by wakers, so nobody but the test moves it.
#[test]
fn lanes_are_woken_when_a_parcel_is_due() {
    let place = toy::place("delayed");
    place.change(|net| (net.random, net.faults) = (Random::seeded(7), [3, 0, 0]));
    let receiving = Receiving::start(ReceivingServices { log: Log::default() }, &at("delayed")).unwrap();
    let mut sending = Sending::open(SendingServices { desk: Desk::default() }, &at("delayed")).unwrap();
    connect(&mut sending, || ());
    for value in 0..20 {
        asleep(&receiving);
        sending.route_bar(&Bar::of(value));
        (0..4).for_each(|_| place.change(|net| net.now += 1));
        arrived(&receiving, value + 1);
    }
    drop(sending);
    assert!(receiving.shutdown(DEADLINE).services.log.0.into_iter().eq(0..20));
}

/// The same with a defect in parking: the receiving lane is asleep though there is something for it.
#[test]
fn a_lane_whose_wake_up_is_lost_is_found() {
    let place = toy::place("mute");
    let receiving = Receiving::start(ReceivingServices { log: Log::default() }, &at("mute")).unwrap();
    let mut sending = Sending::open(SendingServices { desk: Desk::default() }, &at("mute")).unwrap();
    connect(&mut sending, || ());
    let is_stuck = || place.is_stuck(toy::Net::has_news);
    assert!(!is_stuck());
    place.mute();
    // A message may still find the lane awake, or just about to sleep: then it takes that one, and a later one finds it asleep.
    let stays_stuck = || {
        (0..20).all(|_| {
            std::thread::sleep(Duration::from_millis(1));
            is_stuck()
        })
    };
    until("the lane is stuck", || {
        let is_found = stays_stuck();
        if !is_found {
            sending.route_bar(&Bar::of(1));
        }
        is_found
    });
    drop(sending);
    let ended = receiving.shutdown(DEADLINE);
    assert!(!ended.services.log.0.is_empty());
}
