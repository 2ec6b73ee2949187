//! What follows a panic.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use contracts::{BarDone, BarSettled};
use mycelium_rt::bus::{Bus, Ended, Options, Runtime, ServiceContext, ServiceError};
use mycelium_rt::lane::{OnPanic, Restart};
use mycelium_rt::{Emit, SourceState, service};

use crate::common::{LONG, done, paused, publish, settle, settled};

/// Panics at every third number.
#[derive(Debug, Default)]
struct Brittle {
    handled: Vec<u64>,
}

#[service]
impl Brittle {
    #[handle]
    async fn on_done(&mut self, done: &BarDone, cx: &mut impl Emit<BarSettled>) {
        tokio::task::yield_now().await;
        assert!(!done.number.is_multiple_of(3), "number {} is too much", done.number);
        self.handled.push(done.number);
        cx.emit(&settled(done.number));
    }
}

fn restarting(max: u32) -> Options {
    let (within, backoff) = (Duration::from_secs(10), Duration::from_millis(100));
    Options { on_panic: OnPanic::Restart(Restart { max, within, backoff }), ..Options::default() }
}

#[test]
fn a_panic_ends_the_service_and_no_other() {
    paused().block_on(async {
        let bus = Bus::new();
        let runtime = Runtime::new(&bus).unwrap();
        let (brittle, other) = (runtime.spawn(Brittle::default()).unwrap(), runtime.spawn(Brittle::default()).unwrap());
        publish(&mut bus.publisher().unwrap(), [1, 2]);
        settle().await;
        let handled = other.shutdown(LONG).await.unwrap().handled;
        publish(&mut bus.publisher().unwrap(), [3, 4]);
        settle().await;
        assert_eq!(handled, [1, 2]);
        assert_eq!((brittle.stats().panics, brittle.stats().left), (1, 1));
        let error = brittle.join().await.unwrap_err();
        assert_eq!(error.to_string(), "`Brittle` panicked: number 3 is too much");
        assert_eq!(runtime.shutdown(LONG).await, Ended::default());
    });
}

#[test]
fn a_restarted_service_goes_on_with_the_next_message() {
    paused().block_on(async {
        let bus = Bus::new();
        let runtime = Runtime::new(&bus).unwrap();
        let brittle = runtime.spawn_with(Brittle::default, restarting(5)).unwrap();
        let mut answers = bus.subscribe::<BarSettled>().unwrap();
        publish(&mut bus.publisher().unwrap(), 1..=5);
        for number in [1, 2, 4, 5] {
            assert_eq!(answers.recv().await, Ok(settled(number)));
        }
        assert_eq!((brittle.stats().panics, brittle.stats().restarts), (1, 1));
        assert_eq!(brittle.shutdown(LONG).await.unwrap().handled, [4, 5]);
    });
}

#[test]
fn one_panic_too_many_within_the_window_ends_the_service() {
    paused().block_on(async {
        let bus = Bus::new();
        let runtime = Runtime::new(&bus).unwrap();
        let brittle = runtime.spawn_with(Brittle::default, restarting(2)).unwrap();
        publish(&mut bus.publisher().unwrap(), [3, 6, 9]);
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!((brittle.stats().panics, brittle.stats().restarts), (3, 2));
        assert!(matches!(brittle.join().await, Err(ServiceError::Panicked { .. })));
    });
}

#[test]
fn restarts_leave_the_window() {
    paused().block_on(async {
        let bus = Bus::new();
        let runtime = Runtime::new(&bus).unwrap();
        let brittle = runtime.spawn_with(Brittle::default, restarting(2)).unwrap();
        for number in [3, 6, 9, 12] {
            publish(&mut bus.publisher().unwrap(), [number]);
            tokio::time::sleep(Duration::from_secs(6)).await;
        }
        assert_eq!((brittle.is_running(), brittle.stats().restarts), (true, 4));
    });
}

#[test]
fn a_shutdown_during_a_pause_is_immediate() {
    paused().block_on(async {
        let bus = Bus::new();
        let runtime = Runtime::new(&bus).unwrap();
        let pause = Duration::from_secs(3600);
        let restart = Restart { max: 1, within: pause, backoff: pause };
        let options = Options { on_panic: OnPanic::Restart(restart), ..Options::default() };
        let brittle = runtime.spawn_with(Brittle::default, options).unwrap();
        publish(&mut bus.publisher().unwrap(), [3, 4]);
        settle().await;
        let before = tokio::time::Instant::now();
        assert_eq!(runtime.shutdown(LONG).await, Ended::default());
        assert!(before.elapsed() < Duration::from_secs(1));
        assert_eq!(brittle.join().await.unwrap().handled, [4]);
    });
}

