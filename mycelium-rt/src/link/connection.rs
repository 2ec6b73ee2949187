//! The connection of a link: made, lost, and made again, for all kinds of links.
//!
//! ```text
//! Waiting ──(pause over)──▶ Dialing ──(greeted)──▶ Up
//!    ▲                         │                    │
//!    └──(failed, refused)──────┴──(lost)────────────┘        any ──(close)──▶ Closed
//! ```
//!
//! How a kind of link finds and greets its peer is its [`Dial`]; what it does with the peer is its
//! [`Transmit`](super::transport::transmit::Transmit). What follows from the outcome is the same for all kinds, and is
//! decided here: pauses, counters, reports, and the status.

use std::time::{Duration, Instant};

use super::backoff::Backoff;
use super::report::Absence;
use super::transport::transmit::{Dial, Failure, Progress};
use super::{Counters, Limits};
use crate::notice::{self, Notices};
use crate::time::later;
use crate::wire::Refusal;

/// Why a link has no peer before its first attempt, and during it.
const NOT_TRIED: &str = "not tried yet";
const NO_ANSWER: &str = "the first attempt has had no answer yet: its receiver takes no connections, or is not polled";

/// The state of a link and its peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// It has no peer, and tries to find one.
    Connecting,
    /// It has a peer, and messages flow.
    Connected,
    /// The last handshake was refused, by the peer or by this side. The link keeps trying, at its longest pause.
    Refused,
    /// It was closed.
    Closed,
}

/// A connection, which [`drive`](Self::drive) makes and makes again.
pub(crate) struct Connection<D: Dial> {
    name: &'static str,
    address: String,
    pub(crate) dial: D,
    state: State<D>,
    backoff: Backoff,
    handshake: Duration,
    longest_pause: Duration,
    refusal: Option<Refusal>,
    /// Since when there has been a peer, or none.
    since: Instant,
    /// Why the last attempt to find a peer failed, or why the last peer is gone.
    last_failure: String,
    notices: Notices,
    counters: Counters,
}

enum State<D: Dial> {
    Waiting { until: Instant },
    Dialing { dialing: D::Dialing, deadline: Instant },
    Up(D::Up),
    Closed,
}

impl<D: Dial> Connection<D> {
    pub(crate) fn new(
        name: &'static str,
        address: String,
        dial: D,
        limits: &Limits,
        notices: Notices,
        counters: Counters,
    ) -> Self {
        Self {
            name,
            address,
            dial,
            state: State::Waiting { until: Instant::now() },
            backoff: Backoff::new(limits.backoff, limits.backoff_max),
            handshake: limits.handshake,
            longest_pause: limits.backoff_max.max(limits.backoff),
            refusal: None,
            since: Instant::now(),
            last_failure: NOT_TRIED.to_owned(),
            notices,
            counters,
        }
    }

    /// The kind of link, and the connection while there is one.
    #[inline(always)]
    pub(crate) fn parts(&mut self) -> (&mut D, Option<&mut D::Up>) {
        match &mut self.state {
            State::Up(up) => (&mut self.dial, Some(up)),
            _ => (&mut self.dial, None),
        }
    }

    /// Both, while there is a connection.
    #[inline(always)]
    pub(crate) fn pair(&mut self) -> Option<(&mut D, &mut D::Up)> {
        match &mut self.state {
            State::Up(up) => Some((&mut self.dial, up)),
            _ => None,
        }
    }

    /// The kind of link, and the attempt in progress.
    pub(crate) fn attempt(&mut self) -> (&mut D, Option<&D::Dialing>) {
        match &self.state {
            State::Dialing { dialing, .. } => (&mut self.dial, Some(dialing)),
            _ => (&mut self.dial, None),
        }
    }

    /// The connection, while there is one.
    #[inline(always)]
    pub(crate) fn established(&self) -> Option<&D::Up> {
        match &self.state {
            State::Up(up) => Some(up),
            _ => None,
        }
    }

    /// The attempt in progress.
    pub(crate) fn dialing(&self) -> Option<&D::Dialing> {
        match &self.state {
            State::Dialing { dialing, .. } => Some(dialing),
            _ => None,
        }
    }

    #[inline(always)]
    pub(crate) fn is_up(&self) -> bool {
        matches!(self.state, State::Up(_))
    }

    pub(crate) fn status(&self) -> Status {
        match self.state {
            State::Up(_) => Status::Connected,
            State::Closed => Status::Closed,
            _ if self.refusal.is_some() => Status::Refused,
            _ => Status::Connecting,
        }
    }

