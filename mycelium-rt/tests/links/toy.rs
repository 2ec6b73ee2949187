//! A kind of link for tests: virtual connections inside one process, with a clock that stands still unless it is moved.
//!
//! A [`Place`] is an address. A dialer lays a wire to the listener there, and parcels travel on the wire in one direction.
//! By a seed, parcels are delayed or lost, and wires are cut. All threads sleep on the place ([`Monitor`]); sleeping threads
//! move the clock on to the next parcel.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, LazyLock, Mutex};
use std::{io, mem, task::Waker, time::Duration};

use mycelium_rt::link::transport::receive::{Accepted, End, Errno, Heard, Peer, RecvEnd, Remote};
use mycelium_rt::link::transport::transmit::{Broken, Transmit};
use mycelium_rt::link::transport::{Admitted, Deliver, Dial, Failure, Progress, Taken, Transport, Welcome};
use mycelium_rt::link::{Address, Config, Counters, Input, InputSpec, Link, LinkError, LinkSpec};
use mycelium_rt::testing::{Monitor, Random};
use mycelium_rt::wire::{Acceptance, Handshake, Hello, compatible};

pub(crate) type ToyLink = Link<Toy>;
pub(crate) type ToyInput = Input<Toy>;
pub(crate) type Place = Monitor<Net>;
pub(crate) enum Toy {}

#[derive(Default)]
pub(crate) struct Net {
    pub(crate) now: u64,
    pub(crate) random: Random,
    /// A parcel takes at most this many ticks; one in this many is lost, and one in this many is the last of its wire; 0 is
    /// never.
    pub(crate) faults: [u64; 3],
    pub(crate) lost: u64,
    /// Ends of wires that wait to be accepted, while there is a listener.
    listening: Option<VecDeque<Side>>,
    wires: Vec<Wire>,
}

struct Wire {
    hello: Hello,
    answer: Option<Vec<u8>>,
    /// When each arrives, its id, how many are missing before it, and its body.
    parcels: VecDeque<(u64, u16, u64, Vec<u8>)>,
    room: usize,
    /// Messages that are missing before the next parcel.
    missing: u64,
    /// Whether the sender is gone, and the receiver.
    gone: [bool; 2],
}

pub(crate) fn place(address: &str) -> Arc<Place> {
    static ALL: LazyLock<Mutex<BTreeMap<String, Arc<Place>>>> = LazyLock::new(Mutex::default);
    Arc::clone(ALL.lock().unwrap().entry(address.to_owned()).or_default())
}

impl Net {
    fn advance(&mut self) -> bool {
        let due = |wire: &Wire| wire.parcels.front().map(|parcel| parcel.0);
        let next = self.wires.iter().filter_map(due).filter(|due| *due > self.now).min();
        self.now = next.unwrap_or(self.now);
        next.is_some()
    }

    /// Whether there is something for the listener to do.
    pub(crate) fn has_news(&self) -> bool {
        self.listening.as_ref().is_some_and(|it| !it.is_empty())
            || self.wires.iter().any(|wire| !wire.gone[1] && wire.is_ready(self.now))
    }

    fn send(&mut self, number: usize, id: u16, body: &[u8]) -> bool {
        let [delay, lose, cut] = self.faults;
        let (due, wire) = (self.now + self.random.below(delay + 1), &mut self.wires[number]);
        if wire.parcels.len() >= wire.room || wire.gone[1] {
            return false;
        }
        if lose > 0 && self.random.below(lose) == 0 {
            (self.lost, wire.missing) = (self.lost + 1, wire.missing + 1);
            return true;
        }
        let due = due.max(wire.parcels.back().map_or(0, |last| last.0));
        wire.parcels.push_back((due, id, mem::take(&mut wire.missing), body.to_vec()));
        if cut > 0 && self.random.below(cut) == 0 {
            wire.gone = [true, true];
        }
        true
    }
}

