//! What a lane calls at both ends: `startup`, `shutdown`, and what lets tasks begin.

use proc_macro2::TokenStream;
use quote::quote;

use super::topology::lane;
use crate::places::moved;
use crate::router::expand::plan::Plan;

/// `startup` and `shutdown`, for a service behind a task before it begins and after it has ended; and what lets tasks begin.
pub(super) fn hooks(plan: &Plan<'_>) -> TokenStream {
    let (runtime, lane) = (plan.runtime(), lane(plan));
    let arms = |hook: &TokenStream| -> TokenStream {
        let arms = plan.router.held(0).map(|service| {
            let (field, known, place) =
                (plan.field(service), plan.service(service), plan.router.services[service].place);
            match plan.drivers {
                None => {
                    let call = moved(quote!(#known::#hook(&mut self.#field)), place);
                    quote!(#service => #call,)
                }
                Some(_) => {
                    let call = moved(quote!(#known::#hook(__here)), place);
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
