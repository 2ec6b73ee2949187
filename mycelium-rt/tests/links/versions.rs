//! Two programs that were built from different versions of a contract.

use std::time::{Duration, Instant};

use mycelium_rt::Config;
use mycelium_rt::MessageInfo;
use mycelium_rt::link::{
    Address, InputSpec, LinkError, LinkSpec, OnFull, SendError, Status, StreamInput, StreamLink, Unknown,
};
use mycelium_rt::wire::{Older, Refusal};

use super::path::{Options, Path, TICK, assert_balanced, until};
use super::streams::{TcpPath, UnixPath, quick};

const OLD: &[MessageInfo] = &[MessageInfo { layouts: &[(1, 8, 1)], ..TICK }];
const NEW: &[MessageInfo] = &[MessageInfo { version: 2, layouts: &[(1, 8, 1), (2, 24, 2)], ..TICK }];
const CUT: &[MessageInfo] = &[MessageInfo { version: 2, min_compatible: 2, layouts: &[(1, 8, 1), (2, 24, 2)], ..TICK }];
const OTHER: &[MessageInfo] = &[MessageInfo { name: "Tock", layouts: &[(1, 8, 9)], ..TICK }];
const NONE: &[MessageInfo] = &[];

fn options(messages: &'static [MessageInfo]) -> Options {
    Options { messages, on_full: OnFull::Block, ..Options::default() }
}

fn compatible_versions_exchange_messages<P: Path<Sender = StreamLink, Receiver = StreamInput>>() {
    for (sends, receives, size) in [(OLD, OLD, 8), (OLD, NEW, 8), (NEW, OLD, 24), (NEW, CUT, 24), (CUT, NEW, 24)] {
        let path = P::new();
        let mut input = path.receiver(receives);
        let mut link = path.sender(options(sends));
        let mut seen = None;
        until("connected", || {
            input.poll(|_, _, _| Err("nothing was sent yet"));
            link.poll() == Status::Connected
        });
        // A sender writes its own layout; the length of the body tells which one that is.
        let body = vec![3; size];
        link.send_bytes(TICK.id, &body).unwrap();
        until("it arrives", || {
            input.poll(|id, version, body| {
                seen = Some((id, version, body.to_vec()));
                Ok::<(), &str>(())
            });
            seen.is_some()
        });
        assert_eq!(seen, Some((TICK.id, sends[0].version, body)));
        assert_balanced(&link.stats(), &[input.stats()], 1);
    }
}

fn a_mismatch_is_reported_on_both_sides<P: Path<Sender = StreamLink, Receiver = StreamInput>>() {
    for (sends, receives, older) in [(OLD, CUT, Older::Ours), (CUT, OLD, Older::Theirs), (OTHER, OLD, Older::Neither)] {
        let path = P::new();
        let mut input = path.receiver(receives);
        let mut link = path.sender(options(sends));
        until("the link is refused", || {
            input.poll(|_, _, _| Err("nothing may arrive"));
            link.poll() == Status::Refused
        });
        assert!(matches!(link.refusal(), Some(Refusal::Message(it)) if it.older() == older && it.id == TICK.id));
        assert_eq!((link.stats().refused, input.stats().refused, input.peers()), (1, 1, 0));
        // Waiting for such a peer would never end.
        assert_eq!(link.send_bytes(TICK.id, &vec![0; sends[0].layouts.last().unwrap().1]), Err(SendError::Refused));
        assert_eq!(link.stats().dropped_error, 1);
    }
}

#[test]
fn compatible_versions_exchange_messages_over_unix() {
    compatible_versions_exchange_messages::<UnixPath>();
}

#[test]
fn compatible_versions_exchange_messages_over_tcp() {
    compatible_versions_exchange_messages::<TcpPath>();
}

#[test]
fn a_mismatch_is_reported_on_both_sides_over_unix() {
    a_mismatch_is_reported_on_both_sides::<UnixPath>();
}

#[test]
fn a_mismatch_is_reported_on_both_sides_over_tcp() {
    a_mismatch_is_reported_on_both_sides::<TcpPath>();
}

