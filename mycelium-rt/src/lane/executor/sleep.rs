//! How a lane goes to sleep: it announces that everywhere, checks everything again, and only then sleeps. See `lane/rest` for why.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Waker;
use std::time::Duration;

use super::{Awaits, Executor, Stage};
use crate::clock::ClockSource;
use crate::lane::end::Phase;
use crate::lane::incoming::{Inbox, Incoming};
use crate::lane::park::Parking;
use crate::lane::program::LaneProgram;
use crate::lane::rest::{self, Resting, Rings};
use crate::routing::timer_queue::Sleep;
use crate::time::{Ticks, after};

/// How long a draining lane sleeps that waits for its tasks, which don't wake it when they are done.
const TASK_NAP: Duration = Duration::from_millis(1);

impl<B: LaneProgram> Executor<B> {
    /// Sleeps until there is something to do.
    pub(super) fn sleep(&mut self) {
        let state = Arc::clone(&self.state);
        if let Some(parking) = self.prepare_park() {
            state.waker.sleep(&parking.descriptors, parking.until);
        }
        self.unpark();
    }

    /// The same for a task.
    #[cfg(all(feature = "tokio", target_os = "linux", not(mycelium_portable)))]
    pub(in crate::lane) async fn park_async(
        &mut self,
        park_async: &mut crate::lane::tokio_task::AsyncPark,
    ) -> std::io::Result<()> {
        let state = Arc::clone(&self.state);
        let slept = match self.prepare_park() {
            Some(parking) => park_async.sleep(&state.waker, &parking.descriptors, parking.until).await,
            None => Ok(()),
        };
        self.unpark();
        slept
    }

    /// Announces everywhere that the lane is about to sleep, and checks everything again. Returns what to sleep on, if there is still nothing
    /// to do. [`unpark`](Self::unpark) follows in any case.
    fn prepare_park(&mut self) -> Option<Parking<'_>> {
        if let Some(until) = self.pausing.as_ref().map(|pausing| pausing.until) {
            return self.prepare_pause(until);
        }
        let Sleep::Until { real, ticks } = self.longest_sleep() else { return None };
        self.state.waker.arm();
        let mut parking = Parking::new(&self.waker);
        parking.by(real.map(after));
        if self.stage != Stage::Running {
            parking.by(self.control.cutoff.time());
        }
        let idle = rest::park(&mut AllRings { lanes: &mut self.rings, inbox: &mut self.inbox }, &self.waker)
            && self.inbox.is_known()
            && self.control.is_known_at(self.stage)
            && !self.control.ledger.is_known_quiet()
            && by_clock(&self.clock, ticks, &self.waker, &mut parking)
            && self.body.park(&mut parking);
        // Relaxed: others read it, and it orders nothing.
        self.state.asleep.store(idle, Ordering::Relaxed);
        idle.then_some(parking)
    }

    /// The same in a pause before a restart, which ends by its time or with the system, and not by messages.
    fn prepare_pause(&self, until: Ticks) -> Option<Parking<'_>> {
        self.state.waker.arm();
        let mut parking = Parking::new(&self.waker);
        let idle =
            self.control.phase() == Phase::Running && by_clock(&self.clock, Some(until), &self.waker, &mut parking);
        self.state.asleep.store(idle, Ordering::Relaxed);
        idle.then_some(parking)
    }

    fn unpark(&mut self) {
        self.state.asleep.store(false, Ordering::Relaxed);
        AllRings { lanes: &mut self.rings, inbox: &mut self.inbox }.unpark();
        self.body.unpark();
        self.spin.busy();
        self.spin.glance_next();
    }

    /// How long the lane may sleep.
    fn longest_sleep(&mut self) -> Sleep {
        self.body.flush();
        match self.stage {
            Stage::Running => self.timers.sleep().and_by(self.body.next_due().0),
            // As of its last turn: if a task has finished since, the lane must look again.
            Stage::Draining => match self.awaits {
                Awaits::Look => Sleep::No,
                Awaits::Tasks => Sleep::Until { real: Some(TASK_NAP), ticks: None },
                Awaits::Lanes => Sleep::Until { real: None, ticks: None },
            },
            Stage::Closing(_) | Stage::Broken => Sleep::No,
        }
    }
}

/// The rings that lead into a lane: from other lanes, and from senders.
struct AllRings<'a> {
    lanes: &'a mut [(usize, Incoming)],
    inbox: &'a mut Inbox,
}

impl Rings for AllRings<'_> {
    fn all(&mut self, mut ask: impl FnMut(&mut Resting) -> bool) -> bool {
        self.lanes.iter_mut().all(|(_, incoming)| ask(incoming.ring())) && self.inbox.all(ask)
    }
}

impl AllRings<'_> {
    fn unpark(&mut self) {
        self.all(|ring| {
            ring.unpark();
            true
        });
    }
}

/// Wakes the lane at this time of the router's clock; false if it is over already.
fn by_clock(clock: &ClockSource, ticks: Option<Ticks>, waker: &Waker, parking: &mut Parking<'_>) -> bool {
    let Some(due) = ticks else { return true };
    if let ClockSource::Manual(clock) = clock {
        clock.wake_on_change(waker);
    }
    let now = clock.ticks();
    let is_due = now.has_reached(due);
    if !is_due && matches!(clock, ClockSource::System) {
        parking.by(Some(after(due.since(now))));
    }
    !is_due
}
