/// What a router has counted since it was made; a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Handlers that returned an error, over all services.
    pub handler_errors: u64,
    /// Messages lost because a `local` queue was full, or because draining stopped at its limit; over all routes.
    pub local_lost: u64,
    /// Top-level calls after which the `local` queue was not empty even after 1,000,000 deliveries.
    pub drain_limits: u64,
    /// Each service, in declared order.
    pub services: Vec<ServiceStats>,
    /// Each route `via local`, in declared order.
    pub locals: Vec<LocalStats>,
}

impl Stats {
    /// The counters of the service that the router calls `name`.
    pub fn service(&self, name: &str) -> Option<&ServiceStats> {
        self.services.iter().find(|stats| stats.service == name)
    }

    /// The counters of the `local` route that leads `message` to `service`.
    pub fn local(&self, message: &str, service: &str) -> Option<&LocalStats> {
        self.locals.iter().find(|stats| stats.message == message && stats.service == service)
    }
}

/// The counters of one service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceStats {
    /// The service, as the router calls it.
    pub service: &'static str,
    /// Handlers that returned an error.
    pub handler_errors: u64,
}

impl ServiceStats {
    pub(super) fn new(service: &'static str, handler_errors: u64) -> Self {
        Self { service, handler_errors }
    }
}

/// The counters of one route `via local`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LocalStats {
    /// The message.
    pub message: &'static str,
    /// The receiving service, as the router calls it.
    pub service: &'static str,
    /// The share of the queue that is this route's, in messages.
    pub capacity: usize,
    /// Messages lost because the share was full, or because draining stopped at its limit.
    pub lost: u64,
}
