//! The life of a service on its task, from `startup` to `shutdown`.

use tokio::sync::oneshot;

use super::registration::Intake;
use super::{ServiceContext, ServiceError};
use crate::notice;
use crate::routing::OnBus;
use crate::service::{At, Failure, Host, Inbox, Runner, Stopped, start};
use crate::unwind::{Contained, catch, caught, discard};

/// A service that a bus can run.
pub(super) trait Runs: OnBus<ServiceContext> + Send + 'static {}

impl<S: OnBus<ServiceContext> + Send + 'static> Runs for S {}

/// Drives a service on its task.
pub(super) type ServiceRunner<S> = Runner<S, Contained<S>, ServiceContext, Intake>;

/// Runs the service to its end, and gives it back. The drop of `_ending`, which is last, tells the runtime of the bus.
pub(super) async fn run<S: Runs>(
    mut runner: ServiceRunner<S>,
    give_back: oneshot::Sender<Result<S, ServiceError>>,
    _ending: oneshot::Sender<()>,
) {
    let outcome = live(&mut runner).await;
    runner.inbox.close();
    let outcome = outcome.map_err(|stopped| error(&runner.context, stopped)).and_then(|()| shutdown(&mut runner));
    if let Err(error) = &outcome {
        notice::error!(runner.context.bus().notices(), service = runner.context.name(), %error, "service ended");
    }
    let Runner { service, inbox, .. } = runner;
    drop(inbox);
    // The handle may be gone.
    if let Err(unclaimed) = give_back.send(outcome.map(|()| service.into_inner())) {
        let _ = discard(unclaimed);
    }
}

async fn live<S: Runs>(runner: &mut ServiceRunner<S>) -> Result<(), Stopped> {
    if let Err(failure) = start(&mut *runner.service, S::startup) {
        if let Failure::Panicked(text) = &failure {
            runner.context.panicked(At::Hook, text);
        }
        return Err(Stopped::Failed(failure));
    }
    if S::RUNS { run_service(runner).await } else { runner.serve().await }
}

/// A service with a method `run`.
async fn run_service<S: Runs>(runner: &mut ServiceRunner<S>) -> Result<(), Stopped> {
    loop {
        let outcome = caught(runner.service.run(&runner.context)).await;
        let now = runner.clock.ticks();
        match outcome {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => {
                runner.context.run_failed(&error);
                // A service that had to end has ended, even if it returned an error.
                if runner.context.is_shutting_down() || !runner.supervisor.restarts() {
                    return Err(Stopped::Failed(Failure::Run(error)));
                }
                runner.recover(Failure::Run(error), now).await?;
            }
            Err(text) => {
                runner.context.panicked(At::Hook, &text);
                runner.recover(Failure::Panicked(text), now).await?;
            }
        }
        if runner.context.is_shutting_down() {
            return Ok(());
        }
    }
}

/// Calls its hook. An error is reported, and the end goes on.
fn shutdown<S: Runs>(runner: &mut ServiceRunner<S>) -> Result<(), ServiceError> {
    match catch(|| runner.service.shutdown()) {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            let context = &runner.context;
            notice::warning!(context.bus().notices(), service = context.name(), %error, "`shutdown` failed");
        }
        Err(text) => {
            runner.context.panicked(At::Hook, &text);
            return Err(error(&runner.context, Stopped::Failed(Failure::Panicked(text))));
        }
    }
    Ok(())
}

/// The error that the owner of a service gets.
fn error(context: &ServiceContext, stopped: Stopped) -> ServiceError {
    let service = context.name().to_owned();
    match stopped {
        Stopped::Cut => ServiceError::CutOff { service },
        Stopped::Failed(failure) => failure.of(service),
    }
}

impl Failure {
    /// The same, as the error of this service.
    pub(super) fn of(&self, service: String) -> ServiceError {
        match self {
            Self::Panicked(text) => ServiceError::Panicked { service, text: text.clone() },
            Self::Startup(error) => ServiceError::Startup { service, error: error.clone() },
            Self::Run(error) => ServiceError::Run { service, error: error.clone() },
        }
    }
}
