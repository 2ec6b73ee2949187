//! Tests of the ring on real threads and against a model of a queue.

mod corrupt;
mod property;
mod threads;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use super::{Consumer, PushError, Ready, queue};

fn take_all(consumer: &mut Consumer) -> Vec<(u16, u16, Vec<u8>)> {
    let mut taken = Vec::new();
    consumer.poll(usize::MAX, |frame| taken.push((frame.type_id, frame.lost, frame.body.to_vec())));
    taken
}

#[test]
fn ring_holds_exactly_its_capacity() {
    for capacity in [1, 2, 3, 5, 8, 100] {
        let (mut producer, mut consumer) = queue(capacity, 8).unwrap();
        for lap in 0..3 {
            for _ in 0..capacity {
                assert_eq!(producer.push_bytes(1, &[lap]), Ok(()), "capacity {capacity}");
            }
            assert_eq!(producer.push_bytes(1, &[lap]), Err(PushError::Full), "capacity {capacity}");
            assert_eq!(take_all(&mut consumer), vec![(1, 0, vec![lap]); capacity]);
        }
    }
}

#[test]
fn bodies_are_aligned_to_eight() {
    let (mut producer, mut consumer) = queue(4, 100).unwrap();
    producer.push_bytes(1, &[1; 99]).unwrap();
    producer.push_bytes(1, &[2; 1]).unwrap();
    consumer.poll(2, |frame| assert_eq!(frame.body.as_ptr().addr() % 8, 0));
}

#[test]
fn body_beyond_the_slot_is_refused() {
    let (mut producer, _consumer) = queue(4, 48).unwrap();
    assert_eq!(producer.push_bytes(1, &[0; 48]), Ok(()));
    assert_eq!(producer.push_bytes(1, &[0; 49]), Err(PushError::TooLong));
}

#[test]
fn dropped_messages_are_reported_by_the_next() {
    let (mut producer, mut consumer) = queue(1, 8).unwrap();
    producer.push_bytes(1, &[]).unwrap();
    producer.note_lost(2);
    producer.note_lost(1);
    take_all(&mut consumer);
    producer.push_bytes(2, &[]).unwrap();
    assert_eq!(take_all(&mut consumer), [(2, 3, vec![])]);
    producer.note_lost(65_545);
    producer.push_bytes(3, &[]).unwrap();
    producer.flush();
    assert_eq!(take_all(&mut consumer), [(3, u16::MAX, vec![])]);
    assert_eq!(consumer.lost_total(), 65_548);
    producer.push_bytes(4, &[]).unwrap();
    assert_eq!(take_all(&mut consumer), [(4, 10, vec![])]);
}

#[test]
fn message_whose_handler_panics_is_taken_once() {
    let (mut producer, mut consumer) = queue(2, 8).unwrap();
    producer.push_bytes(1, &[]).unwrap();
    producer.push_bytes(2, &[]).unwrap();
    let caught = catch_unwind(AssertUnwindSafe(|| consumer.poll(2, |_| panic!("of the handler"))));
    assert!(caught.is_err());
    assert_eq!(take_all(&mut consumer), [(2, 0, vec![])]);
    producer.push_bytes(3, &[]).unwrap();
    producer.push_bytes(4, &[]).unwrap();
    assert_eq!(take_all(&mut consumer).len(), 2);
}

#[test]
fn message_that_is_refused_counts_as_taken() {
    let (mut producer, mut consumer) = queue(4, 8).unwrap();
    for id in 1..=3 {
        producer.push_bytes(id, &[]).unwrap();
    }
    let refused = consumer.try_poll(4, |frame| if frame.type_id == 2 { Err(frame.type_id) } else { Ok(()) });
    assert_eq!(refused, Err(2));
    assert_eq!(take_all(&mut consumer), [(3, 0, vec![])]);
}

#[test]
fn poll_takes_at_most_max_messages() {
    let (mut producer, mut consumer) = queue(8, 8).unwrap();
    for id in 0..5 {
        producer.push_bytes(id, &[]).unwrap();
    }
    assert_eq!(consumer.poll(0, |_| unreachable!()), 0);
    assert_eq!(consumer.poll(3, |_| ()), 3);
    assert_eq!(consumer.poll(3, |_| ()), 2);
    assert_eq!(consumer.poll(3, |_| ()), 0);
}

#[test]
fn waits_end_at_their_timeout() {
    let (mut producer, mut consumer) = queue(1, 8).unwrap();
    let short = Some(Duration::from_millis(2));
    assert_eq!(consumer.wait(short), Ready::TimedOut);
    assert_eq!(consumer.wait(Some(Duration::ZERO)), Ready::TimedOut);
    producer.push_bytes(1, &[]).unwrap();
    assert_eq!(consumer.wait(None), Ready::Yes);
    assert_eq!(producer.wait_space(short), Ready::TimedOut);
}

#[test]
fn messages_pushed_before_closing_are_delivered() {
    let (mut producer, mut consumer) = queue(4, 8).unwrap();
    producer.push_bytes(1, &[]).unwrap();
    drop(producer);
    assert_eq!(consumer.wait(None), Ready::Yes);
    assert_eq!(take_all(&mut consumer).len(), 1);
    assert_eq!(consumer.wait(None), Ready::Closed);
}

#[test]
fn full_ring_without_a_consumer_is_closed() {
    let (mut producer, consumer) = queue(1, 8).unwrap();
    drop(consumer);
    assert_eq!(producer.push_bytes(1, &[]), Ok(()));
    assert_eq!(producer.push_bytes(1, &[]), Err(PushError::Closed));
    assert_eq!(producer.wait_space(None), Ready::Closed);
}
