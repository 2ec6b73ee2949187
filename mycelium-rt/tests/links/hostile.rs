//! Peers that lie, are slow, come in crowds, or never read: each loses its own connection at most.

use std::os::unix::net::UnixListener;
use std::time::{Duration, Instant};

use mycelium_rt::Config;
use mycelium_rt::MessageInfo;
use mycelium_rt::link::{Address, Batch, Limits, LinkStats, OnFull, SendError, Status, StreamInput, StreamLink};
use mycelium_rt::wire::{FrameHeader, Handshake, Hello, Role, frame_size};

use super::path::{BAR, BOTH, Options, Path, Receiver, Sender, TICK, connect, until};
use super::raw::{Raw, RawPath, hello, tick};
use super::streams::{TcpPath, UnixPath, link};

/// An input, a good sender that is connected to it, and the path of both.
pub(crate) struct Scene<P = UnixPath> {
    pub(crate) path: P,
    pub(crate) input: StreamInput,
    good: StreamLink,
    next: u64,
}

impl Scene {
    fn new(limits: Limits) -> Self {
        Self::over(limits)
    }
}

impl<P: RawPath> Scene<P> {
    pub(crate) fn over(limits: Limits) -> Self {
        let path = P::new();
        let mut input = path.input(limits);
        let mut good = path.sender(Options::default());
        connect(&mut good, &mut input);
        Self { path, input, good, next: 0 }
    }

    /// The good sender's messages still arrive, on its first connection.
    #[track_caller]
    pub(crate) fn others_go_on(&mut self) {
        self.good.send_number(self.next).unwrap();
        let (input, mut numbers) = (&mut self.input, Vec::new());
        until("the good sender is heard", || input.take(&mut numbers) > 0);
        assert_eq!(numbers, [self.next]);
        assert_eq!(self.good.stats().connects, 1);
        self.next += 1;
    }
}

#[test]
fn a_malformed_frame_ends_its_own_connection_with_a_counted_reason() {
    type Counter = fn(&LinkStats) -> u64;
    let corrupt: Counter = |stats| stats.corrupt;
    let frame = |size: usize, padding: u8| {
        let mut bytes = FrameHeader { len: size as u32, type_id: 30, version: 1, seq: 0 }.to_bytes().to_vec();
        bytes.extend(vec![padding; frame_size(size) - 16]);
        bytes
    };
    let lies: [(&str, Vec<u8>, Counter); 8] = [
        ("short", tick(0, |it| it.len = 7), corrupt),
        ("long", tick(0, |it| it.len = 9), corrupt),
        ("huge", tick(0, |it| it.len = u32::MAX), corrupt),
        ("of another version", tick(0, |it| it.version = 2), corrupt),
        ("of another type", tick(0, |it| it.type_id = BAR.id), corrupt),
        ("unlisted", frame(8, 0), |stats| stats.unlisted),
        ("the last of all", tick(0, |it| it.seq = u64::MAX), corrupt),
        ("twice the same", [tick(1, |it| it.seq = 4), tick(2, |it| it.seq = 4)].concat(), corrupt),
    ];
    let mut scene = Scene::new(Limits::default());
    for (lie, bytes, counter) in lies {
        let before = counter(&scene.input.stats());
        let mut liar = Raw::greeted(&scene.path, &mut scene.input);
        assert!(liar.say(&bytes));
        until(lie, || {
            scene.input.take(&mut Vec::new());
            liar.is_closed()
        });
        assert_eq!(counter(&scene.input.stats()), before + 1, "{lie}");
        scene.others_go_on();
    }
    assert_eq!(scene.input.peers(), 1);
}

#[test]
fn nonzero_padding_ends_the_connection() {
    const ODD: &[MessageInfo] = &[MessageInfo { layouts: &[(1, 13, 1)], ..TICK }];
    let path = UnixPath::new();
    let mut input = path.receiver(ODD);
    for (padding, closed) in [([0, 0, 0], false), ([0, 0, 1], true), ([1, 0, 0], true)] {
        let mut raw = path.connect();
        assert!(raw.say(&hello(Role::Sender, ODD).encode().unwrap()));
        let mut answer = Vec::new();
        until("the input answers", || {
            StreamInput::poll(&mut input, |_, _, _| Err("no message is due"));
            raw.hear(&mut answer);
            !answer.is_empty()
        });
        let header = FrameHeader { len: 13, type_id: TICK.id, version: 1, seq: 0 };
        assert!(raw.say(&[&header.to_bytes()[..], &[5; 13], &padding].concat()));
        let (mut delivered, before) = (0, input.stats().corrupt);
        until("the frame is judged", || {
            delivered += StreamInput::poll(&mut input, |_, _, _| Ok::<(), &str>(()));
            delivered == 1 || input.stats().corrupt > before
        });
        assert_eq!((delivered == 0, raw.is_closed()), (closed, closed));
    }
}

