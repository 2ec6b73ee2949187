//! How an opened router is closed.

use std::fmt::{self, Display};
use std::time::{Duration, Instant};

use crate::lane::Left;
use crate::link::Interrupt;
use crate::link::closing::{Closes, write_until};
use crate::time::after;

/// What an opened router still held when it was closed.
///
/// Normally that is nothing: its peers have taken everything in time.
///
/// ```
/// use mycelium_rt::routing::Closed;
///
/// let mut closed = Closed::default();
/// closed.left.add("link `desk`", 3);
/// assert_eq!(closed.to_string(), "3 messages left: 3 at link `desk`");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Closed {
    /// Messages that were accepted and not delivered: at each link those that it could not write, which are lost; in each queue of the
    /// router those that `poll` has not taken yet; at each task those that it has not handled yet.
    pub left: Left,
}

impl Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.left.fmt(f)
    }
}

/// As [`close_links`], with a deadline from now on.
pub fn close_within(links: &mut [(&'static str, &mut dyn Closes)], deadline: Duration, left: &mut Left) {
    close_links(links, after(deadline), None, left);
}

/// Has links write what they hold until `deadline`, or `cut` is set, all of them at once, and ends them; adds to `left` what they still held.
pub fn close_links(
    links: &mut [(&'static str, &mut dyn Closes)],
    deadline: Instant,
    cut: Option<&Interrupt>,
    left: &mut Left,
) {
    let mut ends: Vec<&mut dyn Closes> = links.iter_mut().map(|(_, link)| &mut **link as &mut dyn Closes).collect();
    write_until(&mut ends, deadline, cut);
    for (place, link) in links {
        left.add(*place, link.end());
    }
}
