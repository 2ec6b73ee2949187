//! The values of options: `on_full`, `batch`, `on_panic`, `unknown`, and those that secure a path.

use std::time::Duration;

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Expr, ExprClosure, ExprPath, LitBool, LitStr, Token, parenthesized, token};

use super::{Channel, given_twice};
use crate::errors::{Errors, error, unknown as unknown_name};
use crate::literals::{duration, whole};

/// What happens to a message that finds no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::router) enum OnFull {
    #[default]
    Block,
    BlockFor(Duration),
    DropNewest,
    DropOldest,
    Error,
    /// The newest message of each of so many keys waits beside the path.
    Latest {
        keys: u32,
    },
}

const POLICIES: [&str; 5] = ["block", "drop_newest", "drop_oldest", "error", "latest"];

/// `block`, `block("50ms")`, `drop_newest`, `drop_oldest`, `error`, or `latest` with the key of a message
pub(super) fn on_full(input: ParseStream<'_>, channel: Channel) -> syn::Result<(OnFull, Option<ExprClosure>)> {
    const EXPECTED: &str = "expected `block`, `block(\"50ms\")`, `drop_newest`, `drop_oldest`, `error` or `latest`";
    let name = word(input, EXPECTED)?;
    if name == "latest" {
        return latest(input, channel, name.span());
    }
    Ok((without_key(input, channel, &name)?, None))
}

fn without_key(input: ParseStream<'_>, channel: Channel, name: &Ident) -> syn::Result<OnFull> {
    match name.to_string().as_str() {
        "block" if channel == Channel::Local => Err(error(
            name.span(),
            "`block` is not supported here: the thread that would wait for room is the one that makes it",
            "use `error`, which is the default, `drop_newest` or `drop_oldest`",
        )),
        "block" if input.peek(token::Paren) => {
            let timeout;
            parenthesized!(timeout in input);
            Ok(OnFull::BlockFor(duration(&timeout, "not to wait at all, use `drop_newest` or `error`")?))
        }
        "block" => Ok(OnFull::Block),
        "drop_newest" => Ok(OnFull::DropNewest),
        "drop_oldest" if channel.has_ring() => Err(error(
            name.span(),
            "`drop_oldest` is not supported here: an unread slot of a ring belongs to its receiver",
            match channel {
                Channel::Link(_) => "use `latest`, which keeps the newest beside the ring, or `drop_newest`",
                _ => "use `drop_newest`, or a path whose sender keeps the unsent messages: `local`, `unix`, `tcp`",
            },
        )),
        "drop_oldest" => Ok(OnFull::DropOldest),
        "error" => Ok(OnFull::Error),
        other => Err(unknown_name("policy", other, name.span(), &POLICIES)),
    }
}

/// `latest`, or `latest(by = |quote| …, keys = 4096)`, of which the first word is read
fn latest(input: ParseStream<'_>, channel: Channel, span: Span) -> syn::Result<(OnFull, Option<ExprClosure>)> {
    const HELP: &str = "use `drop_newest`, or a path that supports it: `unix`, `tcp`, `shm`";
    match channel {
        Channel::Local => {
            let why =
                "`latest` is not supported here: a message waits in the router itself, which can replace the oldest";
            return Err(error(span, why, "use `drop_oldest`, or a path between two ends: `unix`, `tcp`, `shm`"));
        }
        Channel::Queue | Channel::Task => {
            return Err(error(span, "`latest` is not supported here yet: only links keep the newest messages", HELP));
        }
        Channel::Link(_) | Channel::Input(_) => {}
    }
    if !input.peek(token::Paren) {
        return Ok((OnFull::Latest { keys: 1 }, None));
    }
    let parts;
    parenthesized!(parts in input);
    let (keys, by) = latest_parts(&parts, span)?;
    Ok((OnFull::Latest { keys }, Some(by)))
}

