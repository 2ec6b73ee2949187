//! The attributes of a generated impl, and the bounds in its `where` clause, which may be conditional.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, Generics, ItemImpl, Token, WherePredicate};

use crate::attributes;

/// The attributes of an impl: those of the block and of the methods that it calls, as far as they are copied.
pub(super) struct Header {
    cfgs: Vec<Attribute>,
    lints: Vec<Attribute>,
}

impl Header {
    /// For an impl that calls methods with these lint levels.
    pub(super) fn of<'a>(block: &ItemImpl, lints: impl IntoIterator<Item = &'a Attribute>) -> Self {
        let mut above = Self { cfgs: attributes::conditions(&block.attrs), lints: attributes::lints(&block.attrs) };
        above.lints.extend(lints.into_iter().cloned());
        above
    }

    /// Adds the conditions of a method.
    pub(super) fn only_where(mut self, cfgs: &[Attribute]) -> Self {
        self.cfgs.extend(cfgs.iter().cloned());
        self
    }
}

impl ToTokens for Header {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { cfgs, lints } = self;
        tokens.extend(quote! {
            #(#cfgs)*
            #[automatically_derived]
            #(#lints)*
            #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
        });
    }
}

/// Generics, to which bounds are added that may depend on the conditions of a method.
pub(super) struct Bounded<'a> {
    generics: Generics,
    conditional: TokenStream,
    runtime: &'a TokenStream,
}

impl<'a> Bounded<'a> {
    pub(super) fn new(generics: Generics, runtime: &'a TokenStream) -> Self {
        Self { generics, conditional: TokenStream::new(), runtime }
    }

    /// Adds a bound under these conditions. The types in it may exist only then.
    pub(super) fn add(&mut self, cfgs: &[Attribute], condition: WherePredicate) {
        if cfgs.is_empty() {
            self.generics.make_where_clause().predicates.push(condition);
            return;
        }
        let (predicate, runtime) = (attributes::predicate(cfgs), self.runtime);
        self.conditional.extend(quote!(#[cfg_attr(#predicate, #runtime::__where(#condition))]));
    }

    /// The generics, and the attributes of the impl that add the conditional bounds.
    pub(super) fn finish(self) -> (Generics, TokenStream) {
        (self.generics, self.conditional)
    }
}

/// Expands such an attribute: adds `predicates` to the impl.
pub(in crate::service) fn add_bounds(predicates: TokenStream, item: TokenStream) -> TokenStream {
    let read = || {
        let mut block: ItemImpl = syn::parse2(item)?;
        let parser = Punctuated::<WherePredicate, Token![,]>::parse_terminated;
        let predicates = syn::parse::Parser::parse2(parser, predicates)?;
        block.generics.make_where_clause().predicates.extend(predicates);
        Ok(quote!(#block))
    };
    read().unwrap_or_else(|error: syn::Error| error.to_compile_error())
}
