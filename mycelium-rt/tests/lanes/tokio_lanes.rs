//! Lanes on a tokio runtime.

use std::sync::mpsc::channel;
use std::time::Duration;

use mycelium_rt::Config;
use mycelium_rt::lane::{LaneSpec, OnPanic, Place, Restart, RingSpec, ServiceSpec, StartError, start};
use mycelium_rt::testing::ManualClock;

use crate::support::*;

struct Mixed;

impl Case for Mixed {
    const LANES: &'static [LaneSpec] = &[
        LaneSpec { place: Place::Tokio, ..LaneSpec::thread("a") },
        LaneSpec::thread("b"),
        LaneSpec { place: Place::Tokio, on_panic: OnPanic::Stop, ..LaneSpec::thread("c") },
    ];
    const SERVICES: &'static [ServiceSpec] =
        &[ServiceSpec { timers: TIMERS, ..service("first", 0) }, service("second", 1), service("third", 2)];
    const RINGS: &'static [RingSpec] = &[implicit(0, 1), implicit(1, 2)];
}

/// A task that is restarted after half an hour at least.
struct Pausing;

impl Case for Pausing {
    const LANES: &'static [LaneSpec] = &[
        LaneSpec {
            place: Place::Tokio,
            on_panic: OnPanic::Restart(Restart { max: 2, within: HOUR, backoff: HOUR }),
            ..LaneSpec::thread("a")
        },
        LaneSpec::thread("b"),
    ];
    const SERVICES: &'static [ServiceSpec] = &[service("first", 0), service("second", 1)];
    const RINGS: &'static [RingSpec] = &[implicit(0, 1)];
}

const HOUR: Duration = Duration::from_secs(3600);

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// A multi-thread runtime with one worker, and a current-thread runtime that nobody drives.
fn runtimes() -> [tokio::runtime::Runtime; 2] {
    [runtime(), tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()]
}

#[test]
fn lanes_on_one_worker_and_on_threads_pass_on_everything() {
    runtimes().iter().for_each(pass_on_everything);
}

fn pass_on_everything(runtime: &tokio::runtime::Runtime) {
    let config = Config::new().tokio(runtime.handle().clone());
    let (report, reports) = channel();
    let mut first = Probe::forwarding();
    first.on_timer = Box::new(move |_, _| report.send(()).map_err(|error| error.to_string()));
    let running = start::<Desk<Mixed>>(vec![first, Probe::forwarding(), Probe::new()], &config).unwrap();
    let sender = running.sender();
    for number in 0..3_000 {
        sender.send(&bar(number)).unwrap();
    }
    // By the computer's clock, asleep or not.
    next(&reports);
    let ended = running.shutdown(LONG);
    assert!(ended.left.is_empty() && ended.broken.is_none(), "{:?}", ended.broken);
    assert_eq!(ended.services[2].seen, (0..3_000).collect::<Vec<_>>());
}

#[test]
fn one_message_at_a_time_wakes_each_lane() {
    runtimes().iter().for_each(wakes_each_lane);
}

fn wakes_each_lane(runtime: &tokio::runtime::Runtime) {
    let config = Config::new().tokio(runtime.handle().clone());
    let (mut last, reports) = Probe::reporting();
    let (ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    theirs.set_nonblocking(true).unwrap();
    last.socket = Some(theirs);
    let running = start::<Desk<Mixed>>(vec![Probe::forwarding(), Probe::forwarding(), last], &config).unwrap();
    let sender = running.sender();
    for number in 0..500 {
        sender.send(&bar(number)).unwrap();
        assert_eq!(next(&reports), number);
        std::io::Write::write_all(&mut &ours, &[1]).unwrap();
        assert_eq!(next(&reports), SOCKET);
    }
    running.shutdown(LONG);
}

#[test]
fn a_runtime_that_ends_stops_the_system_and_gives_its_services_back() {
    for runtime in runtimes() {
        let config = Config::new().tokio(runtime.handle().clone());
        let services = vec![Probe::forwarding(), Probe::forwarding(), Probe::new()];
        let running = start::<Desk<Mixed>>(services, &config).unwrap();
        runtime.shutdown_timeout(Duration::from_secs(10));
        let ended = running.join();
        assert!(ended.broken.unwrap().reason.contains("runtime"));
        assert_eq!(ended.services.len(), 3);
    }
}

/// Two lanes on the runtime, one of which sends to the other, which is slow.
struct Uneven;

impl Case for Uneven {
    const LANES: &'static [LaneSpec] = &[
        LaneSpec { place: Place::Tokio, ..LaneSpec::thread("a") },
        LaneSpec { place: Place::Tokio, ..LaneSpec::thread("b") },
    ];
    const SERVICES: &'static [ServiceSpec] = &[service("first", 0), service("second", 1)];
    const RINGS: &'static [RingSpec] = &[implicit(0, 1)];
}

#[test]
fn lanes_of_one_runtime_that_wait_for_each_other_end_at_the_deadline() {
    for runtime in runtimes() {
        let config = Config::new().tokio(runtime.handle().clone());
        // Each message becomes more messages than there is room for, at a receiver that takes an hour for all.
        let many = Probe::handling(|number, emitter| {
            (0..2_000).try_for_each(|_| emitter.send(number)).map_err(|error| error.to_string())
        });
        let slow = Probe::handling(|_, _| {
            std::thread::sleep(Duration::from_millis(20));
            Ok(())
        });
        let running = start::<Desk<Uneven>>(vec![many, slow], &config).unwrap();
        let sender = running.sender();
        for number in 0..10 {
            sender.send(&bar(number)).unwrap();
        }
        let began = std::time::Instant::now();
        let ended = running.shutdown(Duration::from_millis(100));
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
        assert!(!ended.left.is_empty() && !ended.services[1].seen.is_empty());
    }
}

#[test]
fn a_runtime_without_its_drivers_is_an_error_at_start() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let config = Config::new().tokio(runtime.handle().clone());
    let error = start::<Desk<Mixed>>(vec![Probe::new(), Probe::new(), Probe::new()], &config).unwrap_err();
    assert!(matches!(error, StartError::Panicked { lane: "a" | "c", .. }), "{error}");
}

/// A service that panics on 13.
fn superstitious() -> Probe {
    Probe::handling(|number, emitter| {
        assert_ne!(number, 13, "unlucky");
        emitter.send(number).map_err(|error| error.to_string())
    })
}

#[test]
fn a_pause_before_a_restart_leaves_the_runtime_to_others_and_ends_with_the_system() {
    for clock in [None, Some(ManualClock::new())] {
        let runtime = runtime();
        let (report, reports) = channel();
        let report = std::sync::Mutex::new(report);
        let config = Config::new().tokio(runtime.handle().clone());
        let config =
            config.on_dead_letter(move |dead_letter| report.lock().unwrap().send(number_of(dead_letter.body)).unwrap());
        let config = clock.into_iter().fold(config, Config::clock);
        let running = run_with::<Pausing>(|| vec![superstitious(), Probe::new()], &config);
        let sender = running.sender();
        sender.send(&bar(13)).unwrap();
        sender.send(&bar(4)).unwrap();
        assert_eq!(next(&reports), 13);
        // There is one thread, and it is free.
        let (report, reports) = channel();
        runtime.spawn(async move { report.send(()) });
        next(&reports);
        let ended = running.shutdown(LONG);
        assert!(ended.broken.is_none() && ended.left.is_empty());
        assert_eq!(ended.services[1].seen, [4], "what had arrived is still handled");
    }
}
