//! The clock of a router: the system's, or one that a test or a replay sets.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::message::TimestampNs;
use crate::time::{Ticks, nanos};

/// The current time. A handler gets it by `cx: &mut impl Clock`, or `cx: &mut (impl Emit<M> + Clock)`.
///
/// In a router it is the system's clock, unless the [`Config`](crate::Config::clock) says otherwise; in a
/// [`Recorder`](crate::testing::Recorder) it is the time that the test sets.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no clock",
    note = "contexts of routers and `mycelium_rt::testing::Recorder` have one"
)]
pub trait Clock {
    /// The current time.
    fn now(&self) -> TimestampNs;
}

/// The clock of a router.
#[derive(Clone, Debug, Default)]
pub enum ClockSource {
    /// The system's clock.
    #[default]
    System,
    /// A clock of a test or a replay.
    Manual(ManualClock),
}

impl ClockSource {
    /// The time for timers. The system's never goes back.
    pub(crate) fn ticks(&self) -> Ticks {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        match self {
            // 584 years fit.
            Self::System => Ticks(nanos(START.elapsed())),
            Self::Manual(clock) => Ticks(clock.now().0),
        }
    }
}

impl Clock for ClockSource {
    #[inline]
    fn now(&self) -> TimestampNs {
        match self {
            Self::System => TimestampNs::now(),
            Self::Manual(clock) => clock.now(),
        }
    }
}

/// A clock that stands still until it is set: for tests and replays.
///
/// A router with this clock in its [`Config`](crate::Config) shows its time to its services, and runs its timers by it. Clones are the same
/// clock.
///
/// ```
/// use mycelium_rt::testing::ManualClock;
/// use mycelium_rt::{Clock, Config, TimestampNs};
/// use std::time::Duration;
///
/// let clock = ManualClock::at(TimestampNs(1_000));
/// let config = Config::new().clock(clock.clone());
/// clock.advance(Duration::from_nanos(500));
/// assert_eq!(clock.now(), TimestampNs(1_500));
/// ```
#[derive(Clone, Debug, Default)]
pub struct ManualClock(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    now: AtomicU64,
    sleepers: Mutex<Vec<Waker>>,
}

impl ManualClock {
    /// A clock at the beginning of 1970.
    pub fn new() -> Self {
        Self::default()
    }

    /// A clock at `now`.
    pub fn at(now: TimestampNs) -> Self {
        let clock = Self::new();
        clock.set(now);
        clock
    }

    /// Advances the time, saturating, and wakes all that registered by [`wake_on_change`](Self::wake_on_change).
    pub fn advance(&self, by: Duration) {
        self.set(TimestampNs(Ticks(self.now().0).after(by).0));
    }

    /// Sets the time, which may go back. Timers that have been called are not called again.
    pub fn set(&self, now: TimestampNs) {
        // Pairs with the `Acquire` load of `now`: a thread that sees this time also sees what the test did before it.
        self.0.now.store(now.0, Ordering::Release);
        // Woken after the store: a task that registers later checks the clock again before it sleeps.
        let sleepers = std::mem::take(&mut *self.0.sleepers.lock().unwrap_or_else(PoisonError::into_inner));
        sleepers.into_iter().for_each(Waker::wake);
    }

    /// Has `waker` called when the clock is next set. After registering, check the clock again before you sleep.
    pub fn wake_on_change(&self, waker: &Waker) {
        // Cloning and dropping a waker runs code of others: neither happens under the lock.
        let waker = waker.clone();
        let mut sleepers = self.0.sleepers.lock().unwrap_or_else(PoisonError::into_inner);
        if !sleepers.iter().any(|sleeper| sleeper.will_wake(&waker)) {
            sleepers.push(waker);
        } else {
            drop(sleepers);
            drop(waker);
        }
    }
}

#[cfg(feature = "bus")]
impl ManualClock {
    /// Waits until the clock has reached this time, in nanoseconds since 1970.
    pub(crate) async fn reached(&self, due: Ticks) {
        std::future::poll_fn(|cx| {
            // Registered before the check, so that no change is missed.
            self.wake_on_change(cx.waker());
            if Ticks(self.now().0).has_reached(due) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> TimestampNs {
        // Pairs with the `Release` store of `set`.
        TimestampNs(self.0.now.load(Ordering::Acquire))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Wake;

    #[derive(Default)]
    struct Calls(AtomicU64);

    impl Wake for Calls {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_sleeper_is_woken_once_by_the_next_change() {
        let (clock, calls) = (ManualClock::new(), Arc::new(Calls::default()));
        let waker = Waker::from(Arc::clone(&calls));
        clock.wake_on_change(&waker);
        clock.wake_on_change(&waker);
        clock.advance(Duration::from_secs(1));
        clock.advance(Duration::from_secs(1));
        assert_eq!(calls.0.load(Ordering::Relaxed), 1);
        assert_eq!(clock.now(), TimestampNs(2_000_000_000));
    }

    #[test]
    fn time_saturates() {
        let clock = ManualClock::at(TimestampNs(u64::MAX));
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), TimestampNs(u64::MAX));
    }
}
