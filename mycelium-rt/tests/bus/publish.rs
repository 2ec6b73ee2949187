use contracts::{BarDone, BarSettled, RunDone};
use mycelium_rt::bus::{AttachError, Bus, BusError, PointError, RecvError, Runtime, Subscriber, TopicStats};
use mycelium_rt::link::Address;
use mycelium_rt::testing::Random;
use mycelium_rt::{Config, service};

use crate::common::{done, paused, publish, settled};

/// What has arrived, as numbers; a gap as its negative length.
fn all(subscriber: &mut Subscriber<BarDone>) -> Vec<i64> {
    std::iter::from_fn(|| subscriber.try_recv())
        .map(|received| match received {
            Ok(message) => message.number as i64,
            Err(RecvError::Lagged(lost)) => -(lost as i64),
            Err(RecvError::Closed) => panic!("`try_recv` never says that"),
        })
        .collect()
}

#[test]
fn every_subscriber_gets_every_message_in_order() {
    let bus = Bus::new();
    let (mut one, mut other) = (bus.subscribe().unwrap(), bus.subscribe().unwrap());
    let mut publisher = bus.publisher().unwrap();
    for number in 0..100 {
        assert_eq!(publisher.publish(&done(number)), 2);
    }
    let numbers: Vec<i64> = (0..100).collect();
    assert_eq!((all(&mut one), all(&mut other)), (numbers.clone(), numbers));
}

/// Publishes messages as random parts, each at once or one by one. Returns what each part reached, what arrived at two subscribers, and
/// the counters.
fn random_parts(seed: u64, at_once: bool) -> (Vec<usize>, [Vec<i64>; 2], Vec<TopicStats>) {
    let bus = Bus::new();
    let mut random = Random::seeded(seed);
    let mut slow = bus.subscribe_with_capacity(1 + random.below(100) as usize).unwrap();
    let mut quick = bus.subscribe_with_capacity(1 + random.below(300) as usize).unwrap();
    let mut publisher = bus.publisher().unwrap();
    let (mut reached, mut seen, mut number) = (Vec::new(), [Vec::new(), Vec::new()], 0);
    for _ in 0..30 {
        let end = number + random.below(120);
        let messages: Vec<_> = (number..end).map(done).collect();
        number = end;
        reached.push(match at_once {
            true => publisher.send_all(&messages),
            false => messages.iter().map(|message| publisher.publish(message)).sum(),
        });
        if random.below(3) == 0 {
            seen[0].extend(all(&mut slow));
        }
        if random.below(2) == 0 {
            seen[1].extend(all(&mut quick));
        }
    }
    // One more, behind which all that is missing shows.
    seen[0].extend(all(&mut slow));
    seen[1].extend(all(&mut quick));
    publisher.publish(&done(number));
    seen[0].extend(all(&mut slow));
    seen[1].extend(all(&mut quick));
    (reached, seen, bus.stats())
}

#[test]
fn many_at_once_are_what_single_ones_would_be() {
    for seed in 0..200 {
        assert_eq!(random_parts(seed, true), random_parts(seed, false), "seed {seed}");
    }
}

#[test]
fn without_a_subscriber_a_message_goes_nowhere() {
    let bus = Bus::new();
    let mut publisher = bus.publisher().unwrap();
    assert_eq!(publisher.publish(&done(1)), 0);
    let mut late = bus.subscribe().unwrap();
    assert_eq!(publisher.publish(&done(2)), 1);
    assert_eq!(all(&mut late), [2]);
    drop(late);
    assert_eq!(publisher.publish(&done(3)), 0);
}

#[test]
fn a_full_subscription_shows_the_gap_at_its_place() {
    let bus = Bus::new();
    let mut slow = bus.subscribe_with_capacity(4).unwrap();
    let mut quick = bus.subscribe().unwrap();
    let mut publisher = bus.publisher().unwrap();
    for number in 1..=7 {
        assert_eq!(publisher.publish(&done(number)), if number <= 4 { 2 } else { 1 });
    }
    assert_eq!(slow.try_recv(), Some(Ok(done(1))));
    assert_eq!(all(&mut slow), [2, 3, 4]);
    publisher.publish(&done(8));
    assert_eq!(all(&mut slow), [-3, 8]);
    assert_eq!(all(&mut quick), [1, 2, 3, 4, 5, 6, 7, 8]);
    drop(slow);
    assert_eq!((bus.stats()[0].receivers, bus.stats()[0].dropped), (1, 3));
}

#[test]
fn a_gap_of_more_than_a_slot_can_count_is_reported_as_a_whole() {
    let bus = Bus::new();
    let mut slow = bus.subscribe_with_capacity(2).unwrap();
    let mut publisher = bus.publisher().unwrap();
    let lost = 100_000;
    for number in 0..lost + 2 {
        publisher.publish(&done(number));
    }
    assert_eq!(all(&mut slow), [0, 1]);
    publisher.publish(&done(7));
    assert_eq!(all(&mut slow), [-(lost as i64), 7]);
    // What the next slots count of it is reported already.
    publisher.publish(&done(8));
    publisher.publish(&done(9));
    publisher.publish(&done(10));
    assert_eq!(all(&mut slow), [8, 9]);
    publisher.publish(&done(11));
    assert_eq!(all(&mut slow), [-1, 11]);
}

