//! The receiving end of streams: listening sockets, and the peers whose connections they have accepted.

use std::borrow::Cow;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rustix::io::Errno;

use super::endpoint::Listener;
use super::handshake::Newcomer;
use super::socket::{Read, Socket, SocketError};
use crate::link::delivery::{Deliver, Taken};
use crate::link::sessions::Plausible;
use crate::link::transport::readiness::Readiness;
use crate::link::transport::receive::{Accepted, End, Event, Heard, Peer, RecvEnd, Remote};
use crate::link::unknown::{UnknownMessages, Welcome};
use crate::link::{Address, Config, Counters, InputSpec, LinkError};
use crate::sys::BorrowedFd;
use crate::wire::{Decoder, FrameError};

/// While there are peers to serve, newcomers are looked at once in this many turns, since it costs a system call; also after
/// each wait, and as long as they keep coming.
const LOOK_EVERY: u32 = 64;

/// With up to this many peers, each is asked for bytes; with more, the kernel is asked first which of them have any.
const ASK_EACH: usize = 4;

/// The sockets that listen at the addresses of one input, and what the kernel reports about all of its sockets.
#[derive(Debug)]
pub struct StreamRx {
    listeners: Vec<Listener>,
    readiness: Readiness,
    /// The size of each peer's read buffer, in bytes.
    capacity: usize,
    turn: u32,
    /// Whether to look at newcomers in the next turn.
    hurry: bool,
}

impl StreamRx {
    pub(super) fn bind(spec: &InputSpec, address: &Address, config: &Config) -> Result<Self, LinkError> {
        let listeners = Listener::bind(spec, address, config)?;
        let readiness = Readiness::listening(listeners.iter().map(Listener::handle)).map_err(|source| {
            LinkError::Io { link: spec.name.to_owned(), action: "wait for", address: address.to_string(), source }
        })?;
        Ok(Self { listeners, readiness, capacity: config.get_limits().receive_buffer, turn: 0, hurry: true })
    }
}

impl RecvEnd for StreamRx {
    type Newcomer = Newcomer;
    type Peer = StreamPeer;

    fn listeners(&self) -> usize {
        self.listeners.len()
    }

    fn local_address(&self, listener: usize) -> Option<SocketAddr> {
        self.listeners.get(listener)?.local_address()
    }

    fn accept(&mut self, listener: usize) -> Result<Accepted<Newcomer>, Errno> {
        let (socket, from) = self.listeners.get(listener).ok_or(Errno::WOULDBLOCK)?.accept()?;
        // A socket that cannot be watched is still read, only not waited for.
        let _ = self.readiness.watch(socket.handle(), Event::Newcomer);
        let acknowledges = matches!(from, Ok(Remote::Address(_)));
        Ok(Accepted { newcomer: Newcomer::new(socket, acknowledges), from })
    }

    fn set_listening(&mut self, listener: usize, on: bool) {
        if let Some(listener) = self.listeners.get(listener) {
            self.readiness.set_listening(listener.handle(), on);
        }
    }

    fn hear(&mut self, newcomer: &mut Newcomer) -> Heard {
        newcomer.hear()
    }

    /// The answer contains the number that is expected next, which is known only when the newcomer is admitted.
    fn welcome(&mut self, _: &mut Newcomer, _: &Welcome, _: &[u8]) -> Heard {
        Heard::Done
    }

    fn admit(&mut self, mut newcomer: Newcomer, place: usize, welcome: Welcome, next: u64) -> Option<StreamPeer> {
        let answer = welcome.accept().ok()?;
        let is_up =
            newcomer.send(&answer) && self.readiness.rename(newcomer.socket().handle(), Event::Peer(place)).is_ok();
        is_up.then(|| StreamPeer::new(newcomer.into_socket(), welcome, next, self.capacity))
    }

    fn dismiss(&mut self, mut newcomer: Newcomer, rejection: Option<&[u8]>) {
        if let Some(rejection) = rejection {
            newcomer.send(rejection);
        }
    }

    fn close(&mut self, _: StreamPeer) {}

    #[inline]
    fn asks_each(&self, peers: usize) -> bool {
        peers <= ASK_EACH
    }

    #[inline]
    fn is_look_due(&mut self, peers: usize) -> bool {
        self.turn = self.turn.wrapping_add(1);
        peers == 0 || self.hurry || self.turn.is_multiple_of(LOOK_EVERY)
    }

    fn hurry(&mut self) {
        self.hurry = true;
    }

    /// Peers say nothing besides messages, and newcomers are read directly: that costs no more than asking the kernel which
    /// of them have something to say.
    fn look(&mut self) -> io::Result<bool> {
        self.hurry = false;
        self.readiness.clear();
        Ok(true)
    }

