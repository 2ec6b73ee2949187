//! What the macros write, as their reader sees it. The fixtures are also compiled and run by the tests of users' errors
//! and behaviour, so that an expansion recorded here is one that works.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Item};

use crate::{router, service};

/// Each expansion in a file, formatted.
fn expansions(source: &str) -> String {
    expansions_by(source, router::expand)
}

/// The same without the lane that a router has when it is started and says nothing of lanes.
fn expansions_in_one_thread(source: &str) -> String {
    expansions_by(source, router::expand_without_lanes)
}

fn expansions_by(source: &str, expand: impl Fn(TokenStream) -> TokenStream) -> String {
    let file = syn::parse_file(source).expect("the fixture is Rust");
    let expanded: TokenStream = file.items.into_iter().filter_map(|item| expansion(item, &expand)).collect();
    prettyplease::unparse(&syn::parse2(expanded).expect("the expansion is Rust"))
}

fn expansion(item: Item, expand: impl Fn(TokenStream) -> TokenStream) -> Option<TokenStream> {
    match item {
        Item::Macro(call) if call.mac.path.is_ident("routing_config") => {
            let input = call.mac.tokens;
            Some(expand(quote!([::mycelium_rt] #input)))
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

#[test]
fn direct_routes() {
    insta::assert_snapshot!(expansions_in_one_thread(include_str!("../fixtures/direct.rs")));
}

#[test]
fn queued_and_fallible_routes() {
    insta::assert_snapshot!(expansions_in_one_thread(include_str!("../fixtures/queued.rs")));
}

#[test]
fn linked_routes() {
    insta::assert_snapshot!(expansions_in_one_thread(include_str!("../fixtures/linked.rs")));
}

#[test]
fn routes_between_lanes() {
    insta::assert_snapshot!(expansions(include_str!("../fixtures/lanes.rs")));
}

#[test]
fn what_is_left_of_a_router_with_mistakes() {
    insta::assert_snapshot!(expansions(
        "routing_config! { name: pub Desk, services: { a: A, b: B }, routes: { Bar => [a, c], Fill => [b via tcp(1)] } }"
    ));
}
