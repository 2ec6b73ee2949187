//! Simulated parking: a state that both ends of a virtual connection share and sleep on.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

/// A state that virtual ends share. Each change wakes all threads and lanes that sleep on it, so none of them sleeps too long, whatever it waits
/// for. If a thread times out while it is ready, and no change was announced meanwhile, it has lost its wake-up, which is counted: such is a
/// defect in parking, and [`mute`](Self::mute) plants one.
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
    /// The waker of each sleeper, and the value of `announced` when it was last awake.
    sleepers: BTreeMap<u64, (Option<Waker>, u64)>,
    /// The number of announced changes.
    announced: u64,
    lost_wake_ups: u64,
    mute: bool,
}

impl<S> Monitor<S> {
    /// A monitor without sleepers.
    pub fn new(state: S) -> Self {
        let (sleepers, changed) = (BTreeMap::new(), Condvar::new());
        Self { inner: Mutex::new(Inner { state, sleepers, announced: 0, lost_wake_ups: 0, mute: false }), changed }
    }

    /// Reads the state.
    pub fn look<T>(&self, look: impl FnOnce(&S) -> T) -> T {
        look(&self.lock().state)
    }

    /// Changes the state, and wakes all sleepers.
    pub fn change<T>(&self, change: impl FnOnce(&mut S) -> T) -> T {
        let mut inner = self.lock();
        let changed = change(&mut inner.state);
        self.announce(inner);
        changed
    }

    /// Changes the state if there is something to change, and then wakes all sleepers.
    pub fn try_change<T>(&self, change: impl FnOnce(&mut S) -> Option<T>) -> Option<T> {
        let mut inner = self.lock();
        let changed = change(&mut inner.state);
        if changed.is_some() {
            self.announce(inner);
        }
        changed
    }

    /// Sleeps until `is_ready`, or until a change, for `timeout` at most. Simulated time passes during sleep: `advance` moves the state on to the
    /// next event that comes by itself, and returns whether there was one; no thread waits for such events.
    pub fn sleep(&self, timeout: Duration, advance: impl Fn(&mut S) -> bool, is_ready: impl Fn(&S) -> bool) {
        let (mut inner, mut moved) = (self.lock(), false);
        while !is_ready(&inner.state) && advance(&mut inner.state) {
            moved = true;
        }
        if moved {
            // Others may sleep on that.
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

    /// Sets the waker of this sleeper, to be called at each change, and calls it now if anything has changed since the sleeper was awake. Without
    /// a waker, the sleeper is awake from now on.
    pub fn wake(&self, sleeper: u64, waker: Option<&Waker>) {
        let mut inner = self.lock();
        let announced = inner.announced;
        // A new sleeper may have missed everything.
        let sleeper = inner.sleepers.entry(sleeper).or_default();
        sleeper.0 = waker.cloned();
        let has_missed = std::mem::replace(&mut sleeper.1, announced) != announced;
        // Without the lock: a waker may run any code.
        drop(inner);
        if let Some(waker) = waker.filter(|_| has_missed) {
            waker.wake_by_ref();
        }
    }

    /// From now on changes wake no sleepers: a planted defect, to show that tests find it.
    pub fn mute(&self) {
        self.lock().mute = true;
    }

    /// The number of times that a thread was not woken although it was ready.
    pub fn lost_wake_ups(&self) -> u64 {
        self.lock().lost_wake_ups
    }

    /// Whether a sleeper has a waker while `is_ready`: nothing will wake it any more.
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
