//! The receiving end of shared memory: a listening socket, and the peers whose rings it reads.

use std::borrow::Cow;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::{SocketFlags, SocketType, accept_with};

use super::ShmOptions;
use super::channel::Channel;
use super::half_pool::{HalfPool, PooledHalf};
use super::handshake::{Newcomer, Offer};
use super::packet::MAX_PACKET;
use super::tx::digest;
use crate::link::delivery::{Admitted, Deliver, Taken};
use crate::link::poll_throttle::PollThrottle;
use crate::link::sessions::Plausible;
use crate::link::transport::readiness::Readiness;
use crate::link::transport::receive::{Accepted, End, Event, Heard, Peer, RecvEnd, Remote};
use crate::link::transport::unix::UnixListener;
use crate::link::unknown::Welcome;
use crate::link::{Address, Config, ConfigError, Counters, InputSpec, LinkError};
use crate::ring::parts::{Copied, Deadline, PollError, Reader, spin_until};
use crate::sys::user_of;
use crate::wire::Hello;

/// Halves that are kept for senders which do not notice that their connection is over, before one is reused nevertheless.
const MAX_STALE: usize = 64;

/// Connections that the kernel keeps until they are accepted.
const BACKLOG: i32 = 64;

/// A listening socket, and what the kernel reports about all control sockets.
#[derive(Debug)]
pub struct ShmRx {
    listener: UnixListener,
    offer: Offer,
    next_link: u64,
    spin: bool,
    poll_throttle: PollThrottle,
    readiness: Readiness,
    /// The buffer for packets. They arrive whole, so nothing is kept between two reads.
    buffer: Box<[u8]>,
}

impl ShmRx {
    pub(super) fn bind(
        spec: &InputSpec,
        address: &Address,
        options: ShmOptions,
        hello: &Hello,
        config: &Config,
    ) -> Result<Self, LinkError> {
        let Address::Shm(path) = address else {
            let reason = format!("{address} is not the address of shared memory");
            return Err(ConfigError::Contract { link: spec.name.to_owned(), reason }.into());
        };
        let listener = UnixListener::bind(spec.name, Path::new(&**path), SocketType::SEQPACKET, BACKLOG)?;
        let readiness = Readiness::listening([listener.as_fd()]).map_err(|source| LinkError::Io {
            link: spec.name.to_owned(),
            action: "wait for",
            address: address.to_string(),
            source,
        })?;
        let limits = config.get_limits();
        let half_pool = HalfPool::new(digest(hello), None, limits.connections.saturating_add(MAX_STALE));
        Ok(Self {
            listener,
            offer: Offer { sleeps: !options.spin, max_ring_bytes: limits.ring_bytes, half_pool },
            next_link: 1,
            spin: options.spin,
            poll_throttle: PollThrottle::new(),
            readiness,
            buffer: vec![0; MAX_PACKET].into_boxed_slice(),
        })
    }

    fn newcomer(&mut self, socket: OwnedFd) -> Result<Accepted<Newcomer>, Errno> {
        self.readiness.watch(socket.as_fd(), Event::Newcomer)?;
        let from = user_of(&socket).map(Remote::User);
        let newcomer = Newcomer::new(socket, self.next_link);
        self.next_link += 1;
        Ok(Accepted { newcomer, from })
    }

    /// Reports what happens to a newcomer as that of the peer at `place`.
    fn rename(&mut self, newcomer: &Newcomer, place: usize) -> Result<(), Errno> {
        self.readiness.rename(newcomer.as_fd(), Event::Peer(place))?;
        newcomer.process().map_or(Ok(()), |process| self.readiness.watch(process, Event::Peer(place)))
    }
}

impl RecvEnd for ShmRx {
    type Newcomer = Newcomer;
    type Peer = ShmPeer;

    fn accept(&mut self, _: usize) -> Result<Accepted<Newcomer>, Errno> {
        let socket = accept_with(&self.listener, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK)?;
        self.newcomer(socket)
    }

