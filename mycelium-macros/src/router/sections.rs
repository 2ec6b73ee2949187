//! The sections `name`, `contracts`, `services`, `inputs` and `ignore`.

use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Attribute, Path, Token, braced, bracketed, token};

use super::parse::entries;
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
pub(super) fn services(input: ParseStream<'_>, errors: &Errors) -> syn::Result<Vec<ServiceEntry>> {
    let list;
    braced!(list in input);
    let (services, _) = entries(&list, errors, service, begins_named);
    Ok(services)
}

fn service(input: ParseStream<'_>) -> syn::Result<ServiceEntry> {
    let attributes = input.call(Attribute::parse_outer)?;
    let name: Ident = input.parse()?;
    input.parse::<Token![:]>()?;
    Ok(ServiceEntry { attributes, name, ty: input.parse()? })
}

/// `{ feed: shm("/run/feed.sock") [Bar, Fill] on hot }`
pub(super) fn inputs(input: ParseStream<'_>, errors: &Errors) -> syn::Result<Vec<InputEntry>> {
    let list;
    braced!(list in input);
    let (inputs, _) = entries(&list, errors, input_entry, begins_named);
    Ok(inputs)
}

fn input_entry(input: ParseStream<'_>) -> syn::Result<InputEntry> {
    let name: Ident = input.parse()?;
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
    Ok(InputEntry { name, via, messages: messages.into_iter().collect(), on })
}

/// `[Heartbeat, journal: [Fill]]`
pub(super) fn ignore(input: ParseStream<'_>, errors: &Errors) -> syn::Result<Vec<IgnoreEntry>> {
    let list;
    bracketed!(list in input);
    let (ignored, _) = entries(&list, errors, ignored, |_| true);
    Ok(ignored)
}

fn ignored(input: ParseStream<'_>) -> syn::Result<IgnoreEntry> {
    if !begins_named(input) {
        return Ok(IgnoreEntry::Message(path(input)?));
    }
    let service = input.parse()?;
    input.parse::<Token![:]>()?;
    let list;
    bracketed!(list in input);
    let messages = Punctuated::<Path, Token![,]>::parse_terminated_with(&list, path)?;
    Ok(IgnoreEntry::Handlers(service, messages.into_iter().collect()))
}

/// Whether `name:` comes next, and no path.
pub(super) fn begins_named(input: ParseStream<'_>) -> bool {
    input.peek(Token![#]) || (input.peek(syn::Ident) && input.peek2(Token![:]) && !input.peek2(Token![::]))
}
