//! Reads the methods that a driver calls without a message: `#[source]` and `#[every("1s")]`.

use std::time::Duration;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Attribute, Expr, FnArg, ImplItemFn, Meta, ReturnType, Token, Type};

use super::handler::{Bounds, check_conditions, check_generics, check_qualifiers, check_receiver, context, emitted};
use crate::attributes;
use crate::errors::{Errors, error, unknown};
use crate::literals;

/// One such method.
pub(super) struct Driven {
    /// The conditions under which it exists.
    pub(super) cfgs: Vec<Attribute>,
    /// Its lint levels.
    pub(super) lints: Vec<Attribute>,
    pub(super) method: Ident,
    /// The bounds of `cx`; none if it takes no `cx`.
    pub(super) context: Option<Bounds>,
    /// What it returns, unless it is nothing.
    pub(super) returns: Option<Type>,
    /// It has errors of its own, and is never called.
    pub(super) broken: bool,
}

/// A `#[source]` method.
pub(super) struct Source {
    pub(super) driven: Driven,
    /// The method that says whether it is to be called.
    pub(super) when: Option<Ident>,
    /// How many times as often as others it may be called in one turn.
    pub(super) weight: u32,
}

/// A `#[every("1s")]` method.
pub(super) struct Timer {
    pub(super) driven: Driven,
    pub(super) period: Duration,
}

impl Driven {
    /// The messages in its `Emit<M>` and `Request<M, …>` bounds.
    pub(super) fn emits(&self) -> Vec<&Type> {
        self.context.iter().flatten().filter_map(emitted).collect()
    }
}

/// `#[source(when = is_ready, weight = 4)] fn next_bar(&mut self, cx: &mut impl Emit<Bar>) -> SourceState`
pub(super) fn source(mark: &Attribute, method: &ImplItemFn, errors: &Errors) -> Source {
    const FORM: &str = "write `fn name(&mut self, cx: &mut impl Emit<Message>) -> SourceState`";
    let own = Errors::new();
    let (when, weight) = own.ok(options(mark)).unwrap_or_default();
    let source = driven(method, FORM, &own);
    if source.returns.is_none() {
        let help =
            "return `SourceState::Ready`, `SourceState::Idle`, `SourceState::IdleFor(…)` or `SourceState::Finished`";
        own.at(&method.sig.ident, "a source returns whether it had something to do", help);
    }
    Source { driven: settle(source, own, errors), when, weight: weight.unwrap_or(1) }
}

/// `(when = is_ready, weight = 4)`, both optional.
fn options(mark: &Attribute) -> syn::Result<(Option<Ident>, Option<u32>)> {
    const OPTIONS: [&str; 2] = ["when", "weight"];
    const MOST: u32 = 64;
    const HELP: &str = "write `#[source(when = is_ready, weight = 4)]`, either of them, or just `#[source]`";
    let list = match &mark.meta {
        Meta::Path(_) => return Ok((None, None)),
        Meta::List(list) => list,
        other => return Err(error(other.span(), "the options of a source stand in parentheses", HELP)),
    };
    let read = |input: ParseStream<'_>| {
        let (mut when, mut weight) = (None, None);
        while !input.is_empty() {
            let name =
                input.call(Ident::parse_any).map_err(|mistake| error(mistake.span(), "expected an option", HELP))?;
            let text = name.to_string();
            if !OPTIONS.contains(&text.as_str()) {
                return Err(unknown("option", &text, name.span(), &OPTIONS));
            }
            input.parse::<Token![=]>()?;
            let repeated = match text.as_str() {
                "when" => {
                    let guard: Ident = input.parse().map_err(|mistake| {
                        error(mistake.span(), "`when` takes the name of a method of the service", HELP)
                    })?;
                    when.replace(guard).is_some()
                }
                _ => {
                    let value: Expr = input.parse()?;
                    let help = "such as `weight = 4`: four times as many calls in one turn";
                    weight.replace(literals::whole(&value, "`weight`", 1, MOST, "1 to 64", help)?).is_some()
                }
            };
            if repeated {
                return Err(error(name.span(), "this option is given twice", "remove one of them"));
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok((when, weight))
    };
    read.parse2(list.tokens.clone())
}

/// `#[every("250ms")] fn tick(&mut self, cx: &mut impl Emit<Tick>)`
pub(super) fn timer(mark: &Attribute, method: &ImplItemFn, errors: &Errors) -> Timer {
    const FORM: &str = "write `fn name(&mut self)`, with `cx: &mut impl Emit<Message>` behind it if it emits";
    let own = Errors::new();
    let period = period(mark, &own).unwrap_or(Duration::from_secs(1));
    let driven = settle(driven(method, FORM, &own), own, errors);
    Timer { driven, period }
}

fn settle(driven: Driven, own: Errors, errors: &Errors) -> Driven {
    let broken = !own.is_empty();
    own.move_to(errors);
    Driven { broken, ..driven }
}

fn period(mark: &Attribute, errors: &Errors) -> Option<Duration> {
    const HELP: &str = "give the time between two calls: `#[every(\"250ms\")]`";
    match &mark.meta {
        Meta::List(list) if !list.tokens.is_empty() => {
            let read = |input: ParseStream<'_>| literals::duration(input, "to run all the time, make it a `#[source]`");
            errors.ok(read.parse2(list.tokens.clone()))
        }
        other => {
            errors.at(other, "a timer needs its period", HELP);
            None
        }
    }
}

fn driven(method: &ImplItemFn, form: &str, errors: &Errors) -> Driven {
    let signature = &method.sig;
    check_qualifiers(signature, errors);
    check_generics(signature, errors);
    check_conditions(signature, errors);
    check_receiver(signature, signature.inputs.first(), errors);
    if let Some(keyword) = &signature.asyncness {
        let help = "its lane runs it between two messages: make it a plain `fn`";
        errors.at(keyword, "a source or timer can't be `async`", help);
    }
    let mut rest = signature.inputs.iter().filter(|argument| matches!(argument, FnArg::Typed(_)));
    let context = rest.next().map(|argument| context(argument, errors));
    for extra in rest {
        errors.at(extra, "a source or timer takes at most a context", form);
    }
    let returns = match &signature.output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) if matches!(&**ty, Type::Tuple(tuple) if tuple.elems.is_empty()) => None,
        ReturnType::Type(_, ty) if matches!(&**ty, Type::ImplTrait(_)) => {
            errors.at(ty.to_token_stream(), "a source or timer can't return this", form);
            None
        }
        ReturnType::Type(_, ty) => Some((**ty).clone()),
    };
    Driven {
        cfgs: attributes::conditions(&method.attrs),
        lints: attributes::lints(&method.attrs),
        method: signature.ident.clone(),
        context,
        returns,
        broken: false,
    }
}
