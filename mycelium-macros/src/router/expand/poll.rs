//! `poll` and `flush`: how an opened router is driven.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::contexts::pass_on;
use super::plan::{Locals, Plan, at_call_site};
use super::{deliver, driven, gather, lanes, tasks};
use crate::names::plain;
use crate::router::model::{Input, Queue};

/// Both methods, and what they deliver with.
pub(super) fn poll(plan: &Plan<'_>) -> TokenStream {
    if !plan.router.is_opened() {
        return TokenStream::new();
    }
    let name = &plan.router.name;
    let (deliveries, poll, flush) = (deliveries(plan), poll_method(plan), flush_method(plan));
    let close = close_method(plan);
    quote! {
        #deliveries
        impl #name {
            #poll
            #flush
            #close
        }
    }
}

/// For each input, queue and task what takes its messages.
pub(super) fn deliveries(plan: &Plan<'_>) -> TokenStream {
    let inputs = plan.router.inputs.iter().enumerate().map(|(index, input)| from_input(plan, index, input));
    let queues = plan.router.queues.iter().enumerate().map(|(index, queue)| to_service(plan, index, queue));
    let backs = plan.router.backs().into_iter().map(|service| led_back(plan, service));
    let tasks = tasks::tasks(plan);
    let (gather, drive) = (gather::functions(plan), driven::drive(plan));
    quote! {
        #gather
        #drive
        #tasks
        #(#inputs)*
        #(#queues)*
        #(#backs)*
    }
}

