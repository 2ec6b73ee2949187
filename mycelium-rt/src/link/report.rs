//! What one sending end reports about messages that it loses or keeps waiting.
//!
//! Each of the following is reported once, with what is needed to find the cause. While it continues, it is reported again
//! with its rate, at most once in [`AGAIN`]: messages dropped because there is no room; messages dropped, or waiting,
//! because there is no peer; messages refused for another reason; a sender that waits; and what was lost when the link
//! ended. Counters are exact and have the rest.

use std::fmt::Display;
use std::time::{Duration, Instant};

use super::OnFull;
use crate::notice::{self, Notices};

/// A link that has had no peer for this long, or a sender that has waited for this long, is reported.
const REPORT_AFTER: Duration = Duration::from_secs(1);

/// The same is reported again after this time.
const AGAIN: Duration = Duration::from_secs(10);

/// One sending end, and what it has reported.
#[derive(Debug)]
pub(crate) struct Report {
    /// For example "link `desk` at unix:/run/desk.sock".
    place: String,
    notices: Notices,
    full: Tally,
    absent: Tally,
    refused: Tally,
    /// Whether it was reported that messages wait for a peer.
    waiting_reported: bool,
}

/// Messages lost for one reason.
#[derive(Debug, Default)]
struct Tally {
    /// Lost since the last report.
    lost: u64,
    /// When the last report was made, if any.
    reported: Option<Instant>,
}

/// Since when there has been no peer, and why the last attempt to find one failed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Absence<'a> {
    pub(crate) since: Instant,
    pub(crate) last_failure: &'a str,
}

impl Tally {
    /// What to report now, if anything: how many messages were lost, and in which time unless this is the first report.
    /// Nothing while `notices` have no line left.
    fn due(&mut self, now: Instant, notices: &Notices) -> Option<(u64, Option<Duration>)> {
        let passed = self.reported.map(|reported| now.saturating_duration_since(reported));
        if self.lost == 0 || passed.is_some_and(|passed| passed < AGAIN) || !notices.has_line() {
            return None;
        }
        self.reported = Some(now);
        Some((std::mem::take(&mut self.lost), passed))
    }
}

impl Report {
    pub(crate) fn new(place: String, notices: Notices) -> Self {
        let (full, absent, refused) = Default::default();
        Self { place, notices, full, absent, refused, waiting_reported: false }
    }

    /// The name of the end in reports.
    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    /// Reports that `messages` messages were dropped; with `absence` if there is no peer.
    #[cold]
    pub(crate) fn dropped(&mut self, messages: u64, on_full: OnFull, absence: Option<Absence<'_>>) {
        let now = Instant::now();
        match absence {
            Some(absence) => {
                self.absent.lost = self.absent.lost.saturating_add(messages);
                self.report_absent(now, absence, false);
            }
            None => {
                self.full.lost = self.full.lost.saturating_add(messages);
                self.report_full(now, on_full);
            }
        }
    }

    /// Call this now and then while there is no peer; `waiting` says whether messages are held for it.
    #[cold]
    pub(crate) fn absent(&mut self, absence: Absence<'_>, waiting: bool) {
        if waiting || self.absent.lost > 0 {
            self.report_absent(Instant::now(), absence, waiting);
        }
    }

    /// Reports that a message was dropped for a reason other than a full end or no peer.
    #[cold]
    pub(crate) fn refused(&mut self, reason: &dyn Display) {
        self.refused.lost = self.refused.lost.saturating_add(1);
        let Some((dropped, passed)) = self.refused.due(Instant::now(), &self.notices) else { return };
        let place = &self.place;
        match passed {
            None => notice::warning!(self.notices, %place, %reason, dropped, "messages are dropped"),
            Some(passed) => {
                let per_second = rate(dropped, passed);
                notice::warning!(self.notices, %place, %reason, dropped, per_second, "messages are dropped");
            }
        }
    }

    /// A peer was found. Reports what was lost without one, if that was not reported yet.
    pub(crate) fn found(&mut self) {
        self.waiting_reported = false;
        self.absent.reported = None;
        // Otherwise it is reported later, together with what is lost then.
        if self.absent.lost > 0 && self.notices.has_line() {
            let (place, dropped) = (&self.place, std::mem::take(&mut self.absent.lost));
            notice::warning!(self.notices, %place, dropped, "there is a peer again: messages were dropped before");
        }
    }

