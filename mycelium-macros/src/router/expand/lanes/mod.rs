//! Lanes: the only one runs the router itself; of those that a router names each runs what it holds, and hands to the others what they receive.

mod program;
mod spec;
pub(super) mod topology;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::plan::{Plan, at_call_site};
use super::{deliver, drivers, structs};
use crate::names::plain;
use crate::router::model::{Lane, Route};

pub(super) use self::program::opened_rings;
pub(super) use self::spec::sendable;
pub(super) use self::topology::lane;

/// All services, each of which may be elsewhere.
pub(super) fn parts(plan: &Plan<'_>) -> TokenStream {
    spec::parts(plan)
}

/// What is needed to start a router: what each lane runs, and what says how they belong together.
pub(super) fn lanes(plan: &Plan<'_>) -> TokenStream {
    let (program, start) = (program::program(plan), spec::start(plan));
    let Some(drivers::Names { lanes, run, .. }) = &plan.drivers else {
        let name = &plan.router.name;
        let spec = spec::router_spec(plan, &[quote!(#name)]);
        return quote!(#program #spec #start);
    };
    let bodies: Vec<TokenStream> = lanes.iter().map(|lane| quote!(#run<#lane>)).collect();
    let (run, check, spec) = (structs::run(plan), topology::check(plan), spec::router_spec(plan, &bodies));
    quote!(#run #check #program #spec #start)
}

/// What the compiler has to find out about the lanes of a router that names some.
pub(super) fn topology(plan: &Plan<'_>) -> Option<TokenStream> {
    plan.drivers.is_some().then(|| topology::constants(plan))
}

/// `__to_cold`: the sending end of the ring to another lane.
fn to(lane: &Lane) -> Ident {
    format_ident!("__to_{}", plain(&lane.name))
}

/// `__into_spread`: the sending end of the ring into the queue of a service of another lane.
pub(super) fn into(plan: &Plan<'_>, service: usize) -> Ident {
    format_ident!("__into_{}", plain(&plan.field(service)))
}

/// `__back_to_spread`: the queue through which a message goes back in a router that one thread drives.
pub(super) fn back_to(plan: &Plan<'_>, service: usize) -> Ident {
    format_ident!("__back_to_{}", plain(&plan.field(service)))
}

/// Hands a message to all its receivers on another lane, where there are any.
pub(super) fn to_lane(plan: &Plan<'_>, route: &Route, lane: usize, stops: bool) -> TokenStream {
    let (solved, message, index) = (&plan.topology.solved, &plan.locals.message, plan.index_of(route));
    let (from, other) = (plan.this_lane(), &plan.router.lanes[lane]);
    let (private, cx, field) = (topology::lane(plan), &plan.locals.cx, to(other));
    let call = quote!(#private::pass_on(&mut #cx.__core.links.#field, #message));
    let send = deliver::send(plan, route, &other.name, call, stops);
    // Links and tasks find their home at compile time, and with them their messages.
    quote!(if const { #solved.passes(#from, #lane, #index) } { #send })
}

/// Hands a message back to an earlier service in a router that one thread drives; on lanes, that is a message to another lane.
pub(super) fn back(plan: &Plan<'_>, route: &Route, service: usize, last: bool) -> TokenStream {
    let (message, cx) = (&plan.locals.message, &plan.locals.cx);
    let (lane, field) = (topology::lane(plan), back_to(plan, service));
    let call = quote!(#lane::hand_back(&mut #cx.__core.links.#field, #message));
    deliver::send(plan, route, &plan.router.services[service].field, call, last)
}

/// The fields of the sending ends of rings to other lanes: one to each lane, and one into each queue.
pub(super) fn rings(plan: &Plan<'_>) -> Vec<Ident> {
    let lanes = plan.router.lanes.iter().map(to);
    let queues = plan.router.queues.iter().filter(|_| !plan.router.lanes.is_empty());
    lanes.chain(queues.map(|queue| into(plan, queue.service))).collect()
}

/// Every field through which it sends to somebody who has to be told when it is idle.
pub(super) fn senders(plan: &Plan<'_>) -> Vec<Ident> {
    let links = plan.router.links.iter().map(|link| at_call_site(&link.name));
    let tasks = plan.router.tasks.iter().map(|task| plan.field(task.service));
    links.chain(tasks).chain(rings(plan)).collect()
}