    fn wait(&mut self, timeout: Duration) -> io::Result<()> {
        let asked = self.readiness.ask(timeout);
        // Usually there are only messages: then newcomers have not moved, and reading from them would cost a system call.
        self.hurry |= self.readiness.has_newcomer() || (self.readiness.is_idle() && !timeout.is_zero());
        asked
    }

    fn park<'a>(&'a mut self, readable: impl FnMut(BorrowedFd<'a>)) {
        self.readiness.park(readable);
    }

    fn unpark(&mut self) {
        self.readiness.unpark();
    }

    fn event(&self, at: usize) -> Option<Event> {
        self.readiness.event(at)
    }

    /// Checking a socket is a system call itself.
    fn spin(&self, _: Duration, is_ready: impl Fn() -> bool) -> bool {
        !is_ready()
    }
}

#[cfg(all(target_os = "linux", not(mycelium_portable)))]
impl crate::sys::AsFd for StreamRx {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.readiness.as_fd()
    }
}

/// One connection after its handshake.
#[derive(Debug)]
pub struct StreamPeer {
    socket: Socket,
    decoder: Decoder,
    plausible: Plausible,
    delivered: u64,
    /// Messages that it may send and this side does not know.
    unknown: Option<UnknownMessages>,
    /// Whether frames may be left for which its last turn had no time.
    backlog: bool,
}

impl StreamPeer {
    pub(super) fn new(socket: Socket, welcome: Welcome, next: u64, capacity: usize) -> Self {
        let Welcome { announced, unknown, .. } = welcome;
        let now = Instant::now();
        let plausible = Plausible::new(next, now);
        let mut decoder = Decoder::new(announced, next, capacity);
        decoder.limit(plausible.limit(now));
        let backlog = socket.has_bytes();
        Self { socket, decoder, plausible, delivered: 0, unknown, backlog }
    }
}

impl Peer for StreamPeer {
    const LAST_TURNS: usize = 64;

    /// Reads at most once.
    #[inline]
    fn receive(&mut self, budget: usize, counters: &Counters, delivery: &mut impl Deliver) -> (usize, Option<End>) {
        let (mut taken, mut may_read) = (Taken::new(counters), true);
        // Until something else is known: a panic of `deliver` ends the turn in the middle of what was read.
        self.backlog = true;
        let end = loop {
            if taken.all() == budget || !delivery.goes_on() {
                self.backlog = self.decoder.has_bytes();
                break None;
            }
            match self.decoder.next() {
                Ok(Some(frame)) => {
                    taken.gaps = taken.gaps.saturating_add(frame.gap);
                    let (id, version) = (frame.type_id, frame.version);
                    if let Err(error) = taken.hand_over(&self.unknown, id, version, frame.body, delivery) {
                        break Some(End::Body(error.to_string()));
                    }
                }
                Err(FrameError::Jump { seq, .. }) if self.plausible.limit(Instant::now()) > seq => {
                    self.decoder.limit(self.plausible.limit(Instant::now()));
                }
                Err(error) => break Some(error.into()),
                Ok(None) => {
                    self.backlog = false;
                    if !std::mem::take(&mut may_read) {
                        break None;
                    }
                    match self.socket.read(self.decoder.space()) {
                        Ok(Read::Bytes(count)) => {
                            self.decoder.filled(count);
                            counters.bytes_received.add(count as u64);
                        }
                        Ok(Read::Nothing) => break None,
                        Ok(Read::End) => break Some(closed(self.decoder.has_bytes())),
                        Err(error) => break Some(error.into()),
                    }
                }
            }
        };
        self.backlog |= self.socket.has_bytes();
        self.delivered = self.delivered.saturating_add(taken.all() as u64);
        (taken.all(), end)
    }

    fn is_ready(&self) -> bool {
        self.backlog
    }

    /// Takes what was delivered early away from the kernel: it would end every sleep at once.
    #[inline]
    fn park(&mut self) {
        self.socket.consume_peeked();
    }

    fn partial(&self) -> Option<u64> {
        (self.decoder.has_bytes() && !self.backlog).then(|| self.decoder.expected())
    }

    fn next(&self) -> u64 {
        self.decoder.expected()
    }

    fn delivered(&self) -> u64 {
        self.delivered
    }
}

#[cold]
fn closed(within_frame: bool) -> End {
    End::Left(Cow::Borrowed(match within_frame {
        true => "the peer closed the connection within a frame",
        false => "the peer closed the connection",
    }))
}

impl From<SocketError> for End {
    fn from(error: SocketError) -> Self {
        match error {
            SocketError::Io(error) => Self::Left(Cow::Owned(error.to_string())),
            SocketError::Refused(refusal) => Self::Corrupt(refusal.to_string()),
            SocketError::Corrupt(reason) => Self::Corrupt(reason),
        }
    }
}