#[test]
fn a_body_that_violates_its_contract_ends_the_connection() {
    let mut scene = Scene::new(Limits::default());
    let mut liar = Raw::greeted(&scene.path, &mut scene.input);
    assert!(liar.say(&[tick(1, |_| {}), tick(2, |_| {}), tick(3, |it| it.seq = 9)].concat()));
    let mut delivered = 0;
    until("the liar is out", || {
        delivered += StreamInput::poll(&mut scene.input, |_, _, body| if body[0] == 2 { Err("two") } else { Ok(()) });
        liar.is_closed()
    });
    let stats = scene.input.stats();
    assert_eq!((delivered, stats.received, stats.invalid), (1, 1, 1));
    scene.others_go_on();
}

/// Sequence numbers of peers are added to counters. One that is not plausible closes the connection and is not counted.
#[test]
fn an_implausible_sequence_number_counts_as_corrupt() {
    for far in [u64::MAX - 1, 1 << 63, 1 << 60, 1 << 50] {
        let mut scene = Scene::new(Limits::default());
        let mut liar = Raw::greeted(&scene.path, &mut scene.input);
        assert!(liar.say(&[tick(1, |it| it.seq = 0), tick(2, |it| it.seq = far)].concat()));
        let mut delivered = 0;
        until("the liar is out", || {
            delivered += StreamInput::poll(&mut scene.input, |_, _, _| Ok::<(), &str>(()));
            liar.is_closed()
        });
        let stats = scene.input.stats();
        assert_eq!((delivered, stats.received, stats.corrupt, stats.gaps), (1, 1, 1, 0), "{far}");
        scene.others_go_on();
    }
}

/// Hundreds of invented sessions, some of which deliver something, do not make an input forget a sender.
#[test]
fn invented_sessions_do_not_make_an_input_forget_a_sender() {
    let path = UnixPath::new();
    let mut input = path.receiver(BOTH);
    let greet = |session: u64, input: &mut StreamInput| {
        let mut raw = path.connect();
        let hello = Hello { session, ..Hello::new(Role::Sender, "test", BOTH).unwrap() };
        assert!(raw.say(&Handshake::Hello(hello).encode().unwrap()));
        let mut answer = Vec::new();
        until("the input answers", || {
            input.take(&mut Vec::new());
            raw.hear(&mut answer);
            Handshake::length(&answer).unwrap() == Some(answer.len())
        });
        match Handshake::decode(&answer) {
            Ok(Handshake::Accept(hello)) => (raw, hello.session, hello.next),
            other => panic!("{other:?}"),
        }
    };
    let deliver = |session: u64, count: u64, input: &mut StreamInput| {
        let (mut raw, ..) = greet(session, input);
        let frames: Vec<_> = (0..count).flat_map(|seq| tick(1, |it| it.seq = seq)).collect();
        assert!(raw.say(&frames));
        let before = input.stats();
        drop(raw);
        until("it has gone", || {
            input.take(&mut Vec::new());
            input.stats().disconnects > before.disconnects
        });
    };
    deliver(77, 20, &mut input);
    for made_up in 1000..1200 {
        deliver(made_up, made_up % 3, &mut input);
    }
    let (_, session, next) = greet(77, &mut input);
    assert_eq!((session, next), (77, 20));
}

#[test]
fn an_incomplete_frame_is_never_delivered() {
    let mut scene = Scene::new(Limits::default());
    let whole = tick(1, |it| it.seq = 0);
    for end in 1..whole.len() {
        let mut half = Raw::greeted(&scene.path, &mut scene.input);
        assert!(half.say(&whole[..end]));
        scene.others_go_on();
        drop(half);
        until("it is gone", || {
            assert_eq!(scene.input.take(&mut Vec::new()), 0);
            scene.input.peers() == 1
        });
    }
    assert_eq!(scene.input.stats().corrupt, 0);
}

