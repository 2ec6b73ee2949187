//! The public types and their constructors: `Trading`, `TradingServices`, `new`, `stats`.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};

use super::drivers::{self, Of};
use super::plan::{Plan, doc_name, local_of};
use super::{ends, gather, open, pace};
use crate::attributes;
use crate::names::plain;
use crate::router::model::Router;
use crate::spans::{hygienic, respan};

/// ```text
/// pub struct Trading { pub spread: SpreadStrategy, pub risk: RiskManager, __core: Core<…> }
/// pub struct TradingServices { pub spread: SpreadStrategy, pub risk: RiskManager }
/// ```
pub(super) fn structs(plan: &Plan<'_>) -> TokenStream {
    let core = plan.core(Of::Owner);
    let inputs = plan.router.is_opened().then(|| {
        let (inputs, argument) = (&plan.inputs, plan.only_argument(Of::Owner));
        quote!(__inputs: #inputs #argument,)
    });
    let gathered = plan.router.is_driven().then(|| gather::field(plan, Of::Owner));
    let definitions = definitions(plan.router, &core, &quote!(#inputs #gathered));
    let (local, ends, drivers) = (local(plan), ends::structs(plan), drivers::items(plan));
    let paces = pace::structs(plan);
    quote!(#definitions #local #paces #drivers #ends)
}

/// The struct that is driven: the router's own, or the one that the lanes of the router run.
pub(super) fn driven(plan: &Plan<'_>, of: Of) -> TokenStream {
    match (&plan.drivers, of) {
        (Some(drivers::Names { run, .. }), Of::Any) => quote!(#run<__L>),
        _ => plan.router.name.to_token_stream(),
    }
}

/// ```text
/// struct Run<L: Lane> { spread: <L::On0 as Spot>::Of<SpreadStrategy>, __core: Core<…>, __inputs: InputsOfTrading<L> }
/// ```
///
/// The struct that a lane runs.
pub(super) fn run(plan: &Plan<'_>) -> TokenStream {
    let Some(drivers::Names { run, .. }) = &plan.drivers else { return TokenStream::new() };
    let (core, inputs) = (plan.core(Of::Any), &plan.inputs);
    let (parameter, argument) = (plan.only_parameter(), plan.only_argument(Of::Any));
    let fields = plan.router.without_task().map(|service| plan.field(service));
    let types = plan.router.without_task().map(|service| plan.owned(service));
    let gathered = gather::field(plan, Of::Any);
    quote! {
        struct #run #parameter {
            #(#fields: #types,)*
            __core: #core,
            __inputs: #inputs #argument,
            #gathered
        }
    }
}

/// The two structs, which the skeleton of a router with mistakes has as well.
pub(super) fn definitions(router: &Router, core: &TokenStream, beside: &TokenStream) -> TokenStream {
    let (name, visibility, above) = (&router.name, &router.visibility, router.above());
    let attributes = router.attributes.iter().filter(|attribute| !attributes::is_copied(attribute));
    let services_name = services_name(router);
    let documented = router.attributes.iter().any(|attribute| attribute.path().is_ident("doc"));
    let doc =
        (!documented).then(|| format!(" A router of {} services, made by `routing_config!`.", router.services.len()));
    let doc = doc.map(|doc| quote!(#[doc = #doc]));
    let services_doc = format!(" The services of a [`{}`], by name.", plain(name));
    let fields: Vec<TokenStream> = router
        .services
        .iter()
        .map(|service| {
            let (docs, field, ty) = (&service.docs, &service.field, &service.ty);
            let doc =
                docs.is_empty().then(|| format!(" The service `{}`.", plain(field))).map(|doc| quote!(#[doc = #doc]));
            quote!(#doc #(#docs)* pub #field: #ty)
        })
        .collect();
    let held = router.without_task().map(|service| &fields[service]);
    quote! {
        #doc
        #(#attributes)*
        #above
        #[allow(private_interfaces)]
        #visibility struct #name {
            #(#held,)*
            __core: #core,
            #beside
        }

        #[doc = #services_doc]
        #above
        #[allow(private_interfaces)]
        #visibility struct #services_name {
            #(#fields,)*
        }
    }
}

pub(super) fn services_name(router: &Router) -> proc_macro2::Ident {
    format_ident!("{}Services", plain(&router.name), span = hygienic(router.name.span()))
}

/// The enum of messages on `local` routes.
pub(super) fn local(plan: &Plan<'_>) -> TokenStream {
    if !plan.router.has_local() {
        return TokenStream::new();
    }
    let (local, above) = (&plan.local, plan.router.above());
    let variants = plan.router.edges().enumerate().map(|(index, edge)| {
        let (variant, message) = (&plan.edge_variants[index], &edge.route.message);
        let emission = plan.skips().then(|| quote!(, ::core::primitive::u32));
        quote!(#variant(#message #emission))
    });
    quote! {
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #above
        #[allow(non_camel_case_types, clippy::all, clippy::pedantic, clippy::nursery)]
        enum #local { #(#variants),* }
    }
}

/// How a router is assembled, taken apart and asked for its counters.
pub(super) fn constructors(plan: &Plan<'_>) -> TokenStream {
    let name = &plan.router.name;
    let new = if plan.router.is_opened() { open::methods(plan) } else { new(plan) };
    let assemble = plan.program.startable.then(|| open::assemble(plan));
    let stats = stats(plan);
    let conversions = conversions(plan.router);
    let lacking = (!plan.program.startable).then(|| lacking(plan.router, &STARTING));
    quote! {
        impl #name {
            #new
            #stats
            #lacking
        }
        #assemble
        #conversions
    }
}

/// Methods that need lanes, by their names and the number of their arguments.
pub(super) type Methods = [(&'static str, usize)];
/// Those of every router.
const STARTING: [(&str, usize); 2] = [("start", 2), ("start_with", 2)];
/// Those of a router with mistakes, which may have ends.
pub(super) const DRIVING: [(&str, usize); 6] =
    [("start", 2), ("start_with", 2), ("open", 2), ("poll", 1), ("flush", 1), ("close", 2)];

/// ```text
/// pub fn start<A, B>(_: A, _: B) -> <Self as NeedsLanes>::Made where for<'a> Self: NeedsLanes { loop {} }
/// ```
///
/// Methods that the router has with lanes. Without, a call of one is an error that names the feature, and what it returns is none.
pub(super) fn lacking(router: &Router, methods: &Methods) -> TokenStream {
    let runtime = &router.runtime;
    let needed = quote!(#runtime::__private::routing::NeedsLanes);
    let methods = methods.iter().map(|(name, arguments)| {
        let (name, types) = (format_ident!("{name}"), (0..*arguments).map(|index| format_ident!("__A{index}")));
        let types: Vec<_> = types.collect();
        quote! {
            #[doc(hidden)]
            pub fn #name<#(#types),*>(#(_: #types),*) -> <Self as #needed>::Made
            where
                for<'__never> Self: #needed,
            {
                loop {}
            }
        }
    });
    respan(methods.collect(), router.name.span())
}

/// From services to router and back.
pub(super) fn conversions(router: &Router) -> TokenStream {
    let (name, services_name) = (&router.name, services_name(router));
    let fields: Vec<_> = router.services.iter().map(|service| &service.field).collect();
    // A task keeps its service.
    if !router.tasks.is_empty() {
        return TokenStream::new();
    }
    // A router with ends is opened, which may fail.
    let from_services = (!router.has_ends()).then(|| {
        quote! {
            #[automatically_derived]
            impl ::core::convert::From<#services_name> for #name {
                fn from(__services: #services_name) -> Self {
                    Self::new(#(__services.#fields),*)
                }
            }
        }
    });
    quote! {
        #from_services

        #[automatically_derived]
        impl ::core::convert::From<#name> for #services_name {
            fn from(__router: #name) -> Self {
                Self { #(#fields: __router.#fields),* }
            }
        }
    }
}

/// `Trading::new(spread, risk)`
pub(super) fn new(plan: &Plan<'_>) -> TokenStream {
    let (router, doc) = (plan.router, new_doc(plan.router));
    let has_gathered = plan.router.is_driven() && !plan.slots.is_empty();
    let gathered = has_gathered.then(|| quote!(__gathered: ::core::default::Default::default(),));
    let fields = router.services.iter().map(|service| &service.field);
    let locals: Vec<_> = router.services.iter().map(|service| local_of(&service.field)).collect();
    let types = router.services.iter().map(|service| &service.ty);
    quote! {
        #[doc = #doc]
        pub fn new(#(#locals: #types),*) -> Self {
            Self { #(#fields: #locals,)* __core: ::core::default::Default::default(), #gathered }
        }
    }
}

/// The same without a body. The type of a service may be missing.
pub(super) fn unfinished_new(router: &Router) -> TokenStream {
    let doc = new_doc(router);
    let parameters = router.services.iter().map(|service| {
        let (local, ty) = (local_of(&service.field), &service.ty);
        match service.unfinished {
            true => quote!(#local: impl ::core::marker::Sized),
            false => quote!(#local: #ty),
        }
    });
    quote! {
        #[doc = #doc]
        pub fn new(#(#parameters),*) -> Self { loop {} }
    }
}

pub(super) fn new_doc(router: &Router) -> String {
    format!(" Assembles a [`{}`] from its services, in declared order.", plain(&router.name))
}

fn stats(plan: &Plan<'_>) -> TokenStream {
    let (runtime, services, edges) = (plan.runtime(), &plan.services, &plan.edges);
    let stats = match plan.router.is_opened() {
        true => ends::stats(plan),
        false => quote!(self.__core.stats(&#services, &#edges)),
    };
    let doc = format!(" What this [`{}`] has counted since it was made.", doc_name(&plan.router.name));
    quote! {
        #[doc = #doc]
        pub fn stats(&self) -> #runtime::routing::Stats {
            #stats
        }
    }
}
