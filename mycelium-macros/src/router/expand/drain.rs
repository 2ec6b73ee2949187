//! The free functions of a router: what is done with errors, and the draining of `local` routes.

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;

use super::deliver;
use super::drivers::Of;
use super::ends::on_full;
use super::plan::{Locals, Plan};
use crate::names::plain;
use crate::spans::respan;

/// The names of services and `local` routes, for errors and counters.
pub(super) fn names(plan: &Plan<'_>) -> TokenStream {
    let (runtime, private) = (plan.runtime(), plan.private());
    let (services_name, edges_name) = (&plan.services, &plan.edges);
    let services = plan.router.services.iter().map(|service| plain(&service.field));
    let edges = plan.router.edges().map(|edge| {
        let (message, share) = (&edge.route.message, edge.room);
        let service = plain(&plan.router.services[edge.service].field);
        let on_full = on_full(plan, edge.on_full);
        quote! {
            #private::Edge {
                message: <#message as #runtime::Message>::NAME,
                service: #service,
                share: #share,
                on_full: #on_full,
            }
        }
    });
    let (service_count, edge_count) = (plan.router.services.len(), plan.router.edges().count());
    let failed = &plan.failed;
    quote! {
        // Imported, so that a call has the user's span as a whole: `$crate` would split the span in errors.
        use #private::failed as #failed;
        static #services_name: [&::core::primitive::str; #service_count] = [#(#services),*];
        static #edges_name: [#private::Edge; #edge_count] = [#(#edges),*];
    }
}

/// `fail` handles the error of a handler, `lose` a message that found no room, `unsent` the error of an end.
pub(super) fn failures(plan: &Plan<'_>) -> TokenStream {
    let (runtime, core, parameter) = (plan.runtime(), plan.core(Of::Any), plan.only_parameter());
    let (fail, services) = (&plan.fail, &plan.services);
    let note = note(plan);
    let first = first_parameter(plan);
    let lose = lose(plan);
    let unsent = unsent(plan);
    quote! {
        #[cold]
        #[inline(never)]
        fn #fail #parameter(
            __core: &mut #core,
            #first
            __service: ::core::primitive::usize,
            __message: &'static ::core::primitive::str,
            __error: &dyn ::core::fmt::Display,
        ) {
            __core.count_error(__service);
            let __failure = #runtime::HandlerFailure::new(#services[__service], __message, __error);
            #note
        }
        #lose
        #unsent
    }
}

/// The same for a link or a queue. These count their losses themselves.
fn unsent(plan: &Plan<'_>) -> TokenStream {
    if !plan.router.holds_ends() || !plan.program.errors.reported {
        return TokenStream::new();
    }
    let (runtime, unsent) = (plan.runtime(), &plan.unsent);
    let note = note(plan);
    let first = first_parameter(plan);
    quote! {
        #[cold]
        #[inline(never)]
        fn #unsent(#first __end: &'static ::core::primitive::str, __message: &'static ::core::primitive::str, __error: &dyn ::core::fmt::Display) {
            let __failure = #runtime::HandlerFailure::new(__end, __message, __error);
            #note
        }
    }
}

/// Where losses are not reported, it is enough that the queue counts them.
fn lose(plan: &Plan<'_>) -> TokenStream {
    if !plan.router.has_local() || !plan.program.errors.reported {
        return TokenStream::new();
    }
    let (runtime, lose, edges) = (plan.runtime(), &plan.lose, &plan.edges);
    let note = note(plan);
    let first = first_parameter(plan);
    quote! {
        #[cold]
        #[inline(never)]
        fn #lose(#first __edge: ::core::primitive::usize, __error: &dyn ::core::fmt::Display) {
            let __edge = &#edges[__edge];
            let __failure = #runtime::HandlerFailure::new(__edge.service, __edge.message, __error);
            #note
        }
    }
}

