//! What a lane does with a message that has come by a ring: its share of the message's route.

use proc_macro2::TokenStream;
use quote::quote;

use crate::router::expand::chosen::Locals;
use crate::router::expand::plan::Plan;
use crate::router::expand::{contexts, deliver, gather, poll};
use crate::router::model::{Receiver, Route, Target};

/// ```text
/// fn share_of_bar(entry: &mut Entry<'_>, message: &Bar, outside: bool) { … }
/// fn arrived(entry: &mut Entry<'_>, outside: bool, id: u16, body: Handed<'_>) { match id { Bar::ID => … } }
/// ```
pub(super) fn shares(plan: &Plan<'_>) -> TokenStream {
    let shares =
        plan.router.routes.iter().zip(&plan.shares).filter(|(route, _)| has_share(route) && !is_whole(plan, route));
    let shares = shares.map(|(route, name)| {
        let Locals { entry, message, taken: outside, .. } = &plan.locals;
        let (entry_type, tail, ty) = (&plan.contexts[0], plan.tail(0), &route.message);
        let deliveries = deliver::share(plan, route, outside);
        quote! {
            #[inline]
            fn #name(#entry: &mut #entry_type<'_>, #message: &#ty, #outside: ::core::primitive::bool) {
                let #entry_type { #tail } = #entry;
                #deliveries
            }
        }
    });
    let arrived = arrived(plan);
    quote!(#(#shares)* #arrived)
}

fn has_share(route: &Route) -> bool {
    route.here().next().is_some()
}

/// Whether the share of the route is all of it, as whoever emits the message would deliver it.
fn is_whole(plan: &Plan<'_>, route: &Route) -> bool {
    let is_queue = |receiver: &Receiver| matches!(receiver.target, Target::Queue(..));
    plan.router.part.is_none() && !route.receivers.iter().any(is_queue)
}

fn arrived(plan: &Plan<'_>) -> TokenStream {
    let (runtime, private, arrived) = (plan.runtime(), plan.private(), &plan.arrived);
    let Locals { entry, message, id, body, taken: outside, .. } = &plan.locals;
    let (entry_type, tail) = (&plan.contexts[0], plan.tail(0));
    let routes = plan.router.routes.iter().enumerate().zip(&plan.shares);
    let arms = routes.filter(|((_, route), _)| has_share(route)).map(|((index, route), share)| {
        let ty = &route.message;
        let gather = gather::gather(plan, index, route.alone_here(), &TokenStream::new());
        let deliver = match is_whole(plan, route) {
            true => {
                let emit = contexts::pass_on(plan, plan.router.first_receiver(route), route);
                quote!(let #entry_type { #tail } = #entry; #emit)
            }
            false => quote!(#share(#entry, #message, #outside);),
        };
        quote! {
            <#ty as #runtime::Message>::ID => {
                if let ::core::option::Option::Some(#message) = #private::queued::<#ty>(#body) {
                    #gather
                    #deliver
                }
            }
        }
    });
    let (drain, (parameters, _)) = (poll::drain(plan), gather::parameters(plan));
    quote! {
        #[inline]
        fn #arrived<__W: #private::Watch>(
            #entry: &mut #entry_type<'_>,
            #parameters
            #outside: ::core::primitive::bool,
            #id: ::core::primitive::u16,
            #body: #runtime::routing::Handed<'_>,
        ) {
            match #id {
                #(#arms)*
                _ => {}
            }
            #drain
        }
    }
}
