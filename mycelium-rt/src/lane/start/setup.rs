//! One lane's side of a start: what it does at each step, on its own thread.

use std::io;
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::task::Waker;
use std::thread::JoinHandle;

use super::is_task;
use super::opening::{Opening, Watched};
use crate::Config;
use crate::lane::end::Control;
use crate::lane::error::StartError;
use crate::lane::executor::{Awaits, Executor, Stage, timers_of};
use crate::lane::health::LaneState;
use crate::lane::incoming::{Inbox, Incoming};
use crate::lane::program::{Arrival, LaneProgram, PartsOf, RouterSpec};
use crate::lane::running::ring_name;
use crate::lane::sender::SenderRegistry;
use crate::lane::spec::{LaneSpec, Place, RingKind, RingSpec};
use crate::lane::spin_policy::SpinPolicy;
use crate::lane::supervise::{Factory, Supervisor};
use crate::link::closing::Left;
use crate::link::report;
use crate::link::transport::threads::Others;
use crate::link::{Counters, Interrupt, RingSender};
use crate::notice;
use crate::ring;
use crate::routing::Origin;
use crate::routing::timer_queue::TimerQueue;
use crate::time::Ticks;
use crate::unwind::catch;

/// An order to a lane while it starts.
pub(in crate::lane) enum Order<S: RouterSpec> {
    /// Open your ends.
    Open {
        /// The lane's services.
        parts: S::Parts,
        /// The sending ends of the rings that begin on this lane, by the index of the ring.
        senders: Vec<Option<RingSender>>,
    },
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

/// What a lane has before it runs.
pub(in crate::lane) struct LaneSetup<B: LaneProgram> {
    pub(in crate::lane) spec: LaneSpec,
    pub(in crate::lane) config: Config,
    pub(in crate::lane) control: Arc<Control>,
    pub(in crate::lane) state: Arc<LaneState>,
    pub(in crate::lane) registry: Arc<SenderRegistry>,
    pub(in crate::lane) factory: Option<Factory<PartsOf<B>>>,
    pub(in crate::lane) given_back: Arc<Mutex<PartsOf<B>>>,
    pub(in crate::lane) orders: Receiver<Order<B::Router>>,
    pub(in crate::lane) reports: Sender<(usize, Report)>,
}

impl<B: LaneProgram> LaneSetup<B> {
    /// Starts the thread called `name` that prepares the lane, drives it, or has tokio drive it, and ends it.
    pub(in crate::lane) fn spawn(self, name: String) -> io::Result<Option<JoinHandle<()>>> {
        std::thread::Builder::new().name(name).spawn(move || self.run()).map(Some)
    }

    fn run(self) {
        #[cfg(feature = "bus")]
        if self.spec.place == Place::Tokio && self.config.lane_schedule().is_none() {
            return crate::lane::tokio_lane::run(self);
        }
        let given_back = Arc::clone(&self.given_back);
        if let Some(mut executor) = self.prepare() {
            executor.run();
            executor.finish(&given_back);
        }
    }

    /// Everything up to the first turn; `None` if the start failed, here or elsewhere.
    pub(in crate::lane) fn prepare(self) -> Option<Executor<B>> {
        let lane = self.spec.name;
        let reports = self.reports.clone();
        match catch(|| self.follow()) {
            Ok(Ok(executor)) => executor,
            Ok(Err(error)) => {
                // No one receives it if another lane has failed before.
                let _ = reports.send((B::LANE, Report::Failed(error)));
                None
            }
            Err(text) => {
                let error = StartError::Panicked { lane, text };
                let _ = reports.send((B::LANE, Report::Failed(error)));
                None
            }
        }
    }

    /// Follows orders until the lane may run. If the channel closes before, the start has failed elsewhere.
    fn follow(self) -> Result<Option<Executor<B>>, StartError> {
        self.pin_thread()?;
        let rings = self.make_rings()?;
        let Ok(Order::Open { parts, senders }) = self.orders.recv() else { return Ok(None) };
        let outgoing = senders.iter().enumerate();
        let outgoing = outgoing
            .filter_map(|(index, sender)| Some((index, Counters::clone(sender.as_ref()?.counters()))))
            .collect();
        let mut opening = Opening::on_lane(&self.state, &self.config, &self.control, self.factory.clone(), senders);
        let mut body = B::open(parts, &mut opening)?;
        let watched = opening.watched;
        self.report(Report::Open(watched));
        while let Ok(order) = self.orders.recv() {
            match order {
                Order::Startup(service) => self.startup(&mut body, service),
                Order::Undo(service) => self.undo(&mut body, service),
                Order::Go(now) => {
                    body.begin_tasks();
                    return Ok(Some(self.executor(body, rings, outgoing, timers_of::<B>(now))));
                }
                // It is open already.
                Order::Open { .. } => {}
            }
        }
        body.close(std::time::Instant::now(), &Interrupt::at(&self.control.cutoff), &mut Left::default());
        Ok(None)
    }

