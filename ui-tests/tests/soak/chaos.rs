//! What goes wrong, and how often.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use fastrand::Rng;

/// How a round ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The troubles stop, and the systems shut down with time enough: nothing is left, and every loss has a number.
    InOrder,
    /// In the midst of it all, with a deadline that has passed already.
    AtOnce,
    /// A lane that may not restart panics.
    Broken,
}

/// What a round is to be like; follows from its seed.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) end: End,
    /// Bars of the source.
    pub(crate) bars: u64,
    /// Bars of each sender.
    pub(crate) sent_bars: u64,
    /// Messages that the other system sends.
    pub(crate) rain: u64,
    /// One call in this many panics; 0: none.
    pub(crate) panics: u64,
    /// One call in this many takes long; 0: none.
    pub(crate) slow: u64,
    /// A relay that loses messages loses one in this many.
    pub(crate) drops: u32,
}

impl Plan {
    pub(crate) fn of(seed: u64) -> Self {
        let mut random = Rng::with_seed(seed);
        let end = match random.u8(..10) {
            0..6 => End::InOrder,
            6..8 => End::AtOnce,
            _ => End::Broken,
        };
        let pick = |random: &mut Rng, from: &[u64]| from[random.usize(..from.len())];
        Self {
            seed,
            end,
            bars: random.u64(500..4000),
            sent_bars: random.u64(0..2000),
            rain: random.u64(100..2000),
            panics: pick(&mut random, &[0, 50, 200, 1000, 5000]),
            slow: pick(&mut random, &[0, 200, 1000, 5000]),
            drops: random.u32(2..200),
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, end, bars, sent_bars, rain, panics, slow, drops } = self;
        write!(
            f,
            "seed {seed}: ends {end:?}, {bars} + 2 * {sent_bars} bars, {rain} rain, one panic in {panics} calls, one slow call \
             in {slow}, one message in {drops} dropped"
        )
    }
}

/// Where a service asks what is to go wrong.
#[derive(Debug, Default)]
pub(crate) struct Chaos {
    random: AtomicU64,
    panics: u64,
    slow: u64,
    calm: AtomicBool,
    /// Whether the lane that may not restart panics.
    breaks: AtomicBool,
}

impl Chaos {
    pub(crate) fn new(plan: &Plan) -> Arc<Self> {
        Arc::new(Self {
            random: AtomicU64::new(plan.seed),
            panics: plan.panics,
            slow: plan.slow,
            calm: AtomicBool::new(false),
            breaks: AtomicBool::new(false),
        })
    }

    /// From now on nothing goes wrong.
    pub(crate) fn calm(&self) {
        self.calm.store(true, Ordering::Relaxed);
    }

    /// From now on the lane that may not restart panics.
    pub(crate) fn break_down(&self) {
        self.breaks.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.breaks.load(Ordering::Relaxed)
    }

    /// Whether it is time for a panic.
    pub(crate) fn panics(&self) -> bool {
        self.one_in(self.panics)
    }

    /// Whether it is time for an error.
    pub(crate) fn fails(&self) -> bool {
        self.one_in(self.panics)
    }

    /// Takes its time, now and then.
    pub(crate) fn dawdle(&self) {
        if self.one_in(self.slow) {
            // A fault, not a wait for something.
            std::thread::sleep(Duration::from_micros(self.next() % 500));
        }
    }

    fn one_in(&self, calls: u64) -> bool {
        !self.calm.load(Ordering::Relaxed) && self.next().checked_rem(calls) == Some(0)
    }

    /// SplitMix64, of which every caller gets another number.
    fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut mixed = self.random.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