/// Calls the hook, and keeps the first error.
fn note(plan: &Plan<'_>) -> TokenStream {
    let runtime = plan.runtime();
    let hook = plan.router.hook.as_ref().map(|hook| {
        let hook = respan(quote!(const __HOOK: fn(&#runtime::HandlerFailure<'_>) = #hook;), hook.span());
        quote! {
            #hook
            __HOOK(&__failure);
        }
    });
    let keep = plan.program.errors.propagates.then(|| {
        quote! {
            if __first.is_none() {
                *__first = ::core::option::Option::Some(#runtime::HandlerError::new(&__failure));
            }
        }
    });
    quote!(#hook #keep)
}

/// The parameter for the first error, if it is returned.
pub(super) fn first_parameter(plan: &Plan<'_>) -> TokenStream {
    let runtime = plan.runtime();
    match plan.program.errors.propagates {
        true => quote!(__first: &mut ::core::option::Option<#runtime::HandlerError>,),
        false => TokenStream::new(),
    }
}

/// Delivers the messages of `local` routes, until none waits.
pub(super) fn drain(plan: &Plan<'_>) -> TokenStream {
    if !plan.router.has_local() {
        return TokenStream::new();
    }
    let (private, drain) = (plan.private(), &plan.drain);
    let Locals { message, error, edge, budget, cx, .. } = &plan.locals;
    let (entry, lose) = (plan.order.context_at(0), &plan.lose);
    let deliver = deliver_waiting(plan);
    let (argument, parameter) = (plan.first_error(), plan.parameter());
    let given_up = match plan.program.errors.reported {
        true => quote!(#private::Next::GivenUp(#edge, #error) => { #lose(#argument #edge, &#error); break; }),
        false => quote!(#private::Next::GivenUp(..) => break,),
    };
    quote! {
        #[inline(always)]
        fn #drain<#parameter __W: #private::Watch>(#cx: &mut #entry, __watch: __W) {
            let mut #budget: #private::Budget = ::core::default::Default::default();
            loop {
                // What still waits is reported as left.
                if !__watch.goes_on() {
                    break;
                }
                match #cx.__core.local.next(&mut #budget) {
                    #private::Next::Deliver(#message) => { #deliver }
                    #private::Next::Done => break,
                    #given_up
                }
            }
        }
    }
}

/// Calls the receiver of a message that has waited. With `stop`, an error removes the message's waiting copies.
fn deliver_waiting(plan: &Plan<'_>) -> TokenStream {
    let Locals { message, emission, any, cx, .. } = &plan.locals;
    let local = &plan.local;
    let number = plan.skips().then(|| quote!(, _));
    let arms = plan.router.edges().enumerate().map(|(index, edge)| {
        let variant = &plan.edge_variants[index];
        let call = deliver::call(plan, edge.route, edge.receiver, edge.service, &quote!(&#message), 0);
        quote! {
            #local::#variant(#message #number) => {
                #cx.__core.local.arrived(#index);
                #call
            }
        }
    });
    if !plan.skips() {
        return quote!(let _ = match #message { #(#arms)* };);
    }
    let private = plan.private();
    quote! {
        let #emission = #private::Waiting::emission(&#message);
        let #any = match #message { #(#arms)* };
        if #any {
            #cx.__core.local.skip(#emission);
        }
    }
}

/// What the queue needs to know of its messages.
pub(super) fn waiting(plan: &Plan<'_>) -> TokenStream {
    if !plan.router.has_local() {
        return TokenStream::new();
    }
    let (private, local) = (plan.private(), &plan.local);
    let edges = plan.edge_variants.iter().enumerate().map(|(index, variant)| quote!(Self::#variant(..) => #index));
    let emission = match plan.skips() {
        false => quote!(0),
        true => {
            let variants = &plan.edge_variants;
            quote!(match *self { #(Self::#variants(_, __emission) => __emission,)* })
        }
    };
    let room = plan.router.local_room();
    // In a router with lanes, each driver has its own room.
    let has_room = plan.drivers.is_none().then(|| {
        quote! {
            impl #private::HasRoom for #local {
                type Room = #private::RoomFor<Self, #room, { #private::is_inline::<#local>(#room) }>;
            }
        }
    });
    quote! {
        #has_room

        impl #private::Waiting for #local {
            #[inline(always)]
            fn edge(&self) -> ::core::primitive::usize {
                match self { #(#edges,)* }
            }
            #[inline(always)]
            fn emission(&self) -> ::core::primitive::u32 {
                #emission
            }
        }
    }
}
