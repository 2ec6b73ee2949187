//! How services begin and end.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use contracts::{BarDone, BarSettled};
use mycelium_rt::bus::{Bus, BusError, Ended, Runtime, ServiceError};
use mycelium_rt::{Emit, SourceState, service};

use crate::common::{LONG, done, paused, publish, settle, settled};

/// Passes each number on, and records when its hooks are called.
struct Step {
    log: Arc<Mutex<Vec<String>>>,
    fails: bool,
}

impl Step {
    fn new(log: &Arc<Mutex<Vec<String>>>) -> Self {
        Self { log: Arc::clone(log), fails: false }
    }

    fn note(&self, text: String) {
        self.log.lock().unwrap().push(text);
    }
}

#[service]
impl Step {
    fn startup(&mut self) -> Result<(), &'static str> {
        self.note("startup".to_owned());
        if self.fails { Err("no licence") } else { Ok(()) }
    }

    fn shutdown(&mut self) {
        self.note("shutdown".to_owned());
    }

    #[handle]
    async fn on_done(&mut self, done: &BarDone, cx: &mut impl Emit<BarSettled>) {
        tokio::task::yield_now().await;
        self.note(done.number.to_string());
        cx.emit(&settled(done.number));
    }
}

/// Counts what is settled, slowly.
#[derive(Default)]
struct Count(u64);

#[service]
impl Count {
    #[handle]
    async fn on_settled(&mut self, _: &BarSettled) {
        tokio::task::yield_now().await;
        self.0 += 1;
    }
}

/// Emits for ever.
#[derive(Default)]
struct Spring(u64);

#[service]
impl Spring {
    #[source]
    fn next(&mut self, cx: &mut impl Emit<BarDone>) -> SourceState {
        self.0 += 1;
        cx.emit(&done(self.0));
        SourceState::Ready
    }
}

#[test]
fn hooks_are_called_around_all_messages() {
    paused().block_on(async {
        let (bus, log) = (Bus::new(), Arc::default());
        let runtime = Runtime::new(&bus).unwrap();
        let step = runtime.spawn(Step::new(&log)).unwrap();
        let mut publisher = bus.publisher().unwrap();
        publish(&mut publisher, 1..=3);
        assert!(step.is_running());
        drop(step.shutdown(LONG).await.unwrap());
        assert_eq!(*log.lock().unwrap(), ["startup", "1", "2", "3", "shutdown"]);
        assert_eq!(publisher.publish(&done(4)), 0);
    });
}

#[test]
fn an_error_at_startup_ends_the_service_before_the_first_message() {
    paused().block_on(async {
        let (bus, log) = (Bus::new(), Arc::default());
        let runtime = Runtime::new(&bus).unwrap();
        let step = runtime.spawn(Step { fails: true, ..Step::new(&log) }).unwrap();
        bus.publisher().unwrap().publish(&done(1));
        let stats = step.stats();
        let error = step.join().await.map(drop).unwrap_err();
        assert_eq!(error.to_string(), "`Step` did not start: no licence");
        assert_eq!((stats.received, &*log.lock().unwrap()), (0, &vec!["startup".to_owned()]));
        assert_eq!(bus.publisher().unwrap().publish(&done(2)), 0);
    });
}

#[test]
fn a_shutdown_handles_all_that_follows_from_what_was_published() {
    paused().block_on(async {
        let (bus, log) = (Bus::with_capacity(4096), Arc::default());
        let runtime = Runtime::new(&bus).unwrap();
        // Later in the chain, spawned first: it must not end before those that feed it.
        let count = runtime.spawn(Count::default()).unwrap();
        let step = runtime.spawn(Step::new(&log)).unwrap();
        let mut publisher = bus.publisher().unwrap();
        publish(&mut publisher, 0..1000);
        assert_eq!(runtime.shutdown(LONG).await, Ended::default());
        assert!(!step.is_running());
        assert_eq!(count.join().await.unwrap().0, 1000);
    });
}

