//! A whole input, and a whole link, over a Unix socket whose other end sends arbitrary bytes.

use std::fs;
use std::io::Write;
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::Instant;

use mycelium_rt::link::{Address, InputSpec, LinkSpec, OnFull, Status, StreamInput, StreamLink};
use mycelium_rt::wire::{Handshake, Hello, Role, SendBuffer};

use super::common::{BOTH, ODD, STEPS, TICK, config, is_whole, path};

/// The first byte chooses input or link, the second is the size of the pieces in which the others are sent. Returns the number of received
/// messages or accepted handshakes.
pub fn run(data: &[u8]) -> usize {
    let [side, piece, sent @ ..] = data else { return 0 };
    let pieces = sent.chunks(usize::from(*piece) + 1);
    if side.is_multiple_of(2) { to_input(pieces) } else { to_link(pieces) }
}

fn to_input<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> usize {
    let path = path("stream");
    let mut input = StreamInput::open(InputSpec::new("it", Address::unix("/"), "test", BOTH), &config(&path)).unwrap();
    let mut peer = UnixStream::connect(&path).unwrap();
    peer.set_nonblocking(true).unwrap();
    let (mut delivered, mut sent) = (0, 0);
    let mut poll = |input: &mut StreamInput| {
        delivered += input.poll(|id, _, body| {
            assert!(is_whole(id, body));
            if body.first() == Some(&0xff) { Err("not allowed") } else { Ok(()) }
        });
        assert!(input.peers() <= 1);
    };
    for piece in pieces {
        sent += peer.write(piece).unwrap_or(0);
        poll(&mut input);
    }
    let _ = peer.shutdown(Shutdown::Write);
    for step in 0.. {
        poll(&mut input);
        if input.peers() == 0 && input.timer().is_none() {
            break;
        }
        assert!(step < STEPS, "the peer is gone, but its connection stays");
    }
    let stats = input.stats();
    assert!(stats.received as usize == delivered && delivered <= sent / 24);
    assert!(stats.connects == stats.disconnects && stats.connects <= 1);
    delivered
}

fn to_link<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> usize {
    let path = path("stream");
    let listener = UnixListener::bind(&path).unwrap();
    let spec = LinkSpec { on_full: OnFull::DropNewest, ..LinkSpec::new("it", Address::unix("/"), "test", BOTH) };
    let mut link = StreamLink::open(spec, &config(&path)).unwrap();
    let (mut peer, _) = listener.accept().unwrap();
    fs::remove_file(&path).unwrap();
    peer.set_nonblocking(true).unwrap();
    for piece in pieces {
        let _ = peer.write(piece);
        // Takes the next step at once; a poll does so only sometimes.
        let _ = link.wait_for_peer(Instant::now());
        link.send_bytes(TICK.id, &[1; 8]).unwrap();
    }
    drop(peer);
    for step in 0.. {
        // When the peer is gone, the link waits for an hour.
        let _ = link.wait_for_peer(Instant::now());
        let stats = link.stats();
        if stats.disconnects + stats.connect_failures + stats.corrupt + stats.refused > 0
            && link.status() != Status::Connected
        {
            break;
        }
        assert!(step < STEPS, "the peer is gone, but the link does not notice");
    }
    let stats = link.stats();
    assert!(stats.connects == stats.disconnects && stats.sent <= stats.connects * 1_000_000);
    stats.connects as usize
}

/// Accepted bytes.
pub fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let hello = |role, messages| Hello::new(role, "test", messages).expect("valid messages");
    let encode = |part: Handshake| part.encode().expect("it fits in");
    let mut frames = SendBuffer::new(4096, 64);
    assert!(frames.push(TICK.id, 1, 0, &[5; 8]) && frames.push(ODD.id, 3, 2, &[6; 13]));
    let greeted = [encode(Handshake::Hello(hello(Role::Sender, BOTH))), frames.unwritten().to_vec()].concat();
    let refused_body = [greeted.clone(), {
        frames.push(TICK.id, 1, 3, &[0xff; 8]);
        frames.unwritten().to_vec()
    }]
    .concat();
    let with = |side: u8, piece: u8, bytes: Vec<u8>| [vec![side, piece], bytes].concat();
    vec![
        ("input", with(0, 255, greeted.clone())),
        ("input-in-pieces", with(0, 3, greeted)),
        ("input-body", with(0, 100, refused_body)),
        ("link", with(1, 255, encode(Handshake::Accept(hello(Role::Receiver, BOTH))))),
        ("link-in-pieces", with(1, 6, encode(Handshake::Accept(hello(Role::Receiver, BOTH))))),
    ]
}
