//! Snapshots of what the macros write. `ui-tests` compiles and runs the same fixtures, so that an expansion recorded here is known to work.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Attribute, Item};

use crate::features::{Feature, Features};
use crate::router::{self, Input};
use crate::service;

/// All fixtures. The last has a bit of everything.
pub(crate) const FIXTURES: [&str; 5] = [
    include_str!("../fixtures/direct.rs"),
    include_str!("../fixtures/queued.rs"),
    include_str!("../fixtures/linked.rs"),
    include_str!("../fixtures/lanes.rs"),
    include_str!("../fixtures/everything.rs"),
];

/// The expansions in a file, formatted.
fn expansions(source: &str) -> String {
    expansions_with(source, Features::ALL)
}

fn expansions_with(source: &str, features: Features) -> String {
    let file = syn::parse_file(source).expect("the fixture is Rust");
    let expanded: TokenStream = file.items.into_iter().filter_map(|item| expansion(item, features)).collect();
    prettyplease::unparse(&syn::parse2(expanded).expect("the expansion is Rust"))
}

/// The input and the output of each use of a macro in a file.
pub(crate) fn expanded(source: &str) -> Vec<(TokenStream, TokenStream)> {
    let file = syn::parse_file(source).expect("the fixture is Rust");
    let both = |item: Item| {
        let input = input(&item)?;
        Some((input, expansion(item, Features::ALL)?))
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

fn expansion(item: Item, features: Features) -> Option<TokenStream> {
    match item {
        Item::Macro(call) if call.mac.path.is_ident("routing_config") => {
            Some(router::expand(&Input::with(call.mac.tokens, features)))
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

/// The printed programs of all routers in a file.
fn programs(source: &str) -> String {
    let file = syn::parse_file(source).expect("the fixture is Rust");
    let routers = file.items.into_iter().filter_map(|item| match item {
        Item::Macro(call) if call.mac.path.is_ident("routing_config") => Some(router::lowered(call.mac.tokens)),
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

/// Code as docs/expansion.md shows it: without the prefix of the macro's names, the paths of well-known items, and the layout.
fn plainly(code: &str) -> String {
    let paths = ["::mycelium_rt::__private::routing::", "::mycelium_rt::", "::core::primitive::", "::core::result::"];
    let code: String = code.lines().filter(|line| !line.trim_start().starts_with("///")).collect();
    let words = paths.iter().fold(code, |code, path| code.replace(path, "")).replace("__", "");
    let text: String = words.split_whitespace().collect();
    text.replace(",)", ")").replace(",>", ">")
}

#[test]
fn docs_show_the_code_that_is_written() {
    let page = include_str!("../../docs/expansion.md");
    let source = include_str!("../fixtures/direct.rs");
    let (code, program) = (plainly(&expansions(source)), plainly(&programs(source)));
    let shown: Vec<&str> = page.split("```text\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(shown.len() > 10, "{}", shown.len());
    let asked = page.split("```rust,ignore\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap_or_default();
    assert!(!asked.is_empty() && plainly(source).contains(&plainly(asked)), "not the router of the fixture:\n{asked}");
    for piece in shown {
        let text = plainly(piece);
        assert!(!text.is_empty());
        assert!(code.contains(&text) || program.contains(&text), "not written:\n{piece}");
    }
}

#[test]
fn skeleton_of_a_router_with_mistakes() {
    insta::assert_snapshot!(expansions(
        "routing_config! { name: pub Desk, services: { a: A, b: B }, routes: { Bar => [a, c], Fill => [b via tcp(1)] } }"
    ));
}

#[test]
fn every_item_of_a_router_has_its_conditions() {
    let routers = FIXTURES.iter().flat_map(|source| syn::parse_file(source).expect("the fixture is Rust").items);
    let inputs: Vec<TokenStream> = routers
        .filter_map(|item| match item {
            Item::Macro(call) => Some(call.mac.tokens),
            _ => None,
        })
        .collect();
    assert!(inputs.len() > 5);
    for input in inputs {
        let input = quote!(#[cfg(never)] #[expect(deprecated)] #input);
        let output = router::expand(&Input::with(input, Features::ALL));
        let file: syn::File = syn::parse2(output).expect("the expansion is Rust");
        for item in file.items {
            let text = item.to_token_stream().to_string().replace(' ', "");
            assert!(text.contains("#[cfg(never)]#[allow(deprecated)]"), "{text}");
        }
    }
}

/// The paths of the runtime in an expansion, such as `routing::Service`.
fn runtime_paths(tokens: TokenStream, found: &mut BTreeSet<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        index += 1;
        if let TokenTree::Group(group) = token {
            runtime_paths(group.stream(), found);
        }
        if !matches!(token, TokenTree::Ident(name) if name == "mycelium_rt") {
            continue;
        }
        let mut path: Vec<String> = Vec::new();
        while let [TokenTree::Punct(colon), TokenTree::Punct(_), next, ..] = &tokens[index..] {
            match next {
                TokenTree::Ident(name) if colon.as_char() == ':' => path.push(name.to_string()),
                // `use private::{One as __One, Zero as __Zero};`
                TokenTree::Group(group) if colon.as_char() == ':' => path.push(group.to_string()),
                _ => break,
            }
            index += 3;
        }
        found.insert(path.join("::"));
    }
}

#[test]
fn without_lanes_a_router_names_nothing_of_lanes_and_links() {
    let mut found = BTreeSet::new();
    // Services are the same with all features; these routers need none.
    for (index, source) in FIXTURES.iter().enumerate() {
        let items = syn::parse_file(source).expect("the fixture is Rust").items.into_iter();
        let items = items.filter(|item| index < 2 || matches!(item, Item::Impl(_)));
        let expansions = items.filter_map(|item| expansion(item, Features::NONE));
        expansions.for_each(|expansion| runtime_paths(expansion, &mut found));
    }
    insta::assert_snapshot!(found.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn the_skeleton_of_a_router_without_lanes_names_nothing_of_them() {
    let left = expansions_with(
        "routing_config! { name: pub Desk, services: { a: A, b: B }, routes: { Bar => [a, b via queue(4)] } }",
        Features::NONE,
    );
    assert!(left.contains("needs the feature `lanes`"), "{left}");
    for word in ["::lane::", "::link::", "Config"] {
        assert!(!left.contains(word), "{word} in {left}");
    }
    // They are there only to name the feature where they are called.
    for method in ["start", "start_with", "open", "poll", "flush", "close"] {
        assert!(left.contains(&format!("pub fn {method}<")), "{method} in {left}");
    }
}

/// The error of a word whose feature is off.
fn needs(what: &str, feature: &str) -> String {
    format!(
        "{what} needs the feature `{feature}` of `mycelium-rt`\nhelp: turn it on in `Cargo.toml`: \
         `mycelium-rt = {{ …, features = [\"{feature}\"] }}`"
    )
}

#[test]
fn each_path_needs_its_feature() {
    for (routes, more, word, feature, name) in [
        (quote!(b via queue(4)), quote!(), "`queue`", Feature::Lanes, "lanes"),
        (quote!(b via task(4)), quote!(), "`task`", Feature::Tokio, "tokio"),
        (quote!(b, desk via unix("/run/desk.sock")), quote!(), "`unix`", Feature::Net, "net"),
        (quote!(b, desk via tcp("127.0.0.1:7402")), quote!(), "`tcp`", Feature::Net, "net"),
        (quote!(b, desk via shm("/run/desk.sock")), quote!(), "`shm`", Feature::Shm, "shm"),
        (quote!(b), quote!(, inputs: { feed: tcp("127.0.0.1:7402") [Bar] }), "`tcp`", Feature::Net, "net"),
        (quote!(b), quote!(, inputs: { feed: shm("/run/feed.sock") [Bar] }), "`shm`", Feature::Shm, "shm"),
        (quote!(b), quote!(, lanes: { hot: thread [a, b] }), "`lanes`", Feature::Lanes, "lanes"),
    ] {
        let input = quote!(name: Desk, services: { a: A, b: B }, routes: { Bar => [a, #routes] } #more);
        assert_eq!(router::refused(&input, Features::NONE), [needs(word, name)], "{input}");
        assert_eq!(router::refused(&input, Features::NONE.with(feature)), [] as [String; 0], "{input}");
    }
}

#[test]
fn options_and_kinds_of_lanes_need_their_features() {
    let lanes = Features::NONE.with(Feature::Lanes);
    let tokio = quote!(name: Desk, services: { a: A }, routes: { Bar => [a] }, lanes: { io: tokio [a] });
    assert_eq!(router::refused(&tokio, lanes), [needs("a lane on `tokio`", "tokio")]);
    let tls = quote!(name: Desk, services: { a: A },
        routes: { Bar => [a, desk via tcp("127.0.0.1:7402", tls = true, server_name = "desk")] });
    assert_eq!(router::refused(&tls, lanes.with(Feature::Net)), [needs("`tls`", "tls")]);
    assert_eq!(router::refused(&tls, lanes.with(Feature::Net).with(Feature::Tls)), [] as [String; 0]);
}

#[test]
fn a_missing_feature_is_reported_once() {
    let input = quote!(name: Desk, services: { a: A, b: B },
        routes: { Bar => [a via queue(4), b via queue(4)], Fill => [b via queue(4)] }, lanes: { hot: thread [a, b] });
    assert_eq!(router::refused(&input, Features::NONE), [needs("`queue`", "lanes")]);
}

#[test]
fn local_routes_need_no_feature() {
    let input = quote!(name: Desk, services: { a: A, b: B }, routes: { Bar => [a, b], Fill => [a via local(4)] });
    assert_eq!(router::refused(&input, Features::NONE), [] as [String; 0]);
}
