//! What follows a panic on a lane.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mycelium_rt::Config;
use mycelium_rt::lane::{LaneSpec, OnPanic, Origin, Restart, RingSpec, ServiceSpec};
use mycelium_rt::routing::SourceState;
use mycelium_rt::testing::ManualClock;

use crate::support::*;

const RESTART: OnPanic =
    OnPanic::Restart(Restart { max: 2, within: Duration::from_secs(10), backoff: Duration::from_millis(100) });

struct Stopping;

impl Case for Stopping {
    const LANES: &'static [LaneSpec] = &[LaneSpec::thread("a"), LaneSpec::thread("b")];
    const SERVICES: &'static [ServiceSpec] = &[service("first", 0), service("second", 1)];
    const RINGS: &'static [RingSpec] = &[implicit(0, 1)];
}

struct Restarting;

impl Case for Restarting {
    const LANES: &'static [LaneSpec] =
        &[LaneSpec { on_panic: RESTART, ..LaneSpec::thread("a") }, LaneSpec::thread("b")];
    const SERVICES: &'static [ServiceSpec] =
        &[ServiceSpec { sources: SOURCES, timers: TIMERS, ..service("first", 0) }, service("second", 1)];
    const RINGS: &'static [RingSpec] = &[implicit(0, 1)];
}

/// Passes on what it gets, and panics on 13.
fn superstitious() -> Probe {
    Probe {
        on_source: Box::new(|_| SourceState::IdleFor(LONG)),
        ..Probe::handling(|number, emitter| {
            assert_ne!(number, 13, "unlucky");
            emitter.send(number).map_err(|error| error.to_string())
        })
    }
}

fn pair() -> Vec<Probe> {
    vec![superstitious(), Probe::new()]
}

#[test]
fn a_panic_stops_the_lane_and_drains_the_others() {
    let running = run::<Stopping>(pair());
    let sender = running.sender();
    for number in [1, 2, 13, 4, 5] {
        // Once the lane has stopped, the rest is refused or left.
        let _ = sender.send(&bar(number));
    }
    let ended = running.join();
    let broken = ended.broken.unwrap();
    assert_eq!(broken.lane, "a");
    assert!(broken.reason.contains("unlucky"), "{}", broken.reason);
    assert_eq!(ended.services[0].seen, [1, 2, 13]);
    assert_eq!(ended.services[1].seen, [1, 2]);
}

#[test]
fn the_lost_message_of_a_panic_goes_to_the_hook_with_its_origin() {
    let (report, reports) = channel();
    let report = Mutex::new(report);
    let config = Config::new().on_dead_letter(move |dead_letter| {
        let text = (
            dead_letter.lane,
            dead_letter.origin,
            dead_letter.message,
            number_of(dead_letter.body),
            dead_letter.reason.to_owned(),
        );
        report.lock().unwrap().send(text).unwrap();
        panic!("hooks may");
    });
    let running = run_with::<Stopping>(pair, &config);
    running.sender().send(&bar(13)).unwrap();
    let (lane, origin, message, number, reason) = next(&reports);
    assert_eq!((lane, origin, message, number), ("a", Origin::Sender, "Bar", 13));
    assert!(reason.contains("unlucky"));
    let health = running.health();
    assert_eq!((health.lane("a").unwrap().panics, health.lane("a").unwrap().lost_in_panics), (1, 1));
    running.join();
}

#[test]
fn an_error_that_propagates_counts_as_a_panic() {
    let failing = Probe::handling(|_, _| Err("no funds".to_owned()));
    let running = run::<Stopping>(vec![failing, Probe::new()]);
    running.sender().send(&bar(1)).unwrap();
    assert_eq!(running.join().broken.unwrap().reason, "`first` failed on `Bar`: no funds");
}

/// A config with this clock, and a channel of dead letters.
fn with_clock(clock: &ManualClock) -> (Config, std::sync::mpsc::Receiver<Origin>) {
    let (report, reports) = channel();
    let report = Mutex::new(report);
    let hook =
        move |dead_letter: &mycelium_rt::lane::DeadLetter<'_>| report.lock().unwrap().send(dead_letter.origin).unwrap();
    (Config::new().clock(clock.clone()).on_dead_letter(hook), reports)
}

