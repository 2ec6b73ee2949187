//! Whom a system tells about what goes wrong.

use std::fmt;
use std::sync::Arc;

use super::dead_letter::DeadLetter;
use super::watchdog::Stuck;
use crate::notice::Notices;
use crate::routing::Origin;
use crate::unwind::catch;

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
            let letter = DeadLetter { lane, origin, id, message, body, reason };
            let _ = catch(|| hook(&letter));
        }
    }

    pub(super) fn stuck(&self, stuck: &Stuck) {
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
