//! The expressions that open the ends of a router: one for each link, input and queue.

use proc_macro2::TokenStream;
use quote::quote;

use super::ends::on_full;
use super::plan::Plan;
use crate::literals;
use crate::names::plain;
use crate::router::model::{Input, Link, Route, To};
use crate::router::options::values::Batch;
use crate::router::options::values::Security;
use crate::router::options::values::Unknown;
use crate::router::transport::Transport;

/// The table of these messages, for an end.
pub(super) fn table<'a>(plan: &Plan<'_>, routes: impl Iterator<Item = &'a Route>) -> TokenStream {
    let runtime = plan.runtime();
    let messages = routes.map(|route| &route.message);
    quote!(const { &[#(#runtime::MessageInfo::of::<#messages>()),*] })
}

/// The name of the schema of these messages; none if they come from several schemas, so that only their layouts identify them.
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
/// StreamLink::with_options(&LinkSpec { … }, options, config)?
/// ```
pub(super) fn link_of(plan: &Plan<'_>, index: usize, link: &Link) -> TokenStream {
    let runtime = plan.runtime();
    let (name, ty) = (plain(&link.name), link.transport.link_type(runtime));
    let address = address(runtime, link.transport, &link.address);
    let leads_here = |route: &&Route| route.receivers.iter().any(|receiver| receiver.to == To::Link(index));
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
        #ty::with_options(
            &#runtime::link::LinkSpec {
                on_full: #on_full,
                batch: #batch,
                #security
                ..#runtime::link::LinkSpec::new(#name, #address, #schema, #messages)
            },
            #options,
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

fn options(runtime: &TokenStream, transport: Transport, slots: Option<TokenStream>) -> TokenStream {
    let all = quote!(::core::default::Default::default());
    match slots.and_then(|slots| Some((transport.options_type(runtime)?, slots))) {
        Some((ty, slots)) => quote!(#ty { #slots ..#all }),
        None => all,
    }
}

pub(super) fn batch(runtime: &TokenStream, batch: Batch) -> TokenStream {
    let batch = match batch {
        Batch::LowLatency => quote!(low_latency()),
        Batch::HighThroughput => quote!(high_throughput()),
        Batch::Of(max, None) => quote!(of(#max)),
        Batch::Of(max, Some(delay)) => {
            let delay = literals::tokens(delay);
            quote!(of(#max).with_delay(#delay))
        }
    };
    quote!(#runtime::link::Batch::#batch)
}

/// ```text
/// StreamInput::listen(&InputSpec { … }, options, config)?
/// ```
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
        #ty::listen(
            &#runtime::link::InputSpec {
                #unknown
                #security
                ..#runtime::link::InputSpec::new(#name, #address, #schema, #messages)
            },
            #options,
            __config,
        )?
    }
}

/// Both ends of the queue at `index`, as a pair.
pub(super) fn queue_of(plan: &Plan<'_>, index: usize) -> TokenStream {
    let (private, queue) = (plan.private(), &plan.router.queues[index]);
    let (name, room) = (plain(&plan.router.services[queue.service].field), queue.room);
    let messages = table(plan, plan.router.routes.iter().filter(|route| route.queued_to(queue.service).is_some()));
    quote!(#private::queue(__config, #name, #room, #messages)?)
}

/// The same as fields.
pub(super) fn queue_ends(plan: &Plan<'_>, index: usize) -> (TokenStream, TokenStream) {
    let field = plan.field(plan.router.queues[index].service);
    let index = syn::Index::from(index);
    (quote!(#field: (__queues.#index).0), quote!(#field: (__queues.#index).1))
}
