//! What is called without a message: sources and timers.

use proc_macro2::TokenStream;
use quote::quote;

use super::plan::Plan;
use super::{deliver, intake};
use crate::names::plain;
use crate::places::{moved, moved_call};

/// ```text
/// fn drive(cx: &mut Context<'_, '_, Entry>, service: usize, due: Due) -> SourceState { match service { 0 => … } }
/// ```
pub(super) fn drive(plan: &Plan<'_>) -> TokenStream {
    let (runtime, private, drive, drain) = (plan.runtime(), plan.private(), &plan.drive, intake::drain(plan));
    let (cx, entry) = (&plan.locals.cx, plan.order.context_at(0));
    let reached = deliver::reached(plan);
    let arms = plan.router.held(0).map(|service| {
        let (ty, lend, context) = (plan.type_of(service), plan.lend(service), plan.order.context_at(service + 1));
        let (lent, after) = deliver::lent(plan, 0, service);
        let call = quote! {
            <#ty as #runtime::routing::Driven<#context>>::drive(#lend(#reached), __due, &mut #after)
        };
        let call = moved_call(call, plan.router.services[service].place);
        match plan.drivers {
            None => quote!(#service => { #lent #call }),
            Some(_) => {
                let finished = quote!(#runtime::routing::SourceState::Finished);
                let call = deliver::if_here(plan, &lent, &call, &finished);
                quote!(#service => #call)
            }
        }
    });
    let parameter = plan.parameter();
    quote! {
        #[inline]
        fn #drive<#parameter __W: #private::Watch>(
            #cx: &mut #entry,
            __watch: __W,
            __service: ::core::primitive::usize,
            __due: #runtime::routing::Due,
        ) -> #runtime::routing::SourceState {
            let __polled = match __service {
                #(#arms)*
                _ => #runtime::routing::SourceState::Finished,
            };
            #drain
            __polled
        }
    }
}

/// The sources and timers of the services, as whoever drives the router by `poll` keeps them.
pub(super) fn work(plan: &Plan<'_>) -> TokenStream {
    let services = plan.router.held(0).map(|index| {
        let (service, name) = (&plan.router.services[index], plain(&plan.field(index)));
        let known = plan.service(index);
        let has = quote! {
            (
                #index,
                #name,
                #known::SOURCES,
                #known::TIMERS,
            )
        };
        moved(has, service.place)
    });
    quote!(&[#(#services),*])
}
