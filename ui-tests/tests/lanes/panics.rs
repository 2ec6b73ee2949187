//! What panics and errors do to a lane.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use mycelium_rt::lane::Origin;
use mycelium_rt::testing::ManualClock;
use mycelium_rt::{Config, Emit, Message, SourceState, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Signal};

use crate::support::{DEADLINE, until};

/// Panics where the test says so, and counts what it survives.
#[derive(Default)]
struct Fragile {
    bars: u64,
}

#[service]
impl Fragile {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut impl Emit<Signal>) {
        cx.emit(&Signal::of(bar.value));
        assert!(bar.value != 13, "unlucky");
        self.bars += 1;
    }
}

/// Counts.
#[derive(Default)]
struct Count(u64);

#[service]
impl Count {
    #[handle]
    fn on_signal(&mut self, _: &Signal) {
        self.0 += 1;
    }
}

routing_config! {
    name: Stopping,
    services: { fragile: Fragile, count: Count },
    routes: { Bar => [fragile], Signal => [count] },
    lanes: { hot: thread [fragile], cold: thread [count] },
}

/// The dead letters: lane, origin, name and value.
type DeadLetters = Arc<Mutex<Vec<(String, String, String, u64, String)>>>;

fn listening(dead_letters: &DeadLetters) -> Config {
    let dead_letters = Arc::clone(dead_letters);
    Config::new().on_dead_letter(move |dead_letter| {
        let value = dead_letter.body.first_chunk().map_or(0, |bytes| u64::from_ne_bytes(*bytes));
        dead_letters.lock().unwrap().push((
            dead_letter.lane.to_owned(),
            dead_letter.origin.to_string(),
            dead_letter.message.to_owned(),
            value,
            dead_letter.reason.to_owned(),
        ));
    })
}

fn dead_letter(
    lane: &str,
    origin: &str,
    message: &str,
    value: u64,
    reason: &str,
) -> (String, String, String, u64, String) {
    (lane.to_owned(), origin.to_owned(), message.to_owned(), value, reason.to_owned())
}

#[test]
fn a_panic_stops_the_system_and_gives_the_services_back() {
    let dead_letters = DeadLetters::default();
    let services = StoppingServices { fragile: Fragile::default(), count: Count::default() };
    let running = Stopping::start(services, &listening(&dead_letters)).unwrap();
    let bars = running.sender::<Bar>();
    for value in [1, 2, 13] {
        bars.send(&Bar::of(value)).unwrap();
    }
    let ended = running.join();
    assert_eq!(ended.broken.map(|broken| (broken.lane, broken.reason)), Some(("hot", "unlucky".to_owned())));
    assert_eq!((ended.services.fragile.bars, ended.services.count.0), (2, 3), "what was emitted before went on");
    assert_eq!(*dead_letters.lock().unwrap(), [dead_letter("hot", "a sender", "Bar", 13, "unlucky")]);
}

routing_config! {
    name: Restarting,
    services: { fragile: Fragile, count: Count },
    routes: { Bar => [fragile], Signal => [count] },
    lanes: { hot: thread(on_panic = restart(max = 2, within = "10s", backoff = "1s")) [fragile], cold: thread [count] },
}

#[test]
fn a_lane_restarts_after_its_pause_and_gives_up_at_its_limit() {
    let (clock, made) = (ManualClock::new(), Arc::new(Mutex::new(0)));
    let counted = Arc::clone(&made);
    let factory = move || {
        *counted.lock().unwrap() += 1;
        RestartingServices { fragile: Fragile::default(), count: Count::default() }
    };
    let running = Restarting::start_with(factory, &Config::new().clock(clock.clone())).unwrap();
    let bars = running.sender::<Bar>();
    let hot = |running: &mycelium_rt::lane::Running<Restarting>| running.health().lane("hot").cloned().unwrap();
    for round in 1..=2 {
        bars.send(&Bar::of(13)).unwrap();
        bars.send(&Bar::of(1)).unwrap();
        until("it has panicked", || hot(&running).panics == round);
        assert_eq!(hot(&running).restarts, round - 1, "not before its pause is over");
        clock.advance(Duration::from_secs(2));
        until("it has restarted", || hot(&running).restarts == round);
        // The new service handles the bar after the one that panicked.
        until("it goes on", || hot(&running).handled >= 2 * round);
    }
    assert!(running.is_running());
    bars.send(&Bar::of(13)).unwrap();
    until("it gives up", || !running.is_running());
    let ended = running.join();
    assert_eq!(ended.broken.map(|broken| broken.lane), Some("hot"));
    assert_eq!(*made.lock().unwrap(), 3, "once at the start, and once for each restart");
    assert_eq!(ended.services.count.0, 5, "the other lane kept its own");
}

#[test]
fn a_shutdown_during_a_pause_does_not_wait_for_it() {
    let factory = || RestartingServices { fragile: Fragile::default(), count: Count::default() };
    // Nobody moves this clock, so the pause never ends by itself.
    let running = Restarting::start_with(factory, &Config::new().clock(ManualClock::new())).unwrap();
    running.sender::<Bar>().send(&Bar::of(13)).unwrap();
    until("it has panicked", || running.health().lane("hot").is_some_and(|lane| lane.panics == 1));
    running.shutdown(DEADLINE);
}

