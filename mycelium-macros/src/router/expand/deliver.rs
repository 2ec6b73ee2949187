//! Hands one message to its receivers: the calls that everything else is about.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::plan::{Plan, at};
use crate::router::model::{Receiver, Route};

/// The deliveries of a route in its order, where all later services, `__core` and `message` are in scope.
pub(super) fn all(plan: &Plan<'_>, route: &Route) -> TokenStream {
    let last = route.receivers.len().saturating_sub(1);
    let emission = route.locals().gt(&0).then(|| match plan.skips() {
        true => quote!(let emission = __core.local.begin_emission();),
        false => quote!(let emission = 0;),
    });
    let deliveries = route.receivers.iter().enumerate().map(|(index, receiver)| match receiver.local {
        Some(_) => enqueue(plan, route, receiver),
        None => direct(plan, route, receiver, index == last),
    });
    quote!(#emission #(#deliveries)*)
}

/// The delivery to a receiver that has no company, which is the same as a request whose reply nobody needs.
pub(super) fn only(plan: &Plan<'_>, route: &Route, receiver: &Receiver) -> TokenStream {
    let (runtime, private, message) = (plan.runtime(), plan.private(), &route.message);
    let place = at(receiver.place);
    quote_spanned!(place=> let _ = #private::failed(#runtime::Request::<#message>::request(self, message));)
}

/// A direct call; with `stop`, its error ends the deliveries of this message.
fn direct(plan: &Plan<'_>, route: &Route, receiver: &Receiver, last: bool) -> TokenStream {
    let call = call(plan, route, receiver, &quote!(message));
    let private = plan.private_at(receiver.place);
    let place = at(receiver.place);
    match plan.router.stops() && !last {
        true => quote_spanned!(place=> if #private::failed_among(#call) { return; }),
        false => quote_spanned!(place=> let _ = #private::failed_among(#call);),
    }
}

/// The call of a receiver for a message that waited; whether it failed.
pub(super) fn queued(plan: &Plan<'_>, route: &Route, receiver: &Receiver) -> TokenStream {
    let private = plan.private_at(receiver.place);
    let call = call(plan, route, receiver, &quote!(&message));
    quote_spanned!(at(receiver.place)=> #private::failed_among(#call))
}

/// ```text
/// <Execution as Handle<Signal, AfterExecution<'_>>>::handle(execution, message, &mut AfterExecution { risk, __core })
/// ```
pub(super) fn call(plan: &Plan<'_>, route: &Route, receiver: &Receiver, argument: &TokenStream) -> TokenStream {
    let (runtime, message) = (plan.runtime_at(receiver.place), &route.message);
    let (ty, field) = (&plan.router.services[receiver.service].ty, plan.field(receiver.service));
    let context = &plan.contexts[receiver.service + 1];
    let tail = plan.tail(receiver.service + 1);
    // The whole call bears the place of the receiver's name: that is where a missing handler or emit is reported.
    quote_spanned! {at(receiver.place)=>
        <#ty as #runtime::Handle<#message, #context<'_>>>::handle(#field, #argument, &mut #context { #tail })
    }
}

fn enqueue(plan: &Plan<'_>, route: &Route, receiver: &Receiver) -> TokenStream {
    let (local, edges, lose) = (&plan.local, &plan.edges, &plan.lose);
    let index = plan.edge_index(route, receiver);
    let variant = plan.edge_variant(route, receiver);
    let first = plan.router.propagates().then(|| quote!(__first,));
    quote! {
        if let ::core::result::Result::Err(error) =
            __core.local.push(#index, &#edges[#index], emission, #local::#variant(*message))
        {
            #lose(#first #index, &error);
        }
    }
}
