//! Reads an `impl` block as far as possible: a block that is being typed is broken in one place, and valid in all others.
//!
//! A well-formed block needs nothing of this. Any other is read item by item. What can't be read goes back to the compiler as it was written,
//! inside a macro call: the compiler reports what is wrong there (mostly it has done so by then, and reports it once), and syntax that it knows
//! and this parser doesn't still compiles.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, FnArg, ImplItem, ImplItemFn, ItemImpl, Signature, Token, Visibility, parse_quote, token};

use super::methods::is_mark;
use crate::errors::Errors;

/// What has been read of a block.
pub(super) struct Pieces {
    /// With all items that could be read, and the rest as the compiler will see it.
    pub(super) block: ItemImpl,
    /// Marked methods without an end or a complete signature. Enough is known of them to declare what they handle.
    pub(super) unfinished: Vec<ImplItemFn>,
    /// The block was well-formed.
    pub(super) whole: bool,
}

/// The block; an error if not even the part before its braces can be read.
pub(super) fn read(item: &TokenStream, runtime: &TokenStream, errors: &Errors) -> syn::Result<Pieces> {
    let error = match syn::parse2::<ItemImpl>(item.clone()) {
        Ok(block) if !block.items.iter().any(is_unfinished) => {
            return Ok(Pieces { block, unfinished: Vec::new(), whole: true });
        }
        Ok(_) => None,
        Err(error) => Some(error),
    };
    let (head, items) = divided(item);
    let block = syn::parse2::<ItemImpl>(head).map_err(|from_head| error.unwrap_or(from_head))?;
    let mut pieces = Pieces { block, unfinished: Vec::new(), whole: false };
    let read = |input: ParseStream<'_>| {
        pieces.block.attrs.extend(input.call(Attribute::parse_inner)?);
        while !input.is_empty() {
            pieces.take(input, runtime, errors)?;
        }
        Ok(())
    };
    read.parse2(items)?;
    Ok(pieces)
}

/// A marked `fn name(&mut self);`.
fn is_unfinished(item: &ImplItem) -> bool {
    matches!(item, ImplItem::Verbatim(tokens) if without_marks(tokens.clone()).1)
}

/// The block with empty braces, and the tokens between them.
fn divided(item: &TokenStream) -> (TokenStream, TokenStream) {
    let mut head: Vec<TokenTree> = item.clone().into_iter().collect();
    let mut items = TokenStream::new();
    if let Some(TokenTree::Group(braces)) = head.last_mut() {
        items = braces.stream();
        let mut empty = Group::new(braces.delimiter(), TokenStream::new());
        empty.set_span(braces.span());
        *braces = empty;
    }
    (head.into_iter().collect(), items)
}

