//! The section `lanes`, and what is said about a lane in parentheses: `pinned(core = 1, wait = spin)`.

use std::time::Duration;

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Token, braced, bracketed, parenthesized, token};

use super::on_panic::{OnPanic, on_panic};
use super::options::{error, unknown};
use super::parse::{entries, listed};
use super::routes::path_of;
use super::sections::begins_named;
use super::tree::{LaneEntry, Lanes, Via};
use crate::errors::Errors;
use crate::features::{Feature, Features};
use crate::numbers::whole;
use crate::times::duration;

/// What drives a lane.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Kind {
    Pinned,
    #[default]
    Thread,
    Tokio,
}

/// What a lane does while there is nothing to do.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Wait {
    Spin,
    Yield,
    /// With the time for which it stays awake first, where that is said.
    #[default]
    Park,
    ParkAfter(Duration),
}

/// All that is said about a lane besides its services.
#[derive(Clone, Copy, Default)]
pub(super) struct Options {
    pub(super) kind: Kind,
    pub(super) core: Option<u32>,
    pub(super) wait: Wait,
    pub(super) on_panic: OnPanic,
    pub(super) watchdog: Option<Duration>,
}

const KINDS: [&str; 3] = ["pinned", "thread", "tokio"];
const OPTIONS: [&str; 4] = ["core", "wait", "on_panic", "watchdog"];
const WAITS: [&str; 3] = ["spin", "park", "yield"];

/// The largest number of a core, which the masks of the kernel set.
const MOST_CORES: u32 = 1023;

/// `{ hot: pinned(core = 1) [spread, execution], io: tokio [web] }`
pub(super) fn lanes(place: Span, input: ParseStream<'_>, errors: &Errors) -> syn::Result<Lanes> {
    let list;
    braced!(list in input);
    let (entries, extent) = entries(&list, errors, begins_named, Ident::parse, |name, input, found| {
        let lane = lane(name.clone(), input, errors);
        let broken = || LaneEntry { name, kind: Via::of_nothing("thread"), services: Vec::new(), broken: true };
        let (lane, result) = lane.map_or_else(|error| (broken(), Err(error)), |lane| (lane, Ok(())));
        found.push(lane);
        result
    });
    Ok(Lanes { place, entries, broken: extent.broken })
}

fn lane(name: Ident, input: ParseStream<'_>, errors: &Errors) -> syn::Result<LaneEntry> {
    input.parse::<Token![:]>()?;
    let kind = path_of(input)?;
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

/// The options of a lane; `None` if they could not be read.
pub(super) fn options(via: &Via, features: Features, errors: &Errors) -> Option<Options> {
    let name = via.path.to_string();
    let kind = match name.as_str() {
        "pinned" => Kind::Pinned,
        "thread" => Kind::Thread,
        "tokio" => Kind::Tokio,
        _ => {
            errors.push(unknown("kind of lane", &name, via.path.span(), &KINDS));
            return None;
        }
    };
    if kind == Kind::Tokio {
        features.require(Feature::Tokio, "a lane on `tokio`", via.path.span(), errors);
    }
    let mut options = Options { kind, ..Options::default() };
    let before = errors.count();
    let read = |input: ParseStream<'_>| {
        let mut seen = Vec::new();
        while !input.is_empty() {
            option(input, &mut options, &mut seen, errors)?;
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    };
    errors.ok(read.parse2(via.arguments.clone().unwrap_or_default()));
    if errors.count() > before {
        return None;
    }
    if kind == Kind::Pinned && options.core.is_none() {
        errors.at(&via.path, "`pinned` needs its core", "say which: `pinned(core = 1)`, or use `thread` for any");
        return None;
    }
    Some(options)
}

fn option(input: ParseStream<'_>, options: &mut Options, seen: &mut Vec<Ident>, errors: &Errors) -> syn::Result<()> {
    let expected = "expected an option, such as `wait = park`";
    let name = input.call(Ident::parse_any).map_err(|error| syn::Error::new(error.span(), expected))?;
    let text = name.to_string();
    if !OPTIONS.contains(&text.as_str()) {
        return Err(unknown("option", &text, name.span(), &OPTIONS));
    }
    input.parse::<Token![=]>()?;
    match text.as_str() {
        "core" if options.kind != Kind::Pinned => {
            return Err(error(name.span(), "only a pinned lane has a core", "say `pinned(core = N)`, or leave it out"));
        }
        "core" => options.core = Some(number(input, "core", 0, MOST_CORES)?),
        "wait" if options.kind == Kind::Tokio => {
            return Err(error(name.span(), "a lane on tokio waits as its runtime does", "leave `wait` out"));
        }
        "wait" => options.wait = wait(input)?,
        "on_panic" => options.on_panic = on_panic(input)?,
        _ => options.watchdog = Some(duration(input, "to watch nothing, leave `watchdog` out")?),
    }
    if seen.contains(&name) {
        errors.at(&name, format!("`{text}` is given twice"), "say it once");
    }
    seen.push(name);
    Ok(())
}

/// `spin`, `yield`, `park` or `park(spin = "20us")`
fn wait(input: ParseStream<'_>) -> syn::Result<Wait> {
    let expected = "expected `spin`, `park`, `park(spin = \"20us\")` or `yield`";
    let name = input.call(Ident::parse_any).map_err(|error| syn::Error::new(error.span(), expected))?;
    match name.to_string().as_str() {
        "spin" => Ok(Wait::Spin),
        "yield" => Ok(Wait::Yield),
        "park" if input.peek(token::Paren) => {
            let parts;
            parenthesized!(parts in input);
            let option = parts.call(Ident::parse_any)?;
            if option != "spin" {
                return Err(unknown("option", &option.to_string(), option.span(), &["spin"]));
            }
            parts.parse::<Token![=]>()?;
            let spin = duration(&parts, "to sleep soon, say `spin = \"1ns\"`")?;
            parts.parse::<Option<Token![,]>>()?;
            if parts.is_empty() { Ok(Wait::ParkAfter(spin)) } else { Err(parts.error("`spin` is the only option")) }
        }
        "park" => Ok(Wait::Park),
        other => Err(unknown("way to wait", other, name.span(), &WAITS)),
    }
}

pub(super) fn number(input: ParseStream<'_>, name: &str, least: u32, most: u32) -> syn::Result<u32> {
    whole(&input.parse()?, &format!("`{name}`"), least, most, &format!("{least} to {most}"), "such as `2`")
}
