//! The receiving end of shared memory.

use std::fmt::Display;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::net::SocketType;

use super::greeting::House;
use super::link::digest;
use super::lobby::{Lobby, Rules};
use super::options::ShmOptions;
use super::pacer::Pacer;
use super::peer::{End, Peer};
use super::spares::Spares;
use crate::Config;
use crate::link::delivery::Delivery;
use crate::link::transport::stream::readiness::{NEWCOMER, Readiness};
use crate::link::transport::unix;
use crate::link::{ConfigError, Counters, InputSpec, Limits, LinkError, LinkStats};
use crate::notice::{self, Notices};
use crate::ring::parts::{Deadline, spin_until};
use crate::wire::{Handshake, Hello, Role};

/// Pieces of memory that are kept for senders which don't notice that their connection is over, before one is used again all the same.
const STUBBORN: usize = 64;

/// Connections that the kernel keeps until they are accepted.
const BACKLOG: i32 = 64;

/// An input over shared memory: listens, shakes hands, and delivers what its peers commit to their rings.
///
/// Peers come and go without notice to one another. Each delivers in order and at most once, a bounded number of messages in one
/// [`poll`](Self::poll). What a peer had committed when it ended, in whatever way, is delivered; what it had not does not exist. A peer
/// whose ring, control socket or messages are not as agreed loses its link, and nobody else does.
///
/// Memory is bounded: one mapping per peer, of the size that the handshake allows, and one buffer for its largest message. Delivering
/// allocates nothing and makes no system call, but to wake a sender that sleeps on a full ring, and a look at the sockets in some 500 µs.
///
/// There is an example at [`ShmLink`](super::ShmLink).
pub struct ShmInput {
    name: &'static str,
    lobby: Lobby,
    limits: Limits,
    peers: Vec<Peer>,
    /// Numbers of peers, for logs and for the kernel.
    next_number: u64,
    /// Which peer comes first in the next turn.
    first: usize,
    spin: bool,
    pacer: Pacer,
    readiness: Readiness,
    notices: Notices,
    counters: Arc<Counters>,
}

impl ShmInput {
    /// Binds the path and listens.
    ///
    /// # Errors
    /// An address that is none or is in use; messages that do not fit into a handshake.
    pub fn open(spec: InputSpec, options: ShmOptions, config: &Config) -> Result<Self, LinkError> {
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
        let path = PathBuf::from(address.text());
        let listener = unix::UnixListener::bind(spec.name, &path, SocketType::SEQPACKET, BACKLOG)?;
        let (limits, notices, counters) = (*config.bounds(), config.notices(), Arc::new(Counters::default()));
        let readiness = Readiness::new().map_err(failed)?;
        readiness.watch(&listener, NEWCOMER).map_err(failed)?;
        tracing::info!(input = spec.name, %address, "listening");
        let (unknown, spares) =
            (spec.unknown, Spares::new(digest(&hello), None, limits.connections.saturating_add(STUBBORN)));
        let house = House { spares, hello, unknown, sleeps: !options.spin, max_ring_bytes: limits.ring_bytes };
        let rules = Rules { limits, users: config.allowed_users().clone() };
        Ok(Self {
            name: spec.name,
            lobby: Lobby::new(spec.name, listener, house, rules, notices.clone(), Arc::clone(&counters)),
            limits,
            peers: Vec::with_capacity(limits.connections),
            next_number: 0,
            first: 0,
            spin: options.spin,
            pacer: Pacer::new(),
            readiness,
            notices,
            counters,
        })
    }

