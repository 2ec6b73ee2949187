//! Each message is received, or reported as lost, at every receiver.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use contracts::{BarDone, BarSettled};
use mycelium_rt::bus::{Bus, BusError, Options, RecvError, Runtime, ServiceContext, ServiceError, Subscriber};
use mycelium_rt::lane::{OnPanic, Restart};
use mycelium_rt::service;
use tokio::runtime::Builder;

use crate::common::{LONG, done, paused, poll_once, publish, settle};

/// Handles one message after the other, with a pause in between.
#[derive(Default)]
struct Slow {
    handled: u64,
}

#[service]
impl Slow {
    #[handle]
    async fn on_done(&mut self, _: &BarDone) {
        tokio::task::yield_now().await;
        self.handled += 1;
    }
}

/// Takes all that a subscriber has. Returns the number of messages, and the number that it was reported to have missed.
async fn drain(subscriber: &mut Subscriber<BarDone>) -> (u64, u64) {
    let (mut received, mut lagged) = (0, 0);
    loop {
        match subscriber.recv().await {
            Ok(_) => received += 1,
            Err(RecvError::Lagged(lost)) => lagged += lost,
            Err(_) => return (received, lagged),
        }
    }
}

#[test]
fn each_message_to_a_service_is_handled_or_lagged() {
    for capacity in [1, 2, 3, 7, 64, 1024] {
        for rounds in [&[1, 5, 0, 200][..], &[capacity, 1], &[capacity + 1], &[3 * capacity + 1, 2 * capacity]] {
            paused().block_on(async {
                let bus = Bus::with_capacity(capacity);
                let runtime = Runtime::new(&bus).unwrap();
                let slow = runtime.spawn(Slow::default()).unwrap();
                let mut subscriber = bus.subscribe().unwrap();
                let mut publisher = bus.publisher().unwrap();
                let mut published = 0;
                for (at_once, round) in [true, false].into_iter().cycle().zip(rounds) {
                    match at_once {
                        true => drop(publisher.send_all(&(0..*round as u64).map(done).collect::<Vec<_>>())),
                        false => publish(&mut publisher, 0..*round as u64),
                    }
                    published += *round as u64;
                    settle().await;
                    let stats = slow.stats();
                    assert_eq!(stats.received + stats.lagged, published, "{capacity}, {rounds:?}: at any time");
                }
                assert_eq!(subscriber.lagged(), bus.stats()[0].dropped - slow.stats().lagged);
                bus.close();
                let (received, lagged) = drain(&mut subscriber).await;
                assert_eq!((received + lagged, lagged), (published, subscriber.lagged()), "{capacity}, {rounds:?}");
                let lagged = slow.stats().lagged;
                assert_eq!(slow.shutdown(LONG).await.unwrap().handled + lagged, published, "{capacity}, {rounds:?}");
            });
        }
    }
}

#[test]
fn what_is_lost_after_the_last_message_is_reported_before_a_subscriber_waits() {
    paused().block_on(async {
        let bus = Bus::new();
        let mut slow = bus.subscribe_with_capacity(2).unwrap();
        let mut publisher = bus.publisher().unwrap();
        publish(&mut publisher, 1..=5);
        assert_eq!(slow.lagged(), 3);
        assert_eq!((slow.recv().await, slow.recv().await), (Ok(done(1)), Ok(done(2))));
        assert_eq!(slow.recv().await, Err(RecvError::Lagged(3)));
        // What the next slot counts of it is reported already.
        publisher.publish(&done(6));
        assert_eq!(slow.recv().await, Ok(done(6)));
        assert!(poll_once(&mut Box::pin(slow.recv())).is_pending());
        assert_eq!(slow.lagged(), 3);
    });
}

/// Many publishers on many threads, a subscriber and a service that can't keep up.
#[test]
fn the_counts_add_up_under_load() {
    const EACH: u64 = 20_000;
    Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap().block_on(async {
        for capacity in [2, 16, 256] {
            let bus = Bus::with_capacity(capacity);
            let runtime = Runtime::new(&bus).unwrap();
            let slow = runtime.spawn(Slow::default()).unwrap();
            let mut subscriber = bus.subscribe().unwrap();
            let draining = tokio::spawn(async move {
                let counts = drain(&mut subscriber).await;
                (counts, subscriber.lagged())
            });
            let threads: Vec<_> = (0..3)
                .map(|_| {
                    let mut publisher = bus.publisher().unwrap();
                    std::thread::spawn(move || publish(&mut publisher, 0..EACH))
                })
                .collect();
            threads.into_iter().for_each(|thread| thread.join().unwrap());
            runtime.idle().await;
            let lagged = slow.stats().lagged;
            assert_eq!(slow.shutdown(LONG).await.unwrap().handled + lagged, 3 * EACH);
            bus.close();
            let ((received, missed), lagged) = draining.await.unwrap();
            assert_eq!((received + missed, missed), (3 * EACH, lagged));
        }
    });
}

/// Fails this many times, and then runs until it is to end.
struct Flaky(Arc<AtomicU64>);

#[service]
impl Flaky {
    async fn run(&mut self, cx: &ServiceContext) -> Result<(), BusError> {
        let _dones = cx.subscribe::<BarSettled>()?;
        if self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
            return Err(BusError::Closed);
        }
        cx.shutting_down().await;
        Ok(())
    }
}

fn flaky(failures: u64) -> impl FnMut() -> Flaky {
    let left = Arc::new(AtomicU64::new(failures));
    move || Flaky(Arc::clone(&left))
}

fn restarting(max: u32) -> Options {
    let (within, backoff) = (LONG, std::time::Duration::from_millis(100));
    Options { on_panic: OnPanic::Restart(Restart { max, within, backoff }), ..Options::default() }
}

#[test]
fn a_run_that_fails_is_restarted_after_a_pause() {
    paused().block_on(async {
        let bus = Bus::new();
        let runtime = Runtime::new(&bus).unwrap();
        let before = tokio::time::Instant::now();
        let flaky = runtime.spawn_with(flaky(3), restarting(5)).unwrap();
        while flaky.stats().restarts < 3 {
            settle().await;
        }
        // 100, 200 and 400 ms, each shortened by up to a half.
        assert!(before.elapsed().as_millis() >= 350, "{:?}", before.elapsed());
        let stats = flaky.stats();
        assert_eq!((stats.handler_errors, stats.panics), (3, 0));
        assert!(flaky.shutdown(LONG).await.is_ok());
    });
}

#[test]
fn a_run_that_fails_too_often_ends_with_its_error() {
    for (options, restarts) in [(restarting(2), 2), (Options::default(), 0)] {
        paused().block_on(async {
            let runtime = Runtime::new(&Bus::new()).unwrap();
            let flaky = runtime.spawn_with(flaky(10), options).unwrap();
            while flaky.is_running() {
                settle().await;
            }
            assert_eq!((flaky.stats().restarts, flaky.stats().handler_errors), (restarts, restarts + 1));
            assert!(matches!(flaky.join().await.map(drop), Err(ServiceError::Run { .. })));
        });
    }
}

/// A policy for panics that ends the process does not make an error end it, and one without a factory ends the service.
#[test]
fn an_error_of_a_run_is_not_a_panic() {
    paused().block_on(async {
        let runtime = Runtime::new(&Bus::new()).unwrap();
        let options = Options { on_panic: OnPanic::Abort, ..Options::default() };
        let flaky = runtime.spawn_with(flaky(1), options).unwrap();
        assert!(matches!(flaky.join().await.map(drop), Err(ServiceError::Run { .. })));
    });
}