    fn set_listening(&mut self, _: usize, on: bool) {
        self.readiness.set_listening(self.listener.as_fd(), on);
    }

    fn hear(&mut self, newcomer: &mut Newcomer) -> Heard {
        newcomer.hear(&self.offer, &mut self.buffer)
    }

    fn welcome(&mut self, newcomer: &mut Newcomer, welcome: &Welcome, answer: &[u8]) -> Heard {
        newcomer.welcome(welcome, answer, &self.offer)
    }

    /// Each connection has a new ring, which reports by itself what is missing: no number is needed.
    fn admit(&mut self, newcomer: Newcomer, place: usize, welcome: Welcome, _: u64) -> Option<ShmPeer> {
        if self.rename(&newcomer, place).is_err() {
            self.dismiss(newcomer, None);
            return None;
        }
        newcomer.into_peer(welcome)
    }

    /// A half that is kept until the other end of its connection is gone has a copy of the socket, whose end would interrupt
    /// every sleep from then on.
    fn dismiss(&mut self, newcomer: Newcomer, rejection: Option<&[u8]>) {
        if let Some(rejection) = rejection {
            newcomer.reject(rejection);
        }
        self.readiness.forget(newcomer.as_fd());
    }

    fn close(&mut self, peer: ShmPeer) {
        self.readiness.forget(peer.channel().as_fd());
    }

    #[inline(always)]
    fn is_look_due(&mut self, _: usize) -> bool {
        self.poll_throttle.is_due()
    }

    fn hurry(&mut self) {
        self.poll_throttle.hurry();
    }

    fn look(&mut self) -> io::Result<bool> {
        self.readiness.ask(Duration::ZERO)?;
        Ok(self.readiness.has_newcomer())
    }

    fn wait(&mut self, timeout: Duration) -> io::Result<()> {
        // Whatever ends the sleep, the next poll looks at it.
        self.poll_throttle.hurry();
        self.readiness.ask(timeout)
    }

    fn park<'a>(&'a mut self, readable: impl FnMut(BorrowedFd<'a>)) {
        self.readiness.park(readable);
    }

    fn event(&self, at: usize) -> Option<Event> {
        self.readiness.event(at)
    }

    /// Spins for 20 µs, or always if the input was told to spin.
    fn spin(&self, timeout: Duration, is_ready: impl Fn() -> bool) -> bool {
        spin_until(&Deadline::after(Some(timeout)), &is_ready);
        !self.spin && !is_ready()
    }
}

impl AsFd for ShmRx {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.readiness.as_fd()
    }
}

/// One link after its handshake.
pub struct ShmPeer {
    channel: Channel,
    reader: Reader<Copied>,
    admitted: Admitted,
    /// The number of messages that slots have reported as lost.
    lost: u64,
    plausible: Plausible,
    /// Once the peer is gone: how many messages its ring can still hold.
    left: Option<usize>,
    /// Returned when the peer is gone.
    _half: PooledHalf,
}

impl ShmPeer {
    pub(super) fn new(channel: Channel, welcome: Welcome, reader: Reader<Copied>, half: PooledHalf) -> Self {
        let plausible = Plausible::new(0, Instant::now());
        Self { channel, reader, admitted: Admitted::new(welcome), lost: 0, plausible, left: None, _half: half }
    }

    pub(super) fn channel(&self) -> &Channel {
        &self.channel
    }

    /// Whether a peer that is gone has nothing left. It cannot go on for longer than its ring is long, whatever it writes.
    #[inline]
    fn is_drained(&mut self, delivered: usize) -> bool {
        match &mut self.left {
            None => false,
            Some(left) => {
                *left = left.saturating_sub(delivered);
                delivered == 0 || *left == 0
            }
        }
    }
}

impl Peer for ShmPeer {
    /// A sender that makes another ring counts what it leaves in the previous one as lost, and reports it through the new
    /// one.
    const LAST_TURNS: usize = 0;

