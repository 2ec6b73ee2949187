//! The ends of links, inputs and queues that a router holds.

use proc_macro2::TokenStream;
use quote::quote;

use super::plan::{Plan, at_call_site};
use super::{gather, lanes};
use crate::names::plain;
use crate::router::link::OnFull;
use crate::router::on_panic::OnPanic;
use crate::times;

/// ```text
/// struct __LinksOfTrading { desk: StreamLink, journal: QueueSender }
/// struct __InputsOfTrading { feed: ShmInput, journal: QueueReceiver }
/// ```
pub(super) fn structs(plan: &Plan<'_>) -> TokenStream {
    if !plan.router.is_opened() {
        return TokenStream::new();
    }
    let (runtime, private) = (plan.runtime(), plan.private());
    let (links_name, inputs_name) = (&plan.links, &plan.inputs);
    let links = plan.router.links.iter().map(|link| {
        let (name, ty) = (at_call_site(&link.name), link.transport.link_type(runtime));
        quote!(#name: #ty)
    });
    let inputs = plan.router.inputs.iter().map(|input| {
        let (name, ty) = (at_call_site(&input.name), input.transport.input_type(runtime));
        quote!(#name: #ty)
    });
    let queues: Vec<_> = plan.router.queues.iter().map(|queue| plan.field(queue.service)).collect();
    let tasks: Vec<_> = plan.router.tasks.iter().map(|task| plan.field(task.service)).collect();
    let task_types = plan.router.tasks.iter().map(|task| &plan.router.services[task.service].ty);
    let backs: Vec<_> = plan.router.backs().into_iter().map(|service| lanes::back_to(plan, service)).collect();
    let buffers = gather::buffers(plan);
    let gathered = (!plan.slots.is_empty()).then(|| {
        let buffers = &plan.gather.buffers;
        quote!(__gathered: #buffers,)
    });
    let (dropped, above) = (dropped(plan), plan.router.above());
    quote! {
        #[derive(::core::fmt::Debug)]
        #above
        #[allow(dead_code, non_camel_case_types, clippy::all, clippy::pedantic, clippy::nursery)]
        struct #links_name {
            #(#tasks: #runtime::link::RingSender,)*
            #(#links,)*
            #(#queues: #private::QueueSender,)*
            #(#backs: ::core::option::Option<#private::QueueSender>,)*
        }

        #dropped

        #[derive(::core::fmt::Debug)]
        #above
        #[allow(dead_code, non_camel_case_types, clippy::all, clippy::pedantic, clippy::nursery)]
        struct #inputs_name {
            #(#tasks: (#runtime::task::Outbox, #runtime::task::Task<#task_types>),)*
            #(#inputs,)*
            #(#queues: #private::QueueReceiver,)*
            #(#backs: ::core::option::Option<#private::QueueReceiver>,)*
            #gathered
            __chores: #private::Chores,
        }

        #buffers
    }
}

/// Links that are dropped together linger together.
fn dropped(plan: &Plan<'_>) -> Option<TokenStream> {
    let (private, links_name) = (plan.private(), &plan.links);
    let above = plan.router.above();
    let links = plan.router.links.iter().map(|link| at_call_site(&link.name));
    (!plan.router.links.is_empty()).then(|| {
        quote! {
            #above
            impl ::core::ops::Drop for #links_name {
                fn drop(&mut self) {
                    #private::linger(&mut [#(&mut self.#links as &mut dyn #private::Closes),*]);
                }
            }
        }
    })
}

/// A policy as the runtime calls it.
pub(super) fn on_full(plan: &Plan<'_>, on_full: OnFull) -> TokenStream {
    let runtime = plan.runtime();
    let policy = match on_full {
        OnFull::Block => quote!(Block),
        OnFull::BlockFor(timeout) => {
            let timeout = times::tokens(timeout);
            quote!(BlockFor(#timeout))
        }
        OnFull::DropNewest => quote!(DropNewest),
        OnFull::DropOldest => quote!(DropOldest),
        OnFull::Error => quote!(Error),
    };
    quote!(#runtime::link::OnFull::#policy)
}

/// What follows a panic, as the runtime calls it.
pub(super) fn on_panic(plan: &Plan<'_>, on_panic: OnPanic) -> TokenStream {
    let runtime = plan.runtime();
    let policy = match on_panic {
        OnPanic::Stop => quote!(Stop),
        OnPanic::Abort => quote!(Abort),
        OnPanic::Restart { max, within, backoff } => {
            let max = max.map(|max| quote!(max: #max,));
            let within = within.map(times::tokens).map(|within| quote!(within: #within,));
            let backoff = backoff.map(times::tokens).map(|backoff| quote!(backoff: #backoff,));
            let restart = quote!(#runtime::lane::Restart);
            quote!(Restart(#restart { #max #within #backoff ..#restart::DEFAULT }))
        }
    };
    quote!(#runtime::lane::OnPanic::#policy)
}

/// The counters of the router and of all its ends.
pub(super) fn stats(plan: &Plan<'_>) -> TokenStream {
    let (runtime, services, edges) = (plan.runtime(), &plan.services, &plan.edges);
    let named = quote!(#runtime::routing::NamedLinkStats::new);
    let links = plan.router.links.iter().map(|link| {
        let (field, name) = (at_call_site(&link.name), plain(&link.name));
        quote! {
            __stats.links.push(#named(#name, self.__core.links.#field.stats()));
            ::core::iter::Extend::extend(&mut __stats.not_accepted, self.__core.links.#field.not_accepted());
        }
    });
    let inputs = plan.router.inputs.iter().map(|input| {
        let (field, name) = (at_call_site(&input.name), plain(&input.name));
        let at = input.transport.is_network().then(|| quote!(.at(self.__inputs.#field.local_address())));
        quote!(__stats.inputs.push(#named(#name, self.__inputs.#field.stats())#at);)
    });
    let queues = plan.router.queues.iter().map(|queue| {
        let field = plan.field(queue.service);
        let name = plain(&field);
        quote!(__stats.queues.push(#named(#name, self.__core.links.#field.stats(&self.__inputs.#field)));)
    });
    let tasks = plan.router.tasks.iter().map(|task| {
        let (field, service) = (plan.field(task.service), task.service);
        let name = plain(&field);
        quote! {
            let __task = self.__inputs.#field.1.stats();
            let mut __both = self.__core.links.#field.stats();
            __both += __task.messages;
            __stats.add_task(#service, __task.handler_errors);
            __stats.add_panics(#service, __task.panics, __task.restarts, __task.lost_in_panics);
            __stats.missed_ticks += __task.missed_ticks;
            __stats.queues.push(#named(#name, __both));
        }
    });
    let backs = plan.router.backs().into_iter().map(|service| {
        let (field, name) = (lanes::back_to(plan, service), plain(&plan.router.services[service].field));
        quote! {
            if let (::core::option::Option::Some(__sender), ::core::option::Option::Some(__receiver)) =
                (&self.__core.links.#field, &self.__inputs.#field)
            {
                __stats.queues.push(#named(#name, __sender.stats(__receiver)));
            }
        }
    });
    quote! {
        let mut __stats = self.__core.stats(&#services, &#edges);
        #(#links)*
        #(#inputs)*
        #(#queues)*
        #(#tasks)*
        #(#backs)*
        __stats.missed_ticks += self.__inputs.__chores.missed_ticks();
        __stats
    }
}
