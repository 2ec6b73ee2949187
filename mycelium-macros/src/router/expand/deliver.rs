//! Hands one message to its receivers: the calls that everything else is about.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};

use super::chosen::Locals;
use super::plan::{Plan, at_call_site};
use super::{ends, lanes};
use crate::names::plain;
use crate::places::{kept, moved, moved_call};
use crate::router::link::OnFull;
use crate::router::model::{Receiver, Route, Target};

/// The deliveries of a route in its order, where the services from `first` on, `__core` and `message` are in scope.
///
/// A receiver before that lives on another lane than who emits. In one thread it gets the message back through a queue.
pub(super) fn all(plan: &Plan<'_>, route: &Route, first: usize) -> TokenStream {
    let last = route.receivers.len().saturating_sub(1);
    let numbered = numbered(plan, route);
    let deliveries = route.receivers.iter().enumerate();
    let deliveries = deliveries.map(|(index, receiver)| match receiver.direct() {
        Some(service) if service < first => lanes::back(plan, route, service, index == last),
        _ => deliver(plan, route, receiver, index == last),
    });
    quote!(#numbered #(#deliveries)*)
}

/// What a message does on a lane that it has reached by a ring: the deliveries to receivers of this lane. With `outside` it
/// has come from outside the router, and nobody has put it into the lane's own queues.
pub(super) fn share(plan: &Plan<'_>, route: &Route, outside: &Ident) -> TokenStream {
    let here: Vec<_> = route.here().collect();
    let last = here.len().saturating_sub(1);
    let numbered = numbered(plan, route);
    let deliveries = here.into_iter().enumerate().map(|(index, receiver)| match receiver.target {
        Target::Queue(service, ..) => {
            let called = direct(plan, route, receiver, service, index == last);
            quote!(if #outside { #called })
        }
        _ => deliver(plan, route, receiver, index == last),
    });
    quote!(#numbered #(#deliveries)*)
}

fn numbered(plan: &Plan<'_>, route: &Route) -> Option<TokenStream> {
    let emission = &plan.locals.emission;
    let is_numbered = route.locals() > 0 && plan.skips();
    is_numbered.then(|| quote!(let #emission = __core.local.begin_emission();))
}

fn deliver(plan: &Plan<'_>, route: &Route, receiver: &Receiver, last: bool) -> TokenStream {
    let message = &plan.locals.message;
    match receiver.target {
        Target::Direct(service) => direct(plan, route, receiver, service, last),
        Target::Local(..) => enqueue(plan, route, receiver),
        Target::Queue(service, _, on_full) => {
            let (queue, on_full) = (plan.field(service), ends::on_full(plan, on_full));
            let name = &plan.router.services[service].field;
            send(plan, route, name, quote!(__core.links.#queue.send(#message, #on_full)), last)
        }
        Target::Task(service, ..) => {
            let task = end(plan, &plan.field(service), quote!(send(#message)));
            send(plan, route, &plan.router.services[service].field, task, last)
        }
        Target::Link(link) => {
            let name = &plan.router.links[link].name;
            send(plan, route, name, end(plan, &at_call_site(name), quote!(send(#message))), last)
        }
        Target::Lane(lane) => lanes::to_lane(plan, route, lane, last),
        Target::Remote(service, on_full) => lanes::to_queue(plan, route, service, on_full, last),
    }
}

/// The call of an end, which a lane has only if it is the end's home.
pub(super) fn end(plan: &Plan<'_>, field: &Ident, call: TokenStream) -> TokenStream {
    match plan.router.part {
        None => quote!(__core.links.#field.#call),
        Some(_) => quote!(__core.links.#field.as_mut().map_or(::core::result::Result::Ok(()), |__end| __end.#call)),
    }
}

/// A direct call; with `stop`, its error ends the deliveries of this message.
fn direct(plan: &Plan<'_>, route: &Route, receiver: &Receiver, service: usize, last: bool) -> TokenStream {
    let call = call(plan, route, receiver, service, &plan.locals.message.to_token_stream());
    let failed = failed(plan, receiver, &call);
    match plan.router.stops() && !last {
        true => quote!(if #failed { return; }),
        false => quote!(let _ = #failed;),
    }
}

/// Sends through a link or a queue, whose error is that of a receiver with its name.
pub(super) fn send(plan: &Plan<'_>, route: &Route, name: &Ident, call: TokenStream, last: bool) -> TokenStream {
    let stop = (plan.router.stops() && !last).then(|| quote!(return;));
    if !plan.router.listens() {
        return match stop {
            Some(stop) => quote!(if #call.is_err() { #stop }),
            None => quote!(let _ = #call;),
        };
    }
    let (runtime, unsent, error, message) = (plan.runtime(), &plan.unsent, &plan.locals.error, &route.message);
    let first = plan.router.propagates().then(|| quote!(__first,));
    let name = plain(name);
    quote! {
        if let ::core::result::Result::Err(#error) = #call {
            #unsent(#first #name, <#message as #runtime::Message>::NAME, &#error);
            #stop
        }
    }
}

/// The call of a receiver for a message that waited; whether it failed.
pub(super) fn queued(
    plan: &Plan<'_>,
    route: &Route,
    receiver: &Receiver,
    service: usize,
    argument: &TokenStream,
) -> TokenStream {
    let call = call(plan, route, receiver, service, argument);
    failed(plan, receiver, &call)
}

/// Whether the call failed.
fn failed(plan: &Plan<'_>, receiver: &Receiver, call: &TokenStream) -> TokenStream {
    let failed = &plan.failed;
    moved(quote!(#failed(#call)), receiver.place)
}

/// ```text
/// <Execution as Handle<Signal, AfterExecution<'_>>>::handle(execution, message, &mut AfterExecution { risk, __core })
/// ```
pub(super) fn call(
    plan: &Plan<'_>,
    route: &Route,
    receiver: &Receiver,
    service: usize,
    argument: &TokenStream,
) -> TokenStream {
    call_of(plan, route, receiver, service, &quote!(handle), argument)
}

/// The same for messages that have arrived together.
pub(super) fn batch(
    plan: &Plan<'_>,
    route: &Route,
    receiver: &Receiver,
    service: usize,
    argument: &TokenStream,
) -> TokenStream {
    call_of(plan, route, receiver, service, &quote!(handle_batch), argument)
}

fn call_of(
    plan: &Plan<'_>,
    route: &Route,
    receiver: &Receiver,
    service: usize,
    method: &TokenStream,
    argument: &TokenStream,
) -> TokenStream {
    let (runtime, message) = (plan.runtime(), kept(&route.message));
    let (ty, lend, lent) = (plan.type_of(service), plan.lend(service), plan.local_of(service));
    let context = &plan.contexts[service + 1];
    let tail = plan.tail(service + 1);
    // The whole call bears the place of the receiver's name: that is where a missing handler or emit is reported.
    let call = quote! {
        <#ty as #runtime::Handle<#message, #context<'_>>>::#method(
            #lend(#lent),
            #argument,
            &mut #context { #tail },
        )
    };
    moved_call(call, receiver.place)
}

fn enqueue(plan: &Plan<'_>, route: &Route, receiver: &Receiver) -> TokenStream {
    let (local, edges, lose) = (&plan.local, &plan.edges, &plan.lose);
    let Locals { message, emission, error, .. } = &plan.locals;
    let Some((index, edge)) = plan.edge(route, receiver) else { return TokenStream::new() };
    let variant = plan.edge_variant(index, edge);
    let number = plan.skips().then(|| quote!(, #emission));
    let push = if edge.on_full == OnFull::DropOldest { quote!(push_newest) } else { quote!(push) };
    let push = quote!(__core.local.#push(#index, &#edges[#index], #local::#variant(*#message #number)));
    // What is dropped by policy is counted, and nobody's failure.
    if edge.on_full != OnFull::Error || !plan.router.listens() {
        return quote!(let _ = #push;);
    }
    let first = plan.router.propagates().then(|| quote!(__first,));
    quote! {
        if let ::core::result::Result::Err(#error) = #push {
            #lose(#first #index, &#error);
        }
    }
}
