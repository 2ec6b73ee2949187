//! The sending end to another process.

use std::task::Waker;
use std::time::{Duration, Instant};

use super::backoff::random_u64;
use super::closing::{Closes, linger, write_until};
use super::connection::Connection;
use super::latest::Latest;
use super::peer_end::{Outgoing, PeerEnd};
use super::poll_throttle::PollThrottle;
use super::report::Report;
use super::sender::{SendEnd, Sender};
use super::transport::Transport;
use super::transport::transmit::Transmit;
use super::wait::INTERRUPT_LATENCY;
use super::{
    Config, ConfigError, Counters, Interest, Interrupt, LinkError, LinkSpec, LinkStats, NotAccepted, OnFull,
    SendAllError, SendError, Status,
};
use crate::message::Message;
use crate::time::after;
use crate::wire::{Handshake, Hello, Refusal, Role};

/// A link of any kind: it connects, shakes hands, sends, and reconnects when the peer goes.
/// [`StreamLink`](super::StreamLink) and [`ShmLink`](crate::shm::ShmLink) are opened by their own `open`.
///
/// Messages arrive in order and at most once. A link without a peer counts as full: what happens then is up to its policy,
/// see [`OnFull`](super::OnFull). A message that the peer does not know is not sent, and counted as
/// [`not_accepted`](LinkStats::not_accepted); it never waits, and is no error.
///
/// Nothing happens between calls: the owner calls [`poll`](Self::poll) now and then, and [`flush`](Self::flush) when it has
/// nothing else to do. Dropping a link closes it, within the time that [`Config::linger`](crate::Config::linger) allows.
pub struct Link<T: Transport> {
    name: &'static str,
    sender: Sender<PeerEnd<T::Tx>>,
    /// When to look at the connection.
    poll_throttle: PollThrottle,
    linger: Duration,
}

impl<T: Transport> Link<T> {
    /// Opens a link. Does not wait for the peer unless the configuration says so.
    #[doc(hidden)]
    pub fn with_options(spec: &LinkSpec, options: T::Options, config: &Config) -> Result<Self, LinkError> {
        let unsound = |reason: String| ConfigError::Contract { link: spec.name.to_owned(), reason };
        let address = config.resolve(spec.name, &spec.address)?;
        let mut hello = Hello::new(Role::Sender, spec.schema, &spec.messages).map_err(|e| unsound(e.to_string()))?;
        hello.session = random_u64().max(1);
        Handshake::Hello(hello.clone()).encode().map_err(|e| unsound(e.to_string()))?;
        let (limits, notices, counters) = (config.get_limits(), config.notices(), config.counters());
        let outgoing = Outgoing::new(spec.name, &hello, &spec.messages, notices.clone(), counters.clone());
        let latest = match spec.on_full {
            OnFull::Latest { keys } => {
                let messages = spec.messages.iter().map(|message| (message.id, message.size()));
                Some(Latest::new(keys, messages).map_err(unsound)?)
            }
            _ => None,
        };
        let dial = T::dial(spec, &address, options, hello, config)?;
        let address = address.to_string();
        let report = Report::new(format!("link `{}` to {address}", spec.name), notices.clone());
        let connection = Connection::new(spec.name, address, dial, limits, notices, counters.clone());
        let end = PeerEnd::new(connection, outgoing, counters.clone());
        let mut link = Self {
            name: spec.name,
            sender: Sender::new(end, spec.on_full, spec.batch, report, counters).keeping(latest),
            poll_throttle: PollThrottle::new(),
            linger: config.get_linger(),
        };
        link.poll();
        if let Some(wait) = config.get_wait_for_peers() {
            link.wait_for_peer(after(wait))?;
        }
        Ok(link)
    }

    /// Sends a message: passes it on at once or with its batch.
    ///
    /// # Errors
    /// As the policy says; the message is then dropped and counted. If a policy drops the message silently, the result is
    /// `Ok`.
    #[inline]
    pub fn send<M: Message>(&mut self, message: &M) -> Result<(), SendError> {
        self.send_bytes(M::ID, message.as_bytes())
    }

