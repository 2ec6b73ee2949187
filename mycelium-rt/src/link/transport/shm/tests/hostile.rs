//! Peers that break every rule: nothing but their own link suffers.

use std::convert::Infallible;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use memmap2::MmapOptions;
use proptest::prelude::*;
use rustix::net::SocketType;

use super::*;
use crate::link::transport::shm::channel::{Channel, Received};
use crate::link::transport::shm::packet::{Head, Kind, MAX_PACKET};
use crate::link::transport::unix;
use crate::ring::Geometry;
use crate::shared_memory::half::{OwnHalf, half_size, word};
use crate::wire::{Handshake, Hello, Role};

/// A small random number generator (xorshift64), so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// A connection that looks like any sender to the input, and whose memory this side can overwrite.
struct Impostor {
    channel: Channel,
    /// A writable mapping from before the seals.
    memory: memmap2::MmapRaw,
    file: OwnedFd,
}

pub(super) fn ring() -> Geometry {
    Geometry::new(16, 600).unwrap()
}

pub(super) fn receive(channel: &Channel, input: &mut ShmInput) -> (usize, Option<OwnedFd>, Vec<u8>) {
    let mut buffer = vec![0; MAX_PACKET];
    let mut got = None;
    until("packet", || {
        take(input);
        match channel.receive(&mut buffer).unwrap() {
            Received::Packet(len, descriptor) => got = Some((len, descriptor)),
            Received::Nothing => {}
            other => panic!("{other:?}"),
        }
        got.is_some()
    });
    let (len, descriptor) = got.unwrap();
    (len, descriptor, buffer)
}

impl Impostor {
    fn new(place: &Place, input: &mut ShmInput) -> Self {
        Self::of_session(place, input, 0)
    }

    /// One that claims to continue an earlier link of this session; 0 is none.
    fn of_session(place: &Place, input: &mut ShmInput, session: u64) -> Self {
        let (impostor, link) = Self::half_way(place, input, session);
        let channel = &impostor.channel;
        channel.send(&Head::new(Kind::Ready, None, true, link).with(&[]), None).unwrap();
        let connects = input.stats().connects;
        until("admission", || {
            take(input);
            input.stats().connects > connects
        });
        impostor
    }

    /// One that has got the input's half, and the number of its link.
    fn half_way(place: &Place, input: &mut ShmInput, session: u64) -> (Self, u64) {
        let channel = Channel::new(unix::dial(&place.0, SocketType::SEQPACKET).unwrap());
        let hello = Hello { session, ..Hello::new(Role::Sender, "demo", BOTH).unwrap() };
        let hello = Handshake::Hello(hello).encode().unwrap();
        channel.send(&Head::new(Kind::Hello, Some(ring()), true, 0).with(&hello), None).unwrap();
        let (len, _, buffer) = receive(&channel, input);
        let link = Head::parse(&buffer[..len]).unwrap().0.link();
        let (memory, file) = forged_half(link);
        let half = Head::new(Kind::Half, Some(ring()), true, link).with(&[]);
        channel.send(&half, Some(std::os::fd::AsFd::as_fd(&file))).unwrap();
        receive(&channel, input);
        receive(&channel, input);
        (Self { channel, memory, file }, link)
    }

    fn word(&self, offset: usize) -> &AtomicU64 {
        word(&self.memory, offset)
    }
}

#[test]
fn a_sender_that_returns_before_its_end_is_noticed_takes_its_own_place() {
    let place = Place::new();
    let limits = Limits { connections: 1, ..Limits::default() };
    let mut input = place.input_of(BOTH, &place.config().limits(limits));
    let _first = Impostor::of_session(&place, &mut input, 7);
    let _second = Impostor::of_session(&place, &mut input, 7);
    let stats = input.stats();
    assert_eq!((input.peers(), stats.connects, stats.reconnects, stats.refused_busy), (1, 2, 1, 0));
    // It does not get the place of another sender.
    let mut other = place.link(OnFull::Error, 4);
    until("refusal", || {
        take(&mut input);
        other.poll() == crate::link::Status::Refused
    });
    assert_eq!(input.peers(), 1);
}

/// A half as the handshake requires it, with a writable mapping that the seals do not affect.
pub(super) fn forged_half(link: u64) -> (memmap2::MmapRaw, OwnedFd) {
    use rustix::fs::{FallocateFlags, MemfdFlags, SealFlags, fallocate, fcntl_add_seals, ftruncate, memfd_create};
    let honest = OwnHalf::create(Some(ring()), Some(ring()), link, 0).unwrap();
    let size = half_size(Some(ring()));
    let mut page = vec![0; 64];
    rustix::io::pread(honest.descriptor(), &mut page, 0).unwrap();
    let file = memfd_create(c"forged", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING).unwrap();
    ftruncate(&file, size as u64).unwrap();
    fallocate(&file, FallocateFlags::empty(), 0, size as u64).unwrap();
    rustix::io::pwrite(&file, &page, 0).unwrap();
    let memory = MmapOptions::new().populate().len(size).map_raw(&file).unwrap();
    fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW | SealFlags::FUTURE_WRITE | SealFlags::SEAL).unwrap();
    (memory, file)
}

