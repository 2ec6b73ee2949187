//! The shortest and the longest durations, wherever a system takes one: nothing panics, and nothing hangs.

use std::sync::mpsc::channel;
use std::time::Duration;

use mycelium_rt::lane::{LaneSpec, OnPanic, Place, Restart, ServiceSpec, Wait};
use mycelium_rt::routing::{SourceState, Timer};
use mycelium_rt::testing::ManualClock;
use mycelium_rt::{Config, TimestampNs};

use crate::support::*;

const EXTREMES: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_nanos(1),
    Duration::from_nanos(u64::MAX),
    Duration::from_secs(i64::MAX as u64 - 1),
    Duration::MAX,
];

/// A lane all of whose durations are the one at `INDEX`.
struct Extreme<const INDEX: usize>;

impl<const INDEX: usize> Case for Extreme<INDEX> {
    const LANES: &'static [LaneSpec] = &[LaneSpec {
        place: Place::Thread { wait: Wait::Park { spin: EXTREMES[INDEX] } },
        on_panic: OnPanic::Restart(Restart { max: 2, within: EXTREMES[INDEX], backoff: EXTREMES[INDEX] }),
        watchdog: Some(EXTREMES[INDEX]),
        ..LaneSpec::thread("a")
    }];
    const SERVICES: &'static [ServiceSpec] = &[ServiceSpec {
        sources: SOURCES,
        timers: &[Timer { period: EXTREMES[INDEX], ..TIMERS[0] }],
        ..service("first", 0)
    }];
}

fn runs<const INDEX: usize>() {
    let extreme = EXTREMES[INDEX];
    for clock in [None, Some(0), Some(u64::MAX)] {
        let (report, reports) = channel();
        let mut config = Config::new();
        let clock = clock.map(|now| ManualClock::at(TimestampNs(now)));
        if let Some(clock) = &clock {
            config = config.clock(clock.clone());
        }
        let factory = move || {
            let report = report.clone();
            let on_message = move |number, _: &mut Emitter| {
                report.send(number).map_err(|error| error.to_string())?;
                assert_ne!(number, 13, "as the test wants it");
                Ok(())
            };
            vec![Probe { on_source: Box::new(move |_| SourceState::IdleFor(extreme)), ..Probe::handling(on_message) }]
        };
        let running = run_with::<Extreme<INDEX>>(factory, &config);
        let sender = running.sender();
        for number in [1, 13] {
            sender.send(&bar(number)).unwrap();
            assert_eq!(next(&reports), number);
        }
        if let Some(clock) = &clock {
            clock.advance(extreme);
        }
        drop(sender);
        // In the pause before a restart, or after it: either ends when the system does.
        running.shutdown(extreme.max(Duration::from_secs(1)));
    }
}

#[test]
fn a_system_takes_any_duration() {
    runs::<0>();
    runs::<1>();
    runs::<2>();
    runs::<3>();
    runs::<4>();
}

struct Plain;

impl Case for Plain {
    const LANES: &'static [LaneSpec] = &[LaneSpec::thread("a")];
    const SERVICES: &'static [ServiceSpec] = &[service("first", 0)];
}

#[test]
fn a_system_may_shut_down_within_any_time() {
    for deadline in EXTREMES {
        let (probe, reports) = Probe::reporting();
        let running = run::<Plain>(vec![probe]);
        running.sender().send(&bar(1)).unwrap();
        let shutdown = running.shutdown(deadline);
        assert_eq!(reports.try_iter().count() + shutdown.left.total() as usize, 1, "{deadline:?}");
    }
}