    /// Sends many messages at once: as [`send`](Self::send) does one by one, until one is not sent, with the same counters, except that
    /// they are one batch, or one for each 64 KiB. A batch that its policy says to hold is held.
    ///
    /// Over shared memory the receiver sees them in groups of up to 64, and is woken once. Over sockets they are one write.
    ///
    /// ```
    /// use contracts::Signal;
    /// use mycelium_rt::link::{Address, LinkSpec, OnFull, SendAllError, SendError, StreamLink};
    /// use mycelium_rt::{Config, MessageInfo};
    ///
    /// const SIGNAL: &[MessageInfo] = &[MessageInfo::of::<Signal>()];
    /// let address = Address::tcp("127.0.0.1:1"); // where nobody listens
    /// let spec = LinkSpec { on_full: OnFull::Error, ..LinkSpec::new("desk", address, "demo", SIGNAL) };
    /// let mut link = StreamLink::open(spec, &Config::new())?;
    /// // A link without a peer counts as full: number 0 is refused, and number 1 not tried.
    /// assert_eq!(link.send_all(&[Signal::default(); 2]), Err(SendAllError { sent: 0, reason: SendError::Full }));
    /// assert_eq!(link.stats().dropped_error, 1);
    /// # Ok::<(), mycelium_rt::link::LinkError>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`send`](Self::send), with the number of messages before.
    #[inline]
    pub fn send_all<M: Message>(&mut self, messages: &[M]) -> Result<(), SendAllError> {
        self.sender.send_all(messages)
    }

    /// Sends the body of the message with this id; otherwise as [`send`](Self::send).
    ///
    /// # Errors
    /// Those of [`send`](Self::send), and a message or a length that the link does not have.
    #[inline]
    pub fn send_bytes(&mut self, type_id: u16, body: &[u8]) -> Result<(), SendError> {
        self.send_bytes_by_key(type_id, 0, body)
    }

    /// As [`send`](Self::send), with the key of the message for [`OnFull::Latest`]: while the link is full, the newest message of
    /// each id and key waits. Other policies don't look at it.
    ///
    /// # Errors
    /// Those of [`send`](Self::send).
    #[inline]
    pub fn send_by_key<M: Message>(&mut self, message: &M, key: u64) -> Result<(), SendError> {
        self.send_bytes_by_key(M::ID, key, message.as_bytes())
    }

    /// As [`send_bytes`](Self::send_bytes), with the key of the message, see [`send_by_key`](Self::send_by_key).
    ///
    /// # Errors
    /// Those of [`send_bytes`](Self::send_bytes).
    #[inline]
    pub fn send_bytes_by_key(&mut self, type_id: u16, key: u64, body: &[u8]) -> Result<(), SendError> {
        if self.sender.latest.is_some() {
            return self.sender.send_latest(type_id, key, body);
        }
        self.sender.send(type_id, body)
    }

    /// Counts messages that were lost before they got here: they are reported to the receiver.
    #[cfg(all(feature = "bus", feature = "net"))]
    pub(crate) fn note_lost(&mut self, messages: u64) {
        self.sender.note_lost(messages);
    }

    /// Does what is due: connects, notices that the peer has gone, passes on a batch whose delay is over.
    pub fn poll(&mut self) -> Status {
        self.sender.poll();
        if self.poll_throttle.is_due() {
            self.sender.drive();
        }
        self.status()
    }

    /// Makes the next [`poll`](Self::poll) look at the connection, however often it was called lately: the owner was asleep.
    pub(crate) fn hurry(&mut self) {
        self.poll_throttle.hurry();
    }

    /// Passes on what the link holds, as far as it is taken now, and wakes a receiver that sleeps. Returns whether nothing
    /// is left. Call it when the owner goes idle.
    pub fn flush(&mut self) -> bool {
        self.sender.flush()
    }

    /// Waits for a peer.
    ///
    /// # Errors
    /// No peer by the deadline, or a handshake that either side refused. An [interrupt](Self::interrupt) ends only waits for
    /// room.
    pub fn wait_for_peer(&mut self, deadline: Instant) -> Result<(), LinkError> {
        loop {
            self.sender.poll();
            self.sender.drive();
            let (link, connection) = (|| self.name.to_owned(), &self.sender.end.connection);
            if connection.is_up() {
                return Ok(());
            }
            if let Some(refusal) = connection.final_refusal() {
                return Err(LinkError::Refused { link: link(), refusal: refusal.clone() });
            }
            if Instant::now() >= deadline {
                let (address, trouble) = (connection.address().to_owned(), connection.last_failure().to_owned());
                return Err(LinkError::NoPeer { link: link(), address, trouble });
            }
            self.sender.end.wait(Some(deadline));
        }
    }

