//! A checked router: every name is resolved.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{Attribute, Expr, ExprClosure, LitStr, Type, Visibility};

use super::options::lane::LaneOptions;
use super::options::values::{Batch, OnFull, OnPanic, Security, Unknown};
use super::pace::Pace;
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
    /// Its type could not be read: `ty` is a placeholder.
    pub(super) unfinished: bool,
    /// That of its first mention.
    pub(super) span: Span,
}

/// A lane and its services.
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
    /// In snake case: the name of the router's method after `route_`.
    pub(super) name: String,
    pub(super) receivers: Vec<Receiver>,
    pub(super) span: Span,
}

/// Who gets a message, by which path and with which attributes.
#[derive(Clone)]
pub(super) struct Receiver {
    pub(super) to: To,
    pub(super) via: Via,
    pub(super) attrs: Attrs,
    /// Which messages it gets; all if there is none.
    pub(super) condition: Option<Expr>,
    /// How often; all if there is none.
    pub(super) pace: Option<Pace>,
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
    /// How many messages of this route may wait, where any wait.
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
    /// The options of a link are given once for all routes.
    Link,
}

/// Further options of a receiver. Only the step that applies them reads them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Attrs {
    pub(super) batch: Option<Batch>,
    pub(super) on_panic: Option<OnPanic>,
}

impl Via {
    /// A path without a queue, or one whose queue is not an option of this route.
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

/// A receiver with a pace.
#[derive(Clone, Copy)]
pub(super) struct Paced<'a> {
    pub(super) route: &'a Route,
    pub(super) receiver: &'a Receiver,
    pub(super) pace: &'a Pace,
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
    /// How `on_full = latest` finds the key of a message.
    pub(super) key: Option<ExprClosure>,
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
    /// Which of these messages it takes, for each route; all if there is none.
    pub(super) conditions: Vec<Option<Expr>>,
    /// The lane that polls it; the first where there are none.
    pub(super) lane: usize,
}

/// The queue before a service.
#[derive(Clone)]
pub(super) struct Queue {
    pub(super) service: usize,
    /// The sum of the rooms of its routes.
    pub(super) room: usize,
}

/// The task that a service runs behind.
#[derive(Clone)]
pub(super) struct Task {
    pub(super) service: usize,
    /// Its room is the sum of the rooms of its routes.
    pub(super) via: Via,
    pub(super) attrs: Attrs,
}

impl Input {
    /// Whether it turns messages away.
    pub(super) fn filters(&self) -> bool {
        self.conditions.iter().any(Option::is_some)
    }

    /// Which messages of a route it takes; none if it takes all.
    pub(super) fn condition(&self, route: usize) -> Option<&Expr> {
        let index = self.routes.iter().position(|other| *other == route)?;
        self.conditions[index].as_ref()
    }
}

impl Attrs {
    /// The options of a task from two of its routes; none if they differ. `on_panic` need be given only once.
    pub(super) fn and(self, other: Self) -> Option<Self> {
        let on_panic = match (self.on_panic, other.on_panic) {
            (Some(one), Some(another)) if one != another => return None,
            (one, other) => one.or(other),
        };
        (self.batch() == other.batch()).then_some(Self { on_panic, ..self })
    }

    /// When the sender to this receiver writes.
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

    /// The receiver by which the service at `index` gets it from its queue.
    pub(super) fn queued_to(&self, index: usize) -> Option<&Receiver> {
        self.receivers.iter().find(|receiver| receiver.by(Path::Queue) == Some(index))
    }

    /// Whether the service at `index` gets it, by any path.
    pub(super) fn leads_to(&self, index: usize) -> bool {
        self.receivers.iter().any(|receiver| receiver.service() == Some(index))
    }

    /// The number of receivers that get it `via local`.
    pub(super) fn locals(&self) -> usize {
        self.receivers.iter().filter(|receiver| receiver.by(Path::Local).is_some()).count()
    }

    /// The service, if it is the only receiver and called directly.
    pub(super) fn only_direct(&self) -> Option<usize> {
        match self.receivers.as_slice() {
            [receiver] => receiver.direct(),
            _ => None,
        }
    }

    /// The receiver and its service, if it may reply: it is called directly, and is the only one, with every message.
    pub(super) fn answerer(&self) -> Option<(&Receiver, usize)> {
        let gets_all = |receiver: &&Receiver| receiver.condition.is_none() && receiver.pace.is_none();
        let receiver = self.receivers.first().filter(gets_all)?;
        self.only_direct().map(|service| (receiver, service))
    }
}

impl Router {
    /// The attributes of each item of the expansion: the conditions and lint levels that the user gave the router.
    pub(super) fn above(&self) -> TokenStream {
        let (conditions, lints) = (attributes::conditions(&self.attributes), attributes::lints(&self.attributes));
        quote!(#(#conditions)* #(#lints)*)
    }

    /// The index of the first direct receiver of a route. Emitters of the message must come before it.
    pub(super) fn first_receiver(&self, route: &Route) -> usize {
        route.direct().min().unwrap_or(self.services.len())
    }

    /// Each `local` route, in declared order.
    pub(super) fn edges(&self) -> impl Iterator<Item = Edge<'_>> {
        self.routes.iter().flat_map(|route| {
            route.receivers.iter().filter_map(move |receiver| {
                let (service, Via { room, on_full, .. }) = (receiver.by(Path::Local)?, receiver.via);
                Some(Edge { route, receiver, service, room, on_full })
            })
        })
    }