/// Takes what has arrived, each path in its turn, and does what is due on links; counts in `taken`.
pub(super) fn sweep(plan: &Plan<'_>) -> TokenStream {
    let Locals { entry, taken, queued, id, body, .. } = &plan.locals;
    let ((_, gathered), rest) = (gather::parameter(plan), gather::before(plan));
    let inputs = plan.router.inputs.iter().zip(&plan.take_inputs).map(|(input, take)| {
        let (field, origin) = (at_call_site(&input.name), origin(&input.name, "Input"));
        let (from, take) = watched(plan, &origin, quote!(#take(#entry, #gathered #id, #body)));
        match plan.router.part {
            None => quote!(#taken += __inputs.#field.poll(|#id, _, #body| #take); #rest),
            Some(_) => quote! {
                #from
                if let ::core::option::Option::Some(__input) = &mut __inputs.#field {
                    #taken += __input.poll_while(__goes_on, |#id, _, #body| #take);
                }
                #rest
            },
        }
    });
    let ends = plan.router.queues.iter().map(|queue| plan.field(queue.service));
    let queues = plan.router.queues.iter().zip(&plan.take_queues).enumerate().map(|(index, (queue, take))| {
        let field = plan.field(queue.service);
        let (from, take) = watched(plan, &origin(&field, "Queue"), quote!(#take(#entry, #gathered #id, #body)));
        let poll = match plan.router.part {
            None => quote!(poll(#queued[#index], |#id, #body| #take)),
            Some(_) => quote!(poll_while(__goes_on, #queued[#index], |#id, #body| #take)),
        };
        quote!(#from #taken += __inputs.#field.#poll; #rest)
    });
    let queued =
        (!plan.router.queues.is_empty()).then(|| quote!(let #queued = [#(#entry.__core.links.#ends.queued()),*];));
    let tasks = plan.router.tasks.iter().zip(&plan.take_tasks).map(|(task, take)| {
        let field = plan.field(task.service);
        let (from, take) = watched(plan, &origin(&field, "Task"), quote!(#take(#entry, #gathered #id, #body)));
        match plan.router.part {
            None => quote!(#taken += (__inputs.#field.0).poll(1024, |#id, #body| #take); #rest),
            Some(_) => quote! {
                #from
                if let ::core::option::Option::Some(__task) = &mut __inputs.#field {
                    #taken += __task.outbox.poll_while(__goes_on, 1024, |#id, #body| #take);
                }
                #rest
            },
        }
    });
    let backs: Vec<_> = plan.router.backs().into_iter().map(|service| lanes::back_to(plan, service)).collect();
    let led_back = (!backs.is_empty()).then(|| {
        let takes = plan.router.backs().into_iter().map(|service| take_back(plan, service));
        let numbers = 0..backs.len();
        quote! {
            let __sent = [#(#entry.__core.links.#backs.as_ref().map_or(0, |__queue| __queue.queued())),*];
            #(if let ::core::option::Option::Some(__queue) = &mut __inputs.#backs {
                #taken += __queue.poll(__sent[#numbers], |#id, #body| #takes(#entry, #id, #body));
            })*
        }
    });
    let lent = gather::lent(plan);
    let links = match plan.router.part {
        None => {
            let links = held_back(plan);
            quote!(#(let _ = #entry.__core.links.#links.poll();)*)
        }
        Some(_) => {
            let (links, runtime) = (lanes::senders(plan), plan.runtime());
            quote!(#(#runtime::lane::__private::Sends::poll(&mut #entry.__core.links.#links);)*)
        }
    };
    quote! {
        #lent
        #(#inputs)*
        #queued
        #(#queues)*
        #(#tasks)*
        #led_back
        #links
    }
}

/// `Input("feed")`
fn origin(name: &Ident, kind: &str) -> TokenStream {
    let (kind, name) = (quote::format_ident!("{kind}"), plain(name));
    quote!(#kind(#name))
}

/// On a lane, what is under way is noted, so that it is known if it does not arrive: where it comes from, and the call.
fn watched(plan: &Plan<'_>, origin: &TokenStream, take: TokenStream) -> (Option<TokenStream>, TokenStream) {
    if plan.router.part.is_none() {
        return (None, take);
    }
    let Locals { entry, id, body, .. } = &plan.locals;
    let runtime = plan.runtime();
    let close = match plan.router.propagates() {
        false => quote!(__letter.close();),
        true => quote! {
            match __was_well && #entry.__first.is_some() {
                false => __letter.close(),
                true => __letters.failed(__letter),
            }
        },
    };
    let before = plan.router.propagates().then(|| quote!(let __was_well = #entry.__first.is_none();));
    let take = quote! {{
        #before
        let __letter = __letters.open(__origin, #id, ::core::convert::Into::into(#body));
        let __taken = #take;
        #close
        __taken
    }};
    (Some(quote!(let __origin = #runtime::lane::Origin::#origin;)), take)
}

fn poll_method(plan: &Plan<'_>) -> TokenStream {
    let runtime = plan.runtime();
    let Locals { entry, taken, first, error, .. } = &plan.locals;
    let (entry_type, tail) = (&plan.contexts[0], plan.tail(0));
    let (lent, sweep, drive) = (plan.lent(0), sweep(plan), &plan.drive);
    let links: Vec<_> = held_back(plan);
    let propagates = plan.router.propagates();
    let declared =
        propagates.then(|| quote!(let mut #first = ::core::option::Option::None; let __first = &mut #first;));
    let (output, result) = match propagates {
        false => (quote!(::core::primitive::usize), quote!(#taken)),
        true => (
            quote!(::core::result::Result<::core::primitive::usize, #runtime::HandlerError>),
            quote! {
                match #first {
                    ::core::option::Option::None => ::core::result::Result::Ok(#taken),
                    ::core::option::Option::Some(#error) => ::core::result::Result::Err(#error),
                }
            },
        ),
    };
    let errors = propagates.then(|| {
        quote! {
            ///
            /// # Errors
            /// The first error of a handler; what else has arrived is taken all the same.
        }
    });
    quote! {
        /// Takes what has arrived on inputs and queues, once, does what is due on links, asks the sources and calls the timers that
        /// are due. Returns how many messages and calls that were; if none, it flushes too.
        #errors
        pub fn poll(&mut self) -> #output {
            let Self { #lent __core, __inputs } = self;
            #declared
            let #entry = &mut #entry_type { #tail };
            let mut #taken = 0;
            #sweep
            #taken += __inputs.__chores.turn(|__service, __due| #drive(#entry, __service, __due));
            if #taken == 0 {
                #(let _ = #entry.__core.links.#links.flush();)*
            }
            #result
        }
    }
}

/// The ends that hold what is sent until they are flushed.
fn held_back(plan: &Plan<'_>) -> Vec<Ident> {
    let links = plan.router.links.iter().map(|link| at_call_site(&link.name));
    links.chain(plan.router.tasks.iter().map(|task| plan.field(task.service))).collect()
}

fn flush_method(plan: &Plan<'_>) -> TokenStream {
    let tasks = plan.router.tasks.iter().map(|task| plan.field(task.service));
    let links = plan.router.links.iter().map(|link| at_call_site(&link.name));
    quote! {
        /// Writes what links hold, as far as their peers take it. Says whether nothing is left.
        pub fn flush(&mut self) -> ::core::primitive::bool {
            let mut __all = true;
            #(__all &= self.__core.links.#links.flush();)*
            #(self.__core.links.#tasks.flush();)*
            __all
        }
    }
}

/// `close`
fn close_method(plan: &Plan<'_>) -> TokenStream {
    let (runtime, private) = (plan.runtime(), plan.private());
    let ends = closed_ends(plan, &quote!(self.__core.links));
    let queues: Vec<_> = plan.router.queues.iter().map(|queue| plan.field(queue.service)).collect();
    let queue_names = queues.iter().map(plain);
    let backs: Vec<_> = plan.router.backs().into_iter().map(|service| lanes::back_to(plan, service)).collect();
    let tasks: Vec<_> = plan.router.tasks.iter().map(|task| plan.field(task.service)).collect();
    let task_names = tasks.iter().map(plain);
    let back_names = plan.router.backs().into_iter().map(|service| plain(&plan.router.services[service].field));
    quote! {
        /// Has links write what they hold until `deadline` has passed from now on, and ends them: what is sent to them afterwards is
        /// refused. Says what is left: at links, where it is lost, in queues that `poll` has not emptied, and with tasks, which go on.
        /// Counters can still be read.
        pub fn close(&mut self, __deadline: ::core::time::Duration) -> #runtime::routing::Closed {
            let mut __closed: #runtime::routing::Closed = ::core::default::Default::default();
            #private::close_within(&mut [#ends], __deadline, &mut __closed.left);
            #(__closed.left.add(
                ::core::concat!("the queue of `", #queue_names, "`"),
                self.__inputs.#queues.left(self.__core.links.#queues.queued()),
            );)*
            #(
                self.__core.links.#tasks.flush();
                __closed.left.add(
                    ::core::concat!("the task of `", #task_names, "`"),
                    self.__inputs.#tasks.1.unsettled(&self.__core.links.#tasks),
                );
            )*
            #(if let (::core::option::Option::Some(__from), ::core::option::Option::Some(__to)) =
                (&self.__inputs.#backs, &self.__core.links.#backs)
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

/// ```text
/// fn from_feed(entry: &mut Entry<'_>, id: u16, body: &[u8]) -> Result<(), DecodeError>
/// ```
fn from_input(plan: &Plan<'_>, index: usize, input: &Input) -> TokenStream {
    let runtime = plan.runtime();
    let Locals { entry, message, id, body, .. } = &plan.locals;
    let (take, entry_type, tail) = (&plan.take_inputs[index], &plan.contexts[0], plan.tail(0));
    let done = quote!(::core::result::Result::Ok(()));
    let arms = input.routes.iter().map(|index| {
        let route = &plan.router.routes[*index];
        let gather = gather::gather(plan, *index, route.only_direct().map(|(_, service)| service), &done);
        let (ty, emit) = (&route.message, pass_on(plan, plan.router.first_receiver(route), route));
        quote! {
            <#ty as #runtime::Message>::ID => {
                let #message = <#ty as #runtime::Message>::decode(#body)?;
                let #message = &*#message;
                #gather
                let #entry_type { #tail } = #entry;
                #emit
            }
        }
    });
    let (drain, (parameter, _)) = (drain(plan), gather::parameter(plan));
    quote! {
        #[inline]
        fn #take(
            #entry: &mut #entry_type<'_>,
            #parameter
            #id: ::core::primitive::u16,
            #body: &[::core::primitive::u8],
        ) -> ::core::result::Result<(), #runtime::DecodeError> {
            match #id {
                #(#arms)*
                #id => return ::core::result::Result::Err(#runtime::DecodeError::UnknownMessage { id: #id }),
            }
            #drain
            #done
        }
    }
}

/// ```text
/// fn to_journal(entry: &mut Entry<'_>, id: u16, body: Handed<'_>)
/// ```
fn to_service(plan: &Plan<'_>, index: usize, queue: &Queue) -> TokenStream {
    let (runtime, private) = (plan.runtime(), plan.private());
    let Locals { entry, message, id, body, .. } = &plan.locals;
    let (take, entry_type, tail) = (&plan.take_queues[index], &plan.contexts[0], plan.tail(0));
    let arms = plan.router.routes.iter().enumerate().filter_map(|(index, route)| {
        let (ty, receiver) = (&route.message, route.queued_to(queue.service)?);
        let gather = gather::gather(plan, index, Some(queue.service), &TokenStream::new());
        let call = deliver::queued(plan, route, receiver, queue.service, &quote!(#message));
        Some(quote! {
            <#ty as #runtime::Message>::ID => {
                if let ::core::option::Option::Some(#message) = #private::queued::<#ty>(#body) {
                    #gather
                    let #entry_type { #tail } = #entry;
                    let _ = #call;
                }
            }
        })
    });
    let (drain, (parameter, _)) = (drain(plan), gather::parameter(plan));
    quote! {
        #[inline]
        fn #take(#entry: &mut #entry_type<'_>, #parameter #id: ::core::primitive::u16, #body: #runtime::routing::Handed<'_>) {
            match #id {
                #(#arms)*
                _ => {}
            }
            #drain
        }
    }
}

/// `back_to_spread`
fn take_back(plan: &Plan<'_>, service: usize) -> Ident {
    quote::format_ident!("__take_back_to_{}", plain(&plan.field(service)))
}

/// The same for what later services of other lanes hand back to a service that is called directly.
fn led_back(plan: &Plan<'_>, service: usize) -> TokenStream {
    let (runtime, private, take) = (plan.runtime(), plan.private(), take_back(plan, service));
    let Locals { entry, message, id, body, .. } = &plan.locals;
    let (entry_type, tail) = (&plan.contexts[0], plan.tail(0));
    let arms = plan.router.routes.iter().filter_map(|route| {
        let receiver = route.receivers.iter().find(|receiver| receiver.direct() == Some(service))?;
        let ty = &route.message;
        let call = deliver::queued(plan, route, receiver, service, &quote!(#message));
        Some(quote! {
            <#ty as #runtime::Message>::ID => {
                if let ::core::option::Option::Some(#message) = #private::queued::<#ty>(#body) {
                    let #entry_type { #tail } = #entry;
                    let _ = #call;
                }
            }
        })
    });
    let drain = drain(plan);
    quote! {
        #[inline]
        fn #take(#entry: &mut #entry_type<'_>, #id: ::core::primitive::u16, #body: #runtime::routing::Handed<'_>) {
            match #id {
                #(#arms)*
                _ => {}
            }
            #drain
        }
    }
}

pub(super) fn drain(plan: &Plan<'_>) -> Option<TokenStream> {
    let (drain, entry) = (&plan.drain, &plan.locals.entry);
    plan.router.has_local().then(|| quote!(#drain(#entry);))
}
