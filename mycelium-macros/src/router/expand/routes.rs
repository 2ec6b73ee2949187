//! The entry: `route_bar`, and `Route` for callers that only know the message.

use proc_macro2::TokenStream;
use quote::quote;

use super::contexts::pass_on;
use super::plan::{Locals, Plan, doc_name, route_method};
use crate::router::model::{Route, Router};
use crate::spans::{own_span, respan};

/// Methods and impls for all routes, and empty impls for ignored messages.
pub(super) fn routes(plan: &Plan<'_>) -> TokenStream {
    let name = &plan.router.name;
    let methods = plan.router.routes.iter().map(|route| method(plan.router, route));
    let impls = (0..plan.router.routes.len()).map(|route| route_impl(plan, route));
    let ignored = ignored(plan.router);
    quote! {
        impl #name { #(#methods)* }
        #(#impls)*
        #ignored
    }
}

/// The result of routing, and its value if nothing fails.
pub(super) fn output(router: &Router) -> (TokenStream, TokenStream) {
    let runtime = &router.runtime;
    match router.propagates() {
        true => (quote!(::core::result::Result<(), #runtime::HandlerError>), quote!(::core::result::Result::Ok(()))),
        false => (quote!(()), quote!(())),
    }
}

/// `route_bar`
pub(super) fn method(router: &Router, route: &Route) -> TokenStream {
    let (runtime, message, name) = (&router.runtime, &route.message, route_method(route));
    let (output, _) = output(router);
    let doc = format!(" Routes one [`{}`] and all that follows from it.", doc_name(message));
    let returns = router.propagates().then(|| quote!(-> #output));
    let errors = router.propagates().then(
        || quote!(#[doc = ""] #[doc = " # Errors"] #[doc = " The first error of a handler in the whole cascade."]),
    );
    quote! {
        #[doc = #doc]
        #errors
        #[inline]
        pub fn #name(&mut self, __message: &#message) #returns {
            #runtime::Route::route(self, __message)
        }
    }
}

fn route_impl(plan: &Plan<'_>, index: usize) -> TokenStream {
    let route = &plan.router.routes[index];
    let (name, runtime, message) = (&plan.router.name, plan.runtime(), &route.message);
    let (output, ok) = output(plan.router);
    let (emit, lend_all) = (pass_on(plan, index), &plan.order.lend_all);
    let Locals { message: local, first, error, cx, .. } = &plan.locals;
    let propagates = plan.program.errors.propagates;
    let declared = propagates.then(|| quote!(let mut #first = ::core::option::Option::None;));
    let lent_first = propagates.then(|| quote!(&mut #first,));
    let drain = plan.router.has_local().then(|| {
        let (drain, private) = (&plan.drain, plan.private());
        quote!(#drain(#cx, #private::Unwatched);)
    });
    let result = match propagates {
        true => quote! {
            match #first {
                ::core::option::Option::None => #ok,
                ::core::option::Option::Some(#error) => ::core::result::Result::Err(#error),
            }
        },
        false => TokenStream::new(),
    };
    let kept = own_span(message);
    let header = respan(quote!(impl #runtime::Route<#kept> for #name), route.span);
    quote! {
        #header {
            type Output = #output;
            #[inline(always)]
            fn route(&mut self, #local: &#message) -> Self::Output {
                #declared
                #lend_all(self, #lent_first |#cx| { #emit #drain });
                #result
            }
        }
    }
}

/// Routing an ignored message does nothing.
pub(super) fn ignored(router: &Router) -> TokenStream {
    let (name, runtime) = (&router.name, &router.runtime);
    let (output, ok) = output(router);
    let impls = router.ignored.iter().map(|message| {
        quote! {
            impl #runtime::Route<#message> for #name {
                type Output = #output;
                #[inline(always)]
                fn route(&mut self, _: &#message) -> Self::Output { #ok }
            }
        }
    });
    quote!(#(#impls)*)
}
