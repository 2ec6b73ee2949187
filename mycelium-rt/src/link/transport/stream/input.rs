//! The receiving end of streams: listens, and takes in what any number of peers send.

use std::fmt::Display;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::endpoint::Listener;
use super::lobby::{Arrival, Lobby};
use super::patience::Rounds;
use super::peer::{End, Peer};
use super::pending::say;
use super::places::Places;
use super::readiness::{NEWCOMER, Readiness};
use super::sessions::{Known, Sessions};
use super::shown;
use super::socket::SocketError;
use super::spec::InputSpec;
use crate::Config;
use crate::link::delivery::{Deliver, Delivery};
use crate::link::{ConfigError, Counters, Limits, LinkError, LinkStats};
use crate::notice::{self, Notices};
use crate::wire::{FrameError, Handshake, Hello, Refusal, Role};

/// Newcomers are looked after once in so many turns while there are peers to serve, since it costs a system call; besides
/// after each wait, and as long as they keep coming.
const GREET_EVERY: u32 = 64;

/// With up to so many peers each is asked for bytes; with more, the kernel is asked first who has any.
const ASK_EACH: usize = 4;

/// Turns that a connection may still take when its sender has come back on another one.
const LAST_TURNS: usize = 64;

/// An input over Unix or TCP streams: listens, shakes hands, and delivers what its peers send.
///
/// Peers come and go without notice to one another. Each delivers in order and at most once, a bounded number of
/// messages in one [`poll`](Self::poll). A peer that sends something which its handshake did not announce, or a body that
/// is refused, or that leaves a frame half sent for longer than [`Limits::frame`], loses its connection, and nobody else
/// does. Numbers that a peer left out are counted as [`gaps`](LinkStats::gaps); the count goes on when the same sender
/// reconnects.
///
/// Memory is bounded by [`Limits`]: one read buffer per peer, taken when it has shaken hands, and one
/// handshake per newcomer. Delivering allocates nothing. TLS allocates for each record, and holds some 64 KiB per newcomer
/// and 48 KiB per peer at most.
///
/// There is an example at [`StreamLink`](super::StreamLink).
#[derive(Debug)]
pub struct StreamInput {
    name: &'static str,
    lobby: Lobby,
    limits: Limits,
    peers: Places<Peer>,
    sessions: Sessions,
    /// Numbers of peers for logs.
    next_number: u64,
    turn: u32,
    /// Whether to look after newcomers in the next turn.
    greet: bool,
    rounds: Rounds,
    readiness: Readiness,
    notices: Notices,
    counters: Arc<Counters>,
}

impl StreamInput {
    /// Binds the address and listens.
    ///
    /// # Errors
    /// An address that is none, is insecure, or is in use; messages that do not fit into a handshake.
    pub fn open(spec: InputSpec, config: &Config) -> Result<Self, LinkError> {
        let unsound = |reason: String| ConfigError::Contract { link: spec.name.to_owned(), reason };
        let address = config.resolve(spec.name, &spec.address)?;
        let hello = Hello::new(Role::Receiver, spec.schema, &spec.messages).map_err(|e| unsound(e.to_string()))?;
        Handshake::Accept(hello.clone()).encode().map_err(|e| unsound(e.to_string()))?;
        let failed = |source: io::Error| LinkError::Io {
            link: spec.name.to_owned(),
            action: "wait for",
            address: address.to_string(),
            source,
        };
        let listeners = Listener::bind(&spec, &address, config)?;
        let (limits, notices, counters) = (*config.bounds(), config.notices(), Arc::new(Counters::default()));
        let readiness = Readiness::new().map_err(failed)?;
        listeners.iter().try_for_each(|listener| readiness.watch(listener, NEWCOMER)).map_err(failed)?;
        tracing::info!(input = spec.name, %address, "listening");
        Ok(Self {
            name: spec.name,
            lobby: Lobby::new(
                spec.name,
                listeners,
                (hello, spec.unknown),
                limits,
                notices.clone(),
                Arc::clone(&counters),
            ),
            limits,
            peers: Places::new(limits.connections),
            sessions: Sessions::new(limits.connections),
            next_number: 0,
            turn: 0,
            greet: true,
            rounds: Rounds::new(limits.frame, Instant::now()),
            readiness,
            notices,
            counters,
        })
    }

    /// Takes in what has arrived: each message goes to `deliver` as its id, the version of the sender's schema, and its
    /// body, which lies on an address that is a multiple of 8. Returns how many were delivered.
    ///
    /// Each peer gets one turn of a bounded number of messages. If `deliver` returns an error, the body is not what its
    /// contract allows, and the peer loses its connection.
    pub fn poll<E: Display>(&mut self, deliver: impl FnMut(u16, u16, &[u8]) -> Result<(), E>) -> usize {
        self.poll_while(|| true, deliver)
    }

