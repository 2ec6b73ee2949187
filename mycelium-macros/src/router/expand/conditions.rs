//! What a context may not do: conditions on its place, each of which explains why it is not met.
//!
//! A condition belongs to a message and one of its receivers, and is the same for all emitters, whose type the compiler puts into its text.
//! Without it, the compiler could only say that there is no such `impl`.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::drivers::Of;
use super::plan::Plan;
use crate::names::{camel_case, plain};
use crate::router::check::text;
use crate::router::model::{Path, Receiver, Route, Router, To};
use crate::spans::{own_span, respan};

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

/// The receivers that must come after an emitter: the first on each lane.
fn first_on_lanes(plan: &Plan<'_>, route: &Route) -> BTreeSet<usize> {
    let direct: BTreeSet<usize> = route.direct().collect();
    let is_first = |service: &usize| direct.range(..*service).all(|other| plan.router.is_elsewhere(*other, *service));
    direct.iter().copied().filter(is_first).collect()
}

/// The definitions of the conditions on emitting a message, and their bounds:
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
    // The receiver's own context is at the place after it.
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
        Refused::EmitToItself => emits_to_itself(router, route, service),
        Refused::EmitBack => emits_back(router, route, service),
        Refused::RequestFromItself => requests_from_itself(route),
        Refused::RequestBack => requests_back(router, route, service),
        Refused::RequestAcross => requests_across(router, route, service),
    }
}

/// The impl for a message that no service may request.
pub(super) fn request(plan: &Plan<'_>, index: usize) -> TokenStream {
    let route = &plan.router.routes[index];
    let (names, runtime, message) = (&plan.order, plan.runtime(), own_span(&route.message));
    let (context, place) = (&names.context, &names.place);
    let (parameter, argument) = (plan.parameter(), plan.argument(Of::Any));
    let condition = format_ident!("__{}Requests_{index}", camel_case(&route.name));
    let refusal = not_requestable(plan.router, route);
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
    let refused = respan(refused, route.span);
    quote! {
        #[diagnostic::on_unimplemented(message = #text, label = #label, #(note = #notes),*)]
        trait #condition<__Service> { type __Reply; }
        // Without any impl, the compiler would suggest to add one.
        #[diagnostic::do_not_recommend]
        impl<__Service> #condition<__Service> for () { type __Reply = (); }
        #refused
    }
}

/// The text of an error. The compiler replaces `{__Service}` by the type of the emitter or requester.
struct Refusal {
    message: String,
    label: String,
    notes: Vec<String>,
}

const FORWARD: &str = "direct calls go forward only, in the order of `services`";
const ANSWERS: &str = "a request is a call whose value is the answer: it has exactly one receiver, called directly, on the same lane, and later in \
     `services` than the requester";

/// A service that receives a message may not emit it too.
fn emits_to_itself(router: &Router, route: &Route, service: usize) -> Refusal {
    let message = text(&route.message);
    Refusal {
        message: format!("`{{__Service}}` emits `{message}`, and receives it itself"),
        label: format!("what is called here emits `{message}`"),
        notes: vec![FORWARD.to_owned(), queued(router, route, service)],
    }
}

/// Nor may a service after its receiver.
fn emits_back(router: &Router, route: &Route, service: usize) -> Refusal {
    let (message, receiver) = (text(&route.message), name(router, service));
    let mut notes = vec![
        FORWARD.to_owned(),
        format!("{}; or list {receiver} after `{{__Service}}` in `services`", queued(router, route, service)),
    ];
    let others: Vec<_> = route.direct().filter(|other| *other != service).map(|other| name(router, other)).collect();
    if !others.is_empty() {
        notes.push(format!(
            "the other receivers of `{message}` must also come after it, or run on other lanes: {}",
            listed(&others)
        ));
    }
    Refusal {
        message: format!(
            "`{{__Service}}` emits `{message}`, but {receiver}, which receives it, comes before it in `services`"
        ),
        label: format!("what is called here emits `{message}`"),
        notes,
    }
}

