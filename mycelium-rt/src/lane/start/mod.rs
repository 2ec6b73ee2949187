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

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

pub use self::opening::Opening;
pub(super) use self::opening::Watched;
use self::setup::{LanePlace, Order, Report};
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
use crate::message::floor_char_boundary;
use crate::unwind::{catch, contained};

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
    config.check_names(S::ENDS).map_err(LinkError::from)?;
    let config = &config.counting(groups::<S>());
    let specs = affinity::placed(S::LANES, config)?;
    check_lanes(&specs, factory.is_some(), config)?;
    crate::ring::register();
    crate::time::begin();
    let lanes = S::LANES.iter().map(|spec| lane_state(spec, config)).collect::<Result<Vec<_>, _>>()?;
    let schedule = config.lane_schedule().cloned();
    if let Some(schedule) = &schedule {
        schedule.set_lanes(S::LANES.len());
    }
    let control = Arc::new(Control::new(
        lanes,
        Ledger::new(S::RINGS.len(), S::LANES.len()),
        S::SERVICES.len(),
        producers::<S>(),
        schedule,
        config.get_end_within(),
    ));
    let registries = control
        .lanes
        .iter()
        .map(|lane| Arc::new(SenderRegistry::new(lane.name, Arc::clone(&lane.waker), config.notices())))
        .collect();
    let (reports, reported) = channel();
    let mut launcher = Launcher {
        config,
        specs,
        factory,
        admission: Arc::new(Admission { control: Arc::clone(&control), registries }),
        parts: Arc::new(Mutex::new(services)),
        reports,
        orders: Vec::new(),
        threads: Vec::new(),
        failure: None,
    };
    S::launch(&mut launcher);
    let parts = Arc::clone(&launcher.parts);
    Ok(Running::new(Threads::new(launcher, reported).start()?, parts))
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
fn groups<S: RouterSpec>() -> usize {
    S::GROUPS + S::LANES.len() + 2 * S::RINGS.len()
}

/// The number of producers at the start: inputs, sources, and, where there is no source, the handle, which may make senders.
fn producers<S: RouterSpec>() -> usize {
    let sources = RouterFacts::of::<S>().sources();
    S::INPUTS + sources + usize::from(sources == 0)
}

/// Puts the lanes of a system on their threads; [`RouterSpec::launch`] calls [`lane`](Self::lane) for each.
pub struct Launcher<'a, S: RouterSpec> {
    pub(in crate::lane) config: &'a Config,
    /// The lanes, with the cores that they run on.
    specs: Vec<LaneSpec>,
    pub(in crate::lane) factory: Option<Factory<S::Parts>>,
    pub(in crate::lane) admission: Arc<Admission>,
    /// The services that no lane has: before each takes its own, and after each has given its own back.
    pub(in crate::lane) parts: Arc<Mutex<S::Parts>>,
    pub(in crate::lane) reports: Sender<(usize, Report)>,
    pub(in crate::lane) orders: Vec<Sender<Order>>,
    pub(in crate::lane) threads: Vec<JoinHandle<()>>,
    pub(in crate::lane) failure: Option<StartError>,
}

impl<S: RouterSpec> Launcher<'_, S> {
    /// Puts the next lane on its thread.
    pub fn lane<B: LaneProgram<Router = S>>(&mut self) {
        let Some((spec, registry)) = self.specs.get(B::LANE).copied().zip(self.admission.registries.get(B::LANE))
        else {
            return;
        };
        let Some(state) = self.admission.control.lanes.get(B::LANE) else { return };
        if self.failure.is_some() {
            return;
        }
        let (orders, ordered) = channel();
        let place = LanePlace {
            index: B::LANE,
            router: RouterFacts::of::<S>(),
            spec,
            config: self.config.clone(),
            control: Arc::clone(&self.admission.control),
            state: Arc::clone(state),
            registry: Arc::clone(registry),
            orders: ordered,
            reports: self.reports.clone(),
        };
        let setup = LaneSetup::<B> { place, factory: self.factory.clone(), parts: Arc::clone(&self.parts) };
        self.orders.push(orders);
        match setup.spawn(thread_name(&RouterFacts::of::<S>(), &spec, B::LANE)) {
            Ok(thread) => self.threads.extend(thread),
            Err(source) => self.failure = Some(StartError::Io { lane: spec.name, action: "start a thread", source }),
        }
    }
}

impl<S: RouterSpec> std::fmt::Debug for Launcher<'_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Launcher").field("system", &S::NAME).finish_non_exhaustive()
    }
}

/// `hot:spread+risk`, cut to what the kernel keeps: 15 bytes.
fn thread_name(router: &RouterFacts, spec: &LaneSpec, lane: usize) -> String {
    const KEPT: usize = 15;
    let services =
        router.services.iter().filter(|service| service.lane == lane && !service.task).map(|service| service.name);
    let whole = format!("{}:{}", spec.name, services.collect::<Vec<_>>().join("+"));
    whole.get(..floor_char_boundary(&whole, KEPT)).unwrap_or_default().trim_end_matches([':', '+']).to_owned()
}
