//! Names that are chosen for an expansion, so that they are like none of its user's.

use proc_macro2::Ident;

use crate::names::{Fresh, plain};
use crate::router::model::Router;

/// The constants that say which lanes send to which.
#[derive(Clone)]
pub(super) struct Topology {
    pub(super) described: Ident,
    pub(super) solved: Ident,
    pub(super) rings: Ident,
    /// What closes a circle of lanes.
    pub(super) circle: Ident,
    /// What each service is while it is nowhere.
    pub(super) parts: Ident,
}

impl Topology {
    pub(super) fn new(router: &Router, fresh: &mut Fresh) -> Self {
        let name = plain(&router.name);
        Self {
            described: fresh.name("__TOPOLOGY"),
            solved: fresh.name("__SOLVED"),
            rings: fresh.name("__RINGS"),
            circle: fresh.name("__CIRCLE"),
            parts: fresh.name(&format!("__PartsOf{name}")),
        }
    }
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
    /// The context.
    pub(super) cx: Ident,
    pub(super) taken: Ident,
    pub(super) queued: Ident,
    /// Whether an error has ended the turn.
    pub(super) stopped: Ident,
    pub(super) id: Ident,
    pub(super) body: Ident,
}

impl Locals {
    pub(super) fn new(fresh: &mut Fresh) -> Self {
        Self {
            message: fresh.name("__message"),
            emission: fresh.name("__emission"),
            error: fresh.name("__error"),
            edge: fresh.name("__edge"),
            first: fresh.name("__first_error"),
            any: fresh.name("__any_failed"),
            budget: fresh.name("__budget"),
            cx: fresh.name("__cx"),
            taken: fresh.name("__taken"),
            queued: fresh.name("__queued"),
            stopped: fresh.name("__stopped"),
            id: fresh.name("__id"),
            body: fresh.name("__body"),
        }
    }
}
