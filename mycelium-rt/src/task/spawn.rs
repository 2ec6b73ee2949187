//! How a task is prepared, which checks and allocates everything, and then spawned.

use std::ops::DerefMut;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use super::progress::{Progress, ServiceGuard};
use super::rings::TaskInbox;
use super::{Context, Outbox, Task, TaskEnv, TaskSpec};
use crate::clock::ClockSource;
use crate::lane::OnPanic;
use crate::lane::supervise::Supervisor;
use crate::link::report::Report;
use crate::link::{ConfigError, LinkError, RingSender};
use crate::notice;
use crate::ring::task_queue;
use crate::routing::Dispatch;
use crate::service::{Parts, Runner, ServiceClock, Stopped};
use crate::unwind::{catch, contained_future};

/// What runs on a task.
type TaskRunner<S, R> = Runner<R, ServiceGuard<S>, Context<R>, TaskInbox>;

/// A task that is not spawned yet, so that its service can be reached. Dropping it gives the service back.
pub(super) trait Unspawned<S>: Send {
    /// The service.
    fn service(&mut self) -> &mut S;
    /// Spawns the task.
    fn spawn(self: Box<Self>) -> AbortHandle;
}

struct Prepared<S, R: Dispatch<Context<R>, Service = S>> {
    name: &'static str,
    runner: TaskRunner<S, R>,
    handle: Handle,
}

impl<S: Send + 'static, R: Dispatch<Context<R>, Service = S> + 'static> Unspawned<S> for Prepared<S, R> {
    fn service(&mut self) -> &mut S {
        self.runner.service.deref_mut()
    }

    fn spawn(self: Box<Self>) -> AbortHandle {
        let Self { name, runner, handle } = *self;
        handle.spawn(contained_future(run(name, runner))).abort_handle()
    }
}

/// Takes messages until the sender is closed and nothing is left. The service is given back, however this ends.
async fn run<S: Send + 'static, R: Dispatch<Context<R>, Service = S>>(
    service: &'static str,
    mut runner: TaskRunner<S, R>,
) {
    match runner.serve().await {
        Ok(()) => {
            runner.inbox.count_last_gap();
            runner.service.complete();
        }
        Err(Stopped::Failed(_)) => {
            let notices = runner.context.notices();
            notice::error!(
                notices,
                service,
                "the task ended early: its queue takes messages until it is full, then sends fail"
            );
        }
        Err(Stopped::Cut) => {}
    }
}

/// As [`spawn_in`](super::spawn_in), but the task is not spawned yet. Everything that can fail is done here.
///
/// # Errors
/// As there.
pub fn prepare<S, R>(
    handle: &Handle,
    service: S,
    spec: TaskSpec,
    mut env: TaskEnv<S>,
) -> Result<(RingSender, Outbox, Task<S>), LinkError>
where
    S: Send + 'static,
    R: Dispatch<Context<R>, Service = S> + 'static,
{
    spec.on_full.check_for_queue(spec.service)?;
    check::<S, R>(handle, &spec, &env)?;
    let unsound = |reason: String| ConfigError::Contract { link: spec.service.to_owned(), reason };
    let ring = |capacity, max_body| task_queue(capacity, max_body).map_err(|error| unsound(error.to_string()));
    let (to_task, inbox) = ring(spec.capacity, spec.max_body)?;
    let notices = env.hooks.notices.clone();
    let (emitted, outbox) = match spec.outbox {
        0 => (None, Outbox::new(None, 0, spec.service, notices.clone(), env.taken.clone())),
        capacity => {
            let (producer, consumer) = ring(capacity, spec.max_emitted)?;
            let taken = env.taken.clone();
            (Some(producer), Outbox::new(Some(consumer), capacity, spec.service, notices.clone(), taken))
        }
    };
    let report = Report::new(format!("the task of `{}`", spec.service), notices);
    let sender = RingSender::new(spec.on_full, spec.batch, to_task, report, env.sent.clone());
    let counters = env.counters.clone();
    let (service, returned) = ServiceGuard::new(service, Progress::new(env.words.clone()));
    let progress = Arc::clone(service.progress());
    let clock = ServiceClock::of_router(&env.clock, handle);
    let factory = env.factory.take();
    let context = Context::<R>::new(&spec, emitted, counters.clone(), Arc::clone(&progress), clock.clone(), env);
    let inbox = TaskInbox::new(inbox, sender.unchecked().clone(), counters.clone(), Arc::clone(&progress));
    let supervisor = Supervisor::new(spec.on_panic);
    let (name, max_body) = (spec.service, spec.max_body);
    let runner = Runner::new(Parts { name, service, context, inbox, clock, supervisor, factory, max_body });
    let unspawned = Box::new(Prepared { name, runner, handle: handle.clone() });
    Ok((sender, outbox, Task::new(name, returned, unspawned, spec.capacity, progress, counters)))
}

/// Refuses policies and runtimes that can't work.
fn check<S, R: Dispatch<Context<R>, Service = S>>(
    handle: &Handle,
    spec: &TaskSpec,
    env: &TaskEnv<S>,
) -> Result<(), ConfigError> {
    let service = || spec.service.to_owned();
    let restarts = matches!(spec.on_panic, OnPanic::Restart(_));
    if restarts && cfg!(panic = "abort") {
        return Err(ConfigError::PanicAborts { service: service() });
    }
    if restarts && env.factory.is_none() {
        return Err(ConfigError::NoFactory { service: service() });
    }
    let by_clock = restarts || !R::TIMERS.is_empty();
    // An idle source is called again by the computer's time, whatever the clock of the router is.
    let sleeps = !R::SOURCES.is_empty() || (by_clock && matches!(env.clock, ClockSource::System));
    if sleeps && !has_timer(handle) {
        return Err(ConfigError::NoTimer { service: service() });
    }
    Ok(())
}

/// Whether tasks of the runtime can sleep. Tokio offers no other way to find out.
fn has_timer(handle: &Handle) -> bool {
    let _entered = handle.enter();
    catch(|| drop(tokio::time::sleep(Duration::ZERO))).is_ok()
}
