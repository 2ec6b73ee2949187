//! A router that has been checked: every name resolved.

use proc_macro2::{Ident, Span, TokenStream};
use syn::{Attribute, Expr, Path, Type, Visibility};

use super::tree::Policy;

/// What is expanded.
pub(super) struct Router {
    pub(super) runtime: TokenStream,
    pub(super) attributes: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) name: Ident,
    pub(super) contracts: Vec<Path>,
    /// In the order of direct calls.
    pub(super) services: Vec<Service>,
    pub(super) routes: Vec<Route>,
    pub(super) ignored: Vec<Path>,
    pub(super) excuses: Vec<Excuse>,
    pub(super) policy: Policy,
    pub(super) hook: Option<Expr>,
}

/// A service of the router.
pub(super) struct Service {
    pub(super) docs: Vec<Attribute>,
    pub(super) field: Ident,
    pub(super) ty: Type,
    /// Where it was named first.
    pub(super) place: Span,
}

/// The route of one message.
pub(super) struct Route {
    pub(super) message: Path,
    /// In snake case: what the router's method is called after `route_`.
    pub(super) name: String,
    pub(super) receivers: Vec<Receiver>,
    pub(super) place: Span,
}

/// Who gets a message, and how.
pub(super) struct Receiver {
    /// The index of the service.
    pub(super) service: usize,
    /// The room of its `local` route, or `None` for a direct call.
    pub(super) local: Option<usize>,
    pub(super) place: Span,
}

/// `journal: [Fill]`: a handler that no route needs to reach.
pub(super) struct Excuse {
    pub(super) service: usize,
    pub(super) message: Path,
    pub(super) place: Span,
}

impl Route {
    /// The receivers that are called directly, in order.
    pub(super) fn direct(&self) -> impl Iterator<Item = &Receiver> {
        self.receivers.iter().filter(|receiver| receiver.local.is_none())
    }

    /// How many receivers get it through the queue.
    pub(super) fn locals(&self) -> usize {
        self.receivers.iter().filter(|receiver| receiver.local.is_some()).count()
    }

    /// The receiver, if there is just one and it is called directly: only that may reply.
    pub(super) fn only_direct(&self) -> Option<&Receiver> {
        match self.receivers.as_slice() {
            [receiver] if receiver.local.is_none() => Some(receiver),
            _ => None,
        }
    }
}

impl Router {
    /// The tail of services that a route needs: all from its first direct receiver on. Who emits the message must stand
    /// before that.
    pub(super) fn first_receiver(&self, route: &Route) -> usize {
        route.direct().map(|receiver| receiver.service).min().unwrap_or(self.services.len())
    }

    /// Each `local` route in declared order, as the route and its receiver.
    pub(super) fn edges(&self) -> impl Iterator<Item = (&Route, &Receiver)> {
        self.routes.iter().flat_map(|route| {
            route.receivers.iter().filter(|receiver| receiver.local.is_some()).map(move |receiver| (route, receiver))
        })
    }

    /// Whether the `local` queue exists.
    pub(super) fn has_local(&self) -> bool {
        self.edges().next().is_some()
    }

    /// Whether an error keeps a message from its remaining receivers.
    pub(super) fn stops(&self) -> bool {
        self.policy != Policy::Continue
    }

    /// Whether anybody is told of a single error or loss; if not, they are only counted.
    pub(super) fn listens(&self) -> bool {
        self.hook.is_some() || self.propagates()
    }

    /// Whether `route_…` returns the first error.
    pub(super) fn propagates(&self) -> bool {
        self.policy == Policy::Propagate
    }
}
