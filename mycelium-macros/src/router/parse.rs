//! Reads the sections, in any order; a mistake in one leaves the others readable.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Token};

use super::sections;
use super::tree::Tree;
use crate::errors::Errors;
use crate::names::nearest;

const SECTIONS: [&str; 8] = ["name", "contracts", "services", "inputs", "routes", "lanes", "ignore", "on_error"];

/// Parses `[$crate] name: …, …`.
pub(super) fn parse(input: &TokenStream, errors: &Errors) -> Tree {
    let mut tokens = input.clone().into_iter();
    let runtime = match tokens.next() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => group.stream(),
        _ => TokenStream::new(),
    };
    let mut tree = Tree {
        runtime,
        name: None,
        contracts: Vec::new(),
        services: None,
        inputs: Vec::new(),
        routes: None,
        lanes: None,
        ignore: Vec::new(),
        on_error: None,
    };
    let mut seen = Vec::new();
    for section in split_at_commas(tokens) {
        let mut result = Ok(());
        let read = |input: ParseStream<'_>| {
            result = section_in(input, &mut tree, &mut seen, errors);
            skip(input)
        };
        // What is left unread behind a mistake is no second one.
        let leftover = read.parse2(section);
        if let Err(error) = result {
            errors.push(error);
        } else if errors.is_empty() {
            errors.ok(leftover);
        }
    }
    tree
}

/// No comma at this level belongs to anything but the sections: what they hold stands in brackets.
fn split_at_commas(tokens: impl Iterator<Item = TokenTree>) -> Vec<TokenStream> {
    let mut sections = vec![TokenStream::new()];
    for token in tokens {
        match (&token, sections.last_mut()) {
            (TokenTree::Punct(punct), _) if punct.as_char() == ',' => sections.push(TokenStream::new()),
            (_, Some(last)) => last.extend([token]),
            (_, None) => {}
        }
    }
    sections.retain(|section| !section.is_empty());
    sections
}

fn section_in(input: ParseStream<'_>, tree: &mut Tree, seen: &mut Vec<Ident>, errors: &Errors) -> syn::Result<()> {
    let attributes = input.call(Attribute::parse_outer)?;
    let name = input.call(Ident::parse_any).map_err(|error| {
        drop(skip(input));
        syn::Error::new(error.span(), format!("expected a section\nhelp: the sections are {}", SECTIONS.join(", ")))
    })?;
    for attribute in attributes.iter().filter(|_| name != "name") {
        errors.at(attribute, "attributes of the router go above its name", "move this above `name`");
    }
    if let Err(error) = input.parse::<Token![:]>() {
        return skip(input).and(Err(error));
    }
    if seen.contains(&name) {
        errors.at(&name, format!("`{name}` is given twice"), "write one section, and list everything in it");
        return skip(input);
    }
    seen.push(name.clone());
    section_value(&name, attributes, input, tree, errors).or_else(|error| skip(input).and(Err(error)))?;
    if !input.is_empty() {
        errors.push(input.error("expected `,` between two sections"));
    }
    skip(input)
}

fn section_value(
    name: &Ident,
    attributes: Vec<Attribute>,
    input: ParseStream<'_>,
    tree: &mut Tree,
    errors: &Errors,
) -> syn::Result<()> {
    match name.to_string().as_str() {
        "name" => tree.name = Some(sections::name(attributes, input)?),
        "contracts" => tree.contracts = sections::contracts(input)?,
        "services" => tree.services = Some(sections::services(input, errors)?),
        "inputs" => tree.inputs = sections::inputs(input, errors)?,
        "routes" => tree.routes = Some(super::routes::routes(input, errors)?),
        "lanes" => tree.lanes = Some(super::lanes::lanes(name.span(), input, errors)?),
        "ignore" => tree.ignore = sections::ignore(input, errors)?,
        "on_error" => tree.on_error = Some(super::options::on_error(input)?),
        other => {
            refuse(other, name.span(), errors);
            skip(input)?;
        }
    }
    Ok(())
}

fn refuse(section: &str, place: Span, errors: &Errors) {
    let help = match nearest(section, SECTIONS) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("the sections are {}", SECTIONS.join(", ")),
    };
    errors.at_span(place, format!("unknown section `{section}`"), help);
}

fn skip(input: ParseStream<'_>) -> syn::Result<()> {
    input.parse::<TokenStream>().map(drop)
}

/// Reads entries up to the end. Where one can't be read, its error is reported and reading goes on at the next comma
/// behind which `begins` sees an entry. The second value says whether there was such an error.
pub(super) fn entries<T>(
    input: ParseStream<'_>,
    errors: &Errors,
    mut entry: impl FnMut(ParseStream<'_>) -> syn::Result<T>,
    begins: impl Fn(ParseStream<'_>) -> bool,
) -> (Vec<T>, bool) {
    let (mut found, mut broken) = (Vec::new(), false);
    while !input.is_empty() {
        let read = entry(input).and_then(|value| comma_or_end(input).map(|()| value));
        match read {
            Ok(value) => found.push(value),
            Err(error) => {
                errors.push(error);
                broken = true;
                resume(input, &begins);
            }
        }
    }
    (found, broken)
}

fn comma_or_end(input: ParseStream<'_>) -> syn::Result<()> {
    if input.is_empty() { Ok(()) } else { input.parse::<Token![,]>().map(drop) }
}

fn resume(input: ParseStream<'_>, begins: &impl Fn(ParseStream<'_>) -> bool) {
    while !input.is_empty() {
        let at_comma = input.peek(Token![,]);
        if input.parse::<TokenTree>().is_err() || (at_comma && begins(&input.fork())) {
            return;
        }
    }
}
