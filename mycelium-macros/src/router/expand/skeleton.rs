//! What is left of a router with mistakes: its types and methods without their bodies, so that the code that uses it is
//! not in error too, and editors keep completing.

use proc_macro2::TokenStream;
use quote::quote;

use super::{describe, open, routes, structs};
use crate::router::model::Router;

/// The router's types, `new`, `stats` and routes, none of which will ever run.
pub(in crate::router) fn skeleton(router: &Router) -> TokenStream {
    let (name, runtime) = (&router.name, &router.runtime);
    let services = router.services.len();
    let core = quote!(#runtime::routing::__private::Core<#runtime::routing::__private::NoLocal, #services>);
    let definitions = structs::definitions(router, &core, None);
    let new = (!router.has_ends()).then(|| structs::new(router));
    let open = router.is_opened().then(|| open::skeleton(router));
    let methods = router.routes.iter().map(|route| routes::method(router, route));
    let (output, ok) = routes::output(router);
    let impls = router.routes.iter().map(|route| {
        let message = &route.message;
        quote! {
            impl #runtime::Route<#message> for #name {
                type Output = #output;
                fn route(&mut self, _: &#message) -> Self::Output { #ok }
            }
        }
    });
    let conversions = structs::conversions(router);
    let ignored = routes::ignored(router);
    let description = describe::skeleton(router);
    quote! {
        #definitions
        #[allow(dead_code, unused, private_interfaces, clippy::all, clippy::pedantic, clippy::nursery)]
        const _: () = {
            impl #name {
                #new
                #open
                /// What this router has counted since it was made.
                pub fn stats(&self) -> #runtime::routing::Stats { ::core::default::Default::default() }
                #(#methods)*
            }
            #(#impls)*
            #ignored
            #conversions
            #description
        };
    }
}
