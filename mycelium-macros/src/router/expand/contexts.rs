//! The contexts: for each service one type that borrows just the services after it.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

use super::plan::Plan;
use super::{deliver, refusals};
use crate::names::plain;
use crate::places::{kept, moved};
use crate::router::model::Route;

/// All context types and what they can do.
pub(super) fn contexts(plan: &Plan<'_>) -> TokenStream {
    let contexts = (0..=plan.router.services.len()).map(|first| context(plan, first));
    quote!(#(#contexts)*)
}

fn context(plan: &Plan<'_>, first: usize) -> TokenStream {
    let (definition, narrowed) = (definition(plan, first), narrowed(plan, first));
    let routed = plan.router.routes.iter().map(|route| {
        let emit = emit(plan, first, route);
        let request = request(plan, first, route);
        quote!(#emit #request)
    });
    // No service stands before the first, so that nobody can ask the outermost context for more than that.
    let for_services = (first > 0).then(|| services_of(plan, first));
    quote!(#definition #narrowed #(#routed)* #for_services)
}

/// ```text
/// struct AfterSpread<'a> { execution: &'a mut Execution, risk: &'a mut RiskManager, __core: &'a mut Core<…> }
/// ```
fn definition(plan: &Plan<'_>, first: usize) -> TokenStream {
    let (name, core, runtime) = (&plan.contexts[first], plan.core(), plan.runtime());
    // Where an error says what a context lacks, it shows the service that the context is lent to.
    let service = first.checked_sub(1).and_then(|service| plan.router.services.get(service));
    let place = service.map_or_else(|| plan.router.name.span(), |service| service.place);
    let fields = plan.router.held(first).map(|service| plan.field(service));
    let types = plan.router.held(first).map(|service| &plan.router.services[service].ty);
    let first_error =
        plan.router.propagates().then(|| quote!(__first: &'a mut ::core::option::Option<#runtime::HandlerError>,));
    let fields = quote! {
        #(#fields: &'a mut #types,)*
        __core: &'a mut #core,
        #first_error
    };
    moved(quote!(struct #name<'a> { #fields }), place)
}

/// ```text
/// impl AfterSpread<'_> { fn __after_risk(&mut self) -> AfterRisk<'_> { AfterRisk { … } } }
/// ```
///
/// A context passes on what later services receive. It names all their fields, so it does so not once for each message but once for each
/// of a few later contexts, [towards](towards) the one that delivers: text that would grow by the cube of the number of services.
fn narrowed(plan: &Plan<'_>, first: usize) -> Option<TokenStream> {
    let needed = plan.router.routes.iter().filter(|route| first > 0 && plan.router.reaches(first, route));
    let needed = needed.map(|route| plan.router.first_receiver(route)).filter(|needed| *needed > first);
    let targets: BTreeSet<usize> = needed.map(|needed| towards(first, needed)).collect();
    let name = &plan.contexts[first];
    let methods = targets.iter().map(|target| {
        let (method, context, tail) = (narrow(plan, *target), &plan.contexts[*target], plan.tail(*target));
        quote! {
            #[inline(always)]
            fn #method(&mut self) -> #context<'_> {
                let Self { #tail, .. } = self;
                #context { #tail }
            }
        }
    });
    (!targets.is_empty()).then(|| quote!(impl #name<'_> { #(#methods)* }))
}

/// The context on the way from the one at `first` to the one at `needed`: at most as many steps as `needed - first` has binary digits.
fn towards(first: usize, needed: usize) -> usize {
    first + (1 << (needed - first).ilog2())
}

/// `__after_risk`
fn narrow(plan: &Plan<'_>, target: usize) -> Ident {
    format_ident!("__after_{}", plain(&plan.field(target - 1)))
}

/// `Emit` of one message, if all its direct receivers are among the services that this context borrows: written out in
/// the context that holds no more than needed, and passed on to that by the larger ones.
fn emit(plan: &Plan<'_>, first: usize, route: &Route) -> TokenStream {
    let needed = plan.router.first_receiver(route);
    // The outermost context only serves routes that begin at the first service.
    if first == 0 && needed > 0 {
        return TokenStream::new();
    }
    if !plan.router.reaches(first, route) {
        return refusals::emit(plan, first, route);
    }
    let (name, runtime, message) = (&plan.contexts[first], plan.runtime(), &route.message);
    let local = &plan.locals.message;
    let inline = plan.inline(route);
    let body = if needed <= first {
        let (tail, all) = (plan.tail(first), deliver::all(plan, route, first));
        quote!(let Self { #tail } = self; #all)
    } else {
        let narrow = narrow(plan, towards(first, needed));
        quote!(#runtime::Emit::<#message>::emit(&mut self.#narrow(), #local);)
    };
    let kept = kept(message);
    let header = moved(quote!(impl #runtime::Emit<#kept> for #name<'_>), route.place);
    quote! {
        #header {
            #inline
            fn emit(&mut self, #local: &#message) {
                #body
            }
        }
    }
}

/// Emits in the context of the services from `needed` on.
pub(super) fn pass_on(plan: &Plan<'_>, needed: usize, route: &Route) -> TokenStream {
    let (context, tail) = (&plan.contexts[needed], plan.tail(needed));
    let (runtime, message, local) = (plan.runtime(), &route.message, &plan.locals.message);
    quote!(#runtime::Emit::<#message>::emit(&mut #context { #tail }, #local);)
}

/// What a service may ask of its context besides the messages that others receive.
fn services_of(plan: &Plan<'_>, first: usize) -> TokenStream {
    let ignored = plan.router.ignored.iter().map(|message| {
        let (name, runtime) = (&plan.contexts[first], plan.runtime());
        quote! {
            impl #runtime::Emit<#message> for #name<'_> {
                #[inline(always)]
                fn emit(&mut self, _: &#message) {}
            }
        }
    });
    let clock = clock(plan, first);
    let failures = failures(plan, first);
    quote!(#(#ignored)* #clock #failures)
}

/// `Request` of a message with exactly one receiver, called directly, if that is among the services of this context.
fn request(plan: &Plan<'_>, first: usize, route: &Route) -> TokenStream {
    let Some((receiver, service)) = route.only_direct().filter(|(_, service)| *service >= first) else {
        return refusals::request(plan, first, route);
    };
    // As with `emit`, the outermost context only serves routes that begin at the first service.
    if first == 0 && service > 0 {
        return TokenStream::new();
    }
    let (name, runtime, message) = (&plan.contexts[first], plan.runtime(), &route.message);
    let (local, kept) = (&plan.locals.message, kept(message));
    let ty = plan.type_of(service);
    let body = if service == first {
        let (tail, call) = (plan.tail(first), deliver::call(plan, route, receiver, service, &local.to_token_stream()));
        quote!(let Self { #tail } = self; #call)
    } else {
        let narrow = narrow(plan, towards(first, service));
        quote!(#runtime::Request::<#kept>::request(&mut self.#narrow(), #local))
    };
    let inline = plan.inline(route);
    // All of it bears the place of the receiver's name, so that what is wrong with the receiver is not reported twice.
    let request = quote! {
        impl #runtime::Request<#kept> for #name<'_>
        where
            for<'__any> #ty: #runtime::routing::Handles<#kept>,
        {
            type Reply = <#ty as #runtime::routing::Handles<#kept>>::Output;
            #inline
            fn request(&mut self, #local: &#kept) -> Self::Reply {
                #body
            }
        }
    };
    moved(request, receiver.place)
}

fn clock(plan: &Plan<'_>, first: usize) -> TokenStream {
    let (name, runtime) = (&plan.contexts[first], plan.runtime());
    quote! {
        impl #runtime::routing::Clock for #name<'_> {
            #[inline]
            fn now(&self) -> #runtime::TimestampNs {
                self.__core.now()
            }
        }
    }
}

/// An error that this context takes is the error of the service before it.
fn failures(plan: &Plan<'_>, first: usize) -> TokenStream {
    let (name, runtime, fail) = (&plan.contexts[first], plan.runtime(), &plan.fail);
    let service = first - 1;
    let first_error = plan.router.propagates().then(|| quote!(self.__first,));
    quote! {
        impl #runtime::routing::ReportFailure for #name<'_> {
            #[inline(always)]
            fn report_failure(&mut self, __message: &'static ::core::primitive::str, __error: &dyn ::core::fmt::Display) {
                #fail(self.__core, #first_error #service, __message, __error);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::towards;

    #[test]
    fn each_context_leads_to_each_later_one_in_few_steps() {
        for (first, needed) in (0..100).flat_map(|first| (first + 1..100).map(move |needed| (first, needed))) {
            let mut steps = std::iter::successors(Some(first), |at| (*at < needed).then(|| towards(*at, needed)));
            assert!(steps.clone().count() <= 8, "{first} {needed}");
            assert_eq!(steps.by_ref().last(), Some(needed));
        }
    }
}
