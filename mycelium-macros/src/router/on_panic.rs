//! What follows a panic: `on_panic = restart(max = 5, within = "10s", backoff = "10ms")`, of a lane or of a task.

use std::time::Duration;

use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, Token, parenthesized, token};

use super::lanes::number;
use super::options::{error, unknown};
use crate::times::duration;

const ON_PANIC: [&str; 3] = ["restart", "stop", "abort"];
const RESTARTS: [&str; 3] = ["max", "within", "backoff"];

/// What follows a panic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum OnPanic {
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
    let expected = "expected `restart`, `stop` or `abort`";
    let name = input.call(Ident::parse_any).map_err(|error| syn::Error::new(error.span(), expected))?;
    match name.to_string().as_str() {
        "stop" => Ok(OnPanic::Stop),
        "abort" => Ok(OnPanic::Abort),
        "restart" if input.peek(token::Paren) => {
            let parts;
            parenthesized!(parts in input);
            restart(&parts)
        }
        "restart" => Ok(OnPanic::Restart { max: None, within: None, backoff: None }),
        other => Err(unknown("policy", other, name.span(), &ON_PANIC)),
    }
}

fn restart(input: ParseStream<'_>) -> syn::Result<OnPanic> {
    /// More would not be a limit.
    const MOST: u32 = 1_000_000;
    const EXPECTED: &str = "expected `max`, `within` or `backoff`";
    const EXAMPLE: &str = "write `restart(max = 3, within = \"10s\", backoff = \"10ms\")`, or some of these";
    let (mut max, mut within, mut backoff) = (None, None, None);
    while !input.is_empty() {
        let name = input.call(Ident::parse_any).map_err(|mistake| error(mistake.span(), EXPECTED, EXAMPLE))?;
        let text = name.to_string();
        if !RESTARTS.contains(&text.as_str()) {
            return Err(unknown("option", &text, name.span(), &RESTARTS));
        }
        input.parse::<Token![=]>()?;
        let repeated = match text.as_str() {
            "max" => max.replace(number(input, "max", 1, MOST)?).is_some(),
            "within" => within.replace(duration(input, "restarts are counted within some time")?).is_some(),
            _ => backoff.replace(duration(input, "to restart at once, say `backoff = \"1ns\"`")?).is_some(),
        };
        if repeated {
            return Err(error(name.span(), &format!("`{text}` is given twice"), "say it once"));
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(OnPanic::Restart { max, within, backoff })
}
