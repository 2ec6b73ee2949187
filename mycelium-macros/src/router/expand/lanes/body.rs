//! `impl Body`: a lane as its executor sees it.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::driven;
use super::ends::{rings, senders};
use super::topology::{Ring, candidates, lane};
use crate::names::plain;
use crate::router::expand::plan::{Locals, Plan, at_call_site};
use crate::router::expand::{gather, open, poll, tasks};
use crate::router::model::{Input, Part, Task};

pub(super) fn body(whole: &Plan<'_>, plan: &Plan<'_>) -> TokenStream {
    let Some(part) = &plan.router.part else { return TokenStream::new() };
    let (lane, name, system) = (lane(plan), &plan.router.name, &whole.router.name);
    let index = part.lane;
    let conditions = super::system::sendable(whole.router);
    let take = take(plan);
    let open = open(whole, plan, part);
    let (driven, hooks) = (driven::driven(plan), driven::hooks(plan));
    let (poll, arrived) = (poll_method(plan), arrived(plan));
    let (ends, services) = (ends(plan), services(plan));
    quote! {
        impl #lane::Body for #name #conditions {
            type System = #system;
            const LANE: ::core::primitive::usize = #index;

            #take
            #open
            #hooks
            #poll
            #arrived
            #driven
            #ends
            #services
        }
    }
}

