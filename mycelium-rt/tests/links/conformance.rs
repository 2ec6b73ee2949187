//! What every path guarantees.

use std::time::{Duration, Instant};

use mycelium_rt::MessageInfo;
use mycelium_rt::link::{Batch, OnFull, SendError};

use super::path::{
    DEADLINE, Options, Path, Receiver, Sender, Sleeper, TICK, assert_balanced, connect, drain, fill, until,
};

/// Runs the tests of this module on a [`Path`]. What not every path offers is listed after it, so that no test runs that has
/// nothing to test: `drops_oldest` and `latest`, the policies; `reconnects`, either end may go and come back; `batches`, a batch arrives at
/// once and nothing before. (In rings a message is there as soon as it is committed; a batch only decides when to wake a
/// sleeper.)
macro_rules! conforms {
    ($module:ident, $path:ident $(, $offer:ident)*) => {
        mod $module {
            $crate::conformance::conforms!(@each super::$path:
                messages_arrive_once_and_in_order
                a_blocked_sender_loses_nothing
                a_blocked_sender_gives_up_in_time
                a_blocked_sender_can_be_interrupted
                a_sender_that_was_interrupted_waits_no_more
                a_sender_that_was_interrupted_takes_what_there_is_room_for
                a_sender_without_time_does_not_wait
                the_newest_are_dropped
                an_error_tells_that_the_link_is_full
                a_flush_completes_a_batch
                a_link_that_is_closed_sends_the_rest
                a_link_that_is_closed_while_full_counts_the_rest
            );
            $( $crate::conformance::conforms!(@$offer super::$path); )*
        }
    };
    (@drops_oldest $path:ty) => {
        $crate::conformance::conforms!(@each $path: the_oldest_are_dropped);
    };
    (@reconnects $path:ty) => {
        $crate::conformance::conforms!(@each $path:
            without_a_peer_a_link_is_full
            a_receiver_that_comes_back_is_found
            a_refusal_goes_before_an_interruption
            an_owner_that_wakes_up_notices_at_once_that_its_peer_is_gone
            senders_come_and_go_without_notice_to_others
        );
    };
    (@latest $path:ty) => {
        $crate::conformance::conforms!(@each_of latest $path:
            the_last_of_each_key_arrives
            keys_are_handed_over_in_the_order_in_which_they_came
            without_keys_the_newest_of_each_message_waits
            what_waits_survives_its_connection
            a_message_that_can_not_be_sent_does_not_wait
            a_link_that_is_closed_hands_over_what_waits
            what_waits_when_a_link_is_closed_without_a_peer_is_counted
        );
    };
    (@batches $path:ty) => {
        $crate::conformance::conforms!(@each $path:
            a_batch_is_complete_at_its_size
            a_batch_is_complete_after_its_delay
        );
    };
    (@each $path:ty: $($test:ident)*) => {
        $crate::conformance::conforms!(@each_of conformance $path: $($test)*);
    };
    (@each_of $tests:ident $path:ty: $($test:ident)*) => {
        $( #[test] fn $test() { $crate::$tests::$test::<$path>() } )*
    };
}
pub(crate) use conforms;

pub(crate) fn messages_arrive_once_and_in_order<P: Path>() {
    let (mut sender, mut receiver) = P::pair(Options { batch: Batch::of(7), ..Options::default() });
    let mut numbers = Vec::new();
    for number in 0..20_000 {
        sender.send_number(number).unwrap();
        if number.is_multiple_of(50) {
            receiver.take(&mut numbers);
        }
    }
    until("the rest arrives", || {
        sender.flush();
        receiver.take(&mut numbers);
        numbers.len() >= 20_000
    });
    assert_eq!(receiver.take(&mut numbers), 0);
    assert!(numbers.iter().copied().eq(0..20_000));
    let (sent, received) = (sender.stats(), receiver.stats());
    assert_eq!((sent.sent, sent.dropped(), received.received, received.gaps), (20_000, 0, 20_000, 0));
    let bytes = 6_667 * P::bytes(56) + 13_333 * P::bytes(8);
    assert_eq!((sent.bytes_sent, received.bytes_received), (bytes, bytes));
    assert_balanced(&sent, &[received], 20_000);
}

pub(crate) fn a_blocked_sender_loses_nothing<P: Path>() {
    let (mut sender, mut receiver) = P::pair(Options { small: true, batch: Batch::of(16), ..Options::default() });
    let total = 50_000;
    let mut numbers = Vec::new();
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| {
            for number in 0..total {
                sender.send_number(number).unwrap();
            }
            assert_eq!(sender.close(Instant::now() + DEADLINE), 0);
        });
        until("everything arrives", || {
            receiver.take(&mut numbers);
            numbers.len() as u64 >= total
        });
        sending.join().unwrap();
    });
    assert!(numbers.into_iter().eq(0..total));
    assert_balanced(&sender.stats(), &[receiver.stats()], total);
}

