//! What an input does about messages that it does not list: `unknown = refuse`, `unknown = hook(path::to::f)`.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Expr, ExprPath, Token, parenthesized, token};

use super::link::{Place, Refusal};
use super::options;
use super::options::error;

/// What was said.
#[derive(Clone)]
pub(super) enum Unknown {
    /// A peer that may send one is refused.
    Refuse,
    /// They go to this function.
    Hook(ExprPath),
}

const WORDS: [&str; 2] = ["refuse", "hook"];
const EXAMPLE: &str = "write `unknown = hook(path::to::f)`, with `fn f(id: u16, version: u16, body: &[u8])`";

/// `refuse`, or `hook(path::to::f)`
pub(super) fn unknown(input: ParseStream<'_>) -> syn::Result<Unknown> {
    let expected = "expected `refuse` or `hook(path::to::f)`";
    let word = input.call(Ident::parse_any).map_err(|error| syn::Error::new(error.span(), expected))?;
    match word.to_string().as_str() {
        "refuse" => Ok(Unknown::Refuse),
        "hook" if input.peek(token::Paren) => {
            let function;
            parenthesized!(function in input);
            hook(&function, word.span()).map(Unknown::Hook)
        }
        "hook" => Err(error(word.span(), "`hook` needs its function", EXAMPLE)),
        other => Err(options::unknown("answer to unknown messages", other, word.span(), &WORDS)),
    }
}

/// `path::to::f`
fn hook(input: ParseStream<'_>, place: Span) -> syn::Result<ExprPath> {
    if input.is_empty() {
        return Err(error(place, "`hook` needs its function", EXAMPLE));
    }
    let value: Expr = input.parse()?;
    let place = value.span();
    let Expr::Path(path) = value else {
        return Err(error(place, "`hook` takes the path of a function", EXAMPLE));
    };
    input.parse::<Option<Token![,]>>()?;
    if input.is_empty() { Ok(path) } else { Err(error(input.span(), "`hook` takes one function", EXAMPLE)) }
}

/// Why the option cannot be honoured there, and what to do instead.
pub(super) fn refusal(place: Place) -> Option<Refusal> {
    match place {
        Place::Link(_) => Some((
            "a link sends what its routes say: what its peer does not know is counted as `not_accepted`",
            "say `unknown` of the input that receives it",
        )),
        Place::Local | Place::Queue | Place::Task => {
            Some(("what stays in the process is known to both ends", "leave `unknown` out: it is for inputs"))
        }
        Place::Input(_) => None,
    }
}
