//! Where connections wait until they have shaken hands.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::Instant;

use rustix::net::{SocketFlags, accept_with};

use super::greeting::{Arrival, Greeting, House, Outcome};
use super::packet::MAX_PACKET;
use super::peer::Peer;
use crate::link::gate::Gate;
use crate::link::transport::stream::readiness::{NEWCOMER, Readiness};
use crate::link::transport::unix::{UnixListener, admits};
use crate::link::{Counters, Limits, Users};
use crate::notice::{self, Notices};
use crate::shm::credentials::user_of;
use crate::time::after;
use crate::wire::Refusal;

/// Connections accepted in one turn, at most.
const ACCEPT_AT_ONCE: usize = 16;

/// Whom an input takes, and how many.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) limits: Limits,
    pub(super) users: Users,
}

impl Rules {
    /// Links that one user may have, so that none takes the places of the others.
    fn links_per_user(&self) -> usize {
        match &self.users {
            Users::Same => self.limits.connections,
            Users::Ids(ids) => self.limits.connections.div_ceil(ids.len().max(1)),
        }
    }

    /// Whether there is no place for one more link of this user, besides the one of this session, whose place it takes.
    fn is_full(&self, peers: &[Peer], uid: u32, session: u64) -> bool {
        let others = || peers.iter().filter(|peer| session == 0 || peer.session != session);
        let same = others().filter(|peer| peer.uid == uid).count();
        others().count() >= self.limits.connections || same >= self.links_per_user()
    }
}

/// Accepts connections and hears what they have to say. Bounded in number, in memory and in time: when it is full, the oldest
/// newcomer, who had the most time to speak, gives way to the next.
#[derive(Debug)]
pub(super) struct Lobby {
    name: &'static str,
    listener: UnixListener,
    gate: Gate,
    pending: Vec<Greeting>,
    house: House,
    rules: Rules,
    next_link: u64,
    /// Packets are read here: whole ones, so nothing is kept between two reads.
    buffer: Box<[u8]>,
    notices: Notices,
    counters: Arc<Counters>,
}

impl Lobby {
    pub(super) fn new(
        name: &'static str,
        listener: UnixListener,
        house: House,
        mut rules: Rules,
        notices: Notices,
        counters: Arc<Counters>,
    ) -> Self {
        rules.limits.pending = rules.limits.pending.max(1);
        let pending = Vec::with_capacity(rules.limits.pending);
        let buffer = vec![0; MAX_PACKET].into_boxed_slice();
        let gate = Gate::new(name, &rules.limits, notices.clone(), Arc::clone(&counters));
        Self { name, listener, gate, pending, house, rules, next_link: 1, buffer, notices, counters }
    }

    /// Accepts what waits at the listener; `readiness` watches each new connection.
    pub(super) fn accept(&mut self, readiness: &Readiness) {
        for _ in 0..ACCEPT_AT_ONCE {
            let listener = &self.listener;
            let accept = || accept_with(listener, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK);
            let Some(socket) = self.gate.next(readiness, listener.as_fd(), accept) else { break };
            // One that cannot be watched is still looked at, only not waited for.
            let _ = readiness.watch(&socket, NEWCOMER);
            self.welcome(socket);
        }
    }

    fn welcome(&mut self, socket: OwnedFd) {
        let uid = match user_of(&socket) {
            Ok(uid) => uid,
            Err(error) => {
                self.counters.accept_failures.add(1);
                notice::warning!(self.notices, input = self.name, %error, "the kernel does not say who connected");
                return;
            }
        };
        let allowed = admits(&self.rules.users, uid);
        let deadline = after(self.rules.limits.handshake);
        let greeting = Greeting::new(socket, uid, self.next_link, deadline);
        self.next_link += 1;
        if !allowed {
            let outcome = greeting.refuse(Refusal::User);
            self.count(outcome, uid);
            return;
        }
        if self.pending.len() >= self.rules.limits.pending {
            self.counters.refused_busy.add(1);
            notice::warning!(self.notices, input = self.name, "too many connections without a handshake");
            self.pending.remove(0);
        }
        self.pending.push(greeting);
    }

    /// The next newcomer whose ring is mapped and for whom there is a place. Those with whom nothing comes about are dealt with on
    /// the way.
    pub(super) fn next_arrival(&mut self, peers: &[Peer]) -> Option<Arrival> {
        let now = Instant::now();
        let mut at = 0;
        while at < self.pending.len() {
            let greeting = self.pending.remove(at);
            let uid = greeting.uid;
            // Who it is must be heard first: a sender that returns finds its own earlier link in its place.
            let is_full = |session| self.rules.is_full(peers, uid, session);
            let outcome = match greeting.session().is_some_and(is_full) {
                true => greeting.refuse(Refusal::Busy),
                false => greeting.step(&self.house, is_full, &mut self.buffer, now),
            };
            match outcome {
                Outcome::Waiting(greeting) => {
                    self.pending.insert(at, greeting);
                    at += 1;
                }
                Outcome::Arrived(arrival) => return Some(arrival),
                outcome => self.count(outcome, uid),
            }
        }
        None
    }

    /// When the next newcomer runs out of time, or connections are accepted again.
    pub(super) fn timer(&self) -> Option<Instant> {
        [self.pending.first().map(Greeting::deadline), self.gate.timer()].into_iter().flatten().min()
    }

    fn count(&self, outcome: Outcome, uid: u32) {
        let counters = &self.counters;
        match outcome {
            Outcome::Waiting(_) | Outcome::Arrived(_) => {}
            Outcome::Refused(refusal) => {
                match refusal {
                    Refusal::Malformed => counters.corrupt.add(1),
                    Refusal::Busy => counters.refused_busy.add(1),
                    _ => counters.refused.add(1),
                }
                notice::warning!(self.notices, input = self.name, uid, %refusal, "handshake refused");
            }
            Outcome::TimedOut => {
                counters.timed_out.add(1);
                notice::warning!(self.notices, input = self.name, uid, "no handshake in time");
            }
            Outcome::Gone(reason) => {
                counters.connect_failures.add(1);
                tracing::debug!(input = self.name, uid, reason, "left before the handshake");
            }
            Outcome::Corrupt(reason) => {
                counters.corrupt.add(1);
                notice::warning!(self.notices, input = self.name, uid, reason, "broken handshake");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rustix::event::{EventfdFlags, eventfd};
    use rustix::net::SocketType;

    use super::*;
    use crate::link::Unknown;
    use crate::link::transport::shm::spares::Spares;
    use crate::wire::{Hello, Role};

    #[test]
    fn who_cannot_be_named_is_counted_and_not_let_in() {
        let path = std::env::temp_dir().join(format!("mycelium-lobby-{}", std::process::id()));
        let listener = UnixListener::bind("orders", &path, SocketType::SEQPACKET, 1).unwrap();
        let hello = Hello::new(Role::Receiver, "", &[]).unwrap();
        let spares = Spares::new(0, None, 1);
        let house = House { spares, hello, unknown: Unknown::Refuse, sleeps: true, max_ring_bytes: 0 };
        let (rules, counters) = (Rules { limits: Limits::default(), users: Users::Same }, Arc::default());
        let mut lobby = Lobby::new("orders", listener, house, rules, Notices::default(), Arc::clone(&counters));
        // Something that is no socket: it has no other end.
        lobby.welcome(eventfd(0, EventfdFlags::CLOEXEC).unwrap());
        assert_eq!((counters.accept_failures.get(), lobby.pending.len()), (1, 0));
    }
}
