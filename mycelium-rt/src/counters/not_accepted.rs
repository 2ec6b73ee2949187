//! Messages that the peer of a link does not accept, each with its own count.

use core::sync::atomic::{AtomicBool, Ordering};
use std::sync::OnceLock;

use super::Counter;

/// A message that the peer of a link does not accept, since the peer does not know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotAccepted {
    /// The link.
    pub link: &'static str,
    /// The id of the message.
    pub id: u16,
    /// Its name.
    pub message: &'static str,
    /// How many were emitted, and not sent. All of them together are the link's
    /// [`not_accepted`](crate::link::LinkStats::not_accepted).
    pub count: u64,
    /// Whether the peer of today, or the last one, does not accept it. If not, only an earlier peer did not.
    pub is_current: bool,
}

/// What is known of each message of a link. Written by the thread that drives the link, readable from any.
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
    /// Takes the memory for these messages, once.
    pub(crate) fn begin(&self, messages: impl Iterator<Item = (u16, &'static str)>) {
        self.0.get_or_init(|| {
            let entry =
                |(id, message)| Entry { id, message, refused: AtomicBool::new(false), count: Counter::default() };
            messages.map(entry).collect()
        });
    }

    /// Whether a new peer does not accept the message at this place.
    pub(crate) fn note(&self, at: usize, refused: bool) {
        if let Some(entry) = self.get(at) {
            // Partner: `list`. Each stands for itself.
            entry.refused.store(refused, Ordering::Relaxed);
        }
    }

    /// The message at this place was not sent. Says its name.
    pub(crate) fn count(&self, at: usize) -> &'static str {
        self.get(at).map_or("", |entry| {
            entry.count.add(1);
            entry.message
        })
    }

    /// Those that are not accepted, or were not by an earlier peer.
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
