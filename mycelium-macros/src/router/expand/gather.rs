//! Gathers what has arrived together, for handlers that take `&[M]`.
//!
//! Only the compiler knows which handlers do, so the code of both kinds is written, and a constant in the user's crate chooses.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::deliver;
use super::drivers::{self, Of};
use super::intake::drain;
use super::pace;
use super::plan::{Locals, Plan};
use crate::names::Fresh;
use crate::router::ir::{Arm, Before, Slot, Then};
use crate::router::model::Route;
use crate::spans::{own_span, respan};

/// The names of these items.
pub(super) struct Names {
    /// The type of all buffers.
    pub(super) buffers: Ident,
    /// For each slot, whether its handler takes `&[M]`.
    takes: Ident,
    deliver: Ident,
    /// The local variable.
    pub(super) gathered: Ident,
}

impl Names {
    /// `buffers` is the name of their type.
    pub(super) fn new(buffers: &str, fresh: &mut Fresh) -> Self {
        Self {
            buffers: fresh.name(buffers),
            takes: fresh.name("__TAKES_BATCHES"),
            deliver: fresh.name("__deliver_gathered"),
            gathered: fresh.name("__gathered"),
        }
    }
}

/// ```text
/// struct __GatheredOfDesk { pending: Option<usize>, bar_to_spread: Gathered<Bar> }
/// ```
pub(super) fn buffers(plan: &Plan<'_>) -> TokenStream {
    if plan.slots.is_empty() {
        return TokenStream::new();
    }
    let (name, private, above) = (&plan.gather.buffers, plan.private(), plan.router.above());
    let fields = plan.program.slots.iter().zip(&plan.slots).map(|(slot, field)| {
        let message = &plan.router.routes[slot.route].message;
        quote!(#field: #private::Gathered<#message>)
    });
    let parameter = plan.only_parameter();
    let driver = plan.drivers.is_some().then(|| quote!(__driver: ::core::marker::PhantomData<__L>,));
    quote! {
        #above
        #[allow(dead_code, non_camel_case_types, clippy::all, clippy::pedantic, clippy::nursery)]
        struct #name #parameter {
            __pending: ::core::option::Option<::core::primitive::usize>,
            #(#fields,)*
            #driver
        }
    }
}

