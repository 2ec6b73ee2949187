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

/// The same for a call `<Type as Trait>::method(…)`, where the type is a single name: it, the path and the whole are their user's own
/// words. What is wrong with these is then one and the same error to the compiler, and told once.
pub(crate) fn moved_call(tokens: TokenStream, place: Span) -> TokenStream {
    let mut tokens: Vec<TokenTree> = moved(tokens, place).into_iter().collect();
    let ends = [0, 1, tokens.len().saturating_sub(2), tokens.len().saturating_sub(1)];
    for (index, token) in tokens.iter_mut().enumerate() {
        if ends.contains(&index) {
            token.set_span(place);
        }
    }
    tokens.into_iter().collect()
}

/// What stays where its user wrote it, so that an unknown name is one error however often it is repeated. The compiler
/// reads the invisible brackets as if they were not there.
pub(crate) fn kept(tokens: &impl ToTokens) -> Group {
    Group::new(Delimiter::None, tokens.to_token_stream())
}
