//! loom models of the ring: every order of events and every stale value that the memory model allows, on a small ring.
//!
//! Run with `RUSTFLAGS="--cfg mycelium_loom" cargo test -p mycelium-rt --features tokio --release --lib models`.

use std::mem::ManuallyDrop;
use std::task::{Context, Poll, Waker};

use loom::thread;

use super::{Consumer, Producer, Ready, queue};
use crate::modelling::{assert_each_is_needed, block_on, models};
use crate::sync::weakening::Rule;

/// Pushes `messages` messages, each with its number as its body; calls `wait` when the ring is full.
fn push_numbers(producer: &mut Producer, messages: u64, mut wait: impl FnMut(&mut Producer)) {
    for number in 0..messages {
        while producer.push_bytes(number as u16, &number.to_le_bytes()).is_err() {
            wait(producer);
        }
    }
    producer.flush();
}

/// Takes `messages` messages and checks that they are 0, 1, 2 and so on.
fn take_numbers(consumer: &mut Consumer, messages: u64, mut wait: impl FnMut(&mut Consumer)) {
    let mut next = 0;
    while next < messages {
        let taken = consumer.poll(usize::MAX, |frame| {
            assert_eq!((frame.sequence, frame.type_id, frame.body), (next, next as u16, next.to_le_bytes().as_slice()));
            next += 1;
        });
        if taken == 0 && next < messages {
            wait(consumer);
        }
    }
}

/// An end of a ring that a failing model leaks: once loom has given up on an execution, its objects must not be used.
type Leaky<T> = ManuallyDrop<T>;

fn ring(capacity: usize) -> (Leaky<Producer>, Leaky<Consumer>) {
    let (producer, consumer) = queue(capacity, 8).expect("the geometry is within its limits");
    (Leaky::new(producer), Leaky::new(consumer))
}

/// The regular end of a model: the other thread's end of the ring and this one's are dropped.
fn finish<A, B>(other: thread::JoinHandle<Leaky<A>>, end: Leaky<B>) {
    let other = other.join().expect("a thread that panics ends the model");
    drop((Leaky::into_inner(other), Leaky::into_inner(end)));
}

/// Messages in a ring that never fills.
fn push_and_take() {
    let (mut producer, mut consumer) = ring(2);
    let sender = thread::spawn(move || {
        push_numbers(&mut producer, 2, |_| unreachable!());
        producer
    });
    take_numbers(&mut consumer, 2, |_| thread::yield_now());
    finish(sender, consumer);
}

/// More messages than slots: the sender meets a full ring and reuses slots.
fn wrap() {
    let (mut producer, mut consumer) = ring(1);
    let sender = thread::spawn(move || {
        push_numbers(&mut producer, 3, |_| thread::yield_now());
        producer
    });
    take_numbers(&mut consumer, 3, |_| thread::yield_now());
    finish(sender, consumer);
}

/// A ring of more slots than its capacity wraps as well.
fn wrap_below_the_power_of_two() {
    let (mut producer, mut consumer) = ring(3);
    let sender = thread::spawn(move || {
        push_numbers(&mut producer, 5, |_| thread::yield_now());
        producer
    });
    take_numbers(&mut consumer, 5, |_| thread::yield_now());
    finish(sender, consumer);
}

/// As [`push_numbers`], but as many at once as there is room for.
fn push_numbers_at_once(producer: &mut Producer, messages: u64, mut wait: impl FnMut(&mut Producer)) {
    let bodies: Vec<_> = (0..messages).map(u64::to_le_bytes).collect();
    let mut rest = bodies.as_slice();
    while !rest.is_empty() {
        // All have one id, unlike those of `push_numbers`.
        match producer.push_all_bytes(0, rest.iter().map(<[u8; 8]>::as_slice)) {
            Ok(taken) => rest = &rest[taken..],
            Err(_) => wait(producer),
        }
    }
    producer.flush();
}

/// Takes the messages of [`push_numbers_at_once`]. Returns how many were taken in each poll.
fn take_numbers_of_one_id(consumer: &mut Consumer, messages: u64, mut wait: impl FnMut(&mut Consumer)) -> Vec<usize> {
    let (mut next, mut polls) = (0, Vec::new());
    while next < messages {
        let taken = consumer.poll(usize::MAX, |frame| {
            assert_eq!((frame.sequence, frame.body), (next, next.to_le_bytes().as_slice()));
            next += 1;
        });
        if taken > 0 {
            polls.push(taken);
        } else {
            wait(consumer);
        }
    }
    polls
}

