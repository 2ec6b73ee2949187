//! What is said about a path in parentheses: `tcp("127.0.0.1:7402", batch = 32)`.

use std::time::Duration;

use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Expr, Lit, LitStr, Token, parenthesized, token};

use super::model::Attrs;
use super::on_panic::on_panic;
use super::options::{error, unknown};
use super::security;
use super::transport::Transport;
use super::tree::Via;
use super::unknown::{self as strangers, Unknown};
use crate::errors::Errors;
use crate::features::{Feature, Features};
use crate::numbers::whole;
use crate::times::{duration, literal};

/// Where options stand, which decides which of them can be honoured.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Place {
    Link(Transport),
    Input(Transport),
    Local,
    Queue,
    Task,
}

impl Place {
    /// Whether what waits there lies in a ring.
    fn has_ring(self) -> bool {
        match self {
            Self::Queue | Self::Task => true,
            Self::Link(transport) => transport.has_ring(),
            Self::Input(_) | Self::Local => false,
        }
    }
}

/// What happens to a message that finds no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum OnFull {
    #[default]
    Block,
    BlockFor(Duration),
    DropNewest,
    DropOldest,
    Error,
}

/// When a link writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Batch {
    LowLatency,
    HighThroughput,
    Of(u32, Option<Duration>),
}

/// All options of a path.
#[derive(Default)]
pub(super) struct Options {
    pub(super) on_full: Option<OnFull>,
    pub(super) slots: Option<u32>,
    pub(super) unknown: Option<Unknown>,
    pub(super) security: security::Options,
    pub(super) attrs: Attrs,
}

