//! `routing_config!`: one router, from its description to its code.
//!
//! tokens → [`parse`] → [`tree`] → [`check`] → [`model`] → [`lower`] → [`ir`] → [`mod@expand`].
//!
//! Syntax: `parse` reads the sections into a tree. Resolution: `check` finds what names mean; all errors are reported by then. Lowering: `lower`
//! decides what the code does, as a program of steps, and which lane does what. Quoting: `expand` writes each step.

// In the order in which data flows.
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

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;
use crate::features::Features;

/// Expands the macro to the router, or to its skeleton and all errors.
pub(crate) fn expand(input: TokenStream, features: Features) -> TokenStream {
    let errors = Errors::new();
    let tree = parse::parse(&input, &errors);
    let router = check::check(tree, features, &errors);
    let expanded = router.map(|router| match errors.is_empty() {
        true => expand::router(&router, &input),
        false => expand::skeleton(&router),
    });
    let errors = errors.finish();
    quote!(#expanded #errors)
}

/// The printed program of a router, with all features on.
#[cfg(test)]
pub(crate) fn lowered(input: &TokenStream) -> String {
    let errors = Errors::new();
    let router = check::check(parse::parse(input, &errors), Features::ALL, &errors).filter(|_| errors.is_empty());
    drop(errors.finish());
    lower::lower(&router.expect("the router has no errors")).to_string()
}

/// The errors of a router with these features on.
#[cfg(test)]
pub(crate) fn refused(input: &TokenStream, features: Features) -> Vec<String> {
    let errors = Errors::new();
    drop(check::check(parse::parse(input, &errors), features, &errors));
    errors.texts()
}
