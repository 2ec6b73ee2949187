use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::Handle;

use super::progress::Progress;
use super::{Surroundings, TaskSpec};
use crate::lane::supervise::{Supervisor, Verdict};
use crate::lane::{OnPanic, Origin};
use crate::link::ConfigError;
use crate::notice::{self, Notices};
use crate::ring::Consumer;
use crate::routing::__private::ClockSource;
use crate::routing::Handled;
use crate::time::{Ticks, bounded};
use crate::unwind::catch;

/// Does what follows a panic of the service, by its policy.
pub(super) struct Keeper<S> {
    service: &'static str,
    supervisor: Supervisor,
    surroundings: Surroundings<S>,
    progress: Arc<Progress>,
}

/// What a handler was at when it panicked.
pub(super) struct Lost<'a> {
    /// So many messages, side by side in the body.
    pub(super) messages: usize,
    pub(super) id: u16,
    pub(super) body: &'a [u8],
    /// The text of the panic.
    pub(super) reason: &'a str,
}

impl<S> Keeper<S> {
    /// # Errors
    /// A policy that can't be honoured.
    pub(super) fn new(
        spec: &TaskSpec,
        surroundings: Surroundings<S>,
        progress: Arc<Progress>,
        handle: &Handle,
    ) -> Result<Self, ConfigError> {
        let service = spec.service;
        if matches!(spec.on_panic, OnPanic::Restart(_)) {
            if cfg!(panic = "abort") {
                return Err(ConfigError::PanicAborts { service: service.to_owned() });
            }
            if surroundings.factory.is_none() {
                return Err(ConfigError::NoFactory { service: service.to_owned() });
            }
            if matches!(surroundings.clock, ClockSource::System) && !has_timer(handle) {
                return Err(ConfigError::NoTimer { service: service.to_owned() });
            }
        }
        Ok(Self { service, supervisor: Supervisor::new(spec.on_panic), surroundings, progress })
    }

    /// The time that the service sees, and its restarts go by.
    pub(super) fn clock(&self) -> &ClockSource {
        &self.surroundings.clock
    }

    /// Where the task tells what goes wrong.
    pub(super) fn notices(&self) -> &Notices {
        &self.surroundings.hooks.notices
    }

    /// Counts what a panic took away, and tells who asked for it.
    #[cold]
    pub(super) fn count(&self, lost: &Lost<'_>, handled: &[Handled]) {
        let Lost { messages, id, body, reason } = *lost;
        self.progress.lost_in_panics.add(messages as u64);
        self.progress.panics.add(1);
        notice::error!(
            self.surroundings.hooks.notices,
            service = self.service,
            reason,
            lost = messages,
            "a handler behind a task panicked"
        );
        let message = handled.iter().find(|handled| handled.message.id == id);
        let message = message.map_or("", |handled| handled.message.name);
        // Of several, the first.
        let body = body.get(..body.len() / messages.max(1)).unwrap_or(body);
        let Surroundings { lane, hooks, .. } = &self.surroundings;
        hooks.dead_letter(lane, Origin::Queue(self.service), id, message, body, reason);
    }

    /// What the policy says about a panic at `now`: makes the service anew after a pause, again for each attempt that fails. False if
    /// the task has to end.
    pub(super) async fn obey(&mut self, service: &mut S, inbox: &mut Consumer, mut now: Ticks) -> bool {
        loop {
            match self.supervisor.judge(now) {
                Verdict::Abort => std::process::abort(),
                Verdict::Stop => {
                    notice::error!(
                        self.surroundings.hooks.notices,
                        service = self.service,
                        "its task ends: what is sent to it from now on is an error"
                    );
                    return false;
                }
                Verdict::RestartAfter(pause) => {
                    self.pause(now.after(pause), inbox).await;
                    if self.progress.cutoff.is_set() {
                        return false;
                    }
                    match self.restart(service) {
                        Ok(()) => return true,
                        Err(reason) => notice::error!(
                            self.surroundings.hooks.notices,
                            service = self.service,
                            reason,
                            "a restart failed"
                        ),
                    }
                    // At the end of its system nothing is waited for above: others of the runtime run here, and the task can be aborted.
                    tokio::task::yield_now().await;
                    now = self.clock().ticks();
                }
            }
        }
    }

    /// Waits before a restart; not once the system shuts down, or nobody sends to the task any more.
    async fn pause(&mut self, due: Ticks, inbox: &mut Consumer) {
        // Apart, since what the factory holds may not be shared with other threads.
        let Surroundings { clock, ending, .. } = &mut self.surroundings;
        let clock = &*clock;
        let mut over = pin!(until(clock, due));
        poll_fn(|cx| {
            let ends = ending.poll(cx).is_ready() || inbox.poll_closed(cx).is_ready();
            if ends { Poll::Ready(()) } else { over.as_mut().poll(cx) }
        })
        .await;
    }

    fn restart(&mut self, service: &mut S) -> Result<(), String> {
        let Some(factory) = &mut self.surroundings.factory else { return Err("there is no factory".to_owned()) };
        match catch(|| factory.replace(service)) {
            Ok(Ok(())) => {
                self.progress.restarts.add(1);
                Ok(())
            }
            Ok(Err(error)) => Err(format!("it did not start: {error}")),
            Err(reason) => Err(reason),
        }
    }
}

/// Whether tasks of the runtime can sleep; there is no other way to find out.
fn has_timer(handle: &Handle) -> bool {
    let _entered = handle.enter();
    catch(|| drop(tokio::time::sleep(Duration::ZERO))).is_ok()
}

/// Waits until this time of the clock.
async fn until(clock: &ClockSource, due: Ticks) {
    match clock {
        ClockSource::System => {
            tokio::time::sleep(bounded(due.since(clock.ticks()))).await;
        }
        ClockSource::Manual(clock) => clock.reached(due).await,
    }
}