/// Peers that stop within a frame: just before its end, in its header, and one that continues byte by byte, but not in time.
fn an_incomplete_frame_runs_out_of_time<P: RawPath>() {
    // Long enough for two polls between any two rounds, which the good sender needs.
    let mut scene = Scene::<P>::over(Limits { frame: Duration::from_millis(100), ..Limits::default() });
    let mut idle = Raw::greeted(&scene.path, &mut scene.input);
    let mut between = Raw::greeted(&scene.path, &mut scene.input);
    assert!(between.say(&tick(1, |it| it.seq = 0)));
    until("it is heard", || scene.input.take(&mut Vec::new()) == 1);
    let whole = tick(1, |it| it.seq = 0);
    let mut stuck: Vec<_> = [1, 15, 16, whole.len() - 1]
        .map(|end| {
            let mut raw = Raw::greeted(&scene.path, &mut scene.input);
            assert!(raw.say(&whole[..end]));
            raw
        })
        .into();
    let mut slow = Raw::greeted(&scene.path, &mut scene.input);
    let mut bytes = whole[..whole.len() - 1].iter();
    until("they are out", || {
        if let Some(&byte) = bytes.next() {
            slow.say(&[byte]);
        }
        scene.others_go_on();
        if let Some(due) = scene.input.timer() {
            scene.input.wait(due.saturating_duration_since(Instant::now()));
        }
        scene.input.peers() == 3
    });
    assert!(stuck.iter_mut().chain([&mut slow]).all(Raw::is_closed));
    assert!(!idle.is_closed() && !between.is_closed());
    let stats = scene.input.stats();
    assert_eq!((stats.stalled, stats.corrupt, scene.input.timer()), (5, 0, None));
    for raw in [&mut idle, &mut between] {
        assert!(raw.say(&tick(4, |it| it.seq = 1)));
        until("it is heard", || scene.input.take(&mut Vec::new()) == 1);
    }
    scene.others_go_on();
}

#[test]
fn an_incomplete_frame_runs_out_of_time_over_unix() {
    an_incomplete_frame_runs_out_of_time::<UnixPath>();
}

#[test]
fn an_incomplete_frame_runs_out_of_time_over_tcp() {
    an_incomplete_frame_runs_out_of_time::<TcpPath>();
}

#[test]
fn a_slow_handshake_delays_no_other_and_runs_out_of_time() {
    let limits = Limits { handshake: Duration::from_millis(30), ..Limits::default() };
    let mut scene = Scene::new(limits);
    let bytes = hello(Role::Sender, BOTH).encode().unwrap();
    let mut slow: Vec<_> = (0..10).map(|_| scene.path.connect()).collect();
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
fn a_thousand_connections_are_survived() {
    let limits = Limits { pending: 8, connections: 4, ..Limits::default() };
    let mut scene = Scene::new(limits);
    let bytes = hello(Role::Sender, BOTH).encode().unwrap();
    let mut crowd = Vec::new();
    for number in 0..1000 {
        let mut raw = scene.path.connect();
        // Every second one says hello; the others only take up room.
        if number % 2 == 0 {
            raw.say(&bytes);
        }
        crowd.push(raw);
        scene.others_go_on();
        assert!(scene.input.peers() <= limits.connections);
    }
    until("the crowd is dealt with", || {
        scene.input.take(&mut Vec::new());
        let stats = scene.input.stats();
        stats.refused_busy >= 1000 - 3 - 8 && stats.connects == 4
    });
    let told = crowd.iter_mut().step_by(2).map(|raw| {
        let mut heard = Vec::new();
        raw.hear(&mut heard);
        matches!(Handshake::decode(&heard), Ok(Handshake::Reject(mycelium_rt::wire::Refusal::Busy)))
    });
    assert!(told.filter(|told| *told).count() > 0);
    // There is room again as soon as one leaves.
    drop(crowd);
    let mut late = scene.path.sender(Options::default());
    connect(&mut late, &mut scene.input);
    scene.others_go_on();
}

#[test]
fn a_busy_peer_does_not_starve_another() {
    let mut scene = Scene::new(Limits { turn: 10, ..Limits::default() });
    let mut busy = Raw::greeted(&scene.path, &mut scene.input);
    let flood: Vec<u8> = (0..3000).flat_map(|seq| tick(1, |it| it.seq = seq)).collect();
    assert!(busy.say(&flood));
    scene.good.send_number(2).unwrap();
    let mut numbers = Vec::new();
    for _ in 0..2 {
        assert!(scene.input.take(&mut numbers) <= 20);
    }
    assert!(numbers.contains(&2));
    until("the rest arrives", || {
        scene.input.take(&mut numbers);
        numbers.len() == 3001
    });
}

#[test]
fn a_server_that_sends_nonsense_is_disconnected_and_tried_again() {
    let accept = |hello: Hello| Handshake::Accept(hello).encode().unwrap();
    let receiver = |messages| Hello::new(Role::Receiver, "test", messages).unwrap();
    let mut garbled = accept(receiver(BOTH));
    garbled[20] ^= 0xff;
    garbled.truncate(24);
    type Counter = fn(&LinkStats) -> u64;
    let answers: [(&str, Vec<u8>, Counter); 6] = [
        ("http", b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), |stats| stats.corrupt),
        ("hello", hello(Role::Sender, BOTH).encode().unwrap(), |stats| stats.refused),
        ("another role", accept(Hello::new(Role::Sender, "test", BOTH).unwrap()), |stats| stats.refused),
        ("another layout", accept(receiver(&[MessageInfo { layouts: &[(1, 8, 1)], ..TICK }])), |stats| stats.refused),
        ("what was never sent", accept(Hello { session: 1, next: 1, ..receiver(BOTH) }), |stats| stats.corrupt),
        ("more than was asked for", [accept(receiver(BOTH)), vec![0; 8]].concat(), |stats| stats.corrupt),
    ];
    let path = UnixPath::new();
    let server = UnixListener::bind(path.0.socket()).unwrap();
    let mut link = path.sender(Options { on_full: OnFull::DropNewest, ..Options::default() });
    for (what, answer, counter) in answers {
        let before = counter(&link.stats());
        let mut raw = Raw::accept(&server, &mut link);
        raw.answer(&mut link, &answer);
        until(what, || {
            StreamLink::poll(&mut link);
            counter(&link.stats()) > before
        });
        until("another attempt", || {
            StreamLink::poll(&mut link);
            raw.is_closed()
        });
        // The next iteration accepts the next attempt.
        until("another attempt", || {
            StreamLink::poll(&mut link);
            link.interest().is_some()
        });
    }
}

