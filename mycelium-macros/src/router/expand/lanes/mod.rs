//! Lanes. The only lane of a router runs the router itself. Of the lanes that a router names, each runs its own services, and passes messages on to
//! the others.

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

/// The struct of services on their way to a lane.
pub(super) fn parts(plan: &Plan<'_>) -> TokenStream {
    spec::parts(plan)
}

/// What is needed to start a router: the program of each lane, and the specification of all.
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

/// The constants of the lanes, if the router names any.
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

/// `__back_to_spread`: the queue of a back edge, where one thread drives the router.
pub(super) fn back_edge_to(plan: &Plan<'_>, service: usize) -> Ident {
    format_ident!("__back_to_{}", plain(&plan.field(service)))
}

/// Passes a message to all its receivers on another lane, if there are any.
pub(super) fn to_lane(plan: &Plan<'_>, route: &Route, lane: usize, stops: bool) -> TokenStream {
    let (solved, message, index) = (&plan.topology.solved, &plan.locals.message, plan.index_of(route));
    let (from, other) = (plan.this_lane(), &plan.router.lanes[lane]);
    let (private, cx, field) = (topology::lane(plan), &plan.locals.cx, to(other));
    let call = quote!(#private::pass_on(&mut #cx.__core.links.#field, #message));
    let send = deliver::send(plan, route, &other.name, call, stops);
    // The lanes of links and tasks are found at compile time, and with them the messages that pass.
    quote!(if const { #solved.passes(#from, #lane, #index) } { #send })
}

/// Sends a message back to an earlier service, where one thread drives the router. On lanes it is a message to another lane.
pub(super) fn back(plan: &Plan<'_>, route: &Route, service: usize, last: bool) -> TokenStream {
    let (message, cx) = (&plan.locals.message, &plan.locals.cx);
    let (lane, field) = (topology::lane(plan), back_edge_to(plan, service));
    let call = quote!(#lane::hand_back(&mut #cx.__core.links.#field, #message));
    deliver::send(plan, route, &plan.router.services[service].field, call, last)
}

/// The fields of the sending ends of rings to other lanes: one to each lane, and one into each queue.
pub(super) fn rings(plan: &Plan<'_>) -> Vec<Ident> {
    let lanes = plan.router.lanes.iter().map(to);
    let queues = plan.router.queues.iter().filter(|_| !plan.router.lanes.is_empty());
    lanes.chain(queues.map(|queue| into(plan, queue.service))).collect()
}

/// The fields of all sending ends that are flushed when the driver is idle.
pub(super) fn senders(plan: &Plan<'_>) -> Vec<Ident> {
    let links = plan.router.links.iter().map(|link| at_call_site(&link.name));
    let tasks = plan.router.tasks.iter().map(|task| plan.field(task.service));
    links.chain(tasks).chain(rings(plan)).collect()
}
