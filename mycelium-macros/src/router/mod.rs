//! `routing_config!`: one router, from its description to its code.
//!
//! tokens → [`parse`] → [`tree`] → [`check`] → [`model`] → [`split`] → [`lower`] → [`ir`] → [`expand`].
//!
//! Syntax: `parse` reads the sections into a tree. Resolution: `check` finds what names mean, and here all errors end. Placement: `split` says which part
//! of the router each lane runs. Lowering: `lower` decides what the code does, as a program of steps. Quoting: `expand` writes each step, and
//! decides nothing.

mod check;
mod driving;
mod expand;
mod homes;
mod inputs;
mod ir;
mod lanes;
mod link;
mod links;
mod lower;
mod model;
mod on_panic;
mod options;
mod parse;
mod paths;
mod refusals;
mod resolve;
mod routes;
mod sections;
mod security;
mod split;
mod transport;
mod tree;
mod unknown;

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;

/// Expands the macro: the router, or as much of it as its mistakes allow, and all errors.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let errors = Errors::new();
    let tree = parse::parse(&input, &errors);
    let router = check::check(tree, &errors);
    let expanded = router.map(|router| match errors.is_empty() {
        true => expand::router(&router, &input),
        false => expand::skeleton(&router),
    });
    let errors = errors.finish();
    quote!(#expanded #errors)
}

/// What a router does, and each of its lanes: the program that is written for them.
#[cfg(test)]
pub(crate) fn lowered(input: &TokenStream) -> String {
    let errors = Errors::new();
    let router = check::check(parse::parse(input, &errors), &errors).filter(|_| errors.is_empty());
    drop(errors.finish());
    let router = router.expect("the router has no mistakes");
    let lanes = (0..router.lanes.len()).map(|lane| lower::lower(&router, &split::lane(&router, lane)).to_string());
    std::iter::once(lower::lower(&router, &router).to_string()).chain(lanes).collect::<Vec<_>>().join("\n")
}
