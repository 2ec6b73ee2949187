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
/// struct __InputsOfTrading { feed: Option<ShmInput>, journal: QueueReceiver }
/// ```
///
/// An input is closed while the rest of its router goes on.
pub(super) fn structs(plan: &Plan<'_>) -> TokenStream {
    let buffers = gather::buffers(plan);
    if !plan.router.holds_ends() {
        return buffers;
    }
    let (runtime, private, lane) = (plan.runtime(), plan.private(), lanes::lane(plan));
    let (links_name, inputs_name) = (&plan.links, &plan.inputs);
    let links = plan.router.links.iter().map(|link| {
        let (name, ty) = (at_call_site(&link.name), plan.end_type(&link.transport.link_type(runtime)));
        quote!(#name: #ty)
    });
    let inputs = plan.router.inputs.iter().map(|input| {
        let (name, ty) = (at_call_site(&input.name), input.transport.input_type(runtime));
        quote!(#name: ::core::option::Option<#ty>)
    });
    let rings = lanes::rings(plan);
    let queues: Vec<_> = plan.router.queues.iter().map(|queue| plan.field(queue.service)).collect();
    let (tasks, task_types): (Vec<_>, Vec<_>) = plan
        .router
        .tasks
        .iter()
        .map(|task| {
            let ty = &plan.router.services[task.service].ty;
            (plan.field(task.service), plan.end_type(&quote!(#lane::Tasked<#ty>)))
        })
        .unzip();
    let to_task = plan.end_type(&quote!(#runtime::link::RingSender));
    let backs: Vec<_> = plan.router.backs().into_iter().map(|service| lanes::back_to(plan, service)).collect();
    let due =
        plan.router.is_opened().then(|| quote!(__due: ::core::option::Option<::std::boxed::Box<#private::DueWork>>,));
    let (dropped, above) = (dropped(plan), plan.router.above());
    let allowed = quote! {
        #[derive(::core::fmt::Debug)]
        #above
        #[allow(dead_code, private_interfaces, non_camel_case_types, clippy::all, clippy::pedantic, clippy::nursery)]
    };
    quote! {
        #allowed
        struct #links_name {
            #(#tasks: #to_task,)*
            #(#links,)*
            #(#rings: ::core::option::Option<#runtime::link::RingSender>,)*
            #(#queues: #private::QueueSender,)*
            #(#backs: ::core::option::Option<#private::QueueSender>,)*
        }

        #dropped

        #allowed
        struct #inputs_name {
            #(#tasks: #task_types,)*
            #(#inputs,)*
            #(#queues: #private::QueueReceiver,)*
            #(#backs: ::core::option::Option<#private::QueueReceiver>,)*
            #due
        }

        #buffers
    }
}

/// Links that are dropped together linger together.
fn dropped(plan: &Plan<'_>) -> Option<TokenStream> {
    let (private, links_name) = (plan.private(), &plan.links);
    let above = plan.router.above();
    let links = plan.router.links.iter().map(|link| at_call_site(&link.name));
    // Those of a part of a router are closed by its lane.
    (plan.router.part.is_none() && !plan.router.links.is_empty()).then(|| {
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
        let at = input.transport.is_network().then(|| quote!(.at(__input.local_address())));
        quote! {
            if let ::core::option::Option::Some(__input) = &self.__inputs.#field {
                __stats.inputs.push(#named(#name, __input.stats())#at);
            }
        }
    });
    let queues = plan.router.queues.iter().map(|queue| {
        let field = plan.field(queue.service);
        let name = plain(&field);
        quote!(__stats.queues.push(#named(#name, self.__core.links.#field.stats(&self.__inputs.#field)));)
    });
    let tasks = plan.router.tasks.iter().map(|task| {
        let (field, service) = (plan.field(task.service), task.service);
        quote!(self.__inputs.#field.add_to(&mut __stats, #service, &self.__core.links.#field);)
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
        __stats.missed_ticks += self.__inputs.__due.as_ref().map_or(0, |__due| __due.missed_ticks());
        __stats
    }
}
