//! The same for the services behind tasks that a lane looks after.

use std::time::Instant;

use crate::lane::left::Left;
use crate::lane::opening::Opening;
use crate::lane::park::{Parking, Waits};
use crate::lane::system::System;
use crate::link::RingSender;
use crate::routing::{HookError, Service};
use crate::task::{Outbox, Task};

/// A service behind a task, as the lane that looks after it holds it.
#[derive(Debug)]
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
    pub fn announced(
        name: &'static str,
        number: usize,
        sender: &RingSender,
        outbox: Outbox,
        task: Task<S>,
        opening: &mut Opening<'_, impl System>,
    ) -> Self {
        opening.queue(name, sender.counters());
        opening.interrupt(sender.interrupt());
        opening.interrupt(task.interrupt());
        opening.queue(name, task.counters());
        opening.errors_of_task(number, task.errors());
        opening.watch_task(number, task.watch(opening.lane, sender));
        Self { outbox, service: None, name, task }
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
pub fn is_pending<S>(sender: &Option<RingSender>, task: &Option<Tasked<S>>) -> bool {
    let (Some(sender), Some(task)) = (sender, task) else { return false };
    // The outbox last: what it holds was emitted before the task was seen quiet and settled.
    !task.task.is_quiet() || !task.task.is_settled(sender) || task.outbox.has_message()
}

/// Calls `startup` of the service, whose task has not begun. What is lent out by `lend` is the service.
///
/// # Errors
/// What it returned.
pub fn start_task_up<S, T: Service>(task: &mut Option<Tasked<S>>, lend: fn(&mut S) -> &mut T) -> Result<(), HookError> {
    task.as_mut().and_then(|tasked| tasked.task.waiting()).map_or(Ok(()), |service| lend(service).startup())
}

/// Lets the task begin.
pub fn begin_task<S>(task: &mut Option<Tasked<S>>) {
    task.iter_mut().for_each(|tasked| tasked.task.begin());
}

/// Calls `shutdown` of the service, whose task has ended, or did not begin. What is lent out by `lend` is the service.
///
/// # Errors
/// What it returned.
pub fn shut_task_down<S, T: Service>(
    task: &mut Option<Tasked<S>>,
    lend: fn(&mut S) -> &mut T,
) -> Result<(), HookError> {
    let Some(Tasked { service, task, .. }) = task else { return Ok(()) };
    service.as_mut().or_else(|| task.waiting()).map_or(Ok(()), |service| lend(service).shutdown())
}

/// Ends the task, and keeps its service until it is given back.
pub fn end_task<S>(sender: &mut Option<RingSender>, task: &mut Option<Tasked<S>>, deadline: Instant, left: &mut Left) {
    let (Some(sender), Some(task)) = (sender, task) else { return };
    sender.close();
    task.service = task.task.end(deadline);
    left.add(format!("the task of `{}`", task.name), task.task.unsettled(sender));
    left.add(format!("what the task of `{}` emitted", task.name), task.outbox.poll(usize::MAX, |_, _| ()) as u64);
}

/// Puts the service back among the others.
pub fn give_back<S>(task: Option<Tasked<S>>, into: &mut Option<S>) {
    if let Some(task) = task {
        *into = task.service;
    }
}
