//! Who drives a router, and what of it lives where.

use super::model::Router;

impl Router {
    /// Whether the router is driven by `poll`.
    pub(super) fn is_opened(&self) -> bool {
        self.has_ends() || !self.backs().is_empty()
    }

    /// Whether anything takes turns with the router's own struct: its only lane, or `poll`. Lanes that it names run another.
    pub(super) fn is_driven(&self) -> bool {
        self.lanes.is_empty() || self.is_opened()
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
        let is_called = |service: usize| self.routes.iter().any(|route| route.direct().any(|to| to == service));
        let later = |service: usize| service + 1..self.services.len();
        let gets_back = |service: &usize| {
            is_called(*service) && later(*service).any(|emitter| self.is_elsewhere(*service, emitter))
        };
        (0..self.services.len()).filter(gets_back).collect()
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
