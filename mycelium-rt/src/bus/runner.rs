//! What runs on the task of a service.

use std::future::poll_fn;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::agenda::Agenda;
use super::busy::Busy;
use super::clock::BusClock;
use super::intake::Intake;
use super::{ServiceContext, ServiceError};
use crate::lane::supervise::{Supervisor, Verdict};
use crate::notice;
use crate::ring::Ready;
use crate::routing::{Handed, HookError, OnBus};
use crate::time::Ticks;
use crate::unwind::{Contained, catch, caught, discard};

/// Messages between two points at which the task lets others of its runtime run.
const TURN: usize = 64;

/// Makes a service anew.
pub(super) type Factory<S> = Box<dyn FnMut() -> S + Send>;

pub(super) struct Runner<S> {
    pub(super) service: Contained<S>,
    pub(super) factory: Option<Factory<S>>,
    pub(super) supervisor: Supervisor,
    pub(super) intake: Intake,
    pub(super) context: ServiceContext,
    pub(super) agenda: Agenda,
    pub(super) busy: Arc<Busy>,
}

/// What there is to do.
enum Work {
    Messages,
    Agenda,
    Stop,
}

/// A service that a bus runs.
pub(super) trait Runs: OnBus<ServiceContext> + Send + 'static {}

impl<S: OnBus<ServiceContext> + Send + 'static> Runs for S {}

impl<S: Runs> Runner<S> {
    /// Runs the service to its end, and gives it back. `_ending` is dropped last: whoever holds its other end learns of it.
    pub(super) async fn run(
        mut self,
        give_back: oneshot::Sender<Result<S, ServiceError>>,
        _ending: oneshot::Sender<()>,
    ) {
        let outcome = self.live().await;
        self.intake.leave();
        let outcome = outcome.and_then(|()| self.shutdown());
        if let Err(error) = &outcome {
            notice::error!(self.context.bus().notices(), service = self.context.name(), %error, "service ended");
        }
        let Self { service, intake, .. } = self;
        drop(intake);
        // Nobody may have kept the handle.
        if let Err(unclaimed) = give_back.send(outcome.map(|()| service.into_inner())) {
            let _ = discard(unclaimed);
        }
    }

    async fn live(&mut self) -> Result<(), ServiceError> {
        self.startup()?;
        if S::RUNS { self.run_service().await } else { self.serve().await }
    }

    fn name(&self) -> String {
        self.context.name().to_owned()
    }

    fn startup(&mut self) -> Result<(), ServiceError> {
        let outcome = catch(|| self.service.startup()).map_err(|panic| self.panicked(panic))?;
        outcome.map_err(|error| ServiceError::Startup { service: self.name(), error })
    }

    /// Its hook; an error of it is told, and keeps nothing from ending.
    fn shutdown(&mut self) -> Result<(), ServiceError> {
        let outcome = catch(|| self.service.shutdown()).map_err(|panic| self.panicked(panic))?;
        if let Err(error) = outcome {
            notice::warning!(self.context.bus().notices(), service = self.context.name(), %error, "`shutdown` failed");
        }
        Ok(())
    }

    fn panicked(&self, text: String) -> ServiceError {
        self.context.tally().panics.add(1);
        notice::error!(self.context.bus().notices(), service = self.context.name(), panic = %text, "service panicked");
        ServiceError::Panicked { service: self.name(), text }
    }

