//! `routing_config!`: one router, from its description to its code.
//!
//! tokens → [`parse`] → [`tree`] → [`check`] → [`model`] → [`expand`].

mod check;
mod driving;
mod expand;
mod homes;
mod inputs;
mod lanes;
mod link;
mod links;
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
