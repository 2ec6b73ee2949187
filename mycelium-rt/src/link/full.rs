//! What a sender does with a message that its end has not taken.
//!
//! A full end gets one chance: the sender flushes what the end holds and lets its connection take the next steps. After that the
//! policy decides. A sender that waits checks four things each time it wakes up, in this order: whether there is room, whether
//! there can ever be room, whether it was interrupted, and whether its time is over. So a message for which there is room is sent
//! even if the sender was interrupted, and a refusal is reported rather than an interruption, since it says more.
//!
//! | outcome | counted as | reported as |
//! |---|---|---|
//! | `Full`, `Refused` | `dropped_error` | dropped: the link is full, or has no peer |
//! | `TimedOut` | `dropped_timeout` | the same |
//! | dropped by a policy | `dropped_newest`, `dropped_oldest` | the same |
//! | `Closed` | `dropped_closed` | nothing: the caller closed it |
//! | all others | `dropped_error` | dropped, with the error as the reason |
//!
//! The receiver sees each of these messages as missing.

use std::sync::Arc;
use std::time::Instant;

use super::latest::Kept;
use super::report::Waiting;
use super::sender::{NotPushed, SendEnd, Sender};
use super::{OnFull, SendError};
use crate::cutoff::Cutoff;
use crate::time::after;

/// While messages wait beside a full end, a sender that only sends flushes it once per this many that find no room.
const LOOK_EVERY: u64 = 64;

/// Ends the waits of a blocked sender, from any thread and for good: for shutting down.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<Cutoff>);

impl Interrupt {
    /// An interrupt that is set when `cutoff` passes.
    #[cfg(not(all(test, mycelium_loom)))]
    pub(crate) fn at(cutoff: &Arc<Cutoff>) -> Self {
        Self(Arc::clone(cutoff))
    }

    /// From now on, sends that would wait fail with [`SendError::Interrupted`](super::SendError::Interrupted).
    pub fn set(&self) {
        self.0.pass();
    }

    /// Sets it at `time`, unless it is set for an earlier time already.
    pub fn set_at(&self, time: Instant) {
        self.0.bring_forward(time);
    }

    /// Whether the sender and every other handle are gone.
    pub(crate) fn is_unused(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }

    #[inline(always)]
    pub(crate) fn is_set(&self) -> bool {
        self.0.has_passed()
    }
}

impl<E: SendEnd> Sender<E> {
    /// Handles a message that the end has not taken, by the reason and the policy.
    #[cold]
    pub(super) fn not_pushed(
        &mut self,
        id: u16,
        body: &[u8],
        reason: NotPushed,
        on_full: OnFull,
    ) -> Result<(), SendError> {
        if let Some(outcome) = self.outcome(body.len(), Err(reason)).or_else(|| self.try_again(id, body)) {
            return self.answer(outcome, on_full);
        }
        match on_full {
            OnFull::Block => self.push_when_there_is_room(id, body, on_full, None),
            OnFull::BlockFor(timeout) => self.push_when_there_is_room(id, body, on_full, Some(after(timeout))),
            // Only a sender that was opened with `latest` has room beside its end; it sends by `send_latest`.
            OnFull::DropNewest | OnFull::Latest { .. } => {
                self.drop_newest(on_full);
                Ok(())
            }
            OnFull::DropOldest => self.push_over_the_oldest(id, body, on_full),
            OnFull::Error => self.refuse(SendError::Full, on_full),
        }
    }

    /// Sends a message by [`OnFull::Latest`]: while the end is full, the newest message of each key waits beside it.
    #[inline]
    pub(crate) fn send_latest(&mut self, id: u16, key: u64, body: &[u8]) -> Result<(), SendError> {
        // What waits is older.
        if self.waits() && !self.goes_on() {
            return self.keep(id, key, body);
        }
        match self.end.push(id, body) {
            Ok(()) => {
                self.pushed(body.len());
                Ok(())
            }
            Err(reason) => self.not_pushed_latest(id, key, body, reason),
        }
    }

    /// Hands over what waits. Returns whether nothing waits any more.
    #[cold]
    fn goes_on(&mut self) -> bool {
        self.hand_over();
        !self.waits()
    }

    #[cold]
    fn not_pushed_latest(&mut self, id: u16, key: u64, body: &[u8], reason: NotPushed) -> Result<(), SendError> {
        match self.outcome(body.len(), Err(reason)).or_else(|| self.try_again(id, body)) {
            Some(outcome) => self.answer(outcome, self.on_full),
            None => self.keep(id, key, body),
        }
    }

    #[cold]
    fn keep(&mut self, id: u16, key: u64, body: &[u8]) -> Result<(), SendError> {
        match self.latest.as_mut().map_or(Kept::NoCell, |latest| latest.keep(id, key, body)) {
            Kept::Waits => Ok(()),
            Kept::Replaces => {
                self.counters.conflated.add(1);
                self.look_now_and_then();
                Ok(())
            }
            Kept::NoCell => {
                self.drop_newest(self.on_full);
                self.look_now_and_then();
                Ok(())
            }
            // The end says what is wrong with it.
            Kept::Unlisted => {
                let pushed = self.end.push(id, body);
                let outcome = self.outcome(body.len(), pushed).unwrap_or(Err(SendError::Full));
                self.answer(outcome, self.on_full)
            }
        }
    }

