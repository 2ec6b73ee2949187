//! The path over virtual connections: the whole suite, and what only a path with its own clock and faults can show.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, channel};
use std::task::{Wake, Waker};
use std::time::{Duration, Instant};

use mycelium_rt::lane::Waits;
use mycelium_rt::link::{
    Address, InputSpec, Interrupt, LinkSpec, LinkStats, NotAccepted, OnFull, SendAllError, SendError, Status, Unknown,
};
use mycelium_rt::testing::Random;
use mycelium_rt::{Message, MessageInfo};

use super::acceptance::Ends;
use super::conformance::conforms;
use super::path::{BOTH, DEADLINE, Options, Path, Receiver, Sender, Sleeper, connect, until};
use super::streams::quick;
use super::toy::{Place, ToyInput, ToyLink, place};

conforms!(toy, ToyPath, latest, reconnects);

pub(crate) struct ToyPath(String);

impl ToyPath {
    fn input(&self, messages: &'static [MessageInfo], unknown: Unknown) -> ToyInput {
        let spec = InputSpec { unknown, ..InputSpec::new("feed", Address::new("toy", "-"), "test", messages) };
        ToyInput::listen(&spec, 0, &quick(false).address("feed", &self.0)).unwrap()
    }

    fn place(&self) -> Arc<Place> {
        place(&self.0)
    }
}

impl Path for ToyPath {
    type Sender = ToyLink;
    type Receiver = ToyInput;

    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        Self(format!("place {}", NEXT.fetch_add(1, Ordering::Relaxed)))
    }

    fn sender(&self, Options { on_full, batch, messages, small }: Options) -> ToyLink {
        let spec = LinkSpec { on_full, batch, ..LinkSpec::new("desk", Address::new("toy", "-"), "test", messages) };
        ToyLink::with_options(&spec, if small { 16 } else { 0 }, &quick(small).address("desk", &self.0)).unwrap()
    }

    fn receiver(&self, messages: &'static [MessageInfo]) -> ToyInput {
        self.input(messages, Unknown::NotAccepted)
    }
}

impl Ends for ToyPath {
    fn choosy(&self, messages: &'static [MessageInfo], unknown: Unknown) -> ToyInput {
        self.input(messages, unknown)
    }

    fn not_accepted(sender: &ToyLink) -> Vec<NotAccepted> {
        sender.not_accepted()
    }
}

impl Sender for ToyLink {
    fn send(&mut self, id: u16, body: &[u8]) -> Result<(), SendError> {
        self.send_bytes(id, body)
    }

    fn send_all<M: Message>(&mut self, messages: &[M]) -> Result<(), SendAllError> {
        ToyLink::send_all(self, messages)
    }

    fn poll(&mut self) -> bool {
        ToyLink::poll(self) == Status::Connected
    }

    fn flush(&mut self) -> bool {
        ToyLink::flush(self)
    }

    fn close(&mut self, deadline: Instant) -> usize {
        self.close_by(deadline) as usize
    }

    fn interrupt(&self) -> Interrupt {
        ToyLink::interrupt(self)
    }

    fn stats(&self) -> LinkStats {
        ToyLink::stats(self)
    }
}

impl Receiver for ToyInput {
    fn poll(&mut self, deliver: &mut dyn FnMut(u16, &[u8])) -> usize {
        ToyInput::poll(self, |id, _, body| {
            deliver(id, body);
            Ok::<(), Infallible>(())
        })
    }

    fn stats(&self) -> LinkStats {
        ToyInput::stats(self)
    }
}

struct Woken(mpsc::Sender<()>);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        let _ = self.0.send(());
    }
}

impl Sleeper for ToyLink {
    fn sleep(&mut self) {
        let (woken, wakes) = channel();
        self.wake(Some(&Waker::from(Arc::new(Woken(woken)))));
        wakes.recv_timeout(DEADLINE).unwrap();
        Waits::unpark(self);
    }
}

/// The result of a run.
#[derive(Debug, PartialEq)]
struct Run {
    /// For each sender, its numbers that arrived.
    arrived: Vec<Vec<u64>>,
    /// Messages that were given to all senders.
    numbered: u64,
    sent: Vec<LinkStats>,
    received: LinkStats,
    /// Parcels that were lost in transit.
    lost: u64,
}