fn latest_parts(input: ParseStream<'_>, span: Span) -> syn::Result<(u32, ExprClosure)> {
    /// As many messages as a ring can have.
    const MOST: u32 = 1 << 20;
    const PARTS: [&str; 2] = ["by", "keys"];
    const EXAMPLE: &str = "write `latest(by = |quote| quote.symbol, keys = 4096)`, or `latest` for one of each message";
    let (mut keys, mut by) = (None, None);
    while !input.is_empty() {
        let name = input
            .call(Ident::parse_any)
            .map_err(|mistake| error(mistake.span(), "expected `by` or `keys`", EXAMPLE))?;
        let text = name.to_string();
        if !PARTS.contains(&text.as_str()) {
            return Err(unknown_name("option", &text, name.span(), &PARTS));
        }
        input.parse::<Token![=]>()?;
        let repeated = match text.as_str() {
            "by" => by.replace(key(input)?).is_some(),
            _ => keys.replace(number(input, "keys", 1, MOST)?).is_some(),
        };
        if repeated {
            return Err(given_twice(&text, name.span()));
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    match (keys, by) {
        (Some(keys), Some(by)) => Ok((keys, by)),
        (None, Some(_)) => {
            Err(error(span, "`latest` needs the number of its keys, whose room is made at the start", EXAMPLE))
        }
        (_, None) => Err(error(span, "`latest` needs the key of a message", EXAMPLE)),
    }
}

/// The closure that finds the key of a message.
fn key(input: ParseStream<'_>) -> syn::Result<ExprClosure> {
    let value: Expr = input.parse()?;
    let span = value.span();
    match value {
        Expr::Closure(closure) => Ok(closure),
        _ => Err(error(
            span,
            "the key of a message is found by a closure",
            "write `by = |quote| quote.symbol`, which gives a `u64`",
        )),
    }
}

/// When a link writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::router) enum Batch {
    LowLatency,
    HighThroughput,
    Of(u32, Option<Duration>),
}

pub(super) const BATCHES: [&str; 2] = ["low_latency", "high_throughput"];

/// `32`, `(max = 32, delay = "50us")` with or without `batch` before it, or a preset
pub(super) fn batch(input: ParseStream<'_>) -> syn::Result<Batch> {
    const MOST: u32 = 1_000_000;
    if !input.peek(syn::Ident) {
        return Ok(Batch::Of(number(input, "batch", 1, MOST)?, None));
    }
    let name = word(input, "expected a number, `low_latency`, or `high_throughput`")?;
    match name.to_string().as_str() {
        "low_latency" => Ok(Batch::LowLatency),
        "high_throughput" => Ok(Batch::HighThroughput),
        "batch" => {
            let parts;
            parenthesized!(parts in input);
            batch_parts(&parts, name.span(), MOST)
        }
        other => Err(unknown_name("batch", other, name.span(), &BATCHES)),
    }
}

fn batch_parts(input: ParseStream<'_>, span: Span, most: u32) -> syn::Result<Batch> {
    let (mut max, mut delay) = (None, None);
    while !input.is_empty() {
        let name = input.call(Ident::parse_any)?;
        input.parse::<Token![=]>()?;
        match name.to_string().as_str() {
            "max" => max = Some(number(input, "max", 1, most)?),
            "delay" => delay = Some(duration(input, "not to wait for more messages, remove `delay`")?),
            other => return Err(unknown_name("option", other, name.span(), &["max", "delay"])),
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    let missing = || error(span, "a batch needs its size", "write `batch(max = 32, delay = \"50us\")`");
    Ok(Batch::Of(max.ok_or_else(missing)?, delay))
}

/// What follows a panic, of a lane or of a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::router) enum OnPanic {
    #[default]
    Stop,
    Abort,
    Restart {
        max: Option<u32>,
        within: Option<Duration>,
        backoff: Option<Duration>,
    },
}

/// `stop`, `abort` or `restart(max = 5, within = "10s", backoff = "10ms")`
pub(super) fn on_panic(input: ParseStream<'_>) -> syn::Result<OnPanic> {
    let name = word(input, "expected `restart`, `stop` or `abort`")?;
    match name.to_string().as_str() {
        "stop" => Ok(OnPanic::Stop),
        "abort" => Ok(OnPanic::Abort),
        "restart" if input.peek(token::Paren) => {
            let parts;
            parenthesized!(parts in input);
            restart(&parts)
        }
        "restart" => Ok(OnPanic::Restart { max: None, within: None, backoff: None }),
        other => Err(unknown_name("policy", other, name.span(), &["restart", "stop", "abort"])),
    }
}

fn restart(input: ParseStream<'_>) -> syn::Result<OnPanic> {
    /// More would not be a limit.
    const MOST: u32 = 1_000_000;
    const PARTS: [&str; 3] = ["max", "within", "backoff"];
    const EXPECTED: &str = "expected `max`, `within` or `backoff`";
    const EXAMPLE: &str = "write `restart(max = 3, within = \"10s\", backoff = \"10ms\")`, or some of these";
    let (mut max, mut within, mut backoff) = (None, None, None);
    while !input.is_empty() {
        let name = input.call(Ident::parse_any).map_err(|mistake| error(mistake.span(), EXPECTED, EXAMPLE))?;
        let text = name.to_string();
        if !PARTS.contains(&text.as_str()) {
            return Err(unknown_name("option", &text, name.span(), &PARTS));
        }
        input.parse::<Token![=]>()?;
        let repeated = match text.as_str() {
            "max" => max.replace(number(input, "max", 1, MOST)?).is_some(),
            "within" => within.replace(duration(input, "restarts are counted within some time")?).is_some(),
            _ => backoff.replace(duration(input, "to restart at once, write `backoff = \"1ns\"`")?).is_some(),
        };
        if repeated {
            return Err(given_twice(&text, name.span()));
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(OnPanic::Restart { max, within, backoff })
}

/// What an input does about messages that it does not list.
#[derive(Clone)]
pub(in crate::router) enum Unknown {
    /// It refuses a peer that may send one.
    Refuse,
    /// It hands them to this function.
    Hook(ExprPath),
}

const HOOK_EXAMPLE: &str = "write `unknown = hook(path::to::f)`, with `fn f(id: u16, version: u16, body: &[u8])`";

/// `refuse`, or `hook(path::to::f)`
pub(super) fn unknown(input: ParseStream<'_>) -> syn::Result<Unknown> {
    let name = word(input, "expected `refuse` or `hook(path::to::f)`")?;
    match name.to_string().as_str() {
        "refuse" => Ok(Unknown::Refuse),
        "hook" if input.peek(token::Paren) => {
            let function;
            parenthesized!(function in input);
            hook(&function, name.span()).map(Unknown::Hook)
        }
        "hook" => Err(error(name.span(), "`hook` needs its function", HOOK_EXAMPLE)),
        other => Err(unknown_name("policy for unknown messages", other, name.span(), &["refuse", "hook"])),
    }
}

/// `path::to::f`
fn hook(input: ParseStream<'_>, span: Span) -> syn::Result<ExprPath> {
    if input.is_empty() {
        return Err(error(span, "`hook` needs its function", HOOK_EXAMPLE));
    }
    let value: Expr = input.parse()?;
    let span = value.span();
    let Expr::Path(path) = value else {
        return Err(error(span, "`hook` takes the path of a function", HOOK_EXAMPLE));
    };
    input.parse::<Option<Token![,]>>()?;
    if input.is_empty() { Ok(path) } else { Err(error(input.span(), "`hook` takes one function", HOOK_EXAMPLE)) }
}

/// The options that secure a path, as far as they are given.
#[derive(Clone, Default)]
pub(in crate::router) struct SecurityOptions {
    pub(super) tls: Option<LitBool>,
    pub(super) server_name: Option<LitStr>,
    pub(super) insecure: Option<LitBool>,
}

/// How a path is secured on the network.
#[derive(Clone, Default)]
pub(in crate::router) struct Security {
    pub(in crate::router) tls: bool,
    pub(in crate::router) server_name: Option<LitStr>,
    pub(in crate::router) insecure: bool,
}

impl SecurityOptions {
    /// What these options amount to. Reports contradictions.
    pub(in crate::router) fn checked(self, errors: &Errors) -> Security {
        let set = |option: &Option<LitBool>| option.as_ref().filter(|it| it.value).map(LitBool::span);
        let (tls, insecure) = (set(&self.tls), set(&self.insecure));
        if let (Some(_), Some(span)) = (tls, insecure) {
            errors.at_span(span, "`tls` and `insecure` contradict each other", "remove one of them");
        }
        if let (None, Some(name)) = (tls, &self.server_name) {
            errors.at(
                name,
                "without `tls` a peer has no certificate that could name it",
                "add `tls = true`, or remove `server_name`",
            );
        }
        Security { tls: tls.is_some(), server_name: self.server_name, insecure: insecure.is_some() }
    }
}

/// A whole number between these bounds.
pub(super) fn number(input: ParseStream<'_>, name: &str, least: u32, most: u32) -> syn::Result<u32> {
    let example = if least == 0 { "such as `2`" } else { "such as `32`" };
    whole(&input.parse()?, &format!("`{name}`"), least, most, &format!("{least} to {most}"), example)
}

/// The next word, which may be a keyword.
pub(super) fn word(input: ParseStream<'_>, expected: &str) -> syn::Result<Ident> {
    input.call(Ident::parse_any).map_err(|mistake| syn::Error::new(mistake.span(), expected))
}
