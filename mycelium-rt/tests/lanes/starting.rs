//! Starts, and why they fail.

use std::io;
use std::sync::Barrier;
use std::sync::mpsc::{Receiver, Sender, channel};

use mycelium_rt::Config;
use mycelium_rt::lane::{LaneSpec, OnPanic, Place, Restart, RingSpec, ServiceSpec, StartError, Wait, start};
use rustix::thread::{CpuSet, sched_getaffinity};

use crate::support::*;

struct Three;

impl Case for Three {
    const LANES: &'static [LaneSpec] = &[LaneSpec::thread("a"), LaneSpec::thread("b"), LaneSpec::thread("c")];
}

type Outcome = fn() -> Result<(), String>;

/// Services that report their hooks; the one at `broken` does not start.
fn reporting(broken: Option<(usize, Outcome)>) -> (Vec<Probe>, std::sync::mpsc::Receiver<String>) {
    let (report, reports) = channel();
    let probes = (0..3).map(|index| {
        let (up, down) = (report.clone(), report.clone());
        let outcome = broken.filter(|(place, _)| *place == index).map(|(_, outcome)| outcome);
        Probe {
            on_startup: Box::new(move || {
                up.send(format!("up {index}")).unwrap();
                outcome.map_or(Ok(()), |outcome| outcome())
            }),
            on_shutdown: Box::new(move || down.send(format!("down {index}")).map_err(|error| error.to_string())),
            ..Probe::new()
        }
    });
    (probes.collect(), reports)
}

#[test]
fn services_start_in_order_and_all_of_them_before_the_start_returns() {
    let (services, reports) = reporting(None);
    let running = run::<Three>(services);
    let up: Vec<_> = reports.try_iter().collect();
    assert_eq!(up, ["up 0", "up 1", "up 2"]);
    running.shutdown(LONG);
    let down: Vec<_> = reports.try_iter().collect();
    assert_eq!(down, ["down 2", "down 1", "down 0"]);
}

#[test]
fn a_service_that_does_not_start_undoes_the_start() {
    let (services, reports) = reporting(Some((2, || Err("no such file".to_owned()))));
    let error = start::<Desk<Three>>(services, &Config::new()).unwrap_err();
    assert_eq!(error.to_string(), "service `third` did not start: no such file");
    let hooks: Vec<_> = reports.iter().collect();
    assert_eq!(hooks, ["up 0", "up 1", "up 2", "down 1", "down 0"]);
}

#[test]
fn a_startup_that_panics_undoes_the_start() {
    let (services, reports) = reporting(Some((1, || panic!("out of memory"))));
    let error = start::<Desk<Three>>(services, &Config::new()).unwrap_err();
    assert_eq!(error.to_string(), "lane `b` panicked while it started: out of memory");
    assert_eq!(reports.iter().collect::<Vec<_>>(), ["up 0", "up 1", "down 0"]);
}

struct Nowhere;

impl Case for Nowhere {
    const LANES: &'static [LaneSpec] =
        &[LaneSpec { place: Place::Pinned { core: 1023, wait: Wait::PARK }, ..LaneSpec::thread("far") }];
    const SERVICES: &'static [ServiceSpec] = &[service("first", 0)];
}

#[cfg(not(mycelium_portable))]
#[test]
fn a_core_that_does_not_exist_is_an_error_before_anything_starts() {
    let (services, reports) = reporting(None);
    let error = start::<Desk<Nowhere>>(services, &Config::new()).unwrap_err();
    assert!(matches!(error, StartError::Core { lane: "far", core: 1023, .. }), "{error}");
    assert_eq!(reports.iter().count(), 0);
}

#[cfg(not(mycelium_portable))]
#[test]
fn the_configuration_moves_a_pinned_lane_to_another_core() {
    let allowed = sched_getaffinity(None).unwrap();
    let last = (0..CpuSet::MAX_CPU).rfind(|core| allowed.is_set(*core)).unwrap();
    let (report, reports) = channel();
    let probe = Probe {
        on_startup: Box::new(move || report.send(sched_getaffinity(None).unwrap()).map_err(|error| error.to_string())),
        ..Probe::new()
    };
    let running = start::<Desk<Nowhere>>(vec![probe], &Config::new().core("far", last)).unwrap();
    let of_lane = reports.recv().unwrap();
    assert_eq!((0..CpuSet::MAX_CPU).filter(|core| of_lane.is_set(*core)).collect::<Vec<_>>(), [last]);
    running.shutdown(LONG);
}

#[test]
fn a_core_for_a_lane_that_is_not_pinned_is_refused() {
    let pinned = start::<Desk<Nowhere>>(vec![Probe::new()], &Config::new().core("near", 0)).unwrap_err();
    let expected =
        "`Config::core` gives `near` core 0, but there is no pinned lane of that name; pinned lanes are: far";
    assert_eq!(pinned.to_string(), expected);
    let (services, _told) = reporting(None);
    let none = start::<Desk<Three>>(services, &Config::new().core("a", 1)).unwrap_err();
    assert!(none.to_string().ends_with("pinned lanes are: none"), "{none}");
}

struct Restarting;

impl Case for Restarting {
    const LANES: &'static [LaneSpec] = &[LaneSpec {
        on_panic: OnPanic::Restart(Restart { max: 1, within: LONG, backoff: LONG }),
        ..LaneSpec::thread("a")
    }];
    const SERVICES: &'static [ServiceSpec] = &[service("first", 0)];
}

