//! What is visible of lanes from outside.

use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use mycelium_rt::Config;
use mycelium_rt::lane::{Doing, LaneSpec, OnPanic, Restart, RingSpec, ServiceSpec};
use mycelium_rt::routing::SourceState;
use mycelium_rt::testing::ManualClock;

use crate::support::*;

struct Watched;

impl Case for Watched {
    const LANES: &'static [LaneSpec] =
        &[LaneSpec::thread("a"), LaneSpec { watchdog: Some(Duration::from_millis(20)), ..LaneSpec::thread("b") }];
    const SERVICES: &'static [ServiceSpec] = &[service("first", 0), service("second", 1)];
    const RINGS: &'static [RingSpec] = &[implicit(0, 1)];
}

#[test]
fn a_stuck_lane_is_reported_once_and_its_queue_fills() {
    let (report, reports) = channel();
    let report = Mutex::new(report);
    let config = Config::new().on_stuck(move |stuck| report.lock().unwrap().send(stuck.lane).unwrap());
    let (entered, has_entered) = channel();
    let (release, released) = channel::<()>();
    let (entered, released) = (Mutex::new(entered), Mutex::new(Some(released)));
    let running = run_with::<Watched>(
        move || {
            let (entered, released) = (entered.lock().unwrap().clone(), released.lock().unwrap().take().unwrap());
            let stuck = Probe::handling(move |_, _| {
                entered.send(()).unwrap();
                let _ = released.recv();
                Ok(())
            });
            vec![Probe::forwarding(), stuck]
        },
        &config,
    );
    let sender = running.sender();
    for number in 0..11 {
        sender.send(&bar(number)).unwrap();
    }
    next(&has_entered);
    assert_eq!(next(&reports), "b");
    let depth = || running.health().rings[0].depth;
    // The current message counts as waiting until its turn is over.
    while depth() < 11 {
        std::thread::yield_now();
    }
    let health = running.health();
    let lane = health.lane("b").unwrap();
    assert_eq!(lane.doing, Doing::Turning);
    assert!(lane.age >= Duration::from_millis(20), "{:?}", lane.age);
    drop(release);
    let ended = running.shutdown(LONG);
    assert_eq!(ended.services[1].seen.len(), 11);
    assert_eq!(reports.try_iter().count(), 0, "once for each message that takes long, and only the first did");
}

#[test]
fn lanes_with_nothing_to_do_sleep_and_their_turns_stop() {
    let running = run::<Watched>(vec![Probe::forwarding(), Probe::new()]);
    let asleep = || running.health().lanes.iter().all(|lane| lane.doing == Doing::Sleeping);
    while !asleep() {
        std::thread::yield_now();
    }
    let sender = running.sender();
    sender.send(&bar(1)).unwrap();
    while !asleep() || running.health().lane("b").unwrap().handled == 0 {
        std::thread::yield_now();
    }
    running.shutdown(LONG);
}

struct Pausing;

impl Case for Pausing {
    const LANES: &'static [LaneSpec] =
        &[LaneSpec { on_panic: OnPanic::Restart(Restart::DEFAULT), ..LaneSpec::thread("a") }];
    const SERVICES: &'static [ServiceSpec] = &[service("first", 0)];
}

#[test]
fn a_lane_that_pauses_before_a_restart_sleeps_and_is_not_stuck() {
    let config = Config::new().clock(ManualClock::new());
    let running = run_with::<Pausing>(|| vec![Probe::handling(|_, _| panic!("unlucky"))], &config);
    running.sender().send(&bar(1)).unwrap();
    let lane = || running.health().lanes[0];
    let deadline = Instant::now() + LONG;
    while lane().panics == 0 || lane().doing != Doing::Sleeping {
        assert!(Instant::now() < deadline, "it does not sleep");
        std::thread::yield_now();
    }
    assert_eq!(lane().restarts, 0);
    running.shutdown(LONG);
}

/// Ends by itself, once its source has finished.
struct Ending;

impl Case for Ending {
    const LANES: &'static [LaneSpec] = &[LaneSpec::thread("a"), LaneSpec::thread("b")];
    const SERVICES: &'static [ServiceSpec] =
        &[ServiceSpec { sources: SOURCES, ..service("first", 0) }, service("second", 1)];
    const RINGS: &'static [RingSpec] = &[implicit(0, 1)];
}

#[test]
fn a_lane_that_has_ended_and_waits_for_another_is_not_stuck_in_a_handler() {
    let (release, released) = channel::<()>();
    let first = Probe {
        on_source: Box::new(|emitter| {
            emitter.send(1).unwrap();
            SourceState::Finished
        }),
        ..Probe::new()
    };
    let second = Probe::handling(move |_, _| {
        let _ = released.recv();
        Ok(())
    });
    let running = run::<Ending>(vec![first, second]);
    let deadline = Instant::now() + LONG;
    let doing = |lane| running.health().lane(lane).unwrap().doing;
    // The other lane may still be waking up when this one has ended.
    while running.is_running() || doing("a") != Doing::Sleeping || doing("b") != Doing::Turning {
        assert!(Instant::now() < deadline, "it is taken for stuck");
        std::thread::yield_now();
    }
    drop(release);
    assert!(running.join().left.is_empty());
}