pub(crate) fn a_blocked_sender_gives_up_in_time<P: Path>() {
    let timeout = Duration::from_millis(5);
    let options = Options { small: true, on_full: OnFull::BlockFor(timeout), ..Options::default() };
    let (mut sender, mut receiver) = P::pair(options);
    let mut number = 0;
    let before = loop {
        let before = Instant::now();
        match sender.send_number(number) {
            Ok(()) => number += 1,
            Err(error) => {
                assert_eq!(error, SendError::TimedOut);
                break before;
            }
        }
    };
    assert!(before.elapsed() >= timeout);
    assert_eq!(sender.stats().dropped_timeout, 1);
    let numbers = drain(&mut sender, &mut receiver, number);
    assert!(numbers.into_iter().eq(0..number));
    // The message that was dropped is missing just before the next one.
    until("there is room again", || sender.send_number(number + 1).is_ok());
    let rest = drain(&mut sender, &mut receiver, number + 2);
    assert_eq!((rest, receiver.stats().gaps), (vec![number + 1], 1));
    let tries = number + 1 + sender.stats().dropped();
    assert_balanced(&sender.stats(), &[receiver.stats()], tries);
}

pub(crate) fn a_blocked_sender_can_be_interrupted<P: Path>() {
    let (mut sender, mut receiver) = P::pair(Options { small: true, ..Options::default() });
    let interrupt = sender.interrupt();
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| {
            loop {
                match sender.send_number(1) {
                    Ok(()) => {}
                    Err(error) => return error,
                }
            }
        });
        interrupt.set();
        assert_eq!(sending.join().unwrap(), SendError::Interrupted);
    });
    assert_eq!(sender.stats().dropped_error, 1);
    let mut numbers = Vec::new();
    until("what was sent arrives", || {
        let all = sender.flush();
        receiver.poll(&mut |_, _| numbers.push(1));
        all && numbers.len() as u64 == sender.stats().sent
    });
    assert_balanced(&sender.stats(), &[receiver.stats()], numbers.len() as u64 + 1);
}

/// Each would have waited for 10 ms before it checked.
pub(crate) fn a_sender_that_was_interrupted_waits_no_more<P: Path>() {
    let (mut sender, receiver) = P::pair(Options { small: true, ..Options::default() });
    sender.interrupt().set();
    // How much room there is depends on the kernel.
    let mut refused = (0..).filter(|number| sender.send_number(*number) == Err(SendError::Interrupted));
    refused.next();
    let began = std::time::Instant::now();
    assert_eq!(refused.take(1000).count(), 1000);
    assert!(began.elapsed() < std::time::Duration::from_secs(5), "{:?}", began.elapsed());
    drop(receiver);
}

pub(crate) fn a_sender_that_was_interrupted_takes_what_there_is_room_for<P: Path>() {
    let (mut sender, mut receiver) = P::pair(Options::default());
    sender.interrupt().set();
    (0..100).for_each(|number| sender.send_number(number).unwrap());
    assert!(drain(&mut sender, &mut receiver, 100).into_iter().eq(0..100));
    assert_balanced(&sender.stats(), &[receiver.stats()], 100);
}

pub(crate) fn a_sender_without_time_does_not_wait<P: Path>() {
    let options = Options { small: true, on_full: OnFull::BlockFor(Duration::ZERO), ..Options::default() };
    let (mut sender, receiver) = P::pair(options);
    // How much room there is depends on the kernel.
    let mut late = (0..).filter(|number| sender.send_number(*number) == Err(SendError::TimedOut));
    late.next();
    let began = Instant::now();
    assert_eq!(late.take(1000).count(), 1000);
    // Each would have slept for 10 ms.
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let stats = sender.stats();
    assert_eq!((stats.dropped_timeout, stats.dropped()), (1001, 1001));
    drop(receiver);
}

pub(crate) fn the_newest_are_dropped<P: Path>() {
    let options = Options { small: true, on_full: OnFull::DropNewest, ..Options::default() };
    let (mut sender, mut receiver) = P::pair(options);
    let count = fill(&mut sender, 0, 10);
    let held = count - 10;
    let stats = sender.stats();
    assert_eq!((stats.dropped_newest, stats.dropped()), (10, 10));
    let mut numbers = drain(&mut sender, &mut receiver, held);
    // The next message that has room shows what is missing before it.
    until("there is room again", || {
        let dropped = sender.stats().dropped();
        sender.send_number(count).unwrap();
        sender.stats().dropped() == dropped
    });
    numbers.extend(drain(&mut sender, &mut receiver, count + 1));
    // A small body may find room where a large one found none, so that not only the last ones are dropped.
    assert_eq!(numbers.len() as u64, held + 1);
    assert!(numbers.is_sorted_by(|a, b| a < b));
    assert_eq!(numbers.first(), Some(&0));
    assert_eq!(receiver.stats().gaps, sender.stats().dropped());
    assert_balanced(&sender.stats(), &[receiver.stats()], held + 1 + sender.stats().dropped());
}

