use core::fmt::Display;

use crate::Message;

/// What a handler may return: `()`, `Result<(), E>` with `E: Display`, or a message as the reply to a request.
#[diagnostic::on_unimplemented(
    message = "a handler can't return `{Self}`",
    label = "neither `()`, nor `Result<(), E>` with `E: Display`, nor a message",
    note = "a handler returns nothing, `Result<(), E>` where `E` implements `Display`, or a message as the reply to a request"
)]
pub trait Outcome {
    /// What is left when the error, if any, has been reported.
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

/// What a timer or a hook may return, whom nobody awaits an answer from: `()`, or `Result<(), E>` with `E: Display`.
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

/// A handler returned an error, which its context has taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

/// The result of a handler as its caller sees it: errors have already been reported.
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