#[test]
fn a_message_that_a_strict_input_does_not_list_is_refused() {
    let path = UnixPath::new();
    let config = quick(false).address("feed", &path.0.socket());
    let spec = InputSpec { unknown: Unknown::Refuse, ..InputSpec::new("feed", Address::unix("/"), "test", NONE) };
    let mut input = StreamInput::open(spec, &config).unwrap();
    let mut link = path.sender(options(OLD));
    until("the link is refused", || {
        input.poll(|_, _, _| Err("nothing may arrive"));
        link.poll() == Status::Refused
    });
    let refusal = link.refusal().map(ToString::to_string);
    assert_eq!(refusal.as_deref(), Some("message `Tick` (id 7) is not among the messages of the peer"));
}

#[test]
fn a_link_of_another_schema_is_refused() {
    let path = UnixPath::new();
    let config = quick(false).address("desk", &path.0.socket());
    let mut input = path.receiver(OLD);
    let mut link = StreamLink::open(LinkSpec::new("desk", Address::unix("/"), "game", OLD), &config).unwrap();
    until("the link is refused", || {
        input.poll(|_, _, _| Err("nothing may arrive"));
        link.poll() == Status::Refused
    });
    assert_eq!(link.refusal().unwrap().to_string(), "this side speaks schema `game`, the peer schema `test`");
}

#[test]
fn a_compatible_peer_that_replaces_another_is_found() {
    let path = UnixPath::new();
    let mut input = path.receiver(CUT);
    let mut link = path.sender(options(OLD));
    until("the link is refused", || {
        input.poll(|_, _, _| Err("nothing may arrive"));
        link.poll() == Status::Refused
    });
    drop(input);
    let mut input = path.receiver(NEW);
    until("the link is connected", || {
        input.poll(|_, _, _| Err("nothing may arrive"));
        link.poll() == Status::Connected
    });
    assert_eq!(link.refusal(), None);
}

#[test]
fn waiting_for_peers_ends_with_a_peer_a_refusal_or_the_deadline() {
    let path = UnixPath::new();
    let config = |wait| quick(false).address("desk", &path.0.socket()).wait_for_peers(wait);
    let open = |messages, config: Config| {
        StreamLink::open(LinkSpec::new("desk", Address::unix("/"), "test", messages), &config)
    };
    let before = Instant::now();
    let short = Duration::from_millis(5);
    assert!(matches!(open(OLD, config(short)), Err(LinkError::NoPeer { .. })));
    assert!(before.elapsed() >= short);
    let unpolled = path.receiver(OLD);
    let trouble = open(OLD, config(short)).map(|_| ()).unwrap_err().to_string();
    assert!(trouble.ends_with("no answer yet: its receiver takes no connections, or is not polled"), "{trouble}");
    drop(unpolled);

    let mut input = path.receiver(CUT);
    let long = super::path::DEADLINE;
    std::thread::scope(|scope| {
        let refused = scope.spawn(|| open(OLD, config(long)).map(|_| ()));
        let accepted = scope.spawn(|| open(NEW, config(long)).map(|link| link.status()));
        until("both have an answer", || {
            input.poll(|_, _, _| Err("nothing may arrive"));
            refused.is_finished() && accepted.is_finished()
        });
        assert!(matches!(refused.join().unwrap(), Err(LinkError::Refused { .. })));
        assert_eq!(accepted.join().unwrap().unwrap(), Status::Connected);
    });
}

#[test]
fn messages_that_the_link_does_not_list_are_refused_at_once() {
    let path = UnixPath::new();
    let mut link = path.sender(Options { on_full: OnFull::DropNewest, ..options(OLD) });
    assert_eq!(link.send_bytes(8, &[]), Err(SendError::Unlisted { id: 8 }));
    assert_eq!(link.send_bytes(TICK.id, &[0; 24]), Err(SendError::Length { len: 24, expected: 8 }));
    assert_eq!(link.stats().dropped_error, 2);
    let input = StreamInput::open(InputSpec::new("feed", Address::shm("/x"), "test", OLD), &Config::new());
    assert!(matches!(input, Err(LinkError::Config(_))));
}
