//! How lanes that send to each other in a cycle end.

use mycelium_rt::lane::Running;
use mycelium_rt::{Config, Emit, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Signal};

use crate::support::until;

/// Passes bars on as signals.
struct First;

#[service]
impl First {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut impl Emit<Signal>) {
        cx.emit(&Signal::of(bar.value));
    }

    #[handle]
    fn on_breach(&mut self, _: &Breach) {}
}

/// Passes signals on as fills, and back as breaches.
struct Second;

#[service]
impl Second {
    #[handle]
    fn on_signal(&mut self, signal: &Signal, cx: &mut (impl Emit<Fill> + Emit<Breach>)) {
        cx.emit(&Fill::of(signal.value));
        cx.emit(&Breach::of(signal.value));
    }
}

/// Keeps fills behind a task, and waits for others within each.
#[derive(Default)]
struct Journal(Vec<u64>);

#[service]
impl Journal {
    #[handle]
    async fn on_fill(&mut self, fill: &Fill) {
        tokio::task::yield_now().await;
        self.0.push(fill.value);
    }
}

routing_config! {
    name: Tasked,
    services: { first: First, second: Second, journal: Journal },
    routes: {
        Bar => [first],
        Signal => [second],
        Breach => [first via queue(64, on_full = drop_newest)],
        Fill => [journal via task(64)],
    },
    lanes: { one: thread [first], two: tokio [second] },
}

#[test]
fn a_cycle_with_a_task_ends_as_soon_as_nothing_is_left() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let config = Config::new().tokio(runtime.handle().clone());
    for round in 0..50 {
        let services = TaskedServices { first: First, second: Second, journal: Journal::default() };
        let running = Tasked::start(services, &config).unwrap();
        let bars = running.sender::<Bar>();
        (0..round).for_each(|value| bars.send(&Bar::of(value)).unwrap());
        drop(bars);
        // Without a deadline, which would end it as well.
        let ending = std::thread::spawn(move || running.shutdown(std::time::Duration::MAX));
        until("it ends by itself", || ending.is_finished());
        let ended = ending.join().unwrap();
        assert!(ended.left.is_empty(), "{}", ended.left);
        assert!(ended.services.journal.0.iter().copied().eq(0..round));
    }
}

/// Panics on its first message.
struct Frail;

#[service]
impl Frail {
    #[handle]
    fn on_fill(&mut self, _: &Fill) {
        panic!("for good");
    }
}

routing_config! {
    name: Beside,
    services: { first: First, second: Second, frail: Frail },
    routes: {
        Bar => [first],
        Signal => [second],
        Breach => [first via queue(64, on_full = drop_newest)],
        Fill => [frail],
    },
    lanes: { one: thread [first], two: thread [second], three: thread [frail] },
}

#[test]
fn a_cycle_ends_when_a_lane_beside_it_has_stopped_with_messages_left() {
    let services = BesideServices { first: First, second: Second, frail: Frail };
    let running: Running<Beside> = Beside::start(services, &Config::new()).unwrap();
    let bars = running.sender::<Bar>();
    // Until the lane has stopped, and with it the system.
    (0..).take_while(|value| bars.send(&Bar::of(*value)).is_ok()).for_each(drop);
    let ending = std::thread::spawn(move || running.join());
    until("it ends by itself", || ending.is_finished());
    assert_eq!(ending.join().unwrap().broken.map(|broken| broken.lane), Some("three"));
}
