//! Services with handlers, which routers can call as well.

use contracts::{BarDone, BarSettled, RunDone, Signal};
use mycelium_rt::bus::{Bus, Options, Runtime};
use mycelium_rt::lane::{OnPanic, Restart};
use mycelium_rt::testing::ManualClock;
use mycelium_rt::{Clock, Emit, SourceState, TimestampNs, service};
use std::time::Duration;

use crate::common::{LONG, done, end, paused, settle, settled};

/// Notes what it gets, as text.
#[derive(Debug, Default)]
struct Notes(Vec<String>);

#[service]
impl Notes {
    #[handle]
    fn on_done(&mut self, done: &BarDone) {
        self.0.push(format!("done {}", done.number));
    }

    #[handle]
    async fn on_settled(&mut self, settled: &BarSettled) {
        tokio::task::yield_now().await;
        self.0.push(format!("settled {}", settled.number));
    }

    #[handle]
    fn on_end(&mut self, end: &RunDone) -> Result<(), &'static str> {
        self.0.push(format!("end {}", end.bars));
        Err("ends are refused")
    }
}

/// Settles each bar, a moment later.
struct Settling;

#[service]
impl Settling {
    #[handle]
    async fn on_done(&mut self, done: &BarDone, cx: &mut impl Emit<BarSettled>) {
        tokio::task::yield_now().await;
        cx.emit(&settled(done.number));
    }
}

#[test]
fn messages_of_several_types_reach_a_service_in_the_order_in_which_they_were_published() {
    paused().block_on(async {
        let bus = Bus::new();
        let runtime = Runtime::new(&bus).unwrap();
        let notes = runtime.spawn(Notes::default()).unwrap();
        let (mut dones, mut settleds) = (bus.publisher().unwrap(), bus.publisher().unwrap());
        let mut ends = bus.publisher().unwrap();
        for number in 0..100 {
            dones.publish(&done(number));
            settleds.publish(&settled(number));
            ends.publish(&end(number));
        }
        settle().await;
        let stats = notes.stats();
        assert_eq!((stats.received, stats.handler_errors, stats.lagged), (300, 100, 0));
        let expected: Vec<String> =
            (0..100).flat_map(|n| [format!("done {n}"), format!("settled {n}"), format!("end {n}")]).collect();
        assert_eq!(notes.shutdown(LONG).await.unwrap().0, expected);
    });
}

#[test]
fn what_a_service_emits_is_published() {
    paused().block_on(async {
        let bus = Bus::new();
        let runtime = Runtime::new(&bus).unwrap();
        let mut answers = bus.subscribe::<BarSettled>().unwrap();
        let settling = runtime.spawn(Settling).unwrap();
        let notes = runtime.spawn(Notes::default()).unwrap();
        bus.publisher().unwrap().publish(&done(5));
        assert_eq!(answers.recv().await, Ok(settled(5)));
        assert_eq!(settling.stats().emitted, 1);
        let _ = runtime.shutdown(LONG).await;
        assert_eq!(notes.join().await.unwrap().0, ["done 5", "settled 5"]);
    });
}

#[test]
fn a_service_that_is_too_slow_loses_the_newest_and_counts_it() {
    paused().block_on(async {
        let bus = Bus::with_capacity(2);
        let runtime = Runtime::new(&bus).unwrap();
        let notes = runtime.spawn(Notes::default()).unwrap();
        let mut publisher = bus.publisher().unwrap();
        let reached: usize = (1..=5).map(|number| publisher.publish(&done(number))).sum();
        assert_eq!(reached, 2);
        settle().await;
        publisher.publish(&done(6));
        settle().await;
        assert_eq!(notes.stats().lagged, 3);
        assert_eq!(notes.shutdown(LONG).await.unwrap().0, ["done 1", "done 2", "done 6"]);
    });
}

/// Counts to three by its source; its timer ticks.
#[derive(Debug, Default)]
struct Busybody {
    polls: u64,
    ticks: Vec<u64>,
}

