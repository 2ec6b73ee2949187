//! Lanes under a schedule: one turn at a time, in an order that follows from a seed.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mycelium_rt::Config;
use mycelium_rt::lane::{LaneSpec, OnPanic, Place, Restart, RingSpec, Running, ServiceSpec, Wait, start, start_with};
use mycelium_rt::link::SendError;
use mycelium_rt::routing::SourceState;
use mycelium_rt::testing::{ManualClock, Schedule};

use crate::support::*;

/// Two lanes that send to a third.
struct Meeting;

impl Case for Meeting {
    const LANES: &'static [LaneSpec] = THREE;
    const RINGS: &'static [RingSpec] = &[implicit(0, 2), implicit(1, 2)];
    const FED: &'static [usize] = &[0, 1];
}

fn scheduled<C: Case>(schedule: &Schedule, clock: &ManualClock, services: Vec<Probe>) -> Running<Desk<C>> {
    start::<Desk<C>>(services, &Config::new().schedule(schedule).clock(clock.clone())).unwrap()
}

/// What the third lane sees of two that send their names.
fn meeting(seed: u64) -> Vec<u64> {
    let tagged = |tag: u64| {
        Probe::handling(move |number, emitter| emitter.send(number * 2 + tag).map_err(|error| error.to_string()))
    };
    let schedule = Schedule::seeded(seed);
    let running = scheduled::<Meeting>(&schedule, &ManualClock::new(), vec![tagged(0), tagged(1), Probe::new()]);
    let sender = running.sender();
    for number in 0..4 {
        sender.send(&bar(number)).unwrap();
        sender.send(&bar(number + 100)).unwrap();
        assert!(schedule.run_until_idle().is_idle);
    }
    let mut services = running.shutdown(LONG).services;
    services.pop().unwrap().seen
}

#[test]
fn the_same_seed_gives_the_same_interleaving() {
    for seed in 0..10 {
        assert_eq!(meeting(seed), meeting(seed), "with seed {seed}");
    }
}

#[test]
fn other_seeds_give_other_interleavings_of_the_same_messages() {
    let orders: BTreeSet<_> = (0..20).map(meeting).collect();
    assert!(orders.len() > 1, "the seed decides nothing");
    let sorted = |mut order: Vec<u64>| {
        order.sort_unstable();
        order
    };
    let contents: BTreeSet<_> = orders.into_iter().map(sorted).collect();
    assert_eq!(contents.len(), 1, "messages were lost or doubled");
}

#[test]
fn nothing_happens_between_two_runs() {
    let schedule = Schedule::seeded(1);
    let (probe, reports) = Probe::reporting();
    let services = vec![Probe::forwarding(), Probe::forwarding(), probe];
    let running = scheduled::<Chain>(&schedule, &ManualClock::new(), services);
    running.sender().send(&bar(7)).unwrap();
    assert!(reports.try_recv().is_err());
    assert!(schedule.run_until_idle().turns > 2);
    assert_eq!(reports.try_iter().collect::<Vec<_>>(), [7]);
}

#[test]
fn more_messages_than_rings_hold_are_all_delivered() {
    let schedule = Schedule::seeded(2);
    let services = vec![Probe::forwarding(), Probe::forwarding(), Probe::new()];
    let running = scheduled::<Chain>(&schedule, &ManualClock::new(), services);
    let sender = running.sender();
    for number in 0..5_000 {
        sender.send(&bar(number)).unwrap();
    }
    let ended = running.shutdown(LONG);
    assert!(ended.left.is_empty(), "{}", ended.left);
    assert_eq!(ended.services[2].seen, (0..5_000).collect::<Vec<_>>());
}

#[test]
fn a_lane_that_floods_another_waits_for_it_turn_by_turn() {
    let schedule = Schedule::seeded(3);
    let flood = Probe::handling(|_, emitter| {
        (0..3_000).try_for_each(|number| emitter.send(number)).map_err(|error| error.to_string())
    });
    let services = vec![flood, Probe::forwarding(), Probe::new()];
    let running = scheduled::<Chain>(&schedule, &ManualClock::new(), services);
    running.sender().send(&bar(0)).unwrap();
    assert!(schedule.run_until_idle().is_idle);
    assert_eq!(running.shutdown(LONG).services[2].seen, (0..3_000).collect::<Vec<_>>());
}

/// A source whose messages reach the third lane by both others.
struct Replay;

impl Case for Replay {
    const LANES: &'static [LaneSpec] = THREE;
    const SERVICES: &'static [ServiceSpec] =
        &[ServiceSpec { sources: SOURCES, ..service("first", 0) }, service("second", 1), service("third", 2)];
    const RINGS: &'static [RingSpec] = &[implicit(0, 1), implicit(0, 2), implicit(1, 2)];
}

/// What the third lane sees of a source that finishes, within one run.
fn replayed(seed: u64) -> Vec<u64> {
    let mut numbers = 0..500;
    let source = Probe {
        on_source: Box::new(move |emitter| match numbers.next() {
            Some(number) => {
                emitter.send(number).unwrap();
                SourceState::Ready
            }
            None => SourceState::Finished,
        }),
        ..Probe::new()
    };
    let (probe, reports) = Probe::reporting();
    let schedule = Schedule::seeded(seed);
    let services = vec![source, Probe::forwarding(), probe];
    let running = scheduled::<Replay>(&schedule, &ManualClock::new(), services);
    assert!(schedule.run_until_idle().is_idle);
    assert!(!running.is_running(), "its only source has finished");
    let seen = reports.try_iter().collect();
    assert!(running.join().left.is_empty());
    assert!(reports.try_iter().next().is_none(), "something happened after the run");
    seen
}

