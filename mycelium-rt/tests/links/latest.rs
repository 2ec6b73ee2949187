//! What every link guarantees with `on_full = latest`.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use mycelium_rt::link::transport::Transport;
use mycelium_rt::link::{Link, OnFull, SendError};
use mycelium_rt::testing::Random;

use super::path::{
    BAR, DEADLINE, Options, Path, Receiver, Sender, TICK, assert_balanced, connect, id_of, until, with_body,
};

/// A sender that takes the keys of messages.
pub(crate) trait Keyed: Sender {
    fn send_by_key(&mut self, id: u16, key: u64, body: &[u8]) -> Result<(), SendError>;

    /// Sends a message that carries `number`.
    fn send_number_by_key(&mut self, number: u64, key: u64) {
        with_body(number, |id, body| self.send_by_key(id, key, body)).unwrap();
    }
}

impl<T: Transport> Keyed for Link<T>
where
    Self: Sender,
{
    fn send_by_key(&mut self, id: u16, key: u64, body: &[u8]) -> Result<(), SendError> {
        self.send_bytes_by_key(id, key, body)
    }
}

fn options(keys: u32) -> Options {
    Options { small: true, on_full: OnFull::latest(keys), ..Options::default() }
}

/// Everything that arrives until the sender holds nothing.
fn rest(sender: &mut impl Sender, receiver: &mut impl Receiver, given: u64) -> Vec<u64> {
    let mut numbers = Vec::new();
    until("all that was not replaced arrives", || {
        sender.poll();
        sender.flush();
        receiver.take(&mut numbers);
        let stats = sender.stats();
        stats.sent + stats.conflated + stats.dropped() == given && receiver.stats().received >= stats.sent
    });
    numbers
}

/// The last of each message among so many numbers.
fn newest(given: u64) -> impl Iterator<Item = u64> {
    [BAR.id, TICK.id].into_iter().filter_map(move |id| (0..given).rev().find(|number| id_of(*number) == id))
}

/// The model: a message arrives once, after those of its key that were sent before it, and the last of each key arrives. `keys` has the key of
/// each number.
#[track_caller]
fn assert_newest_arrived(keys: &[(u16, u64)], numbers: &[u64]) {
    let last: HashMap<_, _> = keys.iter().zip(0..).collect();
    let mut arrived = HashMap::new();
    for number in numbers {
        let before = arrived.insert(&keys[*number as usize], *number);
        assert!(before < Some(*number), "{number} after {before:?}");
    }
    assert_eq!(arrived, last);
}

pub(crate) fn the_last_of_each_key_arrives<P: Path<Sender: Keyed>>() {
    let (mut sender, mut receiver) = P::pair(options(5));
    let (mut random, mut numbers, mut keys, mut given) = (Random::seeded(4096), Vec::new(), Vec::new(), 0);
    for _ in 0..20 {
        let (conflated, most) = (sender.stats().conflated, random.below(200));
        while sender.stats().conflated < conflated + most {
            let key = random.below(5);
            sender.send_number_by_key(given, key);
            keys.push((id_of(given), key));
            given += 1;
        }
        for _ in 0..random.below(4) {
            receiver.take(&mut numbers);
            sender.poll();
            if random.below(2) == 0 {
                sender.flush();
            }
        }
    }
    numbers.extend(rest(&mut sender, &mut receiver, given));
    assert_newest_arrived(&keys, &numbers);
    let (sent, received) = (sender.stats(), receiver.stats());
    assert_eq!((sent.dropped(), received.gaps), (0, 0), "a replaced message has no number");
    assert_balanced(&sent, &[received], given);
}

