//! Lanes: one runs the router itself, of several each runs a part of it, which hands to the others what they receive.

mod body;
mod ends;
mod hooks;
mod system;
mod topology;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::plan::Plan;
use super::{contexts, deliver, drain, ends as router_ends, open, poll, structs};
use crate::names::{Fresh, plain};
use crate::router::link::OnFull;
use crate::router::model::{Other, Route, Router};
use crate::router::split;

pub(super) use self::body::opened_rings;
pub(super) use self::ends::{rings, senders};
pub(super) use self::system::sendable;
pub(super) use self::topology::lane;

/// All services, each of which may be elsewhere.
pub(super) fn parts(plan: &Plan<'_>) -> TokenStream {
    system::parts(plan)
}

/// What is needed to start a router with one lane, which runs the router itself.
pub(super) fn one(plan: &Plan<'_>) -> Option<TokenStream> {
    plan.router.lanes.is_empty().then(|| {
        let body = body::body(plan, plan);
        let (system, start) = (system::system(plan, &[&plan.router.name]), system::start(plan));
        quote!(#body #system #start)
    })
}

/// What is needed to start a router that names its lanes: for each a part of it, and what says how they belong together.
pub(super) fn lanes(whole: &Plan<'_>, input: &TokenStream) -> Option<TokenStream> {
    if whole.router.lanes.is_empty() {
        return None;
    }
    let topology = topology::constants(whole);
    let mut fresh = Fresh::beside(input);
    let lanes: Vec<Router> = (0..whole.router.lanes.len())
        .map(|index| {
            let mut lane = split::lane(whole.router, index);
            lane.name = fresh.name(&plain(&lane.name));
            lane
        })
        .collect();
    let names: Vec<_> = lanes.iter().map(|lane| &lane.name).collect();
    let (system, start, check) = (system::system(whole, &names), system::start(whole), topology::check(whole));
    let plans: Vec<_> = lanes.iter().map(|lane| Plan::of(whole.router, lane, input)).collect();
    let structs = plans.iter().map(structs::of_part);
    let lanes = plans.iter().map(|plan| part(whole, plan, &topology));
    let above = whole.router.above();
    let allowed = quote!(#above #[allow(dead_code, unused, private_interfaces, private_bounds, non_camel_case_types, clippy::all, clippy::pedantic, clippy::nursery)]);
    Some(quote! {
        #(#structs)*
        #allowed
        const _: () = {
            #topology
            #check
            #system
            #start
        };
        #(#allowed #lanes)*
    })
}

/// What the router itself has to know of its lanes: whether messages have to go back where one thread drives it.
pub(super) fn description(plan: &Plan<'_>) -> Option<TokenStream> {
    (!plan.router.backs().is_empty()).then(|| topology::description(plan))
}

/// One lane, as deep as the router itself: so that a mistake, which both of them make, is worded the same way and told once.
fn part(whole: &Plan<'_>, plan: &Plan<'_>, topology: &TokenStream) -> TokenStream {
    let choices = plan.choices();
    let names = drain::names(plan);
    let failures = drain::failures(plan);
    let contexts = contexts::contexts(plan);
    let waiting = drain::waiting(plan);
    let drain = drain::drain(plan);
    let assemble = open::assemble(plan);
    let poll = poll::poll(plan);
    let body = body::body(whole, plan);
    quote! {
        const _: () = {
            #choices
            #topology
            #names
            #failures
            #contexts
            #waiting
            #drain
            #assemble
            #poll
            #body
        };
    }
}

/// `__to_cold`: the sending end of the ring to another lane.
fn to(other: &Other) -> Ident {
    format_ident!("__to_{}", plain(&other.name))
}

/// `__back_to_spread`: the queue through which a message goes back in a router that one thread drives.
pub(super) fn back_to(plan: &Plan<'_>, service: usize) -> Ident {
    format_ident!("__back_to_{}", plain(&plan.field(service)))
}

/// Hands a message to all its receivers on another lane, where there are any.
pub(super) fn to_lane(plan: &Plan<'_>, route: &Route, lane: usize, last: bool) -> TokenStream {
    let Some((part, other)) = plan.router.part.as_ref().and_then(|part| {
        let other = part.others.iter().find(|other| other.lane == lane)?;
        Some((part, other))
    }) else {
        return TokenStream::new();
    };
    let (solved, message, from, index) = (&plan.topology.solved, &plan.locals.message, part.lane, plan.index_of(route));
    let call = deliver::end(plan, &to(other), quote!(send(#message)));
    let send = deliver::send(plan, route, &other.name, call, last);
    // Links and tasks find their home at compile time, and with them their messages.
    quote!(if const { #solved.crosses(#from, #lane, #index) } { #send })
}

/// Hands a message to a service of another lane through its queue.
pub(super) fn to_queue(plan: &Plan<'_>, route: &Route, service: usize, on_full: OnFull, last: bool) -> TokenStream {
    let Some(remote) = plan.router.part.as_ref().and_then(|part| part.queues.iter().find(|to| to.service == service))
    else {
        return TokenStream::new();
    };
    let (message, on_full) = (&plan.locals.message, router_ends::on_full(plan, on_full));
    let call = deliver::end(plan, &super::plan::at_call_site(&remote.field), quote!(send_as(#message, #on_full)));
    deliver::send(plan, route, &remote.field, call, last)
}

/// Hands a message back to an earlier service in a router that one thread drives; on lanes, that is a message to another lane.
pub(super) fn back(plan: &Plan<'_>, route: &Route, service: usize, last: bool) -> TokenStream {
    let (message, cx) = (&plan.locals.message, &plan.locals.cx);
    let (runtime, field) = (plan.runtime(), back_to(plan, service));
    let block = quote!(#runtime::link::OnFull::Block);
    let call = quote!(#cx.__core.links.#field.as_mut().map_or(::core::result::Result::Ok(()), |__end| __end.send(#message, #block)));
    deliver::send(plan, route, &plan.router.services[service].field, call, last)
}