#[test]
fn a_factory_that_always_panics_ends_the_service() {
    paused().block_on(async {
        let bus = Bus::new();
        let runtime = Runtime::new(&bus).unwrap();
        let mut made = false;
        let factory = move || {
            assert!(!std::mem::replace(&mut made, true), "no second one");
            Brittle::default()
        };
        let brittle = runtime.spawn_with(factory, restarting(5)).unwrap();
        publish(&mut bus.publisher().unwrap(), [3]);
        let error = brittle.join().await.unwrap_err();
        assert_eq!(error.to_string(), "`Brittle` panicked: no second one");
    });
}

/// Its second start fails, and its third one panics.
struct Hesitant {
    starts: Arc<AtomicU64>,
    asked: bool,
}

#[service]
impl Hesitant {
    fn startup(&mut self) -> Result<(), &'static str> {
        match self.starts.fetch_add(1, Ordering::Relaxed) {
            1 => Err("not yet"),
            2 => panic!("not yet either"),
            _ => Ok(()),
        }
    }

    #[source]
    fn once(&mut self, cx: &mut impl Emit<BarSettled>) -> SourceState {
        cx.emit(&settled(self.starts.load(Ordering::Relaxed)));
        self.asked = true;
        SourceState::Finished
    }

    #[handle]
    fn on_done(&mut self, _: &BarDone) {
        panic!("unlucky");
    }
}

#[test]
fn a_start_that_fails_counts_as_another_panic_and_the_sources_of_a_new_service_begin_again() {
    paused().block_on(async {
        let (bus, starts) = (Bus::new(), Arc::new(AtomicU64::new(0)));
        let mut answers = bus.subscribe::<BarSettled>().unwrap();
        let runtime = Runtime::new(&bus).unwrap();
        let factory = move || Hesitant { starts: Arc::clone(&starts), asked: false };
        let hesitant = runtime.spawn_with(factory, restarting(5)).unwrap();
        assert_eq!(answers.recv().await, Ok(settled(1)));
        bus.publisher().unwrap().publish(&done(1));
        assert_eq!(tokio::time::timeout(LONG, answers.recv()).await, Ok(Ok(settled(4))));
        assert_eq!((hesitant.stats().panics, hesitant.stats().restarts), (2, 1));
        assert!(hesitant.shutdown(LONG).await.unwrap().asked);
    });
}

/// Panics in the method that the test names.
struct Panicking(&'static str);

impl Panicking {
    fn at(&self, method: &str) {
        assert!(self.0 != method, "in {method}");
    }
}

#[service]
impl Panicking {
    fn startup(&mut self) {
        self.at("startup");
    }

    fn shutdown(&mut self) {
        self.at("shutdown");
    }

    #[source]
    fn next(&mut self) -> SourceState {
        self.at("next");
        SourceState::Finished
    }

    #[every("1s")]
    fn tick(&mut self) {
        self.at("tick");
    }

    #[handle]
    fn on_done(&mut self, _: &BarDone) {
        self.at("on_done");
    }
}

#[test]
fn a_panic_in_each_kind_of_method_is_reported() {
    for method in ["startup", "shutdown", "next", "tick", "on_done"] {
        paused().block_on(async {
            let bus = Bus::new();
            let runtime = Runtime::new(&bus).unwrap();
            let service = runtime.spawn(Panicking(method)).unwrap();
            publish(&mut bus.publisher().unwrap(), [1]);
            tokio::time::sleep(Duration::from_secs(2)).await;
            let error = service.shutdown(LONG).await.map(drop).unwrap_err();
            assert_eq!(error.to_string(), format!("`Panicking` panicked: in {method}"));
        });
    }
}

/// Panics in its first two runs.
struct Runs(Arc<AtomicU64>);

#[service]
impl Runs {
    async fn run(&mut self, cx: &ServiceContext) {
        let run = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        assert!(run > 2, "run {run}");
        cx.emit(&done(run));
    }
}

#[test]
fn a_run_that_panics_is_restarted() {
    paused().block_on(async {
        let (bus, runs) = (Bus::new(), Arc::new(AtomicU64::new(0)));
        let runtime = Runtime::new(&bus).unwrap();
        let mut dones = bus.subscribe().unwrap();
        let service = runtime.spawn_with(move || Runs(Arc::clone(&runs)), restarting(5)).unwrap();
        assert_eq!(dones.recv().await, Ok(done(3)));
        assert_eq!(service.stats().restarts, 2);
        assert!(service.join().await.is_ok());
    });
}

/// Carried by a panic: dropping it panics with another one, for ever.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        std::panic::panic_any(Self);
    }
}