#[service]
impl Busybody {
    #[source]
    fn next(&mut self, cx: &mut impl Emit<BarDone>) -> SourceState {
        self.polls += 1;
        cx.emit(&done(self.polls));
        match self.polls {
            1 => SourceState::Ready,
            2 => SourceState::IdleFor(Duration::from_secs(10)),
            _ => SourceState::Finished,
        }
    }

    #[every("1s")]
    fn tick(&mut self, cx: &mut impl Clock) {
        self.ticks.push(cx.now().0 / 1_000_000_000);
    }
}

#[test]
fn sources_and_timers_follow_the_clock_of_the_runtime() {
    paused().block_on(async {
        let (bus, clock) = (Bus::new(), ManualClock::at(TimestampNs(0)));
        let runtime = Runtime::new(&bus).unwrap().with_clock(clock.clone());
        let mut dones = bus.subscribe::<BarDone>().unwrap();
        let busybody = runtime.spawn(Busybody::default()).unwrap();
        settle().await;
        assert_eq!((dones.try_recv(), dones.try_recv()), (Some(Ok(done(1))), Some(Ok(done(2)))));
        assert_eq!(dones.try_recv(), None);
        clock.advance(Duration::from_secs(1));
        settle().await;
        // Three ticks are late by then; one is called.
        clock.advance(Duration::from_secs(3));
        settle().await;
        assert_eq!(dones.try_recv(), None);
        clock.advance(Duration::from_secs(6));
        settle().await;
        assert_eq!(dones.try_recv(), Some(Ok(done(3))));
        clock.advance(Duration::from_secs(100));
        settle().await;
        assert_eq!(dones.try_recv(), None);
        let missed = busybody.stats().missed_ticks;
        assert_eq!(busybody.shutdown(LONG).await.unwrap().ticks, [1, 4, 10, 110]);
        assert_eq!(missed, 110 - 4);
    });
}

#[test]
fn timers_follow_tokio_by_default() {
    paused().block_on(async {
        let bus = Bus::new();
        let runtime = Runtime::new(&bus).unwrap();
        let mut dones = bus.subscribe::<BarDone>().unwrap();
        let busybody = runtime.spawn(Busybody::default()).unwrap();
        while dones.recv().await != Ok(done(3)) {}
        assert_eq!(busybody.shutdown(LONG).await.unwrap().ticks.len(), 10);
    });
}

/// Takes the time from its context.
#[derive(Default)]
struct Times(Vec<TimestampNs>);

#[service]
impl Times {
    #[handle]
    fn on_signal(&mut self, _: &Signal, cx: &mut impl Clock) {
        self.0.push(cx.now());
    }
}

#[test]
fn handlers_see_the_clock_of_the_runtime() {
    paused().block_on(async {
        let (bus, clock) = (Bus::new(), ManualClock::at(TimestampNs(42)));
        let runtime = Runtime::new(&bus).unwrap().with_clock(clock);
        let times = runtime.spawn(Times::default()).unwrap();
        bus.publisher().unwrap().publish(&Signal::default());
        assert_eq!(times.shutdown(LONG).await.unwrap().0, [TimestampNs(42)]);
    });
}

/// Keeps the slices that it gets, and panics on 13 where the test says so.
#[derive(Debug, Default)]
struct Slices {
    slices: Vec<Vec<u64>>,
    ends: u64,
    is_fragile: bool,
}

#[service]
impl Slices {
    #[handle]
    async fn on_dones(&mut self, dones: &[BarDone]) {
        tokio::task::yield_now().await;
        let numbers: Vec<_> = dones.iter().map(|done| done.number).collect();
        assert!(!self.is_fragile || !numbers.contains(&13), "unlucky");
        self.slices.push(numbers);
    }

    #[handle]
    fn on_settleds(&mut self, settleds: &[BarSettled]) {
        self.slices.push(settleds.iter().map(|settled| 1_000 + settled.number).collect());
    }

