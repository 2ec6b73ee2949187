//! Where connections wait until they have shaken hands.

use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Instant;

use super::endpoint::{Accepted, Listener};
use super::pending::{Greeting, Pending, say};
use super::readiness::{NEWCOMER, Readiness};
use super::shown;
use crate::link::gate::Gate;
use crate::link::unknown::Welcome;
use crate::link::{Counters, Limits, Unknown};
use crate::notice::{self, Notices};
use crate::time::after;
use crate::wire::{Handshake, Hello, Refusal};

/// Connections accepted in one turn, at most.
const ACCEPT_AT_ONCE: usize = 16;

/// Accepts connections and hears what they have to say. Bounded in number, in memory and in time: when it is full, the
/// oldest newcomer, who had the most time to speak, gives way to the next.
#[derive(Debug)]
pub(super) struct Lobby {
    name: &'static str,
    doors: Vec<(Listener, Gate)>,
    pending: Vec<Pending>,
    accepted: u64,
    hello: Hello,
    unknown: Unknown,
    limits: Limits,
    notices: Notices,
    counters: Arc<Counters>,
}

/// A newcomer with whom the messages agree: what it has said, and what to say to it.
pub(super) struct Arrival {
    pub(super) newcomer: Pending,
    pub(super) hello: Hello,
    pub(super) welcome: Welcome,
}

impl Lobby {
    pub(super) fn new(
        name: &'static str,
        listeners: Vec<Listener>,
        (hello, unknown): (Hello, Unknown),
        limits: Limits,
        notices: Notices,
        counters: Arc<Counters>,
    ) -> Self {
        let limits = Limits { pending: limits.pending.max(1), ..limits };
        let gate = || Gate::new(name, &limits, notices.clone(), Arc::clone(&counters));
        let doors = listeners.into_iter().map(|listener| (listener, gate())).collect();
        let pending = Vec::with_capacity(limits.pending);
        Self { name, doors, pending, accepted: 0, hello, unknown, limits, notices, counters }
    }

    /// Accepts what waits at the listener; `readiness` watches each new connection. Says whether there was any.
    pub(super) fn accept(&mut self, readiness: &Readiness) -> bool {
        let before = self.accepted;
        for _ in 0..ACCEPT_AT_ONCE {
            let next =
                |(listener, gate): &mut (Listener, Gate)| gate.next(readiness, listener.as_fd(), || listener.accept());
            let Some(accepted) = self.doors.iter_mut().find_map(next) else { break };
            if !accepted.allowed {
                self.turn_away(accepted);
                continue;
            }
            self.accepted = self.accepted.wrapping_add(1);
            // One that cannot be watched is still looked at, only not waited for.
            let _ = readiness.watch(&accepted.socket, NEWCOMER);
            if self.pending.len() >= self.limits.pending {
                self.counters.refused_busy.add(1);
                notice::warning!(self.notices, input = self.name, "too many connections without a handshake");
                self.pending.remove(0);
            }
            self.pending.push(Pending::new(accepted, after(self.limits.handshake)));
        }
        self.accepted != before
    }

    /// The next newcomer with whom the messages agree. Those with whom nothing comes about are dealt with on the way.
    pub(super) fn next_arrival(&mut self, now: Instant) -> Option<Arrival> {
        let mut at = 0;
        while let Some(newcomer) = self.pending.get_mut(at) {
            match newcomer.look(now) {
                Greeting::Wait => at += 1,
                Greeting::Hello(theirs) => {
                    let newcomer = self.pending.remove(at);
                    match self.unknown.judge(&self.hello, &theirs) {
                        Ok(welcome) => return Some(Arrival { newcomer, hello: theirs, welcome }),
                        Err(refusal) => self.refuse(newcomer, refusal),
                    }
                }
                Greeting::Refuse(refusal) => {
                    let newcomer = self.pending.remove(at);
                    self.refuse(newcomer, refusal);
                }
                Greeting::Corrupt(reason) => {
                    self.counters.corrupt.add(1);
                    notice::warning!(self.notices, input = self.name, from = %shown(newcomer.from()), reason, "broken handshake");
                    self.pending.remove(at);
                }
                Greeting::Gone(reason) => {
                    self.counters.connect_failures.add(1);
                    tracing::debug!(input = self.name, reason, "left before the handshake");
                    self.pending.remove(at);
                }
                Greeting::TimedOut => {
                    self.counters.timed_out.add(1);
                    notice::warning!(self.notices, input = self.name, from = %shown(newcomer.from()), "no handshake in time");
                    self.pending.remove(at);
                }
            }
        }
        None
    }

    /// Tells a newcomer why it cannot stay, and closes its connection.
    pub(super) fn refuse(&self, newcomer: Pending, refusal: Refusal) {
        match refusal {
            Refusal::Malformed => self.counters.corrupt.add(1),
            Refusal::Busy => self.counters.refused_busy.add(1),
            _ => self.counters.refused.add(1),
        }
        notice::warning!(self.notices, input = self.name, from = %shown(newcomer.from()), %refusal, "handshake refused");
        // One that does not listen is left without an answer.
        say(&mut newcomer.into_socket(), &Handshake::rejection(&refusal));
    }

    /// When the next newcomer runs out of time, or connections are accepted again.
    pub(super) fn timer(&self) -> Option<Instant> {
        let gates = self.doors.iter().filter_map(|(_, gate)| gate.timer());
        self.pending.first().map(Pending::deadline).into_iter().chain(gates).min()
    }

    /// Where it listens, if those are TCP addresses.
    pub(super) fn local_addresses(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        self.doors.iter().filter_map(|(listener, _)| listener.local_address())
    }

    fn turn_away(&self, mut accepted: Accepted) {
        self.counters.refused.add(1);
        notice::warning!(self.notices, input = self.name, refusal = %Refusal::User, "handshake refused");
        say(&mut accepted.socket, &Handshake::rejection(&Refusal::User));
    }
}
