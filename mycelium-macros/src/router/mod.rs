//! `routing_config!`: one router, from its description to its code.
//!
//! tokens → [`parse`] → [`tree`] → [`check`] → [`model`] → [`expand`].

mod check;
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
    expanded(input, |router, input| {
        let (router, lanes) = (expand::router(router, input), expand::lanes(router, input));
        quote!(#router #lanes)
    })
}

/// The same without what only `start` needs, which says little new of a router without lanes.
#[cfg(test)]
pub(crate) fn expand_without_lanes(input: TokenStream) -> TokenStream {
    expanded(input, expand::router)
}

fn expanded(input: TokenStream, write: impl Fn(&model::Router, &TokenStream) -> TokenStream) -> TokenStream {
    let errors = Errors::new();
    let tree = parse::parse(&input, &errors);
    let router = check::check(tree, &errors);
    let expanded = router.map(|router| match errors.is_empty() {
        true => write(&router, &input),
        false => expand::skeleton(&router),
    });
    let errors = errors.finish();
    quote!(#expanded #errors)
}
