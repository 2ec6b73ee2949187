//! What a path must offer to be tested for conformance. A new path implements this, and gets all of the tests.

use std::time::{Duration, Instant};

use mycelium_rt::lane::Waits;
use mycelium_rt::link::{Batch, Interrupt, LinkStats, OnFull, SendAllError, SendError, StreamLink, wait};
#[cfg(not(mycelium_portable))]
use mycelium_rt::shm::ShmLink;
use mycelium_rt::{Message, MessageInfo};

/// A number of 8 bytes.
pub(crate) const TICK: MessageInfo =
    MessageInfo { id: 7, name: "Tick", topic: "clock", version: 1, min_compatible: 1, layouts: &[(1, 8, 0x71c)] };

/// A number and some bytes, 56 in all.
pub(crate) const BAR: MessageInfo =
    MessageInfo { id: 9, name: "Bar", topic: "market", version: 1, min_compatible: 1, layouts: &[(1, 56, 0xba2)] };

/// What the tests send, unless they say otherwise.
pub(crate) const BOTH: &[MessageInfo] = &[TICK, BAR];

/// Long enough for anything that happens at all, on a busy machine.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// How to open a sender.
#[derive(Clone, Copy)]
pub(crate) struct Options {
    pub(crate) on_full: OnFull,
    pub(crate) batch: Batch,
    pub(crate) messages: &'static [MessageInfo],
    /// Whether to use the smallest memory that the path offers, so that it is soon full.
    pub(crate) small: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { on_full: OnFull::Block, batch: Batch::low_latency(), messages: BOTH, small: false }
    }
}

/// A kind of link, with an address that nothing else uses.
pub(crate) trait Path: Sized {
    type Sender: Sender;
    type Receiver: Receiver;

    /// The bytes that a message with a body of `len` bytes counts as.
    fn bytes(len: u64) -> u64 {
        len
    }

    fn new() -> Self;
    fn sender(&self, options: Options) -> Self::Sender;
    fn receiver(&self, messages: &'static [MessageInfo]) -> Self::Receiver;

    /// A connected pair.
    fn pair(options: Options) -> (Self::Sender, Self::Receiver) {
        let path = Self::new();
        let mut receiver = path.receiver(options.messages);
        let mut sender = path.sender(options);
        connect(&mut sender, &mut receiver);
        (sender, receiver)
    }
}

/// The sending end.
pub(crate) trait Sender: Send {
    fn send(&mut self, id: u16, body: &[u8]) -> Result<(), SendError>;
    fn send_all<M: Message>(&mut self, messages: &[M]) -> Result<(), SendAllError>;
    /// Does what is due; returns whether there is a peer.
    fn poll(&mut self) -> bool;
    fn flush(&mut self) -> bool;
    fn close(&mut self, deadline: Instant) -> usize;
    fn interrupt(&self) -> Interrupt;
    fn stats(&self) -> LinkStats;

    /// Sends a message that carries `number`.
    fn send_number(&mut self, number: u64) -> Result<(), SendError> {
        with_body(number, |id, body| self.send(id, body))
    }
}

/// The id of the message that carries `number`.
pub(crate) fn id_of(number: u64) -> u16 {
    if number.is_multiple_of(3) { BAR.id } else { TICK.id }
}

/// Calls `send` with the id and the body of the message that carries `number`.
pub(crate) fn with_body<T>(number: u64, send: impl FnOnce(u16, &[u8]) -> T) -> T {
    let mut body = [number as u8; 56];
    body[..8].copy_from_slice(&number.to_le_bytes());
    let len = if number.is_multiple_of(3) { 56 } else { 8 };
    send(id_of(number), &body[..len])
}

/// A sender whose owner sleeps until it has something to do.
pub(crate) trait Sleeper {
    fn sleep(&mut self);
}

macro_rules! sleepers {
    ($($link:ty),*) => {
        $(impl Sleeper for $link {
            fn sleep(&mut self) {
                assert!(wait(self.interest(), Some(DEADLINE)).unwrap(), "nothing within {DEADLINE:?}");
                Waits::unpark(self);
            }
        })*
    };
}
sleepers!(StreamLink);
#[cfg(not(mycelium_portable))]
sleepers!(ShmLink);

/// The receiving end.
pub(crate) trait Receiver {
    fn poll(&mut self, deliver: &mut dyn FnMut(u16, &[u8])) -> usize;
    fn stats(&self) -> LinkStats;

    /// Appends the numbers of what has arrived, and checks the rest of each body.
    fn take(&mut self, numbers: &mut Vec<u64>) -> usize {
        self.poll(&mut |id, body| {
            let (number, rest) = body.split_first_chunk().expect("a body begins with its number");
            let number = u64::from_le_bytes(*number);
            assert_eq!(id, id_of(number));
            assert!(rest.iter().all(|byte| *byte == number as u8));
            numbers.push(number);
        })
    }
}

/// Repeats `step` until it returns that it is done.
#[track_caller]
pub(crate) fn until(what: &str, mut step: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !step() {
        assert!(Instant::now() < deadline, "not within {DEADLINE:?}: {what}");
        std::thread::yield_now();
    }
}

#[track_caller]
pub(crate) fn connect(sender: &mut impl Sender, receiver: &mut impl Receiver) {
    until("the two ends connect", || {
        assert_eq!(receiver.take(&mut Vec::new()), 0);
        sender.poll()
    });
}

/// Sends until `count` drops of any kind were counted; returns how many messages that took.
#[track_caller]
pub(crate) fn fill(sender: &mut impl Sender, first: u64, count: u64) -> u64 {
    let (dropped, mut number) = (sender.stats().dropped(), first);
    while sender.stats().dropped() < dropped + count {
        assert!(number < first + 10_000_000, "the link never counts as full");
        let _ = sender.send_number(number);
        number += 1;
    }
    number - first
}

/// Everything that arrives until the sender holds nothing and the receiver has counted all numbered messages.
#[track_caller]
pub(crate) fn drain(sender: &mut impl Sender, receiver: &mut impl Receiver, numbered: u64) -> Vec<u64> {
    let mut numbers = Vec::new();
    until("everything arrives or is known to be missing", || {
        sender.poll();
        sender.flush();
        receiver.take(&mut numbers);
        let stats = receiver.stats();
        stats.received + stats.gaps >= numbered
    });
    numbers
}

/// Every message is accounted for, now that nothing is in flight: of `numbered` messages given to the sender, each was sent,
/// dropped or replaced; each one sent was received or lost with a connection; and no side counted more gaps than there are.
#[track_caller]
pub(crate) fn assert_balanced(sender: &LinkStats, receivers: &[LinkStats], numbered: u64) {
    let sum = |count: fn(&LinkStats) -> u64| receivers.iter().map(count).sum::<u64>();
    let (received, gaps) = (sum(|stats| stats.received), sum(|stats| stats.gaps));
    assert_eq!(
        sender.sent + sender.dropped() + sender.conflated,
        numbered,
        "each is sent, dropped or replaced: {sender:?}"
    );
    assert_eq!(
        received + sender.lost_in_flight,
        sender.sent,
        "each that was sent arrived, or was lost: {sender:?} {receivers:?}"
    );
    assert!(gaps <= sender.dropped() + sender.lost_in_flight, "no gap is invented: {sender:?} {receivers:?}");
}
