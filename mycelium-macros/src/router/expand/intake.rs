//! The functions that a turn calls: with each message of an input, a queue, a task or a ring, and for each source and timer that is due.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

use super::plan::{Locals, Plan};
use super::{contexts, deliver, gather, lanes, pace};
use crate::names::plain;
use crate::router::ir::{Arm, Intake, Origin, Share, Then};
use crate::router::model::Input;
use crate::spans::{respan, respan_call};

/// All of them.
pub(super) fn intakes(plan: &Plan<'_>) -> TokenStream {
    let shares = shares(plan);
    let intakes = plan.program.intakes.iter().map(|intake| match intake.from {
        Origin::Input(input) => from_outside(plan, intake, &plan.router.inputs[input]),
        Origin::Queue(_) | Origin::Task(_) | Origin::BackEdge(_) | Origin::Rings => from_within(plan, intake),
    });
    quote!(#shares #(#intakes)*)
}

/// The name of the function that takes these messages.
fn name(plan: &Plan<'_>, from: Origin) -> Ident {
    match from {
        Origin::Input(input) => plan.take_inputs[input].clone(),
        Origin::Queue(queue) => plan.take_queues[queue].clone(),
        Origin::Task(task) => plan.take_tasks[task].clone(),
        Origin::BackEdge(service) => take_back(plan, service),
        Origin::Rings => plan.arrived.clone(),
    }
}

/// `__take_back_to_spread`
pub(super) fn take_back(plan: &Plan<'_>, service: usize) -> Ident {
    format_ident!("__take_back_to_{}", plain(&plan.field(service)))
}

/// ```text
/// fn from_feed(cx: &mut Context<'_, '_, Entry>, id: u16, body: &[u8]) -> Result<(), DecodeError>
/// ```
fn from_outside(plan: &Plan<'_>, intake: &Intake, input: &Input) -> TokenStream {
    let (runtime, private, take) = (plan.runtime(), plan.private(), name(plan, intake.from));
    let Locals { cx, message, id, body, .. } = &plan.locals;
    let entry = plan.order.context_at(0);
    let done = quote!(::core::result::Result::Ok(()));
    let arms = intake.arms.iter().map(|arm| {
        let (ty, taken) = (&plan.router.routes[arm.route].message, taken(plan, arm, &done));
        let filter = input.condition(arm.route).map(|condition| {
            let wanted = deliver::asked(plan, condition);
            quote! {
                if !#wanted {
                    *__filtered += 1;
                    return #done;
                }
            }
        });
        quote! {
            <#ty as #runtime::Message>::ID => {
                let #message = <#ty as #runtime::Message>::decode(#body)?;
                let #message = &*#message;
                #filter
                #taken
            }
        }
    });
    let (drain, (parameters, _), parameter) = (drain(plan), gather::parameters(plan), plan.parameter());
    let filtered = input.filters().then(|| quote!(__filtered: &mut ::core::primitive::u64,));
    quote! {
        #[inline]
        fn #take<#parameter __W: #private::Watch>(
            #cx: &mut #entry,
            #parameters
            #filtered
            #id: ::core::primitive::u16,
            #body: &[::core::primitive::u8],
        ) -> ::core::result::Result<(), #runtime::DecodeError> {
            match #id {
                #(#arms)*
                #id => return ::core::result::Result::Err(#runtime::DecodeError::UnknownMessage { id: #id }),
            }
            #drain
            #done
        }
    }
}

