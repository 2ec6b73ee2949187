//! Peers that keep all the memory that they are given: an end makes only as many halves as it has connections.

use std::os::fd::OwnedFd;

use rustix::net::SocketType;

use super::hostile::{forged_half, receive, ring};
use super::*;
use crate::link::transport::shm::channel::{Channel, Received};
use crate::link::transport::shm::packet::{Head, Kind, MAX_PACKET};
use crate::link::transport::unix;
use crate::wire::{Handshake, Hello, Role};

/// The number of different halves among these.
fn pieces(files: &[OwnedFd]) -> usize {
    let inodes: std::collections::BTreeSet<_> =
        files.iter().map(|file| rustix::fs::fstat(file).unwrap().st_ino).collect();
    inodes.len()
}

/// The number of halves that a link gives to a receiver that reconnects again and again, accepts other messages each time,
/// and keeps what it gets; its connections as well, if it `stays`.
fn given_to_a_receiver(stays: bool) -> usize {
    let place = Place::new();
    let listener = unix::UnixListener::bind("it", &place.0, SocketType::SEQPACKET, 8).unwrap();
    let mut link = place.link(OnFull::DropNewest, 64);
    let accept = |messages| Handshake::Accept(Hello::new(Role::Receiver, "demo", messages).unwrap()).encode().unwrap();
    let answers = [accept(BOTH), accept(&BOTH[..1]), accept(&BOTH[1..])];
    let (mut kept, mut channels) = (Vec::new(), Vec::new());
    for (round, answer) in (0..30).zip(answers.iter().cycle()) {
        let mut accepted = None;
        until("the link connects", || {
            link.poll();
            accepted = rustix::net::accept(&listener).ok();
            accepted.is_some()
        });
        let channel = Channel::new(accepted.unwrap());
        let mut hear = || {
            let (mut buffer, mut heard) = (vec![0; MAX_PACKET], None);
            until("the link speaks", || {
                link.poll();
                if let Ok(Received::Packet(_, descriptor)) = channel.receive(&mut buffer) {
                    heard = Some(descriptor);
                }
                heard.is_some()
            });
            heard.unwrap()
        };
        assert!(hear().is_none(), "the hello");
        channel.send(&Head::new(Kind::Accept, None, true, round).with(answer), None).unwrap();
        kept.push(hear().expect("the half of the link"));
        if stays {
            // So that the link ends this connection, and the receiver does not.
            channel.send(&[1, 2, 3], None).unwrap();
            channels.push(channel);
        }
    }
    pieces(&kept)
}

#[test]
fn a_receiver_that_reconnects_again_and_again_gets_one_ring() {
    assert_eq!(given_to_a_receiver(false), 1);
}

#[test]
fn a_receiver_that_keeps_its_connections_gets_two_rings() {
    assert_eq!(given_to_a_receiver(true), 2);
}

#[test]
fn senders_that_reconnect_again_and_again_get_as_many_halves_as_there_are_connections() {
    let place = Place::new();
    let limits = Limits { connections: 2, pending: 2, ..Limits::default() };
    let mut input = place.input_of(BOTH, &place.config().limits(limits));
    let hello = Handshake::Hello(Hello::new(Role::Sender, "demo", BOTH).unwrap()).encode().unwrap();
    let mut kept = Vec::new();
    for _ in 0..40 {
        let channel = Channel::new(unix::dial(&place.0, SocketType::SEQPACKET).unwrap());
        channel.send(&Head::new(Kind::Hello, Some(ring()), true, 0).with(&hello), None).unwrap();
        let (len, _, buffer) = receive(&channel, &mut input);
        let link = Head::parse(&buffer[..len]).unwrap().0.link();
        let (_memory, file) = forged_half(link);
        let half = Head::new(Kind::Half, Some(ring()), true, link).with(&[]);
        channel.send(&half, Some(std::os::fd::AsFd::as_fd(&file))).unwrap();
        let (_, descriptor, _) = receive(&channel, &mut input);
        kept.push(descriptor.expect("the half of the input"));
    }
    assert!(pieces(&kept) <= 4, "{}", pieces(&kept));
    let mut honest = place.link(OnFull::Error, 4);
    connect(&mut honest, &mut input);
    send(&mut honest, 1).unwrap();
    until("it arrives", || take(&mut input) == [1]);
}
