//! Routers over a kind of link that only this test has: virtual connections, of which the macro knows one row of a table.

#[path = "../../../mycelium-rt/tests/links/toy.rs"]
mod toy;

use std::time::{Duration, Instant};

use mycelium_rt::testing::Random;
use mycelium_rt::{Config, Emit, routing_config, service};
use mycelium_ui_tests::market::{Bar, Fill};

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

const DEADLINE: Duration = Duration::from_secs(20);

fn at(place: &str) -> Config {
    Config::new().address("out", place).address("fills", place).known_elsewhere(["out", "fills"])
}

#[test]
fn opened_routers_exchange_messages_over_it() {
    let mut receiving = Receiving::open(ReceivingServices { log: Log::default() }, &at("opened")).unwrap();
    let mut sending = Sending::open(SendingServices { desk: Desk::default() }, &at("opened")).unwrap();
    let deadline = Instant::now() + DEADLINE;
    while sending.stats().link("out").unwrap().connects == 0 {
        assert!(Instant::now() < deadline);
        (receiving.poll(), sending.poll());
    }
    (0..100).for_each(|value| sending.route_bar(&Bar::of(value)));
    while receiving.log.0.len() < 100 {
        assert!(Instant::now() < deadline);
        receiving.poll();
    }
    assert!(receiving.log.0.iter().copied().eq(0..100));
    let (sent, received) = (sending.stats(), receiving.stats());
    assert_eq!((sent.link("out").unwrap().sent, received.input("fills").unwrap().received), (100, 100));
}

/// Both lanes sleep until there is something to do, and parcels take their time.
#[test]
fn lanes_that_sleep_are_woken_by_it() {
    let place = toy::place("started");
    place.change(|net| (net.random, net.faults) = (Random::seeded(7), [3, 0, 0]));
    let receiving = Receiving::start(ReceivingServices { log: Log::default() }, &at("started")).unwrap();
    let sending = Sending::start(SendingServices { desk: Desk::default() }, &at("started")).unwrap();
    let bars = sending.sender::<Bar>();
    for value in 0..50 {
        bars.send(&Bar::of(value)).unwrap();
        let deadline = Instant::now() + DEADLINE;
        while receiving.stats().input("fills").unwrap().received <= value {
            assert!(Instant::now() < deadline, "{value}");
            // Nobody sleeps on the place who could move the clock: lanes sleep by their wakers.
            place.change(|net| net.now += 1);
            std::thread::yield_now();
        }
    }
    drop(bars);
    let ended = (sending.shutdown(DEADLINE), receiving.shutdown(DEADLINE));
    assert_eq!((ended.0.services.desk.0, ended.1.services.log.0.len()), (50, 50));
    assert!(ended.1.services.log.0.into_iter().eq(0..50));
}

/// The same with a defect in parking: the receiving lane is asleep though there is something for it.
#[test]
fn a_lane_whose_wake_up_is_lost_is_found() {
    let place = toy::place("mute");
    let receiving = Receiving::start(ReceivingServices { log: Log::default() }, &at("mute")).unwrap();
    let mut sending = Sending::open(SendingServices { desk: Desk::default() }, &at("mute")).unwrap();
    let deadline = Instant::now() + DEADLINE;
    while sending.stats().link("out").unwrap().connects == 0 {
        assert!(Instant::now() < deadline);
        sending.poll();
    }
    let is_stuck = || place.is_stuck(toy::Net::has_news);
    assert!(!is_stuck());
    place.mute();
    // Until the lane has fallen asleep once more, a message may still find it awake.
    while !is_stuck() {
        assert!(Instant::now() < deadline);
        sending.route_bar(&Bar::of(1));
        std::thread::sleep(Duration::from_millis(1));
    }
    std::thread::sleep(Duration::from_millis(20));
    assert!(is_stuck(), "nobody wakes it");
    drop(sending);
    let ended = receiving.shutdown(DEADLINE);
    assert!(!ended.services.log.0.is_empty());
}
