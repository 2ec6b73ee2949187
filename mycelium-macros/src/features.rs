//! What may be left out of the runtime: its features, which Cargo hands on to this crate.

use proc_macro2::Span;

use crate::errors::Errors;

/// A feature of `mycelium-rt`.
#[derive(Clone, Copy)]
pub(crate) enum Feature {
    Tokio,
    Tls,
}

impl Feature {
    fn name(self) -> &'static str {
        match self {
            Self::Tokio => "tokio",
            Self::Tls => "tls",
        }
    }

    fn is_on(self) -> bool {
        // Tests of this crate look at expansions, whatever is on.
        match self {
            Self::Tokio => cfg!(any(test, feature = "tokio")),
            Self::Tls => cfg!(any(test, feature = "tls")),
        }
    }

    /// Reports that `what`, which stands at `place`, is not there without this feature.
    pub(crate) fn needed_by(self, what: &str, place: Span, errors: &Errors) {
        if self.is_on() {
            return;
        }
        let name = self.name();
        errors.at_span_once(
            place,
            format!("{what} needs the feature `{name}` of `mycelium-rt`"),
            format!("turn it on in `Cargo.toml`: `cargo add mycelium-rt --features {name}`"),
        );
    }
}
