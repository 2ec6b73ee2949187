//! The runtime of Mycelium: messages, routing traits and the macros.

// The macros name this crate by its path from outside, also in its own tests.
extern crate self as mycelium_rt;

pub mod message;
pub mod routing;
pub mod testing;

#[doc(hidden)]
pub use mycelium_macros::__routing_config;
pub use mycelium_macros::service;

pub use message::{DecodeError, Message, ValidationError};
pub use routing::{Emit, Handle, HandlerError, HandlerFailure, Request, Route};

/// Makes a router.
#[macro_export]
macro_rules! routing_config {
    ($($config:tt)*) => {
        $crate::__routing_config! { [$crate] $($config)* }
    };
}
