//! `routing_config!`: one router, from its description to its code.
//!
//! tokens → [`parse`] → [`tree`] → [`check`] → [`model`] → [`lower`] → [`ir`] → [`mod@expand`].
//!
//! Syntax: `parse` reads the sections into a tree. Resolution: `check` finds what names mean; all errors are reported by then. Lowering:
//! `lower` decides what the code does, as a program of steps, and which lane does what. Quoting: `expand` writes each step.

// In the order in which data flows.
mod pace;
mod parse;
mod sections;
mod tree;

mod check;
mod inputs;
mod links;
mod model;
mod options;
mod placement;
mod resolve;
mod transport;

mod inlining;
mod ir;
mod lower;

mod expand;

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use crate::errors::Errors;
use crate::features::Features;

/// What the macro is called with.
pub(crate) struct Input {
    /// The path of the runtime.
    pub(crate) runtime: TokenStream,
    /// The features that the runtime has.
    pub(crate) features: Features,
    /// What the user wrote.
    pub(crate) config: TokenStream,
}

impl Input {
    /// Reads `[$crate] [lanes net] { name: …, … }`.
    pub(crate) fn read(input: TokenStream) -> Self {
        let mut groups = input.into_iter().map(|token| match token {
            TokenTree::Group(group) => group.stream(),
            _ => TokenStream::new(),
        });
        let mut next = || groups.next().unwrap_or_default();
        Self { runtime: next(), features: Features::named(next()), config: next() }
    }
}

/// Expands the macro to the router, or to its skeleton and all errors.
pub(crate) fn expand(input: &Input) -> TokenStream {
    let errors = Errors::new();
    let router = check::check(parse::parse(input, &errors), input.features, &errors);
    let expanded = router.map(|router| match errors.is_empty() {
        true => expand::router(&router, &input.config),
        false => expand::skeleton(&router),
    });
    let errors = errors.finish();
    quote!(#expanded #errors)
}

#[cfg(test)]
impl Input {
    /// The same without the macro of the runtime.
    pub(crate) fn with(config: TokenStream, features: Features) -> Self {
        Self { runtime: quote!(::mycelium_rt), features, config }
    }
}

/// The printed program of a router, with all features on.
#[cfg(test)]
pub(crate) fn lowered(config: TokenStream) -> String {
    let (input, errors) = (Input::with(config, Features::ALL), Errors::new());
    let router = check::check(parse::parse(&input, &errors), input.features, &errors).filter(|_| errors.is_empty());
    drop(errors.finish());
    lower::lower(&router.expect("the router has no errors")).to_string()
}

/// The errors of a router with these features on.
#[cfg(test)]
pub(crate) fn refused(config: &TokenStream, features: Features) -> Vec<String> {
    let (input, errors) = (Input::with(config.clone(), features), Errors::new());
    drop(check::check(parse::parse(&input, &errors), input.features, &errors));
    errors.texts()
}
