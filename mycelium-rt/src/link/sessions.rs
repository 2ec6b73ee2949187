//! What an input believes about the sequence numbers of its senders: where a sender that returns goes on, and which numbers are
//! plausible.
//!
//! [`Sessions`] remembers senders whose connection ended, so that counting goes on when they return.
//!
//! [`Plausible`] bounds the numbers themselves. The number of messages that a peer says it has dropped goes into a counter, and
//! an invented number would fill that counter for ever. Two things are known of an honest sender: it numbers at most one message
//! per nanosecond, and the time since its connection was made is known. What it did before that is only its claim, so there is a
//! bound that no program reaches: 2⁴⁸ messages are ten million a second for 325 days, all of them dropped before the first one
//! was sent.

use std::time::{Duration, Instant};

#[cfg(any(feature = "net", feature = "shm"))]
use crate::time::nanos;

/// A sender that has been away for longer than this gives way to any other.
const AWAY: Duration = Duration::from_secs(3600);

/// One of this many entries is kept for the senders that left last.
const RECENT: usize = 4;

/// What is remembered about a sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    /// The sequence number that it sends next.
    pub(crate) next: u64,
    /// The number of messages that it delivered, on all of its connections.
    pub(crate) delivered: u64,
}

/// The senders that were connected before. The number is bounded: the sender that is forgotten is one that has been away for
/// long, otherwise the one that delivered least, and among equals the one that left first. So invented sessions displace
/// only senders that delivered less. A quarter of the entries is for the senders that left last, whatever they delivered, so
/// that a sender that has just begun is remembered, too.
#[derive(Debug)]
pub(crate) struct Sessions {
    /// In the order in which they left.
    known: Vec<Entry>,
    limit: usize,
}

#[derive(Debug)]
struct Entry {
    session: u64,
    known: Known,
    left: Instant,
}

impl Sessions {
    pub(crate) fn new(limit: usize) -> Self {
        Self { known: Vec::with_capacity(limit), limit }
    }

    /// Remembers the sender of `session`, which left at `now`. Session 0 is a sender that does not want to be remembered.
    pub(crate) fn remember(&mut self, session: u64, known: Known, now: Instant) {
        if session == 0 || self.limit == 0 {
            return;
        }
        self.take(session);
        if self.known.len() >= self.limit {
            self.make_room(now);
        }
        self.known.push(Entry { session, known, left: now });
    }

    /// What is known about `session`; it is forgotten here until it leaves again.
    pub(crate) fn take(&mut self, session: u64) -> Option<Known> {
        let at = self.known.iter().position(|entry| entry.session == session)?;
        Some(self.known.remove(at).known)
    }

    /// Forgets one sender.
    fn make_room(&mut self, now: Instant) {
        let worth = |entry: &Entry| match now.saturating_duration_since(entry.left) > AWAY {
            true => 0,
            false => entry.known.delivered,
        };
        // One entry less: the next one to be added left last.
        let recent = (self.limit / RECENT).saturating_sub(1);
        let earlier = self.known.len().saturating_sub(recent).max(1);
        let least = self.known.iter().take(earlier).enumerate().map(|(at, entry)| (worth(entry), at)).min();
        if let Some((_, at)) = least {
            self.known.remove(at);
        }
    }
}

/// The number of messages that a sender may have dropped before its connection was made.
#[cfg(any(feature = "net", feature = "shm"))]
const BEFORE: u64 = 1 << 48;

/// Which sequence numbers are plausible on one connection.
#[cfg(any(feature = "net", feature = "shm"))]
#[derive(Debug)]
pub(crate) struct Plausible {
    since: Instant,
    first: u64,
}

#[cfg(any(feature = "net", feature = "shm"))]
impl Plausible {
    /// A connection that was made at `since`, on which `first` is the next number.
    pub(crate) fn new(first: u64, since: Instant) -> Self {
        Self { since, first }
    }

    /// The first number that its sender cannot have reached by `now`.
    pub(crate) fn limit(&self, now: Instant) -> u64 {
        let since = nanos(now.saturating_duration_since(self.since));
        self.first.saturating_add(BEFORE).saturating_add(since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(next: u64, delivered: u64) -> Known {
        Known { next, delivered }
    }

    #[test]
    fn the_oldest_of_equal_senders_is_forgotten_and_none_is_remembered_twice() {
        let (mut sessions, now) = (Sessions::new(2), Instant::now());
        sessions.remember(0, known(9, 1), now);
        sessions.remember(1, known(10, 1), now);
        sessions.remember(2, known(20, 1), now);
        sessions.remember(1, known(11, 1), now);
        sessions.remember(3, known(30, 1), now);
        assert_eq!(
            [0, 1, 2, 3].map(|session| sessions.take(session).map(|it| it.next)),
            [None, Some(11), None, Some(30)]
        );
        assert_eq!(sessions.take(1), None);
    }

    #[test]
    fn invented_sessions_displace_no_sender_that_delivered() {
        let (mut sessions, now) = (Sessions::new(4), Instant::now());
        sessions.remember(7, known(500, 400), now);
        for made_up in 100..1100 {
            sessions.remember(made_up, known(0, made_up % 3), now);
        }
        assert_eq!(sessions.take(7), Some(known(500, 400)));
    }

    #[test]
    fn a_new_sender_is_remembered_among_many_that_delivered_more() {
        let (mut sessions, now) = (Sessions::new(8), Instant::now());
        (1..=8).for_each(|session| sessions.remember(session, known(1_000_000, 1_000_000), now));
        sessions.remember(20, known(7, 7), now);
        sessions.remember(21, known(8, 8), now);
        assert_eq!([20, 21].map(|session| sessions.take(session)), [Some(known(7, 7)), Some(known(8, 8))]);
    }

    #[test]
    fn a_sender_that_was_away_for_long_is_forgotten_first() {
        let (mut sessions, now) = (Sessions::new(2), Instant::now());
        sessions.remember(1, known(1000, 1000), now);
        sessions.remember(2, known(2000, 2000), now + AWAY);
        sessions.remember(3, known(3, 0), now + AWAY + Duration::from_secs(1));
        assert_eq!([1, 2, 3].map(|session| sessions.take(session).is_some()), [false, true, true]);
    }

    #[test]
    fn a_limit_of_zero_remembers_nothing() {
        let mut sessions = Sessions::new(0);
        sessions.remember(1, known(1, 1), Instant::now());
        assert_eq!(sessions.take(1), None);
    }

    #[test]
    fn the_plausible_limit_grows_with_time_and_never_overflows() {
        let now = Instant::now();
        let later = now + Duration::from_secs(1);
        let of = |first, now| Plausible::new(first, later - Duration::from_secs(1)).limit(now);
        assert_eq!((of(0, now), of(7, later)), (1 << 48, (1 << 48) + 1_000_000_007));
        assert_eq!(of(u64::MAX - 1, later), u64::MAX);
        assert_eq!(Plausible::new(0, later).limit(now), 1 << 48);
    }
}
