//! What follows an error: `continue(hook = path::to::f)`; and how mistakes in options are worded.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Expr, Token, parenthesized, token};

use super::tree::{OnError, Policy};
use crate::names::nearest;

const POLICIES: [&str; 3] = ["continue", "stop", "propagate"];

/// `continue`, `stop` or `propagate`, each with an optional hook.
pub(super) fn on_error(input: ParseStream<'_>) -> syn::Result<OnError> {
    let expected = "expected `continue`, `stop` or `propagate`";
    let name = input.call(Ident::parse_any).map_err(|error| syn::Error::new(error.span(), expected))?;
    let policy = match name.to_string().as_str() {
        "continue" => Policy::Continue,
        "stop" => Policy::Stop,
        "propagate" => Policy::Propagate,
        other => return Err(unknown("error policy", other, name.span(), &POLICIES)),
    };
    if !input.peek(token::Paren) {
        return Ok(OnError { policy, hook: None });
    }
    let options;
    parenthesized!(options in input);
    Ok(OnError { policy, hook: hook(&options)? })
}

/// `hook = path::to::f`
fn hook(input: ParseStream<'_>) -> syn::Result<Option<Expr>> {
    if input.is_empty() {
        return Ok(None);
    }
    let name = input.call(Ident::parse_any)?;
    if name != "hook" {
        return Err(unknown("option", &name.to_string(), name.span(), &["hook"]));
    }
    input.parse::<Token![=]>()?;
    let value: Expr = input.parse()?;
    if !matches!(value, Expr::Path(_)) {
        return Err(error(
            value.span(),
            "`hook` is the path of a function",
            "write `hook = path::to::f`, with `fn f(failure: &HandlerFailure<'_>)`",
        ));
    }
    input.parse::<Option<Token![,]>>()?;
    if input.is_empty() { Ok(Some(value)) } else { Err(input.error("`hook` is the only option")) }
}

/// What is wrong with a name that is none of `known`.
pub(super) fn unknown(what: &str, name: &str, place: Span, known: &[&str]) -> syn::Error {
    let help = match nearest(name, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("known here: {}", known.join(", ")),
    };
    error(place, &format!("unknown {what} `{name}`"), &help)
}

pub(super) fn error(place: Span, message: &str, help: &str) -> syn::Error {
    syn::Error::new(place, format!("{message}\nhelp: {help}"))
}
