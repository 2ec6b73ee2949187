//! The peers of an input: which connection has a place, whose turn it is, and how the end of a connection is counted.
//!
//! A place is for one connection. Where several users may connect, each has a share of the places that the others cannot
//! take. A sender that returns takes the place of its earlier connection: the input may not have noticed yet that this one
//! has ended.

use std::collections::BTreeSet;
use std::time::Instant;

use super::delivery::Deliver;
use super::frame_deadline::{FrameDeadline, FrameProgress};
use super::handshakes::{Arrival, PeerHello};
use super::places::Places;
use super::sessions::{Known, Sessions};
use super::transport::receive::{End, Event, Peer, RecvEnd, Remote};
use super::{Counters, Limits, Users};
use crate::notice::{self, Notices};

/// All peers of one input.
pub(crate) struct Peers<E: RecvEnd> {
    name: &'static str,
    places: Places<Connected<E::Peer>>,
    /// The maximum number of places that one user may take.
    per_user: usize,
    sessions: Sessions,
    limits: Limits,
    /// The position of the peer that comes first in this turn.
    first: usize,
    /// The number of the turn, used where only some peers have one.
    turn: u32,
    deadline: FrameDeadline,
    /// Numbers of peers, for logs.
    next_number: u64,
    notices: Notices,
    counters: Counters,
}

/// A peer, with what the input knows about it.
struct Connected<P> {
    peer: P,
    /// Its name in logs.
    number: u64,
    from: Remote,
    /// The session of its sender; 0 if the sender does not want to be identified.
    session: u64,
    /// Messages that the sender has delivered on earlier connections.
    delivered: u64,
    /// The turn in which it was last served, used where only some peers are.
    turn: u32,
    progress: FrameProgress,
}

impl<E: RecvEnd> Peers<E> {
    pub(crate) fn new(name: &'static str, limits: Limits, users: &Users, notices: Notices, counters: Counters) -> Self {
        Self {
            name,
            places: Places::new(limits.connections),
            per_user: share(limits.connections, users),
            sessions: Sessions::new(limits.connections),
            limits,
            first: 0,
            turn: 0,
            deadline: FrameDeadline::new(limits.frame, Instant::now()),
            next_number: 0,
            notices,
            counters,
        }
    }

    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// Gives each peer a turn. Returns the number of messages taken.
    #[inline]
    pub(crate) fn serve_each(&mut self, end: &mut E, delivery: &mut impl Deliver) -> usize {
        let mut taken = 0;
        self.each(|peers, position| taken += peers.serve(position, end, delivery));
        taken
    }

    /// Gives a turn to each peer that is ready, and then to those that `end` reports. The kernel reports those first that it
    /// has not reported for the longest time.
    pub(crate) fn serve_ready(&mut self, end: &mut E, delivery: &mut impl Deliver) -> usize {
        self.turn = self.turn.wrapping_add(1);
        let mut taken = 0;
        self.each(|peers, position| {
            if peers.places.at(position).is_some_and(|it| it.peer.is_ready()) {
                taken += peers.serve_once(position, end, delivery);
            }
        });
        let mut at = 0;
        while let Some(event) = end.event(at) {
            at += 1;
            if let Event::Peer(place) = event
                && let Some(position) = self.places.position(place)
            {
                taken += self.serve_once(position, end, delivery);
            }
        }
        taken
    }

    /// Handles that something besides messages has happened to the peer at this place.
    pub(crate) fn listen(&mut self, place: usize, end: &mut E) {
        let Some(position) = self.places.position(place) else { return };
        if let Some(Err(why)) = self.places.at(position).map(|it| it.peer.listen()) {
            self.remove(position, why, end);
        }
    }

