//! What the macros write, as their reader sees it. The fixtures are also compiled and run by the tests of users' errors
//! and behaviour, so that an expansion recorded here is one that works.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Item};

use crate::{router, service};

/// All of them, and one that has of everything something.
pub(crate) const FIXTURES: [&str; 5] = [
    include_str!("../fixtures/direct.rs"),
    include_str!("../fixtures/queued.rs"),
    include_str!("../fixtures/linked.rs"),
    include_str!("../fixtures/lanes.rs"),
    include_str!("../fixtures/everything.rs"),
];

/// Each expansion in a file, formatted.
fn expansions(source: &str) -> String {
    let file = syn::parse_file(source).expect("the fixture is Rust");
    let expanded: TokenStream = file.items.into_iter().filter_map(expansion).collect();
    prettyplease::unparse(&syn::parse2(expanded).expect("the expansion is Rust"))
}

/// What each use of a macro in a file is given, and what comes of it.
pub(crate) fn expanded(source: &str) -> Vec<(TokenStream, TokenStream)> {
    let file = syn::parse_file(source).expect("the fixture is Rust");
    let both = |item: Item| {
        let input = input(&item)?;
        Some((input, expansion(item)?))
    };
    file.items.into_iter().filter_map(both).collect()
}

fn input(item: &Item) -> Option<TokenStream> {
    match item {
        Item::Macro(call) => Some(call.mac.tokens.clone()),
        Item::Impl(block) => Some(block.to_token_stream()),
        _ => None,
    }
}

fn expansion(item: Item) -> Option<TokenStream> {
    match item {
        Item::Macro(call) if call.mac.path.is_ident("routing_config") => {
            let input = call.mac.tokens;
            Some(router::expand(quote!([::mycelium_rt] #input)))
        }
        Item::Impl(mut block) if block.attrs.iter().any(is_service) => {
            block.attrs.retain(|attribute| !is_service(attribute));
            Some(service::expand(TokenStream::new(), block.to_token_stream()))
        }
        _ => None,
    }
}

fn is_service(attribute: &Attribute) -> bool {
    attribute.path().is_ident("service")
}

/// The programs of all routers in a file.
fn programs(source: &str) -> String {
    let file = syn::parse_file(source).expect("the fixture is Rust");
    let routers = file.items.into_iter().filter_map(|item| match item {
        Item::Macro(call) if call.mac.path.is_ident("routing_config") => {
            let input = call.mac.tokens;
            Some(router::lowered(&quote!([::mycelium_rt] #input)))
        }
        _ => None,
    });
    routers.collect::<Vec<_>>().join("\n")
}

#[test]
fn programs_of_routers() {
    let names: [_; FIXTURES.len()] = ["direct", "queued", "linked", "lanes", "everything"];
    for (name, source) in names.iter().zip(FIXTURES) {
        insta::assert_snapshot!(format!("program_{name}"), programs(source));
    }
}

#[test]
fn direct_routes() {
    insta::assert_snapshot!(expansions(include_str!("../fixtures/direct.rs")));
}

#[test]
fn routes_between_lanes() {
    insta::assert_snapshot!(expansions(include_str!("../fixtures/lanes.rs")));
}

/// Code as docs/expansion.md shows it: without the macro's own prefix, the paths of what is well known, and how it is laid out.
fn plainly(code: &str) -> String {
    let paths = ["::mycelium_rt::__private::routing::", "::mycelium_rt::", "::core::primitive::", "::core::result::"];
    let code: String = code.lines().filter(|line| !line.trim_start().starts_with("///")).collect();
    let words = paths.iter().fold(code, |code, path| code.replace(path, "")).replace("__", "");
    let text: String = words.split_whitespace().collect();
    text.replace(",)", ")").replace(",>", ">")
}

#[test]
fn the_page_of_the_expansion_shows_what_is_written() {
    let page = include_str!("../../docs/expansion.md");
    let source = include_str!("../fixtures/direct.rs");
    let (code, program) = (plainly(&expansions(source)), plainly(&programs(source)));
    let shown: Vec<&str> = page.split("```text\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(shown.len() > 10, "{}", shown.len());
    let asked = page.split("```rust,ignore\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap_or_default();
    assert!(!asked.is_empty() && plainly(source).contains(&plainly(asked)), "not what is expanded:\n{asked}");
    for piece in shown {
        let text = plainly(piece);
        assert!(!text.is_empty());
        assert!(code.contains(&text) || program.contains(&text), "not written:\n{piece}");
    }
}

#[test]
fn what_is_left_of_a_router_with_mistakes() {
    insta::assert_snapshot!(expansions(
        "routing_config! { name: pub Desk, services: { a: A, b: B }, routes: { Bar => [a, c], Fill => [b via tcp(1)] } }"
    ));
}

#[test]
fn everything_of_a_router_stands_behind_its_conditions() {
    let routers = FIXTURES.iter().flat_map(|source| syn::parse_file(source).expect("the fixture is Rust").items);
    let inputs: Vec<TokenStream> = routers
        .filter_map(|item| match item {
            Item::Macro(call) => Some(call.mac.tokens),
            _ => None,
        })
        .collect();
    assert!(inputs.len() > 5);
    for input in inputs {
        let output = router::expand(quote!([::mycelium_rt] #[cfg(never)] #[expect(deprecated)] #input));
        let file: syn::File = syn::parse2(output).expect("the expansion is Rust");
        for item in file.items {
            let text = item.to_token_stream().to_string().replace(' ', "");
            assert!(text.contains("#[cfg(never)]#[allow(deprecated)]"), "{text}");
        }
    }
}
