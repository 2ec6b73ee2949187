//! A whole input, and a whole link, over shared memory whose other end sends arbitrary packets on the control socket and writes arbitrary bytes
//! to its half.

use std::io::IoSlice;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use mycelium_rt::link::{Address, InputSpec, LinkSpec, OnFull, Status};
use mycelium_rt::shm::{ShmInput, ShmLink, ShmOptions};
use mycelium_rt::wire::{Handshake, Hello, Role};
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, ftruncate, memfd_create};
use rustix::net::{
    AddressFamily, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketAddrUnix, SocketFlags, SocketType,
    accept_with, bind, connect, listen, sendmsg, socket_with,
};

use super::common::{BOTH, STEPS, TICK, config, is_whole, path};

const FLAGS: SocketFlags = SocketFlags::CLOEXEC.union(SocketFlags::NONBLOCK);
const SEALS: SealFlags = SealFlags::SHRINK.union(SealFlags::GROW).union(SealFlags::FUTURE_WRITE).union(SealFlags::SEAL);
/// The offsets of control words and slots in a half.
const LINES: u64 = 0x1000;
const SLOTS: u64 = 0x2000;
/// The head of a packet: `magic [u8; 8] | layout u32 | endian u16 | kind u16 | slots u32 | stride u32 | sleeps u64 | link u64`.
const HEAD: usize = 40;

/// The meaning of the bytes: input or link, the contents of the half, and packets with their descriptors.
struct Script<'a> {
    side: u8,
    /// Three lines of control words of 32 bytes each, then slots.
    memory: &'a [u8],
    packets: Vec<(u8, &'a [u8])>,
}

impl<'a> Script<'a> {
    fn read(data: &'a [u8]) -> Option<Self> {
        let (&side, rest) = data.split_first()?;
        let (memory, mut rest) = counted(rest)?;
        let mut packets = Vec::new();
        while let Some((&flags, after)) = rest.split_first()
            && let Some((packet, after)) = counted(after)
            && packets.len() < 8
        {
            packets.push((flags, packet));
            rest = after;
        }
        Some(Self { side, memory, packets })
    }
}

/// Bytes that follow after their number, or all if there are fewer.
fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = bytes.split_first_chunk()?;
    Some(rest.split_at(usize::from(u16::from_le_bytes(*len)).min(rest.len())))
}

/// Returns the number of received messages, or of established links.
pub fn run(data: &[u8]) -> usize {
    match Script::read(data) {
        Some(script) if script.side.is_multiple_of(2) => to_input(&script),
        Some(script) => to_link(&script),
        None => 0,
    }
}

fn to_input(script: &Script<'_>) -> usize {
    let path = path("shm");
    let spec = InputSpec::new("it", Address::shm("/"), "test", BOTH);
    let mut input = ShmInput::open(spec, ShmOptions::default(), &config(&path)).unwrap();
    let peer = socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, FLAGS, None).unwrap();
    connect(&peer, &SocketAddrUnix::new(&path).unwrap()).unwrap();
    let mut delivered = 0;
    let mut poll = |input: &mut ShmInput| {
        // After parking, the next poll reads the sockets, however recent the last read was.
        let _ = input.park();
        input.unpark();
        delivered += input.poll(|id, _, body| {
            assert!(is_whole(id, body));
            if body.first() == Some(&0xff) { Err("not allowed") } else { Ok(()) }
        });
        assert!(input.peers() <= 1);
    };
    poll(&mut input);
    for packet in &script.packets {
        send(&peer, packet, script.memory);
        poll(&mut input);
    }
    poll(&mut input);
    drop(peer);
    for step in 0.. {
        poll(&mut input);
        if input.peers() == 0 && input.timer().is_none() {
            break;
        }
        assert!(step < STEPS, "the peer has gone, and its link stays");
    }
    let stats = input.stats();
    assert!(stats.received as usize == delivered && stats.connects == stats.disconnects && stats.connects <= 1);
    delivered
}

fn to_link(script: &Script<'_>) -> usize {
    let path = path("shm");
    let listener = listener(&path);
    let spec = LinkSpec { on_full: OnFull::DropNewest, ..LinkSpec::new("it", Address::shm("/"), "test", BOTH) };
    let mut link = ShmLink::open(spec, ShmOptions { slots: 4, ..ShmOptions::default() }, &config(&path)).unwrap();
    let peer = accept_with(&listener, FLAGS).unwrap();
    std::fs::remove_file(&path).unwrap();
    let step = |link: &mut ShmLink| {
        let _ = link.wait_for_peer(std::time::Instant::now());
        for _ in 0..3 {
            link.send_bytes(TICK.id, &[1; 8]).unwrap();
        }
        link.flush();
    };
    for packet in &script.packets {
        send(&peer, packet, script.memory);
        step(&mut link);
    }
    step(&mut link);
    drop(peer);
    for step in 0.. {
        // When the peer is gone, the link waits for an hour.
        let _ = link.wait_for_peer(std::time::Instant::now());
        let stats = link.stats();
        if stats.disconnects + stats.connect_failures + stats.corrupt + stats.refused > 0
            && link.status() != Status::Connected
        {
            break;
        }
        assert!(step < STEPS, "the peer has gone, and the link does not notice");
    }
    let stats = link.stats();
    assert!(stats.connects == stats.disconnects && stats.lost_in_flight <= stats.sent);
    stats.connects as usize
}

