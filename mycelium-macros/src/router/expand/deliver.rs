//! Delivers one message to its receivers: the code of each step, and the calls of handlers.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::Expr;

use super::plan::{Locals, Plan, at_call_site};
use super::{contexts, ends, lanes, order, pace};
use crate::names::plain;
use crate::router::ir::{Action, Step};
use crate::router::model::{Link, Receiver, Route};
use crate::router::options::values::OnFull;
use crate::spans::{own_span, respan, respan_call};

/// The steps of a message in order, in the context at this place. Context and message are in scope.
pub(super) fn steps(plan: &Plan<'_>, route: &Route, numbered: bool, steps: &[Step], place: usize) -> TokenStream {
    let numbered = number(plan, numbered, steps);
    let steps = steps.iter().map(|step| self::step(plan, route, step, place));
    quote!(#numbered #(#steps)*)
}

/// The number of a message whose waiting copies may be removed. On a lane without its receivers nothing waits.
pub(super) fn number(plan: &Plan<'_>, numbered: bool, steps: &[Step]) -> Option<TokenStream> {
    let Locals { emission, cx, .. } = &plan.locals;
    let number = quote!(#cx.__core.local.begin_emission());
    let number = match plan.drivers {
        None => number,
        Some(_) => {
            let edges = steps.iter().filter_map(|step| match step.action {
                Action::Wait { edge, .. } => Some(edge),
                _ => None,
            });
            let here = plan.constant("__EDGES_HERE");
            quote!(if const { false #(|| #here[#edges])* } { #number } else { 0 })
        }
    };
    numbered.then(|| quote!(let #emission = #number;))
}

/// One step, in the context at this place.
pub(super) fn step(plan: &Plan<'_>, route: &Route, step: &Step, place: usize) -> TokenStream {
    when(plan, route, step, action(plan, route, step, place))
}

/// What a step does, if its conditions hold and its pace admits the message. What conditions turn away is counted where the path has counters.
pub(super) fn when(plan: &Plan<'_>, route: &Route, step: &Step, action: TokenStream) -> TokenStream {
    let action = pace::asked(plan, step, action);
    if step.when.is_empty() {
        return action;
    }
    let conditions = step.when.iter().filter_map(|receiver| holds(plan, &route.receivers[*receiver]));
    let otherwise = turned_away(plan, step).map(|counted| quote!(else { #counted }));
    quote!(if #(#conditions)||* { #action } #otherwise)
}

/// Whether the receiver wants the message; none if it wants all.
pub(super) fn holds(plan: &Plan<'_>, receiver: &Receiver) -> Option<TokenStream> {
    receiver.condition.as_ref().map(|condition| asked(plan, condition))
}

/// Whether the condition holds for the message in scope.
pub(super) fn asked(plan: &Plan<'_>, condition: &Expr) -> TokenStream {
    let (private, message) = (plan.private(), &plan.locals.message);
    quote!(#private::holds(#message, #condition))
}

/// Counts a message that a condition has turned away.
fn turned_away(plan: &Plan<'_>, step: &Step) -> Option<TokenStream> {
    let cx = &plan.locals.cx;
    let at = |field: &Ident| counted(plan, field);
    match step.action {
        // A direct call counts nothing, on whichever lane.
        Action::Call(_) | Action::CallFromOutside(_) | Action::PassOn(_) => None,
        Action::Wait { edge, .. } => {
            let here = plan.constant("__EDGES_HERE");
            Some(plan.only_if(&quote!(#here[#edge]), &quote!(#cx.__core.local.filtered(#edge);)))
        }
        Action::Enqueue(service, _) => {
            let here = at(&plan.field(service));
            match plan.drivers {
                None => Some(here),
                Some(_) => {
                    let (held, elsewhere) = (plan.constant("__RUNS"), at(&lanes::into(plan, service)));
                    Some(quote!(if const { #held[#service] } { #here } else { #elsewhere }))
                }
            }
        }
        Action::SendToTask(service) => Some(at(&plan.field(service))),
        Action::SendToLink(link) => Some(at(&at_call_site(&plan.router.links[link].name))),
    }
}

/// Counts at the end in this field, if it is here.
fn counted(plan: &Plan<'_>, field: &Ident) -> TokenStream {
    let (private, cx, lane) = (plan.private(), &plan.locals.cx, lanes::lane(plan));
    match plan.drivers {
        None => quote!(#private::count_filtered(#cx.__core.links.#field.counters(), 1);),
        Some(_) => quote! {
            if let ::core::option::Option::Some(__end) = #lane::Held::seen(&#cx.__core.links.#field) {
                #private::count_filtered(__end.counters(), 1);
            }
        },
    }
}

/// What a step does.
pub(super) fn action(plan: &Plan<'_>, route: &Route, step: &Step, place: usize) -> TokenStream {
    let Locals { message, taken: outside, .. } = &plan.locals;
    let receiver = &route.receivers[step.receiver];
    match step.action {
        Action::Call(service) => called(plan, route, receiver, service, step.stops, place),
        Action::CallFromOutside(service) => {
            let called = called(plan, route, receiver, service, step.stops, place);
            quote!(if #outside { #called })
        }
        Action::Wait { edge, replaces, fails } => {
            let here = plan.constant("__EDGES_HERE");
            plan.only_if(&quote!(#here[#edge]), &wait(plan, edge, replaces, fails))
        }
        Action::Enqueue(service, on_full) => enqueue(plan, route, service, on_full, step.stops),
        Action::SendToTask(service) => {
            let task = end(plan, &plan.field(service), &quote!(send(#message)));
            send(plan, route, &plan.router.services[service].field, task, step.stops)
        }
        Action::SendToLink(link) => {
            let Link { name, key, .. } = &plan.router.links[link];
            let call = match key {
                None => quote!(send(#message)),
                Some(key) => {
                    let private = plan.private();
                    quote!(send_by_key(#message, #private::latest_key(#message, #key)))
                }
            };
            send(plan, route, name, end(plan, &at_call_site(name), &call), step.stops)
        }
        Action::PassOn(lane) => lanes::to_lane(plan, route, lane, step.stops),
    }
}

fn enqueue(plan: &Plan<'_>, route: &Route, service: usize, on_full: OnFull, stops: bool) -> TokenStream {
    let Locals { message, cx, .. } = &plan.locals;
    let (queue, name, policy) =
        (plan.field(service), &plan.router.services[service].field, ends::on_full(plan, on_full));
    if plan.drivers.is_none() {
        return send(plan, route, name, quote!(#cx.__core.links.#queue.send(#message, #policy)), stops);
    }
    let held = plan.constant("__RUNS");
    let here = send(plan, route, name, end(plan, &queue, &quote!(send(#message, #policy))), stops);
    let elsewhere = end(plan, &lanes::into(plan, service), &quote!(send_as(#message, #policy)));
    let elsewhere = send(plan, route, name, elsewhere, stops);
    quote!(if const { #held[#service] } { #here } else { #elsewhere })
}

/// The call of an end. In a router with lanes the end may be on another one.
pub(super) fn end(plan: &Plan<'_>, field: &Ident, call: &TokenStream) -> TokenStream {
    let (cx, lane) = (&plan.locals.cx, lanes::lane(plan));
    match plan.drivers {
        None => quote!(#cx.__core.links.#field.#call),
        Some(_) => quote! {
            #lane::Held::here(&mut #cx.__core.links.#field)
                .map_or(::core::result::Result::Ok(()), |__end| __end.#call)
        },
    }
}

/// A direct call, whose error may end the steps of this message.
fn called(
    plan: &Plan<'_>,
    route: &Route,
    receiver: &Receiver,
    service: usize,
    stops: bool,
    place: usize,
) -> TokenStream {
    unless_failed(&call(plan, route, receiver, service, &plan.locals.message.to_token_stream(), place), stops)
}

/// Continues after a call, unless it has failed and `stops` the message.
pub(super) fn unless_failed(call: &TokenStream, stops: bool) -> TokenStream {
    match stops {
        true => quote!(if #call { return; }),
        false => quote!(let _ = #call;),
    }
}

/// Sends through a link or a queue, and reports an error under its name.
pub(super) fn send(plan: &Plan<'_>, route: &Route, name: &Ident, call: TokenStream, stops: bool) -> TokenStream {
    let stop = stops.then(|| quote!(return;));
    if !plan.program.errors.reported {
        return match stop {
            Some(stop) => quote!(if #call.is_err() { #stop }),
            None => quote!(let _ = #call;),
        };
    }
    let (runtime, unsent, message) = (plan.runtime(), &plan.unsent, &route.message);
    let (error, first, name) = (&plan.locals.error, plan.first_error(), plain(name));
    quote! {
        if let ::core::result::Result::Err(#error) = #call {
            #unsent(#first #name, <#message as #runtime::Message>::NAME, &#error);
            #stop
        }
    }
}

/// ```text
/// failed({ let lent = skip_1(&mut *cx.services); <Execution as Handle<Signal, Context<'_, '_, AfterExecution>>>::handle(lent.service, message, &mut Context { … }) })
/// ```
///
/// The call of a receiver, which returns whether it failed. In a router with lanes the call is written elsewhere.
pub(super) fn call(
    plan: &Plan<'_>,
    route: &Route,
    receiver: &Receiver,
    service: usize,
    argument: &TokenStream,
    place: usize,
) -> TokenStream {
    if plan.drivers.is_none() {
        return written_call(plan, route, receiver, service, argument, place);
    }
    let (name, method) = (contexts::called_alone(plan.index_of(route), service), plan.order.visited_at(service));
    let (visit, narrowed) = (&plan.order.visit, order::narrowed(plan, place, service));
    quote!(#visit::#method(#name(#argument), &mut #narrowed))
}

/// The same, written here.
pub(super) fn written_call(
    plan: &Plan<'_>,
    route: &Route,
    receiver: &Receiver,
    service: usize,
    argument: &TokenStream,
    place: usize,
) -> TokenStream {
    let failed = |call: TokenStream| {
        let failed = &plan.failed;
        respan(quote!(#failed(#call)), receiver.span)
    };
    call_of(plan, (route, receiver, service), &quote!(handle), argument, place, failed, &quote!(false))
}

/// The call of the service that answers, which returns the answer. The place of the requester ensures that it is on the same lane.
pub(super) fn request(
    plan: &Plan<'_>,
    route: &Route,
    receiver: &Receiver,
    service: usize,
    argument: &TokenStream,
) -> TokenStream {
    let elsewhere = quote!(loop {});
    call_of(plan, (route, receiver, service), &quote!(handle), argument, service, |call| call, &elsewhere)
}

/// The call for messages that have arrived together, in the context of the entry.
pub(super) fn batch(
    plan: &Plan<'_>,
    route: &Route,
    receiver: &Receiver,
    service: usize,
    argument: &TokenStream,
) -> TokenStream {
    call_of(plan, (route, receiver, service), &quote!(handle_batch), argument, 0, |call| call, &quote!(()))
}

/// A call, wrapped by `with`, or `elsewhere` where the service runs on another lane.
fn call_of(
    plan: &Plan<'_>,
    (route, receiver, service): (&Route, &Receiver, usize),
    method: &TokenStream,
    argument: &TokenStream,
    place: usize,
    with: impl Fn(TokenStream) -> TokenStream,
    elsewhere: &TokenStream,
) -> TokenStream {
    let (runtime, message) = (plan.runtime(), own_span(&route.message));
    let (ty, lend, context) = (plan.type_of(service), plan.lend(service), plan.order.context_at(service + 1));
    let (lent, after) = lent(plan, place, service);
    let reached = reached(plan);
    // The whole call has the span of the receiver's name: a missing handler or emit is reported there.
    let call = quote! {
        <#ty as #runtime::Handle<#message, #context>>::#method(#lend(#reached), #argument, &mut #after)
    };
    let call = respan_call(call, receiver.span);
    match plan.drivers {
        None => with(quote!({ #lent #call })),
        Some(_) => if_here(plan, &lent, &with(call), elsewhere),
    }
}

/// The borrow of the service in `__lent`.
pub(super) fn reached(plan: &Plan<'_>) -> TokenStream {
    if plan.drivers.is_some() { quote!(__service) } else { quote!(&mut *__lent.service) }
}

/// `call`, with the service of `__lent` as `__service`, if it runs here.
pub(super) fn if_here(plan: &Plan<'_>, lent: &TokenStream, call: &TokenStream, elsewhere: &TokenStream) -> TokenStream {
    let lane = lanes::lane(plan);
    quote! {{
        #lent
        match #lane::Owned::get(&mut *__lent.service) {
            ::core::option::Option::Some(__service) => #call,
            ::core::option::Option::None => #elsewhere,
        }
    }}
}

/// The node of a service, as `__lent`, from the context at this place; and the context for its handler.
pub(super) fn lent(plan: &Plan<'_>, place: usize, service: usize) -> (TokenStream, TokenStream) {
    let cx = &plan.locals.cx;
    let lent = plan.order.skip(place, service, quote!(&mut *#cx.services));
    (quote!(let __lent = #lent;), order::context(plan, &quote!(&mut *__lent.rest)))
}

fn wait(plan: &Plan<'_>, edge: usize, replaces: bool, fails: bool) -> TokenStream {
    let (local, edges, lose, variant) = (&plan.local, &plan.edges, &plan.lose, &plan.edge_variants[edge]);
    let Locals { message, emission, error, cx, .. } = &plan.locals;
    let number = plan.skips().then(|| quote!(, #emission));
    let push = if replaces { quote!(push_newest) } else { quote!(push) };
    let push = quote!(#cx.__core.local.#push(#edge, &#edges[#edge], #local::#variant(*#message #number)));
    // A drop by policy is counted, and is no failure.
    if !fails || !plan.program.errors.reported {
        return quote!(let _ = #push;);
    }
    let first = plan.first_error();
    quote! {
        if let ::core::result::Result::Err(#error) = #push {
            #lose(#first #edge, &#error);
        }
    }
}
