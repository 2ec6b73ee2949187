use std::time::Duration;

use rustix::net::SocketType;

use super::*;
use crate::link::transport::unix;
use crate::link::{LinkError, SendError, Status, Unknown, Users};
use crate::wire::Refusal;

const NEWER: MessageInfo =
    MessageInfo { version: 2, min_compatible: 2, layouts: &[(1, 8, 0xfeed), (2, 16, 0xfade)], ..TICK };
const GROWN: MessageInfo = MessageInfo { min_compatible: 1, ..NEWER };

#[track_caller]
fn refusal(link: &mut ShmLink, input: &mut ShmInput) -> Refusal {
    until("refusal", || {
        take(input);
        link.poll() == Status::Refused
    });
    link.refusal().unwrap().clone()
}

#[test]
fn mismatch_is_an_error_on_both_sides_that_names_the_message_and_the_older_side() {
    let place = Place::new();
    let mut input = place.input_of(&[NEWER], &place.config());
    let mut link = place.link_of(&[TICK], OnFull::Block, 4);
    let text = refusal(&mut link, &mut input).to_string();
    assert!(text.contains("`Tick`") && text.contains("this side is older"), "{text}");
    assert_eq!((input.stats().refused, link.stats().refused), (1, 1));
    // A sender that would wait for ever gets an error.
    assert_eq!(send(&mut link, 1), Err(crate::link::SendError::Refused));
}

#[test]
fn peers_of_compatible_versions_exchange_messages() {
    for (sent, taken) in [(GROWN, TICK), (TICK, GROWN)] {
        let place = Place::new();
        let size = sent.layouts.last().unwrap().1;
        let mut input = place.input_of(Box::leak(Box::new([taken])), &place.config());
        let mut link = place.link_of(Box::leak(Box::new([sent])), OnFull::Error, 4);
        connect(&mut link, &mut input);
        link.send_bytes(7, &vec![3; size]).unwrap();
        let mut got = None;
        input.poll(|id, version, body| {
            got = Some((id, version, body.to_vec()));
            Ok::<(), Infallible>(())
        });
        assert_eq!(got, Some((7, sent.version, vec![3; size])));
    }
}

#[test]
fn message_that_a_strict_input_does_not_list_is_refused_by_name() {
    let place = Place::new();
    let spec = InputSpec { unknown: Unknown::Refuse, ..InputSpec::new("it", Address::shm("/unused"), "demo", &[TICK]) };
    let mut input = ShmInput::open(spec, ShmOptions::default(), &place.config()).unwrap();
    let mut link = place.link(OnFull::Error, 4);
    let text = refusal(&mut link, &mut input).to_string();
    assert!(text.contains("`Wide`"), "{text}");
}

#[test]
fn waiting_for_a_peer_ends_with_the_reason() {
    let place = Place::new();
    let spec = || LinkSpec::new("it", Address::shm("/unused"), "demo", BOTH);
    let soon = place.config().wait_for_peers(Duration::from_millis(20));
    assert!(matches!(ShmLink::open(spec(), ShmOptions::default(), &soon), Err(LinkError::NoPeer { .. })));
}

#[test]
fn peers_beyond_the_limit_are_refused_as_busy() {
    let place = Place::new();
    let mut input = place.input_of(BOTH, &place.config().limits(Limits { connections: 1, ..Limits::default() }));
    let (mut first, mut second) = (place.link(OnFull::Error, 4), place.link(OnFull::Error, 4));
    // Both may be in the middle of the handshake when the first gets the place.
    connect(&mut first, &mut input);
    assert_eq!(refusal(&mut second, &mut input), Refusal::Busy);
    drop(first);
    until("the place is free", || {
        take(&mut input);
        second.poll() == Status::Connected
    });
}

#[test]
fn users_that_are_not_allowed_are_refused_on_both_sides() {
    let place = Place::new();
    let mut input = place.input_of(BOTH, &place.config().users(Users::Ids(vec![4_000_000_000])));
    let mut link = place.link(OnFull::Error, 4);
    assert_eq!(refusal(&mut link, &mut input), Refusal::User);
    assert_eq!(input.stats().refused, 1);

    let place = Place::new();
    let mut input = place.input();
    let spec = LinkSpec::new("it", Address::shm("/unused"), "demo", BOTH);
    let config = place.config().users(Users::Ids(vec![4_000_000_000]));
    let mut link = ShmLink::open(spec, ShmOptions::default(), &config).unwrap();
    assert_eq!(refusal(&mut link, &mut input), Refusal::User);
}