/// Panics with a bomb in the given method, and when it is dropped, unless it is the last instance.
struct Explosive {
    at: &'static str,
    kept: Vec<u64>,
    left: Arc<AtomicU64>,
}

impl Explosive {
    fn at(&self, method: &str) {
        if self.at == method {
            std::panic::panic_any(Bomb);
        }
    }
}

impl Drop for Explosive {
    fn drop(&mut self) {
        assert!(self.left.fetch_sub(1, Ordering::Relaxed) <= 1, "dropped");
    }
}

#[service]
impl Explosive {
    fn startup(&mut self) {
        self.at("startup");
    }

    fn shutdown(&mut self) {
        self.at("shutdown");
    }

    #[source]
    fn next(&mut self) -> SourceState {
        self.at("next");
        SourceState::Finished
    }

    #[every("1s")]
    fn tick(&mut self) {
        self.at("tick");
    }

    #[handle]
    async fn on_done(&mut self, done: &BarDone) {
        self.at("on_done");
        let waits = (done.number == 7).then(|| Explosive { at: "", kept: Vec::new(), left: Arc::clone(&self.left) });
        if waits.is_some() {
            std::future::pending::<()>().await;
        }
        self.kept.push(done.number);
    }
}

fn explosive(at: &'static str) -> (Arc<AtomicU64>, impl FnMut() -> Explosive + Send + 'static) {
    let left = Arc::new(AtomicU64::new(0));
    let (all, mut at, held) = (Arc::clone(&left), at, Explosive { at: "", kept: Vec::new(), left: Arc::clone(&left) });
    let factory = move || {
        let _ = &held;
        all.fetch_add(1, Ordering::Relaxed);
        Explosive { at: std::mem::take(&mut at), kept: Vec::new(), left: Arc::clone(&all) }
    };
    (left, factory)
}

#[test]
fn a_service_is_restarted_if_drops_panic() {
    for method in ["next", "tick", "on_done"] {
        paused().block_on(async {
            let bus = Bus::new();
            let runtime = Runtime::new(&bus).unwrap();
            let (left, factory) = explosive(method);
            left.store(10, Ordering::Relaxed);
            let service = runtime.spawn_with(factory, restarting(5)).unwrap();
            publish(&mut bus.publisher().unwrap(), [1]);
            tokio::time::sleep(Duration::from_secs(2)).await;
            publish(&mut bus.publisher().unwrap(), [2]);
            settle().await;
            let stats = service.stats();
            assert_eq!((stats.panics, stats.restarts), (1, 1), "{method}");
            let service = service.shutdown(LONG).await.unwrap();
            assert_eq!(service.kept.last(), Some(&2), "{method}");
            left.store(0, Ordering::Relaxed);
        });
    }
}

#[test]
fn a_panic_is_reported_if_drops_panic() {
    for method in ["startup", "shutdown", "next", "tick", "on_done"] {
        paused().block_on(async {
            let bus = Bus::new();
            let runtime = Runtime::new(&bus).unwrap();
            let left = Arc::new(AtomicU64::new(10));
            let service = runtime.spawn(Explosive { at: method, kept: Vec::new(), left }).unwrap();
            publish(&mut bus.publisher().unwrap(), [1]);
            tokio::time::sleep(Duration::from_secs(2)).await;
            let error = service.shutdown(LONG).await.map(drop).unwrap_err();
            assert_eq!(error.to_string(), "`Explosive` panicked: a panic without a text", "{method}");
        });
    }
}

#[test]
fn a_service_that_is_cut_off_harms_nothing_else_if_drops_panic() {
    paused().block_on(async {
        let bus = Bus::new();
        let runtime = Runtime::new(&bus).unwrap();
        let (left, factory) = explosive("");
        left.store(10, Ordering::Relaxed);
        let service = runtime.spawn_with(factory, restarting(5)).unwrap();
        // The handler waits and holds a value that panics when it is dropped, like the service, and the factory.
        publish(&mut bus.publisher().unwrap(), [7, 8]);
        settle().await;
        assert_eq!(runtime.shutdown(Duration::from_secs(1)).await, Ended { cut_off: 1, messages: 2 });
        settle().await;
        assert!(!service.is_running());
        assert_eq!((left.load(Ordering::Relaxed), service.stats().left), (8, 2), "all is gone");
    });
}
