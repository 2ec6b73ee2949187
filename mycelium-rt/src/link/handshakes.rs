//! Handshakes in progress: connections that an input has accepted and that are not its peers yet.
//!
//! Whenever bytes have arrived from a newcomer, its handshake goes on, until its time is over. It becomes a peer when all of the
//! following holds, which is checked in this order for every kind of link:
//!
//! 1. The kernel says who it is, and it may connect.
//! 2. Its messages agree with those of the input. Even a full input says so to a peer that it could never accept.
//! 3. There is a place for it: before anything is allocated for it, and again with each further step. A sender that returns
//!    has a place of its own, which nobody else takes.
//! 4. It does whatever else its kind of link requires.
//!
//! Only then does an earlier connection of the same sender give way.

use std::time::Instant;

use super::accept_throttle::AcceptThrottle;
use super::transport::receive::{Accepted, Heard, RecvEnd, Remote};
use super::unknown::Welcome;
use super::{Counters, Limits, Unknown, Users};
use crate::notice::{self, Notices};
use crate::time::after;
use crate::wire::{Handshake, Hello, Refusal};

/// The maximum number of connections accepted in one turn.
const ACCEPT_AT_ONCE: usize = 16;

/// No handshake has more parts than this.
const PARTS: usize = 3;

/// Accepts connections and hears their handshakes. Bounded in number, in memory and in time: when it is full, the oldest
/// newcomer, which has had the most time to speak, gives way to the next.
pub(crate) struct Handshakes<E: RecvEnd> {
    name: &'static str,
    /// One for each listener.
    throttles: Vec<AcceptThrottle>,
    /// The listener that is asked first.
    first: usize,
    pending: Vec<Pending<E::Newcomer>>,
    terms: Terms,
    users: Users,
    limits: Limits,
    notices: Notices,
    counters: Counters,
}

/// What newcomers are checked against.
pub(crate) struct Terms {
    /// The messages of this side.
    pub(crate) hello: Hello,
    /// What it does about messages that it does not have.
    pub(crate) unknown: Unknown,
}

/// A newcomer.
struct Pending<N> {
    newcomer: N,
    from: Remote,
    deadline: Instant,
    /// What it said in its hello, once it was welcomed.
    peer_hello: Option<PeerHello>,
}

/// What a peer said about itself, and what follows from that.
pub(crate) struct PeerHello {
    /// The sender, see [`Hello::session`].
    pub(crate) session: u64,
    /// The number of its next message.
    pub(crate) next: u64,
    pub(crate) welcome: Welcome,
}

/// A newcomer whose handshake is complete, and for which there is a place.
pub(crate) struct Arrival<N> {
    pub(crate) newcomer: N,
    pub(crate) from: Remote,
    pub(crate) peer_hello: PeerHello,
}

/// How far a handshake has come.
enum Progress {
    Waiting,
    Done,
    Failed(Failure),
}

/// Why a handshake failed.
enum Failure {
    Refused(Refusal),
    Corrupt(String),
    Gone(String),
    TimedOut,
    /// It made room for a later one.
    Displaced,
}

impl<E: RecvEnd> Handshakes<E> {
    pub(crate) fn new(
        name: &'static str,
        listeners: usize,
        terms: Terms,
        (limits, users): (Limits, Users),
        notices: Notices,
        counters: Counters,
    ) -> Self {
        let throttle = |_| AcceptThrottle::new(name, &limits, notices.clone(), counters.clone());
        let throttles = (0..listeners).map(throttle).collect();
        Self {
            name,
            throttles,
            first: 0,
            pending: Vec::with_capacity(limits.pending),
            terms,
            users,
            limits,
            notices,
            counters,
        }
    }

    /// Accepts what waits at the listeners. Returns whether there was anything.
    pub(crate) fn accept(&mut self, end: &mut E) -> bool {
        for count in 0..ACCEPT_AT_ONCE {
            match self.next(end) {
                Some(accepted) => self.begin(accepted, end),
                None => return count > 0,
            }
        }
        true
    }

    /// The next newcomer that can become a peer; `has_place` says whether there is a place for a connection from this
    /// remote, of this session. Handshakes that have failed are ended on the way.
    pub(crate) fn next_arrival(
        &mut self,
        end: &mut E,
        has_place: impl Fn(Remote, u64) -> bool,
        now: Instant,
    ) -> Option<Arrival<E::Newcomer>> {
        let mut at = 0;
        while let Some(pending) = self.pending.get_mut(at) {
            let progress = pending.advance(end, &self.terms, &has_place, now);
            if let Progress::Waiting = progress {
                at += 1;
                continue;
            }
            let Pending { newcomer, from, peer_hello, .. } = self.pending.remove(at);
            match (progress, peer_hello) {
                (Progress::Failed(failure), _) => self.fail(newcomer, from, failure, end),
                (_, Some(peer_hello)) => return Some(Arrival { newcomer, from, peer_hello }),
                // Unreachable: a handshake is complete only after its hello.
                (_, None) => self.refuse(newcomer, from, Refusal::Malformed, end),
            }
        }
        None
    }

    /// Tells a newcomer why it cannot stay, and ends its connection.
    pub(crate) fn refuse(&self, newcomer: E::Newcomer, from: Remote, refusal: Refusal, end: &mut E) {
        self.fail(newcomer, from, Failure::Refused(refusal), end);
    }