/// Whether the service behind the task at this index is this lane's to look after, as an expression of the compiler.
fn is_home(plan: &Plan<'_>, number: usize) -> TokenStream {
    let (solved, index) = (&plan.topology.solved, plan.router.part.as_ref().map_or(0, |part| part.lane));
    quote!(const { #solved.services[#number] == #index })
}

fn take(plan: &Plan<'_>) -> TokenStream {
    let parts = &plan.topology.parts;
    let fields = plan.router.held(0).map(|service| plan.field(service));
    let tasks = plan.router.tasks.iter().map(|task| {
        let (field, home) = (plan.field(task.service), is_home(plan, plan.router.number(task.service)));
        quote!(if #home { __parts.#field = __from.#field.take(); })
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

fn open(whole: &Plan<'_>, plan: &Plan<'_>, part: &Part) -> TokenStream {
    let (lane, runtime, private, parts) = (lane(plan), plan.runtime(), plan.private(), &plan.topology.parts);
    let (links_name, inputs_name, edges, system) = (&plan.links, &plan.inputs, &plan.edges, &whole.router.name);
    let fields: Vec<_> = plan.router.held(0).map(|service| plan.field(service)).collect();
    let numbered = (0..plan.router.services.len()).map(|service| plan.router.number(service));
    let queues: Vec<_> = plan.router.queues.iter().map(|queue| plan.field(queue.service)).collect();
    let opened_queues = (0..queues.len()).map(|queue| open::queue_of(plan, queue));
    let queue_numbers: Vec<_> = (0..queues.len()).map(syn::Index::from).collect();
    let inputs = plan.router.inputs.iter().map(|input| at_call_site(&input.name));
    let opened_inputs = plan.router.inputs.iter().map(|input| opened_input(plan, input));
    let links = plan.router.links.iter().map(|link| at_call_site(&link.name));
    let opened_links = (0..plan.router.links.len()).map(|link| opened_link(plan, part, link));
    let tasks: Vec<_> = plan.router.tasks.iter().map(|task| plan.field(task.service)).collect();
    let opened_tasks = plan.router.tasks.iter().zip(&plan.task_routes);
    let opened_tasks = opened_tasks.map(|(task, routes)| opened_task(plan, task, routes));
    let task_numbers: Vec<_> = (0..tasks.len()).map(syn::Index::from).collect();
    let (ring_fields, opened_rings) = (rings(plan), opened_rings(whole, part));
    let gathered = gather::new(plan).map(|gathered| quote!(__gathered: #gathered,));
    quote! {
        #[inline]
        fn open(
            __parts: #parts,
            __opening: &mut #lane::Opening<'_, #system>,
        ) -> ::core::result::Result<Self, #runtime::lane::StartError> {
            let __config: &#runtime::Config = &::core::clone::Clone::clone(__opening.config());
            let __queues = (#(#opened_queues,)*);
            let __tasks = (#(#opened_tasks,)*);
            // Inputs first: whoever is told that this router is there can reach it.
            let __inputs = #inputs_name {
                #(#inputs: #opened_inputs,)*
                #(#tasks: (__tasks.#task_numbers).1,)*
                #(#queues: (__queues.#queue_numbers).1,)*
                #gathered
            };
            let __links = #links_name {
                #(#links: #opened_links,)*
                #(#ring_fields: #opened_rings,)*
                #(#tasks: (__tasks.#task_numbers).0,)*
                #(#queues: (__queues.#queue_numbers).0,)*
            };
            let mut __core = #private::Core::with_links(__links).with_clock(__opening.clock()).with_cut(__opening.cut());
            #lane::publish(&mut __core, &[#(#numbered),*], &#edges, __opening);
            ::core::result::Result::Ok(Self {
                #(#fields: #lane::present::<Self, _>(__parts.#fields)?,)*
                __core: __core,
                __inputs: __inputs,
            })
        }
    }
}

fn opened_input(plan: &Plan<'_>, input: &Input) -> TokenStream {
    let (name, opened) = (plain(&input.name), open::input_of(plan, input));
    let at = match input.transport.is_network() {
        true => quote!(__input.local_address()),
        false => quote!(::core::option::Option::None),
    };
    quote! {{
        let __input = #opened;
        __opening.input(#name, __input.counters(), #at);
        ::core::option::Option::Some(__input)
    }}
}

fn opened_link(plan: &Plan<'_>, part: &Part, index: usize) -> TokenStream {
    let link = &plan.router.links[index];
    let (name, opened) = (plain(&link.name), open::link_of(plan, index, link));
    let (solved, here) = (&plan.topology.solved, part.lane);
    quote! {
        if const { #solved.links[#index] == #here } {
            let __link = #opened;
            __opening.link(#name, __link.counters(), __link.interrupt());
            ::core::option::Option::Some(__link)
        } else {
            ::core::option::Option::None
        }
    }
}

fn opened_task(plan: &Plan<'_>, task: &Task, routes: &Ident) -> TokenStream {
    let (lane, field, number) = (lane(plan), plan.field(task.service), plan.router.number(task.service));
    let (home, name) = (is_home(plan, number), plain(&field));
    let (runtime, lend) = (plan.runtime(), plan.lend(task.service));
    let startup = quote!(|__service| #runtime::routing::Service::startup(#lend(__service)));
    let surroundings = quote!(__opening.surroundings(#number, |__parts| __parts.#field.take(), #startup));
    let prepared = tasks::made_by(&quote!(#lane::prepare_task), plan, task, routes, &quote!(__service), &surroundings);
    quote! {
        if #home {
            let __service = #lane::present::<Self, _>(__parts.#field)?;
            let (__sender, __outbox, __task) = #prepared;
            let __task = #lane::Tasked::announced(#name, #number, &__sender, __outbox, __task, __opening);
            (::core::option::Option::Some(__sender), ::core::option::Option::Some(__task))
        } else {
            (::core::option::Option::None, ::core::option::Option::None)
        }
    }
}

/// The sending ends of the rings that there are, in the order of their fields.
fn opened_rings(whole: &Plan<'_>, part: &Part) -> Vec<TokenStream> {
    let (lane, table) = (lane(whole), &whole.topology.rings);
    let all = candidates(whole.router);
    let others = part.others.iter().map(|other| Ring::Lanes(part.lane, other.lane));
    let queues = part.queues.iter().map(|queue| Ring::Queue(part.lane, queue.service));
    let wanted = others.chain(queues).filter_map(|ring| all.iter().position(|other| *other == ring));
    wanted
        .map(|ring| quote!(const { #lane::rank(&#table, #ring) }.and_then(|__ring| __opening.sender(__ring))))
        .collect()
}

/// `poll`, and what it notes of each message while it is under way.
fn poll_method(plan: &Plan<'_>) -> TokenStream {
    let (lane, runtime, taken) = (lane(plan), plan.runtime(), &plan.locals.taken);
    let (before, failed) = (driven::before(plan), driven::failed(plan));
    let sweep = poll::sweep(plan);
    let lost = plan.router.has_local().then(|| quote!(#lane::publish_losses(__core);));
    quote! {
        #[inline]
        fn poll(&mut self, __turn: &mut #lane::Turn<'_>) -> ::core::result::Result<(), #runtime::lane::__private::Failure> {
            let (__letters, __goes_on) = (__turn.letters(), __turn.goes_on());
            #before
            let mut #taken = 0;
            #sweep
            __turn.took(#taken);
            #lost
            #failed
            ::core::result::Result::Ok(())
        }
    }
}

fn arrived(plan: &Plan<'_>) -> TokenStream {
    let (lane, runtime, arrived) = (lane(plan), plan.runtime(), &plan.arrived);
    let Locals { entry, id, body, .. } = &plan.locals;
    let (before, failed) = (driven::before(plan), driven::failed(plan));
    let (lent, (_, gathered)) = (gather::lent(plan), gather::parameter(plan));
    let queues = plan.router.queues.iter().zip(&plan.take_queues).map(|(queue, take)| {
        let number = plan.router.number(queue.service);
        quote!(#lane::Arrival::Queue(#number) => #take(#entry, #gathered #id, #body),)
    });
    let kept = (!plan.slots.is_empty()).then(|| {
        let rest = gather::before(plan);
        quote! {
            #[inline]
            fn gathered(
                &mut self,
                __origin: #runtime::lane::Origin,
                __letters: &#lane::Letters,
            ) -> ::core::result::Result<(), #runtime::lane::__private::Failure> {
                #before
                #lent
                #rest
                #failed
                ::core::result::Result::Ok(())
            }
        }
    });
    quote! {
        #[inline]
        fn arrived(
            &mut self,
            __from: #lane::Arrival,
            __origin: #runtime::lane::Origin,
            #id: ::core::primitive::u16,
            #body: #runtime::routing::Handed<'_>,
            __letters: &#lane::Letters,
        ) -> ::core::result::Result<(), #runtime::lane::__private::Failure> {
            #before
            #lent
            match __from {
                #(#queues)*
                __from => #arrived(#entry, #gathered __from == #lane::Arrival::Outside, #id, #body),
            }
            #failed
            ::core::result::Result::Ok(())
        }

        #kept
    }
}

/// What the executor asks of the lane's ends.
fn ends(plan: &Plan<'_>) -> TokenStream {
    let lane = lane(plan);
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
        fn flush(&mut self) {
            #(#lane::Sends::flush(&mut self.__core.links.#senders);)*
        }

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
        fn close(&mut self, __deadline: ::std::time::Instant, __left: &mut #lane::Left) {
            #(#lane::close_ring(&mut self.__core.links.#rings);)*
            #(#lane::end_task(&mut self.__core.links.#tasks, &mut self.__inputs.#tasks, __deadline, __left);)*
            #(__left.add(
                ::std::concat!("the queue of `", #queue_names, "`"),
                self.__inputs.#queues.left(self.__core.links.#queues.queued()),
            );)*
            let __cut = self.__core.cut();
            #lane::close_links(&mut [#links], __deadline, &__cut, __left);
        }

        #[inline]
        fn abandon(&mut self) -> ::core::primitive::u64 {
            let __lost = self.__core.abandon();
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
        fn into_parts(self, __into: &mut #parts) {
            #(__into.#fields = ::core::option::Option::Some(self.#fields);)*
            #(#lane::give_back(self.__inputs.#tasks, &mut __into.#tasks);)*
        }
    }
}
