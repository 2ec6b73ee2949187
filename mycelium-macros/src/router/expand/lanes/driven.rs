//! What a lane calls by itself: sources, timers, and the hooks at both ends.

use proc_macro2::TokenStream;
use quote::quote;

use super::body::Numbers;
use crate::places::moved;
use crate::router::expand::plan::Plan;
use crate::router::expand::poll;

/// `source` and `fire`
pub(super) fn driven(plan: &Plan<'_>, numbers: &Numbers<'_>) -> TokenStream {
    let runtime = plan.runtime();
    let source = method(plan, numbers, &quote!(poll_source));
    let fire = method(plan, numbers, &quote!(fire));
    let (before, after) = cascade(plan);
    quote! {
        #[inline]
        fn source(
            &mut self,
            service: usize,
            index: usize,
        ) -> ::core::result::Result<#runtime::routing::Poll, #runtime::lane::__private::Failure> {
            #before
            let polled = match service {
                #source
                _ => #runtime::routing::Poll::Finished,
            };
            #after
            ::core::result::Result::Ok(polled)
        }

        #[inline]
        fn fire(&mut self, service: usize, index: usize) -> ::core::result::Result<(), #runtime::lane::__private::Failure> {
            #before
            match service {
                #fire
                _ => {}
            }
            #after
            ::core::result::Result::Ok(())
        }
    }
}

/// An arm for each service, by its index in the whole router.
fn method(plan: &Plan<'_>, numbers: &Numbers<'_>, method: &TokenStream) -> TokenStream {
    let (runtime, entry, entry_type, tail) = (plan.runtime(), &plan.locals.entry, &plan.contexts[0], plan.tail(0));
    let arms = plan.router.held(0).map(|service| {
        let (number, ty, field) = (numbers.of(service), &plan.router.services[service].ty, plan.field(service));
        let (context, rest) = (&plan.contexts[service + 1], plan.tail(service + 1));
        let call = quote! {
            <#ty as #runtime::routing::Driven<#context<'_>>>::#method(#field, index, &mut #context { #rest })
        };
        let call = moved(call, plan.router.services[service].place);
        quote! {
            #number => {
                let #entry_type { #tail } = #entry;
                #call
            }
        }
    });
    quote!(#(#arms)*)
}

/// What stands around a cascade: all services lent out, and behind it the draining of `local` queues and the first error.
pub(super) fn cascade(plan: &Plan<'_>) -> (TokenStream, TokenStream) {
    let (entry, entry_type, tail) = (&plan.locals.entry, &plan.contexts[0], plan.tail(0));
    let fields = plan.router.held(0).map(|service| plan.field(service));
    let inputs = plan.router.is_opened().then(|| quote!(, __inputs));
    let (first, error) = (&plan.locals.first, &plan.locals.error);
    let propagates = plan.router.propagates();
    let declared =
        propagates.then(|| quote!(let mut #first = ::core::option::Option::None; let __first = &mut #first;));
    let failed = propagates.then(|| {
        quote! {
            if let ::core::option::Option::Some(#error) = #first {
                return ::core::result::Result::Err(::std::boxed::Box::new(#error));
            }
        }
    });
    let drain = poll::drain(plan);
    let before = quote! {
        let Self { #(#fields,)* __core #inputs } = self;
        #declared
        let #entry = &mut #entry_type { #tail };
    };
    (before, quote!(#drain #failed))
}

/// `startup` and `shutdown`; those of a service behind a task are run where the task begins and ends.
pub(super) fn hooks(plan: &Plan<'_>, numbers: &Numbers<'_>) -> TokenStream {
    let runtime = plan.runtime();
    let arms = |hook: &TokenStream| -> TokenStream {
        let arms = plan.router.held(0).map(|service| {
            let (number, field) = (numbers.of(service), plan.field(service));
            let ty = &plan.router.services[service].ty;
            let call = quote!(<#ty as #runtime::routing::Service>::#hook(&mut self.#field));
            let call = moved(call, plan.router.services[service].place);
            quote!(#number => #call,)
        });
        quote!(#(#arms)*)
    };
    let (startup, shutdown) = (arms(&quote!(startup)), arms(&quote!(shutdown)));
    let given_back = plan.router.tasks.iter().map(|task| {
        let (number, field) = (numbers.of(task.service), plan.field(task.service));
        quote! {
            #number => match &mut self.__inputs.#field {
                ::core::option::Option::Some(#runtime::lane::__private::Tasked { service: ::core::option::Option::Some(service), .. }) => {
                    #runtime::routing::Service::shutdown(service)
                }
                _ => ::core::result::Result::Ok(()),
            },
        }
    });
    quote! {
        fn startup(&mut self, service: usize) -> ::core::result::Result<(), #runtime::routing::HookError> {
            match service {
                #startup
                _ => ::core::result::Result::Ok(()),
            }
        }

        fn shutdown(&mut self, service: usize) -> ::core::result::Result<(), #runtime::routing::HookError> {
            match service {
                #shutdown
                #(#given_back)*
                _ => ::core::result::Result::Ok(()),
            }
        }
    }
}
