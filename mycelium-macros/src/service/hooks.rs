//! The methods `startup` and `shutdown`, which are found by their names.

use syn::{Attribute, ImplItem, ImplItemFn, ItemImpl, ReceiverKind, ReturnType, Type};

use crate::carried;
use crate::errors::Errors;

/// What of the two a service has.
#[derive(Default)]
pub(super) struct Hooks {
    /// More than one of a name only behind conditions that exclude each other.
    pub(super) startup: Vec<Hook>,
    pub(super) shutdown: Vec<Hook>,
}

/// One of them.
pub(super) struct Hook {
    /// The conditions under which it exists.
    pub(super) cfgs: Vec<Attribute>,
    /// What it returns, unless it is nothing.
    pub(super) returns: Option<Type>,
}

/// The hooks of this block, among the methods that bear no mark.
pub(super) fn hooks(block: &ItemImpl, marked: &[syn::Ident], errors: &Errors) -> Hooks {
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
            place.push(Hook { cfgs: carried::conditions(&method.attrs), returns: returns(method) });
        } else {
            refuse(method, errors);
        }
    }
    hooks
}

fn is_hook(method: &ImplItemFn) -> bool {
    let signature = &method.sig;
    let lent = signature.receiver().is_some_and(|receiver| matches!(receiver.kind, ReceiverKind::Reference(..)));
    lent && signature.inputs.len() == 1
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
        Some(_) => format!("`{name}` is the hook of a service, and no `async fn`"),
        None => format!("`{name}` is the hook of a service, and takes nothing but `&mut self`"),
    };
    errors.at(
        name,
        message,
        format!("write `fn {name}(&mut self) -> Result<(), E>`, or move a method of your own to a plain `impl` block"),
    );
}
