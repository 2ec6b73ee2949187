//! Links, inputs and tasks: each is on one lane, wherever its messages come from.

use mycelium_rt::{Config, Emit, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Signal};

use crate::support::{DEADLINE, Log, Socket, until};

/// Passes bars on as signals.
struct First;

#[service]
impl First {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut impl Emit<Signal>) {
        cx.emit(&Signal::of(bar.value));
    }
}

/// Passes signals on as fills.
struct Second;

#[service]
impl Second {
    #[handle]
    fn on_signal(&mut self, signal: &Signal, cx: &mut impl Emit<Fill>) {
        cx.emit(&Fill::of(signal.value));
    }
}

// The link is on the first lane that sends to it; fills come from the other.
routing_config! {
    name: Sending,
    services: { first: First, second: Second },
    inputs: { feed: unix("feed") [Bar] on one },
    routes: {
        Bar => [first],
        Signal => [audit via unix("audit"), second via queue(1024, on_full = error)],
        Fill => [audit],
    },
    lanes: { one: thread [first], two: thread [second] },
}

routing_config! {
    name: Feeding,
    services: { log: Log },
    routes: { Bar => [feed via unix("feed")], Breach => [log] },
    ignore: [log: [Bar, Signal, Fill]],
}

routing_config! {
    name: Auditing,
    services: { log: Log },
    inputs: { audit: unix("audit") [Signal, Fill] },
    routes: { Signal => [log], Fill => [log] },
    ignore: [log: [Bar, Breach]],
}

#[test]
fn a_link_is_one_connection_which_other_lanes_reach_as_well() {
    let (feed, audit) = (Socket::new(), Socket::new());
    let config = Config::new().address("feed", feed.text());
    let mut auditing =
        Auditing::open(AuditingServices { log: Log::default() }, &Config::new().address("audit", audit.text()))
            .unwrap();
    let sending = Sending::start(
        SendingServices { first: First, second: Second },
        &config.clone().address("audit", audit.text()),
    )
    .unwrap();
    let mut feeding = Feeding::open(FeedingServices { log: Log::default() }, &config).unwrap();
    (0..100).for_each(|value| feeding.route_bar(&Bar::of(value)));
    until("everything has arrived", || {
        feeding.poll();
        auditing.poll();
        auditing.log.0.len() == 200
    });
    let of = |name| auditing.log.0.iter().filter(move |(message, _)| *message == name).map(|(_, value)| *value);
    assert!(of("Signal").eq(0..100) && of("Fill").eq(0..100));
    let stats = sending.stats();
    assert_eq!(stats.link("audit").map(|link| (link.connects, link.sent)), Some((1, 200)));
    assert_eq!(stats.input("feed").map(|input| input.received), Some(100));
    assert_eq!(auditing.stats().input("audit").map(|input| input.connects), Some(1));
    assert!(sending.shutdown(DEADLINE).left.is_empty());
}

/// Keeps fills behind a task, and answers with a breach each.
#[derive(Default)]
struct Journal {
    fills: Vec<u64>,
    hooks: Vec<&'static str>,
}

#[service]
impl Journal {
    fn startup(&mut self) {
        self.hooks.push("startup");
    }

    #[handle]
    async fn on_fill(&mut self, fill: &Fill, cx: &mut impl Emit<Breach>) {
        tokio::task::yield_now().await;
        self.fills.push(fill.value);
        cx.emit(&Breach::of(fill.value));
    }

    fn shutdown(&mut self) {
        self.hooks.push("shutdown");
    }
}

routing_config! {
    name: Tasked,
    services: { first: First, second: Second, journal: Journal, log: Log },
    routes: {
        Bar => [first],
        Signal => [second],
        Fill => [journal via task(64), log],
        Breach => [log],
    },
    ignore: [log: [Bar, Signal]],
    lanes: { one: thread [first], two: thread [second], three: thread [log] },
}

#[test]
fn a_task_is_reached_from_its_lane_and_gives_its_service_back() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let config = Config::new().tokio(runtime.handle().clone());
    let services = TaskedServices { first: First, second: Second, journal: Journal::default(), log: Log::default() };
    let running = Tasked::start(services, &config).unwrap();
    let bars = running.sender::<Bar>();
    (0..200).for_each(|value| bars.send(&Bar::of(value)).unwrap());
    drop(bars);
    let ended = running.shutdown(DEADLINE);
    assert!(ended.left.is_empty(), "{}", ended.left);
    let services = ended.services;
    assert!(services.journal.fills.iter().copied().eq(0..200));
    assert_eq!(services.journal.hooks, ["startup", "shutdown"]);
    let of = |name| services.log.0.iter().filter(move |(message, _)| *message == name).map(|(_, value)| *value);
    assert_eq!(of("Fill").collect::<Vec<_>>(), (0..200).collect::<Vec<_>>());
    assert_eq!(of("Breach").collect::<Vec<_>>(), (0..200).collect::<Vec<_>>());
}
