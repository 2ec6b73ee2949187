//! The section `routes`.

use proc_macro2::{Ident, TokenStream};
use syn::parse::ParseStream;
use syn::{Path, Token, Type, braced, bracketed, parenthesized, token};

use super::parse::entries;
use super::tree::{ReceiverEntry, RouteEntry, Via};
use crate::errors::Errors;

mod keyword {
    syn::custom_keyword!(via);
}

/// `{ Bar => [spread, risk], b::Tick as btick => [risk via local(16)] }`
pub(super) fn routes(input: ParseStream<'_>, errors: &Errors) -> syn::Result<Vec<RouteEntry>> {
    let list;
    braced!(list in input);
    let (routes, _) = entries(&list, errors, |input| route(input, errors), begins_route);
    Ok(routes)
}

fn begins_route(input: ParseStream<'_>) -> bool {
    input.call(head).is_ok() && input.peek(Token![=>])
}

fn head(input: ParseStream<'_>) -> syn::Result<(Path, Option<Ident>)> {
    let message = input.call(Path::parse_mod_style)?;
    let alias = match input.parse::<Option<Token![as]>>()? {
        Some(_) => Some(input.parse()?),
        None => None,
    };
    Ok((message, alias))
}

fn route(input: ParseStream<'_>, errors: &Errors) -> syn::Result<RouteEntry> {
    let (message, alias) = head(input)?;
    input.parse::<Token![=>]>()?;
    if !input.peek(token::Bracket) {
        return Err(input.error("expected the receivers in brackets, such as `[risk, journal]`"));
    }
    let list;
    bracketed!(list in input);
    let (receivers, broken) = entries(&list, errors, receiver, |_| true);
    Ok(RouteEntry { message, alias, receivers, broken })
}

fn receiver(input: ParseStream<'_>) -> syn::Result<ReceiverEntry> {
    let place = input.span();
    let target = input.call(Type::without_plus).map_err(|_| syn::Error::new(place, "expected a service"))?;
    let via = match input.parse::<Option<keyword::via>>()? {
        Some(_) => Some(path_of(input)?),
        None => None,
    };
    Ok(ReceiverEntry { target, via })
}

/// `tcp("127.0.0.1:7402", batch = 32)`
pub(super) fn path_of(input: ParseStream<'_>) -> syn::Result<Via> {
    let path = input.parse()?;
    if !input.peek(token::Paren) {
        return Ok(Via { path, arguments: None });
    }
    let arguments;
    parenthesized!(arguments in input);
    Ok(Via { path, arguments: Some(arguments.parse::<TokenStream>()?) })
}
