//! Many messages at once are what single sends in a loop would be, on every path: the same messages, order and counters.

use std::time::{Duration, Instant};

use contracts::{Bar, BarDone, BarDoneFields, BarFields};
use mycelium_rt::link::{Batch, LinkStats, OnFull, SendAllError, SendError, Unknown};
use mycelium_rt::testing::Random;
use mycelium_rt::{Message, MessageInfo};

use super::acceptance::Ends;
use super::path::{DEADLINE, Options, Path, Receiver, Sender, connect, until};
use super::queue::QueuePath;
#[cfg(not(mycelium_portable))]
use super::shared_memory::ShmPath;
use super::streams::{TcpPath, UnixPath};
#[cfg(feature = "tls")]
use super::tls::TlsPath;
use super::toy_path::ToyPath;

const MESSAGES: &[MessageInfo] = &[MessageInfo::of::<BarDone>(), MessageInfo::of::<Bar>()];

/// What a peer knows that does not know `Bar`.
const SMALL: &[MessageInfo] = &[MessageInfo::of::<BarDone>()];

fn small(number: u64) -> BarDone {
    BarDone::from(BarDoneFields { number })
}

fn large(number: u64) -> Bar {
    Bar::try_from(BarFields { volume: number, ..BarFields::default() }).unwrap()
}

/// How a script sends many messages.
#[derive(Clone, Copy)]
enum How {
    AtOnce,
    OneByOne,
}

fn send<M: Message>(how: How, sender: &mut impl Sender, messages: &[M]) -> Result<(), SendAllError> {
    match how {
        How::AtOnce => sender.send_all(messages),
        How::OneByOne => messages.iter().enumerate().try_for_each(|(sent, message)| {
            sender.send(M::ID, message.as_bytes()).map_err(|reason| SendAllError { sent, reason })
        }),
    }
}

/// What can be seen of a script.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    results: Vec<Result<(), SendAllError>>,
    arrived: Vec<(u16, Vec<u8>)>,
    sender: LinkStats,
    receiver: LinkStats,
}

/// How many writes and reads it took is all that may differ.
fn comparable(stats: LinkStats) -> LinkStats {
    let mut comparable = LinkStats::default();
    let LinkStats { sent, bytes_sent, received, bytes_received, gaps, not_accepted, .. } = stats;
    (comparable.sent, comparable.bytes_sent, comparable.not_accepted) = (sent, bytes_sent, not_accepted);
    (comparable.received, comparable.bytes_received, comparable.gaps) = (received, bytes_received, gaps);
    comparable.dropped_newest = stats.dropped_newest;
    comparable.dropped_oldest = stats.dropped_oldest;
    comparable.dropped_timeout = stats.dropped_timeout;
    comparable.dropped_error = stats.dropped_error;
    comparable.dropped_closed = stats.dropped_closed;
    comparable.conflated = stats.conflated;
    comparable
}

fn take(receiver: &mut impl Receiver, arrived: &mut Vec<(u16, Vec<u8>)>) {
    receiver.poll(&mut |id, body| arrived.push((id, body.to_vec())));
}

/// Takes all that was sent.
fn take_all(sender: &mut impl Sender, receiver: &mut impl Receiver, arrived: &mut Vec<(u16, Vec<u8>)>) {
    until("what was sent arrives", || {
        sender.poll();
        let all = sender.flush();
        take(receiver, arrived);
        all && receiver.stats().received == sender.stats().sent
    });
}

/// Random sends; between them, everything is taken now and then, if there is a receiver.
fn steps<S: Sender, R: Receiver>(how: How, seed: u64, sender: &mut S, mut receiver: Option<&mut R>, seen: &mut Seen) {
    // Far fewer than a socket takes one by one, whose kernel counts writes as well.
    const MOST: u64 = 150;
    let (mut random, mut number, mut untaken) = (Random::seeded(seed), 0, 0);
    for _ in 0..1 + random.below(12) {
        let count = if random.below(4) == 0 { random.below(MOST) } else { random.below(20) };
        if let Some(receiver) = &mut receiver
            && (untaken + count > MOST || random.below(3) == 0)
        {
            take_all(sender, *receiver, &mut seen.arrived);
            untaken = 0;
        }
        untaken += count;
        let numbers = number..number + count;
        number += count;
        seen.results.push(if random.below(2) == 0 {
            send(how, sender, &numbers.map(small).collect::<Vec<_>>())
        } else {
            send(how, sender, &numbers.map(large).collect::<Vec<_>>())
        });
        if random.below(3) == 0 {
            sender.flush();
        }
    }
}

