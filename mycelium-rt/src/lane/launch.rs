//! From services and a configuration to running lanes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use super::affinity;
use super::control::{Control, LaneState};
use super::error::StartError;
use super::ledger::Ledger;
use super::opening::Watched;
use super::running::{RingEnds, Running};
use super::sender::{Doors, Entrance};
use super::spec::{LaneSpec, OnPanic, Place, RingSpec};
use super::station::{Order, Report, Station};
use super::supervise::{Factory, panic_text};
use super::system::{Body, System};
use super::waker::LaneWaker;
use super::watchdog;
use crate::Config;
use crate::link::{ConfigError, LinkError, RingSender};

/// Starts a system with these services. What `Trading::start` calls.
///
/// # Errors
/// See [`StartError`]; nothing is left running then.
pub fn start<S: System>(services: S::Services, config: &Config) -> Result<Running<S>, StartError> {
    launch(services, None, config)
}

/// Starts a system whose services `factory` makes: now, and again for a lane that is restarted, which takes its own and drops the others.
/// What `Trading::start_with` calls.
///
/// # Errors
/// See [`StartError`]; nothing is left running then.
pub fn start_with<S: System>(
    mut factory: impl FnMut() -> S::Services + Send + 'static,
    config: &Config,
) -> Result<Running<S>, StartError> {
    let services = catch_unwind(AssertUnwindSafe(&mut factory))
        .map_err(|panic| StartError::Panicked { lane: "", text: panic_text(&*panic) })?;
    launch(services, Some(Arc::new(Mutex::new(factory))), config)
}

fn launch<S: System>(
    services: S::Services,
    factory: Option<Factory<S>>,
    config: &Config,
) -> Result<Running<S>, StartError> {
    config.check_names(S::ENDS).map_err(LinkError::from)?;
    check_lanes::<S>(factory.is_some(), config)?;
    let lanes = S::LANES.iter().map(lane_state).collect::<Result<Vec<_>, _>>()?;
    let schedule = config.lane_schedule().cloned();
    if let Some(schedule) = &schedule {
        schedule.seats(S::LANES.len());
    }
    let control = Arc::new(Control::new(
        lanes,
        Ledger::new(S::RINGS.len(), S::LANES.len()),
        S::SERVICES.len(),
        producers::<S>(),
        schedule,
    ));
    let doors = control.lanes.iter().map(|lane| Arc::new(Doors::new(Arc::clone(&lane.waker)))).collect();
    let (reports, reported) = channel();
    let mut launcher = Launcher {
        config,
        factory,
        services: S::split(services),
        entrance: Arc::new(Entrance { control: Arc::clone(&control), doors }),
        given_back: Arc::default(),
        reports,
        orders: Vec::new(),
        threads: Vec::new(),
        failure: None,
        takes: Vec::new(),
    };
    S::launch(&mut launcher);
    Crew::new(launcher, reported).start(control)
}

