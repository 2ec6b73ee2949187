//! A connected stream that never blocks, encrypted or not.

use std::io;

use rustix::io::Errno;
use rustix::net::{RecvFlags, recv, send};

use super::plain::Plain;
use crate::link::Interest;
use crate::link::transport::tls::Encrypted;
use crate::sys::{AsFd, BorrowedFd, Handle, RECEIVE, SEND, handle};
use crate::wire::Refusal;

/// One end of a connection.
#[derive(Debug)]
pub enum Socket {
    Plain(Plain),
    Tls(Box<Encrypted>),
}

/// The result of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// This many bytes, at least one.
    Bytes(usize),
    /// Nothing now.
    Nothing,
    /// The end of the stream: the peer closed its side.
    End,
}

/// Why a connection can no longer be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SocketError {
    /// An error of the operating system.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// One side does not accept the other.
    #[error("{0}")]
    #[cfg_attr(not(feature = "tls"), expect(dead_code, reason = "only TLS asks who a peer is"))]
    Refused(Refusal),
    /// What arrived is not what the peer should have sent.
    #[error("{0}")]
    #[cfg_attr(not(feature = "tls"), expect(dead_code, reason = "only TLS looks at what arrives"))]
    Corrupt(String),
}

impl Socket {
    /// Reads into `space`, which must not be empty.
    #[inline]
    pub(super) fn read(&mut self, space: &mut [u8]) -> Result<Read, SocketError> {
        match self {
            Self::Plain(plain) => Ok(plain.read(space)?),
            Self::Tls(encrypted) => encrypted.read(space),
        }
    }

    /// From now on, a lone message is read before it is [acknowledged](Plain::acknowledge_late), if the socket supports it.
    pub(super) fn acknowledge_late(&mut self) {
        if let Self::Plain(plain) = self {
            plain.acknowledge_late();
        }
    }

    /// Call this before the owner sleeps until there is something to read: the kernel does not know what was read already.
    #[inline]
    pub(super) fn consume_peeked(&mut self) {
        if let Self::Plain(plain) = self {
            plain.consume_peeked();
        }
    }

    /// Writes as much of `bytes` as is taken now, which may be nothing. The rest must be offered again before anything else:
    /// a socket may have [begun](Self::claimed) to write it.
    #[inline]
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<usize, SocketError> {
        match self {
            Self::Plain(plain) => Ok(transmit(plain.as_fd(), bytes)?),
            Self::Tls(encrypted) => encrypted.write(bytes),
        }
    }

    /// The number of bytes after those taken that can no longer be withdrawn.
    pub(super) fn claimed(&self) -> usize {
        match self {
            Self::Plain(_) => 0,
            Self::Tls(encrypted) => encrypted.claimed(),
        }
    }

    /// Whether there are bytes to read that the kernel does not know of.
    pub(super) fn has_bytes(&self) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Tls(encrypted) => encrypted.has_bytes(),
        }
    }

    /// What to wait for: something to read, and room to write if the owner has `unwritten` bytes.
    pub(super) fn interest(&self, unwritten: bool) -> Interest<'_> {
        Interest { descriptor: self.as_fd(), readable: true, writable: self.wants_room(unwritten) }
    }

    /// Whether to wait for room to write, depending on whether the owner has unwritten bytes.
    fn wants_room(&self, unwritten: bool) -> bool {
        match self {
            Self::Plain(_) => unwritten,
            Self::Tls(encrypted) => encrypted.wants_room(unwritten),
        }
    }
}

impl Socket {
    /// The descriptor, for who watches many of them.
    pub(super) fn handle(&self) -> Handle<'_> {
        match self {
            Self::Plain(plain) => handle(plain.descriptor()),
            Self::Tls(encrypted) => handle(encrypted.descriptor()),
        }
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Plain(plain) => plain.as_fd(),
            Self::Tls(encrypted) => encrypted.as_fd(),
        }
    }
}

/// Reads what the kernel has.
pub(crate) fn receive(descriptor: BorrowedFd<'_>, space: &mut [u8]) -> io::Result<Read> {
    receive_with(descriptor, space, RecvFlags::empty())
}

/// As [`receive`], with flags besides.
pub(super) fn receive_with(descriptor: BorrowedFd<'_>, space: &mut [u8], flags: RecvFlags) -> io::Result<Read> {
    loop {
        match recv(descriptor, &mut *space, flags | RECEIVE) {
            Ok((_, 0)) => return Ok(Read::End),
            Ok((_, count)) => return Ok(Read::Bytes(count)),
            Err(Errno::INTR) => {}
            Err(Errno::WOULDBLOCK) => return Ok(Read::Nothing),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Writes what the kernel takes.
pub(crate) fn transmit(descriptor: BorrowedFd<'_>, bytes: &[u8]) -> io::Result<usize> {
    loop {
        match send(descriptor, bytes, SEND) {
            Ok(count) => return Ok(count),
            Err(Errno::INTR) => {}
            Err(Errno::WOULDBLOCK) => return Ok(0),
            Err(error) => return Err(error.into()),
        }
    }
}
