//! What a lane calls by itself: sources, timers, and the hooks at both ends.

use proc_macro2::TokenStream;
use quote::quote;

use super::topology::lane;
use crate::places::moved;
use crate::router::expand::plan::Plan;

/// `drive`
pub(super) fn driven(plan: &Plan<'_>) -> TokenStream {
    let (runtime, drive, entry) = (plan.runtime(), &plan.drive, &plan.locals.entry);
    let (before, failed) = (before(plan), failed(plan));
    quote! {
        #[inline]
        fn drive(
            &mut self,
            __service: ::core::primitive::usize,
            __due: #runtime::routing::Due,
        ) -> ::core::result::Result<#runtime::routing::Poll, #runtime::lane::__private::Failure> {
            #before
            let __polled = #drive(#entry, __service, __due);
            #failed
            ::core::result::Result::Ok(__polled)
        }
    }
}

/// What stands before a cascade: all services lent out.
pub(super) fn before(plan: &Plan<'_>) -> TokenStream {
    let (entry, entry_type, tail) = (&plan.locals.entry, &plan.contexts[0], plan.tail(0));
    let lent = plan.lent(0);
    let first = &plan.locals.first;
    let declared = plan
        .router
        .propagates()
        .then(|| quote!(let mut #first = ::core::option::Option::None; let __first = &mut #first;));
    quote! {
        let Self { #lent __core, __inputs } = self;
        #declared
        let #entry = &mut #entry_type { #tail };
    }
}

/// And behind it: returns the first error of the cascade, if there is one.
pub(super) fn failed(plan: &Plan<'_>) -> Option<TokenStream> {
    let (first, error) = (&plan.locals.first, &plan.locals.error);
    plan.router.propagates().then(|| {
        quote! {
            if let ::core::option::Option::Some(#error) = #first {
                return ::core::result::Result::Err(::std::boxed::Box::new(#error));
            }
        }
    })
}

/// `startup` and `shutdown`, for a service behind a task before it begins and after it has ended; and what lets tasks begin.
pub(super) fn hooks(plan: &Plan<'_>) -> TokenStream {
    let (runtime, lane) = (plan.runtime(), lane(plan));
    let arms = |hook: &TokenStream| -> TokenStream {
        let arms = plan.router.held(0).map(|service| {
            let (number, field) = (plan.router.number(service), plan.field(service));
            let known = plan.service(service);
            let call = quote!(#known::#hook(&mut self.#field));
            let call = moved(call, plan.router.services[service].place);
            quote!(#number => #call,)
        });
        quote!(#(#arms)*)
    };
    let (startup, shutdown) = (arms(&quote!(startup)), arms(&quote!(shutdown)));
    let tasks: Vec<_> = plan.router.tasks.iter().map(|task| plan.field(task.service)).collect();
    let lends: Vec<_> = plan.router.tasks.iter().map(|task| plan.lend(task.service)).collect();
    let numbers: Vec<_> = plan.router.tasks.iter().map(|task| plan.router.number(task.service)).collect();
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
