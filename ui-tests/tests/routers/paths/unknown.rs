//! Routers of which one knows more messages than the other.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mycelium_rt::link::NotAccepted;
use mycelium_rt::{Config, Message, routing_config};
use mycelium_ui_tests::market::{Bar, Fill};

use super::support::{Log, Socket, assert_balanced, until};

/// Fills that came by a hook: their number, and the sum of their values.
static KEPT: [AtomicU64; 2] = [AtomicU64::new(0), AtomicU64::new(0)];

mod archive {
    use super::{AtomicU64, Fill, KEPT, Message, Ordering};

    pub(super) fn keep(id: u16, version: u16, body: &[u8]) {
        assert_eq!((id, version), (Fill::ID, Fill::VERSION));
        let fill = Fill::decode(body).expect("the sender has it from the same contract");
        let add = |at: usize, n: u64| AtomicU64::fetch_add(&KEPT[at], n, Ordering::Relaxed);
        add(0, 1);
        add(1, fill.value);
    }
}

routing_config! {
    name: Newer,
    services: { log: Log },
    routes: { Bar => [log, desk via unix("/nowhere")], Fill => [desk, log] },
    on_error: propagate,
}

routing_config! {
    name: Older,
    services: { log: Log },
    inputs: { feed: unix("/nowhere") [Bar] },
    routes: { Bar => [log], Fill => [log] },
}

routing_config! {
    name: Strict,
    services: { log: Log },
    inputs: { feed: unix("/nowhere", unknown = refuse) [Bar] },
    routes: { Bar => [log], Fill => [log] },
}

routing_config! {
    name: Curious,
    services: { log: Log },
    inputs: { feed: unix("/nowhere", unknown = hook(archive::keep)) [Bar] },
    routes: { Bar => [log], Fill => [log] },
}

fn newer(socket: &Socket) -> Newer {
    let config = Config::new().address("desk", socket.text());
    Newer::open(NewerServices { log: Log::default() }, &config).unwrap()
}

fn here(socket: &Socket) -> Config {
    Config::new().address("feed", socket.text())
}

fn told(all: &[NotAccepted]) -> Vec<(&str, &str, u64, bool)> {
    all.iter().map(|it| (it.link, it.message, it.count, it.is_current)).collect()
}

#[test]
fn a_new_message_stops_no_older_program() {
    let socket = Socket::new();
    let mut older = Older::open(OlderServices { log: Log::default() }, &here(&socket)).unwrap();
    let mut newer = newer(&socket);
    until("they connect", || {
        older.poll();
        newer.poll().unwrap();
        newer.stats().link("desk").unwrap().connects == 1
    });
    for value in 0..100 {
        newer.route_bar(&Bar::of(value)).unwrap();
        newer.route_fill(&Fill::of(value)).unwrap();
    }
    until("all bars arrive", || {
        newer.flush();
        older.poll();
        older.log.0.len() == 100
    });
    // What the link does not send goes to every other receiver.
    assert_eq!(newer.log.0.len(), 200);
    let (sent, received) = (newer.stats(), older.stats());
    assert_eq!(told(&sent.not_accepted), [("desk", "Fill", 100, true)]);
    let (link, input) = (sent.link("desk").unwrap(), received.input("feed").unwrap());
    assert_eq!((link.sent, link.dropped(), link.not_accepted), (100, 0, 100));
    assert_eq!((input.received, input.gaps), (100, 0));
    assert_balanced(&[*link], &[*input]);
}

#[test]
fn a_strict_input_refuses_who_may_send_more() {
    let socket = Socket::new();
    let mut strict = Strict::open(StrictServices { log: Log::default() }, &here(&socket)).unwrap();
    let mut newer = newer(&socket);
    until("both refuse", || {
        strict.poll();
        newer.poll().unwrap();
        newer.stats().link("desk").unwrap().refused > 0 && strict.stats().input("feed").unwrap().refused > 0
    });
    let error = newer.route_bar(&Bar::of(1)).unwrap_err();
    assert!(error.to_string().contains("refused"), "{error}");
}

#[test]
fn a_hook_gets_what_an_input_does_not_list() {
    let socket = Socket::new();
    let mut curious = Curious::open(CuriousServices { log: Log::default() }, &here(&socket)).unwrap();
    let mut newer = newer(&socket);
    until("they connect", || {
        curious.poll();
        newer.poll().unwrap();
        newer.stats().link("desk").unwrap().connects == 1
    });
    for value in 1..=10 {
        newer.route_bar(&Bar::of(value)).unwrap();
        newer.route_fill(&Fill::of(value)).unwrap();
    }
    until("all arrive", || {
        newer.flush();
        curious.poll();
        curious.stats().input("feed").unwrap().unknown == 10
    });
    assert_eq!(KEPT.each_ref().map(|it| it.load(Ordering::Relaxed)), [10, 55]);
    assert_eq!((curious.log.0.len(), newer.stats().not_accepted.len()), (10, 0));
    let (sent, taken) = (*newer.stats().link("desk").unwrap(), *curious.stats().input("feed").unwrap());
    assert_eq!((sent.sent, sent.dropped()), (taken.received + taken.unknown, 0));
}

#[test]
fn the_health_of_a_running_system_tells_what_is_not_accepted() {
    let socket = Socket::new();
    let older = Older::start(OlderServices { log: Log::default() }, &here(&socket)).unwrap();
    let config = Config::new().address("desk", socket.text());
    let newer = Newer::start(NewerServices { log: Log::default() }, &config).unwrap();
    let fills = newer.sender::<Fill>();
    for value in 0..10 {
        fills.send(&Fill::of(value)).unwrap();
    }
    until("they are counted", || told(&newer.health().not_accepted) == [("desk", "Fill", 10, true)]);
    assert_eq!(told(&newer.stats().not_accepted), [("desk", "Fill", 10, true)]);
    let ended = newer.shutdown(Duration::from_secs(20));
    assert_eq!(told(&ended.health.not_accepted), [("desk", "Fill", 10, true)]);
    assert!(older.shutdown(Duration::from_secs(20)).broken.is_none());
}