impl Pieces {
    /// Takes the next tokens, whether they are an item or not.
    fn take(&mut self, input: ParseStream<'_>, runtime: &TokenStream, errors: &Errors) -> syn::Result<()> {
        if let Some(item) = item(input, runtime) {
            self.block.items.push(item);
            return Ok(());
        }
        if let Some(method) = without_body(input, errors) {
            self.unfinished.extend(is_marked(&method).then(|| method.clone()));
            self.block.items.push(ImplItem::Fn(declared(method)));
            return Ok(());
        }
        let error = expected(input);
        let (tokens, is_cut) = skipped(input, runtime)?;
        let method = unfinished(tokens.clone());
        self.unfinished.extend(method.clone().filter(is_marked));
        if is_cut {
            // No item continues with the start of another, so the compiler has reported the error already.
            if !begins_like_an_item(&tokens) {
                errors.push(error);
            }
            self.block.items.extend(method.map(declared).map(ImplItem::Fn));
        } else if has_name(&tokens) {
            let (mut rest, is_marked) = without_marks(tokens);
            if is_marked {
                // Even if the compiler accepts the item, its handler is lost.
                let lost = error.to_compile_error();
                rest = without_body_tokens(rest);
                rest.extend(lost);
            }
            self.block.items.push(ImplItem::Verbatim(quote!(#runtime::__as_written! { #rest })));
        }
        Ok(())
    }
}

/// The tokens before the next item, and whether that item has cut them off.
fn skipped(input: ParseStream<'_>, runtime: &TokenStream) -> syn::Result<(TokenStream, bool)> {
    let mut tokens = TokenStream::new();
    loop {
        let token: TokenTree = input.parse()?;
        let ends = ends_item(&token);
        tokens.extend([token]);
        if ends || input.is_empty() {
            return Ok((tokens, false));
        }
        if begins_item(input) && item(&input.fork(), runtime).is_some() {
            return Ok((tokens, true));
        }
    }
}

/// Why there is no item.
fn expected(input: ParseStream<'_>) -> syn::Error {
    match input.fork().parse::<ImplItem>() {
        Ok(_) => input.error("expected an item"),
        Err(error) => error,
    }
}

/// The next item, if it is well-formed apart from its body.
fn item(input: ParseStream<'_>, runtime: &TokenStream) -> Option<ImplItem> {
    let ahead = input.fork();
    if let Ok(item) = ahead.parse::<ImplItem>()
        && !is_unfinished(&item)
    {
        input.advance_to(&ahead);
        return Some(item);
    }
    let ahead = input.fork();
    let method = method_as_written(&ahead, runtime).ok()?;
    input.advance_to(&ahead);
    Some(ImplItem::Fn(method))
}

/// A method whose body is left to the compiler.
fn method_as_written(input: ParseStream<'_>, runtime: &TokenStream) -> syn::Result<ImplItemFn> {
    let attributes = input.call(Attribute::parse_outer)?;
    let (visibility, signature): (Visibility, Signature) = (input.parse()?, input.parse()?);
    if !input.peek(token::Brace) {
        return Err(input.error("expected a body"));
    }
    let body: TokenTree = input.parse()?;
    Ok(parse_quote! {
        #(#attributes)*
        #[allow(unused_braces)]
        #visibility #signature {
            #runtime::__as_written! { #body }
        }
    })
}

/// `fn name(&mut self);`, which may be followed by a body.
fn without_body(input: ParseStream<'_>, errors: &Errors) -> Option<ImplItemFn> {
    let ahead = input.fork();
    let attributes = ahead.call(Attribute::parse_outer).ok()?;
    let (visibility, signature): (Visibility, Signature) = (ahead.parse().ok()?, ahead.parse().ok()?);
    let end: Token![;] = ahead.parse().ok()?;
    input.advance_to(&ahead);
    errors.at(end, "a method of a service has a body", "write `{}` in place of the `;`");
    if input.peek(token::Brace) {
        input.parse::<TokenTree>().ok()?;
    }
    Some(parse_quote!(#(#attributes)* #visibility #signature { loop {} }))
}

/// What is known of a function that could not be read: its name, and its well-formed parameters.
fn unfinished(tokens: TokenStream) -> Option<ImplItemFn> {
    let read = |input: ParseStream<'_>| {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility: Visibility = input.parse()?;
        let ahead = input.fork();
        if let Ok(signature) = ahead.parse::<Signature>() {
            input.advance_to(&ahead);
            input.parse::<TokenStream>()?;
            return Ok(parse_quote!(#(#attributes)* #visibility #signature { loop {} }));
        }
        while !input.peek(Token![fn]) {
            input.parse::<TokenTree>()?;
        }
        input.parse::<Token![fn]>()?;
        let name = input.parse::<Option<Ident>>()?.unwrap_or_else(|| format_ident!("unnamed"));
        let mut parameters = None;
        while let Ok(token) = input.parse::<TokenTree>() {
            match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
                    parameters = parameters.or(Some(group.stream()));
                }
                _ => {}
            }
        }
        let parameters = self::parameters.parse2(parameters.unwrap_or_default())?;
        Ok(parse_quote!(#(#attributes)* #visibility fn #name(#(#parameters),*) { loop {} }))
    };
    read.parse2(tokens).ok()
}

/// The parameters that can be read.
fn parameters(input: ParseStream<'_>) -> syn::Result<Vec<FnArg>> {
    let mut found = Vec::new();
    while !input.is_empty() {
        let ahead = input.fork();
        if let Ok(parameter) = ahead.parse::<FnArg>()
            && (ahead.is_empty() || ahead.peek(Token![,]))
        {
            input.advance_to(&ahead);
            found.push(parameter);
        }
        while !input.is_empty() && input.parse::<Option<Token![,]>>()?.is_none() {
            input.parse::<TokenTree>()?;
        }
    }
    Ok(found)
}

/// The method, so that the rest of the program can call it.
fn declared(mut method: ImplItemFn) -> ImplItemFn {
    method.attrs.retain(|attribute| !is_mark(attribute));
    method.attrs.push(parse_quote!(#[allow(unused, clippy::all, clippy::pedantic)]));
    method
}

fn is_marked(method: &ImplItemFn) -> bool {
    method.attrs.iter().any(is_mark)
}

/// The same with an empty loop as body, so that the mistake in the signature has no further errors.
fn without_body_tokens(tokens: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    if let Some(TokenTree::Group(group)) = tokens.last_mut() {
        let mut silent = Group::new(group.delimiter(), quote!(loop {}));
        silent.set_span(group.span());
        *group = silent;
    }
    tokens.into_iter().collect()
}

fn has_name(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| matches!(token, TokenTree::Ident(_)))
}

/// Whether only attributes, visibility and qualifiers come before the keyword of an item.
fn begins_like_an_item(tokens: &TokenStream) -> bool {
    let mut words = tokens.clone().into_iter().filter_map(|token| match token {
        TokenTree::Ident(ident) => Some(ident.to_string()),
        _ => None,
    });
    let first = words.find(|word| !["pub", "async", "unsafe", "extern"].contains(&word.as_str()));
    first.is_none_or(|word| ["fn", "const", "type"].contains(&word.as_str()))
}

fn ends_item(token: &TokenTree) -> bool {
    match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(punct) => punct.as_char() == ';',
        _ => false,
    }
}

fn begins_item(input: ParseStream<'_>) -> bool {
    let is_qualified = input.peek(Token![async]) || input.peek(Token![unsafe]) || input.peek(Token![const]);
    let is_item = input.peek(Token![fn]) || input.peek(Token![type]) || input.peek(Token![pub]);
    is_item || is_qualified || (input.peek(Token![#]) && input.peek2(token::Bracket))
}

/// The tokens without the marks of `#[service]`, and whether there were any.
pub(super) fn without_marks(tokens: TokenStream) -> (TokenStream, bool) {
    let (mut rest, mut any) = (Vec::new(), false);
    for token in tokens {
        let is_mark = match (rest.last(), &token) {
            (Some(TokenTree::Punct(punct)), TokenTree::Group(group)) if punct.as_char() == '#' => {
                let attribute = TokenStream::from_iter([TokenTree::Punct(punct.clone()), token.clone()]);
                let attributes = Attribute::parse_outer.parse2(attribute).unwrap_or_default();
                group.delimiter() == Delimiter::Bracket && attributes.iter().any(is_mark)
            }
            _ => false,
        };
        any |= is_mark;
        if is_mark {
            rest.pop();
        } else {
            rest.push(token);
        }
    }
    (rest.into_iter().collect(), any)
}
