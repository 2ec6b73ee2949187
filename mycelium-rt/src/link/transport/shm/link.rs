//! The sending end of shared memory.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::dialing::{Dialing, Offer};
use super::options::ShmOptions;
use super::pacer::Pacer;
use super::spares::Spares;
use crate::Config;
use crate::link::closing::Closes;
use crate::link::connection::Connection;
use crate::link::outgoing::Outgoing;
use crate::link::pace::Pace;
use crate::link::report::Report;
use crate::link::{
    ConfigError, Counters, Interest, Interrupt, LinkError, LinkSpec, LinkStats, NotAccepted, OnFull, SendError, Status,
    backoff,
};
use crate::message::Message;
use crate::ring::{Geometry, PushError};
use crate::time::after;
use crate::wire::{Handshake, Hello, Refusal, Role};

/// A link over shared memory: connects, shakes hands, commits messages to a ring that the receiver reads, and connects again when the
/// receiver goes.
///
/// Messages arrive in order and at most once. A message that is dropped, or was left unread by a receiver that ended, is told by the
/// next one that arrives. Without a peer the link counts as full: what happens then is the policy's, see [`OnFull`]. A message that the
/// peer does not know is not sent, and counted as [`not_accepted`](LinkStats::not_accepted); it never waits, and is no error.
///
/// Nothing happens between calls: whoever owns the link calls [`poll`](Self::poll) now and then, and [`flush`](Self::flush) when there
/// is nothing else to do. Once connected, sending allocates nothing and makes no system call, but to wake a receiver that sleeps.
///
/// ```
/// use mycelium_rt::Config;
/// use mycelium_rt::link::{Address, InputSpec, LinkSpec, OnFull};
/// use mycelium_rt::shm::{ShmInput, ShmLink, ShmOptions};
/// use mycelium_rt::MessageInfo;
///
/// const TICK: MessageInfo =
///     MessageInfo { id: 7, name: "Tick", topic: "clock", version: 1, min_compatible: 1, layouts: &[(1, 8, 0xfeed)] };
///
/// let path = std::env::temp_dir().join(format!("mycelium-doc-{}.sock", std::process::id()));
/// let config = Config::new().address("desk", &path.to_string_lossy()).known_elsewhere(["desk"]);
/// let here = Address::shm("/run/mycelium/desk.sock");
/// let mut input =
///     ShmInput::open(InputSpec::new("desk", here.clone(), "demo", &[TICK]), ShmOptions::default(), &config)?;
/// let mut link = ShmLink::open(LinkSpec::new("desk", here, "demo", &[TICK]), ShmOptions::default(), &config)?;
///
/// // Both ends on one thread: neither may wait for the other.
/// let mut seen = None;
/// while seen.is_none() {
///     if link.is_connected() {
///         link.send_bytes(7, &42u64.to_le_bytes())?;
///         link.flush();
///     }
///     link.poll();
///     input.poll(|id, _version, body| {
///         seen = Some((id, body.to_vec()));
///         Ok::<(), std::convert::Infallible>(())
///     });
/// }
/// assert_eq!(seen, Some((7, 42u64.to_le_bytes().to_vec())));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ShmLink {
    pub(super) name: &'static str,
    pub(super) connection: Connection<Offer>,
    outgoing: Outgoing,
    pub(super) on_full: OnFull,
    pace: Pace,
    /// Messages committed since the last flush, and their bytes.
    held: (u64, u64),
    pacer: Pacer,
    pub(super) interrupt: Interrupt,
    linger: Duration,
    pub(super) report: Report,
    pub(super) counters: Arc<Counters>,
}

