//! Waking up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mycelium_rt::lane::{Doing, LaneSpec, Place, RingKind, RingSpec, ServiceSpec, Wait};
use mycelium_rt::link::{Batch, OnFull};
use mycelium_rt::routing::Poll;

use crate::support::*;

/// Two lanes that send to a third, which sleeps whenever it can: at once.
struct Sleepy;

const SLEEPY: Place = Place::Thread { wait: Wait::Park { spin: std::time::Duration::ZERO } };

impl Case for Sleepy {
    const LANES: &'static [LaneSpec] = &[
        LaneSpec { place: SLEEPY, ..LaneSpec::thread("a") },
        LaneSpec { place: SLEEPY, ..LaneSpec::thread("b") },
        LaneSpec { place: SLEEPY, ..LaneSpec::thread("c") },
    ];
    const RINGS: &'static [RingSpec] = &[implicit(0, 2), implicit(1, 2)];
    const FED: &'static [usize] = &[0, 1];
}

/// One message at a time goes around, so that a single lost wake-up stops everything.
#[test]
fn no_wake_up_is_lost_between_two_rings_a_sender_and_a_sleep() {
    let (last, reports) = Probe::reporting();
    let running = run::<Sleepy>(vec![Probe::forwarding(), Probe::forwarding(), last]);
    let sender = running.sender();
    for number in 0..3_000 {
        sender.send(&bar(number)).unwrap();
        // By both rings.
        assert_eq!((next(&reports), next(&reports)), (number, number));
    }
    assert!(running.shutdown(LONG).left.is_empty());
}

/// A lane that waits for a descriptor as well is woken by its rings through an eventfd.
#[test]
fn no_wake_up_is_lost_between_rings_and_a_descriptor() {
    let (mut last, reports) = Probe::reporting();
    let (ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    theirs.set_nonblocking(true).unwrap();
    last.socket = Some(theirs);
    let running = run::<Sleepy>(vec![Probe::forwarding(), Probe::forwarding(), last]);
    let sender = running.sender();
    for number in 0..2_000_u64 {
        if number % 3 == 0 {
            std::io::Write::write_all(&mut &ours, &[1]).unwrap();
            assert_eq!(next(&reports), SOCKET);
        }
        sender.send(&bar(number)).unwrap();
        assert_eq!((next(&reports), next(&reports)), (number, number));
    }
    assert!(running.shutdown(LONG).left.is_empty());
}

struct Spinning;

impl Case for Spinning {
    const LANES: &'static [LaneSpec] = &[
        LaneSpec { place: Place::Thread { wait: Wait::Yield }, ..LaneSpec::thread("a") },
        LaneSpec::thread("b"),
        LaneSpec { place: Place::Thread { wait: Wait::Spin }, ..LaneSpec::thread("c") },
    ];
    const RINGS: &'static [RingSpec] = &[implicit(0, 1), implicit(1, 2)];
}

#[test]
fn lanes_with_different_waits_pass_on_everything() {
    let running = run::<Spinning>(vec![Probe::forwarding(), Probe::forwarding(), Probe::new()]);
    let sender = running.sender();
    for number in 0..2_000 {
        sender.send(&bar(number)).unwrap();
    }
    assert_eq!(running.shutdown(LONG).services[2].seen.len(), 2_000);
}

/// One lane that is never idle, and another that sleeps until it is woken; the ring between them wakes it for a whole batch only.
struct Batching;

impl Case for Batching {
    const LANES: &'static [LaneSpec] = &[
        LaneSpec::thread("a"),
        LaneSpec { place: Place::Thread { wait: Wait::Park { spin: Duration::ZERO } }, ..LaneSpec::thread("b") },
    ];
    const SERVICES: &'static [ServiceSpec] =
        &[ServiceSpec { sources: SOURCES, ..service("first", 0) }, service("second", 1)];
    const RINGS: &'static [RingSpec] = &[RingSpec {
        kind: RingKind::Queue { service: 1, room: 64, on_full: OnFull::Block, batch: Batch::of(1_000) },
        ..implicit(0, 1)
    }];
}

#[test]
fn a_batch_without_a_delay_is_complete_on_a_lane_that_is_never_idle() {
    let (second, reports) = Probe::reporting();
    let (asleep, mut sent) = (Arc::new(AtomicBool::new(false)), false);
    let receiver_sleeps = Arc::clone(&asleep);
    let on_source = move |emitter: &mut Emitter| {
        if !sent && receiver_sleeps.load(Ordering::Relaxed) {
            sent = true;
            emitter.send(7).unwrap();
        }
        Poll::Ready
    };
    let first = Probe { on_source: Box::new(on_source), ..Probe::new() };
    let running = run::<Batching>(vec![first, second]);
    while running.health().lane("b").unwrap().doing != Doing::Sleeping {
        std::thread::yield_now();
    }
    asleep.store(true, Ordering::Relaxed);
    assert_eq!(next(&reports), 7);
    running.shutdown(LONG);
}
