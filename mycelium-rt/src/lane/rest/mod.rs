//! How a lane rests, so that nothing that comes meanwhile is lost.
//!
//! The order is the whole point. A lane
//! 1. arms its [notifier](LaneWaker),
//! 2. leaves word at every ring that it is about to sleep ([`park`]),
//! 3. lets one barrier pass for all of them,
//! 4. looks at everything once more, and
//! 5. sleeps until the notifier rings, unless it has notified since.
//!
//! Who brings something does that first, and then either finds the word at the ring and rings, or rings in any case.
#![cfg_attr(all(test, mycelium_loom), allow(dead_code))]

#[cfg(all(test, mycelium_loom))]
mod models;
#[cfg_attr(all(test, mycelium_loom), path = "model_notifier.rs")]
mod notifier;
mod rings;
mod rules;
mod waker;

pub(super) use rings::{Resting, Rings, park};
pub(crate) use waker::LaneWaker;
