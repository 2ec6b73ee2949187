//! Tasks that are made, and not spawned yet.

use std::ops::DerefMut;
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use super::keeper::Keeper;
use super::lent::Lent;
use super::runner::Runner;
use super::{Context, Outbox, Routes, Surroundings, Task, TaskSpec};
use crate::link::report::Report;
use crate::link::{ConfigError, Counters, LinkError, RingSender};
use crate::ring::task_queue;
use crate::unwind::contained_future;

/// What a task is to run, while its service can still be reached. Dropping it gives the service back.
pub(super) trait Waiting<S>: Send {
    /// The service.
    fn service(&mut self) -> &mut S;
    /// Lets the task begin.
    fn spawn(self: Box<Self>) -> AbortHandle;
}

struct Unspawned<S, R> {
    runner: Runner<S, R>,
    handle: Handle,
}

impl<S: Send + 'static, R: Routes<S>> Waiting<S> for Unspawned<S, R> {
    fn service(&mut self) -> &mut S {
        self.runner.service.deref_mut()
    }

    fn spawn(self: Box<Self>) -> AbortHandle {
        let Self { runner, handle } = *self;
        handle.spawn(contained_future(runner.run())).abort_handle()
    }
}

/// As [`spawn_in`](super::spawn_in), but the task does not begin before it is told to: all that can fail has been done by then.
///
/// # Errors
/// As there.
pub fn prepare<S, R>(
    handle: &Handle,
    service: S,
    spec: TaskSpec,
    surroundings: Surroundings<S>,
) -> Result<(RingSender, Outbox, Task<S>), LinkError>
where
    S: Send + 'static,
    R: Routes<S>,
{
    spec.on_full.check_for_ring(spec.service)?;
    let unsound = |reason: String| ConfigError::Contract { link: spec.service.to_owned(), reason };
    let ring = |capacity, max_body| task_queue(capacity, max_body).map_err(|error| unsound(error.to_string()));
    let (to_task, inbox) = ring(spec.capacity, spec.max_body)?;
    let (emitted, outbox) = match spec.outbox {
        0 => (None, Outbox::new(None, 0, spec.service, surroundings.hooks.notices.clone())),
        capacity => {
            let (producer, consumer) = ring(capacity, spec.max_emitted)?;
            (Some(producer), Outbox::new(Some(consumer), capacity, spec.service, surroundings.hooks.notices.clone()))
        }
    };
    let counters = Arc::new(Counters::default());
    let (service, returned) = Lent::new(service);
    let progress = Arc::clone(service.progress());
    let keeper = Keeper::new(&spec, surroundings, Arc::clone(&progress), handle)?;
    let context =
        Context::<R>::new(&spec, emitted, Arc::clone(&counters), keeper.clock().clone(), keeper.notices().clone());
    let (errors, notices) = (context.errors(), keeper.notices().clone());
    let report = Report::new(format!("the task of `{}`", spec.service), notices);
    let sender = RingSender::new(spec.on_full, spec.batch, to_task, report);
    let runner = Runner::new(service, inbox, sender.unchecked().clone(), context, keeper, spec.max_body);
    let waiting = Box::new(Unspawned { runner, handle: handle.clone() });
    Ok((sender, outbox, Task::new(spec.service, returned, waiting, spec.capacity, progress, counters, errors)))
}
