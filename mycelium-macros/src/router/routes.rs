//! The section `routes`.

use proc_macro2::{Ident, TokenStream};
use syn::parse::ParseStream;
use syn::{Path, Token, Type, braced, bracketed, parenthesized, token};

use super::parse::{Extent, entries, listed};
use super::tree::{ReceiverEntry, RouteEntry, Via};
use crate::errors::Errors;

mod keyword {
    syn::custom_keyword!(via);
}

/// `{ Bar => [spread, risk], b::Tick as btick => [risk via local(16)] }`
pub(super) fn routes(input: ParseStream<'_>, errors: &Errors) -> syn::Result<(Vec<RouteEntry>, Extent)> {
    let list;
    braced!(list in input);
    Ok(entries(&list, errors, begins_route, head, |head, input, found| route(head, input, found, errors)))
}

fn begins_route(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    head(&ahead).is_ok() && ahead.peek(Token![=>])
}

fn head(input: ParseStream<'_>) -> syn::Result<(Path, Option<Ident>)> {
    let message = input.call(Path::parse_mod_style)?;
    let alias = match input.parse::<Option<Token![as]>>()? {
        Some(_) => Some(input.parse()?),
        None => None,
    };
    Ok((message, alias))
}

fn route(
    (message, alias): (Path, Option<Ident>),
    input: ParseStream<'_>,
    found: &mut Vec<RouteEntry>,
    errors: &Errors,
) -> syn::Result<()> {
    input.parse::<Token![=>]>()?;
    if !input.peek(token::Bracket) {
        // So much is certain that the message is to be routed.
        found.push(RouteEntry { message, alias, receivers: Vec::new(), broken: true });
        return Err(input.error("expected the receivers in brackets, such as `[risk, journal]`"));
    }
    let list;
    bracketed!(list in input);
    let (receivers, broken) = listed(&list, errors, receiver);
    found.push(RouteEntry { message, alias, receivers, broken });
    Ok(())
}

fn receiver(input: ParseStream<'_>, found: &mut Vec<ReceiverEntry>) -> syn::Result<()> {
    let place = input.span();
    let target = input.call(Type::without_plus).map_err(|_| syn::Error::new(place, "expected a service"))?;
    let via = input.parse::<Option<keyword::via>>()?.map(|_| path_of(input)).transpose();
    let (via, error) = match via {
        Ok(via) => (via, None),
        Err(error) => (None, Some(error)),
    };
    found.push(ReceiverEntry { target, via, broken: error.is_some() });
    error.map_or(Ok(()), Err)
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
