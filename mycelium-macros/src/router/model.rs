//! A router that has been checked: every name resolved.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{Attribute, Expr, LitStr, Type, Visibility};

use super::options::lane::LaneOptions;
use super::options::values::{Batch, OnFull, OnPanic, Security, Unknown};
use super::transport::Transport;
use super::tree::Policy;
use crate::attributes;

/// What is expanded.
#[derive(Clone)]
pub(super) struct Router {
    pub(super) runtime: TokenStream,
    /// The runtime has lanes, so that the router can be started.
    pub(super) startable: bool,
    pub(super) attributes: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) name: Ident,
    pub(super) contracts: Vec<syn::Path>,
    /// In the order of direct calls.
    pub(super) services: Vec<Service>,
    /// In the order of first mention.
    pub(super) links: Vec<Link>,
    pub(super) inputs: Vec<Input>,
    /// In the order of their services.
    pub(super) queues: Vec<Queue>,
    pub(super) tasks: Vec<Task>,
    pub(super) routes: Vec<Route>,
    /// In declared order; empty if there is no such section.
    pub(super) lanes: Vec<Lane>,
    pub(super) ignored: Vec<syn::Path>,
    pub(super) allowed: Vec<AllowUnhandled>,
    pub(super) policy: Policy,
    pub(super) hook: Option<Expr>,
}

/// A service of the router.
#[derive(Clone)]
pub(super) struct Service {
    pub(super) docs: Vec<Attribute>,
    pub(super) field: Ident,
    pub(super) ty: Type,
    /// Its type could not be read: `ty` stands in for it.
    pub(super) unfinished: bool,
    /// Where it was named first.
    pub(super) span: Span,
}

/// A lane, and who lives on it.
#[derive(Clone)]
pub(super) struct Lane {
    pub(super) name: Ident,
    pub(super) options: LaneOptions,
    /// In declared order of the services.
    pub(super) services: Vec<usize>,
}

/// The route of one message.
#[derive(Clone)]
pub(super) struct Route {
    pub(super) message: syn::Path,
    /// In snake case: what the router's method is called after `route_`.
    pub(super) name: String,
    pub(super) receivers: Vec<Receiver>,
    pub(super) span: Span,
}

/// Who gets a message, by what path, and what else is said of that.
#[derive(Clone)]
pub(super) struct Receiver {
    pub(super) to: To,
    pub(super) via: Via,
    pub(super) attrs: Attrs,
    pub(super) span: Span,
}

/// Who gets a message; the numbers are indices.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum To {
    Service(usize),
    Link(usize),
}

/// The path to a receiver.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Via {
    pub(super) path: Path,
    /// How many messages this route may have waiting, where any wait.
    pub(super) room: usize,
    pub(super) on_full: OnFull,
}

/// The kinds of paths.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Path {
    Direct,
    Local,
    Queue,
    Task,
    /// What a link says of itself it says once for all routes.
    Link,
}

/// What else is said of a receiver. Nobody looks at it but the step that honours it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Attrs {
    pub(super) batch: Option<Batch>,
    pub(super) on_panic: Option<OnPanic>,
}

impl Via {
    /// A path on which nothing waits, or nothing that this route has a say in.
    pub(super) fn straight(path: Path) -> Self {
        Self { path, room: 0, on_full: OnFull::Block }
    }
}

/// A `local` route.
#[derive(Clone, Copy)]
pub(super) struct Edge<'a> {
    pub(super) route: &'a Route,
    pub(super) receiver: &'a Receiver,
    pub(super) service: usize,
    pub(super) room: usize,
    pub(super) on_full: OnFull,
}

impl Receiver {
    /// The index of the service, unless this is a link.
    pub(super) fn service(&self) -> Option<usize> {
        match self.to {
            To::Service(service) => Some(service),
            To::Link(_) => None,
        }
    }

    /// The index of the service, if it is reached by this path.
    pub(super) fn by(&self, path: Path) -> Option<usize> {
        self.service().filter(|_| self.via.path == path)
    }

