//! Services with a method `run`.

use std::time::Duration;

use contracts::{BarDone, BarSettled};
use mycelium_rt::bus::{Bus, BusError, Ended, RecvError, Runtime, ServiceContext, Woken};
use mycelium_rt::service;
use mycelium_rt::testing::ManualClock;

use crate::common::{LONG, done, paused, publish, settle, settled};

/// Settles what is done, and counts that.
#[derive(Default)]
struct Settling;

#[service]
impl Settling {
    async fn run(&mut self, cx: &ServiceContext) -> Result<(), BusError> {
        let mut dones = cx.subscribe::<BarDone>()?;
        let mut settleds = cx.publisher()?;
        loop {
            tokio::select! {
                () = cx.shutting_down() => return Ok(()),
                received = dones.recv() => match received {
                    Ok(done) => {
                        settleds.publish(&settled(done.number));
                        cx.metrics().add("settled", 1);
                    }
                    Err(RecvError::Lagged(lost)) => cx.metrics().add("lost", lost),
                    Err(RecvError::Closed) => return Ok(()),
                },
            }
        }
    }
}

#[test]
fn a_run_subscribes_publishes_and_counts() {
    paused().block_on(async {
        let bus = Bus::with_capacity(4);
        let runtime = Runtime::new(&bus).unwrap();
        let mut answers = bus.subscribe::<BarSettled>().unwrap();
        let settling = runtime.spawn(Settling).unwrap();
        settle().await;
        let mut publisher = bus.publisher().unwrap();
        publish(&mut publisher, 1..=6);
        settle().await;
        publisher.publish(&done(7));
        settle().await;
        let received: Vec<_> = std::iter::from_fn(|| answers.try_recv()).collect();
        assert_eq!(received[0], Ok(settled(1)));
        assert_eq!(settling.stats().metrics, [("lost", 2), ("settled", 5)]);
        assert!(settling.shutdown(LONG).await.is_ok());
    });
}

/// Sleeps, and notes how that ended.
#[derive(Default)]
struct Sleeper(Vec<Woken>);

#[service]
impl Sleeper {
    async fn run(&mut self, cx: &ServiceContext) {
        while !cx.is_shutting_down() {
            self.0.push(cx.sleep(Duration::from_secs(10)).await);
            cx.emit(&done(self.0.len() as u64));
        }
    }
}

#[test]
fn a_sleep_is_cut_short_by_the_shutdown() {
    paused().block_on(async {
        let bus = Bus::new();
        let runtime = Runtime::new(&bus).unwrap();
        let mut dones = bus.subscribe().unwrap();
        let sleeper = runtime.spawn(Sleeper::default()).unwrap();
        let before = tokio::time::Instant::now();
        assert_eq!(dones.recv().await, Ok(done(1)));
        assert_eq!(before.elapsed().as_secs(), 10);
        let sleeper = sleeper.shutdown(LONG).await.unwrap();
        assert_eq!(before.elapsed().as_secs(), 10);
        assert_eq!(sleeper.0, [Woken::InTime, Woken::ToEnd]);
        // What it emits at its end is published, too.
        assert_eq!(dones.try_recv(), Some(Ok(done(2))));
    });
}

#[test]
fn a_sleep_follows_the_clock_of_the_runtime() {
    paused().block_on(async {
        let (bus, clock) = (Bus::new(), ManualClock::new());
        let runtime = Runtime::new(&bus).unwrap().with_clock(clock.clone());
        let mut dones = bus.subscribe().unwrap();
        let sleeper = runtime.spawn(Sleeper::default()).unwrap();
        settle().await;
        clock.advance(Duration::from_secs(9));
        settle().await;
        assert_eq!(dones.try_recv(), None);
        clock.advance(Duration::from_secs(1));
        assert_eq!(dones.recv().await, Ok(done(1)));
        assert_eq!(sleeper.shutdown(LONG).await.unwrap().0.len(), 2);
    });
}

/// Counts.
#[derive(Default)]
struct Count(u64);

#[service]
impl Count {
    #[handle]
    fn on_done(&mut self, _: &BarDone) {
        self.0 += 1;
    }
}

#[test]
fn what_a_run_publishes_at_its_end_is_handled() {
    paused().block_on(async {
        let bus = Bus::new();
        let runtime = Runtime::new(&bus).unwrap();
        let (count, _sleeper) = (runtime.spawn(Count::default()).unwrap(), runtime.spawn(Sleeper::default()).unwrap());
        settle().await;
        assert_eq!(runtime.shutdown(LONG).await, Ended::default());
        assert_eq!(count.join().await.unwrap().0, 1);
    });
}

/// Fails.
struct Failing;

#[service]
impl Failing {
    async fn run(&mut self, _: &ServiceContext) -> Result<(), &'static str> {
        Err("no feed")
    }
}

#[test]
fn an_error_of_a_run_is_reported() {
    paused().block_on(async {
        let bus = Bus::new();
        let runtime = Runtime::new(&bus).unwrap();
        let error = runtime.spawn(Failing).unwrap().join().await.map(drop).unwrap_err();
        assert_eq!(error.to_string(), "`Failing` failed: no feed");
        assert_eq!(runtime.shutdown(LONG).await, Ended::default());
    });
}
