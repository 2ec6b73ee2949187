//! `Trading::open`: makes a router with open ends from services and a configuration.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};

use super::drivers::Of;
use super::plan::{Plan, at_call_site, local_of};
use super::specs::{input_of, link_of, queue_ends, queue_of, table};
use super::structs::services_name;
use super::{drivers, gather, intake, lanes, pace, structs, tasks};
use crate::names::plain;
use crate::router::model::{Input, Link, Router, Task};
use crate::spans::respan;

/// ```text
/// fn assemble(spread: SpreadStrategy, journal: Journal, opening: &mut Opening<'_, PartsOfTrading>) -> Result<Trading, LinkError>
/// fn assemble<L: Lane>(journal: …, opening: &mut Opening<'_, PartsOfTrading>) -> Result<(Core<…>, InputsOfTrading<L>), LinkError>
/// ```
///
/// Opens the ends and assembles the router from its services. Where the router names lanes, it makes all but the services, for one driver.
pub(super) fn assemble(plan: &Plan<'_>) -> TokenStream {
    let (router, assemble) = (plan.router, &plan.assemble);
    let (runtime, lane) = (plan.runtime(), lanes::lane(plan));
    let parts = &plan.topology.parts;
    let (parameter, assembly) = (plan.only_parameter(), assembly(plan));
    let result = match plan.drivers {
        None => router.name.to_token_stream(),
        Some(_) => {
            let (core, inputs, argument) = (plan.core(Of::Any), &plan.inputs, plan.only_argument(Of::Any));
            quote!((#core, #inputs #argument))
        }
    };
    let parameters = router.services.iter().enumerate().filter_map(|(index, service)| {
        let (local, ty) = (plan.local_of(index), &service.ty);
        match plan.drivers {
            None => Some(quote!(#local: #ty)),
            Some(_) => router.is_task(index).then(|| {
                let ends = plan.as_ends();
                quote!(#local: #ends::End<#ty>)
            }),
        }
    });
    quote! {
        fn #assemble #parameter(
            #(#parameters,)*
            __opening: &mut #lane::Opening<'_, #parts>,
        ) -> ::core::result::Result<#result, #runtime::link::LinkError> {
            let __config: &#runtime::Config = __opening.config();
            #assembly
        }
    }
}

/// The body of that function.
fn assembly(plan: &Plan<'_>) -> TokenStream {
    let (router, private, lane, edges) = (plan.router, plan.private(), lanes::lane(plan), &plan.edges);
    let ends = router.holds_ends().then(|| opened_ends(plan));
    let links = if router.holds_ends() { quote!(__links) } else { quote!(()) };
    let (services, edge_count) = (router.services.len(), router.edges().count());
    let (held, here) = match plan.drivers {
        None => (quote!([true; #services]), quote!([true; #edge_count])),
        Some(_) => (plan.constant("__RUNS"), plan.constant("__EDGES_HERE")),
    };
    let paces = pace::made(plan);
    let result = match plan.drivers {
        None => {
            let name = &router.name;
            let held: Vec<_> = router.without_task().collect();
            let (fields, locals) =
                (held.iter().map(|service| plan.field(*service)), held.iter().map(|service| plan.local_of(*service)));
            let inputs = router.holds_ends().then(|| quote!(__inputs: __inputs,));
            let gathered = gather::ready(plan, Of::Owner);
            quote!(#name { #(#fields: #locals,)* __core: __core, #inputs #gathered })
        }
        Some(_) => quote!((__core, __inputs)),
    };
    quote! {
        #ends
        let mut __core = #private::Core::with_links(#links).with_clock(__opening.clock()) #paces;
        #lane::publish(&mut __core, &#held, &#edges, &#here, __opening);
        ::core::result::Result::Ok(#result)
    }
}

/// `__inputs` and `__links`, opened.
fn opened_ends(plan: &Plan<'_>) -> TokenStream {
    let (router, links_name, inputs_name) = (plan.router, &plan.links, &plan.inputs);
    let queues = opened_queues(plan);
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..router.queues.len()).map(|queue| queue_ends(plan, queue)).unzip();
    let polled = plan.constant("__INPUTS");
    let inputs = router.inputs.iter().enumerate().map(|(index, input)| {
        let (field, input) = (at_call_site(&input.name), opened_input(plan, input));
        match plan.drivers {
            None => quote!(#field: ::core::option::Option::Some(#input)),
            Some(_) => quote! {
                #field: if const { #polled[#index] } {
                    ::core::option::Option::Some(#input)
                } else {
                    ::core::option::Option::None
                }
            },
        }
    });
    let links = router.links.iter().enumerate().map(|(index, link)| {
        let (field, opened) = (at_call_site(&link.name), opened_link(plan, index, link));
        quote!(#field: #opened)
    });
    let rings = lanes::opened_rings(plan);
    let tasks = router.tasks.iter().zip(&plan.task_routes).map(|(task, routes)| opened_task(plan, task, routes));
    let (task_senders, tasked): (Vec<_>, Vec<_>) = router.tasks.iter().map(|task| task_ends(plan, task)).unzip();
    let (back_edges, back_fields) = back_edges(plan, &quote!(__config), Of::Any);
    let back_numbers: Vec<_> = (0..back_fields.len()).map(syn::Index::from).collect();
    let due = router.is_opened().then(|| {
        let work = intake::work(plan);
        quote!(__due: __opening.due_work(#work),)
    });
    let driver = driver(plan);
    quote! {
        #queues
        #back_edges
        #(#tasks)*
        // Inputs come first: a peer that learns of this router can reach it.
        let __inputs = #inputs_name {
            #(#inputs,)*
            #(#receivers,)*
            #(#tasked,)*
            #(#back_fields: __backs.#back_numbers.1,)*
            #due
            #driver
        };
        let __links = #links_name {
            #(#links,)*
            #(#rings,)*
            #(#senders,)*
            #(#task_senders,)*
            #(#back_fields: __backs.#back_numbers.0,)*
            #driver
        };
    }
}

/// The field that names the driver.
fn driver(plan: &Plan<'_>) -> Option<TokenStream> {
    plan.drivers.as_ref().map(|_| quote!(__driver: ::core::marker::PhantomData,))
}

/// Both ends of each queue.
fn opened_queues(plan: &Plan<'_>) -> TokenStream {
    let (router, runtime) = (plan.router, plan.runtime());
    let queues = (0..router.queues.len()).map(|queue| queue_of(plan, queue));
    let names = router.queues.iter().map(|queue| plain(&plan.field(queue.service)));
    let numbers = (0..router.queues.len()).map(syn::Index::from);
    match plan.drivers {
        None => quote! {
            let __queues = (#(#queues,)*);
            #({
                let (__sender, __receiver) = &__queues.#numbers;
                __opening.queue(#names, __sender.counters());
                __opening.queue(#names, __receiver.counters());
            })*
        },
        Some(_) => {
            let owned = router.queues.iter().map(|queue| plan.as_owned(queue.service));
            quote! {
                let __queues = (#(
                    #owned::with(|| -> ::core::result::Result<_, #runtime::link::LinkError> {
                        let (__sender, __receiver) = #queues;
                        __opening.queue(#names, __sender.counters());
                        __opening.queue(#names, __receiver.counters());
                        ::core::result::Result::Ok((__sender, __receiver))
                    })?,
                )*);
            }
        }
    }
}

fn opened_input(plan: &Plan<'_>, input: &Input) -> TokenStream {
    let (name, opened) = (plain(&input.name), input_of(plan, input));
    let at = match input.transport.is_network() {
        true => quote!(__input.local_address()),
        false => quote!(::core::option::Option::None),
    };
    quote! {{
        let __input = #opened;
        __opening.input(#name, __input.counters(), #at);
        __input
    }}
}

fn opened_link(plan: &Plan<'_>, index: usize, link: &Link) -> TokenStream {
    let (name, opened) = (plain(&link.name), link_of(plan, index, link));
    let opened = quote! {
        let __link = #opened;
        __opening.link(#name, __link.counters(), __link.interrupt());
    };
    match plan.drivers {
        None => quote!({ #opened __link }),
        Some(_) => {
            let (ends, runtime, is_here) = (plan.as_ends(), plan.runtime(), plan.runs_link(index));
            quote! {
                #ends::link(const { #is_here }, || -> ::core::result::Result<_, #runtime::link::LinkError> {
                    #opened
                    ::core::result::Result::Ok(__link)
                })?
            }
        }
    }
}

/// Makes both ends of a task, which has not begun, from its service.
fn opened_task(plan: &Plan<'_>, task: &Task, routes: &Ident) -> TokenStream {
    let (lane, runtime, lend) = (lanes::lane(plan), plan.runtime(), plan.lend(task.service));
    let (field, local, number) = (plan.field(task.service), plan.local_of(task.service), task.service);
    let name = plain(&field);
    let startup = quote!(|__service| #runtime::routing::Service::startup(#lend(__service)));
    let (known, span) = (plan.service(task.service), plan.router.services[task.service].span);
    let sources = respan(quote!(#known::SOURCES.len()), span);
    let env = quote!(__opening.task_env(#sources, |__parts| __parts.#field.take(), #startup));
    let service = quote!(__service);
    let prepared = tasks::made_by(&quote!(#lane::prepare_task), plan, task, routes, &service, &env);
    let opened = quote! {
        let (__sender, __outbox, __task) = #prepared;
        let __task = #lane::Tasked::announced(#name, #number, &__sender, __outbox, __task, __opening);
    };
    match plan.drivers {
        None => quote! {
            let #local = {
                let __service = #local;
                #opened
                (__sender, __task)
            };
        },
        Some(_) => {
            let ends = plan.as_ends();
            quote! {
                let #local = #ends::task(#local, |__service| -> ::core::result::Result<_, #runtime::link::LinkError> {
                    #opened
                    ::core::result::Result::Ok((__sender, __task))
                })?;
            }
        }
    }
}

/// Both ends as fields.
fn task_ends(plan: &Plan<'_>, task: &Task) -> (TokenStream, TokenStream) {
    let (field, local) = (plan.field(task.service), plan.local_of(task.service));
    (quote!(#field: #local.0), quote!(#field: #local.1))
}

/// `open`
pub(super) fn methods(plan: &Plan<'_>) -> TokenStream {
    let (router, runtime, lane) = (plan.router, plan.runtime(), lanes::lane(plan));
    let names = router.links.iter().map(|link| plain(&link.name));
    let names = names.chain(router.inputs.iter().map(|input| plain(&input.name)));
    let fields = (0..router.services.len()).map(|service| plan.field(service));
    let tasks: Vec<_> = router.tasks.iter().map(|task| plan.field(task.service)).collect();
    let (open, new, assemble) = (open_of(router, &services_name(router)), new(plan), &plan.assemble);
    let groups = router.groups();
    let opening = quote!(&mut #lane::Opening::alone(&#runtime::Config::counting(__config, #groups)));
    let opened = match &plan.drivers {
        None => quote!(#assemble(#(__services.#fields,)* #opening)?),
        Some(drivers::Names { all, .. }) => {
            let held: Vec<_> = router.without_task().map(|service| plan.field(service)).collect();
            let gathered = gather::ready(plan, Of::Owner);
            quote! {{
                let (__core, __inputs) = #assemble::<#all>(#(#lane::Here(__services.#tasks),)* #opening)?;
                Self { #(#held: __services.#held,)* __core: __core, __inputs: __inputs, #gathered }
            }}
        }
    };
    quote! {
        #open {
            #runtime::Config::check_names(__config, &[#(#names),*])?;
            let mut __router = #opened;
            #(#lane::begin_task(&mut __router.__inputs.#tasks);)*
            ::core::result::Result::Ok(__router)
        }
        #new
    }
}

/// `new`, where nothing can fail: a router whose only ends are the queues of its back edges.
fn new(plan: &Plan<'_>) -> Option<TokenStream> {
    let router = plan.router;
    if router.has_ends() {
        return None;
    }
    let (private, links_name, inputs_name) = (plan.private(), &plan.links, &plan.inputs);
    let lane = lanes::lane(plan);
    let doc = structs::new_doc(router);
    let fields = router.services.iter().map(|service| &service.field);
    let locals: Vec<_> = router.services.iter().map(|service| local_of(&service.field)).collect();
    let types = router.services.iter().map(|service| &service.ty);
    let (back_edges, back_fields) = back_edges(plan, &quote!(__config), Of::Owner);
    let numbers: Vec<_> = (0..back_fields.len()).map(syn::Index::from).collect();
    let (work, gathered, driver, rings) =
        (intake::work(plan), gather::ready(plan, Of::Owner), driver(plan), lanes::rings(plan));
    Some(quote! {
        #[doc = #doc]
        pub fn new(#(#locals: #types),*) -> Self {
            let __config = &::core::default::Default::default();
            #back_edges
            let __links = #links_name {
                #(#rings: ::core::default::Default::default(),)*
                #(#back_fields: __backs.#numbers.0,)*
                #driver
            };
            let __due = #lane::Opening::<()>::alone(__config).due_work(#work);
            let __inputs = #inputs_name { #(#back_fields: __backs.#numbers.1,)* __due: __due, #driver };
            Self { #(#fields: #locals,)* __core: #private::Core::with_links(__links), __inputs: __inputs, #gathered }
        }
    })
}

/// The queues of the back edges, and their fields. Only queues that are used are made, and only for the owner.
fn back_edges(plan: &Plan<'_>, config: &TokenStream, of: Of) -> (Option<TokenStream>, Vec<Ident>) {
    let (private, services) = (plan.private(), &plan.program.back_edges);
    let fields = services.iter().map(|service| lanes::back_edge_to(plan, *service)).collect();
    let described = &plan.topology.described;
    let only = (of == Of::Any).then(|| {
        let owner = plan.constant("__IS_OWNER");
        quote!(#owner &&)
    });
    let queues: Vec<_> = services
        .iter()
        .map(|service| {
            let name = plain(&plan.router.services[*service].field);
            let routes = plan.router.routes.iter().filter(|route| route.direct().any(|to| to == *service));
            let messages = table(plan, routes);
            quote!(#private::back_queue(#config, const { #only #described.comes_back(#service) }, #name, #messages))
        })
        .collect();
    ((!queues.is_empty()).then(|| quote!(let __backs = (#(#queues,)*);)), fields)
}

/// The signature, with its documentation.
fn open_of(router: &Router, services: &Ident) -> TokenStream {
    let (runtime, name) = (&router.runtime, plain(&router.name));
    let doc = format!(" Opens the links, inputs and queues of a [`{name}`], and assembles it from its services.");
    quote! {
        #[doc = #doc]
        ///
        /// The owner calls `poll` in a loop, and `flush` before it does something else for long.
        ///
        /// # Errors
        /// A configuration that names an unknown link, an address that is invalid or in use; with `Config::wait_for_peers`, a peer
        /// that did not come.
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
        /// Takes the messages that have arrived.
        pub fn poll(&mut self) -> #polled { loop {} }
        /// Writes what links hold.
        pub fn flush(&mut self) -> ::core::primitive::bool { true }
        /// Writes what links hold, and closes them.
        pub fn close(&mut self, __deadline: ::core::time::Duration) -> #runtime::routing::Closed { loop {} }
    }
}
