//! Two routers over each kind of link.

use std::sync::LazyLock;
use std::time::Duration;

use mycelium_rt::link::{Limits, Tls};
use mycelium_rt::{Config, Emit, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Signal};

use super::support::{Log, Socket, assert_balanced, until};

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

/// Tells of the way back.
#[derive(Default)]
struct Back(Vec<u64>);

#[service]
impl Back {
    #[handle]
    fn on_breach(&mut self, breach: &Breach) {
        self.0.push(breach.value);
    }
}

/// Objects to every fill.
struct Objector;

#[service]
impl Objector {
    #[handle]
    fn on_fill(&mut self, fill: &Fill, cx: &mut impl Emit<Breach>) {
        cx.emit(&Breach::of(fill.value));
    }
}

macro_rules! pair {
    ($module:ident, $path:ident, $address:literal $(, [$($link:tt)*], [$($input:tt)*])?) => {
        mod $module {
            use super::*;

            routing_config! {
                name: Sender,
                services: { maker: Maker },
                routes: { Signal => [maker], Bar => [desk via $path($address, batch = 4 $(, $($link)*)?)], Fill => [desk] },
            }

            routing_config! {
                name: Receiver,
                services: { back: Back, log: Log, objector: Objector },
                inputs: { feed: $path($address $(, $($input)*)?) [Bar, Fill] },
                routes: { Bar => [log], Fill => [log, objector], Breach => [back via local(4)] },
            }

            routing_config! {
                name: Dropping,
                services: { maker: Maker },
                routes: { Signal => [maker], Bar => [desk via $path($address, on_full = drop_newest $(, $($link)*)?)], Fill => [desk] },
            }

            fn config() -> Config {
                $crate::paths::links::config(stringify!($module))
            }

            fn dropping(there: &str) -> Dropping {
                Dropping::open(DroppingServices { maker: Maker }, &config().address("desk", there))
                    .unwrap()
            }

            fn receiver(config: &Config) -> Receiver {
                let services = ReceiverServices { back: Back::default(), log: Log::default(), objector: Objector };
                Receiver::open(services, config).unwrap()
            }

            #[test]
            fn everything_arrives_in_order_and_is_routed() {
                let there = $crate::paths::links::place(stringify!($path));
                let mut receiver = receiver(&config().address("feed", &there.0));
                let mut sender =
                    Sender::open(SenderServices { maker: Maker }, &config().address("desk", &there.0)).unwrap();
                until("they connect", || {
                    receiver.poll();
                    sender.poll();
                    sender.stats().link("desk").unwrap().connects == 1
                });
                for value in 0..100 {
                    sender.route_signal(&Signal::of(value));
                }
                until("all arrive", || {
                    sender.flush();
                    receiver.poll();
                    receiver.log.0.len() == 110
                });
                let tens: Vec<_> = (0..100).step_by(10).collect();
                let expected: Vec<_> = (0..100)
                    .flat_map(|value| [("Bar", value)].into_iter().chain((value % 10 == 0).then_some(("Fill", value))))
                    .collect();
                assert_eq!(receiver.log.0, expected, "order holds over all messages of a link");
                assert_eq!(receiver.back.0, tens, "what comes in is followed by what waits inside the router");
                let (sent, received) = (sender.stats(), receiver.stats());
                assert_eq!(sent.link("desk").unwrap().sent, 110);
                assert_eq!(received.input("feed").unwrap().received, 110);
                assert_eq!((sent.link("desk").unwrap().dropped(), received.input("feed").unwrap().gaps), (0, 0));
                assert_balanced(&[*sent.link("desk").unwrap()], &[*received.input("feed").unwrap()]);
            }

            #[test]
            fn a_receiver_that_restarts_is_found_and_learns_what_it_missed() {
                let there = $crate::paths::links::place(stringify!($path));
                let (mut sender, mut receivers) = (dropping(&there.0), Vec::new());
                for round in 1..=3 {
                    let mut receiver = receiver(&config().address("feed", &there.0));
                    until("they connect", || {
                        receiver.poll();
                        sender.poll();
                        sender.stats().link("desk").unwrap().connects == round
                    });
                    sender.route_signal(&Signal::of(round));
                    until("it arrives", || {
                        sender.flush();
                        receiver.poll();
                        !receiver.log.0.is_empty()
                    });
                    assert_eq!(receiver.log.0, [("Bar", round)]);
                    assert_eq!(receiver.stats().input("feed").unwrap().gaps, u64::from(round > 1));
                    receivers.push(*receiver.stats().input("feed").unwrap());
                    drop(receiver);
                    until("the sender notices", || {
                        sender.poll();
                        sender.stats().link("desk").unwrap().disconnects == round
                    });
                    // Nobody is there.
                    sender.route_signal(&Signal::of(7));
                }
                let stats = *sender.stats().link("desk").unwrap();
                assert_eq!((stats.connects, stats.reconnects, stats.sent, stats.dropped_newest), (3, 2, 3, 3));
                assert_balanced(&[stats], &receivers);
            }

            #[test]
            fn a_sender_that_restarts_is_taken_in_again() {
                let there = $crate::paths::links::place(stringify!($path));
                let mut receiver = receiver(&config().address("feed", &there.0));
                let mut senders = Vec::new();
                for round in 1..=3 {
                    let mut sender = dropping(&there.0);
                    until("they connect", || {
                        receiver.poll();
                        sender.poll();
                        sender.stats().link("desk").unwrap().connects == 1
                    });
                    sender.route_signal(&Signal::of(round));
                    sender.flush();
                    senders.push(*sender.stats().link("desk").unwrap());
                    drop(sender);
                    until("the receiver notices", || {
                        receiver.poll();
                        receiver.stats().input("feed").unwrap().disconnects == round
                    });
                }
                assert_eq!(
                    receiver.log.0,
                    [("Bar", 1), ("Bar", 2), ("Bar", 3)],
                    "what was sent before the end is there"
                );
                let stats = *receiver.stats().input("feed").unwrap();
                assert_eq!((stats.connects, stats.gaps, stats.received), (3, 0, 3));
                assert_balanced(&senders, &[stats]);
            }
        }
    };
}

pair!(unix, unix, "/nowhere/mycelium/desk.sock");
pair!(shm, shm, "/nowhere/mycelium/desk.sock");
pair!(tcp, tcp, "127.0.0.1:1");
pair!(tls, tcp, "127.0.0.1:1", [tls = true, server_name = "feed.test"], [tls = true]);

/// What both ends need to know: links look for their peer again at once. Where they speak TLS, they share one certificate,
/// which is its own authority.
fn config(module: &str) -> Config {
    static IDENTITY: LazyLock<Tls> = LazyLock::new(|| {
        let names = ["feed.test".to_owned()];
        let rcgen::CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(names).unwrap();
        Tls::from_pem(cert.pem(), cert.pem(), signing_key.serialize_pem())
    });
    let config = Config::new().limits(Limits { backoff_max: Duration::from_millis(2), ..Limits::default() });
    if module == "tls" { config.tls(IDENTITY.clone()) } else { config }
}

/// An address of this test alone, and what keeps it.
fn place(path: &str) -> (String, Option<Socket>) {
    if path == "tcp" {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        return (free.local_addr().unwrap().to_string(), None);
    }
    let socket = Socket::new();
    (socket.text().to_owned(), Some(socket))
}
