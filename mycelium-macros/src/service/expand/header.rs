//! What stands above a generated impl, and conditions in its `where`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, Generics, ItemImpl, Token, WherePredicate};

use crate::attributes;

/// The attributes of an impl: what its user has said of the block and of the methods that it calls, as far as that concerns it.
pub(super) struct Header {
    cfgs: Vec<Attribute>,
    lints: Vec<Attribute>,
}

impl Header {
    /// For an impl that calls methods which bear these levels of `lints`.
    pub(super) fn of<'a>(block: &ItemImpl, lints: impl IntoIterator<Item = &'a Attribute>) -> Self {
        let mut above = Self { cfgs: attributes::conditions(&block.attrs), lints: attributes::lints(&block.attrs) };
        above.lints.extend(lints.into_iter().cloned());
        above
    }

    /// There only where a method is.
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

/// Generics, to which conditions are added that may depend on whether a method is there.
pub(super) struct Bounded<'a> {
    generics: Generics,
    conditional: TokenStream,
    runtime: &'a TokenStream,
}

impl<'a> Bounded<'a> {
    pub(super) fn new(generics: Generics, runtime: &'a TokenStream) -> Self {
        Self { generics, conditional: TokenStream::new(), runtime }
    }

    /// What holds where all of `cfgs` do. A type that is named here may be there only then.
    pub(super) fn add(&mut self, cfgs: &[Attribute], condition: WherePredicate) {
        if cfgs.is_empty() {
            self.generics.make_where_clause().predicates.push(condition);
            return;
        }
        let (predicate, runtime) = (attributes::predicate(cfgs), self.runtime);
        self.conditional.extend(quote!(#[cfg_attr(#predicate, #runtime::__where(#condition))]));
    }

    /// The generics, and what stands above the impl for the rest.
    pub(super) fn finish(self) -> (Generics, TokenStream) {
        (self.generics, self.conditional)
    }
}

/// Adds `predicates` to the impl under such an attribute.
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
