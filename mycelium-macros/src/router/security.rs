//! How a path is protected on the network: `tls = true`, `server_name = "…"`, `insecure = true`.

use syn::{LitBool, LitStr};

use super::link::{Place, Refusal};
use crate::errors::Errors;

/// What stands in the parentheses, each as far as it is there.
#[derive(Clone, Default)]
pub(super) struct Options {
    pub(super) tls: Option<LitBool>,
    pub(super) server_name: Option<LitStr>,
    pub(super) insecure: Option<LitBool>,
}

/// What it comes to.
#[derive(Clone, Default)]
pub(super) struct Security {
    pub(super) tls: bool,
    pub(super) server_name: Option<LitStr>,
    pub(super) insecure: bool,
}

impl Options {
    /// Refuses what contradicts itself.
    pub(super) fn checked(self, errors: &Errors) -> Security {
        let said = |option: &Option<LitBool>| option.as_ref().filter(|it| it.value).map(LitBool::span);
        let (tls, insecure) = (said(&self.tls), said(&self.insecure));
        if let (Some(_), Some(place)) = (tls, insecure) {
            errors.at_span(place, "`tls` and `insecure` contradict each other", "say one of them");
        }
        if let (None, Some(name)) = (tls, &self.server_name) {
            errors.at(
                name,
                "only a peer with a certificate has a name",
                "say `tls = true` as well, or leave `server_name` out",
            );
        }
        Security { tls: tls.is_some(), server_name: self.server_name, insecure: insecure.is_some() }
    }
}

/// Why nothing can be secured there, with this help.
pub(super) fn refusal(help: &'static str, place: Place) -> Option<Refusal> {
    match place {
        Place::Local | Place::Queue | Place::Task => {
            Some(("a queue never leaves the process: there is nothing to secure", help))
        }
        Place::Link(transport) | Place::Input(transport) if !transport.is_network() => {
            Some(("this path never leaves the host: there is nothing to encrypt", help))
        }
        Place::Link(_) | Place::Input(_) => None,
    }
}
