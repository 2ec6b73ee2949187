//! Sequence numbers over sockets: what counts as lost, as a gap, and what is sent again.

use std::os::unix::net::UnixListener;

use mycelium_rt::link::{Batch, OnFull, Status, StreamInput, StreamLink};
use mycelium_rt::wire::{FrameHeader, Handshake, Hello, Role, frame_size};

use super::path::{BOTH, Options, Path, Receiver, Sender, drain, until};
use super::raw::{Raw, RawPath, tick};
use super::streams::UnixPath;

/// A server of the test, which has accepted the connection of `link`.
fn accept(server: &UnixListener, link: &mut StreamLink, session: u64, next: u64) -> Raw {
    let mut raw = Raw::accept(server, link);
    let hello = Hello { session, next, ..Hello::new(Role::Receiver, "test", BOTH).unwrap() };
    raw.answer(link, &Handshake::Accept(hello).encode().unwrap());
    until("connected", || StreamLink::poll(link) == Status::Connected);
    raw
}

#[test]
fn losses_with_a_connection_are_counted_by_both_sides() {
    let path = UnixPath::new();
    let server = UnixListener::bind(path.0.socket()).unwrap();
    let mut link = path.sender(Options { on_full: OnFull::DropNewest, ..Options::default() });
    let first = accept(&server, &mut link, 0, 0);
    for number in 0..5 {
        link.send_number(number).unwrap();
    }
    drop(first);
    until("it dials again", || {
        StreamLink::poll(&mut link);
        link.interest().is_some() && link.status() == Status::Connecting
    });
    // The peer says that it has seen two of the five.
    let second = accept(&server, &mut link, 1, 2);
    let stats = link.stats();
    assert_eq!((stats.sent, stats.lost_in_flight, stats.reconnects), (5, 3, 1));
    // It still has two after a connection on which nothing was sent: the same three are missing.
    drop(second);
    let _third = accept(&server, &mut link, 1, 2);
    let stats = link.stats();
    assert_eq!((stats.sent, stats.lost_in_flight, stats.reconnects), (5, 3, 2));
}

#[test]
fn a_message_dropped_before_it_was_sent_does_not_also_count_as_lost() {
    let path = UnixPath::new();
    let server = UnixListener::bind(path.0.socket()).unwrap();
    let mut link = path.sender(Options { on_full: OnFull::DropNewest, ..Options::default() });
    let first = accept(&server, &mut link, 1, 0);
    link.send_number(0).unwrap();
    drop(first);
    until("it dials again", || StreamLink::poll(&mut link) == Status::Connecting);
    // Without a peer these are dropped. Their numbers lie between two that are sent, and never arrive.
    (1..8).for_each(|number| link.send_number(number).unwrap());
    let second = accept(&server, &mut link, 1, 0);
    link.send_number(8).unwrap();
    drop(second);
    until("it dials again", || StreamLink::poll(&mut link) == Status::Connecting);
    let _third = accept(&server, &mut link, 1, 0);
    let stats = link.stats();
    assert_eq!((stats.sent, stats.dropped_newest, stats.lost_in_flight), (2, 7, 2));
}

#[test]
fn messages_that_the_peer_has_are_not_sent_again() {
    let path = UnixPath::new();
    let mut link = path.sender(Options { on_full: OnFull::DropOldest, ..Options::default() });
    for number in 0..5 {
        link.send_number(number).unwrap();
    }
    let server = UnixListener::bind(path.0.socket()).unwrap();
    let mut raw = accept(&server, &mut link, 1, 3);
    let mut heard = Vec::new();
    until("the rest arrives", || {
        link.flush();
        raw.hear(&mut heard);
        heard.len() >= frame_size(56) + frame_size(8)
    });
    assert_eq!(heard.first_chunk().map(FrameHeader::from_bytes).map(|header| header.seq), Some(3));
    let stats = link.stats();
    assert_eq!((stats.sent, stats.lost_in_flight, stats.dropped()), (5, 0, 0));
}

#[test]
fn a_returning_sender_goes_on_counting() {
    let path = UnixPath::new();
    let mut input = path.receiver(BOTH);
    let greet = |session, next, input: &mut StreamInput, numbers: &mut Vec<u64>| {
        let mut raw = path.connect();
        let hello = Hello { session, next, ..Hello::new(Role::Sender, "test", BOTH).unwrap() };
        assert!(raw.say(&Handshake::Hello(hello).encode().unwrap()));
        let mut answer = Vec::new();
        until("the input answers", || {
            input.take(numbers);
            raw.hear(&mut answer);
            Handshake::length(&answer).unwrap() == Some(answer.len())
        });
        match Handshake::decode(&answer) {
            Ok(Handshake::Accept(hello)) => (raw, hello.session, hello.next),
            other => panic!("{other:?}"),
        }
    };
    let mut numbers = Vec::new();
    let (mut first, session, _) = greet(77, 0, &mut input, &mut numbers);
    assert_eq!(session, 0);
    assert!(first.say(&[tick(1, |it| it.seq = 0), tick(2, |it| it.seq = 1)].concat()));
    // It returns before the input has noticed that it left, and says that it wrote up to number 4.
    let (mut second, session, next) = greet(77, 5, &mut input, &mut numbers);
    assert_eq!((numbers.clone(), session, next), (vec![1, 2], 77, 2));
    assert_eq!((input.peers(), input.stats().reconnects), (1, 1));
    assert!(second.say(&tick(4, |it| it.seq = 5)));
    until("it arrives", || input.take(&mut numbers) > 0);
    assert_eq!((input.stats().gaps, numbers.last()), (3, Some(&4)));
    // A number that was there before is never delivered again.
    assert!(second.say(&tick(5, |it| it.seq = 3)));
    until("it is out", || {
        input.take(&mut numbers);
        second.is_closed()
    });
    assert_eq!((numbers.len(), input.stats().corrupt), (3, 1));
}

#[test]
fn under_drop_oldest_the_newest_messages_wait_for_a_peer() {
    let path = UnixPath::new();
    let options = Options { on_full: OnFull::DropOldest, small: true, batch: Batch::of(4), ..Options::default() };
    let mut link = path.sender(options);
    for number in 0..1000 {
        link.send_number(number).unwrap();
    }
    let dropped = link.stats().dropped_oldest;
    let mut input = path.receiver(BOTH);
    let numbers = drain(&mut link, &mut input, 1000);
    assert!(numbers.into_iter().eq(dropped..1000));
    assert_eq!(input.stats().gaps, dropped);
}

#[test]
fn a_partly_written_message_is_sent_again_as_a_whole() {
    let path = UnixPath::new();
    let options = Options { on_full: OnFull::DropOldest, small: true, ..Options::default() };
    let mut link = path.sender(options);
    let server = UnixListener::bind(path.0.socket()).unwrap();
    let deaf = accept(&server, &mut link, 0, 0);
    let count = super::path::fill(&mut link, 0, 1);
    let sent = link.stats().sent;
    drop((deaf, server));
    until("it notices", || StreamLink::poll(&mut link) != Status::Connected);
    let mut input = path.receiver(BOTH);
    let mut numbers = Vec::new();
    until("the rest arrives", || {
        StreamLink::poll(&mut link);
        input.take(&mut numbers);
        link.flush() && input.stats().received == link.stats().sent - sent
    });
    // All that the kernel had not taken as a whole is sent now, once.
    let stats = link.stats();
    assert_eq!(stats.sent + stats.dropped(), count);
    assert!(!numbers.is_empty() && numbers.is_sorted_by(|a, b| a < b));
    assert_eq!(numbers.last(), Some(&(count - 1)));
}
