//! Where connections come from: dialed by a link, accepted by an input. What differs between Unix and TCP is chosen here.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
#[cfg(unix)]
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;
#[cfg(unix)]
use rustix::net::SocketType;
use rustix::net::getsockname;
use rustix::net::sockopt::socket_error;

use super::plain::Plain;
use super::socket::Socket;
use crate::link::transport::receive::Remote;
#[cfg(unix)]
use crate::link::transport::unix::{self, UnixListener};
use crate::link::transport::{tcp, tls};
use crate::link::{Address, Config, ConfigError, InputSpec, LinkError, LinkSpec, Users};
#[cfg(unix)]
use crate::sys::user_of;
use crate::sys::{self, AsFd, BorrowedFd, Descriptor, Handle, handle};

/// Connections that the kernel keeps for an input before it accepts them.
const BACKLOG: i32 = 128;

/// Dials the address of a link.
#[derive(Debug)]
pub(super) enum Dialer {
    #[cfg(unix)]
    Unix {
        path: PathBuf,
        users: Users,
    },
    Tcp {
        addresses: Vec<SocketAddr>,
        next: usize,
        tls: Option<tls::Client>,
    },
}

/// Accepts connections at the address of an input.
#[derive(Debug)]
pub(super) enum Listener {
    #[cfg(unix)]
    Unix(UnixListener),
    Tcp {
        socket: Descriptor,
        tls: Option<tls::Server>,
    },
}

impl Dialer {
    pub(super) fn new(spec: &LinkSpec, address: &Address, config: &Config) -> Result<Self, LinkError> {
        let (link, name) = (spec.name, config.get_server_name(spec.name).or(spec.server_name));
        check_security(link, address, spec.insecure, spec.tls)?;
        if name.is_some() && !spec.tls {
            let reason = "only a peer with a certificate has a name: leave the server name out, or say `tls = true`";
            return Err(ConfigError::Tls { link: link.to_owned(), reason: reason.to_owned() }.into());
        }
        match address {
            #[cfg(unix)]
            Address::Unix(path) => Ok(Self::Unix { path: path.as_ref().into(), users: config.get_users().clone() }),
            Address::Tcp(text) => {
                let tls = spec.tls.then(|| tls::Client::new(link, text, name, config)).transpose()?;
                Ok(Self::Tcp { addresses: resolve(link, text, spec.insecure || spec.tls)?, next: 0, tls })
            }
            _ => Err(no_stream(link, address)),
        }
    }

    /// A socket that is connecting or already connected.
    pub(super) fn dial(&mut self) -> io::Result<Socket> {
        match self {
            #[cfg(unix)]
            Self::Unix { path, .. } => unix::dial(path, SocketType::STREAM).map(plain),
            Self::Tcp { addresses, next, tls } => {
                let address = addresses.get(*next % addresses.len().max(1)).copied();
                *next = next.wrapping_add(1);
                let descriptor = tcp::dial(address.ok_or(io::ErrorKind::AddrNotAvailable)?)?;
                Ok(match tls {
                    None => plain(descriptor),
                    Some(tls) => Socket::Tls(tls.connect(sys::shared(descriptor))?.into()),
                })
            }
        }
    }

    /// Whether `socket` is connected by now.
    pub(super) fn is_connected(&self, socket: &Socket) -> io::Result<bool> {
        let mut descriptors = [PollFd::from_borrowed_fd(socket.as_fd(), PollFlags::OUT)];
        if !sys::poll(&mut descriptors, Some(Duration::ZERO))? {
            return Ok(false);
        }
        socket_error(socket.as_fd())??;
        Ok(true)
    }

    /// Whether the link may talk to the peer's user.
    pub(super) fn is_allowed(&self, socket: &Socket) -> io::Result<bool> {
        let _ = socket;
        match self {
            // The kernel remembers who called `listen`.
            #[cfg(unix)]
            Self::Unix { users, .. } => Ok(Remote::User(user_of(socket)?).is_allowed(users)),
            Self::Tcp { .. } => Ok(true),
        }
    }
}

impl Listener {
    /// One listener, or one for each address that a name stands for: `localhost` is both `127.0.0.1` and `::1`, and peers
    /// may try either.
    pub(super) fn bind(spec: &InputSpec, address: &Address, config: &Config) -> Result<Vec<Self>, LinkError> {
        let link = spec.name;
        check_security(link, address, spec.insecure, spec.tls)?;
        match address {
            #[cfg(unix)]
            Address::Unix(path) => {
                Ok(vec![Self::Unix(UnixListener::bind(link, Path::new(&**path), SocketType::STREAM, BACKLOG)?)])
            }
            Address::Tcp(text) => {
                let failed = |source| {
                    let (link, address) = (link.to_owned(), text.clone().into_owned());
                    LinkError::Io { link, action: "bind", address, source }
                };
                let tls = spec.tls.then(|| tls::Server::new(link, config)).transpose()?;
                let found = resolve(link, text, spec.insecure || spec.tls)?;
                let sockets = tcp::listeners(&found, BACKLOG).map_err(failed)?;
                Ok(sockets
                    .into_iter()
                    .map(|socket| Self::Tcp { socket: sys::shared(socket), tls: tls.clone() })
                    .collect())
            }
            _ => Err(no_stream(link, address)),
        }
    }

