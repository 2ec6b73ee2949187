//! `#[service]` and `#[service(crate = rt)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{ParseStream, Parser};
use syn::{Path, Token};

use crate::errors::Errors;

/// The path of the runtime that the expansion names.
pub(super) fn runtime(arguments: TokenStream, errors: &Errors) -> TokenStream {
    if arguments.is_empty() {
        return default_runtime();
    }
    match parse.parse2(arguments) {
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

fn parse(input: ParseStream<'_>) -> syn::Result<Path> {
    let unknown = "`#[service]` knows one option: `crate`\nhelp: write `#[service]`, or `#[service(crate = rt)]` if `mycelium-rt` was renamed to `rt`";
    let Ok(option) = input.parse::<Token![crate]>() else { return Err(input.error(unknown)) };
    input.parse::<Token![=]>().map_err(|_| syn::Error::new_spanned(option, unknown))?;
    let path = input.call(Path::parse_mod_style)?;
    input.parse::<Option<Token![,]>>()?;
    if !input.is_empty() {
        return Err(input.error(unknown));
    }
    Ok(path)
}
