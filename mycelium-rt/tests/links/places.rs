//! Which connections get a place at an input, and what the others are told. The same over sockets and shared memory.

use std::convert::Infallible;

use mycelium_rt::link::{
    Address, InputSpec, Limits, LinkSpec, LinkStats, OnFull, Status, StreamInput, StreamLink, Users,
};
use mycelium_rt::shm::{ShmInput, ShmLink, ShmOptions};
use mycelium_rt::wire::{Handshake, Hello, Refusal, Role};
use mycelium_rt::{Config, MessageInfo};

use super::path::{BOTH, Path, Receiver, TICK, until};
use super::raw::{Raw, RawPath, tick};
use super::shared_memory::ShmPath;
use super::streams::{Streams, TcpPath, UnixPath};

/// A message that agrees with none of [`BOTH`].
const OTHER: &[MessageInfo] = &[MessageInfo { layouts: &[(1, 8, 0xbad)], ..TICK }];

/// Both ends of a path, as far as these tests need them.
trait Ends: Path {
    type Link;
    type Input;

    fn input(&self, config: Config) -> Self::Input;
    fn link(&self, messages: &'static [MessageInfo]) -> Self::Link;
    fn drive(link: &mut Self::Link) -> (Status, Option<Refusal>);
    fn take(input: &mut Self::Input) -> (usize, LinkStats);
}

macro_rules! ends {
    ($path:ty, $link:ty, $input:ty, $scheme:ident, $place:expr $(, $options:expr)?) => {
        impl Ends for $path {
            type Link = $link;
            type Input = $input;

            fn input(&self, config: Config) -> $input {
                let spec = InputSpec::new("feed", Address::$scheme("localhost:1"), "test", BOTH);
                <$input>::open(spec, $($options,)? &config.address("feed", &$place(self))).unwrap()
            }
            fn link(&self, messages: &'static [MessageInfo]) -> $link {
                let spec = LinkSpec::new("desk", Address::$scheme("localhost:1"), "test", messages);
                let config = Config::new().address("desk", &$place(self));
                <$link>::open(LinkSpec { on_full: OnFull::Error, ..spec }, $($options,)? &config).unwrap()
            }
            fn drive(link: &mut $link) -> (Status, Option<Refusal>) {
                (link.poll(), link.refusal().cloned())
            }
            fn take(input: &mut $input) -> (usize, LinkStats) {
                input.poll(|_, _, _| Ok::<(), Infallible>(()));
                (input.peers(), input.stats())
            }
        }
    };
}

ends!(UnixPath, StreamLink, StreamInput, unix, |path: &UnixPath| path.0.socket());
ends!(TcpPath, StreamLink, StreamInput, tcp, |path: &TcpPath| path.0.clone());
ends!(ShmPath, ShmLink, ShmInput, shm, |path: &ShmPath| path.0.socket(), ShmOptions::default());

/// The outcome for a link.
#[track_caller]
fn outcome<P: Ends>(link: &mut P::Link, input: &mut P::Input) -> Option<Refusal> {
    let mut outcome = None;
    until("the link gets the refusal", || {
        P::take(input);
        outcome = Some(P::drive(link));
        matches!(outcome, Some((Status::Connected | Status::Refused, _)))
    });
    outcome.and_then(|(_, refusal)| refusal)
}

fn room_for(connections: usize) -> Config {
    Config::new().limits(Limits { connections, ..Limits::default() })
}

/// It could be told to wait, and would then be refused once there is a place.
fn a_full_input_says_so_to_peers_that_can_never_stay<P: Ends>() {
    let path = P::new();
    let mut input = path.input(room_for(1));
    let mut first = path.link(BOTH);
    assert_eq!(outcome::<P>(&mut first, &mut input), None);
    let mut other = path.link(OTHER);
    assert!(matches!(outcome::<P>(&mut other, &mut input), Some(Refusal::Message(it)) if it.id == TICK.id));
    let mut late = path.link(BOTH);
    assert_eq!(outcome::<P>(&mut late, &mut input), Some(Refusal::Busy));
    let (peers, stats) = P::take(&mut input);
    assert_eq!((peers, stats.connects, stats.refused > 0, stats.refused_busy > 0), (1, 1, true, true));
}

/// If two users may connect, each gets half of the places; connections over TCP belong to no user.
fn a_user_gets_its_share_of_the_places<P: Ends>(share: Option<Refusal>) {
    let user = rustix::process::geteuid().as_raw();
    let path = P::new();
    let mut input = path.input(room_for(2).users(Users::Ids(vec![user, user + 1])));
    let (mut first, mut second) = (path.link(BOTH), path.link(BOTH));
    assert_eq!(outcome::<P>(&mut first, &mut input), None);
    assert_eq!(outcome::<P>(&mut second, &mut input), share);
    drop(first);
    until("the place is free", || {
        P::take(&mut input);
        P::drive(&mut second).0 == Status::Connected
    });
}

#[test]
fn a_full_input_says_so_to_peers_that_can_never_stay_over_unix() {
    a_full_input_says_so_to_peers_that_can_never_stay::<UnixPath>();
}

#[test]
fn a_full_input_says_so_to_peers_that_can_never_stay_over_tcp() {
    a_full_input_says_so_to_peers_that_can_never_stay::<TcpPath>();
}

#[test]
fn a_full_input_says_so_to_peers_that_can_never_stay_over_shared_memory() {
    a_full_input_says_so_to_peers_that_can_never_stay::<ShmPath>();
}

#[test]
fn a_user_gets_its_share_of_the_places_over_unix() {
    a_user_gets_its_share_of_the_places::<UnixPath>(Some(Refusal::Busy));
}

#[test]
fn a_user_gets_its_share_of_the_places_over_shared_memory() {
    a_user_gets_its_share_of_the_places::<ShmPath>(Some(Refusal::Busy));
}

#[test]
fn peers_over_tcp_belong_to_no_user() {
    a_user_gets_its_share_of_the_places::<TcpPath>(None);
}

/// Says hello as the sender of a session; returns the answer.
fn greet(path: &UnixPath, input: &mut StreamInput, session: u64, messages: &[MessageInfo]) -> (Raw, Handshake) {
    let mut raw = path.connect();
    let hello = Hello { session, ..Hello::new(Role::Sender, "test", messages).unwrap() };
    assert!(raw.say(&Handshake::Hello(hello).encode().unwrap()));
    let mut answer = Vec::new();
    until("the input answers", || {
        input.take(&mut Vec::new());
        raw.hear(&mut answer);
        Handshake::length(&answer).unwrap() == Some(answer.len())
    });
    (raw, Handshake::decode(&answer).unwrap())
}

#[test]
fn a_returning_sender_has_its_own_place_and_no_other() {
    let path = UnixPath::new();
    let mut input = Streams::input(&path, Limits { connections: 1, ..Limits::default() });
    let (mut first, answer) = greet(&path, &mut input, 7, BOTH);
    assert!(matches!(answer, Handshake::Accept(_)));
    // With messages that don't agree it replaces no other connection.
    let (_, answer) = greet(&path, &mut input, 7, OTHER);
    assert!(matches!(answer, Handshake::Reject(Refusal::Message(_))), "{answer:?}");
    let (_, answer) = greet(&path, &mut input, 8, BOTH);
    assert_eq!(answer, Handshake::Reject(Refusal::Busy));
    assert!(first.say(&tick(1, |it| it.seq = 0)) && !first.is_closed());
    let (mut second, answer) = greet(&path, &mut input, 7, BOTH);
    assert!(matches!(answer, Handshake::Accept(Hello { session: 7, next: 1, .. })), "{answer:?}");
    assert!(first.is_closed() && !second.is_closed());
    let stats = input.stats();
    assert_eq!((input.peers(), stats.connects, stats.reconnects, stats.received), (1, 2, 1, 1));
}