    /// The end is closed, and `lost` messages that it had accepted are lost with it.
    #[cold]
    pub(crate) fn ended(&mut self, lost: u64, absence: Option<Absence<'_>>) {
        // What came too soon after a report to be reported again: this is the last chance.
        let tallies = [&mut self.full, &mut self.absent, &mut self.refused];
        let dropped = tallies.map(|tally| std::mem::take(&mut tally.lost)).into_iter().fold(0, u64::saturating_add);
        let place = &self.place;
        // This is reported only once: earlier reports must not suppress it.
        self.notices.reserve_line();
        match absence.filter(|_| lost > 0 || dropped > 0) {
            _ if lost == 0 && dropped == 0 => {}
            Some(Absence { last_failure: trouble, .. }) => {
                notice::warning!(self.notices, %place, lost, dropped, trouble, "ended without a peer: messages are lost");
            }
            None if lost > 0 => {
                notice::warning!(self.notices, %place, lost, dropped, "ended before its peer had taken everything: messages are lost");
            }
            None => notice::warning!(self.notices, %place, dropped, "messages were dropped"),
        }
    }

    fn report_full(&mut self, now: Instant, on_full: OnFull) {
        let Some((dropped, passed)) = self.full.due(now, &self.notices) else { return };
        let (place, policy) = (&self.place, on_full.word());
        match passed {
            None => notice::warning!(self.notices, %place, policy, dropped, "full: messages are dropped"),
            Some(passed) => {
                let per_second = rate(dropped, passed);
                notice::warning!(self.notices, %place, policy, dropped, per_second, "messages are dropped");
            }
        }
    }

    fn report_absent(&mut self, now: Instant, Absence { since, last_failure: trouble }: Absence<'_>, waiting: bool) {
        let missing = now.saturating_duration_since(since);
        if missing < REPORT_AFTER {
            return;
        }
        let place = &self.place;
        match self.absent.due(now, &self.notices) {
            Some((dropped, None)) => {
                notice::warning!(self.notices, %place, since = ?missing, dropped, trouble, "no peer: messages are dropped");
            }
            Some((dropped, Some(passed))) => {
                let per_second = rate(dropped, passed);
                notice::warning!(self.notices, %place, dropped, per_second, trouble, "no peer: messages are dropped");
            }
            None if waiting && !self.waiting_reported && self.notices.has_line() => {
                self.waiting_reported = true;
                notice::warning!(self.notices, %place, since = ?missing, trouble, "no peer: messages wait");
            }
            None => {}
        }
    }
}

/// Messages per second.
fn rate(messages: u64, passed: Duration) -> u64 {
    (messages as f64 / passed.as_secs_f64().max(1e-9)).round() as u64
}

/// A sender that waits, which is reported once.
#[derive(Debug)]
pub(crate) struct Waiting {
    since: Instant,
    reported: bool,
}

impl Waiting {
    /// Begins to wait.
    pub(crate) fn begin() -> Self {
        Self { since: Instant::now(), reported: false }
    }

    /// Call this now and then until there is room.
    pub(crate) fn report_once(&mut self, report: &Report, absence: Option<Absence<'_>>) {
        let since = self.since.elapsed();
        if self.reported || since < REPORT_AFTER || !report.notices.has_line() {
            return;
        }
        self.reported = true;
        let place = report.place();
        match absence {
            Some(Absence { last_failure: trouble, .. }) => {
                notice::warning!(report.notices, %place, since = ?since, trouble, "no peer: a sender waits (on_full = block)");
            }
            None => {
                notice::warning!(report.notices, %place, since = ?since, "full: a sender waits for its receiver (on_full = block)");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn continuing_losses_are_reported_at_once_and_then_at_intervals_with_their_number() {
        let (start, quiet) = (Instant::now(), Notices::new(true));
        let mut tally = Tally { lost: 3, reported: None };
        assert_eq!(tally.due(start, &quiet), Some((3, None)));
        tally.lost = 5;
        assert_eq!(tally.due(start + AGAIN / 2, &quiet), None);
        assert_eq!(tally.due(start + 2 * AGAIN, &quiet), Some((5, Some(2 * AGAIN))));
        assert_eq!(tally.due(start + 9 * AGAIN, &quiet), None, "nothing more was lost");
        assert_eq!(rate(50, 2 * AGAIN), 3);
    }

    #[test]
    fn losses_that_cannot_be_reported_now_are_reported_later() {
        let notices = Notices::default();
        while notices.has_line() {
            notices.recipient();
        }
        let mut tally = Tally { lost: 3, reported: None };
        assert_eq!(tally.due(Instant::now(), &notices), None);
        assert_eq!((tally.lost, tally.reported), (3, None));
    }
}