fn queued(router: &Router, route: &Route, service: usize) -> String {
    let (message, receiver) = (text(&route.message), plain_name(router, service));
    format!("queue the way back: `{receiver} via local(16)` in the route of `{message}`")
}

/// A service may not send a request to itself.
fn requests_from_itself(route: &Route) -> Refusal {
    requests(route, "which it receives itself", "call a method of your own instead".to_owned())
}

/// Nor to a service before it.
fn requests_back(router: &Router, route: &Route, service: usize) -> Refusal {
    let receiver = name(router, service);
    let why = format!("but {receiver}, which receives it, comes before it in `services`");
    requests(route, &why, format!("list {receiver} after `{{__Service}}` in `services`"))
}

/// Nor to a service on another lane.
fn requests_across(router: &Router, route: &Route, service: usize) -> Refusal {
    let receiver = name(router, service);
    let lane = router.lane_of(service).map(|lane| plain(&router.lanes[lane].name)).unwrap_or_default();
    let why = format!("but {receiver}, which receives it, is on lane `{lane}`, and `{{__Service}}` on another");
    let help = format!(
        "put {receiver} on the lane of `{{__Service}}`, after it in `services`; or emit a message, and let the answer be another message"
    );
    requests(route, &why, help)
}

fn requests(route: &Route, why: &str, help: String) -> Refusal {
    let message = text(&route.message);
    Refusal {
        message: format!("`{{__Service}}` requests `{message}`, {why}"),
        label: format!("what is called here requests `{message}`"),
        notes: vec![ANSWERS.to_owned(), help],
    }
}

/// Why no service may request this message, which has several receivers, or one that is not called directly.
fn not_requestable(router: &Router, route: &Route) -> Refusal {
    let message = text(&route.message);
    let (what, help) = match route.receivers.as_slice() {
        [receiver] => {
            let (why, help) = by_path(router, receiver, &message);
            (format!("`{message}` is requested, {why}"), help)
        }
        several => {
            let names: Vec<_> = several.iter().map(|receiver| end(router, receiver)).collect();
            let help = format!("leave one in the route of `{message}`, and give the others a message of their own");
            (format!("`{message}` is requested, but has {} receivers: {}", names.len(), listed(&names)), help)
        }
    };
    let label = format!("what is called here requests `{message}`");
    Refusal { message: what, label, notes: vec![ANSWERS.to_owned(), help] }
}

/// The only receiver is not called directly.
fn by_path(router: &Router, receiver: &Receiver, message: &str) -> (String, String) {
    let name = end(router, receiver);
    let path = match receiver.via.path {
        Path::Local => "via local",
        Path::Queue => "via queue",
        Path::Task => "via task",
        Path::Direct if receiver.condition.is_some() => {
            let why = format!("but {name} receives it only `if` its condition holds, so there might be no answer");
            return (why, format!("remove the condition in the route of `{message}`, and let {name} answer each"));
        }
        Path::Direct if receiver.pace.is_some() => {
            let why = format!("but {name} has a pace, so there might be no answer");
            return (why, format!("remove the pace in the route of `{message}`, and let {name} answer each"));
        }
        Path::Direct | Path::Link => {
            let why = format!("but leaves the process by the link {name}");
            return (why, format!("name a service in the route of `{message}`"));
        }
    };
    let why = format!("but {name} receives it `{path}`, so no caller waits for its answer");
    (why, format!("write {name} without `via` in the route of `{message}`, or name another service there"))
}

fn plain_name(router: &Router, service: usize) -> String {
    plain(&router.services[service].field)
}

fn name(router: &Router, service: usize) -> String {
    format!("`{}`", plain_name(router, service))
}

fn end(router: &Router, receiver: &Receiver) -> String {
    match receiver.to {
        To::Link(link) => format!("`{}`", plain(&router.links[link].name)),
        _ => receiver.service().map(|service| name(router, service)).unwrap_or_default(),
    }
}

/// "`a`, `b` and `c`"
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
