//! How a lane comes to its end: it empties what it has, closes it, and gives its services back.

use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

use super::Phase;
use crate::lane::executor::{Awaits, Executor, Stage};
use crate::lane::program::{LaneProgram, PartsOf, RouterSpec};
use crate::lane::start::shut_down;
use crate::link::Interrupt;
use crate::link::closing::Left;
use crate::notice;
use crate::unwind::catch;

/// Turns in which inputs are emptied before they are closed in any case: a peer that never stops sending must not keep the system
/// from ending.
const CLOSING_TURNS: u32 = 1024;

impl<B: LaneProgram> Executor<B> {
    /// Takes the next step towards the end. Returns whether the lane has nothing left to do.
    #[cold]
    pub(in crate::lane) fn has_drained(&mut self, phase: Phase, busy: bool) -> bool {
        if phase == Phase::Cut {
            return true;
        }
        match self.stage {
            Stage::Running => self.stage = Stage::Closing(0),
            Stage::Closing(turns) => {
                let closed = self.inbox.try_close();
                self.stage = Stage::Closing(turns + 1);
                if closed && (!busy || turns >= CLOSING_TURNS) {
                    self.body.close_inputs();
                    self.stage = Stage::Draining;
                }
            }
            Stage::Draining => return self.is_done(busy),
            Stage::Broken => return true,
        }
        // Keeps the lane from sleeping before its next turn.
        self.spin.busy();
        self.state.waker.notify();
        false
    }

    fn is_done(&mut self, busy: bool) -> bool {
        self.record_sent();
        self.awaits = if self.body.is_pending() { Awaits::Tasks } else { Awaits::Lanes };
        // Senders and inputs may have brought something in until now.
        if busy || self.awaits == Awaits::Tasks || !self.inbox.is_over() {
            return false;
        }
        for (index, ring) in &self.rings {
            self.control.ledger.settled(*index, ring.taken());
        }
        self.control.ledger.enrol(B::LANE);
        if self.rings.iter().all(|(_, ring)| ring.is_over()) {
            return true;
        }
        let quiet = self.control.ledger.is_quiet();
        if quiet {
            // Lanes that wait for the same don't see it without looking.
            self.control.wake_lanes();
        }
        quiet
    }

    fn record_sent(&mut self) {
        self.body.flush();
        for (ring, counters) in &self.outgoing {
            self.control.ledger.sent(*ring, counters.sent.get());
        }
    }

    /// This lane neither sends nor takes anything more: lanes in a cycle need not wait for it, whatever it has left undone.
    fn leave_ledger(&mut self) {
        self.record_sent();
        for (index, _) in &self.rings {
            self.control.ledger.abandoned(*index);
        }
        self.control.ledger.enrol(B::LANE);
        self.control.wake_lanes();
    }

    /// Closes everything, shuts the services down when it is their turn, and gives them back.
    pub(in crate::lane) fn finish(mut self, parts: &Mutex<PartsOf<B>>) {
        let mut left = Left::default();
        // From here on it waits for others, or is within a hook; the watchdog reports only the latter.
        self.state.asleep.store(true, Ordering::Relaxed);
        self.leave_ledger();
        // First, so that no sender waits for room in them any more.
        self.rings.iter_mut().for_each(|(_, ring)| ring.publish());
        drop(std::mem::take(&mut self.rings));
        // What a cascade that ended early has left in the router.
        left.add(format!("`local` routes of lane `{}`", self.state.name), self.body.abandon());
        let (deadline, cut) = (self.control.deadline(), Interrupt::at(&self.control.cutoff));
        let body = &mut self.body;
        let closed = catch(|| {
            body.close_inputs();
            body.close(deadline, &cut, &mut left);
        });
        if let Err(reason) = closed {
            notice::error!(self.hooks.notices, lane = self.state.name, reason, "closing panicked");
        }
        // After everything is closed that others see in their turns, and before waiting for the senders from outside: one that finds no
        // room lets the lanes take turns.
        if let Some(schedule_slot) = self.schedule_slot.take() {
            schedule_slot.leave();
        }
        self.inbox.close(&mut left);
        if !left.is_empty() {
            let lane = self.state.name;
            notice::warning!(self.hooks.notices, lane, %left, "a lane ended with messages left: they are lost");
        }
        self.control.lane_closed(left);
        let services = B::Router::SERVICES.iter().enumerate().rev();
        for (index, spec) in services.filter(|(_, spec)| spec.lane == B::LANE) {
            self.control.await_shutdown_of(index);
            self.state.asleep.store(false, Ordering::Relaxed);
            shut_down(spec.name, &self.hooks.notices, &mut || self.body.shutdown(index));
            self.state.asleep.store(true, Ordering::Relaxed);
            self.control.has_shut_down(index);
        }
        let mut parts = parts.lock().unwrap_or_else(PoisonError::into_inner);
        self.body.into_parts(&mut parts);
        drop(parts);
        self.control.lane_ended(B::LANE);
    }
}