pub(crate) fn keys_are_handed_over_in_the_order_in_which_they_came<P: Path<Sender: Keyed>>() {
    let path = P::new();
    let mut sender = path.sender(options(3));
    // Without a peer a link is full. Of the key 3 there is one more than may wait.
    for (number, key) in [(1, 0), (2, 1), (4, 0), (5, 2), (3, 1), (7, 1), (8, 3), (10, 0)] {
        sender.send_number_by_key(number, key);
    }
    let stats = sender.stats();
    assert_eq!((stats.sent, stats.conflated, stats.dropped_newest, stats.dropped()), (0, 3, 1, 1));
    let mut receiver = path.receiver(Options::default().messages);
    let mut numbers = Vec::new();
    until("the rest arrives", || {
        sender.poll();
        receiver.take(&mut numbers);
        numbers.len() == 4
    });
    assert_eq!(numbers, [10, 7, 5, 3]);
    // The next message shows what was dropped.
    sender.send_number(11).unwrap();
    assert_eq!(rest(&mut sender, &mut receiver, 9), [11]);
    assert_eq!(receiver.stats().gaps, 1);
    assert_balanced(&sender.stats(), &[receiver.stats()], 9);
}

pub(crate) fn without_keys_the_newest_of_each_message_waits<P: Path<Sender: Keyed>>() {
    let path = P::new();
    let mut sender = path.sender(options(1));
    (0..100).for_each(|number| sender.send_number(number).unwrap());
    let mut receiver = path.receiver(Options::default().messages);
    let mut numbers = Vec::new();
    until("they arrive", || {
        sender.poll();
        receiver.take(&mut numbers);
        numbers.len() == 2
    });
    assert_eq!(numbers, [99, 98]);
    assert_eq!(sender.stats().conflated, 98);
    assert_balanced(&sender.stats(), &[receiver.stats()], 100);
}

pub(crate) fn what_waits_survives_its_connection<P: Path<Sender: Keyed>>() {
    let path = P::new();
    let mut receiver = path.receiver(Options::default().messages);
    let mut sender = path.sender(options(1));
    connect(&mut sender, &mut receiver);
    let mut given = 0;
    while sender.stats().conflated < 10 {
        sender.send_number(given).unwrap();
        given += 1;
    }
    drop(receiver);
    let mut receiver = path.receiver(Options::default().messages);
    let mut numbers = Vec::new();
    until("the newest arrive", || {
        sender.poll();
        sender.flush();
        receiver.take(&mut numbers);
        newest(given).all(|number| numbers.contains(&number))
    });
    let stats = sender.stats();
    assert_eq!((stats.sent + stats.conflated, stats.dropped()), (given, 0));
}

pub(crate) fn a_message_that_can_not_be_sent_does_not_wait<P: Path<Sender: Keyed>>() {
    let mut sender = P::new().sender(options(1));
    sender.send_number(1).unwrap();
    assert_eq!(sender.send(3, &[0; 8]), Err(SendError::Unlisted { id: 3 }));
    assert_eq!(sender.send(TICK.id, &[0; 9]), Err(SendError::Length { len: 9, expected: 8 }));
    assert_eq!(sender.send(BAR.id, &[]), Err(SendError::Length { len: 0, expected: 56 }));
    assert_eq!((sender.stats().dropped_error, sender.stats().conflated), (3, 0));
}

pub(crate) fn a_link_that_is_closed_hands_over_what_waits<P: Path<Sender: Keyed>>() {
    let (mut sender, mut receiver) = P::pair(options(1));
    let mut given = 0;
    while sender.stats().conflated < 10 {
        sender.send_number(given).unwrap();
        given += 1;
    }
    let mut numbers = Vec::new();
    std::thread::scope(|scope| {
        let closing = scope.spawn(|| sender.close(Instant::now() + DEADLINE));
        until("the newest arrive", || {
            receiver.take(&mut numbers);
            newest(given).all(|number| numbers.contains(&number))
        });
        assert_eq!(closing.join().unwrap(), 0);
    });
    assert_eq!(sender.stats().dropped(), 0);
    assert_balanced(&sender.stats(), &[receiver.stats()], given);
}

pub(crate) fn what_waits_when_a_link_is_closed_without_a_peer_is_counted<P: Path<Sender: Keyed>>() {
    let mut sender = P::new().sender(options(1));
    (0..10).for_each(|number| sender.send_number(number).unwrap());
    sender.close(Instant::now() + Duration::from_millis(1));
    let stats = sender.stats();
    assert_eq!((stats.sent, stats.conflated, stats.dropped_closed), (0, 8, 2));
    assert_eq!(sender.send_number(10), Err(SendError::Closed));
    assert_balanced(&sender.stats(), &[], 11);
}