#[test]
fn ring_beyond_the_inputs_limit_is_refused() {
    let place = Place::new();
    let spec = InputSpec::new("it", Address::shm("/unused"), "demo", BOTH);
    let config = place.config().limits(Limits { ring_bytes: 4096, ..Limits::default() });
    let mut input = ShmInput::open(spec, ShmOptions::default(), &config).unwrap();
    let mut link = place.link(OnFull::Error, 64);
    let refusal = refusal(&mut link, &mut input);
    assert!(matches!(refusal, Refusal::Transport(_)));
    let text = refusal.to_string();
    assert!(text.contains("a ring of 45056 bytes, and the input allows 4096: use fewer `slots`"), "{text}");
    // Waiting would not help: the sender gets an error.
    assert_eq!(send(&mut link, 1), Err(SendError::Full));
    let spec = LinkSpec::new("it", Address::shm("/unused"), "demo", BOTH);
    let waiting = place.config().wait_for_peers(FAR_TOO_LONG);
    let opened = std::thread::scope(|scope| {
        let opening = scope.spawn(|| ShmLink::open(spec, ShmOptions::default(), &waiting).err().map(|e| e.to_string()));
        until("the link is refused", || {
            take(&mut input);
            opening.is_finished()
        });
        opening.join().unwrap()
    });
    assert!(opened.is_some_and(|error| error.contains("and the input allows 4096")));
}

#[test]
fn ring_beyond_the_limit_of_its_own_end_is_an_error_of_open() {
    const LARGE: MessageInfo = MessageInfo { layouts: &[(1, 65_520, 0xfeed)], ..TICK };
    let place = Place::new();
    let open = |messages: &'static [MessageInfo], slots, config: &Config| {
        let spec = LinkSpec::new("it", Address::shm("/unused"), "demo", messages);
        ShmLink::open(spec, ShmOptions { slots, ..ShmOptions::default() }, config).err().map(|e| e.to_string())
    };
    for (messages, slots, bytes) in [(&[LARGE] as &[_], 1024, "67174400"), (&[TICK], 1 << 20, "134217728")] {
        let error = open(messages, slots, &place.config()).unwrap();
        for part in ["link `it`", bytes, "`Limits::ring_bytes` allows (67108864)", "use fewer `slots`"] {
            assert!(error.contains(part), "`{part}` in {error}");
        }
        let limits = Limits { ring_bytes: 256 << 20, ..Limits::default() };
        assert_eq!(open(messages, slots, &place.config().limits(limits)), None);
    }
}

/// The ring is sized for what is sent: a large message that an older input does not know does not keep the others out.
#[test]
fn ring_is_no_larger_than_the_accepted_messages_need() {
    let place = Place::new();
    let spec = InputSpec::new("it", Address::shm("/unused"), "demo", &[TICK]);
    let limits = Limits { ring_bytes: 64 * 128, ..Limits::default() };
    let mut input = ShmInput::open(spec, ShmOptions::default(), &place.config().limits(limits)).unwrap();
    let mut link = place.link(OnFull::Error, 64);
    connect(&mut link, &mut input);
    assert_eq!(link.send_bytes(WIDE.id, &[0; 600]), Ok(()));
    send(&mut link, 5).unwrap();
    assert_eq!(take(&mut input), [5]);
    assert_eq!((link.stats().not_accepted, link.stats().dropped(), input.stats().gaps), (1, 0, 0));
}

#[test]
fn socket_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let _input = place.input();
    assert_eq!(std::fs::metadata(&place.0).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn silent_clients_are_dropped_and_affect_no_other() {
    let place = Place::new();
    let limits = Limits { handshake: Duration::from_millis(30), pending: 8, ..Limits::default() };
    let mut input = place.input_of(BOTH, &place.config().limits(limits));
    let mut silent = Vec::new();
    for _ in 0..40 {
        silent.push(unix::dial(&place.0, SocketType::SEQPACKET).unwrap());
        take(&mut input);
    }
    let mut link = place.link(OnFull::Error, 4);
    connect(&mut link, &mut input);
    until("time-outs", || {
        take(&mut input);
        let stats = input.stats();
        stats.timed_out + stats.refused_busy == 40
    });
    assert!(input.timer().is_none());
}
