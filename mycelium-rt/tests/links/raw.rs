//! A peer made by hand, which can say whatever it likes.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};

use mycelium_rt::MessageInfo;
use mycelium_rt::link::{StreamInput, StreamLink};
use mycelium_rt::wire::{FrameHeader, HANDSHAKE_PREFIX, Handshake, Hello, Role};

use super::path::{BOTH, Receiver, TICK, until};
use super::streams::UnixPath;

/// One end of a Unix stream that does not block.
pub(crate) struct Raw(pub(crate) UnixStream);

impl Raw {
    pub(crate) fn connect(path: &UnixPath) -> Self {
        let stream = UnixStream::connect(path.0.socket()).unwrap();
        stream.set_nonblocking(true).unwrap();
        Self(stream)
    }

    /// A client that has shaken hands properly, to send [`BOTH`].
    pub(crate) fn greeted(path: &UnixPath, input: &mut StreamInput) -> Self {
        let mut raw = Self::connect(path);
        assert!(raw.say(&hello(Role::Sender, BOTH).encode().unwrap()));
        let mut answer = Vec::new();
        until("the input answers", || {
            assert_eq!(input.take(&mut Vec::new()), 0);
            raw.hear(&mut answer);
            Handshake::length(&answer).unwrap() == Some(answer.len())
        });
        assert!(matches!(Handshake::decode(&answer), Ok(Handshake::Accept(_))));
        raw
    }

    /// Whether all of `bytes` could be written at once.
    pub(crate) fn say(&mut self, bytes: &[u8]) -> bool {
        self.0.write(bytes).is_ok_and(|count| count == bytes.len())
    }

    /// Appends what there is to read; says whether the other end has closed.
    pub(crate) fn hear(&mut self, bytes: &mut Vec<u8>) -> bool {
        let mut space = [0; 4096];
        match self.0.read(&mut space) {
            Ok(0) => true,
            Ok(count) => {
                bytes.extend_from_slice(&space[..count]);
                false
            }
            Err(error) => error.kind() != ErrorKind::WouldBlock,
        }
    }

    pub(crate) fn is_closed(&mut self) -> bool {
        self.hear(&mut Vec::new())
    }

    /// As the listening side: the next connection of `link`.
    pub(crate) fn accept(server: &UnixListener, link: &mut StreamLink) -> Self {
        server.set_nonblocking(true).unwrap();
        let mut accepted = None;
        until("the link dials", || {
            link.poll();
            accepted = server.accept().ok();
            accepted.is_some()
        });
        let (stream, _) = accepted.unwrap();
        stream.set_nonblocking(true).unwrap();
        Self(stream)
    }

    /// As the listening side: waits for the `Hello` of a link, and gives this answer.
    pub(crate) fn answer(&mut self, link: &mut StreamLink, answer: &[u8]) {
        let mut heard = Vec::new();
        until("the link says hello", || {
            link.poll();
            self.hear(&mut heard);
            heard.len() >= HANDSHAKE_PREFIX && Handshake::length(&heard).unwrap() == Some(heard.len())
        });
        assert!(self.say(answer));
    }
}

pub(crate) fn hello(role: Role, messages: &[MessageInfo]) -> Handshake {
    Handshake::Hello(Hello::new(role, "test", messages).unwrap())
}

/// A frame of a [`TICK`] that carries `number`, after `change`.
pub(crate) fn tick(number: u64, change: impl FnOnce(&mut FrameHeader)) -> Vec<u8> {
    let mut header = FrameHeader { len: 8, type_id: TICK.id, version: 1, seq: number };
    change(&mut header);
    [&header.to_bytes()[..], &number.to_le_bytes()].concat()
}
