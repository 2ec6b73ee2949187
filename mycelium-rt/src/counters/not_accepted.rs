//! Messages that the peer of a link does not accept, with a count for each.

use core::sync::atomic::{AtomicBool, Ordering};
use std::sync::OnceLock;

use super::Counter;

/// A message that the peer of a link does not accept, because the peer does not know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotAccepted {
    /// The link.
    pub link: &'static str,
    /// The id of the message.
    pub id: u16,
    /// Its name.
    pub message: &'static str,
    /// The number of messages that were emitted but not sent. The sum over all messages is the link's
    /// [`not_accepted`](crate::link::LinkStats::not_accepted).
    pub count: u64,
    /// Whether the current peer, or the last one, does not accept it. If false, only an earlier peer did not.
    pub is_current: bool,
}

/// Whether each message of a link is accepted. Written by the thread that drives the link, readable from any thread.
#[derive(Debug, Default)]
pub(crate) struct PerMessage(OnceLock<Box<[Entry]>>);

#[derive(Debug)]
struct Entry {
    id: u16,
    message: &'static str,
    refused: AtomicBool,
    count: Counter,
}

impl PerMessage {
    /// Allocates the memory for these messages, once.
    pub(crate) fn begin(&self, messages: impl Iterator<Item = (u16, &'static str)>) {
        self.0.get_or_init(|| {
            let entry =
                |(id, message)| Entry { id, message, refused: AtomicBool::new(false), count: Counter::default() };
            messages.map(entry).collect()
        });
    }

    /// Notes whether a new peer refuses the message at this index.
    pub(crate) fn note(&self, at: usize, refused: bool) {
        if let Some(entry) = self.get(at) {
            // Partner: `list`. Entries are independent of one another.
            entry.refused.store(refused, Ordering::Relaxed);
        }
    }

    /// Counts a message that was not sent, by its index. Returns its name.
    pub(crate) fn count(&self, at: usize) -> &'static str {
        self.get(at).map_or("", |entry| {
            entry.count.add(1);
            entry.message
        })
    }

    /// The messages that the current peer does not accept, or an earlier one did not.
    pub(crate) fn list(&self, link: &'static str) -> Vec<NotAccepted> {
        let entries = self.0.get().into_iter().flatten();
        let listed = entries.filter_map(|entry| {
            // Partner: `note`.
            let (count, is_current) = (entry.count.get(), entry.refused.load(Ordering::Relaxed));
            let it = NotAccepted { link, id: entry.id, message: entry.message, count, is_current };
            (count > 0 || is_current).then_some(it)
        });
        listed.collect()
    }

    fn get(&self, at: usize) -> Option<&Entry> {
        self.0.get()?.get(at)
    }
}
