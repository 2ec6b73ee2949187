use crate::counters::{Counter, Group, LaneWords, LocalWords, ServiceWords};
use crate::link::Config;

/// Counters of a router, as other threads read them.
#[derive(Clone, Debug)]
pub(crate) struct Published {
    /// For each service, its errors.
    pub(crate) services: Box<[Group<ServiceWords>]>,
    pub(crate) locals: PublishedLocals,
}

/// Those of its `local` routes.
#[derive(Clone, Debug)]
pub struct PublishedLocals {
    /// For each route, what its policy dropped, and what was given up.
    pub(crate) routes: Box<[Group<LocalWords>]>,
    /// Where drains that stopped at their limit are counted.
    pub(crate) lane: Group<LaneWords>,
}

impl Published {
    pub(crate) fn new(config: &Config, services: usize, locals: usize, lane: Group<LaneWords>) -> Self {
        let routes = (0..locals).map(|_| config.words()).collect();
        Self { services: (0..services).map(|_| config.words()).collect(), locals: PublishedLocals { routes, lane } }
    }
}

/// Sets a counter to what its owner has counted elsewhere. Most often it has that value already, and is only read.
pub(crate) fn raise(counter: &Counter, to: u64) {
    let missing = to.saturating_sub(counter.get());
    if missing > 0 {
        counter.add(missing);
    }
}
