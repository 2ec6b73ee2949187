//! The features of `mycelium-rt` that the macros have to know. Cargo hands them on to this crate.

use proc_macro2::Span;

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

/// The features that are on. They are read once for each expansion and passed on as data, so that tests can choose them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Features {
    lanes: bool,
    net: bool,
    shm: bool,
    tls: bool,
    tokio: bool,
}

impl Feature {
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
    /// The features that this crate was built with.
    pub(crate) const fn enabled() -> Self {
        Self {
            lanes: cfg!(feature = "lanes"),
            net: cfg!(feature = "net"),
            shm: cfg!(feature = "shm"),
            tls: cfg!(feature = "tls"),
            tokio: cfg!(feature = "tokio"),
        }
    }

    pub(crate) fn has(self, feature: Feature) -> bool {
        match feature {
            Feature::Lanes => self.lanes,
            Feature::Net => self.net,
            Feature::Shm => self.shm,
            Feature::Tls => self.tls,
            Feature::Tokio => self.tokio,
        }
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
    pub(crate) const ALL: Self = Self { lanes: true, net: true, shm: true, tls: true, tokio: true };
    pub(crate) const NONE: Self = Self { lanes: false, net: false, shm: false, tls: false, tokio: false };

    pub(crate) fn with(mut self, feature: Feature) -> Self {
        let flag = match feature {
            Feature::Lanes => &mut self.lanes,
            Feature::Net => &mut self.net,
            Feature::Shm => &mut self.shm,
            Feature::Tls => &mut self.tls,
            Feature::Tokio => &mut self.tokio,
        };
        *flag = true;
        self
    }
}
