//! Writes the impls of a service: `Handle` for each message, `Service`, and in submodules `Driven` and `OnBus`.

mod driven;
mod header;
mod on_bus;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::spanned::Spanned;
use syn::{Generics, ItemImpl, Type, parse_quote};

use self::header::Header;
pub(super) use self::header::add_bounds;
use super::handler::{Handler, Returns};
use super::methods::Methods;
use crate::literals;
use crate::spans::{own_span, respan};

/// All impls of a service.
pub(super) fn traits(block: &ItemImpl, methods: &Methods, runtime: &TokenStream) -> TokenStream {
    let handles = methods.handlers.iter().map(|handler| handle(block, handler, runtime));
    let service = service(block, methods, runtime);
    let driven = driven::driven(block, methods, runtime);
    let on_bus = on_bus::on_bus(block, methods, runtime);
    quote!(#(#handles)* #service #driven #on_bus)
}

/// ```text
/// impl Service for SpreadStrategy {
///     const HANDLED: &'static [Handled] = &[Handled { message: Bar, info: MessageInfo::of::<Bar>(), batch: false, emits: &[Signal] }];
/// }
/// ```
fn service(block: &ItemImpl, methods: &Methods, runtime: &TokenStream) -> TokenStream {
    let (generics, _, conditions) = block.generics.split_for_impl();
    let ty = &block.self_ty;
    let handled = methods.handlers.iter().map(|handler| {
        let cfgs = &handler.cfgs;
        let message = reference(&handler.message, runtime);
        let batch = handler.batch;
        let emits = references(handler.emits(), runtime);
        let ty = &handler.message;
        let info = quote!(#runtime::MessageInfo::of::<#ty>());
        quote!(#(#cfgs)* #runtime::routing::Handled { message: #message, info: #info, batch: #batch, emits: #emits })
    });
    let (source_list, timer_list) = (sources(methods, runtime), timers(methods, runtime));
    let hooks = driven::hooks(methods, runtime);
    let handlers = methods.handlers.iter().flat_map(|handler| &handler.lints);
    let sources =
        methods.sources.iter().map(|source| &source.driven).chain(methods.timers.iter().map(|timer| &timer.driven));
    let above = Header::of(block, handlers.chain(sources.flat_map(|driven| &driven.lints)));
    quote! {
        #above
        impl #generics #runtime::routing::Service for #ty #conditions {
            const HANDLED: &'static [#runtime::routing::Handled] = &[#(#handled),*];
            #source_list
            #timer_list
            #hooks
        }
    }
}

/// `const SOURCES: &'static [Source] = &[Source { method: "next_bar", weight: 1, emits: &[Bar] }];`
fn sources(methods: &Methods, runtime: &TokenStream) -> Option<TokenStream> {
    let sources = methods.sources.iter().map(|source| {
        let (driven, weight) = (&source.driven, source.weight);
        let (cfgs, method, emits) = (&driven.cfgs, driven.method.to_string(), references(driven.emits(), runtime));
        quote!(#(#cfgs)* #runtime::routing::Source { method: #method, weight: #weight, emits: #emits })
    });
    let sources = quote!(const SOURCES: &'static [#runtime::routing::Source] = &[#(#sources),*];);
    (!methods.sources.is_empty()).then_some(sources)
}

/// `const TIMERS: &'static [Timer] = &[Timer { method: "tick", period: Duration::new(1, 0), emits: &[] }];`
fn timers(methods: &Methods, runtime: &TokenStream) -> Option<TokenStream> {
    let timers = methods.timers.iter().map(|timer| {
        let (driven, period) = (&timer.driven, literals::tokens(timer.period));
        let (cfgs, method, emits) = (&driven.cfgs, driven.method.to_string(), references(driven.emits(), runtime));
        quote!(#(#cfgs)* #runtime::routing::Timer { method: #method, period: #period, emits: #emits })
    });
    let timers = quote!(const TIMERS: &'static [#runtime::routing::Timer] = &[#(#timers),*];);
    (!methods.timers.is_empty()).then_some(timers)
}

fn references(messages: Vec<&Type>, runtime: &TokenStream) -> TokenStream {
    let references = messages.into_iter().map(|message| reference(message, runtime));
    quote!(&[#(#references),*])
}

fn reference(message: &Type, runtime: &TokenStream) -> TokenStream {
    quote! {
        #runtime::routing::MessageRef {
            id: <#message as #runtime::Message>::ID,
            name: <#message as #runtime::Message>::NAME,
        }
    }
}

/// ```text
/// impl<V: Venue> Handles<Signal> for Execution<V> {
///     type Output = ();
/// }
/// impl<V: Venue, Cx: Emit<Fill>> Handle<Signal, Cx> for Execution<V> {
///     #[inline(always)]
///     fn handle(&mut self, message: &Signal, cx: &mut Cx) { Self::on_signal(self, message, cx) }
/// }
/// ```
fn handle(block: &ItemImpl, handler: &Handler, runtime: &TokenStream) -> TokenStream {
    let context = format_ident!("__Cx");
    let (block_generics, _, block_conditions) = block.generics.split_for_impl();
    let mut generics = with_context(&block.generics, handler, &context);
    if handler.is_async && !handler.broken {
        generics.make_where_clause().predicates.push(parse_quote!(#context: #runtime::routing::TaskOnly));
    } else if handler.reports() {
        generics.make_where_clause().predicates.push(parse_quote!(#context: #runtime::routing::ReportFailure));
    }
    let (generics, _, conditions) = generics.split_for_impl();
    let (ty, message) = (&block.self_ty, &handler.message);
    let above = Header::of(block, &handler.lints).only_where(&handler.cfgs);
    let output = output(handler, runtime);
    let body = body(handler, &one(handler), &context, runtime);
    let batch = handle_batch(handler, &context, runtime);
    let behind_task = handle_async(block, handler, runtime);
    quote! {
        #above
        impl #block_generics #runtime::routing::Handles<#message> for #ty #block_conditions {
            type Output = #output;
        }

        #above
        impl #generics #runtime::Handle<#message, #context> for #ty #conditions {
            #[inline(always)]
            fn handle(&mut self, __message: &#message, __cx: &mut #context) -> #output {
                #body
            }

            #batch
        }

        #behind_task
    }
}

/// ```text
/// fn handle_batch(&mut self, messages: &[Signal], cx: &mut Cx) { Self::on_signals(self, messages, cx); }
/// ```
///
/// For other handlers, the trait calls them one by one.
fn handle_batch(handler: &Handler, context: &Ident, runtime: &TokenStream) -> Option<TokenStream> {
    let message = &handler.message;
    (handler.batch && !handler.broken).then(|| {
        let body = body(handler, &quote!(__messages), context, runtime);
        quote! {
            #[inline]
            fn handle_batch(&mut self, __messages: &[#message], __cx: &mut #context) {
                let _ = { #body };
            }
        }
    })
}

/// ```text
/// impl<Cx: Emit<Order> + ReportFailure + Send> HandleAsync<Fill, Cx> for Journal where Journal: Send {
///     fn handle(&mut self, message: &Fill, cx: &mut Cx) -> impl Future<Output = Result<(), Failed>> + Send {
///         async move { settle(Self::on_fill(self, message, cx).await) }
///     }
/// }
/// ```
///
/// A plain handler has finished when the future is made, so nothing of it has to be `Send`.
fn handle_async(block: &ItemImpl, handler: &Handler, runtime: &TokenStream) -> TokenStream {
    let context = format_ident!("__Cx");
    let mut generics = with_context(&block.generics, handler, &context);
    let (ty, message) = (&block.self_ty, &handler.message);
    let above = Header::of(block, &handler.lints).only_where(&handler.cfgs);
    let conditions = generics.make_where_clause();
    if handler.reports() {
        conditions.predicates.push(parse_quote!(#context: #runtime::routing::ReportFailure));
    }
    if handler.is_async {
        conditions.predicates.push(parse_quote!(#context: ::core::marker::Send));
        conditions.predicates.push(parse_quote!(#ty: ::core::marker::Send));
    }
    let (generics, _, conditions) = generics.split_for_impl();
    let (output, settled) = (output(handler, runtime), settled(handler, &one(handler), runtime));
    let future = future(handler, &settled);
    let batch = (handler.batch && !handler.broken).then(|| {
        let settled = self::settled(handler, &quote!(__messages), runtime);
        let future = self::future(handler, &quote!(let _ = { #settled };));
        quote! {
            #[inline]
            fn handle_batch(
                &mut self,
                __messages: &[#message],
                __cx: &mut #context,
            ) -> impl ::core::future::Future<Output = ()> + ::core::marker::Send {
                #future
            }
        }
    });
    quote! {
        #above
        impl #generics #runtime::routing::HandleAsync<#message, #context> for #ty #conditions {
            #[inline]
            fn handle(
                &mut self,
                __message: &#message,
                __cx: &mut #context,
            ) -> impl ::core::future::Future<Output = #output> + ::core::marker::Send {
                #future
            }

            #batch
        }
    }
}

fn future(handler: &Handler, body: &TokenStream) -> TokenStream {
    match handler.is_async {
        true => quote!(async move { #body }),
        false => quote!(::core::future::ready({ #body })),
    }
}

/// The generics of the block, and the context as another parameter, with the bounds of the handler.
fn with_context(generics: &Generics, handler: &Handler, context: &Ident) -> Generics {
    let mut generics = generics.clone();
    generics.params.push(parse_quote!(#context));
    let conditions = generics.make_where_clause();
    if handler.broken {
        return generics;
    }
    if let Some(bounds) = handler.context.as_ref().filter(|bounds| !bounds.is_empty()) {
        conditions.predicates.push(parse_quote!(#context: #bounds));
    }
    generics
}

/// The result without the type of the error, which may be private.
fn output(handler: &Handler, runtime: &TokenStream) -> TokenStream {
    match &handler.returns {
        _ if handler.broken => quote!(()),
        Returns::Nothing => quote!(()),
        Returns::Fallible(_) => quote!(::core::result::Result<(), #runtime::routing::Failed>),
        Returns::Other(ty) => respan(quote!(<#ty as #runtime::routing::Outcome>::Settled), ty.span()),
    }
}

/// The body of a direct call. An async handler can't be called directly.
fn body(handler: &Handler, argument: &TokenStream, context: &Ident, runtime: &TokenStream) -> TokenStream {
    if handler.is_async && !handler.broken {
        let call = call(handler, argument);
        return quote!(match <#context as #runtime::routing::TaskOnly>::run(#call) {});
    }
    settled(handler, argument, runtime)
}

/// Calls the handler, and reports its error to the context.
fn settled(handler: &Handler, argument: &TokenStream, runtime: &TokenStream) -> TokenStream {
    if handler.broken {
        return quote!(loop {});
    }
    let awaited = handler.is_async.then(|| quote!(.await));
    let call = call(handler, argument);
    let call = quote!(#call #awaited);
    match &handler.returns {
        Returns::Nothing => call,
        Returns::Fallible(ty) | Returns::Other(ty) => settle(handler, ty, &call, runtime),
    }
}

/// The single `message` in scope, as the handler takes it.
fn one(handler: &Handler) -> TokenStream {
    if handler.batch { quote!(::core::slice::from_ref(__message)) } else { quote!(__message) }
}

fn call(handler: &Handler, argument: &TokenStream) -> TokenStream {
    let method = &handler.method;
    let context = handler.context.as_ref().map(|_| quote!(, __cx));
    quote!(Self::#method(self, #argument #context))
}

fn settle(handler: &Handler, returned: &Type, call: &TokenStream, runtime: &TokenStream) -> TokenStream {
    let message = own_span(&handler.message);
    let settle = quote! {
        <#returned as #runtime::routing::Outcome>::settle(__outcome, |__error| {
            #runtime::routing::ReportFailure::report_failure(__cx, <#message as #runtime::Message>::NAME, __error)
        })
    };
    let settle = respan(settle, returned.span());
    quote! {
        let __outcome = #call;
        #settle
    }
}
