//! The other kind of service: `async fn run(&mut self, cx: &ServiceContext)`.

use syn::{FnArg, ImplItem, ImplItemFn, ItemImpl, ReceiverKind, ReturnType, Type};

use crate::errors::Errors;

/// That method.
pub(super) struct Run {
    /// The type behind `cx`.
    pub(super) context: Type,
    /// What it returns, unless it is nothing.
    pub(super) returns: Option<Type>,
    /// It has mistakes of its own, and is never called.
    pub(super) broken: bool,
}

/// The `run` method of a block, if it has one.
pub(super) fn run(block: &ItemImpl, has_others: bool, errors: &Errors) -> Option<Run> {
    let (method, context) = block.items.iter().find_map(|item| match item {
        ImplItem::Fn(method) if method.sig.ident == "run" => Some((method, service_context(method)?)),
        _ => None,
    })?;
    if has_others {
        errors.at(
            &method.sig.ident,
            "a service has handlers or a `run` method, not both",
            "take `run` out, or handle messages in it: `cx.subscribe::<Message>()`",
        );
        return None;
    }
    let broken = !is_well_formed(method);
    if broken {
        errors.at(
            &method.sig.ident,
            "a service runs by `async fn run(&mut self, cx: &ServiceContext)`",
            "it may return nothing, or `Result<(), E>` where `E: Display`",
        );
    }
    let returns = match &method.sig.output {
        ReturnType::Type(_, ty) if !matches!(&**ty, Type::Tuple(tuple) if tuple.elems.is_empty()) => {
            Some((**ty).clone())
        }
        _ => None,
    };
    Some(Run { context, returns, broken })
}

fn is_well_formed(method: &ImplItemFn) -> bool {
    let lent = method.sig.receiver().is_some_and(|receiver| matches!(receiver.kind, ReceiverKind::Reference(..)));
    lent && method.sig.asyncness.is_some() && method.sig.inputs.len() == 2 && method.sig.generics.params.is_empty()
}

/// The type behind the reference to something called `ServiceContext`.
fn service_context(method: &ImplItemFn) -> Option<Type> {
    method.sig.inputs.iter().find_map(|argument| {
        let FnArg::Typed(argument) = argument else { return None };
        let Type::Reference(reference) = &*argument.ty else { return None };
        let Type::Path(path) = &*reference.elem else { return None };
        let is_context = path.path.segments.last().is_some_and(|last| last.ident == "ServiceContext");
        is_context.then(|| (*reference.elem).clone())
    })
}
