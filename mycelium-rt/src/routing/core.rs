use super::local::{Edge, LocalQueue, NoLocal, Waiting};
use super::{ServiceStats, Stats};

/// What a router holds beside its services: counters, and the queue of its `local` routes.
#[derive(Clone, Debug)]
pub struct Core<L, const SERVICES: usize> {
    handler_errors: [u64; SERVICES],
    /// The queue of the `local` routes.
    pub local: L,
}

impl<L: Default, const SERVICES: usize> Default for Core<L, SERVICES> {
    fn default() -> Self {
        Self { handler_errors: [0; SERVICES], local: L::default() }
    }
}

impl<L, const SERVICES: usize> Core<L, SERVICES> {
    /// Counts an error of the service at `index`.
    pub fn count_error(&mut self, index: usize) {
        if let Some(errors) = self.handler_errors.get_mut(index) {
            *errors += 1;
        }
    }

    fn service_stats(&self, services: &[&'static str; SERVICES]) -> Stats {
        Stats {
            handler_errors: self.handler_errors.iter().sum(),
            services: services
                .iter()
                .zip(self.handler_errors)
                .map(|(name, errors)| ServiceStats::new(name, errors))
                .collect(),
            ..Stats::default()
        }
    }
}

impl<const SERVICES: usize> Core<NoLocal, SERVICES> {
    /// A snapshot of the counters.
    pub fn stats(&self, services: &[&'static str; SERVICES], _edges: &[Edge; 0]) -> Stats {
        self.service_stats(services)
    }
}

impl<T: Waiting, const EDGES: usize, const CAPACITY: usize, const SERVICES: usize>
    Core<LocalQueue<T, EDGES, CAPACITY>, SERVICES>
{
    /// A snapshot of the counters.
    pub fn stats(&self, services: &[&'static str; SERVICES], edges: &[Edge; EDGES]) -> Stats {
        let mut stats = self.service_stats(services);
        stats.locals.extend(self.local.stats(edges));
        stats.local_lost = stats.locals.iter().map(|local| local.lost).sum();
        stats.drain_limits = self.local.drain_limits();
        stats
    }
}