impl ShmLink {
    /// Opens a link; does not wait for the peer unless the configuration says so.
    ///
    /// # Errors
    /// An address that is none; messages that do not fit into a handshake; a ring that cannot be made; the policy
    /// [`OnFull::DropOldest`], for an unread slot of a ring is the receiver's. If told to wait for peers: no peer in time, or one with
    /// which the messages do not agree.
    pub fn open(spec: LinkSpec, options: ShmOptions, config: &Config) -> Result<Self, LinkError> {
        let unsound = |reason: String| ConfigError::Contract { link: spec.name.to_owned(), reason };
        spec.on_full.check_for_ring(spec.name)?;
        let address = config.resolve(spec.name, &spec.address)?;
        let mut hello = Hello::new(Role::Sender, spec.schema, &spec.messages).map_err(|e| unsound(e.to_string()))?;
        hello.session = backoff::random_u64().max(1);
        Handshake::Hello(hello.clone()).encode().map_err(|e| unsound(e.to_string()))?;
        let (limits, notices, counters) = (config.bounds(), config.notices(), Arc::new(Counters::default()));
        let outgoing = Outgoing::new(spec.name, &hello, &spec.messages, notices.clone(), Arc::clone(&counters));
        let ring = Geometry::new(options.slots, outgoing.largest()).map_err(|e| unsound(e.to_string()))?;
        let most = limits.ring_bytes;
        if ring.bytes() > most {
            let (slots, bytes, largest) = (ring.slots(), ring.bytes(), outgoing.largest());
            return Err(unsound(format!(
                "{slots} slots for messages of up to {largest} bytes are a ring of {bytes} bytes, more than `Limits::ring_bytes` allows \
                 ({most}): use fewer `slots`, or raise the limit at both ends"
            ))
            .into());
        }
        let offer = Offer {
            path: PathBuf::from(address.text()),
            users: config.allowed_users().clone(),
            // One in use, and one whose last receiver has not noticed yet that it is no longer.
            spares: Spares::new(digest(&hello), Some(ring), 2),
            hello,
            ring,
            sleeps: !options.spin && spec.on_full.may_block(),
            lost: 0,
        };
        let report = Report::new(format!("link `{}` to {address}", spec.name), notices.clone());
        let mut link = Self {
            name: spec.name,
            connection: Connection::new(spec.name, address.to_string(), offer, limits, notices, Arc::clone(&counters)),
            outgoing,
            on_full: spec.on_full,
            pace: Pace::new(spec.batch),
            held: (0, 0),
            pacer: Pacer::new(),
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

    /// Sends a message: a receiver that polls sees it at once, one that sleeps is woken with its batch.
    ///
    /// # Errors
    /// As the policy says; the message is dropped and counted then. A message that a policy dropped silently is `Ok`.
    #[inline]
    pub fn send<M: Message>(&mut self, message: &M) -> Result<(), SendError> {
        self.send_bytes(M::ID, message.as_bytes())
    }

    /// Sends the body of the message with this id. Otherwise as [`send`](Self::send).
    ///
    /// # Errors
    /// As there.
    #[inline]
    pub fn send_bytes(&mut self, type_id: u16, body: &[u8]) -> Result<(), SendError> {
        self.check(type_id, body.len())?;
        if !self.take(type_id, body) {
            return self.send_when_full(type_id, body);
        }
        Ok(())
    }

    /// Counts messages that were lost on the way here: the receiver is told by the next one that arrives.
    #[cfg(feature = "tokio")]
    pub(crate) fn note_lost(&mut self, messages: u64) {
        self.connection.note_lost(messages);
        self.report.dropped(messages, self.on_full, self.connection.absence());
    }

    /// Does what is due: connects, notices that the peer has gone, flushes a batch whose delay is over.
    pub fn poll(&mut self) -> Status {
        if self.pace.is_due() {
            self.flush();
        }
        if self.pacer.is_due() {
            self.drive();
        }
        self.connection.status()
    }

    /// Takes the next steps of the connection, notes what a new peer accepts, and tells what was lost for want of one.
    pub(super) fn drive(&mut self) {
        if let Some(acceptance) = self.connection.look(&self.counters) {
            self.outgoing.adopt(&acceptance);
        }
        match self.connection.absence() {
            Some(absence) => self.report.absent(absence, false),
            None => self.report.found(),
        }
    }

    /// Wakes the receiver if it sleeps over what was sent; always true, since what was sent is the receiver's to take. To be called when
    /// the owner goes idle.
    pub fn flush(&mut self) -> bool {
        self.pace.restart(false);
        let (messages, bytes) = std::mem::take(&mut self.held);
        if messages > 0 {
            self.counters.batches.add(1);
            self.counters.sent.add(messages);
            self.counters.bytes_sent.add(bytes);
        }
        if let Some(up) = self.connection.up()
            && up.writer.flush()
        {
            up.channel.ring();
        }
        true
    }

    /// Waits for a peer.
    ///
    /// # Errors
    /// No peer by the deadline, or one that refused the handshake or was refused.
    pub fn wait_for_peer(&mut self, deadline: Instant) -> Result<(), LinkError> {
        loop {
            self.drive();
            if self.is_connected() {
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

    /// Flushes and ends the link. What was committed stays there for the receiver to take; if the receiver is gone, it is lost, and counted
    /// as [`lost_in_flight`](LinkStats::lost_in_flight).
    pub fn close(&mut self) {
        self.flush();
        let before = self.counters.lost_in_flight.get();
        if self.connection.is_up() {
            // A receiver that has gone meanwhile takes nothing more.
            self.drive();
        }
        self.report.ended(self.counters.lost_in_flight.get().saturating_sub(before), self.connection.absence());
        self.connection.close();
    }

    /// What the link is doing about its peer.
    #[must_use]
    pub fn status(&self) -> Status {
        self.connection.status()
    }

    /// Whether messages flow.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.status() == Status::Connected
    }

    /// Why the last handshake was refused; `None` once one was accepted.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        self.connection.refusal()
    }

    /// The name of the link.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What happened so far, as of the last flush.
    #[must_use]
    pub fn stats(&self) -> LinkStats {
        self.counters.snapshot()
    }

    /// The messages that the peer does not accept, or that an earlier peer did not.
    #[must_use]
    pub fn not_accepted(&self) -> Vec<NotAccepted> {
        self.counters.not_accepted_by_message(self.name)
    }

    /// The live counters, for other threads to read.
    #[must_use]
    pub fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    /// A handle that ends the waits of this link.
    #[must_use]
    pub fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }

    /// What to wait for before the next [`poll`](Self::poll), if the link has a descriptor.
    #[must_use]
    pub fn interest(&self) -> Option<Interest<'_>> {
        use std::os::fd::AsFd;
        let dialing = self.connection.dialing().map(Dialing::channel);
        let descriptor = self.connection.established().map(|up| &up.channel).or(dialing)?.as_fd();
        Some(Interest { descriptor, readable: true, writable: false })
    }

    /// When to call [`poll`](Self::poll) at the latest.
    #[must_use]
    pub fn timer(&self) -> Option<Instant> {
        [self.pace.due(), self.connection.timer()].into_iter().flatten().min()
    }

    #[inline(always)]
    fn check(&mut self, type_id: u16, len: usize) -> Result<(), SendError> {
        match self.outgoing.find(type_id) {
            Some(it) if it.size as usize == len => Ok(()),
            Some(it) => self.refuse(SendError::Length { len, expected: it.size as usize }),
            None => self.refuse(SendError::Unlisted { id: type_id }),
        }
    }

    /// Commits the message, or counts it if the peer does not accept it; false if there is no ring with room for it.
    #[inline(always)]
    pub(super) fn take(&mut self, type_id: u16, body: &[u8]) -> bool {
        if !self.outgoing.accepts(type_id) && self.connection.is_up() {
            self.outgoing.count_not_accepted(type_id);
            return true;
        }
        self.push(type_id, body)
    }

    /// Drops what can't be sent by this link at all.
    #[cold]
    fn refuse(&mut self, error: SendError) -> Result<(), SendError> {
        self.counters.dropped_error.add(1);
        self.connection.note_lost(1);
        Err(error)
    }

    /// Commits the message if there is a ring with room for it, and flushes if that completes the batch.
    #[inline(always)]
    fn push(&mut self, type_id: u16, body: &[u8]) -> bool {
        let Some(up) = self.connection.up() else { return false };
        match up.writer.try_push(type_id, body) {
            Ok(()) => {}
            Err(error) => return self.not_pushed(error),
        }
        self.held = (self.held.0 + 1, self.held.1 + body.len() as u64);
        if self.pace.add(body.len()) {
            self.flush();
        }
        true
    }

    #[cold]
    fn not_pushed(&mut self, error: PushError) -> bool {
        if let PushError::Corrupt(corrupt) = error {
            self.counters.corrupt.add(1);
            self.connection.broke(&corrupt.to_string(), &self.counters);
        }
        false
    }

    pub(super) fn drop_with<T>(&mut self, error: SendError) -> Result<T, SendError> {
        self.counters.dropped_error.add(1);
        self.tell_dropped();
        Err(error)
    }

    /// A message was dropped, for want of room or of a peer.
    #[cold]
    pub(super) fn tell_dropped(&mut self) {
        self.connection.note_lost(1);
        self.report.dropped(1, self.on_full, self.connection.absence());
    }
}

/// One number for all messages of a link, for people who compare two halves (FNV-1a).
pub(super) fn digest(hello: &Hello) -> u64 {
    let words = hello.messages.iter().flat_map(|entry| [u64::from(entry.id), entry.current().hash]);
    words.fold(0xcbf2_9ce4_8422_2325, |hash, word| (hash ^ word).wrapping_mul(0x0100_0000_01b3))
}

impl Closes for ShmLink {
    fn write_on(&mut self) -> bool {
        self.flush()
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
        self.close();
        0
    }
}

impl Drop for ShmLink {
    /// Ends the link as [`close`](Self::close) does, so that the receiver learns of what was dropped last, and a sleeping one of
    /// what was sent last.
    fn drop(&mut self) {
        self.close();
    }
}

impl std::fmt::Debug for ShmLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ShmLink")
            .field("name", &self.name)
            .field("address", &self.connection.address())
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}
