//! How sending ends are closed: all ends of a router at the same time, so that a peer that reads nothing takes no time from
//! the others.

use std::fmt::{self, Display};
use std::time::{Duration, Instant};

use super::wait::{nap, wait_any};
use super::{Interest, Interrupt};
use crate::time::after;

/// A sending end, as seen by what closes it.
pub trait Closes {
    /// Writes what it holds, as far as it is taken now. Returns whether nothing is left, or nothing that waiting would help.
    fn write_on(&mut self) -> bool;
    /// What to wait for before the next [`write_on`](Self::write_on).
    fn interest(&self) -> Option<Interest<'_>>;
    /// When to call [`write_on`](Self::write_on) again at the latest.
    fn timer(&self) -> Option<Instant>;
    /// Sleeps until the next [`write_on`](Self::write_on) may make progress; until `deadline` at the latest, and never for
    /// long.
    fn wait(&mut self, deadline: Instant);
    /// How long it keeps writing when it is dropped.
    fn linger(&self) -> Duration;
    /// Closes it. Returns the number of messages that it still held; they are counted as dropped, and reported.
    fn end(&mut self) -> u64;
}

/// An end that may be missing.
impl<E: Closes> Closes for Option<E> {
    fn write_on(&mut self) -> bool {
        self.as_mut().is_none_or(Closes::write_on)
    }

    fn interest(&self) -> Option<Interest<'_>> {
        self.as_ref().and_then(Closes::interest)
    }

    fn timer(&self) -> Option<Instant> {
        self.as_ref().and_then(Closes::timer)
    }

    fn wait(&mut self, deadline: Instant) {
        if let Some(end) = self {
            end.wait(deadline);
        }
    }

    fn linger(&self) -> Duration {
        self.as_ref().map_or(Duration::ZERO, Closes::linger)
    }

    fn end(&mut self) -> u64 {
        self.as_mut().map_or(0, Closes::end)
    }
}

/// Lets these ends write what they hold, until `deadline` at the latest, or until `interrupt` is set.
pub fn write_until(ends: &mut [&mut dyn Closes], deadline: Instant, interrupt: Option<&Interrupt>) {
    let is_interrupted = || interrupt.is_some_and(Interrupt::is_set);
    let mut pending: Vec<usize> = (0..ends.len()).collect();
    loop {
        pending.retain(|index| ends.get_mut(*index).is_some_and(|end| !end.write_on()));
        if pending.is_empty() || is_interrupted() || Instant::now() >= deadline {
            return;
        }
        if let [only] = pending[..] {
            ends.get_mut(only).into_iter().for_each(|end| end.wait(deadline));
            continue;
        }
        let waiting = || pending.iter().filter_map(|index| ends.get(*index));
        let due = waiting().filter_map(|end| end.timer()).fold(deadline, Instant::min);
        let interests: Vec<_> = waiting().filter_map(|end| end.interest()).collect();
        // If the kernel cannot wait, the deadline still ends this.
        let left = match interrupt {
            Some(_) => nap(Some(due)),
            // An end without a descriptor is asked again soon.
            None if interests.len() < pending.len() => nap(Some(due)),
            None => due.saturating_duration_since(Instant::now()),
        };
        let _ = wait_any(&interests, Some(left));
    }
}

/// Lets these ends, which are dropped together, write for as long as they linger; then closes them.
pub fn linger(ends: &mut [&mut dyn Closes]) {
    let longest = ends.iter().map(|end| end.linger()).max().unwrap_or(Duration::ZERO);
    write_until(ends, after(longest), None);
    for end in ends {
        end.end();
    }
}

