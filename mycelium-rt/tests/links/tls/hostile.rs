//! Peers of a TLS input that send something else, are slow, come in crowds, or break off: each loses its own connection at
//! most.

use std::time::Duration;

use mycelium_rt::link::{Limits, StreamLink};
use mycelium_rt::testing::Random;
use mycelium_rt::wire::Role;

use super::certificates::Authority;
use super::raw::RawTls;
use super::{AUTHORITY, TlsPath};
use crate::hostile::Scene;
use crate::path::{BOTH, Options, Path, Receiver, Sender, until};
use crate::random::random_frames_deliver_what_was_fine_and_nothing_else;
use crate::raw::{Raw, RawPath, hello};

type TlsScene = Scene<TlsPath>;

/// A connection without TLS to a TLS input.
fn bare(scene: &TlsScene) -> Raw {
    RawPath::connect(&scene.path.0)
}

#[track_caller]
fn closed(scene: &mut TlsScene, raw: &mut Raw) {
    until("it is closed", || {
        scene.input.take(&mut Vec::new());
        raw.is_closed()
    });
}

#[test]
fn bytes_that_are_not_tls_end_their_own_connection_and_are_counted() {
    let mut scene = TlsScene::over(Limits::default());
    let http = b"GET / HTTP/1.1\r\nHost: feed\r\n\r\n".to_vec();
    let plain = hello(Role::Sender, BOTH).encode().unwrap();
    // A record that claims to be longer than allowed; a handshake of nothing; an alert.
    let long = [&[22, 3, 1, 0xff, 0xff][..], &[0; 300]].concat();
    let empty = vec![22, 3, 1, 0, 0];
    for (count, bytes) in (1..).zip([http, plain, long, empty]) {
        let mut raw = bare(&scene);
        assert!(raw.say(&bytes));
        closed(&mut scene, &mut raw);
        assert_eq!(scene.input.stats().corrupt, count);
        scene.others_go_on();
    }
}

#[test]
fn a_client_without_a_certificate_or_with_an_unknown_one_is_refused() {
    let mut scene = TlsScene::over(Limits::default());
    let strangers = Authority::new();
    for (count, signer) in (1..).zip([None, Some(&strangers)]) {
        let mut raw = Raw::of(RawTls::connect(&scene.path, signer));
        assert!(raw.say(&hello(Role::Sender, BOTH).encode().unwrap()));
        closed(&mut scene, &mut raw);
        let stats = scene.input.stats();
        assert_eq!((stats.refused, stats.corrupt, scene.input.peers()), (count, 0, 1));
        scene.others_go_on();
    }
    let mut known = Raw::of(RawTls::connect(&scene.path, Some(&AUTHORITY)));
    assert!(known.say(&hello(Role::Sender, BOTH).encode().unwrap()));
    until("one that is known comes in", || {
        scene.input.take(&mut Vec::new());
        known.hear(&mut Vec::new());
        scene.input.peers() == 2
    });
}

/// The first bytes of a client.
fn first_flight() -> Vec<u8> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let path = TlsPath(super::TcpPath(listener.local_addr().unwrap().to_string()));
    let mut link = path.sender(Options::default());
    until("it dials", || {
        StreamLink::poll(&mut link);
        StreamLink::poll(&mut link);
        link.interest().is_some_and(|interest| interest.readable)
    });
    let mut bytes = Vec::new();
    let mut raw = Raw::from(listener.accept().unwrap().0);
    until("it speaks", || {
        StreamLink::poll(&mut link);
        raw.hear(&mut bytes);
        bytes.len() > 5 && bytes.len() >= 5 + usize::from(u16::from_be_bytes([bytes[3], bytes[4]]))
    });
    bytes
}

#[test]
fn a_handshake_that_stops_anywhere_delays_no_other() {
    let mut scene = TlsScene::over(Limits::default());
    let bytes = first_flight();
    for end in [0, 1, 4, 5, 6, 40, bytes.len() - 1, bytes.len()] {
        let mut raw = bare(&scene);
        assert!(raw.say(&bytes[..end]));
        scene.others_go_on();
    }
    until("they are gone", || {
        scene.input.take(&mut Vec::new());
        scene.input.stats().connect_failures == 8
    });
    assert_eq!(scene.input.stats().corrupt, 0);
}

