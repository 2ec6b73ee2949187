//! What goes wrong at the ends of a router, and who notices.

use mycelium_rt::link::{ConfigError, Limits, LinkError};
use mycelium_rt::{Config, MessageInfo, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Signal};

use super::support::{Log, Peer, Socket, until};

routing_config! {
    name: Sender,
    routes: {
        Bar => [newest via unix("/nowhere/newest.sock", on_full = drop_newest)],
        Fill => [strict via unix("/nowhere/strict.sock", on_full = error)],
        Signal => [patient via tcp("127.0.0.1:1", on_full = block("1ms"), batch(max = 8, delay = "50us"))],
        Breach => [oldest via tcp("127.0.0.1:1", on_full = drop_oldest, high_throughput)],
    },
    on_error: propagate,
}

#[test]
fn without_a_peer_each_policy_acts_and_counts() {
    let config = Config::new().limits(Limits { send_buffer: 64 * 1024, ..Limits::default() });
    let mut router = Sender::open(SenderServices {}, &config).unwrap();
    assert_eq!(router.route_bar(&Bar::of(1)), Ok(()));
    let error = router.route_fill(&Fill::of(1)).unwrap_err();
    assert_eq!(error.to_string(), "`strict` failed on `Fill`: the link is full");
    let error = router.route_signal(&Signal::of(1)).unwrap_err();
    assert_eq!((error.service, &*error.text), ("patient", "the link stayed full for longer than its time-out"));
    for value in 0..10_000 {
        assert_eq!(router.route_breach(&Breach::of(value)), Ok(()));
    }
    let stats = router.stats();
    let link = |name| *stats.link(name).unwrap();
    assert_eq!(link("newest").dropped_newest, 1);
    assert_eq!(link("strict").dropped_error, 1);
    assert_eq!(link("patient").dropped_timeout, 1);
    assert!(link("oldest").dropped_oldest > 0);
    assert_eq!(stats.links.iter().map(|link| link.name).collect::<Vec<_>>(), ["newest", "strict", "patient", "oldest"]);
}

#[test]
fn a_name_that_matches_no_link_is_an_error() {
    let error = Sender::open(SenderServices {}, &Config::new().address("newst", "/tmp/x")).err().unwrap();
    assert!(matches!(error, LinkError::Config(ConfigError::UnknownLink { .. })), "{error}");
    assert!(error.to_string().contains("unknown link `newst`; links are: newest, strict, patient, oldest"));
}

/// Fails on every bar.
#[derive(Default)]
struct Picky(u64);

#[service]
impl Picky {
    #[handle]
    fn on_bar(&mut self, bar: &Bar) -> Result<(), String> {
        self.0 += 1;
        Err(format!("no {}", bar.value))
    }
}

routing_config! {
    name: Receiver,
    services: { picky: Picky, log: Log },
    inputs: { feed: unix("/nowhere/feed.sock") [Bar] },
    routes: { Bar => [picky], Fill => [log] },
    ignore: [log: [Bar]],
    on_error: propagate,
}

fn receiver(socket: &Socket) -> Receiver {
    let services = ReceiverServices { picky: Picky::default(), log: Log::default() };
    Receiver::open(services, &Config::new().address("feed", socket.text())).unwrap()
}

fn connect(receiver: &mut Receiver, socket: &Socket) -> Peer {
    let before = receiver.stats().input("feed").unwrap().connects;
    Peer::connect(socket, &[MessageInfo::of::<Bar>()], || {
        receiver.poll().unwrap();
        receiver.stats().input("feed").unwrap().connects > before
    })
}

#[test]
fn poll_returns_the_first_error_and_takes_the_rest_all_the_same() {
    let socket = Socket::new();
    let mut receiver = receiver(&socket);
    let mut peer = connect(&mut receiver, &socket);
    peer.write(&Bar::of(7));
    peer.write(&Bar::of(8));
    peer.send();
    let mut error = None;
    until("both arrive", || {
        error = error.take().or(receiver.poll().err());
        receiver.picky.0 == 2
    });
    assert_eq!(error.unwrap().to_string(), "`picky` failed on `Bar`: no 7");
    assert_eq!(receiver.stats().service("picky").unwrap().handler_errors, 2);
}

#[test]
fn bytes_that_lie_close_their_own_connection_only() {
    let socket = Socket::new();
    let mut receiver = receiver(&socket);
    let mut good = connect(&mut receiver, &socket);
    let mut bad = connect(&mut receiver, &socket);
    bad.lie();
    until("the liar is gone", || {
        receiver.poll().unwrap();
        receiver.stats().input("feed").unwrap().disconnects == 1
    });
    assert_eq!(receiver.stats().input("feed").unwrap().corrupt, 1);
    good.write(&Bar::of(9));
    good.send();
    until("the other one is heard", || {
        let _ = receiver.poll();
        receiver.picky.0 == 1
    });
}
