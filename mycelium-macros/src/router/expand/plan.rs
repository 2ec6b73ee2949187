//! What all parts of an expansion share: names, and the order of things.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};

use crate::names::{Fresh, camel_case, ident, plain};
use crate::places::at;
use crate::router::model::{Receiver, Route, Router};
use crate::router::paths;

/// The router, and the names chosen for what it needs.
pub(super) struct Plan<'a> {
    pub(super) router: &'a Router,
    /// `contexts[k]` borrows the services from `k` on: `contexts[0]` all of them, `contexts[k + 1]` those after `k`.
    pub(super) contexts: Vec<Ident>,
    /// The messages that wait in the router; named only if there are any.
    pub(super) local: Ident,
    /// For each route, whether its deliveries are inlined on every path.
    pub(super) forced: Vec<bool>,
    pub(super) services: Ident,
    pub(super) edges: Ident,
    pub(super) fail: Ident,
    pub(super) lose: Ident,
    pub(super) drain: Ident,
    pub(super) failed: Ident,
    pub(super) failed_among: Ident,
    pub(super) locals: Locals,
}

/// The local variables that stand beside the services of a router.
pub(super) struct Locals {
    pub(super) message: Ident,
    pub(super) emission: Ident,
    pub(super) error: Ident,
    pub(super) edge: Ident,
    pub(super) first: Ident,
    pub(super) any: Ident,
    pub(super) budget: Ident,
    pub(super) router: Ident,
}

impl Locals {
    fn new(fresh: &mut Fresh) -> Self {
        Self {
            message: fresh.name("message"),
            emission: fresh.name("emission"),
            error: fresh.name("error"),
            edge: fresh.name("edge"),
            first: fresh.name("first"),
            any: fresh.name("any_failed"),
            budget: fresh.name("budget"),
            router: fresh.name("router"),
        }
    }
}

impl<'a> Plan<'a> {
    pub(super) fn new(router: &'a Router, input: &TokenStream) -> Self {
        let mut fresh = Fresh::beside(input);
        let after = router.services.iter().map(|service| format!("After{}", camel_case(&plain(&service.field))));
        Self {
            router,
            contexts: std::iter::once("Entry".to_owned()).chain(after).map(|name| fresh.name(&name)).collect(),
            local: fresh.name(&format!("__{}Local", plain(&router.name))),
            forced: paths::forced(router),
            services: fresh.name("SERVICES"),
            edges: fresh.name("EDGES"),
            fail: fresh.name("fail"),
            lose: fresh.name("lose"),
            drain: fresh.name("drain"),
            failed: fresh.name("failed"),
            failed_among: fresh.name("failed_among"),
            locals: Locals::new(&mut fresh),
        }
    }

    pub(super) fn runtime(&self) -> &TokenStream {
        &self.router.runtime
    }

    /// The hidden half of the runtime's interface.
    pub(super) fn private(&self) -> TokenStream {
        let runtime = self.runtime();
        quote!(#runtime::routing::__private)
    }

    /// The field of a service, at a place where no lint looks.
    pub(super) fn field(&self, service: usize) -> Ident {
        let field = &self.router.services[service].field;
        let mut field = field.clone();
        field.set_span(Span::call_site());
        field
    }

    /// `execution, risk, __core`: what the context of the services from `first` on holds.
    pub(super) fn tail(&self, first: usize) -> TokenStream {
        let fields = (first..self.router.services.len()).map(|service| self.field(service));
        let first_error = self.router.propagates().then(|| quote!(, __first));
        quote!(#(#fields,)* __core #first_error)
    }

    /// The same as a pattern for a context or the router, which may hold more.
    pub(super) fn tail_pattern(&self, first: usize, of: usize) -> TokenStream {
        let tail = self.tail(first);
        if first == of { quote!(#tail) } else { quote!(#tail, ..) }
    }

    /// The type of the router's own state.
    pub(super) fn core(&self) -> TokenStream {
        let private = self.private();
        let services = self.router.services.len();
        let queue = match self.router.has_local() {
            false => quote!(#private::NoLocal),
            true => {
                let local = &self.local;
                let edges = self.router.edges().count();
                let capacity: usize = self.router.edges().filter_map(|(_, receiver)| receiver.local).sum();
                quote!(#private::LocalQueue<#local, #edges, #capacity>)
            }
        };
        quote!(#private::Core<#queue, #services>)
    }

    /// The index of the `local` route that leads `route` to `receiver`.
    pub(super) fn edge_index(&self, route: &Route, receiver: &Receiver) -> usize {
        self.router
            .edges()
            .take_while(|(other, edge)| !(std::ptr::eq(*other, route) && std::ptr::eq(*edge, receiver)))
            .count()
    }

    /// `BreachToSpread`: the variant of that route.
    pub(super) fn edge_variant(&self, route: &Route, receiver: &Receiver) -> Ident {
        let service = plain(&self.router.services[receiver.service].field);
        format_ident!("{}To{}", camel_case(&route.name), camel_case(&service))
    }

    /// How deliveries of a message are inlined.
    pub(super) fn inline(&self, route: &Route) -> TokenStream {
        let forced =
            self.router.routes.iter().zip(&self.forced).any(|(other, forced)| *forced && std::ptr::eq(other, route));
        if forced { quote!(#[inline(always)]) } else { quote!(#[inline]) }
    }

    /// Whether copies of one message may have to be taken back out of the queue.
    pub(super) fn skips(&self) -> bool {
        self.router.stops() && self.router.routes.iter().any(|route| route.locals() > 1)
    }
}

/// The name of the method that routes a message.
pub(super) fn route_method(route: &Route) -> Ident {
    ident(&format!("route_{}", route.name), at(route.place))
}

/// Names of types in documentation, without the spaces of a token stream.
pub(super) fn doc_name(tokens: &impl ToTokens) -> String {
    crate::router::check::text(tokens)
}
