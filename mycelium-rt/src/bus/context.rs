//! The context of a service on a bus.

use std::fmt::{self, Display};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{oneshot, watch};

use super::inbox::{Busy, Origin, Reply};
use super::runtime::Stage;
use super::service::Tally;
use super::topic::PublisherSet;
use super::{Bus, BusError, Metrics, Publisher, Subscriber};
use crate::counters::{Group, ServiceWords};
use crate::notice;
use crate::routing::{Clock, DispatchContext, Emit, HookError, ReportFailure};
use crate::service::{At, End, Failure, Host, ServiceClock};
use crate::{Message, TimestampNs};

/// The context of a service on a bus: it emits, subscribes, tells the time, sleeps, and learns when it is to end.
///
/// Handlers see it as `cx: &mut impl Emit<M>`; a method `run` gets it as it is.
///
/// ```
/// use contracts::{Bar, Signal};
/// use mycelium_rt::bus::{Bus, BusError, Runtime, ServiceContext, Woken};
/// use mycelium_rt::service;
/// use std::time::Duration;
///
/// /// Emits a signal every hour, until the service ends.
/// struct Beat {
///     beats: u64,
/// }
///
/// #[service]
/// impl Beat {
///     async fn run(&mut self, cx: &ServiceContext) -> Result<(), BusError> {
///         while !cx.is_shutting_down() {
///             cx.emit(&Signal::default());
///             self.beats += 1;
///             cx.metrics().add("beats", 1);
///             cx.sleep(Duration::from_secs(3600)).await; // ends early when the service is to end
///         }
///         Ok(())
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let bus = Bus::new();
/// let runtime = Runtime::new(&bus)?;
/// let mut signals = bus.subscribe::<Signal>()?;
/// let beat = runtime.spawn(Beat { beats: 0 })?;
/// signals.recv().await?;
/// assert_eq!(beat.shutdown(Duration::from_secs(5)).await?.beats, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ServiceContext {
    bus: Bus,
    name: Arc<str>,
    clock: ServiceClock,
    stage: StageSeen,
    busy: Arc<Busy>,
    tally: Arc<Tally>,
    span: tracing::Span,
    /// Publishers of the messages that were emitted so far.
    publisher_sets: Mutex<Vec<PublisherSet>>,
    /// Where the reply to the current message goes, if it is a request.
    pub(super) reply_to: Option<oneshot::Sender<Reply>>,
}

/// How a sleep ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// The time is over.
    InTime,
    /// The service is to end.
    ToEnd,
}

impl ServiceContext {
    pub(super) fn new(
        bus: &Bus,
        name: &Arc<str>,
        clock: &ServiceClock,
        stage: watch::Receiver<Stage>,
        tally: &Arc<Tally>,
        busy: &Arc<Busy>,
    ) -> Self {
        let span = tracing::info_span!("service", name = &**name);
        let (name, tally) = (Arc::clone(name), Arc::clone(tally));
        Self {
            bus: bus.clone(),
            name,
            clock: clock.clone(),
            stage: StageSeen(stage),
            busy: Arc::clone(busy),
            tally,
            span,
            publisher_sets: Mutex::default(),
            reply_to: None,
        }
    }

    /// The name of the service, as its runtime calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Publishes a message, and never waits. A receiver without room sees a gap.
    ///
    /// A message that can't be on this bus, since another one has its id, is refused, counted and logged.
    pub fn emit<M: Message>(&self, message: &M) {
        let mut publisher_sets = self.publisher_sets.lock().unwrap_or_else(PoisonError::into_inner);
        match publishers::<M>(&mut publisher_sets, &self.bus) {
            Ok(publishers) => {
                publishers.publish(M::ID, message.as_bytes(), Origin::Here);
                self.tally.emitted.add(1);
            }
            Err(error) => {
                drop(publisher_sets);
                self.tally.refused.add(1);
                notice::error!(self.bus.notices(), parent: &self.span, service = %self.name, %error, "message refused");
            }
        }
    }

    /// A publisher of `M`, which is faster than [`emit`](Self::emit) where one message is emitted often.
    ///
    /// # Errors
    /// As [`Bus::publisher`].
    pub fn publisher<M: Message>(&self) -> Result<Publisher<M>, BusError> {
        self.bus.publisher()
    }

    /// Receives what is published as `M` from now on.
    ///
    /// # Errors
    /// As [`Bus::subscribe`].
    pub fn subscribe<M: Message>(&self) -> Result<Subscriber<M>, BusError> {
        self.bus.subscribe()
    }

    /// The bus, for requests and everything else.
    #[must_use]
    pub fn bus(&self) -> &Bus {
        &self.bus
    }