/// As [`close_links`], with a deadline relative to now.
pub fn close_within(links: &mut [(&'static str, &mut dyn Closes)], deadline: Duration, left: &mut Left) {
    close_links(links, after(deadline), None, left);
}

/// Lets links write what they hold until `deadline`, or until `interrupt` is set, all at the same time, and closes them; adds
/// what they still held to `left`.
pub fn close_links(
    links: &mut [(&'static str, &mut dyn Closes)],
    deadline: Instant,
    interrupt: Option<&Interrupt>,
    left: &mut Left,
) {
    let mut ends: Vec<&mut dyn Closes> = links.iter_mut().map(|(_, link)| &mut **link as &mut dyn Closes).collect();
    write_until(&mut ends, deadline, interrupt);
    for (place, link) in links {
        left.add(*place, link.end());
    }
}

/// What an opened router still held when it was closed.
///
/// Normally there is nothing: its peers have taken everything in time.
///
/// ```
/// use mycelium_rt::link::Closed;
///
/// let mut closed = Closed::default();
/// closed.left.add("link `desk`", 3);
/// assert_eq!(closed.to_string(), "3 messages left: 3 at link `desk`");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Closed {
    /// Messages that were accepted but not delivered: at each link those that it could not write, which are lost; in each
    /// queue of the router those that `poll` has not taken yet; at each task those that it has not handled yet.
    pub left: Left,
}

impl Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.left.fmt(f)
    }
}

/// Messages that were accepted but not delivered when a system ended, by the place where they were.
///
/// Normally it is empty: unless a deadline passes or a lane stops by itself, everything is delivered.
///
/// ```
/// use mycelium_rt::link::Left;
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
    /// The number of messages.
    pub messages: u64,
}

impl Left {
    /// Adds the messages that were left at a place, if there are any.
    pub fn add(&mut self, place: impl Into<String>, messages: u64) {
        if messages > 0 {
            self.places.push(LeftAt { place: place.into(), messages });
        }
    }

    pub(crate) fn append(&mut self, mut other: Self) {
        self.places.append(&mut other.places);
    }

    /// The number of all messages that were left.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.places.iter().map(|place| place.messages).fold(0, u64::saturating_add)
    }

    /// Whether everything was delivered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Each place that has messages left.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Something to write, of which a part is taken each time.
    struct Slow {
        left: u64,
        step: u64,
    }

    impl Closes for Slow {
        fn write_on(&mut self) -> bool {
            self.left = self.left.saturating_sub(self.step);
            self.left == 0
        }

        fn interest(&self) -> Option<Interest<'_>> {
            None
        }

        fn timer(&self) -> Option<Instant> {
            Some(Instant::now())
        }

        fn wait(&mut self, _: Instant) {
            std::thread::yield_now();
        }

        fn linger(&self) -> Duration {
            Duration::from_millis(20)
        }

        fn end(&mut self) -> u64 {
            std::mem::take(&mut self.left)
        }
    }

    #[test]
    fn interrupted_ends_write_once_and_no_more() {
        let (mut slow, interrupt) = (Slow { left: 100, step: 1 }, Interrupt::default());
        interrupt.set();
        write_until(&mut [&mut slow], after(Duration::from_secs(3600)), Some(&interrupt));
        assert_eq!(slow.end(), 99);
    }

    #[test]
    fn a_stuck_end_takes_no_time_from_the_others() {
        let (mut stuck, mut slow) = (Slow { left: 3, step: 0 }, Slow { left: 100, step: 1 });
        write_until(&mut [&mut stuck, &mut slow], after(Duration::from_millis(500)), None);
        assert_eq!((stuck.end(), slow.end()), (3, 0));
    }

    #[test]
    fn ends_that_are_dropped_together_linger_once() {
        let began = Instant::now();
        let mut all: Vec<_> = (0..20).map(|_| Slow { left: 1, step: 0 }).collect();
        let mut ends: Vec<_> = all.iter_mut().map(|end| end as &mut dyn Closes).collect();
        linger(&mut ends);
        assert!(all.iter().all(|end| end.left == 0), "ended");
        assert!(began.elapsed() < Duration::from_millis(20) * 20, "not one after the other");
    }
}
