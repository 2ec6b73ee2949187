//! What a context does not do: an `impl` on a condition that nothing meets, and which says why.
//!
//! Without it, the compiler would know of no reason but that there is no such `impl`.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::plan::Plan;
use crate::names::{camel_case, plain};
use crate::places::{kept, moved};
use crate::router::model::Route;
use crate::router::refusals::{self, Refusal};

/// ```text
/// #[diagnostic::on_unimplemented(message = "`risk` emits `Breach`, but `strategy`, which receives it, …")]
/// trait __RiskEmitsBreach_1_2 {}
/// impl Emit<Breach> for AfterRisk<'_> where for<'__any> AfterRisk<'__any>: __RiskEmitsBreach_1_2 { … }
/// ```
pub(super) fn emit(plan: &Plan<'_>, first: usize, route: &Route) -> TokenStream {
    let (whole, emitter, whole_route) = plan.in_whole(first, route);
    let Some(refusal) = refusals::of_emission(whole, emitter, whole_route) else { return TokenStream::new() };
    let condition = condition(plan, first, route, &refusal, "Emits");
    let (runtime, context, message) = (plan.runtime(), &plan.contexts[first], kept(&route.message));
    let stated = stated(&condition, first, &refusal, &TokenStream::new(), &TokenStream::new());
    let refused = quote! {
        impl #runtime::Emit<#message> for #context<'_> where for<'__any> #context<'__any>: #condition {
            fn emit(&mut self, _: &#message) { loop {} }
        }
    };
    let refused = moved(refused, route.place);
    quote!(#stated #refused)
}

/// The same for a request.
pub(super) fn request(plan: &Plan<'_>, first: usize, route: &Route) -> TokenStream {
    // Nobody asks the outermost context.
    if first == 0 {
        return TokenStream::new();
    }
    let (whole, emitter, whole_route) = plan.in_whole(first, route);
    let refusal = refusals::of_request(whole, emitter, whole_route);
    let condition = condition(plan, first, route, &refusal, "Requests");
    let (runtime, context, message) = (plan.runtime(), &plan.contexts[first], kept(&route.message));
    let stated = stated(
        &condition,
        first,
        &refusal,
        &quote!(
            type __Reply;
        ),
        &quote!(
            type __Reply = ();
        ),
    );
    let refused = quote! {
        impl #runtime::Request<#message> for #context<'_> where for<'__any> #context<'__any>: #condition {
            type Reply = <#context<'static> as #condition>::__Reply;
            fn request(&mut self, _: &#message) -> Self::Reply { loop {} }
        }
    };
    let refused = moved(refused, route.place);
    quote!(#stated #refused)
}

/// `__RiskEmitsBreach_1_2`, or `__AnyEmitsBreach_0_2`, with numbers that no other has and that are the same on a lane: what no context is. It is not the service, whose own lack the compiler would tell instead.
fn condition(plan: &Plan<'_>, first: usize, route: &Route, refusal: &Refusal, does: &str) -> Ident {
    let (who, number) = match refusal.is_common {
        true => ("Any".to_owned(), 0),
        false => (camel_case(&plain(&plan.router.services[first - 1].field)), plan.router.number(first - 1)),
    };
    let index = plan.index_of(route);
    format_ident!("__{who}{does}{}_{number}_{index}", camel_case(&route.name))
}

/// What is the same for all is written beside the first.
fn stated(
    condition: &Ident,
    first: usize,
    refusal: &Refusal,
    item: &TokenStream,
    given: &TokenStream,
) -> Option<TokenStream> {
    let Refusal { message, label, notes, is_common } = refusal;
    (first == 1 || !is_common).then(|| {
        quote! {
            #[diagnostic::on_unimplemented(message = #message, label = #label, #(note = #notes),*)]
            trait #condition { #item }
            // Where there is none at all, the compiler proposes to add one.
            #[diagnostic::do_not_recommend]
            impl #condition for () { #given }
        }
    })
}
