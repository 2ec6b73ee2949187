//! A bus takes no message for another, and allocates nothing per message.

use std::time::Duration;

use mycelium_rt::bus::{Bus, BusError, Runtime};
use mycelium_rt::{Emit, service};
use mycelium_test_support::allocations::count;
use mycelium_ui_tests::clash::Storm;
use mycelium_ui_tests::dense::{M1, M2};
use mycelium_ui_tests::market::{Bar, Signal};

/// Handles a message with the id of a bar.
struct Weather;

#[service]
impl Weather {
    #[handle]
    fn on_storm(&mut self, _: &Storm) {}
}

/// Emits one.
struct Forecast;

#[service]
impl Forecast {
    #[handle]
    fn on_signal(&mut self, _: &Signal, cx: &mut impl Emit<Storm>) {
        cx.emit(&Storm::default());
    }
}

#[test]
fn a_second_message_with_the_same_id_is_refused() {
    let bus = Bus::new();
    let _bars = bus.subscribe::<Bar>().unwrap();
    let taken = BusError::IdTaken { id: 1, message: "Storm", by: "Bar" };
    assert_eq!(bus.publisher::<Storm>().map(drop), Err(taken.clone()));
    assert_eq!(bus.subscribe::<Storm>().map(drop), Err(taken.clone()));
    assert!(taken.to_string().starts_with("messages `Storm` and `Bar` have the same id 1: "), "{taken}");
    let tokio = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let runtime = Runtime::on(&bus, tokio.handle().clone());
    assert_eq!(runtime.spawn(Weather).map(drop), Err(taken));
}

#[test]
fn an_emit_that_would_be_taken_for_another_message_is_refused_and_counted() {
    let tokio = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    tokio.block_on(async {
        let bus = Bus::new();
        let mut bars = bus.subscribe::<Bar>().unwrap();
        let forecast = Runtime::new(&bus).unwrap().spawn(Forecast).unwrap();
        bus.publisher().unwrap().publish(&Signal::of(1));
        while forecast.stats().refused == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(bars.try_recv(), None);
        assert_eq!(forecast.stats().emitted, 0);
    });
}

/// Hands numbers on.
struct Relay;

#[service]
impl Relay {
    #[handle]
    fn on_m1(&mut self, message: &M1, cx: &mut impl Emit<M2>) {
        cx.emit(&M2::of(message.value));
    }
}

#[test]
fn publishing_and_receiving_allocate_nothing() {
    let tokio = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    tokio.block_on(async {
        let bus = Bus::with_capacity(64);
        let (mut first, mut second) = (bus.subscribe::<M1>().unwrap(), bus.subscribe::<M1>().unwrap());
        let mut publisher = bus.publisher().unwrap();
        publisher.publish(&M1::of(0));
        let (sum, allocations) = count(|| {
            // One message after the other, then more than there is room for.
            let mut sum = 0;
            for number in 1..=1000 {
                publisher.publish(&M1::of(number));
                let both = [&mut first, &mut second].map(|subscriber| subscriber.try_recv());
                sum += both.into_iter().flatten().filter_map(Result::ok).map(|message| message.value).sum::<u64>();
            }
            (0..200).for_each(|number| assert!(publisher.publish(&M1::of(number)) <= 2));
            sum
        });
        assert_eq!((sum, allocations), (2 * 999 * 1000 / 2, 0));
    });
}

#[test]
fn services_allocate_nothing_per_message() {
    let tokio = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let bus = Bus::with_capacity(64);
    let relay = Runtime::on(&bus, tokio.handle().clone()).spawn(Relay).unwrap();
    let (mut publisher, mut answers) = (bus.publisher().unwrap(), bus.subscribe::<M2>().unwrap());
    let mut bounce = |messages| {
        tokio.block_on(async {
            for number in 0..messages {
                publisher.publish(&M1::of(number));
                assert_eq!(answers.recv().await, Ok(M2::of(number)));
            }
        });
    };
    bounce(1);
    // The runtime itself may need something to begin with.
    let ((), few) = count(|| bounce(10));
    let ((), many) = count(|| bounce(1000));
    assert_eq!(few, many);
    assert_eq!(tokio.block_on(relay.shutdown(Duration::from_secs(60))).map(drop), Ok(()));
}
