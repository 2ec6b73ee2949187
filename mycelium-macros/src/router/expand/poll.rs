//! What a turn does with a router or a part of it, and the methods of an opened router: `poll`, `flush` and `close`.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::drivers::Of;
use super::plan::{Locals, Plan, at_call_site};
use super::{gather, intake, lanes, pace, structs, tasks};
use crate::names::plain;

/// The impls of `Program`, and the methods of the owner.
pub(super) fn poll(plan: &Plan<'_>) -> TokenStream {
    let (deliveries, swept) = (deliveries(plan), swept(plan));
    let own = (plan.router.is_driven() && plan.drivers.is_some()).then(|| program(plan, Of::Owner));
    let program = program(plan, Of::Any);
    let methods = plan.router.is_opened().then(|| methods(plan));
    quote!(#deliveries #swept #own #program #methods)
}

/// ```text
/// fn sweep<L: Lane, W: Watch>(cx: &mut Context<'_, '_, Entry, L>, inputs: &mut InputsOfTrading<L>, …) -> usize { … }
/// ```
///
/// The function that takes all that has arrived, in a router with lanes.
fn swept(plan: &Plan<'_>) -> Option<TokenStream> {
    let (private, name, (parameter, argument)) =
        (plan.private(), &plan.sweep, (plan.parameter(), plan.only_argument(Of::Any)));
    let (cx, entry, inputs, buffers) = (&plan.locals.cx, plan.order.context_at(0), &plan.inputs, &plan.gather.buffers);
    let (body, gathered) = (sweep(plan), &plan.gather.gathered);
    let gathered = (!plan.slots.is_empty()).then(|| quote!(#gathered: &mut #private::Kept<#buffers #argument>,));
    plan.drivers.as_ref().map(|_| {
        quote! {
            #[inline]
            fn #name<#parameter __W: #private::Watch>(
                #cx: &mut #entry,
                __inputs: &mut #inputs #argument,
                #gathered
                __watch: __W,
            ) -> ::core::primitive::usize {
                #body
            }
        }
    })
}

/// ```text
/// impl Program for Trading { fn sweep(…) … fn drive(…) … fn flush(…) … }
/// ```
fn program(plan: &Plan<'_>, of: Of) -> TokenStream {
    let (runtime, private, name, lane) = (plan.runtime(), plan.private(), structs::driven(plan, of), lanes::lane(plan));
    let parameter = plan.only_parameter().filter(|_| of == Of::Any);
    let (propagates, lent_out, drive, cx) =
        (plan.program.errors.propagates, plan.lent_out(of), &plan.drive, &plan.locals.cx);
    let senders = lanes::senders(plan);
    let first = quote!(__first: &mut ::core::option::Option<#runtime::HandlerError>);
    let released = pace::methods(plan, of);
    let swept = match plan.drivers {
        None => sweep(plan),
        Some(_) => {
            let (sweep, gathered) = (&plan.sweep, &plan.gather.gathered);
            let gathered = (!plan.slots.is_empty()).then(|| quote!(#gathered,));
            quote!(#sweep(#cx, __inputs, #gathered __watch))
        }
    };
    quote! {
        impl #parameter #private::Program for #name {
            const PROPAGATES: ::core::primitive::bool = #propagates;

            #[inline]
            fn sweep<__W: #private::Watch>(&mut self, __watch: __W, #first) -> ::core::primitive::usize {
                #lent_out
                #swept
            }

            #[inline]
            fn drive<__W: #private::Watch>(
                &mut self,
                __service: ::core::primitive::usize,
                __due: #runtime::routing::Due,
                __watch: __W,
                #first,
            ) -> #runtime::routing::SourceState {
                #lent_out
                #drive(#cx, __watch, __service, __due)
            }

            #[inline]
            fn flush(&mut self) -> ::core::primitive::bool {
                let mut __holds = false;
                #(__holds |= #lane::Sends::flush(&mut self.__core.links.#senders);)*
                !__holds
            }

            #released
        }
    }
}

fn methods(plan: &Plan<'_>) -> TokenStream {
    let (name, private) = (&plan.router.name, plan.private());
    let (poll, close) = (poll_method(plan), close_method(plan));
    quote! {
        impl #private::Opened for #name {
            #[inline(always)]
            fn due_work(&mut self) -> &mut ::core::option::Option<::std::boxed::Box<#private::DueWork>> {
                &mut self.__inputs.__due
            }
        }

        impl #name {
            #poll

            /// Writes what links hold, as far as their peers take it. Returns whether nothing is left.
            pub fn flush(&mut self) -> ::core::primitive::bool {
                #private::Program::flush(self)
            }

            #close
        }
    }
}