/// The last word of a peer, which goes into a counter.
#[test]
fn implausible_losses_are_not_counted() {
    const LOST: usize = 0x1000 + 24;
    for (lost, gaps, corrupt) in [(0, 0, 0), (1000, 1000, 0), (1 << 60, 0, 1), (u64::MAX, 0, 1)] {
        let place = Place::new();
        let mut input = place.input();
        let impostor = Impostor::new(&place, &mut input);
        impostor.word(LOST).store(lost, Ordering::Relaxed);
        drop(impostor);
        super::until("impostor gone", || {
            take(&mut input);
            input.peers() == 0
        });
        assert_eq!((input.stats().gaps, input.stats().corrupt), (gaps, corrupt), "{lost}");
    }
}

#[test]
fn random_words_all_over_the_half_close_the_link_and_nothing_else() {
    let place = Place::new();
    let mut input = place.input();
    let mut honest = place.link(OnFull::Error, 64);
    connect(&mut honest, &mut input);
    let (mut sent, mut received, mut from_impostors, mut closed) = (0_u64, 0_u64, 0_u64, 0_u64);
    const IMPOSTORS: u64 = 50;
    for number in 0..IMPOSTORS {
        let seed = 0x9e37_79b9_7f4a_7c15 + number;
        let impostor = Arc::new(Impostor::new(&place, &mut input));
        let stop = Arc::new(AtomicBool::new(false));
        let scribbler = {
            let (impostor, stop) = (impostor.clone(), stop.clone());
            thread::spawn(move || scribble(&impostor, Random(seed), &stop))
        };
        let until = Instant::now() + Duration::from_millis(50);
        while input.peers() == 2 && Instant::now() < until {
            // Only what found a free slot counts as sent.
            sent += u64::from(send(&mut honest, sent).is_ok());
            input.poll(|id, _, body| {
                assert_eq!(body.len(), if id == 7 { 8 } else { 600 });
                match id == 7 && body == received.to_le_bytes() {
                    true => received += 1,
                    false => from_impostors += 1,
                }
                Ok::<(), Infallible>(())
            });
        }
        closed += u64::from(input.peers() == 1);
        stop.store(true, Ordering::Relaxed);
        scribbler.join().unwrap();
        drop(impostor);
        super::until("impostor gone", || {
            input.poll(|id, _, body| {
                received += u64::from(id == 7 && body == received.to_le_bytes());
                Ok::<(), Infallible>(())
            });
            input.peers() == 1
        });
    }
    assert_eq!(received, sent, "of the honest peer; {from_impostors} messages of impostors, {closed} closed");
    assert!(honest.is_connected());
    let stats = input.stats();
    // Some are detected only in their last words, after the count.
    assert!(closed > 0 && stats.corrupt + stats.unlisted >= closed, "{closed} closed: {stats:?}");
    assert_eq!(stats.disconnects, IMPOSTORS);
}

/// Writes likely and unlikely values to all words except the header, which is read only once.
fn scribble(impostor: &Impostor, mut random: Random, stop: &AtomicBool) {
    let slots = 0x2000;
    let (stride, count) = (ring().stride(), ring().slots());
    let plausible = random.below(4) != 0;
    let mut sequence = 0_u64;
    while !stop.load(Ordering::Relaxed) {
        let slot = slots + Geometry::place(sequence, count as u64 - 1) * stride;
        if plausible {
            // Almost right: true commit words over heads and bodies that change all the time.
            let (id, len) = if random.below(2) == 0 { (7, 8) } else { (9, 600) };
            impostor.word(slot + 8).store(len | id << 32 | random.below(3) << 48, Ordering::Relaxed);
            for _ in 0..random.below(20) {
                impostor.word(slot + 16 + random.below(75) as usize * 8).store(random.next(), Ordering::Relaxed);
            }
            sequence += 1;
            impostor.word(slot).store(sequence, Ordering::Release);
            if random.below(300) == 0 {
                impostor.word(slot + 8).store(random.next(), Ordering::Relaxed);
            }
            if random.below(500) == 0 {
                impostor.word(slot).store(random.next(), Ordering::Relaxed);
            }
        } else {
            let offset = 0x1000 + random.below((impostor.memory.len() - 0x1000) as u64 / 8) as usize * 8;
            let value = match random.below(4) {
                0 => random.next(),
                1 => u64::MAX,
                2 => random.below(64),
                _ => 8 | 7 << 32,
            };
            impostor.word(offset).store(value, Ordering::Relaxed);
        }
        if random.below(50) == 0 {
            impostor.channel.wake_peer();
        }
    }
    let _ = &impostor.file;
}

