//! One lane's side of a start: what it does at each step, on its own thread.

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;
use std::thread::JoinHandle;

use super::is_task;
use super::opening::{Opening, Watched};
use crate::Config;
use crate::lane::affinity::begin_real_time;
use crate::lane::end::Control;
use crate::lane::error::StartError;
use crate::lane::executor::{Awaits, Executor, Stage, timers_of};
use crate::lane::health::LaneState;
use crate::lane::incoming::{Inbox, Incoming};
use crate::lane::program::{Arrival, LaneProgram, PartsOf, RouterFacts};
use crate::lane::sender::SenderRegistry;
use crate::lane::spec::{LaneSpec, Place, RingKind, RingSpec, ServiceSpec};
use crate::lane::spin_policy::SpinPolicy;
use crate::lane::supervise::{Factory, Supervisor};
use crate::link::closing::Left;
use crate::link::report;
use crate::link::transport::threads::Others;
use crate::link::{Counters, Interrupt, RingSender};
use crate::message::floor_char_boundary;
use crate::notice::{self, Notices};
use crate::ring;
use crate::routing::{HookError, Origin};
use crate::time::Ticks;
use crate::unwind::catch;

/// An order to a lane while it starts.
pub(in crate::lane) enum Order {
    /// Take your services, and open your ends. With the sending ends of the rings that begin on this lane, by the index of the ring.
    Open(Vec<Option<RingSender>>),
    /// Call `startup` of this service.
    Startup(usize),
    /// Call `shutdown` of this service: the start is undone.
    Undo(usize),
    /// Run; timers count from this time.
    Go(Ticks),
}

/// The answer of a lane to an order.
pub(in crate::lane) enum Report {
    /// The rings that lead here: index, sending end, and the counters of the receiving end.
    Rings(Vec<(usize, RingSender, Counters)>),
    /// The ends are open.
    Open(Watched),
    /// The service was called.
    Done,
    /// The step failed.
    Failed(StartError),
}

/// The part of [`LaneSetup`] that does not depend on the router's types.
pub(in crate::lane) struct LaneBase {
    /// The index of the lane.
    pub(in crate::lane) index: usize,
    pub(in crate::lane) router: RouterFacts,
    pub(in crate::lane) spec: LaneSpec,
    pub(in crate::lane) config: Config,
    pub(in crate::lane) control: Arc<Control>,
    pub(in crate::lane) state: Arc<LaneState>,
    pub(in crate::lane) registry: Arc<SenderRegistry>,
    pub(in crate::lane) orders: Receiver<Order>,
    pub(in crate::lane) reports: Reports,
}

/// What a lane has before it runs.
pub(in crate::lane) struct LaneSetup<B: LaneProgram> {
    pub(in crate::lane) base: LaneBase,
    pub(in crate::lane) factory: Option<Factory<PartsOf<B>>>,
    /// See [`Launcher`](super::Launcher).
    pub(in crate::lane) parts: Arc<Mutex<PartsOf<B>>>,
}

impl<B: LaneProgram> LaneSetup<B> {
    /// Starts the thread that prepares the lane, drives it, or has tokio drive it, and ends it.
    pub(in crate::lane) fn spawn(self) -> io::Result<JoinHandle<()>> {
        spawn_thread(self.base.thread_name(), Box::new(move || self.run()))
    }

    fn run(self) {
        #[cfg(feature = "tokio")]
        if self.base.spec.place == Place::Tokio && self.base.config.lane_schedule().is_none() {
            return crate::lane::tokio_lane::run(self);
        }
        let parts = Arc::clone(&self.parts);
        if let Some(mut executor) = self.prepare() {
            executor.run();
            executor.finish(&parts);
        }
    }

    /// Everything up to the first turn; `None` if the start failed, here or elsewhere.
    pub(in crate::lane) fn prepare(self) -> Option<Executor<B>> {
        let (lane, reports) = (self.base.spec.name, self.base.reports.clone());
        let prepared = catch(|| self.follow()).unwrap_or_else(|text| Err(StartError::Panicked { lane, text }));
        prepared.unwrap_or_else(|error| {
            reports.send(Report::Failed(error));
            None
        })
    }

