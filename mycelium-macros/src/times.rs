//! Times as users write them: `"50us"`.

use std::time::Duration;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::ParseStream;
use syn::{Expr, ExprLit, Lit};

/// Reads `"50ms"`.
pub(crate) fn duration(input: ParseStream<'_>) -> syn::Result<Duration> {
    let value: Expr = input.parse()?;
    let text = match literal(&value) {
        Some(Lit::Str(text)) => text.value(),
        _ => String::new(),
    };
    let wrong = "expected a time, such as \"50us\"\nhelp: the units are `ns`, `us`, `ms` and `s`";
    parse(&text).ok_or_else(|| syn::Error::new_spanned(value.to_token_stream(), wrong))
}

/// The literal, which may come from another macro in invisible brackets.
pub(crate) fn literal(value: &Expr) -> Option<&Lit> {
    match value {
        Expr::Lit(ExprLit { lit, .. }) => Some(lit),
        Expr::Group(group) => literal(&group.expr),
        _ => None,
    }
}

fn parse(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok().filter(|number| *number > 0)?;
    match unit.trim() {
        "ns" => Some(Duration::from_nanos(number)),
        "us" | "µs" => Some(Duration::from_micros(number)),
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        _ => None,
    }
}

/// The expression of a time.
pub(crate) fn tokens(duration: Duration) -> TokenStream {
    let (seconds, nanoseconds) = (duration.as_secs(), duration.subsec_nanos());
    quote!(::core::time::Duration::new(#seconds, #nanoseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit() {
        assert_eq!(parse("50us"), Some(Duration::from_micros(50)));
        assert_eq!(parse("2 s"), Some(Duration::from_secs(2)));
        for text in ["", "50", "us", "0ms", "-1s", "1h", "99999999999999999999s"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
