//! The pace of a receiver: `sample("100ms")`, `throttle("100ms", by = symbol, keys = 1024)`, `debounce("50ms")`.

use std::time::Duration;

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Expr, Member, Token, parenthesized, token};

use super::options::given_twice;
use crate::errors::{error, unknown};
use crate::literals::{duration, whole};

/// How often a receiver gets messages.
#[derive(Clone)]
pub(super) struct Pace {
    pub(super) kind: PaceKind,
    pub(super) period: Duration,
    pub(super) key: Option<Key>,
    /// How many keys there may be at the same time; 1 without keys.
    pub(super) keys: u32,
    pub(super) span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PaceKind {
    Sample,
    Throttle,
    Debounce,
}

/// What tells the keys of messages apart.
#[derive(Clone)]
pub(super) enum Key {
    Field(Member),
    /// A closure of the message, or the path of a function.
    Of(Expr),
}

const KINDS: [(&str, PaceKind); 3] =
    [("sample", PaceKind::Sample), ("throttle", PaceKind::Throttle), ("debounce", PaceKind::Debounce)];
const OPTIONS: [&str; 2] = ["by", "keys"];
const MOST_KEYS: u32 = 1 << 20;

impl PaceKind {
    pub(super) fn name(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }

    /// Whether it holds messages back until a time comes, so that turns have to hand them over.
    pub(super) fn holds(self) -> bool {
        self != Self::Throttle
    }

    fn of(name: &Ident) -> Option<Self> {
        KINDS.iter().find(|(other, _)| name == other).map(|(_, kind)| *kind)
    }
}

/// Whether a pace comes next.
pub(super) fn begins(input: ParseStream<'_>) -> bool {
    input.fork().parse::<Ident>().is_ok_and(|name| PaceKind::of(&name).is_some())
}

/// The pace that comes next, if one does.
pub(super) fn pace(input: ParseStream<'_>) -> syn::Result<Option<Pace>> {
    if !begins(input) {
        return Ok(None);
    }
    let name: Ident = input.parse()?;
    let Some(kind) = PaceKind::of(&name) else { return Ok(None) };
    let example = format!("write `{name}(\"100ms\")`");
    if !input.peek(token::Paren) {
        return Err(error(name.span(), &format!("`{name}` needs its time"), &example));
    }
    let arguments;
    parenthesized!(arguments in input);
    let pace = arguments_of(kind, &name, &arguments)?;
    if begins(input) {
        let help = "keep one of them";
        return Err(error(input.span(), "a receiver has one pace", help));
    }
    Ok(Some(pace))
}

/// `"100ms", by = symbol, keys = 1024`
fn arguments_of(kind: PaceKind, name: &Ident, input: ParseStream<'_>) -> syn::Result<Pace> {
    let period = duration(input, "to get each message, remove the pace")?;
    let (mut key, mut keys) = (None, None);
    while !input.is_empty() {
        input.parse::<Token![,]>()?;
        if input.is_empty() {
            break;
        }
        let option = input.call(Ident::parse_any)?;
        let text = option.to_string();
        if !OPTIONS.contains(&text.as_str()) {
            return Err(unknown("option", &text, option.span(), &OPTIONS));
        }
        input.parse::<Token![=]>()?;
        let repeated = match text.as_str() {
            "by" => key.replace((self::key(input)?, option.span())).is_some(),
            _ => keys.replace((number(&input.parse()?)?, option.span())).is_some(),
        };
        if repeated {
            return Err(given_twice(&text, option.span()));
        }
    }
    let (key, keys) = match (key, keys) {
        (None, None) => (None, 1),
        (Some((key, _)), Some((keys, _))) => (Some(key), keys),
        (Some((_, span)), None) => {
            let help = format!("its room is fixed at the start: write `{name}(…, by = …, keys = 1024)`");
            return Err(error(span, "`by` needs the number of keys", &help));
        }
        (None, Some((_, span))) => {
            let help = format!("write `{name}(…, by = …, keys = …)`, or remove `keys`");
            return Err(error(span, "`keys` has no meaning without `by`", &help));
        }
    };
    Ok(Pace { kind, period, key, keys, span: name.span() })
}

/// `symbol`, `|tick| tick.symbol & 7`, or `path::to::function`
fn key(input: ParseStream<'_>) -> syn::Result<Key> {
    const HELP: &str =
        "write the name of a field, `by = symbol`, or a closure of the message, `by = |tick| tick.symbol & 7`";
    let span = input.span();
    let mut key: Expr = input.parse().map_err(|_| error(span, "expected a key", HELP))?;
    while let Expr::Paren(inner) = key {
        key = *inner.expr;
    }
    match &key {
        Expr::Path(path) => Ok(match path.path.get_ident() {
            Some(field) => Key::Field(Member::Named(field.clone())),
            None => Key::Of(key),
        }),
        Expr::Closure(closure) if closure.inputs.len() == 1 => Ok(Key::Of(key)),
        _ => Err(error(key.span(), "a key is a field or a closure of the message", HELP)),
    }
}

fn number(value: &Expr) -> syn::Result<u32> {
    whole(value, "`keys`", 1, MOST_KEYS, "1 to 1,048,576", "say how many keys there may be at the same time")
}