    /// The same as long as `goes_on` says so, which is asked before each message. What is left stays for later.
    #[doc(hidden)]
    #[inline]
    pub fn poll_while<E: Display>(
        &mut self,
        goes_on: impl Fn() -> bool,
        deliver: impl FnMut(u16, u16, &[u8]) -> Result<(), E>,
    ) -> usize {
        let mut delivery = Delivery::new(deliver, goes_on);
        self.turn = self.turn.wrapping_add(1);
        let mut delivered = 0;
        if self.peers.len() <= ASK_EACH {
            self.each_place(|input, place| delivered += input.serve(place, &mut delivery));
        } else {
            delivered += self.serve_ready(&mut delivery);
        }
        if self.peers.is_empty() || self.greet || self.turn.is_multiple_of(GREET_EVERY) {
            delivered += self.look_after_newcomers(&mut delivery);
            self.close_stalled();
        }
        delivered
    }

    /// Sleeps until there is something for [`poll`](Self::poll) to do, or `timeout` is over.
    pub fn wait(&mut self, timeout: Duration) {
        if self.peers.iter().any(Peer::has_backlog) {
            return;
        }
        self.settle();
        let due = self.timer().map(|due| due.saturating_duration_since(Instant::now()));
        self.ask_kernel(due.map_or(timeout, |due| due.min(timeout)));
        // Only messages, most often: then newcomers have not moved, and asking for them would cost a system call.
        self.greet |= self.readiness.is_idle() || self.readiness.has(NEWCOMER);
    }

    /// Says that the owner is about to sleep until the descriptor of this input can be read: false if there is something to do
    /// already. For owners that wait for several things at once.
    #[must_use]
    pub fn park(&mut self) -> bool {
        // The descriptor may tell of newcomers, whom not every turn looks after.
        self.greet = true;
        self.settle();
        !self.peers.iter().any(Peer::has_backlog)
    }

    /// When to call [`poll`](Self::poll) at the latest.
    pub fn timer(&self) -> Option<Instant> {
        let round = self.peers.iter().any(Peer::is_within_frame).then(|| self.rounds.next());
        [self.lobby.timer(), round].into_iter().flatten().min()
    }

    /// The address of a TCP input, whose port may be the kernel's choice; the first, if there are several.
    pub fn local_address(&self) -> Option<SocketAddr> {
        self.local_addresses().next()
    }

    /// The addresses of a TCP input: a name such as `localhost` may stand for several. They have one port.
    pub fn local_addresses(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        self.lobby.local_addresses()
    }

    /// How many peers have shaken hands and are there.
    pub fn peers(&self) -> usize {
        self.peers.len()
    }

    /// The name of the input.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What happened so far, on all connections together.
    pub fn stats(&self) -> LinkStats {
        self.counters.snapshot()
    }

    /// The live counters, for other threads to read.
    pub fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    /// Calls `visit` with each place that is taken, each turn beginning with another one. A peer that goes meanwhile leaves its turn to
    /// the one that came last.
    #[inline]
    fn each_place(&mut self, mut visit: impl FnMut(&mut Self, usize)) {
        let count = self.peers.len();
        let mut position = if count > 1 { self.turn as usize % count } else { 0 };
        for _ in 0..count {
            let Some(place) = self.peers.nth(position) else { return };
            visit(self, place);
            position = if position + 1 < self.peers.len() { position + 1 } else { 0 };
        }
    }

    /// Takes from the kernel what was delivered without: it would end every sleep at once.
    fn settle(&mut self) {
        for position in 0..self.peers.len() {
            if let Some(peer) = self.peers.nth(position).and_then(|place| self.peers.get_mut(place)) {
                peer.settle();
            }
        }
    }

    fn serve_ready(&mut self, delivery: &mut impl Deliver) -> usize {
        self.ask_kernel(Duration::ZERO);
        let mut delivered = 0;
        self.each_place(|input, place| {
            if input.peers.get_mut(place).is_some_and(|peer| peer.has_backlog()) {
                delivered += input.serve(place, delivery);
            }
        });
        // The kernel names those first that it has not named for the longest time.
        let mut ready = 0;
        while let Some(token) = self.readiness.get(ready) {
            match token {
                NEWCOMER => self.greet = true,
                place => delivered += self.serve(place as usize, delivery),
            }
            ready += 1;
        }
        delivered
    }

    fn ask_kernel(&mut self, timeout: Duration) {
        if let Err(error) = self.readiness.ask(timeout) {
            notice::error!(self.notices, input = self.name, %error, "cannot wait");
        }
    }

