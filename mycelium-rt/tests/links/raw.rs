//! A hand-written peer, which can send anything.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::{UnixListener, UnixStream};

use mycelium_rt::MessageInfo;
use mycelium_rt::link::{StreamInput, StreamLink};
use mycelium_rt::wire::{FrameHeader, HANDSHAKE_PREFIX, Handshake, Hello, Role};

use super::path::{BOTH, Receiver, TICK, until};
use super::streams::{Streams, TcpPath, UnixPath};

/// One end of a non-blocking stream.
pub(crate) struct Raw(Box<dyn ReadWrite>);

/// What can be done with a stream of either kind.
trait ReadWrite: Read + Write {}

impl<T: Read + Write> ReadWrite for T {}

impl From<UnixStream> for Raw {
    fn from(stream: UnixStream) -> Self {
        stream.set_nonblocking(true).unwrap();
        Self(Box::new(stream))
    }
}

impl From<TcpStream> for Raw {
    fn from(stream: TcpStream) -> Self {
        stream.set_nonblocking(true).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(Box::new(stream))
    }
}

/// A path that a hand-written peer can connect to.
pub(crate) trait RawPath: Streams {
    fn connect(&self) -> Raw;
}

impl RawPath for UnixPath {
    fn connect(&self) -> Raw {
        UnixStream::connect(self.0.socket()).unwrap().into()
    }
}

impl RawPath for TcpPath {
    fn connect(&self) -> Raw {
        TcpStream::connect(&self.0).unwrap().into()
    }
}

impl Raw {
    /// From a non-blocking stream, whatever is below it.
    #[cfg(feature = "tls")]
    pub(crate) fn of(stream: impl Read + Write + 'static) -> Self {
        Self(Box::new(stream))
    }

    /// A client that has shaken hands correctly, to send [`BOTH`].
    pub(crate) fn greeted(path: &impl RawPath, input: &mut StreamInput) -> Self {
        let mut raw = path.connect();
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

    /// Returns whether all of `bytes` could be written at once.
    pub(crate) fn say(&mut self, bytes: &[u8]) -> bool {
        self.0.write(bytes).is_ok_and(|count| count == bytes.len())
    }

    /// Appends what there is to read; returns whether the other end has closed.
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
        accepted.unwrap().0.into()
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

/// A frame of a [`TICK`] that carries `number`, modified by `change`.
pub(crate) fn tick(number: u64, change: impl FnOnce(&mut FrameHeader)) -> Vec<u8> {
    let mut header = FrameHeader { len: 8, type_id: TICK.id, version: 1, seq: number };
    change(&mut header);
    [&header.to_bytes()[..], &number.to_le_bytes()].concat()
}
