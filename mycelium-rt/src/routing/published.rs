use crate::counters::{Block, Counter, Group, LaneWords, LocalWords, ServiceWords};

/// Counters of a router, as other threads read them.
#[derive(Clone, Debug)]
pub(crate) struct Published {
    /// For each service, its errors; none for one that is on another lane.
    pub(crate) services: Box<[Option<Group<ServiceWords>>]>,
    pub(crate) locals: PublishedLocals,
}

/// Those of its `local` routes.
#[derive(Clone, Debug)]
pub struct PublishedLocals {
    /// For each route, what its policy dropped, and what was given up; none for one that is on another lane.
    pub(crate) routes: Box<[Option<Group<LocalWords>>]>,
    /// Where drains that stopped at their limit are counted.
    pub(crate) lane: Group<LaneWords>,
}

impl Published {
    /// Of the services and routes that are here, a flag for each.
    pub(crate) fn new(block: Option<&Block>, services: &[bool], locals: &[bool], lane: Group<LaneWords>) -> Self {
        let routes = locals.iter().map(|is_here| is_here.then(|| Group::of(block))).collect();
        let services = services.iter().map(|is_here| is_here.then(|| Group::of(block))).collect();
        Self { services, locals: PublishedLocals { routes, lane } }
    }
}

/// Sets a counter to what its owner has counted elsewhere. Most often it has that value already, and is only read.
pub(crate) fn raise(counter: &Counter, to: u64) {
    let missing = to.saturating_sub(counter.get());
    if missing > 0 {
        counter.add(missing);
    }
}
