//! Paces: where each is kept, how a step asks it, and how a turn hands over what it has held.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::spanned::Spanned;

use super::drivers::Of;
use super::intake::drain;
use super::plan::{Locals, Plan};
use super::{deliver, gather};
use crate::literals;
use crate::names::plain;
use crate::router::ir::{Action, Step};
use crate::router::model::{Paced, Receiver, To};
use crate::router::pace::{Key, PaceKind};
use crate::spans::{own_span, respan};

/// The field of the pace at this index.
fn field(index: usize) -> Ident {
    format_ident!("__pace_{index}")
}

/// ```text
/// struct __PacesOfDesk { __pace_0: Paced<Tick>, __pace_1: Paced<()> }
/// ```
pub(super) fn structs(plan: &Plan<'_>) -> Option<TokenStream> {
    let (name, private, above) = (&plan.paces, plan.private(), plan.router.above());
    let fields = plan.router.paced().enumerate().map(|(index, paced)| {
        let (field, message) = (field(index), &paced.route.message);
        let held = if paced.pace.kind.holds() { message.to_token_stream() } else { quote!(()) };
        quote!(#field: #private::Paced<#held>)
    });
    (!plan.program.paces.is_empty()).then(|| {
        quote! {
            #[derive(::core::clone::Clone, ::core::fmt::Debug)]
            #above
            #[allow(dead_code, private_interfaces, non_camel_case_types, clippy::all, clippy::pedantic, clippy::nursery)]
            struct #name { #(#fields),* }
        }
    })
}

/// ```text
/// static __PACES: [PaceSpec; 2] = [PaceSpec { message: Tick::NAME, receiver: "view", pace: Pace::Sample(…), keys: 1 }, …];
/// impl __PacesOfDesk { fn here(here: [bool; 2]) -> Self { … } }
/// impl Default for __PacesOfDesk { … }
/// impl Paces for __PacesOfDesk { … }
/// ```
pub(super) fn paces(plan: &Plan<'_>) -> Option<TokenStream> {
    let (name, private, runtime, count) = (&plan.paces, plan.private(), plan.runtime(), plan.program.paces.len());
    let specs = plan.router.paced().map(|paced| {
        let (message, receiver, keys) = (&paced.route.message, receiver_name(plan, paced), paced.pace.keys as usize);
        let kind = match paced.pace.kind {
            PaceKind::Sample => quote!(Sample),
            PaceKind::Throttle => quote!(Throttle),
            PaceKind::Debounce => quote!(Debounce),
        };
        let period = literals::tokens(paced.pace.period);
        quote! {
            #private::PaceSpec {
                message: <#message as #runtime::Message>::NAME,
                receiver: #receiver,
                pace: #private::Pace::#kind(#period),
                keys: #keys,
            }
        }
    });
    let fields: Vec<_> = (0..count).map(field).collect();
    let numbers: Vec<_> = (0..count).collect();
    (count > 0).then(|| {
        quote! {
            // Imported, so that a call has the user's span as a whole.
            use #private::key_of as __key_of;
            static __PACES: [#private::PaceSpec; #count] = [#(#specs),*];

            impl #name {
                fn here(__here: [::core::primitive::bool; #count]) -> Self {
                    Self { #(#fields: #private::Paced::new(&__PACES[#numbers], __here[#numbers])),* }
                }
            }

            impl ::core::default::Default for #name {
                fn default() -> Self {
                    Self::here([true; #count])
                }
            }

            impl #private::Paces for #name {
                fn each(
                    &self,
                    __show: &mut dyn ::core::ops::FnMut(&'static #private::PaceSpec, #private::PaceCounts),
                ) {
                    #(if let ::core::option::Option::Some((__spec, __counts)) = self.#fields.counted() {
                        __show(__spec, __counts);
                    })*
                }
            }
        }
    })
}

fn receiver_name(plan: &Plan<'_>, paced: Paced<'_>) -> String {
    match paced.receiver.to {
        To::Service(service) => plain(&plan.router.services[service].field),
        To::Link(link) => plain(&plan.router.links[link].name),
    }
}

/// The paces of a driver, in its core.
pub(super) fn made(plan: &Plan<'_>) -> Option<TokenStream> {
    let (name, count) = (&plan.paces, plan.program.paces.len());
    let here = plan.program.paces.iter().map(|paced| is_here(plan, paced.step.action));
    (count > 0).then(|| match plan.drivers {
        None => quote!(.with_paces(#name::here([true; #count]))),
        Some(_) => quote!(.with_paces(#name::here(const { [#(#here),*] }))),
    })
}

/// Whether the pace before this is on this lane: where it is done.
fn is_here(plan: &Plan<'_>, action: Action) -> TokenStream {
    let (runs, edges, owner) = (plan.constant("__RUNS"), plan.constant("__EDGES_HERE"), plan.constant("__IS_OWNER"));
    match action {
        Action::Call(service) | Action::CallFromOutside(service) | Action::Enqueue(service, _) => {
            quote!(#runs[#service])
        }
        Action::Wait { edge, .. } => quote!(#edges[#edge]),
        Action::SendToTask(service) => {
            let runs = plan.runs_task(service);
            quote!((#owner || #runs))
        }
        Action::SendToLink(link) => {
            let runs = plan.runs_link(link);
            quote!((#owner || #runs))
        }
        Action::PassOn(_) => quote!(false),
    }
}

/// The index of the pace of a receiver.
pub(super) fn of(plan: &Plan<'_>, receiver: &Receiver) -> Option<usize> {
    plan.router.paced().position(|paced| std::ptr::eq(paced.receiver, receiver))
}

/// The step, if its pace admits the message in scope. What is done then may be an older message.
pub(super) fn asked(plan: &Plan<'_>, step: &Step, action: TokenStream) -> TokenStream {
    let Some(index) = step.paced else { return action };
    let (late, admits) = admits(plan, index);
    let asked = quote!({ #late if #admits { #action } });
    let asked = match step.action {
        // Else the queue has asked.
        Action::CallFromOutside(_) => {
            let outside = &plan.locals.taken;
            quote!(if #outside { #asked })
        }
        _ => asked,
    };
    plan.only_if(&is_here(plan, step.action), &asked)
}

/// Returns, unless the pace admits the message in scope, which may be an older one from then on.
pub(super) fn unless_held(plan: &Plan<'_>, index: usize, done: &TokenStream) -> TokenStream {
    let (late, admits) = admits(plan, index);
    match late {
        None => quote!(if !#admits { return #done; }),
        Some(late) => quote!(#late #admits else { return #done; };),
    }
}

/// ```text
/// let mut late = None;
/// let Some(message) = cx.__core.offered(|paces| &mut paces.__pace_0, 0, message, &mut late)
/// ```
///
/// What admits a message, and what must come before it.
fn admits(plan: &Plan<'_>, index: usize) -> (Option<TokenStream>, TokenStream) {
    let (field, Locals { cx, message, .. }) = (field(index), &plan.locals);
    let pace = plan.router.paced().nth(index).map(|paced| paced.pace);
    let key = match pace.and_then(|pace| pace.key.as_ref()) {
        None => quote!(0),
        Some(Key::Of(key)) => {
            let own = own_span(key);
            respan(quote!(__key_of(#message, #own)), key.span())
        }
        Some(Key::Field(field)) => respan(quote!(__key_of(#message, |__keyed| __keyed.#field)), field.span()),
    };
    match pace.is_some_and(|pace| pace.kind.holds()) {
        false => (None, quote!(#cx.__core.admits(|__paces| &mut __paces.#field, #key))),
        true => (
            Some(quote!(let mut __late = ::core::option::Option::None;)),
            quote! {
                let ::core::option::Option::Some(#message) =
                    #cx.__core.offered(|__paces| &mut __paces.#field, #key, #message, &mut __late)
            },
        ),
    }
}

/// The indices of paces that hold messages.
fn holding(plan: &Plan<'_>) -> Vec<usize> {
    (0..plan.program.paces.len()).filter(|index| plan.program.paces[*index].holds).collect()
}

/// ```text
/// fn __release(cx: &mut Context<'_, '_, Entry>, by: Moment, watch: W) -> usize { … }
/// ```
///
/// Hands over what is held and due, pace by pace.
pub(super) fn release(plan: &Plan<'_>) -> Option<TokenStream> {
    let holding = holding(plan);
    if holding.is_empty() {
        return None;
    }
    let (runtime, private, release) = (plan.runtime(), plan.private(), &plan.release);
    let (Locals { cx, message, taken, .. }, entry) = (&plan.locals, plan.order.context_at(0));
    let (failed, drain) = (gather::failed(plan, &quote!(#cx.__first)), drain(plan));
    let stops = plan.program.errors.propagates.then(|| {
        let stops = gather::stops(plan);
        quote!(&& !(#stops))
    });
    let released =
        plan.router.paced().enumerate().filter(|(index, _)| holding.contains(index)).map(|(index, paced)| {
            let (step, field, receiver) = (&plan.program.paces[index].step, field(index), receiver_name(plan, paced));
            let (route, ty) = (paced.route, &paced.route.message);
            let numbered = plan.program.emissions[plan.index_of(route)].numbered;
            let number = deliver::number(plan, numbered, std::slice::from_ref(step));
            let action = deliver::action(plan, route, step, 0);
            let released = quote! {
                while __watch.goes_on() #stops {
                    let ::core::option::Option::Some(#message) = #cx.__core.paces.#field.due(__by) else { break };
                    let #message = &#message;
                    #taken += 1;
                    let __in_flight = __watch.begin(
                        #runtime::routing::Origin::Pace(#receiver),
                        <#ty as #runtime::Message>::ID,
                        #runtime::Message::as_bytes(#message),
                        1,
                    );
                    #number
                    #action
                    #drain
                    __watch.complete(__in_flight, #failed);
                }
            };
            plan.only_if(&is_here(plan, step.action), &released)
        });
    let parameter = plan.parameter();
    Some(quote! {
        #[inline]
        fn #release<#parameter __W: #private::Watch>(
            #cx: &mut #entry,
            __by: #private::Moment,
            __watch: __W,
        ) -> ::core::primitive::usize {
            let mut #taken = 0;
            #(#released)*
            #taken
        }
    })
}

/// The methods of `Program` by which a turn hands over what is held.
pub(super) fn methods(plan: &Plan<'_>, of: Of) -> Option<TokenStream> {
    let (fields, release, cx) = (holding(plan).into_iter().map(field), &plan.release, &plan.locals.cx);
    let (runtime, private, lent_out) = (plan.runtime(), plan.private(), plan.lent_out(of));
    (!holding(plan).is_empty()).then(|| {
        quote! {
            #[inline]
            fn next_due(&self) -> #private::Moment {
                #private::Moment::NEVER #(.or(self.__core.paces.#fields.next_due()))*
            }

            #[inline]
            fn release<__W: #private::Watch>(
                &mut self,
                __by: #private::Moment,
                __watch: __W,
                __first: &mut ::core::option::Option<#runtime::HandlerError>,
            ) -> ::core::primitive::usize {
                #lent_out
                #release(#cx, __by, __watch)
            }
        }
    })
}

/// For each pace that holds messages, how many.
pub(super) fn holds(plan: &Plan<'_>) -> Vec<TokenStream> {
    let fields = holding(plan).into_iter().map(field);
    fields.map(|field| quote!(self.__core.paces.#field.held())).collect()
}

/// Adds what paces hold to what is `left`.
pub(super) fn left(plan: &Plan<'_>, left: &TokenStream) -> TokenStream {
    let (holding, holds) = (holding(plan), holds(plan));
    let paced = plan.router.paced().enumerate().filter(|(index, _)| holding.contains(index));
    let names = paced.map(|(_, paced)| format!("the pace of `{}`", receiver_name(plan, paced)));
    quote!(#(#left.add(#names, #holds);)*)
}