    /// When the next newcomer runs out of time, or connections are accepted again.
    pub(crate) fn timer(&self) -> Option<Instant> {
        let throttles = self.throttles.iter().filter_map(AcceptThrottle::timer);
        self.pending.first().map(|first| first.deadline).into_iter().chain(throttles).min()
    }

    /// The next connection that waits at any listener.
    fn next(&mut self, end: &mut E) -> Option<Accepted<E::Newcomer>> {
        // Begins with another listener each time, so that none keeps the others waiting.
        let count = self.throttles.len();
        self.first = if self.first + 1 < count { self.first + 1 } else { 0 };
        (self.first..count).chain(0..self.first).find_map(|listener| {
            let throttle = self.throttles.get_mut(listener)?;
            let was_paused = throttle.is_paused();
            let accepted = throttle.next(|| end.accept(listener));
            if throttle.is_paused() != was_paused {
                end.set_listening(listener, was_paused);
            }
            accepted
        })
    }

    /// Begins the handshake of a connection, if it may connect.
    pub(crate) fn begin(&mut self, Accepted { newcomer, from }: Accepted<E::Newcomer>, end: &mut E) {
        let from = match from {
            Ok(from) => from,
            Err(error) => {
                self.counters.accept_failures.add(1);
                notice::warning!(self.notices, input = self.name, %error, "the kernel does not say who connected");
                return end.dismiss(newcomer, None);
            }
        };
        if !from.is_allowed(&self.users) {
            return self.refuse(newcomer, from, Refusal::User, end);
        }
        if self.pending.len() >= self.limits.pending {
            let Pending { newcomer, from, .. } = self.pending.remove(0);
            self.fail(newcomer, from, Failure::Displaced, end);
        }
        self.pending.push(Pending { newcomer, from, deadline: after(self.limits.handshake), peer_hello: None });
    }

    /// Ends the connection of a newcomer.
    fn fail(&self, newcomer: E::Newcomer, from: Remote, failure: Failure, end: &mut E) {
        let (counters, notices, input) = (&self.counters, &self.notices, self.name);
        match &failure {
            Failure::Refused(refusal) => {
                match refusal {
                    Refusal::Malformed => counters.corrupt.add(1),
                    Refusal::Busy => counters.refused_busy.add(1),
                    _ => counters.refused.add(1),
                }
                notice::warning!(notices, input, %from, %refusal, "handshake refused");
            }
            Failure::Corrupt(reason) => {
                counters.corrupt.add(1);
                notice::warning!(notices, input, %from, reason, "broken handshake");
            }
            Failure::Gone(reason) => {
                counters.connect_failures.add(1);
                tracing::debug!(input, %from, reason, "left before the handshake");
            }
            Failure::TimedOut => {
                counters.timed_out.add(1);
                notice::warning!(notices, input, %from, "no handshake in time");
            }
            Failure::Displaced => {
                counters.refused_busy.add(1);
                notice::warning!(notices, input, %from, "too many connections without a handshake");
            }
        }
        match failure {
            Failure::Refused(refusal) => end.dismiss(newcomer, Some(&Handshake::rejection(&refusal))),
            _ => end.dismiss(newcomer, None),
        }
    }
}

impl<N> Pending<N> {
    /// Takes the next steps, as far as possible now.
    fn advance<E: RecvEnd<Newcomer = N>>(
        &mut self,
        end: &mut E,
        terms: &Terms,
        has_place: impl Fn(Remote, u64) -> bool,
        now: Instant,
    ) -> Progress {
        for _ in 0..PARTS {
            // Others may have taken the last place since.
            if self.peer_hello.as_ref().is_some_and(|peer_hello| !has_place(self.from, peer_hello.session)) {
                return Progress::Failed(Failure::Refused(Refusal::Busy));
            }
            let heard = match end.hear(&mut self.newcomer) {
                Heard::Hello(theirs) => self.answer(&theirs, end, terms, &has_place),
                Heard::Nothing if now >= self.deadline => return Progress::Failed(Failure::TimedOut),
                Heard::Nothing => return Progress::Waiting,
                heard => heard,
            };
            match heard {
                Heard::Hello(_) | Heard::Nothing => {}
                Heard::Done => return Progress::Done,
                Heard::Refused(refusal) => return Progress::Failed(Failure::Refused(refusal)),
                Heard::Corrupt(reason) => return Progress::Failed(Failure::Corrupt(reason)),
                Heard::Gone(reason) => return Progress::Failed(Failure::Gone(reason)),
            }
        }
        Progress::Waiting
    }

    /// Welcomes a newcomer that has said hello, if it may stay.
    fn answer<E: RecvEnd<Newcomer = N>>(
        &mut self,
        theirs: &Hello,
        end: &mut E,
        terms: &Terms,
        has_place: impl Fn(Remote, u64) -> bool,
    ) -> Heard {
        let welcome = match terms.unknown.decide(&terms.hello, theirs) {
            Ok(welcome) => welcome,
            Err(refusal) => return Heard::Refused(refusal),
        };
        let answer = match welcome.accept() {
            Ok(answer) => answer,
            Err(refusal) => return Heard::Refused(refusal),
        };
        if !has_place(self.from, theirs.session) {
            return Heard::Refused(Refusal::Busy);
        }
        let heard = end.welcome(&mut self.newcomer, &welcome, &answer);
        self.peer_hello = Some(PeerHello { session: theirs.session, next: theirs.next, welcome });
        heard
    }
}
