//! TCP sockets, with Nagle's algorithm off at both ends.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};

use rustix::io::Errno;
use rustix::net::sockopt::{set_socket_reuseaddr, set_tcp_nodelay};
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, connect, ipproto, listen, socket_with};

const FLAGS: SocketFlags = SocketFlags::CLOEXEC.union(SocketFlags::NONBLOCK);

/// A socket that listens at `address`.
pub(super) fn listener(address: SocketAddr, backlog: i32) -> io::Result<OwnedFd> {
    let socket = open(address)?;
    // So that a listener can be restarted while connections of the one before it fade away.
    set_socket_reuseaddr(&socket, true)?;
    bind(&socket, &address)?;
    listen(&socket, backlog)?;
    Ok(socket)
}

/// A socket that connects to `address`; it becomes writable when that is decided.
pub(super) fn dial(address: SocketAddr) -> io::Result<OwnedFd> {
    let socket = open(address)?;
    set_no_delay(&socket)?;
    match connect(&socket, &address) {
        Ok(()) | Err(Errno::INPROGRESS | Errno::INTR) => Ok(socket),
        Err(error) => Err(error.into()),
    }
}

/// Sends what is written at once, instead of waiting for more.
pub(super) fn set_no_delay(socket: impl AsFd) -> io::Result<()> {
    Ok(set_tcp_nodelay(socket, true)?)
}

fn open(address: SocketAddr) -> io::Result<OwnedFd> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    Ok(socket_with(family, SocketType::STREAM, FLAGS, Some(ipproto::TCP))?)
}
