//! Writes what a runner on tokio calls of a service, with all that it has: `Dispatch`, and `OnBus`, which says that a bus can run it.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::spanned::Spanned;
use syn::{Generics, Ident, ItemImpl, parse_quote};

use super::above::{Above, Bounded};
use super::handler::{Handler, Returns};
use super::methods::Methods;
use super::run::Run;
use crate::places::moved;

/// ```text
/// impl<Cx: Emit<Signal>> Dispatch<Cx> for SpreadStrategy where for<'a> SpreadStrategy: Send {
///     type Service = Self;
///     const HANDLED: &'static [Handled] = <Self as Service>::HANDLED;
///     async fn deliver(service: &mut Self, id: u16, body: Handed<'_>, cx: &mut Cx) where Cx: DispatchContext {
///         if id == Bar::ID { return deliver::<Bar, _, _>(service, body, cx).await; }
///         cx.refuse(id, …);
///     }
/// }
/// impl<Cx: Emit<Signal>> OnBus<Cx> for SpreadStrategy where for<'a> SpreadStrategy: Send {}
/// ```
///
/// The idle lifetime keeps a type that is not `Send` from being an error here: it is one where a bus is asked to run it.
pub(super) fn dispatch(block: &ItemImpl, methods: &Methods, runtime: &TokenStream) -> TokenStream {
    // A service that borrows is not for a bus, which outlives what it could borrow.
    if has_lifetime(block.self_ty.to_token_stream()) {
        return TokenStream::new();
    }
    let handlers: Vec<_> = methods.handlers.iter().filter(|handler| !handler.broken).collect();
    if !methods.runs.is_empty() && handlers.is_empty() {
        return methods.runs.iter().map(|run| running(block, run, runtime)).collect();
    }
    let context = format_ident!("__Cx");
    let (generics, conditional) = with_context(block, &handlers, &context, runtime);
    let above = Above::of(block, handlers.iter().flat_map(|handler| &handler.lints));
    let (generics, _, conditions) = generics.split_for_impl();
    let ty = &block.self_ty;
    let deliveries = handlers.iter().map(|handler| delivery(handler, runtime));
    let replies = handlers.iter().filter(|handler| matches!(handler.returns, Returns::Other(_))).map(|handler| {
        let (cfgs, message) = (&handler.cfgs, &handler.message);
        quote!(#(#cfgs)* <#message as #runtime::Message>::ID)
    });
    let driven = driven(methods, &context, runtime);
    quote! {
        #above
        #conditional
        impl #generics #runtime::routing::Dispatch<#context> for #ty #conditions {
            type Service = Self;
            const HANDLED: &'static [#runtime::routing::Handled] = <Self as #runtime::routing::Service>::HANDLED;
            const REPLIES: &'static [::core::primitive::u16] = &[#(#replies),*];

            async fn deliver(
                __service: &mut Self,
                __id: ::core::primitive::u16,
                __body: #runtime::routing::Handed<'_>,
                __cx: &mut #context,
            )
            where
                #context: #runtime::routing::DispatchContext,
            {
                #(#deliveries)*
                #runtime::routing::DispatchContext::refuse(__cx, __id, &"this service handles nothing of the kind");
            }

            #driven
        }

        #above
        #conditional
        impl #generics #runtime::routing::OnBus<#context> for #ty #conditions {}
    }
}

/// ```text
/// if id == Bar::ID { return deliver::<Bar, _, _>(service, body, cx).await; }
/// ```
fn delivery(handler: &Handler, runtime: &TokenStream) -> TokenStream {
    let (cfgs, message) = (&handler.cfgs, &handler.message);
    let deliver = if handler.batch { quote!(deliver_batch) } else { quote!(deliver) };
    // No `match`: a constant of a generic type is no pattern.
    let delivery = quote! {
        if __id == <#message as #runtime::Message>::ID {
            return #runtime::routing::__private::#deliver::<#message, _, _>(__service, __body, __cx).await;
        }
    };
    let delivery = moved(delivery, message.span());
    quote!(#(#cfgs)* #delivery)
}

