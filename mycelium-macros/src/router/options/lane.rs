//! The kind of a lane and its options: `pinned(core = 1, wait = spin)`.

use std::time::Duration;

use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Ident, Token, parenthesized, token};

use super::given_twice;
use super::values::{OnPanic, number, on_panic, word};
use crate::errors::{Errors, error, unknown};
use crate::features::{Feature, Features};
use crate::literals::duration;
use crate::router::tree::Via;

/// What drives a lane.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::router) enum Kind {
    Pinned,
    #[default]
    Thread,
    Tokio,
}

/// What a lane does while it has no work.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::router) enum Wait {
    Spin,
    Yield,
    #[default]
    Park,
    /// It stays awake for this time before it parks.
    ParkAfter(Duration),
}

/// How a lane runs.
#[derive(Clone, Copy, Default)]
pub(in crate::router) struct LaneOptions {
    pub(in crate::router) kind: Kind,
    pub(in crate::router) core: Option<u32>,
    pub(in crate::router) wait: Wait,
    pub(in crate::router) on_panic: OnPanic,
    pub(in crate::router) watchdog: Option<Duration>,
    /// Its real-time priority.
    pub(in crate::router) fifo: Option<u32>,
    /// The memory of the process stays in RAM.
    pub(in crate::router) mlock: bool,
}

const KINDS: [&str; 3] = ["pinned", "thread", "tokio"];
const OPTIONS: [&str; 6] = ["core", "wait", "on_panic", "watchdog", "fifo", "mlock"];
const WAITS: [&str; 3] = ["spin", "park", "yield"];

/// The largest number of a core that fits into the kernel's masks.
const MOST_CORES: u32 = 1023;

/// The highest priority under `SCHED_FIFO`.
const MOST_PRIORITY: u32 = 99;

/// The options of a lane; none if they could not be read.
pub(in crate::router) fn lane(via: &Via, features: Features, errors: &Errors) -> Option<LaneOptions> {
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
    let mut options = LaneOptions { kind, ..LaneOptions::default() };
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
        errors.at(&via.path, "`pinned` needs a core", "write `pinned(core = 1)`, or use `thread` for any core");
        return None;
    }
    let sleeps = matches!(options.wait, Wait::Park | Wait::ParkAfter(_));
    if kind == Kind::Thread && options.fifo.is_some() && !sleeps {
        errors.at(
            &via.path,
            "a lane with `fifo` that never sleeps needs a core of its own: nothing else would run there",
            "write `pinned(core = N, …)`, or let it wait by `park`",
        );
        return None;
    }
    Some(options)
}

fn option(
    input: ParseStream<'_>,
    options: &mut LaneOptions,
    seen: &mut Vec<Ident>,
    errors: &Errors,
) -> syn::Result<()> {
    let name = word(input, "expected an option, such as `wait = park`")?;
    let text = name.to_string();
    if !OPTIONS.contains(&text.as_str()) {
        return Err(unknown("option", &text, name.span(), &OPTIONS));
    }
    if options.kind == Kind::Tokio && (text == "fifo" || text == "mlock") {
        let help = "use `pinned(core = N)` or `thread`, or remove it";
        const WHY: &str = "a lane on tokio runs on threads of its runtime, which are not its own";
        return Err(error(name.span(), WHY, help));
    }
    if text == "mlock" {
        if input.peek(Token![=]) {
            return Err(error(input.span(), "`mlock` takes no value", "write just `mlock`"));
        }
        options.mlock = true;
        return once(text, name, seen, errors);
    }
    input.parse::<Token![=]>()?;
    match text.as_str() {
        "core" if options.kind != Kind::Pinned => {
            return Err(error(
                name.span(),
                "only a pinned lane has a core",
                "write `pinned(core = N)`, or remove `core`",
            ));
        }
        "core" => options.core = Some(number(input, "core", 0, MOST_CORES)?),
        "wait" if options.kind == Kind::Tokio => {
            return Err(error(name.span(), "a lane on tokio waits as its runtime does", "remove `wait`"));
        }
        "wait" => options.wait = wait(input)?,
        "on_panic" => options.on_panic = on_panic(input)?,
        "fifo" => options.fifo = Some(number(input, "fifo", 1, MOST_PRIORITY)?),
        _ => options.watchdog = Some(duration(input, "to watch nothing, remove `watchdog`")?),
    }
    once(text, name, seen, errors)
}

fn once(text: String, name: Ident, seen: &mut Vec<Ident>, errors: &Errors) -> syn::Result<()> {
    if seen.contains(&name) {
        errors.push(given_twice(&text, name.span()));
    }
    seen.push(name);
    Ok(())
}

/// `spin`, `yield`, `park` or `park(spin = "20us")`
fn wait(input: ParseStream<'_>) -> syn::Result<Wait> {
    let name = word(input, "expected `spin`, `park`, `park(spin = \"20us\")` or `yield`")?;
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
            let spin = duration(&parts, "to park soon, write `spin = \"1ns\"`")?;
            parts.parse::<Option<Token![,]>>()?;
            if parts.is_empty() { Ok(Wait::ParkAfter(spin)) } else { Err(parts.error("`spin` is the only option")) }
        }
        "park" => Ok(Wait::Park),
        other => Err(unknown("way to wait", other, name.span(), &WAITS)),
    }
}
