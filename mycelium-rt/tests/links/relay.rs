//! The relay of `mycelium_rt::testing`: it passes everything on, and loses, delays and cuts off only what the test says.

use mycelium_rt::link::{Address, StreamLink};
use mycelium_rt::testing::Relay;

use super::path::{BOTH, DEADLINE, Options, Receiver, Sender, assert_balanced, connect, drain, until};
use super::streams::{Streams, TcpPath, UnixPath, link, quick};

trait Relayed: Streams {
    fn relay(&self) -> Relay;
    const ADDRESS: Address;

    fn link(relay: &Relay) -> StreamLink {
        link("relayed", Self::ADDRESS, &quick(false).address("relayed", relay.address()), Options::default())
    }
}

impl Relayed for UnixPath {
    fn relay(&self) -> Relay {
        let socket = self.0.socket();
        Relay::unix(format!("{socket}.relay"), &socket).unwrap()
    }
    const ADDRESS: Address = Address::unix("/");
}

impl Relayed for TcpPath {
    fn relay(&self) -> Relay {
        Relay::tcp(&self.0).unwrap()
    }
    const ADDRESS: Address = Address::tcp("127.0.0.1:1");
}

macro_rules! over_both {
    ($($test:ident)*) => {
        mod unix {
            $(#[test] fn $test() { super::$test::<super::UnixPath>(); })*
        }
        mod tcp {
            $(#[test] fn $test() { super::$test::<super::TcpPath>(); })*
        }
    };
}

over_both! {
    an_idle_relay_changes_nothing
    what_the_relay_loses_is_a_gap_to_the_receiver
    the_same_seed_loses_the_same_messages
    what_the_relay_holds_arrives_after_the_release
    a_connection_that_the_relay_cuts_is_made_again
    nothing_connects_while_the_relay_refuses
}

/// A link and an input with a relay between them, connected.
fn relayed<P: Relayed>() -> (P, Relay, StreamLink, P::Receiver) {
    let path = P::new();
    let mut receiver = path.receiver(BOTH);
    let relay = path.relay();
    let mut sender = P::link(&relay);
    connect(&mut sender, &mut receiver);
    (path, relay, sender, receiver)
}

fn send(sender: &mut StreamLink, numbers: std::ops::Range<u64>) {
    for number in numbers {
        sender.send_number(number).unwrap();
    }
}

/// The receiver misses what the relay lost: neither end can know of it otherwise.
#[track_caller]
fn assert_lost_on_the_way(sender: &StreamLink, receiver: &impl Receiver, relay: &Relay, numbered: u64) {
    let (sent, received) = (sender.stats(), receiver.stats());
    assert_eq!((sent.sent, sent.dropped(), sent.lost_in_flight), (numbered, 0, 0));
    assert_eq!((received.received + received.gaps, received.gaps), (numbered, relay.stats().dropped));
}

fn an_idle_relay_changes_nothing<P: Relayed>() {
    let (_path, relay, mut sender, mut receiver) = relayed::<P>();
    send(&mut sender, 0..1000);
    assert_eq!(drain(&mut sender, &mut receiver, 1000), (0..1000).collect::<Vec<_>>());
    assert!(relay.wait_until(DEADLINE, |stats| stats.passed == 1000));
    assert_eq!((relay.stats().connections, relay.stats().dropped, receiver.stats().gaps), (1, 0, 0));
    assert_balanced(&Sender::stats(&sender), &[Receiver::stats(&receiver)], 1000);
}

fn what_the_relay_loses_is_a_gap_to_the_receiver<P: Relayed>() {
    let (_path, relay, mut sender, mut receiver) = relayed::<P>();
    relay.drop_next(3);
    send(&mut sender, 0..10);
    assert_eq!(drain(&mut sender, &mut receiver, 10), (3..10).collect::<Vec<_>>());
    assert_eq!((relay.stats().dropped, receiver.stats().gaps), (3, 3));
    assert_lost_on_the_way(&sender, &receiver, &relay, 10);
}

fn the_same_seed_loses_the_same_messages<P: Relayed>() {
    let arrived = |seed| {
        let (_path, relay, mut sender, mut receiver) = relayed::<P>();
        relay.drop_at_random(seed, 4);
        send(&mut sender, 0..400);
        let mut numbers = Vec::new();
        until("the relay has seen them all", || {
            Sender::poll(&mut sender);
            sender.flush();
            receiver.take(&mut numbers);
            relay.stats().passed + relay.stats().dropped == 400
        });
        // A message that is certain to arrive makes the last loss visible.
        relay.drop_at_random(0, 0);
        send(&mut sender, 400..401);
        numbers.extend(drain(&mut sender, &mut receiver, 401));
        assert_lost_on_the_way(&sender, &receiver, &relay, 401);
        numbers
    };
    let first = arrived(7);
    assert!((200..400).contains(&first.len()), "about a quarter is lost, not {}", 401 - first.len());
    assert_eq!(arrived(7), first);
    assert_ne!(arrived(8), first);
}

fn what_the_relay_holds_arrives_after_the_release<P: Relayed>() {
    let (_path, relay, mut sender, mut receiver) = relayed::<P>();
    relay.hold();
    send(&mut sender, 0..5);
    sender.flush();
    let mut numbers = Vec::new();
    assert_eq!(receiver.take(&mut numbers), 0);
    assert_eq!(relay.stats().passed, 0);
    relay.release();
    assert_eq!(drain(&mut sender, &mut receiver, 5), [0, 1, 2, 3, 4]);
    assert_balanced(&Sender::stats(&sender), &[Receiver::stats(&receiver)], 5);
}

fn a_connection_that_the_relay_cuts_is_made_again<P: Relayed>() {
    let (_path, relay, mut sender, mut receiver) = relayed::<P>();
    relay.close();
    until("the link connects again", || {
        receiver.take(&mut Vec::new());
        Sender::poll(&mut sender) && sender.stats().reconnects == 1
    });
    assert_eq!(relay.stats().connections, 2);
}

fn nothing_connects_while_the_relay_refuses<P: Relayed>() {
    let (_path, relay, mut sender, mut receiver) = relayed::<P>();
    relay.refuse(true);
    relay.close();
    until("the link has tried again", || {
        receiver.take(&mut Vec::new());
        sender.poll();
        sender.stats().connect_failures > 1
    });
    assert_eq!(relay.stats().connections, 1);
    relay.refuse(false);
    until("the link connects again", || {
        receiver.take(&mut Vec::new());
        Sender::poll(&mut sender) && sender.stats().reconnects == 1
    });
}