impl Wire {
    fn is_ready(&self, now: u64) -> bool {
        self.gone[1] || self.parcels.front().map_or(self.gone[0], |parcel| parcel.0 <= now)
    }
}

/// An end of a wire, which is gone when this is dropped: of which wire, which end, and what a receiver admits.
pub(crate) struct Side(Arc<Place>, usize, usize, Option<Admitted>);

impl Side {
    fn wire<T>(&self, change: impl FnOnce(&mut Wire) -> T) -> T {
        self.0.change(|net| change(&mut net.wires[self.1]))
    }

    fn look<T>(&self, look: impl FnOnce(&Wire) -> T) -> T {
        self.0.look(|net| look(&net.wires[self.1]))
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        self.wire(|wire| wire.gone[self.2] = true);
    }
}

/// Where to dial, the hello, the capacity of a wire, and the number of messages missing before the next wire.
pub(crate) struct ToyTx(Arc<Place>, Hello, usize, u64);
pub(crate) struct ToyRx(Arc<Place>);

impl Transport for Toy {
    /// How many parcels a wire holds; 0 is plenty.
    type Options = usize;
    type Tx = ToyTx;
    type Rx = ToyRx;
    fn dial(_: &LinkSpec, address: &Address, room: usize, hello: Hello, _: &Config) -> Result<ToyTx, LinkError> {
        Ok(ToyTx(place(address.text()), hello, if room == 0 { 1 << 16 } else { room }, 0))
    }
    fn accept(_: &InputSpec, address: &Address, _: usize, _: &Hello, _: &Config) -> Result<ToyRx, LinkError> {
        let place = place(address.text());
        let is_free = place.change(|net| net.listening.replace(VecDeque::new()).is_none());
        is_free.then(|| ToyRx(Arc::clone(&place))).ok_or_else(|| LinkError::InUse { path: address.text().into() })
    }
}

impl Dial for ToyTx {
    type Dialing = Side;
    type Up = Side;
    type Answer = Acceptance;
    fn begin(&mut self) -> Result<Side, Failure> {
        let (hello, room) = (self.1.clone(), self.2);
        let wire = Wire { hello, answer: None, parcels: VecDeque::new(), room, missing: 0, gone: [false; 2] };
        self.0.change(|net| {
            let end = |end| Side(Arc::clone(&self.0), net.wires.len(), end, None);
            net.listening.as_mut().ok_or_else(|| Failure::attempt("nobody listens"))?.push_back(end(1));
            let end = end(0);
            net.wires.push(wire);
            Ok(end)
        })
    }
    fn step(&mut self, side: Side) -> Result<Progress<Self>, Failure> {
        let (answer, is_over) = side.look(|wire| (wire.answer.clone(), wire.gone[1]));
        match answer.map(|answer| Handshake::decode(&answer)).transpose()? {
            None if is_over => Err(Failure::attempt("the listener is gone")),
            None => Ok(Progress::Waiting(side)),
            Some(Handshake::Reject(refusal)) => Err(Failure::Refused(refusal)),
            Some(Handshake::Accept(theirs) | Handshake::Hello(theirs)) => {
                Ok(Progress::Done(side, compatible(&self.1, &theirs).map_err(Failure::Refused)?))
            }
        }
    }
}

