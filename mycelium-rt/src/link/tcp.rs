//! TCP sockets, with Nagle's algorithm off at both ends, that notice when the other host is gone.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::sockopt::{
    set_socket_keepalive, set_socket_reuseaddr, set_tcp_keepcnt, set_tcp_keepidle, set_tcp_keepintvl, set_tcp_nodelay,
    set_tcp_user_timeout,
};
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
    prepare(&socket)?;
    match connect(&socket, &address) {
        Ok(()) | Err(Errno::INPROGRESS | Errno::INTR) => Ok(socket),
        Err(error) => Err(error.into()),
    }
}

/// A silent connection is probed after this time, and then at this interval.
const PROBE: Duration = Duration::from_secs(5);

/// So many probes without an answer end it.
const PROBES: u32 = 3;

/// How long a peer's host may leave what was written unacknowledged: as long as it takes to give up a silent one.
const GONE: Duration = PROBE.saturating_mul(PROBES + 1);

/// Sends what is written at once, instead of waiting for more, and has the kernel end the connection to a host that has vanished
/// without a word: otherwise a receiver would wait for ever, and a sender for a quarter of an hour.
pub(super) fn prepare(socket: impl AsFd) -> io::Result<()> {
    let socket = socket.as_fd();
    set_tcp_nodelay(socket, true)?;
    set_socket_keepalive(socket, true)?;
    set_tcp_keepidle(socket, PROBE)?;
    set_tcp_keepintvl(socket, PROBE)?;
    set_tcp_keepcnt(socket, PROBES)?;
    // The option's unit is the millisecond.
    Ok(set_tcp_user_timeout(socket, GONE.as_millis().try_into().unwrap_or(u32::MAX))?)
}

fn open(address: SocketAddr) -> io::Result<OwnedFd> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    Ok(socket_with(family, SocketType::STREAM, FLAGS, Some(ipproto::TCP))?)
}

#[cfg(test)]
mod tests {
    use rustix::net::sockopt::{
        socket_keepalive, tcp_keepcnt, tcp_keepidle, tcp_keepintvl, tcp_nodelay, tcp_user_timeout,
    };

    use super::*;

    #[test]
    fn a_host_that_vanishes_is_noticed_within_twenty_seconds() {
        let listener = listener("127.0.0.1:0".parse().unwrap(), 1).unwrap();
        let address = rustix::net::getsockname(&listener).unwrap().try_into().unwrap();
        let socket = dial(address).unwrap();
        assert!(tcp_nodelay(&socket).unwrap() && socket_keepalive(&socket).unwrap());
        let silent = tcp_keepidle(&socket).unwrap() + tcp_keepintvl(&socket).unwrap() * tcp_keepcnt(&socket).unwrap();
        assert_eq!(silent, Duration::from_secs(20));
        assert_eq!(tcp_user_timeout(&socket).unwrap(), 20_000);
    }
}
