//! Sources and timers.

use std::sync::mpsc::channel;
use std::time::Duration;

use mycelium_rt::lane::{Doing, LaneSpec, Place, RingSpec, ServiceSpec, Wait};
use mycelium_rt::routing::{SourceState, Timer};
use mycelium_rt::testing::ManualClock;
use mycelium_rt::{Config, TimestampNs};

use crate::support::*;

struct Ticking;

impl Case for Ticking {
    const LANES: &'static [LaneSpec] = &[LaneSpec::thread("a")];
    const SERVICES: &'static [ServiceSpec] = &[ServiceSpec { sources: SOURCES, timers: TIMERS, ..service("first", 0) }];
    const RINGS: &'static [RingSpec] = &[];
}

/// The same on a lane that never sleeps.
struct Yielding;

impl Case for Yielding {
    const LANES: &'static [LaneSpec] =
        &[LaneSpec { place: Place::Thread { wait: Wait::Yield }, ..LaneSpec::thread("a") }];
    const SERVICES: &'static [ServiceSpec] = Ticking::SERVICES;
}

fn ticks_and_misses<C: Case>() {
    let (clock, (report, reports)) = (ManualClock::at(TimestampNs(1_000)), channel());
    let own = clock.clone();
    let running = run_with::<C>(
        move || {
            let (report, clock) = (report.clone(), own.clone());
            let on_timer = move |_, _: &mut Emitter| {
                report.send(mycelium_rt::Clock::now(&clock)).map_err(|error| error.to_string())
            };
            vec![Probe {
                on_timer: Box::new(on_timer),
                on_source: Box::new(|_| SourceState::IdleFor(LONG)),
                ..Probe::new()
            }]
        },
        &Config::new().clock(clock.clone()),
    );
    let missed = || running.health().lane("a").unwrap().missed_ticks;
    let ms = Duration::from_millis;
    clock.advance(ms(100));
    assert_eq!(next(&reports), TimestampNs(100_001_000));
    // Late by two and a half periods: one call, two ticks missed, and the next one is where it always would have been.
    clock.advance(ms(350));
    assert_eq!(next(&reports), TimestampNs(450_001_000));
    assert_eq!(missed(), 2);
    clock.advance(ms(50));
    assert_eq!(next(&reports), TimestampNs(500_001_000));
    assert_eq!(missed(), 2);
    running.shutdown(LONG);
    assert_eq!(reports.try_iter().count(), 0);
}

#[test]
fn a_timer_keeps_its_period_and_counts_missed_ticks() {
    ticks_and_misses::<Ticking>();
}

#[test]
fn a_timer_on_a_lane_that_never_sleeps_keeps_its_period() {
    ticks_and_misses::<Yielding>();
}

#[test]
fn a_source_that_is_idle_for_some_time_is_called_after_it() {
    let (clock, (report, reports)) = (ManualClock::new(), channel());
    let own = clock.clone();
    let running = run_with::<Ticking>(
        move || {
            let (report, clock) = (report.clone(), own.clone());
            let on_source = move |_: &mut Emitter| {
                report.send(mycelium_rt::Clock::now(&clock).0).unwrap();
                SourceState::IdleFor(Duration::from_nanos(500))
            };
            vec![Probe { on_source: Box::new(on_source), ..Probe::new() }]
        },
        &Config::new().clock(clock.clone()),
    );
    assert_eq!(next(&reports), 0);
    // The pause counts from when the source has returned.
    while running.health().lane("a").unwrap().doing != Doing::Sleeping {
        std::thread::yield_now();
    }
    clock.advance(Duration::from_nanos(499));
    clock.advance(Duration::from_nanos(1));
    assert_eq!(next(&reports), 500);
    running.shutdown(LONG);
    assert_eq!(reports.try_iter().count(), 0);
}

#[test]
fn a_source_that_always_has_something_starves_neither_messages_nor_timers() {
    let (clock, (report, reports)) = (ManualClock::new(), channel());
    let own = clock.clone();
    let running = run_with::<Ticking>(
        move || {
            let (message, timer, clock) = (report.clone(), report.clone(), own.clone());
            let greedy = move |_: &mut Emitter| {
                clock.advance(Duration::from_micros(1));
                SourceState::Ready
            };
            let on_message =
                move |number, _: &mut Emitter| message.send(Some(number)).map_err(|error| error.to_string());
            let on_timer = move |_, _: &mut Emitter| timer.send(None).map_err(|error| error.to_string());
            vec![Probe {
                on_source: Box::new(greedy),
                on_timer: Box::new(on_timer),
                on_message: Box::new(on_message),
                ..Probe::new()
            }]
        },
        &Config::new().clock(clock.clone()),
    );
    running.sender().send(&bar(5)).unwrap();
    let (mut message, mut timer) = (false, false);
    while !(message && timer) {
        match next(&reports) {
            Some(number) => message = number == 5,
            None => timer = true,
        }
    }
    running.shutdown(LONG);
}

/// Ticks each millisecond.
struct Quick;

impl Case for Quick {
    const LANES: &'static [LaneSpec] = &[LaneSpec::thread("a")];
    const SERVICES: &'static [ServiceSpec] =
        &[ServiceSpec { timers: &[Timer { period: Duration::from_millis(1), ..TIMERS[0] }], ..service("first", 0) }];
}

#[test]
fn a_short_period_catches_up_and_ticks_that_are_too_late_are_counted() {
    let (clock, (report, reports)) = (ManualClock::new(), channel());
    let factory = move || {
        let report = report.clone();
        let on_timer = move |_, _: &mut Emitter| report.send(()).map_err(|error| error.to_string());
        vec![Probe { on_timer: Box::new(on_timer), ..Probe::new() }]
    };
    let running = run_with::<Quick>(factory, &Config::new().clock(clock.clone()));
    for step in [1, 2, 3, 9] {
        clock.advance(Duration::from_millis(step));
        (0..step).for_each(|_| next(&reports));
    }
    clock.advance(Duration::from_millis(100));
    (0..10).for_each(|_| next(&reports));
    let health = running.shutdown(LONG).health;
    assert_eq!(health.lane("a").unwrap().missed_ticks, 90);
    assert_eq!(reports.try_iter().count(), 0);
}

#[test]
fn ticks_before_the_start_are_not_missed() {
    let (clock, (report, reports)) = (ManualClock::new(), channel());
    let own = clock.clone();
    let factory = move || {
        let (report, clock) = (report.clone(), own.clone());
        let on_timer =
            move |_, _: &mut Emitter| report.send(mycelium_rt::Clock::now(&clock)).map_err(|error| error.to_string());
        let clock = own.clone();
        let on_startup = move || {
            clock.advance(Duration::from_secs(5));
            Ok(())
        };
        // A source that finished would end the system, and with it the timer, before the clock is moved.
        let on_source = |_: &mut Emitter| SourceState::IdleFor(LONG);
        vec![Probe {
            on_timer: Box::new(on_timer),
            on_source: Box::new(on_source),
            on_startup: Box::new(on_startup),
            ..Probe::new()
        }]
    };
    let running = run_with::<Ticking>(factory, &Config::new().clock(clock.clone()));
    clock.advance(Duration::from_millis(100));
    assert_eq!(next(&reports), TimestampNs(5_100_000_000));
    assert_eq!(running.health().lane("a").unwrap().missed_ticks, 0);
    running.shutdown(LONG);
    assert_eq!(reports.try_iter().count(), 0);
}