    /// Follows orders until the lane may run. If the channel closes before, the start has failed elsewhere.
    fn follow(self) -> Result<Option<Executor<B>>, StartError> {
        let base = &self.base;
        base.pin_thread()?;
        let rings = base.make_rings()?;
        let Some(Order::Open(senders)) = base.next_order() else { return Ok(None) };
        let outgoing = counters_of(&senders);
        let parts = B::take(&mut self.parts.lock().unwrap_or_else(PoisonError::into_inner));
        let mut opening = Opening::on_lane(&base.state, &base.config, &base.control, self.factory.clone(), senders);
        let mut body = B::open(parts, &mut opening)?;
        let watched = opening.watched;
        base.report(Report::Open(watched));
        while let Some(order) = base.next_order() {
            match order {
                Order::Startup(service) => base.startup(service, &mut || body.startup(service)),
                Order::Undo(service) => base.undo(service, &mut || body.shutdown(service)),
                Order::Go(now) => {
                    body.begin_tasks();
                    return Ok(Some(self.executor(body, rings, outgoing, now)));
                }
                // It is open already.
                Order::Open(_) => {}
            }
        }
        body.close(std::time::Instant::now(), &Interrupt::at(&base.control.cutoff), &mut Left::default());
        Ok(None)
    }

    fn executor(
        self,
        body: B,
        rings: Vec<(usize, Incoming)>,
        outgoing: Vec<(usize, Counters)>,
        now: Ticks,
    ) -> Executor<B> {
        let LaneBase { router, spec, config, control, state, registry, .. } = self.base;
        let mut spin = SpinPolicy::new(spec.place, is_task(&spec, &config));
        spin.glance_next();
        let schedule_slot = config.lane_schedule().map(|schedule| schedule.schedule_slot(B::LANE));
        let supervisor = Supervisor::new(spec.on_panic);
        Executor {
            body,
            rings,
            outgoing,
            inbox: Inbox::new(registry),
            timers: timers_of(&router, B::LANE, now),
            control,
            waker: Waker::from(Arc::clone(&state.waker)),
            state,
            clock: config.get_clock().clone(),
            spin,
            supervisor: match &schedule_slot {
                Some(schedule_slot) => supervisor.seeded(schedule_slot.seed()),
                None => supervisor,
            },
            factory: self.factory,
            hooks: config.hooks(),
            stage: Stage::Running,
            flushed: 0,
            pausing: None,
            awaits: Awaits::Look,
            over: false,
            schedule_slot,
        }
    }
}

impl LaneBase {
    /// Pins the thread, before anything else, so that memory that is allocated later is near its core.
    fn pin_thread(&self) -> Result<(), StartError> {
        self.state.waker.adopt_this_thread();
        // Under a schedule every lane is on a plain thread.
        if self.config.lane_schedule().is_some() {
            return Ok(());
        }
        #[cfg(feature = "tokio")]
        if let Some(handle) = self.config.get_tokio().filter(|_| self.spec.place == Place::Tokio) {
            let refused = |source| StartError::Io { lane: self.spec.name, action: "use the runtime", source };
            crate::lane::tokio_lane::check_runtime(handle).map_err(refused)?;
        }
        if let Place::Pinned { core, .. } = self.spec.place {
            crate::sys::pin(core).map_err(|source| StartError::Io {
                lane: self.spec.name,
                action: "pin the thread",
                source,
            })?;
        }
        begin_real_time(&self.spec)
    }

    /// The rings that lead here.
    fn make_rings(&self) -> Result<Vec<(usize, Incoming)>, StartError> {
        let (mut rings, mut made) = (Vec::new(), Vec::new());
        for (index, spec) in self.router.rings.iter().enumerate().filter(|(_, spec)| spec.to == self.index) {
            let (incoming, sender) = make_ring(&self.router, spec, index, &self.config)?;
            let schedule_slot =
                self.config.lane_schedule().map(|schedule| Others::Lanes(schedule.schedule_slot(spec.from)));
            let sender = sender.with_others(schedule_slot);
            // A sender that waits for room is released at the deadline of a shutdown.
            self.control.interrupt_at_deadline(sender.interrupt());
            made.push((index, sender, incoming.counters().clone()));
            rings.push((index, incoming));
        }
        self.report(Report::Rings(made));
        Ok(rings)
    }

