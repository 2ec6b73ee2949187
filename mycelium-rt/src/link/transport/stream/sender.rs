//! The sending end of a stream.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::endpoint::Dialer;
use super::greeting::{self, Answer, Greeter};
use super::skipped::Skipped;
use super::socket::{Read, SocketError};
use super::spec::LinkSpec;
use crate::Config;
use crate::link::backoff::random_u64;
use crate::link::closing::{Closes, linger, write_until};
use crate::link::connection::Connection;
use crate::link::outgoing::Outgoing;
use crate::link::pace::Pace;
use crate::link::report::Report;
use crate::link::wait::Interest;
use crate::link::{ConfigError, Counters, Interrupt, LinkError, LinkStats, NotAccepted, OnFull, SendError, Status};
use crate::message::Message;
use crate::time::after;
use crate::wire::{Handshake, Hello, Refusal, Role, SendBuffer, frame_size};

/// While nothing else happens, whether the peer has gone is looked at once in so many calls of `poll`.
const CHECK_PEER_EVERY: u32 = 16;

/// A link over a Unix or TCP stream: connects, shakes hands, sends, and connects again when the peer goes.
///
/// Messages arrive in order and at most once. They are numbered when they are given to [`send`](Self::send), so a message
/// that is dropped here is a gap in what the receiver sees. Without a peer the link counts as full: what happens then
/// is the policy's, see [`OnFull`]. A message that the peer does not know is not sent, not numbered, and counted as
/// [`not_accepted`](LinkStats::not_accepted); it never waits, and is no error. What was handed to the kernel when a connection breaks may be lost and is not sent
/// again; what was not, is.
///
/// Nothing happens between calls: whoever owns the link calls [`poll`](Self::poll) now and then, and
/// [`flush`](Self::flush) when there is nothing else to do. After the link is opened, sending allocates nothing, except
/// over TLS, where each record does.
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
#[derive(Debug)]
pub struct StreamLink {
    name: &'static str,
    pub(super) connection: Connection<Greeter>,
    pub(super) buffer: SendBuffer,
    outgoing: Outgoing,
    pub(super) on_full: OnFull,
    pace: Pace,
    seq: u64,
    /// Of the messages before this one it is known, and counted, which were lost with a connection.
    settled: u64,
    /// Numbers that no message was sent with.
    pub(super) skipped: Skipped,
    turn: u32,
    pub(super) interrupt: Interrupt,
    linger: Duration,
    pub(super) report: Report,
    pub(super) counters: Arc<Counters>,
}

impl StreamLink {
    /// Opens a link; does not wait for the peer unless the configuration says so.
    ///
    /// # Errors
    /// An address that is none, or insecure; messages that do not fit into a handshake. If told to wait for peers: no peer
    /// in time, or one with which the messages do not agree.
    pub fn open(spec: LinkSpec, config: &Config) -> Result<Self, LinkError> {
        let unsound = |reason: String| ConfigError::Contract { link: spec.name.to_owned(), reason };
        let address = config.resolve(spec.name, &spec.address)?;
        let dialer = Dialer::new(&spec, &address, config)?;
        let mut hello = Hello::new(Role::Sender, spec.schema, &spec.messages).map_err(|e| unsound(e.to_string()))?;
        hello.session = random_u64().max(1);
        Handshake::Hello(hello.clone()).encode().map_err(|e| unsound(e.to_string()))?;
        let (limits, notices, counters) = (config.bounds(), config.notices(), Arc::new(Counters::default()));
        let outgoing = Outgoing::new(spec.name, &hello, &spec.messages, notices.clone(), Arc::clone(&counters));
        let address = address.to_string();
        let report = Report::new(format!("link `{}` to {address}", spec.name), notices.clone());
        let greeter = Greeter::new(dialer, hello);
        let connection = Connection::new(spec.name, address, greeter, limits, notices, Arc::clone(&counters));
        let mut link = Self {
            name: spec.name,
            connection,
            buffer: SendBuffer::new(limits.send_buffer, outgoing.largest()),
            outgoing,
            on_full: spec.on_full,
            pace: Pace::new(spec.batch),
            seq: 0,
            settled: 0,
            skipped: Skipped::new(),
            turn: 0,
            interrupt: Interrupt::default(),
            linger: config.linger_time(),
            report,
            counters,
        };
        link.poll();
        if let Some(wait) = config.peer_deadline() {
            link.wait_for_peer(after(wait))?;
        }
        Ok(link)
    }

    /// Sends a message: writes it at once or with its batch.
    ///
    /// # Errors
    /// As the policy says; the message is dropped and counted then. A message that a policy dropped silently is `Ok`.
    #[inline]
    pub fn send<M: Message>(&mut self, message: &M) -> Result<(), SendError> {
        self.send_bytes(M::ID, message.as_bytes())
    }

