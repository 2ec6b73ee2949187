//! The sending end of a stream: a buffer of frames, written to a socket as far as the kernel takes them.

use std::time::{Duration, Instant};

use super::endpoint::Dialer;
use super::handshake::{Answer, Dialing, step};
use super::skipped::Skipped;
use super::socket::{Read, Socket, SocketError};
use super::{LinkSpec, Stream};
use crate::Config;
use crate::link::sender::{Flushed, Unflushed};
use crate::link::transport::transmit::{Broken, Transmit};
use crate::link::transport::transmit::{Dial, Failure, Progress};
use crate::link::wait::{aside, wait};
use crate::link::{Address, Counters, Interest, Link, LinkError};
use crate::wire::{Acceptance, Hello, SendBuffer, frame_size};

/// A link over a Unix or TCP stream: it connects, shakes hands, sends, and reconnects when the peer goes.
///
/// Messages arrive in order and at most once. They are numbered when they are given to [`send`](Self::send), so the receiver
/// sees a message that is dropped here as a gap. A link without a peer counts as full: what happens then is up to its
/// policy, see [`OnFull`](crate::link::OnFull). A message that the peer does not know is not sent, not numbered, and counted
/// as [`not_accepted`](crate::link::LinkStats::not_accepted); it never waits, and is no error. If a connection breaks,
/// messages that were already handed to the kernel may be lost and are not sent again; all others are sent on the next
/// connection.
///
/// Nothing happens between calls: the owner calls [`poll`](Self::poll) now and then, and [`flush`](Self::flush) when it has
/// nothing else to do. After the link is opened, sending allocates nothing, except over TLS, where each record does.
///
/// ```
/// use mycelium_rt::{Config, MessageInfo};
/// use mycelium_rt::link::{Address, InputSpec, LinkSpec, OnFull, StreamInput, StreamLink};
///
/// const TICK: MessageInfo =
///     MessageInfo { id: 7, name: "Tick", topic: "clock", version: 1, min_compatible: 1, layouts: &[(1, 8, 0xfeed)] };
///
/// let config = Config::new();
/// let mut input = StreamInput::open(InputSpec::new("feed", Address::tcp("127.0.0.1:0"), "demo", &[TICK]), &config)?;
/// let there = input.local_address().expect("a TCP address").to_string();
///
/// let spec = LinkSpec { on_full: OnFull::DropOldest, ..LinkSpec::new("desk", Address::tcp("127.0.0.1:1"), "demo", &[TICK]) };
/// let mut link = StreamLink::open(spec, &config.address("desk", &there))?;
/// link.send_bytes(7, &42u64.to_le_bytes())?;
///
/// let mut seen = None;
/// while seen.is_none() {
///     link.poll();
///     link.flush();
///     input.poll(|id, _version, body| {
///         seen = Some((id, body.to_vec()));
///         Ok::<(), std::convert::Infallible>(())
///     });
/// }
/// assert_eq!(seen, Some((7, 42u64.to_le_bytes().to_vec())));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type StreamLink = Link<Stream>;

impl StreamLink {
    /// Opens a link. Does not wait for the peer unless the configuration says so.
    ///
    /// # Errors
    /// An address that is invalid or insecure; messages that do not fit into a handshake. If the configuration says to wait for
    /// peers: no peer in time, or one whose messages do not agree.
    pub fn open(spec: LinkSpec, config: &Config) -> Result<Self, LinkError> {
        Self::with_options(&spec, (), config)
    }

    /// Writes what is left, until the deadline at the latest, and closes the link. Returns the number of messages that were
    /// not sent; they are counted as dropped, and a warning reports them. Dropping a link does the same, within the time
    /// that [`Config::linger`](crate::Config::linger) allows.
    pub fn close(&mut self, deadline: Instant) -> usize {
        self.close_by(deadline).try_into().unwrap_or(usize::MAX)
    }
}

/// Where a link over a stream connects, and what it has for the peer.
#[derive(Debug)]
pub struct StreamTx {
    pub(super) dialer: Dialer,
    pub(super) hello: Hello,
    pub(super) buffer: SendBuffer,
    /// The number of the next message. Dropped messages have one, too, which is how the receiver sees that they are missing.
    pub(super) seq: u64,
    /// Losses among the messages before this one are known, and counted.
    accounted: u64,
    /// Numbers with which no message was sent.
    skipped: Skipped,
}

impl Dial for StreamTx {
    type Dialing = Dialing;
    type Up = Socket;
    type Answer = Answer;

    fn begin(&mut self) -> Result<Dialing, Failure> {
        self.dialer.dial().map(Dialing::Connecting).map_err(Failure::attempt)
    }

    fn step(&mut self, dialing: Dialing) -> Result<Progress<Self>, Failure> {
        step(self, dialing)
    }

    fn awaits(dialing: &Dialing) -> Option<Interest<'_>> {
        Some(dialing.interest())
    }
}

