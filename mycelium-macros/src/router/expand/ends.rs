//! The ends of links, inputs, queues and tasks that a router holds: their types and counters.

use proc_macro2::TokenStream;
use quote::quote;

use super::drivers::Of;
use super::plan::{Plan, at_call_site};
use super::{gather, lanes};
use crate::literals;
use crate::names::plain;
use crate::router::model::Link;
use crate::router::options::values::OnFull;
use crate::router::options::values::OnPanic;

/// ```text
/// struct __LinksOfTrading { desk: StreamLink, journal: QueueSender }
/// struct __InputsOfTrading { feed: Option<ShmInput>, journal: QueueReceiver }
/// ```
///
/// An input is an `Option`, since it is closed before the rest of its router.
pub(super) fn structs(plan: &Plan<'_>) -> TokenStream {
    let buffers = gather::buffers(plan);
    if !plan.router.holds_ends() {
        return buffers;
    }
    let (runtime, private, parameter) = (plan.runtime(), plan.private(), plan.only_parameter());
    let (links_name, inputs_name) = (&plan.links, &plan.inputs);
    let links = plan.router.links.iter().map(|link| {
        let (name, ty) = (at_call_site(&link.name), link_type(plan, link));
        quote!(#name: #ty)
    });
    let inputs = plan.router.inputs.iter().map(|input| {
        let (name, ty) = (at_call_site(&input.name), input.transport.input_type(runtime));
        quote!(#name: ::core::option::Option<#ty>)
    });
    let (rings, ring) = (lanes::rings(plan), ring_type(plan));
    let queues: Vec<_> = plan.router.queues.iter().map(|queue| plan.field(queue.service)).collect();
    let queue_types = |end: &TokenStream| -> Vec<TokenStream> {
        plan.router.queues.iter().map(|queue| with(plan, queue.service, end)).collect()
    };
    let (senders, receivers) =
        (queue_types(&quote!(#private::QueueSender)), queue_types(&quote!(#private::QueueReceiver)));
    let tasks: Vec<_> = plan.router.tasks.iter().map(|task| plan.field(task.service)).collect();
    let (to_tasks, task_types): (Vec<_>, Vec<_>) =
        plan.router.tasks.iter().map(|task| task_types(plan, task.service)).unzip();
    let back_edges: Vec<_> =
        plan.program.back_edges.iter().copied().map(|service| lanes::back_edge_to(plan, service)).collect();
    let due =
        plan.router.is_opened().then(|| quote!(__due: ::core::option::Option<::std::boxed::Box<#private::DueWork>>,));
    let driver = plan.drivers.is_some().then(|| quote!(__driver: ::core::marker::PhantomData<__L>,));
    let (dropped, copied, above) = (dropped(plan), copied(plan), plan.router.above());
    let allowed = quote! {
        #[derive(::core::fmt::Debug)]
        #above
        #[allow(dead_code, private_interfaces, private_bounds, non_camel_case_types, clippy::all, clippy::pedantic, clippy::nursery)]
    };
    quote! {
        #allowed
        struct #links_name #parameter {
            #(#tasks: #to_tasks,)*
            #(#links,)*
            #(#rings: #ring,)*
            #(#queues: #senders,)*
            #(#back_edges: ::core::option::Option<#private::QueueSender>,)*
            #driver
        }

        #dropped
        #copied

        #allowed
        struct #inputs_name #parameter {
            #(#tasks: #task_types,)*
            #(#inputs,)*
            #(#queues: #receivers,)*
            #(#back_edges: ::core::option::Option<#private::QueueReceiver>,)*
            #due
            #driver
        }

        #buffers
    }
}

fn link_type(plan: &Plan<'_>, link: &Link) -> TokenStream {
    let ty = link.transport.link_type(plan.runtime());
    match plan.drivers {
        None => ty,
        Some(_) => {
            let ends = plan.as_ends();
            quote!(#ends::Link<#ty>)
        }
    }
}

fn ring_type(plan: &Plan<'_>) -> TokenStream {
    let ends = plan.as_ends();
    quote!(#ends::Ring)
}

/// The type of an end that exists where the service at this index runs.
fn with(plan: &Plan<'_>, service: usize, end: &TokenStream) -> TokenStream {
    match plan.drivers {
        None => end.clone(),
        Some(_) => {
            let owned = plan.as_owned(service);
            quote!(#owned::With<#end>)
        }
    }
}

/// The types of the sender to the task of the service at this index, and of the task.
fn task_types(plan: &Plan<'_>, service: usize) -> (TokenStream, TokenStream) {
    let (runtime, lane, ty) = (plan.runtime(), lanes::lane(plan), &plan.router.services[service].ty);
    let (sender, task) = (quote!(#runtime::link::RingSender), quote!(#lane::Tasked<#ty>));
    match plan.drivers {
        None => (sender, task),
        Some(_) => {
            let ends = plan.as_ends();
            (quote!(#ends::Sender<#sender>), quote!(#ends::Task<#task>))
        }
    }
}

/// Links that are dropped together linger together. A lane closes its own links.
fn dropped(plan: &Plan<'_>) -> Option<TokenStream> {
    let (private, links_name) = (plan.private(), &plan.links);
    let (above, parameter, argument) = (plan.router.above(), plan.only_parameter(), plan.only_argument(Of::Any));
    let links = plan.router.links.iter().map(|link| at_call_site(&link.name));
    let linger = quote!(#private::linger(&mut [#(&mut self.#links as &mut dyn #private::Closes),*]););
    let linger = plan.only_if(&plan.constant("__IS_OWNER"), &linger);
    let allowed = plan.drivers.as_ref().map(|_| quote!(#[allow(private_bounds)]));
    (!plan.router.links.is_empty()).then(|| {
        quote! {
            #above
            #allowed
            impl #parameter ::core::ops::Drop for #links_name #argument {
                fn drop(&mut self) {
                    #linger
                }
            }
        }
    })
}

/// A router with lanes whose owner has no ends can be made and copied like one without lanes.
fn copied(plan: &Plan<'_>) -> Option<TokenStream> {
    let rings = lanes::rings(plan);
    let (links_name, argument, above) = (&plan.links, plan.only_argument(Of::Owner), plan.router.above());
    (plan.drivers.is_some() && !plan.router.is_opened()).then(|| {
        quote! {
            #above
            impl ::core::default::Default for #links_name #argument {
                fn default() -> Self {
                    Self {
                        #(#rings: ::core::default::Default::default(),)*
                        __driver: ::core::marker::PhantomData,
                    }
                }
            }

            #above
            impl ::core::clone::Clone for #links_name #argument {
                fn clone(&self) -> Self {
                    ::core::default::Default::default()
                }
            }
        }
    })
}

/// A policy as the runtime calls it.
pub(super) fn on_full(plan: &Plan<'_>, on_full: OnFull) -> TokenStream {
    let private = plan.private();
    let policy = match on_full {
        OnFull::Block => quote!(Block),
        OnFull::BlockFor(timeout) => {
            let timeout = literals::tokens(timeout);
            quote!(BlockFor(#timeout))
        }
        OnFull::DropNewest => quote!(DropNewest),
        OnFull::DropOldest => quote!(DropOldest),
        OnFull::Error => quote!(Error),
        OnFull::Latest { keys } => quote!(latest(#keys)),
    };
    quote!(#private::OnFull::#policy)
}

/// The runtime's policy for panics.
pub(super) fn on_panic(plan: &Plan<'_>, on_panic: OnPanic) -> TokenStream {
    let runtime = plan.runtime();
    let policy = match on_panic {
        OnPanic::Stop => quote!(Stop),
        OnPanic::Abort => quote!(Abort),
        OnPanic::Restart { max, within, backoff } => {
            let max = max.map(|max| quote!(max: #max,));
            let within = within.map(literals::tokens).map(|within| quote!(within: #within,));
            let backoff = backoff.map(literals::tokens).map(|backoff| quote!(backoff: #backoff,));
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
    // In a router with lanes, the ends of the owner are in a wrapper.
    let inner = plan.drivers.as_ref().map(|_| quote!(.0));
    let links = plan.router.links.iter().map(|link| {
        let (field, name) = (at_call_site(&link.name), plain(&link.name));
        quote! {
            __stats.links.push(#named(#name, self.__core.links.#field #inner.stats()));
            ::core::iter::Extend::extend(&mut __stats.not_accepted, self.__core.links.#field #inner.not_accepted());
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
        quote!(__stats.queues.push(#named(#name, self.__core.links.#field #inner.stats(&self.__inputs.#field #inner)));)
    });
    let tasks = plan.router.tasks.iter().map(|task| {
        let (field, service) = (plan.field(task.service), task.service);
        quote!(self.__inputs.#field #inner.add_to(&mut __stats, #service, &self.__core.links.#field #inner);)
    });
    let back_edges = plan.program.back_edges.iter().copied().map(|service| {
        let (field, name) = (lanes::back_edge_to(plan, service), plain(&plan.router.services[service].field));
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
        #(#back_edges)*
        __stats.missed_ticks += self.__inputs.__due.as_ref().map_or(0, |__due| __due.missed_ticks());
        __stats
    }
}
