//! The procedural macros of Mycelium: `#[service]`, and the one below `routing_config!`.
//!
//! Do not depend on this crate. `mycelium-rt` re-exports the macros and documents them, and both crates must have the same version.
//!
//! Each macro parses its input into a tree of its own, checks the tree, and only then generates code. It reports all errors at once and
//! still expands what is valid, so that one mistake stays one error and editors keep working.
#![forbid(unsafe_code)]

mod attributes;
mod errors;
mod features;
mod literals;
mod names;
mod spans;

mod router;
mod service;

#[cfg(test)]
mod own_names;
#[cfg(test)]
mod snapshots;

use proc_macro::TokenStream;

#[allow(missing_docs)] // The runtime documents it where it re-exports it.
#[proc_macro_attribute]
pub fn service(arguments: TokenStream, item: TokenStream) -> TokenStream {
    service::expand(arguments.into(), item.into()).into()
}

/// What `#[service]` writes above an impl: `#[cfg_attr(condition, __where(Cx: Emit<Bar>))]`. A bound can't have a `cfg` itself.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn __where(predicates: TokenStream, item: TokenStream) -> TokenStream {
    service::add_bounds(predicates.into(), item.into()).into()
}

/// What `mycelium_rt::routing_config!` calls, with what the runtime knows in brackets before the user's input.
#[doc(hidden)]
#[proc_macro]
pub fn __routing_config(input: TokenStream) -> TokenStream {
    router::expand(&router::Input::read(input.into())).into()
}
