//! A service behind a task, as the router that owns it holds it.

use std::fmt;
use std::time::Instant;

use super::{Outbox, Task};
use crate::lane::Opening;
use crate::lane::generated::always_here;
use crate::lane::held::Held;
use crate::lane::park::{Parking, Waits};
use crate::link::RingSender;
use crate::link::closing::Left;
use crate::routing::{HookError, Service, Stats};

/// A service behind a task, as the router that owns it holds it.
pub struct Tasked<S> {
    /// What the task has emitted.
    pub outbox: Outbox,
    /// The service, once the task has ended.
    pub service: Option<S>,
    name: &'static str,
    task: Task<S>,
}

impl<S> Tasked<S> {
    /// Registers a task, whose counters other threads may read from now on.
    pub fn announced<P>(
        name: &'static str,
        number: usize,
        sender: &RingSender,
        outbox: Outbox,
        task: Task<S>,
        opening: &mut Opening<'_, P>,
    ) -> Self {
        opening.interrupt(sender.interrupt());
        opening.interrupt(task.interrupt());
        opening.task_messages(name, sender.counters(), task.counters(), outbox.counters());
        opening.errors(number, task.words());
        opening.watch_task(number, task.watch(opening.lane(), sender));
        Self { outbox, service: None, name, task }
    }

    /// Adds to `stats` the counters of the task, and of `sender`, which feeds it. `number` is the index of its service.
    pub fn add_to(&self, stats: &mut Stats, number: usize, sender: &RingSender) {
        // What is taken first: a message that passes meanwhile must not show as taken and not emitted.
        let taken = self.outbox.counters().snapshot();
        let task = self.task.stats();
        stats.add_task(number, task.handler_errors);
        stats.add_panics(number, task.panics, task.restarts, task.lost_in_panics);
        stats.add_missed_ticks(number, task.missed_ticks);
        stats.add_task_messages(self.name, sender.stats(), task.messages, taken);
    }

    /// Wakes the task for what `sender` has sent, and adds to `left` what it has not handled yet. The task goes on.
    pub fn leave(&self, sender: &mut RingSender, left: &mut Left) {
        sender.flush();
        left.add(format!("the task of `{}`", self.name), self.task.unsettled(sender));
    }
}

// Not derived, which would require `S: Debug`.
impl<S> fmt::Debug for Tasked<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tasked").field("task", &self.task).finish_non_exhaustive()
    }
}

always_here!(Tasked<S> where [S]);

impl<S> Waits for Tasked<S> {
    fn park<'a>(&'a mut self, parking: &mut Parking<'a>) -> bool {
        Waits::park(&mut self.outbox, parking)
    }

    fn unpark(&mut self) {
        Waits::unpark(&mut self.outbox);
    }
}

/// Whether the task has messages, or has emitted some that are not taken, or may still emit some by itself.
pub fn is_pending<S>(sender: &impl Held<End = RingSender>, task: &impl Held<End = Tasked<S>>) -> bool {
    let (Some(sender), Some(task)) = (sender.seen(), task.seen()) else { return false };
    // The outbox last: what it holds was emitted before the task was seen settled, with its sources stopped.
    !task.task.are_sources_stopped() || !task.task.is_settled(sender) || task.outbox.has_message()
}

/// Calls `startup` of the service, whose task has not begun. `lend` borrows it.
///
/// # Errors
/// The error that it returned.
pub fn start_task_up<S, T: Service>(
    task: &mut impl Held<End = Tasked<S>>,
    lend: fn(&mut S) -> &mut T,
) -> Result<(), HookError> {
    task.here().and_then(|tasked| tasked.task.unspawned()).map_or(Ok(()), |service| lend(service).startup())
}

/// Spawns the task.
pub fn begin_task<S>(task: &mut impl Held<End = Tasked<S>>) {
    if let Some(tasked) = task.here() {
        tasked.task.begin();
    }
}

/// Calls `shutdown` of the service, whose task has ended, or did not begin. `lend` borrows it.
///
/// # Errors
/// The error that it returned.
pub fn shut_task_down<S, T: Service>(
    task: &mut impl Held<End = Tasked<S>>,
    lend: fn(&mut S) -> &mut T,
) -> Result<(), HookError> {
    let Some(Tasked { service, task, .. }) = task.here() else { return Ok(()) };
    service.as_mut().or_else(|| task.unspawned()).map_or(Ok(()), |service| lend(service).shutdown())
}

/// Ends the task, and keeps its service until [`give_back`].
pub fn end_task<S>(
    sender: &mut impl Held<End = RingSender>,
    task: &mut impl Held<End = Tasked<S>>,
    deadline: Instant,
    left: &mut Left,
) {
    let (Some(sender), Some(task)) = (sender.here(), task.here()) else { return };
    sender.close();
    task.service = task.task.end(deadline);
    left.add(format!("the task of `{}`", task.name), task.task.unsettled(sender));
    left.add(format!("what the task of `{}` emitted", task.name), task.outbox.poll(usize::MAX, |_, _| ()) as u64);
}

/// Moves the service back among the others.
pub fn give_back<S>(task: &mut impl Held<End = Tasked<S>>, into: &mut Option<S>) {
    if let Some(task) = task.here() {
        *into = task.service.take();
    }
}
