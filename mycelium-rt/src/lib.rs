//! The runtime of Mycelium: messages, routing traits and the macros.

// The macros name this crate by its path from outside, also in its own tests.
extern crate self as mycelium_rt;

pub mod message;
pub mod routing;
pub mod testing;

#[doc(hidden)]
pub use mycelium_macros::__routing_config;
pub use mycelium_macros::service;

pub use message::{
    CapacityError, DecodeError, Decoded, DurationNs, FixedBytes, FixedStr, I128, Message, MessageInfo,
    ParseDecimalError, ParseU256Error, Rule, TimeRangeError, TimestampNs, U128, U256, UnknownVariant, ValidationError,
};
pub use routing::{Clock, Emit, Handle, HandlerError, HandlerFailure, Request, Route};

/// Makes a router.
#[macro_export]
macro_rules! routing_config {
    ($($config:tt)*) => {
        $crate::__routing_config! { [$crate] $($config)* }
    };
}

/// Brings in the messages that `mycelium_codegen::compile` generated in the build script of this crate.
///
/// Without an argument it takes `contracts.rs`, the output of a build script's `compile("contracts.yaml")`; with one it
/// takes the output that `Builder::output` named. Several contracts in one crate each want a module of their own.
///
/// ```ignore
/// mycelium_rt::include_contracts!();
///
/// pub mod game {
///     mycelium_rt::include_contracts!("game");
/// }
/// ```
#[macro_export]
macro_rules! include_contracts {
    () => {
        $crate::include_contracts!("contracts");
    };
    ($output:literal) => {
        ::core::include!(::core::concat!(::core::env!("OUT_DIR"), "/", $output, ".rs"));
    };
}

/// For generated code only: nothing in here is a promise.
#[doc(hidden)]
pub mod __private {
    pub use crate::message::private::*;
}
