use std::time::Duration;

use contracts::{BarDone, BarSettled, RunDone};
use mycelium_rt::bus::{Bus, BusError, Ended, RequestError, Runtime, ServiceError};
use mycelium_rt::service;

use crate::common::{LONG, done, paused, poll_once, settle, settled};

/// Replies with the number and how many requests there were before.
#[derive(Default)]
struct Pricing {
    seen: u64,
}

#[service]
impl Pricing {
    #[handle]
    async fn on_done(&mut self, done: &BarDone) -> BarSettled {
        assert!(done.number != 13, "unlucky");
        if done.number == 0 {
            std::future::pending::<()>().await;
        }
        tokio::task::yield_now().await;
        self.seen += 1;
        settled(done.number * 100 + self.seen)
    }

    #[handle]
    fn on_end(&mut self, _: &RunDone) {
        self.seen += 10;
    }
}

async fn ask(bus: &Bus, number: u64) -> Result<u64, RequestError> {
    bus.request::<BarDone, BarSettled>(&done(number), Duration::from_secs(5)).await.map(|reply| reply.number)
}

const NAME: &str = "BarDone";

#[test]
fn requests_are_answered_in_order_each_to_its_requester() {
    paused().block_on(async {
        let bus = Bus::new();
        let _pricing = Runtime::new(&bus).unwrap().spawn(Pricing::default()).unwrap();
        let askers: Vec<_> = (1..=12)
            .map(|number| {
                let bus = bus.clone();
                tokio::spawn(async move { ask(&bus, number).await })
            })
            .collect();
        for (number, asker) in (1..).zip(askers) {
            assert_eq!(asker.await.unwrap(), Ok(number * 100 + number));
        }
    });
}

#[test]
fn a_request_keeps_its_order_among_other_messages() {
    paused().block_on(async {
        let bus = Bus::new();
        let _pricing = Runtime::new(&bus).unwrap().spawn(Pricing::default()).unwrap();
        bus.publisher::<RunDone>().unwrap().publish(&RunDone::default());
        // Published, and not a request: it is handled, and the reply is dropped.
        bus.publisher().unwrap().publish(&done(7));
        assert_eq!(ask(&bus, 1).await, Ok(112));
    });
}

#[test]
fn without_a_service_that_replies_there_is_an_error() {
    paused().block_on(async {
        let bus = Bus::new();
        assert_eq!(ask(&bus, 1).await, Err(RequestError::NoResponder { request: NAME }));
        let pricing = Runtime::new(&bus).unwrap().spawn(Pricing::default()).unwrap();
        assert_eq!(ask(&bus, 1).await, Ok(101));
        pricing.shutdown(LONG).await.map(drop).unwrap();
        assert_eq!(ask(&bus, 1).await, Err(RequestError::NoResponder { request: NAME }));
    });
}

#[test]
fn a_second_service_that_would_reply_is_refused() {
    paused().block_on(async {
        let bus = Bus::new();
        let runtime = Runtime::new(&bus).unwrap();
        let first = runtime.spawn(Pricing::default()).unwrap();
        let refused = runtime.spawn(Pricing::default()).map(drop);
        assert_eq!(refused, Err(BusError::ResponderTaken { message: NAME }));
        first.shutdown(LONG).await.map(drop).unwrap();
        assert!(runtime.spawn(Pricing::default()).is_ok());
    });
}

