//! Hands one message to its receivers: the calls that everything else is about.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::plan::{Locals, Plan};
use crate::places::{kept, moved};
use crate::router::model::{Receiver, Route};

/// The deliveries of a route in its order, where all later services, `__core` and `message` are in scope.
pub(super) fn all(plan: &Plan<'_>, route: &Route) -> TokenStream {
    let emission = &plan.locals.emission;
    let last = route.receivers.len().saturating_sub(1);
    let is_numbered = route.locals() > 0 && plan.skips();
    let numbered = is_numbered.then(|| quote!(let #emission = __core.local.begin_emission();));
    let deliveries = route.receivers.iter().enumerate().map(|(index, receiver)| match receiver.local {
        Some(_) => enqueue(plan, route, receiver),
        None => direct(plan, route, receiver, index == last),
    });
    quote!(#numbered #(#deliveries)*)
}

/// A direct call; with `stop`, its error ends the deliveries of this message.
fn direct(plan: &Plan<'_>, route: &Route, receiver: &Receiver, last: bool) -> TokenStream {
    let call = call(plan, route, receiver, &plan.locals.message.to_token_stream());
    let failed = failed(plan, route, receiver, &call);
    match plan.router.stops() && !last {
        true => quote!(if #failed { return; }),
        false => quote!(let _ = #failed;),
    }
}

/// The call of a receiver for a message that waited; whether it failed.
pub(super) fn queued(plan: &Plan<'_>, route: &Route, receiver: &Receiver) -> TokenStream {
    let message = &plan.locals.message;
    let call = call(plan, route, receiver, &quote!(&#message));
    failed(plan, route, receiver, &call)
}

/// Whether the call failed. Only the sole receiver of a message, called directly, may reply.
fn failed(plan: &Plan<'_>, route: &Route, receiver: &Receiver, call: &TokenStream) -> TokenStream {
    let failed = if route.only_direct().is_some() { &plan.failed } else { &plan.failed_among };
    moved(quote!(#failed(#call)), receiver.place)
}

/// ```text
/// <Execution as Handle<Signal, AfterExecution<'_>>>::handle(execution, message, &mut AfterExecution { risk, __core })
/// ```
pub(super) fn call(plan: &Plan<'_>, route: &Route, receiver: &Receiver, argument: &TokenStream) -> TokenStream {
    let (runtime, message) = (plan.runtime(), kept(&route.message));
    let (ty, field) = (&plan.router.services[receiver.service].ty, plan.field(receiver.service));
    let context = &plan.contexts[receiver.service + 1];
    let tail = plan.tail(receiver.service + 1);
    // The whole call bears the place of the receiver's name: that is where a missing handler or emit is reported.
    let call = quote! {
        <#ty as #runtime::Handle<#message, #context<'_>>>::handle(
            #field,
            #argument,
            &mut #context { #tail },
        )
    };
    moved(call, receiver.place)
}

fn enqueue(plan: &Plan<'_>, route: &Route, receiver: &Receiver) -> TokenStream {
    let (local, edges, lose) = (&plan.local, &plan.edges, &plan.lose);
    let Locals { message, emission, error, .. } = &plan.locals;
    let index = plan.edge_index(route, receiver);
    let variant = plan.edge_variant(route, receiver);
    let number = plan.skips().then(|| quote!(, #emission));
    let push = quote!(__core.local.push(#index, &#edges[#index], #local::#variant(*#message #number)));
    if !plan.router.listens() {
        return quote!(let _ = #push;);
    }
    let first = plan.router.propagates().then(|| quote!(__first,));
    quote! {
        if let ::core::result::Result::Err(#error) = #push {
            #lose(#first #index, &#error);
        }
    }
}
