use std::sync::Arc;

use crate::link::Counter;

/// Counters of a router on a lane, as other threads read them.
#[derive(Clone, Debug)]
pub(crate) struct Published {
    /// For each service, its errors.
    pub(crate) errors: Vec<Arc<Counter>>,
    pub(crate) locals: Arc<PublishedLocals>,
}

/// Those of its `local` routes.
#[derive(Debug)]
pub struct PublishedLocals {
    /// For each route, what its policy dropped.
    pub(crate) dropped: Vec<Counter>,
    /// For each route, what was given up.
    pub(crate) abandoned: Vec<Counter>,
    pub(crate) drain_limits: Counter,
}

impl Published {
    pub(crate) fn new(services: usize, locals: usize) -> Self {
        let counters = |count: usize| (0..count).map(|_| Counter::default()).collect();
        let locals = PublishedLocals {
            dropped: counters(locals),
            abandoned: counters(locals),
            drain_limits: Counter::default(),
        };
        Self { errors: (0..services).map(|_| Arc::default()).collect(), locals: Arc::new(locals) }
    }
}

/// Sets a counter to what its owner has counted elsewhere.
pub(crate) fn raise(counter: &Counter, to: u64) {
    counter.add(to.saturating_sub(counter.get()));
}