    /// Pins the thread, before anything else, so that memory that is allocated later is near its core.
    fn pin_thread(&self) -> Result<(), StartError> {
        self.state.waker.adopt_this_thread();
        // Under a schedule every lane is on a plain thread.
        if self.config.lane_schedule().is_some() {
            return Ok(());
        }
        #[cfg(feature = "bus")]
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
        Ok(())
    }

    /// The rings that lead here.
    fn make_rings(&self) -> Result<Vec<(usize, Incoming)>, StartError> {
        let (mut rings, mut made) = (Vec::new(), Vec::new());
        for (index, spec) in B::Router::RINGS.iter().enumerate().filter(|(_, spec)| spec.to == B::LANE) {
            let (incoming, sender) = make_ring::<B::Router>(spec, index, &self.config)?;
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

    fn startup(&self, body: &mut B, service: usize) {
        let name = B::Router::SERVICES.get(service).map_or("", |spec| spec.name);
        let report = match catch(|| body.startup(service)) {
            Ok(Ok(())) => Report::Done,
            Ok(Err(error)) => Report::Failed(StartError::Startup { service: name, text: error.to_string() }),
            Err(text) => Report::Failed(StartError::Panicked { lane: self.spec.name, text }),
        };
        self.report(report);
    }

    fn undo(&self, body: &mut B, service: usize) {
        let name = B::Router::SERVICES.get(service).map_or("", |spec| spec.name);
        match catch(|| body.shutdown(service)) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => notice::error!(self.config.notices(), service = name, %error, "shutdown failed"),
            Err(reason) => notice::error!(self.config.notices(), service = name, reason, "shutdown panicked"),
        }
        self.report(Report::Done);
    }

    fn report(&self, report: Report) {
        // No one receives it if the start has failed elsewhere.
        let _ = self.reports.send((B::LANE, report));
    }

    fn executor(
        self,
        body: B,
        rings: Vec<(usize, Incoming)>,
        outgoing: Vec<(usize, Counters)>,
        timers: TimerQueue,
    ) -> Executor<B> {
        let clock = self.config.get_clock().clone();
        let mut spin = SpinPolicy::new(self.spec.place, is_task(&self.spec, &self.config));
        spin.glance_next();
        let schedule_slot = self.config.lane_schedule().map(|schedule| schedule.schedule_slot(B::LANE));
        let supervisor = Supervisor::new(self.spec.on_panic);
        Executor {
            body,
            rings,
            outgoing,
            inbox: Inbox::new(self.registry),
            timers,
            control: self.control,
            waker: Waker::from(Arc::clone(&self.state.waker)),
            state: self.state,
            clock,
            spin,
            supervisor: match &schedule_slot {
                Some(schedule_slot) => supervisor.seeded(schedule_slot.seed()),
                None => supervisor,
            },
            factory: self.factory,
            hooks: self.config.hooks(),
            stage: Stage::Running,
            flushed: 0,
            pausing: None,
            awaits: Awaits::Look,
            over: false,
            schedule_slot,
        }
    }
}

fn make_ring<S: RouterSpec>(
    spec: &RingSpec,
    index: usize,
    config: &Config,
) -> Result<(Incoming, RingSender), StartError> {
    let name = |lane: usize| S::LANES.get(lane).map_or("", |lane| lane.name);
    let (producer, consumer) = ring::queue(spec.kind.room(), spec.max_body).map_err(|reason| StartError::Ring {
        from: name(spec.from),
        to: name(spec.to),
        reason,
    })?;
    let (arrival, origin) = match spec.kind {
        RingKind::Implicit => (Arrival::Lane, Origin::Lane(name(spec.from))),
        RingKind::Queue { service, .. } => {
            (Arrival::Queue(service), Origin::Queue(S::SERVICES.get(service).map_or("", |service| service.name)))
        }
    };
    let from = |place: String| match spec.kind {
        RingKind::Implicit => place,
        RingKind::Queue { .. } => format!("{place}, from lane `{}` to lane `{}`", name(spec.from), name(spec.to)),
    };
    let report = report::Report::new(from(ring_name::<S>(index)), config.notices());
    let sender = RingSender::new(spec.kind.on_full(), spec.kind.batch(), producer, report, config.counters());
    Ok((Incoming::new(consumer, arrival, origin, config.counters()), sender))
}
