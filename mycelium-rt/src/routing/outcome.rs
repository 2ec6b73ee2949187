//! What handlers, sources, timers and hooks return.

use core::fmt;
use core::fmt::Display;
use core::time::Duration;

use crate::Message;

/// What a handler may return: `()`, `Result<(), E>` with `E: Display`, or a message as the reply to a request.
#[diagnostic::on_unimplemented(
    message = "a handler can't return `{Self}`",
    label = "neither `()`, nor `Result<(), E>` with `E: Display`, nor a message",
    note = "a handler returns nothing, `Result<(), E>` where `E` implements `Display`, or a message as the reply to a request"
)]
pub trait Outcome {
    /// What remains once the error, if any, is reported.
    type Settled: Settled;

    /// Hands the error, if there is one, to `report`.
    fn settle(self, report: impl FnOnce(&dyn Display)) -> Self::Settled;
}

impl Outcome for () {
    type Settled = ();

    #[inline(always)]
    fn settle(self, _report: impl FnOnce(&dyn Display)) {}
}

impl<E: Display> Outcome for Result<(), E> {
    type Settled = Result<(), Failed>;

    #[inline(always)]
    fn settle(self, report: impl FnOnce(&dyn Display)) -> Result<(), Failed> {
        self.map_err(|error| {
            report(&error);
            Failed
        })
    }
}

#[diagnostic::do_not_recommend]
impl<R: Message> Outcome for R {
    type Settled = R;

    #[inline(always)]
    fn settle(self, _report: impl FnOnce(&dyn Display)) -> R {
        self
    }
}

/// What a timer or a hook may return, whose result no caller waits for: `()`, or `Result<(), E>` with `E: Display`.
#[diagnostic::on_unimplemented(
    message = "a timer or a hook can't return `{Self}`",
    label = "neither `()`, nor `Result<(), E>` with `E: Display`",
    note = "`#[every]` methods, `startup` and `shutdown` return nothing, or `Result<(), E>` where `E` implements `Display`"
)]
pub trait Unanswered {
    /// Hands the error, if there is one, to `report`.
    fn settle(self, report: impl FnOnce(&dyn Display));
}

impl Unanswered for () {
    #[inline(always)]
    fn settle(self, _report: impl FnOnce(&dyn Display)) {}
}

impl<E: Display> Unanswered for Result<(), E> {
    #[inline(always)]
    fn settle(self, report: impl FnOnce(&dyn Display)) {
        if let Err(error) = self {
            report(&error);
        }
    }
}

/// A handler returned an error, which was reported to its context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

/// The result of a handler as its caller sees it: errors are reported already.
pub trait Settled {
    /// Whether the handler failed.
    fn failed(&self) -> bool;
}

impl Settled for () {
    #[inline(always)]
    fn failed(&self) -> bool {
        false
    }
}

impl Settled for Result<(), Failed> {
    #[inline(always)]
    fn failed(&self) -> bool {
        self.is_err()
    }
}

#[diagnostic::do_not_recommend]
impl<R: Message> Settled for R {
    #[inline(always)]
    fn failed(&self) -> bool {
        false
    }
}

/// Whether a receiver of a message failed.
#[inline(always)]
pub fn failed(settled: impl Settled) -> bool {
    settled.failed()
}

/// What a `#[source]` method returns.
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
    /// There was something, and there may be more: it is called again, in this turn or the next.
    Ready,
    /// Nothing now. The lane or the task calls it again in its next turn, and wakes up for that within a millisecond if it sleeps; a router
    /// that its owner drives calls it again in the next `poll`.
    Idle,
    /// Nothing for this long: it is not called before that, and the lane may sleep until then.
    IdleFor(Duration),
    /// Nothing ever again: the source is not called any more.
    Finished,
}

/// The former name of [`SourceState`], which reads like `std::task::Poll`.
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
    /// A source that failed has nothing now, so that one that always fails doesn't keep its lane awake.
    #[inline(always)]
    fn settle(self, report: impl FnOnce(&dyn Display)) -> SourceState {
        self.unwrap_or_else(|error| {
            report(&error);
            SourceState::Idle
        })
    }
}

/// The error that `startup`, `shutdown` or `run` of a service returned, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookError(String);

impl fmt::Display for HookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for HookError {}

/// Turns a hook's result into its error as text.
pub fn hook_result<R: Unanswered>(outcome: R) -> Result<(), HookError> {
    let mut result = Ok(());
    outcome.settle(|error| result = Err(HookError(error.to_string())));
    result
}