#[test]
fn a_system_that_ends_by_itself_does_so_within_a_run() {
    for seed in 0..10 {
        let seen = replayed(seed);
        assert_eq!(seen.len(), 1_000, "with seed {seed}");
        assert_eq!(seen, replayed(seed), "with seed {seed}");
    }
}

/// One service with a timer.
struct Ticking;

impl Case for Ticking {
    const LANES: &'static [LaneSpec] = THREE;
    const SERVICES: &'static [ServiceSpec] =
        &[ServiceSpec { timers: TIMERS, ..service("first", 0) }, service("second", 1), service("third", 2)];
}

#[test]
fn timers_follow_the_clock_of_the_test() {
    let (schedule, clock) = (Schedule::seeded(4), ManualClock::new());
    let ticks = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&ticks);
    let ticking = Probe {
        on_timer: Box::new(move |_, _| {
            *counted.lock().unwrap() += 1;
            Ok(())
        }),
        ..Probe::new()
    };
    let running = scheduled::<Ticking>(&schedule, &clock, vec![ticking, Probe::new(), Probe::new()]);
    for expected in [0, 1, 2] {
        assert!(schedule.run_until_idle().is_idle);
        assert_eq!(*ticks.lock().unwrap(), expected);
        clock.advance(Duration::from_millis(100));
    }
    drop(running);
}

/// Lanes on cores that no machine has, and on a runtime that the test does not give; the first of them is restarted.
struct Elsewhere;

const RESTART: Restart = Restart { max: 5, within: Duration::from_secs(10), backoff: Duration::from_millis(10) };

const NOWHERE: Place = Place::Pinned { core: 100_000, wait: Wait::Spin };

impl Case for Elsewhere {
    const LANES: &'static [LaneSpec] = &[
        LaneSpec { place: NOWHERE, on_panic: OnPanic::Restart(RESTART), ..LaneSpec::thread("a") },
        LaneSpec { place: NOWHERE, ..LaneSpec::thread("b") },
        LaneSpec { place: Place::Tokio, ..LaneSpec::thread("c") },
    ];
}

#[test]
fn a_lane_that_waits_to_be_restarted_lets_others_go_on() {
    let (schedule, clock) = (Schedule::seeded(5), ManualClock::new());
    let config = Config::new().schedule(&schedule).clock(clock.clone());
    let fragile = || {
        Probe::handling(|number, _| match number {
            0 => panic!("as the test wants it"),
            _ => Ok(()),
        })
    };
    let running = start_with::<Desk<Elsewhere>>(move || vec![fragile(), Probe::new(), Probe::new()], &config).unwrap();
    let sender = running.sender();
    sender.send(&bar(0)).unwrap();
    sender.send(&bar(1)).unwrap();
    assert!(schedule.run_until_idle().is_idle);
    assert_eq!(running.health().lanes[0].restarts, 0, "the pause is not over");
    clock.advance(RESTART.backoff);
    assert!(schedule.run_until_idle().is_idle);
    assert_eq!(running.health().lanes[0].restarts, 1);
    assert_eq!(running.shutdown(LONG).services[0].seen, [1]);
}

/// How long the first lane, which panics again and again, waits before each restart, in steps of ten microseconds.
fn pauses(seed: u64) -> Vec<u32> {
    let (schedule, clock) = (Schedule::seeded(seed), ManualClock::new());
    let config = Config::new().schedule(&schedule).clock(clock.clone());
    let fragile = || Probe::handling(|_, _| panic!("as the test wants it"));
    let running = start_with::<Desk<Elsewhere>>(move || vec![fragile(), Probe::new(), Probe::new()], &config).unwrap();
    let sender = running.sender();
    let pause = |restarts| {
        sender.send(&bar(0)).unwrap();
        let mut steps = 0;
        while schedule.run_until_idle().is_idle && running.health().lanes[0].restarts < restarts {
            clock.advance(Duration::from_micros(10));
            steps += 1;
        }
        steps
    };
    (1..=2).map(pause).collect()
}

#[test]
fn pauses_before_restarts_follow_from_the_seed() {
    assert_eq!(pauses(1), pauses(1));
    assert_ne!(pauses(1), pauses(2));
}

#[test]
fn a_sender_that_waits_for_room_learns_that_its_lane_has_stopped() {
    let (report, reports) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let schedule = Schedule::seeded(1);
        let broken = Probe::handling(|_, _| panic!("unlucky"));
        let services = vec![broken, Probe::new(), Probe::new()];
        let running = scheduled::<Chain>(&schedule, &ManualClock::new(), services);
        let sender = running.sender();
        let sent = (0..).find_map(|number| sender.send(&bar(number)).err());
        report.send((sent.unwrap(), running.join().broken.unwrap().lane)).unwrap();
    });
    assert_eq!(next(&reports), (SendError::PeerGone, "a"));
}
