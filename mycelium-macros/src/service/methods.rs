//! Sorts the methods of an `impl` block by their marks, and removes the marks.

use std::collections::HashSet;

use quote::ToTokens;
use syn::{Attribute, ImplItem, ImplItemFn, Meta, parse_quote};

use super::driven::{self, Driven, Source, Timer};
use super::handler::{self, Handler};
use super::hooks::{Hooks, Run, hooks, runs};
use super::pieces::Pieces;
use crate::attributes;
use crate::errors::Errors;

/// The marks of methods.
const MARKS: [&str; 3] = ["handle", "source", "every"];

/// The methods of a block, by their purpose.
#[derive(Default)]
pub(super) struct Methods {
    /// In declared order, as the others.
    pub(super) handlers: Vec<Handler>,
    pub(super) sources: Vec<Source>,
    pub(super) timers: Vec<Timer>,
    pub(super) hooks: Hooks,
    /// Several only under conditions that exclude each other.
    pub(super) runs: Vec<Run>,
}

/// Whether an attribute is a mark.
pub(super) fn is_mark(attribute: &Attribute) -> bool {
    MARKS.iter().any(|mark| attribute.path().is_ident(mark))
}

/// The methods of a service. The block keeps all but the marks.
pub(super) fn take(pieces: &mut Pieces, errors: &Errors) -> Methods {
    let mut methods = Methods::default();
    let block = &mut pieces.block;
    let mut marked = Vec::new();
    let mut any_mark = false;
    for item in &mut block.items {
        let hidden = take_hidden_marks(item, errors);
        any_mark |= !hidden.is_empty();
        if let ImplItem::Fn(method) = item {
            hidden.iter().for_each(|mark| methods.declare(mark, method));
        }
        let marks = take_marks(item, errors);
        any_mark |= !marks.is_empty();
        let ImplItem::Fn(method) = item else { continue };
        match marks.as_slice() {
            [] => continue,
            [mark] => methods.add(mark, method, errors),
            // It is unknown which one is meant.
            marks => marks.iter().for_each(|mark| methods.declare(mark, method)),
        }
        marked.push(method.sig.ident.clone());
    }
    methods.hooks = hooks(block, &marked, errors);
    methods.runs = runs(block, any_mark, errors);
    if !any_mark && methods.runs.is_empty() && pieces.whole {
        errors.at(
            &block.self_ty,
            "this service has no handlers",
            "mark each method that takes a message with `#[handle]`",
        );
    }
    methods.handlers = without_repeats(methods.handlers, errors);
    for method in &mut pieces.unfinished {
        if let Some(mark) = method.attrs.iter().find(|attribute| is_mark(attribute)).cloned() {
            methods.declare(&mark, method);
        }
    }
    methods
}

impl Methods {
    /// Adds a method that can only be read in part, whose errors are all reported already.
    fn declare(&mut self, mark: &Attribute, method: &mut ImplItemFn) {
        let reported = Errors::new();
        let mut declared = Self::default();
        declared.add(mark, method, &reported);
        drop(reported.finish());
        for handler in declared.handlers {
            if !self.handlers.iter().any(|other| other.message_text() == handler.message_text()) {
                self.handlers.push(Handler { broken: true, ..handler });
            }
        }
        self.sources.extend(declared.sources.into_iter().map(|source| {
            let driven = Driven { broken: true, ..source.driven };
            Source { driven, ..source }
        }));
        self.timers.extend(declared.timers.into_iter().map(|timer| {
            let driven = Driven { broken: true, ..timer.driven };
            Timer { driven, ..timer }
        }));
    }

    fn add(&mut self, mark: &Attribute, method: &mut ImplItemFn, errors: &Errors) {
        // Read first: the attributes added below are not the user's.
        if mark.path().is_ident("handle") {
            self.handlers.extend(handler::read(method, errors));
        } else if mark.path().is_ident("source") {
            self.sources.push(driven::source(mark, method, errors));
        } else {
            self.timers.push(driven::timer(mark, method, errors));
        }
        inline(method);
        allow_form(method);
    }
}

/// Allows lints against the form of a handler, which its user can't choose.
fn allow_form(method: &mut ImplItemFn) {
    method.attrs.push(parse_quote! {
        #[allow(
            clippy::needless_pass_by_ref_mut,
            clippy::trivially_copy_pass_by_ref,
            clippy::unnecessary_wraps,
            clippy::unused_self,
        )]
    });
}

/// Services and routers are often in different crates, between which only `#[inline]` functions are inlined reliably.
fn inline(method: &mut ImplItemFn) {
    if !method.attrs.iter().any(|attribute| attribute.path().is_ident("inline")) {
        method.attrs.push(parse_quote!(#[inline]));
    }
}

fn take_marks(item: &mut ImplItem, errors: &Errors) -> Vec<Attribute> {
    let is_method = matches!(item, ImplItem::Fn(_));
    let Some(attributes) = attributes(item) else { return Vec::new() };
    let (marks, rest) = std::mem::take(attributes).into_iter().partition::<Vec<_>, _>(is_mark);
    *attributes = rest;
    for (index, mark) in marks.iter().enumerate() {
        check_mark(mark, index, is_method, errors);
    }
    marks
}

/// Refuses marks under conditions. A macro doesn't know conditions, so generated code can't depend on them.
fn take_hidden_marks(item: &mut ImplItem, errors: &Errors) -> Vec<Attribute> {
    let Some(attributes) = attributes(item) else { return Vec::new() };
    let mut found = Vec::new();
    for attribute in attributes {
        for mark in attributes::take_hidden(attribute, &MARKS) {
            let text = mark.meta.to_token_stream();
            errors.at(
                &mark.meta,
                format!("`#[{}]` can't be conditional", mark.path().to_token_stream()),
                format!("put the condition on the method: `#[cfg(…)]` above `#[{text}]`"),
            );
            found.push(mark);
        }
    }
    found
}

fn check_mark(mark: &Attribute, index: usize, is_method: bool, errors: &Errors) {
    let name = mark.path().to_token_stream();
    if !is_method {
        errors.at(mark, format!("`#[{name}]` goes on a method"), "move it to a method");
    } else if index > 0 {
        errors.at(mark, "this method is marked twice", "mark it once");
    } else if mark.path().is_ident("handle") && !matches!(mark.meta, Meta::Path(_)) {
        errors.at(
            &mark.meta,
            "`#[handle]` takes no arguments",
            "remove them: the type of the first parameter says what it handles",
        );
    }
}

fn attributes(item: &mut ImplItem) -> Option<&mut Vec<Attribute>> {
    match item {
        ImplItem::Fn(method) => Some(&mut method.attrs),
        ImplItem::Const(constant) => Some(&mut constant.attrs),
        ImplItem::Type(alias) => Some(&mut alias.attrs),
        ImplItem::Macro(call) => Some(&mut call.attrs),
        _ => None,
    }
}

/// Removes handlers of messages that an earlier one handles already.
fn without_repeats(handlers: Vec<Handler>, errors: &Errors) -> Vec<Handler> {
    let mut seen = HashSet::new();
    let mut kept = Vec::new();
    for handler in handlers {
        // Conditional handlers may exclude each other.
        if !handler.cfgs.is_empty() || seen.insert(handler.message_text()) {
            kept.push(handler);
            continue;
        }
        errors.at(
            &handler.message,
            format!("`{}` already has a handler in this service", handler.message_text()),
            "a service has one handler for each message: call the second method from the first",
        );
    }
    kept
}