    #[handle]
    fn on_end(&mut self, _: &RunDone) -> BarDone {
        self.ends += 1;
        done(self.ends)
    }
}

#[test]
fn a_handler_of_slices_gets_what_waits_together_and_at_most_64_in_the_order_in_which_it_was_published() {
    paused().block_on(async {
        let bus = Bus::new();
        let runtime = Runtime::new(&bus).unwrap();
        let slices = runtime.spawn(Slices::default()).unwrap();
        let (mut dones, mut settleds) = (bus.publisher().unwrap(), bus.publisher().unwrap());
        // The service has no turn before all of it is there.
        (0..70).for_each(|number| _ = dones.publish(&done(number)));
        (0..2).for_each(|number| _ = settleds.publish(&settled(number)));
        dones.publish(&done(70));
        runtime.idle().await;
        // One that comes alone is not held back.
        dones.publish(&done(71));
        runtime.idle().await;
        assert_eq!(slices.stats().received, 74);
        let expected = [(0..64).collect(), (64..70).collect(), vec![1_000, 1_001], vec![70], vec![71]];
        assert_eq!(slices.shutdown(LONG).await.unwrap().slices, expected);
    });
}

#[test]
fn requests_between_slices_are_answered_one_by_one() {
    paused().block_on(async {
        let bus = Bus::new();
        let runtime = Runtime::new(&bus).unwrap();
        let slices = runtime.spawn(Slices::default()).unwrap();
        let mut dones = bus.publisher().unwrap();
        (0..3).for_each(|number| _ = dones.publish(&done(number)));
        let (first, second) = (end(0), end(0));
        let asked =
            tokio::join!(bus.request::<_, BarDone>(&first, LONG), bus.request::<_, BarDone>(&second, LONG), async {
                dones.publish(&done(3))
            },);
        assert_eq!((asked.0, asked.1), (Ok(done(1)), Ok(done(2))));
        assert_eq!(slices.shutdown(LONG).await.unwrap().slices, [vec![0, 1, 2], vec![3]]);
    });
}

#[test]
fn a_panic_in_a_slice_loses_it_as_a_whole_and_nothing_else() {
    paused().block_on(async {
        let bus = Bus::new();
        let runtime = Runtime::new(&bus).unwrap();
        let options = Options { on_panic: OnPanic::Restart(Restart::default()), ..Options::default() };
        let factory = || Slices { is_fragile: true, ..Slices::default() };
        let slices = runtime.spawn_with(factory, options).unwrap();
        let (mut dones, mut settleds) = (bus.publisher().unwrap(), bus.publisher().unwrap());
        (10..20).for_each(|number| _ = dones.publish(&done(number)));
        settleds.publish(&settled(5));
        dones.publish(&done(20));
        runtime.idle().await;
        let stats = slices.stats();
        assert_eq!((stats.panics, stats.restarts, stats.lost_in_panics, stats.received), (1, 1, 10, 12));
        assert_eq!(slices.shutdown(LONG).await.unwrap().slices, [vec![1_005], vec![20]]);
    });
}

#[test]
fn messages_taken_together_and_not_handled_are_counted_as_left() {
    paused().block_on(async {
        let bus = Bus::new();
        let runtime = Runtime::new(&bus).unwrap();
        let factory = || Slices { is_fragile: true, ..Slices::default() };
        let slices = runtime.spawn_with(factory, Options::default()).unwrap();
        let (mut dones, mut settleds) = (bus.publisher().unwrap(), bus.publisher().unwrap());
        (10..20).for_each(|number| _ = dones.publish(&done(number)));
        (0..3).for_each(|number| _ = settleds.publish(&settled(number)));
        runtime.idle().await;
        let stats = slices.stats();
        assert_eq!((stats.panics, stats.lost_in_panics, stats.left), (1, 10, 3));
    });
}
