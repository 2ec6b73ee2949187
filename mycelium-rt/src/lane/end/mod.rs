//! How a system ends: in the order of its routes, so that nothing is lost, and by a deadline, so that nothing keeps it from ending.
//!
//! # The steps
//!
//! 1. **The end begins** ([`Control::drain`]), by the owner of the system, a signal, a lane that breaks down, or the last
//!    *producer* that goes. Producers are what may bring in something new: inputs, sources, senders, and the handle of the system where
//!    there is no source. `ending` is set once, and then the lanes and all tasks are woken.
//! 2. **Each lane closes what leads in from outside** ([`Stage::Closing`](super::executor::Stage)). Sources and timers stop. Inputs and
//!    senders are emptied and closed. A peer that never stops sending has a bounded number of turns.
//! 3. **Each lane drains** ([`Stage::Draining`](super::executor::Stage)) until every ring into it is closed and empty, and its tasks are
//!    done. Then it closes the rings that begin on it, so that the end goes from lane to lane along the routes. Lanes in a cycle would wait
//!    for each other: they end once the [`Ledger`] proves that nothing is on its way.
//! 4. **Each lane closes its links and tasks** (`lane.rs`), and reports that it is closed, with what it could not deliver.
//! 5. **Services shut down** once all lanes are closed, in reverse declared order, each on its own lane
//!    ([`Control::await_shutdown_of`]).
//! 6. **Each lane gives its services back**, and the owner, who waits in [`Control::await_end`], puts them together.
//!
//! # The deadline
//!
//! [`Control::cutoff`] is a time. Lanes look at it before each message and while they sleep, links and senders that wait have it set on
//! their [`Interrupt`](crate::link::Interrupt), and tasks end where they wait. So no thread has to be there when it comes. After it
//! (`Phase::Cut`) nothing more is delivered: what is left is counted, and steps 4 to 6 follow. It may be set after the end has begun, and only
//! ever moves forward in time.
//!
//! # Who writes what
//!
//! - `ending` is stored with Release by [`Control::drain`] and loaded with Acquire by [`Control::phase`], in each turn. A lane that is
//!   about to sleep looks at it again after it has armed its waker ([`Control::is_known_at`]); `drain` notifies each lane after the store.
//! - `progress` is under one lock. Anyone that changes it wakes all that wait for a change ([`Control::await_end`],
//!   [`Control::await_shutdown_of`]).
//! - Waits that end at the deadline, and tasks that learn of the end, register themselves ([`Control::interrupt_at_deadline`],
//!   [`Control::tell_ending`]) and read the deadline or the phase under the lock of the list. `drain` changes it first and then takes the
//!   lock, so that either of the two sees the other.
//! - The ledger's numbers have one writer each; see there.
//!
//! Tests: the ledger's own, `ui-tests/tests/lanes/every_end`, which ends systems in each way at each kind of path, and the soak test.

mod control;
mod lane;
mod ledger;
mod tasks;

pub(super) use control::{Control, Phase};
pub(super) use ledger::Ledger;
#[cfg(feature = "tokio")]
pub(crate) use tasks::{Ending, Producers};
