//! Where generated code pretends to stand, so that the compiler reports its errors at the user's own words.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::ToTokens;

/// `place`, with names resolved as the macro's own.
pub(crate) fn at(place: Span) -> Span {
    place.resolved_at(Span::call_site())
}

/// Moves all of `tokens` but what is [`kept`] to `place`; each name still means what it meant where it was written.
pub(crate) fn moved(tokens: TokenStream, place: Span) -> TokenStream {
    tokens.into_iter().map(|token| moved_token(token, place)).collect()
}

fn moved_token(token: TokenTree, place: Span) -> TokenTree {
    let span = place.resolved_at(token.span());
    let mut token = match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => return group.into(),
        TokenTree::Group(group) => Group::new(group.delimiter(), moved(group.stream(), place)).into(),
        other => other,
    };
    token.set_span(span);
    token
}

/// What stays where its user wrote it, so that an unknown name is one error however often it is repeated. The compiler
/// reads the invisible brackets as if they were not there.
pub(crate) fn kept(tokens: &impl ToTokens) -> Group {
    Group::new(Delimiter::None, tokens.to_token_stream())
}
