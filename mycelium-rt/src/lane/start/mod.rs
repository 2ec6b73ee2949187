//! How a system starts: from services and a configuration to running lanes.
//!
//! # The steps
//!
//! A start goes step by step, and each lane has done a step before the next one begins. The caller's thread gives the orders
//! (`threads.rs`), each lane follows them on the thread that it stays on (`setup.rs`), and answers each with a report.
//!
//! 1. The configuration is checked, and what the lanes share is made. Each lane gets its thread (`Launcher::lane`).
//! 2. Each lane pins its thread, and makes the rings that lead to it, so that their memory lies near its core.
//! 3. Each lane gets its services and the sending ends of the rings that begin on it. It opens its inputs, then its links, and makes its
//!    tasks, which do not run yet (`opening.rs` collects what others may read or interrupt).
//! 4. `startup` is called on each service in declared order, on its lane, one at a time.
//! 5. All lanes run, and timers count from here. The watchdog begins.
//!
//! If a step fails, the services that have started are shut down in reverse order, the lanes end, and the first error is returned. So
//! nothing is left running. A lane learns that a start has failed elsewhere when its channel of orders is closed.

pub(crate) mod opening;
mod setup;
mod threads;

use std::io;
use std::mem;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

pub use self::opening::Opening;
pub(super) use self::opening::Watched;
use self::setup::{LaneBase, Order, Report, Reports};
pub(super) use self::setup::{LaneSetup, shut_down};
use self::threads::Threads;
use super::affinity;
use super::end::{Control, Ledger};
use super::error::StartError;
use super::health::LaneState;
use super::program::{LaneProgram, RouterFacts, RouterSpec};
use super::rest::LaneWaker;
use super::running::Running;
use super::sender::{Admission, SenderRegistry};
use super::spec::{LaneSpec, OnPanic, Place};
use super::supervise::Factory;
use crate::Config;
use crate::link::LinkError;
use crate::unwind::{catch, contained, discard};

/// Starts a system with these services. `Trading::start` calls it.
///
/// # Errors
/// See [`StartError`]; nothing is left running then.
pub fn start<S: RouterSpec>(services: S::Services, config: &Config) -> Result<Running<S>, StartError> {
    launch(S::split(services), None, config)
}

/// Starts a system whose services `factory` makes: now, and again for a lane that is restarted, which takes its own and drops the others.
/// `Trading::start_with` calls it.
///
/// # Errors
/// See [`StartError`]; nothing is left running then.
pub fn start_with<S: RouterSpec>(
    factory: impl FnMut() -> S::Services + Send + 'static,
    config: &Config,
) -> Result<Running<S>, StartError> {
    let mut factory = contained(factory);
    let mut factory = move || S::split(factory());
    let parts = catch(&mut factory).map_err(|text| StartError::Panicked { lane: "", text })?;
    launch(parts, Some(Arc::new(Mutex::new(factory))), config)
}

fn launch<S: RouterSpec>(
    services: S::Parts,
    factory: Option<Factory<S::Parts>>,
    config: &Config,
) -> Result<Running<S>, StartError> {
    let parts = Arc::new(Mutex::new(services));
    let started = LauncherBase::new(RouterFacts::of::<S>(), config, factory.is_some()).and_then(|base| {
        let mut launcher = Launcher { base, factory, parts: Arc::clone(&parts) };
        S::launch(&mut launcher);
        Threads::new(launcher.base).start()
    });
    match started {
        Ok(lanes) => Ok(Running::new(lanes, parts)),
        Err(error) => {
            // All threads have ended, so these are the services that no lane took, and no one else can drop them. A panic in a drop must
            // not hide why the start failed.
            let _ = discard(mem::take(&mut *parts.lock().unwrap_or_else(PoisonError::into_inner)));
            Err(error)
        }
    }
}

fn check_lanes(lanes: &[LaneSpec], has_factory: bool, config: &Config) -> Result<(), StartError> {
    // Under a schedule all lanes run on plain threads.
    let is_scheduled = config.lane_schedule().is_some();
    if !is_scheduled {
        affinity::check(lanes)?;
    }
    for spec in lanes {
        let lane = spec.name;
        if matches!(spec.on_panic, OnPanic::Restart(_)) {
            if cfg!(panic = "abort") {
                return Err(StartError::PanicAborts { lane });
            }
            if !has_factory {
                return Err(StartError::NoFactory { lane });
            }
        }
        if spec.place == Place::Tokio && !has_runtime(config) && !is_scheduled {
            return Err(StartError::NoRuntime { lane });
        }
    }
    Ok(())
}

#[cfg(feature = "tokio")]
fn has_runtime(config: &Config) -> bool {
    config.get_tokio().is_some()
}

#[cfg(not(feature = "tokio"))]
fn has_runtime(_: &Config) -> bool {
    false
}

/// Whether the lane is a task, and has no thread of its own.
#[cfg(feature = "tokio")]
pub(in crate::lane) fn is_task(spec: &LaneSpec, config: &Config) -> bool {
    spec.place == Place::Tokio && crate::lane::tokio_lane::are_tasks(config)
}

