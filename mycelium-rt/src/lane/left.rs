//! What a system did not deliver before its deadline.

use std::fmt::{self, Display};

/// Messages that were accepted but not delivered when a system ended, by the place where they were.
///
/// Normally it is empty: without a deadline that passes, and without a lane that stopped by itself, everything is delivered.
///
/// ```
/// use mycelium_rt::lane::Left;
///
/// let mut left = Left::default();
/// left.add("lane `hot` to lane `cold`", 3);
/// left.add("link `desk`", 0);
/// assert_eq!(left.total(), 3);
/// assert_eq!(left.to_string(), "3 messages left: 3 at lane `hot` to lane `cold`");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    places: Vec<LeftAt>,
}

/// Messages that were left at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftAt {
    /// The ring, queue, task or link.
    pub place: String,
    /// How many messages.
    pub messages: u64,
}

impl Left {
    /// Adds what was left at a place, if anything was.
    pub fn add(&mut self, place: impl Into<String>, messages: u64) {
        if messages > 0 {
            self.places.push(LeftAt { place: place.into(), messages });
        }
    }

    pub(super) fn append(&mut self, mut other: Self) {
        self.places.append(&mut other.places);
    }

    /// All messages that were left.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.places.iter().map(|place| place.messages).fold(0, u64::saturating_add)
    }

    /// Whether everything was delivered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Each place with messages left.
    #[must_use]
    pub fn places(&self) -> &[LeftAt] {
        &self.places
    }
}

impl Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.total();
        write!(f, "{total} message{} left", if total == 1 { "" } else { "s" })?;
        for (index, LeftAt { place, messages }) in self.places.iter().enumerate() {
            write!(f, "{} {messages} at {place}", if index == 0 { ":" } else { "," })?;
        }
        Ok(())
    }
}
