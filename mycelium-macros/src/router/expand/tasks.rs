//! Services behind tasks: how they are reached, and what they run.
//!
//! A task has its own dispatcher, over the messages that are routed to it. It doesn't use `OnBus`, which `#[service]` writes: that requires a
//! context for what all handlers emit, while a task's context takes only what the router routes or ignores, and a handler without a route may
//! emit something else. Besides, a service that borrows has no `OnBus`.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::ends::{on_full, on_panic};
use super::plan::Plan;
use super::specs::batch;
use crate::names::plain;
use crate::router::model::{Path, Route, Task};
use crate::spans::{own_span, respan, respan_call};

/// The routes of all tasks.
pub(super) fn tasks(plan: &Plan<'_>) -> TokenStream {
    let tasks = plan.router.tasks.iter().enumerate().map(|(index, task)| routes(plan, index, task));
    quote!(#(#tasks)*)
}

fn leads_to(route: &Route, service: usize) -> bool {
    route.receivers.iter().any(|receiver| receiver.by(Path::Task) == Some(service))
}

/// ```text
/// enum JournalRoutes {}
/// impl Dispatch<Context<Self>> for JournalRoutes {
///     type Service = Journal;
///     async fn deliver(…) { match id { Fill::ID => { deliver::<Fill, …>(…).await } … } }
///     fn drive(…) -> SourceState { Driven::drive(journal, due, cx) }
/// }
/// impl Emits<Order> for JournalRoutes {}
/// ```
fn routes(plan: &Plan<'_>, index: usize, task: &Task) -> TokenStream {
    let (runtime, private, name) = (plan.runtime(), plan.private(), &plan.task_routes[index]);
    let (ty, handled) = (&plan.router.services[task.service].ty, plan.handled(task.service));
    let (lend, span) = (plan.lend(task.service), plan.router.services[task.service].span);
    let messages = plan.router.routes.iter().filter(|route| leads_to(route, task.service));
    let arms = messages.map(|route| {
        let message = &route.message;
        let kept = own_span(message);
        let takes = quote!(#private::takes_batches(#handled, #runtime::routing::MessageRef::of::<#kept>()));
        let takes = respan(takes, span);
        quote! {
            <#message as #runtime::Message>::ID => {
                if const { #takes } {
                    #runtime::task::deliver_batch::<#message, _, _>(#lend(__service), __body, __cx).await
                } else {
                    #runtime::task::deliver::<#message, _, _>(#lend(__service), __body, __cx).await
                }
            }
        }
    });
    let known = plan.service(task.service);
    let (sources, timers) = (respan(quote!(#known::SOURCES), span), respan(quote!(#known::TIMERS), span));
    let driven = plan.type_of(task.service);
    let drive = quote! {
        <#driven as #runtime::routing::Driven<#runtime::task::Context<Self>>>::drive(#lend(__service), __due, __cx)
    };
    let drive = respan_call(drive, span);
    let emits = plan.router.routes.iter().map(|route| &route.message).chain(&plan.router.ignored);
    quote! {
        enum #name {}
        impl #runtime::routing::Dispatch<#runtime::task::Context<Self>> for #name {
            type Service = #ty;
            const HANDLED: &'static [#runtime::routing::Handled] = #handled;
            const SOURCES: &'static [#runtime::routing::Source] = #sources;
            const TIMERS: &'static [#runtime::routing::Timer] = #timers;
            async fn deliver(__service: &mut #ty, __id: ::core::primitive::u16, __body: #runtime::routing::Handed<'_>, __cx: &mut #runtime::task::Context<Self>) {
                match __id {
                    #(#arms,)*
                    __id => __cx.refuse(__id, &"not routed here"),
                }
            }
            #[inline]
            fn drive(__service: &mut #ty, __due: #runtime::routing::Due, __cx: &mut #runtime::task::Context<Self>) -> #runtime::routing::SourceState {
                #drive
            }
        }
        #(impl #runtime::task::Emits<#emits> for #name {})*
    }
}

/// ```text
/// task::spawn_in::<_, JournalRoutes>(task::runtime(config, "journal")?, services.journal, TaskSpec { … }, env)?
/// ```
pub(super) fn made_by(
    function: &TokenStream,
    plan: &Plan<'_>,
    task: &Task,
    routes: &Ident,
    service: &TokenStream,
    env: &TokenStream,
) -> TokenStream {
    let (runtime, private, field) = (plan.runtime(), plan.private(), plan.field(task.service));
    let (name, room, handled) = (plain(&field), task.via.room, plan.handled(task.service));
    let known = plan.service(task.service);
    let outbox = quote!(#private::outbox(#handled, #known::SOURCES, #known::TIMERS, #room));
    let outbox = respan(outbox, plan.router.services[task.service].span);
    let on_full = on_full(plan, task.via.on_full);
    let batch = batch(runtime, task.attrs.batch());
    let on_panic = on_panic(plan, task.attrs.on_panic.unwrap_or_default());
    let sent = plan.router.routes.iter().filter(|route| leads_to(route, task.service)).map(|route| &route.message);
    let all = plan.router.routes.iter().map(|route| &route.message).chain(&plan.router.ignored);
    let hook = match &plan.router.hook {
        Some(hook) => quote!(::core::option::Option::Some(#hook)),
        None => quote!(::core::option::Option::None),
    };
    quote! {
        #function::<_, #routes>(
            #runtime::task::runtime(__config, #name)?,
            #service,
            #runtime::task::TaskSpec {
                capacity: #room,
                max_body: #private::largest(&[#(#runtime::MessageInfo::of::<#sent>()),*]),
                on_full: #on_full,
                batch: #batch,
                outbox: #outbox,
                max_emitted: #private::largest(&[#(#runtime::MessageInfo::of::<#all>()),*]),
                on_panic: #on_panic,
                hook: #hook,
                ..#runtime::task::TaskSpec::new(#name)
            },
            #env,
        )?
    }
}
