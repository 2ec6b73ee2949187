//! The receiving end of links between processes: it listens, and receives what any number of peers send.

use std::fmt::{self, Display};
use std::net::SocketAddr;
use std::task::Waker;
use std::time::{Duration, Instant};

use super::delivery::{Deliver, Delivery};
use super::handshakes::{Handshakes, Terms};
use super::peers::Peers;
use super::transport::Transport;
use super::transport::receive::{Event, RecvEnd};
use super::{Config, ConfigError, Counters, InputSpec, LinkError, LinkStats};
use crate::notice::{self, Notices};
#[cfg(all(target_os = "linux", not(mycelium_portable)))]
use crate::sys::AsFd;
use crate::sys::BorrowedFd;
use crate::wire::{Handshake, Hello, Refusal, Role};

/// The receiving end of links of one kind: it listens, shakes hands, and delivers what its peers send.
///
/// Peers come and go without affecting one another. Each peer delivers in order and at most once, a bounded number of
/// messages per [`poll`](Self::poll). A peer that sends something which its handshake did not announce, or an invalid body,
/// or breaks the rules of its kind of link, loses its connection; no other peer does. Sequence numbers that a peer left out
/// are counted as [`gaps`](LinkStats::gaps); counting goes on when the same sender reconnects.
///
/// Memory is bounded by [`Limits`](super::Limits). Nothing happens between calls.
pub struct Input<T: Transport> {
    name: &'static str,
    end: T::Rx,
    peers: Peers<T::Rx>,
    handshakes: Handshakes<T::Rx>,
    notices: Notices,
    counters: Counters,
}

impl<T: Transport> Input<T> {
    /// Binds the address and listens.
    ///
    /// # Errors
    /// An address that is invalid, insecure, or in use; messages that do not fit into a handshake.
    #[doc(hidden)]
    pub fn listen(spec: &InputSpec, options: T::Options, config: &Config) -> Result<Self, LinkError> {
        let name = spec.name;
        let unsound = |reason: String| ConfigError::Contract { link: name.to_owned(), reason };
        let address = config.resolve(name, &spec.address)?;
        let hello = Hello::new(Role::Receiver, spec.schema, &spec.messages).map_err(|e| unsound(e.to_string()))?;
        Handshake::Accept(hello.clone()).encode().map_err(|e| unsound(e.to_string()))?;
        let end = T::accept(spec, &address, options, &hello, config)?;
        tracing::info!(input = name, %address, "listening");
        let (limits, users) = (*config.get_limits(), config.get_users());
        let (notices, counters) = (config.notices(), config.counters());
        let terms = Terms { hello, unknown: spec.unknown };
        Ok(Self {
            name,
            peers: Peers::new(name, limits, users, notices.clone(), counters.clone()),
            handshakes: Handshakes::new(
                name,
                end.listeners(),
                terms,
                (limits, users.clone()),
                notices.clone(),
                counters.clone(),
            ),
            end,
            notices,
            counters,
        })
    }

    /// Receives what has arrived: calls `deliver` for each message with its id, the version of the sender's schema, and its
    /// body, whose address is a multiple of 8. Returns the number of messages delivered.
    ///
    /// Each peer has one turn, with a bounded number of messages. If `deliver` returns an error, the body violates its
    /// contract, and the peer loses its connection.
    #[inline]
    pub fn poll<D: Display>(&mut self, deliver: impl FnMut(u16, u16, &[u8]) -> Result<(), D>) -> usize {
        self.poll_while(|| true, deliver)
    }

    /// As [`poll`](Self::poll), until `goes_on`, which is asked before each message, returns false. What is left stays for
    /// later.
    #[doc(hidden)]
    #[inline]
    pub fn poll_while<D: Display>(
        &mut self,
        goes_on: impl Fn() -> bool,
        deliver: impl FnMut(u16, u16, &[u8]) -> Result<(), D>,
    ) -> usize {
        let mut delivery = Delivery::new(deliver, goes_on);
        let count = self.peers.len();
        let mut taken = if self.end.asks_each(count) {
            self.peers.serve_each(&mut self.end, &mut delivery)
        } else {
            self.serve_ready(&mut delivery)
        };
        if self.end.is_look_due(self.peers.len()) {
            taken += self.look(&mut delivery);
        }
        taken
    }

    /// Sleeps until there is something for [`poll`](Self::poll) to do, or `timeout` is over.
    pub fn wait(&mut self, timeout: Duration) {
        let peers = &self.peers;
        if !self.end.spin(timeout, || peers.is_ready()) {
            return;
        }
        self.peers.park();
        if !self.peers.is_ready() {
            let due = self.timer().map(|due| due.saturating_duration_since(Instant::now()));
            self.wait_for(due.map_or(timeout, |due| due.min(timeout)));
        }
        self.peers.unpark();
    }