pub(crate) fn the_oldest_are_dropped<P: Path>() {
    let options = Options { small: true, on_full: OnFull::DropOldest, ..Options::default() };
    let (mut sender, mut receiver) = P::pair(options);
    let count = fill(&mut sender, 0, 100);
    let dropped = sender.stats().dropped_oldest;
    assert_eq!(sender.stats().dropped(), dropped);
    let numbers = drain(&mut sender, &mut receiver, count);
    assert_eq!(numbers.len() as u64, count - dropped);
    assert!(numbers.is_sorted_by(|a, b| a < b));
    assert_eq!((numbers.first(), numbers.last()), (Some(&0), Some(&(count - 1))));
    assert_eq!(receiver.stats().gaps, dropped);
    assert_balanced(&sender.stats(), &[receiver.stats()], count);
}

pub(crate) fn an_error_tells_that_the_link_is_full<P: Path>() {
    let (mut sender, mut receiver) = P::pair(Options { small: true, on_full: OnFull::Error, ..Options::default() });
    let mut number = 0;
    let error = loop {
        match sender.send_number(number) {
            Ok(()) => number += 1,
            Err(error) => break error,
        }
    };
    assert_eq!((error, sender.stats().dropped_error), (SendError::Full, 1));
    let numbers = drain(&mut sender, &mut receiver, number);
    assert!(numbers.into_iter().eq(0..number));
    assert_balanced(&sender.stats(), &[receiver.stats()], number + 1);
}

pub(crate) fn without_a_peer_a_link_is_full<P: Path>() {
    for (on_full, expected) in [
        (OnFull::BlockFor(Duration::from_millis(1)), Err(SendError::TimedOut)),
        (OnFull::DropNewest, Ok(())),
        (OnFull::Error, Err(SendError::Full)),
    ] {
        let path = P::new();
        let mut sender = path.sender(Options { on_full, ..Options::default() });
        for number in 0..3 {
            assert_eq!(sender.send_number(number), expected);
        }
        assert_eq!(sender.stats().dropped(), 3);
        let mut receiver = path.receiver(Options::default().messages);
        connect(&mut sender, &mut receiver);
        sender.send_number(3).unwrap();
        assert_eq!(drain(&mut sender, &mut receiver, 4), [3]);
        assert_eq!(receiver.stats().gaps, 3);
        assert_balanced(&sender.stats(), &[receiver.stats()], 4);
    }
}

pub(crate) fn a_batch_is_complete_at_its_size<P: Path>() {
    let (mut sender, mut receiver) = P::pair(Options { batch: Batch::of(4), ..Options::default() });
    for round in 0..50 {
        let mut numbers = Vec::new();
        for number in 0..3 {
            sender.send_number(4 * round + number).unwrap();
            sender.poll();
            assert_eq!(receiver.take(&mut numbers), 0);
        }
        sender.send_number(4 * round + 3).unwrap();
        until("the batch arrives", || receiver.take(&mut numbers) > 0);
        assert_eq!(numbers.len(), 4);
        assert_eq!(sender.stats().batches, round + 1);
        assert_balanced(&sender.stats(), &[receiver.stats()], 4 * (round + 1));
    }
}

pub(crate) fn a_batch_is_complete_after_its_delay<P: Path>() {
    let delay = Duration::from_millis(2);
    let (mut sender, mut receiver) =
        P::pair(Options { batch: Batch::of(1000).with_delay(delay), ..Options::default() });
    let begin = Instant::now();
    sender.send_number(1).unwrap();
    let mut numbers = Vec::new();
    until("the delay is over", || {
        sender.poll();
        receiver.take(&mut numbers) > 0
    });
    assert!(begin.elapsed() >= delay);
    assert_eq!(numbers, [1]);
    assert_balanced(&sender.stats(), &[receiver.stats()], 1);
}

pub(crate) fn a_flush_completes_a_batch<P: Path>() {
    let (mut sender, mut receiver) = P::pair(Options { batch: Batch::of(1000), ..Options::default() });
    sender.send_number(1).unwrap();
    sender.send_number(2).unwrap();
    assert!(sender.flush());
    assert_eq!(drain(&mut sender, &mut receiver, 2), [1, 2]);
    assert_eq!(sender.stats().batches, 1);
    assert_balanced(&sender.stats(), &[receiver.stats()], 2);
}

