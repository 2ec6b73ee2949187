//! The bare machine: one cache line that goes back and forth between two cores.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crate::cores::{Cores, pin};
use crate::port::round_trips;
use crate::samples::Samples;

/// Faster than this, in nanoseconds one way, the cores are near: they share a cache. Otherwise it takes at least three times as long.
const NEAR: f64 = 120.0;

/// The distance of the cores during a measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Distance {
    /// They share a cache.
    Near,
    /// They don't.
    Far,
}

impl Distance {
    /// The distance at which a cache line takes `nanoseconds` one way.
    pub fn of(nanoseconds: f64) -> Self {
        if nanoseconds < NEAR { Self::Near } else { Self::Far }
    }

    /// Its name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Near => "near",
            Self::Far => "far",
        }
    }
}

/// A word on two lines of its own, because lines are fetched in pairs.
#[derive(Default)]
#[repr(align(128))]
struct Line(AtomicU64);

/// The one-way times of a cache line.
pub fn ping_pong(cores: Cores, count: usize) -> Samples {
    let (there, back) = (Line::default(), Line::default());
    let total = count as u64 + count as u64 / 10;
    thread::scope(|scope| {
        scope.spawn(|| {
            pin(cores.far);
            for turn in 1..=total {
                while there.0.load(Ordering::Acquire) != turn {
                    std::hint::spin_loop();
                }
                back.0.store(turn, Ordering::Release);
            }
        });
        pin(cores.near);
        let mut turn = 0;
        round_trips(count, || {
            turn += 1;
            there.0.store(turn, Ordering::Release);
            while back.0.load(Ordering::Acquire) != turn {
                std::hint::spin_loop();
            }
        })
    })
}
