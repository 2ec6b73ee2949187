//! Options in parentheses: `local(16)`, `continue(hook = path::to::f)`.

use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, Lit, Token, parenthesized, token};

use super::tree::{OnError, Policy, Via};
use crate::names::nearest;

const POLICIES: [&str; 3] = ["continue", "stop", "propagate"];

/// Options of paths that are still to come.
const LATER: [&str; 7] = ["on_full", "batch", "trust", "slots", "insecure", "max", "delay"];

/// The most messages that one drain delivers, so that more room would never be used.
const MOST_ROOM: u64 = 1_000_000;

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

/// The `N` of `local(N)`.
pub(super) fn room(via: &Via) -> syn::Result<usize> {
    let missing =
        || error(via.path.span(), "`local` needs its room", "say how many messages may wait: `via local(16)`");
    let arguments = via.arguments.clone().filter(|arguments| !arguments.is_empty()).ok_or_else(missing)?;
    room_of.parse2(arguments)
}

fn room_of(input: ParseStream<'_>) -> syn::Result<usize> {
    refuse_option(input)?;
    let value: Expr = input.parse()?;
    let room = number(&value)?;
    if input.parse::<Option<Token![,]>>()?.is_some() && !input.is_empty() {
        refuse_option(input)?;
        input.parse::<TokenStream>()?;
        return Err(error(value.span(), "`local` takes one number", "say how many messages may wait: `via local(16)`"));
    }
    if input.is_empty() { Ok(room) } else { Err(input.error("expected `,` or `)`")) }
}

fn number(value: &Expr) -> syn::Result<usize> {
    let wrong = |help: &str| error(value.span(), "the room of `local` is a whole number from 1 to 1,000,000", help);
    let Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) = value else {
        return Err(wrong("say how many messages may wait: `via local(16)`"));
    };
    match number.base10_parse::<u64>() {
        Ok(room @ 1..=MOST_ROOM) => Ok(room as usize),
        _ => Err(wrong("one drain delivers no more than 1,000,000 messages")),
    }
}

/// Refuses `name = value`, which no path that is built in takes.
fn refuse_option(input: ParseStream<'_>) -> syn::Result<()> {
    let ahead = input.fork();
    let Ok(name) = ahead.call(Ident::parse_any) else { return Ok(()) };
    if !ahead.peek(Token![=]) {
        return Ok(());
    }
    input.parse::<TokenStream>()?;
    let text = name.to_string();
    let message = match LATER.contains(&text.as_str()) {
        true => format!("the option `{text}` is not built in yet"),
        false => format!("unknown option `{text}`"),
    };
    Err(error(name.span(), &message, "`local` takes its room and nothing else: `via local(16)`"))
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
