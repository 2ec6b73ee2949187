//! Whole numbers as users write them: `64`.

use quote::ToTokens;
use syn::{Expr, Lit};

use crate::times::literal;

/// The number, if it is one between `least` and `most`; else what it has to be, with `help`.
pub(crate) fn whole(value: &Expr, what: &str, least: u32, most: u32, bounds: &str, help: &str) -> syn::Result<u32> {
    let wrong = |message: String, help: &str| {
        syn::Error::new_spanned(value.to_token_stream(), format!("{message}\nhelp: {help}"))
    };
    let number = match literal(value) {
        Some(Lit::Int(number)) if !number.suffix().is_empty() => {
            let (digits, suffix) = (number.base10_digits(), number.suffix());
            return Err(wrong(
                format!("{what} has no type: it is just a number"),
                &format!("write `{digits}`, without `{suffix}`"),
            ));
        }
        Some(Lit::Int(number)) => number.base10_parse::<u32>().ok(),
        _ => None,
    };
    let number = number.filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| wrong(format!("{what} is a whole number from {bounds}"), help))
}
