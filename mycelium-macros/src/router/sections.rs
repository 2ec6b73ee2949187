//! The sections `name`, `contracts`, `services`, `inputs` and `ignore`.

use proc_macro2::Ident;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Path, Token, braced, bracketed, token};

use super::parse::{Extent, entries, listed};
use super::routes::path_of;
use super::tree::{IgnoreEntry, InputEntry, Name, ServiceEntry};
use crate::errors::Errors;

mod keyword {
    syn::custom_keyword!(on);
}

/// `pub Game`, with attributes above `name` or before the visibility.
pub(super) fn name(mut attributes: Vec<Attribute>, input: ParseStream<'_>) -> syn::Result<Name> {
    attributes.extend(input.call(Attribute::parse_outer)?);
    Ok(Name { attributes, visibility: input.parse()?, ident: input.parse()? })
}

/// `contracts`, or `[contracts, other]`
pub(super) fn contracts(input: ParseStream<'_>) -> syn::Result<Vec<Path>> {
    if !input.peek(token::Bracket) {
        return Ok(vec![path(input)?]);
    }
    let list;
    bracketed!(list in input);
    Ok(Punctuated::<Path, Token![,]>::parse_terminated_with(&list, path)?.into_iter().collect())
}

fn path(input: ParseStream<'_>) -> syn::Result<Path> {
    input.call(Path::parse_mod_style)
}

/// `{ spread: SpreadStrategy, execution: Execution<PaperVenue> }`
pub(super) fn services(input: ParseStream<'_>, errors: &Errors) -> syn::Result<(Vec<ServiceEntry>, Extent)> {
    let list;
    braced!(list in input);
    Ok(entries(&list, errors, begins_service, service_head, service))
}

fn begins_service(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    service_head(&ahead).is_ok() && ahead.peek(Token![:]) && !ahead.peek(Token![::])
}

fn service_head(input: ParseStream<'_>) -> syn::Result<(Vec<Attribute>, Ident)> {
    Ok((input.call(Attribute::parse_outer)?, input.parse()?))
}

fn service(
    (attributes, name): (Vec<Attribute>, Ident),
    input: ParseStream<'_>,
    found: &mut Vec<ServiceEntry>,
) -> syn::Result<()> {
    let ty = |input: ParseStream<'_>| {
        input.parse::<Token![:]>()?;
        // What looks like a type may be the name of the next service.
        if begins_named(input) { Err(input.error("expected a type")) } else { input.parse() }
    };
    let (ty, result) = match ty(input) {
        Ok(ty) => (Some(ty), Ok(())),
        Err(error) => (None, Err(error)),
    };
    found.push(ServiceEntry { attributes, name, ty });
    result
}

/// `{ feed: shm("/run/feed.sock") [Bar, Fill] on hot }`
pub(super) fn inputs(input: ParseStream<'_>, errors: &Errors) -> syn::Result<Vec<InputEntry>> {
    let list;
    braced!(list in input);
    let (inputs, _) = entries(&list, errors, begins_named, Ident::parse, input_entry);
    Ok(inputs)
}

fn input_entry(name: Ident, input: ParseStream<'_>, found: &mut Vec<InputEntry>) -> syn::Result<()> {
    input.parse::<Token![:]>()?;
    let via = path_of(input)?;
    if !input.peek(token::Bracket) {
        return Err(input.error("expected the messages of the input in brackets, such as `[Bar, Fill]`"));
    }
    let list;
    bracketed!(list in input);
    let messages = Punctuated::<Path, Token![,]>::parse_terminated_with(&list, path)?;
    let on = match input.parse::<Option<keyword::on>>()? {
        Some(_) => Some(input.parse()?),
        None => None,
    };
    found.push(InputEntry { name, via, messages: messages.into_iter().collect(), on });
    Ok(())
}

/// `[Heartbeat, journal: [Fill]]`
pub(super) fn ignore(input: ParseStream<'_>, errors: &Errors) -> syn::Result<Vec<IgnoreEntry>> {
    let list;
    bracketed!(list in input);
    let (ignored, _) = listed(&list, errors, ignored);
    Ok(ignored)
}

fn ignored(input: ParseStream<'_>, found: &mut Vec<IgnoreEntry>) -> syn::Result<()> {
    if !begins_named(input) {
        found.push(IgnoreEntry::Message(path(input)?));
        return Ok(());
    }
    let service = input.parse()?;
    input.parse::<Token![:]>()?;
    let list;
    bracketed!(list in input);
    let messages = Punctuated::<Path, Token![,]>::parse_terminated_with(&list, path)?;
    found.push(IgnoreEntry::Handlers(service, messages.into_iter().collect()));
    Ok(())
}

/// Whether `name:` comes next, and no path.
pub(super) fn begins_named(input: ParseStream<'_>) -> bool {
    input.peek(syn::Ident) && input.peek2(Token![:]) && !input.peek2(Token![::])
}