    /// The index of the service, if it is called directly.
    pub(super) fn direct(&self) -> Option<usize> {
        self.by(Path::Direct)
    }
}

/// Where messages leave the process.
#[derive(Clone)]
pub(super) struct Link {
    pub(super) name: Ident,
    pub(super) transport: Transport,
    pub(super) address: LitStr,
    pub(super) on_full: OnFull,
    pub(super) batch: Batch,
    pub(super) slots: Option<u32>,
    pub(super) security: Security,
}

/// Where messages enter the process.
#[derive(Clone)]
pub(super) struct Input {
    pub(super) name: Ident,
    pub(super) transport: Transport,
    pub(super) address: LitStr,
    pub(super) unknown: Option<Unknown>,
    pub(super) security: Security,
    /// Indices of the routes of its messages.
    pub(super) routes: Vec<usize>,
    /// The lane that polls it; the first where there are none.
    pub(super) lane: usize,
}

/// The queue before a service.
#[derive(Clone)]
pub(super) struct Queue {
    pub(super) service: usize,
    /// The rooms of all routes that lead through it.
    pub(super) room: usize,
}

/// The task that a service runs behind.
#[derive(Clone)]
pub(super) struct Task {
    pub(super) service: usize,
    /// With the rooms of all routes that lead to it.
    pub(super) via: Via,
    pub(super) attrs: Attrs,
}

impl Attrs {
    /// What two routes to one task say of it; `None` if that is not the same. What follows a panic need be said only once.
    pub(super) fn and(self, other: Self) -> Option<Self> {
        let on_panic = match (self.on_panic, other.on_panic) {
            (Some(one), Some(another)) if one != another => return None,
            (said, otherwise) => said.or(otherwise),
        };
        (self.batch() == other.batch()).then_some(Self { on_panic, ..self })
    }

    /// When what sends to the receiver writes.
    pub(super) fn batch(self) -> Batch {
        self.batch.unwrap_or(Batch::LowLatency)
    }
}

/// `journal: [Fill]`: a handler that no route needs to reach.
#[derive(Clone)]
pub(super) struct AllowUnhandled {
    pub(super) service: usize,
    pub(super) message: syn::Path,
    pub(super) span: Span,
}

impl Route {
    /// The services that are called directly, in order.
    pub(super) fn direct(&self) -> impl Iterator<Item = usize> {
        self.receivers.iter().filter_map(Receiver::direct)
    }

    /// The receiver by which the service at `index` gets it through its queue.
    pub(super) fn queued_to(&self, index: usize) -> Option<&Receiver> {
        self.receivers.iter().find(|receiver| receiver.by(Path::Queue) == Some(index))
    }

    /// Whether the service at `index` gets it, in whatever way.
    pub(super) fn leads_to(&self, index: usize) -> bool {
        self.receivers.iter().any(|receiver| receiver.service() == Some(index))
    }

    /// How many receivers get it through the queue.
    pub(super) fn locals(&self) -> usize {
        self.receivers.iter().filter(|receiver| receiver.by(Path::Local).is_some()).count()
    }

    /// The receiver and its service, if there is just one and it is called directly: only that may reply.
    pub(super) fn only_direct(&self) -> Option<(&Receiver, usize)> {
        match self.receivers.as_slice() {
            [receiver] => receiver.direct().map(|service| (receiver, service)),
            _ => None,
        }
    }
}

impl Router {
    /// What stands above each item of the expansion: the conditions and the levels of lints that its user has given the router.
    pub(super) fn above(&self) -> TokenStream {
        let (conditions, lints) = (attributes::conditions(&self.attributes), attributes::lints(&self.attributes));
        quote!(#(#conditions)* #(#lints)*)
    }

    /// The tail of services that a route needs: all from its first direct receiver on. Who emits the message must stand
    /// before that.
    pub(super) fn first_receiver(&self, route: &Route) -> usize {
        route.direct().min().unwrap_or(self.services.len())
    }

    /// Each `local` route in declared order, as the route and its receiver.
    pub(super) fn edges(&self) -> impl Iterator<Item = Edge<'_>> {
        self.routes.iter().flat_map(|route| {
            route.receivers.iter().filter_map(move |receiver| {
                let (service, Via { room, on_full, .. }) = (receiver.by(Path::Local)?, receiver.via);
                Some(Edge { route, receiver, service, room, on_full })
            })
        })
    }