#[test]
fn a_newcomer_that_is_gone_wakes_the_input_no_more() {
    let place = Place::new();
    let mut input = place.input();
    drop(Impostor::half_way(&place, &mut input, 0));
    until("it is given up", || {
        take(&mut input);
        input.timer().is_none()
    });
    assert_eq!((input.stats().connect_failures, sleeps_on(&mut input)), (1, true));
}

#[test]
fn packets_that_are_no_wake_ups_close_the_link() {
    let place = Place::new();
    let mut input = place.input();
    for packet in [b"xx".as_slice(), &[0; 4096]] {
        let impostor = Impostor::new(&place, &mut input);
        impostor.channel.send(packet, None).unwrap();
        until("closed", || {
            take(&mut input);
            input.peers() == 0
        });
    }
    let impostor = Impostor::new(&place, &mut input);
    impostor.channel.send(&[1], Some(std::os::fd::AsFd::as_fd(&impostor.file))).unwrap();
    until("closed", || {
        take(&mut input);
        input.peers() == 0
    });
    assert_eq!(input.stats().corrupt, 3);
}

#[test]
fn an_impostor_that_keeps_writing_after_it_left_is_not_read_for_ever() {
    let place = Place::new();
    let mut input = place.input();
    let impostor = Impostor::new(&place, &mut input);
    rustix::net::shutdown(&impostor.channel, rustix::net::Shutdown::Both).unwrap();
    let mut sequence = 0_u64;
    until("closed", || {
        // A message for every poll.
        let slot = 0x2000 + Geometry::place(sequence, ring().slots() as u64 - 1) * ring().stride();
        impostor.word(slot + 8).store(8 | 7 << 32, Ordering::Relaxed);
        sequence += 1;
        impostor.word(slot).store(sequence, Ordering::Release);
        take(&mut input);
        input.peers() == 0
    });
}

#[test]
fn broken_handshakes_are_each_counted_and_affect_no_other() {
    let place = Place::new();
    let mut input = place.input();
    let hello = Handshake::Hello(Hello::new(Role::Sender, "demo", BOTH).unwrap()).encode().unwrap();
    let good = Head::new(Kind::Hello, Some(ring()), true, 0).with(&hello);
    let mut random = Random(42);
    for round in 0..500 {
        let channel = Channel::new(unix::dial(&place.0, SocketType::SEQPACKET).unwrap());
        let mut packet = good.clone();
        match round % 4 {
            0 => {
                for _ in 0..=random.below(4) {
                    let at = random.below(packet.len() as u64) as usize;
                    packet[at] = random.next() as u8;
                }
            }
            1 => packet.truncate(random.below(packet.len() as u64) as usize + 1),
            2 => packet = (0..=random.below(2000)).map(|_| random.next() as u8).collect(),
            _ => packet.resize(MAX_PACKET + 1, 0),
        }
        let file = OwnHalf::create(None, None, 1, 0).unwrap();
        let _ = channel.send(&packet, (round % 3 == 0).then(|| file.descriptor()));
        let _ = channel.send(&Head::new(Kind::Half, Some(ring()), true, 1).with(&[]), Some(file.descriptor()));
        let _ = channel.send(&Head::new(Kind::Ready, None, true, 1).with(&[]), None);
        take(&mut input);
    }
    until("all gone", || {
        take(&mut input);
        input.timer().is_none()
    });
    let stats = input.stats();
    let ended = stats.corrupt + stats.refused + stats.connect_failures + stats.timed_out + stats.refused_busy;
    assert_eq!((input.peers(), ended), (0, 500), "{stats:?}");
    let mut link = place.link(OnFull::Error, 4);
    connect(&mut link, &mut input);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The other way round: a receiver that writes anything to the words that the sender reads.
    #[test]
    fn sender_survives_any_words_of_its_receiver(words in proptest::collection::vec((0..3_usize, any::<u64>()), 1..40)) {
        use crate::ring::parts::{Barrier};
        use crate::ring::{PushError};
        use crate::shared_memory::half::{PeerHalf, outgoing};
        let own = OwnHalf::create(Some(ring()), Some(ring()), 1, 0).unwrap();
        let peer = OwnHalf::create(None, None, 1, 0).unwrap();
        let file = peer.descriptor().try_clone_to_owned().unwrap();
        let memory = outgoing(&own, PeerHalf::open(&file, None, 1).unwrap(), ring()).unwrap();
        let mut writer = crate::ring::parts::Writer::new(memory, ring(), Barrier::Fence);
        for (line, value) in words {
            peer.scribble(0x1080 + line * 8, value);
            for _ in 0..4 {
                match writer.try_push(7, &[0; 8]) {
                    Ok(()) | Err(PushError::Full | PushError::Corrupt(_)) => {}
                    other => panic!("{other:?}"),
                }
            }
            writer.flush();
            prop_assert!(writer.unread() <= writer.committed());
        }
    }
}