    /// Passes on what is left, for as long as the link lingers, and closes it.
    #[cfg(all(feature = "shm", target_os = "linux", not(mycelium_portable)))]
    pub(crate) fn close_lingering(&mut self) -> u64 {
        self.close_by(after(self.linger))
    }

    /// Announces that the owner is about to sleep; false if there is room for what waits. [`unpark`](Self::unpark) follows in any case.
    pub(crate) fn park(&mut self) -> bool {
        self.sender.park()
    }

    /// Announces that the owner is awake.
    pub(crate) fn unpark(&mut self) {
        self.sender.unpark();
    }

    /// Passes on what is left, until the deadline at the latest, and closes the link.
    #[doc(hidden)]
    pub fn close_by(&mut self, deadline: Instant) -> u64 {
        write_until(&mut [self], deadline, None);
        self.sender.close()
    }

    /// The state of the link and its peer.
    #[must_use]
    pub fn status(&self) -> Status {
        self.sender.end.connection.status()
    }

    /// Whether there is a peer and messages flow.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.sender.end.connection.is_up()
    }

    /// Why the last handshake was refused; `None` once one is accepted.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        self.sender.end.connection.refusal()
    }

    /// The name of the link.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What has happened so far, as of the last flush.
    #[must_use]
    pub fn stats(&self) -> LinkStats {
        self.counters().snapshot()
    }

    /// The messages that this peer, or an earlier one, does not accept.
    #[must_use]
    pub fn not_accepted(&self) -> Vec<NotAccepted> {
        self.counters().not_accepted_by_message(self.name)
    }

    /// The live counters, for other threads to read.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        self.sender.counters()
    }

    /// A handle that interrupts waits for room on this link.
    #[must_use]
    pub fn interrupt(&self) -> Interrupt {
        self.sender.interrupt()
    }

    /// What to wait for before the next [`poll`](Self::poll), if the link has a descriptor.
    #[must_use]
    pub fn interest(&self) -> Option<Interest<'_>> {
        self.sender.end.interest()
    }

    /// Registers a waker that ends the owner's sleep, for links without a descriptor.
    #[doc(hidden)]
    pub fn wake(&mut self, waker: Option<&Waker>) {
        self.sender.end.connection.dial.wake(waker);
    }

    /// When to call [`poll`](Self::poll) at the latest.
    #[must_use]
    pub fn timer(&self) -> Option<Instant> {
        self.sender.timer()
    }
}

impl<T: Transport> Closes for Link<T> {
    fn write_on(&mut self) -> bool {
        if self.flush() {
            return true;
        }
        self.sender.drive();
        let connection = &self.sender.end.connection;
        self.sender.is_empty() || connection.status() == Status::Closed || connection.final_refusal().is_some()
    }

    fn interest(&self) -> Option<Interest<'_>> {
        Self::interest(self)
    }

    /// What waits for room in a ring is tried again soon: nothing but its own `wait` asks the peer for a wake-up.
    fn timer(&self) -> Option<Instant> {
        let soon = self.sender.waits().then(|| after(INTERRUPT_LATENCY));
        [soon, Self::timer(self)].into_iter().flatten().min()
    }

    fn wait(&mut self, deadline: Instant) {
        self.sender.end.wait(Some(deadline));
    }

    fn linger(&self) -> Duration {
        self.linger
    }

    fn end(&mut self) -> u64 {
        self.sender.close()
    }
}

impl<T: Transport> Drop for Link<T> {
    /// Closes it, so that the receiver learns what was dropped last, and a receiver that sleeps wakes up for what was sent
    /// last.
    fn drop(&mut self) {
        linger(&mut [self]);
    }
}

impl<T: Transport> std::fmt::Debug for Link<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link")
            .field("name", &self.name)
            .field("address", &self.sender.end.connection.address())
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}
