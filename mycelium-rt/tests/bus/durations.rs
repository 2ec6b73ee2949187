//! The shortest and the longest durations, wherever a bus takes one: nothing panics, and nothing hangs.

use std::time::Duration;

use contracts::{BarDone, BarSettled, Signal};
use mycelium_rt::bus::{Bus, Options, RequestError, Runtime, ServiceContext, Woken};
use mycelium_rt::lane::{OnPanic, Restart};
use mycelium_rt::link::Address;
use mycelium_rt::testing::ManualClock;
use mycelium_rt::{Config, SourceState, TimestampNs, service};

use crate::common::{LONG, done, paused, publish, settle, settled};

const EXTREMES: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_nanos(1),
    Duration::from_nanos(u64::MAX),
    Duration::from_secs(i64::MAX as u64 - 1),
    Duration::MAX,
];

/// Has a source that is idle for this long, and the longest timers that can be written.
struct Patient(Duration);

#[service]
impl Patient {
    #[source]
    fn next(&mut self) -> SourceState {
        SourceState::IdleFor(self.0.max(Duration::from_millis(1)))
    }

    #[every("18446744073s")]
    fn never(&mut self) {}

    #[every("18446744073709551615ns")]
    fn hardly_ever(&mut self) {}

    #[handle]
    fn on_done(&mut self, done: &BarDone) -> BarSettled {
        assert!(done.number != 13, "unlucky");
        settled(done.number)
    }

    #[handle]
    async fn on_signal(&mut self, _: &Signal) {
        std::future::pending::<()>().await;
    }
}

/// Sleeps for this long, or until it is to end.
struct Sleeper(Duration, Option<Woken>);

#[service]
impl Sleeper {
    async fn run(&mut self, cx: &ServiceContext) {
        self.1 = Some(cx.sleep(self.0).await);
    }
}

#[test]
fn a_runtime_takes_any_duration() {
    for extreme in EXTREMES {
        for now in [None, Some(0), Some(u64::MAX)] {
            paused().block_on(async {
                let bus = Bus::new();
                let mut runtime = Runtime::new(&bus).unwrap();
                let clock = now.map(|now| ManualClock::at(TimestampNs(now)));
                if let Some(clock) = &clock {
                    runtime = runtime.with_clock(clock.clone());
                }
                let restart = Restart { max: 3, within: extreme, backoff: extreme };
                let options = Options { on_panic: OnPanic::Restart(restart), ..Options::default() };
                let patient = runtime.spawn_with(move || Patient(extreme), options).unwrap();
                let sleeper = runtime.spawn(Sleeper(extreme, None)).unwrap();
                settle().await;
                let asked = bus.request::<BarDone, BarSettled>(&done(1), extreme.max(Duration::from_millis(1))).await;
                assert_eq!(asked, Ok(settled(1)), "{extreme:?}");
                publish(&mut bus.publisher().unwrap(), [13]);
                settle().await;
                if let Some(clock) = &clock {
                    clock.advance(extreme);
                }
                assert_eq!(patient.stats().panics, 1);
                assert!(patient.shutdown(extreme.max(Duration::from_secs(1))).await.is_ok(), "{extreme:?}");
                let woken = sleeper.shutdown(LONG).await.unwrap().1.unwrap();
                assert!(woken == Woken::ToEnd || extreme <= Duration::from_nanos(1), "{extreme:?}");
                let _ = runtime.shutdown(extreme).await;
            });
        }
    }
}

#[test]
fn a_deadline_may_be_at_once_and_at_the_end_of_time() {
    for extreme in EXTREMES {
        paused().block_on(async {
            let bus = Bus::new();
            let runtime = Runtime::new(&bus).unwrap();
            let (first, _second) = (runtime.spawn(Patient(LONG)).unwrap(), runtime.spawn(Patient(LONG)));
            // There is no reply, so it ends only by its time-out.
            bus.publisher().unwrap().publish(&Signal::default());
            settle().await;
            let asked = bus.request::<BarDone, BarSettled>(&done(1), extreme).await;
            assert!(matches!(asked, Err(RequestError::TimedOut { .. })), "{extreme:?}: {asked:?}");
            assert!(first.shutdown(extreme).await.is_err(), "{extreme:?}");
            let _ = runtime.shutdown(extreme).await;
        });
    }
}

#[test]
fn a_link_closes_within_any_time() {
    for extreme in EXTREMES {
        paused().block_on(async {
            let folder = std::env::temp_dir().join(format!("bus-durations-{}", std::process::id()));
            std::fs::create_dir(&folder).unwrap();
            let config = Config::new().address("desk", folder.join("desk").to_str().unwrap());
            let (desk, strategy) = (Bus::new(), Bus::new());
            let input = desk.input("desk", Address::unix("/")).accept::<BarDone>().open(&config).unwrap();
            let config = config.wait_for_peers(LONG);
            let link = strategy.link("desk", Address::unix("/")).forward::<BarDone>().open(&config).unwrap();
            publish(&mut strategy.publisher().unwrap(), [1]);
            let stats = link.close(extreme);
            assert_eq!(stats.sent + stats.dropped(), 1, "{extreme:?}");
            input.close(extreme);
            std::fs::remove_dir_all(&folder).unwrap();
        });
    }
}