/// Takes the rest, behind which another message shows what is missing.
fn end(sender: &mut impl Sender, receiver: &mut impl Receiver, mut seen: Seen) -> Seen {
    take_all(sender, receiver, &mut seen.arrived);
    sender.send(BarDone::ID, small(u64::MAX).as_bytes()).unwrap();
    take_all(sender, receiver, &mut seen.arrived);
    (seen.sender, seen.receiver) = (comparable(sender.stats()), comparable(receiver.stats()));
    seen
}

fn options(on_full: OnFull, batch: u32) -> Options {
    Options { on_full, batch: Batch::of(batch), messages: MESSAGES, small: true }
}

/// The policies of all paths; none that waits for the receiver, which is on the same thread.
const POLICIES: [OnFull; 3] = [OnFull::DropNewest, OnFull::Error, OnFull::BlockFor(Duration::ZERO)];

#[track_caller]
fn assert_same(what: &str, seed: u64, run: impl Fn(How) -> Seen) {
    assert_eq!(run(How::AtOnce), run(How::OneByOne), "{what}, seed {seed}");
}

fn messages_order_and_counters_are_those_of_single_sends<P: Path>() {
    for (seed, on_full) in (0..30).zip(POLICIES.into_iter().cycle()) {
        assert_same(&format!("{on_full:?}"), seed, |how| {
            let (mut sender, mut receiver) = P::pair(options(on_full, 1 + seed as u32 % 40));
            let mut seen = Seen::default();
            steps(how, seed, &mut sender, Some(&mut receiver), &mut seen);
            end(&mut sender, &mut receiver, seen)
        });
    }
}

fn so_they_are_without_a_peer<P: Path>() {
    so_they_are_until_there_is_a_peer::<P>(&POLICIES);
}

fn so_they_are_where_older_ones_give_way<P: Path>() {
    so_they_are_until_there_is_a_peer::<P>(&[OnFull::DropOldest, OnFull::latest(1)]);
}

fn so_they_are_until_there_is_a_peer<P: Path>(policies: &[OnFull]) {
    for (seed, on_full) in (0..12).zip(policies.iter().cycle()) {
        assert_same(&format!("{on_full:?}"), seed, |how| {
            let path = P::new();
            let (mut sender, mut seen) = (path.sender(options(*on_full, 1 + seed as u32 % 40)), Seen::default());
            steps(how, seed, &mut sender, None::<&mut P::Receiver>, &mut seen);
            let mut receiver = path.receiver(MESSAGES);
            until("the two ends connect", || {
                take(&mut receiver, &mut seen.arrived);
                sender.poll()
            });
            end(&mut sender, &mut receiver, seen)
        });
    }
}

fn what_a_peer_does_not_accept_is_counted_one_by_one<P: Ends>() {
    for seed in 0..10 {
        assert_same("not accepted", seed, |how| {
            let path = P::new();
            let mut receiver = path.choosy(SMALL, Unknown::NotAccepted);
            let mut sender = path.sender(options(OnFull::DropNewest, 1));
            connect(&mut sender, &mut receiver);
            let mut seen = Seen::default();
            steps(how, seed, &mut sender, Some(&mut receiver), &mut seen);
            let seen = end(&mut sender, &mut receiver, seen);
            assert!(seen.arrived.iter().all(|(id, _)| *id == BarDone::ID));
            seen
        });
    }
}

