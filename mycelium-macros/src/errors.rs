//! Collects errors, so that all of them are reported at once.

use std::cell::RefCell;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

use crate::names::nearest;

/// The errors of one expansion. Its maker must ask for the result; forgetting it panics.
pub(crate) struct Errors {
    found: RefCell<Option<Vec<syn::Error>>>,
}

impl Errors {
    pub(crate) fn new() -> Self {
        Self { found: RefCell::new(Some(Vec::new())) }
    }

    /// Reports `message` at `tokens`, with a `help` that says how to fix it.
    pub(crate) fn at(&self, tokens: impl ToTokens, message: impl std::fmt::Display, help: impl std::fmt::Display) {
        self.push(syn::Error::new_spanned(tokens, format!("{message}\nhelp: {help}")));
    }

    /// The same at a span.
    pub(crate) fn at_span(&self, span: Span, message: impl std::fmt::Display, help: impl std::fmt::Display) {
        self.push(syn::Error::new(span, format!("{message}\nhelp: {help}")));
    }

    /// The same, unless there is an error with this help: what fixes several mistakes is reported once.
    pub(crate) fn at_span_once(&self, span: Span, message: impl std::fmt::Display, help: impl std::fmt::Display) {
        let help = help.to_string();
        let has_help = |error: &syn::Error| error.to_string().ends_with(&help);
        if !self.found.borrow().iter().flatten().any(has_help) {
            self.at_span(span, message, help);
        }
    }

    pub(crate) fn push(&self, error: syn::Error) {
        if let Some(found) = self.found.borrow_mut().as_mut() {
            found.push(error);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.borrow().as_ref().is_none_or(Vec::is_empty)
    }

    /// The number of errors so far.
    pub(crate) fn count(&self) -> usize {
        self.found.borrow().as_ref().map_or(0, Vec::len)
    }

    /// Keeps the value of a parser that succeeded, and the error of one that did not.
    pub(crate) fn ok<T>(&self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// Moves all errors to `others`.
    pub(crate) fn move_to(self, others: &Self) {
        for error in self.found.borrow_mut().take().unwrap_or_default() {
            others.push(error);
        }
    }

    /// The texts of all errors.
    #[cfg(test)]
    pub(crate) fn texts(self) -> Vec<String> {
        let found = self.found.borrow_mut().take().unwrap_or_default();
        found.iter().map(ToString::to_string).collect()
    }

    /// One `compile_error!` for each error, in the order of discovery.
    pub(crate) fn finish(self) -> TokenStream {
        let found = self.found.borrow_mut().take().unwrap_or_default();
        found.into_iter().map(|error| error.to_compile_error()).collect()
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.found.borrow().is_none(), "errors were collected but never reported");
        }
    }
}

/// An error at `span`, with a `help` that says how to fix it.
pub(crate) fn error(span: Span, message: &str, help: &str) -> syn::Error {
    syn::Error::new(span, format!("{message}\nhelp: {help}"))
}

/// The error of a name that is none of `known`.
pub(crate) fn unknown(what: &str, name: &str, span: Span, known: &[&str]) -> syn::Error {
    let help = match nearest(name, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("known here: {}", known.join(", ")),
    };
    error(span, &format!("unknown {what} `{name}`"), &help)
}