    /// Prepares the owner to sleep until the descriptor of this input is readable, and checks once more: returns false if
    /// there is something to do already. For owners that wait for several things at once; call [`unpark`](Self::unpark)
    /// afterwards.
    #[must_use]
    pub fn park(&mut self) -> bool {
        // The descriptor may report newcomers, which not every turn looks at.
        self.end.hurry();
        self.peers.park();
        !self.peers.is_ready()
    }

    /// Ends the owner's sleep, so that peers need not wake it.
    pub fn unpark(&mut self) {
        self.peers.unpark();
        self.end.unpark();
    }

    /// Registers a waker to call when there is something to do, for inputs without [descriptors](Self::descriptors); `None`
    /// removes it.
    pub(crate) fn wake(&mut self, waker: Option<&Waker>) {
        self.end.wake(waker);
    }

    /// Calls `readable` with each descriptor that ends the owner's sleep, if there are any.
    #[cfg(not(all(test, mycelium_loom)))]
    pub(crate) fn descriptors<'a>(&'a mut self, readable: impl FnMut(BorrowedFd<'a>)) {
        self.end.park(readable);
    }

    /// When to call [`poll`](Self::poll) at the latest.
    #[must_use]
    pub fn timer(&self) -> Option<Instant> {
        [self.handshakes.timer(), self.peers.timer()].into_iter().flatten().min()
    }

    /// The address of an input over TCP, whose port may be the kernel's choice; the first one if there are several.
    #[must_use]
    pub fn local_address(&self) -> Option<SocketAddr> {
        self.local_addresses().next()
    }

    /// The addresses of an input over TCP: a name such as `localhost` may stand for several. All have the same port.
    pub fn local_addresses(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        (0..self.end.listeners()).filter_map(|listener| self.end.local_address(listener))
    }

    /// The number of peers that have completed the handshake and are connected.
    #[must_use]
    pub fn peers(&self) -> usize {
        self.peers.len()
    }

    /// The name of the input.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What has happened so far, on all connections together.
    #[must_use]
    pub fn stats(&self) -> LinkStats {
        self.counters.snapshot()
    }

    /// The live counters, for other threads to read.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    fn serve_ready(&mut self, delivery: &mut impl Deliver) -> usize {
        self.wait_for(Duration::ZERO);
        self.peers.serve_ready(&mut self.end, delivery)
    }

    fn wait_for(&mut self, timeout: Duration) {
        if let Err(error) = self.end.wait(timeout) {
            notice::error!(self.notices, input = self.name, %error, "cannot wait for events");
        }
    }

    /// Looks at what has happened besides messages. Peers come first, since those that leave free places for newcomers.
    #[cold]
    fn look(&mut self, delivery: &mut impl Deliver) -> usize {
        let has_newcomers = self.end.look().unwrap_or_else(|error| {
            notice::error!(self.notices, input = self.name, %error, "cannot check the sockets for events");
            true
        });
        let mut at = 0;
        while let Some(event) = self.end.event(at) {
            at += 1;
            if let Event::Peer(place) = event {
                self.peers.listen(place, &mut self.end);
            }
        }
        let now = Instant::now();
        self.peers.close_stalled(&mut self.end, now);
        let is_due = self.handshakes.timer().is_some_and(|due| now >= due);
        if has_newcomers || is_due { self.look_after_newcomers(now, delivery) } else { 0 }
    }

    fn look_after_newcomers(&mut self, now: Instant, delivery: &mut impl Deliver) -> usize {
        let Self { end, peers, handshakes, .. } = self;
        if handshakes.accept(end) {
            // There may be more, and these may speak soon.
            end.hurry();
        }
        let mut taken = 0;
        while let Some(arrival) = handshakes.next_arrival(end, |from, session| peers.has_place(from, session), now) {
            taken += peers.supersede(arrival.peer_hello.session, end, delivery);
            match peers.free() {
                Some(place) => peers.admit(place, arrival, end),
                // Unreachable: there was a place, and none was taken since.
                None => handshakes.refuse(arrival.newcomer, arrival.from, Refusal::Busy, end),
            }
        }
        taken
    }
}

#[cfg(all(target_os = "linux", not(mycelium_portable)))]
impl<T: Transport> AsFd for Input<T>
where
    T::Rx: AsFd,
{
    /// A descriptor that is readable whenever there is something for [`poll`](Input::poll) to do, as long as the input is
    /// [parked](Input::park). On Linux only.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.end.as_fd()
    }
}

impl<T: Transport> fmt::Debug for Input<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input").field("name", &self.name).field("peers", &self.peers.len()).finish_non_exhaustive()
    }
}