    /// The next connection that waits, and where it comes from, if that is known.
    ///
    /// # Errors
    /// Those of the system call; `WOULDBLOCK` if none waits.
    pub(super) fn accept(&self) -> Result<(Socket, io::Result<Remote>), Errno> {
        let (descriptor, from) = sys::accept(self.as_fd())?;
        match self {
            #[cfg(unix)]
            Self::Unix(_) => {
                let from = user_of(&descriptor).map(Remote::User);
                Ok((plain(descriptor), from))
            }
            Self::Tcp { tls, .. } => {
                // If this fails, the connection is broken, which shows when it is read.
                let _ = tcp::prepare(&descriptor);
                let from = from.and_then(|from| SocketAddr::try_from(from).ok());
                let from = from.map(Remote::Address).ok_or_else(|| io::ErrorKind::NotConnected.into());
                let socket = match tls {
                    None => plain(descriptor),
                    // If this fails, it fails for this connection: the system had no random numbers.
                    Some(tls) => {
                        Socket::Tls(tls.accept(sys::shared(descriptor)).map_err(|_| Errno::CONNABORTED)?.into())
                    }
                };
                Ok((socket, from))
            }
        }
    }

    /// Where it listens, if that is a TCP address: the port is the kernel's choice if 0 was requested.
    pub(super) fn local_address(&self) -> Option<SocketAddr> {
        match self {
            #[cfg(unix)]
            Self::Unix(_) => None,
            Self::Tcp { socket, .. } => SocketAddr::try_from(getsockname(socket).ok()?).ok(),
        }
    }
}

impl Listener {
    /// The descriptor, for who watches many of them.
    pub(super) fn handle(&self) -> Handle<'_> {
        match self {
            #[cfg(unix)]
            Self::Unix(listener) => handle(listener.descriptor()),
            Self::Tcp { socket, .. } => handle(socket),
        }
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            #[cfg(unix)]
            Self::Unix(listener) => listener.as_fd(),
            Self::Tcp { socket, .. } => socket.as_fd(),
        }
    }
}

fn plain(descriptor: sys::OwnedFd) -> Socket {
    Socket::Plain(Plain::new(sys::shared(descriptor)))
}

/// Refuses what `routing_config!` refuses, for specifications that are written by hand.
fn check_security(link: &str, address: &Address, insecure: bool, tls: bool) -> Result<(), LinkError> {
    let reason = match address {
        _ if !tls => return Ok(()),
        Address::Tcp(_) if insecure => "`tls` and `insecure` contradict each other: say one of them",
        Address::Tcp(_) => return Ok(()),
        _ => "TLS is for `tcp`: this path never leaves the host",
    };
    Err(ConfigError::Tls { link: link.to_owned(), reason: reason.to_owned() }.into())
}

fn no_stream(link: &str, address: &Address) -> LinkError {
    let reason = format!("{address} is not the address of a stream");
    ConfigError::Contract { link: link.to_owned(), reason }.into()
}

/// The socket addresses behind `host:port`, none of which goes beyond loopback unless `insecure`.
fn resolve(link: &str, text: &str, insecure: bool) -> Result<Vec<SocketAddr>, LinkError> {
    let found = text.to_socket_addrs().map_err(|source| LinkError::Io {
        link: link.to_owned(),
        action: "look up",
        address: text.to_owned(),
        source,
    })?;
    let found: Vec<_> = found.take(16).collect();
    match found.iter().find(|address| !insecure && !is_loopback(address)) {
        Some(open) => Err(ConfigError::Insecure { link: link.to_owned(), address: open.to_string() }.into()),
        None => Ok(found),
    }
}

fn is_loopback(address: &SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_secure_without_encryption() {
        for (text, allowed) in [
            ("127.0.0.1:1", true),
            ("127.8.9.1:1", true),
            ("[::1]:1", true),
            ("[::ffff:127.0.0.1]:1", true),
            ("0.0.0.0:1", false),
            ("[::]:1", false),
            ("192.0.2.1:1", false),
            ("[::ffff:192.0.2.1]:1", false),
        ] {
            assert_eq!(resolve("x", text, false).is_ok(), allowed, "{text}");
            assert!(resolve("x", text, true).is_ok(), "{text}");
        }
    }
}
