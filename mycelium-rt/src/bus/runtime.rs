//! Runs services on a bus, and ends them.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};
use tracing::Instrument;

use super::inbox::{Busy, Inbox, Kind};
use super::registration::{Cancel, Intake, Registration};
use super::running::{Runs, run};
use super::service::Tally;
use super::within;
use super::{Bus, BusError, ServiceContext, ServiceHandle};
use crate::clock::ManualClock;
use crate::lane::OnPanic;
use crate::lane::supervise::Supervisor;
use crate::routing::{Clock, Dispatch, OnBus};
use crate::service::{Factory, Parts, Runner, ServiceClock};
use crate::unwind::{Contained, contained_future};

/// How far a service is on the way to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Running,
    /// Sources and timers have stopped, and `run` is to return; messages are still handled.
    Draining,
    /// No more messages come in.
    Stopping,
}

/// Runs services on a [`Bus`], each on a tokio task of its own. Services can be spawned at any time.
///
/// Dropping it ends nothing: services go on until their handles shut them down, or the tokio runtime ends. Services without a handle then
/// end only with the tokio runtime.
pub struct Runtime {
    bus: Bus,
    handle: Handle,
    clock: ServiceClock,
    busy: Arc<Busy>,
    services: Mutex<Vec<Spawned>>,
}

struct Spawned {
    stage: watch::Sender<Stage>,
    cancel: Cancel,
    /// Whether it has a method `run`.
    runs: bool,
    /// Closed when the service has ended.
    ended: oneshot::Receiver<()>,
}

/// How a service is run.
///
/// ```
/// use mycelium_rt::bus::Options;
/// use mycelium_rt::lane::{OnPanic, Restart};
///
/// let options = Options { capacity: Some(64), on_panic: OnPanic::Restart(Restart::default()), ..Options::default() };
/// ```
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Its name; that of its type, if left out.
    pub name: Option<String>,
    /// The most messages that may wait for it; the capacity of the bus, if left out.
    pub capacity: Option<usize>,
    /// What follows a panic: with [`OnPanic::Stop`] this service ends, with [`OnPanic::Restart`] it is made again and goes on with the
    /// next message. The current message is lost in either case, and counted. With [`OnPanic::Restart`], a `run` that returns an error is
    /// restarted by the same rules; otherwise it ends the service with [`ServiceError::Run`](super::ServiceError::Run).
    pub on_panic: OnPanic,
}

/// What was left when a runtime shut down; all zero if everything was handled in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Ended {
    /// The number of services that did not end in time, and were cut off.
    pub cut_off: usize,
    /// The number of messages that waited for services at the deadline.
    pub messages: usize,
}

impl Runtime {
    /// Runs services of `bus` on the current tokio runtime, which must have its timer enabled, as for [`on`](Self::on).
    ///
    /// # Errors
    /// Outside of a tokio runtime.
    pub fn new(bus: &Bus) -> Result<Self, tokio::runtime::TryCurrentError> {
        Ok(Self::on(bus, Handle::try_current()?))
    }

    /// Runs services of `bus` on the tokio runtime of `handle`, which must have its timer enabled (`enable_time`). Otherwise anything that
    /// waits for a time (a service, [`shutdown`](Self::shutdown), [`Bus::request`]) panics.
    #[must_use]
    pub fn on(bus: &Bus, handle: Handle) -> Self {
        let (clock, busy, services) = (ServiceClock::of_runtime(&handle), Arc::default(), Mutex::default());
        Self { bus: bus.clone(), handle, clock, busy, services }
    }

    /// Gives services this clock instead of the system's: `now`, timers, sleeps and restarts follow it.
    #[must_use]
    pub fn with_clock(mut self, clock: ManualClock) -> Self {
        self.clock = ServiceClock::Manual(clock);
        self
    }

    /// Spawns a service. When this returns, it has subscribed to all that it handles.
    ///
    /// If it panics, it ends.
    ///
    /// # Errors
    /// [`BusError::Ring`] for its inbox; [`BusError::IdTaken`] and [`BusError::OtherLayout`] for what it handles;
    /// [`BusError::ResponderTaken`] if it replies to a message that another service replies to; [`BusError::Closed`].
    pub fn spawn<S>(&self, service: S) -> Result<ServiceHandle<S>, BusError>
    where
        S: OnBus<ServiceContext> + Send + 'static,
    {
        self.start(service, None, Options::default())
    }

    /// Spawns a service that `factory` makes, and makes again after a panic if `options` say so.
    ///
    /// # Errors
    /// As [`spawn`](Self::spawn).
    pub fn spawn_with<S, F>(&self, factory: F, options: Options) -> Result<ServiceHandle<S>, BusError>
    where
        S: OnBus<ServiceContext> + Send + 'static,
        F: FnMut() -> S + Send + 'static,
    {
        let mut factory = Factory::new(factory, S::startup);
        self.start(factory.make(), Some(factory), options)
    }

