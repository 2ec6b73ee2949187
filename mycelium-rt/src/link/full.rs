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

use super::report::Waiting;
use super::sender::{NotPushed, SendEnd, Sender};
use super::{OnFull, SendError};
use crate::cutoff::Cutoff;
use crate::time::after;

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
            OnFull::DropNewest => {
                self.drop_newest(on_full);
                Ok(())
            }
            OnFull::DropOldest => self.push_over_the_oldest(id, body, on_full),
            OnFull::Error => self.refuse(SendError::Full, on_full),
        }
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