/// ```text
/// fn to_journal(cx: &mut Context<'_, '_, Entry>, id: u16, body: Handed<'_>)
/// fn arrived(cx: &mut Context<'_, '_, Entry>, outside: bool, id: u16, body: Handed<'_>)
/// ```
fn from_within(plan: &Plan<'_>, intake: &Intake) -> TokenStream {
    let (runtime, private, take) = (plan.runtime(), plan.private(), name(plan, intake.from));
    let Locals { cx, message, id, body, taken: outside, .. } = &plan.locals;
    let entry = plan.order.context_at(0);
    let is_from_rings = matches!(intake.from, Origin::Rings);
    let arms = intake.arms.iter().map(|arm| {
        let (ty, taken) = (&plan.router.routes[arm.route].message, taken(plan, arm, &TokenStream::new()));
        let (shares, route) = (plan.constant("__SHARES"), arm.route);
        let taken = match is_from_rings {
            true => plan.only_if(&quote!(#shares[#route]), &taken),
            false => taken,
        };
        quote! {
            <#ty as #runtime::Message>::ID => {
                if let ::core::option::Option::Some(#message) = #private::queued::<#ty>(#body) {
                    #taken
                }
            }
        }
    });
    let outside = is_from_rings.then(|| quote!(#outside: ::core::primitive::bool,));
    let (drain, (parameters, _), parameter) = (drain(plan), gather::parameters(plan), plan.parameter());
    quote! {
        #[inline]
        fn #take<#parameter __W: #private::Watch>(
            #cx: &mut #entry,
            #parameters
            #outside
            #id: ::core::primitive::u16,
            #body: #runtime::routing::Handed<'_>,
        ) {
            match #id {
                #(#arms)*
                // Ignored.
                _ => {}
            }
            #drain
        }
    }
}

/// Delivers the message in scope.
fn taken(plan: &Plan<'_>, arm: &Arm, done: &TokenStream) -> TokenStream {
    let (before, route) = (gather::before(plan, arm, done), &plan.router.routes[arm.route]);
    let Locals { cx, message, taken: outside, .. } = &plan.locals;
    let then = match arm.then {
        Then::Emit => contexts::pass_on(plan, arm.route),
        Then::Call { service, receiver } => {
            let receiver = &route.receivers[receiver];
            let call = deliver::call(plan, route, receiver, service, &message.to_token_stream(), 0);
            let held = arm.paced.map(|paced| pace::unless_held(plan, paced, done));
            quote!(#held let _ = #call;)
        }
        Then::Share => {
            let share = &plan.shares[arm.route];
            quote!(#share(#cx, #message, #outside);)
        }
    };
    quote!(#before #then)
}

/// ```text
/// fn share_of_bar(cx: &mut Context<'_, '_, Entry>, message: &Bar, outside: bool) { … }
/// ```
fn shares(plan: &Plan<'_>) -> TokenStream {
    let Locals { cx, message, taken: outside, .. } = &plan.locals;
    let routes = plan.router.routes.iter().zip(&plan.shares).zip(&plan.program.shares);
    let shares = routes.filter_map(|((route, name), share)| {
        let Share::Steps { numbered, steps } = share else { return None };
        let (entry, ty, parameter) = (plan.order.context_at(0), &route.message, plan.only_parameter());
        let steps = deliver::steps(plan, route, *numbered, steps, 0);
        Some(quote! {
            #[inline]
            fn #name #parameter(#cx: &mut #entry, #message: &#ty, #outside: ::core::primitive::bool) {
                #steps
            }
        })
    });
    quote!(#(#shares)*)
}

/// Delivers the messages of `local` routes, if any lead to services here.
pub(super) fn drain(plan: &Plan<'_>) -> Option<TokenStream> {
    let (drain, cx) = (&plan.drain, &plan.locals.cx);
    let (private, here) = (plan.private(), plan.constant("__EDGES_HERE"));
    let drained = plan.only_if(&quote!(#private::any(&#here)), &quote!(#drain(#cx, __watch);));
    plan.router.has_local().then_some(drained)
}

/// Delivers a message that has reached a lane by a ring.
pub(super) fn arrived(plan: &Plan<'_>) -> TokenStream {
    let (lane, arrived) = (lanes::lane(plan), &plan.arrived);
    let Locals { cx, id, body, .. } = &plan.locals;
    let (_, arguments) = gather::parameters(plan);
    let held = plan.constant("__RUNS");
    let queues = plan.router.queues.iter().zip(&plan.take_queues).map(|(queue, take)| {
        let service = queue.service;
        let take = plan.only_if(&quote!(#held[#service]), &quote!(#take(#cx, #arguments #id, #body)));
        quote!(#lane::Arrival::Queue(#service) => { #take })
    });
    // Only messages from outside reach the only lane by a ring.
    match plan.drivers {
        None => quote!(#arrived(#cx, #arguments true, #id, #body);),
        Some(_) => quote! {
            match __from {
                #(#queues)*
                __from => #arrived(#cx, #arguments __from == #lane::Arrival::Outside, #id, #body),
            }
        },
    }
}

/// ```text
/// fn drive(cx: &mut Context<'_, '_, Entry>, service: usize, due: Due) -> SourceState { match service { 0 => … } }
/// ```
pub(super) fn drive(plan: &Plan<'_>) -> TokenStream {
    let (runtime, private, drive, drain) = (plan.runtime(), plan.private(), &plan.drive, drain(plan));
    let (cx, entry) = (&plan.locals.cx, plan.order.context_at(0));
    let reached = deliver::reached(plan);
    let arms = plan.router.without_task().map(|service| {
        let (ty, lend, context) = (plan.type_of(service), plan.lend(service), plan.order.context_at(service + 1));
        let (lent, after) = deliver::lent(plan, 0, service);
        let call = quote! {
            <#ty as #runtime::routing::Driven<#context>>::drive(#lend(#reached), __due, &mut #after)
        };
        let call = respan_call(call, plan.router.services[service].span);
        match plan.drivers {
            None => quote!(#service => { #lent #call }),
            Some(_) => {
                let finished = quote!(#runtime::routing::SourceState::Finished);
                let call = deliver::if_here(plan, &lent, &call, &finished);
                quote!(#service => #call)
            }
        }
    });
    let parameter = plan.parameter();
    quote! {
        #[inline]
        fn #drive<#parameter __W: #private::Watch>(
            #cx: &mut #entry,
            __watch: __W,
            __service: ::core::primitive::usize,
            __due: #runtime::routing::Due,
        ) -> #runtime::routing::SourceState {
            let __polled = match __service {
                #(#arms)*
                _ => #runtime::routing::SourceState::Finished,
            };
            #drain
            __polled
        }
    }
}

/// The sources and timers of the services, for the owner that drives the router by `poll`.
pub(super) fn work(plan: &Plan<'_>) -> TokenStream {
    let services = plan.router.without_task().map(|index| {
        let (service, name) = (&plan.router.services[index], plain(&plan.field(index)));
        let known = plan.service(index);
        let has = quote! {
            (
                #index,
                #name,
                #known::SOURCES,
                #known::TIMERS,
            )
        };
        respan(has, service.span)
    });
    quote!(&[#(#services),*])
}
