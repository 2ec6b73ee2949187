//! The order of services, as types: a type for each place in it, the services borrowed from there on, and the context of the service before
//! that place.
//!
//! All services are borrowed once for a cascade, as a list: each node holds the borrow of one service, and that of the next node. A context is the
//! rest of that list, so it costs nothing to make, and the code grows with the number of services, not with its square.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

use super::drain;
use super::drivers::Of;
use super::plan::Plan;
use crate::names::{Fresh, camel_case, plain};
use crate::router::model::Router;
use crate::spans::{own_span, respan};

/// The names of these items.
pub(super) struct Names {
    /// The place before all services, and the one after each of them.
    pub(super) places: Vec<Ident>,
    /// The trait of places.
    pub(super) place: Ident,
    /// A node of the list.
    lent: Ident,
    pub(super) context: Ident,
    /// The trait of what is done at a place.
    pub(super) visit: Ident,
    /// The function that borrows all services of a router.
    pub(super) lend_all: Ident,
    /// The type argument for the driver, if the router names lanes.
    argument: Option<TokenStream>,
    /// The digits of numbers.
    digits: [Ident; 2],
    /// Functions that skip 64, 16, four places and one, without those that skip more places than there are.
    skips: Vec<(usize, Ident)>,
    /// The types of the places after these.
    after: Vec<Ident>,
}

impl Names {
    pub(super) fn new(router: &Router, fresh: &mut Fresh) -> Self {
        let lengths: Vec<usize> =
            [64, 16, 4, 1].into_iter().filter(|count| *count == 1 || *count <= router.services.len()).collect();
        let after = router.services.iter().map(|service| format!("__After{}", camel_case(&plain(&service.field))));
        Self {
            places: std::iter::once("__Entry".to_owned()).chain(after).map(|name| fresh.name(&name)).collect(),
            place: fresh.name("__Place"),
            lent: fresh.name("__Lent"),
            context: fresh.name("__Context"),
            visit: fresh.name("__Visit"),
            lend_all: fresh.name("__lend_all"),
            argument: (!router.lanes.is_empty()).then(|| quote!(, __L)),
            digits: ["__Zero", "__One"].map(|digit| fresh.name(digit)),
            skips: lengths.iter().map(|count| (*count, fresh.name(&format!("__skip_{count}")))).collect(),
            after: lengths.iter().map(|count| fresh.name(&format!("__Next{count}"))).collect(),
        }
    }

