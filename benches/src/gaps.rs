//! The times between two clock reads: how evenly a thread that never sleeps makes progress.

use std::time::Instant;

use crate::samples::Samples;

/// Gaps below this, in nanoseconds, are counted one by one. Their table stays in the L1 cache, so that each count takes the same
/// time.
const FINE: usize = 4096;

/// Records the time since its last call.
#[derive(Debug)]
pub struct Gaps {
    counts: Vec<u32>,
    long: Vec<f32>,
    left: usize,
    before: Option<Instant>,
}

impl Gaps {
    /// For this many gaps.
    pub fn new(count: usize) -> Self {
        // Touched here, with room for the few long gaps, so that the kernel provides no memory during the measurement.
        let mut long = vec![1.0; count / 64 + 1];
        long.clear();
        Self { counts: vec![1; FINE].into_iter().map(|_| 0).collect(), long, left: count, before: None }
    }

    /// Records the time since the last call, except for the first call. Returns whether more are needed.
    #[inline]
    pub fn note(&mut self) -> bool {
        let now = Instant::now();
        if let Some(before) = self.before {
            self.add((now - before).as_nanos() as usize);
        }
        self.before = Some(now);
        self.left > 0
    }

    fn add(&mut self, nanoseconds: usize) {
        self.left = self.left.saturating_sub(1);
        match self.counts.get_mut(nanoseconds) {
            Some(count) => *count += 1,
            None => self.long.push(nanoseconds as f32),
        }
    }

    /// All gaps, in nanoseconds, including the clock reads.
    pub fn samples(self) -> Samples {
        let fine = self.counts.iter().zip(0_u16..);
        let mut all: Vec<f32> =
            fine.flat_map(|(&count, time)| std::iter::repeat_n(f32::from(time), count as usize)).collect();
        all.extend(self.long);
        Samples::new(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_gaps_are_all_kept() {
        let mut gaps = Gaps::new(300);
        for nanoseconds in (0..100).chain(FINE - 50..FINE + 150) {
            assert!(gaps.left > 0);
            gaps.add(nanoseconds);
        }
        assert_eq!(gaps.left, 0);
        let samples = gaps.samples();
        assert_eq!((samples.count(), samples.median()), (300, (FINE) as f64));
        assert_eq!(samples.percentile(0.2), Some(60.0));
    }

    #[test]
    fn as_many_gaps_are_noted_as_are_asked_for() {
        let mut gaps = Gaps::new(1_000);
        while gaps.note() {}
        assert_eq!(gaps.samples().count(), 1_000);
    }
}
