//! Tests of what users see; everything is under `tests/`. Here are the messages that the tests of the macros share.
#![forbid(unsafe_code)]

/// The messages of one crate of contracts.
pub mod market {
    mycelium_rt::include_contracts!("market");
}

/// The messages of another crate of contracts, one of which has the name of one of the first.
pub mod weather {
    mycelium_rt::include_contracts!("weather");
}

/// Contracts that use an id of [`market`].
pub mod clash {
    mycelium_rt::include_contracts!("clash");
}

/// Sixteen messages.
pub mod dense {
    mycelium_rt::include_contracts!("dense");
}

/// The guide to routing, whose examples are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/routing.md")]
pub struct RoutingGuide;

/// The guide to paths, whose examples are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/paths.md")]
pub struct PathsGuide;