/// Three senders and a receiver; by the seed, parcels are delayed and lost, and wires are cut. A sender sends while it `has_peer`.
fn run(seed: u64, has_peer: fn(&mut ToyLink) -> bool) -> Run {
    let path = ToyPath::new();
    let mut input = path.receiver(BOTH);
    let options = Options { on_full: OnFull::DropNewest, small: true, ..Options::default() };
    let mut links: Vec<ToyLink> = (0..3).map(|_| path.sender(options)).collect();
    links.iter_mut().for_each(|link| connect(link, &mut input));
    let place = path.place();
    place.change(|net| (net.random, net.faults) = (Random::seeded(seed), [5, 20, 50]));
    let (mut arrived, mut numbered) = (vec![Vec::new(); links.len()], 0);
    let mut take = |input: &mut ToyInput| {
        Receiver::poll(input, &mut |_, body| {
            let number = u64::from_le_bytes(body.try_into().unwrap());
            arrived[(number >> 32) as usize].push(number & 0xffff_ffff);
        });
    };
    for number in 0..300 {
        for (sender, link) in links.iter_mut().enumerate() {
            until("there is a wire", || {
                take(&mut input);
                has_peer(link)
            });
            // It is dropped if there is no room, or if the wire turns out to be cut.
            link.send_bytes(7, &((sender as u64) << 32 | number).to_le_bytes()).unwrap();
        }
        place.change(|net| net.now += 1);
    }
    // From here on there are no faults, so that everything is reported.
    place.change(|net| (net.faults, net.now) = ([0; 3], net.now + 10));
    for (sender, link) in links.iter_mut().enumerate() {
        let mut number = 300;
        until("one more message arrives", || {
            take(&mut input);
            if !has_peer(link) {
                return false;
            }
            let dropped = link.stats().dropped();
            link.send_bytes(7, &((sender as u64) << 32 | number).to_le_bytes()).unwrap();
            number += 1;
            link.stats().dropped() == dropped
        });
        numbered += number;
    }
    take(&mut input);
    let sent = links.iter().map(ToyLink::stats).collect();
    Run { arrived, numbered, sent, received: input.stats(), lost: place.look(|net| net.lost) }
}

#[test]
fn despite_delays_losses_and_cuts_everything_is_in_order_and_accounted_for() {
    let mut cuts = 0;
    for seed in 0..100 {
        let Run { arrived, numbered, sent, received, lost } = run(seed, Sender::poll);
        assert!(arrived.iter().all(|numbers| numbers.is_sorted_by(|a, b| a < b)), "{seed}: {arrived:?}");
        let sum = |count: fn(&LinkStats) -> u64| sent.iter().map(count).sum::<u64>();
        let (dropped, in_flight) = (sum(LinkStats::dropped), sum(|stats| stats.lost_in_flight));
        assert_eq!(sum(|stats| stats.sent) + dropped, numbered, "{seed}: {sent:?}");
        assert_eq!(received.received + in_flight + lost, sum(|stats| stats.sent), "{seed}: {sent:?} {received:?}");
        assert_eq!(received.gaps, dropped + in_flight + lost, "{seed}: {sent:?} {received:?}");
        assert!(lost > 0 && arrived.iter().all(|numbers| numbers.len() > 50), "{seed}: {lost} {arrived:?}");
        cuts += sum(|stats| stats.reconnects);
    }
    assert!(cuts > 1000, "{cuts}");
}

#[test]
fn the_same_seed_gives_the_same_faults() {
    // By itself a link looks at its connection in some polls only, which the system's clock decides. So the clock would also decide how
    // many messages it drops before it finds out that its wire is cut. After a sleep it looks in the first poll.
    let looks = |link: &mut ToyLink| {
        Waits::unpark(link);
        link.poll() == Status::Connected
    };
    let what = |seed| {
        let Run { arrived, numbered, received, lost, .. } = run(seed, looks);
        (arrived, numbered, received.gaps, lost)
    };
    assert_eq!(what(7), what(7));
    assert_ne!(what(7), what(8));
}

/// A sender that waits for room and a receiver that waits for messages, both by parking on the place; the receiver for at
/// most `patience`. Returns how often a sleeper was not woken.
fn park_both_ends(place: &Place, path: &ToyPath, patience: Duration, is_mute: bool) -> u64 {
    let (mut input, options) = (path.receiver(BOTH), Options { small: true, ..Options::default() });
    let mut link = path.sender(options);
    connect(&mut link, &mut input);
    let (mut numbers, mut late) = (Vec::new(), 0);
    if is_mute {
        place.mute();
    }
    std::thread::scope(|scope| {
        scope.spawn(|| (0..200).for_each(|number| link.send_number(number).unwrap()));
        while numbers.len() < 200 {
            let began = Instant::now();
            input.wait(patience);
            late += u64::from(began.elapsed() >= patience);
            input.take(&mut numbers);
        }
    });
    assert!(numbers.into_iter().eq(0..200));
    late
}

#[test]
fn parked_ends_are_woken() {
    let path = ToyPath::new();
    let place = path.place();
    assert_eq!((park_both_ends(&place, &path, DEADLINE, false), place.lost_wake_ups()), (0, 0));
}

#[test]
fn a_wake_up_that_is_lost_is_found() {
    let path = ToyPath::new();
    let place = path.place();
    assert!(park_both_ends(&place, &path, Duration::from_millis(5), true) > 0);
    assert!(place.lost_wake_ups() > 0);
}
