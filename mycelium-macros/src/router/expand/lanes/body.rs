//! `impl Body`: what a lane runs, as its executor sees it.

use proc_macro2::TokenStream;
use quote::quote;

use super::ends::{rings, senders};
use super::hooks::hooks;
use super::topology::{Ring, candidates, lane};
use crate::names::plain;
use crate::router::expand::chosen::Locals;
use crate::router::expand::plan::{Plan, at_call_site};
use crate::router::expand::{gather, intake, poll};

pub(super) fn body(whole: &Plan<'_>, plan: &Plan<'_>) -> TokenStream {
    let (lane, name, system) = (lane(plan), &plan.router.name, &whole.router.name);
    let index = plan.router.lane();
    let conditions = super::system::sendable(whole.router);
    let (take, open, hooks) = (take(plan), open(plan), hooks(plan));
    let (arrived, ends, services) = (arrived(plan), ends(plan), services(plan));
    quote! {
        impl #lane::Body for #name #conditions {
            type System = #system;
            const LANE: ::core::primitive::usize = #index;

            #take
            #open
            #hooks
            #arrived
            #ends
            #services
        }
    }
}

fn take(plan: &Plan<'_>) -> TokenStream {
    let parts = &plan.topology.parts;
    // All services are those of the one lane.
    if plan.router.part.is_none() {
        return quote! {
            #[inline]
            fn take(__from: &mut #parts) -> #parts {
                ::core::mem::take(__from)
            }
        };
    }
    let fields = plan.router.held(0).map(|service| plan.field(service));
    let tasks = plan.router.tasks.iter().map(|task| {
        let (field, home) = (plan.field(task.service), plan.is_home_of_task(plan.router.number(task.service)));
        quote!(if const { #home } { __parts.#field = __from.#field.take(); })
    });
    quote! {
        #[inline]
        fn take(__from: &mut #parts) -> #parts {
            let mut __parts: #parts = ::core::default::Default::default();
            #(__parts.#fields = __from.#fields.take();)*
            #(#tasks)*
            __parts
        }
    }
}

fn open(plan: &Plan<'_>) -> TokenStream {
    let (lane, runtime, parts, assemble) = (lane(plan), plan.runtime(), &plan.topology.parts, &plan.assemble);
    let services = (0..plan.router.services.len()).map(|service| {
        let field = plan.field(service);
        let present = quote!(#lane::present::<Self, _>(__parts.#field)?);
        match plan.router.is_task(service) {
            true => plan.end_if(&plan.is_home_of_task(plan.router.number(service)), &present),
            false => present,
        }
    });
    quote! {
        #[inline]
        fn open(
            __parts: #parts,
            __opening: &mut #lane::Opening<'_, #parts>,
        ) -> ::core::result::Result<Self, #runtime::lane::StartError> {
            ::core::result::Result::Ok(#assemble(#(#services,)* __opening)?)
        }
    }
}

/// The sending ends of the rings that there are, as fields.
pub(in crate::router::expand) fn opened_rings(plan: &Plan<'_>) -> Vec<TokenStream> {
    let Some(part) = &plan.router.part else { return Vec::new() };
    let (lane, table) = (lane(plan), &plan.topology.rings);
    let all = candidates(plan.whole());
    let others = part.others.iter().map(|other| Ring::Lanes(part.lane, other.lane));
    let queues = part.queues.iter().map(|queue| Ring::Queue(part.lane, queue.service));
    let wanted = others.chain(queues).zip(rings(plan));
    let wanted = wanted.filter_map(|(ring, field)| Some((all.iter().position(|other| *other == ring)?, field)));
    wanted
        .map(|(ring, field)| {
            quote!(#field: const { #lane::rank(&#table, #ring) }.and_then(|__ring| __opening.sender(__ring)))
        })
        .collect()
}

fn arrived(plan: &Plan<'_>) -> TokenStream {
    let (lane, runtime, arrived, lent_out) = (lane(plan), plan.runtime(), intake::arrived(plan), plan.lent_out());
    let Locals { id, body, .. } = &plan.locals;
    let observed = quote! {
        __origin: #runtime::routing::Origin,
        __watch: #lane::LaneWatch<'_>,
        __first: &mut ::core::option::Option<#runtime::HandlerError>,
    };
    let kept = (!plan.slots.is_empty()).then(|| {
        let rest = gather::rest(plan);
        quote! {
            #[inline]
            fn gathered(&mut self, #observed) {
                #lent_out
                #rest
            }
        }
    });
    quote! {
        #[inline]
        fn arrived(
            &mut self,
            __from: #lane::Arrival,
            #id: ::core::primitive::u16,
            #body: #runtime::routing::Handed<'_>,
            #observed
        ) {
            #lent_out
            #arrived
        }

        #kept
    }
}

/// What the executor asks of the lane's ends.
fn ends(plan: &Plan<'_>) -> TokenStream {
    let (lane, runtime) = (lane(plan), plan.runtime());
    let inputs: Vec<_> = plan.router.inputs.iter().map(|input| at_call_site(&input.name)).collect();
    let senders = senders(plan);
    let queues: Vec<_> = plan.router.queues.iter().map(|queue| plan.field(queue.service)).collect();
    let queue_names = queues.iter().map(plain);
    let tasks: Vec<_> = plan.router.tasks.iter().map(|task| plan.field(task.service)).collect();
    let links = poll::closed_ends(plan, &quote!(self.__core.links));
    let rings = rings(plan);
    let gathered = (!plan.slots.is_empty()).then(|| gather::abandon(plan));
    quote! {
        #[inline]
        fn park<'a>(&'a mut self, __parking: &mut #lane::Parking<'a>) -> ::core::primitive::bool {
            let mut __idle = true;
            #(__idle &= #lane::Waits::park(&mut self.__inputs.#inputs, __parking);)*
            #(__idle &= #lane::Waits::park(&mut self.__inputs.#tasks, __parking);)*
            #(__idle &= self.__inputs.#queues.is_empty(self.__core.links.#queues.queued());)*
            #(__idle &= #lane::Waits::park(&mut self.__core.links.#senders, __parking);)*
            __idle
        }

        #[inline]
        fn unpark(&mut self) {
            #(#lane::Waits::unpark(&mut self.__inputs.#inputs);)*
            #(#lane::Waits::unpark(&mut self.__inputs.#tasks);)*
            #(#lane::Waits::unpark(&mut self.__core.links.#senders);)*
        }

        #[inline]
        fn close_inputs(&mut self) {
            #(self.__inputs.#inputs = ::core::option::Option::None;)*
        }

        #[inline]
        fn is_pending(&self) -> ::core::primitive::bool {
            false
                #(|| !self.__inputs.#queues.is_empty(self.__core.links.#queues.queued()))*
                #(|| #lane::is_pending(&self.__core.links.#tasks, &self.__inputs.#tasks))*
        }

        #[inline]
        fn close(
            &mut self,
            __deadline: ::std::time::Instant,
            __cut: &#runtime::link::Interrupt,
            __left: &mut #lane::Left,
        ) {
            #(#lane::close_ring(&mut self.__core.links.#rings);)*
            #(#lane::end_task(&mut self.__core.links.#tasks, &mut self.__inputs.#tasks, __deadline, __left);)*
            #(__left.add(
                ::std::concat!("the queue of `", #queue_names, "`"),
                self.__inputs.#queues.left(self.__core.links.#queues.queued()),
            );)*
            #lane::close_links(&mut [#links], __deadline, ::core::option::Option::Some(__cut), __left);
        }

        #[inline]
        fn abandon(&mut self) -> ::core::primitive::u64 {
            let mut __lost = self.__core.abandon();
            #gathered
            __lost
        }
    }
}

/// How services get in and out.
fn services(plan: &Plan<'_>) -> TokenStream {
    let (parts, lane) = (&plan.topology.parts, lane(plan));
    let fields: Vec<_> = plan.router.held(0).map(|service| plan.field(service)).collect();
    let tasks: Vec<_> = plan.router.tasks.iter().map(|task| plan.field(task.service)).collect();
    quote! {
        #[inline]
        fn rebuild(&mut self, __parts: #parts) {
            #(#lane::replace(&mut self.#fields, __parts.#fields);)*
        }

        #[inline]
        fn into_parts(mut self, __into: &mut #parts) {
            #(#lane::give_back(&mut self.__inputs.#tasks, &mut __into.#tasks);)*
            #(__into.#fields = ::core::option::Option::Some(self.#fields);)*
        }
    }
}
