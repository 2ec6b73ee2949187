//! What a link does when it is full, and how it waits.

use std::time::Instant;

use super::link::ShmLink;
use crate::link::report::Waiting;
use crate::link::wait::{aside, nap};
use crate::link::{OnFull, SendError, Status, wait};
use crate::notice;
use crate::ring::parts::{Deadline, spin_until};
use crate::time::after;

impl ShmLink {
    /// The link is full: does what the policy says.
    #[cold]
    pub(super) fn send_when_full(&mut self, type_id: u16, body: &[u8]) -> Result<(), SendError> {
        if self.status() == Status::Closed {
            self.counters.dropped_closed.add(1);
            return Err(SendError::Closed);
        }
        self.flush();
        self.drive();
        if self.take(type_id, body) {
            return Ok(());
        }
        let deadline = match self.on_full {
            OnFull::Block => None,
            OnFull::BlockFor(timeout) => Some(after(timeout)),
            OnFull::DropNewest | OnFull::DropOldest => {
                self.counters.dropped_newest.add(1);
                self.tell_dropped();
                return Ok(());
            }
            OnFull::Error => return self.drop_with(SendError::Full),
        };
        loop {
            self.wait_for_room(deadline)?;
            if self.take(type_id, body) {
                return Ok(());
            }
        }
    }

    fn wait_for_room(&mut self, deadline: Option<Instant>) -> Result<(), SendError> {
        let spin = Deadline::at(deadline);
        spin_until(&spin, || self.has_room());
        let mut waiting = Waiting::begin();
        while !self.has_room() {
            if self.connection.final_refusal().is_some() {
                return self.drop_with(SendError::Refused);
            }
            if self.interrupt.is_set() {
                return self.drop_with(SendError::Interrupted);
            }
            if spin.is_over() {
                self.counters.dropped_timeout.add(1);
                self.tell_dropped();
                return Err(SendError::TimedOut);
            }
            waiting.go_on(&self.report, self.connection.absence());
            self.sleep_until_room(deadline);
            self.drive();
        }
        Ok(())
    }

    fn has_room(&mut self) -> bool {
        // A cursor that lies shows when the message is pushed.
        self.connection.up().is_some_and(|up| up.writer.has_space().unwrap_or(true))
    }

    /// Sleeps until the receiver has made room, is gone, or something else can be done.
    fn sleep_until_room(&mut self, deadline: Option<Instant>) {
        let Some(up) = self.connection.up() else { return self.sleep(deadline) };
        let _ = up.writer.begin_park();
        if !up.writer.has_space().unwrap_or(true) {
            aside(|| up.channel.sleep(nap(deadline)));
        }
        up.writer.end_park();
    }

    /// Sleeps until something can be done, but never for long.
    pub(super) fn sleep(&self, deadline: Option<Instant>) {
        let due = [deadline, self.timer()].into_iter().flatten().min();
        if let Err(error) = aside(|| wait(self.interest(), Some(nap(due)))) {
            notice::error!(self.report.notices(), link = self.name, %error, "cannot wait");
        }
    }
}
