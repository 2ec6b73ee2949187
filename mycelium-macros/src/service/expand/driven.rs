//! Writes `Driven`, by which a driver calls sources and timers, and the hooks of `Service`.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::spanned::Spanned;
use syn::{Generics, ItemImpl, Type, parse_quote};

use super::header::{Bounded, Header};
use crate::service::driven::{Driven, Source};
use crate::service::hooks::Hook;
use crate::service::methods::Methods;
use crate::spans::{respan, respan_call};

/// ```text
/// impl<Cx: Emit<Bar> + Emit<Tick>> Driven<Cx> for Replay {
///     fn poll_source(&mut self, index: usize, cx: &mut Cx) -> SourceState {
///         let mut left = index;
///         { if left == 0 { return Self::next_bar(self, cx); } left -= 1; }
///         SourceState::Finished
///     }
///     fn fire(&mut self, index: usize, cx: &mut Cx) {
///         let mut left = index;
///         { if left == 0 { Self::tick(self, cx); return; } left -= 1; }
///     }
/// }
/// ```
pub(super) fn driven(block: &ItemImpl, methods: &Methods, runtime: &TokenStream) -> TokenStream {
    let context = format_ident!("__Cx");
    let sources = methods.sources.iter().map(|source| poll(source, runtime));
    let timers = methods.timers.iter().map(|timer| fire(&timer.driven, runtime));
    let all =
        || methods.sources.iter().map(|source| &source.driven).chain(methods.timers.iter().map(|timer| &timer.driven));
    let (generics, conditional) = with_context(&block.generics, all(), &context, runtime);
    let above = Header::of(block, all().flat_map(|driven| &driven.lints));
    let (generics, _, conditions) = generics.split_for_impl();
    let ty = &block.self_ty;
    let poll_source = (!methods.sources.is_empty()).then(|| {
        quote! {
            #[inline]
            fn poll_source(&mut self, __index: ::core::primitive::usize, __cx: &mut #context) -> #runtime::routing::SourceState {
                let mut __left = __index;
                #(#sources)*
                #runtime::routing::SourceState::Finished
            }
        }
    });
    let fire = (!methods.timers.is_empty()).then(|| {
        quote! {
            #[inline]
            fn fire(&mut self, __index: ::core::primitive::usize, __cx: &mut #context) {
                let mut __left = __index;
                #(#timers)*
            }
        }
    });
    quote! {
        #above
        #conditional
        #[allow(unused)]
        impl #generics #runtime::routing::Driven<#context> for #ty #conditions {
            #poll_source
            #fire
        }
    }
}

fn poll(source: &Source, runtime: &TokenStream) -> TokenStream {
    let driven = &source.driven;
    let polled = match &driven.returns {
        Some(ty) if !driven.broken => settled(driven, ty, &quote!(#runtime::routing::Polled), runtime),
        _ => quote!(#runtime::routing::SourceState::Finished),
    };
    let guarded = source.when.as_ref().filter(|_| !driven.broken).map(|when| {
        let asked = respan_call(quote!(#runtime::__private::routing::is_ready(Self::#when, &*self)), when.span());
        quote!(if !#asked { return #runtime::routing::SourceState::Idle; })
    });
    numbered(driven, &quote!(#guarded return #polled;))
}

fn fire(timer: &Driven, runtime: &TokenStream) -> TokenStream {
    let fired = match &timer.returns {
        _ if timer.broken => TokenStream::new(),
        None => call(timer),
        Some(ty) => settled(timer, ty, &quote!(#runtime::routing::Unanswered), runtime),
    };
    numbered(timer, &quote!(return #fired;))
}

/// The call, whose error is reported to the context, under the method's name instead of a message's.
fn settled(driven: &Driven, returned: &Type, settles: &TokenStream, runtime: &TokenStream) -> TokenStream {
    let (call, name) = (call(driven), driven.method.to_string());
    let settle = quote! {
        <#returned as #settles>::settle(__outcome, |__error| {
            #runtime::routing::ReportFailure::report_failure(__cx, #name, __error)
        })
    };
    let settle = respan(settle, returned.span());
    quote!({ let __outcome = #call; #settle })
}

/// Does `what` if the index is that of this method. It is counted down, since conditions may remove methods.
fn numbered(method: &Driven, what: &TokenStream) -> TokenStream {
    let cfgs = &method.cfgs;
    quote! {
        #(#cfgs)*
        {
            if __left == 0 {
                #what
            }
            __left -= 1;
        }
    }
}

fn call(driven: &Driven) -> TokenStream {
    let method = &driven.method;
    let context = driven.context.as_ref().map(|_| quote!(, __cx));
    quote!(Self::#method(self #context))
}

/// The generics of the block, and the context with the bounds of all these methods.
fn with_context<'a>(
    generics: &Generics,
    methods: impl Iterator<Item = &'a Driven>,
    context: &Ident,
    runtime: &TokenStream,
) -> (Generics, TokenStream) {
    let mut generics = generics.clone();
    generics.params.push(parse_quote!(#context));
    let mut bounded = Bounded::new(generics, runtime);
    for method in methods.filter(|method| !method.broken) {
        if let Some(bounds) = method.context.as_ref().filter(|bounds| !bounds.is_empty()) {
            bounded.add(&method.cfgs, parse_quote!(#context: #bounds));
        }
        if method.returns.is_some() {
            bounded.add(&method.cfgs, parse_quote!(#context: #runtime::routing::ReportFailure));
        }
    }
    bounded.finish()
}

/// ```text
/// fn startup(&mut self) -> Result<(), HookError> { … }
/// ```
pub(super) fn hooks(methods: &Methods, runtime: &TokenStream) -> TokenStream {
    let hooks = [("startup", &methods.hooks.startup), ("shutdown", &methods.hooks.shutdown)];
    let hooks =
        hooks.into_iter().flat_map(|(name, hooks)| hooks.iter().map(move |hook| self::hook(name, hook, runtime)));
    quote!(#(#hooks)*)
}

fn hook(name: &str, hook: &Hook, runtime: &TokenStream) -> TokenStream {
    let name = format_ident!("{name}");
    let body = match &hook.returns {
        None => quote!({ Self::#name(self); ::core::result::Result::Ok(()) }),
        Some(ty) => {
            let settle = quote!(#runtime::__private::routing::hook_result::<#ty>(__outcome));
            let settle = respan(settle, ty.span());
            quote!({ let __outcome = Self::#name(self); #settle })
        }
    };
    let cfgs = &hook.cfgs;
    quote! {
        #(#cfgs)*
        fn #name(&mut self) -> ::core::result::Result<(), #runtime::routing::HookError> #body
    }
}
