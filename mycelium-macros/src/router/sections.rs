//! The sections of a router, in the order of their documentation: `name`, `contracts`, `services`, `inputs`, `routes`, `lanes`, `ignore` and
//! `on_error`.

use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Path, Token, Type, braced, bracketed, parenthesized, token};

use super::pace::{self, pace};
use super::parse::{Extent, entries, listed};
use super::tree::{
    IgnoreEntry, InputEntry, InputMessage, LaneEntry, Lanes, Name, OnError, Policy, ReceiverEntry, RouteEntry,
    ServiceEntry, Via,
};
use crate::errors::{Errors, error, unknown};

mod keyword {
    syn::custom_keyword!(on);
    syn::custom_keyword!(via);
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
    let via = via(input)?;
    if !input.peek(token::Bracket) {
        return Err(input.error("expected the messages of the input in brackets, such as `[Bar, Fill]`"));
    }
    let list;
    bracketed!(list in input);
    let messages = Punctuated::<InputMessage, Token![,]>::parse_terminated_with(&list, input_message)?;
    let on = match input.parse::<Option<keyword::on>>()? {
        Some(_) => Some(input.parse()?),
        None => None,
    };
    found.push(InputEntry { name, via, messages: messages.into_iter().collect(), on });
    Ok(())
}

/// `Bar`, or `Bar if |bar| bar.day > 3`
fn input_message(input: ParseStream<'_>) -> syn::Result<InputMessage> {
    Ok(InputMessage { message: path(input)?, condition: condition(input)? })
}

/// `{ Bar => [spread, risk], b::Tick as btick => [risk via local(16)] }`
pub(super) fn routes(input: ParseStream<'_>, errors: &Errors) -> syn::Result<(Vec<RouteEntry>, Extent)> {
    let list;
    braced!(list in input);
    Ok(entries(&list, errors, begins_route, route_head, |head, input, found| route(head, input, found, errors)))
}

fn begins_route(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    route_head(&ahead).is_ok() && ahead.peek(Token![=>])
}

fn route_head(input: ParseStream<'_>) -> syn::Result<(Path, Option<Ident>)> {
    let message = path(input)?;
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
        // At least it is known that the message has a route.
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
    let span = input.span();
    let target = input.call(Type::without_plus).map_err(|_| syn::Error::new(span, "expected a service"))?;
    let mut entry = ReceiverEntry { target, condition: None, pace: None, via: None, broken: false };
    let result = how(input, &mut entry);
    entry.broken = result.is_err();
    found.push(entry);
    result
}

/// How messages get to a receiver: `if |tick| tick.size >= 100 throttle("100ms") via local(16)`, each part of which may be missing.
fn how(input: ParseStream<'_>, entry: &mut ReceiverEntry) -> syn::Result<()> {
    entry.condition = condition(input)?;
    entry.pace = pace(input)?;
    if entry.pace.is_some() && input.peek(Token![if]) {
        return Err(error(
            input.span(),
            "a condition stands before the pace",
            "write `name if |message| … throttle(…) via path(…)`",
        ));
    }
    entry.via = input.parse::<Option<keyword::via>>()?.map(|_| via(input)).transpose()?;
    if pace::begins(input) {
        return Err(error(input.span(), "a pace stands before the path", "write `name throttle(…) via path(…)`"));
    }
    match input.peek(Token![if]) {
        true => {
            Err(error(input.span(), "a condition stands before the path", "write `name if |message| … via path(…)`"))
        }
        false => Ok(()),
    }
}

/// `if |tick| tick.size >= 100`
fn condition(input: ParseStream<'_>) -> syn::Result<Option<Expr>> {
    const HELP: &str =
        "write it as a closure of the message, `if |tick| tick.size >= 100`, or as the path of a function";
    if !input.peek(Token![if]) {
        return Ok(None);
    }
    input.parse::<Token![if]>()?;
    let span = input.span();
    if input.peek(keyword::via) || (pace::begins(input) && input.peek2(token::Paren)) {
        return Err(error(span, "expected a condition", HELP));
    }
    let mut condition: Expr = input.parse().map_err(|_| error(span, "expected a condition", HELP))?;
    // Else rustc would warn of them where the condition becomes an argument.
    while let Expr::Paren(inner) = condition {
        condition = *inner.expr;
    }
    match &condition {
        Expr::Closure(closure) if closure.inputs.len() == 1 => {}
        Expr::Path(_) => {}
        _ => return Err(error(condition.span(), "a condition is a closure of the message", HELP)),
    }
    if !(input.is_empty() || input.peek(Token![,]) || input.peek(keyword::via) || pace::begins(input)) {
        let help = "put the closure in parentheses, `if (|tick| …)`: a condition that ends in a range or a cast goes on as far as it can";
        return Err(error(input.span(), "expected the end of the condition", help));
    }
    Ok(Some(condition))
}

/// `tcp("127.0.0.1:7402", batch = 32)`
fn via(input: ParseStream<'_>) -> syn::Result<Via> {
    let path = input.parse()?;
    if !input.peek(token::Paren) {
        return Ok(Via { path, arguments: None });
    }
    let arguments;
    parenthesized!(arguments in input);
    Ok(Via { path, arguments: Some(arguments.parse::<TokenStream>()?) })
}

/// `{ hot: pinned(core = 1) [spread, execution], io: tokio [web] }`
pub(super) fn lanes(span: Span, input: ParseStream<'_>, errors: &Errors) -> syn::Result<Lanes> {
    let list;
    braced!(list in input);
    let (entries, extent) = entries(&list, errors, begins_named, Ident::parse, |name, input, found| {
        let lane = lane(name.clone(), input, errors);
        let broken = || LaneEntry { name, kind: Via::placeholder("thread"), services: Vec::new(), broken: true };
        let (lane, result) = lane.map_or_else(|error| (broken(), Err(error)), |lane| (lane, Ok(())));
        found.push(lane);
        result
    });
    Ok(Lanes { span, entries, broken: extent.broken })
}

fn lane(name: Ident, input: ParseStream<'_>, errors: &Errors) -> syn::Result<LaneEntry> {
    input.parse::<Token![:]>()?;
    let kind = via(input)?;
    if !input.peek(token::Bracket) {
        return Err(input.error("expected the services of the lane in brackets, such as `[spread, execution]`"));
    }
    let list;
    bracketed!(list in input);
    let (services, broken) = listed(&list, errors, |input, found| {
        found.push(input.parse::<Ident>()?);
        Ok(())
    });
    Ok(LaneEntry { name, kind, services, broken })
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
fn begins_named(input: ParseStream<'_>) -> bool {
    input.peek(syn::Ident) && input.peek2(Token![:]) && !input.peek2(Token![::])
}

/// `continue(hook = path::to::f)`: `continue`, `stop` or `propagate`, each with an optional hook.
pub(super) fn on_error(input: ParseStream<'_>) -> syn::Result<OnError> {
    let expected = "expected `continue`, `stop` or `propagate`";
    let name = input.call(Ident::parse_any).map_err(|error| syn::Error::new(error.span(), expected))?;
    let policy = match name.to_string().as_str() {
        "continue" => Policy::Continue,
        "stop" => Policy::Stop,
        "propagate" => Policy::Propagate,
        other => return Err(unknown("error policy", other, name.span(), &["continue", "stop", "propagate"])),
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
            "`hook` takes the path of a function",
            "write `hook = path::to::f`, with `fn f(failure: &HandlerFailure<'_>)`",
        ));
    }
    input.parse::<Option<Token![,]>>()?;
    if input.is_empty() { Ok(Some(value)) } else { Err(input.error("`hook` is the only option")) }
}