    /// The address that is dialed.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Why it has no peer, while it has none.
    pub(crate) fn absence(&self) -> Option<Absence<'_>> {
        (!self.is_up()).then_some(Absence { since: self.since, last_failure: &self.last_failure })
    }

    /// Why the last attempt to find a peer failed, or why the last peer is gone.
    pub(crate) fn last_failure(&self) -> &str {
        &self.last_failure
    }

    /// Why the last handshake was refused, until one is accepted.
    pub(crate) fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }

    /// The last refusal, if waiting does not help.
    pub(crate) fn final_refusal(&self) -> Option<&Refusal> {
        self.refusal().filter(|refusal| !refusal.is_transient())
    }

    /// When to call [`drive`](Self::drive) again at the latest.
    pub(crate) fn timer(&self) -> Option<Instant> {
        match &self.state {
            State::Waiting { until } => Some(*until),
            State::Dialing { deadline, .. } => Some(*deadline),
            State::Up(_) | State::Closed => None,
        }
    }

    /// Takes the next steps towards a peer, as far as possible now. Returns the peer's answer at the moment when the
    /// connection is up.
    pub(crate) fn drive(&mut self) -> Option<D::Answer> {
        let now = match &self.state {
            State::Up(_) | State::Closed => return None,
            State::Waiting { .. } | State::Dialing { .. } => Instant::now(),
        };
        let (dialing, deadline) = match self.take_state() {
            State::Waiting { until } if now < until => {
                self.state = State::Waiting { until };
                return None;
            }
            State::Dialing { dialing, deadline } => (Ok(dialing), deadline),
            _ => (self.dial.begin(), later(now, self.handshake)),
        };
        match dialing.and_then(|dialing| self.dial.step(dialing)) {
            Ok(Progress::Waiting(dialing)) if now < deadline => {
                if self.last_failure == NOT_TRIED {
                    NO_ANSWER.clone_into(&mut self.last_failure);
                }
                self.state = State::Dialing { dialing, deadline };
            }
            Ok(Progress::Waiting(_)) => self.failed(Failure::attempt("no answer in time"), now),
            Ok(Progress::Done(up, answer)) => {
                self.connected(up);
                return Some(answer);
            }
            Err(failure) => self.failed(failure, now),
        }
        None
    }

    /// Ends a connection that broke, and returns it; the next attempt follows after a pause.
    #[cold]
    pub(crate) fn lost(&mut self, reason: &str) -> Option<D::Up> {
        self.counters.disconnects.add(1);
        let up = match self.take_state() {
            State::Up(up) => Some(up),
            _ => None,
        };
        notice::warning!(self.notices, link = self.name, address = self.address, reason, "connection lost");
        self.pause_after(reason);
        up
    }

    /// Ends it for good.
    pub(crate) fn close(&mut self) {
        if let State::Up(_) = self.take_state() {
            self.counters.disconnects.add(1);
        }
    }

    fn take_state(&mut self) -> State<D> {
        std::mem::replace(&mut self.state, State::Closed)
    }

    /// Looks for a peer again after a pause. Only a connection that has lasted makes the pause short again: otherwise one
    /// that ends as soon as it is made would be made hundreds of times a second.
    fn pause_after(&mut self, reason: &str) {
        let now = Instant::now();
        if now.saturating_duration_since(self.since) >= self.longest_pause {
            self.backoff.reset();
        }
        (self.since, self.last_failure) = (now, reason.to_owned());
        self.state = State::Waiting { until: later(now, self.backoff.pause()) };
    }

    fn connected(&mut self, up: D::Up) {
        self.state = State::Up(up);
        self.since = Instant::now();
        self.refusal = None;
        if self.counters.connects.get() > 0 {
            self.counters.reconnects.add(1);
        }
        self.counters.connects.add(1);
        tracing::info!(link = self.name, address = self.address, "connected");
    }

    fn failed(&mut self, failure: Failure, now: Instant) {
        let mut pause = self.backoff.pause();
        self.last_failure = failure.to_string();
        match failure {
            Failure::Attempt(reason) => {
                self.counters.connect_failures.add(1);
                tracing::debug!(link = self.name, address = self.address, reason, "no connection");
            }
            Failure::Corrupt(reason) => {
                self.counters.corrupt.add(1);
                notice::warning!(self.notices, link = self.name, address = self.address, reason, "broken handshake");
            }
            Failure::Refused(refusal) => {
                self.counters.refused.add(1);
                if !refusal.is_transient() {
                    pause = self.longest_pause;
                }
                if self.refusal.as_ref() != Some(&refusal) {
                    notice::error!(self.notices, link = self.name, address = self.address, %refusal, "handshake refused");
                }
                self.refusal = Some(refusal);
            }
        }
        self.state = State::Waiting { until: later(now, pause) };
    }
}

impl<D: Dial> std::fmt::Debug for Connection<D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection")
            .field("name", &self.name)
            .field("address", &self.address)
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}
