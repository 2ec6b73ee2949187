//! `Trading::open`: from services and a configuration to a router whose ends are open.

use proc_macro2::TokenStream;
use quote::quote;

use super::ends::on_full;
use super::plan::{Plan, at_call_site, local_of};
use super::structs::services_name;
use super::{driven, gather, lanes, structs, tasks};
use crate::names::plain;
use crate::router::link::Batch;
use crate::router::model::{Input, Link, Route, Router, Target};
use crate::router::security::Security;
use crate::router::transport::Transport;
use crate::router::unknown::Unknown;
use crate::times;

/// `open`
pub(super) fn methods(plan: &Plan<'_>) -> TokenStream {
    let router = plan.router;
    let (runtime, services) = (plan.runtime(), services_name(router));
    let (links_name, inputs_name) = (&plan.links, &plan.inputs);
    let names = router.links.iter().map(|link| plain(&link.name));
    let names = names.chain(router.inputs.iter().map(|input| plain(&input.name)));
    let queues: Vec<_> = (0..router.queues.len()).map(|queue| queue_of(plan, queue)).collect();
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..router.queues.len()).map(|queue| queue_ends(plan, queue)).unzip();
    let inputs = router.inputs.iter().map(|input| {
        let (field, input) = (at_call_site(&input.name), input_of(plan, input));
        quote!(#field: #input)
    });
    let links = router.links.iter().enumerate().map(|(index, link)| {
        let (field, link) = (at_call_site(&link.name), link_of(plan, index, link));
        quote!(#field: #link)
    });
    let fields: Vec<_> = router.held(0).map(|service| plan.field(service)).collect();
    let tasks = router.tasks.iter().zip(&plan.task_routes).map(|(task, routes)| {
        let (field, local) = (plan.field(task.service), plan.local_of(task.service));
        let alone = quote!(#runtime::task::Surroundings::new(__config));
        let spawn = quote!(#runtime::task::spawn_in);
        let spawned = tasks::made_by(&spawn, plan, task, routes, &quote!(__services.#field), &alone);
        quote!(let #local = #spawned;)
    });
    let task_fields: Vec<_> = router.tasks.iter().map(|task| plan.field(task.service)).collect();
    let spawned: Vec<_> = router.tasks.iter().map(|task| plan.local_of(task.service)).collect();
    let private = plan.private();
    let open = open_of(router, &services);
    let gathered = gather::new(plan).map(|gathered| quote!(__gathered: #gathered,));
    let chores = driven::chores(plan, &quote!(#runtime::Config::clock_source(__config)));
    let ((backs, back_fields), new) = (backs(plan, &quote!(__config)), new(plan));
    let back_numbers: Vec<_> = (0..back_fields.len()).map(syn::Index::from).collect();
    quote! {
        #open {
            #runtime::Config::check_names(__config, &[#(#names),*])?;
            let __queues = (#(#queues,)*);
            #backs
            #(#tasks)*
            // Inputs first: whoever is told that this router is there can reach it.
            let __inputs = #inputs_name { #(#inputs,)* #(#receivers,)* #(#task_fields: (#spawned.1, #spawned.2),)* #(#back_fields: __backs.#back_numbers.1,)* #gathered __chores: #chores };
            let __links = #links_name { #(#links,)* #(#senders,)* #(#task_fields: #spawned.0,)* #(#back_fields: __backs.#back_numbers.0,)* };
            ::core::result::Result::Ok(Self {
                #(#fields: __services.#fields,)*
                __core: #private::Core::with_links(__links).with_clock(::core::clone::Clone::clone(#runtime::Config::clock_source(__config))),
                __inputs: __inputs,
            })
        }
        #new
    }
}

/// `new`, where nothing can fail: a router whose only ends are the queues that lead back to services of other lanes.
fn new(plan: &Plan<'_>) -> Option<TokenStream> {
    let router = plan.router;
    if router.has_ends() {
        return None;
    }
    let (private, links_name, inputs_name) = (plan.private(), &plan.links, &plan.inputs);
    let doc = structs::new_doc(router);
    let fields = router.services.iter().map(|service| &service.field);
    let locals: Vec<_> = router.services.iter().map(|service| local_of(&service.field)).collect();
    let types = router.services.iter().map(|service| &service.ty);
    let (backs, back_fields) = backs(plan, &quote!(&::core::default::Default::default()));
    let numbers: Vec<_> = (0..back_fields.len()).map(syn::Index::from).collect();
    let chores = driven::chores(plan, &quote!(&::core::default::Default::default()));
    let gathered = gather::new(plan).map(|gathered| quote!(__gathered: #gathered,));
    Some(quote! {
        #[doc = #doc]
        pub fn new(#(#locals: #types),*) -> Self {
            #backs
            let __links = #links_name { #(#back_fields: __backs.#numbers.0,)* };
            let __inputs = #inputs_name { #(#back_fields: __backs.#numbers.1,)* #gathered __chores: #chores };
            Self { #(#fields: #locals,)* __core: #private::Core::with_links(__links), __inputs: __inputs }
        }
    })
}

/// The queues that lead back to earlier services, of which those are made that something goes through; and their fields.
fn backs(plan: &Plan<'_>, config: &TokenStream) -> (Option<TokenStream>, Vec<proc_macro2::Ident>) {
    let (private, services) = (plan.private(), plan.router.backs());
    let fields = services.iter().map(|service| lanes::back_to(plan, *service)).collect();
    let described = &plan.topology.described;
    let queues: Vec<_> = services
        .iter()
        .map(|service| {
            let name = plain(&plan.router.services[*service].field);
            let routes = plan.router.routes.iter().filter(|route| route.direct().any(|to| to == *service));
            let messages = table(plan, routes);
            quote!(#private::back_queue(#config, const { #described.comes_back(#service) }, #name, #messages))
        })
        .collect();
    ((!queues.is_empty()).then(|| quote!(let __backs = (#(#queues,)*);)), fields)
}

/// The signature, with its documentation.
fn open_of(router: &Router, services: &proc_macro2::Ident) -> TokenStream {
    let (runtime, name) = (&router.runtime, plain(&router.name));
    let doc = format!(" Opens the links, inputs and queues of a [`{name}`], and puts it together from its services.");
    quote! {
        #[doc = #doc]
        ///
        /// Whoever owns it calls `poll` again and again, and `flush` before it does something else for long.
        ///
        /// # Errors
        /// A configuration that names an unknown link, an address that is none or is in use; if told to wait for peers,
        /// one that did not come.
        pub fn open(
            __services: #services,
            __config: &#runtime::Config,
        ) -> ::core::result::Result<Self, #runtime::link::LinkError>
    }
}

/// The same without its body.
pub(super) fn skeleton(router: &Router) -> TokenStream {
    let open = open_of(router, &services_name(router));
    let (runtime, propagates) = (&router.runtime, router.propagates());
    let polled = if propagates {
        quote!(::core::result::Result<::core::primitive::usize, #runtime::HandlerError>)
    } else {
        quote!(::core::primitive::usize)
    };
    quote! {
        #open { loop {} }
        /// Takes what has arrived.
        pub fn poll(&mut self) -> #polled { loop {} }
        /// Writes what links hold.
        pub fn flush(&mut self) -> ::core::primitive::bool { true }
        /// Writes what links hold, and ends them.
        pub fn close(&mut self, __deadline: ::core::time::Duration) -> #runtime::routing::Closed { loop {} }
    }
}

/// What is known of messages, as the ends are told.
fn table<'a>(plan: &Plan<'_>, routes: impl Iterator<Item = &'a Route>) -> TokenStream {
    let runtime = plan.runtime();
    let messages = routes.map(|route| &route.message);
    quote!(const { &[#(#runtime::MessageInfo::of::<#messages>()),*] })
}

/// The name of the schema that all of these messages have; none if they come from several, each of which is then told by its own
/// layouts alone.
fn schema<'a>(plan: &Plan<'_>, routes: impl Iterator<Item = &'a Route>) -> TokenStream {
    let (runtime, private) = (plan.runtime(), plan.private());
    let messages = routes.map(|route| &route.message);
    quote!(const { #private::common_schema(&[#(<#messages as #runtime::Message>::SCHEMA),*]) })
}

fn address(runtime: &TokenStream, transport: Transport, text: &syn::LitStr) -> TokenStream {
    let kind = transport.name();
    quote!(#runtime::link::Address::new(#kind, #text))
}

/// ```text
/// StreamLink::open(LinkSpec { … }, config)?
/// ```
pub(super) fn link_of(plan: &Plan<'_>, index: usize, link: &Link) -> TokenStream {
    let runtime = plan.runtime();
    let (name, ty) = (plain(&link.name), link.transport.link_type(runtime));
    let address = address(runtime, link.transport, &link.address);
    let leads_here = |route: &&Route| {
        route.receivers.iter().any(|receiver| matches!(receiver.target, Target::Link(link) if link == index))
    };
    let messages = table(plan, plan.router.routes.iter().filter(leads_here));
    let schema = schema(plan, plan.router.routes.iter().filter(leads_here));
    let on_full = on_full(plan, link.on_full);
    let batch = batch(runtime, link.batch);
    let security = security(&link.security);
    let slots = link.slots.map(|slots| {
        let slots = slots as usize;
        quote!(slots: #slots,)
    });
    let options = options(runtime, link.transport, slots);
    quote! {
        #ty::open(
            #runtime::link::LinkSpec {
                on_full: #on_full,
                batch: #batch,
                #security
                ..#runtime::link::LinkSpec::new(#name, #address, #schema, #messages)
            },
            #options
            __config,
        )?
    }
}

fn security(security: &Security) -> TokenStream {
    let insecure = security.insecure;
    let tls = security.tls.then(|| quote!(tls: true,));
    let name = security.server_name.as_ref();
    let name = name.map(|name| quote!(server_name: ::core::option::Option::Some(#name),));
    quote!(insecure: #insecure, #tls #name)
}

fn options(runtime: &TokenStream, transport: Transport, slots: Option<TokenStream>) -> Option<TokenStream> {
    let (ty, all) = (transport.options_type(runtime)?, quote!(..::core::default::Default::default()));
    Some(quote!(#ty { #slots #all },))
}

pub(super) fn batch(runtime: &TokenStream, batch: Batch) -> TokenStream {
    let batch = match batch {
        Batch::LowLatency => quote!(low_latency()),
        Batch::HighThroughput => quote!(high_throughput()),
        Batch::Of(max, None) => quote!(of(#max)),
        Batch::Of(max, Some(delay)) => {
            let delay = times::tokens(delay);
            quote!(of(#max).with_delay(#delay))
        }
    };
    quote!(#runtime::link::Batch::#batch)
}

pub(super) fn input_of(plan: &Plan<'_>, input: &Input) -> TokenStream {
    let runtime = plan.runtime();
    let (name, ty) = (plain(&input.name), input.transport.input_type(runtime));
    let address = address(runtime, input.transport, &input.address);
    let messages = table(plan, input.routes.iter().map(|route| &plan.router.routes[*route]));
    let schema = schema(plan, input.routes.iter().map(|route| &plan.router.routes[*route]));
    let unknown = input.unknown.as_ref().map(|unknown| match unknown {
        Unknown::Refuse => quote!(unknown: #runtime::link::Unknown::Refuse,),
        Unknown::Hook(function) => quote!(unknown: #runtime::link::Unknown::Hook(#function),),
    });
    let security = security(&input.security);
    let options = options(runtime, input.transport, None);
    quote! {
        #ty::open(
            #runtime::link::InputSpec {
                #unknown
                #security
                ..#runtime::link::InputSpec::new(#name, #address, #schema, #messages)
            },
            #options
            __config,
        )?
    }
}

pub(super) fn queue_of(plan: &Plan<'_>, index: usize) -> TokenStream {
    let (private, queue) = (plan.private(), &plan.router.queues[index]);
    let (name, room) = (plain(&plan.router.services[queue.service].field), queue.room);
    let messages = table(plan, plan.router.routes.iter().filter(|route| route.queued_to(queue.service).is_some()));
    quote!(#private::queue(__config, #name, #room, #messages)?)
}

/// Both ends as fields.
fn queue_ends(plan: &Plan<'_>, index: usize) -> (TokenStream, TokenStream) {
    let field = plan.field(plan.router.queues[index].service);
    let index = syn::Index::from(index);
    (quote!(#field: (__queues.#index).0), quote!(#field: (__queues.#index).1))
}