/// The functions that a turn calls.
fn deliveries(plan: &Plan<'_>) -> TokenStream {
    let (gather, drive, tasks, intakes) =
        (gather::functions(plan), intake::drive(plan), tasks::tasks(plan), intake::intakes(plan));
    let release = pace::release(plan);
    quote!(#gather #drive #release #tasks #intakes)
}

/// Takes what has arrived, path by path, and does what is due on links. The value is the number of messages.
fn sweep(plan: &Plan<'_>) -> TokenStream {
    let Locals { cx, taken, queued, id, body, .. } = &plan.locals;
    let (lane, private, rest, goes_on) = (lanes::lane(plan), plan.private(), gather::rest(plan), goes_on(plan));
    let polled = plan.constant("__INPUTS");
    let inputs = plan.router.inputs.iter().zip(&plan.take_inputs).enumerate().map(|(index, (input, take))| {
        // What conditions turn away is counted at the input, once a turn.
        let filters = input.filters();
        let (count, counted, argument) = match filters {
            false => (None, None, None),
            true => (
                Some(quote!(let mut __filtered: ::core::primitive::u64 = 0;)),
                Some(quote!(#private::count_filtered(__input.counters(), __filtered);)),
                Some(quote!(&mut __filtered,)),
            ),
        };
        let (field, (from, take)) = (at_call_site(&input.name), watched(plan, &input.name, "Input", take, argument));
        let taken = quote! {
            #from
            if let ::core::option::Option::Some(__input) = &mut __inputs.#field {
                #count
                #taken += __input.poll_while(#goes_on, |#id, _, #body| #take);
                #counted
            }
            #rest
        };
        plan.only_if(&quote!(#polled[#index]), &taken)
    });
    let ends: Vec<_> = plan.router.queues.iter().map(|queue| plan.field(queue.service)).collect();
    let held = plan.constant("__RUNS");
    let queues = plan.router.queues.iter().zip(&plan.take_queues).enumerate().map(|(index, (queue, take))| {
        let (field, service) = (&ends[index], queue.service);
        let (from, take) = watched(plan, field, "Queue", take, None);
        let poll = quote!(poll_while(#goes_on, #queued[#index], |#id, #body| #take));
        let poll = match plan.drivers {
            None => quote!(#taken += __inputs.#field.#poll;),
            Some(_) => quote! {
                if let ::core::option::Option::Some(__queue) = #lane::Held::here(&mut __inputs.#field) {
                    #taken += __queue.#poll;
                }
            },
        };
        plan.only_if(&quote!(#held[#service]), &quote!(#from #poll #rest))
    });
    let ends_queued = ends.iter().map(|field| match plan.drivers {
        None => quote!(#cx.__core.links.#field.queued()),
        Some(_) => quote!(#lane::Held::seen(&#cx.__core.links.#field).map_or(0, |__queue| __queue.queued())),
    });
    let queued = (!ends.is_empty()).then(|| quote!(let #queued = [#(#ends_queued),*];));
    let tasks = plan.router.tasks.iter().zip(&plan.take_tasks).map(|(task, take)| {
        let field = plan.field(task.service);
        let (from, take) = watched(plan, &field, "Task", take, None);
        quote! {
            #from
            if let ::core::option::Option::Some(__task) = #lane::Held::here(&mut __inputs.#field) {
                #taken += __task.outbox.poll_while(#goes_on, 1024, |#id, #body| #take);
            }
            #rest
        }
    });
    let (links, from_back_edges) = (lanes::senders(plan), from_back_edges(plan));
    let counts = plan.router.has_local() || !plan.program.paces.is_empty();
    let lost = counts.then(|| quote!(#lane::publish_losses(&mut *#cx.__core);));
    quote! {
        let mut #taken = 0;
        #(#inputs)*
        #queued
        #(#queues)*
        #(#tasks)*
        #from_back_edges
        #(#lane::Sends::poll(&mut #cx.__core.links.#links);)*
        #lost
        #taken
    }
}

/// Takes the messages of back edges, where one thread drives a router with lanes.
fn from_back_edges(plan: &Plan<'_>) -> Option<TokenStream> {
    let Locals { cx, taken, id, body, .. } = &plan.locals;
    let (rest, goes_on, back_edges) = (gather::rest(plan), goes_on(plan), &plan.program.back_edges);
    let fields: Vec<_> = back_edges.iter().map(|service| lanes::back_edge_to(plan, *service)).collect();
    let from_back_edges = back_edges.iter().zip(&fields).enumerate().map(|(index, (service, field))| {
        let (from, take) = watched(plan, &plan.field(*service), "Queue", &intake::take_back(plan, *service), None);
        quote! {
            #from
            if let ::core::option::Option::Some(__queue) = &mut __inputs.#field {
                #taken += __queue.poll_while(#goes_on, __sent[#index], |#id, #body| #take);
            }
            #rest
        }
    });
    let from_back_edges = quote! {
        let __sent = [#(#cx.__core.links.#fields.as_ref().map_or(0, |__queue| __queue.queued())),*];
        #(#from_back_edges)*
    };
    (!back_edges.is_empty()).then(|| plan.only_if(&plan.constant("__IS_OWNER"), &from_back_edges))
}

/// Whether another message of a path may be taken. With `on_error: propagate`, none is taken after an error that ends the turn.
fn goes_on(plan: &Plan<'_>) -> TokenStream {
    let stopped = &plan.locals.stopped;
    let still = plan.program.errors.propagates.then(|| quote!(&& !#stopped.get()));
    quote!(|| __watch.goes_on() #still)
}

/// What precedes a loop over the messages of this input, queue or task; and the call that takes one message, which is noted while it is in
/// flight so that its loss is known.
fn watched(
    plan: &Plan<'_>,
    name: &Ident,
    kind: &str,
    take: &Ident,
    further: Option<TokenStream>,
) -> (TokenStream, TokenStream) {
    let Locals { cx, stopped, id, body, .. } = &plan.locals;
    let (runtime, (_, arguments)) = (plan.runtime(), gather::parameters(plan));
    let (kind, name) = (quote::format_ident!("{kind}"), plain(name));
    let (failed, stops) = (gather::failed(plan, &quote!(#cx.__first)), gather::stops(plan));
    // The loop asks whether to continue while the entry is borrowed, so it learns of an error through a cell.
    let (before, after) = match plan.program.errors.propagates {
        false => (None, None),
        true => (Some(quote!(let #stopped = ::core::cell::Cell::new(#stops);)), Some(quote!(#stopped.set(#stops);))),
    };
    let take = quote! {{
        let __in_flight = __watch.begin(__origin, #id, ::core::convert::Into::into(#body), 1);
        let __taken = #take(#cx, #arguments #further #id, #body);
        __watch.complete(__in_flight, #failed);
        #after
        __taken
    }};
    (quote!(let __origin = #runtime::routing::Origin::#kind(#name); #before), take)
}

fn poll_method(plan: &Plan<'_>) -> TokenStream {
    let (runtime, private) = (plan.runtime(), plan.private());
    let usize = quote!(::core::primitive::usize);
    let propagates = plan.program.errors.propagates;
    let (output, result) = match propagates {
        false => (usize, quote!(__done)),
        true => (
            quote!(::core::result::Result<#usize, #runtime::HandlerError>),
            quote!(__first.map_or(::core::result::Result::Ok(__done), ::core::result::Result::Err)),
        ),
    };
    let errors = propagates.then(|| {
        quote! {
            ///
            /// # Errors
            /// The first error of a handler. The rest of what has arrived is still taken.
        }
    });
    quote! {
        /// Takes what has arrived on inputs and queues, once, does what is due on links, calls the timers that are due and polls the
        /// sources. Returns the number of messages and calls; if there were none, it flushes too.
        #errors
        pub fn poll(&mut self) -> #output {
            let mut __first = ::core::option::Option::None;
            let __done = #private::poll(self, &mut __first);
            #result
        }
    }
}

/// `close`
fn close_method(plan: &Plan<'_>) -> TokenStream {
    let (runtime, private) = (plan.runtime(), plan.private());
    let ends = closed_ends(plan, &quote!(self.__core.links));
    let queues: Vec<_> = plan.router.queues.iter().map(|queue| plan.field(queue.service)).collect();
    let queue_names = queues.iter().map(plain);
    let back_edges: Vec<_> =
        plan.program.back_edges.iter().copied().map(|service| lanes::back_edge_to(plan, service)).collect();
    let tasks: Vec<_> = plan.router.tasks.iter().map(|task| plan.field(task.service)).collect();
    let inner = plan.drivers.as_ref().map(|_| quote!(.0));
    let held = pace::left(plan, &quote!(__closed.left));
    let back_names = plan.program.back_edges.iter().copied().map(|service| plain(&plan.router.services[service].field));
    quote! {
        /// Lets links write what they hold for at most `deadline` from now, and closes them: later messages are refused. Returns what is
        /// left: at links, where it is lost, in queues that `poll` has not emptied, and at tasks, which continue. Counters can still be
        /// read.
        pub fn close(&mut self, __deadline: ::core::time::Duration) -> #runtime::routing::Closed {
            let mut __closed: #runtime::routing::Closed = ::core::default::Default::default();
            #private::close_within(&mut [#ends], __deadline, &mut __closed.left);
            #(__closed.left.add(
                ::core::concat!("the queue of `", #queue_names, "`"),
                self.__inputs.#queues #inner.left(self.__core.links.#queues #inner.queued()),
            );)*
            #held
            #(self.__inputs.#tasks #inner.leave(&mut self.__core.links.#tasks #inner, &mut __closed.left);)*
            #(if let (::core::option::Option::Some(__from), ::core::option::Option::Some(__to)) =
                (&self.__inputs.#back_edges, &self.__core.links.#back_edges)
            {
                __closed.left.add(::core::concat!("the queue of `", #back_names, "`"), __from.left(__to.queued()));
            })*
            __closed
        }
    }
}

/// ```text
/// ("link `desk`", &mut links.desk as &mut dyn Closes),
/// ```
pub(super) fn closed_ends(plan: &Plan<'_>, links: &TokenStream) -> TokenStream {
    let private = plan.private();
    let ends = plan.router.links.iter().map(|link| {
        let (field, place) = (at_call_site(&link.name), format!("link `{}`", plain(&link.name)));
        quote!((#place, &mut #links.#field as &mut dyn #private::Closes),)
    });
    quote!(#(#ends)*)
}