fn check_lanes<S: System>(has_factory: bool, config: &Config) -> Result<(), StartError> {
    // Under a schedule all lanes run on plain threads.
    if config.lane_schedule().is_none() {
        affinity::check(S::LANES)?;
    }
    for spec in S::LANES {
        let lane = spec.name;
        if matches!(spec.on_panic, OnPanic::Restart(_)) {
            if cfg!(panic = "abort") {
                return Err(StartError::PanicAborts { lane });
            }
            if !has_factory {
                return Err(StartError::NoFactory { lane });
            }
        }
        if spec.place == Place::Tokio && !has_runtime(config) {
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

fn lane_state(spec: &LaneSpec) -> Result<Arc<LaneState>, StartError> {
    let waker = match spec.place {
        #[cfg(feature = "tokio")]
        Place::Tokio => LaneWaker::for_task(),
        _ => LaneWaker::for_thread(),
    };
    let waker = waker.map_err(|source| StartError::Io { lane: spec.name, action: "make an eventfd", source })?;
    Ok(Arc::new(LaneState::new(spec.name, waker)))
}

/// Who may bring in something new from the beginning: inputs and sources; and where there are no sources, the handle, which may make
/// senders.
fn producers<S: System>() -> usize {
    let sources = sources::<S>();
    S::INPUTS + sources + usize::from(sources == 0)
}

/// All sources of the system.
pub(super) fn sources<S: System>() -> usize {
    S::SERVICES.iter().filter(|service| !service.task).map(|service| service.sources.len()).sum()
}

/// Moves a lane's services out of all of them.
type Take<S> = fn(&mut <S as System>::Parts) -> <S as System>::Parts;

/// Puts the lanes of a system on their threads; [`System::launch`] calls [`lane`](Self::lane) for each.
pub struct Launcher<'a, S: System> {
    config: &'a Config,
    factory: Option<Factory<S>>,
    services: S::Parts,
    entrance: Arc<Entrance>,
    given_back: Arc<Mutex<S::Parts>>,
    reports: Sender<(usize, Report)>,
    orders: Vec<Sender<Order<S>>>,
    threads: Vec<JoinHandle<()>>,
    failure: Option<StartError>,
    takes: Vec<Take<S>>,
}

impl<S: System> Launcher<'_, S> {
    /// Puts the next lane on its thread.
    pub fn lane<B: Body<System = S>>(&mut self) {
        let Some((spec, doors)) = S::LANES.get(B::LANE).zip(self.entrance.doors.get(B::LANE)) else { return };
        let Some(state) = self.entrance.control.lanes.get(B::LANE) else { return };
        if self.failure.is_some() {
            return;
        }
        let (orders, ordered) = channel();
        let station = Station::<B> {
            spec,
            config: self.config.clone(),
            control: Arc::clone(&self.entrance.control),
            state: Arc::clone(state),
            doors: Arc::clone(doors),
            factory: self.factory.clone(),
            given_back: Arc::clone(&self.given_back),
            orders: ordered,
            reports: self.reports.clone(),
        };
        self.orders.push(orders);
        self.takes.push(B::take);
        match station.man(thread_name::<S>(spec, B::LANE)) {
            Ok(thread) => self.threads.extend(thread),
            Err(source) => self.failure = Some(StartError::Io { lane: spec.name, action: "start a thread", source }),
        }
    }
}

impl<S: System> std::fmt::Debug for Launcher<'_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Launcher").field("system", &S::NAME).finish_non_exhaustive()
    }
}

/// `hot:spread+risk`, as much of it as the kernel keeps: 15 bytes.
fn thread_name<S: System>(spec: &LaneSpec, lane: usize) -> String {
    const KEPT: usize = 15;
    let services =
        S::SERVICES.iter().filter(|service| service.lane == lane && !service.task).map(|service| service.name);
    let whole = format!("{}:{}", spec.name, services.collect::<Vec<_>>().join("+"));
    whole.get(..whole.floor_char_boundary(KEPT)).unwrap_or_default().trim_end_matches([':', '+']).to_owned()
}

/// The lanes while they start, step by step, all of them at each step.
struct Crew<S: System> {
    services: S::Parts,
    entrance: Arc<Entrance>,
    given_back: Arc<Mutex<S::Parts>>,
    reported: Receiver<(usize, Report)>,
    orders: Vec<Sender<Order<S>>>,
    threads: Vec<JoinHandle<()>>,
    failure: Option<StartError>,
    takes: Vec<Take<S>>,
    hooks: super::hooks::Hooks,
    started: Vec<usize>,
}

impl<S: System> Crew<S> {
    fn new(launcher: Launcher<'_, S>, reported: Receiver<(usize, Report)>) -> Self {
        Self {
            services: launcher.services,
            entrance: launcher.entrance,
            given_back: launcher.given_back,
            reported,
            orders: launcher.orders,
            threads: launcher.threads,
            failure: launcher.failure,
            takes: launcher.takes,
            hooks: launcher.config.hooks().clone(),
            started: Vec::new(),
        }
    }

    fn start(mut self, control: Arc<Control>) -> Result<Running<S>, StartError> {
        match self.bring_up() {
            Ok((rings, watched)) => Ok(self.go(control, rings, watched)),
            Err(error) => {
                self.undo();
                Err(error)
            }
        }
    }