    /// Ends the connections of peers that have been within one frame for too long.
    pub(crate) fn close_stalled(&mut self, end: &mut E, now: Instant) {
        if self.places.is_empty() || !self.deadline.is_due(now) {
            return;
        }
        for position in (0..self.places.len()).rev() {
            if self.places.at(position).is_some_and(Connected::is_stalled) {
                self.remove(position, End::Stalled, end);
            }
        }
    }

    /// Whether there is a place for one more connection from `from`, not counting a connection of this session, whose place
    /// it would take.
    pub(crate) fn has_place(&self, from: Remote, session: u64) -> bool {
        let others = || self.places.iter().filter(|it| session == 0 || it.session != session);
        let is_within_share = || match from {
            Remote::User(_) => others().filter(|it| it.from == from).count() < self.per_user,
            Remote::Address(_) => true,
        };
        others().count() < self.limits.connections && is_within_share()
    }

    /// Ends the connection that a sender had before it came back, after taking in what it had sent on it, where that still
    /// counts. Returns the number of these messages.
    pub(crate) fn supersede(&mut self, session: u64, end: &mut E, delivery: &mut impl Deliver) -> usize {
        let position = self.places.iter().position(|it| session != 0 && it.session == session);
        let Some(position) = position else { return 0 };
        let mut taken = 0;
        for _ in 0..E::Peer::LAST_TURNS {
            let Some(it) = self.places.at(position) else { break };
            let (count, why) = it.peer.receive(self.limits.turn, &self.counters, delivery);
            taken += count;
            if let Some(why) = why {
                self.remove(position, why, end);
                return taken;
            }
            if count == 0 {
                break;
            }
        }
        self.remove(position, End::Superseded, end);
        taken
    }

    /// The number of a free place.
    pub(crate) fn free(&self) -> Option<usize> {
        self.places.free()
    }

    /// Gives a newcomer a free place.
    pub(crate) fn admit(&mut self, place: usize, arrival: Arrival<E::Newcomer>, end: &mut E) {
        let Arrival { newcomer, from, peer_hello } = arrival;
        let PeerHello { session, next, mut welcome } = peer_hello;
        // A sender that returns goes on counting where this side last saw it. For any other sender, what it dropped before
        // it first wrote to a receiver is missing here as well.
        let returned = self.sessions.take(session);
        let known = returned.unwrap_or(Known { next, delivered: 0 });
        if returned.is_some() {
            (welcome.answer.session, welcome.answer.next) = (session, known.next);
        }
        match end.admit(newcomer, place, welcome, known.next) {
            None => {
                self.counters.connect_failures.add(1);
                // A sender that was never here has nothing to go on with.
                if returned.is_some() {
                    self.sessions.remember(session, known, Instant::now());
                }
            }
            Some(peer) => {
                self.counters.connects.add(1);
                self.counters.reconnects.add(u64::from(returned.is_some()));
                self.put(place, peer, from, session, known.delivered);
            }
        }
    }

    /// Whether a peer is ready, as far as is known without a system call.
    pub(crate) fn is_ready(&self) -> bool {
        self.places.iter().any(|it| it.peer.is_ready())
    }

    /// Prepares the peers for a sleep of the input.
    pub(crate) fn park(&mut self) {
        self.places.iter_mut().for_each(|it| it.peer.park());
    }

    /// Ends the sleep.
    pub(crate) fn unpark(&mut self) {
        self.places.iter_mut().for_each(|it| it.peer.unpark());
    }

    /// When to [look for stalled peers](Self::close_stalled) at the latest.
    pub(crate) fn timer(&self) -> Option<Instant> {
        self.places.iter().any(|it| it.peer.partial().is_some()).then(|| self.deadline.next())
    }

    /// Visits each position, beginning with another one each time. A peer that goes leaves its position to the last peer;
    /// then another peer may be visited twice, and the last one only in the next turn.
    #[inline(always)]
    fn each(&mut self, mut visit: impl FnMut(&mut Self, usize)) {
        let count = self.places.len();
        self.first = if self.first + 1 < count { self.first + 1 } else { 0 };
        let mut position = self.first;
        for _ in 0..count {
            visit(self, position);
            position = if position + 1 < self.places.len() { position + 1 } else { 0 };
        }
    }