/// The field that holds the buffers, in the router or in the struct that a lane runs.
pub(super) fn field(plan: &Plan<'_>, of: Of) -> Option<TokenStream> {
    let (private, buffers, argument) = (plan.private(), &plan.gather.buffers, plan.only_argument(of));
    (!plan.slots.is_empty()).then(|| quote!(__gathered: #private::Kept<#buffers #argument>,))
}

/// The value of that field when the router is driven.
pub(super) fn ready(plan: &Plan<'_>, of: Of) -> Option<TokenStream> {
    let (private, any) = (plan.private(), any(plan, of));
    (!plan.slots.is_empty()).then(|| quote!(__gathered: #private::Kept::ready(const { #any }),))
}

/// Whether any slot is in use.
fn any(plan: &Plan<'_>, of: Of) -> TokenStream {
    let (private, takes) = (plan.private(), &plan.gather.takes);
    match (&plan.drivers, of) {
        (None, _) => quote!(#private::any(&#takes)),
        (Some(_), Of::Any) => {
            let gathers = plan.constant("__GATHERS");
            quote!(#private::any_of(&#takes, &#gathers))
        }
        (Some(drivers::Names { driver, all, .. }), Of::Owner) => {
            quote!(#private::any_of(&#takes, &<#all as #driver>::__GATHERS))
        }
    }
}

/// Whether the slot at this index is in use.
fn in_use(plan: &Plan<'_>, slot: usize) -> TokenStream {
    let takes = &plan.gather.takes;
    match plan.drivers {
        None => quote!(#takes[#slot]),
        Some(_) => {
            let gathers = plan.constant("__GATHERS");
            quote!(const { #takes[#slot] && #gathers[#slot] })
        }
    }
}

/// The constant of slots in use, and the function that delivers what has been gathered.
///
/// ```text
/// const TAKES_BATCHES: [bool; 1] = [takes_batches(<SpreadStrategy as Service>::HANDLED, MessageRef::of::<Bar>())];
/// fn deliver_gathered(cx: &mut Context<'_, '_, Entry>, gathered: &mut Kept<__GatheredOfDesk>, …) { match gathered.__pending.take() { … } }
/// ```
pub(super) fn functions(plan: &Plan<'_>) -> TokenStream {
    if plan.slots.is_empty() {
        return TokenStream::new();
    }
    let Names { buffers, takes, deliver, gathered } = &plan.gather;
    let (cx, entry) = (&plan.locals.cx, plan.order.context_at(0));
    let (runtime, private, count) = (plan.runtime(), plan.private(), plan.slots.len());
    let flags = plan.program.slots.iter().map(|slot| {
        let (service, message) =
            (&plan.router.services[slot.service], own_span(&plan.router.routes[slot.route].message));
        let known = plan.service(slot.service);
        let takes = quote! {
            #private::takes_batches(
                #known::HANDLED,
                #runtime::routing::MessageRef::of::<#message>(),
            )
        };
        // With the span of the check of its handlers, so that a type that is no service is not reported twice.
        respan(takes, service.span)
    });
    let arms = plan.program.slots.iter().enumerate().map(|(index, slot)| {
        let call = call(plan, slot, &plan.slots[index]);
        quote!(::core::option::Option::Some(#index) => { #call })
    });
    let drain = drain(plan);
    let empty = plan.slots.iter().enumerate().map(|(index, field)| {
        let in_use = in_use(plan, index);
        quote!(#field: #private::Gathered::new(#in_use))
    });
    let (parameter, only, argument) = (plan.parameter(), plan.only_parameter(), plan.only_argument(Of::Any));
    let driver = plan.drivers.is_some().then(|| quote!(__driver: ::core::marker::PhantomData,));
    quote! {
        const #takes: [::core::primitive::bool; #count] = [#(#flags),*];

        impl #only ::core::default::Default for #buffers #argument {
            fn default() -> Self {
                Self { __pending: ::core::option::Option::None, #(#empty,)* #driver }
            }
        }

        #[inline]
        fn #deliver<#parameter __W: #private::Watch>(
            #cx: &mut #entry,
            #gathered: &mut #private::Kept<#buffers #argument>,
            __watch: __W,
            __origin: #runtime::routing::Origin,
            __noted: ::core::primitive::usize,
        ) {
            let #gathered = #gathered.get();
            match #gathered.__pending.take() {
                #(#arms)*
                _ => return,
            }
            #drain
        }
    }
}

fn call(plan: &Plan<'_>, slot: &Slot, field: &Ident) -> TokenStream {
    let route = &plan.router.routes[slot.route];
    let (gathered, message) = (&plan.gather.gathered, &plan.locals.message);
    let call = deliver::batch(plan, route, &route.receivers[slot.receiver], slot.service, &quote!(#message.as_slice()));
    let call = watched(plan, route, call);
    quote! {
        let #message = #gathered.#field.take();
        #call
    }
}

/// Notes the delivered messages while they are in flight, without those that are noted already.
fn watched(plan: &Plan<'_>, route: &Route, call: TokenStream) -> TokenStream {
    let (runtime, message, ty) = (plan.runtime(), &plan.locals.message, &route.message);
    let cx = &plan.locals.cx;
    let failed = failed(plan, &quote!(#cx.__first));
    quote! {
        let __in_flight = __watch.begin(
            __origin,
            <#ty as #runtime::Message>::ID,
            #message.as_slice().first().map_or(&[], |__first| #runtime::Message::as_bytes(__first)),
            #message.as_slice().len().saturating_sub(__noted),
        );
        #call;
        __watch.complete(__in_flight, #failed);
    }
}

/// Whether a cascade has failed, so that a lane begins no other in that turn.
pub(super) fn failed(plan: &Plan<'_>, first: &TokenStream) -> TokenStream {
    match plan.program.errors.propagates {
        false => quote!(false),
        true => quote!(#first.is_some()),
    }
}

/// Whether an error has ended the turn, with `on_error: propagate`.
pub(super) fn stops(plan: &Plan<'_>) -> TokenStream {
    let cx = &plan.locals.cx;
    quote!(__watch.stops_at_errors() && #cx.__first.is_some())
}

/// Gathers `message` and returns, if its handler takes `&[M]`. Otherwise delivers what was gathered before it. If that ends the turn, the current
/// message is lost with it, as in a panic.
pub(super) fn before(plan: &Plan<'_>, arm: &Arm, done: &TokenStream) -> TokenStream {
    let (rest, stops) = (rest(plan), stops(plan));
    let may_stop = plan.program.errors.propagates && !plan.slots.is_empty();
    let stop = may_stop.then(|| quote!(if #stops { return #done; }));
    let slots = match &arm.before {
        Before::Nothing => return TokenStream::new(),
        Before::Gather(slots) => slots,
    };
    let Names { deliver, gathered, .. } = &plan.gather;
    let Locals { cx, message, .. } = &plan.locals;
    let gather = slots.iter().map(|index| {
        let (field, in_use, some) =
            (&plan.slots[*index], in_use(plan, *index), quote!(::core::option::Option::Some(#index)));
        let slot = &plan.program.slots[*index];
        let receiver = &plan.router.routes[slot.route].receivers[slot.receiver];
        // What was queued has been asked before.
        let wanted = deliver::holds(plan, receiver).filter(|_| !matches!(arm.then, Then::Call { .. }));
        let unwanted = wanted.map(|wanted| quote!(if !#wanted { return #done; }));
        let paced = match arm.then {
            Then::Call { .. } => arm.paced,
            Then::Emit | Then::Share => pace::of(plan, receiver),
        };
        let held = paced.map(|paced| pace::unless_held(plan, paced, done));
        quote! {
            if #in_use {
                #unwanted
                #held
                if #gathered.get().__pending != #some {
                    #deliver(#cx, #gathered, __watch, __origin, 0);
                    #stop
                    #gathered.get().__pending = #some;
                }
                if #gathered.get().#field.add(#message) {
                    // The caller has noted the current message already.
                    #deliver(#cx, #gathered, __watch, __origin, 1);
                }
                return #done;
            }
        }
    });
    quote!(#(#gather)* #rest #stop)
}

/// Delivers what has been gathered, before a message of another kind and when a path is empty.
pub(super) fn rest(plan: &Plan<'_>) -> TokenStream {
    if plan.slots.is_empty() {
        return TokenStream::new();
    }
    let Names { deliver, gathered, .. } = &plan.gather;
    let (any, cx) = (any(plan, Of::Any), &plan.locals.cx);
    quote! {
        if const { #any } {
            #deliver(#cx, #gathered, __watch, __origin, 0);
        }
    }
}

/// The parameters of functions that take messages, after the entry, and their arguments: the buffers, the watch and the origin.
pub(super) fn parameters(plan: &Plan<'_>) -> (TokenStream, TokenStream) {
    let (runtime, private, Names { buffers, gathered, .. }) = (plan.runtime(), plan.private(), &plan.gather);
    let driver = plan.only_argument(Of::Any);
    let (parameter, argument) = match plan.slots.is_empty() {
        true => (None, None),
        false => (Some(quote!(#gathered: &mut #private::Kept<#buffers #driver>,)), Some(quote!(#gathered,))),
    };
    (quote!(#parameter __watch: __W, __origin: #runtime::routing::Origin,), quote!(#argument __watch, __origin,))
}

/// The buffers in the pattern that borrows the services.
pub(super) fn lent(plan: &Plan<'_>) -> Option<TokenStream> {
    let gathered = &plan.gather.gathered;
    (!plan.slots.is_empty()).then(|| quote!(__gathered: #gathered,))
}

/// Discards what has been gathered, and adds the number to `lost`.
pub(super) fn abandon(plan: &Plan<'_>) -> TokenStream {
    let (fields, any) = (&plan.slots, any(plan, Of::Any));
    quote! {
        if const { #any } {
            let __gathered = self.__gathered.get();
            __gathered.__pending = ::core::option::Option::None;
            __lost += 0 #(+ __gathered.#fields.abandon())*;
        }
    }
}
