//! How a system ends, and what happens to messages that are on their way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use mycelium_rt::lane::{LaneSpec, RingKind, RingSpec, ServiceSpec, Signals};
use mycelium_rt::link::{Batch, OnFull, SendError};
use mycelium_rt::routing::SourceState;

use crate::support::*;

#[test]
fn messages_sent_before_the_shutdown_reach_the_last_lane() {
    let running = run::<Chain>(vec![Probe::forwarding(), Probe::forwarding(), Probe::new()]);
    let sender = running.sender();
    for number in 0..5_000 {
        sender.send(&bar(number)).unwrap();
    }
    let ended = running.shutdown(LONG);
    assert!(ended.left.is_empty() && ended.broken.is_none(), "{}", ended.left);
    let expected: Vec<_> = (0..5_000).collect();
    assert!(ended.services.iter().all(|probe| probe.seen == expected));
    assert_eq!(sender.send(&bar(0)), Err(SendError::Closed));
}

#[test]
fn services_shut_down_in_reverse_order_once_all_lanes_have_drained() {
    let (report, reports) = channel();
    let services = ["first", "second", "third"].map(|name| {
        let (handled, ended) = (report.clone(), report.clone());
        Probe {
            on_shutdown: Box::new(move || ended.send(name).map_err(|error| error.to_string())),
            ..Probe::handling(move |number, emitter| {
                handled.send("message").unwrap();
                emitter.send(number).map_err(|error| error.to_string())
            })
        }
    });
    let running = run::<Chain>(services.into());
    running.sender().send(&bar(1)).unwrap();
    running.shutdown(LONG);
    drop(report);
    let all: Vec<_> = reports.iter().collect();
    assert_eq!(all, ["message", "message", "message", "third", "second", "first"]);
}

struct Circle;

impl Case for Circle {
    const LANES: &'static [LaneSpec] = THREE;
    const RINGS: &'static [RingSpec] = &[implicit(0, 1), implicit(1, 2), back(2, 0)];
}

/// A ring to the service of that lane which drops what it has no room for, as one edge of a cycle must.
const fn back(from: usize, to: usize) -> RingSpec {
    let kind = RingKind::Queue { service: to, room: 64, on_full: OnFull::DropNewest, batch: Batch::low_latency() };
    RingSpec { kind, ..implicit(from, to) }
}

#[test]
fn lanes_in_a_cycle_end_when_no_message_is_left() {
    let countdown = || {
        Probe::handling(|number, emitter| match number {
            0 => Ok(()),
            number => emitter.send(number - 1).map_err(|error| error.to_string()),
        })
    };
    for hops in 0..50 {
        let running = run::<Circle>(vec![countdown(), countdown(), countdown()]);
        running.sender().send(&bar(hops)).unwrap();
        let ended = running.shutdown(LONG);
        assert!(ended.left.is_empty(), "{}", ended.left);
        let seen: usize = ended.services.iter().map(|probe| probe.seen.len()).sum();
        assert_eq!(seen as u64, hops + 1);
    }
}

#[test]
fn a_deadline_ends_waits_and_reports_what_is_left() {
    let (entered, has_entered) = channel();
    let (release, released) = channel::<()>();
    let last = Probe::handling(move |_, _| {
        entered.send(()).unwrap();
        // Until the test drops its end.
        let _ = released.recv();
        Ok(())
    });
    let running = run::<Chain>(vec![Probe::forwarding(), Probe::forwarding(), last]);
    let sender = running.sender();
    let feeder = std::thread::spawn(move || {
        (0..).find_map(|number| sender.send(&bar(number)).err().map(|error| (number, error)))
    });
    next(&has_entered);
    // The handler returns when the lanes before it have ended.
    let ending = std::thread::spawn(move || running.shutdown(Duration::ZERO));
    let (accepted, error) = feeder.join().unwrap().unwrap();
    assert!(matches!(error, SendError::Closed | SendError::Interrupted | SendError::PeerGone), "{error}");
    drop(release);
    let ended = ending.join().unwrap();
    // Each message that was accepted was handled by the last service, or is reported as left, including those that lanes were just
    // sending when they were interrupted. The feeder's last one was not accepted.
    let handled = ended.services[2].seen.len() as u64;
    assert_eq!(handled + ended.left.total(), accepted, "{}", ended.left);
    assert!(!ended.left.is_empty());
}