pub(crate) fn a_link_that_is_closed_sends_the_rest<P: Path>() {
    let (mut sender, mut receiver) = P::pair(Options { batch: Batch::of(1000), ..Options::default() });
    for number in 0..10 {
        sender.send_number(number).unwrap();
    }
    assert_eq!(sender.close(Instant::now() + DEADLINE), 0);
    let mut numbers = Vec::new();
    until("all arrive", || {
        receiver.take(&mut numbers);
        numbers.len() == 10
    });
    assert_eq!(sender.send_number(10), Err(SendError::Closed));
    assert_eq!(sender.stats().dropped_closed, 1);
    assert_balanced(&sender.stats(), &[receiver.stats()], 11);
}

pub(crate) fn a_link_that_is_closed_while_full_counts_the_rest<P: Path>() {
    let (mut sender, mut receiver) = P::pair(Options { small: true, on_full: OnFull::Error, ..Options::default() });
    let mut accepted = 0;
    while sender.send_number(accepted).is_ok() {
        accepted += 1;
    }
    let before = Instant::now();
    let left = sender.close(before + Duration::from_millis(10)) as u64;
    assert!(before.elapsed() < DEADLINE);
    let stats = sender.stats();
    assert_eq!((stats.dropped_closed, stats.sent + left), (left, accepted));
    // What was sent arrives, no more and no less.
    let mut numbers = Vec::new();
    until("what was sent arrives", || {
        receiver.take(&mut numbers);
        numbers.len() as u64 >= accepted - left
    });
    assert_eq!(receiver.take(&mut numbers), 0);
    assert!(numbers.into_iter().eq(0..accepted - left));
    assert_balanced(&sender.stats(), &[receiver.stats()], accepted + 1);
}

pub(crate) fn a_receiver_that_comes_back_is_found<P: Path>() {
    let path = P::new();
    let options = Options { on_full: OnFull::DropNewest, ..Options::default() };
    let mut receiver = path.receiver(options.messages);
    let mut sender = path.sender(options);
    connect(&mut sender, &mut receiver);
    let mut receivers = Vec::new();
    for round in 1..5 {
        drop(receiver);
        until("the sender notices", || !sender.poll());
        // There is no peer: dropped, and counted as missing by the next receiver.
        sender.send_number(1).unwrap();
        receiver = path.receiver(options.messages);
        connect(&mut sender, &mut receiver);
        sender.send_number(2).unwrap();
        assert_eq!(drain(&mut sender, &mut receiver, 2), [2]);
        assert_eq!(receiver.stats().gaps, 1);
        let stats = sender.stats();
        assert_eq!((stats.reconnects, stats.connects, stats.dropped()), (round, round + 1, round));
        receivers.push(receiver.stats());
        assert_balanced(&stats, &receivers, 2 * round);
    }
}

/// Waiting would never end, whatever interrupts it; and that the peer does not fit says more.
pub(crate) fn a_refusal_goes_before_an_interruption<P: Path>() {
    let path = P::new();
    let mut receiver = path.receiver(&[MessageInfo { layouts: &[(1, 8, 1)], ..TICK }]);
    let mut sender = path.sender(Options::default());
    until("the peer refuses", || {
        sender.poll();
        receiver.take(&mut Vec::new());
        sender.stats().refused > 0
    });
    assert_eq!(sender.send_number(0), Err(SendError::Refused));
    sender.interrupt().set();
    assert_eq!(sender.send_number(1), Err(SendError::Refused));
    assert_eq!((sender.stats().dropped_error, sender.stats().dropped()), (2, 2));
}

/// However often it has polled before: a poll looks at the connection only now and then.
pub(crate) fn an_owner_that_wakes_up_notices_at_once_that_its_peer_is_gone<P: Path<Sender: Sleeper>>() {
    let (mut sender, receiver) = P::pair(Options::default());
    (0..1000).for_each(|_| assert!(sender.poll()));
    drop(receiver);
    sender.sleep();
    assert!(!sender.poll());
}

pub(crate) fn senders_come_and_go_without_notice_to_others<P: Path>() {
    let path = P::new();
    let options = Options { on_full: OnFull::DropNewest, ..Options::default() };
    let mut receiver = path.receiver(options.messages);
    // Another sender is connected all the time, and is not affected.
    let mut other = path.sender(options);
    connect(&mut other, &mut receiver);
    for round in 0..10 {
        let mut sender = path.sender(options);
        connect(&mut sender, &mut receiver);
        sender.send_number(1).unwrap();
        drop(sender);
        other.send_number(2).unwrap();
        let mut numbers = Vec::new();
        until("both arrive", || {
            receiver.take(&mut numbers);
            numbers.len() == 2
        });
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2]);
        assert_eq!(receiver.stats().received, 2 * (round + 1));
    }
    assert_eq!(receiver.stats().gaps, 0);
    assert_eq!(other.stats().reconnects, 0);
    let mut both = other.stats();
    both.sent += 10;
    assert_balanced(&both, &[receiver.stats()], 20);
}