    fn bring_up(&mut self) -> Result<(Vec<RingEnds>, Watched), StartError> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let (ends, senders) = self.collect_rings()?;
        let watched = self.open(senders)?;
        self.start_services()?;
        Ok((ends, watched))
    }

    /// Each lane makes the rings that lead to it, on its own thread, once that is where it stays.
    fn collect_rings(&mut self) -> Result<(Vec<RingEnds>, Vec<Option<RingSender>>), StartError> {
        let mut senders: Vec<_> = S::RINGS.iter().map(|_| None).collect();
        let mut ends = Vec::new();
        self.each(|report| {
            if let Report::Rings(made) = report {
                for (index, sender, received) in made {
                    ends.push(RingEnds { index, sent: Arc::clone(sender.counters()), received });
                    if let Some(free) = senders.get_mut(index) {
                        *free = Some(sender);
                    }
                }
            }
        })?;
        ends.sort_by_key(|ring| ring.index);
        Ok((ends, senders))
    }

    fn open(&mut self, mut senders: Vec<Option<RingSender>>) -> Result<Watched, StartError> {
        for (lane, orders) in self.orders.iter().enumerate() {
            let takes = self.takes.get(lane);
            let parts = takes.map(|take| take(&mut self.services)).unwrap_or_default();
            let of_lane = |(spec, sender): (&RingSpec, &mut Option<RingSender>)| {
                if spec.from == lane { sender.take() } else { None }
            };
            let senders = S::RINGS.iter().zip(&mut senders).map(of_lane).collect();
            // A lane that is gone has said why.
            let _ = orders.send(Order::Open { parts, senders });
        }
        let mut all = Watched::default();
        self.each(|report| {
            if let Report::Open(watched) = report {
                all.append(watched);
            }
        })?;
        Ok(all)
    }

    fn start_services(&mut self) -> Result<(), StartError> {
        for (index, spec) in S::SERVICES.iter().enumerate() {
            if let Some(orders) = self.orders.get(spec.lane) {
                let _ = orders.send(Order::Startup(index));
                self.answer()?;
                self.started.push(index);
            }
        }
        Ok(())
    }

    /// Waits for an answer of each lane, and hands those that are well to `take`.
    fn each(&mut self, mut take: impl FnMut(Report)) -> Result<(), StartError> {
        let mut first = None;
        for _ in 0..self.orders.len() {
            match self.answer() {
                Ok(report) => take(report),
                Err(error) => first = first.or(Some(error)),
            }
        }
        first.map_or(Ok(()), Err)
    }

    fn answer(&self) -> Result<Report, StartError> {
        match self.reported.recv() {
            Ok((_, Report::Failed(error))) => Err(error),
            Ok((_, report)) => Ok(report),
            // Every lane is gone, each having answered before.
            Err(_) => Err(ConfigError::Contract { link: S::NAME.to_owned(), reason: "its lanes are gone".to_owned() })
                .map_err(|error| LinkError::from(error).into()),
        }
    }

    fn go(self, control: Arc<Control>, rings: Vec<RingEnds>, watched: Watched) -> Running<S> {
        for orders in &self.orders {
            let _ = orders.send(Order::Go);
        }
        let (end_watch, ended) = channel();
        if S::LANES.iter().any(|lane| lane.watchdog.is_some()) {
            let (control, hooks) = (Arc::clone(&control), self.hooks);
            let watch = move || watchdog::watch(&control, S::LANES, &hooks, &ended);
            // Without a thread for it nobody is watched; the lanes run all the same.
            if let Err(error) = std::thread::Builder::new().name("watchdog".to_owned()).spawn(watch) {
                tracing::error!(%error, "no thread for the watchdog");
            }
        }
        Running::new(self.entrance, rings, watched, self.given_back, self.threads, end_watch)
    }

    /// Shuts down what had started, in reverse, and ends the lanes.
    fn undo(self) {
        for index in self.started.iter().rev() {
            let lane = S::SERVICES.get(*index).map(|spec| spec.lane);
            if let Some(orders) = lane.and_then(|lane| self.orders.get(lane)) {
                let _ = orders.send(Order::Undo(*index));
                let _ = self.answer();
            }
        }
        drop(self.orders);
        for thread in self.threads {
            let _ = thread.join();
        }
        // Lanes without a thread of their own: when the last is gone, so are all reports.
        while self.reported.recv().is_ok() {}
    }
}
