//! Compile-time checks of what only the compiler knows, reported at the user's own words.

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;

use super::plan::Plan;
use crate::names::plain;
use crate::router::check::text;
use crate::router::model::{Path, Receiver};
use crate::router::options::lane::Kind;
use crate::spans::{own_span, respan};

/// A service that replies is the only receiver of its message, and called directly. It uses the types that are called, so that it reports
/// nothing about a type that is no service.
pub(super) fn replies(plan: &Plan<'_>) -> TokenStream {
    let private = plan.private();
    let checks = plan.router.routes.iter().filter(|route| route.only_direct().is_none()).map(|route| {
        let (name, message) = (text(&route.message), own_span(&route.message));
        let repliers: Vec<_> = route
            .receivers
            .iter()
            .filter_map(|receiver| {
                let (service, path) = (receiver.service()?, path(receiver));
                let (ty, field) = (plan.type_of(service), plain(&plan.router.services[service].field));
                let replies = quote!(#private::ReplyProbe::<#ty, #message>::REPLIES);
                Some(quote!(#private::Replier { service: #field, path: #path, replies: #replies }))
            })
            .collect();
        let others = route.receivers.len() - repliers.len();
        let span = match route.receivers.as_slice() {
            [receiver] => receiver.span,
            _ => route.span,
        };
        respan(quote!(const _: () = #private::check_replies(#name, &[#(#repliers),*], #others);), span)
    });
    quote! {
        use #private::NoReply as _;
        #(#checks)*
    }
}

fn path(receiver: &Receiver) -> &'static str {
    match receiver.via.path {
        Path::Local => "via local",
        Path::Queue => "via queue",
        Path::Task => "via task",
        Path::Direct | Path::Link => "",
    }
}

/// All checks.
pub(super) fn checks(plan: &Plan<'_>) -> TokenStream {
    let handlers = handlers(plan);
    let allowed = allowed(plan);
    let ids = if plan.router.contracts.len() > 1 { contract_ids(plan) } else { routed_ids(plan) };
    let exhaustive = exhaustive(plan);
    let room = room(plan);
    let systems = systems(plan);
    quote!(#handlers #allowed #ids #exhaustive #room #systems)
}

/// The system for which the program is compiled has the paths and lanes that are named. Only the runtime knows which one that is.
fn systems(plan: &Plan<'_>) -> TokenStream {
    let (runtime, above) = (plan.runtime(), plan.router.above());
    let links = plan.router.links.iter().map(|link| (link.transport, &link.address));
    let inputs = plan.router.inputs.iter().map(|input| (input.transport, &input.address));
    let paths = links.chain(inputs).filter_map(|(transport, address)| {
        let (systems, what) = transport.systems(&address.value())?;
        Some((systems, what, address.span()))
    });
    let pinned = plan.router.lanes.iter().filter(|lane| lane.options.kind == Kind::Pinned);
    let pinned = pinned.map(|lane| ("linux", format!("the pinned lane `{}`", plain(&lane.name)), lane.name.span()));
    let real_time = plan.router.lanes.iter().filter(|lane| lane.options.fifo.is_some() || lane.options.mlock);
    let real_time =
        real_time.map(|lane| ("linux", format!("the real-time lane `{}`", plain(&lane.name)), lane.name.span()));
    let checks = paths
        .chain(pinned)
        .chain(real_time)
        .map(|(system, what, span)| respan(quote!(#above #runtime::__private::only_on!(#system, #what);), span));
    quote!(#(#checks)*)
}

/// A message by its id and name.
pub(super) fn reference(plan: &Plan<'_>, message: &syn::Path) -> TokenStream {
    let (runtime, message) = (plan.runtime(), own_span(message));
    quote!(#runtime::routing::MessageRef::of::<#message>())
}

/// No handler is left without a route, and no service without anything that calls it.
fn handlers(plan: &Plan<'_>) -> TokenStream {
    let above = plan.router.above();
    let checks = plan.router.services.iter().enumerate().map(|(index, service)| {
        let (name, known) = (plain(&service.field), plan.service(index));
        let private = plan.private();
        let routed: Vec<_> = plan.router.routes.iter().filter(|route| route.leads_to(index)).collect();
        // A service without a route may have sources or timers, which its lane calls.
        let reached =
            routed.is_empty().then(|| quote!(#private::check_reached(#name, #known::SOURCES, #known::TIMERS);));
        let routed = routed.iter().map(|route| reference(plan, &route.message));
        let allowed = plan.router.allowed.iter().filter(|entry| entry.service == index);
        let allowed = allowed.map(|entry| reference(plan, &entry.message));
        let handlers = quote!(#private::check_handlers(#name, #known::HANDLED, &[#(#routed),*], &[#(#allowed),*]));
        // Only lanes and `poll`, which needs them too, call sources and timers.
        let undriven = (!plan.program.startable)
            .then(|| quote!(#private::check_undriven(#name, #known::SOURCES, #known::TIMERS);));
        let check = match (undriven, reached) {
            (None, None) => quote!(#above const _: () = #handlers;),
            (undriven, reached) => quote!(#above const _: () = { #undriven #reached #handlers };),
        };
        respan(check, service.span)
    });
    quote!(#(#checks)*)
}

/// Each handler that `ignore` names exists.
fn allowed(plan: &Plan<'_>) -> TokenStream {
    let above = plan.router.above();
    let checks = plan.router.allowed.iter().map(|entry| {
        let service = &plan.router.services[entry.service];
        let (name, known) = (plain(&service.field), plan.service(entry.service));
        let message = reference(plan, &entry.message);
        let private = plan.private();
        let check = quote! {
            #above
            const _: () = #private::check_allowed(#name, #known::HANDLED, #message);
        };
        respan(check, entry.span)
    });
    quote!(#(#checks)*)
}

/// No two crates of contracts use one id.
fn contract_ids(plan: &Plan<'_>) -> TokenStream {
    let (contracts, above) = (&plan.router.contracts, plan.router.above());
    let checks = contracts.iter().enumerate().skip(1).map(|(index, path)| {
        let private = plan.private();
        let check =
            quote!(#above const _: () = #private::check_distinct_contracts(&[#(#contracts::MESSAGES),*], #index););
        respan(check, path.span())
    });
    quote!(#(#checks)*)
}

/// No two routed messages have one id.
fn routed_ids(plan: &Plan<'_>) -> TokenStream {
    let (above, private, runtime, count) =
        (plan.router.above(), plan.private(), plan.runtime(), plan.router.routes.len());
    if count < 2 {
        return TokenStream::new();
    }
    let (all, firsts) = (&plan.messages, &plan.first_ids);
    let messages = plan.router.routes.iter().map(|route| reference(plan, &route.message));
    let checks = plan.router.routes.iter().enumerate().skip(1).map(|(index, route)| {
        let check = quote!(#above const _: () = #private::check_distinct_id(&#all, &#firsts, #index););
        respan(check, route.span)
    });
    quote! {
        #above
        #[allow(non_upper_case_globals, dead_code)]
        const #all: [#runtime::routing::MessageRef; #count] = [#(#messages),*];
        #above
        #[allow(non_upper_case_globals, dead_code)]
        const #firsts: [::core::primitive::usize; #count] = #private::first_of_ids(&#all);
        #(#checks)*
    }
}

/// The `local` routes do not take too much memory. If they do, it is reported at the route with the most room.
fn room(plan: &Plan<'_>) -> Option<TokenStream> {
    let largest = plan.router.edges().max_by_key(|edge| edge.room)?;
    let (private, local, name) = (plan.private(), &plan.local, plain(&plan.router.name));
    let (room, above) = (plan.router.local_room(), plan.router.above());
    Some(respan(quote!(#above const _: () = #private::check_room::<#local>(#name, #room);), largest.receiver.span))
}

/// Each message of the contracts has a route.
fn exhaustive(plan: &Plan<'_>) -> TokenStream {
    let (name, above) = (&plan.router.name, plan.router.above());
    let all_routed = |path: &syn::Path| respan(quote!(#above impl #path::AllRouted for #name {}), path.span());
    let impls = plan.router.contracts.iter().map(all_routed);
    quote!(#(#impls)*)
}
