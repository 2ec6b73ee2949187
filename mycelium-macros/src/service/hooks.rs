//! The methods that are found by their names: `startup`, `shutdown`, and `async fn run(&mut self, cx: &ServiceContext)`.

use syn::{Attribute, FnArg, Ident, ImplItem, ImplItemFn, ItemImpl, ReceiverKind, ReturnType, Type};

use crate::attributes;
use crate::errors::Errors;

/// The hooks of a service.
#[derive(Default)]
pub(super) struct Hooks {
    /// Several only under conditions that exclude each other.
    pub(super) startup: Vec<Hook>,
    pub(super) shutdown: Vec<Hook>,
}

/// One hook.
pub(super) struct Hook {
    /// The conditions under which it exists.
    pub(super) cfgs: Vec<Attribute>,
    /// What it returns, unless it is nothing.
    pub(super) returns: Option<Type>,
}

/// The hooks of this block, among its methods without a mark.
pub(super) fn hooks(block: &ItemImpl, marked: &[Ident], errors: &Errors) -> Hooks {
    let mut hooks = Hooks::default();
    for item in &block.items {
        let ImplItem::Fn(method) = item else { continue };
        let place = match () {
            () if marked.contains(&method.sig.ident) => continue,
            () if method.sig.ident == "startup" => &mut hooks.startup,
            () if method.sig.ident == "shutdown" => &mut hooks.shutdown,
            () => continue,
        };
        if is_hook(method) {
            place.push(Hook { cfgs: attributes::conditions(&method.attrs), returns: returns(method) });
        } else {
            refuse(method, errors);
        }
    }
    hooks
}

fn is_hook(method: &ImplItemFn) -> bool {
    let signature = &method.sig;
    let borrows = signature.receiver().is_some_and(|receiver| matches!(receiver.kind, ReceiverKind::Reference(..)));
    borrows
        && signature.inputs.len() == 1
        && signature.asyncness.is_none()
        && signature.generics.params.is_empty()
        && !matches!(&signature.output, ReturnType::Type(_, ty) if matches!(&**ty, Type::ImplTrait(_)))
}

fn returns(method: &ImplItemFn) -> Option<Type> {
    match &method.sig.output {
        ReturnType::Type(_, ty) if !matches!(&**ty, Type::Tuple(tuple) if tuple.elems.is_empty()) => {
            Some((**ty).clone())
        }
        _ => None,
    }
}

fn refuse(method: &ImplItemFn, errors: &Errors) {
    let name = &method.sig.ident;
    let message = match method.sig.asyncness {
        Some(_) => format!("`{name}` is a hook of the service: it can't be `async`"),
        None => format!("`{name}` is a hook of the service: it takes only `&mut self`"),
    };
    errors.at(
        name,
        message,
        format!(
            "write `fn {name}(&mut self) -> Result<(), E>`, or move another method of this name to a plain `impl` block"
        ),
    );
}

/// A `run` method.
pub(super) struct Run {
    /// The conditions under which it exists.
    pub(super) cfgs: Vec<Attribute>,
    /// Its lint levels.
    pub(super) lints: Vec<Attribute>,
    /// The type of `cx`, without its reference.
    pub(super) context: Type,
    /// What it returns, unless it is nothing.
    pub(super) returns: Option<Type>,
    /// It has errors of its own, and is never called.
    pub(super) broken: bool,
}

/// The `run` methods of a block: one, or several under conditions that exclude each other.
pub(super) fn runs(block: &ItemImpl, has_others: bool, errors: &Errors) -> Vec<Run> {
    let methods = block.items.iter().filter_map(|item| match item {
        ImplItem::Fn(method) if method.sig.ident == "run" => Some((method, service_context(method)?)),
        _ => None,
    });
    methods.filter_map(|(method, context)| run(method, context, has_others, errors)).collect()
}

fn run(method: &ImplItemFn, context: Type, has_others: bool, errors: &Errors) -> Option<Run> {
    if has_others {
        errors.at(
            &method.sig.ident,
            "a service can have handlers or a `run` method, not both",
            "remove `run`, or handle messages in it: `cx.subscribe::<Message>()`",
        );
        return None;
    }
    let broken = !is_well_formed(method);
    if broken {
        errors.at(
            &method.sig.ident,
            "`run` has to be `async fn run(&mut self, cx: &ServiceContext)`",
            "it may return nothing, or `Result<(), E>` where `E: Display`",
        );
    }
    let returns = returns(method);
    let (cfgs, lints) = (attributes::conditions(&method.attrs), attributes::lints(&method.attrs));
    Some(Run { cfgs, lints, context, returns, broken })
}

fn is_well_formed(method: &ImplItemFn) -> bool {
    let borrows = method.sig.receiver().is_some_and(|receiver| matches!(receiver.kind, ReceiverKind::Reference(..)));
    borrows && method.sig.asyncness.is_some() && method.sig.inputs.len() == 2 && method.sig.generics.params.is_empty()
}

/// The type called `ServiceContext` that a parameter refers to.
fn service_context(method: &ImplItemFn) -> Option<Type> {
    method.sig.inputs.iter().find_map(|argument| {
        let FnArg::Typed(argument) = argument else { return None };
        let Type::Reference(reference) = &*argument.ty else { return None };
        let Type::Path(path) = &*reference.elem else { return None };
        let is_context = path.path.segments.last().is_some_and(|last| last.ident == "ServiceContext");
        is_context.then(|| (*reference.elem).clone())
    })
}
