//! How the thread of an attachment learns that it is to end.

use std::sync::{Arc, OnceLock};
use std::task::{Context, Waker};
use std::time::Instant;

use crate::lane::rest::LaneWaker;
use crate::lane::{Parking, Waits};

/// Tells a thread to end, and lets it sleep until then.
pub(super) struct Closing {
    deadline: OnceLock<Instant>,
    waker: Arc<LaneWaker>,
}

impl Closing {
    pub(super) fn new() -> std::io::Result<Arc<Self>> {
        Ok(Arc::new(Self { deadline: OnceLock::new(), waker: LaneWaker::for_thread()? }))
    }

    /// Tells the thread to end by `deadline`; the first one counts.
    pub(super) fn begin(&self, deadline: Instant) {
        let _ = self.deadline.set(deadline);
        self.waker.notify();
    }

    /// By when to end, once it is to.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadline.get().copied()
    }

    /// The calling thread is the one that sleeps here.
    pub(super) fn adopt_this_thread(&self) {
        self.waker.adopt_this_thread();
    }

    /// Sleeps until `end` wants to be polled, or `is_idle` has its waker called, or the thread is to end. Both are looked at once
    /// more before the sleep.
    pub(super) fn sleep(&self, end: &mut impl Waits, is_idle: impl FnOnce(&mut Context<'_>) -> bool) {
        let waker = Waker::from(Arc::clone(&self.waker));
        self.waker.arm();
        let mut parking = Parking::new(&waker);
        let to_end = self.deadline.get().is_some();
        if is_idle(&mut Context::from_waker(&waker)) && end.park(&mut parking) && !to_end {
            let Parking { descriptors, until, .. } = parking;
            self.waker.sleep(&descriptors, until);
        }
        end.unpark();
    }
}
