//! Two threads over one ring, in every way of waiting.

use std::thread;
use std::time::Duration;

use mycelium_rt::ring::{Consumer, Producer, Ready, queue, task_queue};

const MESSAGES: u64 = 4_000;

/// Longer than any machine takes, so that a lost wake-up fails and does not hang.
const TOO_LONG: Option<Duration> = Some(Duration::from_secs(60));

pub(crate) fn run() -> String {
    let mut rings = 0;
    for make in [queue, task_queue] {
        for capacity in [64, 3, 1] {
            for body in [8, 200, 4096] {
                for parks in [true, false] {
                    let (producer, consumer) = make(capacity, body).expect("a ring that can be");
                    let receiver = thread::spawn(move || receive(consumer, body, parks));
                    send(producer, body, parks);
                    receiver.join().expect("the receiver does not panic");
                    rings += 1;
                }
            }
        }
    }
    format!("{rings} rings of {MESSAGES} messages")
}

/// Fewer of the long ones, which take longer.
fn messages(body: usize) -> u64 {
    if body > 1000 { MESSAGES / 10 } else { MESSAGES }
}

fn send(mut producer: Producer, body: usize, parks: bool) {
    let mut bytes = vec![0; body];
    for number in 0..messages(body) {
        bytes.fill(number as u8);
        bytes[..8].copy_from_slice(&number.to_le_bytes());
        while producer.push_bytes(7, &bytes).is_err() {
            producer.flush();
            if parks {
                assert_eq!(producer.wait_space(TOO_LONG), Ready::Yes);
            } else {
                thread::yield_now();
            }
        }
        if number % 7 == 0 {
            producer.flush();
        }
    }
}

fn receive(mut consumer: Consumer, body: usize, parks: bool) {
    let mut next = 0_u64;
    while next < messages(body) {
        consumer.poll(50, |frame| {
            let (number, rest) = frame.body.split_first_chunk().expect("it begins with its number");
            assert_eq!(u64::from_le_bytes(*number), next);
            assert!(rest.len() + 8 == body && rest.iter().all(|byte| *byte == next as u8));
            next += 1;
        });
        match parks {
            true if next < messages(body) => assert_eq!(consumer.wait(TOO_LONG), Ready::Yes),
            _ => thread::yield_now(),
        }
    }
}
