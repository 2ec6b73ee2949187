//! Tests of what users see; everything is under `tests/`. Here is what they share.
#![forbid(unsafe_code)]

pub mod waiting;

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

/// A message without fields.
pub mod empty {
    mycelium_rt::include_contracts!("empty");
}

/// Messages of many bytes.
pub mod wide {
    mycelium_rt::include_contracts!("wide");
}

/// A message and a field that are deprecated.
pub mod old {
    mycelium_rt::include_contracts!("old");
}

/// Lets the tests write messages, all of which carry one number, as briefly as they read.
macro_rules! of {
    ($($message:ty, $fields:ident);* $(;)?) => {
        $(impl $message {
            /// A message that carries `value`.
            #[must_use]
            pub fn of(value: u64) -> Self {
                Self::from($fields { value })
            }
        })*
    };
}
use dense::{
    M1Fields, M2Fields, M3Fields, M4Fields, M5Fields, M6Fields, M7Fields, M8Fields, M9Fields, M10Fields, M11Fields,
    M12Fields, M13Fields, M14Fields, M15Fields, M16Fields,
};
use market::{BarFields, BreachFields, FillFields, HeartbeatFields, SignalFields as MarketSignalFields};
use weather::{RainFields, SignalFields as WeatherSignalFields};

of! {
    market::Bar, BarFields;
    market::Signal, MarketSignalFields;
    market::Fill, FillFields;
    market::Breach, BreachFields;
    market::Heartbeat, HeartbeatFields;
    weather::Signal, WeatherSignalFields;
    weather::Rain, RainFields;
    dense::M1, M1Fields;
    dense::M2, M2Fields;
    dense::M3, M3Fields;
    dense::M4, M4Fields;
    dense::M5, M5Fields;
    dense::M6, M6Fields;
    dense::M7, M7Fields;
    dense::M8, M8Fields;
    dense::M9, M9Fields;
    dense::M10, M10Fields;
    dense::M11, M11Fields;
    dense::M12, M12Fields;
    dense::M13, M13Fields;
    dense::M14, M14Fields;
    dense::M15, M15Fields;
    dense::M16, M16Fields;
}

/// The guide to routing, whose examples are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/routing.md")]
pub struct RoutingGuide;

/// The recipes, which are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/recipes.md")]
pub struct Recipes;

/// The guide to lanes, whose examples are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/lanes.md")]
pub struct LanesGuide;

/// The guide to paths, whose examples are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/paths.md")]
pub struct PathsGuide;

/// The guide to the bus, whose examples are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/bus.md")]
pub struct BusGuide;
