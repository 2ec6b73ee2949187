//! Wakers that act where they are called, instead of waking a task.

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use contracts::{BarDone, BarSettled};
use mycelium_rt::bus::{Bus, Runtime, Subscriber};
use mycelium_rt::service;

use crate::common::{LONG, done, paused, settle};

/// Drops what it holds when it is woken.
struct Dropping<T>(Mutex<Option<T>>);

impl<T: Send> Wake for Dropping<T> {
    fn wake(self: Arc<Self>) {
        let held = self.0.lock().unwrap().take();
        drop(held);
    }
}

/// A subscriber that waits, and is dropped by its own waker.
fn dropped_when_woken(bus: &Bus) -> Arc<Dropping<Subscriber<BarDone>>> {
    let dropping = Arc::new(Dropping(Mutex::new(None)));
    let waker = Waker::from(Arc::clone(&dropping));
    let mut subscriber = bus.subscribe().unwrap();
    assert!(subscriber.poll_recv(&mut Context::from_waker(&waker)).is_pending());
    *dropping.0.lock().unwrap() = Some(subscriber);
    dropping
}

/// Fails if the closure does not return in time: it waits for itself.
fn in_time(test: impl FnOnce() + Send + 'static) {
    let (end, ended) = channel::<()>();
    let thread = std::thread::spawn(move || {
        let _end = end;
        test();
    });
    let over = ended.recv_timeout(LONG);
    assert_eq!(over, Err(std::sync::mpsc::RecvTimeoutError::Disconnected), "it waits for itself");
    thread.join().unwrap();
}

#[test]
fn a_subscriber_may_be_dropped_by_its_waker() {
    in_time(|| {
        let bus = Bus::new();
        let dropping = dropped_when_woken(&bus);
        let mut publisher = bus.publisher().unwrap();
        publisher.publish(&done(1));
        assert!(dropping.0.lock().unwrap().is_none());
        assert_eq!(publisher.publish(&done(2)), 0);
    });
}

#[test]
fn a_subscriber_may_be_dropped_by_the_end_of_its_bus() {
    in_time(|| {
        let bus = Bus::new();
        let dropping = [dropped_when_woken(&bus), dropped_when_woken(&bus)];
        bus.close();
        assert!(dropping.iter().all(|dropping| dropping.0.lock().unwrap().is_none()));
    });
}

/// A waker may do anything with the bus.
#[test]
fn a_waker_may_use_the_bus() {
    struct Using(Mutex<Option<(Bus, Subscriber<BarDone>)>>);

    impl Wake for Using {
        fn wake(self: Arc<Self>) {
            let Some((bus, mut subscriber)) = self.0.lock().unwrap().take() else { return };
            assert_eq!(subscriber.try_recv(), Some(Ok(done(1))));
            // A new topic, a message to all others, and the drop of its own subscription.
            drop(bus.subscribe::<BarSettled>().unwrap());
            bus.publisher().unwrap().publish(&done(2));
            drop(subscriber);
            bus.close();
        }
    }

    in_time(|| {
        let bus = Bus::new();
        let using = Arc::new(Using(Mutex::new(None)));
        let mut subscriber = bus.subscribe().unwrap();
        let waker = Waker::from(Arc::clone(&using));
        assert!(subscriber.poll_recv(&mut Context::from_waker(&waker)).is_pending());
        *using.0.lock().unwrap() = Some((bus.clone(), subscriber));
        bus.publisher().unwrap().publish(&done(1));
        assert!(bus.subscribe::<BarDone>().is_err());
    });
}

struct Stuck;

#[service]
impl Stuck {
    #[handle]
    async fn on_done(&mut self, _: &BarDone) -> BarSettled {
        std::future::pending().await
    }
}

/// A requester learns of the end of the service, and may drop whatever it has.
#[test]
fn a_requester_may_drop_anything_when_the_service_ends() {
    in_time(|| {
        paused().block_on(async {
            let bus = Bus::new();
            let stuck = Runtime::new(&bus).unwrap().spawn(Stuck).unwrap();
            let mut asking: Vec<_> = Vec::new();
            for number in 0..3 {
                let other = bus.clone();
                let mut request = Box::pin(async move {
                    other.request::<BarDone, BarSettled>(&done(number), Duration::from_secs(3600)).await
                });
                let subscriber = bus.subscribe::<BarDone>().unwrap();
                let dropping = Arc::new(Dropping(Mutex::new(Some((bus.clone(), subscriber)))));
                let waker = Waker::from(Arc::clone(&dropping));
                assert!(request.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
                asking.push((request, dropping));
            }
            settle().await;
            stuck.abort();
            settle().await;
            assert!(asking.iter().all(|(_, dropping)| dropping.0.lock().unwrap().is_none()));
        });
    });
}