#[test]
fn sources_stop_first_and_nothing_that_they_emitted_is_lost() {
    let tokio = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
    tokio.block_on(async {
        for _ in 0..20 {
            let (bus, log) = (Bus::with_capacity(1 << 16), Arc::default());
            let runtime = Runtime::new(&bus).unwrap();
            let count = runtime.spawn(Count::default()).unwrap();
            let step = runtime.spawn(Step::new(&log)).unwrap();
            let mut first = bus.subscribe::<BarSettled>().unwrap();
            let spring = runtime.spawn(Spring::default()).unwrap();
            first.recv().await.unwrap();
            assert_eq!(runtime.shutdown(LONG).await, Ended::default());
            let lagged = step.stats().lagged + count.stats().lagged;
            assert_eq!(count.join().await.unwrap().0 + lagged, spring.join().await.unwrap().0);
        }
    });
}

/// Its handler never returns.
struct Stuck;

#[service]
impl Stuck {
    #[handle]
    async fn on_done(&mut self, _: &BarDone) {
        std::future::pending().await
    }
}

#[test]
fn after_the_deadline_services_are_cut_off_and_what_they_had_is_counted() {
    paused().block_on(async {
        let bus = Bus::new();
        let runtime = Runtime::new(&bus).unwrap();
        let (stuck, count) = (runtime.spawn(Stuck).unwrap(), runtime.spawn(Count::default()).unwrap());
        let mut publisher = bus.publisher().unwrap();
        publish(&mut publisher, 0..3);
        settle().await;
        let ended = runtime.shutdown(Duration::from_secs(5)).await;
        assert_eq!(ended, Ended { cut_off: 2, messages: 3 });
        assert_eq!(stuck.join().await.map(drop), Err(ServiceError::CutOff { service: "Stuck".to_owned() }));
        assert!(count.join().await.is_err());
    });
}

#[test]
fn a_service_that_is_shut_down_too_late_is_cut_off_alone() {
    paused().block_on(async {
        let bus = Bus::new();
        let runtime = Runtime::new(&bus).unwrap();
        let (stuck, count) = (runtime.spawn(Stuck).unwrap(), runtime.spawn(Count::default()).unwrap());
        bus.publisher().unwrap().publish(&done(1));
        settle().await;
        let error = stuck.shutdown(Duration::from_secs(5)).await.map(drop);
        assert_eq!(error, Err(ServiceError::CutOff { service: "Stuck".to_owned() }));
        assert!(count.is_running());
        // Its message is no longer waited for.
        assert_eq!(runtime.shutdown(LONG).await, Ended::default());
    });
}

#[test]
fn what_an_aborted_service_had_is_counted_and_its_place_is_free() {
    paused().block_on(async {
        let bus = Bus::new();
        let runtime = Runtime::new(&bus).unwrap();
        let stuck = runtime.spawn(Stuck).unwrap();
        let mut publisher = bus.publisher().unwrap();
        publish(&mut publisher, 0..3);
        settle().await;
        stuck.abort();
        settle().await;
        assert!(!stuck.is_running());
        assert_eq!((stuck.stats().received, stuck.stats().left), (1, 3));
        assert_eq!(publisher.publish(&done(4)), 0);
    });
}

#[test]
fn a_runtime_outside_tokio_is_an_error() {
    assert!(Runtime::new(&Bus::new()).is_err());
}

#[test]
fn a_service_whose_queue_cannot_be_made_is_refused() {
    paused().block_on(async {
        let bus = Bus::with_capacity(usize::MAX);
        let error = Runtime::new(&bus).unwrap().spawn(Count::default()).map(drop).unwrap_err();
        assert!(matches!(error, BusError::Ring { .. }), "{error}");
    });
}

