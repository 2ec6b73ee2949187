//! Messages that carry one number, and ways to run futures.

use std::task::{Context, Poll, Waker};
use std::time::Duration;

use contracts::{BarDone, BarDoneFields, BarSettled, BarSettledFields, RunDone, RunDoneFields};
use mycelium_rt::bus::Publisher;
use tokio::runtime::{Builder, Runtime};

/// Longer than any test takes; what is awaited with it comes much earlier.
pub(crate) const LONG: Duration = Duration::from_secs(60);

pub(crate) fn done(number: u64) -> BarDone {
    BarDone::from(BarDoneFields { number })
}

pub(crate) fn settled(number: u64) -> BarSettled {
    BarSettled::from(BarSettledFields { number })
}

pub(crate) fn end(bars: u64) -> RunDone {
    RunDone::from(RunDoneFields { bars })
}

/// A current-thread runtime with paused time, which advances only to what it waits for.
pub(crate) fn paused() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

/// Polls a future once.
pub(crate) fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    std::pin::Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Lets all tasks of this runtime run until they wait for something: only then does its time go on.
pub(crate) async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

pub(crate) fn publish(publisher: &mut Publisher<BarDone>, numbers: impl IntoIterator<Item = u64>) {
    for number in numbers {
        publisher.publish(&done(number));
    }
}
