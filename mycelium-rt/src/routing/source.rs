use core::fmt::Display;
use core::time::Duration;

use super::MessageRef;

/// What a `#[source]` method says when it returns.
///
/// ```
/// use contracts::Bar;
/// use mycelium_rt::testing::Recorder;
/// use mycelium_rt::{Emit, SourceState, service};
///
/// struct Replay {
///     bars: std::vec::IntoIter<Bar>,
/// }
///
/// #[service]
/// impl Replay {
///     #[source]
///     fn next_bar(&mut self, cx: &mut impl Emit<Bar>) -> SourceState {
///         match self.bars.next() {
///             Some(bar) => {
///                 cx.emit(&bar);
///                 SourceState::Ready
///             }
///             None => SourceState::Finished,
///         }
///     }
/// }
///
/// let mut replay = Replay { bars: vec![Bar::default()].into_iter() };
/// let mut recorder = Recorder::new();
/// assert_eq!(replay.next_bar(&mut recorder), SourceState::Ready);
/// assert_eq!(replay.next_bar(&mut recorder), SourceState::Finished);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum SourceState {
    /// There was something, and there may be more: ask again in the next turn.
    Ready,
    /// Nothing now. The lane or the task asks again in its next turn, and wakes up for it within a millisecond if it sleeps; a router that
    /// its owner drives asks again in the next `poll`.
    Idle,
    /// Nothing for so long: the lane may sleep until then, and nobody asks before.
    IdleFor(Duration),
    /// Nothing ever again: the source is not asked any more.
    Finished,
}

/// A method that brings messages in; written by [`#[service]`](macro@crate::service).
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// The name of the method.
    pub method: &'static str,
    /// What it emits and requests.
    pub emits: &'static [MessageRef],
}

/// The name that [`SourceState`] had: it reads like the one of `std::task`, which is something else.
#[doc(hidden)]
pub type Poll = SourceState;

/// What a `#[source]` method may return: [`SourceState`], or `Result<SourceState, E>` with `E: Display`.
#[diagnostic::on_unimplemented(
    message = "a source can't return `{Self}`",
    label = "neither `SourceState`, nor `Result<SourceState, E>` with `E: Display`",
    note = "return `mycelium_rt::SourceState`: `Ready`, `Idle`, `IdleFor(…)` or `Finished`"
)]
pub trait Polled {
    /// Hands the error, if there is one, to `report`.
    fn settle(self, report: impl FnOnce(&dyn Display)) -> SourceState;
}

impl Polled for SourceState {
    #[inline(always)]
    fn settle(self, _report: impl FnOnce(&dyn Display)) -> SourceState {
        self
    }
}

impl<E: Display> Polled for Result<SourceState, E> {
    /// A source that failed has nothing now: so that one that fails all the time doesn't keep its lane awake.
    #[inline(always)]
    fn settle(self, report: impl FnOnce(&dyn Display)) -> SourceState {
        self.unwrap_or_else(|error| {
            report(&error);
            SourceState::Idle
        })
    }
}
