//! Reads the parentheses after a path, `tcp("127.0.0.1:7402", batch = 32)`, and after the kind of a lane.
//!
//! Each option is a row of [`table`], which says where it is allowed; [`values`] reads what follows its `=`.

pub(super) mod lane;
mod table;
pub(super) mod values;

use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Expr, ExprClosure, Lit, LitStr, Token, token};

pub(super) use self::table::Channel;
use self::values::{BATCHES, OnFull, SecurityOptions, Unknown};
use super::model::Attrs;
use super::transport::Transport;
use super::tree::Via;
use crate::errors::{Errors, error, unknown};
use crate::features::Features;
use crate::literals::{literal, whole};

/// All options of a path.
#[derive(Default)]
pub(super) struct Options {
    pub(super) on_full: Option<OnFull>,
    /// How `on_full = latest` finds the key of a message.
    pub(super) key: Option<ExprClosure>,
    pub(super) slots: Option<u32>,
    pub(super) unknown: Option<Unknown>,
    pub(super) security: SecurityOptions,
    pub(super) attrs: Attrs,
}

/// The most slots that a ring can have.
const MOST_SLOTS: u32 = 1 << 20;
/// The most messages that one drain delivers. More room in the router would never be used.
const MOST_LOCAL: u32 = 1_000_000;

/// The address of a link or an input, and its options.
pub(super) fn addressed(
    via: &Via,
    transport: Transport,
    channel: Channel,
    features: Features,
    errors: &Errors,
) -> Option<(LitStr, Options)> {
    features.require(transport.feature(), &format!("`{}`", transport.name()), via.path.span(), errors);
    let (first, options) = arguments(via, channel, features, errors)?;
    let example = transport.example();
    let path = &via.path;
    let Some(first) = first else {
        errors.at(path, format!("`{path}` needs an address"), format!("add the address: `{example}`"));
        return None;
    };
    let Some(Lit::Str(address)) = literal(&first) else {
        errors.at(first, format!("the address of `{path}` is not a string"), format!("write `{example}`"));
        return None;
    };
    if let Some(fault) = transport.fault(&address.value()) {
        errors.at(address, fault, format!("for example `{example}`"));
    }
    Some((address.clone(), options))
}

/// The room of a queue, and its options; none if they could not be read.
pub(super) fn bounded(via: &Via, channel: Channel, features: Features, errors: &Errors) -> Option<(usize, Options)> {
    let (first, options) = arguments(via, channel, features, errors)?;
    let path = &via.path;
    let help = format!("say how many messages may wait: `via {path}(64)`");
    let Some(first) = first else {
        errors.at(path, format!("`{path}` needs its room"), help);
        return None;
    };
    let (most, bound) = match channel {
        Channel::Local => (MOST_LOCAL, "1,000,000"),
        _ => (MOST_SLOTS, "1,048,576"),
    };
    let room = whole(&first, &format!("the room of `{path}`"), 1, most, &format!("1 to {bound}"), &help);
    errors.ok(room).map(|room| (room as usize, options))
}

/// The argument without a name, and the options; none if something could not be read.
fn arguments(via: &Via, channel: Channel, features: Features, errors: &Errors) -> Option<(Option<Expr>, Options)> {
    let (mut first, mut options) = (None, Options::default());
    let before = errors.count();
    let read = |input: ParseStream<'_>| {
        while !input.is_empty() {
            if !option(input, channel, &mut options, features, errors)? {
                positional(input, &mut first)?;
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    };
    let tokens = via.arguments.clone().unwrap_or_default();
    errors.ok(read.parse2(tokens));
    (errors.count() == before).then_some((first, options))
}

fn positional(input: ParseStream<'_>, first: &mut Option<Expr>) -> syn::Result<()> {
    let value: Expr = input.parse()?;
    if first.is_some() {
        return Err(error(value.span(), "only the first value has no name", "write the others as `name = value`"));
    }
    *first = Some(value);
    Ok(())
}

/// Reads an option, if one comes next: `name = value`, `batch(…)`, or a preset by its name.
fn option(
    input: ParseStream<'_>,
    channel: Channel,
    options: &mut Options,
    features: Features,
    errors: &Errors,
) -> syn::Result<bool> {
    let ahead = input.fork();
    let Ok(name) = ahead.call(Ident::parse_any) else { return Ok(false) };
    let text = name.to_string();
    let (is_named, is_called) = (ahead.peek(Token![=]), text == "batch" && ahead.peek(token::Paren));
    let is_preset = BATCHES.contains(&text.as_str()) && (ahead.is_empty() || ahead.peek(Token![,]));
    if !is_named && !is_called && !is_preset {
        return Ok(false);
    }
    let option = if is_preset { "batch" } else { &text };
    let Some(row) = table::find(option) else {
        skip_value(input)?;
        errors.push(unknown("option", &text, name.span(), &table::allowed(channel)));
        return Ok(true);
    };
    if let Some((why, help)) = (row.refusal)(channel) {
        skip_value(input)?;
        errors.at_span(name.span(), why, help);
        return Ok(true);
    }
    if is_named {
        input.call(Ident::parse_any)?;
        input.parse::<Token![=]>()?;
    }
    let repeated = (row.read)(input, channel, options)?;
    if repeated {
        errors.push(given_twice(option, name.span()));
    }
    if let Some(feature) = (row.feature)(options) {
        features.require(feature, &format!("`{option}`"), name.span(), errors);
    }
    Ok(true)
}

/// The error of an option that is given twice.
pub(super) fn given_twice(option: &str, span: Span) -> syn::Error {
    error(span, &format!("`{option}` is given twice"), "remove one of them")
}

/// Goes on to the next comma.
fn skip_value(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}

/// Whether the parentheses of a path are empty.
pub(super) fn is_empty(arguments: Option<&TokenStream>) -> bool {
    arguments.is_none_or(TokenStream::is_empty)
}
