//! Tests that every name that the macros choose is prefixed, and that every path in their output begins at a crate: nothing in a user's
//! module can shadow it.

use std::collections::HashSet;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::quote;

use crate::names::plain;
use crate::snapshots::{FIXTURES, expanded};

/// Keywords of Rust. A lifetime is recognised by its apostrophe.
const KEYWORDS: &str = "as async await break const continue crate dyn else enum false fn for if impl in let loop match mod move mut \
     pub ref return self Self static struct super trait true type unsafe use where while _";

/// The identifiers in `tokens` that a user's module could give another meaning.
struct Search<'a> {
    known: HashSet<String>,
    found: &'a mut Vec<String>,
}

impl Search<'_> {
    fn look(&mut self, tokens: TokenStream, within: Delimiter, in_impl: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let is = |index: usize, character: char| matches!(tokens.get(index), Some(TokenTree::Punct(punct)) if punct.as_char() == character);
        let word = |index: usize| match tokens.get(index) {
            Some(TokenTree::Ident(word)) => word.to_string(),
            _ => String::new(),
        };
        let mut impl_begins = false;
        for (index, token) in tokens.iter().enumerate() {
            let before = |distance: usize| index.checked_sub(distance).unwrap_or(usize::MAX);
            match token {
                // An attribute.
                TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket && is(before(1), '#') => {}
                TokenTree::Group(group) => {
                    let is_impl = impl_begins && group.delimiter() == Delimiter::Brace;
                    impl_begins &= !is_impl;
                    self.look(group.stream(), group.delimiter(), is_impl);
                }
                TokenTree::Ident(ident) => {
                    let text = plain(ident);
                    impl_begins |= text == "impl";
                    let is_item_of_impl = in_impl && ["fn", "const", "type"].contains(&word(before(1)).as_str());
                    let is_member = is(before(1), '.') && !is(before(2), '.');
                    let goes_on = is(before(1), ':') && is(before(2), ':');
                    let is_colon = matches!(tokens.get(index + 1), Some(TokenTree::Punct(next)) if next.as_char() == ':' && next.spacing() == Spacing::Alone);
                    let is_field =
                        within == Delimiter::Brace && is_colon && !["let", "mut"].contains(&word(before(1)).as_str());
                    // `Future<Output = …>`
                    let is_bound = is(before(1), '<') && is(index + 1, '=');
                    let is_renamed = word(index + 1) == "as";
                    let is_lifetime = is(before(1), '\'');
                    let is_safe =
                        is_item_of_impl || is_member || goes_on || is_field || is_bound || is_renamed || is_lifetime;
                    if !is_safe && !text.starts_with("__") && !self.known.contains(&text) {
                        let context: TokenStream =
                            tokens[index.saturating_sub(4)..(index + 4).min(tokens.len())].iter().cloned().collect();
                        self.found.push(format!("`{text}` in `{context}`"));
                    }
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }
}

fn words(tokens: TokenStream, words_in: &mut HashSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => drop(words_in.insert(plain(&ident))),
            TokenTree::Group(group) => words(group.stream(), words_in),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

fn unprotected(input: TokenStream, output: TokenStream) -> Vec<String> {
    let mut known: HashSet<String> = KEYWORDS.split_whitespace().map(str::to_owned).collect();
    words(input, &mut known);
    // `DeskServices` is a public name.
    let public: Vec<String> = known.iter().map(|name| format!("{name}Services")).collect();
    known.extend(public);
    let mut found = Vec::new();
    Search { known, found: &mut found }.look(output, Delimiter::None, false);
    found
}

#[test]
fn names_of_the_macros_are_prefixed_or_absolute() {
    for source in FIXTURES {
        for (input, output) in expanded(source) {
            assert_eq!(unprotected(input, output), [] as [String; 0]);
        }
    }
}

#[test]
fn names_that_a_module_could_shadow_are_found() {
    for (output, name) in [
        (quote!(let taken = 0;), "taken"),
        (
            quote!(
                fn drain() {}
            ),
            "drain",
        ),
        (quote!(|id| 0), "id"),
        (
            quote!(
                fn __f(config: ()) {}
            ),
            "config",
        ),
        (quote!(::core::option::Option<usize>), "usize"),
        (quote!(impl Drop for __X {}), "Drop"),
        (quote!(core::mem::drop(__x)), "core"),
        (
            quote!(
                struct Entry;
            ),
            "Entry",
        ),
    ] {
        let found = unprotected(TokenStream::new(), output);
        assert!(found.len() == 1 && found[0].starts_with(&format!("`{name}`")), "{found:?}");
    }
    let fine =
        quote!(impl ::core::ops::Drop for __X { fn drop(&mut self) { self.links.poll(); __X { taken: __taken, .. } } });
    assert!(unprotected(TokenStream::new(), fine).is_empty());
}