/// Many messages at once, in a ring that never fills: the consumer sees none of them, or all.
fn push_all_and_take() {
    let (mut producer, mut consumer) = ring(4);
    let sender = thread::spawn(move || {
        push_numbers_at_once(&mut producer, 3, |_| unreachable!());
        producer
    });
    assert_eq!(take_numbers_of_one_id(&mut consumer, 3, |_| thread::yield_now()), [3]);
    finish(sender, consumer);
}

/// More at once than slots: the sender reuses slots, and meets a full ring.
fn push_all_wraps() {
    let (mut producer, mut consumer) = ring(2);
    let sender = thread::spawn(move || {
        push_numbers_at_once(&mut producer, 4, |_| thread::yield_now());
        producer
    });
    take_numbers_of_one_id(&mut consumer, 4, |_| thread::yield_now());
    finish(sender, consumer);
}

/// The receiver sleeps until it is woken once for all of them.
fn push_all_wakes() {
    let (mut producer, mut consumer) = ring(2);
    let sender = thread::spawn(move || {
        push_numbers_at_once(&mut producer, 2, |_| unreachable!());
        producer
    });
    take_numbers_of_one_id(&mut consumer, 2, |consumer| assert_eq!(consumer.wait(None), Ready::Yes));
    finish(sender, consumer);
}

/// The next message reports what the sender dropped on a full ring.
fn lost_count() {
    let (mut producer, mut consumer) = ring(1);
    let sender = thread::spawn(move || {
        for number in 0..3_u64 {
            if producer.push_bytes(1, &number.to_le_bytes()).is_err() {
                producer.note_lost(1);
            }
        }
        while producer.push_bytes(2, &3_u64.to_le_bytes()).is_err() {
            thread::yield_now();
        }
        producer.flush();
        producer
    });
    let (mut seen, mut last) = (0, 0);
    while last != 2 {
        let taken = consumer.poll(1, |frame| {
            seen += 1 + u64::from(frame.lost);
            last = frame.type_id;
        });
        if taken == 0 {
            thread::yield_now();
        }
    }
    assert_eq!(seen, 4);
    finish(sender, consumer);
}

/// The receiver sleeps. A lost wake-up is a deadlock.
fn receiver_parks() {
    let (mut producer, mut consumer) = ring(2);
    let sender = thread::spawn(move || {
        push_numbers(&mut producer, 2, |_| unreachable!());
        // Not dropped here: that would wake the receiver in any case.
        producer
    });
    take_numbers(&mut consumer, 2, |consumer| assert_eq!(consumer.wait(None), Ready::Yes));
    finish(sender, consumer);
}

/// The sender sleeps on a full ring; the receiver polls.
fn sender_parks() {
    let (mut producer, mut consumer) = ring(1);
    let sender = thread::spawn(move || {
        push_numbers(&mut producer, 2, |producer| assert_eq!(producer.wait_space(None), Ready::Yes));
        producer
    });
    take_numbers(&mut consumer, 2, |_| thread::yield_now());
    finish(sender, consumer);
}

/// Both sleep, in turn.
fn both_park() {
    let (mut producer, mut consumer) = ring(1);
    let sender = thread::spawn(move || {
        push_numbers(&mut producer, 2, |producer| assert_eq!(producer.wait_space(None), Ready::Yes));
        producer
    });
    take_numbers(&mut consumer, 2, |consumer| assert_eq!(consumer.wait(None), Ready::Yes));
    finish(sender, consumer);
}

/// The sender closes after its last message: the receiver gets the message, then sees the closing.
fn sender_closes() {
    let (mut producer, mut consumer) = ring(2);
    let sender = thread::spawn(move || {
        push_numbers(&mut producer, 1, |_| unreachable!());
        drop(Leaky::into_inner(producer));
        Leaky::new(())
    });
    take_numbers(&mut consumer, 1, |consumer| assert_eq!(consumer.wait(None), Ready::Yes));
    assert_eq!(consumer.wait(None), Ready::Closed);
    finish(sender, consumer);
}

/// The receiver closes while the sender sleeps on a full ring.
fn receiver_closes() {
    let (mut producer, consumer) = ring(1);
    let receiver = thread::spawn(move || {
        drop(Leaky::into_inner(consumer));
        Leaky::new(())
    });
    while producer.push_bytes(1, &[]).is_ok() {}
    assert_eq!(producer.wait_space(None), Ready::Closed);
    finish(receiver, producer);
}

