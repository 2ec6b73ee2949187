//! Attributes that are copied to what is generated for an item: its `cfg` conditions and its lint levels.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Attribute, Meta, MetaList, parse_quote};

/// `cfg` attributes, and those that a `cfg_attr` adds.
pub(crate) fn conditions(attributes: &[Attribute]) -> Vec<Attribute> {
    let is_condition = |attribute: &TokenStream| named(attribute, &["cfg"]).then(|| attribute.clone());
    attributes.iter().filter_map(|attribute| kept(&attribute.meta, &is_condition)).collect()
}

/// Lint levels, also those in a `cfg_attr`.
///
/// `expect` becomes `allow`, since the expectation is checked where it was written. `forbid` becomes `deny`, since it would forbid what
/// generated code allows itself.
pub(crate) fn lints(attributes: &[Attribute]) -> Vec<Attribute> {
    let level = |attribute: &TokenStream| {
        let level = match first_name(attribute)?.to_string().as_str() {
            "allow" | "expect" => quote!(allow),
            "warn" => quote!(warn),
            "deny" | "forbid" => quote!(deny),
            _ => return None,
        };
        let arguments = attribute.clone().into_iter().skip(1);
        Some(level.into_iter().chain(arguments).collect())
    };
    attributes.iter().filter_map(|attribute| kept(&attribute.meta, &level)).collect()
}

/// Whether an attribute is copied: it is a condition or a lint level.
pub(crate) fn is_copied(attribute: &Attribute) -> bool {
    let names = ["cfg", "allow", "expect", "warn", "deny", "forbid"];
    names.iter().any(|name| attribute.path().is_ident(name))
}

/// Removes the marks from a `cfg_attr`, and returns them.
pub(crate) fn take_hidden(attribute: &mut Attribute, marks: &[&str]) -> Vec<Attribute> {
    let Some(CfgAttr { condition, attributes }) = CfgAttr::of(&attribute.meta) else { return Vec::new() };
    let mut found = Vec::new();
    let mut rest = Vec::new();
    for inner in attributes {
        if named(&inner, marks) {
            found.push(parse_quote!(#[#inner]));
            continue;
        }
        let mut nested: Attribute = parse_quote!(#[#inner]);
        found.extend(take_hidden(&mut nested, marks));
        rest.push(nested.meta);
    }
    if !found.is_empty() {
        *attribute = parse_quote!(#[cfg_attr(#condition, #(#rest),*)]);
    }
    found
}

/// The single predicate that all these conditions amount to.
pub(crate) fn predicate(conditions: &[Attribute]) -> TokenStream {
    let predicates = conditions.iter().map(|condition| predicate_of(&condition.meta));
    quote!(all(#(#predicates),*))
}

fn predicate_of(condition: &Meta) -> TokenStream {
    match CfgAttr::of(condition) {
        None => arguments(condition),
        Some(CfgAttr { condition, attributes }) => {
            let inner = attributes.iter().filter_map(|attribute| syn::parse2::<Meta>(attribute.clone()).ok());
            let inner = inner.map(|meta| predicate_of(&meta));
            quote!(any(not(#condition), all(#(#inner),*)))
        }
    }
}

/// What `keep` makes of an attribute, or of each attribute in a `cfg_attr`.
fn kept(meta: &Meta, keep: &impl Fn(&TokenStream) -> Option<TokenStream>) -> Option<Attribute> {
    let meta = kept_tokens(&meta.to_token_stream(), keep)?;
    Some(parse_quote!(#[#meta]))
}

fn kept_tokens(attribute: &TokenStream, keep: &impl Fn(&TokenStream) -> Option<TokenStream>) -> Option<TokenStream> {
    let meta = syn::parse2::<Meta>(attribute.clone()).ok();
    let Some(CfgAttr { condition, attributes }) = meta.as_ref().and_then(CfgAttr::of) else { return keep(attribute) };
    let kept: Vec<_> = attributes.iter().filter_map(|attribute| kept_tokens(attribute, keep)).collect();
    (!kept.is_empty()).then(|| quote!(cfg_attr(#condition, #(#kept),*)))
}

/// `cfg_attr(condition, attribute, attribute)`
struct CfgAttr {
    condition: TokenStream,
    attributes: Vec<TokenStream>,
}

impl CfgAttr {
    fn of(meta: &Meta) -> Option<Self> {
        let Meta::List(MetaList { path, tokens, .. }) = meta else { return None };
        if !path.is_ident("cfg_attr") {
            return None;
        }
        let mut parts = split(tokens.clone()).into_iter();
        Some(Self { condition: parts.next()?, attributes: parts.collect() })
    }
}

/// The parts between commas.
fn split(tokens: TokenStream) -> Vec<TokenStream> {
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let parts = tokens.split(is_comma).map(|part| part.iter().cloned().collect());
    parts.filter(|part: &TokenStream| !part.is_empty()).collect()
}

fn arguments(meta: &Meta) -> TokenStream {
    match meta {
        // Without a trailing comma.
        Meta::List(list) => {
            let mut tokens: Vec<TokenTree> = list.tokens.clone().into_iter().collect();
            tokens.pop_if(|last| matches!(last, TokenTree::Punct(comma) if comma.as_char() == ','));
            tokens.into_iter().collect()
        }
        _ => TokenStream::new(),
    }
}

fn named(attribute: &TokenStream, names: &[&str]) -> bool {
    first_name(attribute).is_some_and(|name| names.iter().any(|other| name == other))
}

fn first_name(attribute: &TokenStream) -> Option<Ident> {
    match attribute.clone().into_iter().next() {
        Some(TokenTree::Ident(name)) => Some(name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(attributes: &[Attribute]) -> String {
        quote!(#(#attributes)*).to_string().replace(' ', "")
    }

    #[test]
    fn conditions_and_lint_levels_are_kept() {
        let attributes: Vec<Attribute> = vec![
            parse_quote!(#[doc = "text"]),
            parse_quote!(#[cfg(feature = "a")]),
            parse_quote!(#[cfg_attr(unix, cfg(feature = "b"), inline, expect(deprecated, reason = "old"))]),
            parse_quote!(#[cfg_attr(true, inline)]),
            parse_quote!(#[forbid(unused)]),
            parse_quote!(#[allow(deprecated)]),
        ];
        let conditions = conditions(&attributes);
        assert_eq!(text(&conditions), r#"#[cfg(feature="a")]#[cfg_attr(unix,cfg(feature="b"))]"#);
        assert_eq!(
            text(&lints(&attributes)),
            r#"#[cfg_attr(unix,allow(deprecated,reason="old"))]#[deny(unused)]#[allow(deprecated)]"#
        );
        let predicate = predicate(&conditions).to_string().replace(' ', "");
        assert_eq!(predicate, r#"all(feature="a",any(not(unix),all(feature="b")))"#);
    }

    #[test]
    fn marks_are_found_at_any_depth() {
        let mut attribute: Attribute = parse_quote!(#[cfg_attr(a, inline, cfg_attr(b, handle, cold), every("1s"))]);
        let found = take_hidden(&mut attribute, &["handle", "every"]);
        assert_eq!(text(&found), r#"#[handle]#[every("1s")]"#);
        assert_eq!(text(&[attribute]), "#[cfg_attr(a,inline,cfg_attr(b,cold))]");
    }
}
