//! A handler, read from its signature: `fn on_bar(&mut self, bar: &Bar, cx: &mut impl Emit<Signal>) -> Result<(), E>`.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{
    Attribute, FnArg, GenericArgument, GenericParam, ImplItemFn, PathArguments, ReceiverKind, ReturnType, Safety,
    Signature, Token, Type, TypeParamBound, TypePath,
};

use crate::attributes;
use crate::errors::Errors;

/// One `#[handle]` method.
pub(super) struct Handler {
    /// The conditions under which it exists.
    pub(super) cfgs: Vec<Attribute>,
    /// Its lint levels.
    pub(super) lints: Vec<Attribute>,
    pub(super) method: Ident,
    pub(super) message: Type,
    /// It takes `&[M]`.
    pub(super) batch: bool,
    /// The bounds of `cx`; none if it takes no `cx`.
    pub(super) context: Option<Bounds>,
    pub(super) returns: Returns,
    pub(super) is_async: bool,
    /// It has errors of its own. It is still declared, so that no router reports it too.
    pub(super) broken: bool,
}

/// The bounds in `cx: &mut (impl Emit<A> + Clock)`.
pub(super) type Bounds = Punctuated<TypeParamBound, Token![+]>;

/// What a handler returns.
pub(super) enum Returns {
    Nothing,
    /// A type called `Result`.
    Fallible(Type),
    /// Anything else: a reply, or a type alias.
    Other(Type),
}

impl Handler {
    /// The messages in its `Emit<M>` and `Request<M, …>` bounds.
    pub(super) fn emits(&self) -> Vec<&Type> {
        self.context.iter().flatten().filter_map(emitted).collect()
    }

    /// Whether it reports errors to its context.
    pub(super) fn reports(&self) -> bool {
        !self.broken && !matches!(self.returns, Returns::Nothing)
    }

    /// The message as written, for comparison.
    pub(super) fn message_text(&self) -> String {
        self.message.to_token_stream().to_string()
    }
}

/// The message of an `Emit<M>` or `Request<M, …>` bound.
pub(super) fn emitted(bound: &TypeParamBound) -> Option<&Type> {
    let TypeParamBound::Trait(bound) = bound else { return None };
    let last = bound.path.segments.last()?;
    if last.ident != "Emit" && last.ident != "Request" {
        return None;
    }
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(message) => Some(message),
        _ => None,
    })
}

const FORM: &str =
    "write `fn name(&mut self, message: &Message)`, with `cx: &mut impl Emit<Other>` behind it if it emits";

/// The handler, if at least its message is known.
pub(super) fn read(method: &ImplItemFn, errors: &Errors) -> Option<Handler> {
    let own = Errors::new();
    let handler = read_parts(method, &own);
    let broken = !own.is_empty();
    own.move_to(errors);
    handler.map(|handler| Handler { broken, ..handler })
}

fn read_parts(method: &ImplItemFn, errors: &Errors) -> Option<Handler> {
    let signature = &method.sig;
    check_qualifiers(signature, errors);
    check_generics(signature, errors);
    check_conditions(signature, errors);
    let returns = returns(&signature.output, errors);
    check_receiver(signature, signature.inputs.first(), errors);
    let mut rest = signature.inputs.iter().filter(|argument| matches!(argument, FnArg::Typed(_)));
    let message = message(signature, rest.next(), errors);
    let context = rest.next().map(|argument| context(argument, errors));
    for extra in rest {
        errors.at(extra, "a handler takes a message and at most a context", FORM);
    }
    let (message, batch) = message?;
    Some(Handler {
        cfgs: attributes::conditions(&method.attrs),
        lints: attributes::lints(&method.attrs),
        method: signature.ident.clone(),
        message,
        batch,
        context,
        returns,
        is_async: signature.asyncness.is_some(),
        broken: false,
    })
}

pub(super) fn check_qualifiers(signature: &Signature, errors: &Errors) {
    if let Safety::Unsafe(keyword) = &signature.safety {
        errors.at(keyword, "a handler can't be `unsafe`", "routers call it as safe code: make it a safe function");
    }
    if let Some(abi) = &signature.abi {
        errors.at(abi, "a handler can't be `extern`", "routers call it as a Rust function: remove this");
    }
    if let Some(variadic) = &signature.variadic {
        errors.at(variadic, "a handler can't be variadic", FORM);
    }
}

pub(super) fn check_generics(signature: &Signature, errors: &Errors) {
    for parameter in &signature.generics.params {
        if !matches!(parameter, GenericParam::Lifetime(_)) {
            errors.at(
                parameter,
                "a handler can't have generic parameters of its own",
                "write the context as `cx: &mut impl Emit<Other>`; other parameters go on the `impl` block",
            );
        }
    }
}

/// Refuses conditional parameters: generated code passes all parameters of the signature.
pub(super) fn check_conditions(signature: &Signature, errors: &Errors) {
    for parameter in &signature.inputs {
        let attributes = match parameter {
            FnArg::Receiver(receiver) => &receiver.attrs,
            FnArg::Typed(parameter) => &parameter.attrs,
        };
        let is_condition = |attribute: &&Attribute| !attributes::conditions(std::slice::from_ref(attribute)).is_empty();
        for condition in attributes.iter().filter(is_condition) {
            errors.at(
                &condition.meta,
                "a parameter of a handler, source or timer can't be conditional",
                "put the condition on the method, and write a second method for the other case",
            );
        }
    }
}

