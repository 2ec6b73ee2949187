//! Literals as users write them: whole numbers, `64`, and times, `"50us"`.

use std::time::Duration;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::ParseStream;
use syn::{Expr, ExprLit, Lit, Token};

/// Reads a whole number from `least` to `most`. Otherwise the error says what `what` has to be, with `help`.
pub(crate) fn whole(value: &Expr, what: &str, least: u32, most: u32, bounds: &str, help: &str) -> syn::Result<u32> {
    let wrong = |message: String, help: &str| {
        syn::Error::new_spanned(value.to_token_stream(), format!("{message}\nhelp: {help}"))
    };
    let number = match literal(value) {
        Some(Lit::Int(number)) if !number.suffix().is_empty() => {
            let (digits, suffix) = (number.base10_digits(), number.suffix());
            return Err(wrong(
                format!("{what} is a number without a type"),
                &format!("write `{digits}`, without `{suffix}`"),
            ));
        }
        Some(Lit::Int(number)) => number.base10_parse::<u32>().ok(),
        _ => None,
    };
    let number = number.filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| wrong(format!("{what} is a whole number from {bounds}"), help))
}

/// The longest time: its nanoseconds are the largest number of 64 bits.
const LONGEST: Duration = Duration::from_nanos(u64::MAX);

/// Reads `"50ms"`. `instead` says what to write instead of a time of zero.
pub(crate) fn duration(input: ParseStream<'_>, instead: &str) -> syn::Result<Duration> {
    if input.is_empty() || input.peek(Token![,]) {
        let mistake = Mistake::NoTime;
        let text = format!("{}\nhelp: {}", mistake.message(""), mistake.help("", instead));
        return Err(syn::Error::new(input.span(), text));
    }
    let value: Expr = input.parse()?;
    let text = match literal(&value) {
        Some(Lit::Str(text)) => text.value(),
        _ => String::new(),
    };
    parse(&text).map_err(|mistake| {
        let (message, help) = (mistake.message(&text), mistake.help(&text, instead));
        syn::Error::new_spanned(value.to_token_stream(), format!("{message}\nhelp: {help}"))
    })
}

/// Why a text is no valid time.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Mistake {
    /// It is not a number with a unit.
    NoTime,
    Negative,
    Zero,
    /// With the same time in a smaller unit, if there is one.
    Fraction(Option<String>),
    /// With the same time in seconds, if the unit is a known other one.
    Unit(Option<String>),
    TooLong,
}

impl Mistake {
    fn message(&self, text: &str) -> String {
        match self {
            Self::NoTime => "expected a time, such as \"50us\"".to_owned(),
            Self::Negative => format!("the time `{text}` is negative"),
            Self::Zero => format!("the time `{text}` is zero"),
            Self::Fraction(_) => format!("the time `{text}` is a fraction"),
            Self::Unit(_) => format!("the unit of the time `{text}` is unknown"),
            Self::TooLong => format!("the time `{text}` is too long"),
        }
    }

    fn help(&self, text: &str, instead: &str) -> String {
        const UNITS: &str = "the units are `ns`, `us`, `ms` and `s`";
        match self {
            Self::NoTime => UNITS.to_owned(),
            Self::Negative => {
                format!("a time is at least `1ns`: write `{}`", text.trim_start_matches('-').trim_start())
            }
            Self::Zero => format!("a time is at least `1ns`; {instead}"),
            Self::Fraction(Some(same)) => format!("a time is a whole number of its unit: write `{same}`"),
            Self::Fraction(None) => format!("a time is a whole number of its unit, at least `1ns`; {UNITS}"),
            Self::Unit(Some(same)) => format!("{UNITS}: write `{same}`"),
            Self::Unit(None) => UNITS.to_owned(),
            Self::TooLong => format!("a time is at most `{}s`, which is 584 years", LONGEST.as_secs()),
        }
    }
}

/// The literal, which may be in the invisible brackets of another macro.
pub(crate) fn literal(value: &Expr) -> Option<&Lit> {
    match value {
        Expr::Lit(ExprLit { lit, .. }) => Some(lit),
        Expr::Group(group) => literal(&group.expr),
        _ => None,
    }
}

