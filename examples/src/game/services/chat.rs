//! The chat of the players.

use contracts::game::{Announcement, Zone};
use mycelium_rt::service;

/// Keeps the latest announcement, and counts them all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chat {
    latest: String,
    zone: Option<Zone>,
    lines: u64,
}

#[service]
impl Chat {
    #[handle]
    fn on_announcement(&mut self, announcement: &Announcement) {
        self.latest.clear();
        self.latest.push_str(announcement.text());
        self.zone = announcement.zone();
        self.lines += 1;
    }
}

impl Chat {
    /// The latest announcement and its zone; empty before the first.
    pub fn latest(&self) -> (&str, Option<Zone>) {
        (&self.latest, self.zone)
    }

    /// Announcements so far.
    pub fn lines(&self) -> u64 {
        self.lines
    }
}
