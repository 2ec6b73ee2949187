//! A handler as its signature describes it.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{Attribute, GenericArgument, PathArguments, Token, Type, TypeParamBound};

/// One `#[handle]` method.
pub(super) struct Handler {
    /// The conditions under which it exists.
    pub(super) cfgs: Vec<Attribute>,
    /// The levels of lints above it.
    pub(super) lints: Vec<Attribute>,
    pub(super) method: Ident,
    pub(super) message: Type,
    /// It takes `&[M]`.
    pub(super) batch: bool,
    /// What it asks of `cx`; `None` if it takes no `cx`.
    pub(super) context: Option<Bounds>,
    pub(super) returns: Returns,
    pub(super) is_async: bool,
    /// It has mistakes of its own: it is declared all the same, so that no router complains about it too.
    pub(super) broken: bool,
}

/// The bounds in `cx: &mut (impl Emit<A> + Clock)`.
pub(super) type Bounds = Punctuated<TypeParamBound, Token![+]>;

/// What a handler returns.
pub(super) enum Returns {
    Nothing,
    /// Something called `Result`.
    Fallible(Type),
    /// Anything else: a reply, or a type alias.
    Other(Type),
}

impl Handler {
    /// The messages in its `Emit<M>` and `Request<M, …>` bounds.
    pub(super) fn emits(&self) -> Vec<&Type> {
        self.context.iter().flatten().filter_map(emitted).collect()
    }

    /// Whether its context has to take errors.
    pub(super) fn reports(&self) -> bool {
        !self.broken && !matches!(self.returns, Returns::Nothing)
    }

    /// The message as written, for comparison.
    pub(super) fn message_text(&self) -> String {
        text(&self.message)
    }
}

/// The message of an `Emit<M>` or `Request<M, …>` bound.
pub(super) fn emitted(bound: &TypeParamBound) -> Option<&Type> {
    let TypeParamBound::Trait(bound) = bound else { return None };
    let last = bound.path.segments.last()?;
    if last.ident != "Emit" && last.ident != "Request" {
        return None;
    }
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(message) => Some(message),
        _ => None,
    })
}

/// Tokens as text without regard to their places.
pub(super) fn text(tokens: &impl ToTokens) -> String {
    let tokens: TokenStream = tokens.to_token_stream();
    tokens.to_string()
}
