//! What a sender does while it has no room, or no peer.

use std::time::Instant;

use super::sender::StreamLink;
use super::socket::Socket;
use crate::link::report::Waiting;
use crate::link::wait::{aside, nap, wait};
use crate::link::{OnFull, SendError, Status};
use crate::time::after;

impl StreamLink {
    /// The link is full: does what the policy says. Says whether to try once more.
    #[cold]
    pub(super) fn make_room(&mut self, len: usize) -> Result<bool, SendError> {
        if self.advance() == Status::Closed {
            self.counters.dropped_closed.add(1);
            return Err(SendError::Closed);
        }
        if self.has_room(len) {
            return Ok(true);
        }
        match self.on_full {
            OnFull::Block => self.wait_for_room(len, None).map(|()| true),
            OnFull::BlockFor(timeout) => self.wait_for_room(len, Some(after(timeout))).map(|()| true),
            OnFull::DropNewest => Ok(false),
            OnFull::DropOldest => {
                let claimed = self.connection.established().map_or(0, Socket::claimed);
                let before = self.buffer.frames();
                while !self.buffer.fits(len)
                    && let Some(seq) = self.buffer.drop_oldest_behind(claimed)
                {
                    self.skipped.note(seq..seq + 1);
                    self.counters.dropped_oldest.add(1);
                }
                self.tell_dropped(before.saturating_sub(self.buffer.frames()) as u64);
                Ok(true)
            }
            OnFull::Error => {
                self.counters.dropped_error.add(1);
                self.tell_dropped(1);
                Err(SendError::Full)
            }
        }
    }

    fn wait_for_room(&mut self, len: usize, deadline: Option<Instant>) -> Result<(), SendError> {
        let mut waiting = Waiting::begin();
        loop {
            self.advance();
            if self.has_room(len) {
                return Ok(());
            }
            if self.connection.final_refusal().is_some() {
                self.counters.dropped_error.add(1);
                self.tell_dropped(1);
                return Err(SendError::Refused);
            }
            if self.interrupt.is_set() {
                self.counters.dropped_error.add(1);
                self.tell_dropped(1);
                return Err(SendError::Interrupted);
            }
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                self.counters.dropped_timeout.add(1);
                self.tell_dropped(1);
                return Err(SendError::TimedOut);
            }
            waiting.go_on(&self.report, self.connection.absence());
            self.sleep(deadline);
        }
    }

    /// One attempt to get rid of something: a write, or a step towards a peer.
    fn advance(&mut self) -> Status {
        if !self.connection.is_up() {
            return self.poll();
        }
        // A peer that reads nothing may have gone, or say what it must not: then its socket would end every wait at once.
        if !self.flush() {
            self.check_peer();
        }
        self.status()
    }

    fn has_room(&self, len: usize) -> bool {
        self.connection.is_up() && self.buffer.fits(len)
    }

    /// Sleeps until something can be done, but never for long.
    pub(super) fn sleep(&self, deadline: Option<Instant>) {
        let due = [deadline, self.timer()].into_iter().flatten().min();
        // If the kernel cannot wait, it is asked again soon: the callers have deadlines of their own.
        let _ = aside(|| wait(self.interest(), Some(nap(due))));
    }
}
