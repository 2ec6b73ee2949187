//! `#[service]`: an `impl` block whose marked methods become handlers, sources and timers.

mod above;
mod arguments;
mod drive;
mod driven;
mod expand;
mod handler;
mod hooks;
mod methods;
mod on_bus;
mod pieces;
mod run;
mod signature;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;

use self::pieces::Pieces;
use crate::errors::Errors;

/// Expands the attribute: the item as it was, the traits that a router needs, and all errors.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let errors = Errors::new();
    let runtime = arguments::runtime(arguments, &errors);
    let expanded = match pieces::read(&item, &runtime, &errors) {
        Ok(pieces) => expand_block(pieces, &runtime, &errors),
        Err(error) => {
            refuse(&item, error, &errors);
            unread(item)
        }
    };
    let errors = errors.finish();
    quote!(#expanded #errors)
}

fn expand_block(mut pieces: Pieces, runtime: &TokenStream, errors: &Errors) -> TokenStream {
    let methods = methods::take(&mut pieces, errors);
    let block = pieces.block;
    if let Some((path, _)) = &block.trait_ {
        errors.at(
            path,
            "`#[service]` goes on the type's own `impl` block, not on the impl of a trait",
            "move the handlers to an `impl` block without a trait",
        );
        return quote!(#block);
    }
    let traits = expand::traits(&block, &methods, runtime);
    let driven = drive::driven(&block, &methods, runtime);
    let on_bus = on_bus::on_bus(&block, &methods, runtime);
    quote!(#block #traits #driven #on_bus)
}

/// Adds bounds to an impl that this macro has written.
pub(crate) fn add_bounds(predicates: TokenStream, item: TokenStream) -> TokenStream {
    above::add_bounds(predicates, item)
}

/// An item that is no block, without the attributes in it that would be unknown now.
fn unread(item: TokenStream) -> TokenStream {
    let tokens = item.into_iter().map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
            let mut inner = Group::new(Delimiter::Brace, pieces::without_marks(group.stream()).0);
            inner.set_span(group.span());
            inner.into()
        }
        other => other,
    });
    tokens.collect()
}

/// Says why an item is no service: it is well-formed but not an `impl` block, or it is not well-formed.
fn refuse(item: &TokenStream, error: syn::Error, errors: &Errors) {
    let well_formed = syn::parse2::<syn::Item>(item.clone()).is_ok();
    match item.clone().into_iter().find(|token| matches!(token, TokenTree::Ident(_))) {
        Some(keyword) if well_formed => errors.at(
            keyword,
            "`#[service]` goes on an `impl` block",
            "put it on the `impl` block whose methods are the handlers",
        ),
        _ => errors.push(error),
    }
}
