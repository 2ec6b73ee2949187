//! Who drives a router, and what of it lives where.

use super::model::{Route, Router};

impl Router {
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
