//! The spans of generated code, chosen so that the compiler reports its errors at the user's own words.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::ToTokens;

/// `span`, with names resolved as the macro's own.
pub(crate) fn hygienic(span: Span) -> Span {
    span.resolved_at(Span::call_site())
}

/// Gives `span` to all of `tokens` but what has [its own](own_span). Each name still means what it meant where it was written.
pub(crate) fn respan(tokens: TokenStream, span: Span) -> TokenStream {
    tokens.into_iter().map(|token| respan_token(token, span)).collect()
}

fn respan_token(token: TokenTree, span: Span) -> TokenTree {
    let resolved = span.resolved_at(token.span());
    let mut token = match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => return group.into(),
        TokenTree::Group(group) => Group::new(group.delimiter(), respan(group.stream(), span)).into(),
        other => other,
    };
    token.set_span(resolved);
    token
}

/// The same for a call `<Type as Trait>::method(…)`, where the type is a single name. The type, the path and the whole call get the user's
/// own span, so that the compiler sees one error in all three and reports it once.
pub(crate) fn respan_call(tokens: TokenStream, span: Span) -> TokenStream {
    let mut tokens: Vec<TokenTree> = respan(tokens, span).into_iter().collect();
    let ends = [0, 1, tokens.len().saturating_sub(2), tokens.len().saturating_sub(1)];
    for (index, token) in tokens.iter_mut().enumerate() {
        if ends.contains(&index) {
            token.set_span(span);
        }
    }
    tokens.into_iter().collect()
}

/// Tokens that keep the span where their user wrote them, so that an unknown name is one error however often it is repeated. The compiler
/// ignores the invisible brackets.
pub(crate) fn own_span(tokens: &impl ToTokens) -> Group {
    Group::new(Delimiter::None, tokens.to_token_stream())
}
