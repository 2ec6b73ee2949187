//! What one turn of an input has taken.

use super::Counters;

/// Messages of one turn, which are counted when it ends, also by a panic of who takes them.
#[derive(Debug)]
pub(crate) struct Taken<'a> {
    counters: &'a Counters,
    /// Messages accepted, the one at hand included.
    pub(crate) messages: usize,
    /// Messages that this side does not know, given to a hook.
    pub(crate) unknown: usize,
    /// Bytes of these messages, where they are not counted as they are read.
    pub(crate) bytes: u64,
    /// Numbers that are missing before them.
    pub(crate) gaps: u64,
}

impl<'a> Taken<'a> {
    #[inline(always)]
    pub(crate) fn new(counters: &'a Counters) -> Self {
        Self { counters, messages: 0, unknown: 0, bytes: 0, gaps: 0 }
    }

    /// All messages that were taken in, whoever got them.
    #[inline(always)]
    pub(crate) fn all(&self) -> usize {
        self.messages + self.unknown
    }
}

impl Drop for Taken<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.all() > 0 || self.gaps > 0 {
            self.counters.received.add(self.messages as u64);
            self.counters.unknown.add(self.unknown as u64);
            self.counters.bytes_received.add(self.bytes);
            self.counters.add_gaps(self.gaps);
        }
    }
}
