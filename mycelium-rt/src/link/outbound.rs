//! The sending end that other processes are reached by.

use std::task::Waker;
use std::time::{Duration, Instant};

use super::backoff::random_u64;
use super::closing::{Closes, linger, write_until};
use super::connection::Connection;
use super::peer_end::{Outgoing, PeerEnd};
use super::poll_throttle::PollThrottle;
use super::report::Report;
use super::sender::{SendEnd, Sender};
use super::transport::Transport;
use super::transport::transmit::Transmit;
use super::{
    Config, ConfigError, Counters, Interest, Interrupt, LinkError, LinkSpec, LinkStats, NotAccepted, SendError, Status,
};
use crate::message::Message;
use crate::time::after;
use crate::wire::{Handshake, Hello, Refusal, Role};

/// A link of any kind: connects, shakes hands, sends, and connects again when the peer goes. [`StreamLink`](super::StreamLink) and
/// [`ShmLink`](crate::shm::ShmLink) are made by their own `open`.
///
/// Messages arrive in order and at most once. Without a peer the link counts as full: what happens then is the policy's, see
/// [`OnFull`](super::OnFull). A message that the peer does not know is not sent, and counted as [`not_accepted`](LinkStats::not_accepted);
/// it never waits, and is no error.
///
/// Nothing happens between calls: whoever owns the link calls [`poll`](Self::poll) now and then, and [`flush`](Self::flush) when there is
/// nothing else to do. Dropping a link closes it, for as long as [`Config::linger`](crate::Config::linger) says.
pub struct Link<T: Transport> {
    name: &'static str,
    sender: Sender<PeerEnd<T::Tx>>,
    /// When to look at the connection.
    poll_throttle: PollThrottle,
    linger: Duration,
}

impl<T: Transport> Link<T> {
    /// Opens a link; does not wait for the peer unless the configuration says so.
    #[doc(hidden)]
    pub fn with_options(spec: &LinkSpec, options: T::Options, config: &Config) -> Result<Self, LinkError> {
        let unsound = |reason: String| ConfigError::Contract { link: spec.name.to_owned(), reason };
        let address = config.resolve(spec.name, &spec.address)?;
        let mut hello = Hello::new(Role::Sender, spec.schema, &spec.messages).map_err(|e| unsound(e.to_string()))?;
        hello.session = random_u64().max(1);
        Handshake::Hello(hello.clone()).encode().map_err(|e| unsound(e.to_string()))?;
        let (limits, notices, counters) = (config.bounds(), config.notices(), config.counters());
        let outgoing = Outgoing::new(spec.name, &hello, &spec.messages, notices.clone(), counters.clone());
        let dial = T::dial(spec, &address, options, hello, config)?;
        let address = address.to_string();
        let report = Report::new(format!("link `{}` to {address}", spec.name), notices.clone());
        let connection = Connection::new(spec.name, address, dial, limits, notices, counters.clone());
        let end = PeerEnd::new(connection, outgoing, counters.clone());
        let mut link = Self {
            name: spec.name,
            sender: Sender::new(end, spec.on_full, spec.batch, report, counters),
            poll_throttle: PollThrottle::new(),
            linger: config.linger_time(),
        };
        link.poll();
        if let Some(wait) = config.peer_deadline() {
            link.wait_for_peer(after(wait))?;
        }
        Ok(link)
    }

    /// Sends a message: passes it on at once or with its batch.
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
        self.sender.send(type_id, body)
    }

    /// Counts messages that were lost on the way here: the receiver is told.
    #[cfg(feature = "tokio")]
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

    /// The next [`poll`](Self::poll) looks at the connection, however often it was called lately: the owner was asleep.
    pub(crate) fn hurry(&mut self) {
        self.poll_throttle.hurry();
    }

    /// Passes on what the link holds, as far as that is taken now, and wakes a receiver that sleeps; says whether nothing is left. To be
    /// called when the owner goes idle.
    pub fn flush(&mut self) -> bool {
        self.sender.flush()
    }

    /// Waits for a peer.
    ///
    /// # Errors
    /// No peer by the deadline, or one that refused the handshake or was refused. An [interrupt](Self::interrupt) ends only waits for room.
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
                let (address, trouble) = (connection.address().to_owned(), connection.trouble().to_owned());
                return Err(LinkError::NoPeer { link: link(), address, trouble });
            }
            self.sender.end.wait(Some(deadline));
        }
    }

    /// Passes on what is left, until the deadline at the latest, and ends the link.
    #[doc(hidden)]
    pub fn close_by(&mut self, deadline: Instant) -> u64 {
        write_until(&mut [self], deadline, None);
        self.sender.close()
    }

    /// What the link is doing about its peer.
    #[must_use]
    pub fn status(&self) -> Status {
        self.sender.end.connection.status()
    }

    /// Whether messages flow.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.sender.end.connection.is_up()
    }

    /// Why the last handshake was refused; `None` once one was accepted.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        self.sender.end.connection.refusal()
    }

    /// The name of the link.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What happened so far, as of the last flush.
    #[must_use]
    pub fn stats(&self) -> LinkStats {
        self.counters().snapshot()
    }

    /// The messages that the peer does not accept, or that an earlier peer did not.
    #[must_use]
    pub fn not_accepted(&self) -> Vec<NotAccepted> {
        self.counters().not_accepted_by_message(self.name)
    }

    /// The live counters, for other threads to read.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        self.sender.counters()
    }

    /// A handle that ends the waits for room of this link.
    #[must_use]
    pub fn interrupt(&self) -> Interrupt {
        self.sender.interrupt()
    }

    /// What to wait for before the next [`poll`](Self::poll), if the link has a descriptor.
    #[must_use]
    pub fn interest(&self) -> Option<Interest<'_>> {
        self.sender.end.interest()
    }

    /// What else ends the owner's sleep: `waker` is called, where there is no descriptor.
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
        self.sender.end.is_empty() || connection.status() == Status::Closed || connection.final_refusal().is_some()
    }

    fn interest(&self) -> Option<Interest<'_>> {
        Self::interest(self)
    }

    fn timer(&self) -> Option<Instant> {
        Self::timer(self)
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
    /// Closes it, so that the receiver learns of what was dropped last, and one that sleeps of what was sent last.
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