    /// Whether the service is to end.
    #[must_use]
    pub fn is_shutting_down(&self) -> bool {
        self.stage.has_begun()
    }

    /// Waits until the service is to end.
    pub async fn shutting_down(&self) {
        self.stage.begun().await;
    }

    /// Sleeps for `duration`, or until the service is to end.
    pub async fn sleep(&self, duration: Duration) -> Woken {
        tokio::select! {
            biased;
            () = self.shutting_down() => Woken::ToEnd,
            () = self.clock.sleep(duration) => Woken::InTime,
        }
    }

    /// The span of everything that is logged on the task of the service.
    #[must_use]
    pub fn span(&self) -> &tracing::Span {
        &self.span
    }

    /// The metrics of the service, which [`ServiceHandle::stats`](super::ServiceHandle::stats) includes.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.tally.metrics
    }

    /// Counts and reports an error of its `run`.
    pub(super) fn run_failed(&self, error: &HookError) {
        self.tally.words.errors.add(1);
        notice::warning!(self.bus.notices(), service = self.name(), %error, "`run` failed");
    }
}

/// How far the service is to go, as its handle and its runtime say.
#[derive(Debug)]
pub(crate) struct StageSeen(watch::Receiver<Stage>);

impl StageSeen {
    async fn reaches(&self, wanted: impl FnMut(&Stage) -> bool) {
        if self.0.clone().wait_for(wanted).await.is_err() {
            // Its handle and its runtime are gone, so nothing ends it: it runs as long as the tokio runtime does.
            std::future::pending::<()>().await;
        }
    }
}

impl End for StageSeen {
    fn has_begun(&self) -> bool {
        *self.0.borrow() != Stage::Running
    }

    async fn begun(&self) {
        self.reaches(|stage| *stage != Stage::Running).await;
    }

    async fn closing(&self) {
        self.reaches(|stage| *stage == Stage::Stopping).await;
    }
}

/// The publisher of `M`, which is looked up once.
fn publishers<'a, M: Message>(
    publisher_sets: &'a mut Vec<PublisherSet>,
    bus: &Bus,
) -> Result<&'a mut PublisherSet, BusError> {
    let index = match publisher_sets.iter().position(|publishers| publishers.is_of::<M>()) {
        Some(index) => index,
        None => {
            publisher_sets.push(bus.publishers::<M>()?);
            publisher_sets.len() - 1
        }
    };
    // Never an error: the index was just found.
    publisher_sets.get_mut(index).ok_or(BusError::OtherLayout { message: M::NAME })
}

impl<M: Message> Emit<M> for ServiceContext {
    fn emit(&mut self, message: &M) {
        Self::emit(self, message);
    }
}

impl Clock for ServiceContext {
    fn now(&self) -> TimestampNs {
        self.clock.now()
    }
}

impl ReportFailure for ServiceContext {
    fn report_failure(&mut self, message: &'static str, error: &dyn Display) {
        self.tally.words.errors.add(1);
        notice::warning!(self.bus.notices(), parent: &self.span, service = %self.name, message, %error, "handler failed");
    }
}

impl DispatchContext for ServiceContext {
    fn refuse(&mut self, id: u16, reason: &dyn Display) {
        self.tally.refused.add(1);
        notice::error!(self.bus.notices(), parent: &self.span, service = %self.name, id, %reason, "message refused");
    }

    fn reply<R: Message>(&mut self, reply: &R) {
        // Without a requester the message was published, or the requester has given up.
        if let Some(requester) = self.reply_to.take() {
            let _ = requester.send(Box::new(*reply));
        }
    }
}

impl Host for ServiceContext {
    type End = StageSeen;

    fn end(&self) -> &StageSeen {
        &self.stage
    }

    /// A shutdown waits for these calls.
    fn begin_calls(&mut self) {
        self.busy.begin(1);
    }

    fn end_calls(&mut self) {
        self.busy.done(1);
    }

    fn words(&self) -> &Group<ServiceWords> {
        &self.tally.words
    }

    fn panicked(&mut self, at: At<'_>, reason: &str) {
        if let At::Messages { count, .. } = at {
            self.tally.words.lost_in_panics.add(count as u64);
        }
        self.tally.words.panics.add(1);
        notice::error!(self.bus.notices(), service = self.name(), panic = %reason, "service panicked");
    }

    fn restarted(&mut self) {
        self.tally.words.restarts.add(1);
    }

    fn not_restarted(&mut self, failure: &Failure) {
        let error = failure.of(self.name().to_owned());
        notice::error!(self.bus.notices(), service = self.name(), %error, "a restart failed");
    }
}

impl fmt::Debug for ServiceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceContext").field("service", &self.name).finish_non_exhaustive()
    }
}
