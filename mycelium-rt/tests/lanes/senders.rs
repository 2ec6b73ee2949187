//! Senders: how threads outside of a system feed it.

use std::sync::mpsc::channel;

use mycelium_rt::lane::{LaneSpec, MAX_SENDERS, ServiceSpec};
use mycelium_rt::link::SendError;

use crate::support::*;

struct Two;

impl Case for Two {
    const LANES: &'static [LaneSpec] = &[LaneSpec::thread("a"), LaneSpec::thread("b")];
    const SERVICES: &'static [ServiceSpec] = &[service("first", 0), service("second", 1)];
    const FED: &'static [usize] = &[0, 1];
}

#[test]
fn every_lane_with_a_receiver_gets_each_message_in_each_senders_order() {
    let running = run::<Two>(vec![Probe::new(), Probe::new()]);
    std::thread::scope(|scope| {
        for feeder in 0..4 {
            let sender = running.sender();
            scope.spawn(move || (0..500).try_for_each(|number| sender.send(&bar(feeder * 1_000 + number))).unwrap());
        }
    });
    let ended = running.shutdown(LONG);
    assert!(ended.left.is_empty());
    for probe in &ended.services {
        for feeder in 0..4 {
            let own: Vec<_> = probe.seen.iter().filter(|number| **number / 1_000 == feeder).copied().collect();
            assert_eq!(own, (feeder * 1_000..feeder * 1_000 + 500).collect::<Vec<_>>());
        }
    }
}

#[test]
fn many_at_once_come_to_every_lane_in_order_however_little_room_there_is() {
    let running = run::<Two>(vec![Probe::new(), Probe::new()]);
    let sender = running.sender();
    // More than a ring holds.
    let mut next = 0;
    for count in [0, 1, 2, 63, 64, 65, 1023, 1024, 1025, 5000] {
        let part: Vec<_> = (next..next + count).map(bar).collect();
        sender.send_all(&part).unwrap();
        next += count;
    }
    let ended = running.shutdown(LONG);
    assert!(ended.left.is_empty());
    for probe in &ended.services {
        assert!(probe.seen.iter().copied().eq(0..next));
    }
}

#[test]
fn of_many_at_once_each_that_was_sent_is_delivered_at_a_shutdown() {
    for _ in 0..20 {
        let running = run::<Two>(vec![Probe::new(), Probe::new()]);
        let sender = running.sender();
        let (begun, has_begun) = channel();
        let feeder = std::thread::spawn(move || {
            let mut sent = 0;
            loop {
                let part: Vec<_> = (sent..sent + 1500).map(bar).collect();
                match sender.send_all(&part) {
                    Ok(()) => sent += 1500,
                    Err(error) => return (sent + error.sent as u64, error.reason),
                }
                let _ = begun.send(());
            }
        });
        next(&has_begun);
        let ended = running.shutdown(LONG);
        let (sent, reason) = feeder.join().unwrap();
        assert_eq!(reason, SendError::Closed);
        for probe in &ended.services {
            assert!(probe.seen.len() as u64 >= sent, "{} of {sent}", probe.seen.len());
            assert!(probe.seen.iter().copied().eq(0..probe.seen.len() as u64));
        }
        assert_eq!(ended.services[1].seen.len() as u64, sent, "the last lane gets what all have taken");
    }
}

#[test]
fn a_sender_beyond_the_limit_is_an_error_and_a_dropped_one_makes_room() {
    let (report, reports) = channel();
    let first = Probe::handling(move |number, _| report.send(number).map_err(|error| error.to_string()));
    let running = run::<Two>(vec![first, Probe::new()]);
    let mut senders: Vec<_> = (0..MAX_SENDERS).map(|_| running.sender()).collect();
    assert_eq!(senders.last().unwrap().send(&bar(1)), Ok(()));
    assert_eq!(running.sender().send(&bar(2)), Err(SendError::TooMany));
    senders.clear();
    // The lanes remove them in a later turn.
    while running.sender().send(&bar(3)).is_err() {
        std::thread::yield_now();
    }
    assert_eq!((next(&reports), next(&reports)), (1, 3));
    running.shutdown(LONG);
}

#[test]
fn no_message_is_lost_between_a_send_and_a_shutdown() {
    for _ in 0..50 {
        let running = run::<Two>(vec![Probe::new(), Probe::new()]);
        let sender = running.sender();
        let (begun, has_begun) = channel();
        let feeder = std::thread::spawn(move || {
            let mut accepted = 0;
            while sender.send(&bar(accepted)).is_ok() {
                accepted += 1;
                let _ = begun.send(());
            }
            accepted
        });
        next(&has_begun);
        let ended = running.shutdown(LONG);
        let accepted = feeder.join().unwrap();
        assert!(ended.left.is_empty(), "{}", ended.left);
        // The last one may have reached the first lane when the second one was closed already.
        for probe in &ended.services {
            assert!(probe.seen.len() as u64 - accepted <= 1);
        }
    }
}
