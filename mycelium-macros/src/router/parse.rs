//! Reads the sections, which may come in any order. A mistake in one leaves the others readable.

use proc_macro2::{Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Token};

use super::tree::{Lost, Tree};
use super::{Input, sections};
use crate::errors::Errors;
use crate::names::nearest;

const SECTIONS: [&str; 8] = ["name", "contracts", "services", "inputs", "routes", "lanes", "ignore", "on_error"];

/// Parses `name: …, …`.
pub(super) fn parse(input: &Input, errors: &Errors) -> Tree {
    let mut tree = Tree {
        runtime: input.runtime.clone(),
        name: None,
        contracts: Vec::new(),
        services: None,
        inputs: Vec::new(),
        routes: None,
        lanes: None,
        ignore: Vec::new(),
        on_error: None,
        lost: Lost::default(),
    };
    let mut seen = Vec::new();
    for section in sections(input.config.clone()) {
        let mut result = Ok(());
        let read = |input: ParseStream<'_>| {
            result = section_in(input, &mut tree, &mut seen, errors);
            skip(input)
        };
        let before = errors.count();
        // What is left unread after a mistake is no second one.
        let leftover = read.parse2(section.tokens);
        if let Err(error) = result {
            errors.push(error);
        } else if errors.is_empty() {
            errors.ok(leftover);
        }
        if let (Some(next), true) = (section.next, errors.count() == before) {
            errors.push(syn::Error::new(next, "expected `,` between two sections"));
        }
    }
    tree
}

/// The tokens up to a comma, or up to the next section where the comma is missing.
#[derive(Default)]
struct Section {
    tokens: TokenStream,
    /// The start of the next section, if there is no comma before it.
    next: Option<Span>,
}

/// Splits the input into sections. Commas at this level separate sections only, since the contents of sections are in brackets.
fn sections(config: TokenStream) -> Vec<Section> {
    let mut tokens = config.into_iter().peekable();
    let (mut sections, mut section) = (Vec::new(), Section::default());
    let mut is_value = false;
    while let Some(token) = tokens.next() {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => {
                sections.push(std::mem::take(&mut section));
                is_value = false;
                continue;
            }
            TokenTree::Ident(name) if is_value && is_section(name, tokens.peek()) => {
                let tokens = std::mem::take(&mut section.tokens);
                sections.push(Section { tokens, next: Some(name.span()) });
            }
            _ => {}
        }
        is_value |= matches!(token, TokenTree::Ident(_));
        section.tokens.extend([token]);
    }
    sections.push(section);
    sections.retain(|section| !section.tokens.is_empty());
    sections
}

/// Whether a section begins here. A path does not look like one, since its second colon is joined to the first.
fn is_section(name: &Ident, next: Option<&TokenTree>) -> bool {
    let is_colon = |punct: &Punct| punct.as_char() == ':' && punct.spacing() == Spacing::Alone;
    SECTIONS.contains(&name.to_string().as_str()) && matches!(next, Some(TokenTree::Punct(punct)) if is_colon(punct))
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
        errors.at(&name, format!("`{name}` is given twice"), "merge both sections into one");
        return skip(input);
    }
    seen.push(name.clone());
    section_value(&name, attributes, input, tree, errors).or_else(|error| {
        tree.lost.section(&name);
        skip(input).and(Err(error))
    })?;
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
        "services" => {
            let (services, extent) = sections::services(input, errors)?;
            (tree.services, tree.lost.services) = (Some(services), extent.nameless);
        }
        "inputs" => tree.inputs = sections::inputs(input, errors)?,
        "routes" => {
            let (routes, extent) = sections::routes(input, errors)?;
            (tree.routes, tree.lost.routes) = (Some(routes), extent.broken);
        }
        "lanes" => tree.lanes = Some(sections::lanes(name.span(), input, errors)?),
        "ignore" => tree.ignore = sections::ignore(input, errors)?,
        "on_error" => tree.on_error = Some(sections::on_error(input)?),
        other => {
            refuse(other, name.span(), errors);
            skip(input)?;
        }
    }
    Ok(())
}

fn refuse(section: &str, span: Span, errors: &Errors) {
    let help = match nearest(section, SECTIONS) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("the sections are {}", SECTIONS.join(", ")),
    };
    errors.at_span(span, format!("unknown section `{section}`"), help);
}

fn skip(input: ParseStream<'_>) -> syn::Result<()> {
    input.parse::<TokenStream>().map(drop)
}

/// Reads entries that begin with a name: first the `head`, then the `rest`, which may add what it has read before it fails. If an entry
/// can't be read, its error is reported, and reading continues where the next entry `begins`. The second value says how much could not be
/// read.
pub(super) fn entries<H, T>(
    input: ParseStream<'_>,
    errors: &Errors,
    begins: impl Fn(ParseStream<'_>) -> bool,
    head: impl Fn(ParseStream<'_>) -> syn::Result<H>,
    mut rest: impl FnMut(H, ParseStream<'_>, &mut Vec<T>) -> syn::Result<()>,
) -> (Vec<T>, Extent) {
    let (mut found, mut extent) = (Vec::new(), Extent::default());
    while !input.is_empty() {
        let ahead = input.fork();
        let read = match head(&ahead) {
            Ok(head) => {
                input.advance_to(&ahead);
                rest(head, &ahead, &mut found).map(|()| input.advance_to(&ahead)).and_then(|()| comma_or_end(input))
            }
            Err(error) => {
                extent.nameless = true;
                drop(input.parse::<TokenTree>());
                Err(error)
            }
        };
        if let Err(error) = read {
            errors.push(error);
            extent.broken = true;
            while !input.is_empty() && !begins(input) {
                drop(input.parse::<TokenTree>());
            }
        }
    }
    (found, extent)
}

/// How much of a list could not be read.
#[derive(Clone, Copy, Default)]
pub(super) struct Extent {
    /// Some entry.
    pub(super) broken: bool,
    /// Not even the name of some entry.
    pub(super) nameless: bool,
}

/// Reads a list separated by commas. If an entry can't be read, its error is reported, and reading continues after the next comma. The
/// second value says whether there was such an error.
pub(super) fn listed<T>(
    input: ParseStream<'_>,
    errors: &Errors,
    mut entry: impl FnMut(ParseStream<'_>, &mut Vec<T>) -> syn::Result<()>,
) -> (Vec<T>, bool) {
    let (mut found, mut broken) = (Vec::new(), false);
    while !input.is_empty() {
        if let Err(error) = entry(input, &mut found).and_then(|()| comma_or_end(input)) {
            errors.push(error);
            broken = true;
            while !input.is_empty() && !input.peek(Token![,]) {
                drop(input.parse::<TokenTree>());
            }
            drop(input.parse::<Option<Token![,]>>());
        }
    }
    (found, broken)
}

fn comma_or_end(input: ParseStream<'_>) -> syn::Result<()> {
    if input.is_empty() { Ok(()) } else { input.parse::<Token![,]>().map(drop) }
}
