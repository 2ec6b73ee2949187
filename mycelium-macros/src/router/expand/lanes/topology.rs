//! Constants by which the compiler finds out about lanes: what is emitted where, which lane runs which service, and which rings there are.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::names::{Fresh, plain};
use crate::router::expand::ends::on_full;
use crate::router::expand::plan::Plan;
use crate::router::model::{Path, Receiver, Route, Router, To};
use crate::spans::respan;

/// The names of these constants.
#[derive(Clone)]
pub(in crate::router::expand) struct Names {
    pub(in crate::router::expand) described: Ident,
    pub(in crate::router::expand) solved: Ident,
    pub(in crate::router::expand) rings: Ident,
    /// The wait that closes a cycle of lanes.
    pub(in crate::router::expand) cycle: Ident,
    /// The struct of services that no lane holds yet.
    pub(in crate::router::expand) parts: Ident,
}

impl Names {
    pub(in crate::router::expand) fn new(router: &Router, fresh: &mut Fresh) -> Self {
        let name = plain(&router.name);
        Self {
            described: fresh.name("__TOPOLOGY"),
            solved: fresh.name("__SOLVED"),
            rings: fresh.name("__RINGS"),
            cycle: fresh.name("__CYCLE"),
            parts: fresh.name(&format!("__PartsOf{name}")),
        }
    }
}

/// ```text
/// const TOPOLOGY: Topology = Topology { lanes: &["hot", "cold"], services: &[…], routes: &[…], inputs: &[…] };
/// ```
pub(in crate::router::expand) fn description(plan: &Plan<'_>) -> TokenStream {
    let (lane, described, router) = (lane(plan), &plan.topology.described, plan.router);
    let lanes = router.lanes.iter().map(|lane| plain(&lane.name));
    let services = router.services.iter().enumerate().map(|(index, _)| service_node(plan, index));
    let routes = router.routes.iter().map(|route| routed(plan, route));
    let inputs = router.inputs.iter().map(|input| {
        let (lane_index, routes) = (input.lane, &input.routes);
        quote!(#lane::InputNode { lane: #lane_index, routes: &[#(#routes),*] })
    });
    let links = router.links.iter().map(|link| plain(&link.name));
    quote! {
        const #described: #lane::Topology = #lane::Topology {
            lanes: &[#(#lanes),*],
            services: &[#(#services),*],
            routes: &[#(#routes),*],
            inputs: &[#(#inputs),*],
            links: &[#(#links),*],
        };
    }
}

/// ```text
/// const TOPOLOGY: Topology = …;
/// const SOLVED: Solved<2, 3, 3, 1> = Solved::of(&TOPOLOGY);
/// const RINGS: [Option<RingSpec>; 5] = SOLVED.rings(&TOPOLOGY, &[(0, 64)]);
/// ```
pub(super) fn constants(plan: &Plan<'_>) -> TokenStream {
    let lane = lane(plan);
    let names = &plan.topology;
    let (described, solved, rings) = (&names.described, &names.solved, &names.rings);
    let router = plan.router;
    let description = description(plan);
    let (lane_count, route_count) = (router.lanes.len(), router.routes.len());
    let (service_count, link_count) = (router.services.len(), router.links.len());
    let queues = router.queues.iter().map(|queue| {
        let (service, room) = (queue.service, queue.room);
        quote!((#service, #room))
    });
    let ring_count = lane_count * (lane_count + router.queues.len());
    quote! {
        #description
        const #solved: #lane::Solved<#lane_count, #route_count, #service_count, #link_count> =
            #lane::Solved::of(&#described);
        const #rings: [::core::option::Option<#lane::RingSpec>; #ring_count] =
            #solved.rings(&#described, &[#(#queues),*]);
    }
}

/// Checks that no lanes wait for each other in a cycle. A cycle is found once, and reported at the receiver that closes it.
pub(super) fn check(plan: &Plan<'_>) -> Option<TokenStream> {
    let (lane, described, solved, cycle) =
        (lane(plan), &plan.topology.described, &plan.topology.solved, &plan.topology.cycle);
    let checks = plan.router.routes.iter().enumerate().flat_map(|(index, route)| {
        route.receivers.iter().enumerate().map(move |(receiver_index, receiver)| {
            let check = quote!(const _: () = #solved.check_circle(&#described, #cycle, #index, #receiver_index););
            respan(check, receiver.span)
        })
    });
    (plan.router.lanes.len() > 1).then(|| {
        quote! {
            const #cycle: ::core::option::Option<#lane::WaitFor> = #solved.circle(&#described);
            #(#checks)*
        }
    })
}

/// The hidden part of the runtime's interface of lanes.
pub(in crate::router::expand) fn lane(plan: &Plan<'_>) -> TokenStream {
    let runtime = plan.runtime();
    quote!(#runtime::__private::lane)
}

fn service_node(plan: &Plan<'_>, index: usize) -> TokenStream {
    let (lane, service) = (lane(plan), &plan.router.services[index]);
    let (name, known) = (plain(&service.field), plan.service(index));
    let lane_index = match plan.router.lane_of(index) {
        Some(lane) => quote!(::core::option::Option::Some(#lane)),
        None => quote!(::core::option::Option::None),
    };
    let service_node = quote! {
        #lane::ServiceNode {
            name: #name,
            lane: #lane_index,
            handled: #known::HANDLED,
            sources: #known::SOURCES,
            timers: #known::TIMERS,
        }
    };
    respan(service_node, service.span)
}

fn routed(plan: &Plan<'_>, route: &Route) -> TokenStream {
    let (lane, runtime, message) = (lane(plan), plan.runtime(), &route.message);
    let receivers = route.receivers.iter().map(|receiver| self::receiver(plan, receiver));
    quote! {
        #lane::RoutedTo {
            message: #runtime::routing::MessageRef::of::<#message>(),
            size: ::core::mem::size_of::<#message>(),
            receivers: &[#(#receivers),*],
        }
    }
}

fn receiver(plan: &Plan<'_>, receiver: &Receiver) -> TokenStream {
    let lane = lane(plan);
    let receiver = match (receiver.to, receiver.via.path) {
        (To::Service(service), Path::Queue) => {
            let policy = on_full(plan, receiver.via.on_full);
            quote!(Queue(#service, #policy))
        }
        (To::Service(service), Path::Task) => quote!(Task(#service)),
        (To::Service(service), _) => quote!(Service(#service)),
        (To::Link(link), _) => quote!(Link(#link)),
    };
    quote!(#lane::Receiver::#receiver)
}