struct Reader;

impl Case for Reader {
    const LANES: &'static [LaneSpec] = THREE;
    const SERVICES: &'static [ServiceSpec] =
        &[ServiceSpec { sources: SOURCES, ..service("first", 0) }, service("second", 1), service("third", 2)];
    const RINGS: &'static [RingSpec] = &[implicit(0, 1), implicit(1, 2)];
}

fn counting_source(end: u64) -> Probe {
    let mut number = 0;
    Probe {
        on_source: Box::new(move |emitter| {
            if number == end {
                return SourceState::Finished;
            }
            number += 1;
            // Idle from time to time: an idle source is called again.
            if number.is_multiple_of(100) {
                number -= 1;
                emitter.send(number).unwrap();
                number += 1;
                return SourceState::Idle;
            }
            emitter.send(number - 1).unwrap();
            SourceState::Ready
        }),
        ..Probe::new()
    }
}

#[test]
fn a_system_whose_sources_have_finished_ends_by_itself() {
    let running = run::<Reader>(vec![counting_source(1_050), Probe::forwarding(), Probe::new()]);
    let ended = running.join();
    assert!(ended.left.is_empty());
    assert_eq!(ended.services[2].seen, (0..1_050).collect::<Vec<_>>());
}

#[test]
fn a_live_sender_keeps_a_system_running_whose_sources_have_finished() {
    let (fed, (report, reports)) = (Arc::new(AtomicBool::new(false)), channel());
    let is_fed = Arc::clone(&fed);
    let first = Probe {
        on_source: Box::new(
            move |_| if is_fed.load(Ordering::Acquire) { SourceState::Finished } else { SourceState::Idle },
        ),
        ..Probe::forwarding()
    };
    let last = Probe::handling(move |number, _| report.send(number).map_err(|error| error.to_string()));
    let running = run::<Reader>(vec![first, Probe::forwarding(), last]);
    let sender = running.sender();
    fed.store(true, Ordering::Release);
    sender.send(&bar(7)).unwrap();
    assert_eq!(next(&reports), 7);
    assert!(running.is_running());
    drop(sender);
    assert!(running.join().left.is_empty());
}

#[test]
fn a_system_without_sources_is_joined_once_its_senders_are_gone() {
    let running = run::<Chain>(vec![Probe::forwarding(), Probe::forwarding(), Probe::new()]);
    let sender = running.sender();
    let feeder = std::thread::spawn(move || (0..2_000).try_for_each(|number| sender.send(&bar(number))));
    let ended = running.join();
    assert_eq!(feeder.join().unwrap(), Ok(()));
    assert_eq!(ended.services[2].seen.len(), 2_000);
}

#[test]
fn a_handle_that_is_dropped_ends_the_system() {
    let (report, reports) = channel();
    let last =
        Probe { on_shutdown: Box::new(move || report.send(()).map_err(|error| error.to_string())), ..Probe::new() };
    drop(run::<Chain>(vec![Probe::new(), Probe::new(), last]));
    next(&reports);
}

#[test]
fn a_signal_drains_the_system() {
    let signals = Signals::catch().unwrap();
    let (last, reports) = Probe::reporting();
    let running = run::<Chain>(vec![Probe::forwarding(), Probe::forwarding(), last]);
    let sender = running.sender();
    for number in 0..100 {
        sender.send(&bar(number)).unwrap();
    }
    let ended = std::thread::scope(|scope| {
        let waiting = scope.spawn(move || running.shutdown_on(signals, LONG));
        assert_eq!(next(&reports), 0);
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::TERM).unwrap();
        waiting.join().unwrap()
    });
    assert!(ended.left.is_empty());
    assert_eq!(ended.services[2].seen.len(), 100);
    assert_eq!(sender.send(&bar(0)), Err(SendError::Closed));
}
