//! The numbers of `Limits`: their defaults, and what the most extreme ones do.

use std::convert::Infallible;
use std::time::Duration;

use mycelium_rt::Config;
use mycelium_rt::link::{Address, InputSpec, Limits, LinkSpec, StreamInput, StreamLink};
use mycelium_rt::shm::{ShmInput, ShmLink, ShmOptions};

use super::path::{BOTH, TICK, until};
use super::streams::Folder;

/// The second column of a table in the guide, by the first.
fn told(name: &str) -> String {
    let guide = include_str!("../../../docs/paths.md");
    let row = guide.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
    row.unwrap_or_else(|| panic!("no row tells of `{name}`")).split('|').nth(2).unwrap().trim().to_owned()
}

#[test]
fn the_guide_lists_all_defaults() {
    // Without `..`, so that a new limit has to be listed, too.
    let Limits {
        connections,
        pending,
        handshake,
        frame,
        send_buffer,
        receive_buffer,
        ring_bytes,
        turn,
        backoff,
        backoff_max,
    } = Limits::default();
    let numbers = [
        ("connections", connections),
        ("pending", pending),
        ("send_buffer", send_buffer),
        ("receive_buffer", receive_buffer),
        ("ring_bytes", ring_bytes),
        ("turn", turn),
    ];
    for (name, number) in numbers {
        assert_eq!(told(name), number.to_string(), "{name}");
    }
    let times = [("handshake", handshake), ("frame", frame), ("backoff", backoff), ("backoff_max", backoff_max)];
    for (name, time) in times {
        let text = if time.subsec_millis() == 0 {
            format!("{} s", time.as_secs())
        } else {
            format!("{} ms", time.as_millis())
        };
        assert_eq!(told(name), text, "{name}");
    }
}

/// Sends one message over a Unix socket and over shared memory.
fn delivers(limits: Limits) {
    let (first, second) = (Folder::new(), Folder::new());
    let config = Config::new().limits(limits);
    let (unix, shm) = (config.clone().address("it", &first.socket()), config.address("it", &second.socket()));

    let mut input = StreamInput::open(InputSpec::new("it", Address::unix("/"), "test", BOTH), &unix).unwrap();
    let mut link = StreamLink::open(LinkSpec::new("it", Address::unix("/"), "test", BOTH), &unix).unwrap();
    let mut sent = false;
    until("a message arrives over a socket", || {
        link.poll();
        sent = sent
            || (link.status() == mycelium_rt::link::Status::Connected && link.send_bytes(TICK.id, &[0; 8]).is_ok());
        link.flush();
        input.poll(|_, _, _| Ok::<(), Infallible>(())) > 0
    });

    let spec = InputSpec::new("it", Address::shm("/"), "test", BOTH);
    let mut input = ShmInput::open(spec, ShmOptions::default(), &shm).unwrap();
    let spec = LinkSpec::new("it", Address::shm("/"), "test", BOTH);
    let mut link = ShmLink::open(spec, ShmOptions::default(), &shm).unwrap();
    let mut sent = false;
    until("a message arrives over shared memory", || {
        link.poll();
        sent = sent
            || (link.status() == mycelium_rt::link::Status::Connected && link.send_bytes(TICK.id, &[0; 8]).is_ok());
        link.flush();
        input.poll(|_, _, _| Ok::<(), Infallible>(())) > 0
    });
}

#[test]
fn no_limit_makes_an_input_silent_or_a_link_panic() {
    type Set = fn(&mut Limits, usize);
    let limits: [Set; 5] = [
        |limits, number| limits.connections = number.max(1),
        |limits, number| limits.pending = number,
        |limits, number| limits.send_buffer = number,
        |limits, number| limits.receive_buffer = number,
        |limits, number| limits.turn = number,
    ];
    for set in limits {
        for number in [0, 1, usize::MAX] {
            let mut limits = Limits::default();
            set(&mut limits, number);
            delivers(limits);
        }
    }
}

#[test]
fn no_duration_keeps_peers_from_shaking_hands() {
    for time in [Duration::ZERO, Duration::MAX] {
        delivers(Limits { handshake: time, frame: time, ..Limits::default() });
        delivers(Limits { backoff: time, backoff_max: Duration::from_millis(1), ..Limits::default() });
    }
    delivers(Limits { backoff: Duration::ZERO, backoff_max: Duration::ZERO, ..Limits::default() });
}
