//! From services and a configuration to running lanes.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use super::affinity;
use super::control::{Control, LaneState};
use super::error::StartError;
use super::ledger::Ledger;
use super::rest::LaneWaker;
use super::running::Running;
use super::sender::{Admission, SenderRegistry};
use super::setup::{LaneSetup, Order, Report};
use super::spec::{LaneSpec, OnPanic, Place};
use super::supervise::Factory;
use super::system::{LaneProgram, RouterSpec};
use super::threads::Threads;
use crate::Config;
use crate::link::LinkError;
use crate::unwind::{catch, contained};

/// Starts a system with these services. What `Trading::start` calls.
///
/// # Errors
/// See [`StartError`]; nothing is left running then.
pub fn start<S: RouterSpec>(services: S::Services, config: &Config) -> Result<Running<S>, StartError> {
    launch(S::split(services), None, config)
}

/// Starts a system whose services `factory` makes: now, and again for a lane that is restarted, which takes its own and drops the others.
/// What `Trading::start_with` calls.
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
        config.end_limit(),
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
        services,
        admission: Arc::new(Admission { control: Arc::clone(&control), registries }),
        given_back: Arc::default(),
        reports,
        orders: Vec::new(),
        threads: Vec::new(),
        failure: None,
        takes: Vec::new(),
    };
    S::launch(&mut launcher);
    Threads::new(launcher, reported).start(control)
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
    config.tokio_handle().is_some()
}

#[cfg(not(feature = "tokio"))]
fn has_runtime(_: &Config) -> bool {
    false
}

/// Whether the lane is a task, rather than on a thread of its own.
#[cfg(feature = "tokio")]
pub(super) fn is_task(spec: &LaneSpec, config: &Config) -> bool {
    spec.place == Place::Tokio && super::tokio_lane::are_tasks(config)
}

#[cfg(not(feature = "tokio"))]
pub(super) fn is_task(_: &LaneSpec, _: &Config) -> bool {
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

/// The most groups of counters, with those of both ends of each ring.
fn groups<S: RouterSpec>() -> usize {
    S::GROUPS + S::LANES.len() + 2 * S::RINGS.len()
}

/// Who may bring in something new from the beginning: inputs and sources; and where there are no sources, the handle, which may make
/// senders.
fn producers<S: RouterSpec>() -> usize {
    let sources = sources::<S>();
    S::INPUTS + sources + usize::from(sources == 0)
}

/// All sources of the system.
pub(super) fn sources<S: RouterSpec>() -> usize {
    S::SERVICES.iter().map(|service| service.sources.len()).sum()
}

/// Moves a lane's services out of all of them.
pub(super) type Take<S> = fn(&mut <S as RouterSpec>::Parts) -> <S as RouterSpec>::Parts;

/// Puts the lanes of a system on their threads; [`System::launch`] calls [`lane`](Self::lane) for each.
pub struct Launcher<'a, S: RouterSpec> {
    pub(super) config: &'a Config,
    /// The lanes, on the cores that they get.
    specs: Vec<LaneSpec>,
    pub(super) factory: Option<Factory<S::Parts>>,
    pub(super) services: S::Parts,
    pub(super) admission: Arc<Admission>,
    pub(super) given_back: Arc<Mutex<S::Parts>>,
    pub(super) reports: Sender<(usize, Report)>,
    pub(super) orders: Vec<Sender<Order<S>>>,
    pub(super) threads: Vec<JoinHandle<()>>,
    pub(super) failure: Option<StartError>,
    pub(super) takes: Vec<Take<S>>,
}

impl<S: RouterSpec> Launcher<'_, S> {
    /// Puts the next lane on its thread.
    pub fn lane<B: LaneProgram<Router = S>>(&mut self) {
        let Some((spec, registries)) = self.specs.get(B::LANE).copied().zip(self.admission.registries.get(B::LANE))
        else {
            return;
        };
        let Some(state) = self.admission.control.lanes.get(B::LANE) else { return };
        if self.failure.is_some() {
            return;
        }
        let (orders, ordered) = channel();
        let setup = LaneSetup::<B> {
            spec,
            config: self.config.clone(),
            control: Arc::clone(&self.admission.control),
            state: Arc::clone(state),
            registries: Arc::clone(registries),
            factory: self.factory.clone(),
            given_back: Arc::clone(&self.given_back),
            orders: ordered,
            reports: self.reports.clone(),
        };
        self.orders.push(orders);
        self.takes.push(B::take);
        match setup.spawn(thread_name::<S>(&spec, B::LANE)) {
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

/// `hot:spread+risk`, as much of it as the kernel keeps: 15 bytes.
fn thread_name<S: RouterSpec>(spec: &LaneSpec, lane: usize) -> String {
    const KEPT: usize = 15;
    let services =
        S::SERVICES.iter().filter(|service| service.lane == lane && !service.task).map(|service| service.name);
    let whole = format!("{}:{}", spec.name, services.collect::<Vec<_>>().join("+"));
    whole.get(..whole.floor_char_boundary(KEPT)).unwrap_or_default().trim_end_matches([':', '+']).to_owned()
}