/// ```text
/// const SOURCES: &'static [Source] = <Self as Service>::SOURCES;
/// const TIMERS: &'static [Timer] = <Self as Service>::TIMERS;
/// fn drive(service: &mut Self, due: Due, cx: &mut Cx) -> SourceState { Driven::drive(service, due, cx) }
/// ```
///
/// A service that has neither leaves them out.
fn driven(methods: &Methods, context: &Ident, runtime: &TokenStream) -> Option<TokenStream> {
    let any = !(methods.sources.is_empty() && methods.timers.is_empty());
    any.then(|| {
        quote! {
            const SOURCES: &'static [#runtime::routing::Source] = <Self as #runtime::routing::Service>::SOURCES;
            const TIMERS: &'static [#runtime::routing::Timer] = <Self as #runtime::routing::Service>::TIMERS;

            #[inline]
            fn drive(__service: &mut Self, __due: #runtime::routing::Due, __cx: &mut #context) -> #runtime::routing::SourceState {
                <Self as #runtime::routing::Driven<#context>>::drive(__service, __due, __cx)
            }
        }
    })
}

fn has_lifetime(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Punct(punct) => punct.as_char() == '\'',
        TokenTree::Group(group) => has_lifetime(group.stream()),
        _ => false,
    })
}

fn with_context(
    block: &ItemImpl,
    handlers: &[&Handler],
    context: &Ident,
    runtime: &TokenStream,
) -> (Generics, TokenStream) {
    let mut generics = block.generics.clone();
    generics.params.push(parse_quote!(#context));
    let mut bounded = Bounded::new(generics, runtime);
    bounded.add(&[], sendable());
    bounded.add(&[], is_driven(context, runtime));
    for handler in handlers {
        if let Some(bounds) = handler.context.as_ref().filter(|bounds| !bounds.is_empty()) {
            bounded.add(&handler.cfgs, parse_quote!(#context: #bounds));
        }
    }
    // What is no message is an error already, once.
    for handler in handlers {
        let message = &handler.message;
        let is_message = match handler.batch {
            true => parse_quote!(for<'__never> #message: #runtime::routing::__private::SideBySide),
            false => parse_quote!(for<'__never> #message: #runtime::Message),
        };
        bounded.add(&handler.cfgs, is_message);
    }
    bounded.finish()
}

fn sendable() -> syn::WherePredicate {
    parse_quote!(for<'__never> Self: ::core::marker::Send)
}

/// What it calls by itself must do with the context, too.
fn is_driven(context: &impl ToTokens, runtime: &TokenStream) -> syn::WherePredicate {
    parse_quote!(for<'__never> Self: #runtime::routing::Driven<#context>)
}

/// ```text
/// impl Dispatch<ServiceContext> for Poller where for<'a> Poller: Send { type Service = Self; }
/// impl OnBus<ServiceContext> for Poller where for<'a> Poller: Send {
///     const RUNS: bool = true;
///     async fn run(&mut self, cx: &ServiceContext) -> Result<(), HookError> { hook_result(Self::run(self, cx).await) }
/// }
/// ```
fn running(block: &ItemImpl, run: &Run, runtime: &TokenStream) -> TokenStream {
    let mut generics = block.generics.clone();
    let conditions = generics.make_where_clause();
    conditions.predicates.push(sendable());
    conditions.predicates.push(is_driven(&run.context, runtime));
    let (generics, _, conditions) = generics.split_for_impl();
    let (ty, context) = (&block.self_ty, &run.context);
    let above = Above::of(block, &run.lints).only_where(&run.cfgs);
    let result = match &run.returns {
        _ if run.broken => quote!(::core::result::Result::Ok(())),
        None => quote!(Self::run(self, __cx).await; ::core::result::Result::Ok(())),
        Some(returned) => {
            let settle = quote!(#runtime::routing::__private::hook_result::<#returned>(__outcome));
            let settle = moved(settle, returned.span());
            quote!(let __outcome = Self::run(self, __cx).await; #settle)
        }
    };
    quote! {
        #above
        impl #generics #runtime::routing::Dispatch<#context> for #ty #conditions {
            type Service = Self;
        }

        #above
        impl #generics #runtime::routing::OnBus<#context> for #ty #conditions {
            const RUNS: ::core::primitive::bool = true;

            async fn run(&mut self, __cx: &#context) -> ::core::result::Result<(), #runtime::routing::HookError> {
                #result
            }
        }
    }
}