#[test]
fn a_service_that_is_cut_off_leaves_its_place_at_once() {
    paused().block_on(async {
        let bus = Bus::new();
        let runtime = Runtime::new(&bus).unwrap();
        let late = runtime.spawn(Pricing::default()).unwrap();
        let mut asked = Box::pin(ask(&bus, 0));
        assert!(poll_once(&mut asked).is_pending());
        settle().await;
        let error = late.shutdown(Duration::from_secs(1)).await.map(drop);
        assert_eq!(error, Err(ServiceError::CutOff { service: "Pricing".to_owned() }));

        let aborted = runtime.spawn(Pricing::default()).unwrap();
        aborted.abort();

        let _stuck = runtime.spawn(Pricing::default()).unwrap();
        let mut asked = Box::pin(ask(&bus, 0));
        assert!(poll_once(&mut asked).is_pending());
        settle().await;
        assert_eq!(runtime.shutdown(Duration::from_secs(1)).await, Ended { cut_off: 1, messages: 1 });

        let _last = Runtime::new(&bus).unwrap().spawn(Pricing::default()).unwrap();
        assert_eq!(ask(&bus, 2).await, Ok(201));
    });
}

#[test]
fn a_reply_that_is_late_times_out() {
    paused().block_on(async {
        let bus = Bus::new();
        let _pricing = Runtime::new(&bus).unwrap().spawn(Pricing::default()).unwrap();
        let before = tokio::time::Instant::now();
        assert_eq!(ask(&bus, 0).await, Err(RequestError::TimedOut { request: NAME }));
        assert_eq!(before.elapsed().as_secs(), 5);
    });
}

#[test]
fn a_requester_that_gave_up_does_not_affect_the_next() {
    paused().block_on(async {
        let bus = Bus::new();
        let _pricing = Runtime::new(&bus).unwrap().spawn(Pricing::default()).unwrap();
        let mut given_up = Box::pin(ask(&bus, 1));
        assert!(poll_once(&mut given_up).is_pending());
        drop(given_up);
        assert_eq!(ask(&bus, 2).await, Ok(202));
    });
}

#[test]
fn a_requester_learns_at_once_that_its_service_has_ended() {
    paused().block_on(async {
        let bus = Bus::new();
        let runtime = Runtime::new(&bus).unwrap();
        let pricing = runtime.spawn(Pricing::default()).unwrap();
        // A publisher that keeps the inbox.
        let mut publisher = bus.publisher::<RunDone>().unwrap();
        publisher.publish(&RunDone::default());
        let before = tokio::time::Instant::now();
        let (first, second) = tokio::join!(ask(&bus, 13), ask(&bus, 1));
        assert_eq!(first, Err(RequestError::Unanswered { request: NAME }));
        assert_eq!(second, Err(RequestError::Unanswered { request: NAME }));
        assert_eq!(before.elapsed(), Duration::ZERO);
        assert!(pricing.join().await.is_err());
    });
}

#[test]
fn a_service_with_a_full_inbox_refuses_requests() {
    paused().block_on(async {
        let bus = Bus::with_capacity(2);
        let _pricing = Runtime::new(&bus).unwrap().spawn(Pricing::default()).unwrap();
        let mut publisher = bus.publisher::<RunDone>().unwrap();
        publisher.publish(&RunDone::default());
        publisher.publish(&RunDone::default());
        assert_eq!(ask(&bus, 1).await, Err(RequestError::Full { request: NAME }));
        settle().await;
        assert_eq!(ask(&bus, 1).await, Ok(121));
    });
}

#[test]
fn the_reply_must_be_the_message_that_the_handler_returns() {
    paused().block_on(async {
        let bus = Bus::new();
        let _pricing = Runtime::new(&bus).unwrap().spawn(Pricing::default()).unwrap();
        let asked = bus.request::<BarDone, RunDone>(&done(1), LONG).await;
        assert_eq!(asked, Err(RequestError::OtherReply { request: NAME, expected: "RunDone" }));
    });
}

#[test]
fn a_request_may_come_from_a_runtime_without_a_timer() {
    let serving = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
    let bus = Bus::new();
    let _pricing = Runtime::on(&bus, serving.handle().clone()).spawn(Pricing::default()).unwrap();
    let asking = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(asking.block_on(ask(&bus, 1)), Ok(101));
    assert_eq!(serving.block_on(ask(&bus, 2)), Ok(202));
}
