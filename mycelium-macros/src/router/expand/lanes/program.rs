//! `impl LaneProgram`: what a lane's executor calls.

use proc_macro2::TokenStream;
use quote::quote;

use super::topology::lane;
use super::{rings, senders};
use crate::names::plain;
use crate::router::expand::drivers::Of;
use crate::router::expand::plan::{Locals, Plan, at_call_site};
use crate::router::expand::{gather, intake, pace, poll, structs};
use crate::spans::respan;

pub(super) fn program(plan: &Plan<'_>) -> TokenStream {
    let (lane, router) = (lane(plan), &plan.router.name);
    let (parameter, name) = (plan.only_parameter(), structs::driven(plan, Of::Any));
    let index = plan.drivers.as_ref().map_or_else(|| quote!(0usize), |_| plan.this_lane());
    let conditions = super::spec::sendable(plan.router);
    // The compiler can't prove it for a generic type.
    let sendable = plan.drivers.as_ref().map(|_| quote!(#name: ::core::marker::Send,));
    let (take, open, hooks) = (take(plan), open(plan), hooks(plan));
    let (arrived, ends, services) = (arrived(plan), ends(plan), services(plan));
    quote! {
        impl #parameter #lane::LaneProgram for #name #conditions #sendable {
            type Router = #router;
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
    // The only lane runs all services.
    if plan.drivers.is_none() {
        return quote! {
            #[inline]
            fn take(__from: &mut #parts) -> #parts {
                ::core::mem::take(__from)
            }
        };
    }
    let held = plan.constant("__RUNS");
    let services = (0..plan.router.services.len()).map(|service| {
        let field = plan.field(service);
        let is_here = match plan.router.is_task(service) {
            true => plan.runs_task(service),
            false => quote!(#held[#service]),
        };
        quote!(if const { #is_here } { __parts.#field = __from.#field.take(); })
    });
    quote! {
        #[inline]
        fn take(__from: &mut #parts) -> #parts {
            let mut __parts: #parts = ::core::default::Default::default();
            #(#services)*
            __parts
        }
    }
}

fn open(plan: &Plan<'_>) -> TokenStream {
    let (lane, runtime, parts, assemble) = (lane(plan), plan.runtime(), &plan.topology.parts, &plan.assemble);
    let fields: Vec<_> = (0..plan.router.services.len()).map(|service| plan.field(service)).collect();
    let opened = match plan.drivers {
        None => quote!(#assemble(#(#lane::present::<Self, _>(__parts.#fields)?,)* __opening)?),
        Some(_) => {
            let tasks = plan.router.tasks.iter().map(|task| {
                let (field, ends, is_here) = (plan.field(task.service), plan.as_ends(), plan.runs_task(task.service));
                quote!(#lane::present::<Self, _>(#ends::end(const { #is_here }, &mut __parts.#field))?)
            });
            let held: Vec<_> = plan.router.without_task().map(|service| plan.field(service)).collect();
            let inputs = quote!(__inputs: __inputs,);
            let gathered = gather::ready(plan, Of::Any);
            quote! {{
                let (__core, __inputs) = #assemble::<__L>(#(#tasks,)* __opening)?;
                Self {
                    #(#held: #lane::present::<Self, _>(#lane::Owned::take(&mut __parts.#held))?,)*
                    __core: __core,
                    #inputs
                    #gathered
                }
            }}
        }
    };
    let mutable = plan.drivers.is_some().then(|| quote!(mut));
    quote! {
        #[inline]
        fn open(
            #mutable __parts: #parts,
            __opening: &mut #lane::Opening<'_, #parts>,
        ) -> ::core::result::Result<Self, #runtime::lane::StartError> {
            ::core::result::Result::Ok(#opened)
        }
    }
}

/// The sending ends of the rings that exist, as fields.
pub(in crate::router::expand) fn opened_rings(plan: &Plan<'_>) -> Vec<TokenStream> {
    if plan.drivers.is_none() {
        return Vec::new();
    }
    let (lane, table, solved, ends) = (lane(plan), &plan.topology.rings, &plan.topology.solved, plan.as_ends());
    let (from, queues) = (plan.this_lane(), plan.router.queues.len());
    let to_lanes = (0..plan.router.lanes.len()).map(|to| quote!(#solved.ring_to(#from, #to)));
    let into_queues = (0..queues).map(|queue| quote!(#solved.ring_into(#from, #queue, #queues)));
    let rings = to_lanes.chain(into_queues).zip(rings(plan));
    rings
        .map(|(ring, field)| {
            let ring = quote!(const { #lane::rank(&#table, #ring) });
            quote!(#field: #ends::ring(|| #ring.and_then(|__ring| __opening.sender(__ring))))
        })
        .collect()
}

fn arrived(plan: &Plan<'_>) -> TokenStream {
    let (lane, runtime, arrived, lent_out) =
        (lane(plan), plan.runtime(), intake::arrived(plan), plan.lent_out(Of::Any));
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

/// The methods by which the executor parks, closes and abandons the lane's ends.
fn ends(plan: &Plan<'_>) -> TokenStream {
    let (lane, runtime) = (lane(plan), plan.runtime());
    let inputs: Vec<_> = plan.router.inputs.iter().map(|input| at_call_site(&input.name)).collect();
    let senders = senders(plan);
    let tasks: Vec<_> = plan.router.tasks.iter().map(|task| plan.field(task.service)).collect();
    let links = poll::closed_ends(plan, &quote!(self.__core.links));
    let rings = rings(plan);
    let gathered = (!plan.slots.is_empty()).then(|| gather::abandon(plan));
    let queues = queues(plan);
    let (held, holds) = (pace::left(plan, &quote!(__left)), pace::holds(plan));
    let (waiting, names): (Vec<_>, Vec<_>) = queues.iter().map(|(name, left)| (left, name)).unzip();
    quote! {
        #[inline]
        fn park<'a>(&'a mut self, __parking: &mut #lane::Parking<'a>) -> ::core::primitive::bool {
            let mut __idle = true;
            #(__idle &= #lane::Waits::park(&mut self.__inputs.#inputs, __parking);)*
            #(__idle &= #lane::Waits::park(&mut self.__inputs.#tasks, __parking);)*
            #(__idle &= #waiting == 0;)*
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
                #(|| #waiting != 0)*
                #(|| #holds != 0)*
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
            #held
            #(__left.add(::std::concat!("the queue of `", #names, "`"), #waiting);)*
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

/// The name of each queue, and how many messages are in it.
fn queues(plan: &Plan<'_>) -> Vec<(String, TokenStream)> {
    let lane = lane(plan);
    let queues = plan.router.queues.iter().map(|queue| {
        let field = plan.field(queue.service);
        let (from, to) = (quote!(self.__inputs.#field), quote!(self.__core.links.#field));
        let left = match plan.drivers {
            None => quote!(#from.left(#to.queued())),
            Some(_) => quote!(#lane::left_in_queue(&#from, &#to)),
        };
        (plain(&field), left)
    });
    queues.collect()
}

/// How services are moved in and out.
fn services(plan: &Plan<'_>) -> TokenStream {
    let (parts, lane) = (&plan.topology.parts, lane(plan));
    let fields: Vec<_> = plan.router.without_task().map(|service| plan.field(service)).collect();
    let tasks: Vec<_> = plan.router.tasks.iter().map(|task| plan.field(task.service)).collect();
    quote! {
        #[inline]
        fn rebuild(&mut self, __parts: #parts) {
            #(#lane::replace(&mut self.#fields, __parts.#fields);)*
        }

        #[inline]
        fn into_parts(mut self, __into: &mut #parts) {
            #(#lane::give_back(&mut self.__inputs.#tasks, &mut __into.#tasks);)*
            #(#lane::put_back(self.#fields, &mut __into.#fields);)*
        }
    }
}

/// `startup` and `shutdown`, for a service behind a task before the task begins and after it has ended; and `begin_tasks`.
fn hooks(plan: &Plan<'_>) -> TokenStream {
    let (runtime, lane) = (plan.runtime(), lane(plan));
    let arms = |hook: &TokenStream| -> TokenStream {
        let arms = plan.router.without_task().map(|service| {
            let (field, known, span) = (plan.field(service), plan.service(service), plan.router.services[service].span);
            match plan.drivers {
                None => {
                    let call = respan(quote!(#known::#hook(&mut self.#field)), span);
                    quote!(#service => #call,)
                }
                Some(_) => {
                    let call = respan(quote!(#known::#hook(__here)), span);
                    quote! {
                        #service => match #lane::Owned::get(&mut self.#field) {
                            ::core::option::Option::Some(__here) => #call,
                            ::core::option::Option::None => ::core::result::Result::Ok(()),
                        },
                    }
                }
            }
        });
        quote!(#(#arms)*)
    };
    let (startup, shutdown) = (arms(&quote!(startup)), arms(&quote!(shutdown)));
    let tasks: Vec<_> = plan.router.tasks.iter().map(|task| plan.field(task.service)).collect();
    let lends: Vec<_> = plan.router.tasks.iter().map(|task| plan.lend(task.service)).collect();
    let numbers: Vec<_> = plan.router.tasks.iter().map(|task| task.service).collect();
    let begin_tasks = (!tasks.is_empty()).then(|| {
        quote! {
            #[inline]
            fn begin_tasks(&mut self) {
                #(#lane::begin_task(&mut self.__inputs.#tasks);)*
            }
        }
    });
    quote! {
        #[inline]
        fn startup(&mut self, __service: ::core::primitive::usize) -> ::core::result::Result<(), #runtime::routing::HookError> {
            match __service {
                #startup
                #(#numbers => #lane::start_task_up(&mut self.__inputs.#tasks, #lends),)*
                _ => ::core::result::Result::Ok(()),
            }
        }

        #begin_tasks

        #[inline]
        fn shutdown(&mut self, __service: ::core::primitive::usize) -> ::core::result::Result<(), #runtime::routing::HookError> {
            match __service {
                #shutdown
                #(#numbers => #lane::shut_task_down(&mut self.__inputs.#tasks, #lends),)*
                _ => ::core::result::Result::Ok(()),
            }
        }
    }
}
