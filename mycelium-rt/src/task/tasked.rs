//! A service behind a task, as the router that looks after it holds it.

use std::fmt;
use std::time::Instant;

use super::{Outbox, Task};
use crate::lane::Opening;
use crate::lane::held::Held;
use crate::lane::park::{Parking, Waits};
use crate::link::RingSender;
use crate::link::closing::Left;
use crate::routing::{HookError, Service, Stats};

/// A service behind a task, as the router that looks after it holds it.
pub struct Tasked<S> {
    /// What the task has emitted.
    pub outbox: Outbox,
    /// The service, once the task has ended.
    pub service: Option<S>,
    name: &'static str,
    task: Task<S>,
}

impl<S> Tasked<S> {
    /// A task, whose counters others may read from now on.
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

    /// Adds to `stats` what the task has counted, and `sender`, which feeds it. `number` is the index of its service.
    pub fn add_to(&self, stats: &mut Stats, number: usize, sender: &RingSender) {
        // What is taken before what was emitted: what goes on meanwhile would make more of it.
        let taken = self.outbox.counters().snapshot();
        let task = self.task.stats();
        stats.add_task(number, task.handler_errors);
        stats.add_panics(number, task.panics, task.restarts, task.lost_in_panics);
        stats.add_missed_ticks(number, task.missed_ticks);
        stats.add_task_messages(self.name, sender.stats(), task.messages, taken);
    }

    /// Wakes the task for what `sender` has sent, and adds to `left` what it has not handled yet. It goes on.
    pub fn leave(&self, sender: &mut RingSender, left: &mut Left) {
        sender.flush();
        left.add(format!("the task of `{}`", self.name), self.task.unsettled(sender));
    }
}

// Not derived: a service that cannot be shown is no reason not to show its task.
impl<S> fmt::Debug for Tasked<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tasked").field("task", &self.task).finish_non_exhaustive()
    }
}

impl<S> Held for Tasked<S> {
    type End = Self;

    #[inline(always)]
    fn here(&mut self) -> Option<&mut Self> {
        Some(self)
    }

    #[inline(always)]
    fn seen(&self) -> Option<&Self> {
        Some(self)
    }
}

impl<S> Waits for Tasked<S> {
    fn park<'a>(&'a mut self, parking: &mut Parking<'a>) -> bool {
        Waits::park(&mut self.outbox, parking)
    }

    fn unpark(&mut self) {
        Waits::unpark(&mut self.outbox);
    }
}

/// Whether messages are with the task, or have come from it and not been taken, or it may still emit some by itself.
pub fn is_pending<S>(sender: &impl Held<End = RingSender>, task: &impl Held<End = Tasked<S>>) -> bool {
    let (Some(sender), Some(task)) = (sender.seen(), task.seen()) else { return false };
    // The outbox last: what it holds was emitted before the task was seen quiet and settled.
    !task.task.is_quiet() || !task.task.is_settled(sender) || task.outbox.has_message()
}

/// Calls `startup` of the service, whose task has not begun. What is lent out by `lend` is the service.
///
/// # Errors
/// What it returned.
pub fn start_task_up<S, T: Service>(
    task: &mut impl Held<End = Tasked<S>>,
    lend: fn(&mut S) -> &mut T,
) -> Result<(), HookError> {
    task.here().and_then(|tasked| tasked.task.unspawned()).map_or(Ok(()), |service| lend(service).startup())
}

/// Lets the task begin.
pub fn begin_task<S>(task: &mut impl Held<End = Tasked<S>>) {
    if let Some(tasked) = task.here() {
        tasked.task.begin();
    }
}

/// Calls `shutdown` of the service, whose task has ended, or did not begin. What is lent out by `lend` is the service.
///
/// # Errors
/// What it returned.
pub fn shut_task_down<S, T: Service>(
    task: &mut impl Held<End = Tasked<S>>,
    lend: fn(&mut S) -> &mut T,
) -> Result<(), HookError> {
    let Some(Tasked { service, task, .. }) = task.here() else { return Ok(()) };
    service.as_mut().or_else(|| task.unspawned()).map_or(Ok(()), |service| lend(service).shutdown())
}

/// Ends the task, and keeps its service until it is given back.
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

/// Puts the service back among the others.
pub fn give_back<S>(task: &mut impl Held<End = Tasked<S>>, into: &mut Option<S>) {
    if let Some(task) = task.here() {
        *into = task.service.take();
    }
}
