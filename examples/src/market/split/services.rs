//! Services that synchronise the processes; the desk's own services do not depend on them.

use contracts::{BarDone, BarSettled, BarSettledFields, RunDone};
use mycelium_rt::{Emit, service};

/// Knows how far the desk has come; runs in the process of the strategy.
#[derive(Debug, Default)]
pub(crate) struct Lockstep {
    settled: u64,
}

#[service]
impl Lockstep {
    #[handle]
    fn on_bar_settled(&mut self, settled: &BarSettled) {
        self.settled = settled.number;
    }
}

impl Lockstep {
    /// The number of the last settled bar.
    pub(crate) fn settled(&self) -> u64 {
        self.settled
    }
}

/// Tells the strategy that a bar is settled. All signals of the bar have been handled by then, because they came before
/// `BarDone` and each is handled to its end.
#[derive(Debug, Default)]
pub(crate) struct Answering;

#[service]
impl Answering {
    #[handle]
    fn on_bar_done(&mut self, done: &BarDone, cx: &mut impl Emit<BarSettled>) {
        cx.emit(&BarSettled::from(BarSettledFields { number: done.number }));
    }
}

/// Counts the sides that have ended the run.
#[derive(Debug, Default)]
pub(crate) struct Closing {
    ends: u32,
}

#[service]
impl Closing {
    #[handle]
    fn on_run_done(&mut self, _: &RunDone) {
        self.ends += 1;
    }
}

impl Closing {
    /// How many sides have ended the run.
    pub(crate) fn ends(&self) -> u32 {
        self.ends
    }
}