    /// Gives the peer at this position its turn.
    #[inline]
    fn serve(&mut self, position: usize, end: &mut E, delivery: &mut impl Deliver) -> usize {
        let Some(it) = self.places.at(position) else { return 0 };
        let (taken, why) = it.peer.receive(self.limits.turn, &self.counters, delivery);
        if let Some(why) = why {
            self.remove(position, why, end);
        }
        taken
    }

    /// As [`serve`](Self::serve), unless it has already had its turn.
    fn serve_once(&mut self, position: usize, end: &mut E, delivery: &mut impl Deliver) -> usize {
        let turn = self.turn;
        match self.places.at(position) {
            Some(it) if it.turn != turn => it.turn = turn,
            _ => return 0,
        }
        self.serve(position, end, delivery)
    }

    fn put(&mut self, place: usize, peer: E::Peer, from: Remote, session: u64, delivered: u64) {
        let number = self.next_number;
        self.next_number += 1;
        tracing::info!(input = self.name, peer = number, %from, "peer connected");
        // Not in the current turn.
        let turn = self.turn;
        self.places
            .put(place, Connected { peer, number, from, session, delivered, turn, progress: FrameProgress::default() });
    }

    #[cold]
    fn remove(&mut self, position: usize, why: End, end: &mut E) {
        let Some(it) = self.places.remove(position) else { return };
        let known = Known { next: it.peer.next(), delivered: it.delivered.saturating_add(it.peer.delivered()) };
        self.sessions.remember(it.session, known, Instant::now());
        self.counters.disconnects.add(1);
        let why = self.count_lost(&it.peer, why);
        let (number, from, input) = (it.number, it.from, self.name);
        if self.is_fault(&why) {
            notice::warning!(self.notices, input, peer = number, %from, reason = %why, "connection closed");
        } else {
            tracing::info!(input, peer = number, %from, reason = %why, "peer gone");
        }
        end.close(it.peer);
    }

    /// Counts what is missing behind the last message of a peer that is gone.
    fn count_lost(&self, peer: &E::Peer, why: End) -> End {
        if !matches!(why, End::Left(_) | End::Superseded) {
            return why;
        }
        match peer.untold_lost() {
            Some(missing) => {
                self.counters.add_gaps(missing);
                why
            }
            None => End::Corrupt("the peer reported an implausible number of lost messages".to_owned()),
        }
    }

    /// Whether the end is the peer's fault, in which case it is counted.
    fn is_fault(&self, why: &End) -> bool {
        match why {
            End::Left(_) | End::Superseded => return false,
            End::Stalled => self.counters.stalled.add(1),
            End::Unlisted(_) => self.counters.unlisted.add(1),
            End::Body(_) => self.counters.invalid.add(1),
            End::Corrupt(_) => self.counters.corrupt.add(1),
        }
        true
    }
}

impl<P: Peer> Connected<P> {
    /// Whether it has been within one frame for too long. Call it once per round.
    fn is_stalled(&mut self) -> bool {
        self.progress.note(self.peer.partial())
    }
}

/// The number of places, out of `places`, that one user may take.
fn share(places: usize, users: &Users) -> usize {
    match users {
        Users::Same => places,
        Users::Ids(ids) => places.div_ceil(ids.iter().collect::<BTreeSet<_>>().len().max(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_share_the_places_equally_however_often_one_is_named() {
        let share_of = |ids: &[u32]| share(10, &Users::Ids(ids.to_vec()));
        assert_eq!((share(10, &Users::Same), share_of(&[]), share_of(&[7, 7])), (10, 10, 10));
        assert_eq!((share_of(&[7, 8]), share_of(&[7, 8, 9, 8])), (5, 4));
    }
}
