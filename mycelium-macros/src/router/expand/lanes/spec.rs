//! `impl RouterSpec`, `start` and `start_with`: how the lanes of a router are started.

use proc_macro2::TokenStream;
use quote::quote;

use super::topology::lane;
use crate::literals;
use crate::names::plain;
use crate::router::expand::ends::on_panic;
use crate::router::expand::plan::Plan;
use crate::router::expand::structs::services_name;
use crate::router::model::Router;
use crate::router::options::lane::{Kind, LaneOptions, Wait};
use crate::spans::{own_span, respan};

/// The condition that all services are `Send`, which only matters to callers of `start`. With an unused lifetime it is no error where a
/// service is not `Send`.
pub(in crate::router::expand) fn sendable(router: &Router) -> TokenStream {
    let types = router.services.iter().map(|service| {
        let (ty, span) = (&service.ty, service.span);
        respan(quote!(for<'__any> #ty: ::core::marker::Send), span)
    });
    quote!(where #(#types,)*)
}

/// The struct of services on their way to a lane.
pub(super) fn parts(plan: &Plan<'_>) -> TokenStream {
    let (parts, above) = (&plan.topology.parts, plan.router.above());
    let fields = (0..plan.router.services.len()).map(|service| plan.field(service));
    let types = plan.router.services.iter().map(|service| &service.ty);
    quote! {
        #[doc(hidden)]
        #[derive(::core::default::Default)]
        #above
        #[allow(private_interfaces, non_camel_case_types, missing_docs, unreachable_pub, missing_debug_implementations, clippy::all, clippy::pedantic, clippy::nursery)]
        pub struct #parts { #(#fields: ::core::option::Option<#types>,)* }
    }
}

/// `impl RouterSpec`.
pub(super) fn router_spec(plan: &Plan<'_>, bodies: &[TokenStream]) -> TokenStream {
    let (lane, runtime, name) = (lane(plan), plan.runtime(), &plan.router.name);
    let (parts, rings) = (&plan.topology.parts, rings(plan));
    let (services_name, text) = (services_name(plan.router), plain(name));
    let fields: Vec<_> = (0..plan.router.services.len()).map(|service| plan.field(service)).collect();
    let lanes: Vec<TokenStream> = match plan.router.lanes.as_slice() {
        [] => vec![lane_spec(plan, "main", &LaneOptions::default())],
        lanes => lanes.iter().map(|lane| lane_spec(plan, &plain(&lane.name), &lane.options)).collect(),
    };
    let services = (0..plan.router.services.len()).map(|service| service_spec(plan, service));
    let messages = plan.router.routes.iter().map(|route| &route.message).chain(&plan.router.ignored);
    let ends = ends(plan.router);
    let inputs = plan.router.inputs.len();
    let conditions = sendable(plan.router);
    let routed = plan.router.routes.iter().enumerate().map(|(index, route)| {
        let (message, lanes) = (own_span(&route.message), receiving(plan, index));
        let header = respan(quote!(impl #lane::Routed<#message> for #name), route.span);
        quote! {
            #header {
                const LANES: &'static [::core::primitive::usize] = #lanes;
            }
        }
    });
    let ignored = plan.router.ignored.iter().map(|message| {
        quote! {
            impl #lane::Routed<#message> for #name {
                const LANES: &'static [::core::primitive::usize] = &[];
            }
        }
    });
    let groups = plan.router.groups();
    quote! {
        impl #lane::RouterSpec for #name #conditions {
            type Services = #services_name;
            type Parts = #parts;
            const NAME: &'static ::core::primitive::str = #text;
            const LANES: &'static [#lane::LaneSpec] = &[#(#lanes),*];
            const SERVICES: &'static [#lane::ServiceSpec] = &[#(#services),*];
            const RINGS: &'static [#lane::RingSpec] = #rings;
            const MESSAGES: &'static [#runtime::MessageInfo] = &[#(#runtime::MessageInfo::of::<#messages>()),*];
            const ENDS: &'static [&'static ::core::primitive::str] = &[#(#ends),*];
            const INPUTS: ::core::primitive::usize = #inputs;
            const GROUPS: ::core::primitive::usize = #groups;

            #[inline]
            fn split(__services: #services_name) -> #parts {
                #parts { #(#fields: ::core::option::Option::Some(__services.#fields),)* }
            }

            #[inline]
            fn join(__parts: #parts) -> ::core::option::Option<#services_name> {
                ::core::option::Option::Some(#services_name { #(#fields: __parts.#fields?,)* })
            }

            #[inline]
            fn launch(__launcher: &mut #lane::Launcher<Self>) {
                #(__launcher.lane::<#bodies>();)*
            }
        }

        #(#routed)*
        #(#ignored)*
    }
}

/// The rings between lanes that carry any messages.
fn rings(plan: &Plan<'_>) -> TokenStream {
    let (lane, rings) = (lane(plan), &plan.topology.rings);
    match plan.router.lanes.is_empty() {
        true => quote!(&[]),
        false => quote!(&#lane::existing::<{ #lane::count(&#rings) }>(&#rings)),
    }
}

/// The lanes that receive the messages of the route at this index.
fn receiving(plan: &Plan<'_>, index: usize) -> TokenStream {
    let (lane, solved, described) = (lane(plan), &plan.topology.solved, &plan.topology.described);
    match plan.router.lanes.is_empty() {
        true => quote!(&[0]),
        false => quote! {
            &#lane::receiving::<{ #solved.receiving(&#described, #index) }, _, _, _, _>(&#solved, &#described, #index)
        },
    }
}

fn ends(router: &Router) -> Vec<String> {
    let links = router.links.iter().map(|link| plain(&link.name));
    links.chain(router.inputs.iter().map(|input| plain(&input.name))).collect()
}

fn lane_spec(plan: &Plan<'_>, name: &str, options: &LaneOptions) -> TokenStream {
    let private = lane(plan);
    let (place, on_panic) = (place(plan, options), on_panic(plan, options.on_panic));
    let watchdog = match options.watchdog {
        None => quote!(::core::option::Option::None),
        Some(time) => {
            let time = literals::tokens(time);
            quote!(::core::option::Option::Some(#time))
        }
    };
    let (fifo, mlock) = (options.fifo.and_then(|fifo| u8::try_from(fifo).ok()), options.mlock);
    let fifo = match fifo {
        None => quote!(::core::option::Option::None),
        Some(fifo) => quote!(::core::option::Option::Some(#fifo)),
    };
    let real_time = quote!(#private::RealTime { fifo: #fifo, mlock: #mlock });
    quote! {
        #private::LaneSpec {
            name: #name,
            place: #place,
            on_panic: #on_panic,
            watchdog: #watchdog,
            real_time: #real_time,
        }
    }
}

fn place(plan: &Plan<'_>, options: &LaneOptions) -> TokenStream {
    let (private, runtime) = (lane(plan), plan.runtime());
    let wait = match options.wait {
        Wait::Spin => quote!(Spin),
        Wait::Yield => quote!(Yield),
        Wait::Park => quote!(PARK),
        Wait::ParkAfter(spin) => {
            let spin = literals::tokens(spin);
            quote!(Park { spin: #spin })
        }
    };
    let wait = quote!(#runtime::lane::Wait::#wait);
    match options.kind {
        Kind::Pinned => {
            let core = options.core.unwrap_or_default() as usize;
            quote!(#private::Place::Pinned { core: #core, wait: #wait })
        }
        Kind::Thread => quote!(#private::Place::Thread { wait: #wait }),
        Kind::Tokio => quote!(#private::Place::Tokio),
    }
}

fn service_spec(plan: &Plan<'_>, index: usize) -> TokenStream {
    let (private, solved) = (lane(plan), &plan.topology.solved);
    let lane = match plan.router.lanes.is_empty() {
        true => quote!(0),
        false => quote!(#solved.services[#index]),
    };
    let (service, task) = (&plan.router.services[index], plan.router.is_task(index));
    let (name, known) = (plain(&service.field), plan.service(index));
    let spec = quote! {
        #private::ServiceSpec {
            name: #name,
            lane: #lane,
            task: #task,
            sources: #known::SOURCES,
            timers: #known::TIMERS,
        }
    };
    respan(spec, service.span)
}

/// `start` and `start_with`
pub(super) fn start(plan: &Plan<'_>) -> TokenStream {
    let (runtime, name) = (plan.runtime(), &plan.router.name);
    let (services, text, conditions) = (services_name(plan.router), plain(name), sendable(plan.router));
    let doc = format!(" Starts the lanes of a [`{text}`], each with its services.");
    quote! {
        impl #name {
            #[doc = #doc]
            ///
            /// # Errors
            /// An end that can't be opened, a core that may not be used, a service whose `startup` failed. What was started before is
            /// stopped.
            #[inline]
            pub fn start(
                __services: #services,
                __config: &#runtime::Config,
            ) -> ::core::result::Result<#runtime::lane::Running<Self>, #runtime::lane::StartError>
            #conditions
            {
                #runtime::lane::start::<Self>(__services, __config)
            }

            /// As `start`, with a factory of the services, which makes those of a lane again when it restarts after a panic.
            ///
            /// # Errors
            /// The errors of `start`.
            #[inline]
            pub fn start_with(
                __factory: impl ::core::ops::FnMut() -> #services + ::core::marker::Send + 'static,
                __config: &#runtime::Config,
            ) -> ::core::result::Result<#runtime::lane::Running<Self>, #runtime::lane::StartError>
            #conditions
            {
                #runtime::lane::start_with::<Self>(__factory, __config)
            }
        }
    }
}
