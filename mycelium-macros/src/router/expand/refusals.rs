//! What a context does not do: conditions on its place, each of which says why it is not met.
//!
//! A condition belongs to a message and a receiver of it, and is the same for all emitters, whose type the compiler puts into its text. Without it,
//! the compiler would know of no reason but that there is no such `impl`.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::drivers::Of;
use super::plan::Plan;
use crate::names::camel_case;
use crate::places::{kept, moved};
use crate::router::model::Route;
use crate::router::refusals::{self, Refusal};

/// What a service may not do.
#[derive(Clone, Copy)]
enum Refused {
    EmitToItself,
    EmitBack,
    RequestFromItself,
    RequestBack,
    RequestAcross,
}

const EMISSION: [Refused; 2] = [Refused::EmitToItself, Refused::EmitBack];
const REQUEST: [Refused; 3] = [Refused::RequestFromItself, Refused::RequestBack, Refused::RequestAcross];

/// `__BarEmitsForward_1_0`, with the numbers of the route and of the receiver.
fn condition(plan: &Plan<'_>, refused: Refused, route: usize, service: usize) -> Ident {
    let does = match refused {
        Refused::EmitToItself => "EmitsToOthers",
        Refused::EmitBack => "EmitsForward",
        Refused::RequestFromItself => "RequestsFromOthers",
        Refused::RequestBack => "RequestsForward",
        Refused::RequestAcross => "RequestsOnItsLane",
    };
    let message = camel_case(&plan.router.routes[route].name);
    format_ident!("__{message}{does}_{route}_{service}")
}

/// The services of which an emission has to know that they come later: on each lane the first that receives the message.
fn first_on_lanes(plan: &Plan<'_>, route: &Route) -> BTreeSet<usize> {
    let direct: BTreeSet<usize> = route.direct().collect();
    let is_first = |service: &usize| direct.range(..*service).all(|other| plan.router.is_elsewhere(*other, *service));
    direct.iter().copied().filter(is_first).collect()
}

/// The conditions on emitting a message, and what stands where they are asked:
///
/// ```text
/// P: BarEmitsToOthers_1_0<P::Service> + BarEmitsForward_1_0<P::Service>
/// ```
pub(super) fn of_emission(plan: &Plan<'_>, route: usize) -> (TokenStream, TokenStream) {
    let firsts = first_on_lanes(plan, &plan.router.routes[route]);
    let refused: Vec<_> = firsts.into_iter().flat_map(|service| EMISSION.map(|refused| (refused, service))).collect();
    conditions(plan, route, &refused)
}

/// The same for a request of what this service alone receives.
pub(super) fn of_request(plan: &Plan<'_>, route: usize, service: usize) -> (TokenStream, TokenStream) {
    // All services of a router that names no lanes are on one.
    let refused = if plan.router.lanes.is_empty() { &REQUEST[..2] } else { &REQUEST };
    let refused: Vec<_> = refused.iter().map(|refused| (*refused, service)).collect();
    conditions(plan, route, &refused)
}

fn conditions(plan: &Plan<'_>, route: usize, refused: &[(Refused, usize)]) -> (TokenStream, TokenStream) {
    let stated = refused.iter().map(|(refused, service)| stated(plan, *refused, route, *service)).collect();
    let asked = refused.iter().map(|(refused, service)| {
        let condition = condition(plan, *refused, route, *service);
        quote!(__P: #condition<__P::__Service>,)
    });
    (stated, asked.collect())
}

/// ```text
/// #[diagnostic::on_unimplemented(message = "`{Service}` emits `Bar`, but `risk`, which receives it, …")]
/// trait BarEmitsForward_1_0<Service> {}
/// #[diagnostic::do_not_recommend]
/// impl<P: Place, Service> BarEmitsForward_1_0<Service> for P where P::Number: AtMost<…> {}
/// ```
fn stated(plan: &Plan<'_>, refused: Refused, route: usize, service: usize) -> TokenStream {
    let condition = condition(plan, refused, route, service);
    let Refusal { message, label, notes } = refusal(plan, refused, route, service);
    let (place, private) = (&plan.order.place, plan.private());
    // The place after the receiver is where it would emit or ask itself.
    let after = &plan.order.places[service + 1];
    let (number, lane) = (quote!(<#after as #place>::__Number), quote!(<#after as #place>::__Lane));
    let met = match refused {
        Refused::EmitToItself | Refused::RequestFromItself => quote!(__P::__Number: #private::OtherThan<#number>),
        Refused::EmitBack | Refused::RequestBack if plan.router.lanes.is_empty() => {
            quote!(__P::__Number: #private::AtMost<#number>)
        }
        Refused::EmitBack | Refused::RequestBack => {
            quote!((__P::__Lane, __P::__Number): #private::Elsewhere<(#lane, #number)>)
        }
        Refused::RequestAcross => quote!(__P::__Lane: #private::SameAs<#lane>),
    };
    quote! {
        #[diagnostic::on_unimplemented(message = #message, label = #label, #(note = #notes),*)]
        trait #condition<__Service> {}
        #[diagnostic::do_not_recommend]
        impl<__P: #place, __Service> #condition<__Service> for __P where #met {}
    }
}

fn refusal(plan: &Plan<'_>, refused: Refused, route: usize, service: usize) -> Refusal {
    let (router, route) = (plan.router, &plan.router.routes[route]);
    match refused {
        Refused::EmitToItself => refusals::emits_to_itself(router, route, service),
        Refused::EmitBack => refusals::emits_back(router, route, service),
        Refused::RequestFromItself => refusals::requests_from_itself(route),
        Refused::RequestBack => refusals::requests_back(router, route, service),
        Refused::RequestAcross => refusals::requests_across(router, route, service),
    }
}

/// A request that nobody may make.
pub(super) fn request(plan: &Plan<'_>, index: usize) -> TokenStream {
    let route = &plan.router.routes[index];
    let (names, runtime, message) = (&plan.order, plan.runtime(), kept(&route.message));
    let (context, place) = (&names.context, &names.place);
    let (parameter, argument) = (plan.parameter(), plan.argument(Of::Any));
    let condition = format_ident!("__{}Requests_{index}", camel_case(&route.name));
    let refusal = refusals::of_request(plan.router, route);
    let Refusal { message: text, label, notes } = refusal;
    let refused = quote! {
        impl<#parameter __P: #place> #runtime::Request<#message> for #context<'_, '_, __P #argument>
        where
            __P: #condition<__P::__Service>,
        {
            type Reply = <__P as #condition<__P::__Service>>::__Reply;
            fn request(&mut self, _: &#message) -> Self::Reply { loop {} }
        }
    };
    let refused = moved(refused, route.place);
    quote! {
        #[diagnostic::on_unimplemented(message = #text, label = #label, #(note = #notes),*)]
        trait #condition<__Service> { type __Reply; }
        // Where there is no impl at all, the compiler proposes to add one.
        #[diagnostic::do_not_recommend]
        impl<__Service> #condition<__Service> for () { type __Reply = (); }
        #refused
    }
}
