//! A connected stream that never blocks.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};

/// One end of a connection.
#[derive(Debug)]
pub(super) struct Socket(OwnedFd);

/// What came of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// So many bytes, at least one.
    Bytes(usize),
    /// Nothing now.
    Nothing,
    /// Nothing ever again: the peer closed its end.
    End,
}

impl Socket {
    pub(super) fn new(descriptor: OwnedFd) -> Self {
        Self(descriptor)
    }

    /// Reads into `space`, which must not be empty.
    pub(super) fn read(&self, space: &mut [u8]) -> io::Result<Read> {
        loop {
            match recv(&self.0, &mut *space, RecvFlags::DONTWAIT) {
                Ok((_, 0)) => return Ok(Read::End),
                Ok((_, count)) => return Ok(Read::Bytes(count)),
                Err(Errno::INTR) => {}
                Err(Errno::WOULDBLOCK) => return Ok(Read::Nothing),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Writes what the kernel takes of `bytes` now, which may be nothing.
    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match send(&self.0, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL) {
                Ok(count) => return Ok(count),
                Err(Errno::INTR) => {}
                Err(Errno::WOULDBLOCK) => return Ok(0),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
