//! What wakes a lane that sleeps.

use std::io;
// Not the models' own: a `Waker` is made of this one.
use std::sync::Arc;
use std::task::Wake;
use std::time::{Duration, Instant};

use super::notifier::{Notifier, Sleeper};
use super::rules;
use crate::link::wait::Interest;
#[cfg(feature = "tokio")]
use crate::sync::Mutex;
use crate::sync::{AtomicBool, Ordering};

/// One lane's notifier: whoever has something for the lane rings it.
///
/// A lane [arms](Self::arm) it, then looks at everything once more, then sleeps; whoever brings something does that first and
/// rings then. `notified` is changed by read-modify-write on both sides, so the two are ordered: a ring after the arming is seen by
/// the sleep, and of a ring before it the arming acquires what the ringer did.
#[derive(Debug)]
pub(crate) struct LaneWaker {
    notified: AtomicBool,
    /// Whether the sleeper waits for descriptors, and thus for the notifier's own.
    on_descriptor: AtomicBool,
    notifier: Notifier,
    owner: Owner,
}

#[derive(Debug)]
enum Owner {
    Thread(Sleeper),
    #[cfg(feature = "tokio")]
    Task(Mutex<Option<std::task::Waker>>),
}

impl LaneWaker {
    pub(crate) fn for_thread() -> io::Result<Arc<Self>> {
        Self::new(Owner::Thread(Sleeper::default()))
    }

    #[cfg(feature = "tokio")]
    pub(crate) fn for_task() -> io::Result<Arc<Self>> {
        Self::new(Owner::Task(Mutex::new(None)))
    }

    fn new(owner: Owner) -> io::Result<Arc<Self>> {
        let (notified, on_descriptor) = (AtomicBool::new(false), AtomicBool::new(false));
        Ok(Arc::new(Self { notified, on_descriptor, notifier: Notifier::new()?, owner }))
    }

    /// The calling thread is the one to wake from now on.
    pub(crate) fn adopt_this_thread(&self) {
        match &self.owner {
            Owner::Thread(sleeper) => sleeper.adopt_this_thread(),
            #[cfg(feature = "tokio")]
            Owner::Task(_) => {}
        }
    }

    /// The task to wake from now on.
    #[cfg(feature = "tokio")]
    pub(crate) fn adopt_task(&self, waker: &std::task::Waker) {
        if let Owner::Task(task) = &self.owner {
            let mut task = task.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if !task.as_ref().is_some_and(|old| old.will_wake(waker)) {
                *task = Some(waker.clone());
            }
        }
    }

    /// From now on a ring counts. What the ringers before did is visible.
    pub(crate) fn arm(&self) {
        // Partner: the swap in `notify`. Acquires what was done before it.
        self.notified.swap(false, rules::arm_acquires());
    }

    pub(crate) fn is_notified(&self) -> bool {
        // Partner: the swap in `notify`.
        self.notified.load(Ordering::Acquire)
    }

    /// Wakes the lane, or keeps it from falling asleep.
    pub(crate) fn notify(&self) {
        // Partner: the swap in `arm`. Releases what the caller did before it.
        if self.notified.swap(true, rules::notify_releases()) {
            return;
        }
        match &self.owner {
            Owner::Thread(_) if self.on_descriptor.load(Ordering::Relaxed) => self.notifier.notify(),
            Owner::Thread(sleeper) => sleeper.unpark(),
            #[cfg(feature = "tokio")]
            Owner::Task(task) => {
                let waker = task.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
                if let Some(waker) = waker {
                    waker.wake();
                }
            }
        }
    }

    /// Sleeps on this thread until someone rings, a descriptor is ready, or `until`.
    pub(crate) fn sleep(&self, descriptors: &[Interest<'_>], until: Option<Instant>) {
        // Partner: the load in `notify`, which is ordered by the changes of `notified` before it and after this: one that `is_notified_now` does
        // not see comes after it, and sees this.
        self.on_descriptor.store(!descriptors.is_empty(), Ordering::Relaxed);
        if self.is_notified_now() {
            return;
        }
        match &self.owner {
            Owner::Thread(sleeper) if descriptors.is_empty() => self.sleep_without(sleeper, until),
            _ => self.notifier.sleep(descriptors, until),
        }
    }

    /// As a change that changes nothing, so that it has its place among the rings.
    pub(crate) fn is_notified_now(&self) -> bool {
        if !rules::sleep_is_a_change() {
            return self.is_notified();
        }
        self.notified.fetch_or(false, Ordering::AcqRel)
    }

    fn sleep_without(&self, sleeper: &Sleeper, until: Option<Instant>) {
        while !self.is_notified() {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                return;
            }
            sleeper.park(left);
        }
    }
}

impl Wake for LaneWaker {
    fn wake(self: Arc<Self>) {
        self.notify();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.notify();
    }
}

#[cfg(all(test, not(mycelium_loom)))]
mod tests {
    use std::os::fd::AsFd;

    use rustix::event::{EventfdFlags, eventfd};

    use super::*;

    /// Sleeps as a lane does, and returns once somebody has notified.
    fn sleep_until_rung(waker: &LaneWaker, descriptors: &[Interest<'_>]) {
        while !waker.is_notified() {
            waker.sleep(descriptors, None);
        }
    }

    /// With nothing to wait for but the ring, and with a descriptor that is never ready.
    fn with_each_way_to_sleep(check: impl Fn(&LaneWaker, &[Interest<'_>])) {
        let silent = eventfd(0, EventfdFlags::CLOEXEC).unwrap();
        let silent = Interest { descriptor: silent.as_fd(), readable: true, writable: false };
        let waker = LaneWaker::for_thread().unwrap();
        waker.adopt_this_thread();
        for _ in 0..100 {
            check(&waker, &[]);
            check(&waker, &[silent]);
        }
    }

    #[test]
    fn a_ring_before_the_sleep_is_not_lost() {
        with_each_way_to_sleep(|waker, descriptors| {
            waker.arm();
            waker.notify();
            sleep_until_rung(waker, descriptors);
        });
    }

    #[test]
    fn a_ring_during_the_sleep_ends_it() {
        with_each_way_to_sleep(|waker, descriptors| {
            waker.arm();
            std::thread::scope(|scope| {
                scope.spawn(|| waker.notify());
                sleep_until_rung(waker, descriptors);
            });
        });
    }

    #[test]
    fn a_descriptor_that_is_ready_ends_the_sleep() {
        let ready = eventfd(1, EventfdFlags::CLOEXEC).unwrap();
        let waker = LaneWaker::for_thread().unwrap();
        waker.arm();
        waker.sleep(&[Interest { descriptor: ready.as_fd(), readable: true, writable: false }], None);
        assert!(!waker.is_notified());
    }
}
