//! The caller's side of a start: it gives all lanes the order for each step, and collects their reports.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use super::LauncherBase;
use super::opening::Watched;
use super::setup::{Order, Report};
use crate::clock::ClockSource;
use crate::config::Hooks;
use crate::counters::Block;
use crate::lane::error::StartError;
use crate::lane::health;
use crate::lane::program::RouterFacts;
use crate::lane::running::{RingEnds, RunningLanes};
use crate::lane::sender::Admission;
use crate::lane::spec::RingSpec;
use crate::link::{ConfigError, LinkError, RingSender};
use crate::notice;

/// The threads of a system while it starts.
pub(in crate::lane) struct Threads {
    router: RouterFacts,
    reported: Receiver<Report>,
    orders: Vec<Sender<Order>>,
    threads: Vec<JoinHandle<()>>,
    failure: Option<StartError>,
    hooks: Hooks,
    clock: ClockSource,
    started: Vec<usize>,
    admission: Arc<Admission>,
    block: Option<Block>,
}

impl Threads {
    /// Of what is launched. The lanes have the only senders of reports from now on.
    pub(in crate::lane) fn new(launched: LauncherBase) -> Self {
        let LauncherBase { router, config, specs: _, admission, reports: _, reported, orders, threads, failure } =
            launched;
        let (hooks, clock, block) = (config.hooks(), config.get_clock().clone(), config.block().cloned());
        Self { router, reported, orders, threads, failure, hooks, clock, started: Vec::new(), admission, block }
    }

    pub(in crate::lane) fn start(mut self) -> Result<RunningLanes, StartError> {
        match self.bring_up() {
            Ok((rings, watched)) => Ok(self.run(rings, watched)),
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

    /// Each lane makes the rings that lead to it, on its own thread, after pinning that.
    fn collect_rings(&mut self) -> Result<(Vec<RingEnds>, Vec<Option<RingSender>>), StartError> {
        let mut senders: Vec<_> = self.router.rings.iter().map(|_| None).collect();
        let mut ends = Vec::new();
        self.each(|report| {
            if let Report::Rings(made) = report {
                for (index, sender, received) in made {
                    ends.push(RingEnds { index, sent: sender.counters().clone(), received });
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
            let of_lane = |(spec, sender): (&RingSpec, &mut Option<RingSender>)| {
                if spec.from == lane { sender.take() } else { None }
            };
            let senders = self.router.rings.iter().zip(&mut senders).map(of_lane).collect();
            // A lane that is gone has reported why.
            let _ = orders.send(Order::Open(senders));
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
        for (index, spec) in self.router.services.iter().enumerate() {
            if let Some(orders) = self.orders.get(spec.lane) {
                let _ = orders.send(Order::Startup(index));
                self.next_report()?;
                self.started.push(index);
            }
        }
        Ok(())
    }

    /// Waits for a report of each lane, and hands it to `take`, unless it is a failure.
    fn each(&mut self, mut take: impl FnMut(Report)) -> Result<(), StartError> {
        let mut first = None;
        for _ in 0..self.orders.len() {
            match self.next_report() {
                Ok(report) => take(report),
                Err(error) => first = first.or(Some(error)),
            }
        }
        first.map_or(Ok(()), Err)
    }

    fn next_report(&self) -> Result<Report, StartError> {
        match self.reported.recv() {
            Ok(Report::Failed(error)) => Err(error),
            Ok(report) => Ok(report),
            // Every lane is gone, each after a report.
            Err(_) => Err(ConfigError::Contract {
                link: self.router.name.to_owned(),
                reason: "its lanes are gone".to_owned(),
            })
            .map_err(|error| LinkError::from(error).into()),
        }
    }

    fn run(self, rings: Vec<RingEnds>, watched: Watched) -> RunningLanes {
        // Timers count from here: after all that a start waits for, and before anyone else can move the clock.
        let now = self.clock.ticks();
        for orders in &self.orders {
            let _ = orders.send(Order::Go(now));
        }
        let (end_watch, ended) = channel();
        if self.router.lanes.iter().any(|lane| lane.watchdog.is_some()) {
            let (control, lanes, hooks) = (Arc::clone(&self.admission.control), self.router.lanes, self.hooks);
            let notices = hooks.notices.clone();
            let watch = move || health::watch(&control, lanes, &hooks, &ended);
            // Without its thread no lane is watched; the lanes run nevertheless.
            if let Err(error) = std::thread::Builder::new().name("watchdog".to_owned()).spawn(watch) {
                notice::error!(notices, %error, "the watchdog has no thread");
            }
        }
        let Self { router, admission, block, threads, .. } = self;
        RunningLanes { router, admission, rings, watched, block, threads, _end_watch: end_watch }
    }

    /// Shuts down what had started, in reverse, and ends the lanes. When it returns their threads have ended.
    fn undo(self) {
        for index in self.started.iter().rev() {
            let lane = self.router.services.get(*index).map(|spec| spec.lane);
            if let Some(orders) = lane.and_then(|lane| self.orders.get(lane)) {
                let _ = orders.send(Order::Undo(*index));
                let _ = self.next_report();
            }
        }
        drop(self.orders);
        for thread in self.threads {
            let _ = thread.join();
        }
    }
}
