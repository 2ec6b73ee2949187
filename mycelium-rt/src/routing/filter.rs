//! What `if` does in a route: the condition is asked before the message is handed over.

use crate::counters::Counters;

/// Whether the message fulfils the condition. It gives the closure its type, so that its user need not write one.
#[inline(always)]
pub fn holds<M>(message: &M, condition: impl FnOnce(&M) -> bool) -> bool {
    condition(message)
}

/// Counts messages that were turned away at an end.
#[inline]
pub fn count_filtered(counters: &Counters, messages: u64) {
    counters.filtered.add(messages);
}