impl Transmit for ToyTx {
    fn push(&mut self, side: &mut Side, id: u16, _: u16, body: &[u8]) -> bool {
        side.0.change(|net| net.send(side.1, id, body))
    }
    fn check(&mut self, side: &mut Side) -> Result<(), Broken> {
        side.look(|wire| if wire.gone[1] { Err(Broken::gone("the wire has ended")) } else { Ok(()) })
    }
    fn greeted(&mut self, side: &mut Side, acceptance: Acceptance, _: &Counters) -> Acceptance {
        side.wire(|wire| wire.missing += mem::take(&mut self.3));
        acceptance
    }
    fn unread(side: &Side) -> u64 {
        side.look(|wire| wire.parcels.len() as u64)
    }
    fn lost(&mut self, side: Side) {
        self.3 += side.look(|wire| wire.missing + wire.parcels.iter().map(|parcel| 1 + parcel.2).sum::<u64>());
    }
    fn note_lost(&mut self, side: Option<&mut Side>, messages: u64) {
        match side {
            Some(side) => side.wire(|wire| wire.missing += messages),
            None => self.3 += messages,
        }
    }
    fn wake(&mut self, waker: Option<&Waker>) {
        self.0.wake(self.1.session, waker);
    }
    fn wait_for_room(&mut self, side: &mut Side, timeout: Duration) {
        let has_room = |wire: &Wire| wire.gone[1] || wire.parcels.len() < wire.room;
        side.0.sleep(timeout, Net::advance, |net| has_room(&net.wires[side.1]));
    }
    fn wait_for_peer(&mut self, side: Option<&Side>, timeout: Duration) {
        let is_answered = |wire: &Wire| wire.answer.is_some() || wire.gone[1];
        self.0.sleep(timeout, Net::advance, |net| side.is_some_and(|side| is_answered(&net.wires[side.1])));
    }
}

impl RecvEnd for ToyRx {
    type Newcomer = Side;
    type Peer = Side;
    fn accept(&mut self, _: usize) -> Result<Accepted<Side>, Errno> {
        let newcomer = self.0.try_change(|net| net.listening.as_mut()?.pop_front()).ok_or(Errno::WOULDBLOCK)?;
        Ok(Accepted { newcomer, from: Ok(Remote::Address(([127, 0, 0, 1], 0).into())) })
    }
    fn hear(&mut self, newcomer: &mut Side) -> Heard {
        Heard::Hello(newcomer.look(|wire| wire.hello.clone()))
    }
    fn welcome(&mut self, newcomer: &mut Side, _: &Welcome, answer: &[u8]) -> Heard {
        newcomer.wire(|wire| wire.answer = Some(answer.to_vec()));
        Heard::Done
    }
    fn admit(&mut self, mut newcomer: Side, _: usize, welcome: Welcome, _: u64) -> Option<Side> {
        newcomer.3 = Some(Admitted::new(welcome));
        Some(newcomer)
    }
    fn dismiss(&mut self, newcomer: Side, rejection: Option<&[u8]>) {
        newcomer.wire(|wire| wire.answer = rejection.map(<[u8]>::to_vec));
    }
    fn wake(&mut self, waker: Option<&Waker>) {
        self.0.wake(0, waker);
    }
    fn wait(&mut self, timeout: Duration) -> io::Result<()> {
        self.0.sleep(timeout, Net::advance, Net::has_news);
        Ok(())
    }
}

impl Drop for ToyRx {
    fn drop(&mut self) {
        drop(self.0.change(|net| net.listening.take()));
    }
}

impl Peer for Side {
    fn receive(&mut self, budget: usize, counters: &Counters, delivery: &mut impl Deliver) -> (usize, Option<End>) {
        let (mut taken, mut end) = (Taken::new(counters), None);
        while taken.all() < budget && delivery.goes_on() && self.is_ready() {
            let parcel = self.wire(|wire| if wire.gone[1] { None } else { wire.parcels.pop_front() });
            let (Some((_, id, missing, body)), Some(admitted)) = (parcel, &mut self.3) else {
                end = Some(End::Left("the wire has ended".into()));
                break;
            };
            if !admitted.take(id, &body, missing, &mut taken, delivery, &mut end) {
                break;
            }
        }
        (taken.all(), end)
    }
    fn is_ready(&self) -> bool {
        self.0.look(|net| net.wires[self.1].is_ready(net.now))
    }
    fn untold_lost(&self) -> Option<u64> {
        Some(self.look(|wire| if wire.gone[1] { 0 } else { wire.missing }))
    }
}