#[test]
fn a_restart_without_a_factory_is_an_error_at_start() {
    let error = start::<Desk<Restarting>>(vec![Probe::new()], &Config::new()).unwrap_err();
    assert!(matches!(error, StartError::NoFactory { lane: "a" }), "{error}");
}

struct OnTokio;

impl Case for OnTokio {
    const LANES: &'static [LaneSpec] = &[LaneSpec { place: Place::Tokio, ..LaneSpec::thread("io") }];
    const SERVICES: &'static [ServiceSpec] = &[service("first", 0)];
}

#[test]
fn a_tokio_lane_without_a_runtime_is_an_error_at_start() {
    let error = start::<Desk<OnTokio>>(vec![Probe::new()], &Config::new()).unwrap_err();
    assert!(matches!(error, StartError::NoRuntime { lane: "io" }), "{error}");
}

struct Oversized;

impl Case for Oversized {
    const LANES: &'static [LaneSpec] = Three::LANES;
    const RINGS: &'static [RingSpec] = &[RingSpec { max_body: usize::MAX, ..implicit(0, 1) }];
}

#[test]
fn a_ring_that_cannot_be_made_is_an_error_that_names_both_lanes() {
    let error = start::<Desk<Oversized>>(vec![Probe::new(), Probe::new(), Probe::new()], &Config::new()).unwrap_err();
    assert!(error.to_string().starts_with("the ring from lane `a` to lane `b`: "), "{error}");
}

/// Reports when it is dropped, and then may panic.
struct Dropped {
    index: usize,
    report: Sender<usize>,
    panics: bool,
}

impl Drop for Dropped {
    fn drop(&mut self) {
        self.report.send(self.index).unwrap();
        assert!(!self.panics, "the drop of {}", self.index);
    }
}

/// Three services that report their drops; that of the one at `broken` panics.
fn dropping(broken: Option<usize>) -> (Vec<Probe>, Receiver<usize>) {
    let (report, reports) = channel();
    let probes = (0..3).map(|index| {
        let held = Dropped { index, report: report.clone(), panics: broken == Some(index) };
        let on_shutdown = Box::new(move || {
            let _ = &held;
            Ok(())
        });
        Probe { on_shutdown, ..Probe::new() }
    });
    (probes.collect(), reports)
}

/// Starts the case in vain. Returns the error, and the services that were dropped before `start` returned.
fn fail<C: Case>(broken: Option<usize>) -> (String, Vec<usize>) {
    let (services, reports) = dropping(broken);
    let error = start::<Desk<C>>(services, &Config::new()).unwrap_err();
    let mut dropped: Vec<_> = reports.try_iter().collect();
    dropped.sort_unstable();
    (error.to_string(), dropped)
}

#[test]
fn services_that_no_lane_has_taken_are_dropped_before_a_start_that_fails_returns() {
    for broken in [None, Some(0), Some(1)] {
        let (error, dropped) = fail::<Oversized>(broken);
        assert!(error.starts_with("the ring from lane `a` to lane `b`: "), "{error}");
        assert_eq!(dropped, [0, 1, 2]);
        // Before there is a lane.
        let (error, dropped) = fail::<Restarting>(broken);
        assert!(error.contains("start the router by `start_with`"), "{error}");
        assert_eq!(dropped, [0, 1, 2]);
    }
}

struct Refusing;

impl Case for Refusing {
    const LANES: &'static [LaneSpec] = Three::LANES;

    fn open(lane: usize) -> Result<(), StartError> {
        static ALL: Barrier = Barrier::new(3);
        // Each lane has its services.
        ALL.wait();
        match lane {
            1 => Err(StartError::Io { lane: "b", action: "open", source: io::ErrorKind::NotFound.into() }),
            _ => Ok(()),
        }
    }
}

#[test]
fn services_that_lanes_have_taken_are_dropped_before_a_start_that_fails_returns() {
    for broken in [None, Some(0)] {
        let (error, dropped) = fail::<Refusing>(broken);
        assert_eq!(error, "lane `b`: can't open: entity not found");
        assert_eq!(dropped, [0, 1, 2]);
    }
}

struct Named;

impl Case for Named {
    const LANES: &'static [LaneSpec] = &[LaneSpec::thread("hot"), LaneSpec::thread("a_rather_long_lane_name")];
    const SERVICES: &'static [ServiceSpec] = &[service("spread", 0), service("execution", 0), service("journal", 1)];
    const RINGS: &'static [RingSpec] = &[implicit(0, 1)];
}

#[test]
fn threads_are_named_after_lane_and_services_as_far_as_the_kernel_allows() {
    let (report, reports) = channel();
    let named = move || {
        let report = report.clone();
        let own_name = move || {
            let name = std::fs::read_to_string("/proc/thread-self/comm").unwrap();
            report.send(name.trim().to_owned()).map_err(|error| error.to_string())
        };
        Probe { on_startup: Box::new(own_name), ..Probe::new() }
    };
    run::<Named>(vec![named(), Probe::new(), named()]).shutdown(LONG);
    assert_eq!(reports.try_iter().collect::<Vec<_>>(), ["hot:spread+exec", "a_rather_long_l"]);
}