    #[inline]
    fn receive(&mut self, budget: usize, counters: &Counters, delivery: &mut impl Deliver) -> (usize, Option<End>) {
        if !delivery.goes_on() {
            return (0, None);
        }
        let max = self.left.map_or(budget, |left| left.min(budget));
        let Self { reader, admitted, lost, .. } = self;
        let mut taken = Taken::new(counters).with_lost(lost);
        // Not in the result: one as large as an `End` would be moved with each message.
        let mut end = None;
        let result = reader.poll(max, |frame| {
            let gap = u64::from(frame.lost);
            let goes_on = admitted.take(frame.type_id, frame.body, gap, &mut taken, delivery, &mut end);
            if goes_on { Ok(()) } else { Err(()) }
        });
        let delivered = taken.all();
        drop(taken);
        if self.reader.take_wake_due() {
            self.channel.wake_peer();
        }
        match result {
            Ok(_) => (delivered, self.is_drained(delivered).then(gone)),
            Err(PollError::Corrupt(corrupt)) => {
                (delivered, Some(End::Corrupt(format!("the ring is corrupt: {corrupt}"))))
            }
            Err(PollError::Refused(())) => (delivered, end),
        }
    }

    /// Reads wake-ups, and learns that the peer has ended.
    fn listen(&mut self) -> Result<(), End> {
        match self.channel.read_wake_ups() {
            Ok(true) => {}
            Ok(false) if self.left.is_none() => self.left = Some(self.reader.slots()),
            Ok(false) => {}
            Err(error) => return Err(End::Corrupt(error.to_string())),
        }
        Ok(())
    }

    fn is_ready(&self) -> bool {
        self.left.is_some() || !matches!(self.reader.has_message(), Ok(false))
    }

    fn park(&mut self) {
        let _ = self.reader.begin_park();
        if self.reader.take_wake_due() {
            self.channel.wake_peer();
        }
    }

    fn unpark(&mut self) {
        self.reader.end_park();
    }

    fn delivered(&self) -> u64 {
        self.reader.taken()
    }

    /// Those that were dropped after the last message.
    fn untold_lost(&self) -> Option<u64> {
        let total = self.reader.lost_total();
        (total < self.plausible.limit(Instant::now())).then(|| total.saturating_sub(self.lost))
    }
}

#[cold]
fn gone() -> End {
    End::Left(Cow::Borrowed("the peer is gone"))
}

#[cfg(test)]
mod tests {
    use rustix::event::{EventfdFlags, eventfd};

    use super::*;
    use crate::link::handshakes::{Handshakes, Terms};
    use crate::link::{Counters, Limits, Unknown, Users};
    use crate::notice::Notices;
    use crate::wire::Role;

    #[test]
    fn a_peer_without_credentials_is_counted_and_refused() {
        let path = std::env::temp_dir().join(format!("mycelium-rx-{}", std::process::id()));
        let (spec, address) =
            (InputSpec::new("orders", Address::shm("/"), "", &[]), path.to_string_lossy().into_owned());
        let hello = Hello::new(Role::Receiver, "", &[]).unwrap();
        let mut end =
            ShmRx::bind(&spec, &Address::Shm(address.into()), ShmOptions::default(), &hello, &Config::new()).unwrap();
        let (terms, counters) = (Terms { hello, unknown: Unknown::Refuse }, Counters::default());
        let limits = (Limits::default(), Users::Same);
        let mut handshakes = Handshakes::new("orders", 1, terms, limits, Notices::default(), counters.clone());
        // Something that is no socket: it has no other end.
        let newcomer = end.newcomer(eventfd(0, EventfdFlags::CLOEXEC).unwrap()).unwrap();
        handshakes.begin(newcomer, &mut end);
        assert_eq!((counters.accept_failures.get(), handshakes.timer()), (1, None));
    }
}
