//! Writes `OnBus`, by which a bus runs a service.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::spanned::Spanned;
use syn::{Generics, Ident, ItemImpl, parse_quote};

use super::header::{Bounded, Header};
use crate::service::handler::{Handler, Returns};
use crate::service::hooks::Run;
use crate::service::methods::Methods;
use crate::spans::respan;

/// ```text
/// impl<Cx: Emit<Signal> + Send> OnBus<Cx> for SpreadStrategy where for<'a> SpreadStrategy: Send {
///     async fn deliver(&mut self, id: u16, body: Handed<'_>, cx: &mut Cx) where Cx: DispatchContext {
///         if Delivery::<Self, Bar, Cx>::is_for(id) { return Delivery::<Self, Bar, Cx>::one(self, body, cx).await; }
///         cx.refuse(id, …);
///     }
/// }
/// ```
///
/// With the unused lifetime, a type that is not `Send` is no error here, but where a bus is to run it.
pub(super) fn on_bus(block: &ItemImpl, methods: &Methods, runtime: &TokenStream) -> TokenStream {
    // A bus can't run a service that borrows: it outlives what the service could borrow.
    if has_lifetime(block.self_ty.to_token_stream()) {
        return TokenStream::new();
    }
    let handlers: Vec<_> = methods.handlers.iter().filter(|handler| !handler.broken).collect();
    if !methods.runs.is_empty() && handlers.is_empty() {
        return methods.runs.iter().map(|run| running(block, run, runtime)).collect();
    }
    let context = format_ident!("__Cx");
    let (generics, conditional) = with_context(block, &handlers, &context, runtime);
    let above = Header::of(block, handlers.iter().flat_map(|handler| &handler.lints));
    let (generics, _, conditions) = generics.split_for_impl();
    let ty = &block.self_ty;
    let deliveries = handlers.iter().map(|handler| {
        let (cfgs, message) = (&handler.cfgs, &handler.message);
        let deliver = if handler.batch { quote!(many) } else { quote!(one) };
        let delivers = quote!(#runtime::__private::routing::Delivery::<Self, #message, #context>);
        // No `match`: a constant of a generic type is no pattern.
        let delivery = quote! {
            if #delivers::is_for(__id) {
                return #delivers::#deliver(self, __body, __cx).await;
            }
        };
        let delivery = respan(delivery, message.span());
        quote!(#(#cfgs)* #delivery)
    });
    let replies = handlers.iter().filter(|handler| matches!(handler.returns, Returns::Other(_))).map(|handler| {
        let (cfgs, message) = (&handler.cfgs, &handler.message);
        quote!(#(#cfgs)* <#message as #runtime::Message>::ID)
    });
    quote! {
        #above
        #conditional
        impl #generics #runtime::routing::OnBus<#context> for #ty #conditions {
            const REPLIES: &'static [::core::primitive::u16] = &[#(#replies),*];

            async fn deliver(&mut self, __id: ::core::primitive::u16, __body: #runtime::routing::Handed<'_>, __cx: &mut #context)
            where
                #context: #runtime::routing::DispatchContext,
            {
                #[allow(unused_imports)]
                use #runtime::__private::routing::NoDelivery as _;
                #(#deliveries)*
                #runtime::routing::DispatchContext::refuse(__cx, __id, &"this service handles nothing of the kind");
            }
        }
    }
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
    bounded.add(&[], driven(context, runtime));
    for handler in handlers {
        if let Some(bounds) = handler.context.as_ref().filter(|bounds| !bounds.is_empty()) {
            bounded.add(&handler.cfgs, parse_quote!(#context: #bounds));
        }
    }
    // A reply names the message that it answers. A type that is no message is an error already.
    for handler in handlers.iter().filter(|handler| matches!(handler.returns, Returns::Other(_))) {
        let message = &handler.message;
        bounded.add(&handler.cfgs, parse_quote!(for<'__never> #message: #runtime::Message));
    }
    bounded.finish()
}

fn sendable() -> syn::WherePredicate {
    parse_quote!(for<'__never> Self: ::core::marker::Send)
}

/// Sources and timers must work with the context as well.
fn driven(context: &impl ToTokens, runtime: &TokenStream) -> syn::WherePredicate {
    parse_quote!(for<'__never> Self: #runtime::routing::Driven<#context>)
}

/// ```text
/// impl OnBus<ServiceContext> for Poller where for<'a> Poller: Send {
///     const RUNS: bool = true;
///     async fn run(&mut self, cx: &ServiceContext) -> Result<(), HookError> { hook_result(Self::run(self, cx).await) }
/// }
/// ```
fn running(block: &ItemImpl, run: &Run, runtime: &TokenStream) -> TokenStream {
    let mut generics = block.generics.clone();
    let conditions = generics.make_where_clause();
    conditions.predicates.push(sendable());
    conditions.predicates.push(driven(&run.context, runtime));
    let (generics, _, conditions) = generics.split_for_impl();
    let (ty, context) = (&block.self_ty, &run.context);
    let above = Header::of(block, &run.lints).only_where(&run.cfgs);
    let result = match &run.returns {
        _ if run.broken => quote!(::core::result::Result::Ok(())),
        None => quote!(Self::run(self, __cx).await; ::core::result::Result::Ok(())),
        Some(returned) => {
            let settle = quote!(#runtime::__private::routing::hook_result::<#returned>(__outcome));
            let settle = respan(settle, returned.span());
            quote!(let __outcome = Self::run(self, __cx).await; #settle)
        }
    };
    quote! {
        #above
        impl #generics #runtime::routing::OnBus<#context> for #ty #conditions {
            const RUNS: ::core::primitive::bool = true;

            async fn run(&mut self, __cx: &#context) -> ::core::result::Result<(), #runtime::routing::HookError> {
                #result
            }
        }
    }
}
