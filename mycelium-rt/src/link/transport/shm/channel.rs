//! The control socket of a link: it carries the handshake, then wake-ups, and its end is the peer's end.
//!
//! A wake-up is a packet on this socket and not an eventfd: a sleeper has to watch the socket anyway, to learn of the peer's
//! end, and a peer that holds a descriptor of ours could swallow the wake-ups of others. It costs no more than waking a
//! thread always costs.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, send, sendmsg,
};

use super::packet::WAKE_UP;
use crate::link::Interest;
use crate::sys::poll;
use crate::sys::process_of;

const SEND: SendFlags = SendFlags::NOSIGNAL.union(SendFlags::DONTWAIT);

/// A connected control socket.
#[derive(Debug)]
pub(super) struct Channel {
    socket: OwnedFd,
    /// The peer's process, as a second indication of its end: a forked child may keep the socket open. Not available on
    /// kernels before 6.5.
    process: Option<OwnedFd>,
}

/// The result of a receive.
#[derive(Debug)]
pub(super) enum Received {
    /// Nothing so far.
    Nothing,
    /// The peer is gone.
    End,
    /// A packet of this length, and the descriptor that came with it.
    Packet(usize, Option<OwnedFd>),
    /// A packet that was truncated, or with more than one descriptor.
    Malformed,
}

impl Channel {
    pub(super) fn new(socket: OwnedFd) -> Self {
        let process = process_of(&socket);
        Self { socket, process }
    }

    /// The process at the other end, if the kernel reports it.
    pub(super) fn process(&self) -> Option<BorrowedFd<'_>> {
        self.process.as_ref().map(AsFd::as_fd)
    }

    /// A copy of the socket.
    pub(super) fn socket(&self) -> io::Result<OwnedFd> {
        self.socket.try_clone()
    }

    /// Sends a packet as a whole, or fails.
    pub(super) fn send(&self, packet: &[u8], descriptor: Option<BorrowedFd<'_>>) -> io::Result<()> {
        let sent = match &descriptor {
            None => send(&self.socket, packet, SEND)?,
            Some(descriptor) => {
                let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
                let mut control = SendAncillaryBuffer::new(&mut space);
                let descriptors = [*descriptor];
                if !control.push(SendAncillaryMessage::ScmRights(&descriptors)) {
                    return Err(io::ErrorKind::InvalidInput.into());
                }
                sendmsg(&self.socket, &[IoSlice::new(packet)], &mut control, SEND)?
            }
        };
        if sent == packet.len() { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
    }

    /// Takes the next packet, if there is one.
    pub(super) fn receive(&self, into: &mut [u8]) -> io::Result<Received> {
        match self.receive_once(into) {
            // A peer that closed the socket without reading all of it causes this error before its last packets: those come
            // next.
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => match self.receive_once(into) {
                Ok(Received::Nothing) => Ok(Received::End),
                result => result,
            },
            result => result,
        }
    }

    fn receive_once(&self, into: &mut [u8]) -> io::Result<Received> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let flags = RecvFlags::DONTWAIT | RecvFlags::CMSG_CLOEXEC;
        let message = match recvmsg(&self.socket, &mut [IoSliceMut::new(into)], &mut control, flags) {
            Ok(message) => message,
            Err(Errno::WOULDBLOCK | Errno::INTR) => return Ok(Received::Nothing),
            Err(Errno::PIPE) => return Ok(Received::End),
            Err(error) => return Err(error.into()),
        };
        // All are taken over, so that unexpected ones are closed.
        let mut descriptors: Vec<OwnedFd> = Vec::new();
        for part in control.drain() {
            if let RecvAncillaryMessage::ScmRights(rights) = part {
                descriptors.extend(rights);
            }
        }
        if message.flags.intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC) || descriptors.len() > 1 {
            return Ok(Received::Malformed);
        }
        if message.bytes == 0 {
            return Ok(Received::End);
        }
        Ok(Received::Packet(message.bytes, descriptors.pop()))
    }

    /// Wakes a peer that sleeps. If the socket is full, enough wake-ups are waiting there; that a peer is gone is noticed
    /// elsewhere.
    pub(super) fn wake_peer(&self) {
        let _ = send(&self.socket, &WAKE_UP, SEND);
    }

    /// Reads wake-ups; returns false if the peer is gone.
    pub(super) fn read_wake_ups(&self) -> io::Result<bool> {
        // Bounded: what a peer sends faster than this reads is left for the next time.
        for _ in 0..64 {
            match self.receive(&mut [0; 2])? {
                Received::Nothing => return Ok(!self.process_has_ended()),
                Received::Packet(1, None) => {}
                Received::End => return Ok(false),
                Received::Packet(..) | Received::Malformed => {
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        "the peer sent something other than a wake-up",
                    ));
                }
            }
        }
        Ok(true)
    }

    /// Whether the kernel reports that the peer's process has ended.
    fn process_has_ended(&self) -> bool {
        let Some(process) = &self.process else { return false };
        poll(&mut [PollFd::new(process, PollFlags::IN)], Some(Duration::ZERO)).is_ok_and(|ready| ready)
    }

    /// What to wait for: wake-ups, or the peer's end.
    pub(super) fn interest(&self) -> Interest<'_> {
        Interest { descriptor: self.as_fd(), readable: true, writable: false }
    }

    /// Sleeps until the peer wakes this side, is gone, or the time is over.
    pub(super) fn sleep(&self, timeout: Duration) {
        // Errors (a signal, usually) end the sleep like everything else.
        let _ = match &self.process {
            Some(process) => poll(
                &mut [PollFd::new(&self.socket, PollFlags::IN), PollFd::new(process, PollFlags::IN)],
                Some(timeout),
            ),
            None => poll(&mut [PollFd::new(&self.socket, PollFlags::IN)], Some(timeout)),
        };
    }
}

impl AsFd for Channel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
