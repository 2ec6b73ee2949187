//! Writes the code of a checked router.

// Names and types, then what is written with them, in the order of the expansion.
mod drivers;
mod plan;

mod ends;
mod open;
mod specs;
mod structs;

mod conditions;
mod contexts;
mod deliver;
mod drain;
mod order;

mod gather;
mod intake;
mod lanes;
mod pace;
mod poll;
mod routes;
mod tasks;

mod checks;
mod describe;
mod skeleton;

use proc_macro2::TokenStream;
use quote::quote;

use self::plan::Plan;
use super::model::Router;

pub(super) use self::skeleton::skeleton;

/// The types of the router, and in an anonymous constant all that no user names: contexts, impls, checks, and what lanes run.
pub(super) fn router(router: &Router, input: &TokenStream) -> TokenStream {
    let plan = Plan::new(router, input);
    let choices = plan.choices();
    let structs = structs::structs(&plan);
    // What only a router that can be started has.
    let turns = |write: fn(&Plan<'_>) -> TokenStream| plan.program.startable.then(|| write(&plan));
    let parts = turns(lanes::parts);
    let constructors = structs::constructors(&plan);
    let names = drain::names(&plan);
    let failures = drain::failures(&plan);
    let contexts = contexts::contexts(&plan);
    let (waiting, paces) = (drain::waiting(&plan), pace::paces(&plan));
    let drain = drain::drain(&plan);
    let routes = routes::routes(&plan);
    let poll = turns(poll::poll);
    let described = describe::routes(&plan);
    let (topology, drivers, lanes) = (lanes::topology(&plan), drivers::impls(&plan), turns(lanes::lanes));
    let (checks, replies, above) = (checks::checks(&plan), checks::replies(&plan), router.above());
    quote! {
        #structs
        #parts
        #above
        #[allow(dead_code, unused, private_interfaces, private_bounds, non_camel_case_types, clippy::all, clippy::pedantic, clippy::nursery)]
        const _: () = {
            #choices
            #topology
            #drivers
            #names
            #constructors
            #failures
            #contexts
            #waiting
            #paces
            #drain
            #routes
            #poll
            #described
            #replies
            #lanes
        };
        #checks
    }
}