    /// Sends the body of the message with this id. Otherwise as [`send`](Self::send).
    pub fn send_bytes(&mut self, type_id: u16, body: &[u8]) -> Result<(), SendError> {
        let pushed = self.push(type_id, body);
        // Looked at only now: the number of the next message changes when a peer comes that accepts less than the last one.
        let seq = self.seq;
        match pushed {
            Ok(Pushed::Held) => {
                self.seq += 1;
                self.pushed(body.len());
            }
            Ok(Pushed::NotAccepted) => self.outgoing.count_not_accepted(type_id),
            Ok(Pushed::Dropped) | Err(_) => {
                self.seq += 1;
                self.skipped.note(seq..seq + 1);
            }
        }
        pushed.map(drop)
    }

    /// Puts a message into the buffer, if it is to be sent and there is room; says what became of it.
    #[inline]
    fn push(&mut self, type_id: u16, body: &[u8]) -> Result<Pushed, SendError> {
        let version = self.check(type_id, body.len())?;
        // Without a peer only `drop_oldest` keeps anything, and that is dealt with below.
        if self.connection.is_up() {
            if !self.outgoing.accepts(type_id) {
                return Ok(Pushed::NotAccepted);
            }
            if self.buffer.push(type_id, version, self.seq, body) {
                return Ok(Pushed::Held);
            }
        }
        let has_room = self.make_room(body.len())?;
        // The peer may be another one by now.
        if self.connection.is_up() && !self.outgoing.accepts(type_id) {
            return Ok(Pushed::NotAccepted);
        }
        if has_room && self.buffer.push(type_id, version, self.seq, body) {
            return Ok(Pushed::Held);
        }
        // What still finds no room after that is dropped, which is no error under its policy.
        self.counters.dropped_newest.add(1);
        self.tell_dropped(1);
        Ok(Pushed::Dropped)
    }

    /// Counts messages that were lost on the way here: the receiver sees a gap where they are missing.
    #[cfg(feature = "tokio")]
    pub(crate) fn note_lost(&mut self, messages: u64) {
        self.skipped.note(self.seq..self.seq + messages);
        self.seq += messages;
        self.tell_dropped(messages);
    }

    /// Does what is due: connects, notices that the peer has gone, writes a batch whose delay is over.
    pub fn poll(&mut self) -> Status {
        if !self.connection.is_up() {
            self.connect();
        } else {
            self.turn = self.turn.wrapping_add(1);
            if self.turn.is_multiple_of(CHECK_PEER_EVERY) {
                self.check_peer();
            }
            if self.pace.is_due() {
                self.write();
            }
        }
        self.connection.status()
    }

    /// Writes what the link holds, as far as the kernel takes it; says whether nothing is left. To be called when the
    /// owner goes idle.
    pub fn flush(&mut self) -> bool {
        if !self.buffer.is_empty() {
            self.write();
        }
        self.buffer.is_empty()
    }

    /// Waits for a peer.
    ///
    /// # Errors
    /// No peer by the deadline, or one that refused the handshake or was refused.
    pub fn wait_for_peer(&mut self, deadline: Instant) -> Result<(), LinkError> {
        loop {
            if self.poll() == Status::Connected {
                return Ok(());
            }
            if let Some(refusal) = self.connection.final_refusal() {
                return Err(LinkError::Refused { link: self.name.to_owned(), refusal: refusal.clone() });
            }
            if Instant::now() >= deadline {
                let trouble = self.connection.trouble().to_owned();
                let address = self.connection.address().to_owned();
                return Err(LinkError::NoPeer { link: self.name.to_owned(), address, trouble });
            }
            self.sleep(Some(deadline));
        }
    }

    /// Writes what is left, until the deadline at the latest, and ends the link. Returns the number of messages that were
    /// not sent; they are counted as dropped, and warned of. Dropping a link does the same, for as long as
    /// [`Config::linger`](crate::Config::linger) says.
    pub fn close(&mut self, deadline: Instant) -> usize {
        write_until(&mut [self], deadline, &None);
        self.end_now()
    }

    fn end_now(&mut self) -> usize {
        let left = self.buffer.frames();
        self.counters.dropped_closed.add(left as u64);
        self.report.ended(left as u64, self.connection.absence());
        while self.buffer.drop_oldest().is_some() {}
        self.connection.close();
        left
    }

    /// What the link is doing about its peer.
    pub fn status(&self) -> Status {
        self.connection.status()
    }

    /// Why the last handshake was refused; `None` once one was accepted.
    pub fn refusal(&self) -> Option<&Refusal> {
        self.connection.refusal()
    }

    /// The name of the link.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What happened so far.
    pub fn stats(&self) -> LinkStats {
        self.counters.snapshot()
    }

    /// The messages that the peer does not accept, or that an earlier peer did not.
    #[must_use]
    pub fn not_accepted(&self) -> Vec<NotAccepted> {
        self.counters.not_accepted_by_message(self.name)
    }