    fn start<S: Runs>(
        &self,
        service: S,
        factory: Option<Factory<S>>,
        options: Options,
    ) -> Result<ServiceHandle<S>, BusError> {
        let name: Arc<str> = options.name.unwrap_or_else(|| short_name::<S>().to_owned()).into();
        let (stage, tally) = (watch::Sender::new(Stage::Running), Arc::<Tally>::default());
        let max_body = largest::<S>();
        let (inbox, registration) = self.subscribe::<S>(options.capacity, max_body, &tally)?;
        let context = ServiceContext::new(&self.bus, &name, &self.clock, stage.subscribe(), &tally, &self.busy);
        let span = context.span().clone();
        let runner = Runner::new(Parts {
            name: "",
            service: Contained::new(service),
            context,
            inbox,
            clock: self.clock.clone(),
            supervisor: Supervisor::new(options.on_panic),
            factory,
            max_body,
        });
        let (give_back, end) = oneshot::channel();
        let (ending, ended) = oneshot::channel();
        let task = self.handle.spawn(contained_future(run(runner, give_back, ending).instrument(span))).abort_handle();
        let cancel = Cancel { task, registration };
        self.remember(Spawned { stage: stage.clone(), cancel: cancel.clone(), runs: S::RUNS, ended });
        Ok(ServiceHandle { name, stage, tally, cancel, runtime: self.handle.clone(), end })
    }

    /// Registers a service on the bus.
    fn subscribe<S: Runs>(
        &self,
        capacity: Option<usize>,
        max_body: usize,
        tally: &Arc<Tally>,
    ) -> Result<(Intake, Arc<Registration>), BusError> {
        let handled = <S as Dispatch<ServiceContext>>::HANDLED;
        let topics = handled.iter().map(|handled| self.bus.topic(&handled.info)).collect::<Result<Vec<_>, _>>()?;
        // A service without handlers gets no messages.
        let capacity = if topics.is_empty() { 1 } else { capacity.unwrap_or(self.bus.capacity()) };
        let (inbox, consumer) = Inbox::new(capacity, max_body, Kind::Service(Arc::clone(&self.busy)))?;
        let registration = Registration::new(&self.bus, topics, inbox, (handled, S::REPLIES), &self.handle)?;
        Ok((Intake::new(Arc::clone(&registration), consumer, Arc::clone(tally)), registration))
    }

    fn remember(&self, spawned: Spawned) {
        let mut services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
        services.retain(|earlier| !earlier.cancel.is_finished());
        services.push(spawned);
    }

    /// The time that services see.
    #[must_use]
    pub fn now(&self) -> crate::TimestampNs {
        self.clock.now()
    }

    /// Waits until the services are idle: everything that was published to them so far is handled, with all that followed from it. Sources
    /// and timers may cause new work at any time.
    ///
    /// What subscribers, `run` methods and other processes have not received yet does not count.
    pub async fn idle(&self) {
        self.busy.wait_idle().await;
    }

    /// Ends all services: first their sources, timers and `run` methods; then the rest, once everything that was published is handled, with
    /// all that followed from it. A service that has not ended by `deadline` is cut off where it waits.
    ///
    /// Handles give their services back by [`join`](ServiceHandle::join).
    pub async fn shutdown(self, deadline: Duration) -> Ended {
        let mut services = std::mem::take(&mut *self.services.lock().unwrap_or_else(PoisonError::into_inner));
        let ended = within(&self.handle, deadline, end(&mut services, &self.busy)).await;
        if ended.is_some() {
            return Ended::default();
        }
        let messages = self.busy.left();
        set(&services, Stage::Stopping);
        let late = services.iter().filter(|service| !service.cancel.is_finished());
        let cut_off = late.inspect(|service| service.cancel.cut()).count();
        Ended { cut_off, messages }
    }
}

/// The size of the largest message that a service handles.
fn largest<S: Runs>() -> usize {
    let handled = <S as Dispatch<ServiceContext>>::HANDLED;
    handled.iter().map(|handled| handled.info.size()).max().unwrap_or(0)
}

async fn end(services: &mut [Spawned], busy: &Busy) {
    set(services, Stage::Draining);
    // What they publish at their end is handled, too.
    wait_for(services.iter_mut().filter(|service| service.runs)).await;
    busy.wait_idle().await;
    set(services, Stage::Stopping);
    wait_for(services.iter_mut().filter(|service| !service.runs)).await;
}

async fn wait_for(services: impl Iterator<Item = &'_ mut Spawned>) {
    for service in services {
        // An error means that it has ended.
        let _ = (&mut service.ended).await;
    }
}

fn set(services: &[Spawned], stage: Stage) {
    for service in services {
        service.cancel.registration.begin_to_end();
        service.stage.send_replace(stage);
    }
}

fn short_name<S>() -> &'static str {
    let name = std::any::type_name::<S>();
    let plain = name.split('<').next().unwrap_or(name);
    plain.rsplit("::").next().unwrap_or(plain)
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("bus", &self.bus).finish_non_exhaustive()
    }
}