/// Panics in its source or its timer.
struct Driven {
    by_timer: bool,
}

#[service]
impl Driven {
    #[source]
    fn look(&mut self) -> SourceState {
        assert!(self.by_timer, "in the source");
        SourceState::Idle
    }

    #[every("1ms")]
    fn tick(&mut self) {
        panic!("in the timer");
    }
}

routing_config! {
    name: DrivenAlone,
    services: { driven: Driven },
    routes: { },
    lanes: { hot: thread [driven] },
}

#[test]
fn panics_of_sources_and_timers_are_reported_by_name() {
    for (by_timer, origin, reason) in
        [(false, "source `driven.look`", "in the source"), (true, "timer `driven.tick`", "in the timer")]
    {
        let dead_letters = DeadLetters::default();
        let running =
            DrivenAlone::start(DrivenAloneServices { driven: Driven { by_timer } }, &listening(&dead_letters)).unwrap();
        assert_eq!(running.join().broken.map(|broken| broken.reason), Some(reason.to_owned()));
        assert_eq!(*dead_letters.lock().unwrap(), [dead_letter("hot", origin, "", 0, reason)]);
    }
}

/// Fails on 13.
#[derive(Default)]
struct Failing(u64);

#[service]
impl Failing {
    #[handle]
    fn on_fill(&mut self, fill: &Fill) -> Result<(), String> {
        if fill.value == 13 {
            return Err("no such order".to_owned());
        }
        self.0 += 1;
        Ok(())
    }
}

routing_config! {
    name: Propagating,
    services: { failing: Failing },
    routes: { Fill => [failing] },
    lanes: { main: thread(on_panic = restart(backoff = "1ns")) [failing] },
    on_error: propagate,
}

#[test]
fn with_propagate_an_error_counts_as_a_panic() {
    let dead_letters = DeadLetters::default();
    let running =
        Propagating::start_with(|| PropagatingServices { failing: Failing::default() }, &listening(&dead_letters))
            .unwrap();
    let fills = running.sender::<Fill>();
    for value in [1, 13, 2] {
        fills.send(&Fill::of(value)).unwrap();
    }
    drop(fills);
    let health = || running.health().lane("main").cloned().unwrap();
    until("all are through", || health().restarts == 1 && health().handled == 3);
    assert_eq!(health().lost_in_panics, 1);
    assert_eq!(running.stats().service("failing").map(|service| service.handler_errors), Some(1));
    assert_eq!(running.shutdown(DEADLINE).services.failing.0, 1, "restarted in between");
    let reason = "`failing` failed on `Fill`: no such order";
    assert_eq!(*dead_letters.lock().unwrap(), [dead_letter("main", "a sender", "Fill", 13, reason)]);
}

/// Panics on a batch with 13 in it.
#[derive(Default)]
struct Batches(u64);

#[service]
impl Batches {
    #[handle]
    fn on_breaches(&mut self, breaches: &[Breach]) {
        assert!(breaches.iter().all(|breach| breach.value != 13), "unlucky");
        self.0 += breaches.len() as u64;
    }
}

routing_config! {
    name: Batching,
    services: { batches: Batches },
    routes: { Breach => [batches] },
    lanes: { main: thread(on_panic = restart(backoff = "1ns")) [batches] },
}

#[test]
fn a_batch_that_panics_is_lost_as_a_whole_and_counted() {
    let origins = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&origins);
    let config = Config::new()
        .on_dead_letter(move |dead_letter| seen.lock().unwrap().push((dead_letter.origin, dead_letter.id)));
    let running = Batching::start_with(|| BatchingServices { batches: Batches::default() }, &config).unwrap();
    let breaches = running.sender::<Breach>();
    (0..100).for_each(|value| breaches.send(&Breach::of(value)).unwrap());
    drop(breaches);
    let health = || running.health().lane("main").cloned().unwrap();
    until("it has restarted", || health().restarts == 1);
    let lost = health().lost_in_panics;
    assert!((1..=64).contains(&lost), "{lost}");
    assert!(running.shutdown(DEADLINE).services.batches.0 <= 100 - lost);
    assert_eq!(*origins.lock().unwrap(), [(Origin::Sender, Breach::ID)]);
}

/// Panics in its hooks.
struct BadHooks {
    at_startup: bool,
}

#[service]
impl BadHooks {
    fn startup(&mut self) {
        assert!(!self.at_startup, "at startup");
    }

    #[handle]
    fn on_signal(&mut self, _: &Signal) {}

    fn shutdown(&mut self) {
        panic!("at shutdown");
    }
}

routing_config! { name: Hooked, services: { hooks: BadHooks }, routes: { Signal => [hooks] } }

#[test]
fn a_panic_in_startup_prevents_the_start_and_one_in_shutdown_does_not_prevent_the_end() {
    let error = Hooked::start(HookedServices { hooks: BadHooks { at_startup: true } }, &Config::new()).unwrap_err();
    assert!(error.to_string().contains("at startup"), "{error}");
    let running = Hooked::start(HookedServices { hooks: BadHooks { at_startup: false } }, &Config::new()).unwrap();
    assert!(running.shutdown(DEADLINE).left.is_empty());
}