#[test]
fn a_service_without_handles_runs_on() {
    paused().block_on(async {
        let (bus, log) = (Bus::new(), Arc::default());
        drop(Runtime::new(&bus).unwrap().spawn(Step::new(&log)).unwrap());
        let mut answers = bus.subscribe::<BarSettled>().unwrap();
        for number in 1..=2 {
            settle().await;
            assert_eq!(bus.publisher().unwrap().publish(&done(number)), 1);
            assert_eq!(answers.recv().await, Ok(settled(number)));
        }
    });
}

/// Counts what it gets, and never waits.
struct Steady(Arc<Mutex<u64>>);

#[service]
impl Steady {
    #[handle]
    fn on_done(&mut self, _: &BarDone) {
        *self.0.lock().unwrap() += 1;
    }
}

#[test]
fn a_service_that_ends_yields_between_its_last_messages() {
    paused().block_on(async {
        let (bus, handled) = (Bus::new(), Arc::new(Mutex::new(0)));
        let steady = Runtime::new(&bus).unwrap().spawn(Steady(Arc::clone(&handled))).unwrap();
        settle().await;
        publish(&mut bus.publisher().unwrap(), 0..1000);
        let ending = tokio::spawn(steady.shutdown(LONG));
        let mut before = 0;
        while !ending.is_finished() {
            let now = *handled.lock().unwrap();
            assert!(now - before <= 128, "{before} and then {now} at once");
            before = now;
            tokio::task::yield_now().await;
        }
        assert_eq!(*handled.lock().unwrap(), 1000);
    });
}

/// Blocks the thread for a while with each number, and with each call of its source, if it has one.
struct Slow {
    looks: bool,
    begun: std::sync::mpsc::Sender<()>,
}

/// How long.
const WHILE: Duration = Duration::from_millis(50);

impl Slow {
    fn work(&self) {
        let _ = self.begun.send(());
        std::thread::sleep(WHILE);
    }
}

#[service]
impl Slow {
    #[source]
    fn look(&mut self) -> SourceState {
        if !self.looks {
            return SourceState::Finished;
        }
        self.work();
        SourceState::Ready
    }

    #[handle]
    fn on_done(&mut self, _: &BarDone) {
        self.work();
    }
}

/// Within a turn of 64 messages, or of a source that always has something, only the current call is finished when time is up.
#[test]
fn a_service_that_is_cut_off_ends_after_its_current_message() {
    use tokio::runtime::Builder;

    const MESSAGES: u64 = 200;
    let one = || Builder::new_current_thread().enable_time().build().unwrap();
    let several = || Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
    let limit = WHILE + WHILE;
    for (tokio, by_handle, looks) in [
        (one(), false, false),
        (one(), true, false),
        (one(), true, true),
        (several(), false, false),
        (several(), true, false),
        (several(), true, true),
    ] {
        let bus = Bus::new();
        let runtime = Runtime::on(&bus, tokio.handle().clone());
        let (begun, begins) = std::sync::mpsc::channel();
        let service = runtime.spawn(Slow { looks, begun }).unwrap();
        publish(&mut bus.publisher().unwrap(), 0..MESSAGES);
        if tokio.handle().runtime_flavor() == tokio::runtime::RuntimeFlavor::MultiThread {
            // In the middle of a turn.
            begins.recv_timeout(LONG).unwrap();
        }
        let began = std::time::Instant::now();
        let cut_off = match by_handle {
            true => tokio.block_on(service.shutdown(limit)).is_err(),
            false => tokio.block_on(runtime.shutdown(limit)).cut_off == 1,
        };
        let took = began.elapsed();
        // A turn would take three seconds.
        assert!(cut_off && took < limit + WHILE + Duration::from_secs(1), "{took:?}");
        // A current-thread runtime gets to it only when it is driven.
        tokio.block_on(tokio::task::yield_now());
        // The service is gone, and with it the other end.
        let rest = std::iter::from_fn(|| begins.recv_timeout(LONG).ok()).count();
        assert!(rest < 20, "{rest} more");
        assert!(began.elapsed() < limit + WHILE + WHILE + Duration::from_secs(2));
    }
}
