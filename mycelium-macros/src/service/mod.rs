//! `#[service]`: an `impl` block whose marked methods become handlers, sources and timers.

// In the order in which data flows.
mod driven;
mod handler;
mod hooks;
mod methods;
mod pieces;

mod expand;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;
use syn::parse::{ParseStream, Parser};
use syn::{Path, Token};

use self::pieces::Pieces;
use crate::errors::Errors;

/// Expands the attribute: the item as it was, the traits that a router needs, and all errors.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let errors = Errors::new();
    let runtime = runtime(arguments, &errors);
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
    quote!(#block #traits)
}

/// Adds bounds to an impl that this macro has written.
pub(crate) fn add_bounds(predicates: TokenStream, item: TokenStream) -> TokenStream {
    expand::add_bounds(predicates, item)
}

/// An item that is no block, without the marks in it, which the compiler does not know.
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

/// Reports why an item is no service: it is well-formed but not an `impl` block, or it is not well-formed.
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

/// The path of the runtime that the expansion names.
fn runtime(arguments: TokenStream, errors: &Errors) -> TokenStream {
    if arguments.is_empty() {
        return default_runtime();
    }
    match crate_option.parse2(arguments) {
        Ok(path) => quote!(#path),
        Err(error) => {
            errors.push(error);
            default_runtime()
        }
    }
}

fn default_runtime() -> TokenStream {
    quote!(::mycelium_rt)
}

fn crate_option(input: ParseStream<'_>) -> syn::Result<Path> {
    let unknown = "`#[service]` has one option: `crate`\nhelp: write `#[service]`, or `#[service(crate = rt)]` if `mycelium-rt` was renamed to `rt`";
    let Ok(option) = input.parse::<Token![crate]>() else { return Err(input.error(unknown)) };
    input.parse::<Token![=]>().map_err(|_| syn::Error::new_spanned(option, unknown))?;
    let path = input.call(Path::parse_mod_style)?;
    input.parse::<Option<Token![,]>>()?;
    if !input.is_empty() {
        return Err(input.error(unknown));
    }
    Ok(path)
}