    /// The most groups of counters that the whole router has, rings between lanes and further lanes aside: a lane's, one for each service and
    /// each `local` route, one for each end of a link, an input or a queue, and four for a task.
    pub(super) fn groups(&self) -> usize {
        let ends = self.links.len() + self.inputs.len() + 2 * (self.queues.len() + self.backs().len());
        1 + self.services.len() + self.edges().count() + ends + 4 * self.tasks.len()
    }

    /// Whether the `local` queue exists.
    pub(super) fn has_local(&self) -> bool {
        self.edges().next().is_some()
    }

    /// How many messages may wait in the `local` queue.
    pub(super) fn local_room(&self) -> usize {
        self.edges().map(|edge| edge.room).sum()
    }

    /// The indices of the services that the router calls itself, from `first` on.
    pub(super) fn held(&self, first: usize) -> impl Iterator<Item = usize> {
        (first..self.services.len()).filter(|service| !self.is_task(*service))
    }

    /// Whether the service at `index` runs behind its task.
    pub(super) fn is_task(&self, index: usize) -> bool {
        self.tasks.iter().any(|task| task.service == index)
    }

    /// Whether the router has ends that must be opened.
    pub(super) fn has_ends(&self) -> bool {
        !(self.links.is_empty() && self.inputs.is_empty() && self.queues.is_empty() && self.tasks.is_empty())
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

    /// Whether the router is driven by `poll`.
    pub(super) fn is_opened(&self) -> bool {
        self.has_ends() || !self.backs().is_empty()
    }

    /// Whether anything takes turns with the router's own struct: its only lane, or `poll`. Lanes that it names run another.
    pub(super) fn is_driven(&self) -> bool {
        self.is_opened() || (self.startable && self.lanes.is_empty())
    }

    /// Whether it sends by anything: ends, or rings between lanes.
    pub(super) fn holds_ends(&self) -> bool {
        !self.lanes.is_empty() || self.is_opened()
    }

    /// The services that, in one thread, may get messages back from later ones, which live on other lanes.
    pub(super) fn backs(&self) -> Vec<usize> {
        if self.lanes.len() < 2 {
            return Vec::new();
        }
        let mut is_called = vec![false; self.services.len()];
        self.routes.iter().flat_map(Route::direct).for_each(|service| is_called[service] = true);
        let mut lanes: Vec<Option<usize>> = vec![None; self.services.len()];
        for (index, lane) in self.lanes.iter().enumerate() {
            lane.services.iter().for_each(|service| lanes[*service] = Some(index));
        }
        // The lanes of the services behind the one that is looked at.
        let mut behind = vec![false; self.lanes.len()];
        let mut backs = Vec::new();
        for service in (0..self.services.len()).rev() {
            let Some(lane) = lanes[service] else { continue };
            let is_other = |(other, is_there): (usize, &bool)| *is_there && other != lane;
            if is_called[service] && behind.iter().enumerate().any(is_other) {
                backs.push(service);
            }
            behind[lane] = true;
        }
        backs.reverse();
        backs
    }

    /// Whether both services live on lanes, and not on the same one.
    pub(super) fn is_elsewhere(&self, service: usize, other: usize) -> bool {
        matches!((self.lane_of(service), self.lane_of(other)), (Some(lane), Some(other)) if lane != other)
    }

    /// The lane that a service lives on.
    pub(super) fn lane_of(&self, service: usize) -> Option<usize> {
        self.lanes.iter().position(|lane| lane.services.contains(&service))
    }
}
