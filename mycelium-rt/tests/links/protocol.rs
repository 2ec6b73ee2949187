//! Programs of protocol version 1, by recordings of what they sent: the two versions don't exchange messages, and both
//! report why.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;

use mycelium_rt::link::{OnFull, SendError, Status, StreamLink};
use mycelium_rt::wire::{PROTOCOL, Refusal};
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketAddrUnix, SocketFlags, SocketType, accept_with, bind, connect, listen,
    recv, send, socket_with,
};

use super::path::{BOTH, Options, Path, Receiver, Sender, TICK, until};
use super::raw::{Raw, RawPath};
use super::shared_memory::ShmPath;
use super::streams::{TcpPath, UnixPath};

const OTHER_VERSION: Refusal = Refusal::Protocol { ours: PROTOCOL, theirs: 1 };
const FLAGS: SocketFlags = SocketFlags::CLOEXEC.union(SocketFlags::NONBLOCK);

/// What a program of version 1 sent, by its name in the recording.
fn recorded(name: &str) -> Vec<u8> {
    let mut lines = include_str!("recorded-1.txt").lines().filter_map(|line| line.split_once(' '));
    let (_, hex) = lines.find(|(known, _)| *known == name).expect("it is recorded");
    let digits: Vec<_> = hex.chars().map(|digit| digit.to_digit(16).unwrap() as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// A rejection as version 1 reads it, which is as it writes it: the recorded one, with the versions of the two sides
/// exchanged.
fn as_version_1_reads_it(rejection: &str) -> Vec<u8> {
    let mut bytes = recorded(rejection);
    let at = bytes.len() - 4;
    bytes[at..].rotate_left(2);
    bytes
}

fn options() -> Options {
    Options { on_full: OnFull::Block, ..Options::default() }
}

#[test]
fn the_record_is_of_version_1_with_the_messages_of_these_tests() {
    let hello = recorded("unix-hello");
    assert_eq!(hello[..16], *b"mycelium\x01\0\x01\0\x53\0\0\0");
    let today = super::raw::hello(mycelium_rt::wire::Role::Sender, BOTH).encode().unwrap();
    // Except for the version, session and next number, nothing in it has changed.
    assert_eq!((hello[10..16].to_vec(), hello[32..].to_vec()), (today[10..16].to_vec(), today[32..].to_vec()));
}

fn an_older_sender_learns_the_version<P: RawPath>() {
    let path = P::new();
    let mut input = path.receiver(BOTH);
    let mut raw = path.connect();
    assert!(raw.say(&recorded("unix-hello")));
    let mut heard = Vec::new();
    until("the link gets the refusal", || {
        input.take(&mut Vec::new());
        raw.hear(&mut heard)
    });
    assert_eq!(heard, as_version_1_reads_it("unix-reject-of-version-2"));
    let stats = input.stats();
    assert_eq!((stats.refused, stats.corrupt, stats.connects, input.peers()), (1, 0, 0, 0));
}

#[test]
fn an_older_sender_learns_the_version_over_unix() {
    an_older_sender_learns_the_version::<UnixPath>();
}

#[test]
fn an_older_sender_learns_the_version_over_tcp() {
    an_older_sender_learns_the_version::<TcpPath>();
}

#[test]
fn a_link_reports_the_version_of_an_older_receiver() {
    // An input of version 1 answers with the second; it sends the first to a peer of its own version. Neither is mistaken
    // for the other.
    for answer in ["unix-accept", "unix-reject-of-version-2"] {
        let path = UnixPath::new();
        let server = UnixListener::bind(path.0.socket()).unwrap();
        let mut link = path.sender(options());
        let mut raw = Raw::accept(&server, &mut link);
        raw.answer(&mut link, &recorded(answer));
        until("the link is refused", || StreamLink::poll(&mut link) == Status::Refused);
        assert_eq!(link.refusal(), Some(&OTHER_VERSION));
        assert_eq!((link.stats().refused, link.stats().corrupt), (1, 0));
        // Waiting for it would never end.
        assert_eq!(link.send_number(1), Err(SendError::Refused));
    }
    let text = OTHER_VERSION.to_string();
    assert!(text.starts_with("this side speaks protocol version 2, the peer version 1"), "{text}");
}

fn packets() -> OwnedFd {
    socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, FLAGS, None).unwrap()
}

fn packet(socket: &OwnedFd) -> Option<Vec<u8>> {
    let mut space = vec![0; 1 << 15];
    let (len, _) = recv(socket, &mut *space, RecvFlags::empty()).ok()?;
    space.truncate(len);
    Some(space)
}

#[test]
fn an_older_sender_learns_the_version_over_shared_memory() {
    let path = ShmPath::new();
    let mut input = path.receiver(BOTH);
    let peer = packets();
    connect(&peer, &SocketAddrUnix::new(path.0.socket().as_str()).unwrap()).unwrap();
    send(&peer, &recorded("shm-hello"), SendFlags::empty()).unwrap();
    let mut heard = None;
    until("the link gets the refusal", || {
        input.take(&mut Vec::new());
        heard = packet(&peer);
        heard.is_some()
    });
    assert_eq!(heard.unwrap(), as_version_1_reads_it("shm-reject-of-version-2"));
    let stats = Receiver::stats(&input);
    assert_eq!((stats.refused, stats.corrupt, stats.connects), (1, 0, 0));
}

#[test]
fn a_link_reports_the_version_of_an_older_receiver_over_shared_memory() {
    for answer in ["shm-accept", "shm-reject-of-version-2"] {
        let path = ShmPath::new();
        let server = packets();
        bind(&server, &SocketAddrUnix::new(path.0.socket().as_str()).unwrap()).unwrap();
        listen(&server, 4).unwrap();
        let mut link = path.sender(options());
        let mut peer = None;
        until("the link dials", || {
            Sender::poll(&mut link);
            peer = accept_with(&server, FLAGS).ok();
            peer.is_some()
        });
        let peer = peer.unwrap();
        until("it says hello", || {
            Sender::poll(&mut link);
            packet(&peer).is_some()
        });
        send(&peer, &recorded(answer), SendFlags::empty()).unwrap();
        until("the link is refused", || link.poll() == Status::Refused);
        assert_eq!(link.refusal(), Some(&OTHER_VERSION));
        assert_eq!((link.stats().refused, link.stats().corrupt), (1, 0));
        assert_eq!(Sender::send(&mut link, TICK.id, &[0; 8]), Err(SendError::Refused));
    }
}