#[test]
fn a_server_that_never_answers_is_given_up_in_time() {
    let path = UnixPath::new();
    let _server = UnixListener::bind(path.0.socket()).unwrap();
    let limits = Limits { handshake: Duration::from_millis(5), ..Limits::default() };
    let config = Config::new().limits(limits).address("desk", &path.0.socket());
    let mut link = link("desk", Address::unix("/"), &config, Options { on_full: OnFull::Error, ..Options::default() });
    until("it gives up twice", || {
        assert_ne!(StreamLink::poll(&mut link), Status::Connected);
        link.stats().connect_failures >= 2
    });
    assert_eq!(link.send_number(0), Err(SendError::Full));
}

#[test]
fn a_peer_that_never_reads_cannot_make_a_sender_grow_or_hang() {
    let path = UnixPath::new();
    let server = UnixListener::bind(path.0.socket()).unwrap();
    let options = Options { on_full: OnFull::DropNewest, small: true, batch: Batch::of(8), ..Options::default() };
    let mut link = path.sender(options);
    let mut raw = Raw::accept(&server, &mut link);
    let accept = Handshake::Accept(Hello::new(Role::Receiver, "test", BOTH).unwrap()).encode().unwrap();
    raw.answer(&mut link, &accept);
    until("connected", || StreamLink::poll(&mut link) == Status::Connected);
    super::path::fill(&mut link, 0, 1000);
    let before = Instant::now();
    assert!(StreamLink::close(&mut link, before + Duration::from_millis(5)) > 0);
    assert!(before.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_receiver_that_sends_more_than_its_handshake_is_disconnected_even_if_it_never_reads() {
    let path = UnixPath::new();
    let server = UnixListener::bind(path.0.socket()).unwrap();
    let mut link = path.sender(Options { on_full: OnFull::Error, small: true, ..Options::default() });
    let mut raw = Raw::accept(&server, &mut link);
    let accept = Handshake::Accept(Hello::new(Role::Receiver, "test", BOTH).unwrap()).encode().unwrap();
    raw.answer(&mut link, &accept);
    until("connected", || StreamLink::poll(&mut link) == Status::Connected);
    assert!(raw.say(b"more"));
    // Noticed by sending alone: an owner that waits for room polls nothing.
    super::path::fill(&mut link, 0, 1);
    assert_eq!((link.status(), link.stats().corrupt, link.stats().disconnects), (Status::Connecting, 1, 1));
}

#[test]
fn a_client_that_wants_to_receive_is_refused() {
    let path = UnixPath::new();
    let mut input = path.receiver(BOTH);
    let mut raw = path.connect();
    assert!(raw.say(&hello(Role::Receiver, BOTH).encode().unwrap()));
    let mut heard = Vec::new();
    until("the link gets the refusal", || {
        input.take(&mut Vec::new());
        raw.hear(&mut heard)
    });
    assert_eq!(Handshake::decode(&heard), Ok(Handshake::Reject(mycelium_rt::wire::Refusal::Role)));
}
