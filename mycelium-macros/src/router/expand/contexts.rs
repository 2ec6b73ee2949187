//! What a context can do: emit messages to later services, send them requests, tell the time and report errors.
//!
//! Each message has one impl for the contexts at all places, on the condition that its receivers come later. Its deliveries are written once, at
//! the place of its first receiver. Contexts before that place go on to it.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

use super::drivers::Of;
use super::plan::Plan;
use super::{conditions, deliver, lanes, order};
use crate::router::ir::Action;
use crate::router::model::Path;
use crate::spans::{own_span, respan};

/// All impls of contexts.
pub(super) fn contexts(plan: &Plan<'_>) -> TokenStream {
    let order = order::order(plan);
    let routes = (0..plan.router.routes.len()).map(|route| {
        let (calls, delivered) = (calls(plan, route), delivered(plan, route));
        let (emit, request) = (emit(plan, route), request(plan, route));
        quote!(#calls #delivered #emit #request)
    });
    let (ignored, clock, failures) = (ignored(plan), clock(plan), failures(plan));
    quote!(#order #(#routes)* #ignored #clock #failures)
}

/// `__EmitsBar`
fn visitor(does: &str, route: usize) -> Ident {
    format_ident!("__{does}{route}")
}

/// ```text
/// struct Emits0<'m>(&'m Bar);
/// impl Visit for Emits0<'_> { const PLACE: usize = 0; fn at_0(self, cx: &mut Context<'_, '_, Entry>) { … } }
/// ```
///
/// The steps of a message, at the place before its first receiver. Without a direct receiver, the steps are the same at every place, and need
/// no visitor.
fn delivered(plan: &Plan<'_>, index: usize) -> TokenStream {
    let (route, emission) = (&plan.router.routes[index], &plan.program.emissions[index]);
    let Some(place) = emission.place.filter(|_| !emission.has_back_edge) else { return TokenStream::new() };
    let steps = deliver::steps(plan, route, emission.numbered, &emission.steps, place);
    visit(plan, index, &visitor("Emits", index), place, &plan.inline(index), &quote!(()), &steps)
}

/// ```text
/// struct Calls0_3<'m>(&'m Bar);
/// impl<L: Lane> Visit<L> for Calls0_3<'_> { const PLACE: usize = 3; fn at_3(self, cx: &mut Context<'_, '_, AfterRisk, L>) -> bool { … } }
/// ```
///
/// The call of each service that receives a message, in a router with lanes. It is needed in several places, so it is compiled once.
fn calls(plan: &Plan<'_>, index: usize) -> TokenStream {
    let route = &plan.router.routes[index];
    let receivers = route.receivers.iter().filter(|_| plan.drivers.is_some());
    let calls = receivers.filter(|receiver| receiver.via.path != Path::Task).filter_map(|receiver| {
        let service = receiver.service()?;
        let (inline, output) = (quote!(#[inline(always)]), quote!(::core::primitive::bool));
        let call =
            deliver::written_call(plan, route, receiver, service, &plan.locals.message.to_token_stream(), service);
        Some(visit(plan, index, &called_alone(index, service), service, &inline, &output, &call))
    });
    calls.collect()
}

/// The visitor that calls one receiver.
pub(super) fn called_alone(route: usize, service: usize) -> Ident {
    format_ident!("__Calls{route}_{service}")
}

fn visit(
    plan: &Plan<'_>,
    route: usize,
    name: &Ident,
    place: usize,
    inline: &TokenStream,
    output: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let (names, cx, local) = (&plan.order, &plan.locals.cx, &plan.locals.message);
    let message = &plan.router.routes[route].message;
    let (visit, method, context) = (&names.visit, names.visited_at(place), names.context_at(place));
    let (parameter, argument) = (plan.only_parameter(), plan.only_argument(Of::Any));
    quote! {
        struct #name<'m>(&'m #message);
        impl #parameter #visit #argument for #name<'_> {
            type __Output = #output;
            const __PLACE: ::core::primitive::usize = #place;
            #inline
            fn #method(self, #cx: &mut #context) -> #output {
                let #local = self.0;
                #body
            }
        }
    }
}

/// `Emit` of one message, if all its direct receivers are among the services that the context borrows, or run on other lanes.
fn emit(plan: &Plan<'_>, index: usize) -> TokenStream {
    let (names, runtime, cx) = (&plan.order, plan.runtime(), &plan.locals.cx);
    let (route, emission) = (&plan.router.routes[index], &plan.program.emissions[index]);
    let (context, place, local) = (&names.context, &names.place, &plan.locals.message);
    let (inline, visitor) = (plan.inline(index), visitor("Emits", index));
    let ahead = quote!(__P::__visit(self, #visitor(#local)));
    let body = match emission.place {
        None => {
            let steps = deliver::steps(plan, route, emission.numbered, &emission.steps, 0);
            quote!(let #cx = self; #steps)
        }
        Some(_) if emission.has_back_edge => {
            let steps = with_back_edges(plan, index);
            quote!(let #cx = self; #steps)
        }
        Some(_) => ahead,
    };
    let kept = own_span(&route.message);
    let (parameter, argument) = (plan.parameter(), plan.argument(Of::Any));
    let (stated, conditions) = conditions::of_emission(plan, index);
    let context = quote!(#context<'_, '_, __P #argument>);
    let header = quote!(impl<#parameter __P: #place> #runtime::Emit<#kept> for #context where #conditions);
    let header = respan(header, route.span);
    quote! {
        #stated
        #header {
            #inline
            fn emit(&mut self, #local: &#kept) {
                #body
            }
        }
    }
}

/// The steps of a message from any place. Services before it run on other lanes, and get it by the steps for these or, where one thread drives the
/// router, through a queue.
fn with_back_edges(plan: &Plan<'_>, index: usize) -> TokenStream {
    let (cx, message) = (&plan.locals.cx, &plan.locals.message);
    let (route, emission) = (&plan.router.routes[index], &plan.program.emissions[index]);
    let numbered = deliver::number(plan, emission.numbered, &emission.steps);
    let steps = emission.steps.iter().map(|step| {
        let Action::Call(service) = step.action else { return deliver::step(plan, route, step, 0) };
        let name = called_alone(index, service);
        let call = deliver::unless_failed(&quote!(__P::__visit(&mut *#cx, #name(#message))), step.stops);
        if !plan.program.back_edges.contains(&service) {
            return deliver::when(plan, route, step, call);
        }
        let (back, owner) = (lanes::back(plan, route, service, step.stops), plan.constant("__IS_OWNER"));
        let called = quote! {
            if const { __P::__NUMBER > #service } {
                if const { #owner } { #back }
            } else {
                #call
            }
        };
        deliver::when(plan, route, step, called)
    });
    quote!(#numbered #(#steps)*)
}

/// Emits a message from the entry, which is the variable `cx`.
pub(super) fn pass_on(plan: &Plan<'_>, route: usize) -> TokenStream {
    let (runtime, cx, local) = (plan.runtime(), &plan.locals.cx, &plan.locals.message);
    let message = &plan.router.routes[route].message;
    match plan.program.emissions[route].place {
        None => quote!(#runtime::Emit::<#message>::emit(&mut *#cx, #local);),
        Some(place) => {
            let narrowed = order::narrowed(plan, 0, place);
            quote!(#runtime::Emit::<#message>::emit(&mut #narrowed, #local);)
        }
    }
}

/// `Request` of a message with exactly one receiver, called directly, if that is among the services of the context.
fn request(plan: &Plan<'_>, index: usize) -> TokenStream {
    let route = &plan.router.routes[index];
    let Some(service) = plan.program.emissions[index].answered_by else { return conditions::request(plan, index) };
    let receiver = &route.receivers[0];
    let (names, runtime) = (&plan.order, plan.runtime());
    let (context, place) = (&names.context, &names.place);
    let (local, kept) = (&plan.locals.message, own_span(&route.message));
    let (ty, name) = (plan.type_of(service), visitor("Requests", index));
    let reply = quote!(<#ty as #runtime::routing::Handles<#kept>>::Output);
    let call = deliver::request(plan, route, receiver, service, &local.to_token_stream());
    let (visit, method, at, cx) = (&names.visit, names.visited_at(service), names.context_at(service), &plan.locals.cx);
    let (inline, (stated, conditions)) = (plan.inline(index), conditions::of_request(plan, index, service));
    let (only, only_argument) = (plan.only_parameter(), plan.only_argument(Of::Any));
    let (parameter, argument) = (plan.parameter(), plan.argument(Of::Any));
    // All of it has the span of the receiver's name, so that an error about the receiver is not reported twice.
    let request = quote! {
        struct #name<'m>(&'m #kept);
        impl #only #visit #only_argument for #name<'_>
        where
            for<'__any> #ty: #runtime::routing::Handles<#kept>,
        {
            type __Output = #reply;
            const __PLACE: ::core::primitive::usize = #service;
            #inline
            fn #method(self, #cx: &mut #at) -> #reply {
                let #local = self.0;
                #call
            }
        }
        impl<#parameter __P: #place> #runtime::Request<#kept> for #context<'_, '_, __P #argument>
        where
            for<'__any> #ty: #runtime::routing::Handles<#kept>,
            #conditions
        {
            type Reply = #reply;
            #inline
            fn request(&mut self, #local: &#kept) -> Self::Reply {
                __P::__visit(self, #name(#local))
            }
        }
    };
    let request = respan(request, receiver.span);
    quote!(#stated #request)
}

/// Emitting an ignored message does nothing.
fn ignored(plan: &Plan<'_>) -> TokenStream {
    let (context, place, runtime) = (&plan.order.context, &plan.order.place, plan.runtime());
    let (parameter, argument) = (plan.parameter(), plan.argument(Of::Any));
    let ignored = plan.router.ignored.iter().map(|message| {
        quote! {
            impl<#parameter __P: #place> #runtime::Emit<#message> for #context<'_, '_, __P #argument> {
                #[inline(always)]
                fn emit(&mut self, _: &#message) {}
            }
        }
    });
    quote!(#(#ignored)*)
}

fn clock(plan: &Plan<'_>) -> TokenStream {
    let (context, place, runtime) = (&plan.order.context, &plan.order.place, plan.runtime());
    let (parameter, argument) = (plan.parameter(), plan.argument(Of::Any));
    quote! {
        impl<#parameter __P: #place> #runtime::routing::Clock for #context<'_, '_, __P #argument> {
            #[inline]
            fn now(&self) -> #runtime::TimestampNs {
                self.__core.now()
            }
        }
    }
}

/// An error that is reported to a context is that of the service before it.
fn failures(plan: &Plan<'_>) -> TokenStream {
    let (context, place, runtime, fail) = (&plan.order.context, &plan.order.place, plan.runtime(), &plan.fail);
    let (parameter, argument) = (plan.parameter(), plan.argument(Of::Any));
    let first = plan.program.errors.propagates.then(|| quote!(&mut *self.__first,));
    quote! {
        impl<#parameter __P: #place> #runtime::routing::ReportFailure for #context<'_, '_, __P #argument> {
            #[inline(always)]
            fn report_failure(&mut self, __message: &'static ::core::primitive::str, __error: &dyn ::core::fmt::Display) {
                #fail(&mut *self.__core, #first const { __P::__NUMBER.saturating_sub(1) }, __message, __error);
            }
        }
    }
}