#[test]
fn a_restarted_lane_goes_on_with_new_services_and_the_next_message() {
    let (clock, made) = (ManualClock::new(), Arc::new(AtomicUsize::new(0)));
    let (config, reports) = with_clock(&clock);
    let (report, handled) = channel();
    let count = Arc::clone(&made);
    let running = run_with::<Restarting>(
        move || {
            count.fetch_add(1, Ordering::Relaxed);
            let report = report.clone();
            let second = Probe::handling(move |number, _| report.send(number).map_err(|error| error.to_string()));
            vec![superstitious(), second]
        },
        &config,
    );
    let sender = running.sender();
    for number in [1, 13, 3] {
        sender.send(&bar(number)).unwrap();
    }
    assert_eq!((next(&handled), next(&reports)), (1, Origin::Sender));
    // The pause follows the router's clock, which the test moves past it.
    clock.advance(Duration::from_millis(100));
    assert_eq!(next(&handled), 3);
    assert_eq!(made.load(Ordering::Relaxed), 2);
    assert_eq!(running.health().lane("a").unwrap().restarts, 1);
    let ended = running.shutdown(LONG);
    assert!(ended.broken.is_none());
    assert_eq!(ended.services[0].seen, [3], "the services that panicked are gone");
}

#[test]
fn more_restarts_than_the_window_allows_stop_the_lane() {
    let clock = ManualClock::new();
    let (config, reports) = with_clock(&clock);
    let running = run_with::<Restarting>(pair, &config);
    let sender = running.sender();
    for _ in 0..3 {
        sender.send(&bar(13)).unwrap();
        next(&reports);
        clock.advance(Duration::from_secs(1));
    }
    let ended = running.join();
    assert_eq!(ended.broken.unwrap().lane, "a");
}

#[test]
fn a_shutdown_during_a_backoff_does_not_wait_for_it() {
    let clock = ManualClock::new();
    let (config, reports) = with_clock(&clock);
    let running = run_with::<Restarting>(pair, &config);
    let sender = running.sender();
    sender.send(&bar(13)).unwrap();
    sender.send(&bar(4)).unwrap();
    next(&reports);
    // Nobody moves the clock.
    let ended = running.shutdown(LONG);
    assert!(ended.broken.is_none() && ended.left.is_empty());
    assert_eq!(ended.services[1].seen, [4], "what had arrived is still handled");
}

#[test]
fn panics_of_sources_and_timers_are_reported_by_name() {
    let clock = ManualClock::new();
    let (config, reports) = with_clock(&clock);
    let broken = || Probe {
        on_source: Box::new(|_| panic!("empty")),
        on_timer: Box::new(|_, _| panic!("late")),
        ..Probe::new()
    };
    let mut sound = true;
    let running = run_with::<Restarting>(
        move || {
            sound = !sound;
            let first = if sound {
                Probe { on_source: Box::new(|_| SourceState::IdleFor(LONG)), ..broken() }
            } else {
                broken()
            };
            vec![first, Probe::new()]
        },
        &config,
    );
    assert_eq!(next(&reports), Origin::Source { service: "first", method: "read" });
    clock.advance(Duration::from_millis(100));
    // Restarted, its timer is due one period later.
    while running.health().lane("a").unwrap().restarts == 0 {
        std::thread::yield_now();
    }
    clock.advance(Duration::from_millis(100));
    assert_eq!(next(&reports), Origin::Timer { service: "first", method: "tick" });
    running.shutdown(LONG);
}

#[test]
fn a_factory_or_a_startup_that_fails_counts_as_another_panic() {
    let clock = ManualClock::new();
    let (config, reports) = with_clock(&clock);
    let mut made = 0;
    let running = run_with::<Restarting>(
        move || {
            made += 1;
            match made {
                1 => pair(),
                2 => panic!("out of stock"),
                _ => {
                    let mut all = pair();
                    all[0].on_startup = Box::new(|| Err("not today".to_owned()));
                    all
                }
            }
        },
        &config,
    );
    running.sender().send(&bar(13)).unwrap();
    next(&reports);
    // As often as needed: each attempt has a pause of its own.
    while running.is_running() {
        clock.advance(Duration::from_millis(400));
        std::thread::yield_now();
    }
    let broken = running.join().broken.unwrap();
    assert_eq!(broken.reason, "service `first` did not start: not today");
}