    /// Gives the peer at `place` its turn, if there is one.
    fn serve(&mut self, place: usize, delivery: &mut impl Deliver) -> usize {
        let Some(peer) = self.peers.get_mut(place) else { return 0 };
        if std::mem::replace(&mut peer.last_turn, self.turn) == self.turn {
            return 0;
        }
        match peer.turn(self.limits.turn, &self.counters, delivery) {
            Ok(delivered) => delivered,
            Err((delivered, end)) => {
                self.remove(place, &end);
                delivered
            }
        }
    }

    fn remove(&mut self, place: usize, end: &End) {
        let Some(peer) = self.peers.take(place) else { return };
        let known = Known { next: peer.expected(), delivered: peer.delivered };
        self.sessions.remember(peer.session, known, Instant::now());
        let counters = &self.counters;
        counters.disconnects.add(1);
        match end {
            End::Closed | End::ClosedWithinFrame | End::Superseded | End::Socket(SocketError::Io(_)) => {
                tracing::info!(input = self.name, peer = peer.number, from = %shown(peer.from), reason = %end, "peer gone");
                return;
            }
            End::Stalled => counters.stalled.add(1),
            End::Frame(FrameError::Unlisted { .. }) => counters.unlisted.add(1),
            End::Frame(_) | End::Socket(_) => counters.corrupt.add(1),
            End::Body(_) => counters.invalid.add(1),
        }
        notice::warning!(self.notices, input = self.name, peer = peer.number, from = %shown(peer.from), reason = %end, "connection closed");
    }

    /// Ends the connections of peers that have been within one frame for too long.
    #[cold]
    fn close_stalled(&mut self) {
        if self.peers.is_empty() || !self.rounds.is_due(Instant::now()) {
            return;
        }
        // Not by position, which a removal changes: each is asked once in a round.
        for place in 0..self.limits.connections {
            if self.peers.get_mut(place).is_some_and(Peer::is_stalled) {
                self.remove(place, &End::Stalled);
            }
        }
    }

    #[cold]
    fn look_after_newcomers(&mut self, delivery: &mut impl Deliver) -> usize {
        self.greet = self.lobby.accept(&self.readiness);
        if self.lobby.timer().is_none() {
            return 0;
        }
        let (now, mut delivered) = (Instant::now(), 0);
        while let Some(arrival) = self.lobby.next_arrival(now) {
            delivered += self.supersede(arrival.hello.session, delivery);
            match self.peers.free() {
                Some(place) => self.admit(place, arrival),
                None => self.lobby.refuse(arrival.newcomer, Refusal::Busy),
            }
        }
        delivered
    }

    /// Ends the connection that a sender had before it came back, after taking in what it had sent on it.
    fn supersede(&mut self, session: u64, delivery: &mut impl Deliver) -> usize {
        let old = self.peers.find(|peer| peer.session == session);
        let Some(place) = old.filter(|_| session != 0) else { return 0 };
        let mut delivered = 0;
        for _ in 0..LAST_TURNS {
            let Some(peer) = self.peers.get_mut(place) else { break };
            match peer.turn(self.limits.turn, &self.counters, delivery) {
                Ok(0) => break,
                Ok(count) => delivered += count,
                Err((count, end)) => {
                    delivered += count;
                    self.remove(place, &end);
                }
            }
        }
        self.remove(place, &End::Superseded);
        delivered
    }

    /// Gives a newcomer a place among the peers.
    fn admit(&mut self, place: usize, arrival: Arrival) {
        let Arrival { newcomer, hello, mut welcome } = arrival;
        // A sender that was here before goes on counting where this side saw it last; for any other, what it dropped
        // before it ever wrote to a receiver is missing here as well.
        let returned = self.sessions.take(hello.session);
        let known = returned.unwrap_or(Known { next: hello.next, delivered: 0 });
        if returned.is_some() {
            (welcome.answer.session, welcome.answer.next) = (hello.session, known.next);
        }
        let answer = match welcome.accept() {
            Ok(answer) => answer,
            Err(refusal) => {
                self.sessions.remember(hello.session, known, Instant::now());
                return self.lobby.refuse(newcomer, refusal);
            }
        };
        let (from, mut socket) = (newcomer.from(), newcomer.into_socket());
        self.next_number += 1;
        let number = self.next_number;
        if !say(&mut socket, &answer) || self.readiness.rename(&socket, place as u64).is_err() {
            self.counters.connect_failures.add(1);
            return self.sessions.remember(hello.session, known, Instant::now());
        }
        tracing::info!(input = self.name, peer = number, from = %shown(from), "peer connected");
        if returned.is_some() {
            self.counters.reconnects.add(1);
        }
        self.counters.connects.add(1);
        let peer = Peer::new(number, from, socket, hello.session, welcome, known, self.limits.receive_buffer);
        self.peers.put(place, peer);
    }
}

impl AsFd for StreamInput {
    /// A descriptor that can be read whenever there is something for [`poll`](StreamInput::poll) to do.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.readiness.as_fd()
    }
}
