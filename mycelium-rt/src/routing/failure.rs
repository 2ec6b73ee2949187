//! The failures of handlers, as hooks and callers see them.

use crate::message::floor_char_boundary;
use core::fmt::{self, Debug, Display, Write};
use core::ops::Deref;

/// What an error hook sees of a handler that failed.
///
/// A hook is named in `on_error: continue(hook = path::to::f)` and has the signature `fn f(failure: &HandlerFailure<'_>)`.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct HandlerFailure<'a> {
    /// The service, as the router calls it.
    pub service: &'static str,
    /// The message that it was handling.
    pub message: &'static str,
    /// What it returned.
    pub error: &'a dyn Display,
}

impl<'a> HandlerFailure<'a> {
    /// Describes one failure.
    pub fn new(service: &'static str, message: &'static str, error: &'a dyn Display) -> Self {
        Self { service, message, error }
    }
}

impl Display for HandlerFailure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` failed on `{}`: {}", self.service, self.message, self.error)
    }
}

impl Debug for HandlerFailure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandlerFailure")
            .field("service", &self.service)
            .field("message", &self.message)
            .field("error", &format_args!("{}", self.error))
            .finish()
    }
}

/// The first error of a cascade, which `route_…` returns with `on_error: propagate`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HandlerError {
    /// The service that failed, as the router calls it.
    pub service: &'static str,
    /// The message that it was handling.
    pub message: &'static str,
    /// The text of its error, at most [`ErrorText::CAPACITY`] bytes of it.
    pub text: ErrorText,
}

impl HandlerError {
    /// Keeps a failure beyond the handler's return, without allocating.
    pub fn new(failure: &HandlerFailure<'_>) -> Self {
        Self { service: failure.service, message: failure.message, text: ErrorText::of(failure.error) }
    }
}

impl Display for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` failed on `{}`: {}", self.service, self.message, self.text)
    }
}

impl core::error::Error for HandlerError {}

/// The beginning of an error's text, stored inline; derefs to `str`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ErrorText {
    len: u8,
    bytes: [u8; Self::CAPACITY],
}

impl ErrorText {
    /// The capacity in bytes; a longer text is cut between two characters.
    pub const CAPACITY: usize = 120;

    /// The text of `error`, cut to the capacity.
    pub fn of(error: &dyn Display) -> Self {
        let mut writer = Truncated { text: Self { len: 0, bytes: [0; Self::CAPACITY] }, full: false };
        // Fails only if the `Display` of the error fails; what it wrote before is kept.
        let _ = write!(writer, "{error}");
        writer.text
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        // Only whole characters are ever copied in, so the bytes are UTF-8.
        self.bytes.get(..usize::from(self.len)).and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    /// Appends as many whole characters of `text` as fit. Returns whether all did.
    fn push(&mut self, text: &str) -> bool {
        let start = usize::from(self.len);
        let fitting = floor_char_boundary(text, Self::CAPACITY - start);
        for (to, from) in self.bytes.iter_mut().skip(start).zip(text.as_bytes().iter().take(fitting)) {
            *to = *from;
        }
        // At most CAPACITY, which is below 256.
        self.len += fitting as u8;
        fitting == text.len()
    }
}

/// Writes until the text is full, then discards the rest.
struct Truncated {
    text: ErrorText,
    full: bool,
}

impl Write for Truncated {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if !self.full {
            self.full = !self.text.push(text);
        }
        Ok(())
    }
}

impl Deref for ErrorText {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for ErrorText {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq<str> for ErrorText {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for ErrorText {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl Display for ErrorText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Debug for ErrorText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(error: &str) -> String {
        ErrorText::of(&error).to_string()
    }

    #[test]
    fn a_short_text_is_kept_whole() {
        assert_eq!(text_of(""), "");
        assert_eq!(text_of("no funds"), "no funds");
        assert_eq!(text_of(&"x".repeat(120)), "x".repeat(120));
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(text_of(&"x".repeat(121)), "x".repeat(120));
        assert_eq!(text_of(&format!("{}ä", "x".repeat(119))), "x".repeat(119));
        assert_eq!(text_of(&"🦀".repeat(31)), "🦀".repeat(30));
    }

    #[test]
    fn nothing_is_appended_after_the_cut() {
        struct Pieces;
        impl Display for Pieces {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&"x".repeat(119))?;
                f.write_str("ä")?;
                f.write_str("y")
            }
        }
        assert_eq!(ErrorText::of(&Pieces).as_str(), "x".repeat(119));
    }

    #[test]
    fn an_error_names_service_and_message() {
        let error = HandlerError::new(&HandlerFailure::new("risk", "Fill", &"limit reached"));
        assert_eq!(error.to_string(), "`risk` failed on `Fill`: limit reached");
        assert_eq!(error.text, "limit reached");
    }
}
