//! TCP sockets, with Nagle's algorithm off at both ends, that notice when the other host is gone.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::sockopt::{
    set_socket_keepalive, set_tcp_keepcnt, set_tcp_keepidle, set_tcp_keepintvl, set_tcp_nodelay,
};
use rustix::net::{AddressFamily, SocketType, bind, connect, getsockname, ipproto, listen};

use crate::sys::{self, AsFd, OwnedFd};

/// A socket that listens at `address`.
pub(super) fn listener(address: SocketAddr, backlog: i32) -> io::Result<OwnedFd> {
    let socket = open(address)?;
    // So that a listener can be restarted while connections of its predecessor are in TIME_WAIT.
    // Windows allows that anyway, and by the option two processes would get the same port.
    #[cfg(not(windows))]
    rustix::net::sockopt::set_socket_reuseaddr(&socket, true)?;
    bind(&socket, &address)?;
    listen(&socket, backlog)?;
    Ok(socket)
}

/// Attempts to find a port that is free at all addresses, if the kernel may choose it.
const CHOICES: u32 = 16;

/// A socket at each of these addresses that this host has. If the port is 0, all have the port that the kernel chose for the
/// first.
pub(super) fn listeners(addresses: &[SocketAddr], backlog: i32) -> io::Result<Vec<OwnedFd>> {
    let mut choices = CHOICES;
    loop {
        match listeners_once(addresses, backlog) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && is_choice(addresses) && choices > 0 => {
                choices -= 1
            }
            result => return result,
        }
    }
}

fn is_choice(addresses: &[SocketAddr]) -> bool {
    addresses.first().is_some_and(|address| address.port() == 0)
}

fn listeners_once(addresses: &[SocketAddr], backlog: i32) -> io::Result<Vec<OwnedFd>> {
    let (mut sockets, mut port, mut missing) = (Vec::new(), None, io::ErrorKind::AddrNotAvailable.into());
    for (index, address) in addresses.iter().enumerate() {
        // A name may be listed twice.
        if addresses.iter().take(index).any(|earlier| earlier == address) {
            continue;
        }
        let mut address = *address;
        address.set_port(port.unwrap_or(address.port()));
        match listener(address, backlog) {
            Ok(socket) => {
                port = SocketAddr::try_from(getsockname(&socket)?).ok().map(|bound| bound.port());
                sockets.push(socket);
            }
            // A host without IPv6 may still have a name for the IPv6 loopback.
            Err(error) if is_missing(&error) => {
                tracing::info!(%address, %error, "not listening at an address that this host does not have");
                missing = error;
            }
            Err(error) => return Err(error),
        }
    }
    if sockets.is_empty() { Err(missing) } else { Ok(sockets) }
}

/// Whether this host does not have the address.
fn is_missing(error: &io::Error) -> bool {
    [Errno::ADDRNOTAVAIL, Errno::AFNOSUPPORT].into_iter().any(|it| error.raw_os_error() == Some(it.raw_os_error()))
}

/// A socket that is connecting to `address`; it becomes writable once that has succeeded or failed.
pub(super) fn dial(address: SocketAddr) -> io::Result<OwnedFd> {
    let socket = open(address)?;
    prepare(&socket)?;
    match connect(&socket, &address) {
        Ok(()) | Err(Errno::INPROGRESS | Errno::INTR) => Ok(socket),
        // What Windows says instead of `INPROGRESS`.
        #[cfg(windows)]
        Err(Errno::WOULDBLOCK) => Ok(socket),
        Err(error) => Err(error.into()),
    }
}

/// A silent connection is probed after this time, and then at this interval.
const PROBE: Duration = Duration::from_secs(5);

/// This many unanswered probes end it.
const PROBES: u32 = 3;

/// How long written data may stay unacknowledged: as long as it takes to give up a silent connection.
const UNACKED_LIMIT: Duration = PROBE.saturating_mul(PROBES + 1);

/// Sends what is written at once, instead of waiting for more, and lets the kernel end a connection to a host that has
/// vanished silently: otherwise a receiver would wait for ever, and a sender for a quarter of an hour.
pub(super) fn prepare(socket: impl AsFd) -> io::Result<()> {
    let socket = socket.as_fd();
    set_tcp_nodelay(socket, true)?;
    set_socket_keepalive(socket, true)?;
    set_tcp_keepidle(socket, PROBE)?;
    set_tcp_keepintvl(socket, PROBE)?;
    set_tcp_keepcnt(socket, PROBES)?;
    sys::set_user_timeout(socket, UNACKED_LIMIT)
}

fn open(address: SocketAddr) -> io::Result<OwnedFd> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    Ok(sys::socket(family, SocketType::STREAM, Some(ipproto::TCP))?)
}

#[cfg(test)]
mod tests {
    use rustix::net::sockopt::{
        socket_keepalive, tcp_keepcnt, tcp_keepidle, tcp_keepintvl, tcp_nodelay, tcp_user_timeout,
    };

    use super::*;

    #[test]
    fn a_port_that_the_kernel_chooses_is_the_same_at_all_addresses() {
        let all: Vec<SocketAddr> =
            ["127.0.0.1:0", "127.0.0.2:0", "127.0.0.1:0", "192.0.2.1:0"].map(|text| text.parse().unwrap()).into();
        let sockets = listeners(&all, 1).unwrap();
        let bound: Vec<SocketAddr> =
            sockets.iter().map(|socket| getsockname(socket).unwrap().try_into().unwrap()).collect();
        assert_eq!(bound.len(), 2, "one twice, one not of this host: {bound:?}");
        assert!(bound[0].port() != 0 && bound[0].port() == bound[1].port(), "{bound:?}");
        assert!(listeners(&all[3..], 1).is_err_and(|error| error.kind() == io::ErrorKind::AddrNotAvailable));
        let taken = [bound[0], "127.0.0.3:0".parse().unwrap()];
        assert!(listeners(&taken, 1).is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse));
    }

    #[cfg(all(target_os = "linux", not(mycelium_portable)))]
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
