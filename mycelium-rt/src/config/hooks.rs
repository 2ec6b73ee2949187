//! Whom a system tells about what goes wrong.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::notice::Notices;
use crate::routing::Origin;
use crate::unwind::catch;

/// A message that was being handled when its lane or its service behind a task panicked, or with `on_error: propagate` failed.
///
/// `Config::on_dead_letter` says who is told, on the thread of the lane or the task, after the cascade has ended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct DeadLetter<'a> {
    /// The lane; for a service behind a task the one that looks after it, or nothing in a router without lanes.
    pub lane: &'static str,
    /// Where the message came from.
    pub origin: Origin,
    /// The message's id; 0 where a source or a timer was at work.
    pub id: u16,
    /// The message's name; empty where a source or a timer was at work.
    pub message: &'static str,
    /// The message's body, as it arrived; empty where a source or a timer was at work. Of several that were handed over together,
    /// the first.
    pub body: &'a [u8],
    /// The text of the panic, or the error.
    pub reason: &'a str,
}

/// A lane that has been at one message for longer than its `watchdog` allows.
///
/// Nobody can take a thread out of a handler that does not return: this is a report, once for each message.
/// `Config::on_stuck` says who gets it, on a thread of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stuck {
    /// The lane.
    pub lane: &'static str,
    /// For how long at least it has been at it.
    pub since: Duration,
}

type DeadLetterHook = Arc<dyn Fn(&DeadLetter<'_>) + Send + Sync>;
type StuckHook = Arc<dyn Fn(&Stuck) + Send + Sync>;

/// What `Config` says. Nothing that a hook does, a panic included, changes what follows.
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