/// A task waits for messages.
fn task_receives() {
    let (mut producer, mut consumer) = ring(2);
    let sender = thread::spawn(move || {
        push_numbers(&mut producer, 2, |_| unreachable!());
        producer
    });
    take_numbers(&mut consumer, 2, |consumer| assert_eq!(block_on(|cx| consumer.poll_ready(cx)), Ready::Yes));
    finish(sender, consumer);
}

/// A task waits for space.
fn task_sends() {
    let (mut producer, mut consumer) = ring(1);
    let receiver = thread::spawn(move || {
        take_numbers(&mut consumer, 2, |_| thread::yield_now());
        consumer
    });
    push_numbers(&mut producer, 2, |producer| assert_eq!(block_on(|cx| producer.poll_space(cx)), Ready::Yes));
    finish(receiver, producer);
}

/// A task waits for two rings with one waker: it registers at both, and sleeps if neither has anything.
fn task_waits_for_two_rings() {
    let ((mut first, mut from_first), (mut second, mut from_second)) = (ring(1), ring(1));
    let sender = thread::spawn(move || {
        push_numbers(&mut first, 1, |_| unreachable!());
        first
    });
    let other_sender = thread::spawn(move || {
        push_numbers(&mut second, 1, |_| unreachable!());
        second
    });
    let mut taken = 0;
    while taken < 2 {
        let new = from_first.poll(1, |_| ()) + from_second.poll(1, |_| ());
        taken += new;
        if new > 0 {
            continue;
        }
        let ready = block_on(|cx| match (from_first.poll_ready(cx), from_second.poll_ready(cx)) {
            (Poll::Pending, Poll::Pending) => Poll::Pending,
            _ => Poll::Ready(Ready::Yes),
        });
        assert_eq!(ready, Ready::Yes);
        from_first.awake();
        from_second.awake();
    }
    finish(sender, from_first);
    finish(other_sender, from_second);
}

/// A thread waits for messages where a task has waited before, in vain.
fn thread_receives_after_a_task() {
    let (mut producer, mut consumer) = ring(2);
    let sender = thread::spawn(move || {
        push_numbers(&mut producer, 1, |_| unreachable!());
        producer
    });
    let _ = consumer.poll_ready(&mut Context::from_waker(Waker::noop()));
    take_numbers(&mut consumer, 1, |consumer| assert_eq!(consumer.wait(None), Ready::Yes));
    finish(sender, consumer);
}

/// A thread waits for space where a task has waited before, in vain.
fn thread_sends_after_a_task() {
    let (mut producer, mut consumer) = ring(1);
    let receiver = thread::spawn(move || {
        take_numbers(&mut consumer, 2, |_| thread::yield_now());
        consumer
    });
    push_numbers(&mut producer, 2, |producer| {
        let _ = producer.poll_space(&mut Context::from_waker(Waker::noop()));
        assert_eq!(producer.wait_space(None), Ready::Yes);
    });
    finish(receiver, producer);
}

models! {
    push_and_take wrap wrap_below_the_power_of_two push_all_and_take push_all_wraps push_all_wakes lost_count receiver_parks sender_parks both_park sender_closes receiver_closes
    task_receives task_sends task_waits_for_two_rings thread_receives_after_a_task thread_sends_after_a_task
}

/// Each rule, and a model that must fail without it.
#[test]
fn every_rule_is_needed() {
    assert_each_is_needed(&[
        (Rule::Commit, push_and_take),
        (Rule::AfterCommitWord, push_and_take),
        (Rule::ReleaseCursor, wrap),
        (Rule::AfterCursor, wrap),
        (Rule::Commit, push_all_and_take),
        (Rule::AfterCommitWord, push_all_and_take),
        (Rule::ReleaseCursor, push_all_wraps),
        (Rule::AfterCursor, push_all_wraps),
        (Rule::NotifyFence, push_all_wakes),
        (Rule::NotifyFence, receiver_parks),
        (Rule::SleepFence, receiver_parks),
        (Rule::FinalCheck, receiver_parks),
        (Rule::NotifyFence, sender_parks),
        (Rule::SleepFence, sender_parks),
        (Rule::FinalCheck, sender_parks),
        (Rule::NotifyFence, task_receives),
        (Rule::SleepFence, task_receives),
        (Rule::NotifyFence, task_sends),
        (Rule::NotifyFence, task_waits_for_two_rings),
        (Rule::SleepFence, task_waits_for_two_rings),
    ]);
}
