//! The services of the desk, in the direction in which messages flow.
//!
//! Each service keeps its decision in a plain method that knows nothing of messages being routed ([`SpreadStrategy::update`],
//! [`RiskManager::check`], [`Venue::execute`]); the `#[handle]` methods only carry the result on.

mod execution;
mod ledger;
mod report;
mod risk;
mod spread;

pub use execution::{Execution, PaperVenue, Venue};
pub use ledger::Ledger;
pub use report::Report;
pub use risk::{Decision, RiskManager};
pub use spread::{Legs, SpreadStrategy};
