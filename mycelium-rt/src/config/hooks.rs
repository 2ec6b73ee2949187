//! The hooks of a router, which report what goes wrong.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::notice::Notices;
use crate::routing::Origin;
use crate::unwind::catch;

/// A message that was being handled when its lane or its service behind a task panicked, or with `on_error: propagate` failed.
///
/// The hook of `Config::on_dead_letter` gets it, on the thread of the lane or the task, after the cascade has ended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct DeadLetter<'a> {
    /// The lane. For a service behind a task, the lane that supervises it, or empty in a router without lanes.
    pub lane: &'static str,
    /// Where the message came from.
    pub origin: Origin,
    /// The message's id; 0 for a source or a timer.
    pub id: u16,
    /// The message's name; empty for a source or a timer.
    pub message: &'static str,
    /// The message's body, as it arrived; empty for a source or a timer. For a batch, that of the first message.
    pub body: &'a [u8],
    /// The text of the panic, or the error.
    pub reason: &'a str,
}

/// A lane that has handled one message for longer than its `watchdog` allows.
///
/// A thread cannot be interrupted in a handler that does not return: this is only a report, once for each message. The hook of
/// `Config::on_stuck` gets it, on a thread of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stuck {
    /// The lane.
    pub lane: &'static str,
    /// The time since the lane began to handle the message, at least.
    pub since: Duration,
}

type DeadLetterHook = Arc<dyn Fn(&DeadLetter<'_>) + Send + Sync>;
type StuckHook = Arc<dyn Fn(&Stuck) + Send + Sync>;

/// The hooks of a `Config`. Nothing that a hook does, a panic included, changes what follows.
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    pub(crate) dead_letter: Option<DeadLetterHook>,
    pub(crate) stuck: Option<StuckHook>,
    pub(crate) notices: Notices,
}

impl Hooks {
    pub(crate) fn dead_letter(
        &self,
        lane: &'static str,
        origin: Origin,
        id: u16,
        message: &'static str,
        body: &[u8],
        reason: &str,
    ) {
        if let Some(hook) = &self.dead_letter {
            let lost = DeadLetter { lane, origin, id, message, body, reason };
            let _ = catch(|| hook(&lost));
        }
    }

    pub(crate) fn stuck(&self, stuck: &Stuck) {
        if let Some(hook) = &self.stuck {
            let _ = catch(|| hook(stuck));
        }
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks")
            .field("dead_letter", &self.dead_letter.is_some())
            .field("stuck", &self.stuck.is_some())
            .finish()
    }
}
