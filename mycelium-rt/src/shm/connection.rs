//! The connection of a link: made, lost, and made again.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::channel::Channel;
use super::dialing::{Dialing, Established, Failure, Offer, Progress};
use crate::link::backoff::Backoff;
use crate::link::report::Absence;
use crate::link::{Counters, Limits, Status, Users};
use crate::notice::{self, Notices};
use crate::ring::parts::Writer;
use crate::time::later;
use crate::wire::{Acceptance, Refusal};

/// A connection that is looked after by [`drive`](Self::drive).
pub(super) struct Connection {
    name: &'static str,
    path: PathBuf,
    users: Users,
    offer: Offer,
    state: State,
    backoff: Backoff,
    handshake: Duration,
    longest_pause: Duration,
    refusal: Option<Refusal>,
    /// Since when there has been a peer, or none.
    since: Instant,
    /// What the last attempt to find a peer came to, or why the last one is gone.
    trouble: String,
    /// Messages dropped while there was no ring, or left in one that broke: the next ring tells of them.
    lost: u64,
    notices: Notices,
    counters: Arc<Counters>,
}

enum State {
    Waiting { until: Instant },
    Dialing(Dialing),
    Up(Established),
    Closed,
}

impl Connection {
    pub(super) fn new(
        name: &'static str,
        path: PathBuf,
        users: Users,
        offer: Offer,
        limits: &Limits,
        notices: Notices,
        counters: Arc<Counters>,
    ) -> Self {
        Self {
            name,
            path,
            users,
            offer,
            state: State::Waiting { until: Instant::now() },
            backoff: Backoff::new(limits.backoff, limits.backoff_max),
            handshake: limits.handshake,
            longest_pause: limits.backoff_max.max(limits.backoff),
            refusal: None,
            since: Instant::now(),
            trouble: "not tried yet".to_owned(),
            lost: 0,
            notices,
            counters,
        }
    }

    /// The ring, while messages may flow.
    #[inline(always)]
    pub(super) fn up(&mut self) -> Option<&mut Established> {
        match &mut self.state {
            State::Up(up) => Some(up),
            _ => None,
        }
    }

    pub(super) fn is_up(&self) -> bool {
        matches!(self.state, State::Up(_))
    }

    pub(super) fn status(&self) -> Status {
        match self.state {
            State::Up(_) => Status::Connected,
            State::Closed => Status::Closed,
            _ if self.refusal.is_some() => Status::Refused,
            _ => Status::Connecting,
        }
    }

