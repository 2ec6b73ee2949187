//! What a context does not do: conditions on its place, each of which says why it is not met.
//!
//! A condition belongs to a receiver and is the same for all messages and emitters, whose types the compiler puts into its text. Without it, the
//! compiler would know of no reason but that there is no such `impl`.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::drivers::Of;
use super::plan::Plan;
use crate::names::{camel_case, plain};
use crate::places::{kept, moved};
use crate::router::model::Route;
use crate::router::refusals::{self, Refusal};

/// What a service may not do.
#[derive(Clone, Copy)]
enum Deed {
    EmitToItself,
    EmitBack,
    RequestFromItself,
    RequestBack,
    RequestAcross,
}

const EMISSION: [Deed; 2] = [Deed::EmitToItself, Deed::EmitBack];
const REQUEST: [Deed; 3] = [Deed::RequestFromItself, Deed::RequestBack, Deed::RequestAcross];

/// `__MayEmitBack_Risk_1`: the number is one that no other service has.
fn condition(plan: &Plan<'_>, deed: Deed, service: usize) -> Ident {
    let does = match deed {
        Deed::EmitToItself => "MayEmitToItself",
        Deed::EmitBack => "MayEmitTo",
        Deed::RequestFromItself => "MayRequestFromItself",
        Deed::RequestBack => "MayRequestFrom",
        Deed::RequestAcross => "IsOnLaneOf",
    };
    let receiver = camel_case(&plain(&plan.router.services[service].field));
    format_ident!("__{does}_{receiver}_{service}")
}

/// The services of which an emission has to know that they come later: on each lane the first that receives the message.
fn first_on_lanes(plan: &Plan<'_>, route: &Route) -> BTreeSet<usize> {
    let direct: BTreeSet<usize> = route.direct().collect();
    let is_first = |service: &usize| direct.range(..*service).all(|other| plan.router.is_elsewhere(*other, *service));
    direct.iter().copied().filter(is_first).collect()
}

/// ```text
/// where P: MayEmitToItself_Risk_1<P::Service, Bar> + MayEmitTo_Risk_1<P::Service, Bar>
/// ```
pub(super) fn of_emission(plan: &Plan<'_>, route: &Route) -> TokenStream {
    let firsts = first_on_lanes(plan, route);
    let bounds = firsts.into_iter().flat_map(|service| EMISSION.map(|deed| bound(plan, deed, service, route)));
    bounds.collect()
}

/// The same for a request of what this service alone receives.
pub(super) fn of_request(plan: &Plan<'_>, route: &Route, service: usize) -> TokenStream {
    requests(plan).iter().map(|deed| bound(plan, *deed, service, route)).collect()
}

fn requests(plan: &Plan<'_>) -> &'static [Deed] {
    if plan.router.lanes.is_empty() { &REQUEST[..2] } else { &REQUEST }
}

fn bound(plan: &Plan<'_>, deed: Deed, service: usize, route: &Route) -> TokenStream {
    let (condition, message) = (condition(plan, deed, service), kept(&route.message));
    quote!(__P: #condition<__P::__Service, #message>,)
}

/// The conditions that routes put on places.
pub(super) fn conditions(plan: &Plan<'_>) -> TokenStream {
    let routes = &plan.router.routes;
    let emitted: BTreeSet<usize> = routes.iter().flat_map(|route| first_on_lanes(plan, route)).collect();
    let asked: BTreeSet<usize> = routes.iter().filter_map(|route| Some(route.only_direct()?.1)).collect();
    let stated = |services: BTreeSet<usize>, deeds: &[Deed]| -> TokenStream {
        services.iter().flat_map(|service| deeds.iter().map(|deed| stated(plan, *deed, *service))).collect()
    };
    let (emissions, requests) = (stated(emitted, &EMISSION), stated(asked, requests(plan)));
    quote!(#emissions #requests)
}

/// ```text
/// #[diagnostic::on_unimplemented(message = "`{Service}` emits `{Message}`, but `risk`, which receives it, …")]
/// trait MayEmitTo_Risk_1<Service, Message> {}
/// #[diagnostic::do_not_recommend]
/// impl<P: Place, Service, Message> MayEmitTo_Risk_1<Service, Message> for P where P::Number: AtMost<…> {}
/// ```
fn stated(plan: &Plan<'_>, deed: Deed, service: usize) -> TokenStream {
    let condition = condition(plan, deed, service);
    let Refusal { message, label, notes } = refusal(plan, deed, service);
    let (place, private) = (&plan.order.place, plan.private());
    // The place after the receiver is where it would emit or ask itself.
    let after = &plan.order.places[service + 1];
    let (number, lane) = (quote!(<#after as #place>::__Number), quote!(<#after as #place>::__Lane));
    let met = match deed {
        Deed::EmitToItself | Deed::RequestFromItself => quote!(__P::__Number: #private::OtherThan<#number>),
        Deed::EmitBack | Deed::RequestBack if plan.router.lanes.is_empty() => {
            quote!(__P::__Number: #private::AtMost<#number>)
        }
        Deed::EmitBack | Deed::RequestBack => {
            quote!((__P::__Lane, __P::__Number): #private::Elsewhere<(#lane, #number)>)
        }
        // All services of a router that names no lanes are on one.
        Deed::RequestAcross if plan.router.lanes.is_empty() => TokenStream::new(),
        Deed::RequestAcross => quote!(__P::__Lane: #private::SameAs<#lane>),
    };
    quote! {
        #[diagnostic::on_unimplemented(message = #message, label = #label, #(note = #notes),*)]
        trait #condition<__Service, __Message> {}
        #[diagnostic::do_not_recommend]
        impl<__P: #place, __Service, __Message> #condition<__Service, __Message> for __P where #met {}
    }
}

fn refusal(plan: &Plan<'_>, deed: Deed, service: usize) -> Refusal {
    let router = plan.router;
    match deed {
        Deed::EmitToItself => refusals::emits_to_itself(router, service),
        Deed::EmitBack => refusals::emits_back(router, service),
        Deed::RequestFromItself => refusals::requests_from_itself(),
        Deed::RequestBack => refusals::requests_back(router, service),
        Deed::RequestAcross => refusals::requests_across(router, service),
    }
}

/// A request that nobody may make.
pub(super) fn request(plan: &Plan<'_>, index: usize) -> TokenStream {
    let route = &plan.router.routes[index];
    let (names, runtime, message) = (&plan.order, plan.runtime(), kept(&route.message));
    let (context, place) = (&names.context, &names.place);
    let (parameter, argument) = (plan.parameter(), plan.argument(Of::Any));
    let condition = format_ident!("__MayRequest{}_{index}", camel_case(&route.name));
    let refusal = refusals::of_request(plan.router, route);
    let Refusal { message: text, label, notes } = refusal;
    let refused = quote! {
        impl<#parameter __P: #place> #runtime::Request<#message> for #context<'_, '_, __P #argument>
        where
            __P: #condition<__P::__Service, #message>,
        {
            type Reply = <__P as #condition<__P::__Service, #message>>::__Reply;
            fn request(&mut self, _: &#message) -> Self::Reply { loop {} }
        }
    };
    let refused = moved(refused, route.place);
    quote! {
        #[diagnostic::on_unimplemented(message = #text, label = #label, #(note = #notes),*)]
        trait #condition<__Service, __Message> { type __Reply; }
        // Where there is no impl at all, the compiler proposes to add one.
        #[diagnostic::do_not_recommend]
        impl<__Service, __Message> #condition<__Service, __Message> for () { type __Reply = (); }
        #refused
    }
}
