//! Timers: each tick is called, or counted as missed, from the start of the service on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mycelium_rt::bus::{Bus, Runtime};
use mycelium_rt::testing::ManualClock;
use mycelium_rt::{TimestampNs, service};
use tokio::runtime::Builder;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::common::{LONG, paused, settle};

const MS: Duration = Duration::from_millis(1);

/// Ticks quickly, and takes its time to start.
#[derive(Default)]
struct Quick {
    ticks: Arc<AtomicU64>,
    /// Moved when it starts.
    clock: Option<(ManualClock, Duration)>,
}

#[service]
impl Quick {
    fn startup(&mut self) {
        if let Some((clock, by)) = &self.clock {
            clock.advance(*by);
        }
    }

    #[every("1ms")]
    fn tick(&mut self) {
        self.ticks.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_short_period_catches_up_and_ticks_that_are_too_late_are_counted() {
    paused().block_on(async {
        let clock = ManualClock::at(TimestampNs(0));
        let runtime = Runtime::new(&Bus::new()).unwrap().with_clock(clock.clone());
        let quick = runtime.spawn(Quick::default()).unwrap();
        settle().await;
        for step in [1, 2, 3, 9] {
            clock.advance(MS * step);
            settle().await;
        }
        assert_eq!(quick.stats().missed_ticks, 0);
        clock.advance(MS * 100);
        settle().await;
        let missed = quick.stats().missed_ticks;
        let ticks = quick.shutdown(LONG).await.unwrap().ticks.load(Ordering::Relaxed);
        assert_eq!((ticks + missed, missed), (115, 90), "those of the last 10 ms are caught up with");
    });
}

/// With paused time, an interval of tokio ticks as often.
#[test]
fn a_timer_ticks_as_often_as_an_interval_of_tokio() {
    paused().block_on(async {
        let runtime = Runtime::new(&Bus::new()).unwrap();
        let quick = runtime.spawn(Quick::default()).unwrap();
        settle().await;
        let mut own = interval(MS);
        own.tick().await;
        for _ in 0..1_000 {
            own.tick().await;
        }
        assert_eq!(quick.stats().missed_ticks, 0);
        let ticks = quick.shutdown(LONG).await.unwrap().ticks.load(Ordering::Relaxed);
        assert!((1_000..=1_002).contains(&ticks), "{ticks}");
    });
}

/// In real time, beside an interval in the same runtime. A busy machine may keep both from running, so the best of some
/// rounds counts.
#[test]
fn a_timer_keeps_up_with_an_interval_of_tokio() {
    Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
        let mut best = 0.0_f64;
        for _ in 0..20 {
            let ticks = Arc::new(AtomicU64::new(0));
            let runtime = Runtime::new(&Bus::new()).unwrap();
            let quick = runtime.spawn(Quick { ticks: Arc::clone(&ticks), clock: None }).unwrap();
            let intervals = Arc::new(AtomicU64::new(0));
            let counted = Arc::clone(&intervals);
            let counting = tokio::spawn(async move {
                let mut own = interval(MS);
                own.set_missed_tick_behavior(MissedTickBehavior::Burst);
                loop {
                    own.tick().await;
                    counted.fetch_add(1, Ordering::Relaxed);
                }
            });
            sleep(MS * 100).await;
            let (ticks, intervals) = (ticks.load(Ordering::Relaxed), intervals.load(Ordering::Relaxed));
            counting.abort();
            drop(quick.shutdown(LONG).await);
            best = best.max(ticks as f64 / intervals as f64);
            if best > 0.95 {
                return;
            }
        }
        panic!("at best {best} of what the interval ticks");
    });
}

#[test]
fn ticks_before_the_start_are_not_missed() {
    for by in [MS * 50, Duration::from_secs(3600)] {
        paused().block_on(async {
            let clock = ManualClock::at(TimestampNs(0));
            let runtime = Runtime::new(&Bus::new()).unwrap().with_clock(clock.clone());
            let quick = runtime.spawn(Quick { clock: Some((clock.clone(), by)), ..Quick::default() }).unwrap();
            settle().await;
            clock.advance(MS * 5);
            settle().await;
            assert_eq!(quick.stats().missed_ticks, 0);
            let ticks = quick.shutdown(LONG).await.unwrap().ticks.load(Ordering::Relaxed);
            assert!((5..=6).contains(&ticks), "{ticks}");
        });
    }
}
