//! The services of the desk, in the direction in which messages flow.
//!
//! Each service decides in a plain method that does not depend on routing ([`SpreadStrategy::update`], [`RiskManager::check`],
//! [`Venue::execute`]). The `#[handle]` methods only pass the result on.

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
