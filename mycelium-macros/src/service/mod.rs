//! `#[service]`: an `impl` block whose marked methods become handlers, sources and timers.

mod arguments;
mod drive;
mod driven;
mod expand;
mod handler;
mod hooks;
mod methods;
mod on_bus;
mod run;
mod signature;

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::ItemImpl;

use crate::errors::Errors;

/// Expands the attribute: the item as it was, the traits that a router needs, and all errors.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let errors = Errors::new();
    let runtime = arguments::runtime(arguments, &errors);
    let expanded = match syn::parse2::<ItemImpl>(item.clone()) {
        Ok(block) => expand_block(block, &runtime, &errors),
        Err(error) => {
            refuse(&item, error, &errors);
            item
        }
    };
    let errors = errors.finish();
    quote!(#expanded #errors)
}

fn expand_block(mut block: ItemImpl, runtime: &TokenStream, errors: &Errors) -> TokenStream {
    let methods = methods::take(&mut block, errors);
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