    fn startup(&self, service: usize, startup: &mut dyn FnMut() -> Result<(), HookError>) {
        let report = match catch(startup) {
            Ok(Ok(())) => Report::Done,
            Ok(Err(error)) => {
                Report::Failed(StartError::Startup { service: self.router.service(service), text: error.to_string() })
            }
            Err(text) => Report::Failed(StartError::Panicked { lane: self.spec.name, text }),
        };
        self.report(report);
    }

    fn undo(&self, service: usize, shutdown: &mut dyn FnMut() -> Result<(), HookError>) {
        shut_down(self.router.service(service), &self.config.notices(), shutdown);
        self.report(Report::Done);
    }

    fn report(&self, report: Report) {
        self.reports.send(report);
    }

    /// Waits for the next order; `None` if the start has failed elsewhere.
    fn next_order(&self) -> Option<Order> {
        self.orders.recv().ok()
    }

    /// `hot:spread+risk`, cut to what the kernel keeps: 15 bytes.
    fn thread_name(&self) -> String {
        const KEPT: usize = 15;
        let is_here = |service: &&ServiceSpec| service.lane == self.index && !service.task;
        let services = self.router.services.iter().filter(is_here).map(|service| service.name);
        let whole = format!("{}:{}", self.spec.name, services.collect::<Vec<_>>().join("+"));
        whole.get(..floor_char_boundary(&whole, KEPT)).unwrap_or_default().trim_end_matches([':', '+']).to_owned()
    }
}

/// The channel of reports of all lanes.
#[derive(Clone)]
pub(in crate::lane) struct Reports(Sender<Report>);

impl Reports {
    pub(in crate::lane) fn new() -> (Self, Receiver<Report>) {
        let (reports, reported) = channel();
        (Self(reports), reported)
    }

    fn send(&self, report: Report) {
        // No one receives it if the start has failed elsewhere.
        let _ = self.0.send(report);
    }
}

/// Calls `shutdown` of a service, and reports an error or a panic.
pub(in crate::lane) fn shut_down(
    service: &'static str,
    notices: &Notices,
    shutdown: &mut dyn FnMut() -> Result<(), HookError>,
) {
    match catch(shutdown) {
        Ok(Ok(())) => {}
        Ok(Err(error)) => notice::error!(notices, service, %error, "shutdown failed"),
        Err(reason) => notice::error!(notices, service, reason, "shutdown panicked"),
    }
}

/// Boxed, so that the standard library's part is compiled with the runtime, and not for each lane.
fn spawn_thread(name: String, run: Box<dyn FnOnce() + Send>) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name(name).spawn(run)
}

/// The counters of the senders that are here, by the index of the ring.
fn counters_of(senders: &[Option<RingSender>]) -> Vec<(usize, Counters)> {
    let senders = senders.iter().enumerate();
    senders.filter_map(|(index, sender)| Some((index, Counters::clone(sender.as_ref()?.counters())))).collect()
}

fn make_ring(
    router: &RouterFacts,
    spec: &RingSpec,
    index: usize,
    config: &Config,
) -> Result<(Incoming, RingSender), StartError> {
    let (from_lane, to_lane) = (router.lane(spec.from), router.lane(spec.to));
    let (producer, consumer) = ring::queue(spec.kind.room(), spec.max_body).map_err(|reason| StartError::Ring {
        from: from_lane,
        to: to_lane,
        reason,
    })?;
    let (arrival, origin) = match spec.kind {
        RingKind::Implicit => (Arrival::Lane, Origin::Lane(from_lane)),
        RingKind::Queue { service, .. } => (Arrival::Queue(service), Origin::Queue(router.service(service))),
    };
    let from = |place: String| match spec.kind {
        RingKind::Implicit => place,
        RingKind::Queue { .. } => format!("{place}, from lane `{from_lane}` to lane `{to_lane}`"),
    };
    let report = report::Report::new(from(router.ring_name(index)), config.notices());
    let sender = RingSender::new(spec.kind.on_full(), spec.kind.batch(), producer, report, config.counters());
    Ok((Incoming::new(consumer, arrival, origin, config.counters()), sender))
}
