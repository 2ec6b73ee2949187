//! The items for a contract as a whole: `MESSAGES`, `AnyMessage` and `AllRouted`.

use super::Context;
use super::attributes::ALLOWED;
use super::text::{Writer, list, text};
use crate::names::ident;
use crate::prose;

/// Writes `MESSAGES`, `AnyMessage` and `AllRouted`.
pub(super) fn write(cx: &Context<'_>, w: &mut Writer) {
    let runtime = &cx.runtime;
    w.doc(&format!("Every message of the contract {}, in declared order.", prose::code(&cx.schema.name)));
    if let Some(doc) = &cx.schema.doc {
        w.line("///");
        w.doc(doc);
    }
    allow_deprecated(cx, w);
    let entries = cx
        .schema
        .messages
        .iter()
        .map(|message| text(format!("{runtime}::MessageInfo::of::<{}>()", ident(&message.name))));
    w.line(ALLOWED);
    w.expr(&list(format!("pub const MESSAGES: &[{runtime}::MessageInfo] = &["), entries, "];"));
    any_message(cx, w);
    all_routed(cx, w);
}

fn allow_deprecated(cx: &Context<'_>, w: &mut Writer) {
    if cx.schema.messages.iter().any(|message| message.deprecated.is_some()) {
        w.line("#[allow(deprecated)]");
    }
}

fn any_message(cx: &Context<'_>, w: &mut Writer) {
    let runtime = &cx.runtime;
    w.doc("A message of this contract whose type is known only at run time.");
    allow_deprecated(cx, w);
    w.line("#[allow(clippy::large_enum_variant)]");
    w.line("#[derive(Clone, Copy, Debug, PartialEq)]");
    w.line(ALLOWED);
    w.block("pub enum AnyMessage<'a>", |w| {
        for ident in cx.schema.messages.iter().map(|message| ident(&message.name)) {
            w.line(format_args!("{ident}({runtime}::Decoded<'a, {ident}>),"));
        }
        if cx.schema.messages.is_empty() {
            w.doc("The contract has no message, so there is no value.");
            w.line("#[doc(hidden)]");
            w.line("Never(::core::convert::Infallible, ::core::marker::PhantomData<&'a ()>),");
        }
    });
    allow_deprecated(cx, w);
    w.line(ALLOWED);
    w.block("impl<'a> AnyMessage<'a>", |w| {
        w.doc("Reads a body, in place if possible, and validates it.");
        w.line("///");
        w.line("/// # Errors");
        w.line("/// If no message has the id, or if the `decode` of the message fails.");
        let output = format!("::core::result::Result<Self, {runtime}::DecodeError>");
        let arguments = ["__id: u16".to_owned(), "__bytes: &'a [u8]".to_owned()];
        w.line("#[inline]");
        w.function("pub fn decode", &arguments, &output, |w| {
            if cx.schema.messages.is_empty() {
                w.line("let _ = __bytes;");
                return w.line("__rt::unknown_message(__id)");
            }
            w.block("match __id", |w| {
                for message in &cx.schema.messages {
                    w.line(format_args!("{} => __rt::any(__bytes, Self::{}),", message.id, ident(&message.name)));
                }
                w.line("__id => __rt::unknown_message(__id),");
            });
        });
        per_message(cx, w, "The id of the message.", "id", "u16", "_", &format!("<{{}} as {runtime}::Message>::ID"));
        let name = format!("<{{}} as {runtime}::Message>::NAME");
        per_message(cx, w, "The name of the message.", "name", "&'static str", "_", &name);
        let bytes = format!("{runtime}::Message::as_bytes(&**__message)");
        per_message(cx, w, "The body of the message.", "as_bytes", "&[u8]", "__message", &bytes);
    });
}

/// Writes a method with one expression for each message, in which `{}` is the name.
fn per_message(cx: &Context<'_>, w: &mut Writer, doc: &str, name: &str, output: &str, binding: &str, value: &str) {
    w.doc(doc);
    w.line("#[inline]");
    w.line("#[must_use]");
    w.function(&format!("pub fn {name}"), &["&self".to_owned()], output, |w| {
        w.block("match self", |w| {
            for message in &cx.schema.messages {
                let name = ident(&message.name);
                w.line(format_args!("Self::{name}({binding}) => {},", value.replace("{}", &name)));
            }
            if cx.schema.messages.is_empty() {
                w.line("Self::Never(__never, _) => match *__never {},");
            }
        });
    });
}

fn all_routed(cx: &Context<'_>, w: &mut Writer) {
    w.doc("A router that has a route for every message of this contract.");
    allow_deprecated(cx, w);
    w.line(ALLOWED);
    // A broken message may have a name that no route can have.
    let mut messages = cx.schema.messages.iter().filter(|message| !message.broken).peekable();
    if messages.peek().is_none() {
        return w.line("pub trait AllRouted {}");
    }
    w.line("pub trait AllRouted");
    w.line("where");
    for message in messages {
        w.line(format_args!("    Self: {}::Route<{}>,", cx.runtime, ident(&message.name)));
    }
    w.line("{}");
}
