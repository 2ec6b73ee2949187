//! Where connections come from: dialled by a link, accepted by an input.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::sockopt::socket_error;
use rustix::net::{SocketFlags, SocketType, acceptfrom_with, getsockname};

use super::socket::Socket;
use crate::link::address::resolve;
use crate::link::unix::{self, UnixListener};
use crate::link::{Address, ConfigError, LinkError, Users, tcp};

/// Connections that the kernel keeps for an input before it accepts them.
const BACKLOG: i32 = 128;

/// Dials the address of a link.
#[derive(Debug)]
pub(super) enum Dialer {
    Unix { path: PathBuf, users: Users },
    Tcp { addresses: Vec<SocketAddr>, next: usize },
}

/// Accepts connections at the address of an input.
#[derive(Debug)]
pub(super) enum Listener {
    Unix { listener: UnixListener, users: Users },
    Tcp { socket: OwnedFd },
}

impl Dialer {
    pub(super) fn new(link: &str, address: &Address, insecure: bool, users: &Users) -> Result<Self, LinkError> {
        match address {
            Address::Unix(path) => Ok(Self::Unix { path: PathBuf::from(&**path), users: users.clone() }),
            Address::Tcp(text) => Ok(Self::Tcp { addresses: resolve(link, text, insecure)?, next: 0 }),
            Address::Shm(_) => Err(no_stream(link, address)),
        }
    }

    /// A socket that is connecting, or connected already.
    pub(super) fn dial(&mut self) -> io::Result<Socket> {
        match self {
            Self::Unix { path, .. } => unix::dial(path, SocketType::STREAM).map(Socket::new),
            Self::Tcp { addresses, next } => {
                let address = addresses.get(*next % addresses.len().max(1)).copied();
                *next = next.wrapping_add(1);
                tcp::dial(address.ok_or(io::ErrorKind::AddrNotAvailable)?).map(Socket::new)
            }
        }
    }

    /// Whether `socket` is connected by now.
    pub(super) fn is_connected(&self, socket: &Socket) -> io::Result<bool> {
        let mut descriptors = [PollFd::new(socket, PollFlags::OUT)];
        if poll(&mut descriptors, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }))? == 0 {
            return Ok(false);
        }
        socket_error(socket)??;
        Ok(true)
    }

    /// Whether the peer's user may be talked to.
    pub(super) fn is_allowed(&self, socket: &Socket) -> io::Result<bool> {
        match self {
            Self::Unix { users, .. } => unix::is_allowed(socket, users),
            Self::Tcp { .. } => Ok(true),
        }
    }
}

/// A connection that was accepted.
pub(super) struct Accepted {
    pub(super) socket: Socket,
    /// Whether the peer's user may talk to us.
    pub(super) allowed: bool,
    /// Where it came from, for logs.
    pub(super) from: Option<SocketAddr>,
}

impl Listener {
    pub(super) fn bind(link: &str, address: &Address, insecure: bool, users: &Users) -> Result<Self, LinkError> {
        match address {
            Address::Unix(path) => {
                let listener = UnixListener::bind(link, Path::new(&**path), SocketType::STREAM, BACKLOG)?;
                Ok(Self::Unix { listener, users: users.clone() })
            }
            Address::Tcp(text) => {
                let failed = |source| {
                    let (link, address) = (link.to_owned(), text.clone().into_owned());
                    LinkError::Io { link, action: "bind", address, source }
                };
                let found = resolve(link, text, insecure)?;
                let first = found.first().ok_or_else(|| failed(io::ErrorKind::AddrNotAvailable.into()))?;
                Ok(Self::Tcp { socket: tcp::listener(*first, BACKLOG).map_err(failed)? })
            }
            Address::Shm(_) => Err(no_stream(link, address)),
        }
    }

    /// The next connection that waits.
    ///
    /// # Errors
    /// Those of the system call; `WOULDBLOCK` if none waits.
    pub(super) fn accept(&self) -> Result<Accepted, Errno> {
        let (descriptor, from) = acceptfrom_with(self, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK)?;
        let socket = Socket::new(descriptor);
        let (allowed, from) = match self {
            Self::Unix { users, .. } => (unix::is_allowed(&socket, users).unwrap_or(false), None),
            Self::Tcp { .. } => {
                // One on which that fails is broken, and found out when it is read.
                let _ = tcp::set_no_delay(&socket);
                (true, from.and_then(|from| SocketAddr::try_from(from).ok()))
            }
        };
        Ok(Accepted { socket, allowed, from })
    }

    /// Where it listens, if that is a TCP address: the port is the kernel's choice where 0 was asked for.
    pub(super) fn local_address(&self) -> Option<SocketAddr> {
        match self {
            Self::Unix { .. } => None,
            Self::Tcp { socket } => SocketAddr::try_from(getsockname(socket).ok()?).ok(),
        }
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Unix { listener, .. } => listener.as_fd(),
            Self::Tcp { socket } => socket.as_fd(),
        }
    }
}

fn no_stream(link: &str, address: &Address) -> LinkError {
    let reason = format!("{address} is not the address of a stream");
    ConfigError::Contract { link: link.to_owned(), reason }.into()
}