impl Transmit for StreamTx {
    const HOLDS: bool = true;

    #[inline(always)]
    fn size(len: usize) -> usize {
        frame_size(len)
    }

    fn push(&mut self, _: &mut Socket, id: u16, version: u16, body: &[u8]) -> bool {
        self.hold(id, version, body)
    }

    fn push_over(&mut self, up: Option<&mut Socket>, id: u16, version: u16, body: &[u8]) -> (u64, bool) {
        let claimed = up.map_or(0, |socket| socket.claimed());
        let mut dropped = 0;
        while !self.buffer.fits(body.len())
            && let Some(seq) = self.buffer.drop_oldest_behind(claimed)
        {
            self.skipped.note(seq..seq + 1);
            dropped += 1;
        }
        (dropped, self.hold(id, version, body))
    }

    /// One write of everything, if there is a peer.
    #[inline]
    fn flush(&mut self, up: Option<&mut Socket>, _: Unflushed) -> Result<Flushed, Broken> {
        let Some(socket) = up.filter(|_| !self.buffer.is_empty()) else { return Ok(Flushed::default()) };
        let count = socket.write(self.buffer.unwritten()).map_err(Broken::gone)?;
        let messages = self.buffer.advance(count) as u64;
        Ok(Flushed { messages, bytes: count as u64, is_stuck: !self.buffer.is_empty() })
    }

    #[inline]
    fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// Finds out whether the peer has gone, which writing reports only later.
    fn check(&mut self, socket: &mut Socket) -> Result<(), Broken> {
        match socket.read(&mut [0; 8]) {
            Ok(Read::Nothing) => Ok(()),
            Ok(Read::End) => Err(Broken::gone("the peer closed the connection")),
            Ok(Read::Bytes(_)) => Err(Broken::corrupt("the peer sent something after its handshake")),
            Err(SocketError::Io(error)) => Err(Broken::gone(error)),
            Err(error) => Err(Broken::corrupt(error)),
        }
    }

    fn greeted(&mut self, _: &mut Socket, answer: Answer, counters: &Counters) -> Acceptance {
        if let Some(next) = answer.next {
            self.account_for_lost(next, counters);
        }
        answer.acceptance
    }

    /// Nothing in the buffer was sent yet, so later messages move up in number and the peer sees no gap.
    fn retain(&mut self, mut accepts: impl FnMut(u16) -> bool) {
        let Self { buffer, skipped, seq: next, .. } = self;
        let mut taken = 0;
        buffer.retain(|id, seq| {
            let accepts = accepts(id);
            if !accepts {
                skipped.close_up(seq - taken);
                taken += 1;
            }
            accepts
        });
        *next -= taken;
    }

    /// What the connection did not take as a whole is written to the next one.
    fn lost(&mut self, _: Socket) {
        self.buffer.rewind();
    }

    fn note_lost(&mut self, _: Option<&mut Socket>, messages: u64) {
        self.skipped.note(self.seq..self.seq + messages);
        self.seq += messages;
    }

    fn interest<'a>(&'a self, socket: &'a Socket) -> Option<Interest<'a>> {
        Some(socket.interest(!self.buffer.is_empty()))
    }

    fn wait_for_room(&mut self, socket: &mut Socket, timeout: Duration) {
        // If the kernel cannot wait, it is asked again soon: the callers have deadlines of their own.
        let _ = aside(|| wait(self.interest(socket), Some(timeout)));
    }

    fn abandon(&mut self) -> u64 {
        let left = self.buffer.frames() as u64;
        while self.buffer.drop_oldest().is_some() {}
        left
    }
}

impl StreamTx {
    pub(super) fn new(spec: &LinkSpec, address: &Address, hello: Hello, config: &Config) -> Result<Self, LinkError> {
        let dialer = Dialer::new(spec, address, config)?;
        let buffer = SendBuffer::new(config.get_limits().send_buffer, hello.largest_body());
        Ok(Self { dialer, hello, buffer, seq: 0, accounted: 0, skipped: Skipped::new() })
    }

    /// Puts a message into the buffer, if there is room.
    #[inline]
    fn hold(&mut self, id: u16, version: u16, body: &[u8]) -> bool {
        let has_room = self.buffer.push(id, version, self.seq, body);
        self.seq += u64::from(has_room);
        has_room
    }

    /// Handles what a returning peer that knows this sender says: it expects message `next`. The messages before it have
    /// arrived; those between it and the first that was not written have not.
    fn account_for_lost(&mut self, next: u64, counters: &Counters) {
        let written = self.buffer.next_unsent();
        let missing = next.max(self.accounted)..written;
        let lost = written.saturating_sub(missing.start).saturating_sub(self.skipped.within(&missing));
        counters.lost_in_flight.add(lost);
        self.accounted = written;
        self.skipped.forget_below(written);
        // What looked unwritten when the connection broke may have arrived; if it were sent again, it would be refused.
        counters.sent.add(self.buffer.skip_received(next) as u64);
    }
}
