//! The skeleton of a router with mistakes: its types and methods without bodies, so that code that uses the router has no further errors,
//! and editors keep working.

use proc_macro2::TokenStream;
use quote::quote;

use super::{describe, lanes, open, routes, structs};
use crate::router::model::Router;

/// The router's types, `new`, `open`, `start`, `stats` and routes, none of which ever runs.
pub(in crate::router) fn skeleton(router: &Router) -> TokenStream {
    let (name, runtime) = (&router.name, &router.runtime);
    let count = router.services.len();
    let core = quote!(#runtime::__private::routing::Core<#runtime::__private::routing::NoLocal, #count>);
    let definitions = structs::definitions(router, &core, &TokenStream::new());
    // The mistake may be in the only link or input, so the skeleton has both `new` and `open`.
    let new = structs::unfinished_new(router);
    let open = match router.startable {
        true => open::skeleton(router),
        false => structs::lacking(router, &structs::DRIVING),
    };
    let (started, above) = (router.startable.then(|| started(router)), router.above());
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
    let services = structs::services_name(router);
    let ignored = routes::ignored(router);
    let description = describe::skeleton(router);
    quote! {
        #definitions
        #above
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
            impl ::core::convert::From<#services> for #name {
                fn from(_: #services) -> Self { loop {} }
            }
            impl ::core::convert::From<#name> for #services {
                fn from(_: #name) -> Self { loop {} }
            }
            #description
            #started
        };
    }
}

/// `start` and `start_with`, and the impls that their handle needs.
fn started(router: &Router) -> TokenStream {
    let (name, runtime, services) = (&router.name, &router.runtime, structs::services_name(router));
    let conditions = lanes::sendable(router);
    let messages = router.routes.iter().map(|route| &route.message).chain(&router.ignored);
    let result = quote!(::core::result::Result<#runtime::lane::Running<Self>, #runtime::lane::StartError>);
    quote! {
        impl #name {
            /// Starts the lanes of the router.
            pub fn start(__services: #services, __config: &#runtime::Config) -> #result #conditions { loop {} }
            /// The same, with a factory of its services.
            pub fn start_with(
                __factory: impl ::core::ops::FnMut() -> #services + ::core::marker::Send + 'static,
                __config: &#runtime::Config,
            ) -> #result #conditions { loop {} }
        }

        impl #runtime::lane::RouterSpec for #name #conditions {
            type Services = #services;
            type Parts = ();
            const NAME: &'static ::core::primitive::str = "";
            const LANES: &'static [#runtime::lane::LaneSpec] = &[];
            const SERVICES: &'static [#runtime::lane::ServiceSpec] = &[];
            const RINGS: &'static [#runtime::lane::RingSpec] = &[];
            const MESSAGES: &'static [#runtime::MessageInfo] = &[];
            const ENDS: &'static [&'static ::core::primitive::str] = &[];
            const INPUTS: ::core::primitive::usize = 0;
            const GROUPS: ::core::primitive::usize = 0;
            fn split(_: #services) {}
            fn join((): ()) -> ::core::option::Option<#services> { ::core::option::Option::None }
            fn launch(_: &mut #runtime::lane::Launcher<Self>) {}
        }

        #(
            impl #runtime::lane::Routed<#messages> for #name {
                const LANES: &'static [::core::primitive::usize] = &[];
            }
        )*
    }
}
