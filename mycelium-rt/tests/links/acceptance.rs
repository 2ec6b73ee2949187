//! Messages that a receiver does not know: they are not sent, and don't hold up others.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mycelium_rt::MessageInfo;
use mycelium_rt::link::{Batch, LinkStats, NotAccepted, OnFull, Unknown};

use super::path::{BAR, BOTH, Options, Path, Receiver, Sender, TICK, connect, drain, until};
#[cfg(not(mycelium_portable))]
use super::shared_memory::ShmPath;
use super::streams::{TcpPath, UnixPath};
#[cfg(feature = "tls")]
use super::tls::TlsPath;
use super::toy_path::ToyPath;

/// What an older program knows.
const OLD: &[MessageInfo] = &[TICK];
const NONE: &[MessageInfo] = &[];

/// What both ends of these tests can do in addition.
pub(crate) trait Ends: Path {
    fn choosy(&self, messages: &'static [MessageInfo], unknown: Unknown) -> Self::Receiver;
    fn not_accepted(sender: &Self::Sender) -> Vec<NotAccepted>;
}

macro_rules! over_each {
    ($($path:ident: $module:ident),*) => {
        $( mod $module {
            super::over_each!(@ super::$path:
                a_message_that_the_receiver_does_not_know_stops_no_other
                a_message_that_is_not_accepted_never_waits
                a_link_of_which_nothing_is_accepted_stays
                a_newer_receiver_gets_what_the_older_one_did_not_know
                a_batch_is_made_of_what_is_sent
                a_hook_gets_what_the_receiver_does_not_know
            );
        } )*
    };
    (@ $path:ty: $($test:ident)*) => {
        $( #[test] fn $test() { super::$test::<$path>() } )*
    };
}
use over_each;

over_each!(UnixPath: unix, TcpPath: tcp, ToyPath: toy);
#[cfg(not(mycelium_portable))]
over_each!(ShmPath: shm);
#[cfg(feature = "tls")]
over_each!(TlsPath: tls);

fn options(on_full: OnFull) -> Options {
    Options { on_full, ..Options::default() }
}

/// Both ends have the same counts.
#[track_caller]
fn balanced(sent: LinkStats, received: LinkStats) {
    assert_eq!(
        sent.sent + sent.dropped(),
        received.received + received.unknown + received.gaps,
        "{sent:?} {received:?}"
    );
}

#[track_caller]
fn the_one<P: Ends>(sender: &P::Sender) -> (u16, &'static str, u64, bool) {
    let all = P::not_accepted(sender);
    assert_eq!(all.len(), 1, "{all:?}");
    (all[0].id, all[0].message, all[0].count, all[0].is_current)
}

pub(crate) fn a_message_that_the_receiver_does_not_know_stops_no_other<P: Ends>() {
    let path = P::new();
    let (mut receiver, mut sender) = (path.receiver(OLD), path.sender(options(OnFull::Block)));
    connect(&mut sender, &mut receiver);
    assert_eq!(the_one::<P>(&sender), (BAR.id, "Bar", 0, true));
    for number in 0..3000 {
        sender.send_number(number).unwrap();
        receiver.take(&mut Vec::new());
    }
    drain(&mut sender, &mut receiver, 2000);
    let (sent, received) = (sender.stats(), receiver.stats());
    assert_eq!((sent.sent, sent.dropped(), sent.not_accepted), (2000, 0, 1000));
    assert_eq!((received.received, received.gaps, received.unlisted), (2000, 0, 0));
    assert_eq!(the_one::<P>(&sender), (BAR.id, "Bar", 1000, true));
    balanced(sent, received);
}

pub(crate) fn a_message_that_is_not_accepted_never_waits<P: Ends>() {
    let path = P::new();
    let mut receiver = path.receiver(OLD);
    let mut sender = path.sender(Options { small: true, ..options(OnFull::BlockFor(Duration::ZERO)) });
    connect(&mut sender, &mut receiver);
    let mut full = 0;
    while full < 3 {
        full += u64::from(sender.send(TICK.id, &[0; 8]).is_err());
    }
    for _ in 0..10_000 {
        sender.send(BAR.id, &[0; 56]).unwrap();
    }
    let sent = sender.stats();
    assert_eq!((sent.not_accepted, sent.dropped_timeout), (10_000, 3));
    until_balanced(&mut sender, &mut receiver);
}

/// Receives all that the sender holds, and one more message, which reports those that were dropped before it.
fn until_balanced(sender: &mut impl Sender, receiver: &mut impl Receiver) {
    let mut last = false;
    until("all is sent and taken in", || {
        receiver.poll(&mut |_, _| {});
        sender.poll();
        if sender.flush() && !last {
            last = sender.send(TICK.id, &1u64.to_le_bytes()).is_ok();
        }
        let (sent, received) = (sender.stats(), receiver.stats());
        last && sent.sent + sent.dropped() == received.received + received.gaps
    });
}

pub(crate) fn a_link_of_which_nothing_is_accepted_stays<P: Ends>() {
    let path = P::new();
    let (mut receiver, mut sender) = (path.receiver(NONE), path.sender(options(OnFull::Block)));
    connect(&mut sender, &mut receiver);
    for number in 0..300 {
        sender.send_number(number).unwrap();
    }
    assert!(sender.poll());
    assert_eq!((sender.stats().not_accepted, sender.stats().sent, receiver.stats().refused), (300, 0, 0));
    let counts: Vec<_> = P::not_accepted(&sender).iter().map(|it| (it.message, it.count)).collect();
    assert_eq!(counts, [("Tick", 200), ("Bar", 100)]);
    assert_eq!(sender.close(Instant::now()), 0);
}

pub(crate) fn a_newer_receiver_gets_what_the_older_one_did_not_know<P: Ends>() {
    let path = P::new();
    let (mut receiver, mut sender) = (path.receiver(OLD), path.sender(options(OnFull::Block)));
    connect(&mut sender, &mut receiver);
    sender.send(BAR.id, &[0; 56]).unwrap();
    for messages in [BOTH, OLD, BOTH] {
        drop(receiver);
        until("the link notices", || !sender.poll());
        receiver = path.receiver(messages);
        connect(&mut sender, &mut receiver);
        sender.send(BAR.id, &[0; 56]).unwrap();
        sender.send(TICK.id, &7u64.to_le_bytes()).unwrap();
        let mut ids = Vec::new();
        until("all arrives", || {
            sender.flush();
            receiver.poll(&mut |id, _| ids.push(id));
            ids.last() == Some(&TICK.id)
        });
        assert_eq!(ids.len(), messages.len());
        assert_eq!(receiver.stats().gaps, 0);
        let is_current = messages.len() == 1;
        assert_eq!(the_one::<P>(&sender), (BAR.id, "Bar", sender.stats().not_accepted, is_current));
    }
    assert_eq!((sender.stats().not_accepted, sender.stats().dropped()), (2, 0));
}

pub(crate) fn a_batch_is_made_of_what_is_sent<P: Ends>() {
    let path = P::new();
    let mut receiver = path.receiver(OLD);
    let mut sender = path.sender(Options { batch: Batch::of(4), ..options(OnFull::Block) });
    connect(&mut sender, &mut receiver);
    for _ in 0..3 {
        sender.send(TICK.id, &[0; 8]).unwrap();
        sender.send(BAR.id, &[0; 56]).unwrap();
    }
    assert_eq!(sender.stats().batches, 0);
    sender.send(TICK.id, &[0; 8]).unwrap();
    assert_eq!((sender.stats().batches, sender.stats().sent), (1, 4));
}

static HOOKED: AtomicU64 = AtomicU64::new(0);

pub(crate) fn a_hook_gets_what_the_receiver_does_not_know<P: Ends>() {
    fn hook(id: u16, version: u16, body: &[u8]) {
        assert_eq!((id, version, body.len()), (BAR.id, 1, 56));
        HOOKED.fetch_add(u64::from(body[0]), Ordering::Relaxed);
    }
    let path = P::new();
    let mut receiver = path.choosy(OLD, Unknown::Hook(hook));
    let mut sender = path.sender(options(OnFull::Block));
    connect(&mut sender, &mut receiver);
    assert_eq!(P::not_accepted(&sender), []);
    let before = HOOKED.load(Ordering::Relaxed);
    let mut ticks = 0;
    for number in 0..300u64 {
        let (id, body): (_, &[u8]) = if number % 3 == 0 { (BAR.id, &[1; 56]) } else { (TICK.id, &[0; 8]) };
        sender.send(id, body).unwrap();
    }
    until("all arrives", || {
        sender.poll();
        sender.flush();
        receiver.poll(&mut |id, _| {
            assert_eq!(id, TICK.id);
            ticks += 1;
        });
        receiver.stats().received + receiver.stats().unknown == 300
    });
    let (sent, received) = (sender.stats(), receiver.stats());
    // Tests over other paths add to this counter as well.
    assert!(HOOKED.load(Ordering::Relaxed) >= before + 100);
    assert_eq!((ticks, received.received, received.unknown, received.gaps), (200, 200, 100, 0));
    assert_eq!((sent.sent, sent.not_accepted, sent.bytes_sent), (300, 0, received.bytes_received));
    balanced(sent, received);
}

/// What `drop_oldest` holds for a peer that does not know all of it is taken back, and leaves no gap.
fn what_was_held_for_a_peer_is_taken_back_if_it_is_not_accepted<P: Ends>() {
    let path = P::new();
    let mut sender = path.sender(options(OnFull::DropOldest));
    for number in 0..900 {
        sender.send_number(number).unwrap();
    }
    let mut receiver = path.receiver(OLD);
    connect_taking(&mut sender, &mut receiver);
    for number in 900..1200 {
        sender.send_number(number).unwrap();
    }
    drain(&mut sender, &mut receiver, 800);
    let (sent, received) = (sender.stats(), receiver.stats());
    assert_eq!((sent.sent, sent.dropped(), sent.not_accepted), (800, 0, 400));
    assert_eq!((received.received, received.gaps, received.unlisted), (800, 0, 0));
    // The same holds for a sender that returns to the same receiver: nothing counts as lost in flight.
    assert_eq!(sent.lost_in_flight, 0);
    balanced(sent, received);
}

/// With so little room that the oldest are dropped: these are gaps, and messages that are not accepted are not.
fn what_was_dropped_and_what_was_taken_back_are_counted_separately<P: Ends>() {
    let path = P::new();
    let mut sender = path.sender(Options { small: true, ..options(OnFull::DropOldest) });
    for number in 0..900 {
        sender.send_number(number).unwrap();
    }
    let mut receiver = path.receiver(OLD);
    connect_taking(&mut sender, &mut receiver);
    until_balanced(&mut sender, &mut receiver);
    let sent = sender.stats();
    assert!(sent.dropped_oldest > 0 && sent.not_accepted > 0);
    assert_eq!(sent.sent + sent.dropped() + sent.not_accepted, 901);
    balanced(sent, receiver.stats());
}

fn connect_taking(sender: &mut impl Sender, receiver: &mut impl Receiver) {
    until("the two ends connect", || {
        receiver.poll(&mut |id, _| assert_eq!(id, TICK.id));
        sender.poll()
    });
}

#[test]
fn what_was_held_is_taken_back_over_streams() {
    what_was_held_for_a_peer_is_taken_back_if_it_is_not_accepted::<UnixPath>();
    what_was_held_for_a_peer_is_taken_back_if_it_is_not_accepted::<TcpPath>();
    what_was_dropped_and_what_was_taken_back_are_counted_separately::<UnixPath>();
    what_was_dropped_and_what_was_taken_back_are_counted_separately::<TcpPath>();
    #[cfg(feature = "tls")]
    what_was_held_for_a_peer_is_taken_back_if_it_is_not_accepted::<TlsPath>();
}