fn listener(path: &Path) -> OwnedFd {
    let socket = socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, FLAGS, None).unwrap();
    bind(&socket, &SocketAddrUnix::new(path).unwrap()).unwrap();
    listen(&socket, 4).unwrap();
    socket
}

/// Sends a packet, with the descriptor that its flags ask for. It is lost if the other end no longer reads.
fn send(peer: &OwnedFd, (flags, packet): &(u8, &[u8]), memory: &[u8]) {
    let descriptor: Option<OwnedFd> = match flags % 4 {
        0 => None,
        1 => Some(std::fs::File::open("/dev/null").unwrap().into()),
        2 => half(packet, memory, SEALS),
        _ => half(packet, memory, SEALS.difference(SealFlags::SHRINK)),
    };
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let descriptors = descriptor.as_ref().map(AsFd::as_fd);
    if let Some(descriptor) = &descriptors {
        assert!(control.push(SendAncillaryMessage::ScmRights(std::slice::from_ref(descriptor))));
    }
    let _ = sendmsg(peer, &[IoSlice::new(packet)], &mut control, SendFlags::NOSIGNAL | SendFlags::DONTWAIT);
}

/// A half with the ring and the link in the head of `packet`, if it is not too large.
fn half(packet: &[u8], memory: &[u8], seals: SealFlags) -> Option<OwnedFd> {
    let number = |at: usize| packet.get(at..at + 4).map(|it| u32::from_le_bytes(it.try_into().unwrap_or_default()));
    let (slots, stride) = (number(16)?, number(20)?);
    let bytes = u64::from(slots) * u64::from(stride);
    let size = (SLOTS + if bytes <= 1 << 16 { bytes } else { 0 }).next_multiple_of(0x1000);
    let file = memfd_create(c"fuzz", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING).unwrap();
    ftruncate(&file, size).unwrap();
    let file = std::fs::File::from(file);
    let write = |bytes: &[u8], at: u64| {
        let room = usize::try_from(size.saturating_sub(at)).unwrap_or(usize::MAX);
        std::os::unix::fs::FileExt::write_all_at(&file, &bytes[..bytes.len().min(room)], at).unwrap();
    };
    // Written, not only reserved: memory that was never written counts as a hole.
    write(&vec![0; size as usize], 0);
    let (endian, arena) = (0x0102_0304_u32.to_le_bytes(), [0; 8]);
    let header = [&b"myc-half"[..], &2_u32.to_le_bytes(), &endian, packet.get(16..24)?, &arena, packet.get(32..HEAD)?];
    write(&header.concat(), 0);
    let mut rest = memory;
    for line in 0..3 {
        let (words, after) = rest.split_at(rest.len().min(32));
        write(words, LINES + 0x80 * line);
        rest = after;
    }
    write(rest, SLOTS);
    fcntl_add_seals(&file, seals).unwrap();
    Some(file.into())
}

/// Accepted bytes.
pub fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let head = |kind: u16, slots: u32, stride: u32, link: u64| {
        let (layout, endian, sleeps) = (2_u32.to_le_bytes(), 0x0102_u16.to_le_bytes(), 1_u64.to_le_bytes());
        let (slots, stride) = (slots.to_le_bytes(), stride.to_le_bytes());
        [b"myc-shm\0", &layout[..], &endian, &kind.to_le_bytes(), &slots, &stride, &sleeps, &link.to_le_bytes()]
            .concat()
    };
    let hello = |role| Hello::new(role, "test", BOTH).expect("sound messages");
    let with = |head: Vec<u8>, part: Handshake| [head, part.encode().expect("it fits in")].concat();
    let slot = |number: u64, id: u64, body: &[u8]| {
        let mut slot = [(number + 1).to_le_bytes(), (body.len() as u64 | id << 32).to_le_bytes()].concat();
        slot.extend(body);
        slot.resize(128, 0);
        slot
    };
    let counted = |bytes: &[u8]| [&(bytes.len() as u16).to_le_bytes()[..], bytes].concat();
    let script = |side: u8, memory: Vec<u8>, packets: &[(u8, Vec<u8>)]| {
        let packets = packets.iter().flat_map(|(flags, packet)| [vec![*flags], counted(packet)].concat());
        [vec![side], counted(&memory)].concat().into_iter().chain(packets).collect::<Vec<u8>>()
    };
    let sender = [
        (0, with(head(1, 4, 128, 0), Handshake::Hello(hello(Role::Sender)))),
        (2, head(4, 4, 128, 1)),
        (0, head(5, 0, 0, 1)),
        (0, vec![0xb1]),
    ];
    let receiver = [
        (0, with(head(2, 0, 0, 9), Handshake::Accept(hello(Role::Receiver)))),
        (2, head(4, 0, 0, 9)),
        (0, head(5, 0, 0, 9)),
        (0, vec![0xb1]),
    ];
    // In the order of slots, which differs from that of messages.
    let messages = [slot(0, 7, &[5; 8]), slot(1, 9, &[6; 13]), slot(3, 7, &[1; 8]), slot(2, 7, &[0; 8])].concat();
    vec![
        ("input", script(0, [vec![0; 96], messages.clone()].concat(), &sender)),
        ("input-lies", script(0, [vec![0; 96], messages, slot(4, 8, &[1; 40])].concat(), &sender)),
        ("link", script(1, vec![0; 96], &receiver)),
        ("link-read", script(1, [vec![0; 32], 2_u64.to_le_bytes().to_vec()].concat(), &receiver)),
    ]
}
