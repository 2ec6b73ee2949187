//! A simulated park: what both ends of a virtual connection share, and sleep on.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

/// A state that virtual ends share. Whoever changes it wakes all who sleep on it, threads and lanes; so whatever they wait for, none of them
/// sleeps too long. A thread whose time is over while something is there that no change has announced has lost its wake-up, which is
/// counted: that is what a defect in parking looks like, and [`mute`](Self::mute) plants one.
///
/// ```
/// use mycelium_rt::testing::Monitor;
/// use std::time::Duration;
///
/// let queue = Monitor::new(Vec::new());
/// std::thread::scope(|scope| {
///     scope.spawn(|| queue.sleep(Duration::from_secs(60), |_| false, |queue| !queue.is_empty()));
///     queue.change(|queue| queue.push(7));
/// });
/// assert_eq!((queue.look(Vec::len), queue.lost_wake_ups()), (1, 0));
/// ```
#[derive(Debug, Default)]
pub struct Monitor<S> {
    inner: Mutex<Inner<S>>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Inner<S> {
    state: S,
    /// Who sleeps by a waker, and what was announced when each was awake last.
    sleepers: BTreeMap<u64, (Option<Waker>, u64)>,
    /// Changes that were announced.
    announced: u64,
    lost_wake_ups: u64,
    mute: bool,
}

impl<S> Monitor<S> {
    /// One that nobody sleeps on yet.
    pub fn new(state: S) -> Self {
        let (sleepers, changed) = (BTreeMap::new(), Condvar::new());
        Self { inner: Mutex::new(Inner { state, sleepers, announced: 0, lost_wake_ups: 0, mute: false }), changed }
    }

    /// Looks at the state.
    pub fn look<T>(&self, look: impl FnOnce(&S) -> T) -> T {
        look(&self.lock().state)
    }

    /// Changes the state, and wakes all who sleep on it.
    pub fn change<T>(&self, change: impl FnOnce(&mut S) -> T) -> T {
        let mut inner = self.lock();
        let changed = change(&mut inner.state);
        self.announce(inner);
        changed
    }

    /// Changes the state if there is something to change; if so, wakes all who sleep on it.
    pub fn try_change<T>(&self, change: impl FnOnce(&mut S) -> Option<T>) -> Option<T> {
        let mut inner = self.lock();
        let changed = change(&mut inner.state);
        if changed.is_some() {
            self.announce(inner);
        }
        changed
    }

    /// Sleeps until `is_ready`, or until something has changed, for `timeout` at most. Time passes for those who sleep: as long as
    /// `advance` moves the state on to what comes next by itself, nobody waits for it.
    pub fn sleep(&self, timeout: Duration, advance: impl Fn(&mut S) -> bool, is_ready: impl Fn(&S) -> bool) {
        let (mut inner, mut moved) = (self.lock(), false);
        while !is_ready(&inner.state) && advance(&mut inner.state) {
            moved = true;
        }
        if moved {
            // That may be what others sleep on.
            return self.announce(inner);
        }
        if is_ready(&inner.state) {
            return;
        }
        let announced = inner.announced;
        let (mut inner, slept) = self.changed.wait_timeout(inner, timeout).unwrap_or_else(PoisonError::into_inner);
        if slept.timed_out() && is_ready(&inner.state) && inner.announced == announced {
            inner.lost_wake_ups += 1;
        }
    }

    /// Has the waker of this sleeper called with each change, and now if anything has changed since it was awake; without one, it is awake
    /// from now on.
    pub fn wake(&self, sleeper: u64, waker: Option<&Waker>) {
        let mut inner = self.lock();
        let announced = inner.announced;
        // One that was never awake may have missed everything.
        let sleeper = inner.sleepers.entry(sleeper).or_default();
        sleeper.0 = waker.cloned();
        let has_missed = std::mem::replace(&mut sleeper.1, announced) != announced;
        // Without the lock: a waker may do anything.
        drop(inner);
        if let Some(waker) = waker.filter(|_| has_missed) {
            waker.wake_by_ref();
        }
    }

    /// From now on changes wake nobody: a defect, to see that it is found.
    pub fn mute(&self) {
        self.lock().mute = true;
    }

    /// Threads that were not woken though what they waited for had come.
    pub fn lost_wake_ups(&self) -> u64 {
        self.lock().lost_wake_ups
    }

    /// Whether somebody's waker waits for a call while `is_ready`: who sleeps by one is not woken any more.
    pub fn is_stuck(&self, is_ready: impl Fn(&S) -> bool) -> bool {
        let inner = self.lock();
        inner.sleepers.values().any(|(waker, _)| waker.is_some()) && is_ready(&inner.state)
    }

    fn announce(&self, mut inner: MutexGuard<'_, Inner<S>>) {
        if !inner.mute {
            inner.announced += 1;
            let wakers: Vec<Waker> = inner.sleepers.values().filter_map(|(waker, _)| waker.clone()).collect();
            drop(inner);
            self.changed.notify_all();
            wakers.into_iter().for_each(Waker::wake);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner<S>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
