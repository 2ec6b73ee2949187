//! Names: changes of case, names that clash with nothing, and suggestions for misspelt names.

use std::collections::HashSet;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::format_ident;
use syn::ext::IdentExt;

/// `SpreadStrategy` → `spread_strategy`, `HTTPServer` → `http_server`.
pub(crate) fn snake_case(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (index, character) in characters.iter().enumerate() {
        if character.is_uppercase() && starts_word(&characters, index) && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.extend(character.to_lowercase());
    }
    snake
}

fn starts_word(characters: &[char], index: usize) -> bool {
    let after_lowercase = index > 0 && !characters[index - 1].is_uppercase();
    let before_lowercase = characters.get(index + 1).is_some_and(|next| next.is_lowercase());
    index > 0 && (after_lowercase || before_lowercase)
}

/// `spread_strategy` → `SpreadStrategy`; camel case stays as it is.
pub(crate) fn camel_case(name: &str) -> String {
    name.split('_').map(capitalized).collect()
}

fn capitalized(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// The identifier as text, without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// An identifier for `name` at `span`, raw where necessary.
pub(crate) fn ident(name: &str, span: Span) -> Ident {
    // A keyword since edition 2024; raw, it is valid in all editions.
    let parsed = syn::parse_str::<Ident>(name).ok().filter(|_| name != "gen");
    let mut ident = parsed.unwrap_or_else(|| match name {
        "self" | "super" | "crate" | "Self" | "_" | "" => format_ident!("{name}_"),
        _ => format_ident!("r#{name}"),
    });
    ident.set_span(span);
    ident
}

/// Makes names that do not occur in the input of the macro.
pub(crate) struct Fresh {
    taken: HashSet<String>,
}

impl Fresh {
    /// Avoids every identifier in `input`.
    pub(crate) fn beside(input: &TokenStream) -> Self {
        let mut taken = HashSet::new();
        collect_idents(input.clone(), &mut taken);
        Self { taken }
    }

    /// `name`, with underscores appended until it is new.
    pub(crate) fn name(&mut self, name: &str) -> Ident {
        let mut name = name.to_owned();
        while !self.taken.insert(name.clone()) {
            name.push('_');
        }
        ident(&name, Span::call_site())
    }
}

fn collect_idents(input: TokenStream, taken: &mut HashSet<String>) {
    for token in input {
        match token {
            TokenTree::Ident(ident) => drop(taken.insert(plain(&ident))),
            TokenTree::Group(group) => collect_idents(group.stream(), taken),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// The candidate nearest to `name`, if it is near enough to be a suggestion.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = 1 + name.chars().count() / 3;
    candidates
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The edit distance, in which swapping neighbours is one edit (optimal string alignment).
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut rows = vec![(0..=to.len()).collect::<Vec<usize>>()];
    for i in 1..=from.len() {
        let mut row = vec![i];
        for j in 1..=to.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(from[i - 1] != to[j - 1]);
            let mut best = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_changes() {
        for (camel, snake) in [
            ("Bar", "bar"),
            ("SpreadStrategy", "spread_strategy"),
            ("HTTPServer", "http_server"),
            ("V2Swap", "v2_swap"),
            ("Level2", "level2"),
            ("already_snake", "already_snake"),
            ("Ünder", "ünder"),
        ] {
            assert_eq!(snake_case(camel), snake);
        }
        assert_eq!(camel_case("spread_strategy"), "SpreadStrategy");
        assert_eq!(camel_case("r2_d2"), "R2D2");
    }

    #[test]
    fn nearest_name() {
        let names = ["services", "routes", "ignore", "on_error"];
        assert_eq!(nearest("sevices", names), Some("services"));
        assert_eq!(nearest("rotues", names), Some("routes"));
        assert_eq!(nearest("onerror", names), Some("on_error"));
        assert_eq!(nearest("telemetry", names), None);
    }

    #[test]
    fn keywords_become_raw() {
        assert_eq!(ident("type", Span::call_site()).to_string(), "r#type");
        assert_eq!(ident("gen", Span::call_site()).to_string(), "r#gen");
        assert_eq!(ident("self", Span::call_site()).to_string(), "self_");
        assert_eq!(ident("bar", Span::call_site()).to_string(), "bar");
    }

    #[test]
    fn fresh_names_avoid_those_in_the_input() {
        let mut fresh = Fresh::beside(&quote::quote!(services: { a: Vec<AfterRisk> }));
        assert_eq!(fresh.name("AfterRisk").to_string(), "AfterRisk_");
        assert_eq!(fresh.name("AfterRisk").to_string(), "AfterRisk__");
        assert_eq!(fresh.name("AfterBook").to_string(), "AfterBook");
    }
}