#[test]
fn what_is_lost_after_the_last_message_is_reported_before_the_end() {
    paused().block_on(async {
        let bus = Bus::new();
        let mut slow = bus.subscribe_with_capacity(2).unwrap();
        let mut publisher = bus.publisher().unwrap();
        publish(&mut publisher, 1..=5);
        bus.close();
        assert_eq!(publisher.publish(&done(6)), 0);
        assert_eq!(slow.recv().await, Ok(done(1)));
        assert_eq!(slow.recv().await, Ok(done(2)));
        assert_eq!(slow.recv().await, Err(RecvError::Lagged(3)));
        assert_eq!(slow.recv().await, Err(RecvError::Closed));
        assert_eq!(slow.recv().await, Err(RecvError::Closed));
    });
}

#[test]
fn no_subscriber_joins_a_closed_bus() {
    let bus = Bus::new();
    // Known before, and not.
    let mut publisher = bus.publisher::<BarDone>().unwrap();
    let earlier = bus.sender::<BarDone>();
    bus.close();
    assert_eq!(bus.subscribe::<BarDone>().map(drop), Err(BusError::Closed));
    assert_eq!(bus.clone().subscribe::<RunDone>().map(drop), Err(BusError::Closed));
    assert_eq!(publisher.publish(&done(1)), 0);
    assert_eq!(bus.publisher().unwrap().publish(&done(2)), 0);
    assert_eq!(bus.receiver::<BarDone>().map(drop), Err(BusError::Closed));
    assert_eq!(earlier.try_send(&done(1)), Err(PointError::Closed));
    assert_eq!(bus.sender().try_send(&done(1)), Err(PointError::Closed));
    assert!(bus.stats().iter().all(|topic| topic.receivers == 0));
}

#[test]
fn no_service_and_no_link_joins_a_closed_bus() {
    paused().block_on(async {
        let bus = Bus::new();
        bus.close();
        assert_eq!(Runtime::new(&bus).unwrap().spawn(Idle).map(drop), Err(BusError::Closed));
        let link = bus.link("desk", Address::unix("/nowhere/desk.sock")).forward::<BarDone>().open(&Config::new());
        assert!(matches!(link, Err(AttachError::Bus(BusError::Closed))), "{link:?}");
        assert!(bus.stats().iter().all(|topic| topic.receivers == 0));
    });
}

/// Does nothing.
struct Idle;

#[service]
impl Idle {
    #[handle]
    fn on_done(&mut self, _: &BarDone) {}
}

#[test]
fn the_last_bus_ends_the_subscriptions() {
    paused().block_on(async {
        let bus = Bus::new();
        let other = bus.clone();
        let mut subscriber = bus.subscribe::<BarDone>().unwrap();
        let mut publisher = bus.publisher().unwrap();
        drop(bus);
        publisher.publish(&done(1));
        drop(other);
        assert_eq!(subscriber.recv().await, Ok(done(1)));
        assert_eq!(subscriber.recv().await, Err(RecvError::Closed));
    });
}

#[test]
fn a_subscriber_that_waits_is_woken() {
    paused().block_on(async {
        let bus = Bus::new();
        let mut subscriber = bus.subscribe::<BarDone>().unwrap();
        let waiting = tokio::spawn(async move { subscriber.recv().await });
        tokio::task::yield_now().await;
        bus.publisher().unwrap().publish(&done(1));
        assert_eq!(waiting.await.unwrap(), Ok(done(1)));
    });
}

#[test]
fn two_publishers_on_two_threads_keep_their_orders() {
    const EACH: u64 = 20_000;
    let bus = Bus::with_capacity(2 * EACH as usize);
    let mut subscriber = bus.subscribe::<BarDone>().unwrap();
    std::thread::scope(|scope| {
        for first in [0, EACH] {
            let mut publisher = bus.publisher().unwrap();
            scope.spawn(move || publish(&mut publisher, first..first + EACH));
        }
    });
    let numbers = all(&mut subscriber);
    assert_eq!(numbers.len() as u64, 2 * EACH);
    let (one, other): (Vec<i64>, Vec<i64>) = numbers.into_iter().partition(|number| *number < EACH as i64);
    assert!(one.is_sorted() && other.is_sorted());
}

#[test]
fn each_message_has_a_topic_of_its_own() {
    let bus = Bus::new();
    let (mut dones, mut settleds) = (bus.subscribe().unwrap(), bus.subscribe::<BarSettled>().unwrap());
    bus.publisher().unwrap().publish(&done(1));
    bus.publisher().unwrap().publish(&settled(2));
    assert_eq!(all(&mut dones), [1]);
    assert_eq!(settleds.try_recv(), Some(Ok(settled(2))));
    assert_eq!(bus.stats().iter().map(|topic| topic.message.name).collect::<Vec<_>>(), ["BarDone", "BarSettled"]);
}

#[test]
fn a_queue_that_cannot_be_made_is_an_error() {
    let bus = Bus::new();
    for capacity in [0, usize::MAX] {
        let error = bus.subscribe_with_capacity::<BarDone>(capacity).unwrap_err();
        assert!(matches!(error, BusError::Ring { .. }), "{error}");
    }
    assert_eq!(bus.stats()[0].receivers, 0);
}
