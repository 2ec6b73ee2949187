//! `poll` and `flush`: how an opened router is driven.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::contexts::pass_on;
use super::plan::{Locals, Plan, at_call_site};
use super::{deliver, gather, tasks};
use crate::router::model::{Input, Queue};

/// Both methods, and what they deliver with.
pub(super) fn poll(plan: &Plan<'_>) -> TokenStream {
    if !plan.router.is_opened() {
        return TokenStream::new();
    }
    let name = &plan.router.name;
    let inputs = plan.router.inputs.iter().enumerate().map(|(index, input)| from_input(plan, index, input));
    let queues = plan.router.queues.iter().enumerate().map(|(index, queue)| to_service(plan, index, queue));
    let (poll, flush) = (poll_method(plan), flush_method(plan));
    let tasks = tasks::tasks(plan);
    let gather = gather::functions(plan);
    quote! {
        #gather
        #tasks
        #(#inputs)*
        #(#queues)*
        impl #name {
            #poll
            #flush
        }
    }
}

fn poll_method(plan: &Plan<'_>) -> TokenStream {
    let runtime = plan.runtime();
    let Locals { entry, taken, queued, id, body, first, error, .. } = &plan.locals;
    let (entry_type, tail) = (&plan.contexts[0], plan.tail(0));
    let fields = plan.router.held(0).map(|service| plan.field(service));
    let ((_, gathered), rest) = (gather::parameter(plan), gather::before(plan));
    let inputs = plan.router.inputs.iter().zip(&plan.take_inputs).map(|(input, take)| {
        let field = at_call_site(&input.name);
        quote!(#taken += __inputs.#field.poll(|#id, _, #body| #take(#entry, #gathered #id, #body)); #rest)
    });
    let ends = plan.router.queues.iter().map(|queue| plan.field(queue.service));
    let queues = plan.router.queues.iter().zip(&plan.take_queues).enumerate().map(|(index, (queue, take))| {
        let field = plan.field(queue.service);
        quote!(#taken += __inputs.#field.poll(#queued[#index], |#id, #body| #take(#entry, #gathered #id, #body)); #rest)
    });
    let queued =
        (!plan.router.queues.is_empty()).then(|| quote!(let #queued = [#(#entry.__core.links.#ends.queued()),*];));
    let tasks = plan.router.tasks.iter().zip(&plan.take_tasks).map(|(task, take)| {
        let field = plan.field(task.service);
        quote!(#taken += __inputs.#field.0.poll(1024, |#id, #body| #take(#entry, #gathered #id, #body)); #rest)
    });
    let lent = gathered.is_some().then(|| {
        let gathered = &plan.gather.gathered;
        quote!(let #gathered = &mut __inputs.__gathered;)
    });
    let links: Vec<_> = driven(plan);
    let propagates = plan.router.propagates();
    let declared =
        propagates.then(|| quote!(let mut #first = ::core::option::Option::None; let __first = &mut #first;));
    let (output, result) = match propagates {
        false => (quote!(usize), quote!(#taken)),
        true => (
            quote!(::core::result::Result<usize, #runtime::HandlerError>),
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
        /// Takes what has arrived on inputs and queues, once, and does what is due on links. Returns how many messages
        /// that were; if none, it flushes too.
        #errors
        pub fn poll(&mut self) -> #output {
            let Self { #(#fields,)* __core, __inputs } = self;
            #declared
            let #entry = &mut #entry_type { #tail };
            #lent
            let mut #taken = 0;
            #(#inputs)*
            #queued
            #(#queues)*
            #(#tasks)*
            #(let _ = #entry.__core.links.#links.poll();)*
            if #taken == 0 {
                #(let _ = #entry.__core.links.#links.flush();)*
            }
            #result
        }
    }
}

/// The ends that hold what is sent until they are flushed.
fn driven(plan: &Plan<'_>) -> Vec<Ident> {
    let links = plan.router.links.iter().map(|link| at_call_site(&link.name));
    links.chain(plan.router.tasks.iter().map(|task| plan.field(task.service))).collect()
}

fn flush_method(plan: &Plan<'_>) -> TokenStream {
    let links = driven(plan);
    quote! {
        /// Writes what links hold, as far as their peers take it.
        pub fn flush(&mut self) {
            #(let _ = self.__core.links.#links.flush();)*
        }
    }
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
        fn #take(
            #entry: &mut #entry_type<'_>,
            #parameter
            #id: u16,
            #body: &[u8],
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
/// fn to_journal(entry: &mut Entry<'_>, id: u16, body: &[u8])
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
        fn #take(#entry: &mut #entry_type<'_>, #parameter #id: u16, #body: &[u8]) {
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
