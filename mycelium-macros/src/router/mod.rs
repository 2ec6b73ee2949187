//! `routing_config!`: one router, from its description to its code.
//!
//! tokens → [`parse`] → [`tree`] → [`check`] → [`model`] → [`expand`].

mod check;
mod expand;
mod inputs;
mod link;
mod links;
mod model;
mod options;
mod parse;
mod paths;
mod resolve;
mod routes;
mod sections;
mod security;
mod tree;

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