    /// A service with a method `run`.
    async fn run_service(&mut self) -> Result<(), ServiceError> {
        loop {
            match caught(self.service.run(&self.context)).await {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(error)) => {
                    let error = self.failed(error);
                    // Who is to end has ended, and says why.
                    if self.context.is_shutting_down() || !self.supervisor.restarts() {
                        return Err(error);
                    }
                    self.recover(error).await?;
                }
                Err(panic) => self.after_panic(panic).await?,
            }
            if self.context.is_shutting_down() {
                return Ok(());
            }
        }
    }

    fn failed(&self, error: HookError) -> ServiceError {
        self.context.tally().errors.add(1);
        notice::warning!(self.context.bus().notices(), service = self.context.name(), %error, "`run` failed");
        ServiceError::Run { service: self.name(), error }
    }

    /// A service with handlers, sources and timers.
    async fn serve(&mut self) -> Result<(), ServiceError> {
        self.agenda.begin(self.context.clock().ticks());
        loop {
            match self.wait().await {
                Work::Messages => self.take_turn().await?,
                Work::Agenda => self.drive().await?,
                Work::Stop => break,
            }
            // A service that always finds something to do would keep the thread to itself.
            tokio::task::yield_now().await;
        }
        self.intake.leave();
        while self.hand_over_turn().await? > 0 {
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    async fn wait(&mut self) -> Work {
        let due = if self.context.is_shutting_down() { None } else { self.agenda.next() };
        let (context, intake) = (&self.context, &mut self.intake);
        tokio::select! {
            biased;
            () = context.stopping() => Work::Stop,
            ready = poll_fn(|cx| intake.poll_ready(cx)) => match ready {
                Ready::Closed => Work::Stop,
                Ready::Yes | Ready::TimedOut => Work::Messages,
            },
            () = at(context, due) => Work::Agenda,
            // What is due is looked up again: there is nothing any more.
            () = context.shutting_down(), if due.is_some() => Work::Messages,
        }
    }

    async fn take_turn(&mut self) -> Result<(), ServiceError> {
        self.hand_over_turn().await?;
        // Messages that keep coming don't keep timers waiting.
        if self.agenda.next().is_some_and(|due| self.context.clock().ticks().has_reached(due)) {
            self.drive().await?;
        }
        Ok(())
    }

    /// Hands over what is there, up to the bound of a turn. Returns how many messages that were.
    async fn hand_over_turn(&mut self) -> Result<usize, ServiceError> {
        let mut taken = 0;
        while taken < TURN {
            match self.intake.take() {
                0 => break,
                messages => taken += messages,
            }
            self.deliver().await?;
            if self.intake.is_ending() {
                // Who ends it may need this thread, and cuts it off here.
                tokio::task::yield_now().await;
            }
        }
        Ok(taken)
    }

    /// Hands over the messages at hand.
    async fn deliver(&mut self) -> Result<(), ServiceError> {
        let (id, bodies) = self.intake.messages();
        if S::REPLIES.contains(&id) {
            self.context.asker = self.intake.asker();
        }
        let outcome = caught(self.service.deliver(id, Handed::new(bodies), &mut self.context)).await;
        // Dropped, if the handler has not replied: whoever asked need not wait any longer.
        self.context.asker = None;
        let messages = self.intake.settle();
        match outcome {
            Ok(()) => Ok(()),
            Err(panic) => {
                self.context.tally().lost_in_panics.add(messages as u64);
                self.after_panic(panic).await
            }
        }
    }

    /// Calls the sources and timers that are due.
    async fn drive(&mut self) -> Result<(), ServiceError> {
        // Counted before the look at the stage: a shutdown that is not seen here waits for this turn.
        self.busy.begin();
        let outcome = if self.context.is_shutting_down() { Ok(()) } else { self.drive_now() };
        self.busy.done(1);
        match outcome {
            Ok(()) => Ok(()),
            Err(panic) => self.after_panic(panic).await,
        }
    }

    fn drive_now(&mut self) -> Result<(), String> {
        let now = self.context.clock().ticks();
        let Self { agenda, service, context, intake, .. } = self;
        catch(|| agenda.turn(&mut **service, context, now, || !intake.is_ending()))
    }

    async fn after_panic(&mut self, text: String) -> Result<(), ServiceError> {
        let error = self.panicked(text);
        self.recover(error).await
    }

    /// Does what the policy says of an error, again for each attempt that fails.
    async fn recover(&mut self, mut error: ServiceError) -> Result<(), ServiceError> {
        loop {
            match self.supervisor.judge(self.context.clock().ticks()) {
                Verdict::Abort => std::process::abort(),
                Verdict::Stop => return Err(error),
                Verdict::RestartAfter(_) if self.factory.is_none() => return Err(error),
                Verdict::RestartAfter(pause) => {
                    // Cut short when the service is to end: what it has in its inbox is handled nevertheless.
                    let _ = self.context.sleep(pause).await;
                    match self.restart() {
                        Ok(()) => return Ok(()),
                        Err(failed) => error = failed,
                    }
                    notice::error!(self.context.bus().notices(), service = self.context.name(), %error, "a restart failed");
                    // The pause may be none at all, and then a task that is cut off would never come to where it ends.
                    tokio::task::yield_now().await;
                }
            }
        }
    }

    /// Makes the service anew, and starts it.
    fn restart(&mut self) -> Result<(), ServiceError> {
        let Some(factory) = &mut self.factory else { return Ok(()) };
        let made = catch(factory).map_err(|panic| self.panicked(panic))?;
        // The new one is well, whatever the old one does as it goes.
        let _ = self.service.replace(made);
        self.startup()?;
        // A new service has all its sources before it.
        self.agenda = agenda_of::<S>(self.context.clock());
        self.context.tally().restarts.add(1);
        Ok(())
    }
}

/// What a service does by itself, each timer due one period from now.
pub(super) fn agenda_of<S: OnBus<ServiceContext>>(clock: &BusClock) -> Agenda {
    Agenda::new(S::SOURCES.len(), S::TIMERS, clock.ticks())
}

/// Waits until then; without a time, for ever.
async fn at(context: &ServiceContext, due: Option<Ticks>) {
    match due {
        // One that is over already would sleep until the next whole millisecond.
        Some(due) if context.clock().ticks().has_reached(due) => {}
        Some(due) => context.clock().sleep_until(due).await,
        None => std::future::pending().await,
    }
}