    /// The live counters, for other threads to read.
    pub fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    /// A handle that ends the waits of this link.
    pub fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }

    /// What to wait for before the next [`poll`](Self::poll), if the link has a descriptor.
    pub fn interest(&self) -> Option<Interest<'_>> {
        greeting::interest(&self.connection, !self.buffer.is_empty())
    }

    /// When to call [`poll`](Self::poll) at the latest.
    pub fn timer(&self) -> Option<Instant> {
        [self.pace.due(), self.connection.timer()].into_iter().flatten().min()
    }

    /// The version of the message, if it may be sent in this size.
    fn check(&mut self, type_id: u16, len: usize) -> Result<u16, SendError> {
        match self.outgoing.find(type_id) {
            Some(it) if it.size as usize == len => Ok(it.version),
            Some(it) => {
                self.counters.dropped_error.add(1);
                Err(SendError::Length { len, expected: it.size as usize })
            }
            None => {
                self.counters.dropped_error.add(1);
                Err(SendError::Unlisted { id: type_id })
            }
        }
    }

    /// A message came into the buffer: writes if that completes the batch.
    #[inline]
    fn pushed(&mut self, len: usize) {
        if self.pace.add(frame_size(len)) {
            self.write();
        }
    }

    /// One write of everything, if there is a peer.
    fn write(&mut self) {
        self.pace.restart(false);
        let Some(socket) = self.connection.up() else { return };
        match socket.write(self.buffer.unwritten()) {
            Ok(count) => {
                if count > 0 {
                    self.counters.batches.add(1);
                    self.counters.bytes_sent.add(count as u64);
                    self.counters.sent.add(self.buffer.advance(count) as u64);
                }
                self.pace.restart(!self.buffer.is_empty());
            }
            Err(error) => self.lost(&error.to_string()),
        }
    }

    /// Finds out whether the peer has gone, which writing tells only later.
    pub(super) fn check_peer(&mut self) {
        let Some(socket) = self.connection.up() else { return };
        match socket.read(&mut [0; 8]) {
            Ok(Read::Nothing) => {}
            Ok(Read::End) => self.lost("the peer closed the connection"),
            Ok(Read::Bytes(_)) => {
                self.counters.corrupt.add(1);
                self.lost("the peer sent something where it has nothing to say");
            }
            Err(error) => {
                if !matches!(error, SocketError::Io(_)) {
                    self.counters.corrupt.add(1);
                }
                self.lost(&error.to_string());
            }
        }
    }

    /// The connection broke: what it did not take whole is written to the next one.
    fn lost(&mut self, reason: &str) {
        self.connection.lost(reason);
        self.buffer.rewind();
    }

    #[cold]
    fn connect(&mut self) {
        (self.connection.dial.next, self.connection.dial.numbered) = (self.buffer.next_unsent(), self.seq);
        if let Some(Answer { next, acceptance }) = self.connection.drive() {
            if let Some(next) = next {
                self.settle(next);
            }
            self.outgoing.adopt(&acceptance);
            self.take_back();
            self.report.found();
            if !self.buffer.is_empty() {
                self.write();
            }
        }
        if let Some(absence) = self.connection.absence() {
            self.report.absent(absence, !self.buffer.is_empty());
        }
    }

    /// Messages were dropped, for want of room or of a peer.
    #[cold]
    pub(super) fn tell_dropped(&mut self, messages: u64) {
        self.report.dropped(messages, self.on_full, self.connection.absence());
    }

    /// Takes out of the buffer what this peer does not accept. Nothing in it has gone anywhere yet, so what stands behind moves up in
    /// number, and the peer sees no gap.
    fn take_back(&mut self) {
        let Self { buffer, outgoing, skipped, .. } = self;
        let mut taken = 0;
        buffer.retain(|type_id, seq| {
            let accepts = outgoing.accepts(type_id);
            if !accepts {
                outgoing.count_not_accepted(type_id);
                skipped.close_up(seq - taken);
                taken += 1;
            }
            accepts
        });
        self.seq -= taken;
    }
}

/// What became of a message.
enum Pushed {
    /// The link holds it.
    Held,
    /// The peer does not accept it.
    NotAccepted,
    /// The policy dropped it silently.
    Dropped,
}

/// What a peer that knows this sender says on its return.
impl StreamLink {
    /// The peer expects message `next`: those before it have arrived, and those between it and the first that was not written
    /// have not.
    fn settle(&mut self, next: u64) {
        let written = self.buffer.next_unsent();
        let missing = next.max(self.settled)..written;
        let lost = written.saturating_sub(missing.start).saturating_sub(self.skipped.within(&missing));
        self.counters.lost_in_flight.add(lost);
        self.settled = written;
        self.skipped.forget_below(written);
        // What looked unwritten when the connection broke may have got through; sent once more it would be refused.
        self.counters.sent.add(self.buffer.skip_received(next) as u64);
    }
}

impl Closes for StreamLink {
    fn write_on(&mut self) -> bool {
        self.poll();
        self.flush() || self.connection.status() == Status::Closed || self.connection.final_refusal().is_some()
    }

    fn interest(&self) -> Option<Interest<'_>> {
        Self::interest(self)
    }

    fn timer(&self) -> Option<Instant> {
        Self::timer(self)
    }

    fn linger(&self) -> Duration {
        self.linger
    }

    fn end(&mut self) -> u64 {
        self.end_now() as u64
    }
}

impl Drop for StreamLink {
    fn drop(&mut self) {
        linger(&mut [self]);
    }
}
