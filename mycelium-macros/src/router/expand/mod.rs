//! Writes a checked router.

mod checks;
mod contexts;
mod deliver;
mod describe;
mod drain;
mod driven;
mod ends;
mod gather;
mod lanes;
mod open;
mod plan;
mod poll;
mod refusals;
mod routes;
mod skeleton;
mod structs;
mod tasks;

use proc_macro2::TokenStream;
use quote::quote;

use self::plan::Plan;
use super::model::Router;
use super::split;

pub(super) use self::skeleton::skeleton;

/// What `start` needs: the same router on lanes, of which there is one where it says nothing of them.
pub(super) fn lanes(router: &Router, input: &TokenStream) -> TokenStream {
    lanes::lanes(&split::with_lanes(router), input)
}

/// The router's type, and in an anonymous constant all that nobody needs to name: contexts, impls, checks.
pub(super) fn router(router: &Router, input: &TokenStream) -> TokenStream {
    let plan = Plan::new(router, input);
    let choices = plan.choices();
    let structs = structs::structs(&plan);
    let constructors = structs::constructors(&plan);
    let names = drain::names(&plan);
    let failures = drain::failures(&plan);
    let contexts = contexts::contexts(&plan);
    let waiting = drain::waiting(&plan);
    let drain = drain::drain(&plan);
    let routes = routes::routes(&plan);
    let poll = poll::poll(&plan);
    let described = describe::routes(&plan);
    let topology = lanes::description(&plan);
    let (checks, replies, above) = (checks::checks(&plan), checks::replies(&plan), router.above());
    quote! {
        #structs
        #above
        #[allow(dead_code, unused, private_interfaces, private_bounds, non_camel_case_types, clippy::all, clippy::pedantic, clippy::nursery)]
        const _: () = {
            #choices
            #topology
            #names
            #constructors
            #failures
            #contexts
            #waiting
            #drain
            #routes
            #poll
            #described
            #replies
        };
        #checks
    }
}
