//! What wakes a lane that sleeps.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::Wake;
use std::thread::Thread;
use std::time::{Duration, Instant};

use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};

use crate::link::Interest;
use crate::link::wait::timespec;

/// One lane's bell: whoever has something for the lane rings it.
///
/// A lane [arms](Self::arm) it, then looks at everything once more, then sleeps; whoever brings something does that first and
/// rings then. `rung` is changed by read-modify-write on both sides, so the two are ordered: a ring after the arming is seen by
/// the sleep, and of a ring before it the arming acquires what the ringer did.
#[derive(Debug)]
pub(crate) struct LaneWaker {
    rung: AtomicBool,
    /// Whether the sleeper waits for descriptors, and thus for the bell's own.
    on_descriptor: AtomicBool,
    bell: OwnedFd,
    sleeper: Sleeper,
}

#[derive(Debug)]
enum Sleeper {
    Thread(OnceLock<Thread>),
    #[cfg(feature = "tokio")]
    Task(std::sync::Mutex<Option<std::task::Waker>>),
}

impl LaneWaker {
    pub(crate) fn for_thread() -> io::Result<Arc<Self>> {
        Self::new(Sleeper::Thread(OnceLock::new()))
    }

    #[cfg(feature = "tokio")]
    pub(crate) fn for_task() -> io::Result<Arc<Self>> {
        Self::new(Sleeper::Task(std::sync::Mutex::new(None)))
    }

    fn new(sleeper: Sleeper) -> io::Result<Arc<Self>> {
        let bell = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Arc::new(Self { rung: AtomicBool::new(false), on_descriptor: AtomicBool::new(false), bell, sleeper }))
    }

    /// The calling thread is the one to wake from now on.
    pub(crate) fn adopt_this_thread(&self) {
        match &self.sleeper {
            // A lane has one thread, which says so once.
            Sleeper::Thread(thread) => drop(thread.set(std::thread::current())),
            #[cfg(feature = "tokio")]
            Sleeper::Task(_) => {}
        }
    }

    /// The task to wake from now on.
    #[cfg(feature = "tokio")]
    pub(crate) fn adopt_task(&self, waker: &std::task::Waker) {
        if let Sleeper::Task(task) = &self.sleeper {
            let mut task = task.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if !task.as_ref().is_some_and(|old| old.will_wake(waker)) {
                *task = Some(waker.clone());
            }
        }
    }

    /// From now on a ring counts. What the ringers before did is visible.
    pub(crate) fn arm(&self) {
        // Partner: the swap in `ring`. Acquires what was done before it.
        self.rung.swap(false, Ordering::AcqRel);
    }

    pub(crate) fn is_rung(&self) -> bool {
        // Partner: the swap in `ring`.
        self.rung.load(Ordering::Acquire)
    }

    /// Wakes the lane, or keeps it from falling asleep.
    pub(crate) fn ring(&self) {
        // Partner: the swap in `arm`. Releases what the caller did before it.
        if self.rung.swap(true, Ordering::AcqRel) {
            return;
        }
        match &self.sleeper {
            Sleeper::Thread(_) if self.on_descriptor.load(Ordering::Relaxed) => self.ring_bell(),
            Sleeper::Thread(thread) => {
                if let Some(thread) = thread.get() {
                    thread.unpark();
                }
            }
            #[cfg(feature = "tokio")]
            Sleeper::Task(task) => {
                let waker = task.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
                if let Some(waker) = waker {
                    waker.wake();
                }
            }
        }
    }

    fn ring_bell(&self) {
        // It fails only when the counter is full, and then the bell rings already.
        let _ = rustix::io::write(&self.bell, &1_u64.to_ne_bytes());
    }

    /// Sleeps on this thread until someone rings, a descriptor is ready, or `until`.
    pub(crate) fn sleep(&self, descriptors: &[Interest<'_>], until: Option<Instant>) {
        // Partner: the load in `ring`, which is ordered by the changes of `rung` before it and after this: one that `is_rung_now` does
        // not see comes after it, and sees this.
        self.on_descriptor.store(!descriptors.is_empty(), Ordering::Relaxed);
        if self.is_rung_now() {
            return;
        }
        match descriptors {
            [] => self.sleep_on_thread(until),
            _ => self.sleep_on_descriptors(descriptors, until),
        }
    }

    /// As a change that changes nothing, so that it has its place among the rings.
    pub(crate) fn is_rung_now(&self) -> bool {
        self.rung.fetch_or(false, Ordering::AcqRel)
    }

    fn sleep_on_thread(&self, until: Option<Instant>) {
        while !self.is_rung() {
            match until.map(|until| until.saturating_duration_since(Instant::now())) {
                None => std::thread::park(),
                Some(Duration::ZERO) => return,
                Some(left) => std::thread::park_timeout(left),
            }
        }
    }

    fn sleep_on_descriptors(&self, descriptors: &[Interest<'_>], until: Option<Instant>) {
        // On the way to sleep, where an allocation costs little beside the calls into the kernel.
        let mut polled: Vec<PollFd<'_>> = descriptors.iter().copied().map(Interest::to_poll).collect();
        polled.push(PollFd::from_borrowed_fd(self.bell.as_fd(), PollFlags::IN));
        let timeout = until.map(|until| timespec(until.saturating_duration_since(Instant::now())));
        // Whatever comes of it (ready, late, a signal): the caller looks at everything again.
        let _ = poll(&mut polled, timeout.as_ref());
        // Quiet again; fails when it did not ring.
        let _ = rustix::io::read(&self.bell, &mut [0; 8]);
    }
}

impl Wake for LaneWaker {
    fn wake(self: Arc<Self>) {
        self.ring();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.ring();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sleeps as a lane does, and returns once somebody has rung.
    fn sleep_until_rung(waker: &LaneWaker, descriptors: &[Interest<'_>]) {
        while !waker.is_rung() {
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
            waker.ring();
            sleep_until_rung(waker, descriptors);
        });
    }

    #[test]
    fn a_ring_during_the_sleep_ends_it() {
        with_each_way_to_sleep(|waker, descriptors| {
            waker.arm();
            std::thread::scope(|scope| {
                scope.spawn(|| waker.ring());
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
        assert!(!waker.is_rung());
    }
}