    /// `__Context<'_, '_, __AfterSpread>`: borrows the services from this place on.
    pub(super) fn context_at(&self, place: usize) -> TokenStream {
        let (context, place, argument) = (&self.context, &self.places[place], &self.argument);
        quote!(#context<'_, '_, #place #argument>)
    }

    /// The method of a visitor for this place.
    pub(super) fn visited_at(&self, place: usize) -> Ident {
        format_ident!("__at_{place}")
    }

    /// The list at a later place, from the list at an earlier one.
    pub(super) fn skip(&self, from: usize, to: usize, lent: TokenStream) -> TokenStream {
        let mut left = to.saturating_sub(from);
        let mut lent = lent;
        for (count, skip) in &self.skips {
            while left >= *count {
                (lent, left) = (quote!(#skip(#lent)), left - count);
            }
        }
        lent
    }
}

/// ```text
/// Context { services: …, __core: …, __first: … }
/// ```
///
/// The context at a later place, from the one at an earlier place, which is the variable `cx`.
pub(super) fn narrowed(plan: &Plan<'_>, from: usize, to: usize) -> TokenStream {
    let (names, cx) = (&plan.order, &plan.locals.cx);
    let lent = names.skip(from, to, quote!(&mut *#cx.services));
    context(plan, &lent)
}

/// A context of these services, with the rest of what the variable `cx` borrows.
pub(super) fn context(plan: &Plan<'_>, services: &TokenStream) -> TokenStream {
    let (context, cx) = (&plan.order.context, &plan.locals.cx);
    let first = plan.program.errors.propagates.then(|| quote!(, __first: &mut *#cx.__first));
    quote!(#context { services: #services, __core: &mut *#cx.__core #first })
}

/// The places, the list and the contexts.
pub(super) fn order(plan: &Plan<'_>) -> TokenStream {
    let Names { place, lent, context, visit, .. } = &plan.order;
    let (core, runtime, skips) = (plan.core(Of::Any), plan.runtime(), skips(plan));
    let (parameter, only) = (plan.parameter(), plan.only_parameter());
    let (argument, only_argument) = (plan.argument(Of::Any), plan.only_argument(Of::Any));
    let behind = parameter.as_ref().map(|parameter| quote!(, #parameter));
    let first = plan
        .program
        .errors
        .propagates
        .then(|| quote!(__first: &'x mut ::core::option::Option<#runtime::HandlerError>,));
    let visits = (0..=plan.router.services.len()).map(|index| {
        let (method, context) = (plan.order.visited_at(index), plan.order.context_at(index));
        quote! {
            fn #method(self, _: &mut #context) -> Self::__Output { loop {} }
        }
    });
    let places = (0..=plan.router.services.len()).map(|index| one_place(plan, index));
    let lane = plan.drivers.is_some().then(|| {
        quote!(
            type __Lane;
        )
    });
    let lent_out = lend_all(plan);
    // Errors about a context are reported at the router's name.
    let defined = quote! {
        struct #context<'x, 'a, __P: #place #behind> {
            services: &'x mut #lent<'a, __P #argument>,
            __core: &'x mut #core,
            #first
        }
    };
    let defined = respan(defined, plan.router.name.span());
    let ([zero, one], private) = (&plan.order.digits, plan.private());
    quote! {
        use #private::{One as #one, Zero as #zero};

        trait #place: ::core::marker::Sized + 'static {
            type __Next: #place;
            type __Service;
            type __Number;
            #lane
            type __Borrow<'a #behind>;
            type __Rest<'a #behind>;
            const __NUMBER: ::core::primitive::usize;
            fn __rest<'x, 'a #behind>(__lent: &'x mut #lent<'a, Self #argument>) -> &'x mut #lent<'a, Self::__Next #argument>;
            fn __visit<#parameter __V: #visit #only_argument>(__cx: &mut #context<'_, '_, Self #argument>, __visit: __V) -> __V::__Output;
        }

        struct #lent<'a, __P: #place #behind> {
            service: __P::__Borrow<'a #argument>,
            rest: __P::__Rest<'a #argument>,
        }

        #defined

        trait #visit #only: ::core::marker::Sized {
            type __Output;
            const __PLACE: ::core::primitive::usize;
            #(#visits)*
        }

        #skips
        #(#places)*
        #lent_out
    }
}

/// The functions that skip places, each four times as many as the next.
fn skips(plan: &Plan<'_>) -> TokenStream {
    let Names { place, lent, skips, after, .. } = &plan.order;
    let (behind, argument) = (plan.parameter().map(|parameter| quote!(, #parameter)), plan.argument(Of::Any));
    let mut shorter: Option<(&Ident, &Ident)> = None;
    let skips = skips.iter().zip(after).rev().map(|((_, skip), after)| {
        let (ty, body) = match shorter {
            None => (quote!(<__P as #place>::__Next), quote!(__P::__rest(__lent))),
            Some((by, next)) => (quote!(#next<#next<#next<#next<__P>>>>), quote!(#by(#by(#by(#by(__lent)))))),
        };
        shorter = Some((skip, after));
        quote! {
            type #after<__P> = #ty;

            #[inline(always)]
            fn #skip<'x, 'a, __P: #place #behind>(__lent: &'x mut #lent<'a, __P #argument>) -> &'x mut #lent<'a, #after<__P> #argument> {
                #body
            }
        }
    });
    let skips: Vec<_> = skips.collect();
    quote!(#(#skips)*)
}

fn one_place(plan: &Plan<'_>, index: usize) -> TokenStream {
    let Names { places, place, lent, context, visit, .. } = &plan.order;
    let (parameter, argument, only_argument) = (plan.parameter(), plan.argument(Of::Any), plan.only_argument(Of::Any));
    let behind = parameter.as_ref().map(|parameter| quote!(, #parameter));
    let (name, last) = (&places[index], plan.router.services.len());
    let next = &places[(index + 1).min(last)];
    // An error about a context points to the service that gets the context.
    let before = index.checked_sub(1).map(|service| &plan.router.services[service]);
    let service = before.map_or_else(|| quote!(()), |before| own_span(&before.ty).into_token_stream());
    let span = before.map_or_else(|| plan.router.name.span(), |before| before.span);
    let (borrow, rest, step) = match index < last {
        true => (borrow(plan, index), quote!(&'a mut #lent<'a, #next #argument>), quote!(__lent.rest)),
        false => (quote!(()), quote!(()), quote!(__lent)),
    };
    let (number, visited) = (number(plan, index), visits(plan, index));
    let lane = plan.drivers.is_some().then(|| {
        let lane = lane(plan, index);
        quote!(type __Lane = #lane;)
    });
    let definition = respan(quote!(enum #name {}), span);
    quote! {
        #definition
        impl #place for #name {
            type __Next = #next;
            type __Service = #service;
            type __Number = #number;
            #lane
            type __Borrow<'a #behind> = #borrow;
            type __Rest<'a #behind> = #rest;
            const __NUMBER: ::core::primitive::usize = #index;
            #[inline(always)]
            fn __rest<'x, 'a #behind>(__lent: &'x mut #lent<'a, Self #argument>) -> &'x mut #lent<'a, #next #argument> { #step }
            #[inline(always)]
            fn __visit<#parameter __V: #visit #only_argument>(__cx: &mut #context<'_, '_, Self #argument>, __visit: __V) -> __V::__Output { #visited }
        }
    }
}

/// The type of the borrow of a service.
fn borrow(plan: &Plan<'_>, service: usize) -> TokenStream {
    if plan.router.is_task(service) {
        return quote!(());
    }
    let held = match plan.drivers {
        None => plan.router.services[service].ty.to_token_stream(),
        Some(_) => plan.owned(service),
    };
    quote!(&'a mut #held)
}

/// Calls the visitor here, or at a later place.
fn visits(plan: &Plan<'_>, index: usize) -> TokenStream {
    let Names { places, place, skips, .. } = &plan.order;
    let (method, last) = (plan.order.visited_at(index), plan.router.services.len());
    let first = plan.program.errors.propagates.then(|| quote!(, __first: &mut *__cx.__first));
    let context = &plan.order.context;
    let further = skips.iter().filter(|(count, _)| index + count <= last).map(|(count, skip)| {
        let (there, number) = (&places[index + count], index + count);
        quote! {
            if const { __V::__PLACE >= #number } {
                return <#there as #place>::__visit(
                    &mut #context { services: #skip(&mut *__cx.services), __core: &mut *__cx.__core #first },
                    __visit,
                );
            }
        }
    });
    quote! {
        #(#further)*
        __visit.#method(__cx)
    }
}

/// The number of a place.
fn number(plan: &Plan<'_>, place: usize) -> TokenStream {
    digits(plan, place, plan.router.services.len())
}

/// The number of the lane of the service before a place; where there is none, a number that no lane has.
fn lane(plan: &Plan<'_>, place: usize) -> TokenStream {
    let none = plan.router.lanes.len();
    let lane = place.checked_sub(1).and_then(|service| plan.router.lane_of(service));
    digits(plan, lane.unwrap_or(none), none)
}

/// A number up to `most` as a list of its binary digits.
fn digits(plan: &Plan<'_>, number: usize, most: usize) -> TokenStream {
    let [zero, one] = &plan.order.digits;
    let digits = usize::BITS - most.leading_zeros();
    (0..digits).fold(quote!(()), |rest, digit| match number >> digit & 1 {
        0 => quote!((#zero, #rest)),
        _ => quote!((#one, #rest)),
    })
}

/// ```text
/// fn lend_all(router: &mut Trading, then: impl FnOnce(&mut Context<'_, '_, Entry>)) { … }
/// ```
fn lend_all(plan: &Plan<'_>) -> TokenStream {
    let (names, name, cx) = (&plan.order, &plan.router.name, &plan.locals.cx);
    let (lend_all, context, entry) = (&names.lend_all, &names.context, &names.places[0]);
    let fields: Vec<_> = plan.router.without_task().map(|service| plan.field(service)).collect();
    let locals = plan.router.without_task().map(|service| plan.local_of(service));
    let (entered, argument, first) = (entered(plan, Of::Owner), plan.argument(Of::Owner), drain::first_parameter(plan));
    quote! {
        #[inline(always)]
        fn #lend_all(
            __router: &mut #name,
            #first
            __then: impl for<'x, 'a> ::core::ops::FnOnce(&mut #context<'x, 'a, #entry #argument>),
        ) {
            let #name { #(#fields: #locals,)* __core, .. } = __router;
            #entered
            __then(#cx)
        }
    }
}

/// ```text
/// let mut lent_1 = Lent { … };
/// let cx = &mut Context { services: &mut lent_0, __core };
/// ```
///
/// The context of the entry, from the variables of the services, `__core`, and `__first` for the first error if it is returned.
pub(super) fn entered(plan: &Plan<'_>, of: Of) -> TokenStream {
    let (cx, context, list) = (&plan.locals.cx, &plan.order.context, list(plan, of));
    let first = plan.program.errors.propagates.then(|| quote!(, __first: __first));
    quote! {
        #list
        let #cx = &mut #context { services: &mut __lent_0, __core: __core #first };
    }
}

/// The list, which begins with `__lent_0`.
fn list(plan: &Plan<'_>, of: Of) -> TokenStream {
    let Names { lent, places, .. } = &plan.order;
    let (last, argument) = (plan.router.services.len(), plan.argument(of));
    let links = (0..=last).rev().map(|index| {
        let (name, place) = (format_ident!("__lent_{index}"), &places[index]);
        if index == last {
            return quote!(let mut #name = #lent::<'_, #place #argument> { service: (), rest: () };);
        }
        let next = format_ident!("__lent_{}", index + 1);
        let local = plan.local_of(index);
        let service = match plan.router.is_task(index) {
            true => quote!(()),
            false => local.to_token_stream(),
        };
        quote!(let mut #name = #lent::<'_, #place #argument> { service: #service, rest: &mut #next };)
    });
    quote!(#(#links)*)
}