#[cfg(not(feature = "tokio"))]
pub(in crate::lane) fn is_task(_: &LaneSpec, _: &Config) -> bool {
    false
}

fn lane_state(spec: &LaneSpec, config: &Config) -> Result<Arc<LaneState>, StartError> {
    let waker = match is_task(spec, config) {
        #[cfg(feature = "tokio")]
        true => LaneWaker::for_task(),
        _ => LaneWaker::for_thread(),
    };
    let waker = waker.map_err(|source| StartError::Io { lane: spec.name, action: "make an eventfd", source })?;
    Ok(Arc::new(LaneState::new(spec.name, waker, config.words())))
}

/// The most groups of counters, including one for each lane, and one for each end of each ring.
fn groups(router: &RouterFacts) -> usize {
    router.groups + router.lanes.len() + 2 * router.rings.len()
}

/// The number of producers at the start: inputs, sources, and, where there is no source, the handle, which may make senders.
fn producers(router: &RouterFacts) -> usize {
    let sources = router.sources();
    router.inputs + sources + usize::from(sources == 0)
}

/// Puts the lanes of a system on their threads; [`RouterSpec::launch`] calls [`lane`](Self::lane) for each.
pub struct Launcher<S: RouterSpec> {
    base: LauncherBase,
    factory: Option<Factory<S::Parts>>,
    /// The services that no lane owns: all of them before the start and after the end.
    parts: Arc<Mutex<S::Parts>>,
}

/// The part of [`Launcher`] that does not depend on the router's types.
pub(in crate::lane) struct LauncherBase {
    router: RouterFacts,
    config: Config,
    /// The lanes, with the cores that they run on.
    specs: Vec<LaneSpec>,
    admission: Arc<Admission>,
    reports: Reports,
    reported: Receiver<Report>,
    orders: Vec<Sender<Order>>,
    threads: Vec<JoinHandle<()>>,
    failure: Option<StartError>,
}

impl<S: RouterSpec> Launcher<S> {
    /// Puts the next lane on its thread.
    pub fn lane<B: LaneProgram<Router = S>>(&mut self) {
        let Some(base) = self.base.lane(B::LANE) else { return };
        let setup = LaneSetup::<B> { base, factory: self.factory.clone(), parts: Arc::clone(&self.parts) };
        self.base.launched(B::LANE, setup.spawn());
    }
}

impl LauncherBase {
    fn new(router: RouterFacts, config: &Config, has_factory: bool) -> Result<Self, StartError> {
        config.check_names(router.ends).map_err(LinkError::from)?;
        let config = config.counting(groups(&router));
        let specs = affinity::placed(router.lanes, &config)?;
        check_lanes(&specs, has_factory, &config)?;
        crate::ring::register();
        crate::time::begin();
        let lanes = router.lanes.iter().map(|spec| lane_state(spec, &config)).collect::<Result<Vec<_>, _>>()?;
        let schedule = config.lane_schedule().cloned();
        if let Some(schedule) = &schedule {
            schedule.set_lanes(router.lanes.len());
        }
        let control = Arc::new(Control::new(
            lanes,
            Ledger::new(router.rings.len(), router.lanes.len()),
            router.services.len(),
            producers(&router),
            schedule,
            config.get_end_within(),
        ));
        let registries = control
            .lanes
            .iter()
            .map(|lane| Arc::new(SenderRegistry::new(lane.name, Arc::clone(&lane.waker), config.notices())))
            .collect();
        let (reports, reported) = Reports::new();
        Ok(Self {
            router,
            config,
            specs,
            admission: Arc::new(Admission { control, registries }),
            reports,
            reported,
            orders: Vec::new(),
            threads: Vec::new(),
            failure: None,
        })
    }

    /// The base of the lane at this index, which gets its orders from here; `None` if an earlier lane has no thread.
    fn lane(&mut self, index: usize) -> Option<LaneBase> {
        if self.failure.is_some() {
            return None;
        }
        let control = &self.admission.control;
        let (spec, registry) = (*self.specs.get(index)?, Arc::clone(self.admission.registries.get(index)?));
        let state = Arc::clone(control.lanes.get(index)?);
        let (order, orders) = channel();
        self.orders.push(order);
        let (router, config, control) = (self.router, self.config.clone(), Arc::clone(control));
        Some(LaneBase { index, router, spec, config, control, state, registry, orders, reports: self.reports.clone() })
    }

    /// Keeps the thread of the lane at this index, or the error.
    fn launched(&mut self, index: usize, thread: io::Result<JoinHandle<()>>) {
        match thread {
            Ok(thread) => self.threads.push(thread),
            Err(source) => {
                let (lane, action) = (self.router.lane(index), "start a thread");
                self.failure = Some(StartError::Io { lane, action, source });
            }
        }
    }
}

impl<S: RouterSpec> std::fmt::Debug for Launcher<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Launcher").field("system", &S::NAME).finish_non_exhaustive()
    }
}