/// An option: its name, how its value is read, and where it can't be honoured.
struct Row {
    name: &'static str,
    /// Whether it was there already.
    read: fn(ParseStream<'_>, Place, &mut Options) -> syn::Result<bool>,
    /// Why it cannot be honoured there, and what to do instead.
    refusal: fn(Place) -> Option<Refusal>,
    /// The feature of the runtime that it needs besides that of its path.
    feature: Option<Feature>,
}

/// Why something cannot be had, and what to do instead.
pub(super) type Refusal = (&'static str, &'static str);

/// All options, in the order in which errors list them.
static OPTIONS: &[Row] = &[
    Row {
        name: "on_full",
        read: |input, place, options| Ok(options.on_full.replace(on_full(input, place)?).is_some()),
        refusal: |place| match place {
            Place::Input(_) => {
                Some(("an input is never full: `on_full` is its senders'", "say `on_full` where a link sends"))
            }
            _ => None,
        },
        feature: None,
    },
    Row {
        name: "batch",
        read: |input, _, options| Ok(options.attrs.batch.replace(batch(input)?).is_some()),
        refusal: |place| match place {
            Place::Input(_) => Some((
                "an input takes what has arrived: `batch` is its senders'",
                "say `batch` where a link sends; a handler may take `&[M]`",
            )),
            Place::Local | Place::Queue => {
                Some(("what is queued is there at once: a queue has no batches", "leave `batch` out"))
            }
            Place::Link(_) | Place::Task => None,
        },
        feature: None,
    },
    Row {
        name: "slots",
        read: |input, _, options| Ok(options.slots.replace(number(input, "slots", MOST_SLOTS)?).is_some()),
        refusal: |place| match place {
            Place::Input(_) => Some((
                "an input has the rings that its senders bring: `slots` is theirs",
                "say `slots` where a link sends",
            )),
            Place::Local | Place::Queue | Place::Task => Some((
                "the room of a queue is its number",
                "leave `slots` out: the number says how many messages it holds",
            )),
            Place::Link(transport) if !transport.has_slots() => Some((
                "only a ring in shared memory has slots",
                "leave `slots` out: what a socket holds is bounded by `Limits::send_buffer` in `Config`",
            )),
            Place::Link(_) => None,
        },
        feature: None,
    },
    Row {
        name: "on_panic",
        read: |input, _, options| Ok(options.attrs.on_panic.replace(on_panic(input)?).is_some()),
        refusal: |place| match place {
            Place::Local | Place::Queue => Some((
                "what follows a panic is said of the lane that the service lives on",
                "say `on_panic` in `lanes`; a service that is to be restarted alone gets a lane of its own, or a task",
            )),
            Place::Link(_) | Place::Input(_) => Some((
                "no handler runs here: what follows a panic is said of lanes and tasks",
                "say `on_panic` in `lanes`, or of a service `via task(N, on_panic = …)`",
            )),
            Place::Task => None,
        },
        feature: None,
    },
    Row {
        name: "unknown",
        read: |input, _, options| Ok(options.unknown.replace(strangers::unknown(input)?).is_some()),
        refusal: strangers::refusal,
        feature: None,
    },
    Row {
        name: "tls",
        read: |input, _, options| Ok(options.security.tls.replace(input.parse()?).is_some()),
        refusal: |place| security::refusal("leave `tls` out", place),
        feature: Some(Feature::Tls),
    },
    Row {
        name: "server_name",
        read: |input, _, options| Ok(options.security.server_name.replace(input.parse()?).is_some()),
        refusal: |place| match (security::refusal("leave `server_name` out", place), place) {
            (None, Place::Input(_)) => Some((
                "an input shows its certificate, and takes any that its authority has signed",
                "say `server_name` where a link connects",
            )),
            (refusal, _) => refusal,
        },
        feature: Some(Feature::Tls),
    },
    Row {
        name: "insecure",
        read: |input, _, options| Ok(options.security.insecure.replace(input.parse()?).is_some()),
        refusal: |place| security::refusal("leave `insecure` out", place),
        feature: None,
    },
    Row {
        name: "trust",
        read: |_, _, _| Ok(false),
        refusal: |_| Some(("the option `trust` is not built in yet", "leave it out: no peer is trusted")),
        feature: None,
    },
];

const POLICIES: [&str; 4] = ["block", "drop_newest", "drop_oldest", "error"];
const BATCHES: [&str; 2] = ["low_latency", "high_throughput"];

/// The most slots that a ring can have.
const MOST_SLOTS: u32 = 1 << 20;
/// The most messages that one drain delivers, so that more room in the router would never be used.
const MOST_LOCAL: u32 = 1_000_000;

/// The address of a link or an input, and its options.
pub(super) fn addressed(
    via: &Via,
    transport: Transport,
    place: Place,
    features: Features,
    errors: &Errors,
) -> Option<(LitStr, Options)> {
    features.require(transport.feature(), &format!("`{}`", transport.name()), via.path.span(), errors);
    let (first, options) = arguments(via, place, features, errors)?;
    let example = transport.example();
    let path = &via.path;
    let Some(first) = first else {
        errors.at(path, format!("`{path}` needs its address"), format!("say where: `{example}`"));
        return None;
    };
    let Some(Lit::Str(address)) = literal(&first) else {
        errors.at(first, format!("the address of `{path}` is a text"), format!("say where: `{example}`"));
        return None;
    };
    if let Some(fault) = transport.fault(&address.value()) {
        errors.at(address, fault, format!("for example `{example}`"));
    }
    Some((address.clone(), options))
}

/// The room of a queue, and its options; none if they could not be read.
pub(super) fn roomy(via: &Via, place: Place, features: Features, errors: &Errors) -> Option<(usize, Options)> {
    let (first, options) = arguments(via, place, features, errors)?;
    let path = &via.path;
    let help = format!("say how many messages may wait: `via {path}(64)`");
    let Some(first) = first else {
        errors.at(path, format!("`{path}` needs its room"), help);
        return None;
    };
    let (most, bound) = match place {
        Place::Local => (MOST_LOCAL, "1,000,000"),
        _ => (MOST_SLOTS, "1,048,576"),
    };
    let room = whole(&first, &format!("the room of `{path}`"), 1, most, &format!("1 to {bound}"), &help);
    errors.ok(room).map(|room| (room as usize, options))
}

/// What stands first, without a name, and the options; `None` if something could not be read.
fn arguments(via: &Via, place: Place, features: Features, errors: &Errors) -> Option<(Option<Expr>, Options)> {
    let (mut first, mut options) = (None, Options::default());
    let before = errors.count();
    let read = |input: ParseStream<'_>| {
        while !input.is_empty() {
            if !option(input, place, &mut options, features, errors)? {
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
        return Err(error(value.span(), "one value has no name here", "what follows is `name = value`"));
    }
    *first = Some(value);
    Ok(())
}

/// Reads an option, if one comes next: `name = value`, `batch(…)`, or a preset by its name.
fn option(
    input: ParseStream<'_>,
    place: Place,
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
    let Some(row) = OPTIONS.iter().find(|row| row.name == option) else {
        skip_value(input)?;
        let known = OPTIONS.iter().filter(|row| (row.refusal)(place).is_none());
        errors.push(unknown("option", &text, name.span(), &known.map(|row| row.name).collect::<Vec<_>>()));
        return Ok(true);
    };
    if let Some((why, help)) = (row.refusal)(place) {
        skip_value(input)?;
        errors.at_span(name.span(), why, help);
        return Ok(true);
    }
    if let Some(feature) = row.feature {
        features.require(feature, &format!("`{option}`"), name.span(), errors);
    }
    if is_named {
        input.call(Ident::parse_any)?;
        input.parse::<Token![=]>()?;
    }
    let repeated = (row.read)(input, place, options)?;
    if repeated {
        errors.at_span(name.span(), format!("`{option}` is given twice"), "say it once");
    }
    Ok(true)
}

/// Goes on to the next comma.
fn skip_value(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}

/// `block`, `block("50ms")`, `drop_newest`, `drop_oldest` or `error`
fn on_full(input: ParseStream<'_>, place: Place) -> syn::Result<OnFull> {
    let expected = "expected `block`, `block(\"50ms\")`, `drop_newest`, `drop_oldest` or `error`";
    let name = input.call(Ident::parse_any).map_err(|error| syn::Error::new(error.span(), expected))?;
    match name.to_string().as_str() {
        "block" if place == Place::Local => Err(error(
            name.span(),
            "`block` is not to be had here: who waits for room is the thread that has to make it",
            "use `error`, which is the default, `drop_newest` or `drop_oldest`",
        )),
        "block" if input.peek(token::Paren) => {
            let timeout;
            parenthesized!(timeout in input);
            Ok(OnFull::BlockFor(duration(&timeout, "so as not to wait, say `drop_newest` or `error`")?))
        }
        "block" => Ok(OnFull::Block),
        "drop_newest" => Ok(OnFull::DropNewest),
        "drop_oldest" if place.has_ring() => Err(error(
            name.span(),
            "`drop_oldest` is not to be had here: an unread slot of a ring is its receiver's",
            "use `drop_newest`, or a path whose unsent messages are the sender's own: `local`, `unix`, `tcp`",
        )),
        "drop_oldest" => Ok(OnFull::DropOldest),
        "error" => Ok(OnFull::Error),
        other => Err(unknown("policy", other, name.span(), &POLICIES)),
    }
}

/// `32`, `(max = 32, delay = "50us")`, with `batch` before it or not, or a preset
fn batch(input: ParseStream<'_>) -> syn::Result<Batch> {
    const MOST: u32 = 1_000_000;
    if !input.peek(syn::Ident) {
        return Ok(Batch::Of(number(input, "batch", MOST)?, None));
    }
    let expected = "expected a number, `low_latency`, or `high_throughput`";
    let name = input.call(Ident::parse_any).map_err(|error| syn::Error::new(error.span(), expected))?;
    match name.to_string().as_str() {
        "low_latency" => Ok(Batch::LowLatency),
        "high_throughput" => Ok(Batch::HighThroughput),
        "batch" => {
            let parts;
            parenthesized!(parts in input);
            batch_parts(&parts, name.span(), MOST)
        }
        other => Err(unknown("batch", other, name.span(), &BATCHES)),
    }
}

fn batch_parts(input: ParseStream<'_>, place: Span, most: u32) -> syn::Result<Batch> {
    let (mut max, mut delay) = (None, None);
    while !input.is_empty() {
        let name = input.call(Ident::parse_any)?;
        input.parse::<Token![=]>()?;
        match name.to_string().as_str() {
            "max" => max = Some(number(input, "max", most)?),
            "delay" => delay = Some(duration(input, "so as not to wait for more messages, leave `delay` out")?),
            other => return Err(unknown("option", other, name.span(), &["max", "delay"])),
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    let missing = || error(place, "a batch needs its size", "say `batch(max = 32, delay = \"50us\")`");
    Ok(Batch::Of(max.ok_or_else(missing)?, delay))
}

fn number(input: ParseStream<'_>, name: &str, most: u32) -> syn::Result<u32> {
    whole(&input.parse()?, &format!("`{name}`"), 1, most, &format!("1 to {most}"), "such as `32`")
}

/// What stands in the parentheses of a path that stands where its address is known already.
pub(super) fn is_empty(arguments: Option<&TokenStream>) -> bool {
    arguments.is_none_or(TokenStream::is_empty)
}
