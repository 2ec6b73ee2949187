//! The faults that a relay injects, and its statistics.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::socket::Socket;
use crate::testing::Random;
use crate::time::bounded;

/// A snapshot of what a [`Relay`](super::Relay) has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RelayStats {
    /// The number of accepted connections.
    pub connections: u64,
    /// The number of forwarded messages.
    pub passed: u64,
    /// The number of dropped messages.
    pub dropped: u64,
}

/// The plan. The test changes it, and the relay's threads follow it.
#[derive(Debug, Default)]
pub(super) struct Faults {
    plan: Mutex<Plan>,
    changed: Condvar,
}

#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) drop_next: u64,
    pub(super) random: Random,
    pub(super) one_in: u32,
    pub(super) delay: Duration,
    pub(super) held: bool,
    pub(super) refuse: bool,
    stopped: bool,
    stats: RelayStats,
    open: Vec<(u64, Socket, Socket)>,
}

/// What happens to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Pass,
    Drop,
    /// The relay ends.
    Stop,
}

impl Faults {
    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut Plan)) {
        change(&mut self.plan());
        self.changed.notify_all();
    }

    pub(super) fn stop(&self) {
        self.change(|plan| plan.stopped = true);
        self.cut();
    }

    pub(super) fn cut(&self) {
        self.change(|plan| {
            for (_, link, input) in plan.open.drain(..) {
                link.cut();
                input.cut();
            }
        });
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.plan().stopped
    }

    pub(super) fn refuses(&self) -> bool {
        self.plan().refuse
    }

    pub(super) fn stats(&self) -> RelayStats {
        self.plan().stats
    }

    pub(super) fn wait_until(&self, timeout: Duration, wanted: impl Fn(RelayStats) -> bool) -> bool {
        let plan = self.plan();
        let waited = self.changed.wait_timeout_while(plan, bounded(timeout), |plan| !wanted(plan.stats));
        let (plan, _) = waited.unwrap_or_else(PoisonError::into_inner);
        wanted(plan.stats)
    }

    /// Registers a connection. Returns its number.
    pub(super) fn connected(&self, link: &Socket, input: &Socket) -> u64 {
        let mut number = 0;
        self.change(|plan| {
            plan.stats.connections += 1;
            number = plan.stats.connections;
            if plan.stopped {
                // It came while the relay ended: nothing else would cut it.
                link.cut();
                input.cut();
                return;
            }
            if let (Ok(link), Ok(input)) = (link.try_clone(), input.try_clone()) {
                plan.open.push((number, link, input));
            }
        });
        number
    }

    pub(super) fn disconnected(&self, number: u64) {
        self.change(|plan| {
            for (_, link, input) in plan.open.extract_if(.., |(open, ..)| *open == number) {
                link.cut();
                input.cut();
            }
        });
    }

    /// Waits as long as messages are held, then decides what happens to the next one.
    pub(super) fn fate(&self) -> (Fate, Duration) {
        let plan = self.plan();
        let held = self.changed.wait_while(plan, |plan| plan.held && !plan.stopped);
        let mut plan = held.unwrap_or_else(PoisonError::into_inner);
        let fate = match () {
            () if plan.stopped => Fate::Stop,
            () if plan.loses() => Fate::Drop,
            () => Fate::Pass,
        };
        (fate, plan.delay)
    }

    /// Sleeps for `delay`, or until the relay ends.
    pub(super) fn sleep(&self, delay: Duration) {
        if !delay.is_zero() {
            let slept = self.changed.wait_timeout_while(self.plan(), bounded(delay), |plan| !plan.stopped);
            drop(slept.unwrap_or_else(PoisonError::into_inner));
        }
    }

    pub(super) fn done(&self, fate: Fate) {
        self.change(|plan| match fate {
            Fate::Pass => plan.stats.passed += 1,
            Fate::Drop => plan.stats.dropped += 1,
            Fate::Stop => {}
        });
    }
}

impl Plan {
    fn loses(&mut self) -> bool {
        if let Some(left) = self.drop_next.checked_sub(1) {
            self.drop_next = left;
            return true;
        }
        // One random number per message, in any case.
        self.random.number().checked_rem(u64::from(self.one_in)) == Some(0)
    }
}