#[test]
fn a_handshake_byte_by_byte_runs_out_of_time() {
    let mut scene = TlsScene::over(Limits { handshake: Duration::from_millis(300), ..Limits::default() });
    let bytes = first_flight();
    let mut slow: Vec<_> = (0..10).map(|_| bare(&scene)).collect();
    for at in 0..bytes.len() - 1 {
        for raw in &mut slow {
            raw.say(&bytes[at..=at]);
        }
        scene.others_go_on();
    }
    until("all of them are out", || {
        scene.input.take(&mut Vec::new());
        slow.iter_mut().all(Raw::is_closed)
    });
    assert_eq!(scene.input.stats().timed_out, 10);
    scene.others_go_on();
}

#[test]
fn a_crowd_of_unfinished_handshakes_is_survived() {
    let limits = Limits { pending: 8, ..Limits::default() };
    let mut scene = TlsScene::over(limits);
    let bytes = first_flight();
    let mut crowd = Vec::new();
    for number in 0..200 {
        let mut raw = bare(&scene);
        if number % 2 == 0 {
            raw.say(&bytes);
        }
        crowd.push(raw);
        scene.others_go_on();
    }
    until("all but the last were turned away", || {
        scene.input.take(&mut Vec::new());
        scene.input.stats().refused_busy == 200 - 8
    });
    drop(crowd);
    let mut late = scene.path.sender(Options::default());
    crate::path::connect(&mut late, &mut scene.input);
    scene.others_go_on();
}

#[test]
fn random_bytes_and_broken_handshakes_affect_no_other() {
    let mut scene = TlsScene::over(Limits::default());
    let mut random = Random::seeded(8443);
    let clean = first_flight();
    for round in 0..2000 {
        let mut bytes = clean.clone();
        if round % 4 == 0 {
            bytes = (0..random.below(600)).map(|_| random.number() as u8).collect();
            // Every second time with a header that makes it look like TLS at first.
            if round % 8 == 0 {
                bytes.splice(..0, [20 + random.below(5) as u8, 3, 1, random.below(4) as u8, random.number() as u8]);
            }
        }
        for _ in 0..random.below(5) {
            if !bytes.is_empty() {
                let at = random.below(bytes.len() as u64) as usize;
                bytes[at] = random.number() as u8;
            }
        }
        let mut raw = bare(&scene);
        raw.say(&bytes);
        scene.input.take(&mut Vec::new());
        drop(raw);
    }
    scene.others_go_on();
    until("they are gone", || {
        scene.input.take(&mut Vec::new());
        let stats = scene.input.stats();
        stats.corrupt + stats.refused + stats.connect_failures + stats.refused_busy == 2000
    });
    let stats = scene.input.stats();
    assert_eq!((stats.received, stats.connects, scene.input.peers()), (1, 1, 1));
    assert!(stats.corrupt > 500, "{stats:?}");
    scene.others_go_on();
}

#[test]
fn random_frames_within_tls_deliver_valid_messages_only() {
    random_frames_deliver_what_was_fine_and_nothing_else::<TlsPath>(10_000);
}

#[test]
fn a_record_that_was_modified_in_transit_ends_the_connection() {
    // Something between the two ends changes one byte after the handshake.
    let path = TlsPath::new();
    let mut input = path.receiver(BOTH);
    let middle = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    middle.set_nonblocking(true).unwrap();
    let mut link = TlsPath(super::TcpPath(middle.local_addr().unwrap().to_string())).sender(Options::default());
    let mut pipe: Option<(Raw, Raw)> = None;
    let mut change = false;
    let mut step = |link: &mut StreamLink, input: &mut mycelium_rt::link::StreamInput, change: bool| {
        let taken = input.take(&mut Vec::new());
        StreamLink::poll(link);
        if pipe.is_none() {
            pipe = middle.accept().ok().map(|(stream, _)| (Raw::from(stream), RawPath::connect(&path.0)));
        }
        let Some((client, server)) = &mut pipe else { return taken };
        let (mut up, mut down) = (Vec::new(), Vec::new());
        client.hear(&mut up);
        server.hear(&mut down);
        if let (true, Some(last)) = (change, up.last_mut()) {
            *last ^= 1;
        }
        server.say(&up);
        client.say(&down);
        taken
    };
    until("they connect", || {
        step(&mut link, &mut input, change);
        input.peers() == 1 && link.status() == mycelium_rt::link::Status::Connected
    });
    change = true;
    link.send_number(1).unwrap();
    until("it is noticed", || {
        assert_eq!(step(&mut link, &mut input, change), 0, "a changed message is never delivered");
        input.stats().corrupt == 1
    });
    assert_eq!(input.peers(), 0);
}
