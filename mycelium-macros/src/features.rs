//! The features of `mycelium-rt` that the macros have to know. The runtime names those that are on.

use proc_macro2::{Span, TokenStream};

use crate::errors::Errors;

/// A feature of `mycelium-rt`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Feature {
    Lanes,
    Net,
    Shm,
    Tls,
    Tokio,
}

/// The features that are on.
///
/// They are no Cargo features of this crate. Cargo may build one copy of it for several copies of the runtime, with the features of all of
/// them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Features(u8);

impl Feature {
    const EACH: [Self; 5] = [Self::Lanes, Self::Net, Self::Shm, Self::Tls, Self::Tokio];

    fn name(self) -> &'static str {
        match self {
            Self::Lanes => "lanes",
            Self::Net => "net",
            Self::Shm => "shm",
            Self::Tls => "tls",
            Self::Tokio => "tokio",
        }
    }
}

impl Features {
    pub(crate) const NONE: Self = Self(0);

    /// The features that the runtime has named, as in `lanes net`.
    pub(crate) fn named(names: TokenStream) -> Self {
        let names: Vec<String> = names.into_iter().map(|name| name.to_string()).collect();
        let is_on = |feature: &Feature| names.iter().any(|name| name == feature.name());
        Feature::EACH.into_iter().filter(is_on).fold(Self::NONE, Self::with)
    }

    pub(crate) const fn with(self, feature: Feature) -> Self {
        Self(self.0 | 1 << feature as u8)
    }

    pub(crate) const fn has(self, feature: Feature) -> bool {
        self.0 & 1 << feature as u8 != 0
    }

    /// Reports at `span` that `what` needs `feature`, if it is off. A feature is reported once.
    pub(crate) fn require(self, feature: Feature, what: &str, span: Span, errors: &Errors) {
        if self.has(feature) {
            return;
        }
        let name = feature.name();
        errors.at_span_once(
            span,
            format!("{what} needs the feature `{name}` of `mycelium-rt`"),
            format!("turn it on in `Cargo.toml`: `mycelium-rt = {{ …, features = [\"{name}\"] }}`"),
        );
    }
}

#[cfg(test)]
impl Features {
    pub(crate) const ALL: Self = Self(u8::MAX);
}