fn parse(text: &str) -> Result<Duration, Mistake> {
    let (is_negative, amount) = match text.strip_prefix('-') {
        Some(amount) => (true, amount.trim_start()),
        None => (false, text),
    };
    let end = amount.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or(Mistake::NoTime)?;
    let (number, unit) = (&amount[..end], amount[end..].trim());
    if !number.starts_with(|c: char| c.is_ascii_digit()) || !unit.chars().all(char::is_alphabetic) {
        return Err(Mistake::NoTime);
    }
    let nanoseconds = match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        _ => return Err(Mistake::Unit(in_seconds(number, unit))),
    };
    if is_negative {
        return Err(Mistake::Negative);
    }
    if number.contains('.') {
        return Err(Mistake::Fraction(in_whole_units(number, nanoseconds)));
    }
    let number: u64 = number.parse().map_err(|_| Mistake::TooLong)?;
    match number.checked_mul(nanoseconds) {
        None => Err(Mistake::TooLong),
        Some(0) => Err(Mistake::Zero),
        Some(nanoseconds) => Ok(Duration::from_nanos(nanoseconds)),
    }
}

/// `"2"`, `"min"` → `120s`
fn in_seconds(number: &str, unit: &str) -> Option<String> {
    let seconds = match unit.to_lowercase().as_str() {
        "sec" | "secs" | "second" | "seconds" => 1,
        "m" | "min" | "mins" | "minute" | "minutes" => 60,
        "h" | "hr" | "hour" | "hours" => 3_600,
        "d" | "day" | "days" => 86_400,
        _ => return None,
    };
    let seconds = number.parse::<u64>().ok()?.checked_mul(seconds)?;
    (1..=LONGEST.as_secs()).contains(&seconds).then(|| format!("{seconds}s"))
}

/// `number`, such as `1.5`, of a unit with this many nanoseconds, in the largest unit in which it is whole.
fn in_whole_units(number: &str, nanoseconds: u64) -> Option<String> {
    let (whole, fraction) = number.split_once('.')?;
    let fraction = fraction.trim_end_matches('0');
    let scale = 10u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let digits: u64 = format!("{whole}{fraction}").parse().ok()?;
    let total = digits.checked_mul(nanoseconds).filter(|total| *total > 0 && total % scale == 0)? / scale;
    let units = [(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us"), (1, "ns")];
    units.into_iter().find(|(unit, _)| total % unit == 0).map(|(unit, name)| format!("{}{name}", total / unit))
}

/// The expression of a duration.
pub(crate) fn tokens(duration: Duration) -> TokenStream {
    let (seconds, nanoseconds) = (duration.as_secs(), duration.subsec_nanos());
    quote!(::core::time::Duration::new(#seconds, #nanoseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit() {
        assert_eq!(parse("50us"), Ok(Duration::from_micros(50)));
        assert_eq!(parse("2 s"), Ok(Duration::from_secs(2)));
        for text in ["", "50", "us", "1_000ms", " 5ms", "5ms!", "five ms", "-", ".5s", "5"] {
            assert_eq!(parse(text), Err(Mistake::NoTime), "{text}");
        }
    }

    #[test]
    fn each_kind_of_invalid_time_is_distinguished() {
        let (fraction, unit) =
            (|same: &str| Mistake::Fraction(Some(same.into())), |same: &str| Mistake::Unit(Some(same.into())));
        for (text, mistake) in [
            ("0ms", Mistake::Zero),
            ("000 ns", Mistake::Zero),
            ("-1s", Mistake::Negative),
            ("- 1.5s", Mistake::Negative),
            ("1.5s", fraction("1500ms")),
            ("2.0ms", fraction("2ms")),
            ("0.5ns", Mistake::Fraction(None)),
            ("0.0s", Mistake::Fraction(None)),
            ("1.2.3s", Mistake::Fraction(None)),
            ("99999999999999999999s", Mistake::TooLong),
            ("18446744074s", Mistake::TooLong),
            ("99999999999999h", Mistake::Unit(None)),
            ("2min", unit("120s")),
            ("1h", unit("3600s")),
            ("5parsec", Mistake::Unit(None)),
            ("5MS", Mistake::Unit(None)),
        ] {
            assert_eq!(parse(text), Err(mistake), "{text}");
        }
    }

    #[test]
    fn the_longest_time_is_valid() {
        assert_eq!(parse("18446744073709551615ns"), Ok(LONGEST));
        assert_eq!(parse("18446744073s"), Ok(Duration::from_secs(18_446_744_073)));
    }
}