    /// What keeps it without a peer, while it has none.
    pub(super) fn absence(&self) -> Option<Absence<'_>> {
        let is_up = matches!(self.state, State::Up { .. });
        (!is_up).then_some(Absence { since: self.since, trouble: &self.trouble })
    }

    /// What the last attempt to find a peer came to, or why the last one is gone.
    pub(super) fn trouble(&self) -> &str {
        &self.trouble
    }

    /// Why the last handshake was refused, until one is accepted.
    pub(super) fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }

    pub(super) fn channel(&self) -> Option<&Channel> {
        match &self.state {
            State::Up(up) => Some(&up.channel),
            State::Dialing(dialing) => Some(dialing.channel()),
            State::Waiting { .. } | State::Closed => None,
        }
    }

    /// When to call [`drive`](Self::drive) again at the latest.
    pub(super) fn timer(&self) -> Option<Instant> {
        match &self.state {
            State::Waiting { until } => Some(*until),
            State::Dialing(dialing) => Some(dialing.deadline()),
            State::Up(_) | State::Closed => None,
        }
    }

    /// Counts messages that were dropped: the next one says so.
    pub(super) fn note_lost(&mut self, messages: u64) {
        match &mut self.state {
            State::Up(up) => up.writer.note_lost(messages),
            _ => self.lost = self.lost.saturating_add(messages),
        }
    }

    /// Takes the next steps: towards a peer, or finding out that it has gone.
    ///
    /// Returns what the peer accepts at the moment the connection is up.
    pub(super) fn drive(&mut self) -> Option<Acceptance> {
        match &self.state {
            State::Closed => None,
            State::Up(up) => match up.channel.answer_bells() {
                Ok(true) => None,
                Ok(false) => {
                    self.lost("the peer is gone");
                    None
                }
                Err(error) => {
                    self.counters.corrupt.add(1);
                    self.lost(&error.to_string());
                    None
                }
            },
            State::Waiting { until } => {
                let now = Instant::now();
                if now >= *until { self.advance(now, None) } else { None }
            }
            State::Dialing(_) => match self.take_state() {
                State::Dialing(dialing) => self.advance(Instant::now(), Some(dialing)),
                _ => None,
            },
        }
    }

    /// Ends a link that broke; another is attempted after a pause.
    #[cold]
    pub(super) fn lost(&mut self, reason: &str) {
        self.counters.disconnects.add(1);
        if let State::Up(up) = self.take_state() {
            self.account_for(&up.writer);
        }
        notice::warning!(self.notices, link = self.name, path = %self.path.display(), reason, "connection lost");
        self.pause_after(reason);
    }

    /// Looks for a peer again after a pause. Only a connection that has lasted makes it short again: one that ends as soon as it is made
    /// would come about hundreds of times a second otherwise.
    fn pause_after(&mut self, reason: &str) {
        let now = Instant::now();
        if now.saturating_duration_since(self.since) >= self.longest_pause {
            self.backoff.reset();
        }
        (self.since, self.trouble) = (now, reason.to_owned());
        self.state = State::Waiting { until: later(now, self.backoff.pause()) };
    }

    /// Ends the link for good. What was committed is the receiver's to take, who keeps the memory.
    pub(super) fn close(&mut self) {
        if let State::Up(_) = self.take_state() {
            self.counters.disconnects.add(1);
        }
    }

    fn take_state(&mut self) -> State {
        std::mem::replace(&mut self.state, State::Closed)
    }

    /// What a ring still held when its consumer ended has not arrived.
    fn account_for(&mut self, writer: &Writer) {
        let unread = writer.unread();
        self.counters.lost_in_flight.add(unread);
        self.lost = self.lost.saturating_add(unread).saturating_add(writer.unreported_lost());
    }

    fn advance(&mut self, now: Instant, dialing: Option<Dialing>) -> Option<Acceptance> {
        let dialing = match dialing {
            Some(dialing) => Ok(dialing),
            None => Dialing::begin(&self.path, &self.users, &self.offer, later(now, self.handshake)),
        };
        match dialing.and_then(|dialing| dialing.step(&self.offer, now)) {
            Ok(Progress::Waiting(dialing)) => self.state = State::Dialing(dialing),
            Ok(Progress::Done(established)) => {
                let acceptance = established.acceptance.clone();
                self.connected(established);
                return Some(acceptance);
            }
            Err(failure) => self.failed(failure, now),
        }
        None
    }

    fn connected(&mut self, mut established: Established) {
        established.writer.note_lost(std::mem::take(&mut self.lost));
        self.state = State::Up(established);
        self.since = Instant::now();
        self.refusal = None;
        if self.counters.connects.get() > 0 {
            self.counters.reconnects.add(1);
        }
        self.counters.connects.add(1);
        tracing::info!(link = self.name, path = %self.path.display(), "connected");
    }

    fn failed(&mut self, failure: Failure, now: Instant) {
        let mut pause = self.backoff.pause();
        self.trouble = failure.to_string();
        match failure {
            Failure::Attempt(reason) => {
                self.counters.connect_failures.add(1);
                tracing::debug!(link = self.name, path = %self.path.display(), reason, "no connection");
            }
            Failure::Corrupt(reason) => {
                self.counters.corrupt.add(1);
                notice::warning!(self.notices, link = self.name, path = %self.path.display(), reason, "broken handshake");
            }
            Failure::Refused(refusal) => {
                self.counters.refused.add(1);
                if !refusal.is_transient() {
                    pause = self.longest_pause;
                }
                if self.refusal.as_ref() != Some(&refusal) {
                    notice::error!(self.notices, link = self.name, path = %self.path.display(), %refusal, "handshake refused");
                }
                self.refusal = Some(refusal);
            }
        }
        self.state = State::Waiting { until: later(now, pause) };
    }
}