    /// Takes in what has arrived: each message goes to `deliver` as its id, the version of the sender's schema, and its body, which is
    /// a private copy at an address that is a multiple of 8. Returns how many were delivered.
    ///
    /// Each peer gets one turn of a bounded number of messages. If `deliver` returns an error, the body is not what its contract
    /// allows, and the peer loses its link.
    #[inline]
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
        let mut delivered = 0;
        let count = self.peers.len();
        self.first = if self.first + 1 < count { self.first + 1 } else { 0 };
        let mut place = self.first;
        for _ in 0..count {
            // A peer that goes leaves its place to the last one, which then comes next turn.
            let Some(peer) = self.peers.get_mut(place) else { break };
            let (taken, end) = peer.turn(self.limits.turn, &self.counters, &mut delivery);
            delivered += taken;
            if let Some(end) = end {
                self.remove(place, &end);
            }
            place = if place + 1 < self.peers.len() { place + 1 } else { 0 };
        }
        if self.pacer.is_due() {
            self.look_at_sockets();
        }
        delivered
    }

    /// Sleeps until there is something for [`poll`](Self::poll) to do, or `timeout` is over: for 20 µs awake, then asleep, unless the
    /// input was told to spin.
    pub fn wait(&mut self, timeout: Duration) {
        spin_until(&Deadline::after(Some(timeout)), || self.is_ready());
        if self.spin || self.is_ready() {
            return;
        }
        if self.park() {
            let due = self.timer().map(|due| due.saturating_duration_since(Instant::now()));
            self.ask_kernel(due.map_or(timeout, |due| due.min(timeout)));
        }
        self.unpark();
    }

    /// Says to all peers that the owner is about to sleep, until the descriptor of this input can be read, and looks once more: false
    /// if there is something to do already. For owners that wait for several things at once; [`unpark`](Self::unpark) follows.
    #[must_use]
    pub fn park(&mut self) -> bool {
        self.peers.iter_mut().for_each(Peer::park);
        !self.is_ready()
    }

    /// Says to all peers that the owner is awake.
    pub fn unpark(&mut self) {
        self.peers.iter_mut().for_each(Peer::unpark);
        self.pacer.hurry();
    }

    /// When to call [`poll`](Self::poll) at the latest.
    #[must_use]
    pub fn timer(&self) -> Option<Instant> {
        self.lobby.timer()
    }

    /// How many peers have shaken hands and are there.
    #[must_use]
    pub fn peers(&self) -> usize {
        self.peers.len()
    }

    /// The name of the input.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What happened so far, on all links together.
    #[must_use]
    pub fn stats(&self) -> LinkStats {
        self.counters.snapshot()
    }

    /// The live counters, for other threads to read.
    #[must_use]
    pub fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    fn is_ready(&self) -> bool {
        self.peers.iter().any(Peer::is_ready)
    }

    fn ask_kernel(&mut self, timeout: Duration) {
        if let Err(error) = self.readiness.ask(timeout) {
            notice::error!(self.notices, input = self.name, %error, "cannot wait");
        }
    }

    #[cold]
    fn look_at_sockets(&mut self) {
        self.ask_kernel(Duration::ZERO);
        let mut is_newcomer = self.lobby.timer().is_some_and(|due| Instant::now() >= due);
        let mut at = 0;
        while let Some(token) = self.readiness.get(at) {
            at += 1;
            match self.peers.iter().position(|peer| peer.number == token) {
                Some(place) => self.listen_to(place),
                None => is_newcomer |= token == NEWCOMER,
            }
        }
        if is_newcomer {
            self.look_after_newcomers();
        }
    }

    fn listen_to(&mut self, place: usize) {
        let Some(peer) = self.peers.get_mut(place) else { return };
        if let Err(end) = peer.listen() {
            self.remove(place, &end);
        }
    }

    fn look_after_newcomers(&mut self) {
        self.lobby.accept(&self.readiness);
        while let Some(arrival) = self.lobby.next_arrival(&self.peers) {
            // The sender has given up its earlier link, and counts what was left there as lost.
            let session = arrival.session;
            if let Some(place) = self.peers.iter().position(|peer| peer.session == session && session != 0) {
                self.remove(place, &End::Superseded);
            }
            self.admit(Peer::new(self.next_number, arrival));
        }
    }

    fn admit(&mut self, peer: Peer) {
        let number = self.next_number;
        self.next_number += 1;
        let watched = self.readiness.rename(peer.channel(), number);
        let also = peer.channel().process().map_or(Ok(()), |process| self.readiness.watch(process, number));
        if watched.and(also).is_err() {
            self.counters.connect_failures.add(1);
            return;
        }
        tracing::info!(input = self.name, peer = number, uid = peer.uid, "peer connected");
        self.counters.connects.add(1);
        self.peers.push(peer);
    }

    #[cold]
    fn remove(&mut self, place: usize, end: &End) {
        let peer = self.peers.swap_remove(place);
        let counters = &self.counters;
        counters.disconnects.add(1);
        match end {
            End::Gone | End::Superseded => {
                match peer.untold_lost() {
                    Some(missing) => counters.add_gaps(missing),
                    None => counters.corrupt.add(1),
                }
                tracing::info!(input = self.name, peer = peer.number, uid = peer.uid, reason = %end, "peer gone");
                return;
            }
            End::Unlisted(_) => counters.unlisted.add(1),
            End::Channel(_) | End::Ring(_) | End::Length { .. } => counters.corrupt.add(1),
            End::Body(_) => counters.invalid.add(1),
        }
        notice::warning!(self.notices, input = self.name, peer = peer.number, uid = peer.uid, reason = %end, "link closed");
    }
}

impl AsFd for ShmInput {
    /// A descriptor that can be read whenever there is something for [`poll`](ShmInput::poll) to do, as long as the input is
    /// [parked](ShmInput::park).
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.readiness.as_fd()
    }
}

impl std::fmt::Debug for ShmInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ShmInput").field("name", &self.name).field("peers", &self.peers.len()).finish_non_exhaustive()
    }
}
