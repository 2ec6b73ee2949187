//! The path between two threads.

use std::time::{Duration, Instant};

use mycelium_rt::link::{
    Batch, Interrupt, LinkError, LinkStats, OnFull, RingReceiver, RingSender, RingSpec, SendAllError, SendError,
};
use mycelium_rt::ring::Ready;
use mycelium_rt::{Message, MessageInfo};

use super::conformance::conforms;
use super::path::{DEADLINE, Options, Path, Receiver, Sender, fill, until};

conforms!(queue, QueuePath);

pub(crate) struct QueuePath;

impl Path for QueuePath {
    type Sender = RingSender;
    type Receiver = RingReceiver;

    /// None leave the process.
    fn bytes(_: u64) -> u64 {
        0
    }

    fn new() -> Self {
        Self
    }

    fn sender(&self, options: Options) -> RingSender {
        open(options).0
    }

    fn receiver(&self, messages: &'static [MessageInfo]) -> RingReceiver {
        open(Options { messages, ..Options::default() }).1
    }

    fn pair(options: Options) -> (RingSender, RingReceiver) {
        open(options)
    }
}

fn open(Options { on_full, batch, messages, small }: Options) -> (RingSender, RingReceiver) {
    let capacity = if small { 16 } else { 1 << 16 };
    let max_body = messages.iter().map(MessageInfo::size).max().unwrap_or(0);
    RingSpec { capacity, max_body, on_full, batch, ..RingSpec::new("queue") }.open().unwrap()
}

impl Sender for RingSender {
    fn send(&mut self, id: u16, body: &[u8]) -> Result<(), SendError> {
        self.send_bytes(id, body)
    }

    fn send_all<M: Message>(&mut self, messages: &[M]) -> Result<(), SendAllError> {
        RingSender::send_all(self, messages)
    }

    fn poll(&mut self) -> bool {
        RingSender::poll(self);
        !self.is_closed()
    }

    fn flush(&mut self) -> bool {
        RingSender::flush(self);
        true
    }

    fn close(&mut self, _: Instant) -> usize {
        // The receiver takes what is left.
        RingSender::close(self);
        0
    }

    fn interrupt(&self) -> Interrupt {
        RingSender::interrupt(self)
    }

    fn stats(&self) -> LinkStats {
        RingSender::stats(self)
    }
}

impl Receiver for RingReceiver {
    fn poll(&mut self, deliver: &mut dyn FnMut(u16, &[u8])) -> usize {
        RingReceiver::poll(self, usize::MAX, deliver)
    }

    fn stats(&self) -> LinkStats {
        RingReceiver::stats(self)
    }
}

#[test]
fn both_ends_sleep_and_are_woken() {
    let (mut sender, mut receiver) = open(Options { small: true, batch: Batch::of(4), ..Options::default() });
    let sending = std::thread::spawn(move || {
        for number in 0..10_000 {
            sender.send_number(number).unwrap();
        }
    });
    let mut numbers = Vec::new();
    loop {
        match receiver.wait(Some(DEADLINE)) {
            Ready::Yes => {}
            Ready::Closed => break,
            Ready::TimedOut => panic!("nobody woke the receiver"),
        }
        receiver.take(&mut numbers);
    }
    sending.join().unwrap();
    assert!(numbers.into_iter().eq(0..10_000));
    assert!(receiver.is_closed() && !receiver.has_message());
}

#[test]
fn a_receiver_that_goes_ends_the_wait_of_a_blocked_sender() {
    let (mut sender, receiver) = open(Options { small: true, ..Options::default() });
    let sending = std::thread::spawn(move || {
        let mut number = 0;
        loop {
            match sender.send_number(number) {
                Ok(()) => number += 1,
                Err(error) => return (number, error, RingSender::stats(&sender).dropped_error, sender.is_closed()),
            }
        }
    });
    until("the ring is full", || receiver.has_message());
    drop(receiver);
    let (number, error, dropped, closed) = sending.join().unwrap();
    assert_eq!((error, dropped, closed), (SendError::PeerGone, 1, true));
    assert!(number >= 16);
}

#[test]
fn drops_after_the_last_message_are_counted_at_the_end() {
    let options = Options { small: true, on_full: OnFull::DropNewest, ..Options::default() };
    let (mut sender, mut receiver) = open(options);
    fill(&mut sender, 0, 5);
    let mut numbers = Vec::new();
    receiver.take(&mut numbers);
    assert_eq!((numbers.len(), RingReceiver::stats(&receiver).gaps), (16, 0));
    RingSender::close(&mut sender);
    for _ in 0..2 {
        assert_eq!(receiver.take(&mut numbers), 0);
        assert_eq!(RingReceiver::stats(&receiver).gaps, 5);
    }
    assert_eq!(receiver.wait(Some(Duration::ZERO)), Ready::Closed);
}

#[test]
fn a_sender_that_is_dropped_has_counted_all_that_it_sent() {
    let (mut sender, _receiver) = open(Options { batch: Batch::of(100), ..Options::default() });
    (0..3).for_each(|number| sender.send_number(number).unwrap());
    let counters = sender.counters().clone();
    drop(sender);
    assert_eq!((counters.snapshot().sent, counters.snapshot().batches), (3, 1));
}

#[test]
fn a_ring_cannot_drop_the_oldest() {
    let spec = RingSpec { on_full: OnFull::DropOldest, ..RingSpec::new("queue") };
    assert!(matches!(spec.open(), Err(LinkError::Config(error)) if error.to_string().contains("`drop_oldest`")));
    assert!(RingSpec { capacity: 0, ..RingSpec::new("queue") }.open().is_err());
}

#[test]
fn a_message_longer_than_a_slot_is_refused() {
    let (mut sender, _receiver) = RingSpec { max_body: 8, ..RingSpec::new("queue") }.open().unwrap();
    assert_eq!(sender.send_bytes(7, &[0; 100]), Err(SendError::TooLong { len: 100 }));
}

#[test]
fn a_receiver_that_panics_has_counted_what_it_received() {
    let options = Options { small: true, on_full: OnFull::DropNewest, ..Options::default() };
    let (mut sender, mut receiver) = open(options);
    let sent = fill(&mut sender, 0, 2) - 2;
    let mut taken = 0;
    RingReceiver::poll(&mut receiver, usize::MAX, |_, _| taken += 1);
    sender.send_number(100).unwrap();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        RingReceiver::poll(&mut receiver, usize::MAX, |_, _| panic!("not this one"));
    }));
    assert!(panicked.is_err());
    RingSender::close(&mut sender);
    RingReceiver::poll(&mut receiver, usize::MAX, |_, _| {});
    let stats = RingReceiver::stats(&receiver);
    assert_eq!((taken, stats.received, stats.gaps), (sent, sent + 1, 2));
}
