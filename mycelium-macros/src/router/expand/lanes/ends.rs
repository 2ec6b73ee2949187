//! The struct of a lane: its services, and the ends that it sends and receives by.

use proc_macro2::TokenStream;
use quote::quote;

use super::to;
use crate::router::expand::gather;
use crate::router::expand::plan::{Plan, at_call_site};
use crate::router::expand::structs;

/// ```text
/// struct __Lane0OfTrading_Hot { spread: SpreadStrategy, __core: Core<…>, __inputs: __Lane0OfTrading_HotInputs }
/// struct __Lane0OfTrading_HotLinks { desk: Option<StreamLink>, __to_cold: Option<RingSender> }
/// struct __Lane0OfTrading_HotInputs { feed: Option<ShmInput> }
/// ```
pub(super) fn structs(plan: &Plan<'_>) -> TokenStream {
    let (name, core, runtime, private) = (&plan.router.name, plan.core(), plan.runtime(), plan.private());
    let (links_name, inputs_name) = (&plan.links, &plan.inputs);
    let fields = plan.router.held(0).map(|service| plan.field(service));
    let types = plan.router.held(0).map(|service| &plan.router.services[service].ty);
    let rings = rings(plan);
    let links = plan.router.links.iter().map(|link| {
        let (field, ty) = (at_call_site(&link.name), link.transport.link_type(runtime));
        quote!(#field: ::core::option::Option<#ty>)
    });
    let inputs = plan.router.inputs.iter().map(|input| {
        let (field, ty) = (at_call_site(&input.name), input.transport.input_type(runtime));
        quote!(#field: ::core::option::Option<#ty>)
    });
    let queues: Vec<_> = plan.router.queues.iter().map(|queue| plan.field(queue.service)).collect();
    let tasks: Vec<_> = plan.router.tasks.iter().map(|task| plan.field(task.service)).collect();
    let task_types = plan.router.tasks.iter().map(|task| &plan.router.services[task.service].ty);
    let local = structs::local(plan);
    let buffers = gather::buffers(plan);
    let gathered = (!plan.slots.is_empty()).then(|| {
        let buffers = &plan.gather.buffers;
        quote!(__gathered: #buffers,)
    });
    let above = plan.router.above();
    let allowed = quote!(#above #[allow(dead_code, private_interfaces, non_camel_case_types, clippy::all, clippy::pedantic, clippy::nursery)]);
    quote! {
        #allowed
        struct #name {
            #(#fields: #types,)*
            __core: #core,
            __inputs: #inputs_name,
        }
        #allowed
        struct #links_name {
            #(#links,)*
            #(#rings: ::core::option::Option<#runtime::link::RingSender>,)*
            #(#tasks: ::core::option::Option<#runtime::link::RingSender>,)*
            #(#queues: #private::QueueSender,)*
        }
        #allowed
        struct #inputs_name {
            #(#inputs,)*
            #(#tasks: ::core::option::Option<#runtime::lane::__private::Tasked<#task_types>>,)*
            #(#queues: #private::QueueReceiver,)*
            #gathered
        }
        #local
        #buffers
    }
}

/// The fields of the sending ends of rings to other lanes.
pub(super) fn rings(plan: &Plan<'_>) -> Vec<proc_macro2::Ident> {
    let Some(part) = &plan.router.part else { return Vec::new() };
    let queues = part.queues.iter().map(|queue| at_call_site(&queue.field));
    part.others.iter().map(to).chain(queues).collect()
}

/// Every field through which the lane sends to somebody who has to be told when it is idle.
pub(in crate::router::expand) fn senders(plan: &Plan<'_>) -> Vec<proc_macro2::Ident> {
    let links = plan.router.links.iter().map(|link| at_call_site(&link.name));
    let tasks = plan.router.tasks.iter().map(|task| plan.field(task.service));
    links.chain(tasks).chain(rings(plan)).collect()
}
