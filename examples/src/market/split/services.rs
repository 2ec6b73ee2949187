//! What keeps the processes in step; the desk's own services know nothing of it.

use contracts::{BarDone, BarSettled, BarSettledFields, RunDone};
use mycelium_rt::{Emit, service};

/// Knows how far the desk has come; stands in the process of the strategy.
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
    /// The number of the last bar of which everything has come back.
    pub(crate) fn settled(&self) -> u64 {
        self.settled
    }
}

/// Tells the strategy that a bar is settled. All of the bar's signals have been handled by then, since they came before the
/// question and each is handled to its end.
#[derive(Debug, Default)]
pub(crate) struct Answering;

#[service]
impl Answering {
    #[handle]
    fn on_bar_done(&mut self, done: &BarDone, cx: &mut impl Emit<BarSettled>) {
        cx.emit(&BarSettled::from(BarSettledFields { number: done.number }));
    }
}

/// Knows from how many sides the end of the run has come.
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
    /// From how many sides the end has come.
    pub(crate) fn ends(&self) -> u32 {
        self.ends
    }
}