    /// A sender that only sends makes room as well, but not with each message: each look may be a system call.
    fn look_now_and_then(&mut self) {
        let lost = self.counters.conflated.get().wrapping_add(self.counters.dropped_newest.get());
        if lost.is_multiple_of(LOOK_EVERY) {
            self.drive();
            self.flush();
        }
    }

    /// Whether messages wait beside the end.
    #[inline]
    pub(crate) fn waits(&self) -> bool {
        self.latest.as_ref().is_some_and(|latest| !latest.is_empty())
    }

    /// Hands over to the end what waits beside it, as far as there is room. Returns whether it took any.
    #[cold]
    pub(super) fn hand_over(&mut self) -> bool {
        let Some(mut latest) = self.latest.take() else { return false };
        let mut took = false;
        while let Some((id, body)) = latest.first() {
            let pushed = self.end.push(id, body);
            match self.outcome(body.len(), pushed) {
                Some(Ok(())) => took = true,
                // It stays, and is counted when the end is closed.
                None | Some(Err(SendError::Closed)) => break,
                Some(Err(error)) => {
                    // Its id and length were checked before it waited.
                    let _ = self.refuse(error, self.on_full);
                }
            }
            latest.remove_first();
        }
        self.latest = Some(latest);
        took
    }

    fn push_when_there_is_room(
        &mut self,
        id: u16,
        body: &[u8],
        on_full: OnFull,
        deadline: Option<Instant>,
    ) -> Result<(), SendError> {
        let mut waiting = Waiting::begin();
        loop {
            if let Some(error) = self.why_not_wait(deadline) {
                return self.refuse(error, on_full);
            }
            waiting.report_once(&self.report, self.end.absence());
            self.end.wait(deadline);
            if let Some(outcome) = self.try_again(id, body) {
                return self.answer(outcome, on_full);
            }
        }
    }

    fn why_not_wait(&self, deadline: Option<Instant>) -> Option<SendError> {
        let interrupted = || self.interrupt.is_set().then_some(SendError::Interrupted);
        let over = || deadline.is_some_and(|deadline| Instant::now() >= deadline).then_some(SendError::TimedOut);
        self.end.cannot_wait().or_else(interrupted).or_else(over)
    }

    fn push_over_the_oldest(&mut self, id: u16, body: &[u8], on_full: OnFull) -> Result<(), SendError> {
        let (dropped, pushed) = self.end.push_over(id, body);
        if dropped > 0 {
            self.counters.dropped_oldest.add(dropped);
            self.report.dropped(dropped, on_full, self.end.absence());
        }
        match self.outcome(body.len(), pushed) {
            Some(outcome) => self.answer(outcome, on_full),
            // What finds no room even now is dropped, which is no error under this policy.
            None => {
                self.drop_newest(on_full);
                Ok(())
            }
        }
    }

    /// Tries once more, after what may have made room.
    fn try_again(&mut self, id: u16, body: &[u8]) -> Option<Result<(), SendError>> {
        self.flush();
        self.drive();
        let pushed = self.end.push(id, body);
        self.outcome(body.len(), pushed)
    }

    /// The result of an attempt; `None` if the end is full.
    fn outcome(&mut self, len: usize, pushed: Result<(), NotPushed>) -> Option<Result<(), SendError>> {
        match pushed {
            Ok(()) => {
                self.pushed(len);
                Some(Ok(()))
            }
            Err(NotPushed::NotAccepted) => Some(Ok(())),
            Err(NotPushed::Never(error)) => Some(Err(error)),
            Err(NotPushed::Full) => None,
        }
    }

    fn answer(&mut self, outcome: Result<(), SendError>, on_full: OnFull) -> Result<(), SendError> {
        outcome.or_else(|error| self.refuse(error, on_full))
    }

    fn drop_newest(&mut self, on_full: OnFull) {
        self.counters.dropped_newest.add(1);
        self.end.note_lost(1);
        self.report.dropped(1, on_full, self.end.absence());
    }

    fn refuse(&mut self, error: SendError, on_full: OnFull) -> Result<(), SendError> {
        let counter = match error {
            SendError::Closed => &self.counters.dropped_closed,
            SendError::TimedOut => &self.counters.dropped_timeout,
            _ => &self.counters.dropped_error,
        };
        counter.add(1);
        self.end.note_lost(1);
        match error {
            SendError::Closed => {}
            SendError::Full | SendError::TimedOut | SendError::Refused => {
                self.report.dropped(1, on_full, self.end.absence());
            }
            _ => self.report.refused(&error),
        }
        Err(error)
    }
}
