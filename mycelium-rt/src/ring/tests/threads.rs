//! Two real threads, with each way of waiting.

use std::thread;
use std::time::Duration;

use crate::ring::{Consumer, Producer, Ready, queue, task_queue};

const MESSAGES: u64 = 300_000;

fn send_all(mut producer: Producer, mut wait: impl FnMut(&mut Producer)) {
    for number in 0..MESSAGES {
        while producer.push_bytes(number as u16, &number.to_le_bytes()).is_err() {
            wait(&mut producer);
        }
        if number % 7 == 0 {
            producer.flush();
        }
    }
}

fn receive_all(mut consumer: Consumer, mut wait: impl FnMut(&mut Consumer)) {
    let mut next = 0;
    while next < MESSAGES {
        consumer.poll(50, |frame| {
            assert_eq!((frame.sequence, frame.type_id, frame.lost), (next, next as u16, 0));
            assert_eq!(frame.body, next.to_le_bytes());
            next += 1;
        });
        if next < MESSAGES {
            wait(&mut consumer);
        }
    }
    assert_eq!(consumer.wait(None), Ready::Closed);
}

/// Long enough for any machine: a lost wake-up is a failure and not a hanging test.
const FAR_TOO_LONG: Option<Duration> = Some(Duration::from_secs(60));

#[test]
fn parked_threads_lose_no_wake_up() {
    for capacity in [1, 3, 64] {
        for ring in [queue, task_queue] {
            let (producer, consumer) = ring(capacity, 8).unwrap();
            let receiver = thread::spawn(|| {
                receive_all(consumer, |consumer| assert_eq!(consumer.wait(FAR_TOO_LONG), Ready::Yes));
            });
            send_all(producer, |producer| assert_eq!(producer.wait_space(FAR_TOO_LONG), Ready::Yes));
            receiver.join().unwrap();
        }
    }
}

#[test]
fn spinning_threads_see_every_message() {
    let (producer, consumer) = queue(64, 8).unwrap();
    let receiver = thread::spawn(|| receive_all(consumer, |_| thread::yield_now()));
    send_all(producer, |_| thread::yield_now());
    receiver.join().unwrap();
}

#[test]
fn closing_wakes_a_sleeping_peer() {
    for _ in 0..20 {
        let (producer, mut consumer) = queue(1, 8).unwrap();
        let receiver = thread::spawn(move || consumer.wait(FAR_TOO_LONG));
        thread::sleep(Duration::from_micros(300)); // So that it sleeps in most rounds. The test is right in all.
        drop(producer);
        assert_eq!(receiver.join().unwrap(), Ready::Closed);

        let (mut producer, consumer) = queue(1, 8).unwrap();
        producer.push_bytes(1, &[]).unwrap();
        let sender = thread::spawn(move || producer.wait_space(FAR_TOO_LONG));
        thread::sleep(Duration::from_micros(300));
        drop(consumer);
        assert_eq!(sender.join().unwrap(), Ready::Closed);
    }
}