    /// Each receiver with a pace, in declared order.
    pub(super) fn paced(&self) -> impl Iterator<Item = Paced<'_>> {
        self.routes.iter().flat_map(|route| {
            let receivers = route.receivers.iter();
            receivers.filter_map(move |receiver| Some(Paced { route, receiver, pace: receiver.pace.as_ref()? }))
        })
    }

    /// Whether several lanes may put messages into one queue. Its pace is then where they are taken out.
    pub(super) fn paces_behind_queues(&self) -> bool {
        self.lanes.len() > 1
    }

    /// The most groups of counters that the router has, without rings between lanes and further lanes: one for a lane, for each service, for each
    /// `local` route, for each pace and for each end of a link, an input or a queue, and four for each task.
    pub(super) fn groups(&self) -> usize {
        let ends = self.links.len() + self.inputs.len() + 2 * (self.queues.len() + self.back_edges().len());
        1 + self.services.len() + self.edges().count() + self.paced().count() + ends + 4 * self.tasks.len()
    }

    /// Whether the `local` queue exists.
    pub(super) fn has_local(&self) -> bool {
        self.edges().next().is_some()
    }

    /// How many messages may wait in the `local` queue.
    pub(super) fn local_room(&self) -> usize {
        self.edges().map(|edge| edge.room).sum()
    }

    /// The indices of the services that the router calls itself: those that run behind no task.
    pub(super) fn without_task(&self) -> impl Iterator<Item = usize> {
        (0..self.services.len()).filter(|service| !self.is_task(*service))
    }

    /// Whether the service at `index` runs behind its task.
    pub(super) fn is_task(&self, index: usize) -> bool {
        self.tasks.iter().any(|task| task.service == index)
    }

    /// Whether it has ends that must be opened.
    pub(super) fn has_ends(&self) -> bool {
        !(self.links.is_empty() && self.inputs.is_empty() && self.queues.is_empty() && self.tasks.is_empty())
    }

    /// Whether an error keeps a message from its remaining receivers.
    pub(super) fn stops(&self) -> bool {
        self.policy != Policy::Continue
    }

    /// Whether single errors and losses are reported to a hook or the caller. If not, they are only counted.
    pub(super) fn reports(&self) -> bool {
        self.hook.is_some() || self.propagates()
    }

    /// Whether `route_…` returns the first error.
    pub(super) fn propagates(&self) -> bool {
        self.policy == Policy::Propagate
    }

    /// Whether its owner opens it and drives it by `poll`.
    pub(super) fn is_opened(&self) -> bool {
        self.has_ends() || !self.back_edges().is_empty() || (self.startable && self.paced().next().is_some())
    }

    /// Whether the router's own struct is driven: by its only lane, or by `poll`. Lanes that it names run another struct.
    pub(super) fn is_driven(&self) -> bool {
        self.is_opened() || (self.startable && self.lanes.is_empty())
    }

    /// Whether it has sending ends: of links, queues, tasks, or rings between lanes.
    pub(super) fn holds_ends(&self) -> bool {
        !self.lanes.is_empty() || self.is_opened()
    }

    /// The services that may get messages from later services on other lanes. Where one thread drives the router, these go back through queues.
    pub(super) fn back_edges(&self) -> Vec<usize> {
        if self.lanes.len() < 2 {
            return Vec::new();
        }
        let mut is_called = vec![false; self.services.len()];
        self.routes.iter().flat_map(Route::direct).for_each(|service| is_called[service] = true);
        let mut lanes: Vec<Option<usize>> = vec![None; self.services.len()];
        for (index, lane) in self.lanes.iter().enumerate() {
            lane.services.iter().for_each(|service| lanes[*service] = Some(index));
        }
        // The lanes of the services after this one.
        let mut after = vec![false; self.lanes.len()];
        let mut back_edges = Vec::new();
        for service in (0..self.services.len()).rev() {
            let Some(lane) = lanes[service] else { continue };
            let is_other = |(other, is_there): (usize, &bool)| *is_there && other != lane;
            if is_called[service] && after.iter().enumerate().any(is_other) {
                back_edges.push(service);
            }
            after[lane] = true;
        }
        back_edges.reverse();
        back_edges
    }

    /// Whether the services run on two different lanes.
    pub(super) fn is_elsewhere(&self, service: usize, other: usize) -> bool {
        matches!((self.lane_of(service), self.lane_of(other)), (Some(lane), Some(other)) if lane != other)
    }

    /// The lane that a service runs on.
    pub(super) fn lane_of(&self, service: usize) -> Option<usize> {
        self.lanes.iter().position(|lane| lane.services.contains(&service))
    }
}