fn many_are_one_batch<P: Path>() {
    let open = |batch| P::pair(Options { batch, messages: MESSAGES, ..Options::default() });
    let hundred: Vec<_> = (0..100).map(small).collect();
    let (mut sender, mut receiver) = open(Batch::low_latency());
    sender.send_all(&hundred).unwrap();
    assert_eq!((sender.stats().batches, sender.stats().sent), (1, 100));
    take_all(&mut sender, &mut receiver, &mut Vec::new());
    // One that is not complete waits for more, or for a flush.
    let (mut sender, mut receiver) = open(Batch::of(150));
    sender.send_all(&hundred).unwrap();
    assert_eq!(sender.stats().batches, 0);
    sender.send_all(&hundred).unwrap();
    assert_eq!((sender.stats().batches, sender.stats().sent), (1, 200));
    sender.send_all::<BarDone>(&[]).unwrap();
    take_all(&mut sender, &mut receiver, &mut Vec::new());
    assert_eq!(receiver.stats().received, 200);
}

fn a_sender_that_waits_for_room_loses_none_of_many<P: Path>() {
    let (mut sender, mut receiver) = P::pair(options(OnFull::Block, 1));
    let total = 30_000;
    let mut arrived = Vec::new();
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| {
            let (mut random, mut next) = (Random::seeded(1), 0);
            while next < total {
                let end = total.min(next + random.below(500));
                sender.send_all(&(next..end).map(small).collect::<Vec<_>>()).unwrap();
                next = end;
            }
            assert_eq!(sender.close(Instant::now() + DEADLINE), 0);
        });
        until("everything arrives", || {
            receiver.poll(&mut |_, body| arrived.push(u64::from_le_bytes(body.try_into().unwrap())));
            arrived.len() as u64 >= total
        });
        sending.join().unwrap();
    });
    assert!(arrived.into_iter().eq(0..total));
    assert_eq!((sender.stats().sent, receiver.stats().gaps), (total, 0));
}

fn on_a_closed_link_none_of_many_is_sent<P: Path>() {
    let (mut sender, _receiver) = P::pair(options(OnFull::Block, 1));
    sender.close(Instant::now());
    let closed = SendAllError { sent: 0, reason: SendError::Closed };
    assert_eq!(sender.send_all(&[small(0), small(1)]), Err(closed));
    assert_eq!(sender.stats().dropped_closed, 1, "the second one was not tried");
}

fn what_a_link_does_not_have_is_refused<P: Path>() {
    let (mut sender, _receiver) = P::pair(Options { messages: SMALL, ..Options::default() });
    let refused = SendAllError { sent: 0, reason: SendError::Unlisted { id: Bar::ID } };
    assert_eq!(sender.send_all(&[large(0), large(1)]), Err(refused));
}

#[test]
fn a_ring_refuses_what_is_longer_than_its_slots() {
    let (mut sender, _receiver) = QueuePath::pair(Options { messages: SMALL, ..Options::default() });
    let len = size_of::<Bar>();
    assert!(len > 48, "a slot has room for 48 bytes in any case");
    assert_eq!(
        sender.send_all(&[large(0), large(1)]),
        Err(SendAllError { sent: 0, reason: SendError::TooLong { len } })
    );
}

/// The tests of all paths, and those of links to other processes.
macro_rules! on {
    ($module:ident $path:ident) => {
        on!($module $path:
            messages_order_and_counters_are_those_of_single_sends
            many_are_one_batch
            a_sender_that_waits_for_room_loses_none_of_many
            on_a_closed_link_none_of_many_is_sent
        );
    };
    (link $module:ident $path:ident $($more:ident)*) => {
        on!($module $path:
            messages_order_and_counters_are_those_of_single_sends
            many_are_one_batch
            a_sender_that_waits_for_room_loses_none_of_many
            on_a_closed_link_none_of_many_is_sent
            so_they_are_without_a_peer
            what_a_peer_does_not_accept_is_counted_one_by_one
            what_a_link_does_not_have_is_refused
            $($more)*
        );
    };
    ($module:ident $path:ident: $($test:ident)*) => {
        mod $module {
            $( #[test] fn $test() { super::$test::<super::$path>() } )*
        }
    };
}

on!(queue QueuePath);
on!(link unix UnixPath so_they_are_where_older_ones_give_way);
on!(link tcp TcpPath so_they_are_where_older_ones_give_way);
#[cfg(feature = "tls")]
on!(link tls TlsPath so_they_are_where_older_ones_give_way);
#[cfg(not(mycelium_portable))]
on!(link shm ShmPath);
on!(link toy ToyPath);
