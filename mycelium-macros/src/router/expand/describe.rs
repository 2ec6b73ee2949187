//! The description of the router, as constants. Routing does not read them.

use proc_macro2::TokenStream;
use quote::quote;

use super::checks::reference;
use super::plan::{Plan, doc_name};
use crate::names::plain;
use crate::router::model::{Lane, Link, Path, Receiver, Router, To};
use crate::spans::respan;

/// ```text
/// impl Routes for Trading {
///     const NAME: &'static str = "Trading";
///     const SERVICES: &'static [ServiceInfo] = &[ServiceInfo::new("spread", "SpreadStrategy", SpreadStrategy::HANDLED, …).on("hot"), …];
///     const INPUTS: &'static [InputInfo] = &[InputInfo::new("feed", "shm", "/run/feed.sock", &[…])];
///     const ROUTES: &'static [RouteInfo] = &[RouteInfo::new(…, "spread", RoutePath::Direct), …];
/// }
/// ```
pub(super) fn routes(plan: &Plan<'_>) -> TokenStream {
    let (router, runtime) = (plan.router, plan.runtime());
    let (name, text) = (&router.name, plain(&router.name));
    let (services, inputs, routes) = (services(plan), inputs(plan), route_infos(plan));
    quote! {
        impl #runtime::routing::Routes for #name {
            const NAME: &'static ::core::primitive::str = #text;
            const SERVICES: &'static [#runtime::routing::ServiceInfo] = &[#(#services),*];
            const INPUTS: &'static [#runtime::routing::InputInfo] = &[#(#inputs),*];
            const ROUTES: &'static [#runtime::routing::RouteInfo] = &[#(#routes),*];
        }
    }
}

/// The same for a router with mistakes, which describes nothing.
pub(super) fn skeleton(router: &Router) -> TokenStream {
    let (name, runtime, text) = (&router.name, &router.runtime, plain(&router.name));
    quote! {
        impl #runtime::routing::Routes for #name {
            const NAME: &'static ::core::primitive::str = #text;
            const SERVICES: &'static [#runtime::routing::ServiceInfo] = &[];
            const INPUTS: &'static [#runtime::routing::InputInfo] = &[];
            const ROUTES: &'static [#runtime::routing::RouteInfo] = &[];
        }
    }
}

fn services(plan: &Plan<'_>) -> Vec<TokenStream> {
    let runtime = plan.runtime();
    let service = plan.router.services.iter().enumerate().map(|(index, service)| {
        let (name, text, service_of) = (plain(&service.field), doc_name(&service.ty), plan.service(index));
        let info = quote! {
            #runtime::routing::ServiceInfo::new(
                #name,
                #text,
                #service_of::HANDLED,
                #service_of::SOURCES,
                #service_of::TIMERS,
            )
        };
        let lane = plan.router.lanes.iter().find(|lane| lane.services.contains(&index)).map(on_lane);
        respan(quote!(#info #lane), service.span)
    });
    service.collect()
}

fn inputs(plan: &Plan<'_>) -> Vec<TokenStream> {
    let runtime = plan.runtime();
    let input = plan.router.inputs.iter().map(|input| {
        let (name, transport, address) = (plain(&input.name), input.transport.name(), &input.address);
        let messages = input.routes.iter().map(|route| reference(plan, &plan.router.routes[*route].message));
        let lane = plan.router.lanes.get(input.lane).map(on_lane);
        quote!(#runtime::routing::InputInfo::new(#name, #transport, #address, &[#(#messages),*]) #lane)
    });
    input.collect()
}

fn on_lane(lane: &Lane) -> TokenStream {
    let name = plain(&lane.name);
    quote!(.on(#name))
}

fn route_infos(plan: &Plan<'_>) -> Vec<TokenStream> {
    let runtime = plan.runtime();
    let info = plan.router.routes.iter().flat_map(|route| {
        route.receivers.iter().map(move |receiver| {
            let message = reference(plan, &route.message);
            let (name, path) = (receiver_name(plan.router, receiver), path(plan, receiver));
            quote!(#runtime::routing::RouteInfo::new(#message, #name, #path))
        })
    });
    info.collect()
}

fn receiver_name(router: &Router, receiver: &Receiver) -> String {
    match receiver.to {
        To::Service(service) => plain(&router.services[service].field),
        To::Link(link) => plain(&router.links[link].name),
    }
}

fn path(plan: &Plan<'_>, receiver: &Receiver) -> TokenStream {
    let runtime = plan.runtime();
    let room = receiver.via.room;
    let path = match (receiver.via.path, receiver.to) {
        (Path::Local, _) => quote!(Local(#room)),
        (Path::Queue, _) => quote!(Queue(#room)),
        (Path::Task, _) => quote!(Task(#room)),
        (Path::Direct, _) | (Path::Link, To::Service(_)) => quote!(Direct),
        (Path::Link, To::Link(link)) => {
            let Link { transport, address, .. } = &plan.router.links[link];
            let transport = transport.name();
            quote!(Link { transport: #transport, address: #address })
        }
    };
    quote!(#runtime::routing::RoutePath::#path)
}
