use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Counts of a service under names of its own.
///
/// ```
/// use mycelium_rt::bus::Metrics;
///
/// let metrics = Metrics::default();
/// metrics.add("orders", 2);
/// metrics.set("depth", 7);
/// assert_eq!(metrics.snapshot(), [("depth", 7), ("orders", 2)]);
/// ```
#[derive(Debug, Default)]
pub struct Metrics(Mutex<BTreeMap<&'static str, u64>>);

impl Metrics {
    /// Adds to the count called `name`, which begins at zero and stays at its maximum once there.
    pub fn add(&self, name: &'static str, n: u64) {
        self.change(name, |count| count.saturating_add(n));
    }

    /// Sets the count called `name`.
    pub fn set(&self, name: &'static str, value: u64) {
        self.change(name, |_| value);
    }

    fn change(&self, name: &'static str, change: impl FnOnce(u64) -> u64) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(name).or_default();
        *count = change(*count);
    }

    /// All counts, by name.
    pub fn snapshot(&self) -> Vec<(&'static str, u64)> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.iter().map(|(name, count)| (*name, *count)).collect()
    }
}