pub(super) fn check_receiver(signature: &Signature, first: Option<&FnArg>, errors: &Errors) {
    match first {
        Some(FnArg::Receiver(receiver)) => match &receiver.kind {
            ReceiverKind::Reference(..) => {}
            _ => errors.at(receiver, "a handler takes `&mut self`", "a handler borrows its service: write `&mut self`"),
        },
        _ => errors.at(&signature.ident, "a handler takes `&mut self`", FORM),
    }
}

/// The type of the message, and whether the handler takes a batch.
fn message(signature: &Signature, argument: Option<&FnArg>, errors: &Errors) -> Option<(Type, bool)> {
    let Some(FnArg::Typed(argument)) = argument else {
        errors.at(&signature.ident, "a handler takes a message", FORM);
        return None;
    };
    let Type::Reference(reference) = ungrouped(&argument.ty) else {
        errors.at(
            &argument.ty,
            "a handler takes its message by reference",
            "write `&Message`, or `&[Message]` for a batch",
        );
        return named(&argument.ty).map(|message| (message, false));
    };
    if let Some(keyword) = &reference.mutability {
        errors.at(
            keyword,
            "a handler can't change its message",
            "other receivers see the same message: write `&Message`, and copy it to change it",
        );
    }
    match ungrouped(&reference.elem) {
        Type::Slice(slice) => Some(((*slice.elem).clone(), true)),
        Type::Path(path) => Some((Type::Path(path.clone()), false)),
        other => {
            errors.at(
                other,
                "a handler takes a message",
                "name a message type: `&Message`, or `&[Message]` for a batch",
            );
            None
        }
    }
}

fn named(ty: &Type) -> Option<Type> {
    matches!(ungrouped(ty), Type::Path(_)).then(|| ungrouped(ty).clone())
}

/// The bounds of `cx: &mut (impl A + B)`; none if it is anything else.
pub(super) fn context(argument: &FnArg, errors: &Errors) -> Bounds {
    let bounds = match argument {
        FnArg::Typed(argument) => context_bounds(&argument.ty),
        FnArg::Receiver(_) => None,
    };
    bounds.unwrap_or_else(|| {
        let span = match argument {
            FnArg::Typed(argument) => argument.ty.to_token_stream(),
            FnArg::Receiver(receiver) => receiver.to_token_stream(),
        };
        errors.at(
            span,
            "the context of a handler is `&mut impl Emit<…>`",
            "write `cx: &mut impl Emit<Other>`, or `cx: &mut (impl Emit<A> + Emit<B> + Clock)`, or leave it out",
        );
        Bounds::new()
    })
}

fn context_bounds(ty: &Type) -> Option<Bounds> {
    let Type::Reference(reference) = ungrouped(ty) else { return None };
    let Type::ImplTrait(bounds) = ungrouped(&reference.elem) else { return None };
    reference.mutability.map(|_| bounds.bounds.clone())
}

fn returns(output: &ReturnType, errors: &Errors) -> Returns {
    let ReturnType::Type(_, ty) = output else { return Returns::Nothing };
    match ungrouped(ty) {
        Type::Tuple(tuple) if tuple.elems.is_empty() => Returns::Nothing,
        ty if is_plain(ty) => {
            refuse_return(ty, errors);
            Returns::Nothing
        }
        Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Result") => {
            refuse_fallible_reply(path, errors);
            Returns::Fallible((**ty).clone())
        }
        _ => Returns::Other((**ty).clone()),
    }
}

fn refuse_return(ty: &Type, errors: &Errors) {
    errors.at(
        ty,
        "a handler can't return this",
        "return nothing, `Result<(), E>` where `E: Display`, or a message as the reply to a request",
    );
}

/// Whether a handler certainly can't return this type. Other types are left to the compiler.
fn is_plain(ty: &Type) -> bool {
    const PLAIN: [&str; 22] = [
        "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize",
        "f32", "f64", "String", "Option", "Vec", "Box", "Self",
    ];
    match ty {
        Type::Path(path) => path.path.segments.last().is_some_and(|last| PLAIN.iter().any(|plain| last.ident == plain)),
        Type::Group(_) | Type::Paren(_) | Type::Macro(_) | Type::Verbatim(_) => false,
        _ => true,
    }
}

/// Refuses `Result<Reply, E>`. An alias that hides the reply is left to the compiler.
fn refuse_fallible_reply(path: &TypePath, errors: &Errors) {
    let Some(PathArguments::AngleBracketed(arguments)) = path.path.segments.last().map(|last| &last.arguments) else {
        return;
    };
    if let Some(GenericArgument::Type(reply)) = arguments.args.first()
        && !matches!(ungrouped(reply), Type::Tuple(nothing) if nothing.elems.is_empty())
    {
        errors.at(
            reply,
            "a handler can reply or fail, not both",
            "return `Result<(), E>`, or a message that can describe the failure",
        );
    }
}

/// The type without parentheses and without the invisible brackets of `macro_rules!`.
fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Paren(inner) => ungrouped(&inner.elem),
        Type::Group(inner) => ungrouped(&inner.elem),
        other => other,
    }
}
